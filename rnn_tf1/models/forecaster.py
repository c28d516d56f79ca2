"""Forecasts series: a recurrent network reads the values, a dense layer on its outputs predicts the next ones."""

import dataclasses
from typing import Any, Callable, NamedTuple, Optional, Tuple

import tensorflow.compat.v1 as tf

from rnn_tf1.errors import GraphError
from rnn_tf1.layers import conv1d, dense
from rnn_tf1.models.stack import UNROLLS, StackConfig, by_name, initialized, make_stack
from rnn_tf1.ops.checks import check_graph_mode
from rnn_tf1.ops.inputs import select_rows
from rnn_tf1.ops.mode import TESTING, Mode
from rnn_tf1.types import Nest, Tensor
from rnn_tf1.unrolling.loops import last_output
from rnn_tf1.unrolling.state import StateKeeper
from rnn_tf1.wrappers import OutputProjectionWrapper

HEADS = ("dense", "projection", "none")

# recurrence(x, mode): x [batch, steps, depth] to the output of every step [batch, steps, units]. A head of `config` follows it.
Recurrence = Callable[[Any, Mode], Any]


@dataclasses.dataclass(frozen=True)
class ForecasterConfig(StackConfig):
    """The sizes of a forecaster."""

    steps: Optional[int] = None  # values of a piece; static and manual unrolling need it
    depth: int = 1  # values of one step: the columns of the series
    ahead: int = 1  # k: the values to forecast after a step
    every_step: bool = (
        True  # forecast after each step (sequence to sequence); False: after the last (sequence to vector)
    )
    head: str = "dense"  # or "projection": an OutputProjectionWrapper, or "none": the cell's output is the forecast
    filters: int = 0  # of a convolution with ReLU in front of the recurrence; 0: no convolution
    kernel_size: int = 4  # of that convolution
    stride: int = 2  # of that convolution: the recurrence has steps / stride steps

    @property
    def reach(self) -> int:
        """The steps before the first forecast; there is a forecast after every `jump` more, and one after the last step."""
        if not self.filters:
            return 1
        if self.steps is None or self.steps < self.kernel_size:
            raise GraphError(
                "steps is %s, but a convolution of %d values is in front: set steps to at least that number."
                % (self.steps, self.kernel_size)
            )
        return self.kernel_size + (self.steps - self.kernel_size) % self.stride

    @property
    def jump(self) -> int:
        """The steps from one forecast to the next."""
        return self.stride if self.filters else 1


class Forecaster(NamedTuple):
    """The tensors of one forecaster graph."""

    inputs: Tensor  # float32 [batch, steps, depth], a placeholder
    targets: Tensor  # float32 [batch, outputs, ahead * depth], a placeholder; see `windows.inputs_and_targets`
    predictions: Tensor  # [batch, outputs, ahead * depth]; outputs is steps, or 1 if only the last step forecasts
    losses: Tensor  # [batch]: the mean squared error of each row
    loss: Tensor  # their mean
    last_losses: Tensor  # [batch]: the mean squared error of each row at its last step, which is what a test measures
    last_loss: Tensor  # their mean


class CarriedForecaster(NamedTuple):
    """The tensors of a forecaster that reads long series in pieces."""

    inputs: Tensor  # float32 [batch, steps, depth], a placeholder
    targets: Tensor  # as in `Forecaster`
    begins: Tensor  # bool [batch], a placeholder: the rows whose series begins with this piece
    predictions: Tensor  # as in `Forecaster`
    losses: Tensor
    loss: Tensor
    carry: Tensor  # an op: the next piece begins with the final state of this one


class MonteCarlo(NamedTuple):
    """A forecast with error bars."""

    inputs: Tensor  # float32 [batch, steps, depth], a placeholder
    samples: Tensor  # [passes, batch, outputs, ahead * depth]
    mean: Tensor  # [batch, outputs, ahead * depth], over the passes
    deviation: Tensor  # the same shape


def build_forecaster(
    config: ForecasterConfig, mode: Mode = TESTING, recurrence: Optional[Recurrence] = None
) -> Forecaster:
    """Builds the graph; with the same weights in every `mode`::

        h_1 ... h_T = the recurrence over the inputs, or over their convolution, from a zero state
        prediction  = h_t kernel + bias
        loss        = mean of (prediction - target)^2

    Args:
      mode: see `Mode`.
      recurrence: a function that gives the outputs of all steps; default: the stack that `config` describes.
    """
    check_graph_mode("build_forecaster")
    inputs = series_placeholder(config)
    return with_losses(inputs, forecast(config, inputs, mode, recurrence))


def build_carried_forecaster(
    config: ForecasterConfig,
    batch_size: int,
    mode: Mode = TESTING,
    name: str = "carried",
    recurrence: Optional[Callable[[Any, Callable[[Any], Any], Mode], Tuple[Any, Any]]] = None,
) -> CarriedForecaster:
    """Like `build_forecaster`, for a long series that is read in pieces: a `StateKeeper` carries the state from one piece to
    the next, and the gradient stops between them.

    Args:
      batch_size: int, the number of series that are read in parallel; it may differ between a training and a test graph.
      name: of the variables that carry the state.
      recurrence: recurrence(inputs, initial_state, mode) gives the outputs, [batch, steps, units], and the last state, where
        initial_state(cell) is the state of that cell that a piece begins with; default: as `config` says.
    """
    check_graph_mode("build_carried_forecaster")
    if config.filters:
        raise GraphError(
            "build_carried_forecaster does not support a convolution in front, which loses values at the border of each piece."
        )
    inputs = series_placeholder(config, batch_size)
    begins = tf.placeholder(tf.bool, [batch_size], name="begins")
    keepers = []

    def initial_state(cell: Any) -> Any:
        keepers.append(StateKeeper(cell, batch_size, name=name))
        return select_rows(begins, cell.zero_state(batch_size, tf.float32), keepers[0].state)

    with initialized(config):
        if recurrence is None:
            cell = make_forecasting_cell(config, mode)
            predictions, state = run_cell(config, cell, inputs, initial_state(cell))
        else:
            outputs, state = recurrence(inputs, initial_state, mode)
            predictions = head(config, outputs)
    net = with_losses(inputs, predictions)
    return CarriedForecaster(inputs, net.targets, begins, predictions, net.losses, net.loss, keepers[0].assign(state))


def build_monte_carlo(
    config: ForecasterConfig, passes: int, seed: Optional[int] = None, recurrence: Optional[Recurrence] = None
) -> MonteCarlo:
    """Error bars by Monte Carlo dropout: `passes` forecasts of each row, each with dropout masks of its own, in one run.

    Gal and Ghahramani 2016, "Dropout as a Bayesian Approximation". The deviation measures how uncertain the network is;
    the noise of the series comes on top of it. The weights are those of `build_forecaster`.

    Raises:
      GraphError: if `config` has no dropout, so that all passes would be equal.
    """
    check_graph_mode("build_monte_carlo")
    if config.keep_prob == 1.0 and config.recurrent_keep_prob == 1.0:
        raise GraphError(
            "build_monte_carlo: without dropout all passes are equal. Train with keep_prob or recurrent_keep_prob below 1."
        )
    if passes < 2:
        raise GraphError("build_monte_carlo: passes is %d; a deviation needs at least 2." % passes)
    inputs = series_placeholder(config)
    predictions = forecast(config, tf.tile(inputs, [passes, 1, 1]), Mode(True, seed), recurrence)
    shape = [passes, -1] + predictions.shape.as_list()[1:]
    samples = tf.reshape(
        predictions, shape if None not in shape else tf.stack([passes, -1, tf.shape(predictions)[1], shape[3]])
    )
    mean, variance = tf.nn.moments(samples, [0])
    return MonteCarlo(inputs, samples, mean, tf.sqrt(variance))


def forecast(
    config: ForecasterConfig, inputs: Any, mode: Mode = TESTING, recurrence: Optional[Recurrence] = None
) -> Any:
    """The predictions [batch, outputs, ahead * depth] for inputs [batch, steps, depth]; see `build_forecaster`."""
    with initialized(config):
        if recurrence is not None:
            return head(config, recurrence(convolved(config, inputs), mode))
        return run_cell(config, make_forecasting_cell(config, mode), inputs)[0]


def make_forecasting_cell(config: ForecasterConfig, mode: Mode) -> Any:
    """The stack of `config`, in an `OutputProjectionWrapper` if that is its head."""
    if config.head not in HEADS:
        raise GraphError("There is no head %r; there are: %s." % (config.head, ", ".join(HEADS)))
    if config.ahead < 1:
        raise GraphError("ahead is %d; there must be at least 1 value to forecast." % config.ahead)
    cell = make_stack(config, mode)
    width = config.ahead * config.depth
    if config.head == "none" and cell.output_size != width:
        raise GraphError(
            'With head "none" the cell\'s output is the forecast: units must be ahead * depth = %d, but is %d.'
            % (width, cell.output_size)
        )
    return OutputProjectionWrapper(cell, width) if config.head == "projection" else cell


def run_cell(config: ForecasterConfig, cell: Any, inputs: Tensor, initial_state: Nest = None) -> Tuple[Any, Any]:
    """(predictions, final state): convolution, recurrence, head."""
    unroll = by_name(UNROLLS, config.unroll, "unrolling")
    outputs, state = unroll(cell, convolved(config, inputs), initial_state=initial_state, dtype=inputs.dtype)
    return head(config, outputs), state


def convolved(config: ForecasterConfig, inputs: Any) -> Any:
    """What the recurrence reads: the inputs, or their convolution [batch, steps / stride, filters]."""
    if not config.filters:
        return inputs
    x = inputs[:, config.reach - config.kernel_size :]  # so that the last forecast has read the last value
    return conv1d(x, config.filters, config.kernel_size, config.stride, activation=tf.nn.relu)


def head(config: ForecasterConfig, outputs: Any) -> Any:
    """The forecasts from what the recurrence put out, [batch, steps, units] to [batch, outputs, ahead * depth]."""
    if not config.every_step:
        outputs = tf.expand_dims(last_output(outputs), 1)
    return dense(outputs, config.ahead * config.depth) if config.head == "dense" else outputs


def series_placeholder(config: Any, batch_size: Optional[int] = None) -> Tensor:
    """The placeholder of the inputs, [batch, steps, depth]."""
    return tf.placeholder(tf.float32, [batch_size, config.steps, config.depth], name="inputs")


def with_losses(inputs: Tensor, predictions: Tensor) -> Forecaster:
    """The forecaster with these predictions, and its losses."""
    targets = tf.placeholder(tf.float32, predictions.shape, name="targets")
    squares = tf.square(predictions - targets)
    losses, last = tf.reduce_mean(squares, axis=[1, 2]), tf.reduce_mean(squares[:, -1], axis=1)
    return Forecaster(inputs, targets, predictions, losses, tf.reduce_mean(losses), last, tf.reduce_mean(last))
