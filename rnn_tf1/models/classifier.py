"""Classifies sequences of equal length: a recurrent network reads the steps, a softmax on its last output gives the class."""

import dataclasses
from typing import Any, Callable, NamedTuple, Optional

import tensorflow.compat.v1 as tf

from rnn_tf1.layers import dense
from rnn_tf1.models.stack import StackConfig, initialized, make_stack, unroll
from rnn_tf1.ops.checks import check_graph_mode
from rnn_tf1.ops.mode import Mode
from rnn_tf1.types import Tensor
from rnn_tf1.unrolling.loops import last_output


@dataclasses.dataclass(frozen=True)
class ClassifierConfig(StackConfig):
    """The sizes of a classifier. The defaults read MNIST row by row."""

    steps: int = 28  # rows of an image
    depth: int = 28  # pixels of a row
    classes: int = 10


class Classifier(NamedTuple):
    """The tensors of one classifier graph."""

    inputs: Tensor  # float32 [batch, steps, depth], a placeholder
    labels: Tensor  # int32 [batch], a placeholder
    outputs: Tensor  # [batch, steps, units], of the recurrence at every step
    logits: Tensor  # [batch, classes]
    probabilities: Tensor  # [batch, classes]
    step_probabilities: Tensor  # [batch, steps, classes]: the prediction if each step were the last one
    losses: Tensor  # [batch], nats
    loss: Tensor  # their mean
    correct: Tensor  # [batch], 1 where the likeliest class is the label, otherwise 0
    accuracy: Tensor  # their mean


def build_classifier(
    config: ClassifierConfig, mode: Mode, recurrence: Optional[Callable[[Any, Mode], Any]] = None
) -> Classifier:
    """Builds the graph; with the same variables in every `mode`::

        h_1 ... h_T   = the recurrence over the inputs
        logits        = h_T kernel + bias
        probabilities = softmax(logits)
        loss          = mean of -log probabilities[label]

    Args:
      config: the sizes.
      mode: see `Mode`.
      recurrence: recurrence(inputs, mode) gives the outputs, [batch, steps, units]; default: as `config` says.

    Build the test graph under ``tf.variable_scope(tf.get_variable_scope(), reuse=True)``.
    """
    check_graph_mode("build_classifier")
    inputs = tf.placeholder(tf.float32, [None, config.steps, config.depth], name="inputs")
    labels = tf.placeholder(tf.int32, [None], name="labels")
    with initialized(config):
        if recurrence is None:
            outputs, _ = unroll(config.unroll, make_stack(config, mode), inputs)
        else:
            outputs = recurrence(inputs, mode)
        logits = dense(last_output(outputs), config.classes)
        with tf.variable_scope(tf.get_variable_scope(), reuse=True):
            step_logits = dense(outputs, config.classes)
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)
    correct = tf.cast(tf.equal(tf.argmax(logits, 1, output_type=tf.int32), labels), tf.float32)
    return Classifier(
        inputs=inputs,
        labels=labels,
        outputs=outputs,
        logits=logits,
        probabilities=tf.nn.softmax(logits),
        step_probabilities=tf.nn.softmax(step_logits),
        losses=losses,
        loss=tf.reduce_mean(losses),
        correct=correct,
        accuracy=tf.reduce_mean(correct),
    )
