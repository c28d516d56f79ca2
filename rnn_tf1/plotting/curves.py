"""Curves over the epochs of a training."""

from typing import Any, Dict, List, Mapping, Optional, Sequence, Set

import numpy as np

from rnn_tf1.plotting import page


def learning_curves(history: Sequence[Dict[str, float]], path: str, best_epoch: Optional[int] = None) -> str:
    """Draws cross-entropy and error rate over the epochs, training and validation, the best epoch marked.

    Args:
      history: one dict per epoch: `epoch`, and any of `train_loss`, `valid_loss` (nats), `train_accuracy`, `valid_accuracy`
        (0 to 1). A key that is missing or NaN leaves a gap; other keys are ignored.
      path: the PNG to write.
      best_epoch: the epoch to mark; default: that with the highest `valid_accuracy`, among equals the lowest `valid_loss`;
        without validation the training figures decide.

    Raises `ValueError` if `history` is empty.
    """
    if not history:
        raise ValueError("history is empty: there is no epoch to draw")
    epochs = np.array([row["epoch"] for row in history], dtype=float)

    def column(key: str) -> np.ndarray:
        values = [row.get(key) for row in history]
        return np.array([np.nan if value is None else value for value in values], dtype=float)

    losses = {part: column(part + "_loss") for part in ("train", "valid")}
    errors = {part: 100 * (1 - column(part + "_accuracy")) for part in ("train", "valid")}
    part = "train" if _best(errors["valid"], losses["valid"]) is None else "valid"
    best = _best(errors[part], losses[part]) if best_epoch is None else list(epochs).index(best_epoch)
    judged = errors if np.isfinite(errors[part]).any() else losses
    figure = page.make_figure(page.WIDTH, 3.2)
    explained: Set[str] = set()  # the second panel has a legend only for what the first one lacks
    panels = [("Cross-entropy (nats)", "%.3f", losses), ("Error rate (%)", "%.2f %%", errors)]
    for place, (title, number, curves) in enumerate(panels):
        axes = figure.add_subplot(1, 2, place + 1)
        axes.set_title(title, loc="left", fontsize=11, color=page.INK)
        page.log_scale(axes, np.concatenate([curves["train"], curves["valid"]]))
        for part, name, color, marker in (
            ("train", "training", page.BLUE, "o"),
            ("valid", "validation", page.ORANGE, "s"),
        ):
            if not np.isfinite(curves[part]).any():
                continue
            size = 3.5 if len(epochs) <= 40 else 0
            axes.plot(epochs, curves[part], color=color, linewidth=1.6, marker=marker, markersize=size, label=name)
            if best is not None and np.isfinite(curves[part][best]):  # validation comes last: the title shows its value
                ring = {"markersize": 10, "markerfacecolor": "none", "markeredgecolor": color}
                axes.plot(epochs[best], curves[part][best], "o", **ring)
                where = "%s %d: " % ("best epoch" if curves is judged else "in epoch", epochs[best])
                axes.set_title(where + number % curves[part][best], loc="right", fontsize=9, color=color)
        page.epoch_axis(axes, epochs)
        drawn = set(axes.get_legend_handles_labels()[1])
        if drawn - explained:
            axes.legend(frameon=False, fontsize=9, labelcolor=page.INK)
        explained |= drawn
    figure.subplots_adjust(left=0.085, right=0.98, top=0.9, bottom=0.15, wspace=0.2)
    return page.save(figure, path)


def compared_curves(
    histories: Mapping[str, Sequence[Dict[str, float]]],
    best_epochs: Mapping[str, int],
    tests: Mapping[str, Dict[str, float]],
    path: str,
) -> str:
    """Draws the curves of several runs over each other: training dashed, validation solid, the test as a dot at the epoch
    whose weights were tested.

    Args:
      histories: by the run's name, as for `learning_curves`; at least one run, each with at least one epoch.
      best_epochs: by the run's name, the epoch that was tested.
      tests: by the run's name: `loss`, and `accuracy` where the task has one.
      path: the PNG to write.

    A loss is named cross-entropy if there is an accuracy beside it, and mean squared error otherwise.
    Raises `ValueError` if there is nothing to draw.
    """
    if not histories or not all(histories.values()) or not set(tests) == set(best_epochs) == set(histories):
        raise ValueError("runs %s with tests %s: there is nothing to draw" % (sorted(histories), sorted(tests)))
    classified = all("accuracy" in test for test in tests.values())
    panels = [("Cross-entropy (nats)" if classified else "Mean squared error", "loss", lambda value: value)]
    if classified:
        panels.append(("Error rate (%)", "accuracy", lambda value: 100 * (1 - value)))
    figure = page.make_figure(page.WIDTH, 3.4)
    for place, (title, key, show) in enumerate(panels):
        axes = figure.add_subplot(1, len(panels), place + 1)
        axes.set_title(title, loc="left", fontsize=11, color=page.INK)
        drawn = []
        for color, (name, history) in zip(page.SERIES * len(histories), histories.items()):
            epochs = np.array([row["epoch"] for row in history], dtype=float)
            for part, line in (("train", "--"), ("valid", "-")):
                values = np.array([show(row["%s_%s" % (part, key)]) for row in history])
                word = {"train": "training", "valid": "validation"}[part]
                axes.plot(epochs, values, line, color=color, linewidth=1.6, label="%s, %s" % (name, word))
                drawn.append(values)
            end = show(tests[name][key])
            axes.plot(best_epochs[name], end, "o", color=color, markersize=6, label="%s, test: %.4g" % (name, end))
            drawn.append(np.array([end]))
        page.log_scale(axes, np.concatenate(drawn))
        page.epoch_axis(
            axes, np.array([row["epoch"] for history in histories.values() for row in history], dtype=float)
        )
        axes.legend(frameon=False, fontsize=8, labelcolor=page.INK)
    figure.subplots_adjust(left=0.085, right=0.98, top=0.9, bottom=0.15, wspace=0.2)
    return page.save(figure, path)


def _best(errors: np.ndarray, losses: np.ndarray) -> Optional[int]:
    """The index of the lowest error, and of the lowest loss among equal errors; None if nothing is finite."""
    if not (np.isfinite(errors) | np.isfinite(losses)).any():
        return None
    keys = [np.where(np.isfinite(values), values, np.inf) for values in (losses, errors)]
    return int(np.lexsort(keys)[0])


def accuracy_curves(histories: Dict[str, Sequence[Dict[str, float]]], chance: Optional[float], path: str) -> str:
    """Draws the validation accuracy of several runs over their epochs, and that of guessing.

    Args:
      histories: by the name of the run, its history with `epoch` and `valid_accuracy`.
      chance: the accuracy of a guess; None: no line is drawn for it.
      path: the PNG to write.
    """
    curves = {name: [100 * row["valid_accuracy"] for row in rows] for name, rows in histories.items()}
    figure, axes = _curves(histories, curves, "Validation accuracy (%)")
    if chance is not None:
        axes.axhline(100 * chance, color=page.FAINT, linewidth=1, linestyle=":", label="guessing")
    axes.set_ylim(0, 102)
    axes.legend(frameon=False, fontsize=9, labelcolor=page.INK)
    return page.save(figure, path)


def perplexities(histories: Dict[str, Sequence[Dict[str, float]]], path: str, what: str = "word") -> str:
    """Draws the validation perplexity of several runs over their epochs.

    Args:
      histories: by the name of the run, its history with `epoch` and `valid_perplexity`.
      path: the PNG to write.
      what: the unit that the perplexity is of.
    """
    curves = {name: [row["valid_perplexity"] for row in rows] for name, rows in histories.items()}
    figure, axes = _curves(histories, curves, "Validation perplexity per %s" % what)
    page.log_scale(axes, np.concatenate([np.array(values) for values in curves.values()]))
    axes.legend(frameon=False, fontsize=9, labelcolor=page.INK)
    return page.save(figure, path)


def _curves(histories: Dict[str, Sequence[Dict[str, float]]], curves: Dict[str, List[float]], title: str) -> Any:
    figure = page.make_figure(page.WIDTH, 3.2)
    axes = figure.add_axes((0.08, 0.15, 0.9, 0.73))
    axes.set_title(title, loc="left", fontsize=11, color=page.INK)
    for (name, values), color in zip(curves.items(), page.SERIES):
        epochs = np.array([row["epoch"] for row in histories[name]], dtype=float)
        axes.plot(epochs, values, color=color, linewidth=1.6, marker="o", markersize=3.5, label=name)
    page.epoch_axis(axes, np.array(sorted({row["epoch"] for rows in histories.values() for row in rows}), dtype=float))
    return figure, axes
