"""A cell around cells. Each wrapper is itself a cell, so that they nest in any order.

Names, arguments, defaults and variables are those of TensorFlow 1.15; what is new is keyword-only and last.
"""

import contextlib
import math
import numbers
from typing import Any, Callable, Optional, Sequence

import tensorflow.compat.v1 as tf

from rnn_tf1.cells.base import RNNCell, find_activation, linear, positive
from rnn_tf1.cells.lstm import LSTMStateTuple
from rnn_tf1.checks import all_cells, check_cell, check_distinct, check_probability, inner_cells, input_depth
from rnn_tf1.errors import GraphError
from rnn_tf1.masks import dropout, random_key, recurrent_dropout, step_key

__all__ = [
    "DeviceCellWrapper",
    "DropoutWrapper",
    "EmbeddingWrapper",
    "InputProjectionWrapper",
    "MultiRNNCell",
    "OutputProjectionWrapper",
    "ResidualWrapper",
]


class MultiRNNCell(RNNCell):
    """Layers: the output of each cell is the input of the next. Variables: ``multi_rnn_cell/cell_0/...``, ``cell_1/...``.

    Args:
      cells: a list of cells, the lowest first; each an object of its own.
      state_is_tuple: the state is a tuple with the state of each cell; False: one tensor [batch, sum of sizes], which
        needs cells whose states are single tensors.
    """

    def __init__(self, cells: Sequence[Any], state_is_tuple: bool = True):
        super().__init__()
        if not isinstance(cells, (list, tuple)) or not cells:
            raise GraphError("MultiRNNCell needs a list of at least one cell and got %r." % (cells,))
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
        if not self._state_is_tuple:
            state = tf.split(state, [cell.state_size for cell in self._cells], axis=1)
        new_states = []
        for i, (cell, cell_state) in enumerate(zip(self._cells, state)):
            with tf.variable_scope("cell_%d" % i):
                inputs, new_state = cell(inputs, cell_state)
            new_states.append(new_state)
        return inputs, tuple(new_states) if self._state_is_tuple else tf.concat(new_states, 1)


class _Wrapper(RNNCell):
    """A wrapper with the state and the output width of the cell inside."""

    def __init__(self, cell: Any, reuse: Any = None):
        super().__init__(_reuse=reuse)
        self.cell = check_cell(cell, type(self).__name__)

    @property
    def state_size(self):
        return self.cell.state_size

    @property
    def output_size(self):
        return self.cell.output_size

    def zero_state(self, batch_size, dtype):
        return self.cell.zero_state(batch_size, dtype)


class DropoutWrapper(_Wrapper):
    """Dropout on what goes into a cell, what comes out of it, and the state it hands on; see `masks.dropout`.

    It opens no variable scope: the variables are named as if it were not there, so that a network trained with dropout
    restores into one without.

    Args:
      cell: the cell inside.
      input_keep_prob, output_keep_prob, state_keep_prob: float or scalar tensor in (0, 1]; the constant 1 adds no op.
        The state that is dropped is what goes to the next step; the memory c of an LSTM is left alone.
      variational_recurrent: one mask for all time steps (Gal and Ghahramani 2016, "A Theoretically Grounded Application
        of Dropout in Recurrent Neural Networks"), one for each row of the batch (TensorFlow shares it between rows).
        Refused together with `state_keep_prob`: what is kept would grow by 1 / state_keep_prob at every step; use
        `recurrent_keep_prob`.
      input_size, dtype: accepted for old code; the masks take both from the tensors.
      seed: int. With `step` the masks repeat; without, as TensorFlow's do: where the ops run in the same order.
      dropout_state_filter_visitor: a function that is given the state and, where it answers with a nest of booleans,
        its parts; says which are dropped. Default: all but the c of an LSTMStateTuple.
      is_training: False switches all of it off and leaves no op; a boolean tensor decides at each session call.
      step: the training step, an integer scalar tensor: the masks become a pure function of (seed, step, place, time).
      recurrent_keep_prob: float or scalar tensor in (0, 1]: dropout on h where the gates read it, one mask for all gates
        of a cell. What the cell carries on (the c of an LSTM, the u * h of a GRU, the context of a `ContextRNNCell`)
        is left alone, so that nothing grows and no memory is lost: Gal and Ghahramani 2016, with
        `variational_recurrent`; Semeniuta et al. 2016, "Recurrent Dropout without Memory Loss".
    """

    def __init__(
        self,
        cell: Any,
        input_keep_prob: Any = 1.0,
        output_keep_prob: Any = 1.0,
        state_keep_prob: Any = 1.0,
        variational_recurrent: bool = False,
        input_size: Any = None,
        dtype: Any = None,
        seed: Optional[int] = None,
        dropout_state_filter_visitor: Optional[Callable] = None,
        *,
        is_training: Any = True,
        step: Any = None,
        recurrent_keep_prob: Any = 1.0,
    ):
        super().__init__(cell)
        probabilities = dict(
            input_keep_prob=input_keep_prob,
            output_keep_prob=output_keep_prob,
            state_keep_prob=state_keep_prob,
            recurrent_keep_prob=recurrent_keep_prob,
        )
        for name, value in probabilities.items():
            check_probability(value, name, "DropoutWrapper")
        if variational_recurrent and not _is_one(state_keep_prob):
            raise GraphError(
                "DropoutWrapper: state_keep_prob with variational_recurrent=True multiplies the units that are kept by "
                "1/%s at every step, and the state grows without bound. Use recurrent_keep_prob=%s instead: it drops "
                "what the gates read and leaves alone what is carried." % (state_keep_prob, state_keep_prob)
            )
        if not _is_one(recurrent_keep_prob):
            _check_recurrent_dropout(self)
        if dropout_state_filter_visitor is not None and not callable(dropout_state_filter_visitor):
            raise GraphError("DropoutWrapper: dropout_state_filter_visitor must be a function of the state.")
        self._probabilities = probabilities
        self._variational_recurrent = variational_recurrent
        self._visitor = dropout_state_filter_visitor or _all_but_memory
        self._seed = seed
        self._is_training = is_training
        self._step = step
        self._keys: Any = {}
        self._depth = sum(
            isinstance(inner, DropoutWrapper) for inner in all_cells(cell)
        )  # a nested one has its own masks

    def __call__(self, inputs, state, scope=None):
        inputs = self._drop(inputs, "input")
        with contextlib.ExitStack() as stack:
            if not _is_one(self._probabilities["recurrent_keep_prob"]) and self._is_training is not False:
                stack.enter_context(recurrent_dropout(lambda h: self._drop(h, "recurrent")))
            output, new_state = self.cell(inputs, state, scope)
        if not _is_one(self._probabilities["state_keep_prob"]):
            new_state = self._drop(new_state, "state", _dropped_parts(self._visitor, new_state))
        return self._drop(output, "output"), new_state

    def _drop(self, values, place, parts=None):
        flat = tf.nest.flatten(values)
        dropped = []
        for i, (value, drop) in enumerate(zip(flat, [True] * len(flat) if parts is None else parts)):
            salt = "%s_%d_%d" % (place, i, self._depth)
            keep_prob = self._probabilities[place + "_keep_prob"]
            key = None
            if self._variational_recurrent and self._is_training is not False and not _is_one(keep_prob):
                key = self._fixed_key(salt)
            if drop:
                value = dropout(value, keep_prob, self._is_training, self._seed, self._step, salt, key)
            dropped.append(value)
        return tf.nest.pack_sequence_as(values, dropped)

    def _fixed_key(self, salt):
        if self._step is not None:
            return step_key(self._seed, self._step, salt, 0)
        place = "%s/%s" % (tf.get_variable_scope().name, salt)  # the cells in `cell` have masks of their own
        if place not in self._keys:  # drawn once, outside any loop: a second key would be a second mask
            self._keys[place] = random_key(self._seed, place)
        return self._keys[place]


class DeviceCellWrapper(_Wrapper):
    """Every op and every variable of `cell` on `device`; wrap each layer to spread a deep network over devices.

    Args:
      device: as for ``tf.device``, "/gpu:1" or "/job:worker/task:1" for example.
      cell: the cell inside.
    """

    def __init__(self, device: Any, cell: Any):
        if callable(getattr(device, "zero_state", None)):
            raise GraphError("DeviceCellWrapper takes the device first: DeviceCellWrapper('/gpu:0', cell).")
        if isinstance(device, str):
            try:
                tf.DeviceSpec.from_string(device)
            except ValueError as error:
                raise GraphError(
                    "DeviceCellWrapper: %r is no device (%s). Write '/cpu:0', '/gpu:1' or '/job:worker/task:1'."
                    % (device, error)
                ) from error
        super().__init__(cell)
        self._device = device

    def zero_state(self, batch_size, dtype):
        with tf.device(self._device):
            return self.cell.zero_state(batch_size, dtype)

    def __call__(self, inputs, state, scope=None):
        here = tf.get_variable_scope()
        with tf.device(self._device), tf.variable_scope(here, auxiliary_name_scope=False) as beside:
            beside.set_caching_device(self._device)  # else TensorFlow 2 sends the weights by way of the default device
            return self.cell(inputs, state, scope)


class ResidualWrapper(_Wrapper):
    """output' = inputs + output, so that a layer learns what to add: Wu et al. 2016, "Google's Neural Machine
    Translation System".

    Args:
      cell: the cell inside; its output is as wide as its input.
      residual_fn: a function of (inputs, output) to use instead of the sum.
    """

    def __init__(self, cell: Any, residual_fn: Optional[Callable] = None):
        super().__init__(cell)
        self._residual_fn = residual_fn

    def __call__(self, inputs, state, scope=None):
        output, new_state = self.cell(inputs, state, scope)
        return (self._residual_fn or _sum_of_equal_widths)(inputs, output), new_state


class InputProjectionWrapper(_Wrapper):
    """The cell reads activation(x kernel + bias). Variables: kernel [depth, num_proj], bias [num_proj], zeros.

    Args:
      cell: the cell inside.
      num_proj: int, the width that the cell reads.
      activation: a function or its name in ``tf.nn``; default: none.
      input_size: accepted and unused, as in TensorFlow.
      reuse: True uses variables that exist already.
    """

    def __init__(self, cell: Any, num_proj: int, activation: Any = None, input_size: Any = None, reuse: Any = None):
        super().__init__(cell, reuse)
        self._projection = _Projection(self, num_proj, activation)

    def call(self, inputs, state):
        return self.cell(self._projection(inputs), state)


class OutputProjectionWrapper(_Wrapper):
    """The output is activation(output kernel + bias). Variables: kernel [width of the cell's output, output_size], bias
    [output_size], zeros.

    Args:
      cell: the cell inside.
      output_size: int, the width of the output.
      activation: a function or its name in ``tf.nn``; default: none.
      reuse: True uses variables that exist already.
    """

    def __init__(self, cell: Any, output_size: int, activation: Any = None, reuse: Any = None):
        super().__init__(cell, reuse)
        self._projection = _Projection(self, output_size, activation)

    @property
    def output_size(self):
        return self._projection.size

    def call(self, inputs, state):
        output, new_state = self.cell(inputs, state)
        return self._projection(output), new_state


class EmbeddingWrapper(_Wrapper):
    """The cell reads row `id` of embedding [embedding_classes, embedding_size]; the inputs are ids [batch] or [batch, 1].

    Args:
      cell: the cell inside.
      embedding_classes: int, the number of ids.
      embedding_size: int, the width that the cell reads.
      initializer: of the embedding; default: the scope's, else uniform with variance 1.
      reuse: True uses variables that exist already.
    """

    def __init__(
        self, cell: Any, embedding_classes: int, embedding_size: int, initializer: Any = None, reuse: Any = None
    ):
        super().__init__(cell, reuse)
        self._shape = [
            positive(embedding_classes, "embedding_classes", self.name),
            positive(embedding_size, "embedding_size", self.name),
        ]
        self._initializer = initializer

    def build(self, inputs_shape):
        initializer = self._initializer or tf.get_variable_scope().initializer
        if initializer is None:
            initializer = tf.random_uniform_initializer(-math.sqrt(3), math.sqrt(3))
        self._embedding = self.add_variable("embedding", self._shape, initializer)

    def call(self, inputs, state):
        return self.cell(tf.nn.embedding_lookup(self._embedding, tf.reshape(inputs, [-1])), state)


class _Projection(object):
    """x -> activation(x kernel + bias), with variables made in the wrapper's scope at the first call."""

    def __init__(self, wrapper: RNNCell, size: int, activation: Any):
        self.size = positive(size, "the width of the projection", wrapper.name)
        self._wrapper = wrapper
        self._activation = tf.identity if activation is None else find_activation(activation, wrapper.name)
        self._weights: Any = None

    def __call__(self, x):
        if self._weights is None:  # not in build(): the width of a cell's output is known once the cell has been called
            kernel = self._wrapper.add_variable("kernel", [input_depth(x.shape, self._wrapper.name), self.size])
            self._weights = kernel, self._wrapper.add_variable("bias", [self.size], tf.zeros_initializer())
        return self._activation(linear([x], *self._weights))


def _is_one(probability: Any) -> bool:
    return isinstance(probability, numbers.Real) and probability == 1


def _check_recurrent_dropout(wrapper: Any) -> None:
    for inner in all_cells(wrapper):
        if not inner_cells(inner) and not getattr(inner, "has_recurrent_dropout", False):
            raise GraphError(
                "DropoutWrapper: recurrent_keep_prob acts inside a cell's equations, and those of %s do not read h through "
                "rnn_tf1.masks.gates_read. Use a cell of rnn_tf1, or write linear([inputs, gates_read(h)], ...) in its call "
                "and has_recurrent_dropout = True in its class." % type(inner).__name__
            )


def _all_but_memory(state: Any) -> Any:
    return LSTMStateTuple(c=False, h=True) if isinstance(state, LSTMStateTuple) else True


def _dropped_parts(visitor: Callable, state: Any) -> Any:
    """For each tensor of `state`, in flat order, whether `visitor` wants it dropped."""
    wanted = visitor(state)
    if not tf.nest.is_nested(state):
        return [bool(wanted)]
    if isinstance(wanted, bool):
        wanted = [wanted] * len(state)
    parts = []
    for drop, part in zip(wanted, state):
        if not drop:
            parts += [False] * len(tf.nest.flatten(part))
        else:
            parts += _dropped_parts(visitor, part) if tf.nest.is_nested(part) else [True]
    return parts


def _sum_of_equal_widths(inputs: Any, output: Any) -> Any:
    if not output.shape.is_compatible_with(inputs.shape):
        raise GraphError(
            "ResidualWrapper adds inputs %s to output %s: they must be equally wide. Give the cell %s units, or put it in "
            "an InputProjectionWrapper." % (inputs.shape, output.shape, inputs.shape[-1])
        )
    return inputs + output
