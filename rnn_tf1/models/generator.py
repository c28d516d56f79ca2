"""A forecaster that reads its own forecasts: it generates series of any length in one session call."""

import dataclasses
from typing import Any, Callable, NamedTuple, Optional, Tuple

import tensorflow.compat.v1 as tf

from rnn_tf1.errors import GraphError
from rnn_tf1.models.forecaster import (
    ForecasterConfig,
    forecast,
    make_forecasting_cell,
    run_cell,
    series_placeholder,
)
from rnn_tf1.models.stack import initialized
from rnn_tf1.ops.checks import check_graph_mode
from rnn_tf1.ops.mode import TESTING
from rnn_tf1.types import Tensor

CHUNK = 1000  # values that are held singly, at 250 bytes each; a finished chunk is one tensor, at 4 bytes a value


class Generator(NamedTuple):
    """The tensors of a generator graph."""

    window: Tensor  # float32 [batch, steps, depth], a placeholder: the values to start from; zeros for none
    count: Tensor  # int32 scalar, a placeholder: the number of values to generate
    values: Tensor  # [batch, count, depth]


def build_sliding_generator(config: Any, forecast: Callable[[Any, Any], Any] = forecast) -> Generator:
    """Each new value is the forecast after the window, which then moves on by one step::

        x = forecast(window)[0]        window = window[1:] + [x]

    Each value costs a pass over the whole window, from a zero state. The weights are those of the forecaster.

    Args:
      config: the first argument of `forecast`; its `steps` must be known.
      forecast: a function of (config, inputs) that returns predictions: `forecaster.forecast` (default), `wavenet.forecast`.
    """
    check_graph_mode("build_sliding_generator")
    if config.steps is None:
        raise GraphError("build_sliding_generator: the length of the window is unknown; set steps in the config.")
    window, count = series_placeholder(config), tf.placeholder(tf.int32, [], name="count")
    scope = tf.get_variable_scope()

    def advance(window: Tensor) -> Tuple[Any, Any]:
        with tf.variable_scope(scope, reuse=True):
            value = _next_value(config, forecast(config, window))
        return value, tf.concat([window[:, 1:], tf.expand_dims(value, 1)], 1)

    forecast(config, window)  # creates the variables, which the body of a loop cannot do
    return Generator(window, count, _generate(config, advance, window, count))


def build_stateful_generator(
    config: ForecasterConfig, network: Optional[Callable[[Any, Any], Tuple[Any, Any]]] = None
) -> Generator:
    """Reads the window once, then takes one step of the recurrence for each value::

        x, state = cell(x, state)

    Each value costs one step, and depends on all values before it, as if the window grew. The first value is that of
    `build_sliding_generator`. The weights are those of the forecaster.

    Args:
      network: network(values, state) gives the predictions for values [batch, steps, depth] and the last state. It is called
        with the window and None, for zeros, and then with one value and the state before it. Default: that of `config`.

    Raises `GraphError` for a forecaster with a convolution in front, which reads several values for a step.
    """
    check_graph_mode("build_stateful_generator")
    if config.filters:
        raise GraphError(
            "build_stateful_generator does not support a convolution in front: use build_sliding_generator."
        )
    window, count = series_placeholder(config), tf.placeholder(tf.int32, [], name="count")
    scope = tf.get_variable_scope()
    network = network or _network(config)
    predictions, state = network(window, None)

    def advance(carried: Any) -> Tuple[Any, Any]:
        value, state = carried
        with tf.variable_scope(scope, reuse=True):
            predictions, state = network(tf.expand_dims(value, 1), state)
        return value, (_next_value(config, predictions), state)

    return Generator(window, count, _generate(config, advance, (_next_value(config, predictions), state), count))


def _network(config: ForecasterConfig) -> Callable[[Any, Any], Tuple[Any, Any]]:
    """The forecaster of `config`, as `build_stateful_generator` takes it."""
    cell, one_step = make_forecasting_cell(config, TESTING), dataclasses.replace(config, unroll="static")

    def network(values: Any, state: Any) -> Tuple[Any, Any]:
        with initialized(config):
            return run_cell(config if state is None else one_step, cell, values, state)

    return network


def _next_value(config: Any, predictions: Any) -> Any:
    """[batch, depth]: of the last step's forecasts, the nearest one."""
    return predictions[:, -1, : config.depth]


def _generate(config: Any, advance: Callable[[Any], Tuple[Any, Any]], carried: Any, count: Tensor) -> Any:
    """[batch, count, depth]: the values of `count` calls ``value, carried = advance(carried)``."""

    def step(i: Any, values: Any, carried: Any) -> Any:
        value, carried = advance(carried)
        return i + 1, values.write(i, value), carried

    def chunk(i: Any, chunks: Any, carried: Any) -> Any:
        size = tf.minimum(count - i * CHUNK, CHUNK)
        values = tf.TensorArray(tf.float32, size, element_shape=[None, config.depth])
        _, values, carried = tf.while_loop(lambda j, *_: j < size, step, (0, values, carried), parallel_iterations=1)
        return i + 1, chunks.write(i, values.stack()), carried

    with tf.control_dependencies([tf.debugging.assert_positive(count, message="count must be at least 1")]):
        number = (count + CHUNK - 1) // CHUNK
    chunks = tf.TensorArray(tf.float32, number, infer_shape=False, element_shape=[None, None, config.depth])
    _, chunks, _ = tf.while_loop(lambda i, *_: i < number, chunk, (0, chunks, carried), parallel_iterations=1)
    return tf.transpose(chunks.concat(), [1, 0, 2])
