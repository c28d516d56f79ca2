"""Pictures of what reads sequences: verdicts that move, where it looks, what it takes for what."""

from typing import Any, Dict, List, Optional, Sequence

import numpy as np

from rnn_tf1.plotting import page

MOST_CLASSES = 12  # that are drawn: a row each


def moving_verdicts(
    sentences: Sequence[Sequence[str]],
    chances: Sequence[np.ndarray],
    labels: Sequence[int],
    classes: Sequence[str],
    path: str,
) -> str:
    """Draws, for each sentence, the chance of the second class after each of its words.

    Args:
      sentences: lists of words.
      chances: for each, [words], 0 to 1: what the network says when it has read so far.
      labels: for each, the right class, 0 or 1.
      classes: the names of the two.
      path: the PNG to write.

    Raises `ValueError` where a sentence has not a chance for each word.
    """
    for words, chance in zip(sentences, chances):
        if len(words) != len(chance):
            raise ValueError("a sentence of %d words has %d chances" % (len(words), len(chance)))
    height = 1.3  # inches of a sentence
    figure = page.make_figure(page.WIDTH, height * len(sentences))
    for place, (words, chance, label) in enumerate(zip(sentences, chances, labels)):
        bottom = (len(sentences) - 1 - place + 0.46) / len(sentences)
        axes = figure.add_axes((0.09, bottom, 0.89, 0.38 / len(sentences)))
        right = bool(chance[-1] > 0.5) == bool(label)
        color = page.BLUE if right else page.ORANGE
        axes.axhline(0.5, color=page.INK, linewidth=0.6, linestyle=":")
        axes.plot(np.arange(len(words)), chance, color=color, marker="o", markersize=4, linewidth=1.6)
        axes.set_xticks(np.arange(len(words)))
        shown = [page.label(word) for word in words]
        axes.set_xticklabels(shown, rotation=25, ha="right", rotation_mode="anchor")
        axes.set_xlim(-0.5, len(words) - 0.5)
        axes.set_ylim(-0.08, 1.08)
        axes.set_yticks([0, 1])
        axes.set_yticklabels(classes)
        page.plain(axes)
        told = "it is %s; the verdict is %s" % (classes[label], "right" if right else "wrong")
        axes.set_title(told, loc="left", fontsize=9, color=color, pad=3)
    return page.save(figure, path)


def drawings(
    strokes: Sequence[np.ndarray],
    labels: Sequence[Any],
    guesses: Sequence[int],
    looked: Sequence[np.ndarray],
    classes: Sequence[str],
    path: str,
    stretch: int = 1,
) -> str:
    """Draws, in a row for each class, four drawings that were recognised, and up to four that were taken for something else.

    A stroke is the darker, the more the network looked at it; without attention all are alike. Of many classes, the first
    `MOST_CLASSES` are drawn.

    Args:
      strokes: of each drawing, [steps, 3]: right, down, pen lifted.
      labels, guesses: the right class of each, and what the network says.
      looked: of each, the share of each stretch of steps, without the zeros at its end; empty without attention.
      classes: their names.
      path: the PNG to write.
      stretch: steps that a share stands for: the strides of the network's convolutions.
    """
    across, rows = 4, min(len(classes), MOST_CLASSES)
    figure = page.make_figure(page.WIDTH, 1.05 * rows + 0.5)
    right, wrong = np.array(labels) == np.array(guesses), np.array(labels) != np.array(guesses)
    for row, name in enumerate(classes[:rows]):
        own = np.array(labels) == row
        for side, chosen in enumerate((np.flatnonzero(own & right)[:across], np.flatnonzero(own & wrong)[:across])):
            for place, which in enumerate(chosen):
                left = 0.13 + side * 0.44 + place * 0.107
                axes = figure.add_axes((left, (rows - 1 - row + 0.12) / (rows + 0.5), 0.1, 0.7 / rows))
                _pen(axes, strokes[which], looked[which], stretch)
                if side:
                    axes.set_title(
                        page.label(classes[guesses[which]].replace("_", " "), 20), fontsize=8, color=page.ORANGE, pad=2
                    )
        bottom = (rows - 1 - row + 0.45) / (rows + 0.5)
        figure.text(0.115, bottom, page.label(name.replace("_", " "), 20), fontsize=10, color=page.INK, ha="right")
        count = int((own & wrong).sum())
        if not count:
            figure.text(0.6, bottom, "none of %d taken for something else" % own.sum(), fontsize=9, color=page.FAINT)
    top = 1 - 0.28 / (1.05 * rows + 0.5)
    of_all = "" if rows == len(classes) else " (%d of %d classes)" % (rows, len(classes))
    figure.text(0.13, top, "recognised" + of_all, fontsize=11, color=page.INK)
    figure.text(
        0.58, top, "taken for something else (%d of %d)" % (wrong.sum(), len(wrong)), fontsize=11, color=page.INK
    )
    return page.save(figure, path)


def _pen(axes: Any, strokes: np.ndarray, looked: np.ndarray, stretch: int) -> None:
    """One drawing, line by line; its longer side fills the axes. The line to a step has the share of that step's stretch."""
    from matplotlib.collections import LineCollection

    places = np.cumsum(strokes[:, :2], 0)
    lines: List[Any] = []
    shades: List[float] = []
    shares = np.repeat(looked / looked.max(), stretch) if len(looked) else np.ones([len(places)])
    shares = np.pad(shares, (0, len(places)), "constant")  # behind the last share that is told there is none
    for step in range(1, len(places)):
        if not strokes[step - 1, 2]:
            lines.append(places[step - 1 : step + 1])
            shades.append(float(shares[step]))
    colors = np.outer(1 - np.array(shades), [0.8, 0.8, 0.8]) + np.outer(shades, [0.0, 0.25, 0.6]) if lines else "k"
    axes.add_collection(LineCollection(lines, colors=colors, linewidths=1.1, capstyle="round"))
    centre, half = (places.min(0) + places.max(0)) / 2, 0.55 * max(np.ptp(places, axis=0).max(), 1e-9)
    axes.set_xlim(centre[0] - half, centre[0] + half)
    axes.set_ylim(centre[1] + half, centre[1] - half)
    axes.set_aspect("equal")
    axes.set_axis_off()


def accuracy_curves(histories: Dict[str, Sequence[Dict[str, float]]], chance: Optional[float], path: str) -> str:
    """Draws the validation accuracy of several runs over their epochs, and that of guessing.

    Args:
      histories: by the name of the run, its history with `epoch` and `valid_accuracy`.
      chance: the accuracy of who guesses; None: nothing is drawn for him.
      path: the PNG to write.
    """
    curves = {name: [100 * row["valid_accuracy"] for row in rows] for name, rows in histories.items()}
    figure, axes = _curves(histories, curves, "Validation accuracy (%)")
    if chance is not None:
        axes.axhline(100 * chance, color=page.FAINT, linewidth=1, linestyle=":", label="guessing")
    axes.set_ylim(0, 102)
    axes.legend(frameon=False, fontsize=9, labelcolor=page.INK)
    return page.save(figure, path)


def perplexities(histories: Dict[str, Sequence[Dict[str, float]]], path: str, what: str = "word") -> str:
    """Draws the validation perplexity of several runs over their epochs.

    Args:
      histories: by the name of the run, its history with `epoch` and `valid_perplexity`.
      path: the PNG to write.
      what: of what it is the perplexity.
    """
    curves = {name: [row["valid_perplexity"] for row in rows] for name, rows in histories.items()}
    figure, axes = _curves(histories, curves, "Validation perplexity per %s" % what)
    page.log_scale(axes, np.concatenate([np.array(values) for values in curves.values()]))
    axes.legend(frameon=False, fontsize=9, labelcolor=page.INK)
    return page.save(figure, path)


def _curves(histories: Dict[str, Sequence[Dict[str, float]]], curves: Dict[str, List[float]], title: str) -> Any:
    figure = page.make_figure(page.WIDTH, 3.2)
    axes = figure.add_axes((0.08, 0.15, 0.9, 0.73))
    axes.set_title(title, loc="left", fontsize=11, color=page.INK)
    for (name, values), color in zip(curves.items(), page.SERIES):
        epochs = np.array([row["epoch"] for row in histories[name]], dtype=float)
        axes.plot(epochs, values, color=color, linewidth=1.6, marker="o", markersize=3.5, label=name)
    page.epoch_axis(axes, np.array(sorted({row["epoch"] for rows in histories.values() for row in rows}), dtype=float))
    return figure, axes


def clips(
    frames: np.ndarray,
    labels: Sequence[np.ndarray],
    probabilities: Sequence[np.ndarray],
    classes: Sequence[str],
    path: str,
) -> str:
    """Draws every second frame of some clips, and below how likely the network finds each class at each frame.

    Args:
      frames: [clips, frames, rows, columns], 0 (paper) to 1 (ink).
      labels: of each clip, [frames].
      probabilities: of each clip, [frames, classes].
      classes: their names.
      path: the PNG to write.
    """
    count, time = frames.shape[:2]
    inches = 1.75 * count + 0.75  # the clips, the names of the classes above, the numbers of the frames below
    figure = page.make_figure(page.WIDTH, inches)
    height = 1.75 / inches
    shown = np.arange(0, time, 2)
    for row in range(count):
        top = 1 - 0.35 / inches - row * height
        for place, frame in enumerate(shown):
            width = 0.9 / len(shown)
            axes = figure.add_axes((0.07 + place * width, top - 0.45 * height, width * 0.94, 0.4 * height))
            axes.imshow(frames[row, frame], cmap="gray_r", vmin=0, vmax=1, interpolation="nearest")
            axes.set_title(classes[labels[row][frame]], fontsize=8, color=page.INK, pad=2)
            axes.set_axis_off()
        axes = figure.add_axes((0.07, top - 0.93 * height, 0.9, 0.42 * height))
        for number, (name, color) in enumerate(zip(classes, page.SERIES)):
            axes.plot(np.arange(time), probabilities[row][:, number], color=color, linewidth=1.4, label=name)
        axes.set_xlim(-0.5, time - 0.5)
        axes.set_ylim(-0.05, 1.05)
        axes.set_yticks([0, 1])
        page.plain(axes)
        axes.set_xticks([])
    axes.set_xticks(shown)
    axes.set_xlabel("frame", fontsize=9, color=page.INK, labelpad=1)
    handles, names = axes.get_legend_handles_labels()
    figure.text(0.01, 0.995, "chance of", fontsize=9, color=page.INK, va="top")
    figure.legend(
        handles, names, loc="upper left", bbox_to_anchor=(0.09, 1.012), ncol=len(classes), frameon=False, fontsize=9
    )
    return page.save(figure, path)


def shares_by_count(shares: Dict[str, Dict[int, float]], path: str) -> str:
    """Draws the share of captions that are right, by the number of digits on the canvas, of several networks side by side.

    Args:
      shares: by the name of the network, {digits: share, 0 to 1}.
      path: the PNG to write.
    """
    figure = page.make_figure(page.WIDTH, 3.0)
    axes = figure.add_axes((0.08, 0.16, 0.9, 0.7))
    axes.set_title("Whole captions that are right (%)", loc="left", fontsize=11, color=page.INK)
    width = 0.8 / len(shares)
    for number, ((name, found), color) in enumerate(zip(shares.items(), page.SERIES)):
        counts = np.array(sorted(found))
        places = counts - 0.4 + (number + 0.5) * width
        values = np.array([100 * found[count] for count in counts])
        axes.bar(places, values, 0.92 * width, color=color, label=name)
        for place, value in zip(places, values):
            axes.text(place, value + 1.5, "%.1f" % value, ha="center", fontsize=9, color=page.INK)
    axes.set_xticks(counts)
    axes.set_ylim(0, 112)
    page.plain(axes)
    axes.set_xlabel("digits on the canvas", fontsize=10, color=page.INK)
    axes.legend(frameon=False, fontsize=9, labelcolor=page.INK, loc="upper right", ncol=2, bbox_to_anchor=(1.0, 1.17))
    return page.save(figure, path)


def looks(
    images: np.ndarray,
    words: Sequence[Sequence[str]],
    looked: Sequence[np.ndarray],
    right: Sequence[bool],
    path: str,
) -> str:
    """Draws images, and for each word that was written where the network looked.

    Args:
      images: [images, rows, columns], 0 (paper) to 1 (ink).
      words: of each image.
      looked: of each image, [words, places]; the places are a square map of the image, row by row.
      right: of each image, whether the whole caption is.
      path: the PNG to write.
    """
    most = max(len(some) for some in words)
    height = 1.35  # inches of an image
    figure = page.make_figure(page.WIDTH, height * len(images) + 0.1)
    across, share = 0.98 / (most + 1), height / (height * len(images) + 0.1)
    for row, (image, some, shares, good) in enumerate(zip(images, words, looked, right)):
        for place in range(len(some) + 1):
            box = (0.01 + place * across, 1 - (row + 0.97) * share, across * 0.95, share * 0.8)
            axes = figure.add_axes(box)
            axes.imshow(image, cmap="gray_r", vmin=0, vmax=1, interpolation="nearest")
            if place:
                side = int(round(len(shares[place - 1]) ** 0.5))
                seen = shares[place - 1].reshape(side, side)
                extent = (-0.5, image.shape[1] - 0.5, image.shape[0] - 0.5, -0.5)
                axes.imshow(seen / seen.max(), cmap="Oranges", alpha=0.55, extent=extent, interpolation="bilinear")
            title = some[place - 1] if place else "right" if good else "wrong"
            axes.set_title(title, fontsize=10, color=page.INK if place else page.BLUE if good else page.ORANGE, pad=2)
            axes.set_axis_off()
    return page.save(figure, path)


def piano_roll(chorale: np.ndarray, given: int, voices: Sequence[str], path: str) -> str:
    """Draws a chorale, time to the right, pitch upwards, a colour for each voice; what was given stands before a line.

    Args:
      chorale: [chords, voices], MIDI numbers, 0 where a voice is silent; a chord is a sixteenth.
      given: chords at the beginning that were not written by the network.
      voices: their names.
      path: the PNG to write.
    """
    figure = page.make_figure(page.WIDTH, 3.6)
    axes = figure.add_axes((0.07, 0.14, 0.92, 0.74))
    for notes, name, color in zip(chorale.T, voices, page.SERIES):
        bounds = np.flatnonzero(np.diff(notes, prepend=-1, append=-1))
        for start, end in zip(bounds[:-1], bounds[1:]):
            if notes[start]:
                axes.barh(notes[start], (end - start) * 0.94, 0.8, left=start, color=color, linewidth=0)
        axes.barh(0, 0, color=color, label=name)
    sounding = chorale[chorale > 0]
    if len(sounding):
        axes.set_ylim(sounding.min() - 2, sounding.max() + 3)
    axes.axvline(given, color=page.INK, linewidth=1, linestyle="--")
    axes.text(given + 0.5, axes.get_ylim()[1], "written by the network", fontsize=9, color=page.INK, va="top")
    axes.set_xlim(0, len(chorale))
    octaves = [note for note in range(24, 109, 12) if axes.get_ylim()[0] <= note <= axes.get_ylim()[1]]
    axes.set_yticks(octaves)
    axes.set_yticklabels(["C%d" % (note // 12 - 1) for note in octaves])
    axes.set_xticks(np.arange(0, len(chorale) + 1, 16))
    axes.set_xticklabels(np.arange(0, len(chorale) + 1, 16) // 4)
    page.plain(axes)
    axes.set_xlabel("quarters", fontsize=10, color=page.INK)
    axes.set_ylabel("pitch", fontsize=10, color=page.INK)
    axes.legend(frameon=False, fontsize=9, labelcolor=page.INK, ncol=4, loc="lower right", bbox_to_anchor=(1.0, 1.0))
    return page.save(figure, path)
