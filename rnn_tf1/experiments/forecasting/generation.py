"""Networks that learn the growing series and then read what they said: how they are trained, and whether they keep to it."""

from typing import Any, Dict, NamedTuple, Tuple

import numpy as np
import tensorflow.compat.v1 as tf

from rnn_tf1 import training
from rnn_tf1.data.series import generators
from rnn_tf1.experiments.forecasting import fitting
from rnn_tf1.models import forecaster, generator

EPOCH, INTERVAL = 100, 0.1  # iterations between two looks at the error; of t
DATA = generators.growing(np.arange(0, generators.GROWING_END, INTERVAL))
PERIOD = 2 * np.pi / INTERVAL  # steps: of t sin(t) / 3, the stronger of its two waves
MOST = 1.5  # times the range of the data


class HowTo(NamedTuple):
    """A network and how it is trained."""

    cell: str
    units: int
    steps: int  # values that it reads
    recipe: fitting.Recipe  # but for the epochs and the seed


RECIPES = {  # the plain one is that of Geron 2017, "Hands-On Machine Learning", chapter 14
    "plain": HowTo("relu", 100, 20, fitting.Recipe(0.001, 0, 50, decay=False, clip_norm=None)),
    "steady": HowTo("lstm", 64, 100, fitting.Recipe(0.005, 0, 50, noise=0.3)),
}


class Verdict(NamedTuple):
    """What became of a generated series."""

    size: float  # its greatest distance from the middle of the data, where 1 is the distance of the data themselves
    period: float  # steps
    stays: bool  # within MOST times the range of the data, and within a tenth of their period


def judge(values: np.ndarray) -> Verdict:
    """Whether the generated `values` [count] keep to the data's range and main period."""
    middle, half = (DATA.max() + DATA.min()) / 2, (DATA.max() - DATA.min()) / 2
    if not np.isfinite(values).all():
        return Verdict(float("inf"), float("nan"), False)
    size = float(np.abs(values.astype(np.float64) - middle).max() / half)
    period = generators.main_period(values) if np.ptp(values) else float("inf")
    return Verdict(size, period, size <= MOST and abs(period / PERIOD - 1) < 0.1)


def run(
    how: HowTo, seed: int, iterations: int, count: int, folder: str
) -> Tuple[Dict[Tuple[str, str], Tuple[np.ndarray, np.ndarray]], float]:
    """Trains, goes on where it was stopped, and generates.

    Args:
      iterations: of training, rounded down to hundreds.
      count: values to generate.
      folder: of this run alone.

    Returns:
      By start ("zeros" or "data") and way ("sliding" or "stateful"): the values to begin with and those that were generated;
      and the seconds of training.
    """
    config = forecaster.ForecasterConfig(how.cell, how.units, unroll="dynamic", steps=how.steps)
    valid = generators.growing_windows_everywhere(1000, how.steps + 1, INTERVAL)

    def pieces(epoch: int) -> np.ndarray:
        rows = EPOCH * how.recipe.batch_size
        return generators.growing_windows(rows, how.steps + 1, seed, epoch * rows, INTERVAL)

    with tf.Graph().as_default(), tf.Session(config=training.session_config()) as session:
        tf.set_random_seed(seed)
        net = forecaster.build_forecaster(config)
        with tf.variable_scope(tf.get_variable_scope(), reuse=True):
            ways: Dict[str, Any] = dict(sliding=generator.build_sliding_generator(config))
            ways["stateful"] = generator.build_stateful_generator(config)
        fitted = fitting.train(
            session,
            net,
            config,
            pieces,
            lambda: {"valid_mse": fitting.error(session, net, config, valid)},
            how.recipe._replace(epochs=iterations // EPOCH, seed=seed),
            folder,
            dict(
                how._asdict(), recipe=how.recipe._asdict(), seed=seed, iterations=iterations, tensorflow=tf.__version__
            ),
            monitor="epoch",
        )
        starts = {"zeros": np.zeros(how.steps), "data": DATA[: how.steps]}
        found = {}
        for way, made in ways.items():
            windows = np.stack(list(starts.values()))[:, :, np.newaxis]
            values = session.run(made.values, {made.window: windows, made.count: count})[:, :, 0]
            found.update({(name, way): (begin, row) for (name, begin), row in zip(starts.items(), values)})
    return found, fitted.seconds
