"""A dense layer, a convolution or an embedding in front of a cell, or a dense layer after it, at every step."""

import math
from typing import Any

import tensorflow.compat.v1 as tf

from rnn_tf1.cells.base import RNNCell, find_activation, linear, positive
from rnn_tf1.ops.checks import input_depth
from rnn_tf1.types import Cell
from rnn_tf1.wrappers.base import Wrapper


class InputProjectionWrapper(Wrapper):
    """The cell reads activation(x kernel + bias). Variables: kernel [depth, num_proj], bias [num_proj], zeros.

    Args:
      cell: the inner cell.
      num_proj: int, the width that the cell reads.
      activation: a function or its name in ``tf.nn``; default: none.
      input_size: accepted but unused, as in TensorFlow.
      reuse: True uses existing variables.
    """

    def __init__(self, cell: Cell, num_proj: int, activation: Any = None, input_size: Any = None, reuse: Any = None):
        super().__init__(cell, reuse)
        self._projection = _Projection(self, num_proj, activation)

    def call(self, inputs, state):
        return self.cell(self._projection(inputs), state)


class OutputProjectionWrapper(Wrapper):
    """The output is activation(output kernel + bias). Variables: kernel [width of the cell's output, output_size], bias
    [output_size], zeros.

    Args:
      cell: the inner cell.
      output_size: int, the width of the output.
      activation: a function or its name in ``tf.nn``; default: none.
      reuse: True uses existing variables.
    """

    def __init__(self, cell: Cell, output_size: int, activation: Any = None, reuse: Any = None):
        super().__init__(cell, reuse)
        self._projection = _Projection(self, output_size, activation)

    @property
    def output_size(self):
        return self._projection.size

    def call(self, inputs, state):
        output, new_state = self.cell(inputs, state)
        return self._projection(output), new_state


class ConvolutionWrapper(Wrapper):
    """The cell reads a causal convolution over the current and the previous inputs, with zeros before the first step::

        y_t = activation(x_{t - k + 1} kernel_1 + ... + x_{t - 1} kernel_{k-1} + x_t kernel_k + bias)

    Variables: kernel [k depth, filters], kernel_1 above kernel_2 ..., and bias [filters], zeros. The state is that of the cell
    and the last k - 1 inputs, so that the network can continue step by step where it stopped.

    Args:
      cell: the inner cell.
      filters: int, the width that the cell reads.
      kernel_size: int, k.
      input_size: int, the depth of x.
      activation: a function or its name in ``tf.nn``; default: none.
    """

    def __init__(self, cell: Cell, filters: int, kernel_size: int, input_size: int, activation: Any = None):
        super().__init__(cell)
        self._projection = _Projection(self, filters, activation)
        self._past_sizes = (positive(input_size, "input_size", self.name),) * (
            positive(kernel_size, "kernel_size", self.name) - 1
        )

    @property
    def state_size(self):
        return self.cell.state_size, self._past_sizes

    @property
    def carried_state(self):
        return super().carried_state, True  # the inputs, for k - 1 steps

    def zero_state(self, batch_size, dtype):
        return self.cell.zero_state(batch_size, dtype), RNNCell.zero_state(self, batch_size, dtype)[1]

    def call(self, inputs, state):
        inner, past = state
        window = past + (inputs,)
        output, inner = self.cell(self._projection(tf.concat(window, 1)), inner)
        return output, (inner, window[1:])


class EmbeddingWrapper(Wrapper):
    """The cell reads row `id` of embedding [embedding_classes, embedding_size]; the inputs are ids [batch] or [batch, 1].

    Args:
      cell: the inner cell.
      embedding_classes: int, the number of ids.
      embedding_size: int, the width that the cell reads.
      initializer: of the embedding; default: that of the scope, otherwise uniform with variance 1.
      reuse: True uses existing variables.
    """

    def __init__(
        self, cell: Cell, embedding_classes: int, embedding_size: int, initializer: Any = None, reuse: Any = None
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
        self._embedding = self.add_variable("embedding", self._shape, initializer=initializer)

    def call(self, inputs, state):
        return self.cell(tf.nn.embedding_lookup(self._embedding, tf.reshape(inputs, [-1])), state)


class _Projection(object):
    """x -> activation(x kernel + bias), with variables that the first call creates in the wrapper's scope."""

    def __init__(self, wrapper: RNNCell, size: int, activation: Any):
        self.size = positive(size, "the width of the projection", wrapper.name)
        self._wrapper = wrapper
        self._activation = tf.identity if activation is None else find_activation(activation, wrapper.name)
        self._weights: Any = None

    def __call__(self, x):
        if self._weights is None:  # not in build(): the width of a cell's output is known once the cell has been called
            kernel = self._wrapper.add_variable("kernel", [input_depth(x.shape, self._wrapper.name), self.size])
            self._weights = kernel, self._wrapper.add_variable("bias", [self.size], initializer=tf.zeros_initializer())
        return self._activation(linear([x], *self._weights))
