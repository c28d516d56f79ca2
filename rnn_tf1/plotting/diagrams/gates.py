"""One step of an LSTM as a circuit: the memory at the top, the gates that change it below."""

from typing import Any, Sequence

from rnn_tf1.plotting.page import BLUE, FAINT, INK, ORANGE, make_figure

WIDTH, HEIGHT = 8.0, 3.5  # inches, and the units of the drawing
MEMORY, JOIN, GATES, BUS = 2.75, 2.15, 1.3, 0.45  # heights: the memory, products, gates, what the gates read
FORGET, ADD, OUT = 2.1, 4.15, 6.45  # where the memory is multiplied, added to, and read


def plot_lstm(peepholes: bool = False) -> Any:
    """Draws c (blue, from left to right), and the gates that multiply it and add to it; `peepholes` are dashed.

    Returns:
      a matplotlib Figure.
    """
    figure = make_figure(WIDTH, HEIGHT)
    axes = figure.add_axes([0, 0, 1, 1])
    axes.set_xlim(0, WIDTH)
    axes.set_ylim(0, HEIGHT)
    axes.set_axis_off()
    _line(axes, [(0.75, MEMORY), (FORGET - 0.145, MEMORY)], BLUE, 2.4)
    _line(axes, [(FORGET + 0.145, MEMORY), (ADD - 0.145, MEMORY)], BLUE, 2.4)
    _line(axes, [(ADD + 0.145, MEMORY), (7.3, MEMORY)], BLUE, 2.4)
    gates = {FORGET: r"$\sigma(f)$", 3.6: r"$\sigma(i)$", 4.7: r"$\tanh(j)$", 5.75: r"$\sigma(o)$"}
    below = {FORGET: "forget gate", 3.6: "input gate", 4.7: "new input", 5.75: "output gate"}
    _line(axes, [(1.0, BUS), (5.75, BUS)], INK, 1.2, head=False)
    for x, name in gates.items():
        _line(axes, [(x, BUS), (x, GATES - 0.22)])
        _box(axes, x, GATES, name)
        axes.text(x + 0.08, BUS + 0.22, below[x], fontsize=9, color=FAINT, va="bottom")
    _line(axes, [(FORGET, GATES + 0.22), (FORGET, MEMORY - 0.145)])
    for x, side in ((3.6, -1), (4.7, 1)):
        _line(axes, [(x, GATES + 0.22), (x, JOIN), (ADD + side * 0.145, JOIN)])
    _line(axes, [(ADD, JOIN + 0.145), (ADD, MEMORY - 0.145)])
    _line(axes, [(OUT, MEMORY), (OUT, JOIN + 0.22)])
    _box(axes, OUT, JOIN, r"$\tanh$")
    _line(axes, [(OUT, JOIN - 0.22), (OUT, GATES + 0.145)])
    _line(axes, [(5.75 + 0.4, GATES), (OUT - 0.145, GATES)])
    _line(axes, [(OUT + 0.145, GATES), (7.3, GATES)])
    for x, y, sign in (
        (FORGET, MEMORY, r"$\times$"),
        (ADD, MEMORY, "$+$"),
        (ADD, JOIN, r"$\times$"),
        (OUT, GATES, r"$\times$"),
    ):
        axes.plot([x], [y], "o", markersize=18, markerfacecolor="white", markeredgecolor=INK, zorder=3)
        axes.text(x, y, sign, fontsize=13, color=INK, ha="center", va="center_baseline", zorder=4)
    names = {(0.7, MEMORY): "$c_{t-1}$", (0.95, BUS): "$x_t, h_{t-1}$"}
    for (x, y), name in names.items():
        axes.text(x, y, name, fontsize=13, color=INK, ha="right", va="center")
    for y, name in ((MEMORY, "$c_t$"), (GATES, "$h_t$")):
        axes.text(7.38, y, name, fontsize=13, color=INK, va="center")
    if peepholes:
        for points in (
            [(1.35, MEMORY), (1.35, GATES), (FORGET - 0.4, GATES)],
            [(1.35, 1.75), (2.95, 1.75), (2.95, GATES), (3.2, GATES)],
            [(5.75, MEMORY), (5.75, GATES + 0.22)],
        ):
            _line(axes, points, ORANGE, 1.4, style=(0, (4, 2)))
        axes.text(0.75, 3.2, "peepholes", fontsize=9, color=ORANGE)
        axes.plot([1.45, 1.95], [3.25, 3.25], color=ORANGE, linewidth=1.4, linestyle=(0, (4, 2)))
    return figure


def _line(
    axes: Any,
    points: Sequence[Sequence[float]],
    color: str = INK,
    width: float = 1.2,
    head: bool = True,
    style: Any = "-",
) -> None:
    """From point to point, with an arrow's head at the end."""
    xs, ys = zip(*points)
    axes.plot(xs, ys, color=color, linewidth=width, linestyle=style, zorder=1, solid_capstyle="butt")
    if head:
        shape = dict(arrowstyle="-|>", color=color, linewidth=0, shrinkA=0, shrinkB=0, mutation_scale=10 + width)
        nearly = [0.98 * end + 0.02 * before for before, end in zip(points[-2], points[-1])]
        axes.annotate("", xy=points[-1], xytext=nearly, arrowprops=shape)


def _box(axes: Any, x: float, y: float, name: str) -> None:
    from matplotlib.patches import FancyBboxPatch

    style = "round,pad=0,rounding_size=0.08"
    corner = (x - 0.4, y - 0.22)
    axes.add_patch(FancyBboxPatch(corner, 0.8, 0.44, style, facecolor="white", edgecolor=BLUE, linewidth=1.4, zorder=2))
    axes.text(x, y, name, fontsize=12, color=INK, ha="center", va="center", zorder=4)
