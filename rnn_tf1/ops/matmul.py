"""The matrix product of a time step, with a fast gradient."""

from typing import Any, Tuple

import tensorflow.compat.v1 as tf

from rnn_tf1.types import Tensor


def matmul(x: Tensor, kernel: Tensor) -> Tensor:
    """x kernel, for x [batch, depth] and kernel [depth, width]: ``tf.matmul``, and the same gradient::

        d_x = d kernel^T        d_kernel = x^T d

    With the small batch of one step, a product with a transposed matrix takes two to four times as long on a CPU, because the
    matrix is read across its rows. So kernel^T is computed once, outside the loop over the steps, and d_x is a plain product.
    This needs a kernel that is the same at all steps, a variable; for any other kernel it is ``tf.matmul`` itself.
    """
    if not hasattr(kernel, "read_value"):
        return tf.matmul(x, kernel)

    @tf.custom_gradient
    def multiply(x: Tensor, weights: Tensor) -> Any:
        def gradient(d: Tensor) -> Tuple[Tensor, Tensor]:
            return tf.matmul(d, _transpose_once(kernel)), tf.matmul(x, d, transpose_a=True)

        return tf.matmul(x, weights), gradient

    return multiply(x, tf.convert_to_tensor(kernel))


def transpose(kernel: Tensor) -> Tensor:
    """kernel^T; ensure_shape keeps TensorFlow from moving the transposition back into each product."""
    return tf.ensure_shape(tf.transpose(kernel), kernel.shape[::-1])


def _transpose_once(kernel: Tensor) -> Tensor:
    """The transposed variable: one tensor for all steps and all layers that share it."""
    transposed = getattr(kernel, "_rnn_tf1_transposed", None)
    if transposed is None:
        with tf.init_scope():  # outside of any loop
            transposed = kernel._rnn_tf1_transposed = transpose(tf.convert_to_tensor(kernel))
    return transposed
