"""Cells whose answers are known without computing them. Plain objects with the four members of the contract."""

import tensorflow.compat.v1 as tf


class ToyCell(object):
    """Keeps the contract and inherits from nothing."""

    state_size = 1
    output_size = 1

    def zero_state(self, batch_size, dtype):
        return tf.zeros(tf.stack([batch_size, self.state_size]), dtype)


class Counter(ToyCell):
    """The output at step t is t + 1 plus what the state began with, whatever the inputs."""

    def __call__(self, inputs, state, scope=None):
        return state + 1, state + 1


class RunningSum(ToyCell):
    """The output is the sum of the inputs so far, column by column."""

    def __init__(self, depth):
        self.state_size = self.output_size = depth

    def __call__(self, inputs, state, scope=None):
        return state + inputs, state + inputs


class Delay(ToyCell):
    """The output is the input of one step before; at the first step it is the state."""

    def __init__(self, depth):
        self.state_size = self.output_size = depth

    def __call__(self, inputs, state, scope=None):
        return state, inputs


class TimeSince(ToyCell):
    """The output is the number of steps since the first column was last positive."""

    def __call__(self, inputs, state, scope=None):
        since = tf.where(inputs[:, :1] > 0, tf.zeros_like(state), state + 1)
        return since, since
