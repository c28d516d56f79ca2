"""Layers on devices of their own: a training step timed beside that of the same network on one device."""

import os
import statistics
import time
from typing import Any, Callable, List, Sequence

import numpy as np
import tensorflow.compat.v1 as tf
from tqdm import tqdm

from rnn_tf1 import training
from rnn_tf1.devices.picture import placement
from rnn_tf1.devices.placement import drawn, placement_report
from rnn_tf1.devices.requests import advice, check_devices, cpu_count
from rnn_tf1.experiments.figures import Figure, Figures
from rnn_tf1.models.classifier import ClassifierConfig, build_classifier
from rnn_tf1.ops.mode import TRAINING
from rnn_tf1.program.files import locked

FIGURES = Figures(
    "multi_device",
    Figure("step_milliseconds", "a training step over the devices", "%.1f ms"),
    Figure("one_device_step_milliseconds", "on the first of them alone", "%.1f ms"),
    Figure("ratio", "ratio", "%.2f"),
    Figure("loss_difference", "the loss of the same weights differs by", "%.1e"),
)


class Placed(object):
    """The classifier with its layers on devices, and a session of its own.

    Args:
      settings, network: see `main`.
      devices: of each layer.
      config: of the session.
    """

    def __init__(self, settings: Any, network: Callable[..., Any], devices: Sequence[str], config: Any):
        self.graph = tf.Graph()
        self.seconds: List[float] = []
        with self.graph.as_default():
            net = build_classifier(ClassifierConfig(), TRAINING, lambda rows, mode: network(rows, settings, devices))
            step = tf.train.get_or_create_global_step()
            self.loss, self.op = net.loss, training.build_train_op(net.loss, 0.001, step).op
            self.session = tf.Session(config=config)
            check_devices(self.graph, self.session)
            self.session.run(tf.global_variables_initializer())
            self.variables = tf.trainable_variables()
        random = np.random.RandomState(settings.seed)
        rows = random.rand(settings.batch_size, ClassifierConfig.steps, ClassifierConfig.depth)
        labels = random.randint(ClassifierConfig.classes, size=settings.batch_size)
        self.feed = {net.inputs: rows, net.labels: labels}

    def take_weights(self, other: "Placed") -> None:
        """The weights of another one."""
        with self.graph.as_default():
            for value, variable in zip(other.session.run(other.variables), self.variables):
                variable.load(value, self.session)

    def evaluate(self) -> float:
        return float(self.session.run(self.loss, self.feed))

    def train(self, steps: int = 5) -> float:
        """Seconds of a step."""
        started = time.perf_counter()
        for _ in range(steps):
            self.session.run(self.op, self.feed)
        return (time.perf_counter() - started) / steps


def choose_devices(settings: Any) -> List[str]:
    """One for each layer: those that are asked for, or else the GPUs that there are, or else virtual CPUs."""
    if settings.devices:
        return list(settings.devices.split(","))
    with tf.Session(graph=tf.Graph(), config=training.session_config()) as session:
        gpus = sum(device.device_type == "GPU" for device in session.list_devices())
    layers = range(settings.layers)
    return ["/gpu:%d" % (i * gpus // settings.layers) if gpus else "/cpu:%d" % i for i in layers]


def main(settings: Any, network: Callable[..., Any]) -> None:
    """Times the steps of both in turns, says what ran where, and publishes.

    Args:
      settings: those of ``examples/multi_device.py``.
      network: network(rows, settings, devices) gives the outputs, [batch, steps, units].
    """
    devices, config = choose_devices(settings), training.session_config()
    config.device_count["CPU"] = cpu_count(devices)
    with locked(settings.out_dir):
        started = time.monotonic()
        spread, single = (Placed(settings, network, on, config) for on in (devices, devices[:1] * settings.layers))
        single.take_weights(spread)
        difference = abs(spread.evaluate() - single.evaluate())
        both = [spread, single]
        for placed in both:  # the first steps are slower: the graph is rewritten, memory is taken
            placed.train()
        for number in tqdm(range(settings.rounds), "rounds"):
            for placed in both if number % 2 else both[::-1]:
                placed.seconds.append(placed.train())
        found = placement_report(spread.graph, spread.session, spread.op, spread.feed)
        apart, together = (statistics.median(placed.seconds) for placed in both)
        placement(*drawn(found), path=os.path.join(settings.out_dir, "placement.png"))
        print("devices: %s" % ", ".join(devices))
        print(advice(apart, together, devices))
        values = dict(
            devices=devices,
            step_milliseconds=1e3 * apart,
            one_device_step_milliseconds=1e3 * together,
            ratio=together / apart,
            overlap=found.overlap,
            moved_ops=len(found.moved),
            bytes_sent=sum(transfer.bytes for transfer in found.transfers),
            loss_difference=difference,
        )
        FIGURES.publish(settings, "generated: random inputs", time.monotonic() - started, values)
