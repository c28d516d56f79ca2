"""Every model on the same series: what the book says, and what comes out. Trained runs are read back."""

import dataclasses
import os
import re
import time
from typing import Any, Callable, Dict, NamedTuple, Optional, Sequence, Tuple

import numpy as np
import tensorflow.compat.v1 as tf

from rnn_tf1 import training
from rnn_tf1.data.series import generators, windows
from rnn_tf1.experiments import baselines
from rnn_tf1.experiments.forecasting import fitting
from rnn_tf1.models import forecaster, generator, linear, wavenet
from rnn_tf1.models.forecaster import ForecasterConfig
from rnn_tf1.program.files import locked, write_json

STEPS = 50  # values that are read
PARTS = {"train": slice(0, 7000), "valid": slice(7000, 9000), "test": slice(9000, 10000)}
EPOCHS, BATCH_SIZE, CLIP_NORM = 20, 32, 1.0

BUILDERS: Dict[type, Callable[[Any], forecaster.Forecaster]] = {
    linear.LinearConfig: linear.build_linear,
    wavenet.WavenetConfig: wavenet.build_wavenet,
    ForecasterConfig: forecaster.build_forecaster,
}


class Model(NamedTuple):
    """A line of the table."""

    ahead: int  # the values to forecast after the window: 1 or 10
    name: str
    config: Any  # of its builder; None for a baseline, which `baseline` names
    book: Optional[float] = None  # mean squared error as printed in Geron 2019, chapter 15
    original: str = ""  # as measured from the book's own code
    learning_rate: float = 0.005
    decay: bool = True  # the learning rate falls to 0 along a cosine; the book keeps it
    baseline: Optional[Callable[[np.ndarray, np.ndarray, int], np.ndarray]] = None
    iterated: bool = False  # trained to forecast one value, which it reads to forecast the next

    @property
    def slug(self) -> str:
        """The name, as part of a file's."""
        return "_".join(re.findall("[a-z0-9]+", self.name.lower()))

    @property
    def recipe(self) -> str:
        """How it is trained, for the settings of a run."""
        decay = " along a cosine" if self.decay else ""
        return "Adam %g%s, batch %d, clip %g" % (self.learning_rate, decay, BATCH_SIZE, CLIP_NORM)


def _naive(train: np.ndarray, inputs: np.ndarray, ahead: int) -> np.ndarray:
    return baselines.naive(inputs, ahead)


def _least_squares(train: np.ndarray, inputs: np.ndarray, ahead: int) -> np.ndarray:
    return baselines.LeastSquares(train, ahead)(inputs)


def _recurrent(ahead: int, cell: str = "basic", **sizes: Any) -> ForecasterConfig:
    return ForecasterConfig(**dict(dict(cell=cell, units=20, layers=2, steps=STEPS, ahead=ahead), **sizes))


MODELS = [
    Model(1, "naive", None, 0.020, "0.02021", baseline=_naive),
    Model(1, "linear", linear.LinearConfig(STEPS), 0.004, "0.0038", 0.001, False),
    Model(1, "least squares", None, None, "0.00293", baseline=_least_squares),
    Model(1, "one neuron", _recurrent(1, units=1, layers=1, head="none", every_step=False), 0.014, "0.0109"),
    Model(1, "RNN 20-20", _recurrent(1, every_step=False), 0.003, "0.0025"),
    Model(1, "GRU 20-20, every step", _recurrent(1, "gru"), learning_rate=0.01),
    Model(10, "naive", None, 0.223, "0.257", baseline=_naive),
    Model(10, "linear", linear.LinearConfig(STEPS, ahead=10), 0.0188, "0.0189", 0.001, False),
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


def run(
    model: Model, data: Dict[str, np.ndarray], seed: int, epochs: int, folder: str, settings: Any
) -> Dict[str, Any]:
    """Trains one model, or computes one baseline; a finished run is read back.

    Args:
      data: from `pieces`.
      seed: of the first weights and of the order of the series.
      folder: of this run alone.
      settings: what the run is made of, by name.

    Returns:
      What result.json holds: `settings`, `valid` and `test`, the mean squared errors of the last step's forecasts after the
      last epoch, `curve`, the error on the validation series after each epoch, and `seconds` of training.
    """
    known = training.read_finished(folder, settings)
    if known is not None:
        return known
    if model.baseline:
        started = time.monotonic()
        result: Dict[str, Any] = {part: _baseline_error(model, data, part) for part in ("valid", "test")}
        result.update(curve=[], seconds=time.monotonic() - started)
        os.makedirs(folder, exist_ok=True)
    else:
        with locked(folder), tf.Graph().as_default(), tf.Session(config=training.session_config()) as session:
            result = _train(session, model, data, seed, epochs, folder, settings)
    result = dict(settings=settings, **result)
    write_json(os.path.join(folder, "result.json"), result)
    return result


def _baseline_error(model: Model, data: Dict[str, np.ndarray], part: str) -> float:
    assert model.baseline is not None
    inputs, targets = windows.inputs_and_targets(data[part], model.ahead, every_step=False)
    return baselines.mean_squared_error(model.baseline(data["train"], inputs, model.ahead), targets[:, 0])


def _train(session: Any, model: Model, data: Any, seed: int, epochs: int, folder: str, settings: Any) -> Dict[str, Any]:
    tf.set_random_seed(seed)
    net, predict = _build(model)
    trained = data["train"][:, : STEPS + model.config.ahead]

    def error(part: str) -> float:
        inputs, targets = windows.inputs_and_targets(data[part], model.ahead, every_step=False)
        return baselines.mean_squared_error(predict(session, inputs), targets[:, 0])

    fitted = fitting.train(
        session,
        net,
        model.config,
        lambda epoch: trained,
        lambda: {"valid_mse": error("valid")},
        fitting.Recipe(model.learning_rate, epochs, BATCH_SIZE, model.decay, CLIP_NORM, seed=seed),
        folder,
        settings,
        monitor="epoch",  # the last epoch counts, as in the book
    )
    curve = [row["valid_mse"] for row in fitted.history]
    return dict(valid=error("valid"), test=error("test"), curve=curve, seconds=fitted.seconds)


def _build(model: Model) -> Tuple[Any, Callable[[Any, np.ndarray], np.ndarray]]:
    """The graph to train, and a function of (session, inputs) that gives the forecasts [batch, ahead]."""
    net = BUILDERS[type(model.config)](model.config)
    if not model.iterated:
        last = net.predictions[:, -1]
        return net, lambda session, inputs: training.predict(session, {"last": last}, {net.inputs: inputs})["last"]
    with tf.variable_scope(tf.get_variable_scope(), reuse=True):
        made = generator.build_sliding_generator(model.config)
    return net, lambda session, inputs: session.run(made.values, {made.window: inputs, made.count: model.ahead})[
        :, :, 0
    ]


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
