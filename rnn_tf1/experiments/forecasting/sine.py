"""The value of a sine after a window of it."""

from typing import Any, Callable, Dict

import numpy as np
import tensorflow.compat.v1 as tf

from rnn_tf1.data.series import generators, windows
from rnn_tf1.experiments import baselines
from rnn_tf1.experiments.figures import Figure, Figures
from rnn_tf1.experiments.forecasting import pictures
from rnn_tf1.experiments.forecasting.experiment import Forecasting, forecasts
from rnn_tf1.layers import dense
from rnn_tf1.models.forecaster import Forecaster, ForecasterConfig, series_placeholder, with_losses
from rnn_tf1.ops.mode import Mode
from rnn_tf1.training import Recipe, Run

TRAIN, TEST = 10000, 1000  # windows


class Sine(Forecasting):
    """The one after the other: 10,000 windows to train on, the 1,000 after them to test.

    Args:
      settings: those of ``examples/sine.py``.
      network: network(values, settings) gives the output after the last of them, [batch, units].
    """

    figures = Figures(
        "sine",
        Figure("test_mse", "test mean squared error", "%.3g"),
        Figure("least_squares_mse", "least squares", "%.3g"),
        Figure("naive_mse", "naive forecast", "%.3g"),
    )
    monitor = None  # the last epoch counts, and so the windows that are shown after each epoch may be those of the test
    origin = "generated: sine"

    def __init__(self, settings: Any, network: Callable[..., Any]):
        recipe = Recipe(settings.epochs, settings.learning_rate)
        config = ForecasterConfig(steps=settings.steps, every_step=False)
        super().__init__(settings, recipe, config, batch_size=settings.batch_size)
        self._network = network

    def load(self) -> None:
        steps, interval = self.settings.steps, self.settings.interval
        self.train_windows = windows.windows(generators.sine(TRAIN + steps, interval), steps + 1)
        self.test_series = generators.sine(TEST + steps, interval, first=TRAIN + steps)
        self.test = windows.windows(self.test_series, steps + 1)

    def pieces(self, epoch: int) -> np.ndarray:
        return self.train_windows

    def network(self, mode: Mode) -> Forecaster:
        inputs = series_placeholder(self.config)
        return with_losses(inputs, dense(tf.expand_dims(self._network(inputs, self.settings), 1), 1))

    def evaluate(self, session: Any, net: Any) -> Dict[str, float]:
        return {"valid_mse": self.error(session, net, self.test)}

    def report(self, run: Run) -> Dict[str, float]:
        inputs, targets = windows.inputs_and_targets(self.test, every_step=False)
        with self.restored() as (session, net):
            answers = forecasts(session, net, inputs)
        first, interval = self.settings.steps - 1, self.settings.interval
        t = interval * (TRAIN + self.settings.steps + np.arange(len(self.test_series)))
        pictures.forecast_window(
            (t, self.test_series[:, 0]),
            (t[first:], self.test_series[first:, 0]),
            {self.settings.cell: answers[:, 0, 0]},
            self.picture("forecast.png"),
        )
        least_squares = baselines.LeastSquares(self.train_windows)(inputs)
        return {
            "test_mse": baselines.mean_squared_error(answers, targets),
            "naive_mse": baselines.mean_squared_error(baselines.naive(inputs), targets[:, 0]),
            "least_squares_mse": baselines.mean_squared_error(least_squares, targets[:, 0]),
        }
