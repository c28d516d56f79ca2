"""Writes ``legacy/`` with TensorFlow 1.15's own legacy_seq2seq; runs on TF 1.15 only::

    python3.7 tests/golden/make_legacy.py

The numbers of each net of ``tests/legacy_nets.py``, and a checkpoint.
"""

import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.dirname(HERE), os.path.dirname(os.path.dirname(HERE))]

import helpers  # noqa: E402
import legacy_nets  # noqa: E402
import numpy as np  # noqa: E402
import tensorflow.compat.v1 as tf  # noqa: E402

FOLDER = os.path.join(HERE, "legacy")


def main():
    library = legacy_nets.Theirs()
    os.makedirs(FOLDER, exist_ok=True)
    arrays = {}
    for name in legacy_nets.NETS:
        with tf.Graph().as_default():
            net = legacy_nets.build(name, library)
            gradients = legacy_nets.gradients_of(net)
            with helpers.session() as s:
                results, gradients = s.run([net.results, gradients])
                if name == legacy_nets.CHECKPOINT_NET:
                    tf.train.Saver().save(s, os.path.join(FOLDER, "model.ckpt"), write_meta_graph=False)
                    os.remove(os.path.join(FOLDER, "checkpoint"))
        arrays[name] = legacy_nets.condensed(results + gradients)
        arrays[name + "/names"] = np.array("\n".join(legacy_nets.described(net)))
    np.savez_compressed(os.path.join(FOLDER, "nets.npz"), **arrays)


if __name__ == "__main__":
    main()
