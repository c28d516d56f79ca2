"""A linear forecaster, as a baseline: each value ahead is a weighted sum of all values of the window."""

import dataclasses
from typing import Any

import tensorflow.compat.v1 as tf

from rnn_tf1.layers import dense
from rnn_tf1.models.forecaster import Forecaster, series_placeholder, with_losses
from rnn_tf1.ops.checks import check_graph_mode


@dataclasses.dataclass(frozen=True)
class LinearConfig(object):
    """The sizes of a linear forecaster."""

    steps: int  # values of a piece
    depth: int = 1  # values of one step: the columns of the series
    ahead: int = 1  # the values to forecast after the last step
    every_step, reach, jump = False, 1, 1  # as in `ForecasterConfig`


def build_linear(config: LinearConfig) -> Forecaster:
    """Builds the graph: prediction = (all inputs of the row) kernel + bias, trained by gradient descent.

    `baselines.LeastSquares` solves the same model exactly.
    """
    check_graph_mode("build_linear")
    inputs = series_placeholder(config)
    rows = tf.reshape(inputs, [-1, config.steps * config.depth])
    with tf.variable_scope(tf.get_variable_scope(), initializer=tf.glorot_uniform_initializer()):
        predictions: Any = dense(rows, config.ahead * config.depth)
    return with_losses(inputs, tf.expand_dims(predictions, 1))
