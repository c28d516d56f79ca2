"""What a deep network is trained on: digits that are read row by row, or time series whose state is carried on."""

import os
from typing import Any, Callable, Dict, Iterable, Optional, Tuple

import tensorflow.compat.v1 as tf

from rnn_tf1 import plotting, training
from rnn_tf1.data import batches
from rnn_tf1.data.images import mnist
from rnn_tf1.data.series import generators
from rnn_tf1.experiments.experiment import Experiment
from rnn_tf1.experiments.figures import Figure, Figures
from rnn_tf1.models.classifier import ClassifierConfig, build_classifier
from rnn_tf1.models.forecaster import ForecasterConfig, build_carried_forecaster
from rnn_tf1.ops.mode import Mode
from rnn_tf1.program.files import locked
from rnn_tf1.training import Feed, Recipe, Run, RunFolder

FIGURES = Figures(
    "deep_rnn",
    Figure("test_accuracy", "test accuracy", "percent"),
    Figure("test_mse", "test mean squared error", "%.3g"),
    Figure("naive_mse", "naive forecast", "%.3g"),
    Figure("noise_mse", "the noise alone", "%.3g"),
)


class Task(Experiment):
    """One of the two, with one of the keep probabilities.

    There are two ways to train and to validate: two towers over the same variables, one with dropout and one without, whose
    batch sizes and numbers of steps may differ; or one network, whose dropout a placeholder switches on. The test has a graph
    of its own, which has no dropout op.

    Args:
      settings: those of ``examples/deep_rnn.py``.
      network: network(inputs, settings, keep_prob, mode, initial_state) gives the outputs, [batch, steps, units], and the last
        state; initial_state(cell) is the state to begin with.
      keep_prob: of each layer's output.
    """

    figures = FIGURES

    def __init__(self, settings: Any, network: Callable[..., Tuple[Any, Any]], keep_prob: float):
        super().__init__(settings, Recipe(settings.epochs, settings.learning_rate, clip_norm=settings.clip_norm))
        self.keep_prob, self._network = keep_prob, network
        self.name = "keep_prob %g" % keep_prob
        self._training: Feed = {}  # what each training step is fed besides its batch

    @property
    def folder(self) -> RunFolder:
        made_of = dict(data=self.identity, tensorflow=tf.__version__, mode="train", keep_prob=self.keep_prob)
        path = os.path.join(self.settings.out_dir, self.name.replace(" ", "_"))
        return RunFolder(path, self.settings.identity(**made_of))

    def towers(self) -> Tuple[Any, Any]:
        if self.settings.graph == "towers":
            return super().towers()
        step = tf.train.get_or_create_global_step()
        switch = tf.placeholder_with_default(False, [], name="training")
        net = self.network(Mode(switch, self.seed, step))
        self._training = {switch: True}
        return net, net

    def evaluate(self, session: Any, net: Any) -> Dict[str, float]:
        return {"valid_" + name: value for name, value in self.measure(session, net, "valid").items()}

    def test(self) -> Dict[str, float]:
        """The figures of the best epoch on the test part."""
        with self.restored() as (session, net):
            return self.measure(session, net, "test")

    def report(self, run: Run) -> Dict[str, float]:
        return self.values(self.test())

    def measure(self, session: Any, net: Any, part: str) -> Dict[str, float]:
        """{"loss": ..., ...} of the "valid" or the "test" part."""
        raise NotImplementedError

    def values(self, tested: Dict[str, float]) -> Dict[str, float]:
        """What to publish of the figures of the test part, with others to hold them beside."""
        raise NotImplementedError


class Rows(Task):
    """Digits, read row by row: which of ten is it? With `quick`, at most 3,000 images of each part."""

    def load(self) -> None:
        data, size = mnist.load(self.settings.data_dir), 3000 if self.settings.quick else None
        self.parts = dict(zip(("train", "valid", "test"), data.at_most(size)[:3]))
        self.origin, self.identity = data.origin, data.identity
        self.steps_per_epoch = batches.batch_count(len(self.parts["train"].labels), self.settings.batch_size)

    def network(self, mode: Mode) -> Any:
        def recurrence(rows: Any, mode: Mode) -> Any:
            return self._network(rows, self.settings, self.keep_prob, mode, lambda cell: None)[0]

        return build_classifier(ClassifierConfig(initializer=self.settings.initializer), mode, recurrence)

    def shown(self, net: Any) -> Dict[str, Any]:
        return {"loss": net.loss, "accuracy": net.accuracy}

    def batches(self, net: Any, epoch: int, start: int) -> Iterable[Feed]:
        shuffled = batches.batches(self.parts["train"], self.settings.batch_size, self.seed, epoch, start)
        for images, labels in shuffled:
            yield {net.inputs: images, net.labels: labels, **self._training}

    def measure(self, session: Any, net: Any, part: str) -> Dict[str, float]:
        digits = self.parts[part]
        feed = {net.inputs: digits.images, net.labels: digits.labels}
        found = training.predict(session, dict(loss=net.losses, accuracy=net.correct), feed)
        return {name: float(values.mean()) for name, values in found.items()}

    def values(self, tested: Dict[str, float]) -> Dict[str, float]:
        return {"test_" + name: value for name, value in tested.items()}


class Series(Task):
    """Time series of two waves and noise, read in pieces with the state carried between them: what is the next value?

    As many series to train on as the batch has rows, read side by side, and 4 times as many to validate and to test, of 1,000
    values, or, with `quick`, of 200. A piece has 50 values in training; a test graph reads 100 at a time, of 4 times as many
    series, and so has a carried state of its own.
    """

    monitor: Optional[str] = "valid_loss"
    lower_is_better = True
    piece = 50

    def load(self) -> None:
        length, rows = 200 if self.settings.quick else 1000, self.settings.batch_size
        self.parts, first = {}, 0
        for part, count in (("train", rows), ("valid", 4 * rows), ("test", 4 * rows)):
            self.parts[part] = generators.two_waves(count, length + 1, self.seed, first)
            first += count
        self.origin = self.identity = "generated: two_waves, %d series of %d values" % (first, length + 1)
        self.steps_per_epoch = length // self.piece

    def network(self, mode: Mode) -> Any:
        def recurrence(values: Any, initial_state: Callable[[Any], Any], mode: Mode) -> Tuple[Any, Any]:
            return self._network(values, self.settings, self.keep_prob, mode, initial_state)

        name, rows, piece = "carried", self.settings.batch_size, self.piece
        if mode.is_training is False:
            name, rows, piece = "carried_test", 4 * rows, 2 * piece
        config = ForecasterConfig(steps=piece, initializer=self.settings.initializer)
        return build_carried_forecaster(config, rows, mode, name, recurrence)

    def batches(self, net: Any, epoch: int, start: int) -> Iterable[Feed]:
        return ({**feed, **self._training} for feed in self.pieces(net, "train", start))

    def measure(self, session: Any, net: Any, part: str) -> Dict[str, float]:
        losses = [session.run([net.loss, net.carry], feed)[0] for feed in self.pieces(net, part)]
        return {"loss": float(sum(losses) / len(losses))}

    def values(self, tested: Dict[str, float]) -> Dict[str, float]:
        """Mean squared errors: of the test, of the forecast that nothing changes, and of one that knows all but the noise."""
        values = self.parts["test"]
        naive = float(((values[:, 1:] - values[:, :-1]) ** 2).mean())
        return {"test_mse": tested["loss"], "naive_mse": naive, "noise_mse": generators.NOISE_VARIANCE}

    def pieces(self, net: Any, part: str, start: int = 0) -> Iterable[Feed]:
        """The feeds of a part, from piece `start` on: as many series and steps as the graph has, group by group."""
        rows, piece, _ = net.inputs.shape.as_list()
        pieces = (self.parts[part].shape[1] - 1) // piece
        for number in range(start, pieces * len(self.parts[part]) // rows):
            group, place = divmod(number, pieces)
            values = self.parts[part][group * rows : (group + 1) * rows, place * piece : (place + 1) * piece + 1]
            yield {net.inputs: values[:, :-1], net.targets: values[:, 1:], net.begins: [place == 0] * rows}


TASKS = {"rows": Rows, "series": Series}


def main(settings: Any, network: Callable[..., Tuple[Any, Any]]) -> None:
    """Trains with each keep probability, unless the mode is "test", and tests; draws, and publishes what was trained."""
    runs: Dict[str, Run] = {}
    tested: Dict[str, Dict[str, float]] = {}
    with locked(settings.out_dir):
        tasks = [TASKS[settings.task](settings, network, keep_prob) for keep_prob in settings.keep_prob]
        for task in tasks:
            task.load()
            if settings.mode == "train":
                print("%s: %d epochs, in %s" % (task.name, settings.epochs, task.folder.path))
                runs[task.name] = task.train()
            tested[task.name] = task.test()
            found = ", ".join("test %s %.5g" % item for item in sorted(tested[task.name].items()))
            print("%s: %s" % (task.name, found), flush=True)
        if runs:
            best = {name: run.best_epoch for name, run in runs.items()}
            histories = {name: run.history for name, run in runs.items()}
            plotting.compared_curves(histories, best, tested, os.path.join(settings.out_dir, "curves.png"))
            values = dict(runs=tested, **tasks[0].values(tested[tasks[0].name]))
            FIGURES.publish(settings, tasks[0].origin, sum(run.seconds for run in runs.values()), values)
