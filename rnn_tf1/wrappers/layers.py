"""Stacked layers, their devices, and residual connections."""

from typing import Any, Callable, Optional, Sequence, Tuple

import tensorflow.compat.v1 as tf

from rnn_tf1.cells.base import RNNCell, carried_state
from rnn_tf1.errors import GraphError
from rnn_tf1.ops.checks import check_cell, check_distinct
from rnn_tf1.types import Cell, Nest, Tensor
from rnn_tf1.wrappers.base import Wrapper


class MultiRNNCell(RNNCell):
    """Stacked layers: the output of each cell is the input of the next.

    The variables are ``multi_rnn_cell/cell_0/...``, ``multi_rnn_cell/cell_1/...``.

    Args:
      cells: a list of different cell objects, the lowest layer first.
      state_is_tuple: True: the state is a tuple of the cells' states; False: one tensor [batch, sum of sizes], which
        needs cells whose states are single tensors.
    """

    def __init__(self, cells: Sequence[Cell], state_is_tuple: bool = True):
        super().__init__()
        if not isinstance(cells, (list, tuple)) or not cells:
            raise GraphError("MultiRNNCell needs a list of at least one cell, but got %r." % (cells,))
        self._cells = [check_cell(cell, "MultiRNNCell, layer %d," % i) for i, cell in enumerate(cells)]
        check_distinct(self._cells, "MultiRNNCell", "MultiRNNCell([LSTMCell(100) for _ in range(3)]).")
        self._state_is_tuple = state_is_tuple
        sizes = [cell.state_size for cell in cells]
        if not state_is_tuple and any(tf.nest.is_nested(size) for size in sizes):
            raise GraphError(
                "MultiRNNCell(state_is_tuple=False) needs cells whose states are single tensors; their sizes are %s. "
                "Make the cells with state_is_tuple=False too, or leave it out here." % (sizes,)
            )

    @property
    def inner_cells(self):
        return self._cells

    @property
    def carried_state(self):
        parts = tuple(carried_state(cell) for cell in self._cells)
        if self._state_is_tuple:
            return parts
        return True if True in parts else None if None in parts else False

    @property
    def state_size(self):
        sizes = tuple(cell.state_size for cell in self._cells)
        return sizes if self._state_is_tuple else sum(sizes)

    @property
    def output_size(self):
        return self._cells[-1].output_size

    def zero_state(self, batch_size, dtype):
        if not self._state_is_tuple:
            return super().zero_state(batch_size, dtype)
        with tf.name_scope("MultiRNNCellZeroState"):
            return tuple(cell.zero_state(batch_size, dtype) for cell in self._cells)

    def call(self, inputs, state):
        return self.run_layers(lambda cell, x, cell_state: cell(x, cell_state), inputs, state)

    def run_layers(self, run: Callable, inputs: Tensor, state: Nest) -> Tuple[Tensor, Nest]:
        """(outputs of the last layer, new state): calls ``run(cell, inputs, state)`` for each layer in turn, in its scope."""
        if not self._state_is_tuple:
            state = tf.split(state, [cell.state_size for cell in self._cells], axis=1)
        new_states = []
        for i, (cell, cell_state) in enumerate(zip(self._cells, state)):
            with tf.variable_scope("cell_%d" % i):
                inputs, new_state = run(cell, inputs, cell_state)
            new_states.append(new_state)
        return inputs, tuple(new_states) if self._state_is_tuple else tf.concat(new_states, 1)


class DeviceCellWrapper(Wrapper):
    """Places every op and every variable of `cell` on `device`; wrap each layer to spread a deep network over devices.

    Args:
      device: as for ``tf.device``, "/gpu:1" or "/job:worker/task:1" for example.
      cell: the inner cell.
    """

    def __init__(self, device: Any, cell: Cell):
        if callable(getattr(device, "zero_state", None)):
            raise GraphError("DeviceCellWrapper takes the device first: DeviceCellWrapper('/gpu:0', cell).")
        if isinstance(device, str):
            try:
                tf.DeviceSpec.from_string(device)
            except ValueError as error:
                raise GraphError(
                    "DeviceCellWrapper: %r is not a device (%s). Write '/cpu:0', '/gpu:1' or '/job:worker/task:1'."
                    % (device, error)
                ) from error
        super().__init__(cell)
        self._device = device

    def zero_state(self, batch_size, dtype):
        with tf.device(self._device):
            return self.cell.zero_state(batch_size, dtype)

    def __call__(self, inputs, state, scope=None):
        here = tf.get_variable_scope()
        with tf.device(self._device), tf.variable_scope(here, auxiliary_name_scope=False) as same:
            same.set_caching_device(self._device)  # otherwise TensorFlow 2 sends the weights through the default device
            return self.cell(inputs, state, scope)


class ResidualWrapper(Wrapper):
    """output' = inputs + output, so that a layer learns what to add: Wu et al. 2016, "Google's Neural Machine
    Translation System".

    Args:
      cell: the inner cell; its output is as wide as its input.
      residual_fn: a function of (inputs, output) that replaces the sum.
    """

    def __init__(self, cell: Cell, residual_fn: Optional[Callable] = None):
        super().__init__(cell)
        self._residual_fn = residual_fn

    def __call__(self, inputs, state, scope=None):
        output, new_state = self.cell(inputs, state, scope)
        return (self._residual_fn or _sum_of_equal_widths)(inputs, output), new_state


def _sum_of_equal_widths(inputs: Tensor, output: Any) -> Any:
    if not output.shape.is_compatible_with(inputs.shape):
        raise GraphError(
            "ResidualWrapper adds inputs %s to output %s: they must have the same width. Give the cell %s units, or put it in "
            "an InputProjectionWrapper." % (inputs.shape, output.shape, inputs.shape[-1])
        )
    return inputs + output
