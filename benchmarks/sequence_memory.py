"""The memory that a training step needs, against the number of time steps T, for each way to unroll a recurrence.

Each figure is the peak resident memory of a process of its own that makes 3 training steps of an LSTM (batch 32, 128 units,
depth 8 by default), less that of one that only builds and initializes the smallest graph. The truncated run reads one
sequence of T steps in pieces of 100 with the state carried by `StateKeeper`, and makes a training step for each piece.
"""

import argparse
import os
import resource
import subprocess
import sys

import numpy as np
from tqdm import tqdm

WAYS = ("static", "dynamic", "dynamic, swap_memory", "truncated")
PIECE = 100


def parse_flags():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--lengths", type=int, nargs="+", default=[100, 300, 1000, 3000], help="T of one graph (default: %(default)s)")
    add("--static-most", type=int, default=1000, help="the longest static graph: it takes minutes to build beyond 1000")
    add("--truncated", type=int, nargs="+", default=[1000, 10000, 100000], help="T of the truncated run")
    add("--units", type=int, default=128)
    add("--batch-size", type=int, default=32)
    add("--out-dir", default="runs/sequence_memory")
    add(
        "--one", nargs=2, metavar=("WAY", "T"), help=argparse.SUPPRESS
    )  # the measurement itself, in a process of its own
    return parser.parse_args()


def measure(way, steps, flags):
    """Trains, and returns the peak resident memory of this process in MB."""
    import tensorflow.compat.v1 as tf

    from rnn_tf1 import LSTMCell, StateKeeper, dynamic_rnn, static_rnn
    from rnn_tf1.training.optimize import build_train_op

    truncated = way == "truncated"
    length = min(steps, PIECE) if truncated else steps
    with tf.Graph().as_default(), tf.Session() as session:
        x = tf.placeholder(tf.float32, [flags.batch_size, length, 8])
        cell = LSTMCell(flags.units)
        keeper = StateKeeper(cell, flags.batch_size)
        if way == "static":
            outputs, state = static_rnn(cell, x, initial_state=keeper.state)
        else:
            outputs, state = dynamic_rnn(cell, x, initial_state=keeper.state, swap_memory="swap" in way)
        loss = tf.reduce_mean(tf.square(outputs - 0.1))
        train_op = build_train_op(loss, 0.001, tf.train.get_or_create_global_step(), 1.0)
        train = [train_op.op, keeper.assign(state)]
        session.run(tf.global_variables_initializer())
        for number in range(max(3, steps // length)):
            session.run(train, {x: np.random.RandomState(number).normal(size=x.shape.as_list())})
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0  # Linux counts in kB


def measure_apart(way, steps, flags):
    """`measure` in a process of its own."""
    command = [sys.executable, os.path.abspath(__file__), "--one", way, str(steps)]
    command += ["--units", str(flags.units), "--batch-size", str(flags.batch_size)]
    # One arena: with one for each thread, glibc keeps more and more free memory, 16 MB after 1,000 training steps.
    environment = dict(os.environ, TF_CPP_MIN_LOG_LEVEL="3", MALLOC_ARENA_MAX="1")
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    if done.returncode:
        raise SystemExit("%s at T = %d failed:\n%s" % (way, steps, done.stderr[-2000:]))
    return float(done.stdout.split()[-1])


def main():
    flags = parse_flags()
    if flags.one:
        print(measure(flags.one[0], int(flags.one[1]), flags))
        return

    from rnn_tf1 import plotting
    from rnn_tf1.program.files import make_directory, write_json

    wanted = [
        (way, steps) for way in WAYS[:3] for steps in flags.lengths if way != "static" or steps <= flags.static_most
    ]
    wanted += [("truncated", steps) for steps in flags.truncated]
    floor = measure_apart("dynamic", 1, flags)
    found = {way: {} for way in WAYS}
    for way, steps in tqdm(wanted, desc="peak memory", unit="process"):
        found[way][steps] = measure_apart(way, steps, flags) - floor
    print("%-22s %8s %10s" % ("", "T", "MB"))
    for way, steps in wanted:
        print("%-22s %8d %10.0f" % (way, steps, found[way][steps]))
    import tensorflow.compat.v1 as tf

    folder = make_directory(flags.out_dir)
    plotting.memory_against_steps(found, os.path.join(folder, "sequence_memory.png"))
    more = dict(tensorflow=tf.__version__, units=flags.units, batch_size=flags.batch_size, piece=PIECE, floor_mb=floor)
    write_json(os.path.join(folder, "metrics.json"), dict(more, megabytes=found))
    print("the picture and metrics.json are in %s" % flags.out_dir)


if __name__ == "__main__":
    main()
