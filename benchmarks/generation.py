"""Generating a series in one session call beside one call for each value, and the memory that long series need.

100 ReLU units that read 20 values, untrained (what they say does not matter here). Each way in turn, in several rounds; the
median counts. "loop" is what people write: a session call for each value, with the newest window fed. The memory is that of
a process of its own, beyond what 1,000 values need.
"""

import argparse
import os
import statistics
import subprocess
import sys
import time

import numpy as np

STEPS = 20


def parse_flags():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--count", type=int, default=300, help="values to generate, to compare speeds (default: %(default)s)")
    add("--rounds", type=int, default=7)
    add("--units", type=int, default=100)
    add("--long", type=int, default=100000, help="values of the long series (default: %(default)s)")
    add("--memory-of", choices=["sliding", "stateful"], help=argparse.SUPPRESS)  # in a process of its own
    return parser.parse_args()


def build(units):
    import tensorflow.compat.v1 as tf

    from rnn_tf1.models import forecaster, generator

    config = forecaster.ForecasterConfig(cell="relu", units=units, steps=STEPS, unroll="static")
    net = forecaster.build_forecaster(config)
    with tf.variable_scope(tf.get_variable_scope(), reuse=True):
        ways = {
            "sliding": generator.build_sliding_generator(config),
            "stateful": generator.build_stateful_generator(config),
        }
    session = tf.Session()
    session.run(tf.global_variables_initializer())
    return session, net, ways


def memory(units, way, count):
    """MB by which the process grows when it generates `count` values after 1,000."""
    import resource

    import tensorflow.compat.v1 as tf

    def peak():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0  # Linux counts in kB

    with tf.Graph().as_default():
        session, _, ways = build(units)
    made = ways[way]
    for _ in range(2):
        session.run(made.values, {made.window: np.ones([1, STEPS, 1]), made.count: 1000})
    before = peak()
    session.run(made.values, {made.window: np.ones([1, STEPS, 1]), made.count: count})
    return peak() - before


def main():
    flags = parse_flags()
    if flags.memory_of:
        print(memory(flags.units, flags.memory_of, flags.long))
        return

    import tensorflow.compat.v1 as tf

    with tf.Graph().as_default():
        session, net, ways = build(flags.units)
        window = np.random.RandomState(0).normal(size=[1, STEPS, 1])

        def loop():
            values = list(window[0, :, 0])
            for _ in range(flags.count):
                after = session.run(net.predictions, {net.inputs: np.reshape(values[-STEPS:], [1, STEPS, 1])})
                values.append(after[0, -1, 0])
            return np.array(values[STEPS:])

        def one_call(made):
            return session.run(made.values, {made.window: window, made.count: flags.count})[0, :, 0]

        candidates = {"loop": loop, **{way: lambda made=made: one_call(made) for way, made in ways.items()}}
        if np.abs(candidates["loop"]() - candidates["sliding"]()).max() > 1e-4:
            raise SystemExit("the loop and the sliding generator do not agree")
        seconds = {name: [] for name in candidates}
        for _ in range(flags.rounds + 1):  # the first is a warm-up
            for name, candidate in candidates.items():
                started = time.perf_counter()
                candidate()
                seconds[name].append(time.perf_counter() - started)
    print("TensorFlow %s, %d values, %d units" % (tf.__version__, flags.count, flags.units))
    loop_seconds = statistics.median(seconds["loop"][1:])
    for name, found in seconds.items():
        median = statistics.median(found[1:])
        print("%-8s %9.2f ms  %5.1f times as fast as the loop" % (name, 1000 * median, loop_seconds / median))
    for way in ways:
        command = [sys.executable, os.path.abspath(__file__), "--memory-of", way, "--units", str(flags.units)]
        environment = dict(os.environ, TF_CPP_MIN_LOG_LEVEL="3", MALLOC_ARENA_MAX="1")
        done = subprocess.run(
            command + ["--long", str(flags.long)],
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
            check=True,
        )
        print("%s: %d values need %.1f MB more than 1,000" % (way, flags.long, float(done.stdout.split()[-1])))


if __name__ == "__main__":
    main()
