"""Language models side by side while they learn, and words as points of a plane."""

from typing import Any, Dict, List, Mapping, Sequence

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
