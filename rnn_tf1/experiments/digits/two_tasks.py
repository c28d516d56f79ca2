"""What a deep network is trained on: digits that are read row by row, or time series; both answer the same calls::

    net = task.build(config, mode)                the graph
    task.tensors(net), task.beside(net)           what to show of a training step, and the ops to run beside it
    task.feeds(net, more)                         the batches of an epoch, for `training.fit`; `more` goes into each feed
    task.evaluate(session, net, part)             {"loss": ..., ...} of the "valid" or the "test" part
    task.metrics(found)                           what to publish of the test part's, with figures to hold them beside

`Rows` and `Series` are the two.
"""

from typing import Any, Callable, Dict, Iterable, List, Optional

import tensorflow.compat.v1 as tf

from rnn_tf1 import training
from rnn_tf1.data import batches
from rnn_tf1.data.images import mnist
from rnn_tf1.data.series import generators
from rnn_tf1.models.classifier import ClassifierConfig, build_classifier
from rnn_tf1.models.forecaster import ForecasterConfig, build_carried_forecaster
from rnn_tf1.ops.mode import Mode
from rnn_tf1.training import runs

Figures = Dict[str, float]
Feeds = Callable[[int, int], Iterable[training.Feed]]


class Rows(object):
    """Digits, read row by row: which of ten is it?

    Args:
      batch_size: images in a training step.
      seed: of the order of the images and of the dropout masks.
      data_dir: see `mnist.load`.
      quick: at most 3,000 images of each part.
    """

    monitor, lower_is_better = "valid_accuracy", False

    def __init__(self, batch_size: int, seed: int, data_dir: Optional[str] = None, quick: bool = False):
        data, size = mnist.load(data_dir), 3000 if quick else None
        parts = [mnist.Digits(part.images[:size], part.labels[:size]) for part in data[:3]]
        self._parts = dict(zip(("train", "valid", "test"), parts))
        self._batch_size, self._seed = batch_size, seed
        self.source, self.identity = data.origin, data.identity
        self.steps_per_epoch = batches.batch_count(len(parts[0].labels), batch_size)

    def build(self, config: Dict[str, Any], mode: Mode) -> Any:
        """The graph. It takes batches of any size."""
        return build_classifier(ClassifierConfig(**config), mode)

    def tensors(self, net: Any) -> Dict[str, Any]:
        return {"loss": net.loss, "accuracy": net.accuracy}

    def beside(self, net: Any) -> List[Any]:
        return []

    def feeds(self, net: Any, more: training.Feed) -> Feeds:
        def feeds(epoch: int, start: int) -> Iterable[training.Feed]:
            for images, labels in batches.batches(self._parts["train"], self._batch_size, self._seed, epoch, start):
                yield {net.inputs: images, net.labels: labels, **more}

        return feeds

    def evaluate(self, session: Any, net: Any, part: str) -> Figures:
        digits = self._parts[part]
        feed = {net.inputs: digits.images, net.labels: digits.labels}
        found = training.predict(session, dict(loss=net.losses, accuracy=net.correct), feed)
        return {name: float(values.mean()) for name, values in found.items()}

    def metrics(self, found: Figures) -> Figures:
        return {"test_" + name: value for name, value in found.items()}


class Series(object):
    """Time series of two waves and noise, read in pieces with the state carried between them: what is the next value?

    Args:
      batch_size: the series to train on, which are read side by side; there are 4 times as many to validate and to test.
      seed: of the series and of the dropout masks.
      data_dir: unused, for the series are generated.
      quick: series of 200 values instead of 1,000.

    A piece has 50 values in training; a test graph reads 100 at a time, of 4 times as many series.
    """

    monitor, lower_is_better = "valid_loss", True

    def __init__(self, batch_size: int, seed: int, data_dir: Optional[str] = None, quick: bool = False):
        length, piece = 200 if quick else 1000, 50
        self._seed, self._batch_size, self._piece = seed, batch_size, piece
        counts = {"train": batch_size, "valid": 4 * batch_size, "test": 4 * batch_size}
        self._series, first = {}, 0
        for part, count in counts.items():
            self._series[part] = generators.two_waves(count, length + 1, seed, first)
            first += count
        self.source = self.identity = "generated: two_waves, %d series of %d values" % (first, length + 1)
        self.steps_per_epoch = length // piece

    def build(self, config: Dict[str, Any], mode: Mode) -> Any:
        """The graph; one that is never trained has its own batch size and length of piece, and so its own carried state."""
        name, rows, piece = "carried", self._batch_size, self._piece
        if mode.is_training is False:
            name, rows, piece = "carried_test", 4 * rows, 2 * piece
        return build_carried_forecaster(ForecasterConfig(steps=piece, **config), rows, mode, name)

    def tensors(self, net: Any) -> Dict[str, Any]:
        return {"loss": net.loss}

    def beside(self, net: Any) -> List[Any]:
        return [net.carry]

    def feeds(self, net: Any, more: training.Feed) -> Feeds:
        return lambda epoch, start: self._feeds(net, "train", start, more)

    def evaluate(self, session: Any, net: Any, part: str) -> Figures:
        losses = [session.run([net.loss, net.carry], feed)[0] for feed in self._feeds(net, part, 0, {})]
        return {"loss": float(sum(losses) / len(losses))}

    def metrics(self, found: Figures) -> Figures:
        """Mean squared errors: of the test, of the forecast that nothing changes, and of one that knows all but the noise."""
        values = self._series["test"]
        naive = float(((values[:, 1:] - values[:, :-1]) ** 2).mean())
        return {"test_mse": found["loss"], "naive_mse": naive, "noise_mse": generators.NOISE_VARIANCE}

    def _feeds(self, net: Any, part: str, start: int, more: training.Feed) -> Iterable[training.Feed]:
        rows, piece, _ = net.inputs.shape.as_list()
        pieces = (self._series[part].shape[1] - 1) // piece
        for number in range(start, pieces * len(self._series[part]) // rows):
            group, place = divmod(number, pieces)
            values = self._series[part][group * rows : (group + 1) * rows, place * piece : (place + 1) * piece + 1]
            yield {net.inputs: values[:, :-1], net.targets: values[:, 1:], net.begins: [place == 0] * rows, **more}


TASKS = {"rows": Rows, "series": Series}


def train(task: Any, config: Dict[str, Any], folder: str, settings: Dict[str, Any], flags: Any) -> runs.Trained:
    """Trains and validates in one graph; see `training.runs.train`.

    There are two ways: two towers over the same variables, one with dropout and one without, whose batch sizes and numbers
    of steps may differ; or one network, whose dropout a placeholder switches on.

    Args:
      config: see `StackConfig`.
      folder, settings: see `training.fit`, out_dir and config.
      flags: seed, graph ("towers" or "switch"), learning_rate, clip_norm and epochs.
    """

    def build(step: Any) -> runs.Net:
        if flags.graph == "towers":
            trained, more = task.build(config, Mode(True, flags.seed, step)), {}
            with tf.variable_scope(tf.get_variable_scope(), reuse=True):
                validated = task.build(config, Mode(False))
        else:
            switch = tf.placeholder_with_default(False, [], name="training")
            trained = validated = task.build(config, Mode(switch, flags.seed, step))
            more = {switch: True}

        def evaluate(session: Any) -> Figures:
            return {"valid_" + name: value for name, value in task.evaluate(session, validated, "valid").items()}

        return runs.Net(trained.loss, task.tensors(trained), task.feeds(trained, more), evaluate, task.beside(trained))

    recipe = runs.Recipe(flags.epochs, flags.learning_rate, flags.clip_norm)
    how = dict(monitor=task.monitor, lower_is_better=task.lower_is_better)
    return runs.train(build, recipe, task.steps_per_epoch, folder, settings, flags.seed, **how)


def test(task: Any, config: Dict[str, Any], folder: str, settings: Dict[str, Any]) -> Figures:
    """The figures of the best epoch on the test part, from a graph of its own, which has no dropout op."""
    with runs.restored(lambda: task.build(config, Mode(False)), folder, settings) as (session, tested):
        return task.evaluate(session, tested, "test")
