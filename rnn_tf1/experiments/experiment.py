"""What an example trains, and what it publishes.

An `Experiment` is one network that is trained and judged. An example that compares several trains one after the other.
"""

import contextlib
import os
from typing import Any, Callable, Dict, Iterable, Iterator, Mapping, Optional, Sequence, Tuple

import tensorflow.compat.v1 as tf

from rnn_tf1 import training
from rnn_tf1.errors import Part, renamed
from rnn_tf1.ops.mode import Mode
from rnn_tf1.experiments.figures import Figures
from rnn_tf1.program.files import locked
from rnn_tf1.training import Feed, Recipe, Run, RunFolder


class Experiment(object):
    """A network that is trained and judged. Six members say all of it::

        load()                        reads the data, and says how many steps an epoch has: `steps_per_epoch`
        network(mode)                 builds the graph: placeholders in, tensors out, one of them `loss`
        batches(net, epoch, start)    the feeds of an epoch, from batch `start` on
        evaluate(session, net)        the figures of the validation part, after each epoch
        figures                       what is published; see `figures.Figures`
        report(run)                   tests the best weights, draws, and gives the values of `figures`

    `main` goes through them. With a recipe and a folder of its own, an experiment is one of several that an example compares.

    Args:
      settings: the `Settings` of the example.
      recipe: how it is trained.
      folder: of this run; default: that of the settings, and nothing but the settings and the data makes the run.
    """

    figures: Figures
    monitor: Optional[str] = "valid_accuracy"  # the figure of `evaluate` that says which epoch is best; None: the last one
    lower_is_better = False
    steps_per_epoch = 0
    origin = identity = ""  # of the data: where from, and its checksum
    advice: Sequence[Part] = training.LOWER_RATE  # what to do where the loss is not finite

    def __init__(self, settings: Any, recipe: Recipe, folder: Optional[RunFolder] = None):
        self.settings, self.recipe, self._folder = settings, recipe, folder

    def load(self) -> None:
        raise NotImplementedError

    def network(self, mode: Mode) -> Any:
        raise NotImplementedError

    def batches(self, net: Any, epoch: int, start: int) -> Iterable[Feed]:
        raise NotImplementedError

    def evaluate(self, session: Any, net: Any) -> Dict[str, float]:
        raise NotImplementedError

    def report(self, run: Run) -> Mapping[str, Any]:
        raise NotImplementedError

    # What most experiments leave as it is.

    @property
    def folder(self) -> RunFolder:
        if self._folder is None:
            made_of = self.settings.identity(data=self.identity, tensorflow=tf.__version__)
            self._folder = RunFolder(self.settings.out_dir, made_of)
        return self._folder

    @property
    def seed(self) -> int:
        return int(self.settings.seed)

    def towers(self) -> Tuple[Any, Any]:
        """(what is trained, what is evaluated): two graphs over the same variables, the second without dropout."""
        step = tf.train.get_or_create_global_step()
        trained = self.network(Mode(True, self.seed, step))
        with tf.variable_scope(tf.get_variable_scope(), reuse=True):
            return trained, self.network(Mode(False))

    def shown(self, net: Any) -> Dict[str, Any]:
        """Scalars of the training graph that the progress bar shows; "loss" is one of them."""
        return {"loss": net.loss}

    def begin(self, session: Any) -> None:
        """May give the variables of a new run other values than their own."""

    def train(self) -> Run:
        """Trains in a graph of its own, and goes on where the run in the folder was stopped; see `training.fit`."""
        with tf.Graph().as_default(), tf.Session(config=training.session_config()) as session:
            tf.set_random_seed(self.seed)
            trained, evaluated = self.towers()
            train_op = self.recipe.train_op(trained.loss, self.steps_per_epoch)._replace(advice=self.advice)
            if hasattr(trained, "carry"):  # the state that the next batch begins with
                train_op = train_op._replace(op=tf.group(train_op.op, trained.carry))
            with renamed(out_dir="folder"):
                return training.fit(
                    session,
                    train_op,
                    self.shown(trained),
                    lambda epoch, start: self.batches(trained, epoch, start),
                    lambda: self.evaluate(session, evaluated),
                    self.recipe.schedule(self.steps_per_epoch, self.monitor, self.lower_is_better),
                    self.folder,
                    self.begin,
                )

    @contextlib.contextmanager
    def restored(self, build: Optional[Callable[[], Any]] = None) -> Iterator[Tuple[Any, Any]]:
        """(session, net): a graph of its own with the best weights of the run.

        Args:
          build: what builds it; default: `network`, without dropout.
        """
        with tf.Graph().as_default(), tf.Session(config=training.session_config()) as session:
            net = self.network(Mode(False)) if build is None else build()
            session.run(tf.global_variables_initializer())
            training.restore_best(session, self.folder)
            yield session, net

    def picture(self, name: str) -> str:
        """The path of a picture of the example."""
        return os.path.join(self.settings.out_dir, name)

    def main(self) -> Mapping[str, Any]:
        """Loads, trains, reports, and publishes; gives the values of the figures."""
        with locked(self.settings.out_dir):
            self.load()
            run = self.train()
            values = self.report(run)
            self.figures.publish(self.settings, self.origin, run.seconds, values)
        return values
