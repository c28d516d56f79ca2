"""Checks of the arguments of this folder's functions, and the embedding of ids."""

from typing import Any, Callable, List, Optional, Tuple

import numpy as np
import tensorflow.compat.v1 as tf

from rnn_tf1.errors import GraphError
from rnn_tf1.ops.checks import check_graph_mode, get_variable
from rnn_tf1.types import Nest, Tensor

Decoded = Tuple[List[Tensor], Nest]  # (outputs, state)


def steps_of(inputs: Any, name: str, where: str) -> List[Tensor]:
    """`inputs` as a list of tensors, one for each step."""
    check_graph_mode(where)
    if not isinstance(inputs, (list, tuple)):
        raise GraphError(
            "%s: %s is a %s; it must be a list with one tensor for each step: tf.unstack(%s, axis=1)."
            % (where, name, type(inputs).__name__, name)
        )
    if not inputs:
        raise GraphError("%s: the list %s is empty; it needs at least one step." % (where, name))
    return [tf.convert_to_tensor(x) for x in inputs]


def ids_of(inputs: Any, name: str, where: str) -> List[Tensor]:
    """`inputs` as a list of integers [batch], one tensor for each step."""
    steps = steps_of(inputs, name, where)
    for t, x in enumerate(steps):
        if not x.dtype.is_integer or x.shape.rank not in (None, 1):
            raise GraphError(
                "%s: %s[%d] is %s %s; it must be the ids of one step, integers [batch]."
                % (where, name, t, x.dtype.name, x.shape)
            )
    return steps


def checked_bool(feed_previous: Any, where: str) -> Any:
    """A bool, or a scalar tensor of bools."""
    if isinstance(feed_previous, (bool, np.bool_)):
        return bool(feed_previous)
    if isinstance(feed_previous, (tf.Tensor, tf.Variable)):
        feed_previous = tf.convert_to_tensor(feed_previous)
        if feed_previous.dtype == tf.bool and feed_previous.shape.rank in (None, 0):
            return feed_previous
    raise GraphError(
        "%s: feed_previous is %s; it must be True, False or one bool for all rows, tf.placeholder(tf.bool, []) for example."
        % (where, feed_previous)
    )


def checked_projection(projection: Any, width: int, num_symbols: int, where: str) -> Any:
    """None, or (W [width, num_symbols], B [num_symbols]) as tensors."""
    if projection is None:
        return None
    if not isinstance(projection, (list, tuple)) or len(projection) != 2:
        raise GraphError("%s: output_projection must be a pair (W, B)." % where)
    kernel, bias = [tf.convert_to_tensor(weights) for weights in projection]
    if not kernel.shape.is_compatible_with([width, num_symbols]) or not bias.shape.is_compatible_with([num_symbols]):
        raise GraphError(
            "%s: output_projection has the shapes %s and %s; they must be [%d, %d] and [%d]: (tf.transpose(W), B) where W has "
            "a row for each symbol." % (where, kernel.shape, bias.shape, width, num_symbols, num_symbols)
        )
    return kernel, bias


def embed(
    ids: List[Tensor], num_symbols: int, size: int, projection: Any, feed_previous: Any, update_previous: bool
) -> Tuple[List[Tensor], Optional[Callable]]:
    """The vectors of `ids`, and the loop_function that feed_previous asks for. Makes the variable ``embedding``."""
    table = get_variable("embedding", [num_symbols, size])
    x = [tf.nn.embedding_lookup(table, step) for step in ids]

    def own(previous: Tensor) -> Tensor:
        logits = previous if projection is None else tf.nn.xw_plus_b(previous, *projection)
        vectors = tf.nn.embedding_lookup(table, tf.argmax(logits, 1))
        return vectors if update_previous else tf.stop_gradient(vectors)

    if isinstance(feed_previous, bool):
        return x, (lambda previous, t: own(previous)) if feed_previous else None
    # One cond a step, around the choice alone: two decoders in one cond would be a graph of twice the size.
    return x, lambda previous, t: tf.cond(feed_previous, lambda: own(previous), lambda: x[t])
