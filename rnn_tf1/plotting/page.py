"""What all pictures share: size, colours, axes, and a file that is written whole or not at all."""

from typing import Any, Optional, Sequence

import numpy as np

from rnn_tf1.errors import printable
from rnn_tf1.program.files import atomic_path

WIDTH = 8.0  # inches
DPI = 150  # 1200 pixels wide: sharp at 800 on a screen with small pixels too

INK, FAINT, GRID = "#222222", "#767676", "#dddddd"
BLUE, ORANGE, RED = "#0072b2", "#d55e00", "#d0021b"
SERIES = (BLUE, ORANGE, "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#000000")  # Okabe and Ito: distinct for every eye


def make_figure(width: float, height: float) -> Any:
    """A white figure of `width` by `height` inches on its own Agg canvas: pyplot and the chosen backend stay untouched."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), dpi=DPI, facecolor="white")
    FigureCanvasAgg(figure)
    return figure


def save(figure: Any, path: Optional[str]) -> Any:
    """Writes the picture and returns the path; without one, writes nothing and returns the figure, for a notebook."""
    if path is None:
        return figure
    with atomic_path(path) as temporary:
        figure.savefig(temporary, format="png", dpi=DPI, facecolor="white")
    return path


def log_scale(axes: Any, values: np.ndarray) -> None:
    """A logarithmic vertical axis with plain numbers at 1, 2, 5 of each decade, or closer ones if fewer than two of them lie
    among the values; linear if no value is positive."""
    from matplotlib.ticker import AutoLocator, FuncFormatter, LogLocator, NullLocator

    positive = values[np.isfinite(values) & (values > 0)]
    if not positive.size:
        return
    marks = np.outer(10.0 ** np.arange(-12, 13), (1, 2, 5))
    few = ((marks >= positive.min()) & (marks <= positive.max())).sum() < 2
    axes.set_yscale("log")
    axes.yaxis.set_major_locator(AutoLocator() if few else LogLocator(subs=(1, 2, 5)))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: "%.4g" % value))
    axes.yaxis.set_minor_locator(NullLocator())


def plain(axes: Any) -> None:
    """Axes with a faint grid behind what is drawn, and no frame above and at the right."""
    axes.tick_params(labelsize=9, colors=INK, length=2)
    axes.grid(color=GRID, linewidth=0.7)
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)


def epoch_axis(axes: Any, epochs: np.ndarray) -> None:
    from matplotlib.ticker import MaxNLocator

    axes.xaxis.set_major_locator(MaxNLocator(nbins=10, integer=True, min_n_ticks=1))
    axes.set_xlim(epochs.min() - 0.5, epochs.max() + 0.5)
    axes.set_xlabel("epoch", fontsize=10, color=INK)
    axes.tick_params(labelsize=9, colors=INK, length=0)
    axes.grid(axis="y", color=GRID, linewidth=0.7)
    axes.set_axisbelow(True)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)


def frame(axes: Any, left: float, top: float, width: float, height: float, color: str, thickness: float) -> None:
    from matplotlib.patches import Rectangle

    axes.add_patch(
        Rectangle((left, top), width, height, fill=False, edgecolor=color, linewidth=thickness, clip_on=False)
    )


def color_bar(figure: Any, drawn: Any, box: Sequence[float], label: str) -> None:
    """A colour bar in `box` (left, bottom, width, height of the figure): vertical if that is taller than wide."""
    from matplotlib.ticker import FuncFormatter

    vertical = box[3] > box[2]
    bar = figure.colorbar(drawn, cax=figure.add_axes(box), orientation="vertical" if vertical else "horizontal")
    bar.outline.set_visible(False)
    bar.formatter = FuncFormatter(lambda value, _: "%.4g" % value)
    bar.update_ticks()
    bar.ax.tick_params(labelsize=8, colors=INK, length=2, pad=2)
    if vertical:
        bar.set_label(label, fontsize=10, color=INK)
        return
    bar.ax.xaxis.set_ticks_position("top")
    bar.ax.text(-0.06, 0.5, label, transform=bar.ax.transAxes, fontsize=9, color=INK, ha="right", va="center")


def probability(value: float) -> str:
    """Two decimals, and 1.00 only for a certainty."""
    return "%.2f" % (min(value, 0.99) if value < 1 else value)


def count(number: int) -> str:
    """12345 as "12 345", with a thin space."""
    return "{:,}".format(int(number)).replace(",", "\u2009")


def label(text: str, most: int = 60) -> str:
    """A text from outside, fit to be drawn: cut if it is too long, without invisible characters, no formula between two $."""
    shown = printable(text).replace("\n", " ")
    shown = shown if len(shown) <= most else shown[: most - 1] + "\u2026"
    return shown.replace("$", r"\$")


def check_equal_lengths(**arrays: np.ndarray) -> None:
    if len({len(array) for array in arrays.values()}) > 1:
        raise ValueError("lengths differ: %s" % shapes(**arrays))


def shapes(**arrays: np.ndarray) -> str:
    return ", ".join("%s %s" % (name, list(array.shape)) for name, array in arrays.items())
