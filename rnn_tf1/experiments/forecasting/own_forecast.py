"""The forecast of a person's own series, with error bars in the units of the table."""

import os
import sys
from typing import Any, Callable, Dict, List, Mapping, Sequence, Tuple

import numpy as np
import tensorflow.compat.v1 as tf
from tqdm import tqdm

from rnn_tf1.data.series.table import read_csv
from rnn_tf1.errors import Argument, DataError, Part
from rnn_tf1.experiments import baselines
from rnn_tf1.experiments.experiment import Experiment
from rnn_tf1.experiments.figures import Figure, Figures
from rnn_tf1.experiments.forecasting import own_series, pictures
from rnn_tf1.experiments.forecasting.experiment import Forecasting
from rnn_tf1.experiments.forecasting.own_series import Forecast, Prepared
from rnn_tf1.models.forecaster import Forecaster, ForecasterConfig, MonteCarlo, build_forecaster, build_monte_carlo
from rnn_tf1.ops.mode import Mode
from rnn_tf1.program.terminal import message_text
from rnn_tf1.training import Recipe, Run

MOST_PIECES = 10000  # of an epoch; a longer series is sampled anew for each
INTERVAL = 0.9  # of the values are to lie within the error bars
_QUANTILE = 1.6448536269514722  # of the normal distribution, at (1 + INTERVAL) / 2
WAYS = {"network": "network", "least_squares": "least squares", "naive": "the last value again"}


class OwnSeries(Forecasting):
    """A network with dropout, tested beside the baselines; it forecasts what follows the table.

    The error bars are Monte Carlo dropout's deviation together with the noise that the validation part shows beyond it.

    Args:
      settings: those of ``examples/forecast_csv.py``.
      network: network(values, settings, mode) gives the output of every step; a dense layer forecasts from it.
    """

    figures = Figures(
        "forecast_csv",
        Figure(
            "coverage", "values of the test within the error bars (%.0f %% should be):" % (100 * INTERVAL), "percent"
        ),
    )
    towers = Experiment.towers  # with dropout and without

    def __init__(self, settings: Any, network: Callable[..., Any]):
        recipe = Recipe(settings.epochs, settings.learning_rate)
        super().__init__(settings, recipe, None, batch_size=settings.batch_size)
        self._network = network

    def load(self) -> None:
        path, settings, self.origin = self.settings.csv, self.settings, "real: a file of the user's"
        if path is None:
            path, self.origin = self.picture("example.csv"), "generated: own_series.write_example"
            own_series.write_example(path, settings.seed)
            print("No file was given: this is a generated one, %s" % path)
        self.forecast_path = self.picture("forecast.csv")
        if os.path.realpath(path) == os.path.realpath(self.forecast_path):
            raise DataError(
                "%s would be overwritten by its forecast: choose another folder with " % path, Argument("out_dir"), "."
            )
        self.table = read_csv(path, settings.columns, settings.missing, settings.decimal)
        self.use(
            own_series.prepare(self.table, settings.steps, settings.ahead, settings.lags, settings.valid, settings.test)
        )
        print("%d rows of %s" % (len(self.table.values), ", ".join(self.table.names)), flush=True)

    def use(self, data: Prepared) -> None:
        """Takes the series."""
        self.data, self.table, self.identity = data, data.table, data.identity
        self.train_pieces, self.valid = data.pieces("train"), thinned(data.pieces("valid"), MOST_PIECES)
        dropout = (
            self.settings.keep_prob
        )  # which the network is built with; Monte Carlo dropout asks whether there is any
        self.config = ForecasterConfig(
            steps=data.steps, depth=len(data.table.names), ahead=data.ahead, keep_prob=dropout
        )

    def network(self, mode: Mode) -> Forecaster:
        return build_forecaster(self.config, mode, self._recurrence)

    def _recurrence(self, values: Any, mode: Mode) -> Any:
        return self._network(values, self.settings, mode)

    def pieces(self, epoch: int) -> np.ndarray:
        count = len(self.train_pieces)
        if count <= MOST_PIECES:
            return self.train_pieces
        return self.train_pieces[np.sort(np.random.RandomState([self.seed, epoch]).randint(count, size=MOST_PIECES))]

    def evaluate(self, session: Any, net: Any) -> Dict[str, float]:
        return {"valid_mse": self.error(session, net, self.valid)}

    def sampled(self) -> MonteCarlo:
        """The graph of the error bars."""
        tf.set_random_seed(self.seed)
        return build_monte_carlo(self.config, self.settings.passes, self.seed, self._recurrence)

    def report(self, run: Run) -> Mapping[str, Any]:
        """`coverage`, the part of the test's values within their error bars, and COLUMN_WAY_rmse for each column and way."""
        errors, coverage, tested, after = self.forecasts()
        own_series.write_forecast(self.forecast_path, self.table, after, self.settings.decimal)
        self.draw(tested, after)
        for name in self.table.names:
            line = ", ".join("%s %.4g" % (words, errors[way][name]) for way, words in WAYS.items())
            print("%s, root of the mean squared error on the test rows: %s" % (name, line))
        what_else = advice(errors, self.settings.lags)
        if what_else:
            print(message_text(*what_else))
        values = {"%s_%s_rmse" % (name, way): found[name] for way, found in errors.items() for name in self.table.names}
        return dict(values, coverage=coverage)

    def forecasts(self) -> Tuple[Dict[str, Dict[str, float]], float, Forecast, Forecast]:
        """By way and column, the square roots of the mean squared errors on the test part; the part of its values within the
        error bars; the forecast of its last `ahead` rows, made without them; that of the `ahead` rows after the table."""
        data = self.data
        with self.restored(self.sampled) as (session, net):
            origins = {part: data.origins(part) for part in ("valid", "test")}
            actual = {part: np.array([data.actual(origin) for origin in found]) for part, found in origins.items()}
            mean, variance = self._moments(session, net, origins["valid"])
            noise = np.maximum(np.mean((mean - actual["valid"]) ** 2 - variance, axis=0), 0)

            def with_bars(mean: np.ndarray, variance: np.ndarray) -> Forecast:
                width = _QUANTILE * np.sqrt(variance + noise)
                return Forecast(mean, mean - width, mean + width)

            tested = with_bars(*self._moments(session, net, origins["test"]))
            after = with_bars(*self._moments(session, net, [len(data.scaled)]))
        inside = (tested.low <= actual["test"]) & (actual["test"] <= tested.high)
        errors = {}
        for name, answer in dict(baseline_forecasts(data, origins["test"]), network=tested.mean).items():
            roots = np.sqrt(np.mean((answer - actual["test"]) ** 2, axis=(0, 1)))
            errors[name] = dict(zip(data.table.names, roots.tolist()))
        return errors, float(inside.mean()), _row(tested, -1), _row(after, 0)

    def _moments(self, session: Any, net: MonteCarlo, origins: Any) -> Tuple[np.ndarray, np.ndarray]:
        """Mean and variance over the passes, [origins, ahead, columns], in the units of the table."""
        found, data = [], self.data
        for origin in tqdm(origins, desc="testing", unit="forecast", file=sys.stderr, disable=len(origins) == 1):
            inputs = data.scaled[np.newaxis, origin - data.steps : origin]
            last = session.run(net.samples, {net.inputs: inputs})[:, 0, -1]
            samples = data.undo(last.reshape(len(last), data.ahead, -1), origin)
            found.append((samples.mean(0), samples.var(0)))
        return np.array([mean for mean, _ in found]), np.array([variance for _, variance in found])

    def draw(self, tested: Forecast, after: Forecast) -> None:
        """The last rows of the table and the two forecasts."""
        rows, ahead = len(self.table.values), self.settings.ahead
        times, later = np.arange(1, rows + 1), np.arange(rows + 1, rows + 1 + ahead)
        if self.table.dates is not None:
            times, later = self.table.dates, own_series.next_dates(self.table.dates, ahead)
        shown = slice(-min(rows, 2 * self.settings.steps + 4 * ahead), None)
        pictures.forecast_with_bars(
            times[shown],
            self.table.values[shown],
            {"a forecast of known rows": (times[-ahead:], *tested), "the forecast": (later, *after)},
            self.table.names,
            INTERVAL,
            self.picture("forecast.png"),
            rows,
        )


def advice(errors: Mapping[str, Mapping[str, float]], lags: Sequence[int]) -> Tuple[Part, ...]:
    """What else to try where the network is not the best way to forecast each column, as parts of a message; none where it is.

    Args:
      errors: by way and column.
      lags: of the differences that it forecast.
    """
    lost: List[str] = []
    for name, error in errors["network"].items():
        better = [words for way, words in WAYS.items() if errors[way][name] < error]
        lost += ["to %s for %s" % (" and ".join(better), name)] if better else []
    if not lost:
        return ()
    return (
        "The network loses %s. Where the level drifts, differences help: try " % ", ".join(lost),
        Argument("lags"),
        " with %sas many rows as a day, a week or a year has, and another " % ("" if list(lags) == [1] else "1, or "),
        Argument("out_dir"),
        ".",
    )


def baseline_forecasts(data: Prepared, origins: np.ndarray) -> Dict[str, np.ndarray]:
    """By name, the forecasts [origins, ahead, columns] in the units of the table."""
    shape = (data.ahead, data.scaled.shape[1])
    solved = baselines.LeastSquares(thinned(data.pieces("train"), 10 * MOST_PIECES), data.ahead)
    last = [data.table.values[np.newaxis, origin + data.differences.needed - 1][:, np.newaxis] for origin in origins]
    found = dict(naive=[baselines.naive(row, data.ahead).reshape(shape) for row in last])
    found["least_squares"] = [
        data.undo(solved(data.scaled[np.newaxis, origin - data.steps : origin]).reshape(shape), origin)
        for origin in origins
    ]
    return {name: np.array(rows) for name, rows in found.items()}


def thinned(pieces: np.ndarray, most: int) -> np.ndarray:
    """At most `most` of them, evenly spaced."""
    return pieces[:: -(-len(pieces) // most)]


def _row(forecast: Forecast, row: int) -> Forecast:
    return Forecast(*(part[row] for part in forecast))
