"""What every cell is: the contract, the variables, and the mistakes that are refused while the graph is built.

A cell is any object with four members::

    output, new_state = cell(inputs, state, scope=None)   one step: [batch, depth] in, [batch, output_size] out
    cell.state_size                                       int, or a nest of ints with the structure of the state
    cell.output_size                                      int
    cell.zero_state(batch_size, dtype)                    the state before the first step

`RNNCell` is the base class of ours. A subclass writes its equations in `call`, and makes its variables in `build`.
"""

import contextlib
import numbers
import re
from typing import Any, Iterator, List, Optional, Sequence

import tensorflow.compat.v1 as tf

from rnn_tf1.errors import GraphError
from rnn_tf1.ops.checks import check_dtype, check_graph_mode, check_state, get_variable, inner_cells
from rnn_tf1.ops.matmul import product


class RNNCell(object):
    """The base of all cells; the contract of ``tf.nn.rnn_cell.RNNCell``.

    The variables are made at the first call, under the variable scope of that call and the name of the class
    (``rnn/basic_lstm_cell/kernel``), and every later call uses the same ones.

    Args:
      trainable: False keeps the variables out of ``tf.trainable_variables()``.
      name: the scope's name; default: the class name in snake case.
      dtype: of the variables; default: that of the first inputs, or of the state where the inputs are integers.
      _reuse: True uses variables that exist already and makes none; the `reuse` argument of the cells.
    """

    has_recurrent_dropout = False  # True in a cell whose equations read h through `masks.gates_read`

    def __init__(self, trainable: bool = True, name: Optional[str] = None, dtype: Any = None, _reuse: Any = None):
        self.trainable = trainable
        self.built = False
        self._base_name = name or _snake_case(type(self).__name__)
        self._dtype = None if dtype is None else check_dtype(dtype, self._base_name)
        self._reuse = _reuse
        self._scope: Any = None
        self._graph: Any = None
        self._tracked: List[Any] = []

    def __call__(self, inputs: Any, state: Any, scope: Any = None) -> Any:
        """One time step: inputs [batch, depth] and a state; gives (output [batch, output_size], new state)."""
        check_graph_mode(type(self).__name__)
        with self.opened(inputs, state, scope) as inputs:
            return self.call(inputs, state)

    @contextlib.contextmanager
    def opened(self, inputs: Any, state: Any, scope: Any = None) -> Iterator[Any]:
        """The scope of the variables, which have been made; gives the inputs as tensors."""
        with self._open_scope(scope):
            inputs = tf.nest.map_structure(tf.convert_to_tensor, inputs)
            check_state(self.state_size, state, _here(self))
            if not self.built:
                if self._dtype is None:
                    self._dtype = _floating_dtype(inputs, state, _here(self))
                self.build(tf.nest.flatten(inputs)[0].shape)
                self.built = True
            yield inputs

    def build(self, inputs_shape: Any) -> None:
        """Makes the variables; called once, before the first `call`."""

    def call(self, inputs: Any, state: Any) -> Any:
        """The equations of one step."""
        raise GraphError("%s: a cell needs a method call(inputs, state) that returns (output, new_state)." % self.name)

    @property
    def state_size(self) -> Any:
        """int, or a nest of ints with the structure of the state."""
        raise GraphError("%s: a cell needs a property state_size." % self.name)

    @property
    def output_size(self) -> Any:
        """int: the width of the output."""
        raise GraphError("%s: a cell needs a property output_size." % self.name)

    @property
    def name(self) -> str:
        return self._base_name if self._scope is None else self._scope.name

    @property
    def dtype(self) -> Any:
        return self._dtype

    @property
    def variables(self) -> List[Any]:
        """The variables of this cell and of the cells in it, in the order in which they were made."""
        everything = self._tracked + [v for cell in inner_cells(self) for v in getattr(cell, "variables", [])]
        return [v for i, v in enumerate(everything) if all(v is not other for other in everything[:i])]

    @property
    def trainable_variables(self) -> List[Any]:
        return [v for v in self.variables if v.trainable]

    weights = variables
    trainable_weights = trainable_variables

    def zero_state(self, batch_size: Any, dtype: Any) -> Any:
        """The state before the first step: zeros [batch_size, size] in the structure of `state_size`."""
        check_graph_mode(type(self).__name__ + ".zero_state")
        with tf.name_scope(type(self).__name__ + "ZeroState"):
            return tf.nest.map_structure(lambda size: _zeros(batch_size, size, dtype), self.state_size)

    def get_initial_state(self, inputs: Any = None, batch_size: Any = None, dtype: Any = None) -> Any:
        """`zero_state`, with the batch size and dtype of `inputs` where these are given."""
        if inputs is not None:
            inputs = tf.convert_to_tensor(inputs)
            known = inputs.shape.as_list()[0]
            batch_size = tf.shape(inputs)[0] if known is None else known
            dtype = inputs.dtype
        if batch_size is None or dtype is None:
            raise GraphError("%s.get_initial_state needs inputs, or batch_size and dtype." % self.name)
        return self.zero_state(batch_size, dtype)

    def add_variable(self, name: str, shape: Sequence[int], initializer: Any = None, partitioner: Any = None) -> Any:
        """``tf.get_variable`` in the scope of this cell, with the cell's dtype."""
        return get_variable(name, shape, self._dtype, initializer, trainable=self.trainable, partitioner=partitioner)

    @contextlib.contextmanager
    def _open_scope(self, scope: Any) -> Iterator[None]:
        with tf.init_scope():  # out of a while loop's body, to the graph that holds the variables
            graph = tf.get_default_graph()
        if self._scope is None:
            if self._reuse:
                scope_manager = tf.variable_scope(self._base_name if scope is None else scope)
            else:
                scope_manager = tf.variable_scope(scope, default_name=self._base_name)
            with scope_manager as self._scope:
                self._graph = graph
        elif graph is not self._graph:
            raise GraphError(
                "%s has its variables in another graph. Make a new cell for each graph: a function that returns one, "
                "called inside `with graph.as_default():`." % self.name
            )
        with tf.variable_scope(
            self._scope,
            reuse=True if self.built else self._reuse,
            custom_getter=self._track,
            auxiliary_name_scope=False,
        ), tf.name_scope(self._scope.original_name_scope):
            yield

    def _track(self, getter: Any, *args: Any, **kwargs: Any) -> Any:
        variable = getter(*args, **kwargs)
        for v in (
            list(variable) if hasattr(variable, "as_tensor") else [variable]
        ):  # the parts of a partitioned variable
            if all(v is not other for other in self._tracked):
                self._tracked.append(v)
        return variable


class UnitsCell(RNNCell):
    """A cell whose output is as wide as its number of units."""

    def __init__(self, num_units: int, activation: Any, reuse: Any, name: Any, dtype: Any, trainable: bool = True):
        super().__init__(trainable=trainable, name=name, dtype=dtype, _reuse=reuse)
        self._num_units = positive(num_units, "num_units", self.name)
        self._activation = find_activation(activation, self.name)

    @property
    def state_size(self) -> Any:
        return self._num_units

    @property
    def output_size(self) -> int:
        return self._num_units


def linear(tensors: Any, kernel: Any, bias: Any = None) -> Any:
    """[a, b, ...] kernel + bias, with the tensors side by side."""
    multiplied = product(tf.concat(tensors, 1), kernel)
    return multiplied if bias is None else tf.nn.bias_add(multiplied, bias)


def find_activation(activation: Any, where: str) -> Any:
    if activation is None:
        return tf.tanh
    if callable(activation):
        return activation
    found = tf.identity if activation == "linear" else getattr(tf.nn, str(activation), None)
    if found is None:
        raise GraphError("%s: there is no activation %r. Give a function, or a name in tf.nn." % (where, activation))
    return found


def positive(value: Any, name: str, where: str) -> int:
    value = getattr(value, "value", value)  # a tf.Dimension on TF 1.15
    if not isinstance(value, numbers.Integral) or value < 1:
        raise GraphError("%s: %s is %r; it must be a whole number of at least 1." % (where, name, value))
    return int(value)


def _here(cell: RNNCell) -> str:
    return "%s (%s)" % (tf.get_variable_scope().name or cell.name, type(cell).__name__)


def _floating_dtype(inputs: Any, state: Any, where: str) -> Any:
    for tensor in tf.nest.flatten([inputs, state]):
        dtype = tf.convert_to_tensor(tensor).dtype
        if dtype.is_floating or dtype.is_complex:
            return dtype
    return check_dtype(tf.nest.flatten(inputs)[0].dtype, where)


def _zeros(batch_size: Any, size: Any, dtype: Any) -> Any:
    sizes = [size] if isinstance(size, int) else tf.TensorShape(size).as_list()
    zeros = tf.zeros(tf.stack([batch_size] + sizes), dtype)
    zeros.set_shape([batch_size if isinstance(batch_size, int) else tf.get_static_value(batch_size)] + sizes)
    return zeros


def _snake_case(name: str) -> str:
    return re.sub("([a-z])([A-Z])", r"\1_\2", re.sub("(.)([A-Z][a-z0-9]+)", r"\1_\2", name)).lower()
