"""The growing series t sin(t) / 3 + 2 sin(5 t): its next value, by the heads of Geron 2017, "Hands-On Machine Learning"."""

import os
from typing import Any, Callable, Dict

import numpy as np
import tensorflow.compat.v1 as tf

from rnn_tf1.data.series import generators
from rnn_tf1.experiments import baselines
from rnn_tf1.experiments.figures import Figure, Figures
from rnn_tf1.experiments.forecasting import pictures
from rnn_tf1.experiments.forecasting.experiment import Forecasting, forecasts
from rnn_tf1.models.forecaster import Forecaster, ForecasterConfig, series_placeholder, with_losses
from rnn_tf1.ops.mode import Mode
from rnn_tf1.program.files import locked
from rnn_tf1.training import Recipe, Run, RunFolder

VALIDATION = 1000  # fixed windows
EPOCH = 100  # iterations between two looks at them
INTERVAL = 0.1  # of t, between two values
FIGURES = Figures(
    "time_series",
    Figure("projection_valid_mse", "mean squared error by projection"),
    Figure("dense_valid_mse", "by dense"),
    Figure("naive_mse", "the last value again"),
)


class Growing(Forecasting):
    """Windows of the series: other ones in each epoch to train on, `VALIDATION` fixed ones to validate."""

    monitor = None  # the last epoch counts
    origin = "generated: growing_windows"

    def load(self) -> None:
        self.valid = generators.growing_windows_everywhere(VALIDATION, self.config.steps + 1, INTERVAL)

    def pieces(self, epoch: int) -> np.ndarray:
        count = EPOCH * self.batch_size
        return generators.growing_windows(count, self.config.steps + 1, self.seed, epoch * count, INTERVAL)


class Head(Growing):
    """One of the heads.

    Args:
      settings: those of ``examples/time_series.py``.
      network: network(values, settings, head) gives the next value at every step.
      head: "projection" or "dense".
    """

    def __init__(self, settings: Any, network: Callable[..., Any], head: str):
        recipe = Recipe(settings.iterations // EPOCH, settings.learning_rate, decay="none", clip_norm=None)
        folder = RunFolder(
            os.path.join(settings.out_dir, head), settings.identity(head=head, tensorflow=tf.__version__)
        )
        config = ForecasterConfig(steps=settings.steps)
        super().__init__(settings, recipe, config, folder, settings.batch_size)
        self.head, self._network = head, network
        begin = min(12.2, generators.GROWING_END - INTERVAL * settings.steps)
        self.times = begin + INTERVAL * np.arange(settings.steps + 1)  # of the window in the picture

    def network(self, mode: Mode) -> Forecaster:
        inputs = series_placeholder(self.config)
        return with_losses(inputs, self._network(inputs, self.settings, self.head))

    def evaluate(self, session: Any, net: Any) -> Dict[str, float]:
        return {"valid_mse": self.error(session, net, self.valid, last=False)}

    def report(self, run: Run) -> Dict[str, Any]:
        """The mean squared error, and the forecasts of the window in the picture."""
        with self.restored() as (session, net):
            window = generators.growing(self.times)[np.newaxis, :-1, np.newaxis]
            return {
                "mse": self.evaluate(session, net)["valid_mse"],
                "forecasts": forecasts(session, net, window)[0, :, 0],
            }


def main(settings: Any, network: Callable[..., Any]) -> None:
    """Trains each of the heads, draws a window, and publishes."""
    values, predictions, seconds = {}, {}, 0.0
    with locked(settings.out_dir):
        for head in settings.head:
            one = Head(settings, network, head)
            one.load()
            print("%s: %d iterations, in %s" % (head, settings.iterations, one.folder.path), flush=True)
            run = one.train()
            reported = one.report(run)
            values[head + "_valid_mse"], predictions[head] = reported["mse"], reported["forecasts"]
            seconds += run.seconds
        values["naive_mse"] = baselines.mean_squared_error(one.valid[:, :-1], one.valid[:, 1:])
        times = INTERVAL * np.arange(int(generators.GROWING_END / INTERVAL) + 1)
        pictures.forecast_window(
            (times, generators.growing(times)),
            (one.times, generators.growing(one.times)),
            predictions,
            os.path.join(settings.out_dir, "forecast.png"),
        )
        FIGURES.publish(settings, one.origin, seconds, values)
