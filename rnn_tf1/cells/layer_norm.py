"""Cells with layer normalization."""

from typing import Any

import tensorflow.compat.v1 as tf

from rnn_tf1.cells.base import RNNCell, UnitsCell, find_activation, linear, positive
from rnn_tf1.cells.lstm import LSTMStateTuple
from rnn_tf1.ops.checks import check_probability, input_depth
from rnn_tf1.ops.dropout import dropout


class LayerNormRNNCell(UnitsCell):
    """The plain cell with layer normalization: Ba et al. 2016, "Layer Normalization", equation 4::

        a  = [x, h] kernel
        h' = activation(gamma * (a - mean(a)) / std(a) + beta)      mean and std over the units; the output is h'

        kernel [depth + units, units]    gamma [units], ones    beta [units], zeros: the bias

    Args:
      num_units, activation, reuse, name, dtype: see `BasicRNNCell`.
    """

    carried_state = False

    def __init__(self, num_units, activation=None, reuse=None, name=None, dtype=None, **kwargs):
        super().__init__(num_units, activation, reuse, name, dtype, **kwargs)

    def build(self, inputs_shape):
        depth, n = input_depth(inputs_shape, self.name), self._num_units
        self._kernel = self.add_variable("kernel", [depth + n, n])
        self._gamma = self.add_variable("gamma", [n], initializer=tf.ones_initializer())
        self._beta = self.add_variable("beta", [n], initializer=tf.zeros_initializer())

    def call(self, inputs, state):
        h = self._activation(normalize(linear([inputs, self.read(state)], self._kernel), self._gamma, self._beta))
        return h, h


class LayerNormBasicLSTMCell(RNNCell):
    """The LSTM with layer normalization (Ba et al. 2016) and recurrent dropout (Semeniuta et al. 2016, "Recurrent
    Dropout without Memory Loss"), as in the cell of the same name in TensorFlow 1.15::

        norm(a) = gamma * (a - mean(a)) / std(a) + beta
        i, j, f, o = split([x, h] kernel), each with its own norm
        c' = norm(c * sigma(f + forget_bias) + sigma(i) * dropout(activation(j)))
        h' = activation(c') * sigma(o)                     the output is h'

        kernel [depth + units, 4 units]
        gamma, beta [units] in each of input, transform, forget, output, state (for i, j, f, o, c')

    Args:
      num_units, forget_bias, activation, reuse: see `BasicLSTMCell`.
      input_size: accepted but unused, as in TensorFlow.
      layer_norm: False leaves out the norms and adds a bias [4 units].
      norm_gain, norm_shift: the initial value of gamma and of beta.
      dropout_keep_prob: float or scalar tensor in (0, 1].
      dropout_prob_seed: int.
      is_training, step: see `DropoutWrapper`.
    """

    carried_state = LSTMStateTuple(c=True, h=False)

    def __init__(
        self,
        num_units,
        forget_bias=1.0,
        input_size=None,
        activation=tf.tanh,
        layer_norm=True,
        norm_gain=1.0,
        norm_shift=0.0,
        dropout_keep_prob=1.0,
        dropout_prob_seed=None,
        reuse=None,
        *,
        is_training=True,
        step=None,
    ):
        super().__init__(_reuse=reuse)
        check_probability(dropout_keep_prob, "dropout_keep_prob", self.name)
        self._num_units = positive(num_units, "num_units", self.name)
        self._forget_bias = forget_bias
        self._activation = find_activation(activation, self.name)
        self._layer_norm = layer_norm
        self._norm_gain = norm_gain
        self._norm_shift = norm_shift
        self._keep_prob = dropout_keep_prob
        self._dropout = dict(is_training=is_training, seed=dropout_prob_seed, step=step, salt="recurrent")

    @property
    def state_size(self):
        return LSTMStateTuple(self._num_units, self._num_units)

    @property
    def output_size(self):
        return self._num_units

    @property
    def needs_time(self):
        return self._dropout["step"] is not None and self._dropout["is_training"] is not False

    def build(self, inputs_shape):
        depth, n = input_depth(inputs_shape, self.name), self._num_units
        self._kernel = self.add_variable("kernel", [depth + n, 4 * n])
        self._bias = None if self._layer_norm else self.add_variable("bias", [4 * n])
        self._norms = {
            name: (
                self.add_variable(name + "/gamma", [n], initializer=tf.constant_initializer(self._norm_gain)),
                self.add_variable(name + "/beta", [n], initializer=tf.constant_initializer(self._norm_shift)),
            )
            for name in (["input", "transform", "forget", "output", "state"] if self._layer_norm else [])
        }

    def _norm(self, a, name):
        return normalize(a, *self._norms[name]) if self._layer_norm else a

    def call(self, inputs, state):
        c, h = state
        i, j, f, o = tf.split(linear([inputs, self.read(h)], self._kernel, self._bias), 4, axis=1)
        i, j = self._norm(i, "input"), self._norm(j, "transform")
        f, o = self._norm(f, "forget"), self._norm(o, "output")
        g = dropout(self._activation(j), self._keep_prob, **self._dropout)
        c = self._norm(c * tf.sigmoid(f + self._forget_bias) + tf.sigmoid(i) * g, "state")
        h = self._activation(c) * tf.sigmoid(o)
        return h, LSTMStateTuple(c, h)


def normalize(a: Any, gamma: Any, beta: Any) -> Any:
    """gamma * (a - mean) / sqrt(variance + epsilon) + beta, over the last axis; epsilon is that of TF 1.15's contrib."""
    mean, variance = tf.nn.moments(a, [-1], keepdims=True)
    return tf.nn.batch_normalization(a, mean, variance, beta, gamma, 1e-3 if a.dtype == tf.float16 else 1e-12)
