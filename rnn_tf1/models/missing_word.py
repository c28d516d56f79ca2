"""Predicts a missing word from the words before it, or from those on both sides.

::

    left_t  = the state after words 0 ... t - 1
    right_t = the state after words n ... t + 1, read backwards
    p_t     = softmax(tanh(W [left_t, right_t] + b) softmax_w + softmax_b)          one side: without right_t

p_t does not depend on word t. (The concatenated outputs of a bidirectional network at t would: both have read it.)
"""

import dataclasses
from typing import Any, Callable, List, NamedTuple

import tensorflow.compat.v1 as tf

from rnn_tf1.layers import dense, embedding, mode_dropout
from rnn_tf1.layers.softmax import softmax_layer
from rnn_tf1.models.stack import initialized, make_cell
from rnn_tf1.ops.checks import check_graph_mode
from rnn_tf1.ops.mode import Mode
from rnn_tf1.types import Tensor
from rnn_tf1.unrolling.loops import bidirectional_rnn, dynamic_rnn


@dataclasses.dataclass(frozen=True)
class MissingWordConfig:
    """The sizes of the network."""

    vocabulary: int = 10000  # words
    both_sides: bool = True  # False: the words after it are not read
    cell: str = "lstm"  # a name in `models.stack.CELLS`
    units: int = 200  # of each direction
    layers: int = 1
    depth: int = 128  # of the word vectors, and of the input of the softmax
    keep_prob: float = 1.0  # of the word vectors, each layer's output, and the input of the softmax; in training
    tied: bool = True  # the softmax uses the word vectors as its weights
    initializer: str = "glorot"  # a name in `models.stack.INITIALIZERS`


class MissingWord(NamedTuple):
    """The tensors of the graph. Each sentence is enclosed by two marks; each word between them is predicted."""

    ids: Tensor  # int32 [batch, time + 2], a placeholder: a mark, the words, a mark
    lengths: Tensor  # int32 [batch], a placeholder, at least 1: words of each sentence, without the marks
    logits: Tensor  # [words, vocabulary], of the words of all sentences, one after the other, without the padding
    targets: Tensor  # int32 [words]: the ids of these words
    losses: Tensor  # [words], nats
    loss: Tensor  # scalar: their mean
    total: Tensor  # scalar: their sum


def states_around(words: Any, lengths: Any, config: MissingWordConfig, mode: Mode) -> List[Any]:
    """For each word between the marks the state before it, and, from both sides, that of what follows it, read backwards: one
    or two tensors [batch, time, units].

    Args:
      words: [batch, time + 2, depth]: the vectors of sentences, between two marks.
      lengths: int32 [batch]: of the sentences, with the marks.
    """

    def cell() -> Any:
        return make_cell(config.cell, config.units, config.layers, config.keep_prob, mode)

    if not config.both_sides:
        return [dynamic_rnn(cell(), words, lengths)[0][:, :-2]]
    (left, right), _ = bidirectional_rnn(cell(), cell(), words, lengths)
    return [left[:, :-2], right[:, 2:]]


def build_missing_word(
    config: MissingWordConfig, mode: Mode, network: Callable[..., List[Any]] = states_around
) -> MissingWord:
    """Builds the graph; with the same variables in every `mode`.

    Args:
      config: the sizes.
      mode: see `Mode`.
      network: network(words, lengths, config, mode) gives what surrounds each word, as `states_around` does.

    Build the test graph under ``tf.variable_scope(tf.get_variable_scope(), reuse=True)``.
    """
    check_graph_mode("build_missing_word")
    ids, lengths = tf.placeholder(tf.int32, [None, None], name="ids"), tf.placeholder(tf.int32, [None], name="lengths")
    with initialized(config):
        x, table = embedding(ids, config.vocabulary, config.depth)
        x = mode_dropout(x, config.keep_prob, "words", mode)
        states = network(x, lengths + 2, config, mode)
        around = states[0] if len(states) == 1 else tf.concat(states, 2)
        read = tf.sequence_mask(lengths, tf.shape(ids)[1] - 2)
        around, targets = tf.boolean_mask(around, read), tf.boolean_mask(ids[:, 1:-1], read)
        hidden = dense(around, config.depth, tf.tanh, "around")
        hidden = mode_dropout(hidden, config.keep_prob, "read", mode)
        softmax = softmax_layer(config.vocabulary, config.depth, table if config.tied else None)
        losses = softmax.losses(hidden, targets)
    return MissingWord(
        ids, lengths, softmax.logits(hidden), targets, losses, tf.reduce_mean(losses), tf.reduce_sum(losses)
    )
