"""The base class of the wrappers around one cell."""

from typing import Any

from rnn_tf1.cells.base import RNNCell, carried_state
from rnn_tf1.ops.checks import check_cell
from rnn_tf1.types import Cell


class Wrapper(RNNCell):
    """A wrapper that has the state and the output width of its inner cell."""

    def __init__(self, cell: Cell, reuse: Any = None):
        super().__init__(_reuse=reuse)
        self.cell = check_cell(cell, type(self).__name__)

    @property
    def inner_cells(self):
        return [self.cell]

    @property
    def wrapped_cell(self):
        return self.cell

    @property
    def carried_state(self):
        return carried_state(self.cell)

    @property
    def state_size(self):
        return self.cell.state_size

    @property
    def output_size(self):
        return self.cell.output_size

    def zero_state(self, batch_size, dtype):
        return self.cell.zero_state(batch_size, dtype)
