"""The types that signatures name, and the contract of a cell. Nothing here is needed at run time but these names."""

from typing import TYPE_CHECKING, Any, Dict, Sequence, Tuple

if TYPE_CHECKING:
    from typing import Protocol
else:
    Protocol = object  # Python 3.7 has none; at run time a cell is asked for its members, not for its class

Tensor = Any  # a tf.Tensor, or what tf.convert_to_tensor takes: TensorFlow has no types that both its versions share
Nest = Any  # a tensor (or a size), or a tuple, named tuple or list of nests, as in tf.nest
Session = Any  # a tf.Session, or what behaves like one: tf.train.MonitoredSession
Feed = Dict[Any, Any]  # placeholder to value, for session.run(fetches, feed)


class Cell(Protocol):
    """One time step of a recurrent network: the whole contract.

    Any object with these members is a cell, whatever its class. The first four are needed. A cell that lacks the other four,
    or inherits them from here, has no variables, wraps no cell, and does not ask for the time.

    Nothing else of a cell is ever looked at, with two exceptions. Cells and wrappers of TensorFlow itself lack `inner_cells`,
    so `ops.checks.inner_cells` knows where they keep theirs. And `DropoutWrapper` asks more of cells that derive from
    `RNNCell`: it hands recurrent dropout to their `read`, and looks at their `carried_state`.
    """

    def __call__(self, inputs: Tensor, state: Nest, scope: Any = None) -> Tuple[Any, Any]:
        """One step: inputs [batch, depth] and the old state in, (output [batch, output_size], new state) out.

        The new state has the structure of `state_size`. `scope` is the variable scope, or its name; None: the cell's own.
        """

    @property
    def state_size(self) -> Nest:
        """The widths of the state: an int n for a tensor [batch, n], or a nest of them.

        A ``tf.TensorShape`` stands for a tensor of higher rank, ``tf.TensorShape([])`` or () for a scalar or a
        ``tf.TensorArray``.
        """

    @property
    def output_size(self) -> Any:
        """The width of the output: an int, or a ``tf.TensorShape``."""

    def zero_state(self, batch_size: Any, dtype: Any) -> Nest:
        """The state before the first step. batch_size: an int or an int32 scalar; dtype: of the floating tensors in it."""

    @property
    def variables(self) -> Sequence[Any]:
        """The variables of this cell and of the cells inside it; empty before the first call."""
        return ()

    @property
    def trainable_variables(self) -> Sequence[Any]:
        """Those of `variables` that are trained."""
        return ()

    @property
    def inner_cells(self) -> "Sequence[Cell]":
        """The cells that this one wraps: ``return [self.base]``.

        Only a cell that is shown here is found when cells are checked for being used twice, asked whether they need the
        time, and handed recurrent dropout. A helper whose state should stay whole is not shown.
        """
        return ()

    @property
    def needs_time(self) -> bool:
        """True: every unrolling calls the cell inside ``ops.dropout.time_step(t)``, with t from 0 on.

        Without it `dynamic_rnn` counts no steps, which costs an operation in each.
        """
        return False
