"""A picture of which layer ran on which device, and when."""

from typing import Dict, Sequence, Tuple

import numpy as np

from rnn_tf1.plotting import page

COLORS = {"forward": page.BLUE, "gradient": page.ORANGE, "update": page.FAINT}


def placement(
    layers: Sequence[Tuple[str, str]],
    spans: Sequence[Tuple[int, str, float, float]],
    crossing: Dict[Tuple[str, str], int],
    path: str,
    title: str = "One training step",
) -> str:
    """Draws a band for each layer with its ops over the time of a step, and the bytes that were sent between devices.

    Args:
      layers: (name, what to write below it: device, ops, variables), the lowest first.
      spans: (index in `layers`, "forward", "gradient" or "update", start, end) of each op, milliseconds.
      crossing: (from device, to device): bytes in a step.
      path: the PNG to write.
      title: the title above the bands.
    """
    devices = sorted({device for pair in crossing for device in pair})
    heights = (1.0 + 0.62 * len(layers), 0.75 + 0.3 * len(devices) if devices else 0.1)
    figure = page.make_figure(page.WIDTH, sum(heights))
    share = heights[1] / sum(heights)
    axes = figure.add_axes([0.26, share + 0.6 / sum(heights), 0.71, (heights[0] - 1.0) / sum(heights)])
    axes.set_title(title, loc="left", fontsize=11, color=page.INK)
    end = max([span[3] for span in spans] + [1e-9])
    for row, (name, below) in enumerate(layers):
        axes.axhspan(row - 0.4, row + 0.4, color=page.GRID, alpha=0.45, linewidth=0)
        at = {"transform": axes.get_yaxis_transform(), "ha": "right", "color": page.INK, "clip_on": False}
        axes.text(-0.015, row + 0.12, name, va="bottom", fontsize=10, fontweight="bold", **at)
        axes.text(-0.015, row + 0.08, below, va="top", fontsize=8, linespacing=1.25, **at)
    for part, color in COLORS.items():
        spans_of_part = [span for span in spans if span[1] == part]
        for row in range(len(layers)):
            bars = [(start, max(stop - start, end / 1500)) for where, _, start, stop in spans_of_part if where == row]
            axes.broken_barh(bars, (row - 0.4, 0.8), facecolors=color, linewidth=0)
        if spans_of_part:
            axes.plot([], [], color=color, linewidth=6, label=part)
    axes.set_ylim(-0.5, len(layers) - 0.5)
    axes.set_xlim(0, end)
    axes.set_yticks([])
    axes.set_xlabel("time (ms)", fontsize=10, color=page.INK)
    axes.tick_params(labelsize=9, colors=page.INK, length=0)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    if spans:
        axes.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncol=3, frameon=False, fontsize=9, borderaxespad=0.2)
    if devices:
        _crossing(figure, devices, crossing, heights)
    return page.save(figure, path)


def _crossing(
    figure: object, devices: Sequence[str], crossing: Dict[Tuple[str, str], int], heights: Tuple[float, float]
) -> None:
    """A table: from the device of the row to that of the column."""
    total = sum(heights)
    width = min(0.71, 0.14 * len(devices))
    axes = figure.add_axes([0.26, 0.15 / total, width, 0.3 * len(devices) / total])  # type: ignore[attr-defined]
    values = np.array([[crossing.get((source, target), 0) for target in devices] for source in devices], dtype=float)
    axes.imshow(values, cmap="Blues", vmin=0, vmax=max(1.0, 1.4 * values.max()), aspect="auto")
    for row, source in enumerate(devices):
        for column, target in enumerate(devices):
            text = "" if source == target else _amount(values[row, column])
            dark = values[row, column] > 0.9 * values.max() > 0
            axes.text(column, row, text, ha="center", va="center", fontsize=9, color="white" if dark else page.INK)
    axes.set_xticks(range(len(devices)))
    axes.set_yticks(range(len(devices)))
    axes.set_xticklabels(["to " + device for device in devices])
    axes.set_yticklabels(["from " + device for device in devices])
    axes.xaxis.tick_top()
    axes.tick_params(labelsize=9, colors=page.INK, length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.set_title("Sent between devices in one step", loc="left", fontsize=11, color=page.INK, pad=18)


def _amount(count: float) -> str:
    for unit, size in (("MB", 1e6), ("kB", 1e3)):
        if count >= size:
            return "%.3g %s" % (count / size, unit)
    return "%d B" % count
