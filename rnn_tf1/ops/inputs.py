"""Checks of what an unrolling is given: the inputs, the initial state, the lengths."""

from typing import Any, List, Tuple

import tensorflow.compat.v1 as tf

from rnn_tf1.errors import GraphError
from rnn_tf1.ops.checks import check_cell, check_dtype, check_graph_mode, check_state
from rnn_tf1.types import Cell, Nest, Tensor


def time_steps(inputs: Tensor, where: str) -> Tuple[List[Any], bool]:
    """The inputs as a list with a tensor [batch, ...] for each step, and whether they were given as a single tensor."""
    check_graph_mode(where)
    if isinstance(inputs, (list, tuple)):
        if not inputs:
            raise GraphError("%s: the list of inputs is empty; it needs at least one step." % where)
        steps = [tf.nest.map_structure(tf.convert_to_tensor, x) for x in inputs]
        for t, step in enumerate(steps):
            for x, first in zip(tf.nest.flatten(step), tf.nest.flatten(steps[0])):
                if x.shape.rank == 0:
                    raise GraphError("%s: the inputs of step %d are a scalar; they must be [batch, ...]." % (where, t))
                if not x.shape.is_compatible_with(first.shape):
                    raise GraphError(
                        "%s: the inputs of step %d have shape %s, those of step 0 have %s; all steps must have the same "
                        "shape, [batch, depth] for example." % (where, t, x.shape, first.shape)
                    )
        return steps, False
    inputs = checked_inputs(inputs, where)
    if inputs.shape[1:2].as_list()[0] is None:
        raise GraphError(
            "%s: the number of steps is unknown (the inputs' shape is %s), but each step becomes a part of the graph. "
            "Set it: inputs.set_shape([None, steps, depth]); or use dynamic_rnn." % (where, inputs.shape)
        )
    if 0 in inputs.shape[1:2].as_list():
        raise GraphError(
            "%s: the inputs have no time steps (their shape is %s), so that there is nothing to unroll. dynamic_rnn accepts "
            "them, and returns outputs without a time step." % (where, inputs.shape)
        )
    return tf.unstack(inputs, axis=1), True


def checked_inputs(inputs: Tensor, where: str) -> Any:
    """The inputs as tensors [batch, time, ...] of known depth, on which the shape of the weights depends."""

    def check(x: Tensor) -> Any:
        x = tf.convert_to_tensor(x)
        if x.shape.rank is None or x.shape.rank < 2 or (x.dtype.is_floating and x.shape.rank < 3):
            raise GraphError("%s: the inputs must be [batch, time, depth] but have shape %s." % (where, x.shape))
        if x.shape.rank > 2 and None in x.shape[2:].as_list():
            raise GraphError(
                "%s: the depth of the inputs is unknown (their shape is %s), but the shape of the weights depends on it. "
                "Set it: inputs.set_shape([None, None, depth]), or give the placeholder its last dimension."
                % (where, x.shape)
            )
        return x if x.shape.rank > 2 else tf.expand_dims(x, 2)  # ids

    return tf.nest.map_structure(check, inputs)


def size_of(x: Tensor, axis: int) -> Any:
    """The size of the axis: an int where it is known, otherwise a scalar tensor."""
    known = x.shape.as_list()[axis]
    return tf.shape(x)[axis] if known is None else known


def checked_initial_state(
    cell: Cell, inputs: Nest, initial_state: Nest, dtype: Any, where: str, batch_axis: int = 0
) -> Nest:
    """`initial_state`, checked; by default the cell's zero state, with the batch size and the dtype of `inputs`."""
    check_cell(cell, where)
    if initial_state is not None:
        check_state(cell.state_size, initial_state, "%s, initial_state" % where)
        # A plain tuple (c, h) becomes an LSTMStateTuple.
        return _with_types_of(cell.state_size, initial_state)
    first = tf.nest.flatten(inputs)[0]
    if dtype is None and not first.dtype.is_floating:
        raise GraphError(
            "%s: the inputs are %s; give the dtype of the state: dtype=tf.float32." % (where, first.dtype.name)
        )
    return cell.zero_state(size_of(first, batch_axis), first.dtype if dtype is None else check_dtype(dtype, where))


def _with_types_of(size: Nest, state: Nest) -> Nest:
    if not isinstance(size, (tuple, list)) or not size:  # (): a counter or a tensor array
        return state
    parts = [_with_types_of(*pair) for pair in zip(size, state)]
    return type(size)(*parts) if hasattr(size, "_fields") else type(size)(parts)


def outputs_dtype(dtype: Any, state: Nest) -> Any:
    """`dtype` where the caller gives it; otherwise that of the first floating tensor of the state, or of its first tensor."""
    if dtype is not None:
        return tf.as_dtype(dtype)
    parts = [x if isinstance(x, tf.TensorArray) else tf.convert_to_tensor(x) for x in tf.nest.flatten(state)]
    return next((x.dtype for x in parts if x.dtype.is_floating or x.dtype.is_complex), parts[0].dtype)


def checked_lengths(sequence_length: Tensor, time: Any, rows: Nest, where: str, batch_axis: int = 0) -> Any:
    """int32 [batch], a length for each of `rows`, checked to lie in 0..time: at once if they are known, else at run time."""
    if sequence_length is None:
        return None
    lengths = tf.convert_to_tensor(sequence_length)
    if not lengths.dtype.is_integer:
        raise GraphError("%s: sequence_length is %s; lengths must be integers." % (where, lengths.dtype.name))
    lengths = tf.cast(lengths, tf.int32)
    if lengths.shape.rank not in (None, 1):
        raise GraphError("%s: sequence_length must be [batch] but has shape %s." % (where, lengths.shape))
    batch = size_of(tf.nest.flatten(rows)[0], batch_axis)
    count = lengths.shape[:1].as_list()[0] if lengths.shape.rank else None
    if count is not None and isinstance(batch, int) and count != batch:
        raise GraphError("%s: %d lengths were given for a batch of %d rows." % (where, count, batch))
    known = tf.get_static_value(lengths)
    if known is not None and isinstance(time, int):
        for row, length in enumerate(known):
            if not 0 <= length <= time:
                raise GraphError("%s: sequence_length[%d] is %d; it must lie in 0..%d." % (where, row, length, time))
        if isinstance(batch, int):
            return lengths
    beyond = "%s: a sequence_length is larger than the number of steps" % where
    checks = [
        tf.debugging.assert_equal(
            tf.shape(lengths)[0], batch, message="%s: there must be one length for each row" % where
        ),
        tf.debugging.assert_less_equal(lengths, time, message=beyond),
        tf.debugging.assert_non_negative(lengths, message="%s: a sequence_length is negative" % where),
    ]
    with tf.control_dependencies(checks):
        return tf.identity(lengths)


def select_rows(running: Tensor, new: Any, old: Any) -> Any:
    """For each row, `new` where `running` [batch] is true, otherwise `old`."""

    def select(a: Any, b: Any) -> Any:
        if not isinstance(a, tf.Tensor) or a.shape.rank == 0:  # a tensor array or a counter, which has no rows
            return a
        return tf.where(running, a, b)  # by rows; where_v2 takes 40 times as long on TensorFlow 1.15

    return tf.nest.map_structure(select, new, old)
