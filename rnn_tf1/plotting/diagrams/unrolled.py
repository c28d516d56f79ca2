"""A recurrent network folded and unrolled: its inputs, its outputs, and the state from step to step."""

from typing import Any, Collection, NamedTuple, Optional, Sequence

from rnn_tf1.plotting.page import BLUE, FAINT, INK, ORANGE, make_figure

BOX, STEP, ROW = 0.62, 1.5, 1.15  # inches: the side of a cell, from step to step, from layer to layer


class Names(NamedTuple):
    """What is written at the arrows, with the step below it."""

    input: str = "x"
    output: str = "y"
    state: str = "h"


def plot_unrolled(
    steps: int,
    layers: int = 1,
    inputs: Optional[Collection[int]] = None,
    outputs: Optional[Collection[int]] = None,
    both: bool = False,
    folded: bool = True,
    names: Names = Names(),  # noqa: B008 - a tuple, which nobody can change
) -> Any:
    """Draws a network of `layers` over `steps` steps; time runs to the right, layers are stacked upwards.

    Args:
      steps: int, at least 1.
      layers: int, at least 1.
      inputs: the steps (from 1) that get an input; default: all.
      outputs: the steps whose output is used; default: all.
      both: a second cell (orange) reads the steps backwards, and every output has both; one layer alone.
      folded: draws the network as one cell with a loop at the left, too.
      names: of input, output and state: see `Names`.

    Returns:
      a matplotlib Figure.

    Raises:
      ValueError: for no step, no layer, `both` with more than one layer, an input or output at a step that is not there.
    """
    if steps < 1 or layers < 1:
        raise ValueError("steps and layers should be at least 1 and are %d and %d" % (steps, layers))
    if both and layers > 1:
        raise ValueError("both directions are drawn for 1 layer, not for %d" % layers)
    for name, chosen in (("inputs", inputs), ("outputs", outputs)):
        strange = sorted(set(chosen or ()) - set(range(1, steps + 1)))
        if strange:
            raise ValueError("%s has the step %d; there are the steps 1 to %d" % (name, strange[0], steps))
    rows = 2 if both else layers
    first = 2 * STEP if folded else 0.0
    left, right = -0.75, first + (steps - 1) * STEP + 0.75
    scale = min(1.0, 8.0 / (right - left))
    words = 0.3 * (1 / scale - 1)  # room for the words, which are not scaled down with the rest
    bottom, top = -1.25 * ROW - words, (rows + 0.05) * ROW + words
    figure = make_figure((right - left) * scale, (top - bottom) * scale)
    axes = figure.add_axes([0, 0, 1, 1])
    axes.set_xlim(left, right)
    axes.set_ylim(bottom, top)
    axes.set_axis_off()
    shift = 0.32 if both else 0.0  # of the two cells, apart from the middle of their step
    if folded:
        _draw_step(axes, 0.0, rows, shift, names)
        for row in range(rows):
            _draw_loop(axes, shift if row and both else -shift, row * ROW)
        axes.text(first * 0.54, (rows - 1) / 2 * ROW, "=", fontsize=20, color=FAINT, ha="center", va="center")
    for step in range(1, steps + 1):
        x = first + (step - 1) * STEP
        fed = "%s_{%d}" % (names.input, step) if inputs is None or step in inputs else ""
        used = "%s_{%d}" % (names.output, step) if outputs is None or step in outputs else ""
        _draw_step(axes, x, rows, shift, Names(fed, used))
        for row in range(rows if step < steps else 0):
            backwards = both and row == 1
            ends = [
                x + BOX / 2 + (shift if backwards else -shift),
                x + STEP - BOX / 2 + (shift if backwards else -shift),
            ]
            name = (
                r"$\overleftarrow{%s}_{%d}$" % (names.state, step + 1)
                if backwards
                else "$%s_{%d}$" % (names.state, step)
            )
            axes.text(sum(ends) / 2, row * ROW + 0.1, name, fontsize=11, color=INK, ha="center")
            _arrow(axes, *[(end, row * ROW) for end in (ends[::-1] if backwards else ends)])
    return figure


def _draw_step(axes: Any, x: float, rows: int, shift: float, names: Names) -> None:
    """The cells of one step, the input below them and the output above; with a shift, both cells read and both are read."""
    from matplotlib.patches import FancyBboxPatch

    below, above, half = -0.8 * ROW, (rows - 0.3) * ROW, BOX / 2
    centers = [x - shift, x + shift] if shift else [x] * rows
    for row, center in enumerate(centers):
        style = "round,pad=0,rounding_size=0.12"
        color = ORANGE if shift and row else BLUE
        corner = (center - half, row * ROW - half)
        axes.add_patch(FancyBboxPatch(corner, BOX, BOX, style, facecolor="white", edgecolor=color, linewidth=1.6))
        if names.input and (shift or row == 0):
            _arrow(axes, (x, below), (center, row * ROW - half))
        if row and not shift:
            _arrow(axes, (x, (row - 1) * ROW + half), (x, row * ROW - half))
        if names.output and (shift or row == rows - 1):
            _arrow(axes, (center, row * ROW + half), (x, above))
    for name, y, vertical in ((names.input, below - 0.06, "top"), (names.output, above + 0.06, "bottom")):
        if name:
            axes.text(x, y, "$%s$" % name, fontsize=13, color=INK, ha="center", va=vertical)


def _arrow(axes: Any, start: Sequence[float], end: Sequence[float]) -> None:
    style = dict(arrowstyle="-|>", color=INK, linewidth=1.2, shrinkA=0, shrinkB=0, mutation_scale=11)
    axes.annotate("", xy=end, xytext=start, arrowprops=style)


def _draw_loop(axes: Any, x: float, y: float) -> None:
    """The state, from a cell back into itself."""
    from matplotlib.patches import FancyArrowPatch
    from matplotlib.path import Path

    side, away = x + BOX / 2, x + BOX / 2 + 0.55
    path = Path([(side, y + 0.14), (away, y + 0.4), (away, y - 0.4), (side, y - 0.14)], [1, 4, 4, 4])
    axes.add_patch(FancyArrowPatch(path=path, arrowstyle="-|>", color=INK, linewidth=1.2, mutation_scale=11))
