"""Unrolling a cell over many time steps. Every function here computes the same as this loop::

    for x in inputs:                       # x [batch, depth], one for each time step
        output, state = cell(x, state)
        outputs.append(output)

`manual_rnn` is this loop. `static_rnn` and `dynamic_rnn` are TensorFlow's: the first one builds the steps one after the other
in the graph, as the loop does; the second runs one step in a ``while_loop``, so that its graph is as large for 1,000 steps
as for 10, and the number of steps may differ from one session call to the next.

`inputs` is a tensor [batch, time, depth], `outputs` a tensor [batch, time, units]. If `sequence_length` [batch] is given,
the outputs past the length of a row are zero, and its final state is that of its last step.
"""

import inspect
from typing import Any, Optional, Sequence, Tuple

import tensorflow.compat.v1 as tf

from rnn_tf1.errors import GraphError
from rnn_tf1.ops.checks import all_cells, check_cell, check_distinct, check_graph_mode
from rnn_tf1.ops.dropout import time_step
from rnn_tf1.ops.inputs import (
    checked_initial_state,
    checked_inputs,
    checked_lengths,
    outputs_dtype,
    select_rows,
    size_of,
    time_steps,
)
from rnn_tf1.types import Cell, Nest, Tensor

__all__ = [
    "bidirectional_dynamic_rnn",
    "bidirectional_rnn",
    "dynamic_rnn",
    "last_output",
    "manual_rnn",
    "stack_bidirectional_dynamic_rnn",
    "static_rnn",
]

# Without their decorators, which warn and recommend Keras layers that cannot read these checkpoints.
_tf_static_rnn = inspect.unwrap(tf.nn.static_rnn)
_tf_dynamic_rnn = inspect.unwrap(tf.nn.dynamic_rnn)


def manual_rnn(
    cell: Cell,
    inputs: Tensor,
    initial_state: Nest = None,
    dtype: Any = None,
    sequence_length: Tensor = None,
    scope: Any = None,
) -> Tuple[Any, Any]:
    """The loop, written out: the readable reference for `static_rnn` and `dynamic_rnn`, with the arguments of `static_rnn`.

    Args:
      cell: any cell.
      inputs: [batch, time, depth] with a known number of steps, at least one; or a list with a tensor for each step,
        [batch, depth] or another shape that the cell accepts.
      initial_state: the state before the first step; default: zeros.
      dtype: of the outputs and of the zero state; default: that of the state, or of the inputs.
      sequence_length: integers [batch], the number of steps of each row; default: all steps.
      scope: the variable scope; default: "rnn".

    Returns:
      (outputs, final_state): outputs [batch, time, units], or a list of [batch, units] if the inputs are a list.

    Raises:
      GraphError: for inputs, a state or lengths that do not fit the cell. At run time, ``InvalidArgumentError`` for a
        length beyond the number of steps.
    """
    steps, as_tensor = time_steps(inputs, "manual_rnn")
    with tf.variable_scope(scope or "rnn"):
        state = checked_initial_state(cell, steps[0], initial_state, dtype, "manual_rnn")
        lengths = checked_lengths(sequence_length, len(steps), steps[0], "manual_rnn")
        outputs = []
        for t, x in enumerate(steps):
            with time_step(t):
                output, new_state = cell(x, state)
            if lengths is not None:
                running = t < lengths
                output = select_rows(running, output, tf.nest.map_structure(tf.zeros_like, output))
                new_state = select_rows(running, new_state, state)
            outputs.append(output)
            state = new_state
    return (tf.stack(outputs, axis=1) if as_tensor else outputs), state


def static_rnn(
    cell: Cell,
    inputs: Tensor,
    initial_state: Nest = None,
    dtype: Any = None,
    sequence_length: Tensor = None,
    scope: Any = None,
) -> Tuple[Any, Any]:
    """``tf.nn.static_rnn``, which also takes a tensor. For arguments, results and errors see `manual_rnn`.

    Each step adds 7 nodes to the graph for a plain cell and about 20 for an LSTM; with the gradient about 20 and 80.
    """
    steps, as_tensor = time_steps(inputs, "static_rnn")
    with tf.variable_scope(scope or "rnn") as scope:
        state = checked_initial_state(cell, steps[0], initial_state, dtype, "static_rnn")
        lengths = checked_lengths(sequence_length, len(steps), steps[0], "static_rnn")
        dtype = outputs_dtype(dtype, state)
        if _needs_time(
            cell
        ):  # counted in the graph though it is known: so a seed gives the weights that it always gave
            outputs, (state, _) = _tf_static_rnn(
                _TimedCell(cell), steps, (state, tf.constant(0)), dtype, lengths, scope
            )
        else:
            outputs, state = _tf_static_rnn(_CountedCell(cell), steps, state, dtype, lengths, scope)
    return (tf.stack(outputs, axis=1) if as_tensor else outputs), state


def dynamic_rnn(
    cell: Cell,
    inputs: Tensor,
    sequence_length: Tensor = None,
    initial_state: Nest = None,
    dtype: Any = None,
    parallel_iterations: Optional[int] = None,
    swap_memory: bool = False,
    time_major: bool = False,
    scope: Any = None,
) -> Tuple[Any, Any]:
    """``tf.nn.dynamic_rnn``: a ``while_loop`` over the steps, whose number may be unknown.

    Args:
      cell, sequence_length, initial_state, dtype, scope: see `manual_rnn`.
      inputs: [batch, time, depth], or [time, batch, depth] with `time_major`.
      parallel_iterations: int, the number of independent iterations that may run in parallel; default: 32.
      swap_memory: True moves what the backward pass needs from GPU to host memory, for long sequences; the loops of
        TensorFlow 2 ignore it.
      time_major: True: the time axis of inputs and outputs comes first, which saves two transpositions.

    Returns:
      (outputs, final_state): outputs [batch, time, units], or [time, batch, units] with `time_major`.
    """
    check_graph_mode("dynamic_rnn")
    inputs = checked_inputs(inputs, "dynamic_rnn")
    with tf.variable_scope(scope or "rnn") as scope:
        batch_axis, time_axis = (1, 0) if time_major else (0, 1)
        # Slicing the first step keeps the weights of a seed as they are: they depend on the number of ops before them.
        first = tf.nest.map_structure(lambda x: x[:1] if time_major else x[:, :1], inputs)
        state = checked_initial_state(cell, first, initial_state, dtype, "dynamic_rnn", batch_axis)
        dtype = outputs_dtype(dtype, state)
        time = size_of(tf.nest.flatten(inputs)[0], time_axis)
        lengths = checked_lengths(sequence_length, time, first, "dynamic_rnn", batch_axis)
        options = (dtype, parallel_iterations, swap_memory, time_major, scope)
        if _needs_time(cell):
            outputs, (state, _) = _tf_dynamic_rnn(_TimedCell(cell), inputs, lengths, (state, tf.constant(0)), *options)
            return outputs, state
        with time_step(None):
            return _tf_dynamic_rnn(cell, inputs, lengths, state, *options)


def bidirectional_rnn(
    cell_fw: Cell,
    cell_bw: Cell,
    inputs: Tensor,
    sequence_length: Tensor = None,
    initial_state_fw: Nest = None,
    initial_state_bw: Nest = None,
    dtype: Any = None,
    parallel_iterations: Optional[int] = None,
    swap_memory: bool = False,
    time_major: bool = False,
    scope: Any = None,
    *,
    unroll: str = "dynamic",
) -> Tuple[Tuple[Any, Any], Tuple[Any, Any]]:
    """One cell reads each row from its first step to its last, another from its last to its first: Schuster and Paliwal
    1997, "Bidirectional Recurrent Neural Networks". Like ``tf.nn.bidirectional_dynamic_rnn``.

    The variables are in the scopes ``.../fw`` and ``.../bw``.

    Args:
      cell_fw, cell_bw: two different cell objects.
      initial_state_fw, initial_state_bw: the state of each before its first step; default: zeros.
      unroll: "dynamic", "static" or "manual".
      inputs, sequence_length, dtype, parallel_iterations, swap_memory, time_major, scope: see `dynamic_rnn`;
        `parallel_iterations` and `swap_memory` only concern "dynamic".

    Returns:
      ((outputs_fw, outputs_bw), (state_fw, state_bw)); the steps of both outputs are in the order of the inputs.
    """
    check_graph_mode("bidirectional_rnn")
    check_cell(cell_fw, "bidirectional_rnn, forward,")
    check_cell(cell_bw, "bidirectional_rnn, backward,")
    check_distinct([cell_fw, cell_bw], "bidirectional_rnn", "bidirectional_rnn(LSTMCell(100), LSTMCell(100), inputs).")
    if unroll not in ("dynamic", "static", "manual"):
        raise GraphError("bidirectional_rnn: unroll is %r; it must be 'dynamic', 'static' or 'manual'." % (unroll,))
    inputs = checked_inputs(inputs, "bidirectional_rnn")
    batch_axis, time_axis = (1, 0) if time_major else (0, 1)

    def unroll_cell(cell: Cell, x: Tensor, initial_state: Nest, name: str) -> Tuple[Any, Any]:
        with tf.variable_scope(name) as inner_scope:
            if unroll == "dynamic":
                options = (dtype, parallel_iterations, swap_memory, time_major, inner_scope)
                return dynamic_rnn(cell, x, sequence_length, initial_state, *options)
            x = tf.transpose(x, [1, 0, 2]) if time_major else x
            unrolled = static_rnn if unroll == "static" else manual_rnn
            outputs, state = unrolled(cell, x, initial_state, dtype, sequence_length, inner_scope)
            return (tf.transpose(outputs, [1, 0, 2]) if time_major else outputs), state

    def reverse(x: Tensor) -> Any:
        if sequence_length is None:
            return tf.reverse(x, [time_axis])
        return tf.reverse_sequence(x, sequence_length, seq_axis=time_axis, batch_axis=batch_axis)

    with tf.variable_scope(scope or "bidirectional_rnn"):
        outputs_fw, state_fw = unroll_cell(cell_fw, inputs, initial_state_fw, "fw")
        outputs_bw, state_bw = unroll_cell(cell_bw, tf.nest.map_structure(reverse, inputs), initial_state_bw, "bw")
        return (outputs_fw, tf.nest.map_structure(reverse, outputs_bw)), (state_fw, state_bw)


bidirectional_dynamic_rnn = bidirectional_rnn  # TensorFlow's name


def stack_bidirectional_dynamic_rnn(
    cells_fw: Sequence[Cell],
    cells_bw: Sequence[Cell],
    inputs: Tensor,
    initial_states_fw: Optional[Sequence[Any]] = None,
    initial_states_bw: Optional[Sequence[Any]] = None,
    dtype: Any = None,
    sequence_length: Tensor = None,
    parallel_iterations: Optional[int] = None,
    time_major: bool = False,
    scope: Any = None,
    swap_memory: bool = False,
    *,
    unroll: str = "dynamic",
) -> Tuple[Any, Tuple[Any, ...], Tuple[Any, ...]]:
    """Stacked bidirectional layers: each reads the concatenated outputs of both directions of the layer below.

    Like the function of that name in TensorFlow 1.15; variables: ``stack_bidirectional_rnn/cell_0/...``.

    Returns:
      (outputs [batch, time, width fw + width bw], states_fw, states_bw); the states are tuples with one for each layer.
    """
    where = "stack_bidirectional_dynamic_rnn"
    check_graph_mode(where)
    depth = len(cells_fw) if isinstance(cells_fw, (list, tuple)) else 0
    for name, several in [
        ("cells_fw", cells_fw),
        ("cells_bw", cells_bw),
        ("initial_states_fw", initial_states_fw),
        ("initial_states_bw", initial_states_bw),
    ]:
        if name.startswith("initial") and several is None:
            continue
        if not depth or not isinstance(several, (list, tuple)) or len(several) != depth:
            raise GraphError(
                "%s: %s must be a list with one entry for each layer, as long as cells_fw." % (where, name)
            )
    check_distinct(
        list(cells_fw) + list(cells_bw), where, "[LSTMCell(100) for _ in range(2)], a list for each direction."
    )
    states_fw, states_bw = [], []
    with tf.variable_scope(scope or "stack_bidirectional_rnn"):
        for i in range(depth):
            with tf.variable_scope("cell_%d" % i):
                outputs, (state_fw, state_bw) = bidirectional_rnn(
                    cells_fw[i],
                    cells_bw[i],
                    inputs,
                    sequence_length,
                    initial_states_fw[i] if initial_states_fw else None,
                    initial_states_bw[i] if initial_states_bw else None,
                    dtype,
                    parallel_iterations,
                    swap_memory,
                    time_major,
                    unroll=unroll,
                )
            inputs = tf.concat(outputs, 2)
            states_fw.append(state_fw)
            states_bw.append(state_bw)
    return inputs, tuple(states_fw), tuple(states_bw)


def last_output(outputs: Tensor, sequence_length: Tensor = None) -> Any:
    """The output at the last step of each row, [batch, units].

    For a row of length 0 it is the first output, which is zero in the outputs of the functions above.

    Args:
      outputs: [batch, time, units], or a list of [batch, units].
      sequence_length: integers [batch], the number of steps of each row; default: all steps.
    """
    check_graph_mode("last_output")
    outputs = tf.stack(outputs, axis=1) if isinstance(outputs, (list, tuple)) else tf.convert_to_tensor(outputs)
    if sequence_length is None:
        if outputs.op.type == "Pack" and outputs.op.get_attr("axis") == 1:
            return outputs.op.inputs[-1]  # skips the gradient through tf.stack: training is 5 % faster
        return outputs[:, -1]
    lengths = checked_lengths(sequence_length, size_of(outputs, 1), outputs, "last_output")
    rows = tf.range(tf.shape(outputs)[0])
    return tf.gather_nd(outputs, tf.stack([rows, tf.maximum(lengths - 1, 0)], axis=1))


def _needs_time(cell: Cell) -> bool:
    return any(getattr(inner, "needs_time", False) for inner in all_cells(cell))


class _CountedCell(object):
    """`cell`, which counts its calls as time steps: for a graph in which each step is a part of its own."""

    def __init__(self, cell: Cell):
        self._cell = cell
        self._calls = 0

    @property
    def state_size(self) -> Nest:
        return self._cell.state_size

    @property
    def output_size(self) -> Any:
        return self._cell.output_size

    def zero_state(self, batch_size: Any, dtype: Any) -> Nest:
        return self._cell.zero_state(batch_size, dtype)

    def __call__(self, inputs: Tensor, state: Nest, scope: Any = None) -> Any:
        with time_step(self._calls):
            result = self._cell(inputs, state, scope)
        self._calls += 1
        return result


class _TimedCell(object):
    """`cell` with the time step as a part of its state: for a loop, whose body is the same graph at all steps."""

    def __init__(self, cell: Cell):
        self._cell = cell

    @property
    def state_size(self) -> Nest:
        return self._cell.state_size, tf.TensorShape([])

    @property
    def output_size(self) -> Any:
        return self._cell.output_size

    def zero_state(self, batch_size: Any, dtype: Any) -> Nest:
        return self._cell.zero_state(batch_size, dtype), tf.constant(0)

    def __call__(self, inputs: Tensor, state: Nest, scope: Any = None) -> Any:
        state, time = state
        with time_step(time):
            output, new_state = self._cell(inputs, state, scope)
        return output, (new_state, time + 1)
