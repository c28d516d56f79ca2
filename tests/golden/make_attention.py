"""Writes tests/golden/attention with the attention of TensorFlow 1.15 (``tf.contrib.seq2seq``); runs on TF 1.15 only::

python3.7 tests/golden/make_attention.py
"""

import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.dirname(HERE), os.path.dirname(os.path.dirname(HERE))]

import attention_nets  # noqa: E402
import helpers  # noqa: E402
import numpy as np  # noqa: E402
import tensorflow.compat.v1 as tf  # noqa: E402

FOLDER = os.path.join(HERE, "attention")
LENGTHS = helpers.LENGTHS["with_zero"]


def record(name, library):
    """All numbers of one net, by name; the weights are `helpers.values` of their names."""
    with tf.Graph().as_default():
        net = attention_nets.build(name, library, "dynamic", LENGTHS)
        names = [helpers.plain_name(v) for v in net.variables]
        gradients = attention_nets.gradients_of(net)
        with helpers.session() as s:
            results, gradients = s.run([net.results, gradients])
            if name == attention_nets.CHECKPOINT_NET:
                saver = tf.train.Saver()
                saver.save(s, os.path.join(FOLDER, "checkpoint", "model.ckpt"), write_meta_graph=False)
                os.remove(os.path.join(FOLDER, "checkpoint", "checkpoint"))
    arrays = {"names": np.array(names), "lengths": np.array(LENGTHS, np.int32)}
    for kind, several in [("result", results), ("gradient", gradients)]:
        arrays.update(("%s_%02d" % (kind, i), array) for i, array in enumerate(several))
    return arrays


def main():
    os.makedirs(os.path.join(FOLDER, "checkpoint"), exist_ok=True)
    library = attention_nets.Theirs()
    for name in attention_nets.RECORDED:
        np.savez_compressed(os.path.join(FOLDER, name + ".npz"), **record(name, library))


if __name__ == "__main__":
    main()
