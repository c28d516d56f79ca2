"""A convolution over images, and the encoder made of it, against NumPy."""

import numpy as np
import pytest
import tensorflow.compat.v1 as tf

from rnn_tf1 import conv2d
from rnn_tf1.errors import GraphError
from rnn_tf1.models.image_encoder import encode_images

X = np.random.RandomState(0).normal(size=[3, 6, 8, 2])


def convolved(x, kernel, bias, strides, padding):
    """relu of the convolution, place by place, in float64."""
    size = kernel.shape[0]
    if padding == "same":
        out = [-(-n // strides) for n in x.shape[1:3]]
        around = [max((o - 1) * strides + size - n, 0) for o, n in zip(out, x.shape[1:3])]
        x = np.pad(x, [(0, 0)] + [(a // 2, a - a // 2) for a in around] + [(0, 0)])
    else:
        out = [(n - size) // strides + 1 for n in x.shape[1:3]]
    y = np.zeros([len(x), *out, kernel.shape[3]])
    for r in range(out[0]):
        for c in range(out[1]):
            patch = x[:, r * strides : r * strides + size, c * strides : c * strides + size]
            y[:, r, c] = np.tensordot(patch, kernel, 3) + bias
    return np.maximum(y, 0)


def run(build):
    """(what build() gives with random weights, the weights by name)"""
    with tf.Graph().as_default(), tf.Session() as session:
        y = build()
        session.run(tf.global_variables_initializer())
        random = np.random.RandomState(1)
        for variable in sorted(tf.trainable_variables(), key=lambda v: v.name):
            variable.load(random.normal(0, 0.5, variable.shape.as_list()).astype(np.float32), session)
        return session.run(y), {v.op.name: session.run(v).astype(np.float64) for v in tf.trainable_variables()}


@pytest.mark.parametrize(
    ("size", "strides", "padding"), [(3, 1, "same"), (2, 1, "valid"), (3, 2, "same"), (3, 2, "valid")]
)
def test_conv2d(size, strides, padding):
    """Rows and columns swapped, a kernel turned round, a stride or a padding that does nothing, a bias left out."""
    y, weights = run(lambda: conv2d(tf.constant(X, tf.float32), 5, size, strides, padding, tf.nn.relu))
    assert sorted(weights) == ["conv2d/bias", "conv2d/kernel"]
    expected = convolved(X, weights["conv2d/kernel"], weights["conv2d/bias"], strides, padding)
    np.testing.assert_allclose(y, expected, atol=1e-5)
    assert (expected > 0).mean() > 0.2


def test_encode_images():
    """A layer left out, its depth that of another, a mean or a stride instead of the maximum."""
    x = np.random.RandomState(2).normal(size=[3, 8, 4, 2])
    y, weights = run(lambda: encode_images(tf.constant(x, tf.float32), (3, 5)))
    for layer in range(2):
        x = convolved(x, weights["image/conv2d_%d/kernel" % layer], weights["image/conv2d_%d/bias" % layer], 1, "same")
        n, rows, columns, depth = x.shape
        x = x.reshape(n, rows // 2, 2, columns // 2, 2, depth).max((2, 4))
    assert y.shape == (3, 2, 1, 5)
    np.testing.assert_allclose(y, x, atol=1e-5)


def test_mistakes():
    """An image of a size that loses rows at the border; sizes for which there is no convolution."""
    for shape, text in (
        ([None, 12, 8, 1], "12 x 8.*halved 3 times"),
        ([None, 8, 12, 1], "8 x 12"),
        ([None, None, 8, 1], "None x 8"),
    ):
        with tf.Graph().as_default(), pytest.raises(GraphError, match=text):
            encode_images(tf.placeholder(tf.float32, shape), (2, 2, 2))
    for more, text in ((dict(filters=0), "filters is 0"), (dict(padding="causal"), "padding is 'causal'")):
        with tf.Graph().as_default(), pytest.raises(GraphError, match=text):
            conv2d(tf.constant(X), **dict(dict(filters=2, kernel_size=2), **more))
