"""How a language model learns."""

from typing import Dict, Optional, Sequence

import numpy as np

from rnn_tf1.plotting import page


def perplexity_curves(
    history: Sequence[Dict[str, float]], path: str, best_epoch: int, test: float, floor: Optional[float] = None
) -> str:
    """Draws the perplexity over the epochs, training and validation, with the learning rate below.

    Args:
      history: One dict per epoch: `epoch`, `train_loss` (nats), `valid_perplexity`, `learning_rate`.
      path: The PNG to write.
      best_epoch: The epoch whose weights were tested.
      test: Their perplexity on the test part.
      floor: The best possible perplexity, where it is known.

    A perplexity that is not finite is left out. Raises `ValueError` where `history` is empty.
    """
    if not history:
        raise ValueError("history is empty: there is no epoch to draw")
    epochs = np.array([row["epoch"] for row in history], dtype=float)
    rates = np.array([row["learning_rate"] for row in history], dtype=float)
    with np.errstate(over="ignore"):
        training = np.exp([row["train_loss"] for row in history])
    validation = np.array([row["valid_perplexity"] for row in history], dtype=float)
    curves = {"training": (training, page.BLUE, "o"), "validation": (validation, page.ORANGE, "s")}
    figure = page.make_figure(page.WIDTH, 4.2)
    upper, lower = figure.add_axes((0.09, 0.38, 0.89, 0.54)), figure.add_axes((0.09, 0.12, 0.89, 0.2))
    upper.set_title("Perplexity", loc="left", fontsize=11, color=page.INK)
    upper.set_title("epoch %d: test %.2f" % (best_epoch, test), loc="right", fontsize=9, color=page.ORANGE)
    for name, (values, color, marker) in curves.items():
        size = 3.5 if len(epochs) <= 60 else 0
        values = np.where(np.isfinite(values), values, np.nan)  # what is infinite has no place on the axes
        upper.plot(epochs, values, color=color, linewidth=1.6, marker=marker, markersize=size, label=name)
    upper.plot(best_epoch, test, "*", color=page.RED, markersize=9, label="test")
    values = np.concatenate([values for values, _, _ in curves.values()] + [[test]])
    if floor is not None:
        upper.axhline(floor, color=page.FAINT, linestyle="--", linewidth=1.2, label="best possible")
    page.log_scale(upper, values)
    upper.legend(frameon=False, fontsize=9, labelcolor=page.INK)
    page.epoch_axis(upper, epochs)
    upper.set_xlabel("")
    upper.tick_params(labelbottom=False)
    lower.set_title("Learning rate", loc="left", fontsize=11, color=page.INK)
    lower.step(epochs, rates, where="mid", color=page.INK, linewidth=1.4)
    lower.set_ylim(0, 1.15 * rates.max())
    for axes in (upper, lower):
        for epoch in epochs[1:][np.diff(rates) != 0]:  # where the learning rate falls
            axes.axvline(epoch - 0.5, color=page.GRID, linewidth=0.9, linestyle=":")
    page.epoch_axis(lower, epochs)
    return page.save(figure, path)
