"""Classifies sequences, or each of their steps: the common part of the classifiers of texts, drawings and videos.

::

    h_1 ... h_T   = the recurrence over x_1 ... x_T, in one or in both directions
    s             = a summary of h_1 ... h_T
    probabilities = softmax(s kernel + bias)
"""

import dataclasses
from typing import Any, Callable, NamedTuple, Optional

import tensorflow.compat.v1 as tf

from rnn_tf1.errors import GraphError
from rnn_tf1.layers import dense, mode_dropout
from rnn_tf1.models.stack import initialized, unroll_stack
from rnn_tf1.ops.mode import Mode
from rnn_tf1.types import Tensor
from rnn_tf1.unrolling.loops import last_output

Recurrence = Callable[[Any, Any, Mode], Any]  # recurrence(x, lengths, mode): the outputs, [batch, time, units]
SUMMARIES = ("last", "mean", "attention", "each")


@dataclasses.dataclass(frozen=True)
class SequenceClassifierConfig:
    """The sizes of the recurrent network and the softmax."""

    classes: int = 2
    cell: str = "lstm"  # a name in `models.stack.CELLS`
    units: int = 100  # of each layer
    layers: int = 1
    bidirectional: bool = False  # half of the units read backwards
    summary: str = "last"  # a name in SUMMARIES, see `classify_steps`
    keep_prob: float = 1.0  # of each layer's output, and of the input of the softmax; in training
    initializer: str = "glorot"  # a name in `models.stack.INITIALIZERS`


class SequenceClassifier(NamedTuple):
    """The tensors of a graph that classifies; [batch] is [batch, time] where the summary is "each"."""

    labels: Tensor  # int32 [batch], a placeholder
    outputs: Tensor  # [batch, time, units], of the recurrence at every step; zeros after the length
    step_weights: Tensor  # [batch, time]: the weight of each step in the summary, 1 in all; () for "last" and "each"
    logits: Tensor  # [batch, classes]
    probabilities: Tensor  # [batch, classes]
    losses: Tensor  # [batch], nats; 0 after the length
    loss: Tensor  # scalar: their mean, without the padding
    correct: Tensor  # [batch], 1 where the likeliest class is the label, otherwise 0; 0 after the length
    accuracy: Tensor  # scalar: the mean of `correct`, without the padding


def classify_steps(
    config: SequenceClassifierConfig,
    x: Tensor,
    lengths: Tensor,
    mode: Mode,
    recurrence: Optional[Recurrence] = None,
) -> SequenceClassifier:
    """Builds the graph that classifies x; the variables are the same in every `mode`.

    The summary::

        last       h_T, T the length of the row; with both directions [h_T of the first, h_1 of the second]
        mean       (h_1 + ... + h_T) / T
        attention  sum over t of a_t h_t, a = softmax over t of v . tanh(W h_t + b)
        each       h_t itself: a class for each step

    For attention see Yang et al. 2016, "Hierarchical Attention Networks for Document Classification".

    Args:
      config: the sizes.
      x: floating [batch, time, depth].
      lengths: int32 [batch], at least 1: later steps are not read.
      mode: see `Mode`.
      recurrence: what reads x, and gives outputs of the width that `config` says; default: `unroll_stack`, as `config` says.

    Raises:
      GraphError: for unknown names and sizes that do not fit. A length below 1 or above `time` is an error when the graph runs.
    """
    if config.summary not in SUMMARIES:
        raise GraphError("There is no summary %r; there are: %s." % (config.summary, ", ".join(SUMMARIES)))
    if config.classes < 2:
        raise GraphError("classes is %d; there must be at least 2 to choose from." % config.classes)
    each = config.summary == "each"
    labels = tf.placeholder(tf.int32, [None, None] if each else [None], name="labels")
    with tf.control_dependencies([tf.debugging.assert_positive(lengths, message="a sequence of length 0")]):
        lengths = tf.identity(lengths)
    with initialized(config):
        if recurrence is None:
            outputs, _ = unroll_stack(config, x, lengths, mode)
        else:
            outputs = recurrence(x, lengths, mode)
        summary, step_weights = _summary(config, outputs, lengths)
        summary = mode_dropout(summary, config.keep_prob, "summary", mode)
        logits = dense(summary, config.classes)
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)
    correct = tf.cast(tf.equal(tf.argmax(logits, -1, output_type=tf.int32), labels), tf.float32)
    count = tf.shape(labels)[0]
    if each:
        read = tf.sequence_mask(lengths, tf.shape(x)[1], tf.float32)
        losses, correct, count = losses * read, correct * read, tf.reduce_sum(lengths)
    count = tf.cast(count, tf.float32)
    return SequenceClassifier(
        labels=labels,
        outputs=outputs,
        step_weights=step_weights,
        logits=logits,
        probabilities=tf.nn.softmax(logits),
        losses=losses,
        loss=tf.reduce_sum(losses) / count,
        correct=correct,
        accuracy=tf.reduce_sum(correct) / count,
    )


def _summary(config: SequenceClassifierConfig, outputs: Tensor, lengths: Tensor) -> Any:
    """(the input of the softmax, the weight of each step in it)."""
    if config.summary == "each":
        return outputs, ()
    if config.summary == "last":
        if not config.bidirectional:
            return last_output(outputs, lengths), ()
        forward, backward = tf.split(outputs, 2, axis=2)
        return tf.concat([last_output(forward, lengths), backward[:, 0]], 1), ()
    read = tf.sequence_mask(lengths, tf.shape(outputs)[1])
    if config.summary == "mean":
        weights = tf.cast(read, tf.float32) / tf.cast(tf.expand_dims(lengths, 1), tf.float32)
    else:
        with tf.variable_scope("attention"):
            scores = tf.squeeze(dense(dense(outputs, config.units, tf.tanh, "hidden"), 1, name="score"), 2)
        weights = tf.nn.softmax(tf.where(read, scores, tf.fill(tf.shape(scores), -1e30)))
    return tf.squeeze(tf.matmul(tf.expand_dims(weights, 1), outputs), 1), weights
