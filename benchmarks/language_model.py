"""Words per second in training a language model: ours beside the published formulation, PyTorch and Keras, in one run.

Each candidate trains in a process of its own, one after another, in several rounds; the median round counts. All train the
network of Zaremba et al. 2014: an embedding, two LSTM layers, a softmax over 10,000 words, 20 rows, gradient descent, the
gradient clipped as a whole. "published" is what the tutorial that came with TensorFlow 1 does: static_rnn over the plain
cell, TensorFlow's softmax loss and clipping (with TensorFlow's own cell on 1.15).

The share is that of the product of two 4096 x 4096 matrices, measured by TensorFlow in the same process as fused: a word costs
15.8 million operations in the small model and 79.6 in the medium one, forward and backward. PyTorch and Keras may live in
another Python (--peers); a peer that is not there is named and left out. The load of the machine is printed first: beside other
work no figure means anything.

All begin with equal losses and end with finite ones, or the run fails. PyTorch eager has sparse gradients of the embedding, as
TensorFlow has; what is compiled is the whole of the network and its loss, where sparse ones are not to be had. Keras runs with
XLA ("compiled") and without.

--task profile: where the time of a training step goes, by TensorFlow's own trace. Reading and writing texts: language_use.py.
"""

import argparse
import collections
import json
import os
import resource
import statistics
import subprocess
import sys
import time

import numpy as np

VOCABULARY, ROWS = 10000, 20
SIZES = {"small": (200, 20, 1.0, 0.1), "medium": (650, 35, 0.5, 0.05)}  # units, steps, keep_prob, init_scale
MFLOP = {"small": 15.8, "medium": 79.6}  # of a word


def words(steps):
    """Ids by falling frequency, as a text has them: inputs and targets [rows, steps]."""
    random = np.random.RandomState(0)
    ids = np.exp(random.rand(ROWS, steps + 1) * np.log(VOCABULARY)).astype(np.int32)
    return ids[:, :-1], ids[:, 1:]


def tensorflow_session(build):
    """build() in a graph of its own, and a session with its variables initialized."""
    import tensorflow.compat.v1 as tf

    with tf.Graph().as_default() as graph:
        tf.set_random_seed(0)
        built = build(tf)
        session = tf.Session(graph=graph)
        session.run(tf.global_variables_initializer())
    return session, built


def config_of(size, unroll="fused"):
    from rnn_tf1.models.language_model import LanguageModelConfig

    units, steps, keep, scale = SIZES[size]
    sizes = dict(units=units, steps=steps, vocabulary=VOCABULARY, batch_size=ROWS, init_scale=scale)
    return LanguageModelConfig(unroll=unroll, keep_prob=keep, input_keep_prob=keep, **sizes)


def ours(size, unroll):
    from rnn_tf1 import Mode
    from rnn_tf1.models.language_model import build_language_model
    from rnn_tf1.training.optimize import build_train_op

    def build(tf):
        step = tf.train.get_or_create_global_step()
        net = build_language_model(config_of(size, unroll), Mode(True, 0, step))
        train_op = build_train_op(net.loss, 1.0, step, 5.0, "sgd")
        return net, tf.group(train_op.op, net.carry)

    session, (net, op) = tensorflow_session(build)
    feed = dict(zip((net.inputs, net.targets), words(SIZES[size][1])))
    return lambda **trace: session.run([net.loss, op], feed, **trace)[0]


def plain_lstm(tf):
    """The LSTM of the tutorial: with TensorFlow's own product, and so with its gradient."""
    import rnn_tf1

    class PlainLSTM(rnn_tf1.BasicLSTMCell):
        def call(self, inputs, state):
            gates = tf.nn.bias_add(tf.matmul(tf.concat([inputs, state.h], 1), self._kernel), self._bias)
            i, j, f, o = tf.split(gates, 4, axis=1)
            c = tf.sigmoid(f + self._forget_bias) * state.c + tf.sigmoid(i) * tf.tanh(j)
            h = tf.sigmoid(o) * tf.tanh(c)
            return h, rnn_tf1.LSTMStateTuple(c, h)

    return PlainLSTM


def published(size):
    units, steps, keep, scale = SIZES[size]

    def build(tf):
        if tf.version.VERSION.startswith("1."):
            cells = tf.nn.rnn_cell
            kind, wrap, stack = cells.BasicLSTMCell, cells.DropoutWrapper, cells.MultiRNNCell
            unroll = tf.nn.static_rnn
        else:  # TensorFlow has no cells any more
            from rnn_tf1 import DropoutWrapper as wrap
            from rnn_tf1 import MultiRNNCell as stack
            from rnn_tf1 import static_rnn as unroll

            kind = plain_lstm(tf)
        inputs, targets = tf.placeholder(tf.int32, [ROWS, steps]), tf.placeholder(tf.int32, [ROWS, steps])
        with tf.variable_scope("Model", initializer=tf.random_uniform_initializer(-scale, scale)):
            table = tf.get_variable("embedding", [VOCABULARY, units])
            x = tf.nn.embedding_lookup(table, inputs)
            made = [kind(units, forget_bias=0.0) for _ in range(2)]
            if keep < 1:
                x, made = tf.nn.dropout(x, rate=1 - keep), [wrap(cell, output_keep_prob=keep) for cell in made]
            cell = stack(made)
            kept = [tf.get_variable("h%d" % i, [ROWS, units], trainable=False, use_resource=True) for i in range(4)]
            state = tf.nest.pack_sequence_as(cell.state_size, [v.read_value() for v in kept])
            outputs, state = unroll(cell, tf.unstack(x, axis=1), initial_state=state)
            outputs = tf.reshape(tf.concat(outputs, 1), [-1, units])
            logits = tf.matmul(outputs, tf.get_variable("softmax_w", [units, VOCABULARY]))
            logits = logits + tf.get_variable("softmax_b", [VOCABULARY])
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=tf.reshape(targets, [-1]), logits=logits)
        loss = tf.reduce_sum(losses) / ROWS
        variables = tf.trainable_variables()
        gradients, _ = tf.clip_by_global_norm(tf.gradients(loss, variables), 5.0)
        op = tf.train.GradientDescentOptimizer(1.0).apply_gradients(zip(gradients, variables))
        with tf.control_dependencies(gradients[1:]):  # all has been read when the state changes
            carry = tf.group(*[v.assign(s) for v, s in zip(kept, tf.nest.flatten(state))])
        return (inputs, targets), loss, tf.group(op, carry)

    session, (places, loss, op) = tensorflow_session(build)
    feed = dict(zip(places, words(steps)))
    return lambda: session.run([loss, op], feed)[0]


def pytorch(size, compiled):
    import torch

    units, steps, keep, scale = SIZES[size]

    class Model(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.embedding = torch.nn.Embedding(VOCABULARY, units, sparse=not compiled)
            self.lstm = torch.nn.LSTM(units, units, 2, dropout=1 - keep)
            self.dropout, self.softmax = torch.nn.Dropout(1 - keep), torch.nn.Linear(units, VOCABULARY)

        def forward(self, ids, targets, state):
            outputs, state = self.lstm(self.dropout(self.embedding(ids)), state)
            logits = self.softmax(self.dropout(outputs)).view(-1, VOCABULARY)
            return torch.nn.functional.cross_entropy(logits, targets.view(-1), reduction="sum") / ROWS, state

    def clip(gradients, norm):  # torch.nn.utils.clip_grad_norm_ does not take sparse ones
        parts = [g.coalesce().values() if g.is_sparse else g for g in gradients]
        scale = torch.clamp(norm / torch.sqrt(sum(part.square().sum() for part in parts)), max=1.0)
        for g in gradients:
            g.mul_(scale)

    torch.manual_seed(0)
    model = Model()
    for parameter in model.parameters():
        torch.nn.init.uniform_(parameter, -scale, scale)
    run = torch.compile(model) if compiled else model
    optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
    inputs, targets = (torch.from_numpy(ids.T.astype(np.int64).copy()) for ids in words(steps))
    state = tuple(torch.zeros(2, ROWS, units) for _ in range(2))

    def step():
        nonlocal state
        loss, new_state = run(inputs, targets, state)
        optimizer.zero_grad()
        loss.backward()
        if compiled:
            torch.nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        else:
            clip([parameter.grad for parameter in model.parameters()], 5.0)
        optimizer.step()
        state = tuple(s.detach() for s in new_state)
        return float(loss.detach())

    return step


def keras(size, compiled):
    import keras

    units, steps, keep, scale = SIZES[size]
    start = keras.initializers.RandomUniform(-scale, scale)
    layers = [keras.Input(batch_shape=(ROWS, steps), dtype="int32"), keras.layers.Embedding(VOCABULARY, units, start)]
    for _ in range(2):
        kernels = dict(kernel_initializer=start, recurrent_initializer=start, unit_forget_bias=False)
        layers += [keras.layers.Dropout(1 - keep)] if keep < 1 else []
        layers += [keras.layers.LSTM(units, return_sequences=True, stateful=True, **kernels)]
    layers += [keras.layers.Dropout(1 - keep)] if keep < 1 else []
    model = keras.Sequential(layers + [keras.layers.Dense(VOCABULARY, kernel_initializer=start)])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True, reduction="sum")
    model.compile(keras.optimizers.SGD(1.0 / ROWS, global_clipnorm=5.0 * ROWS), loss, jit_compile=compiled)
    inputs, targets = words(steps)
    return lambda: float(model.train_on_batch(inputs, targets)) / ROWS


CANDIDATES = {
    "published": published,
    "ours, static": lambda size: ours(size, "static"),
    "ours, dynamic": lambda size: ours(size, "dynamic"),
    "ours, fused": lambda size: ours(size, "fused"),
    "PyTorch": lambda size: pytorch(size, False),
    "PyTorch, compiled": lambda size: pytorch(size, True),
    "Keras": lambda size: keras(size, False),
    "Keras, compiled": lambda size: keras(size, True),
}
NEEDS = {name: name.split(",")[0].replace("PyTorch", "torch").lower() for name in list(CANDIDATES)[4:]}  # their modules


def rate(step, seconds):
    """Calls of step() per second; the first three, which prepare things, are left out. And what the first and last gave."""
    first = [step() for _ in range(3)][0]
    started, count = time.perf_counter(), 0
    while time.perf_counter() - started < seconds:
        last = step()
        count += 1
    return count / (time.perf_counter() - started), float(first), float(last)


def peak_gflops():
    """Of TensorFlow's product of two 4096 x 4096 matrices, the best of five."""

    def build(tf):
        a, b = (tf.get_variable(name, [4096, 4096]) for name in "ab")
        return tf.matmul(a, b).op

    session, op = tensorflow_session(build)
    session.run(op)
    best = float("inf")
    for _ in range(5):
        started = time.perf_counter()
        session.run(op)
        best = min(best, time.perf_counter() - started)
    return 2 * 4096**3 / best / 1e9


def train_one(name, size, seconds):
    """The figures of one process."""
    per_second, *losses = rate(CANDIDATES[name](size), seconds)
    expected = SIZES[size][1] * np.log(VOCABULARY)  # all words are equally likely at first
    if not (abs(losses[0] / expected - 1) < 0.02 and np.isfinite(losses[1])):
        raise SystemExit(
            "%s: the losses of the first and last step are %s; expected at first: %.1f" % (name, losses, expected)
        )
    found = {
        "words_per_second": per_second * ROWS * SIZES[size][1],
        "losses": losses,
        "mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0,
    }
    if name == "ours, fused":
        found["peak_gflops"] = peak_gflops()
    return found


def has_module(python, name):
    test = "import importlib.util, sys; sys.exit(importlib.util.find_spec(%r) is None)" % name
    return subprocess.run([python, "-c", test]).returncode == 0


def compare_training(flags):
    absent = [name for name in NEEDS if not has_module(flags.peers, NEEDS[name])]
    if absent:
        print("NOT in %s, and so left out: %s" % (flags.peers, ", ".join(absent)))
    names, found = [name for name in CANDIDATES if name not in absent], {}
    for size in flags.sizes:
        rounds = [[in_a_process(name, size, flags) for name in names] for _ in range(flags.rounds)]
        columns = found[size] = dict(zip(names, zip(*rounds)))
        print("\n%s model: %d units, %d steps" % ((size,) + SIZES[size][:2]))
        print("%-20s %9s %8s %8s %12s %7s %6s" % ("", "words/s", "least", "most", "fused to it", "MB", "share"))
        fused = [one["words_per_second"] for one in columns["ours, fused"]]
        peaks = [one["peak_gflops"] for one in columns["ours, fused"]]
        for name in names:
            speeds = [one["words_per_second"] for one in columns[name]]
            ratio = statistics.median(a / b for a, b in zip(fused, speeds))
            memory = statistics.median(one["mb"] for one in columns[name])
            share = statistics.median(speed * MFLOP[size] / 1000 / peak for speed, peak in zip(speeds, peaks))
            row = (name, statistics.median(speeds), min(speeds), max(speeds), ratio, memory, share)
            print("%-20s %9.0f %8.0f %8.0f %12.2f %7.0f %6.2f" % row, flush=True)
        print("share: of the peak of %.0f GFLOP/s" % statistics.median(peaks))
    return found


def in_a_process(name, size, flags):
    python = flags.peers if name in NEEDS else sys.executable
    command = [python, os.path.abspath(__file__), "--one", name, size, "--seconds", str(flags.seconds)]
    done = subprocess.run(command, capture_output=True, env=dict(os.environ, TF_CPP_MIN_LOG_LEVEL="3"), text=True)
    if done.returncode:
        raise SystemExit("%s, %s, failed:\n%s" % (name, size, done.stderr[-2000:]))
    return json.loads(done.stdout.splitlines()[-1])


def part_of_a_step(name, kind):
    """What an op of the training graph, of that name and kind, is for."""
    if "global_norm" in name:
        return "clipping"
    if "GradientDescent" in name:
        return "the update"
    place = "cells" if "RNN/" in name else "softmax and embedding"
    return place + (", products" if "MatMul" in kind else ", the rest")


def profile(flags):
    """Microseconds of each part of a training step of fused, from a trace; the sum over all ops, whichever core ran them."""
    import tensorflow.compat.v1 as tf

    found = {}
    for size in flags.sizes:
        step = ours(size, "fused")
        for _ in range(3):
            step()
        spent, slowest, trace = collections.Counter(), collections.Counter(), tf.RunMetadata()
        step(options=tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE), run_metadata=trace)
        for node in [node for device in trace.step_stats.dev_stats for node in device.node_stats]:
            kind = node.timeline_label.split(" = ")[-1].split("(")[0]
            micros = node.op_end_rel_micros - node.op_start_rel_micros
            spent[part_of_a_step(node.node_name, kind)] += micros
            slowest["%s (%s)" % (node.node_name.split(":")[0], kind)] += micros
        found[size], total = dict(spent), sum(spent.values())
        print("\n%s: %d words in %.1f ms of computing" % (size, ROWS * SIZES[size][1], total / 1000))
        for name, micros in spent.most_common() + [("of these:", 0)] + slowest.most_common(8):
            print("  %5.1f %%  %s" % (100 * micros / total, name) if micros else name, flush=True)
    return found


def save(found, path):
    """Writes figures as JSON, where a path is given."""
    if path:
        with open(path, "w", encoding="utf-8") as file:
            json.dump(found, file, indent=2)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    tasks = {"train": compare_training, "profile": profile}
    add("--task", choices=list(tasks), default="train")
    add("--sizes", nargs="+", choices=list(SIZES), default=list(SIZES))
    add("--rounds", type=int, default=5)
    add(
        "--seconds", type=float, default=8.0, help="of each candidate in each round, in training (default: %(default)s)"
    )
    add("--peers", metavar="PYTHON", default=sys.executable, help="which runs PyTorch and Keras (default: this one)")
    add("--out", help="a JSON file for the figures")
    add("--one", nargs=2, metavar=("NAME", "SIZE"), help=argparse.SUPPRESS)
    flags = parser.parse_args()
    if flags.one:
        print(json.dumps(train_one(*flags.one, flags.seconds)))
        return
    print("load before it begins: %.1f" % os.getloadavg()[0])
    found = tasks[flags.task](flags)
    save(found, flags.out)


if __name__ == "__main__":
    main()
