"""A recurrent network of 5 neurons that reads 3 inputs at each of 2 steps: by hand, static and dynamic.

All three are built with the same weights and give the same numbers.
"""

from rnn_tf1.program import cli
from rnn_tf1.program.files import make_directory
from rnn_tf1.program.settings import Settings

import os
import time

import numpy as np
import rnn_tf1 as rnn

INPUTS = np.array(  # [batch 4, time 2, depth 3]
    [[[0, 1, 2], [9, 8, 7]], [[3, 4, 5], [0, 0, 0]], [[6, 7, 8], [6, 5, 4]], [[9, 0, 1], [3, 2, 1]]], np.float32
)
UNROLLINGS = ("manual_rnn", "static_rnn", "dynamic_rnn")


def network(inputs, unrolling):
    """inputs [batch 4, time 2, depth 3] -> outputs [batch 4, time 2, units 5], last state [batch 4, units 5]."""
    cell = rnn.BasicRNNCell(5)
    return getattr(rnn, unrolling)(cell, inputs)


def run(unrolling, seed):
    """The values of the outputs, with weights that depend on the seed alone."""
    import tensorflow.compat.v1 as tf

    with tf.Graph().as_default(), tf.Session() as session:
        tensors = network(tf.constant(INPUTS), unrolling)
        random = np.random.RandomState(seed)
        for variable in tf.trainable_variables():
            variable.load(random.normal(0, 0.3, variable.shape.as_list()), session)
        outputs, final_state = session.run(tensors)
    assert np.array_equal(final_state, outputs[:, -1])
    return outputs


def main() -> None:
    settings, started = Settings.parse("two_step_unroll", __doc__), time.monotonic()
    outputs = {name: run(name, settings.seed) for name in UNROLLINGS}
    print("outputs [batch 4, time 2, units 5], by manual_rnn:")
    print(np.array2string(outputs["manual_rnn"], precision=4, suppress_small=True))
    differences = {name: float(np.abs(outputs[name] - outputs["manual_rnn"]).max()) for name in UNROLLINGS}
    for name, difference in differences.items():
        print("%-12s differs from manual_rnn by at most %.1e" % (name, difference))
    largest = max(differences.values())
    if largest > 1e-6:
        raise SystemExit("they do not agree")
    print("all three agree.")
    path, seconds = os.path.join(make_directory(settings.out_dir), "metrics.json"), time.monotonic() - started
    data = "generated: four sequences of two steps, in the script"
    cli.write_metrics(path, "two_step_unroll", settings, data, seconds, largest_difference=largest)


if __name__ == "__main__":
    cli.run_main(main)
