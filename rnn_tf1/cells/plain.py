"""Cells without a separate memory: the plain cell, the GRU, and the plain cell with slow context units."""

import collections
import numbers

import tensorflow.compat.v1 as tf

from rnn_tf1.cells.base import RNNCell, UnitsCell, find_activation, linear, positive
from rnn_tf1.errors import GraphError
from rnn_tf1.ops.checks import input_depth


class BasicRNNCell(UnitsCell):
    """The plain recurrent cell of Elman 1990, "Finding Structure in Time"::

        h' = activation([x, h] kernel + bias)              the output is h'

        kernel [depth + units, units]    bias [units], zeros

    Args:
      num_units: int, the number of units.
      activation: a function or its name in ``tf.nn``; default: tanh.
      reuse: True uses existing variables.
      name, dtype: see `RNNCell`.
      kernel_initializer: default: that of the scope.
    """

    carried_state = False

    def __init__(
        self, num_units, activation=None, reuse=None, name=None, dtype=None, *, kernel_initializer=None, **kwargs
    ):
        super().__init__(num_units, activation, reuse, name, dtype, **kwargs)
        self._kernel_initializer = kernel_initializer

    def build(self, inputs_shape):
        rows = input_depth(inputs_shape, self.name) + self._num_units
        self._kernel = self.add_variable("kernel", [rows, self._num_units], initializer=self._kernel_initializer)
        self._bias = self.add_variable("bias", [self._num_units], initializer=tf.zeros_initializer())

    def call(self, inputs, state):
        h = self._activation(linear([inputs, self.read(state)], self._kernel, self._bias))
        return h, h


class GRUCell(UnitsCell):
    """The gated recurrent unit of Cho et al. 2014, "Learning Phrase Representations using RNN Encoder-Decoder"::

        r, u = split(sigma([x, h] gates/kernel + gates/bias))            reset and update gate, in this order
        c    = activation([x, r * h] candidate/kernel + candidate/bias)
        h'   = u * h + (1 - u) * c                                       the output is h'

        gates/kernel [depth + units, 2 units]      gates/bias [2 units], ones
        candidate/kernel [depth + units, units]    candidate/bias [units], zeros

    Args:
      num_units: int, the number of units.
      activation: a function or its name in ``tf.nn``; default: tanh.
      reuse: True uses existing variables.
      kernel_initializer: of both kernels; default: that of the scope.
      bias_initializer: of both biases; default: ones for the gates, zeros for the candidate.
      name, dtype: see `RNNCell`.
    """

    carried_state = True  # u * h

    def __init__(
        self,
        num_units,
        activation=None,
        reuse=None,
        kernel_initializer=None,
        bias_initializer=None,
        name=None,
        dtype=None,
        **kwargs,
    ):
        super().__init__(num_units, activation, reuse, name, dtype, **kwargs)
        self._kernel_initializer = kernel_initializer
        self._bias_initializer = bias_initializer

    def build(self, inputs_shape):
        rows, n = input_depth(inputs_shape, self.name) + self._num_units, self._num_units
        gate_bias = tf.ones_initializer() if self._bias_initializer is None else self._bias_initializer
        candidate_bias = tf.zeros_initializer() if self._bias_initializer is None else self._bias_initializer
        self._gate_kernel = self.add_variable("gates/kernel", [rows, 2 * n], initializer=self._kernel_initializer)
        self._gate_bias = self.add_variable("gates/bias", [2 * n], initializer=gate_bias)
        self._candidate_kernel = self.add_variable("candidate/kernel", [rows, n], initializer=self._kernel_initializer)
        self._candidate_bias = self.add_variable("candidate/bias", [n], initializer=candidate_bias)

    def call(self, inputs, state):
        read = self.read(state)
        gates = tf.sigmoid(linear([inputs, read], self._gate_kernel, self._gate_bias))
        r, u = tf.split(gates, 2, axis=1)
        c = self._activation(linear([inputs, r * read], self._candidate_kernel, self._candidate_bias))
        h = u * state + (1 - u) * c
        return h, h


class ContextStateTuple(collections.namedtuple("ContextStateTuple", ("h", "s"))):
    """The state of a `ContextRNNCell`: the hidden units h [batch, units] and the context s [batch, context units]."""

    __slots__ = ()


class ContextRNNCell(RNNCell):
    """A plain cell with slow context units: Mikolov et al. 2014, "Learning Longer Memory in Recurrent Neural Networks"::

        s' = (1 - alpha) x B + alpha s                     the context: a moving average of the input
        h' = activation(s' P + x A + h R)                  the new context acts on h'
        the output is [h', s'], so that a dense layer on it gives h' U + s' V

        A [depth, units]    B [depth, context units]    P [context units, units]    R [units, units]

    Args:
      num_units: int, the number of hidden units.
      num_context_units: int, the number of context units; default: 40, as in the paper's larger network.
      alpha: float in [0, 1], how slowly the context changes; default: 0.95, as in the paper.
      activation: a function or its name in ``tf.nn``; default: sigmoid, as in the paper. tanh often trains better.
      state_is_tuple: the state is ContextStateTuple(h, s); False: one tensor [batch, units + context units], h first.
      initializer: of all four matrices; default: that of the scope.
      reuse: True uses existing variables.
      options: name, dtype and trainable, see `RNNCell`.
    """

    def __init__(
        self,
        num_units,
        num_context_units=40,
        alpha=0.95,
        activation=tf.sigmoid,
        state_is_tuple=True,
        initializer=None,
        reuse=None,
        **options,
    ):
        super().__init__(_reuse=reuse, **options)
        if not isinstance(alpha, numbers.Real) or not 0.0 <= float(alpha) <= 1.0:
            raise GraphError("%s: alpha is %s; it must be between 0 and 1." % (self.name, alpha))
        self._num_units = positive(num_units, "num_units", self.name)
        self._num_context_units = positive(num_context_units, "num_context_units", self.name)
        self._alpha = alpha
        self._activation = find_activation(activation, self.name)
        self._state_is_tuple = state_is_tuple
        self._initializer = initializer

    @property
    def state_size(self):
        n, m = self._num_units, self._num_context_units
        return ContextStateTuple(n, m) if self._state_is_tuple else n + m

    @property
    def carried_state(self):
        return ContextStateTuple(h=False, s=True) if self._state_is_tuple else True

    @property
    def output_size(self):
        return self._num_units + self._num_context_units

    def build(self, inputs_shape):
        depth, n, m = input_depth(inputs_shape, self.name), self._num_units, self._num_context_units
        self._A = self.add_variable("A", [depth, n], initializer=self._initializer)
        self._B = self.add_variable("B", [depth, m], initializer=self._initializer)
        self._P = self.add_variable("P", [m, n], initializer=self._initializer)
        self._R = self.add_variable("R", [n, n], initializer=self._initializer)

    def call(self, inputs, state):
        h, s = state if self._state_is_tuple else tf.split(state, [self._num_units, self._num_context_units], axis=1)
        s = (1 - self._alpha) * tf.matmul(inputs, self._B) + self._alpha * s
        h = self._activation(tf.matmul(s, self._P) + tf.matmul(inputs, self._A) + tf.matmul(self.read(h), self._R))
        output = tf.concat([h, s], 1)
        return output, ContextStateTuple(h, s) if self._state_is_tuple else output
