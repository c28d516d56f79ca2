"""The memory that a network takes."""

from typing import Mapping

import numpy as np

from rnn_tf1.plotting import page


def memory_against_steps(megabytes: Mapping[str, Mapping[int, float]], path: str) -> str:
    """Draws the memory of a training step against the number of time steps, one curve for each way to unroll.

    Args:
      megabytes: by the way's name, {time steps: MB}, all above 0.
      path: the PNG to write.

    Raises `ValueError` if there is nothing to draw.
    """
    if not any(megabytes.values()):
        raise ValueError("no figures for %s: there is nothing to draw" % sorted(megabytes))
    figure = page.make_figure(page.WIDTH, 3.6)
    axes = figure.add_axes([0.09, 0.15, 0.63, 0.74])
    curves = [(way, figures) for way, figures in megabytes.items() if figures]
    for number, (way, figures) in enumerate(curves):
        steps = sorted(figures)
        style = dict(
            color=page.SERIES[number % len(page.SERIES)], marker="os^D"[number % 4], linewidth=1.6, markersize=5
        )
        axes.plot(steps, [figures[step] for step in steps], label=way, **style)
    axes.set_xscale("log")
    page.log_scale(axes, np.array([value for _, figures in curves for value in figures.values()]))
    axes.set_title(
        "Peak memory of training, beyond that of TensorFlow itself (MB)", loc="left", fontsize=11, color=page.INK
    )
    axes.set_xlabel("time steps T", fontsize=10, color=page.INK)
    axes.tick_params(labelsize=9, colors=page.INK, length=2)
    axes.grid(color=page.GRID, linewidth=0.7)
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.legend(frameon=False, fontsize=9, labelcolor=page.INK, loc="center left", bbox_to_anchor=(1.0, 0.5))
    return page.save(figure, path)
