"""A recurrent network of 5 neurons that reads 3 inputs at each of 2 steps: by hand, static and dynamic.

All three are built with the same weights and give the same numbers.
"""

from rnn_tf1.program import cli

# isort: split
import os
import time

import numpy as np

from rnn_tf1.program.files import make_directory
from rnn_tf1.program.settings import Settings


def main() -> None:
    flags = Settings.parse("two_step_unroll", __doc__)

    import tensorflow.compat.v1 as tf

    import rnn_tf1

    inputs = np.array(  # [batch 4, time 2, depth 3]
        [[[0, 1, 2], [9, 8, 7]], [[3, 4, 5], [0, 0, 0]], [[6, 7, 8], [6, 5, 4]], [[9, 0, 1], [3, 2, 1]]], np.float32
    )
    results = {}
    started = time.monotonic()
    for unroll in (rnn_tf1.manual_rnn, rnn_tf1.static_rnn, rnn_tf1.dynamic_rnn):
        with tf.Graph().as_default():
            cell = rnn_tf1.BasicRNNCell(5)
            outputs, final_state = unroll(cell, tf.constant(inputs))
            random = np.random.RandomState(flags.seed)
            with tf.Session() as session:
                for variable in cell.variables:
                    variable.load(random.normal(0, 0.3, variable.shape.as_list()), session)
                results[unroll.__name__] = session.run([outputs, final_state])

    print("outputs [batch 4, time 2, units 5], by manual_rnn:")
    print(np.array2string(results["manual_rnn"][0], precision=4, suppress_small=True))
    for name, (outputs, final_state) in results.items():
        difference = np.abs(outputs - results["manual_rnn"][0]).max()
        assert np.array_equal(final_state, outputs[:, -1])
        print("%-12s differs from manual_rnn by at most %.1e" % (name, difference))
    if any(np.abs(outputs - results["manual_rnn"][0]).max() > 1e-6 for outputs, _ in results.values()):
        raise SystemExit("they do not agree")
    print("all three agree.")
    cli.write_metrics(
        os.path.join(make_directory(flags.out_dir), "metrics.json"),
        "two_step_unroll",
        flags,
        data="generated: four sequences of two steps, in the script",
        seconds=time.monotonic() - started,
        largest_difference=float(
            max(np.abs(outputs - results["manual_rnn"][0]).max() for outputs, _ in results.values())
        ),
    )


if __name__ == "__main__":
    cli.run_main(main)
