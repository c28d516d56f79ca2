"""Checks of what a decoding loop is given: numbers, logits, `advance` and its state, `alignments`."""

import numbers
from typing import Any, Callable, Optional, Tuple

import tensorflow.compat.v1 as tf

from rnn_tf1.errors import GraphError
from rnn_tf1.ops.inputs import size_of
from rnn_tf1.types import Nest, Tensor

Advance = Callable[[Tensor, Nest], Tuple[Tensor, Nest]]
Alignments = Optional[Callable[[Nest], Tensor]]


def scalar(value: Any, name: str, dtype: Any, holds: Callable[[Any], Any], needs: str, where: str) -> Any:
    """`value` as a number for which `holds`, or as a scalar tensor of `dtype` for which it is checked at run time."""
    tensor = tf.convert_to_tensor(value) if tf.is_tensor(value) else None
    known = value if tensor is None else tf.get_static_value(tensor)
    known = known.item() if getattr(known, "shape", None) == () else known
    message = "%s: %s is %s; %s"
    if tensor is None or known is not None:
        kind = numbers.Integral if dtype.is_integer else numbers.Real
        if isinstance(known, bool) or not isinstance(known, kind) or not holds(known):
            raise GraphError(message % (where, name, repr(known), needs))
        return known
    number = tensor.dtype.is_integer or (tensor.dtype.is_floating and not dtype.is_integer)
    if not number or tensor.shape.rank not in (None, 0):
        got = "a tensor %s of %s" % (tensor.shape, tensor.dtype.name)
        raise GraphError(message % (where, name, got, "it must be a number or a scalar tensor; " + needs))
    tensor = tf.cast(tensor, dtype)
    refused = tf.debugging.Assert(holds(tensor), [message % (where, name, "out of bounds", needs), tensor])
    with tf.control_dependencies([refused]):
        return tf.identity(tensor)


def checked_options(options: Any, kind: type, example: str, where: str) -> Any:
    """`options`, refused unless it is a `kind`: other libraries take a number in its place."""
    if not isinstance(options, kind):
        raise GraphError("%s: options must be %s and is %r. Write %s." % (where, kind.__name__, options, example))
    return options


def checked_count(count: Tensor, where: str) -> Tensor:
    return scalar(count, "count", tf.int32, lambda v: v >= 1, "at least 1 token is drawn.", where)


def checked_stop(stop: Tensor, logits: Tensor, where: str) -> Tensor:
    vocabulary = size_of(logits, 1)
    known = isinstance(vocabulary, int)
    needs = "an id lies in 0..%s." % (vocabulary - 1 if known else "vocabulary - 1")
    return scalar(stop, "stop", tf.int32, lambda v: (v >= 0) & (v < vocabulary if known else True), needs, where)


def checked_logits(logits: Tensor, where: str) -> Tensor:
    logits = tf.convert_to_tensor(logits)
    if not logits.dtype.is_floating or logits.shape.rank not in (None, 2):
        raise GraphError(
            "%s: logits must be floating [batch, vocabulary] and are %s %s. From [batch, time, vocabulary] take the "
            "last step: logits[:, -1]." % (where, logits.dtype.name, logits.shape)
        )
    if logits.shape.rank is None:
        logits.set_shape([None, None])
    return logits


def checked_state(state: Nest, stop: Tensor, where: str) -> Nest:
    """The first state, as tensors."""
    for part in tf.nest.flatten(state):
        if isinstance(part, tf.TensorArray):
            raise GraphError(
                "%s: the state holds a TensorArray, whose rows cannot be told apart. Leave alignment_history of an "
                "AttentionWrapper out, and ask for it here: alignments=lambda state: state.alignments." % where
            )
    state = tf.nest.map_structure(tf.convert_to_tensor, state)
    _check_alike(state, state, stop, where)
    return state


def advanced(advance: Advance, token: Tensor, state: Nest, before: Tensor, where: str) -> Tuple[Tensor, Nest]:
    """advance(token, state), checked; `before` are the logits of the step before."""
    variables = {v.name for v in tf.global_variables()}
    result = advance(token, state)
    new_variables = [v.op.name for v in tf.global_variables() if v.name not in variables]
    if new_variables:
        raise GraphError(
            "%s: advance makes new variables (%s), which nothing has trained. Build the model before, and call it in advance "
            "under tf.variable_scope(scope, reuse=True)." % (where, ", ".join(new_variables))
        )
    if not isinstance(result, (tuple, list)) or len(result) != 2:
        raise GraphError("%s: advance(tokens, state) must return (logits, new state)." % where)
    new_state = result[1]
    try:
        tf.nest.assert_same_structure(state, new_state)
    except (TypeError, ValueError) as error:
        raise GraphError(
            "%s: advance returns a state of another structure than it is given: %s" % (where, error)
        ) from None
    new_state = tf.nest.map_structure(tf.convert_to_tensor, new_state)
    _check_alike(state, new_state, None, where)
    logits = checked_logits(result[0], where + ", advance")
    expected = token.shape.concatenate(before.shape[1:])
    if not logits.shape.is_compatible_with(expected):
        raise GraphError(
            "%s: advance returns logits %s, and %s are wanted: a row for each token that it is given, and the vocabulary "
            "of the first logits." % (where, logits.shape, expected)
        )
    logits.set_shape(expected)
    return logits, new_state


def _check_alike(old: Nest, new: Nest, stop: Tensor, where: str) -> None:
    """Gives the parts of `new` the static shapes of `old`; raises `GraphError` where they cannot have them."""
    for a, b in zip(tf.nest.flatten(old), tf.nest.flatten(new)):
        if a.dtype != b.dtype or not a.shape.is_compatible_with(b.shape):
            raise GraphError(
                "%s: advance is given a state of %s %s and returns %s %s in its place; both must be alike."
                % (where, a.dtype.name, a.shape, b.dtype.name, b.shape)
            )
        if stop is not None and a.shape.rank is None:
            raise GraphError("%s: with stop, the rank of each part of the state must be known: set_shape." % where)
        b.set_shape(a.shape)


def checked_alignments(alignments: Alignments, state: Nest, logits: Tensor, where: str) -> Tuple[Tensor, ...]:
    """(alignments(state),) as float32 [rows, source] with a row for each row of `logits`; () without `alignments`."""
    if alignments is None:
        return ()
    if not callable(alignments):
        raise GraphError(
            "%s: alignments must be a function of the state, such as lambda state: state.alignments." % where
        )
    weights = alignments(state)
    if isinstance(weights, (tuple, list)):
        raise GraphError(
            "%s: alignments(state) is a %s of %d; take one of them: lambda state: state.alignments[0]."
            % (where, type(weights).__name__, len(weights))
        )
    weights = tf.convert_to_tensor(weights)
    rows = logits.shape.as_list()[0]
    if not weights.dtype.is_floating or not weights.shape.is_compatible_with([rows, None]):
        raise GraphError(
            "%s: alignments(state) must be floating [rows, source], with %s rows, and is %s %s."
            % (where, rows or "the logits'", weights.dtype.name, weights.shape)
        )
    weights.set_shape([rows, None])
    return (tf.cast(weights, tf.float32),)
