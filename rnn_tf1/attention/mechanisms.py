"""How well each step of a memory fits a query, and the share of the attention that it gets."""

import math
from typing import Any, Callable, Dict, Optional, Tuple

import tensorflow.compat.v1 as tf

from rnn_tf1.attention.rows import row_checks
from rnn_tf1.cells.base import positive
from rnn_tf1.errors import GraphError
from rnn_tf1.ops.checks import check_dtype, check_graph_mode, get_variable, input_depth
from rnn_tf1.ops.inputs import checked_lengths, size_of
from rnn_tf1.ops.matmul import matmul
from rnn_tf1.types import Nest, Tensor


class AttentionMechanism(object):
    """The base of all mechanisms: a masked memory, and probabilities computed from a score for each of its steps.

    ::

        alignments, next_state = mechanism(query, state)                    query [batch, n], alignments [batch, time]

    The query may have k times as many rows as the memory; row r then looks at memory row r // k. A mechanism of
    your own is a subclass that computes its score in `score`; arguments and errors: see `BahdanauAttention`.

    Attributes:
      values: the memory [batch, time, depth], zeros beyond its lengths: the vectors that are averaged.
      keys: values memory_layer/kernel, [batch, time, num_units]: the scores are computed from these.
      batch_size: of the memory: an int, or a scalar tensor where it is not known.
      alignments_size: its time, likewise.
      state_size: its time, likewise.
      memory_layer: a function x -> x kernel, whose `kernel` is a variable once it has been called.
      query_layer: likewise.
    """

    scope_name = "attention"  # of the variables that are made at the first call

    def __init__(
        self,
        num_units: int,
        memory: Tensor,
        memory_sequence_length: Tensor,
        probability_fn: Optional[Callable],
        score_mask_value: Any,
        dtype: Any,
        custom_key_value_fn: Optional[Callable],
        name: Optional[str],
    ):
        where = type(self).__name__
        check_graph_mode(where)
        self._num_units = positive(num_units, "num_units", where)
        self._probability_fn: Any = check_function(probability_fn, "probability_fn", where) or tf.nn.softmax
        self._graph = outer_graph()
        self._weights: Dict[str, Any] = {}
        self._scored: Any = None  # [batch, 1, time], 1 and beyond the length 0; for a score_mask_value
        self._beyond: Any = None  # [batch, 1, time], 0 and beyond the length -inf or the score_mask_value
        self._not_empty: Any = None  # [batch, 1, 1], 1 and in an empty row 0; where there may be empty rows
        with tf.name_scope(name, where):
            memory = _checked_memory(memory, where)
            if dtype is not None and check_dtype(dtype, where) != memory.dtype:
                raise GraphError(
                    "%s: dtype is %s and the memory %s. Leave dtype out: it is then the memory's."
                    % (where, tf.as_dtype(dtype).name, memory.dtype.name)
                )
            self.dtype = memory.dtype
            self.values = memory
            if memory_sequence_length is not None:
                self._mask(memory, memory_sequence_length, score_mask_value, where)
            self.memory_layer = Linear(num_units, "memory_layer", self.dtype)
            self.query_layer: Any = None
            self.keys = self.memory_layer(self.values)
            key_value_fn: Any = check_function(custom_key_value_fn, "custom_key_value_fn", where)
            if key_value_fn is not None:
                pair = key_value_fn(self.keys, self.values)
                self.keys, self.values = (_checked_memory(x, where + ", custom_key_value_fn") for x in pair)
            self.batch_size = size_of(self.keys, 0)
            self.alignments_size = size_of(self.keys, 1)
            self._grouped_shape = tf.stack([self.batch_size, -1, self.keys.shape.as_list()[2]])  # outside of any loop

    @property
    def state_size(self) -> Nest:
        return self.alignments_size

    def initial_alignments(self, batch_size: Tensor, dtype: Any) -> Tensor:
        """Zeros [batch_size, time]."""
        zeros = tf.zeros(tf.stack([batch_size, self.alignments_size]), dtype)
        zeros.set_shape([size if isinstance(size, int) else None for size in (batch_size, self.alignments_size)])
        return zeros

    def initial_state(self, batch_size: Tensor, dtype: Any) -> Nest:
        """The state before the first step; these mechanisms carry their alignments and do not read them."""
        return self.initial_alignments(batch_size, dtype)

    def __call__(self, query: Tensor, state: Nest) -> Any:
        """(alignments [batch, time], next state) of a query [batch, n]; the first call makes the variables."""
        return self.look(query, state)[:2]

    def look(self, query: Tensor, state: Nest) -> Tuple[Tensor, Nest, Tensor]:
        """(alignments, next state, context [batch, depth]): a call, and the mean of the values that it weighs."""
        where = type(self).__name__
        self.check_graph()
        query = tf.convert_to_tensor(query)
        if query.shape.rank != 2 or query.dtype != self.dtype:
            raise GraphError(
                "%s: a query is the cell's output, %s [batch, n] as the memory's type is, and this one is %s %s."
                % (where, self.dtype.name, query.dtype.name, query.shape)
            )
        with tf.variable_scope(None, self.scope_name):
            scores = self.score(query)
        if self._scored is not None:
            scores *= self._scored
        if self._beyond is not None:
            scores += self._beyond
        rows = size_of(query, 0)
        flat = tf.stack([rows, self.alignments_size])
        if self._probability_fn is tf.nn.softmax:
            weights = tf.nn.softmax(scores)
        else:
            weights = tf.reshape(self._probability_fn(tf.reshape(scores, flat)), tf.shape(scores))
        if self._not_empty is not None:
            weights *= self._not_empty
        alignments = tf.reshape(weights, flat)
        context = tf.matmul(weights, self.values)
        depth = self.values.shape.as_list()[2]
        return alignments, alignments, tf.reshape(context, [rows if isinstance(rows, int) else -1, depth])

    def score(self, query: Tensor) -> Tensor:
        """[batch, k, time]: how well each step of the memory fits each row of the query [batch * k, n]."""
        raise GraphError("%s needs a method score(query)." % type(self).__name__)

    def _mask(self, memory: Tensor, lengths: Tensor, mask_value: Tensor, where: str) -> None:
        time = size_of(memory, 1)
        lengths = checked_lengths(lengths, time, memory, where + ", memory")
        below = tf.sequence_mask(lengths, time)
        self.values = _zeros_beyond(memory, below)
        known = tf.get_static_value(lengths)
        if known is None or not all(known):
            not_empty = tf.expand_dims(lengths > 0, 1)
            self._not_empty = tf.cast(tf.expand_dims(not_empty, 2), self.dtype)
            # All scores of an empty row count: the softmax of nothing but -inf is NaN. Its weights are set to zero after.
            below = below | ~not_empty
        below = tf.expand_dims(below, 1)
        value = tf.convert_to_tensor(-math.inf if mask_value is None else mask_value, self.dtype)
        beyond = tf.fill(tf.shape(below), value)
        self._beyond = tf.where(below, tf.zeros_like(beyond), beyond)
        self._scored = None if mask_value is None else tf.cast(below, self.dtype)

    def group(self, query: Tensor) -> Tensor:
        """[batch * k, units] as [batch, k, units]: the rows that look at one row of the memory together."""
        rows, batch = size_of(query, 0), self.batch_size
        if not isinstance(rows, int) or not isinstance(batch, int):
            return tf.reshape(query, self._grouped_shape)
        row_checks(rows, batch, type(self).__name__)
        return tf.reshape(query, [batch, rows // max(batch, 1), self.keys.shape.as_list()[2]])

    def weight(self, name: str, shape: Any, initializer: Any = None) -> Any:
        """The variable of that name, made at the first call."""
        if name not in self._weights:
            self._weights[name] = get_variable(name, shape, self.dtype, initializer)
        return self._weights[name]

    def check_graph(self) -> None:
        """Refuses a mechanism whose memory is in another graph."""
        if outer_graph() is not self._graph:
            raise GraphError(
                "%s has its memory and its variables in another graph. Make a new one in each graph: a function that "
                "returns one, called inside `with graph.as_default():`." % type(self).__name__
            )


class BahdanauAttention(AttentionMechanism):
    """Additive attention: Bahdanau et al. 2015, "Neural Machine Translation by Jointly Learning to Align and Translate"::

        e_i     = attention_v . tanh(q query_layer/kernel + m_i memory_layer/kernel)       q: the query, m_i: step i of memory
        a       = softmax(e) over the steps below the row's length                         the alignments
        context = sum over i of a_i m_i                                                    computed by `AttentionWrapper`

        memory_layer/kernel [depth, num_units]                      made with the mechanism, in the scope around it
        bahdanau_attention/query_layer/kernel [n, num_units]        these at the first call, in the scope around that
        bahdanau_attention/attention_v [num_units]

    With `normalize`, after Salimans and Kingma 2016, "Weight Normalization: A Simple Reparameterization to Accelerate
    Training of Deep Neural Networks"::

        e_i = attention_g attention_v / |attention_v| . tanh(q query_layer/kernel + m_i memory_layer/kernel + attention_b)

        attention_g [], sqrt(1 / num_units)       attention_b [num_units], zeros

    The query may have k times as many rows as the memory, as the beams of a beam search have: row r looks at memory row
    r // k. The tanh makes a tensor [batch, k, time, num_units] at every step, and training keeps them all for the backward
    pass; with long memories `LuongAttention`, which makes none, needs less.

    Args:
      num_units: int, the width in which query and memory are compared.
      memory: floating [batch, time, depth], the outputs of an encoder for example; depth must be known.
      memory_sequence_length: int [batch], in 0..time; default: all steps. What the memory holds beyond it, even NaN, affects
        no output and no gradient. A row of length 0 has alignments and a context of zeros (contrib stops there).
      normalize: the second form.
      probability_fn: a function of the scores [batch, time]; default: ``tf.nn.softmax``.
      score_mask_value: the score beyond the length; default: -inf.
      dtype: accepted for old code; it must be that of the memory.
      custom_key_value_fn: a function of (keys, values) that returns the pair to use instead.
      name: of the ops.

    Raises:
      GraphError: for a memory or lengths of a wrong rank, type or number, and for a memory of unknown depth. At run time,
        ``InvalidArgumentError`` for a length beyond the memory.
    """

    scope_name = "bahdanau_attention"

    def __init__(
        self,
        num_units: int,
        memory: Tensor,
        memory_sequence_length: Tensor = None,
        normalize: bool = False,
        probability_fn: Optional[Callable] = None,
        score_mask_value: Any = None,
        dtype: Any = None,
        custom_key_value_fn: Optional[Callable] = None,
        name: Optional[str] = "BahdanauAttention",
    ):
        super().__init__(
            num_units,
            memory,
            memory_sequence_length,
            probability_fn,
            score_mask_value,
            dtype,
            custom_key_value_fn,
            name,
        )
        self.query_layer = Linear(num_units, "query_layer", self.dtype)
        self._normalize = normalize

    def score(self, query):
        q = self.query_layer(query)
        v = self.weight("attention_v", [self._num_units])
        if self._normalize:
            g = self.weight("attention_g", [], tf.constant_initializer(math.sqrt(1.0 / self._num_units)))
            v = v * (g * tf.rsqrt(tf.reduce_sum(tf.square(v))))
            q = q + self.weight("attention_b", [self._num_units], tf.zeros_initializer())
        q = tf.expand_dims(self.group(q), 2)
        compared = tf.tanh(tf.expand_dims(self.keys, 1) + q)  # [batch, k, time, num_units]
        # A product with v is up to 1.5 times as fast in training as the sum of v * compared, which would keep one more copy.
        scores = tf.matmul(tf.reshape(compared, [-1, self._num_units]), tf.expand_dims(v, 1))
        return tf.reshape(scores, tf.shape(compared)[:3])


class LuongAttention(AttentionMechanism):
    """Multiplicative attention: Luong et al. 2015, "Effective Approaches to Attention-based Neural Machine Translation",
    the score that the paper calls general::

        e_i     = q . (m_i memory_layer/kernel)                     q: the query, m_i: step i of the memory
        a       = softmax(e) over the steps below the row's length  the alignments
        context = sum over i of a_i m_i                             computed by `AttentionWrapper`

        memory_layer/kernel [depth, num_units]                      made with the mechanism, in the scope around it

    With `scale`, e_i = attention_g q . (m_i memory_layer/kernel), with luong_attention/attention_g [], one, made at the first
    call in the scope around that.

    Args:
      num_units: int, the width of the query: that of the cell's output.
      scale: the second form.
      the others: see `BahdanauAttention`.

    Raises:
      GraphError: as `BahdanauAttention`, and for a query that is not num_units wide.
    """

    scope_name = "luong_attention"

    def __init__(
        self,
        num_units: int,
        memory: Tensor,
        memory_sequence_length: Tensor = None,
        scale: bool = False,
        probability_fn: Optional[Callable] = None,
        score_mask_value: Any = None,
        dtype: Any = None,
        custom_key_value_fn: Optional[Callable] = None,
        name: Optional[str] = "LuongAttention",
    ):
        super().__init__(
            num_units,
            memory,
            memory_sequence_length,
            probability_fn,
            score_mask_value,
            dtype,
            custom_key_value_fn,
            name,
        )
        self._scale = scale

    def score(self, query):
        width, units = input_depth(query.shape, "LuongAttention"), self.keys.shape.as_list()[-1]
        if width != units:
            raise GraphError(
                "LuongAttention multiplies the query, which is %d wide, by keys that are %s wide: num_units must be the "
                "width of the cell's output. Write LuongAttention(%d, memory), or use BahdanauAttention, which takes any "
                "width." % (width, units, width)
            )
        q = self.group(query)
        if self._scale:
            q = q * self.weight("attention_g", [], tf.ones_initializer())
        return tf.matmul(q, self.keys, transpose_b=True)


class Linear(object):
    """x -> x kernel over the last axis; the variable name/kernel [depth, units] is made at the first call, in its scope."""

    def __init__(self, units: int, name: str, dtype: Any):
        self.kernel: Any = None
        self._units, self._name, self._dtype = units, name, dtype

    def __call__(self, x: Tensor) -> Any:
        if self.kernel is None:
            with tf.variable_scope(None, self._name):
                self.kernel = get_variable("kernel", [input_depth(x.shape, self._name), self._units], self._dtype)
        return tf.tensordot(x, self.kernel, 1) if x.shape.rank > 2 else matmul(x, self.kernel)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return list(input_shape)[:-1] + [self._units]


def outer_graph() -> Any:
    """The graph that holds the variables: that around a while loop's body."""
    with tf.init_scope():
        return tf.get_default_graph()


def check_function(function: Any, name: str, where: str) -> Any:
    """Returns `function`; raises `GraphError` where it is neither a function nor None."""
    if function is not None and not callable(function):
        raise GraphError("%s: %s must be a function and is %r." % (where, name, function))
    return function


def _checked_memory(memory: Tensor, where: str) -> Tensor:
    if isinstance(memory, (list, tuple)) and any(tf.is_tensor(part) for part in memory):
        raise GraphError(
            "%s: the memory is one tensor [batch, time, depth] and this is a %s of %d. Put the outputs of a bidirectional "
            "encoder side by side: tf.concat(outputs, 2); stack a list of steps: tf.stack(outputs, 1)."
            % (where, type(memory).__name__, len(memory))
        )
    memory = tf.convert_to_tensor(memory)
    if memory.shape.rank != 3 or not memory.dtype.is_floating:
        raise GraphError(
            "%s: the memory must be floating [batch, time, depth], all outputs of an encoder for example (not its final "
            "state), and is %s %s." % (where, memory.dtype.name, memory.shape)
        )
    if memory.shape.as_list()[2] is None:
        raise GraphError(
            "%s: the depth of the memory is unknown (its shape is %s), and the weights' shape depends on it. Say it: "
            "memory.set_shape([None, None, depth])." % (where, memory.shape)
        )
    return memory


def _zeros_beyond(memory: Tensor, below: Any) -> Tensor:
    """`memory` where `below` [batch, time], and 0 elsewhere; row by row, since TF 1.15's where_v2 takes 40 times as long."""
    flat = tf.reshape(memory, [-1, memory.shape.as_list()[2]])
    masked = tf.where(tf.reshape(below, [-1]), flat, tf.zeros_like(flat))  # a product would let NaN through
    masked = tf.reshape(masked, tf.shape(memory))
    masked.set_shape(memory.shape)
    return masked
