"""The matrix product of a time step, whose gradient is fast."""

from typing import Any

import tensorflow.compat.v1 as tf


def product(x: Any, kernel: Any) -> Any:
    """x kernel, for x [batch, depth] and kernel [depth, width]; as ``tf.matmul``, with the same gradient::

        d_x = d kernel^T        d_kernel = x^T d

    A step's batch is small, and a product with a matrix that is read across its rows then takes two to four times as long on
    a CPU. So kernel^T is made once, outside the loop over the steps, and d_x is a plain product. This needs a kernel that is
    the same at all steps, a variable; with any other it is ``tf.matmul``.
    """
    if not hasattr(kernel, "read_value"):
        return tf.matmul(x, kernel)

    @tf.custom_gradient
    def multiplied(x: Any, weights: Any) -> Any:
        def gradient(d: Any) -> Any:
            return tf.matmul(d, _turned(kernel)), tf.matmul(x, d, transpose_a=True)

        return tf.matmul(x, weights), gradient

    return multiplied(x, tf.convert_to_tensor(kernel))


def transposed(kernel: Any) -> Any:
    """kernel^T; ensure_shape keeps TensorFlow from putting the transposition back into each product."""
    return tf.ensure_shape(tf.transpose(kernel), kernel.shape[::-1])


def _turned(kernel: Any) -> Any:
    """The transposed variable: one tensor for all steps and all layers that share it."""
    found = getattr(kernel, "_rnn_tf1_transposed", None)
    if found is None:
        with tf.init_scope():  # outside of any loop
            found = kernel._rnn_tf1_transposed = transposed(tf.convert_to_tensor(kernel))
    return found
