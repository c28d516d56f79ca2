"""Images per second in training on MNIST rows: ours beside plain TensorFlow code, PyTorch and Keras, in one run.

Each candidate trains in a process of its own, one after another, in several rounds; the median round counts. A peer that
is not installed is left out. All train the same network with the same batches: 28 steps of 28 pixels, one layer, a
softmax on the last output, Adam 0.001, no clipping.
"""

import argparse
import importlib.util
import json
import os
import statistics
import subprocess
import sys
import time

import numpy as np

CLASSES, STEPS, DEPTH = 10, 28, 28


def batch(size):
    random = np.random.RandomState(0)
    return random.rand(size, STEPS, DEPTH).astype(np.float32), random.randint(0, CLASSES, size).astype(np.int32)


def measure(step, size, seconds):
    """Images per second of step(), after a warm-up of a third of the time."""
    for warm_up in (True, False):
        started, count = time.perf_counter(), 0
        while time.perf_counter() - started < seconds / (3 if warm_up else 1):
            step()
            count += 1
    return count * size / (time.perf_counter() - started)


def tensorflow_step(logits_of, size):
    """A function that makes one training step of the graph logits_of(inputs) in a session."""
    import tensorflow.compat.v1 as tf

    graph = tf.Graph()
    with graph.as_default():
        inputs = tf.placeholder(tf.float32, [None, STEPS, DEPTH])
        labels = tf.placeholder(tf.int32, [None])
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits_of(tf, inputs))
        op = tf.train.AdamOptimizer(0.001).minimize(tf.reduce_mean(losses))
        session = tf.Session()
        session.run(tf.global_variables_initializer())
    feed = dict(zip((inputs, labels), batch(size)))
    return lambda: session.run(op, feed)


def ours(cell, units, size, unroll):
    import rnn_tf1
    from rnn_tf1.models.stack import UNROLLS, make_cell

    def logits(tf, inputs):
        outputs, _ = UNROLLS[unroll](make_cell(cell, units), inputs)
        from rnn_tf1.layers import dense

        return dense(rnn_tf1.last_output(outputs), CLASSES)

    return tensorflow_step(logits, size)


def plain(cell, units, size):
    """What people write: tf.nn.dynamic_rnn with TensorFlow's cell, or the cell by hand where TensorFlow has none."""

    def logits(tf, inputs):
        if tf.__version__.startswith("1."):
            made = {"basic": tf.nn.rnn_cell.BasicRNNCell, "lstm": tf.nn.rnn_cell.BasicLSTMCell}[cell](units)
        else:
            made = HandWrittenCell(tf, cell, units)
        outputs, _ = tf.nn.dynamic_rnn(made, inputs, dtype=tf.float32)
        kernel = tf.get_variable("softmax/kernel", [units, CLASSES])
        return tf.matmul(outputs[:, -1], kernel) + tf.get_variable("softmax/bias", [CLASSES])

    return tensorflow_step(logits, size)


class HandWrittenCell(object):
    """The equations and nothing else: no checks, no scopes."""

    def __init__(self, tf, cell, units):
        self.tf, self.cell, self.output_size = tf, cell, units
        self.state_size = units if cell == "basic" else (units, units)
        width = units if cell == "basic" else 4 * units
        self.kernel = tf.get_variable("kernel", [DEPTH + units, width])
        self.bias = tf.get_variable("bias", [width], initializer=tf.zeros_initializer())

    def zero_state(self, size, dtype):
        tf = self.tf
        return tf.nest.map_structure(lambda n: tf.zeros(tf.stack([size, n]), dtype), self.state_size)

    def __call__(self, x, state, scope=None):
        tf = self.tf
        h = state if self.cell == "basic" else state[1]
        z = tf.nn.bias_add(tf.matmul(tf.concat([x, h], 1), self.kernel), self.bias)
        if self.cell == "basic":
            return (tf.tanh(z),) * 2
        i, j, f, o = tf.split(z, 4, axis=1)
        c = tf.sigmoid(f + 1.0) * state[0] + tf.sigmoid(i) * tf.tanh(j)
        h = tf.sigmoid(o) * tf.tanh(c)
        return h, (c, h)


def pytorch(cell, units, size):
    import torch

    layer = {"basic": torch.nn.RNN, "lstm": torch.nn.LSTM}[cell](DEPTH, units, batch_first=True)
    softmax = torch.nn.Linear(units, CLASSES)
    optimizer = torch.optim.Adam(list(layer.parameters()) + list(softmax.parameters()), 0.001)
    inputs, labels = batch(size)
    inputs, labels = torch.from_numpy(inputs), torch.from_numpy(labels).long()

    def step():
        optimizer.zero_grad()
        outputs, _ = layer(inputs)
        torch.nn.functional.cross_entropy(softmax(outputs[:, -1]), labels).backward()
        optimizer.step()

    return step


def keras(cell, units, size):
    import keras as k

    layer = {"basic": k.layers.SimpleRNN, "lstm": k.layers.LSTM}[cell](units)
    model = k.Sequential([k.layers.Input([STEPS, DEPTH]), layer, k.layers.Dense(CLASSES)])
    model.compile(k.optimizers.Adam(0.001), k.losses.SparseCategoricalCrossentropy(from_logits=True))
    inputs, labels = batch(size)
    many = 20  # fit() on several batches: its cost to start is not what is measured
    inputs, labels = np.concatenate([inputs] * many), np.concatenate([labels] * many)
    return lambda: model.fit(inputs, labels, batch_size=size, verbose=0), many


CANDIDATES = {
    "rnn_tf1 static": lambda *sizes: ours(*sizes, unroll="static"),
    "rnn_tf1 dynamic": lambda *sizes: ours(*sizes, unroll="dynamic"),
    "plain tf.nn.dynamic_rnn": plain,
    "PyTorch": pytorch,
    "Keras": keras,
}
NEEDS = {"PyTorch": "torch", "Keras": "keras"}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--cells", nargs="+", choices=["basic", "lstm"], default=["basic", "lstm"])
    parser.add_argument("--units", type=int, default=150)
    parser.add_argument("--batch-size", type=int, default=150)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=6.0, help="of each candidate in each round")
    parser.add_argument("--out", help="a JSON file for the figures")
    parser.add_argument("--one", nargs=2, metavar=("NAME", "CELL"), help=argparse.SUPPRESS)
    flags = parser.parse_args()
    if flags.one:
        name, cell = flags.one
        step = CANDIDATES[name](cell, flags.units, flags.batch_size)
        step, many = step if isinstance(step, tuple) else (step, 1)
        print("images_per_second %.1f" % measure(step, flags.batch_size * many, flags.seconds))
        return
    names = [name for name in CANDIDATES if name not in NEEDS or importlib.util.find_spec(NEEDS[name])]
    figures = {}
    for cell in flags.cells:
        rounds = [[images_per_second(name, cell, flags) for name in names] for _ in range(flags.rounds)]
        figures[cell] = {name: column for name, column in zip(names, zip(*rounds))}
        print("\n%s cell, %d units, batch %d" % (cell, flags.units, flags.batch_size))
        print("%-26s %14s %8s %8s   %s" % ("", "images/s", "least", "most", "ours static to it, median of the rounds"))
        for name in names:
            values = figures[cell][name]
            ratio = statistics.median(a / b for a, b in zip(figures[cell][names[0]], values))
            print(
                "%-26s %14.0f %8.0f %8.0f   %.2f" % (name, statistics.median(values), min(values), max(values), ratio)
            )
    if flags.out:
        with open(flags.out, "w", encoding="utf-8") as file:
            json.dump(figures, file, indent=2)


def images_per_second(name, cell, flags):
    sizes = ["--units", flags.units, "--batch-size", flags.batch_size, "--seconds", flags.seconds]
    command = [sys.executable, os.path.abspath(__file__), "--one", name, cell] + [str(size) for size in sizes]
    environment = dict(os.environ, TF_CPP_MIN_LOG_LEVEL="3")
    done = subprocess.run(command, capture_output=True, env=environment, text=True)
    if done.returncode:
        raise SystemExit("%s, %s cell, failed:\n%s" % (name, cell, done.stderr[-2000:]))
    return float(done.stdout.split()[-1])


if __name__ == "__main__":
    main()
