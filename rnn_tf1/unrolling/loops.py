"""Many time steps. Every function here computes what this loop does::

    for x in inputs:                       # x [batch, depth], one for each time step
        output, state = cell(x, state)
        outputs.append(output)

`manual_rnn` is that loop. `static_rnn` and `dynamic_rnn` are TensorFlow's: the first lays the steps out in the graph one
after the other, as the loop does; the second runs one step in a ``while_loop``, so that its graph is as large for 1,000
steps as for 10, and the number of steps may differ from one session call to the next.

`inputs` is a tensor [batch, time, depth], and `outputs` one [batch, time, units]. Where `sequence_length` [batch] is
given, the outputs beyond a row's length are zero, and the row's state stays what it was at its last step.
"""

import inspect
from typing import Any, Optional, Sequence, Tuple

import tensorflow.compat.v1 as tf

from rnn_tf1.errors import GraphError
from rnn_tf1.ops.checks import all_cells, check_cell, check_distinct, check_graph_mode
from rnn_tf1.ops.dropout import time_step
from rnn_tf1.ops.inputs import (
    checked_inputs,
    checked_lengths,
    first_state,
    outputs_dtype,
    select_rows,
    size_of,
    time_steps,
)
from rnn_tf1.types import Cell, Nest

__all__ = [
    "bidirectional_dynamic_rnn",
    "bidirectional_rnn",
    "dynamic_rnn",
    "last_output",
    "manual_rnn",
    "stack_bidirectional_dynamic_rnn",
    "static_rnn",
]

# Without their decorators, whose warning points to Keras layers that cannot read these checkpoints.
_tf_static_rnn = inspect.unwrap(tf.nn.static_rnn)
_tf_dynamic_rnn = inspect.unwrap(tf.nn.dynamic_rnn)


def manual_rnn(
    cell: Cell,
    inputs: Any,
    initial_state: Any = None,
    dtype: Any = None,
    sequence_length: Any = None,
    scope: Any = None,
) -> Tuple[Any, Any]:
    """The loop, written out: a reader's reference for `static_rnn` and `dynamic_rnn`, with the same arguments as the first.

    Args:
      cell: any cell.
      inputs: [batch, time, depth] with a known number of steps, at least one; or a list with a tensor for each, [batch, depth]
        or whatever shape the cell takes.
      initial_state: the state before the first step; default: zeros.
      dtype: of the outputs and of the zeros; default: that of the state, or of the inputs.
      sequence_length: int [batch], the number of steps of each row; default: all steps.
      scope: the variable scope; default: "rnn".

    Returns:
      (outputs, final_state): outputs [batch, time, units], or a list of [batch, units] where the inputs are a list.

    Raises:
      GraphError: for inputs, a state or lengths that do not fit the cell. At run time, ``InvalidArgumentError`` for a
        length beyond the number of steps.
    """
    steps, as_tensor = time_steps(inputs, "manual_rnn")
    with tf.variable_scope(scope or "rnn"):
        state = first_state(cell, steps[0], initial_state, dtype, "manual_rnn")
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
    inputs: Any,
    initial_state: Any = None,
    dtype: Any = None,
    sequence_length: Any = None,
    scope: Any = None,
) -> Tuple[Any, Any]:
    """``tf.nn.static_rnn``, which takes a tensor too. Arguments, results and errors: see `manual_rnn`.

    The graph grows by 7 nodes a step for a plain cell and about 20 for an LSTM, with the gradient by about 20 and 80.
    """
    steps, as_tensor = time_steps(inputs, "static_rnn")
    with tf.variable_scope(scope or "rnn") as scope:
        state = first_state(cell, steps[0], initial_state, dtype, "static_rnn")
        lengths = checked_lengths(sequence_length, len(steps), steps[0], "static_rnn")
        dtype = outputs_dtype(dtype, state)
        if _needs_time(cell):  # counted in the graph, as in a loop, though it is known: so a seed gives the weights it always gave
            outputs, (state, _) = _tf_static_rnn(_TimedCell(cell), steps, (state, tf.constant(0)), dtype, lengths, scope)
        else:
            outputs, state = _tf_static_rnn(_CountedCell(cell), steps, state, dtype, lengths, scope)
    return (tf.stack(outputs, axis=1) if as_tensor else outputs), state


def dynamic_rnn(
    cell: Cell,
    inputs: Any,
    sequence_length: Any = None,
    initial_state: Any = None,
    dtype: Any = None,
    parallel_iterations: Optional[int] = None,
    swap_memory: bool = False,
    time_major: bool = False,
    scope: Any = None,
) -> Tuple[Any, Any]:
    """``tf.nn.dynamic_rnn``: one step in a ``while_loop``. The number of steps may be unknown.

    Args:
      cell, sequence_length, initial_state, dtype, scope: see `manual_rnn`.
      inputs: [batch, time, depth], or [time, batch, depth] with `time_major`.
      parallel_iterations: int, the iterations that may run at once where they do not depend on each other; default: 32.
      swap_memory: moves what the backward pass needs from the GPU's memory to the host's; for long sequences.
        TensorFlow 2's loops ignore it.
      time_major: inputs and outputs have the time first, which saves two transpositions.

    Returns:
      (outputs, final_state), outputs [batch, time, units], or [time, batch, units] with `time_major`.
    """
    check_graph_mode("dynamic_rnn")
    inputs = checked_inputs(inputs, "dynamic_rnn")
    with tf.variable_scope(scope or "rnn") as scope:
        batch_axis, time_axis = (1, 0) if time_major else (0, 1)
        # Of the first step, so that a seed gives the weights that it always gave: they depend on the number of ops before them.
        first = tf.nest.map_structure(lambda x: x[:1] if time_major else x[:, :1], inputs)
        state = first_state(cell, first, initial_state, dtype, "dynamic_rnn", batch_axis)
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
    inputs: Any,
    sequence_length: Any = None,
    initial_state_fw: Any = None,
    initial_state_bw: Any = None,
    dtype: Any = None,
    parallel_iterations: Optional[int] = None,
    swap_memory: bool = False,
    time_major: bool = False,
    scope: Any = None,
    *,
    unroll: str = "dynamic",
) -> Tuple[Tuple[Any, Any], Tuple[Any, Any]]:
    """One cell reads each row from its first step to its last, another from its last to its first: Schuster and Paliwal
    1997, "Bidirectional Recurrent Neural Networks". As ``tf.nn.bidirectional_dynamic_rnn``; variables: ``.../fw``, ``.../bw``.

    Args:
      cell_fw, cell_bw: two cells, each an object of its own.
      initial_state_fw, initial_state_bw: the states before the first step of each; default: zeros.
      unroll: "dynamic", "static" or "manual".
      the others: see `dynamic_rnn`; `parallel_iterations` and `swap_memory` concern "dynamic" alone.

    Returns:
      ((outputs_fw, outputs_bw), (state_fw, state_bw)); both outputs are in the order of the inputs.
    """
    check_graph_mode("bidirectional_rnn")
    check_cell(cell_fw, "bidirectional_rnn, forward,")
    check_cell(cell_bw, "bidirectional_rnn, backward,")
    check_distinct([cell_fw, cell_bw], "bidirectional_rnn", "bidirectional_rnn(LSTMCell(100), LSTMCell(100), inputs).")
    if unroll not in ("dynamic", "static", "manual"):
        raise GraphError("bidirectional_rnn: unroll is %r; it is 'dynamic', 'static' or 'manual'." % (unroll,))
    inputs = checked_inputs(inputs, "bidirectional_rnn")
    batch_axis, time_axis = (1, 0) if time_major else (0, 1)

    def read(cell: Cell, x: Any, initial_state: Any, name: str) -> Tuple[Any, Any]:
        with tf.variable_scope(name) as inner_scope:
            if unroll == "dynamic":
                options = (dtype, parallel_iterations, swap_memory, time_major, inner_scope)
                return dynamic_rnn(cell, x, sequence_length, initial_state, *options)
            x = tf.transpose(x, [1, 0, 2]) if time_major else x
            unrolled = static_rnn if unroll == "static" else manual_rnn
            outputs, state = unrolled(cell, x, initial_state, dtype, sequence_length, inner_scope)
            return (tf.transpose(outputs, [1, 0, 2]) if time_major else outputs), state

    def reverse(x: Any) -> Any:
        if sequence_length is None:
            return tf.reverse(x, [time_axis])
        return tf.reverse_sequence(x, sequence_length, seq_axis=time_axis, batch_axis=batch_axis)

    with tf.variable_scope(scope or "bidirectional_rnn"):
        outputs_fw, state_fw = read(cell_fw, inputs, initial_state_fw, "fw")
        outputs_bw, state_bw = read(cell_bw, tf.nest.map_structure(reverse, inputs), initial_state_bw, "bw")
        return (outputs_fw, tf.nest.map_structure(reverse, outputs_bw)), (state_fw, state_bw)


bidirectional_dynamic_rnn = bidirectional_rnn  # TensorFlow's name for it


def stack_bidirectional_dynamic_rnn(
    cells_fw: Sequence[Cell],
    cells_bw: Sequence[Cell],
    inputs: Any,
    initial_states_fw: Optional[Sequence[Any]] = None,
    initial_states_bw: Optional[Sequence[Any]] = None,
    dtype: Any = None,
    sequence_length: Any = None,
    parallel_iterations: Optional[int] = None,
    time_major: bool = False,
    scope: Any = None,
    swap_memory: bool = False,
    *,
    unroll: str = "dynamic",
) -> Tuple[Any, Tuple[Any, ...], Tuple[Any, ...]]:
    """Bidirectional layers: each reads the outputs of both directions of the one below, side by side.

    As the function of that name in TensorFlow 1.15; variables: ``stack_bidirectional_rnn/cell_0/...``.

    Returns:
      (outputs [batch, time, width fw + width bw], states_fw, states_bw), the states a tuple with one for each layer.
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
            raise GraphError("%s: %s must be a list, one for each layer, as long as cells_fw." % (where, name))
    check_distinct(
        list(cells_fw) + list(cells_bw), where, "[LSTMCell(100) for _ in range(2)], once for each direction."
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


def last_output(outputs: Any, sequence_length: Any = None) -> Any:
    """The output at the last step of each row: [batch, time, units], or a list of [batch, units], to [batch, units].

    For a row of length 0 it is the first output, which the functions of this file leave at zero.
    """
    check_graph_mode("last_output")
    outputs = tf.stack(outputs, axis=1) if isinstance(outputs, (list, tuple)) else tf.convert_to_tensor(outputs)
    if sequence_length is None:
        if outputs.op.type == "Pack" and outputs.op.get_attr("axis") == 1:
            return outputs.op.inputs[-1]  # stacked step by step: no gradient through the stack, 5 % faster training
        return outputs[:, -1]
    lengths = checked_lengths(sequence_length, size_of(outputs, 1), outputs, "last_output")
    rows = tf.range(tf.shape(outputs)[0])
    return tf.gather_nd(outputs, tf.stack([rows, tf.maximum(lengths - 1, 0)], axis=1))


def _needs_time(cell: Cell) -> bool:
    return any(getattr(inner, "needs_time", False) for inner in all_cells(cell))


class _CountedCell(object):
    """`cell`, which is told at each of its calls that it is one step later: where each step is laid out in the graph."""

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

    def __call__(self, inputs: Any, state: Nest, scope: Any = None) -> Any:
        with time_step(self._calls):
            result = self._cell(inputs, state, scope)
        self._calls += 1
        return result


class _TimedCell(object):
    """`cell` with the number of the step carried beside its state: for a loop, in which each step is the same graph."""

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

    def __call__(self, inputs: Any, state: Nest, scope: Any = None) -> Any:
        state, time = state
        with time_step(time):
            output, new_state = self._cell(inputs, state, scope)
        return output, (new_state, time + 1)
