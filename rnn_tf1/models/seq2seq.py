"""Sequence to sequence: an encoder reads the source, a decoder with attention writes the target.

::

    memory_1 ... memory_T, s_0 = encoder(source)
    p_t                        = decoder(target_{t-1}, s_{t-1}, memory)         see `decoder`

Sutskever et al. 2014, "Sequence to Sequence Learning with Neural Networks": without attention, the decoder
knows the source only through s_0. Bahdanau et al. 2015, "Neural Machine Translation by Jointly Learning to Align and
Translate": with attention.
"""

import dataclasses
from typing import Any, Callable, NamedTuple, Optional, Tuple

import numpy as np
import tensorflow.compat.v1 as tf

from rnn_tf1.decoding import BeamOptions, Beams
from rnn_tf1.errors import GraphError
from rnn_tf1.layers import embedding, mode_dropout
from rnn_tf1.models.decoder import (
    DecoderConfig,
    Encoded,
    attending_cell,
    check_decoder,
    score_targets,
    target_placeholders,
    write_targets,
)
from rnn_tf1.models.stack import initialized, unroll_stack
from rnn_tf1.ops.checks import check_graph_mode
from rnn_tf1.ops.mode import Mode
from rnn_tf1.types import Tensor


@dataclasses.dataclass(frozen=True)
class Seq2SeqConfig(DecoderConfig):
    """The sizes of an encoder and a decoder; units, layers, cell and keep_prob apply to both."""

    source_vocabulary: int = 0  # tokens
    bidirectional: bool = True  # half of the encoder's units read backwards


class Seq2Seq(NamedTuple):
    """The tensors of a graph that scores targets: the decoder reads the target itself (teacher forcing)."""

    source: Tensor  # int32 [batch, source time], a placeholder
    source_lengths: Tensor  # int32 [batch], a placeholder: later tokens are not read
    inputs: Tensor  # int32 [batch, time], a placeholder: the start, and the target without its last token
    targets: Tensor  # int32 [batch, time], a placeholder: the target, and the end
    lengths: Tensor  # int32 [batch], a placeholder: of `targets`, including the end
    losses: Tensor  # float32 [batch, time], nats: -log p of each target; 0 after the end
    loss: Tensor  # scalar: their mean over all tokens, with `smoothing`; the training minimises it
    word_loss: Tensor  # scalar: their mean over all tokens, without; its exp is the perplexity, unless `sampled`
    total: Tensor  # scalar: their sum


class Translator(NamedTuple):
    """The tensors of a graph that writes targets."""

    source: Tensor  # int32 [batch, source time], a placeholder
    source_lengths: Tensor  # int32 [batch], a placeholder
    count: Tensor  # int32 scalar, a placeholder: the largest number of tokens to write, including the end
    beams: Beams  # the n best of each row


def read_source(words: Any, lengths: Any, config: Seq2SeqConfig, mode: Mode) -> Tuple[Any, Any]:
    """The encoder that `config` describes: words [batch, source time, depth] -> its outputs [batch, source time, units], which
    are the decoder's memory, and its last state, in which the decoder begins."""
    return unroll_stack(config, words, lengths, mode, "encoder")


class Recurrence(NamedTuple):
    """The recurrent networks of a translator, in the place of those that its config describes."""

    encoder: Callable[..., Any] = read_source  # a function of the same arguments
    decoder: Callable[..., Any] = attending_cell  # makes the decoder's cell; a function of the same arguments


CONFIGURED = Recurrence()


def build_seq2seq(
    config: Seq2SeqConfig,
    mode: Mode,
    source_vectors: Optional[np.ndarray] = None,
    target_vectors: Optional[np.ndarray] = None,
    recurrence: Recurrence = CONFIGURED,
) -> Seq2Seq:
    """Builds the graph for training and scoring; the weights are the same in every `mode`.

    Args:
      config: the sizes.
      mode: see `decoder.score_targets`.
      source_vectors, target_vectors: [vocabulary, depth]: what the embeddings begin with; with train_embedding=False they stay
        so. Default: as the initializer says.
      recurrence: see `Recurrence`.

    Raises:
      GraphError: for sizes that do not fit.
    """
    check_graph_mode("build_seq2seq")
    _check(config)
    (source, lengths), targets = _source_placeholders(), target_placeholders()
    with initialized(config):
        words = _source_words(config, source, mode, source_vectors)
        memory, state = recurrence.encoder(words, lengths, config, mode)
        encoded = Encoded(memory, lengths, state)
        scored = score_targets(config, encoded, targets, mode, target_vectors, recurrence.decoder)
    return Seq2Seq(source, lengths, *scored)


def build_translator(
    config: Seq2SeqConfig,
    width: int = 1,
    length_penalty: Any = 0.0,
    coverage_penalty: Any = 0.0,
    n_best: Optional[int] = None,
    recurrence: Recurrence = CONFIGURED,
) -> Translator:
    """Builds the graph that translates: a beam search, all in one session call; see `decoding.beam_search`.

    Build it in the graph of the model, under ``tf.variable_scope(tf.get_variable_scope(), reuse=True)``.

    Args:
      width: beams; 1 takes the most likely token at each step.
      length_penalty, coverage_penalty, n_best: see `decoding.beam_search`. Coverage needs attention.
      recurrence: see `Recurrence`.

    Raises:
      GraphError: for a width below 1, and for a coverage penalty without attention.
    """
    check_graph_mode("build_translator")
    _check(config)
    source, lengths = _source_placeholders()
    count = tf.placeholder(tf.int32, [], name="count")
    with initialized(config):
        words = _source_words(config, source, Mode(False))
        memory, state = recurrence.encoder(words, lengths, config, Mode(False))
        options = BeamOptions(width, length_penalty, coverage_penalty, n_best)
        beams = write_targets(config, Encoded(memory, lengths, state), count, options, recurrence.decoder)
    return Translator(source, lengths, count, beams)


def _check(config: Seq2SeqConfig) -> None:
    check_decoder(config)
    if config.source_vocabulary < 1:
        raise GraphError("source_vocabulary is %d; it must be at least 1." % config.source_vocabulary)


def _source_placeholders() -> Tuple[Any, Any]:
    return tf.placeholder(tf.int32, [None, None], name="source"), tf.placeholder(
        tf.int32, [None], name="source_lengths"
    )


def _source_words(config: Seq2SeqConfig, source: Any, mode: Mode, vectors: Optional[np.ndarray] = None) -> Any:
    """The vectors of the source's tokens, [batch, source time, depth]."""
    with tf.variable_scope("encoder"):
        x, _ = embedding(
            source, config.source_vocabulary, config.depth, initializer=vectors, trainable=config.train_embedding
        )
        return mode_dropout(x, config.keep_prob, "source_tokens", mode)
