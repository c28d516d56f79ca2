"""Pictures of what is classified: verdicts that move as a text is read, drawings, clips."""

from typing import Any, List, Sequence

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


def clips(
    frames: np.ndarray,
    labels: np.ndarray,
    probabilities: Sequence[np.ndarray],
    classes: Sequence[str],
    path: str,
) -> str:
    """Draws every second frame of some clips, and below how likely the network finds each class at each frame.

    Args:
      frames: [clips, frames, rows, columns], 0 (paper) to 1 (ink).
      labels: [clips, frames].
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
