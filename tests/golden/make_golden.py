"""Writes the golden files with TensorFlow 1.15's own cells, wrappers and unrollings; runs on TF 1.15 only::

    python3.7 tests/golden/make_golden.py

One file for each net of ``tests/helpers.py`` that TF 1.15 has, and a checkpoint written by its own cells.
"""

import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.dirname(HERE), os.path.dirname(os.path.dirname(HERE))]

import helpers  # noqa: E402
import numpy as np  # noqa: E402
import tensorflow.compat.v1 as tf  # noqa: E402

GOLDEN_LENGTHS = helpers.LENGTHS["with_zero"]
# Nets in another unrolling, or without lengths, or from zeros: (file, net, unrolling, lengths, with initial states).
MORE = [
    ("static_basic_rnn", "basic_rnn", "static", GOLDEN_LENGTHS, True),
    ("static_multi", "multi", "static", None, True),
    ("full_gru", "gru", "dynamic", None, True),
    ("zeros_lstm_all", "lstm_all", "dynamic", GOLDEN_LENGTHS, False),
]
CHECKPOINT_NET = "nest"


def record(name, library, how, lengths, with_state):
    """All numbers of one net, by name."""
    with tf.Graph().as_default():
        net = helpers.build(name, library, how, lengths, with_state=with_state)
        names = [helpers.plain_name(v) for v in net.variables]
        grads = helpers.gradients_of(net)
        with helpers.session() as s:
            weights, inputs, states, results, grads = s.run([net.variables, net.inputs, net.states, net.results, grads])
    arrays = {"names": np.array(names), "inputs": inputs, "net": np.array(name), "how": np.array(how)}
    if lengths is not None:
        arrays["lengths"] = np.array(lengths, np.int32)
    for kind, several in [("weight", weights), ("state", states), ("result", results), ("gradient", grads)]:
        arrays.update(("%s_%02d" % (kind, i), array) for i, array in enumerate(several))
    return arrays


def write_checkpoint(library, folder):
    with tf.Graph().as_default():
        helpers.build(CHECKPOINT_NET, library, "dynamic", GOLDEN_LENGTHS)
        with helpers.session() as s:
            saver = tf.train.Saver()
            saver.save(s, os.path.join(folder, "model.ckpt"), write_meta_graph=False)
    os.remove(os.path.join(folder, "checkpoint"))


def main():
    library = helpers.Theirs()
    for name in helpers.NETS_OF_TF1:
        np.savez_compressed(os.path.join(HERE, name + ".npz"), **record(name, library, "dynamic", GOLDEN_LENGTHS, True))
    for file, name, how, lengths, with_state in MORE:
        np.savez_compressed(os.path.join(HERE, file + ".npz"), **record(name, library, how, lengths, with_state))
    os.makedirs(os.path.join(HERE, "checkpoint"), exist_ok=True)
    write_checkpoint(library, os.path.join(HERE, "checkpoint"))


if __name__ == "__main__":
    main()
