"""Steps in, a class out, or one for each step: what stands before the recurrence, words, strokes or frames, is somebody else's.

::

    h_1 ... h_T   = the recurrence over x_1 ... x_T, in one or in both directions
    s             = a summary of h_1 ... h_T
    probabilities = softmax(s kernel + bias)
"""

import dataclasses
from typing import Any, Callable, NamedTuple, Optional

import tensorflow.compat.v1 as tf

from rnn_tf1.errors import GraphError
from rnn_tf1.layers import dense, dropped
from rnn_tf1.models.stack import initialized, read_steps
from rnn_tf1.ops.mode import Mode
from rnn_tf1.unrolling.loops import last_output

Recurrence = Callable[[Any, Any, Mode], Any]  # recurrence(x, lengths, mode): the outputs, [batch, time, units]
SUMMARIES = ("last", "mean", "attention", "each")


@dataclasses.dataclass(frozen=True)
class SequenceClassifierConfig:
    """The sizes of what reads the steps and names the class."""

    classes: int = 2
    cell: str = "lstm"  # a name in `models.stack.CELLS`
    units: int = 100  # of each layer
    layers: int = 1
    bidirectional: bool = False  # half of the units read from the end to the beginning
    summary: str = "last"  # a name in SUMMARIES, see `classify_steps`
    keep_prob: float = 1.0  # of each layer's output, and of what the softmax reads; in training
    initializer: str = "glorot"  # a name in `models.stack.INITIALIZERS`


class SequenceClassifier(NamedTuple):
    """The tensors of a graph that classifies; [batch] is [batch, time] where the summary is "each"."""

    labels: Any  # int32 [batch], a placeholder
    outputs: Any  # [batch, time, units]: what the recurrence gives at every step, zeros behind the length
    looked: Any  # [batch, time]: the share of each step in the summary, adding up to 1; () for "last" and "each"
    logits: Any  # [batch, classes]
    probabilities: Any  # [batch, classes]
    losses: Any  # [batch], nats; 0 behind the length
    loss: Any  # scalar: their mean over what has a length
    correct: Any  # [batch], 1 where the likeliest class is the label, else 0; 0 behind the length
    accuracy: Any  # scalar: the mean of `correct` over what has a length


def classify_steps(
    config: SequenceClassifierConfig,
    x: Any,
    lengths: Any,
    mode: Mode,
    recurrence: Optional[Recurrence] = None,
) -> SequenceClassifier:
    """Builds the graph behind x; with the same variables in every `mode`.

    The summary::

        last       h_T, T the length of the row; in both directions h_T of the first beside h_1 of the second
        mean       (h_1 + ... + h_T) / T
        attention  sum over t of a_t h_t, a = softmax over t of v . tanh(W h_t + b)
        each       h_t itself: a class for each step

    For attention see Yang et al. 2016, "Hierarchical Attention Networks for Document Classification".

    Args:
      config: the sizes.
      x: floating [batch, time, depth].
      lengths: int32 [batch], at least 1: what stands behind them is not read.
      mode: see `Mode`.
      recurrence: what reads x, and gives outputs of the width that `config` says; default: `read_steps`, as `config` says.

    Raises:
      GraphError: for names and sizes that do not fit. A length below 1 or above `time` is an error when the graph runs.
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
            outputs, _ = read_steps(config, x, lengths, mode)
        else:
            outputs = recurrence(x, lengths, mode)
        summary, looked = _summary(config, outputs, lengths)
        summary = dropped(summary, config.keep_prob, "summary", mode)
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
        looked=looked,
        logits=logits,
        probabilities=tf.nn.softmax(logits),
        losses=losses,
        loss=tf.reduce_sum(losses) / count,
        correct=correct,
        accuracy=tf.reduce_sum(correct) / count,
    )


def _summary(config: SequenceClassifierConfig, outputs: Any, lengths: Any) -> Any:
    """(what the softmax reads, the share of each step in it)"""
    if config.summary == "each":
        return outputs, ()
    if config.summary == "last":
        if not config.bidirectional:
            return last_output(outputs, lengths), ()
        forward, backward = tf.split(outputs, 2, axis=2)
        return tf.concat([last_output(forward, lengths), backward[:, 0]], 1), ()
    read = tf.sequence_mask(lengths, tf.shape(outputs)[1])
    if config.summary == "mean":
        share = tf.cast(read, tf.float32) / tf.cast(tf.expand_dims(lengths, 1), tf.float32)
    else:
        with tf.variable_scope("attention"):
            scores = tf.squeeze(dense(dense(outputs, config.units, tf.tanh, "hidden"), 1, name="score"), 2)
        share = tf.nn.softmax(tf.where(read, scores, tf.fill(tf.shape(scores), -1e30)))
    return tf.squeeze(tf.matmul(tf.expand_dims(share, 1), outputs), 1), share
