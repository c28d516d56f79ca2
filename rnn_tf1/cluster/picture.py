"""The losses of several workers that train one network."""

import numpy as np

from rnn_tf1.plotting import page

COLORS = (page.BLUE, page.ORANGE, "#009e73", "#cc79a7", "#56b4e9", "#e69f00")  # Okabe and Ito 2008


def replica_losses(losses: np.ndarray, path: str, title: str = "") -> str:
    """Draws the loss of each worker's part of the batch over the steps: its values faint, its running mean strong.

    Args:
      losses: float [workers, steps], nats; NaN where a worker did not take the step.
      path: the PNG to write.
      title: how they trained.

    Raises:
      ValueError: if no loss is finite.
    """
    losses = np.asarray(losses, float)
    if losses.ndim != 2 or not np.isfinite(losses).any():
        raise ValueError("losses should be [workers, steps] with finite values: %s" % page.shapes(losses=losses))
    figure = page.make_figure(page.WIDTH, 3.6)
    axes = figure.add_subplot(1, 1, 1)
    axes.set_title(title, loc="left", fontsize=11, color=page.INK)
    page.log_scale(axes, losses)
    for number, row in enumerate(losses):
        steps = np.flatnonzero(np.isfinite(row))
        color = COLORS[number % len(COLORS)]
        if not len(steps):
            continue
        axes.plot(steps + 1, row[steps], color=color, linewidth=0.8, alpha=0.25)
        label = "worker %d (%s step%s)" % (number, page.count(len(steps)), "s" if len(steps) > 1 else "")
        marker = "o" if len(steps) == 1 else None
        axes.plot(steps + 1, running_mean(row[steps]), color=color, linewidth=1.6, marker=marker, label=label)
    page.epoch_axis(axes, np.arange(1, losses.shape[1] + 1))
    axes.set_xlabel("step of the whole cluster", fontsize=10, color=page.INK)
    axes.set_ylabel("cross-entropy (nats)", fontsize=10, color=page.INK)
    axes.legend(frameon=False, fontsize=9, labelcolor=page.INK)
    figure.subplots_adjust(left=0.09, right=0.98, top=0.9, bottom=0.14)
    return page.save(figure, path)


def running_mean(values: np.ndarray, part: float = 0.05) -> np.ndarray:
    """The mean of each value and those before it, over a window of this `part` of all; shorter at the beginning."""
    width = max(1, int(len(values) * part))
    sums = np.concatenate([[0.0], np.cumsum(values)])
    ends = np.arange(1, len(values) + 1)
    starts = np.maximum(ends - width, 0)
    return (sums[ends] - sums[starts]) / (ends - starts)
