"""The decoders; their arguments are explained in `rnn_tf1.legacy.legacy_seq2seq`."""

from typing import Any, Callable, List, Optional

import tensorflow.compat.v1 as tf

from rnn_tf1.cells.base import linear, positive
from rnn_tf1.errors import GraphError
from rnn_tf1.legacy.legacy_seq2seq.inputs import Decoded, checked_bool, checked_projection, embed, ids_of, steps_of
from rnn_tf1.ops.checks import check_cell, get_variable, input_depth
from rnn_tf1.ops.dropout import time_step
from rnn_tf1.ops.inputs import checked_initial_state, checked_lengths, size_of
from rnn_tf1.types import Cell, Nest, Tensor


def rnn_decoder(
    decoder_inputs: Any, initial_state: Nest, cell: Cell, loop_function: Optional[Callable] = None, scope: Any = None
) -> Decoded:
    """y_t, s_t = cell(x_t, s_{t-1}), from s_0 = initial_state.

    Args:
      decoder_inputs: a list of [batch, depth].
      loop_function: from the second step on x_t = loop_function(y_{t-1}, t), with t counted from 0, and the rest of
        decoder_inputs says only how many steps there are. Default: x_t = decoder_inputs[t].
      the others: see the top of this folder.
    """
    steps = steps_of(decoder_inputs, "decoder_inputs", "rnn_decoder")
    with tf.variable_scope(scope or "rnn_decoder"):
        state = _begin(cell, steps[0], initial_state, "rnn_decoder")
        outputs: List[Tensor] = []
        for t, x in enumerate(steps):
            x = _next_input(x, outputs, loop_function)
            with time_step(t):
                output, state = cell(x, state)
            outputs.append(output)
    return outputs, state


def embedding_rnn_decoder(
    decoder_inputs: Any,
    initial_state: Nest,
    cell: Cell,
    num_symbols: int,
    embedding_size: int,
    output_projection: Any = None,
    feed_previous: Any = False,
    update_embedding_for_previous: bool = True,
    scope: Any = None,
) -> Decoded:
    """`rnn_decoder` with x_t = row decoder_inputs[t] of the variable ``embedding``.

    Args:
      update_embedding_for_previous: False: no gradient goes to the rows that feed_previous has chosen.
      the others: see the top of this folder.
    """
    where = "embedding_rnn_decoder"
    ids = ids_of(decoder_inputs, "decoder_inputs", where)
    with tf.variable_scope(scope or where):
        projection = checked_projection(output_projection, check_cell(cell, where).output_size, num_symbols, where)
        previous = checked_bool(feed_previous, where)
        x, loop = embed(ids, num_symbols, embedding_size, projection, previous, update_embedding_for_previous)
        return rnn_decoder(x, initial_state, cell, loop)


def attention_decoder(
    decoder_inputs: Any,
    initial_state: Nest,
    attention_states: Tensor,
    cell: Cell,
    output_size: Optional[int] = None,
    num_heads: int = 1,
    loop_function: Optional[Callable] = None,
    dtype: Any = None,
    scope: Any = None,
    initial_state_attention: bool = False,
    *,
    memory_sequence_length: Tensor = None,
) -> Decoded:
    """A decoder that looks back at every step, with one head or several: Vinyals et al. 2015, "Grammar as a Foreign Language".

    ::

        c_t, s_t = cell([x_t, d_{t-1}] kernel + bias, s_{t-1})                         as wide as x_t
        u_ti     = AttnV_a . tanh(memory_i AttnW_a + s_t Attention_a/kernel + Attention_a/bias)   for head a = 0, 1, ...
        a_t      = softmax(u_t)                                                        over the steps i of the memory
        d_t      = sum over i of a_ti memory_i                                         those of all heads side by side
        y_t      = [c_t, d_t] AttnOutputProjection/kernel + AttnOutputProjection/bias

    s_t is the whole state, all its parts side by side (c and h of an LSTM, of every layer).

    Args:
      attention_states: the memory [batch, steps, size], with a known size.
      output_size: width of y_t; default: cell.output_size.
      num_heads: int, at least 1.
      initial_state_attention: d_0 is read with the initial state; default: False, d_0 is zero.
      memory_sequence_length: int [batch]: only the first steps of each row are looked at; default: all of them. If it is
        0, d_t is zero.
      the others: see `rnn_decoder` and the top of this folder.
    """
    where = "attention_decoder"
    steps = steps_of(decoder_inputs, "decoder_inputs", where)
    memory = tf.convert_to_tensor(attention_states)
    if not memory.shape[:1].is_compatible_with(steps[0].shape[:1]):  # one row would be broadcast to all
        raise GraphError(
            "%s: attention_states %s and decoder_inputs %s have different numbers of rows; both begin with the batch."
            % (where, memory.shape, steps[0].shape)
        )
    with tf.variable_scope(scope or where, dtype=dtype) as scope:
        dtype = scope.dtype
        state = _begin(cell, steps[0], initial_state, where)
        heads = _Heads(memory, memory_sequence_length, num_heads, dtype, where)
        merge = _Linear(input_depth(steps[0].shape, where))
        project = _Linear(cell.output_size if output_size is None else output_size, "AttnOutputProjection")
        reads = heads.read(state) if initial_state_attention else heads.nothing(tf.shape(steps[0])[0])
        outputs: List[Tensor] = []
        for t, x in enumerate(steps):
            x = _next_input(x, outputs, loop_function)
            x = merge([tf.cast(part, dtype) for part in [x] + reads])
            with time_step(t):
                output, state = cell(x, state)
            reads = heads.read(state)
            outputs.append(project([tf.cast(output, dtype)] + reads))
    return outputs, state


def embedding_attention_decoder(
    decoder_inputs: Any,
    initial_state: Nest,
    attention_states: Tensor,
    cell: Cell,
    num_symbols: int,
    embedding_size: int,
    num_heads: int = 1,
    output_size: Optional[int] = None,
    output_projection: Any = None,
    feed_previous: Any = False,
    update_embedding_for_previous: bool = True,
    dtype: Any = None,
    scope: Any = None,
    initial_state_attention: bool = False,
    *,
    memory_sequence_length: Tensor = None,
) -> Decoded:
    """`attention_decoder` with x_t = row decoder_inputs[t] of the variable ``embedding``; see `embedding_rnn_decoder`."""
    where = "embedding_attention_decoder"
    ids = ids_of(decoder_inputs, "decoder_inputs", where)
    output_size = check_cell(cell, where).output_size if output_size is None else output_size
    with tf.variable_scope(scope or where, dtype=dtype):
        projection = checked_projection(output_projection, output_size, num_symbols, where)
        previous = checked_bool(feed_previous, where)
        x, loop = embed(ids, num_symbols, embedding_size, projection, previous, update_embedding_for_previous)
        return attention_decoder(
            x,
            initial_state,
            attention_states,
            cell,
            output_size,
            num_heads,
            loop,
            initial_state_attention=initial_state_attention,
            memory_sequence_length=memory_sequence_length,
        )


def _begin(cell: Cell, first_step: Tensor, initial_state: Nest, where: str) -> Nest:
    if initial_state is None:
        raise GraphError(
            "%s: initial_state is None: the decoder would know nothing of the source. Give the encoder's last state; or, for a "
            "decoder that begins with nothing, cell.zero_state(batch_size, tf.float32)." % where
        )
    return checked_initial_state(cell, first_step, initial_state, None, where)


def _next_input(x: Tensor, outputs: List[Tensor], loop_function: Optional[Callable]) -> Tensor:
    """What the cell reads next: `x`, or what `loop_function` makes of the last of `outputs`."""
    if outputs and loop_function is not None:
        with tf.variable_scope("loop_function", reuse=True):
            x = loop_function(outputs[-1], len(outputs))
    if outputs:
        tf.get_variable_scope().reuse_variables()  # for cells that ask for their variables at every step
    return x


class _Linear(object):
    """[a, b, ...] kernel + bias, with variables made in the scope `name` at the first call; default: in the present one."""

    def __init__(self, size: int, name: Optional[str] = None):
        self._size, self._name = size, name
        self._weights: Any = None

    def __call__(self, tensors: List[Tensor]) -> Tensor:
        with tf.variable_scope(self._name or tf.get_variable_scope()):
            if self._weights is None:
                rows = sum(input_depth(x.shape, tf.get_variable_scope().name) for x in tensors)
                kernel = get_variable("kernel", [rows, self._size], tensors[0].dtype)
                bias = get_variable("bias", [self._size], tensors[0].dtype, tf.zeros_initializer())
                self._weights = kernel, bias
            return linear(tensors, *self._weights)


class _Heads(object):
    """The heads of an `attention_decoder` and their memory. Makes AttnW_0, AttnV_0, AttnW_1, ... in the present scope.

    Args:
      memory: [batch, steps, size].
      lengths: int [batch], steps to look at; default: all.
    """

    def __init__(self, memory: Tensor, lengths: Tensor, num_heads: int, dtype: Any, where: str):
        positive(num_heads, "num_heads", where)
        if memory.shape.rank != 3 or memory.shape.as_list()[2] is None:
            raise GraphError(
                "%s: attention_states must be [batch, steps, size] with a known size and have the shape %s. Stack the "
                "encoder's outputs: tf.stack(encoder_outputs, axis=1)." % (where, memory.shape)
            )
        self._dtype, self._size = dtype, memory.shape.as_list()[2]
        self._seen = None
        lengths = checked_lengths(lengths, size_of(memory, 1), memory, where)
        if lengths is not None:
            self._seen = tf.sequence_mask(lengths, tf.shape(memory)[1])
            memory = tf.where_v2(tf.expand_dims(self._seen, 2), memory, tf.zeros_like(memory))
        self._memory = memory
        self._features, self._v, self._queries = [], [], []
        for a in range(num_heads):
            kernel = get_variable("AttnW_%d" % a, [1, 1, self._size, self._size], dtype)
            self._features.append(tf.tensordot(memory, tf.reshape(kernel, [self._size, self._size]), 1))
            self._v.append(get_variable("AttnV_%d" % a, [self._size], dtype))
            self._queries.append(_Linear(self._size, "Attention_%d" % a))

    def read(self, state: Nest) -> List[Tensor]:
        """[batch, size] of each head."""
        reads = []
        for features, v, query in zip(self._features, self._v, self._queries):
            asked = tf.cast(query(tf.nest.flatten(state)), self._dtype)
            scores = tf.reduce_sum(v * tf.tanh(features + tf.expand_dims(asked, 1)), 2)
            if self._seen is not None:  # not -inf: a row in which nothing is seen would be NaN
                scores = tf.where_v2(self._seen, scores, tf.constant(scores.dtype.min, scores.dtype))
            reads.append(tf.reduce_sum(tf.expand_dims(tf.nn.softmax(scores), 2) * self._memory, 1))
        return reads

    def nothing(self, batch: Tensor) -> List[Tensor]:
        """Zeros, in the shape of `read`."""
        zeros = tf.zeros(tf.stack([batch, self._size]), self._dtype)
        zeros.set_shape([None, self._size])
        return [zeros] * len(self._v)
