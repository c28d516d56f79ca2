"""Layers: dense, convolution, embedding, dropout."""

import numbers
from typing import Any, Optional, Tuple

import numpy as np
import tensorflow.compat.v1 as tf

from rnn_tf1.errors import GraphError
from rnn_tf1.ops import dropout as dropout_masks
from rnn_tf1.ops.checks import check_graph_mode, check_probability, get_variable, input_depth
from rnn_tf1.ops.mode import Mode
from rnn_tf1.types import Tensor


def dense(x: Tensor, units: int, activation: Any = None, name: str = "dense", initializer: Any = None) -> Any:
    """activation(x kernel + bias), over the last axis of x [..., depth]; gives [..., units].

    Variables as in ``tf.layers.dense``: name/kernel [depth, units], name/bias [units], zeros.

    Args:
      activation: a function; default: none.
      initializer: of the kernel; default: that of the scope.

    Raises:
      GraphError: for a tuple, such as the state of an LSTM, and for an unknown depth.
    """
    check_graph_mode("dense")
    if isinstance(x, tuple):
        part = ".%s" % x._fields[-1] if hasattr(x, "_fields") else "[-1]"
        raise GraphError(
            "%s: x is a tuple of %d, but a layer takes one tensor: pass one of them, state%s for example, or all of them as "
            "tf.concat(state, 1)." % (name, len(x), part)
        )
    with tf.variable_scope(name):
        kernel = get_variable("kernel", [input_depth(x.shape, name), units], x.dtype, initializer)
        bias = get_variable("bias", [units], x.dtype, tf.zeros_initializer())
        y = tf.tensordot(x, kernel, 1) + bias if x.shape.rank > 2 else tf.nn.bias_add(tf.matmul(x, kernel), bias)
        return y if activation is None else activation(y)


def embedding(
    ids: Tensor,
    classes: int,
    size: int,
    name: str = "embedding",
    initializer: Any = None,
    trainable: bool = True,
    dtype: Any = tf.float32,
) -> Tuple[Any, Any]:
    """Returns row `id` of a table for each of the ids [...], [..., size], and the table: variable `name` [classes, size].

    Args:
      initializer: of the table; default: that of the scope. A NumPy array [classes, size], of pretrained vectors for example,
        becomes the initial value; it is stored in the graph, which holds at most 2 GB.
      trainable: False keeps the table at its initial value, and adds it to ``tf.model_variables()``.

    Raises:
      GraphError: for an array of another shape, and for ids that are not integers. On a CPU, an id outside the table is an
        error when the graph runs.
    """
    check_graph_mode("embedding")
    ids = tf.convert_to_tensor(ids)
    if not ids.dtype.is_integer:
        raise GraphError("%s: the ids must be integers but are %s." % (name, ids.dtype.name))
    if isinstance(initializer, np.ndarray):
        if initializer.shape != (classes, size):
            raise GraphError(
                "%s: the vectors have shape %s but need shape %s: one row for each of %d ids."
                % (name, list(initializer.shape), [classes, size], classes)
            )
        initializer = tf.constant_initializer(initializer)
    table = get_variable(name, [classes, size], dtype, initializer, trainable=trainable)
    if not trainable and all(table is not other for other in tf.model_variables()):
        tf.add_to_collection(tf.GraphKeys.MODEL_VARIABLES, table)  # so that it is saved with the best weights
    return tf.nn.embedding_lookup(table, ids), table


def conv1d(
    x: Tensor,
    filters: int,
    kernel_size: int,
    strides: int = 1,
    padding: str = "valid",
    dilation_rate: int = 1,
    activation: Any = None,
    name: str = "conv1d",
) -> Any:
    """y[t] = activation(bias + sum over i of x[t strides + i dilation_rate] kernel[i]), over the steps of x [batch, time,
    depth]; gives [batch, steps, filters].

    Variables as in ``tf.layers.conv1d``: name/kernel [kernel_size, depth, filters], name/bias [filters], zeros.

    Args:
      padding: "valid": no padding, which gives (time - (kernel_size - 1) dilation_rate - 1) // strides + 1 steps;
        "causal": zeros before x, so that output t depends on x up to step t strides and on no later one.
      activation: a function; default: none.

    Raises:
      GraphError: for a size below 1, an unknown padding, and a stride together with a dilation.
    """
    check_graph_mode("conv1d")
    sizes = dict(filters=filters, kernel_size=kernel_size, strides=strides, dilation_rate=dilation_rate)
    for size, value in sizes.items():
        if value < 1:
            raise GraphError("conv1d: %s is %s; it must be at least 1." % (size, value))
    if padding not in ("valid", "causal"):
        raise GraphError('conv1d: padding is %r; it must be "valid" or "causal".' % padding)
    if strides > 1 and dilation_rate > 1:
        raise GraphError("conv1d: strides=%d with dilation_rate=%d: one of them must be 1." % (strides, dilation_rate))
    if padding == "causal":
        x = tf.pad(x, [[0, 0], [(kernel_size - 1) * dilation_rate, 0], [0, 0]])
    with tf.variable_scope(name):
        kernel = get_variable("kernel", [kernel_size, input_depth(x.shape, name), filters], x.dtype)
        bias = get_variable("bias", [filters], x.dtype, tf.zeros_initializer())
        y = tf.nn.convolution(x, kernel, "VALID", strides=[strides], dilation_rate=[dilation_rate]) + bias
        return y if activation is None else activation(y)


def conv2d(
    x: Tensor,
    filters: int,
    kernel_size: int,
    strides: int = 1,
    padding: str = "valid",
    activation: Any = None,
    name: str = "conv2d",
) -> Any:
    """y[r, c] = activation(bias + sum over i, j of x[r strides + i, c strides + j] kernel[i, j]), over the rows and columns of
    x [batch, rows, columns, depth]; gives [batch, rows, columns, filters].

    Variables as in ``tf.layers.conv2d``: name/kernel [kernel_size, kernel_size, depth, filters], name/bias [filters], zeros.

    Args:
      padding: "valid": no padding; "same": zeros around x, so that with a stride of 1 the numbers of rows and columns stay
        the same.
      activation: a function; default: none.

    Raises:
      GraphError: for a size below 1, and an unknown padding.
    """
    check_graph_mode("conv2d")
    for size, value in dict(filters=filters, kernel_size=kernel_size, strides=strides).items():
        if value < 1:
            raise GraphError("conv2d: %s is %s; it must be at least 1." % (size, value))
    if padding not in ("valid", "same"):
        raise GraphError('conv2d: padding is %r; it must be "valid" or "same".' % padding)
    with tf.variable_scope(name):
        kernel = get_variable("kernel", [kernel_size, kernel_size, input_depth(x.shape, name), filters], x.dtype)
        bias = get_variable("bias", [filters], x.dtype, tf.zeros_initializer())
        y = tf.nn.bias_add(tf.nn.conv2d(x, kernel, [1, strides, strides, 1], padding.upper()), bias)
        return y if activation is None else activation(y)


def dropout(
    x: Tensor,
    keep_prob: Any = None,
    noise_shape: Any = None,
    seed: Optional[int] = None,
    name: Optional[str] = None,
    rate: Any = None,
    *,
    is_training: Any = True,
    step: Any = None,
) -> Any:
    """Dropout on any tensor, with the arguments of ``tf.nn.dropout`` in TensorFlow 1.15; see `rnn_tf1.ops.dropout`.

    Args:
      x: a floating tensor.
      keep_prob, rate: one of the two: the probability that an entry is kept, in (0, 1], or rate = 1 - keep_prob.
      noise_shape: the shape of the mask; [batch, 1, depth] drops the same entries at all steps of x [batch, time, depth].
      seed: int.
      name: of the ops.
      is_training: False adds no op; a boolean tensor decides in each session call.
      step: the training step, an integer scalar tensor: the mask becomes a pure function of (seed, step, place). The place
        is the name of the ops.
    """
    check_graph_mode("dropout")
    if (keep_prob is None) == (rate is None):
        given = (
            "neither keep_prob nor rate was"
            if rate is None
            else "both keep_prob=%s and rate=%s were" % (keep_prob, rate)
        )
        raise GraphError("dropout: %s given. Pass one of the two: rate is 1 - keep_prob." % given)
    if keep_prob is None:
        if isinstance(rate, numbers.Real) and not 0 <= float(rate) < 1:
            raise GraphError("dropout: rate is %s; a dropout rate must be at least 0 and below 1." % rate)
        keep_prob = 1 - rate
    check_probability(keep_prob, "keep_prob", "dropout")
    with tf.name_scope(name or "dropout") as place:
        key = None if step is None else dropout_masks.mask_key(seed, step, place, 0)
        return dropout_masks.dropout(x, keep_prob, is_training, seed, None, place, key, noise_shape)


def mode_dropout(x: Tensor, keep_prob: Any, name: str, mode: Mode) -> Any:
    """`dropout` as `mode` says, with masks of its own for each `name`; no op in a test graph."""
    return dropout(x, keep_prob, None, mode.seed, name, is_training=mode.is_training, step=mode.step)
