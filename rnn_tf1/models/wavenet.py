"""Causal convolutions with growing dilation: van den Oord et al. 2016, "WaveNet: A Generative Model for Raw Audio"."""

import dataclasses
from typing import Any, Optional, Tuple

import tensorflow.compat.v1 as tf

from rnn_tf1.errors import GraphError
from rnn_tf1.layers import conv1d
from rnn_tf1.models.forecaster import Forecaster, series_placeholder, with_losses
from rnn_tf1.ops.checks import check_graph_mode
from rnn_tf1.types import Tensor


@dataclasses.dataclass(frozen=True)
class WavenetConfig(object):
    """The sizes of a WaveNet."""

    steps: Optional[int] = None  # values of a piece
    depth: int = 1  # values of one step: the columns of the series
    ahead: int = 1  # the values to forecast after each step
    filters: int = 20  # of each layer
    dilations: Tuple[int, ...] = (1, 2, 4, 8, 1, 2, 4, 8)  # of each layer: the distance of the two steps that it reads
    gated: bool = False  # True: the paper's layers, with gates, residual and skip connections; False: layers of ReLU
    every_step, reach, jump = True, 1, 1  # as in `ForecasterConfig`

    @property
    def receptive_field(self) -> int:
        """The number of inputs that a forecast depends on: 31 by default."""
        return 1 + sum(self.dilations)


def build_wavenet(config: WavenetConfig) -> Forecaster:
    """Builds the graph. There is a forecast after each step, which depends on no later input::

        x_0 = inputs                     x_l = relu(conv(x_(l-1)))            prediction = conv of size 1 (x_L)

    where conv is over two values, dilation steps apart. Gated, with z_0 a convolution of size 1 of the inputs::

        g_l = tanh(conv(z_(l-1))) * sigmoid(conv(z_(l-1)))
        z_l = z_(l-1) + conv of size 1 (g_l)                                  residual
        s   = sum over l of conv of size 1 (g_l)                              skip
        prediction = conv of size 1 (relu(conv of size 1 (relu(s))))
    """
    check_graph_mode("build_wavenet")
    inputs = series_placeholder(config)
    return with_losses(inputs, forecast(config, inputs))


def forecast(config: WavenetConfig, inputs: Tensor) -> Any:
    """The predictions [batch, steps, ahead * depth] for inputs [batch, steps, depth]."""
    if not config.dilations:
        raise GraphError("A WaveNet needs at least one layer: dilations=(1, 2, 4, 8), for example.")
    with tf.variable_scope("wavenet", initializer=tf.glorot_uniform_initializer()):
        last = _gated(config, inputs) if config.gated else _plain(config, inputs)
        return conv1d(last, config.ahead * config.depth, 1, name="output")


def _plain(config: WavenetConfig, x: Tensor) -> Any:
    for i, dilation in enumerate(config.dilations):
        x = _causal(x, config.filters, dilation, tf.nn.relu, "layer_%d" % i)
    return x


def _gated(config: WavenetConfig, inputs: Tensor) -> Any:
    z = conv1d(inputs, config.filters, 1, name="input")
    skips = []
    for i, dilation in enumerate(config.dilations):
        with tf.variable_scope("layer_%d" % i):
            g = _causal(z, config.filters, dilation, tf.tanh, "filter")
            g *= _causal(z, config.filters, dilation, tf.sigmoid, "gate")
            if i < len(config.dilations) - 1:  # nothing reads that of the last layer
                z += conv1d(g, config.filters, 1, name="residual")
            skips.append(conv1d(g, config.filters, 1, name="skip"))
    return conv1d(tf.nn.relu(tf.add_n(skips)), config.filters, 1, activation=tf.nn.relu, name="after_skips")


def _causal(x: Tensor, filters: int, dilation: int, activation: Any, name: str) -> Any:
    return conv1d(x, filters, 2, padding="causal", dilation_rate=dilation, activation=activation, name=name)
