"""Training a forecaster on pieces of series, whatever the model is."""

from typing import Any, Callable, Dict, NamedTuple, Optional

import numpy as np
import tensorflow.compat.v1 as tf

from rnn_tf1 import training
from rnn_tf1.data import batches
from rnn_tf1.data.series import windows
from rnn_tf1.errors import renamed
from rnn_tf1.training.optimize import build_train_op, cosine_decay

BLOCK = 500  # pieces whose targets are made at a time


class Recipe(NamedTuple):
    """How a forecaster is trained, by Adam."""

    learning_rate: float
    epochs: int
    batch_size: int = 32
    decay: bool = True  # the learning rate falls to 0 along a cosine
    clip_norm: Optional[float] = 1.0  # longer gradients are scaled down to this norm
    noise: float = 0.0  # deviation of the normal noise that is added to what is read, never to the targets
    seed: int = 0  # of the order of the pieces and of the noise


def arrays(config: Any, pieces: np.ndarray) -> Any:
    """(inputs, targets) for the model of `config`, from pieces [batch, steps + ahead, columns] of series."""
    return windows.inputs_and_targets(pieces, config.ahead, config.every_step, config.reach, config.jump)


@renamed(out_dir="folder")
def train(
    session: Any,
    net: Any,
    config: Any,
    pieces: Callable[[int], np.ndarray],
    evaluate: Callable[[], Dict[str, float]],
    recipe: Recipe,
    folder: str,
    settings: Dict[str, Any],
    monitor: str = "valid_mse",
    **more: Any,
) -> training.Fitted:
    """Trains `net`, a `Forecaster`, on pieces of series; see `training.fit`, which gets the arguments that are not named here.

    Args:
      config: the one that `net` was built from.
      pieces: of an epoch, counted from 0: [count, steps + ahead, columns], as many in each; a pure function.
      evaluate: called after each epoch.
      monitor: the figure of `evaluate`, an error, that says which epoch is best; or "epoch": the last one.
    """
    per_epoch = batches.batch_count(len(pieces(0)), recipe.batch_size)
    step = tf.train.get_or_create_global_step()
    rate: Any = recipe.learning_rate
    if recipe.decay:
        rate = cosine_decay(rate, step, per_epoch * recipe.epochs)

    def feeds(epoch: int, start: int) -> Any:
        rows = batches.batches([pieces(epoch)], recipe.batch_size, recipe.seed, epoch, start)
        for number, (batch,) in enumerate(rows, start):
            inputs, targets = arrays(config, batch)
            if recipe.noise:
                draw = np.random.RandomState([recipe.seed, epoch, number])
                inputs = inputs + recipe.noise * draw.standard_normal(inputs.shape)
            yield {net.inputs: inputs, net.targets: targets}

    return training.fit(
        session,
        build_train_op(net.loss, rate, step, recipe.clip_norm),
        {"loss": net.loss},
        feeds,
        per_epoch,
        recipe.epochs,
        evaluate,
        folder,
        settings,
        monitor=monitor,
        lower_is_better=monitor != "epoch",
        **more,
    )


def error(session: Any, net: Any, config: Any, pieces: np.ndarray, last: bool = True) -> float:
    """The mean squared error on pieces of series: of the last step's forecasts, or, `last` False, of those of all steps."""
    losses, found = {"losses": net.last_losses if last else net.losses}, []
    for start in range(0, len(pieces), BLOCK):
        inputs, targets = arrays(config, pieces[start : start + BLOCK])
        found.append(training.predict(session, losses, {net.inputs: inputs, net.targets: targets})["losses"])
    return float(np.concatenate(found).mean())
