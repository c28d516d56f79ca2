"""The answers of a classifier of images, and how it arrives at them."""

from typing import Any, Optional, Sequence, Tuple, Union

import numpy as np

from rnn_tf1.plotting import page


def prediction_grid(
    images: np.ndarray, labels: np.ndarray, probabilities: np.ndarray, path: str, columns: int = 10, rows: int = 6
) -> str:
    """Draws the first images with what was predicted, and below them the most confident mistakes.

    Args:
      images: `[n, height, width]`; 0 is paper, the largest value is ink.
      labels: `[n]`, the true classes.
      probabilities: `[n, classes]`.
      path: the PNG to write.
      columns: images in a row.
      rows: rows in all, at least 2; the upper half is for the first images, the rest for mistakes.

    A mistake has a red frame and reads "4 → 9 (0.87)": a true 4, taken for a 9 with probability 0.87.
    """
    images, labels, probabilities = np.asarray(images), np.asarray(labels), np.asarray(probabilities)
    if images.ndim != 3 or labels.ndim != 1 or probabilities.ndim != 2:
        raise ValueError(
            "expected images [n, height, width], labels [n], probabilities [n, classes]; got %s"
            % page.shapes(images=images, labels=labels, probabilities=probabilities)
        )
    page.check_equal_lengths(images=images, labels=labels, probabilities=probabilities)
    if columns < 1 or rows < 2:
        raise ValueError("columns=%d, rows=%d: there must be at least 1 column and 2 rows" % (columns, rows))

    predictions = probabilities.argmax(axis=1)
    confidence = probabilities.max(axis=1)
    wrong = np.flatnonzero(predictions != labels)
    first = np.arange(min(len(images), columns * (rows // 2)))
    worst = wrong[np.argsort(-confidence[wrong], kind="stable")][: columns * (rows - rows // 2)]
    right = int((predictions[first] == labels[first]).sum())
    groups = [("The first %s of %s images: %d right" % (page.count(len(first)), page.count(len(images)), right), first)]
    if len(worst) == 0:
        groups.append(("No mistake among %s images" % page.count(len(images)), worst))
    else:
        which = "The only mistake" if len(wrong) == 1 else "All %s mistakes" % page.count(len(wrong))
        if len(worst) < len(wrong):
            which = "The %s most confident of %s mistakes" % (page.count(len(worst)), page.count(len(wrong)))
        groups.append((which + ": true → predicted (probability)", worst))

    cell = page.WIDTH / columns  # inches; the picture takes the cell's middle, its caption the space below
    picture, caption, header = 0.8 * cell, 0.24, 0.36
    row_height = picture + caption
    lines = [-(-len(chosen) // columns) for _, chosen in groups]
    height = sum(header + count * row_height for count in lines) + 0.08
    figure = page.make_figure(page.WIDTH, height)
    sheet = figure.add_axes([0, 0, 1, 1])
    sheet.set_axis_off()
    top = 0.0
    for (title, chosen), count in zip(groups, lines):
        sheet.text(0.1 * cell, top + 0.2, title, fontsize=11, color=page.INK, va="center")
        for place, index in enumerate(chosen):
            left = (place % columns + 0.1) * cell
            upper = top + header + (place // columns) * row_height
            box = (left, left + picture, upper + picture, upper)
            sheet.imshow(images[index], cmap="gray_r", vmin=0, vmax=max(images[index].max(), 1e-6), extent=box)
            mistake = predictions[index] != labels[index]
            page.frame(
                sheet, left, upper, picture, picture, page.RED if mistake else page.GRID, 2.2 if mistake else 0.8
            )
            text = "%d" % predictions[index]
            if mistake:
                text = "%d → %d (%s)" % (labels[index], predictions[index], page.probability(confidence[index]))
            style = {"fontsize": min(8.0, 80.0 / columns), "color": page.RED if mistake else page.FAINT}
            sheet.text(left + picture / 2, upper + picture + 0.11, text, ha="center", va="center", **style)
        top += header + count * row_height
    sheet.set_xlim(0, page.WIDTH)
    sheet.set_ylim(height, 0)
    sheet.set_aspect("auto")
    return page.save(figure, path)


def confusion_counts(labels: np.ndarray, predictions: np.ndarray, classes: int) -> np.ndarray:
    """Counts how often each class was taken for each other: int `[true, predicted]`, both axes `classes` long.

    `labels` and `predictions` are `[n]` integers in `[0, classes)`; anything else raises `ValueError`.
    """
    labels, predictions = np.asarray(labels), np.asarray(predictions)
    if labels.ndim != 1 or predictions.ndim != 1:
        raise ValueError("expected two vectors, got %s" % page.shapes(labels=labels, predictions=predictions))
    page.check_equal_lengths(labels=labels, predictions=predictions)
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
    which is not coloured.

    Args:
      labels: `[n]` integers, the true classes.
      predictions: `[n]` integers.
      classes: the number of classes, or their names.
      path: the PNG to write.
      what: the word for a class, in the axis labels.
    """
    names = [
        page.label(str(name), 30) for name in (range(classes) if isinstance(classes, (int, np.integer)) else classes)
    ]
    counts = confusion_counts(labels, predictions, len(names))
    total, hits = int(counts.sum()), int(np.trace(counts))
    if total == 0:
        raise ValueError("there is nothing to count: %s" % page.shapes(labels=labels, predictions=predictions))
    shares = 100.0 * counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    mistakes = np.ma.masked_array(shares, mask=np.eye(len(names), dtype=bool))
    limit = max(float(mistakes.max()), 1e-9) if len(names) > 1 else 1.0

    longest = max(map(len, names))
    turned = longest > 3  # names too long to stand side by side
    left, bottom, top = 0.75 + 0.08 * longest, 0.7 + (0.06 * longest if turned else 0.0), 0.4  # inches
    side = min(5.6, page.WIDTH - left - 1.2)
    height = bottom + side + top
    figure = page.make_figure(page.WIDTH, height)
    axes = figure.add_axes([left / page.WIDTH, bottom / height, side / page.WIDTH, side / height])
    axes.set_facecolor("#e4e4e4")  # shows through where the diagonal is masked
    drawn = axes.imshow(mistakes, cmap="YlOrBr", vmin=0, vmax=limit)
    size = min(10.0, 100.0 / len(names))
    if len(names) <= 30:  # beyond that a number is smaller than a reader can read
        for row, column in np.ndindex(counts.shape):
            if counts[row, column]:
                dark = row != column and shares[row, column] > 0.75 * limit
                weight = "bold" if row == column else "normal"
                style = {"fontsize": size, "fontweight": weight, "color": "white" if dark else page.INK}
                axes.text(column, row, page.count(counts[row, column]), ha="center", va="center", **style)
    turn = {"rotation": 45, "ha": "right", "rotation_mode": "anchor"} if turned else {}
    axes.set_xticks(range(len(names)))
    axes.set_xticklabels(names, **turn)
    axes.set_yticks(range(len(names)))
    axes.set_yticklabels(names)
    axes.tick_params(labelsize=min(10.0, 160.0 / len(names)), colors=page.INK, length=0)
    axes.set_xlabel("predicted " + what, fontsize=11, color=page.INK)
    axes.set_ylabel("true " + what, fontsize=11, color=page.INK)
    wrong = "%s mistake%s" % (page.count(total - hits) if hits < total else "no", "" if total - hits == 1 else "s")
    title = "Accuracy %.2f %%: %s in %s" % (100.0 * hits / total, wrong, page.count(total))
    axes.set_title(title, loc="left", fontsize=11, color=page.INK)
    for spine in axes.spines.values():
        spine.set_visible(False)
    if hits < total:
        box = [(left + side + 0.2) / page.WIDTH, bottom / height, 0.2 / page.WIDTH, side / height]
        page.color_bar(figure, drawn, box, "mistakes (%% of that true %s)" % what)
    return page.save(figure, path)


def hidden_states(
    image: np.ndarray, states: np.ndarray, probabilities: np.ndarray, label: int, path: Optional[str]
) -> Any:
    """Draws a recurrent network reading an image row by row: the input, the hidden state, and the answer so far.

    Args:
      image: `[steps, width]`; row `t` is the input of step `t`.
      states: `[steps, units]`, the hidden state after each row.
      probabilities: `[steps, classes]`, the answer if the network stopped after each row.
      label: the true class.
      path: the PNG to write; None: nothing is written, and the figure is returned.

    The three pictures share their vertical axis. Units are sorted by the sign and the row of their strongest activation.
    """
    image, states, probabilities = np.asarray(image), np.asarray(states), np.asarray(probabilities)
    if image.ndim != 2 or states.ndim != 2 or probabilities.ndim != 2:
        raise ValueError(
            "expected three matrices, got %s" % page.shapes(image=image, states=states, probabilities=probabilities)
        )
    page.check_equal_lengths(image=image, states=states, probabilities=probabilities)
    steps, classes = probabilities.shape
    if not 0 <= label < classes:
        raise ValueError(
            "label %d is none of the %d classes of probabilities %s" % (label, classes, probabilities.shape)
        )

    figure = page.make_figure(page.WIDTH, 3.5)
    bottom, height = 0.135, 0.686  # of the figure: a square image has square pixels
    pixels = figure.add_axes([0.065, bottom, 0.3, height])
    hidden = figure.add_axes([0.385, bottom, 0.37, height], sharey=pixels)
    answers = figure.add_axes([0.775, bottom, 0.21, height], sharey=pixels)
    limit = max(float(np.nanmax(np.abs(states))), 1e-9)
    _matrix(pixels, image, 1, "gray_r", (0, max(float(image.max()), 1e-6)))
    activations = _matrix(hidden, states[:, _by_peak(states)], 1, "RdBu_r", (-limit, limit))
    chances = _matrix(answers, probabilities, 0, "Greens", (0, 1))

    pixels.set_ylabel("row read", fontsize=10, color=page.INK)
    pixels.set_yticks(sorted({1, steps} | set(range(5, steps - 1, 5))))
    for axes, word in (
        (pixels, "pixel"),
        (hidden, "hidden unit (sorted by its peak)"),
        (answers, "class (true one framed)"),
    ):
        axes.set_xlabel(word, fontsize=10, color=page.INK)
    for axes in (hidden, answers):
        axes.tick_params(labelleft=False)
    if classes <= 12:
        answers.set_xticks(range(classes))
    page.frame(answers, label - 0.5, 0.5, 1, steps, page.ORANGE, 1.8)

    answer = int(probabilities[-1].argmax())
    read = "read as %d (%s)" % (answer, page.probability(probabilities[-1, answer]))
    pixels.set_title(
        "A true %d, %s" % (label, read), loc="left", fontsize=11, color=page.INK if answer == label else page.RED
    )
    page.color_bar(figure, activations, [0.505, bottom + height + 0.03, 0.25, 0.03], "activation")
    page.color_bar(figure, chances, [0.875, bottom + height + 0.03, 0.11, 0.03], "probability")
    return page.save(figure, path)


def _matrix(axes: Any, values: np.ndarray, first: int, colors: str, limits: Tuple[float, float]) -> Any:
    """A heat map of `values` `[rows, columns]`: rows numbered from 1 downwards, columns from `first`."""
    from matplotlib.ticker import MaxNLocator

    rows, columns = values.shape
    extent = (first - 0.5, first + columns - 0.5, rows + 0.5, 0.5)
    drawn = axes.imshow(
        values, cmap=colors, vmin=limits[0], vmax=limits[1], extent=extent, aspect="auto", interpolation="nearest"
    )
    axes.xaxis.set_major_locator(MaxNLocator(nbins=8, integer=True, min_n_ticks=1))
    axes.tick_params(labelsize=9, colors=page.INK, length=2)
    for spine in axes.spines.values():
        spine.set_color(page.GRID)
    return drawn


def _by_peak(states: np.ndarray) -> np.ndarray:
    """An order of the units of `states` `[steps, units]` that makes structure visible, as a valley in the heat map.

    First the units whose strongest activation is negative, from early peaks to late ones, then the others, from late to early.
    """
    states = np.nan_to_num(states)
    peak = np.abs(states).argmax(axis=0)
    positive = states[peak, np.arange(states.shape[1])] > 0
    return np.lexsort((-states[-1], np.where(positive, -peak, peak), positive))
