"""Every picture: NumPy in, PNG out. Knows no TensorFlow and no global Matplotlib state.

Each function takes the file's `path` and returns it; the file is written whole or not at all. Pictures are 8 inches
wide with fonts of 8 to 11 points, legible at about 800 pixels; colours stay apart for a colour-blind eye.
Arrays that do not fit together raise `ValueError` with their shapes.
"""

from typing import Any, Dict, Optional, Sequence, Set, Tuple, Union

import numpy as np

from rnn_tf1.files import atomic_path

WIDTH = 8.0  # inches
DPI = 150  # 1200 pixels wide: sharp at 800 on a screen with small pixels too

INK, FAINT, GRID = "#222222", "#767676", "#dddddd"
BLUE, ORANGE, RED = "#0072b2", "#d55e00", "#d0021b"


def learning_curves(history: Sequence[Dict[str, float]], path: str, best_epoch: Optional[int] = None) -> str:
    """Draws cross-entropy and error rate over the epochs, training and validation, the best epoch marked.

    Args:
      history: One dict per epoch: `epoch`, and any of `train_loss`, `valid_loss` (nats), `train_accuracy`, `valid_accuracy`
        (0 to 1). A key that is missing or NaN leaves a gap; other keys are ignored.
      path: The PNG to write.
      best_epoch: The epoch to mark; default: that with the highest `valid_accuracy`, among equals the lowest `valid_loss`;
        without validation the training figures decide.

    Raises `ValueError` where `history` is empty.
    """
    if not history:
        raise ValueError("history is empty: there is no epoch to draw")
    epochs = np.array([row["epoch"] for row in history], dtype=float)

    def column(key: str) -> np.ndarray:
        values = [row.get(key) for row in history]
        return np.array([np.nan if value is None else value for value in values], dtype=float)

    losses = {part: column(part + "_loss") for part in ("train", "valid")}
    errors = {part: 100 * (1 - column(part + "_accuracy")) for part in ("train", "valid")}
    best = _best(errors["valid"], losses["valid"]) if best_epoch is None else list(epochs).index(best_epoch)
    if best is None:
        best = _best(errors["train"], losses["train"])

    figure = _figure(WIDTH, 3.2)
    explained: Set[str] = set()  # the second panel has a legend only for what the first one lacks
    panels = [("Cross-entropy (nats)", "%.3f", losses), ("Error rate (%)", "%.2f %%", errors)]
    for place, (title, number, curves) in enumerate(panels):
        axes = figure.add_subplot(1, 2, place + 1)
        axes.set_title(title, loc="left", fontsize=11, color=INK)
        _log_scale(axes, np.concatenate([curves["train"], curves["valid"]]))
        for part, name, color, marker in (("train", "training", BLUE, "o"), ("valid", "validation", ORANGE, "s")):
            if not np.isfinite(curves[part]).any():
                continue
            size = 3.5 if len(epochs) <= 40 else 0
            axes.plot(epochs, curves[part], color=color, linewidth=1.6, marker=marker, markersize=size, label=name)
            if best is not None and np.isfinite(curves[part][best]):  # validation comes last: the title shows its value
                ring = {"markersize": 10, "markerfacecolor": "none", "markeredgecolor": color}
                axes.plot(epochs[best], curves[part][best], "o", **ring)
                value = number % curves[part][best]
                axes.set_title("best epoch %d: %s" % (epochs[best], value), loc="right", fontsize=9, color=color)
        _epoch_axis(axes, epochs)
        drawn = set(axes.get_legend_handles_labels()[1])
        if drawn - explained:
            axes.legend(frameon=False, fontsize=9, labelcolor=INK)
        explained |= drawn
    figure.subplots_adjust(left=0.085, right=0.98, top=0.9, bottom=0.15, wspace=0.2)
    return _save(figure, path)


def prediction_grid(
    images: np.ndarray, labels: np.ndarray, probabilities: np.ndarray, path: str, columns: int = 10, rows: int = 6
) -> str:
    """Draws the first images with what was predicted, and below them the most confident mistakes.

    Args:
      images: `[n, height, width]`; 0 is paper, the largest value is ink.
      labels: `[n]`, the true classes.
      probabilities: `[n, classes]`.
      path: The PNG to write.
      columns: Images in a row.
      rows: Rows in all, at least 2; the upper half is for the first images, the rest for mistakes.

    A mistake has a red frame and reads "4 → 9 (0.87)": a true 4, taken for a 9 with probability 0.87.
    """
    images, labels, probabilities = np.asarray(images), np.asarray(labels), np.asarray(probabilities)
    if images.ndim != 3 or labels.ndim != 1 or probabilities.ndim != 2:
        raise ValueError(
            "expected images [n, height, width], labels [n], probabilities [n, classes]; got %s"
            % _shapes(images=images, labels=labels, probabilities=probabilities)
        )
    _check_equal_lengths(images=images, labels=labels, probabilities=probabilities)
    if columns < 1 or rows < 2:
        raise ValueError("columns=%d, rows=%d: there must be at least 1 column and 2 rows" % (columns, rows))

    predictions = probabilities.argmax(axis=1)
    confidence = probabilities.max(axis=1)
    wrong = np.flatnonzero(predictions != labels)
    first = np.arange(min(len(images), columns * (rows // 2)))
    worst = wrong[np.argsort(-confidence[wrong], kind="stable")][: columns * (rows - rows // 2)]
    right = int((predictions[first] == labels[first]).sum())
    groups = [("The first %s of %s images: %d right" % (_count(len(first)), _count(len(images)), right), first)]
    if len(worst) == 0:
        groups.append(("No mistake among %s images" % _count(len(images)), worst))
    else:
        which = "The only mistake" if len(wrong) == 1 else "All %s mistakes" % _count(len(wrong))
        if len(worst) < len(wrong):
            which = "The %s most confident of %s mistakes" % (_count(len(worst)), _count(len(wrong)))
        groups.append((which + ": true → predicted (probability)", worst))

    cell = WIDTH / columns  # inches; the picture takes the cell's middle, its caption the space below
    picture, caption, header = 0.8 * cell, 0.24, 0.36
    row_height = picture + caption
    lines = [-(-len(chosen) // columns) for _, chosen in groups]
    height = sum(header + count * row_height for count in lines) + 0.08
    figure = _figure(WIDTH, height)
    page = figure.add_axes([0, 0, 1, 1])
    page.set_axis_off()
    top = 0.0
    for (title, chosen), count in zip(groups, lines):
        page.text(0.1 * cell, top + 0.2, title, fontsize=11, color=INK, va="center")
        for place, index in enumerate(chosen):
            left = (place % columns + 0.1) * cell
            upper = top + header + (place // columns) * row_height
            box = (left, left + picture, upper + picture, upper)
            page.imshow(images[index], cmap="gray_r", vmin=0, vmax=max(images[index].max(), 1e-6), extent=box)
            mistake = predictions[index] != labels[index]
            _frame(page, left, upper, picture, picture, RED if mistake else GRID, 2.2 if mistake else 0.8)
            text = "%d" % predictions[index]
            if mistake:
                text = "%d → %d (%s)" % (labels[index], predictions[index], _probability(confidence[index]))
            style = {"fontsize": min(8.0, 80.0 / columns), "color": RED if mistake else FAINT}
            page.text(left + picture / 2, upper + picture + 0.11, text, ha="center", va="center", **style)
        top += header + count * row_height
    page.set_xlim(0, WIDTH)
    page.set_ylim(height, 0)
    page.set_aspect("auto")
    return _save(figure, path)


def confusion_counts(labels: np.ndarray, predictions: np.ndarray, classes: int) -> np.ndarray:
    """Counts how often each class was taken for each other: int `[true, predicted]`, both axes `classes` long.

    `labels` and `predictions` are `[n]` integers in `[0, classes)`; anything else raises `ValueError`.
    """
    labels, predictions = np.asarray(labels), np.asarray(predictions)
    if labels.ndim != 1 or predictions.ndim != 1:
        raise ValueError("expected two vectors, got %s" % _shapes(labels=labels, predictions=predictions))
    _check_equal_lengths(labels=labels, predictions=predictions)
    for name, values in (("labels", labels), ("predictions", predictions)):
        if len(values) and not (
            np.issubdtype(values.dtype, np.integer) and 0 <= values.min() <= values.max() < classes
        ):
            raise ValueError("%s %s %s must be integers from 0 to %d" % (name, values.dtype, values.shape, classes - 1))
    counts = np.zeros((classes, classes), dtype=np.int64)
    np.add.at(counts, (labels, predictions), 1)
    return counts


def confusion_matrix(
    labels: np.ndarray, predictions: np.ndarray, classes: Union[int, Sequence[str]], path: str, what: str = "digit"
) -> str:
    """Draws which class was taken for which: counts, coloured by their share of the true class.

    The colour scale ends at the most frequent mistake, so mistakes show although nearly everything lies on the diagonal,
    which stays uncoloured.

    Args:
      labels: `[n]` integers, the true classes.
      predictions: `[n]` integers.
      classes: How many classes there are, or their names.
      path: The PNG to write.
      what: The word for a class, in the axis labels.
    """
    names = [str(name) for name in (range(classes) if isinstance(classes, (int, np.integer)) else classes)]
    counts = confusion_counts(labels, predictions, len(names))
    total, hits = int(counts.sum()), int(np.trace(counts))
    if total == 0:
        raise ValueError("there is nothing to count: %s" % _shapes(labels=labels, predictions=predictions))
    shares = 100.0 * counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    mistakes = np.ma.masked_array(shares, mask=np.eye(len(names), dtype=bool))
    limit = max(float(mistakes.max()), 1e-9) if len(names) > 1 else 1.0

    longest = max(map(len, names))
    turned = longest > 3  # names too long to stand side by side
    left, bottom, top = 0.75 + 0.08 * longest, 0.7 + (0.06 * longest if turned else 0.0), 0.4  # inches
    side = min(5.6, WIDTH - left - 1.2)
    height = bottom + side + top
    figure = _figure(WIDTH, height)
    axes = figure.add_axes([left / WIDTH, bottom / height, side / WIDTH, side / height])
    axes.set_facecolor("#e4e4e4")  # shows through where the diagonal is masked
    drawn = axes.imshow(mistakes, cmap="YlOrBr", vmin=0, vmax=limit)
    size = min(10.0, 100.0 / len(names))
    if len(names) <= 30:  # beyond that a number is smaller than a reader can read
        for row, column in np.ndindex(counts.shape):
            if counts[row, column]:
                dark = row != column and shares[row, column] > 0.75 * limit
                weight = "bold" if row == column else "normal"
                style = {"fontsize": size, "fontweight": weight, "color": "white" if dark else INK}
                axes.text(column, row, _count(counts[row, column]), ha="center", va="center", **style)
    turn = {"rotation": 45, "ha": "right", "rotation_mode": "anchor"} if turned else {}
    axes.set_xticks(range(len(names)))
    axes.set_xticklabels(names, **turn)
    axes.set_yticks(range(len(names)))
    axes.set_yticklabels(names)
    axes.tick_params(labelsize=min(10.0, 160.0 / len(names)), colors=INK, length=0)
    axes.set_xlabel("predicted " + what, fontsize=11, color=INK)
    axes.set_ylabel("true " + what, fontsize=11, color=INK)
    wrong = "%s mistake%s" % (_count(total - hits) if hits < total else "no", "" if total - hits == 1 else "s")
    title = "Accuracy %.2f %%: %s in %s" % (100.0 * hits / total, wrong, _count(total))
    axes.set_title(title, loc="left", fontsize=11, color=INK)
    for spine in axes.spines.values():
        spine.set_visible(False)
    if hits < total:
        box = [(left + side + 0.2) / WIDTH, bottom / height, 0.2 / WIDTH, side / height]
        _color_bar(figure, drawn, box, "mistakes (%% of that true %s)" % what)
    return _save(figure, path)


def hidden_states(image: np.ndarray, states: np.ndarray, probabilities: np.ndarray, label: int, path: str) -> str:
    """Draws a recurrent network reading an image row by row: what it sees, what it holds, what it would answer.

    Args:
      image: `[steps, width]`; row `t` is the input of step `t`.
      states: `[steps, units]`, the hidden state after each row.
      probabilities: `[steps, classes]`, the answer if the reading stopped after each row.
      label: The true class.
      path: The PNG to write.

    The three pictures share their vertical axis. Units are sorted by the sign and the row of their strongest activation.
    """
    image, states, probabilities = np.asarray(image), np.asarray(states), np.asarray(probabilities)
    if image.ndim != 2 or states.ndim != 2 or probabilities.ndim != 2:
        raise ValueError(
            "expected three matrices, got %s" % _shapes(image=image, states=states, probabilities=probabilities)
        )
    _check_equal_lengths(image=image, states=states, probabilities=probabilities)
    steps, classes = probabilities.shape
    if not 0 <= label < classes:
        raise ValueError(
            "label %d is none of the %d classes of probabilities %s" % (label, classes, probabilities.shape)
        )

    figure = _figure(WIDTH, 3.5)
    bottom, height = 0.135, 0.686  # of the figure: a square image has square pixels
    seen = figure.add_axes([0.065, bottom, 0.3, height])
    held = figure.add_axes([0.385, bottom, 0.37, height], sharey=seen)
    said = figure.add_axes([0.775, bottom, 0.21, height], sharey=seen)
    limit = max(float(np.nanmax(np.abs(states))), 1e-9)
    _matrix(seen, image, 1, "gray_r", (0, max(float(image.max()), 1e-6)))
    activations = _matrix(held, states[:, _by_peak(states)], 1, "RdBu_r", (-limit, limit))
    chances = _matrix(said, probabilities, 0, "Greens", (0, 1))

    seen.set_ylabel("row read", fontsize=10, color=INK)
    seen.set_yticks(sorted({1, steps} | set(range(5, steps - 1, 5))))
    for axes, word in ((seen, "pixel"), (held, "hidden unit (sorted by its peak)"), (said, "class (true one framed)")):
        axes.set_xlabel(word, fontsize=10, color=INK)
    for axes in (held, said):
        axes.tick_params(labelleft=False)
    if classes <= 12:
        said.set_xticks(range(classes))
    _frame(said, label - 0.5, 0.5, 1, steps, ORANGE, 1.8)

    answer = int(probabilities[-1].argmax())
    read = "read as %d (%s)" % (answer, _probability(probabilities[-1, answer]))
    seen.set_title("A true %d, %s" % (label, read), loc="left", fontsize=11, color=INK if answer == label else RED)
    _color_bar(figure, activations, [0.505, bottom + height + 0.03, 0.25, 0.03], "activation")
    _color_bar(figure, chances, [0.875, bottom + height + 0.03, 0.11, 0.03], "probability")
    return _save(figure, path)


def _figure(width: float, height: float) -> Any:
    """A white figure of `width` by `height` inches on its own Agg canvas: pyplot and the chosen backend stay as they are."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), dpi=DPI, facecolor="white")
    FigureCanvasAgg(figure)
    return figure


def _save(figure: Any, path: str) -> str:
    with atomic_path(path) as temporary:
        figure.savefig(temporary, format="png", dpi=DPI, facecolor="white")
    return path


def _best(errors: np.ndarray, losses: np.ndarray) -> Optional[int]:
    """The place of the lowest error, among equals of the lowest loss; None where nothing is finite."""
    if not (np.isfinite(errors) | np.isfinite(losses)).any():
        return None
    keys = [np.where(np.isfinite(values), values, np.inf) for values in (losses, errors)]
    return int(np.lexsort(keys)[0])


def _log_scale(axes: Any, values: np.ndarray) -> None:
    """A logarithmic vertical axis with plain numbers at 1, 2, 5 of each decade; linear where no value is positive."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

    if not (values > 0).any():
        return
    axes.set_yscale("log")
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: "%.4g" % value))
    axes.yaxis.set_minor_locator(NullLocator())


def _epoch_axis(axes: Any, epochs: np.ndarray) -> None:
    from matplotlib.ticker import MaxNLocator

    axes.xaxis.set_major_locator(MaxNLocator(nbins=10, integer=True, min_n_ticks=1))
    axes.set_xlim(epochs.min() - 0.5, epochs.max() + 0.5)
    axes.set_xlabel("epoch", fontsize=10, color=INK)
    axes.tick_params(labelsize=9, colors=INK, length=0)
    axes.grid(axis="y", color=GRID, linewidth=0.7)
    axes.set_axisbelow(True)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)


def _matrix(axes: Any, values: np.ndarray, first: int, colors: str, limits: Tuple[float, float]) -> Any:
    """A heat map of `values` `[rows, columns]`: rows numbered from 1 downwards, columns from `first`."""
    from matplotlib.ticker import MaxNLocator

    rows, columns = values.shape
    extent = (first - 0.5, first + columns - 0.5, rows + 0.5, 0.5)
    drawn = axes.imshow(
        values, cmap=colors, vmin=limits[0], vmax=limits[1], extent=extent, aspect="auto", interpolation="nearest"
    )
    axes.xaxis.set_major_locator(MaxNLocator(nbins=8, integer=True, min_n_ticks=1))
    axes.tick_params(labelsize=9, colors=INK, length=2)
    for spine in axes.spines.values():
        spine.set_color(GRID)
    return drawn


def _by_peak(states: np.ndarray) -> np.ndarray:
    """An order of the units of `states` `[steps, units]` in which structure shows, as a valley in the heat map.

    First the units whose strongest activation is negative, from early peaks to late ones, then the others, from late to early.
    """
    states = np.nan_to_num(states)
    peak = np.abs(states).argmax(axis=0)
    positive = states[peak, np.arange(states.shape[1])] > 0
    return np.lexsort((-states[-1], np.where(positive, -peak, peak), positive))


def _frame(axes: Any, left: float, top: float, width: float, height: float, color: str, thickness: float) -> None:
    from matplotlib.patches import Rectangle

    axes.add_patch(
        Rectangle((left, top), width, height, fill=False, edgecolor=color, linewidth=thickness, clip_on=False)
    )


def _color_bar(figure: Any, drawn: Any, box: Sequence[float], label: str) -> None:
    """A colour bar in `box` (left, bottom, width, height of the figure): upright where that is taller than wide."""
    from matplotlib.ticker import FuncFormatter

    upright = box[3] > box[2]
    bar = figure.colorbar(drawn, cax=figure.add_axes(box), orientation="vertical" if upright else "horizontal")
    bar.outline.set_visible(False)
    bar.formatter = FuncFormatter(lambda value, _: "%.4g" % value)
    bar.update_ticks()
    bar.ax.tick_params(labelsize=8, colors=INK, length=2, pad=2)
    if upright:
        bar.set_label(label, fontsize=10, color=INK)
        return
    bar.ax.xaxis.set_ticks_position("top")
    bar.ax.text(-0.06, 0.5, label, transform=bar.ax.transAxes, fontsize=9, color=INK, ha="right", va="center")


def _probability(value: float) -> str:
    """Two decimals, and 1.00 only for a certainty."""
    return "%.2f" % (min(value, 0.99) if value < 1 else value)


def _count(number: int) -> str:
    """12345 as "12 345", with a thin space."""
    return "{:,}".format(int(number)).replace(",", "\u2009")


def _check_equal_lengths(**arrays: np.ndarray) -> None:
    if len({len(array) for array in arrays.values()}) > 1:
        raise ValueError("lengths differ: %s" % _shapes(**arrays))


def _shapes(**arrays: np.ndarray) -> str:
    return ", ".join("%s %s" % (name, list(array.shape)) for name, array in arrays.items())
