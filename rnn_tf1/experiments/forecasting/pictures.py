"""Time series: what was forecast, what was generated, and how far off it was."""

from typing import Any, Dict, Mapping, Optional, Sequence, Tuple

import numpy as np

from rnn_tf1.plotting import page


def model_errors(panels: Mapping[str, Mapping[str, Mapping[str, Any]]], floor: float, path: str) -> str:
    """Draws the mean squared error of each model, one panel for each task, one line for each model.

    Args:
      panels: By title; then by the model's name: `values`, one for each seed, and `book`, the printed figure or None.
      floor: The error that no model can be below.
      path: The PNG to write.
    """
    from matplotlib.ticker import FuncFormatter

    if not panels or not all(panels.values()):
        raise ValueError("no models in %s: there is nothing to draw" % sorted(panels))
    most = max(max(max(one["values"]), one["book"] or 0) for models in panels.values() for one in models.values())
    heights = [len(models) + 1.5 for models in panels.values()]
    figure = page.make_figure(page.WIDTH, 0.24 * sum(heights) + 0.5 * len(panels) + 0.4)
    handles: Dict[str, Any] = {}
    grid = figure.add_gridspec(len(panels), 1, height_ratios=heights)
    for place, (title, models) in enumerate(panels.items()):
        axes = figure.add_subplot(grid[place])
        axes.set_title(title, loc="left", fontsize=11, color=page.INK)
        axes.set_xscale("log")
        axes.axvline(floor, color=page.RED, linewidth=1, label="the noise alone: the least of any model")
        for row, found in enumerate(models.values()):
            values = found["values"]
            axes.plot(
                values, [row] * len(values), "o", color=page.BLUE, markersize=4.5, label="measured, a dot for each seed"
            )
            if found["book"]:
                axes.plot(
                    found["book"], row, "D", color=page.ORANGE, markerfacecolor="none", markersize=6, label="the book"
                )
            axes.annotate(
                " %.4f" % np.mean(values),
                (max(list(values) + [found["book"] or 0]), row),
                (7, 0),
                textcoords="offset points",
                fontsize=8,
                va="center",
                color=page.INK,
            )
        axes.set_yticks(range(len(models)))
        axes.set_yticklabels(list(models), fontsize=9)
        axes.set_ylim(len(models) - 0.4, -0.6)
        axes.set_xlim(floor * 0.8, 1.6 * most)
        page.plain(axes)
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: "%g" % value))
        found = axes.get_legend_handles_labels()
        handles.update(zip(found[1], found[0]))
    figure.legend(
        handles.values(), handles, frameon=False, fontsize=8, labelcolor=page.INK, loc="upper right", ncol=len(handles)
    )
    axes.set_xlabel("mean squared error on the validation series", fontsize=10, color=page.INK)
    figure.subplots_adjust(
        left=0.2, right=0.98, top=1 - 0.6 / figure.get_figheight(), bottom=0.5 / figure.get_figheight(), hspace=0.28
    )
    return page.save(figure, path)


def forecast_window(
    whole: Tuple[np.ndarray, np.ndarray],
    window: Tuple[np.ndarray, np.ndarray],
    predictions: Mapping[str, np.ndarray],
    path: str,
) -> str:
    """Draws a series with one window marked in it, and beside it that window's targets and predictions.

    Args:
      whole: Time and values of the whole series.
      window: Time and values of the window: the inputs and one value more; the targets are all but the first.
      predictions: By name, one value for each target.
      path: The PNG to write.
    """
    (t, values), (window_t, window_values) = whole, window
    for name, found in predictions.items():
        if len(found) != len(window_t) - 1:
            raise ValueError("%s: %d predictions for %d targets" % (name, len(found), len(window_t) - 1))
    figure = page.make_figure(page.WIDTH, 3.2)
    left, right = figure.add_subplot(1, 2, 1), figure.add_subplot(1, 2, 2)
    left.set_title("The series", loc="left", fontsize=11, color=page.INK)
    left.plot(t, values, color=page.FAINT, linewidth=1.2)
    left.axvspan(window_t[0], window_t[-1], color=page.BLUE, alpha=0.15, linewidth=0)
    left.plot(window_t, window_values, color=page.BLUE, linewidth=2)
    right.set_title("The marked window", loc="left", fontsize=11, color=page.INK)
    right.plot(window_t[:-1], window_values[:-1], ".-", color=page.FAINT, linewidth=1, markersize=4, label="read")
    right.plot(
        window_t[1:], window_values[1:], "o", color=page.BLUE, markersize=8, markerfacecolor="none", label="target"
    )
    for color, marker, (name, found) in zip(page.SERIES[1:] * 9, "x+1234" * 9, predictions.items()):
        right.plot(window_t[1:], found, marker, color=color, markersize=7, markeredgewidth=1.6, label=name)
    right.legend(frameon=False, fontsize=8, labelcolor=page.INK)
    for axes in (left, right):
        axes.set_xlabel("time t", fontsize=10, color=page.INK)
        axes.set_ylabel("value", fontsize=10, color=page.INK)
        page.plain(axes)
    figure.subplots_adjust(left=0.08, right=0.98, top=0.9, bottom=0.15, wspace=0.22)
    return page.save(figure, path)


def generated_series(
    curves: Mapping[str, Tuple[np.ndarray, np.ndarray]],
    true: Optional[np.ndarray],
    data_range: Tuple[float, float],
    path: str,
) -> str:
    """Draws generated series, one panel each, beside the true curve and the range of the data.

    Args:
      curves: By title: the values to begin with [steps], and the generated ones [count].
      true: The values of the data, from the same first moment; None where nothing is to be compared.
      data_range: The least and the greatest value of the data.
      path: The PNG to write.
    """
    if not curves:
        raise ValueError("no curves: there is nothing to draw")
    columns = 2 if len(curves) > 1 else 1
    rows = -(-len(curves) // columns)
    figure = page.make_figure(page.WIDTH, 1.75 * rows + 0.6)
    low, high = data_range
    middle, reach = (low + high) / 2, 1.9 * (high - low) / 2
    for place, (title, (begin, values)) in enumerate(curves.items()):
        axes = figure.add_subplot(rows, columns, place + 1)
        axes.set_title(title, loc="left", fontsize=9, color=page.INK)
        axes.axhspan(low, high, color=page.GRID, alpha=0.6, linewidth=0, label="range of the data")
        if true is not None:
            axes.plot(np.arange(len(true)), true, color=page.FAINT, linewidth=1, label="data")
        axes.plot(np.arange(len(begin)), begin, color=page.BLUE, linewidth=1.6, label="to begin with")
        axes.plot(len(begin) + np.arange(len(values)), values, color=page.ORANGE, linewidth=1, label="generated")
        axes.set_ylim(middle - reach, middle + reach)  # what leaves it is cut off
        page.plain(axes)
        if place >= len(curves) - columns:
            axes.set_xlabel("step", fontsize=9, color=page.INK)
        if place % columns == 0:
            axes.set_ylabel("value", fontsize=9, color=page.INK)
        if place == 0:
            handles = axes.get_legend_handles_labels()
    figure.legend(*handles, frameon=False, fontsize=8, labelcolor=page.INK, loc="upper center", ncol=4)
    figure.subplots_adjust(
        left=0.08,
        right=0.98,
        top=1 - 0.55 / figure.get_figheight(),
        bottom=0.45 / figure.get_figheight(),
        hspace=0.5,
        wspace=0.12,
    )
    return page.save(figure, path)


def forecast_with_bars(
    times: np.ndarray,
    values: np.ndarray,
    forecasts: Mapping[str, Tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]],
    names: Sequence[str],
    interval: float,
    path: str,
    rows: Optional[int] = None,
) -> str:
    """Draws the last rows of a table and forecasts with error bars, one panel for each column.

    Args:
      times: [rows], dates or numbers.
      values: [rows, columns].
      forecasts: By what they are of: times [ahead], and mean, low and high end of the error bars [ahead, columns].
      names: Of the columns.
      interval: The part of the values that should lie within the error bars, 0 to 1.
      path: The PNG to write.
      rows: How many the table has, where more than are drawn; default: as many.
    """
    if values.shape != (len(times), len(names)):
        raise ValueError("values %s do not fit %d times and %d names" % (values.shape, len(times), len(names)))
    figure = page.make_figure(page.WIDTH, 0.6 + 2.2 * len(names))
    for column, name in enumerate(names):
        axes = figure.add_subplot(len(names), 1, column + 1)
        axes.plot(times, values[:, column], color=page.FAINT, linewidth=1.2, label="the data")
        for color, (what, (when, mean, low, high)) in zip(page.SERIES, forecasts.items()):
            marker = "o" if len(when) == 1 else None  # a line of one point is nothing, and nor is an area
            axes.plot(when, mean[:, column], color=color, linewidth=1.8, marker=marker, label=what)
            width = 6 if len(when) == 1 else 0
            axes.fill_between(when, low[:, column], high[:, column], color=color, alpha=0.2, linewidth=width)
        axes.set_ylabel(page.label(name), fontsize=10, color=page.INK)
        page.plain(axes)
        if column == 0:
            from matplotlib.patches import Patch

            handles = axes.get_legend_handles_labels()[0]
            handles.append(Patch(facecolor=page.FAINT, alpha=0.5, label="%.0f %% of values within" % (100 * interval)))
            look = {"frameon": False, "fontsize": 8, "labelcolor": page.INK, "ncol": 4}
            axes.legend(handles=handles, loc="lower left", bbox_to_anchor=(0, 1), **look)
    steps = "date" if np.issubdtype(times.dtype, np.datetime64) else "row"
    if rows and rows > len(times):
        steps += " (the last %s of %s rows)" % (page.count(len(times)), page.count(rows))
    axes.set_xlabel(steps, fontsize=10, color=page.INK)
    height = figure.get_figheight()
    figure.subplots_adjust(left=0.1, right=0.98, top=1 - 0.35 / height, bottom=0.5 / height, hspace=0.25)
    return page.save(figure, path)
