"""A series in, its next values out: a recurrent network reads the values, a dense layer on each output gives the next."""

import dataclasses
from typing import Any, NamedTuple, Optional

import tensorflow.compat.v1 as tf

from rnn_tf1.checks import check_graph_mode
from rnn_tf1.layers import dense
from rnn_tf1.models.stack import UNROLLS, StackConfig, by_name, initialized, make_stack
from rnn_tf1.sequences import select_rows
from rnn_tf1.state import StateKeeper


@dataclasses.dataclass(frozen=True)
class ForecasterConfig(StackConfig):
    """The sizes of a forecaster."""

    steps: Optional[int] = None  # values of a piece; static and manual unrolling must know it
    depth: int = 1  # values of one step


class Forecaster(NamedTuple):
    """The tensors of one forecaster graph."""

    inputs: Any  # float32 [batch, steps, depth], a placeholder
    targets: Any  # float32 [batch, steps, depth], a placeholder: the inputs one step later
    begins: Any  # bool [batch], a placeholder: the rows whose series begins with this piece
    predictions: Any  # [batch, steps, depth]
    losses: Any  # [batch]: the mean squared error of each row
    loss: Any  # their mean
    carry: Any  # an op: the next piece begins with the state in which this one ends


def build_forecaster(
    config: ForecasterConfig,
    batch_size: int,
    is_training: Any,
    seed: Optional[int] = None,
    step: Any = None,
    name: str = "carried",
) -> Forecaster:
    """Builds the graph; with the same weights whether `is_training` or not::

        h_1 ... h_T = the recurrence over the inputs, from the carried state
        prediction  = h_t kernel + bias
        loss        = mean of (prediction - target)^2

    A long series is read in pieces; the state is carried from one to the next by `StateKeeper`, and the gradient stops
    between them.

    Args:
      batch_size: int, the series that are read side by side; it may differ between a train and a test graph.
      is_training: False leaves out every dropout op; a boolean tensor decides at each session call.
      seed, step: what the dropout masks are made from; see `DropoutWrapper`.
      name: of the variables that carry the state.
    """
    check_graph_mode("build_forecaster")
    inputs = tf.placeholder(tf.float32, [batch_size, config.steps, config.depth], name="inputs")
    targets = tf.placeholder(tf.float32, [batch_size, config.steps, config.depth], name="targets")
    begins = tf.placeholder(tf.bool, [batch_size], name="begins")
    unroll = by_name(UNROLLS, config.unroll, "unrolling")
    with initialized(config):
        cell = make_stack(config, is_training, seed, step)
        keeper = StateKeeper(cell, batch_size, name=name)
        state = select_rows(begins, cell.zero_state(batch_size, tf.float32), keeper.state)
        outputs, state = unroll(cell, inputs, initial_state=state)
        predictions = dense(outputs, config.depth)
    losses = tf.reduce_mean(tf.square(predictions - targets), axis=[1, 2])
    return Forecaster(inputs, targets, begins, predictions, losses, tf.reduce_mean(losses), keeper.assign(state))
