"""The base class of our cells: it creates the variables, and refuses mistakes while the graph is built.

`rnn_tf1.types.Cell` defines what a cell is, whatever its class. A subclass of `RNNCell` has its equations in `call`, and
creates its variables in `build`::

    class LeakyCell(RNNCell):
        state_size = output_size = 20
        carried_state = True  # a part of h is the old h

        def build(self, inputs_shape):
            self.kernel = self.add_weight("kernel", [inputs_shape[-1] + 20, 20])

        def call(self, inputs, state):
            h = 0.9 * state + 0.1 * tf.tanh(tf.matmul(tf.concat([inputs, self.read(state)], 1), self.kernel))
            return h, h
"""

import contextlib
import numbers
import re
from typing import Any, Callable, Iterator, List, Optional, Sequence, Set

import tensorflow.compat.v1 as tf

from rnn_tf1.errors import GraphError
from rnn_tf1.ops.checks import check_dtype, check_graph_mode, check_state, get_variable, inner_cells
from rnn_tf1.ops.matmul import matmul
from rnn_tf1.types import Cell, Nest, Tensor


class RNNCell(object):
    """The base of all cells: the contract of `rnn_tf1.types.Cell`, and the other members of ``tf.nn.rnn_cell.RNNCell``.

    The variables are created at the first call, under the variable scope of that call and the name of the class
    (``rnn/basic_lstm_cell/kernel``), and all later calls use them again.

    Args:
      trainable: False keeps the variables out of ``tf.trainable_variables()``.
      name: the scope's name; default: the class name in snake case.
      dtype: of the variables; default: that of the first inputs, or of the state where the inputs are integers.
      _reuse: True uses existing variables and creates none; the `reuse` argument of the cells.
    """

    inner_cells: Any = ()
    needs_time: Any = False

    # Which parts of the state reach the next step multiplied by a factor, such as a gate: True, False, or a nest of these
    # with the structure of `state_size`; None: unknown. Such a part would grow if the same units were dropped at every step.
    carried_state: Any = None

    def __init__(self, trainable: bool = True, name: Optional[str] = None, dtype: Any = None, _reuse: Any = None):
        self.trainable = trainable
        self.built = False
        self._base_name = name or _snake_case(type(self).__name__)
        self._dtype = None if dtype is None else check_dtype(dtype, self._base_name)
        self._reuse = _reuse
        self._scope: Any = None
        self._graph: Any = None
        self._tracked: List[Any] = []
        self._names: Set[str] = set()  # of the variables that add_weight has created
        self._is_open = False
        self._drops: List[Callable[[Any], Any]] = []
        self._was_called = self._was_read = False

    def __call__(self, inputs: Tensor, state: Nest, scope: Any = None) -> Any:
        """One time step: inputs [batch, depth] and a state in; (output [batch, output_size], new state) out."""
        check_graph_mode(type(self).__name__)
        self._was_called = True
        with self.in_scope(inputs, state, scope) as inputs:
            return self.call(inputs, state)

    @contextlib.contextmanager
    def in_scope(self, inputs: Tensor, state: Nest, scope: Any = None) -> Iterator[Tensor]:
        """Opens the scope of the variables, creates them at the first call, and yields the inputs as tensors."""
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
        """Creates the variables; called once, before the first `call`."""

    def call(self, inputs: Tensor, state: Nest) -> Any:
        """The equations of one step."""
        raise GraphError("%s: a cell needs a method call(inputs, state) that returns (output, new_state)." % self.name)

    def read(self, h: Tensor) -> Tensor:
        """h [batch, units] as the equations read it: a `DropoutWrapper` applies recurrent dropout here.

        What the cell carries to the next step is h itself.
        """
        self._was_read = True
        for drop in self._drops:
            h = drop(h)
        return h

    @contextlib.contextmanager
    def dropping(self, drop: Callable[[Any], Any]) -> Iterator[None]:
        """In this block `read(h)` returns drop(h). Raises `GraphError` if the cell is called in it and never calls `read`."""
        self._drops.append(drop)
        self._was_called = self._was_read = False
        try:
            yield
        finally:
            self._drops.pop()
        if inner_cells(self) or self._was_read:
            return
        if self._was_called or type(self).__call__ is not RNNCell.__call__:
            raise never_read_error(self)

    @property
    def state_size(self) -> Any:
        """An int, or a nest of ints with the structure of the state."""
        raise GraphError("%s: a cell needs a property state_size." % self.name)

    @property
    def output_size(self) -> Any:
        """The width of the output, an int."""
        raise GraphError("%s: a cell needs a property output_size." % self.name)

    @property
    def name(self) -> str:
        return self._base_name if self._scope is None else self._scope.name

    @property
    def dtype(self) -> Any:
        return self._dtype

    @property
    def variables(self) -> List[Any]:
        """The variables of this cell and of the cells in it, in the order of their creation."""
        everything = self._tracked + [v for cell in inner_cells(self) for v in getattr(cell, "variables", [])]
        return [v for i, v in enumerate(everything) if all(v is not other for other in everything[:i])]

    @property
    def trainable_variables(self) -> List[Any]:
        return [v for v in self.variables if v.trainable]

    @property
    def non_trainable_variables(self) -> List[Any]:
        return [v for v in self.variables if not v.trainable]

    weights = variables
    trainable_weights = trainable_variables
    non_trainable_weights = non_trainable_variables

    def count_params(self) -> int:
        """The number of weights in `variables`."""
        if not self.built and not self.variables:
            raise GraphError(
                "%s.count_params: there are no variables yet. The first call creates them, or cell.build([None, depth])."
                % self.name
            )
        return sum(v.shape.num_elements() for v in self.variables)

    def zero_state(self, batch_size: Any, dtype: Any) -> Any:
        """The state before the first step: zeros [batch_size, size], with the structure of `state_size`."""
        check_graph_mode(type(self).__name__ + ".zero_state")
        with tf.name_scope(type(self).__name__ + "ZeroState"):
            return tf.nest.map_structure(lambda size: _zeros(batch_size, size, dtype), self.state_size)

    def get_initial_state(self, inputs: Tensor = None, batch_size: Any = None, dtype: Any = None) -> Any:
        """`zero_state`, with the batch size and the dtype of `inputs` if these are given."""
        if inputs is not None:
            inputs = tf.convert_to_tensor(inputs)
            _check_same("batch_size", _known_size(batch_size), inputs.shape.as_list()[0], self.name)
            _check_same("dtype", None if dtype is None else tf.as_dtype(dtype), inputs.dtype, self.name)
            known = inputs.shape.as_list()[0]
            batch_size = tf.shape(inputs)[0] if known is None else known
            dtype = inputs.dtype
        if batch_size is None or dtype is None:
            raise GraphError("%s.get_initial_state needs inputs, or batch_size and dtype." % self.name)
        return self.zero_state(batch_size, dtype)

    def add_weight(
        self,
        name: str,
        shape: Sequence[int],
        dtype: Any = None,
        initializer: Any = None,
        regularizer: Any = None,
        trainable: Optional[bool] = None,
        **options: Any,
    ) -> Any:
        """``tf.get_variable`` in the scope of this cell, with the cell's dtype; `options` are further arguments of it.

        A second call with the same name returns the same variable, so that `build` may be called by hand before the first call.
        """
        trainable = self.trainable and trainable is not False
        with self._open_scope(None) if not self._is_open else contextlib.ExitStack():
            here = tf.get_variable_scope()
            exists = "%s/%s" % (here.name, name) in self._names
            self._names.add("%s/%s" % (here.name, name))
            with tf.variable_scope(here, reuse=exists or None, auxiliary_name_scope=False):
                return get_variable(
                    name, shape, dtype or self._dtype, initializer, regularizer, trainable=trainable, **options
                )

    def add_variable(self, *args: Any, **kwargs: Any) -> Any:
        """TensorFlow's older name for `add_weight`."""
        return self.add_weight(*args, **kwargs)

    @contextlib.contextmanager
    def _open_scope(self, scope: Any) -> Iterator[None]:
        with tf.init_scope():  # from the body of a while loop to the graph that holds the variables
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
                "%s has its variables in another graph. Make a new cell for each graph, in a function that is called "
                "inside `with graph.as_default():`." % self.name
            )
        with tf.variable_scope(
            self._scope,
            reuse=True if self.built else self._reuse,
            custom_getter=self._track,
            auxiliary_name_scope=False,
        ), tf.name_scope(self._scope.original_name_scope):
            was_open, self._is_open = self._is_open, True
            try:
                yield
            finally:
                self._is_open = was_open

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


def never_read_error(cell: Cell) -> GraphError:
    """The error for recurrent dropout that would have no effect."""
    return GraphError(
        "DropoutWrapper: recurrent_keep_prob acts inside a cell's equations, but those of %s do not read h through self.read, "
        "so that nothing would be dropped. Use a cell of rnn_tf1; or derive yours from rnn_tf1.RNNCell, and write self.read(h) "
        "where its call reads h:\n"
        "    linear([inputs, self.read(h)], ...)" % type(cell).__name__
    )


def carried_state(cell: Cell) -> Any:
    """The `carried_state` of `cell`; None if it has none, or if a derived class has equations of its own."""
    if not isinstance(cell, RNNCell):
        return None
    for kind in type(cell).__mro__:
        if "carried_state" in vars(kind):
            break
        if ("call" in vars(kind) or "__call__" in vars(kind)) and not inner_cells(cell):
            return None
    return cell.carried_state


def linear(tensors: Any, kernel: Tensor, bias: Tensor = None) -> Any:
    """[a, b, ...] kernel + bias, with the tensors concatenated along the columns."""
    product = matmul(tf.concat(tensors, 1), kernel)
    return product if bias is None else tf.nn.bias_add(product, bias)


def find_activation(activation: Any, where: str) -> Any:
    """The activation function: given as such, or as its name in ``tf.nn``; default: tanh."""
    if activation is None:
        return tf.tanh
    if callable(activation):
        return activation
    function = tf.identity if activation == "linear" else getattr(tf.nn, str(activation), None)
    if function is None:
        raise GraphError("%s: there is no activation %r. Pass a function, or a name in tf.nn." % (where, activation))
    return function


def positive(value: Any, name: str, where: str) -> int:
    """`value` as an int; raises `GraphError` where it is not a positive integer."""
    value = getattr(value, "value", value)  # a tf.Dimension on TF 1.15
    if not isinstance(value, numbers.Integral) or value < 1:
        raise GraphError("%s: %s is %r; it must be a whole number of at least 1." % (where, name, value))
    return int(value)


def _here(cell: RNNCell) -> str:
    return "%s (%s)" % (tf.get_variable_scope().name or cell.name, type(cell).__name__)


def _known_size(size: Any) -> Optional[int]:
    known = tf.get_static_value(size) if tf.is_tensor(size) else size
    return None if known is None else int(known)


def _check_same(name: str, given: Any, of_inputs: Any, where: str) -> None:
    if given is not None and of_inputs is not None and given != of_inputs:
        raise GraphError(
            "%s.get_initial_state: %s is %r but that of the inputs is %r. Pass only one of the two: "
            "get_initial_state(inputs), or get_initial_state(batch_size=..., dtype=...)."
            % (where, name, given, of_inputs)
        )


def _floating_dtype(inputs: Tensor, state: Nest, where: str) -> Any:
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
