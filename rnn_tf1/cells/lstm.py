"""LSTM cells: the basic one, and one with peepholes, clipping and a projection."""

import collections
from typing import Any, Optional

import tensorflow.compat.v1 as tf

from rnn_tf1.cells.base import RNNCell, UnitsCell, find_activation, linear, positive
from rnn_tf1.errors import GraphError
from rnn_tf1.ops.checks import input_depth


class LSTMStateTuple(collections.namedtuple("LSTMStateTuple", ("c", "h"))):
    """The state of an LSTM: the memory c [batch, units] and the output h [batch, units or num_proj]."""

    __slots__ = ()

    @property
    def dtype(self) -> Any:
        if self.c.dtype != self.h.dtype:
            raise GraphError("LSTMStateTuple: c is %s and h is %s." % (self.c.dtype, self.h.dtype))
        return self.c.dtype


class BasicLSTMCell(UnitsCell):
    """The LSTM of Zaremba et al. 2014, "Recurrent Neural Network Regularization"::

        i, j, f, o = split([x, h] kernel + bias)           input gate, new input, forget gate, output gate
        c' = sigma(f + forget_bias) * c + sigma(i) * activation(j)
        h' = sigma(o) * activation(c')                     the output is h'

        kernel [depth + units, 4 units]    bias [4 units], zeros

    Args:
      num_units: int, the number of units.
      forget_bias: float added to f, so that an untrained network remembers; default: 1.
      state_is_tuple: the state is LSTMStateTuple(c, h); False: one tensor [batch, 2 units], c first.
      activation: a function or its name in ``tf.nn``; default: tanh.
      reuse: True uses existing variables.
      name, dtype: see `RNNCell`.
    """

    def __init__(
        self,
        num_units,
        forget_bias=1.0,
        state_is_tuple=True,
        activation=None,
        reuse=None,
        name=None,
        dtype=None,
        **kwargs,
    ):
        super().__init__(num_units, activation, reuse, name, dtype, **kwargs)
        self._forget_bias = forget_bias
        self._state_is_tuple = state_is_tuple

    @property
    def state_size(self):
        n = self._num_units
        return LSTMStateTuple(n, n) if self._state_is_tuple else 2 * n

    @property
    def carried_state(self):
        return LSTMStateTuple(c=True, h=False) if self._state_is_tuple else True

    def build(self, inputs_shape):
        depth, n = input_depth(inputs_shape, self.name), self._num_units
        self._kernel = self.add_variable("kernel", [depth + n, 4 * n])
        self._bias = self.add_variable("bias", [4 * n], initializer=tf.zeros_initializer())

    def call(self, inputs, state):
        c, h = state if self._state_is_tuple else tf.split(state, 2, axis=1)
        i, j, f, o = tf.split(linear([inputs, self.read(h)], self._kernel, self._bias), 4, axis=1)
        c = tf.sigmoid(f + self._forget_bias) * c + tf.sigmoid(i) * self._activation(j)
        h = tf.sigmoid(o) * self._activation(c)
        return h, LSTMStateTuple(c, h) if self._state_is_tuple else tf.concat([c, h], 1)


class LSTMCell(RNNCell):
    """The LSTM with all its options: Sak et al. 2014, "Long Short-Term Memory Recurrent Neural Network Architectures
    for Large Scale Acoustic Modeling"::

        i, j, f, o = split([x, h] kernel + bias)
        c' = sigma(f + forget_bias + w_f_diag * c) * c + sigma(i + w_i_diag * c) * activation(j)
        c' is clipped to [-cell_clip, cell_clip]
        h' = sigma(o + w_o_diag * c') * activation(c')     the output gate reads the new memory
        h' = h' projection/kernel, clipped to [-proj_clip, proj_clip]          the output is h'

        kernel [depth + width of h, 4 units]    bias [4 units], zeros
        w_f_diag, w_i_diag, w_o_diag [units]    projection/kernel [units, num_proj]

    The width of h is num_proj, or units without a projection.

    Args:
      num_units: int, the number of units.
      use_peepholes: True lets the gates read the memory through w_*_diag; default: False, without these terms.
      cell_clip: float; default: no clipping of the memory.
      initializer: of the kernels and the peepholes; default: that of the scope.
      num_proj: int; default: no projection.
      proj_clip: float; default: no clipping of the projection.
      num_unit_shards, num_proj_shards: the number of parts in which the kernel and the projection are stored.
      forget_bias, state_is_tuple, activation, reuse: see `BasicLSTMCell`.
      name, dtype: see `RNNCell`.
    """

    def __init__(
        self,
        num_units,
        use_peepholes=False,
        cell_clip=None,
        initializer=None,
        num_proj=None,
        proj_clip=None,
        num_unit_shards=None,
        num_proj_shards=None,
        forget_bias=1.0,
        state_is_tuple=True,
        activation=None,
        reuse=None,
        name=None,
        dtype=None,
        **kwargs,
    ):
        super().__init__(_reuse=reuse, name=name, dtype=dtype, **kwargs)
        self._num_units = positive(num_units, "num_units", self.name)
        self._use_peepholes = use_peepholes
        self._cell_clip = cell_clip
        self._initializer = initializer
        self._num_proj = None if num_proj is None else positive(num_proj, "num_proj", self.name)
        self._proj_clip = proj_clip
        self._num_unit_shards = num_unit_shards
        self._num_proj_shards = num_proj_shards
        self._forget_bias = forget_bias
        self._state_is_tuple = state_is_tuple
        self._activation = find_activation(activation, self.name)

    @property
    def state_size(self):
        n, width = self._num_units, self.output_size
        return LSTMStateTuple(n, width) if self._state_is_tuple else n + width

    @property
    def carried_state(self):
        return LSTMStateTuple(c=True, h=False) if self._state_is_tuple else True

    @property
    def output_size(self):
        return self._num_proj or self._num_units

    def build(self, inputs_shape):
        depth, n = input_depth(inputs_shape, self.name), self._num_units
        self._kernel = self.add_variable(
            "kernel",
            [depth + self.output_size, 4 * n],
            initializer=self._initializer,
            partitioner=_partitioner(self._num_unit_shards),
        )
        self._bias = self.add_variable("bias", [4 * n], initializer=tf.zeros_initializer())
        if self._use_peepholes:
            self._w_f_diag = self.add_variable("w_f_diag", [n], initializer=self._initializer)
            self._w_i_diag = self.add_variable("w_i_diag", [n], initializer=self._initializer)
            self._w_o_diag = self.add_variable("w_o_diag", [n], initializer=self._initializer)
        if self._num_proj is not None:
            self._proj_kernel = self.add_variable(
                "projection/kernel",
                [n, self._num_proj],
                initializer=self._initializer,
                partitioner=_partitioner(self._num_proj_shards),
            )

    def call(self, inputs, state):
        c, h = state if self._state_is_tuple else tf.split(state, [self._num_units, self.output_size], axis=1)
        i, j, f, o = tf.split(linear([inputs, self.read(h)], self._kernel, self._bias), 4, axis=1)
        f = f + self._forget_bias
        if self._use_peepholes:
            f, i = f + self._w_f_diag * c, i + self._w_i_diag * c
        c = tf.sigmoid(f) * c + tf.sigmoid(i) * self._activation(j)
        if self._cell_clip is not None:
            c = tf.clip_by_value(c, -self._cell_clip, self._cell_clip)
        if self._use_peepholes:
            o = o + self._w_o_diag * c
        h = tf.sigmoid(o) * self._activation(c)
        if self._num_proj is not None:
            h = linear([h], self._proj_kernel)
            if self._proj_clip is not None:
                h = tf.clip_by_value(h, -self._proj_clip, self._proj_clip)
        return h, LSTMStateTuple(c, h) if self._state_is_tuple else tf.concat([c, h], 1)


def _partitioner(shards: Optional[int]) -> Any:
    return None if shards is None else tf.fixed_size_partitioner(shards)
