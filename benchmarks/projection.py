"""Two ways to make a forecast at every step: OutputProjectionWrapper, a matrix product at each step, beside one dense layer
over the stacked outputs of all steps. Training iterations per second, in turn, in several rounds; the median counts.

As in examples/time_series.py: 20 steps of one value, 100 ReLU units, batch 50, Adam.
"""

import argparse
import statistics
import time

import numpy as np


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--rounds", type=int, default=9)
    add("--seconds", type=float, default=2.0, help="of each round (default: %(default)s)")
    add("--unroll", choices=["manual", "static", "dynamic"], nargs="+", default=["dynamic", "static"])
    flags = parser.parse_args()

    import tensorflow.compat.v1 as tf

    from rnn_tf1.data.series import generators, windows
    from rnn_tf1.models.forecaster import ForecasterConfig, build_forecaster
    from rnn_tf1.training.optimize import build_train_op

    inputs, targets = windows.inputs_and_targets(generators.growing_windows(50, 21, seed=0))
    print("TensorFlow %s" % tf.__version__)
    for unroll in flags.unroll:
        steps = {}
        for head in ("projection", "dense"):
            with tf.Graph().as_default() as graph:
                net = build_forecaster(ForecasterConfig("relu", 100, unroll=unroll, steps=20, head=head))
                op = build_train_op(net.loss, 0.001, tf.train.get_or_create_global_step()).op
                session = tf.Session(graph=graph)
                session.run(tf.global_variables_initializer())
            feed = {net.inputs: inputs, net.targets: targets}
            steps[head] = lambda session=session, op=op, feed=feed: session.run(op, feed)
        found = {head: [] for head in steps}
        for _ in range(flags.rounds + 1):  # the first is a warm-up
            for head, step in steps.items():
                count, started = 0, time.perf_counter()
                while time.perf_counter() - started < flags.seconds:
                    step()
                    count += 1
                found[head].append(count / (time.perf_counter() - started))
        ratios = np.array(found["projection"][1:]) / np.array(found["dense"][1:])
        rates = {head: statistics.median(values[1:]) for head, values in found.items()}
        print(
            "%s: projection %.0f, dense %.0f iterations/s; projection is %.2f times as fast (rounds: %.2f to %.2f)"
            % (unroll, rates["projection"], rates["dense"], np.median(ratios), ratios.min(), ratios.max())
        )


if __name__ == "__main__":
    main()
