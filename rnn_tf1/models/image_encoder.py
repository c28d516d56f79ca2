"""What a small convolutional network sees in images: a map of places, each with what was found there.

LeCun et al. 1998, "Gradient-Based Learning Applied to Document Recognition"; Simonyan and Zisserman 2015, "Very Deep
Convolutional Networks for Large-Scale Image Recognition", for kernels of 3 x 3 throughout.
"""

from typing import Any, Sequence

import tensorflow.compat.v1 as tf

from rnn_tf1.errors import GraphError
from rnn_tf1.layers import conv2d


def encode_images(images: Any, filters: Sequence[int], name: str = "image") -> Any:
    """Layers of relu(conv2d), 3 x 3, each followed by the maximum of every 2 x 2 places.

    Args:
      images: [n, rows, columns, depth]; rows and columns are known, and halve at each layer without a rest.
      filters: of each layer.
      name: of the scope.

    Returns [n, rows / 2^layers, columns / 2^layers, filters[-1]].

    Raises `GraphError` where rows or columns cannot be halved so often.
    """
    rows, columns = (size and int(size) for size in images.shape[1:3].as_list())
    once = 2 ** len(filters)
    if not rows or not columns or rows % once or columns % once:
        raise GraphError(
            "encode_images: images of %s x %s cannot be halved %d times without a rest: make both multiples of %d, or give "
            "fewer filters." % (rows, columns, len(filters), once)
        )
    with tf.variable_scope(name):
        for layer, count in enumerate(filters):
            images = conv2d(images, count, 3, padding="same", activation=tf.nn.relu, name="conv2d_%d" % layer)
            images = tf.nn.max_pool2d(images, 2, 2, "VALID")
    return images
