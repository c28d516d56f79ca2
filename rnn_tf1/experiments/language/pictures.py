"""Language models side by side while they learn, and words as points of a plane."""

from typing import Any, Dict, List, Mapping, Optional, Sequence

import numpy as np

from rnn_tf1.plotting import page

HIGHEST = 2.0  # times the least validation perplexity of a panel: what is above is cut off
_SIDES = (
    ((3, 0), "left", "center"),
    ((-3, 0), "right", "center"),
    ((0, 3), "center", "bottom"),
    ((0, -3), "center", "top"),
)


def perplexity_by_steps(panels: Mapping[str, Mapping[str, Sequence[Sequence[Dict[str, float]]]]], path: str) -> str:
    """Draws the perplexity of several networks against the iterations: training dashed, validation solid, the mean over
    seeds with the range between the lowest and the highest around it.

    Args:
      panels: By title; then by the network's name: a history for each seed, rows of `step`, `train_perplexity` and
        `valid_perplexity`, at the same steps for all seeds.
      path: The PNG to write.

    A network has one colour in all panels, and a perplexity that is not finite is left out. Raises `ValueError` where there is
    nothing to draw, or the seeds' steps differ.
    """
    if not panels or not all(panels.values()):
        raise ValueError("no networks in %s: there is nothing to draw" % sorted(panels))
    names: List[str] = []
    for networks in panels.values():
        names += [name for name in networks if name not in names]
    colors = dict(zip(names, page.SERIES * len(names)))
    figure = page.make_figure(page.WIDTH, 3.9)
    for place, (title, networks) in enumerate(panels.items()):
        axes = figure.add_subplot(1, len(panels), place + 1)
        axes.set_title(title, loc="left", fontsize=10, color=page.INK)
        ends = {}
        for name, histories in networks.items():
            steps = _equal_steps(name, histories)
            size = 2.5 if len(steps) <= 20 else 0
            for part, line in (("train", "o--"), ("valid", "o-")):
                values = np.array([[row[part + "_perplexity"] for row in history] for history in histories])
                values = np.where(np.isfinite(values), values, np.nan)  # what is infinite has no place on the axes
                axes.plot(steps, values.mean(axis=0), line, color=colors[name], linewidth=1.6, markersize=size)
                low, high = values.min(axis=0), values.max(axis=0)
                axes.fill_between(steps, low, high, color=colors[name], alpha=0.18, linewidth=0)
            ends[name] = values[:, -1].mean()
        drawn = np.concatenate([np.ravel(line.get_ydata()) for line in axes.lines])
        page.log_scale(axes, drawn)
        valid = np.concatenate([np.ravel(line.get_ydata()) for line in axes.lines[1::2]])
        if np.isfinite(valid).any():
            axes.set_ylim(0.97 * np.nanmin(drawn), HIGHEST * np.nanmin(valid))
        axes.text(0.97, 0.97, "validation at the end", ha="right", va="top", fontsize=8, transform=axes.transAxes)
        for line_number, (name, end) in enumerate(ends.items()):
            at = 0.97 - 0.065 * (line_number + 1)
            style = {"ha": "right", "va": "top", "fontsize": 8, "color": colors[name]}
            axes.text(0.97, at, "%s %.2f" % (name, end), transform=axes.transAxes, **style)
        axes.set_xlabel("iteration", fontsize=10, color=page.INK)
        if place == 0:
            axes.set_ylabel("perplexity per pair of characters", fontsize=10, color=page.INK)
        page.plain(axes)
    _legend(figure, colors)
    figure.subplots_adjust(left=0.075, right=0.985, top=0.85, bottom=0.13, wspace=0.2)
    return page.save(figure, path)


def word_plane(
    points: np.ndarray,
    words: Sequence[str],
    groups: Mapping[str, Sequence[str]],
    labelled: int,
    path: str,
    note: str = "",
) -> str:
    """Draws words as points of a plane, the words of each group in its colour.

    Args:
      points: [words, 2].
      words: Their names, the most frequent first.
      groups: By name: words; those that are not among `words` are passed over.
      labelled: How many points of the rest have their word beside them, the most frequent; those of groups all have.
      path: The PNG to write.
      note: A line below the picture.

    A label that has no room beside its point is left out; those of groups come first. Raises `ValueError` where points
    and words do not fit together.
    """
    points = np.asarray(points)
    if points.ndim != 2 or points.shape[1] != 2 or len(points) != len(words) or not len(words):
        raise ValueError("%d words need points [%d, 2]; got %s" % (len(words), len(words), page.shapes(points=points)))
    place_of = {word: place for place, word in enumerate(words)}
    members = {name: [place_of[word] for word in group if word in place_of] for name, group in groups.items()}
    grouped = {place for places in members.values() for place in places}
    rest = [place for place in range(len(words)) if place not in grouped]
    figure = page.make_figure(page.WIDTH, 6.4)
    axes = figure.add_axes([0.075, 0.12, 0.91, 0.8])
    axes.plot(points[rest, 0], points[rest, 1], ".", color=page.FAINT, markersize=3, label="other words")
    labels = []
    for color, (name, places) in zip(page.SERIES * len(members), members.items()):
        if places:
            axes.plot(points[places, 0], points[places, 1], "o", color=color, markersize=4, label=name)
            labels += [(place, color) for place in places]
    labels += [(place, page.INK) for place in rest[:labelled]]
    low, high = points.min(axis=0), points.max(axis=0)
    margin = 0.03 * np.maximum(high - low, 1e-9)
    axes.set_xlim(low[0] - margin[0], high[0] + 3 * margin[0])  # a label stands right of its point
    axes.set_ylim(low[1] - margin[1], high[1] + margin[1])
    _write_labels(figure, axes, points, words, labels)
    axes.set_xlabel("first principal component", fontsize=10, color=page.INK)
    axes.set_ylabel("second principal component", fontsize=10, color=page.INK)
    page.plain(axes)
    axes.legend(
        frameon=False,
        fontsize=9,
        labelcolor=page.INK,
        loc="lower left",
        bbox_to_anchor=(0, 1),
        ncol=7,
        columnspacing=1.2,
    )
    figure.text(0.075, 0.02, note, fontsize=9, color=page.FAINT)
    return page.save(figure, path)


def _write_labels(figure: Any, axes: Any, points: np.ndarray, words: Sequence[str], labels: Sequence[Any]) -> None:
    """Writes words beside their points: right, left, above or below, where there is room, or else not."""
    renderer = figure.canvas.get_renderer()
    whole = axes.get_window_extent(renderer)
    taken: List[Any] = []
    for place, color in labels:
        text = page.label(words[place])
        for offset, align, level in _SIDES:
            style = {"fontsize": 8, "color": color, "ha": align, "va": level, "textcoords": "offset points"}
            label = axes.annotate(text, points[place], offset, **style)
            box = label.get_window_extent(renderer)
            inside = whole.x0 <= box.x0 and box.x1 <= whole.x1 and whole.y0 <= box.y0 and box.y1 <= whole.y1
            if inside and not any(box.overlaps(other) for other in taken):
                taken.append(box)
                break
            label.remove()


def _equal_steps(name: str, histories: Sequence[Sequence[Dict[str, float]]]) -> List[float]:
    steps = [[row["step"] for row in history] for history in histories]
    if not steps or not steps[0] or any(other != steps[0] for other in steps):
        raise ValueError("%s: histories of %s rows with different steps, or none" % (name, list(map(len, steps))))
    return steps[0]


def _legend(figure: Any, colors: Mapping[str, str]) -> None:
    from matplotlib.lines import Line2D

    lines = [Line2D([], [], color=color, linewidth=1.6, label=name) for name, color in colors.items()]
    lines.append(Line2D([], [], color=page.FAINT, linewidth=1.6, linestyle="--", label="training"))
    lines.append(Line2D([], [], color=page.FAINT, linewidth=1.6, linestyle="-", label="validation"))
    figure.legend(
        handles=lines,
        frameon=False,
        fontsize=9,
        labelcolor=page.INK,
        loc="upper center",
        ncol=len(lines),
        columnspacing=1.2,
    )


def perplexity_curves(
    history: Sequence[Dict[str, float]], path: str, best_epoch: int, test: float, floor: Optional[float] = None
) -> str:
    """Draws the perplexity over the epochs, training and validation, with the learning rate below.

    Args:
      history: One dict per epoch: `epoch`, `train_loss` (nats), `valid_perplexity`, `learning_rate`.
      path: The PNG to write.
      best_epoch: The epoch whose weights were tested.
      test: Their perplexity on the test part.
      floor: The best possible perplexity, where it is known.

    A perplexity that is not finite is left out. Raises `ValueError` where `history` is empty.
    """
    if not history:
        raise ValueError("history is empty: there is no epoch to draw")
    epochs = np.array([row["epoch"] for row in history], dtype=float)
    rates = np.array([row["learning_rate"] for row in history], dtype=float)
    with np.errstate(over="ignore"):
        training = np.exp([row["train_loss"] for row in history])
    validation = np.array([row["valid_perplexity"] for row in history], dtype=float)
    curves = {"training": (training, page.BLUE, "o"), "validation": (validation, page.ORANGE, "s")}
    figure = page.make_figure(page.WIDTH, 4.2)
    upper, lower = figure.add_axes((0.09, 0.38, 0.89, 0.54)), figure.add_axes((0.09, 0.12, 0.89, 0.2))
    upper.set_title("Perplexity", loc="left", fontsize=11, color=page.INK)
    upper.set_title("epoch %d: test %.2f" % (best_epoch, test), loc="right", fontsize=9, color=page.ORANGE)
    for name, (values, color, marker) in curves.items():
        size = 3.5 if len(epochs) <= 60 else 0
        values = np.where(np.isfinite(values), values, np.nan)  # what is infinite has no place on the axes
        upper.plot(epochs, values, color=color, linewidth=1.6, marker=marker, markersize=size, label=name)
    upper.plot(best_epoch, test, "*", color=page.RED, markersize=9, label="test")
    values = np.concatenate([values for values, _, _ in curves.values()] + [[test]])
    if floor is not None:
        upper.axhline(floor, color=page.FAINT, linestyle="--", linewidth=1.2, label="best possible")
    page.log_scale(upper, values)
    upper.legend(frameon=False, fontsize=9, labelcolor=page.INK)
    page.epoch_axis(upper, epochs)
    upper.set_xlabel("")
    upper.tick_params(labelbottom=False)
    lower.set_title("Learning rate", loc="left", fontsize=11, color=page.INK)
    lower.step(epochs, rates, where="mid", color=page.INK, linewidth=1.4)
    lower.set_ylim(0, 1.15 * rates.max())
    for axes in (upper, lower):
        for epoch in epochs[1:][np.diff(rates) != 0]:  # where the learning rate falls
            axes.axvline(epoch - 0.5, color=page.GRID, linewidth=0.9, linestyle=":")
    page.epoch_axis(lower, epochs)
    return page.save(figure, path)


def guessed_words(
    sentences: Sequence[Sequence[str]], guesses: Dict[str, Sequence[Sequence[Sequence[str]]]], path: str
) -> str:
    """Draws sentences, and under each word what every network guesses first where it is blanked.

    Args:
      sentences: Lists of words.
      guesses: By the name of the network, for each word of each sentence a few words, the likeliest first.
      path: The PNG to write.

    A guess that is right has another colour, and so has one where the word is among the next guesses. Raises `ValueError`
    where a sentence has not some guesses for each word.
    """
    legend = (
        ("a right guess", page.BLUE),
        ("the word is among the next guesses", page.ORANGE),
        ("it is not", page.FAINT),
    )
    line, edge = 0.22, 1.25  # inches: the height of a line, and where the words begin
    tall = line * (1.5 + (2 + len(guesses)) * len(sentences))
    figure = page.make_figure(page.WIDTH, tall)

    def write(across: float, line_number: float, text: str, color: str, size: float = 9.0) -> None:
        text = page.label(text, 200)
        place = across / page.WIDTH, 1 - line * (line_number + 1) / tall
        figure.text(*place, text, fontsize=size, color=color, va="center")

    for across, (text, color) in zip((0.0, 1.2, 3.8), legend):
        write(edge + across, 0, text, color)
    for place, words in enumerate(sentences):
        found = {name: each[place] for name, each in guesses.items()}
        for name, few in found.items():
            if len(few) != len(words) or not all(map(len, few)):
                raise ValueError("%s: a sentence of %d words has guesses for %d" % (name, len(words), len(few)))
        columns = zip(words, *([few[0] for few in each] for each in found.values()))
        widths = [max(map(len, column)) + 2 for column in columns]  # letters
        size = min(9.0, 72 * (page.WIDTH - edge) / (0.6 * sum(widths)))  # a letter is some 0.6 of its size wide
        starts = edge + 0.6 / 72 * size * np.cumsum([0, *widths])
        first = 1.5 + (2 + len(guesses)) * place
        for word, across in zip(words, starts):
            write(across, first, word, page.INK, size)
        for number, (name, each) in enumerate(found.items(), 1):
            write(0.08, first + number, name, page.FAINT)
            for word, few, across in zip(words, each, starts):
                color = legend[0 if few[0] == word else 1 if word in few else 2][1]
                write(across, first + number, few[0], color, size)
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
