"""A cell that attends: what it read from the memory at one step is an input of the next."""

import collections
from typing import Any, Callable, List, Optional, Sequence, Tuple

import tensorflow.compat.v1 as tf

from rnn_tf1.attention.mechanisms import AttentionMechanism, Linear, check_function
from rnn_tf1.attention.rows import row_checks
from rnn_tf1.cells.base import RNNCell, positive
from rnn_tf1.errors import GraphError
from rnn_tf1.ops.checks import check_cell, check_state, input_depth
from rnn_tf1.ops.inputs import size_of
from rnn_tf1.types import Cell, Nest, Tensor


class AttentionWrapperState(
    collections.namedtuple(
        "AttentionWrapperState",
        ("cell_state", "attention", "time", "alignments", "alignment_history", "attention_state"),
    )
):
    """The state of an `AttentionWrapper`; with a list of mechanisms, the last three are tuples with one for each.

    Attributes:
      cell_state: of the cell inside.
      attention: [batch, width], the attention of the last step.
      time: int32 scalar, the number of steps so far; the same for all rows.
      alignments: [batch, memory time], where the step looked.
      alignment_history: a ``tf.TensorArray`` whose ``stack()`` is [steps, batch, memory time], or () if none is kept. Steps
        beyond a row's `sequence_length` are in it too.
      attention_state: what the mechanism carries; for those of this package, its alignments.
    """

    __slots__ = ()

    def clone(self, **kwargs: Any) -> "AttentionWrapperState":
        """This state with some fields replaced: ``cell.zero_state(batch, tf.float32).clone(cell_state=encoder_state)``.

        Raises `GraphError` if a new field does not have the structure, type and shape of the old one; sizes that are not known
        are compared at run time.
        """
        for name in kwargs:
            if name not in self._fields:
                raise GraphError("AttentionWrapperState has no field %r; it has %s." % (name, ", ".join(self._fields)))
        return self._replace(**{name: _like(getattr(self, name), new, name) for name, new in kwargs.items()})


class AttentionWrapper(RNNCell):
    """A cell around `cell` that looks at a memory after every step::

        y, s'      = cell(cell_input_fn(x, attention), s)              attention: that of the step before, zeros at first
        alignments = mechanism(y)                                      [batch, time], see `BahdanauAttention`
        context    = sum over i of alignments_i values_i               [batch, depth of the memory]
        attention' = attention_layer([y, context])                     or the context itself, where there is no layer

        attention_layer/kernel [width of y + depth of the memory, attention_layer_size]

    With several mechanisms, the attentions of all stand side by side. Luong et al. 2015, "Effective Approaches to
    Attention-based Neural Machine Translation", hand `attention'` on to the layers above; in Bahdanau et al. 2015, "Neural
    Machine Translation by Jointly Learning to Align and Translate", the cell's output goes there: `output_attention=False`.

    Where a beam search holds k rows for each row of the memory, ``zero_state(batch_size * k, dtype)`` is all it takes: the
    memory need not be tiled.

    Args:
      cell: any cell, wrapped or not.
      attention_mechanism: a mechanism, or a list of mechanisms.
      attention_layer_size: int: the width of a layer without bias; for a list of mechanisms, a list with one for each.
        Default: no layer.
      alignment_history: keeps the alignments of all steps in the state.
      cell_input_fn: a function of (inputs, attention); default: both side by side.
      output_attention: True: the output is the attention; False: that of the cell.
      initial_cell_state: the state of the cell in `zero_state`; default: zeros. It has as many rows as `zero_state` is asked
        for.
      name: of the scope; default: "attention_wrapper".
      attention_layer: instead of the size, a function of [batch, width of y + depth of the memory], or a layer object with
        `compute_output_shape`; for a list of mechanisms, a list. A function is called once more in a graph that is thrown away,
        to see how wide its result is.
      attention_fn: a function of (mechanism, y, attention state, attention layer or None) that returns (attention',
        alignments, next attention state); default: the equations above.
      dtype: see `RNNCell`.

    `variables` holds all but the kernels of the mechanisms' memory layers, which were made before, with the mechanisms.

    Raises:
      GraphError: for mechanisms, layers and sizes that do not fit each other, for a mechanism of another graph, and for a
        number of rows that is no multiple of the memory's. Where it is not known when the graph is built: at run time,
        ``InvalidArgumentError`` from the state that `zero_state` gives.
    """

    def __init__(
        self,
        cell: Cell,
        attention_mechanism: Any,
        attention_layer_size: Any = None,
        alignment_history: bool = False,
        cell_input_fn: Optional[Callable] = None,
        output_attention: bool = True,
        initial_cell_state: Nest = None,
        name: Optional[str] = None,
        attention_layer: Any = None,
        attention_fn: Optional[Callable] = None,
        dtype: Any = None,
    ):
        super().__init__(name=name, dtype=dtype)
        self.cell = check_cell(cell, "AttentionWrapper")
        self._is_multi = isinstance(attention_mechanism, (list, tuple))
        self._mechanisms = _checked_mechanisms(attention_mechanism if self._is_multi else [attention_mechanism])
        self._layers, widths = _layers(cell, self._mechanisms, attention_layer_size, attention_layer)
        self._attention_size = sum(widths)
        self._alignment_history = alignment_history
        self._cell_input_fn = check_function(cell_input_fn, "cell_input_fn", "AttentionWrapper") or _side_by_side
        self._attention_fn = check_function(attention_fn, "attention_fn", "AttentionWrapper") or _attend
        self._output_attention = output_attention
        if initial_cell_state is not None:
            check_state(cell.state_size, initial_cell_state, "AttentionWrapper, initial_cell_state")
            flat = [tf.convert_to_tensor(part) for part in tf.nest.flatten(initial_cell_state)]
            initial_cell_state = tf.nest.pack_sequence_as(cell.state_size, flat)
        self._initial_cell_state = initial_cell_state

    @property
    def inner_cells(self):
        return [self.cell]

    @property
    def output_size(self):
        return self._attention_size if self._output_attention else self.cell.output_size

    @property
    def state_size(self):
        sizes = self._one_or_all([m.alignments_size for m in self._mechanisms])
        return AttentionWrapperState(
            cell_state=self.cell.state_size,
            attention=self._attention_size,
            time=tf.TensorShape([]),
            alignments=sizes,
            alignment_history=sizes if self._alignment_history else self._one_or_all([()] * len(self._mechanisms)),
            attention_state=self._one_or_all([m.state_size for m in self._mechanisms]),
        )

    def zero_state(self, batch_size: Tensor, dtype: Any) -> Nest:
        """The state before the first step: zeros, or `initial_cell_state` in the cell."""
        where = "%s.zero_state" % self.name
        with tf.name_scope(type(self).__name__ + "ZeroState"):
            cell_state = self._initial_cell_state
            checks = [check for m in self._mechanisms for check in row_checks(batch_size, m.batch_size, where)]
            if cell_state is None:
                cell_state = self.cell.zero_state(batch_size, dtype)
            else:
                checks += _same_rows(cell_state, batch_size, where)
            with tf.control_dependencies(checks):
                cell_state = tf.nest.map_structure(tf.identity, cell_state) if checks else cell_state
            alignments = [m.initial_alignments(batch_size, dtype) for m in self._mechanisms]
            attention = tf.zeros(tf.stack([batch_size, self._attention_size]), dtype)
            attention.set_shape([batch_size if isinstance(batch_size, int) else None, self._attention_size])
            return AttentionWrapperState(
                cell_state=cell_state,
                attention=attention,
                time=tf.zeros([], tf.int32),
                alignments=self._one_or_all(alignments),
                alignment_history=self._one_or_all([self._history(a) for a in alignments]),
                attention_state=self._one_or_all([m.initial_state(batch_size, dtype) for m in self._mechanisms]),
            )

    def call(self, inputs, state):
        if not isinstance(state, AttentionWrapperState):
            raise GraphError(
                "%s: the state must be an AttentionWrapperState and is a %s. Begin with %s"
                % (self.name, type(state).__name__, "cell.zero_state(batch, dtype).clone(cell_state=encoder_state).")
            )
        output, cell_state = self.cell(self._cell_input_fn(inputs, state.attention), state.cell_state)
        attentions, alignments, attention_states, histories = [], [], [], []
        for mechanism, layer, before, history in zip(
            self._mechanisms,
            self._layers,
            state.attention_state if self._is_multi else [state.attention_state],
            state.alignment_history if self._is_multi else [state.alignment_history],
        ):
            attention, aligned, attention_state = self._attention_fn(mechanism, output, before, layer)
            attentions.append(attention)
            alignments.append(aligned)
            attention_states.append(attention_state)
            histories.append(history.write(state.time, aligned) if self._alignment_history else ())
        attention = tf.concat(attentions, 1) if self._is_multi else attentions[0]
        new_state = AttentionWrapperState(
            cell_state=cell_state,
            attention=attention,
            time=state.time + 1,
            alignments=self._one_or_all(alignments),
            alignment_history=self._one_or_all(histories),
            attention_state=self._one_or_all(attention_states),
        )
        return (attention if self._output_attention else output), new_state

    def _one_or_all(self, several: Sequence[Any]) -> Any:
        return tuple(several) if self._is_multi else several[0]

    def _history(self, alignments: Tensor) -> Any:
        if not self._alignment_history:
            return ()
        # It grows with the steps, and can be stacked more than once.
        return tf.TensorArray(
            alignments.dtype, 0, dynamic_size=True, clear_after_read=False, element_shape=alignments.shape
        )


def _attend(mechanism: AttentionMechanism, cell_output: Tensor, attention_state: Nest, layer: Any) -> Any:
    alignments, attention_state, context = mechanism.look(cell_output, attention_state)
    attention = context if layer is None else layer(tf.concat([cell_output, context], 1))
    return attention, alignments, attention_state


def _side_by_side(inputs: Tensor, attention: Tensor) -> Tensor:
    return tf.concat([inputs, attention], -1)


def _checked_mechanisms(mechanisms: Sequence[Any]) -> List[Any]:
    if not mechanisms:
        raise GraphError("AttentionWrapper: the list of mechanisms is empty; it needs at least one.")
    for i, mechanism in enumerate(mechanisms):
        if not isinstance(mechanism, AttentionMechanism):
            raise GraphError(
                "AttentionWrapper: %r is no attention mechanism. Write AttentionWrapper(cell, BahdanauAttention(num_units, "
                "memory, lengths))." % (mechanism,)
            )
        if any(mechanism is other for other in mechanisms[:i]):
            raise GraphError(
                "AttentionWrapper: the same %s object stands twice in the list of mechanisms, and would look twice with "
                "the same weights. Make one for each." % type(mechanism).__name__
            )
        mechanism.check_graph()
    return list(mechanisms)


def _layers(cell: Cell, mechanisms: Sequence[Any], sizes: Any, layers: Any) -> Tuple[List[Any], List[int]]:
    """For each mechanism its attention layer, or None, and how wide its attention is."""
    depths = [input_depth(m.values.shape, "AttentionWrapper, the memory") for m in mechanisms]
    if sizes is None and layers is None:
        return [None] * len(mechanisms), depths
    if sizes is not None and layers is not None:
        raise GraphError(
            "AttentionWrapper: attention_layer_size and attention_layer were both given. Give one of the two: the size makes "
            "a layer without bias and activation, attention_layer is one of your own."
        )
    name, given = ("attention_layer", layers) if sizes is None else ("attention_layer_size", sizes)
    given = list(given) if isinstance(given, (list, tuple)) else [given]
    if len(given) != len(mechanisms):
        raise GraphError(
            "AttentionWrapper: %s has %d entries for %d mechanisms. Give one for each: %s=[%s]."
            % (
                name,
                len(given),
                len(mechanisms),
                name,
                ", ".join(["128" if layers is None else "layer"] * len(mechanisms)),
            )
        )
    if layers is None:
        widths = [positive(size, "attention_layer_size", "AttentionWrapper") for size in given]
        return [Linear(size, "attention_layer", m.values.dtype) for size, m in zip(widths, mechanisms)], widths
    return given, [
        _width(layer, cell.output_size + depth, m.values.dtype) for layer, depth, m in zip(given, depths, mechanisms)
    ]


def _width(layer: Any, input_width: int, dtype: Any) -> int:
    """The last dimension of the result of `layer` for [batch, input_width]."""
    check_function(layer, "attention_layer", "AttentionWrapper")
    if hasattr(layer, "compute_output_shape"):
        shape = tf.TensorShape(layer.compute_output_shape([None, input_width]))
    else:
        try:
            with tf.Graph().as_default():
                shape = layer(tf.placeholder(dtype, [None, input_width])).shape
        except ValueError as error:
            raise GraphError(
                "AttentionWrapper: attention_layer, called with a placeholder [None, %d] in a graph of its own to see how "
                "wide its result is, failed: %s. It must make its variables itself and use no tensor from outside: "
                "lambda x: dense(x, 128, tf.tanh)." % (input_width, error)
            ) from error
    return input_depth(shape, "AttentionWrapper, the result of attention_layer")


def _same_rows(cell_state: Nest, batch_size: Tensor, where: str) -> List[Any]:
    """Refuses an `initial_cell_state` of another number of rows: at once if both are known, otherwise by these ops."""
    rows = size_of(tf.nest.flatten(cell_state)[0], 0)
    wrong = "%s: initial_cell_state must have one row for each row of the batch" % where
    if isinstance(rows, int) and isinstance(batch_size, int):
        if rows != batch_size:
            raise GraphError(
                "%s; it has %d, and batch_size is %d. For a beam search, tile it: tile_batch(encoder_state, beam_width)."
                % (wrong, rows, batch_size)
            )
        return []
    return [tf.debugging.assert_equal(rows, batch_size, message=wrong)]


def _like(old: Nest, new: Nest, field: str) -> Nest:
    """`new` in the structure and the types of `old`; refused if it does not fit."""
    where = "AttentionWrapperState.clone: %s" % field
    try:
        tf.nest.assert_same_structure(old, new, check_types=False)
    except (TypeError, ValueError):
        raise GraphError("%s must have the structure of %s, and is %s." % (where, old, new)) from None
    flat = [_like_tensor(a, b, where) for a, b in zip(tf.nest.flatten(old), tf.nest.flatten(new))]
    return tf.nest.pack_sequence_as(old, flat)


def _like_tensor(old: Nest, new: Nest, where: str) -> Tensor:
    if not tf.is_tensor(old):  # a tensor array
        return new
    new = tf.convert_to_tensor(new) if tf.is_tensor(new) else tf.convert_to_tensor(new, old.dtype)
    wrong = "%s must be as zero_state(batch_size, dtype) makes it" % where
    if new.dtype != old.dtype or not new.shape.is_compatible_with(old.shape):
        raise GraphError(
            "%s: %s %s; it is %s %s. If only its width differs, put a layer between: dense(state, %s). For a beam search, "
            "tile it: tile_batch(state, beam_width)."
            % (wrong, old.dtype.name, old.shape, new.dtype.name, new.shape, old.shape[-1:])
        )
    if not (new.shape.is_fully_defined() and old.shape.is_fully_defined()):
        with tf.control_dependencies([tf.debugging.assert_equal(tf.shape(new), tf.shape(old), message=wrong)]):
            new = tf.identity(new)
        new.set_shape(old.shape)
    return new
