"""Every model on the same series: what the book says, and what comes out. Trained runs are read back."""

import dataclasses
import os
import re
import time
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Sequence, Tuple

import numpy as np
import tensorflow.compat.v1 as tf

from rnn_tf1 import training
from rnn_tf1.data.series import generators, windows
from rnn_tf1.experiments import baselines
from rnn_tf1.experiments.figures import Figure, Figures
from rnn_tf1.experiments.forecasting import pictures
from rnn_tf1.experiments.forecasting.experiment import Forecasting, forecasts
from rnn_tf1.models import forecaster, linear, wavenet
from rnn_tf1.models.forecaster import ForecasterConfig
from rnn_tf1.models.generator import build_sliding_generator
from rnn_tf1.ops.mode import TESTING, Mode
from rnn_tf1.program.files import atomic_path, locked, make_directory, write_json
from rnn_tf1.training import Recipe, Run, RunFolder

STEPS = 50  # values that are read
PARTS = {"train": slice(0, 7000), "valid": slice(7000, 9000), "test": slice(9000, 10000)}
BATCH_SIZE = 32
FIGURES = Figures(
    "series_benchmark",
    Figure("best_1_ahead_valid_mse", "validation error of the best network, one value ahead", "%.5f"),
    Figure("1_least_squares_valid_mse", "least squares", "%.5f"),
    Figure("best_10_ahead_valid_mse", "ten ahead", "%.5f"),
    Figure("10_least_squares_valid_mse", "least squares", "%.5f"),
    Figure("noise_mse", "the noise alone", "%.3g"),
)


class Model(NamedTuple):
    """A line of the table."""

    ahead: int  # the values to forecast after the window: 1 or 10
    name: str
    config: Any  # of its builder; None for a baseline, which `baseline` names
    book: Optional[float] = None  # mean squared error as printed in Geron 2019, chapter 15
    original: str = ""  # as measured from the book's own code
    learning_rate: float = 0.005
    decay: str = "cosine"  # of the learning rate; the book keeps it
    baseline: Optional[Callable[[np.ndarray, np.ndarray, int], np.ndarray]] = None
    iterated: bool = False  # trained to forecast one value, which it reads to forecast the next

    @property
    def slug(self) -> str:
        """The name, as part of a file's."""
        return "_".join(re.findall("[a-z0-9]+", self.name.lower()))


def _naive(train: np.ndarray, inputs: np.ndarray, ahead: int) -> np.ndarray:
    return baselines.naive(inputs, ahead)


def _least_squares(train: np.ndarray, inputs: np.ndarray, ahead: int) -> np.ndarray:
    return baselines.LeastSquares(train, ahead)(inputs)


def _recurrent(ahead: int, cell: str = "basic", **sizes: Any) -> ForecasterConfig:
    return ForecasterConfig(**dict(dict(cell=cell, units=20, layers=2, steps=STEPS, ahead=ahead), **sizes))


MODELS = [
    Model(1, "naive", None, 0.020, "0.02021", baseline=_naive),
    Model(1, "linear", linear.LinearConfig(STEPS), 0.004, "0.0038", 0.001, "none"),
    Model(1, "least squares", None, None, "0.00293", baseline=_least_squares),
    Model(1, "one neuron", _recurrent(1, units=1, layers=1, head="none", every_step=False), 0.014, "0.0109"),
    Model(1, "RNN 20-20", _recurrent(1, every_step=False), 0.003, "0.0025"),
    Model(1, "GRU 20-20, every step", _recurrent(1, "gru"), learning_rate=0.01),
    Model(10, "naive", None, 0.223, "0.257", baseline=_naive),
    Model(10, "linear", linear.LinearConfig(STEPS, ahead=10), 0.0188, "0.0189", 0.001, "none"),
    Model(10, "least squares", None, None, "0.0155", baseline=_least_squares),
    Model(10, "one-step RNN, iterated", _recurrent(1, every_step=False), 0.029, "0.022", iterated=True),
    Model(10, "sequence to vector", _recurrent(10, every_step=False), 0.008, "0.0055 to 0.0085"),
    Model(10, "sequence to sequence", _recurrent(10), 0.006, "0.0059 to 0.0096", 0.01),
    Model(10, "LSTM", _recurrent(10, "lstm"), None, "0.0087", 0.01),
    Model(10, "GRU", _recurrent(10, "gru"), None, "0.0061", 0.01),
    Model(10, "layer norm", _recurrent(10, "layer_norm"), None, "0.0106", 0.01),
    Model(10, "Conv1D + GRU", _recurrent(10, "gru", filters=20), None, "0.0065", 0.01),
    Model(10, "WaveNet", wavenet.WavenetConfig(STEPS, ahead=10), None, "0.0061", 0.01),
    Model(10, "WaveNet, gated", wavenet.WavenetConfig(STEPS, ahead=10, gated=True), learning_rate=0.01),
    Model(10, "GRU 64-64", _recurrent(10, "gru", units=64)),
]


def quick_model(model: Model) -> Model:
    """The same with a loop instead of a static graph, which takes longer to build than a quick run has."""
    if not isinstance(model.config, ForecasterConfig):
        return model
    return model._replace(config=dataclasses.replace(model.config, unroll="dynamic"))


def pieces(ahead: int, quick: bool = False) -> Dict[str, np.ndarray]:
    """The series of the book in three parts; each [count, STEPS + ahead, 1]."""
    whole = generators.two_waves_of_the_book(10000, STEPS + ahead)
    return {part: whole[rows][: 200 if quick else None] for part, rows in PARTS.items()}


class Comparison(Forecasting):
    """One of the models, from one seed.

    Args:
      settings: those of ``examples/series_benchmark.py``.
      network: network(values, config) gives the output of every step of the recurrent models; a dense layer forecasts from it.
      model: whose figures these are.
      seed: of the first weights and of the order of the series.
    """

    figures = FIGURES
    monitor = None  # the last epoch counts, as in the book

    def __init__(self, settings: Any, network: Callable[..., Any], model: Model, seed: int):
        recipe = Recipe(settings.epochs, model.learning_rate, decay=model.decay)
        made_of = dict(model=repr(model.config), recipe=repr(recipe), seed=seed, epochs=settings.epochs)
        made_of.update(quick=settings.quick, tensorflow=tf.__version__)
        path = os.path.join(settings.out_dir, "%d_%s_%d" % (model.ahead, model.slug, seed))
        super().__init__(settings, recipe, model.config, RunFolder(path, made_of), BATCH_SIZE)
        self.model, self._network, self._seed = model, network, seed

    @property
    def seed(self) -> int:
        return self._seed

    def load(self) -> None:
        self.data = pieces(self.model.ahead, self.settings.quick)

    def pieces(self, epoch: int) -> np.ndarray:
        return self.data["train"][:, : STEPS + self.config.ahead]

    def network(self, mode: Mode) -> forecaster.Forecaster:
        if isinstance(self.config, linear.LinearConfig):
            return linear.build_linear(self.config)
        if isinstance(self.config, wavenet.WavenetConfig):
            return wavenet.build_wavenet(self.config)
        return forecaster.build_forecaster(self.config, mode, self._recurrence)

    def _recurrence(self, values: Any, mode: Mode) -> Any:
        return self._network(values, self.config)

    def towers(self) -> Tuple[Any, Any]:
        """(what is trained; a function of (session, inputs) that gives the forecasts [batch, ahead])"""
        net = self.network(TESTING)
        if not self.model.iterated:
            return net, lambda session, inputs: forecasts(session, net, inputs)[:, -1]
        with tf.variable_scope(tf.get_variable_scope(), reuse=True):
            made = build_sliding_generator(
                self.config, lambda config, window: forecaster.forecast(config, window, TESTING, self._recurrence)
            )
        feed = lambda inputs: {made.window: inputs, made.count: self.model.ahead}  # noqa: E731
        return net, lambda session, inputs: session.run(made.values, feed(inputs))[:, :, 0]

    def evaluate(self, session: Any, net: Any) -> Dict[str, float]:
        return {"valid_mse": self.mse("valid", lambda inputs: net(session, inputs))}

    def mse(self, part: str, predict: Callable[[np.ndarray], np.ndarray]) -> float:
        """The mean squared error of the forecasts after the last step."""
        inputs, targets = windows.inputs_and_targets(self.data[part], self.model.ahead, every_step=False)
        return baselines.mean_squared_error(predict(inputs), targets[:, 0])

    def report(self, run: Run) -> Dict[str, Any]:
        with self.restored(lambda: self.towers()[1]) as (session, predict):
            result: Dict[str, Any] = {
                part: self.mse(part, lambda inputs: predict(session, inputs)) for part in ("valid", "test")
            }
        return dict(result, curve=[row["valid_mse"] for row in run.history], seconds=run.seconds)

    def result(self) -> Dict[str, Any]:
        """Trains the model, or computes the baseline; a finished run is read back.

        Returns:
          What result.json holds: `settings`, `valid` and `test`, the mean squared errors after the last epoch, `curve`, the
          error on the validation series after each epoch, and `seconds` of training.
        """
        path, made_of = self.folder.path, self.folder.settings
        known = training.read_finished(path, made_of)
        if known is not None:
            return known
        with locked(path):
            result = dict(settings=made_of, **(self._baseline() if self.model.baseline else self.report(self.train())))
            write_json(os.path.join(path, "result.json"), result)
        return result

    def _baseline(self) -> Dict[str, Any]:
        started, baseline = time.monotonic(), self.model.baseline
        assert baseline is not None
        train, ahead = self.data["train"], self.model.ahead
        result: Dict[str, Any] = {
            part: self.mse(part, lambda inputs: baseline(train, inputs, ahead)) for part in ("valid", "test")
        }
        return dict(result, curve=[], seconds=time.monotonic() - started)


def main(settings: Any, network: Callable[..., Any]) -> None:
    """Goes through the models, draws their errors, and publishes."""
    make_directory(settings.out_dir)
    models = [model for model in MODELS if model.ahead in settings.ahead]
    if settings.quick:
        models = [quick_model(model) for model in models]
    runs: List[List[Dict[str, Any]]] = []
    for number, model in enumerate(models, 1):
        print("%d of %d: %d ahead, %s" % (number, len(models), model.ahead, model.name), flush=True)
        runs.append([])
        for seed in range(settings.seed, settings.seed + (1 if model.baseline else settings.seeds)):
            one = Comparison(settings, network, model, seed)
            one.load()
            runs[-1].append(one.result())
        print(table([model], runs[-1:]).splitlines()[-1], flush=True)
    with atomic_path(os.path.join(settings.out_dir, "table.md")) as temporary, open(temporary, "w") as file:
        file.write(table(models, runs) + "\n")
    print(table(models, runs))
    panels: Dict[str, Any] = {}
    for model, found in zip(models, runs):
        panel = panels.setdefault("%d value%s ahead" % (model.ahead, "s" * (model.ahead > 1)), {})
        panel[model.name] = dict(values=[run["valid"] for run in found], book=model.book)
    pictures.model_errors(panels, generators.NOISE_VARIANCE, one.picture("errors.png"))
    seconds = sum(run["seconds"] for found in runs for run in found)
    data = "generated: two_waves_of_the_book, 10000 series"
    FIGURES.publish(settings, data, seconds, dict(means(models, runs), noise_mse=generators.NOISE_VARIANCE))


def means(models: Sequence[Model], runs: Sequence[Sequence[Dict[str, Any]]]) -> Dict[str, Any]:
    """By what metrics.json calls them: the errors of each model, over its seeds, and the best model of each task."""
    values: Dict[str, Any] = {}
    for part in ("valid", "test"):
        for model, found in zip(models, runs):
            values["%d_%s_%s_mse" % (model.ahead, model.slug, part)] = sum(run[part] for run in found) / len(found)
    for ahead in sorted({model.ahead for model in models}):
        names = {
            model.name: values["%d_%s_valid_mse" % (ahead, model.slug)] for model in models if model.ahead == ahead
        }
        best = min(names, key=lambda name: (names[name], name))
        values["best_%d_ahead" % ahead], values["best_%d_ahead_valid_mse" % ahead] = best, names[best]
    return values


def table(models: Sequence[Model], runs: Sequence[Sequence[Dict[str, Any]]]) -> str:
    """A Markdown table: a line for each model, whose runs differ in their seed."""
    lines = [
        "| ahead | model | book | its code | validation | seeds | test | seconds |",
        "|---:|---|---:|---:|---:|---:|---:|---:|",
    ]
    for model, found in zip(models, runs):
        valid, test = [[one[part] for one in found] for part in ("valid", "test")]
        spread = "" if model.baseline else "%.5f to %.5f" % (min(valid), max(valid))
        seconds = "" if model.baseline else "%.0f" % np.mean([one["seconds"] for one in found])
        cells = [str(model.ahead), model.name, "" if model.book is None else "%g" % model.book, model.original]
        cells += ["%.5f" % np.mean(valid), spread, "%.5f" % np.mean(test), seconds]
        lines.append("| %s |" % " | ".join(cells))
    return "\n".join(lines)
