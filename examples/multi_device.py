"""Layers of one network on devices of their own: what ran where, what was sent between them, and whether it pays.

With no flags: three LSTM layers, one on each GPU where there are GPUs, else on virtual CPU devices; about a minute.
A training step is timed beside that of the same network on one device, in turns, within one run.
"""

from rnn_tf1.program import cli

# isort: split
import dataclasses
import os
import statistics
import time
from typing import Optional

from rnn_tf1.program.settings import Settings, choice, setting, whole


@dataclasses.dataclass
class Flags(Settings):
    layers: int = whole(3, "cells, one above the other")
    devices: Optional[str] = setting(
        None, "one for each layer, with commas between (default: the GPUs, else virtual CPUs)"
    )
    cell: str = choice("lstm", ["basic", "lstm", "peephole", "gru", "layer_norm", "context"], "the cell")
    unroll: str = choice("static", ["manual", "static", "dynamic"], "static sends the least")
    units: int = whole(128, "units of each layer", quick=32)
    batch_size: int = whole(100, "sequences in a step", quick=30)
    rounds: int = whole(20, "rounds of five training steps on each graph", least=2, quick=4)


def main() -> None:
    flags = Flags.parse("multi_device", __doc__)

    import numpy as np
    import tensorflow.compat.v1 as tf
    from tqdm import tqdm

    from rnn_tf1 import Mode, training
    from rnn_tf1.devices.picture import placement
    from rnn_tf1.devices.placement import drawn, placement_report
    from rnn_tf1.devices.requests import advice, check_devices, cpu_count
    from rnn_tf1.models.classifier import ClassifierConfig, build_classifier
    from rnn_tf1.program.files import locked
    from rnn_tf1.training.optimize import build_train_op

    with tf.Session(graph=tf.Graph(), config=training.session_config()) as session:
        gpus = [device.name for device in session.list_devices() if device.device_type == "GPU"]
    devices = ["/gpu:%d" % (i * len(gpus) // flags.layers) if gpus else "/cpu:%d" % i for i in range(flags.layers)]
    if flags.devices:
        devices = flags.devices.split(",")
    settings = training.session_config()
    settings.device_count["CPU"] = cpu_count(devices)
    random = np.random.RandomState(flags.seed)
    images = random.rand(flags.batch_size, ClassifierConfig.steps, ClassifierConfig.depth)
    labels = random.randint(ClassifierConfig.classes, size=flags.batch_size)

    class Network(object):
        """The classifier with layer i on places[i], and a session of its own."""

        def __init__(self, places):
            self.graph, self.seconds = tf.Graph(), []
            with self.graph.as_default():
                config = ClassifierConfig(
                    cell=flags.cell, units=flags.units, layers=flags.layers, unroll=flags.unroll, devices=tuple(places)
                )
                self.net = build_classifier(config, Mode(True))
                self.op = build_train_op(self.net.loss, 0.001, tf.train.get_or_create_global_step()).op
                self.session = tf.Session(config=settings)
                check_devices(self.graph, self.session)
                self.session.run(tf.global_variables_initializer())
                self.variables = tf.trainable_variables()
            self.feed = {self.net.inputs: images, self.net.labels: labels}

        def loss(self):
            return self.session.run(self.net.loss, self.feed)

        def train(self, steps=5):
            started = time.perf_counter()
            for _ in range(steps):
                self.session.run(self.op, self.feed)
            return (time.perf_counter() - started) / steps

    with locked(flags.out_dir):
        started = time.monotonic()
        spread, single = Network(devices), Network(devices[:1] * flags.layers)
        with single.graph.as_default():
            for value, variable in zip(spread.session.run(spread.variables), single.variables):
                variable.load(value, single.session)
        difference = abs(float(spread.loss()) - float(single.loss()))
        print("the loss differs by %.1e from that of the same weights on one device" % difference)
        both = [spread, single]
        for network in both:  # the first steps are slower: the graph is rewritten, memory is taken
            network.train()
        for number in tqdm(range(flags.rounds), "rounds"):
            for network in both if number % 2 else both[::-1]:
                network.seconds.append(network.train())
        found = placement_report(spread.graph, spread.session, spread.op, spread.feed)
        apart, together = (statistics.median(network.seconds) for network in both)
        placement(*drawn(found), path=os.path.join(flags.out_dir, "placement.png"))
        print("a training step: %.1f ms over %s" % (1e3 * apart, ", ".join(devices)))
        print("                 %.1f ms on %s alone: ratio %.2f" % (1e3 * together, devices[0], together / apart))
        print(advice(apart, together, devices))
        cli.write_metrics(
            os.path.join(flags.out_dir, "metrics.json"),
            "multi_device",
            flags,
            data="generated: random inputs",
            seconds=time.monotonic() - started,
            devices=devices,
            step_milliseconds=1e3 * apart,
            one_device_step_milliseconds=1e3 * together,
            ratio=together / apart,
            overlap=found.overlap,
            moved_ops=len(found.moved),
            bytes_sent=sum(transfer.bytes for transfer in found.transfers),
            loss_difference=difference,
        )
        print("placement.png and metrics.json are in %s" % flags.out_dir)


if __name__ == "__main__":
    cli.run_main(main)
