"""A small convolutional network that encodes images as feature maps.

LeCun et al. 1998, "Gradient-Based Learning Applied to Document Recognition"; Simonyan and Zisserman 2015, "Very Deep
Convolutional Networks for Large-Scale Image Recognition", for kernels of 3 x 3 throughout.
"""

from typing import Any, Sequence

import tensorflow.compat.v1 as tf

from rnn_tf1.errors import GraphError
from rnn_tf1.layers import conv2d
from rnn_tf1.types import Tensor


def encode_images(images: Tensor, filters: Sequence[int], name: str = "image") -> Any:
    """Layers of relu(conv2d), 3 x 3, each followed by max pooling over 2 x 2 positions.

    Args:
      images: [n, rows, columns, depth]; rows and columns are known, and can be halved at each layer.
      filters: of each layer.
      name: of the scope.

    Returns:
      The feature maps [n, rows / 2^layers, columns / 2^layers, filters[-1]].

    Raises:
      GraphError: if rows or columns cannot be halved at each layer.
    """
    rows, columns = (size and int(size) for size in images.shape[1:3].as_list())
    factor = 2 ** len(filters)
    if not rows or not columns or rows % factor or columns % factor:
        raise GraphError(
            "encode_images: images of %s x %s cannot be halved %d times: make both sizes multiples of %d, or pass fewer "
            "filters." % (rows, columns, len(filters), factor)
        )
    with tf.variable_scope(name):
        for layer, count in enumerate(filters):
            images = conv2d(images, count, 3, padding="same", activation=tf.nn.relu, name="conv2d_%d" % layer)
            images = tf.nn.max_pool2d(images, 2, 2, "VALID")
    return images
