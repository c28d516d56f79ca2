"""Digits row by row, on several machines: what a task of the cluster does."""

import contextlib
import os
from typing import Any, Callable, Dict

import tensorflow.compat.v1 as tf

from rnn_tf1 import training
from rnn_tf1.cluster import lifecycle, picture, replicas
from rnn_tf1.data.images import mnist
from rnn_tf1.experiments.figures import Figure, Figures
from rnn_tf1.models.classifier import Classifier, ClassifierConfig, build_classifier
from rnn_tf1.ops.mode import Mode
from rnn_tf1.program.files import locked
from rnn_tf1.training import Feed, Recipe

FIGURES = Figures("cluster", Figure("test_accuracy", "test accuracy", "percent"))


class Digits(object):
    """What all workers train together.

    Args:
      settings, network: see `cluster.main`.
      workers: how many there are.
    """

    def __init__(self, settings: Any, network: Callable[..., Any], workers: int):
        self.settings, self._network = settings, network
        self.data = mnist.load(settings.data_dir)
        size = 3000 if settings.quick else None
        train, self.test = (
            mnist.Digits(part.images[:size], part.labels[:size]) for part in (self.data.train, self.data.test)
        )
        self.part = replicas.make_parts(train, settings.batch_size, workers, settings.seed)
        self.steps_per_epoch = replicas.steps_per_epoch(len(train.labels), settings.batch_size, workers)
        if settings.mode == "async":
            self.steps_per_epoch *= workers

    def build(self, step: Any) -> lifecycle.Work:
        """Called under the device setter."""
        tf.set_random_seed(self.settings.seed)
        trained = self.network(Mode(True))
        with tf.variable_scope(tf.get_variable_scope(), reuse=True):
            tested = self.network(Mode(False))

        def feed(at: int, replica: int) -> Feed:
            return dict(zip((trained.inputs, trained.labels), self.part(at, replica)))

        def evaluate(session: Any) -> Dict[str, float]:
            batch = {tested.inputs: self.test.images, tested.labels: self.test.labels}
            found = training.predict(session, {"loss": tested.losses, "accuracy": tested.correct}, batch)
            return {"test_" + name: float(values.mean()) for name, values in found.items()}

        rate = Recipe(self.settings.epochs, self.settings.learning_rate).rate(step, self.steps_per_epoch)
        return lifecycle.Work(trained.loss, rate, feed, evaluate)

    def network(self, mode: Mode) -> Classifier:
        return build_classifier(ClassifierConfig(), mode, lambda rows, mode: self._network(rows, self.settings))


def take_part(task: Any, settings: Any, network: Callable[..., Any]) -> None:
    """What this task of the cluster has to do; the chief draws and publishes in the end."""
    server, count = replicas.start_server(task), len(task.replicas)
    if task.job == "ps":
        lifecycle.serve(task, server, settings.timeout)
        return
    digits = Digits(settings, network, count)
    steps = settings.epochs * digits.steps_per_epoch
    made_of = settings.identity(data=digits.data.identity, tensorflow=tf.__version__, workers=count)
    with locked(settings.out_dir) if task.is_chief else contextlib.nullcontext():
        trained = lifecycle.train(
            task,
            server,
            digits.build,
            steps,
            training.RunFolder(settings.out_dir, made_of),
            replicas.Updates(settings.mode, settings.clip_norm),
            settings.save_steps,
            settings.timeout,
        )
        if trained is None:
            return
        title = "Losses of %d workers, %s" % (count, {"sync": "synchronous", "async": "asynchronous"}[settings.mode])
        picture.replica_losses(trained.losses, os.path.join(settings.out_dir, "losses.png"), title)
        per_second = trained.steps / trained.seconds if trained.steps else None
        more = dict(mode=settings.mode, workers=count, steps=steps, steps_per_second=per_second)
        FIGURES.publish(settings, digits.data.origin, trained.seconds, dict(more, **trained.figures))
