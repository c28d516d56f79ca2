"""What stands around a recurrence."""

from typing import Any

import tensorflow.compat.v1 as tf

from rnn_tf1.checks import check_graph_mode, get_variable, input_depth


def dense(x: Any, units: int, activation: Any = None, name: str = "dense", initializer: Any = None) -> Any:
    """activation(x kernel + bias), over the last axis of x [..., depth]; gives [..., units].

    Variables as in ``tf.layers.dense``: name/kernel [depth, units], name/bias [units], zeros.

    Args:
      activation: a function; default: none.
      initializer: of the kernel; default: the scope's.
    """
    check_graph_mode("dense")
    with tf.variable_scope(name):
        kernel = get_variable("kernel", [input_depth(x.shape, name), units], x.dtype, initializer)
        bias = get_variable("bias", [units], x.dtype, tf.zeros_initializer())
        y = tf.tensordot(x, kernel, 1) + bias if x.shape.rank > 2 else tf.nn.bias_add(tf.matmul(x, kernel), bias)
        return y if activation is None else activation(y)
