"""A series in, its next values out: a recurrent network reads the values, a dense layer on its outputs gives the next ones."""

import dataclasses
from typing import Any, Callable, NamedTuple, Optional, Tuple

import tensorflow.compat.v1 as tf

from rnn_tf1.errors import GraphError
from rnn_tf1.layers import conv1d, dense
from rnn_tf1.models.stack import UNROLLS, StackConfig, by_name, initialized, make_stack
from rnn_tf1.ops.checks import check_graph_mode
from rnn_tf1.ops.inputs import select_rows
from rnn_tf1.ops.mode import TESTING, Mode
from rnn_tf1.unrolling.loops import last_output
from rnn_tf1.unrolling.state import StateKeeper
from rnn_tf1.wrappers import OutputProjectionWrapper

HEADS = ("dense", "projection", "none")

# recurrence(x, mode): x [batch, steps, depth] to the output of every step [batch, steps, units]. A head of `config` follows it.
Recurrence = Callable[[Any, Mode], Any]


@dataclasses.dataclass(frozen=True)
class ForecasterConfig(StackConfig):
    """The sizes of a forecaster."""

    steps: Optional[int] = None  # values of a piece; static and manual unrolling must know it
    depth: int = 1  # values of one step: the columns of the series
    ahead: int = 1  # k: the values to forecast after a step
    every_step: bool = True  # sequence to sequence: after each step; False, sequence to vector: after the last alone
    head: str = "dense"  # or "projection": an OutputProjectionWrapper, or "none": the cell's output is the forecast
    filters: int = 0  # of a Conv1D with ReLU in front of the recurrence; 0: none
    kernel_size: int = 4  # of that convolution
    stride: int = 2  # of that convolution: the recurrence has steps / stride steps

    @property
    def reach(self) -> int:
        """Steps up to the first forecast; the next ones have `jump` more each, and the last one all of them."""
        if not self.filters:
            return 1
        if self.steps is None or self.steps < self.kernel_size:
            raise GraphError(
                "steps is %s, and a convolution of %d values is in front: say steps, at least as many."
                % (self.steps, self.kernel_size)
            )
        return self.kernel_size + (self.steps - self.kernel_size) % self.stride

    @property
    def jump(self) -> int:
        return self.stride if self.filters else 1


class Forecaster(NamedTuple):
    """The tensors of one forecaster graph."""

    inputs: Any  # float32 [batch, steps, depth], a placeholder
    targets: Any  # float32 [batch, outputs, ahead * depth], a placeholder; see `windows.inputs_and_targets`
    predictions: Any  # [batch, outputs, ahead * depth]; outputs is steps, 1 where only the last step forecasts
    losses: Any  # [batch]: the mean squared error of each row
    loss: Any  # their mean
    last_losses: Any  # [batch]: the mean squared error of each row at its last step, which alone counts in a test
    last_loss: Any  # their mean


class CarriedForecaster(NamedTuple):
    """The tensors of a forecaster that reads long series in pieces."""

    inputs: Any  # float32 [batch, steps, depth], a placeholder
    targets: Any  # as in `Forecaster`
    begins: Any  # bool [batch], a placeholder: the rows whose series begins with this piece
    predictions: Any  # as in `Forecaster`
    losses: Any
    loss: Any
    carry: Any  # an op: the next piece begins with the state in which this one ends


class MonteCarlo(NamedTuple):
    """A forecast with error bars."""

    inputs: Any  # float32 [batch, steps, depth], a placeholder
    samples: Any  # [passes, batch, outputs, ahead * depth]
    mean: Any  # [batch, outputs, ahead * depth], over the passes
    deviation: Any  # the same shape


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
) -> CarriedForecaster:
    """As `build_forecaster`, for a long series that is read in pieces; the state is carried from one piece to the next by
    `StateKeeper`, and the gradient stops between them.

    Args:
      batch_size: int, the series that are read side by side; it may differ between a train and a test graph.
      name: of the variables that carry the state.
    """
    check_graph_mode("build_carried_forecaster")
    if config.filters:
        raise GraphError("build_carried_forecaster: a convolution in front loses values at the border of each piece.")
    inputs = series_placeholder(config, batch_size)
    begins = tf.placeholder(tf.bool, [batch_size], name="begins")
    with initialized(config):
        cell = make_forecasting_cell(config, mode)
        keeper = StateKeeper(cell, batch_size, name=name)
        state = select_rows(begins, cell.zero_state(batch_size, tf.float32), keeper.state)
        predictions, state = run_cell(config, cell, inputs, state)
    net = with_losses(inputs, predictions)
    return CarriedForecaster(inputs, net.targets, begins, predictions, net.losses, net.loss, keeper.assign(state))


def build_monte_carlo(
    config: ForecasterConfig, passes: int, seed: Optional[int] = None, recurrence: Optional[Recurrence] = None
) -> MonteCarlo:
    """Error bars by Monte Carlo dropout: `passes` forecasts of each row, each with dropout masks of its own, in one run.

    Gal and Ghahramani 2016, "Dropout as a Bayesian Approximation". The deviation says how sure the network is of its
    forecast; the noise of the series itself comes on top of it. The weights are those of `build_forecaster`.

    Raises `GraphError` where `config` has no dropout, and so nothing would differ.
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
    """The stack of `config`, in an `OutputProjectionWrapper` where that is its head."""
    if config.head not in HEADS:
        raise GraphError("There is no head %r; there are: %s." % (config.head, ", ".join(HEADS)))
    if config.ahead < 1:
        raise GraphError("ahead is %d; there must be at least 1 value to forecast." % config.ahead)
    cell = make_stack(config, mode)
    width = config.ahead * config.depth
    if config.head == "none" and cell.output_size != width:
        raise GraphError(
            'With head "none" the cell\'s output is the forecast: units must be ahead * depth = %d, and is %d.'
            % (width, cell.output_size)
        )
    return OutputProjectionWrapper(cell, width) if config.head == "projection" else cell


def run_cell(config: ForecasterConfig, cell: Any, inputs: Any, initial_state: Any = None) -> Tuple[Any, Any]:
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


def series_placeholder(config: Any, batch_size: Optional[int] = None) -> Any:
    return tf.placeholder(tf.float32, [batch_size, config.steps, config.depth], name="inputs")


def with_losses(inputs: Any, predictions: Any) -> Forecaster:
    """The forecaster that answers `predictions`."""
    targets = tf.placeholder(tf.float32, predictions.shape, name="targets")
    squares = tf.square(predictions - targets)
    losses, last = tf.reduce_mean(squares, axis=[1, 2]), tf.reduce_mean(squares[:, -1], axis=1)
    return Forecaster(inputs, targets, predictions, losses, tf.reduce_mean(losses), last, tf.reduce_mean(last))
