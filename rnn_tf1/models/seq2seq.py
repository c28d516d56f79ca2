"""From one sequence to another: an encoder reads the source, a decoder writes the target, and attention looks back.

::

    memory_1 ... memory_T, s_0  = encoder(source)
    s_t, read_t                 = decoder(target_{t-1}, s_{t-1}, what attention finds in memory)
    p_t                         = softmax(read_t softmax_w + softmax_b)

Sutskever et al. 2014, "Sequence to Sequence Learning with Neural Networks": without attention, s_0 is all that the decoder
knows of the source. Bahdanau et al. 2015, "Neural Machine Translation by Jointly Learning to Align and Translate": with it.
"""

import dataclasses
from typing import Any, NamedTuple, Optional, Tuple

import numpy as np
import tensorflow.compat.v1 as tf

from rnn_tf1 import masks
from rnn_tf1.attention import AttentionWrapper, BahdanauAttention, LuongAttention
from rnn_tf1.checks import check_graph_mode
from rnn_tf1.decoding import Beams, beam_search, sample_token
from rnn_tf1.errors import GraphError
from rnn_tf1.layers import dropout, embedding
from rnn_tf1.models.softmax import Softmax, softmax_layer
from rnn_tf1.models.stack import by_name, initialized, make_cell
from rnn_tf1.unroll import dynamic_rnn, stack_bidirectional_dynamic_rnn
from rnn_tf1.wrappers import OutputProjectionWrapper
from rnn_tf1.wrappers.base import Wrapper

ATTENTIONS = {"bahdanau": BahdanauAttention, "luong": LuongAttention}


@dataclasses.dataclass(frozen=True)
class Seq2SeqConfig:
    """The sizes of an encoder and a decoder."""

    source_vocabulary: int  # tokens
    target_vocabulary: int
    cell: str = "gru"  # a name in `models.stack.CELLS`
    units: int = 512  # of each layer, in the encoder and in the decoder
    layers: int = 1
    depth: int = 256  # of the tokens' vectors, and of what the softmax reads
    bidirectional: bool = True  # half of the encoder's units read from the end to the beginning
    attention: Optional[str] = (
        "bahdanau"  # a name in ATTENTIONS; None: the decoder is given the encoder's last state alone
    )
    keep_prob: float = 1.0  # of the tokens' vectors, of each layer's output, of what the softmax reads; in training
    tied: bool = False  # the softmax's weights are the target's embedding
    smoothing: float = 0.0  # the share of each target that is spread over the vocabulary, in training
    own_tokens: float = 0.0  # the chance that the decoder reads what it has drawn itself, in training
    sampled: int = 0  # tokens that a sampled softmax compares with in training; 0: all, the softmax itself
    train_embedding: bool = True
    initializer: str = "glorot"  # a name in `models.stack.INITIALIZERS`
    start: int = 1  # the id that the decoder reads first
    end: int = 2  # the id that ends a sequence


class Seq2Seq(NamedTuple):
    """The tensors of a graph that scores targets: the decoder reads the target itself, whatever it would have written."""

    source: Any  # int32 [batch, source time], a placeholder
    source_lengths: Any  # int32 [batch], a placeholder: what stands behind them is not read
    inputs: Any  # int32 [batch, time], a placeholder: the start, and the target without its last token
    targets: Any  # int32 [batch, time], a placeholder: the target, and the end
    lengths: Any  # int32 [batch], a placeholder: of `targets`, the end counted
    losses: Any  # float32 [batch, time], nats: -log p of each target; 0 behind the end
    loss: Any  # scalar: their mean over all tokens, with `smoothing`; it is what is minimised
    word_loss: Any  # scalar: their mean over all tokens, without; exp of it is the perplexity
    total: Any  # scalar: their sum


class Translator(NamedTuple):
    """The tensors of a graph that writes targets."""

    source: Any  # int32 [batch, source time], a placeholder
    source_lengths: Any  # int32 [batch], a placeholder
    count: Any  # int32 scalar, a placeholder: tokens to write at most, the end counted
    beams: Beams  # the n best of each row


def build_seq2seq(
    config: Seq2SeqConfig,
    is_training: Any,
    seed: Optional[int] = None,
    step: Any = None,
    source_vectors: Optional[np.ndarray] = None,
    target_vectors: Optional[np.ndarray] = None,
) -> Seq2Seq:
    """Builds the graph that is trained and scored; with the same weights whether `is_training` or not.

    Smoothing (Szegedy et al. 2016, "Rethinking the Inception Architecture for Computer Vision") minimises::

        (1 - smoothing) (-log p[target]) + smoothing (mean over the vocabulary of -log p)

    Args:
      config: the sizes.
      is_training: False leaves out dropout, smoothing and drawing, and scores by the whole softmax; a boolean tensor switches
        dropout and drawing at each session call.
      seed, step: what everything random is made from; see `DropoutWrapper`.
      source_vectors, target_vectors: [vocabulary, depth]: what the embeddings begin with; with train_embedding=False they stay
        so. Default: as the initializer says.

    Raises:
      GraphError: for sizes that do not fit.
    """
    check_graph_mode("build_seq2seq")
    _check(config)
    source, source_lengths = _source_places()
    inputs = tf.placeholder(tf.int32, [None, None], name="inputs")
    targets = tf.placeholder(tf.int32, [None, None], name="targets")
    lengths = tf.placeholder(tf.int32, [None], name="lengths")
    with initialized(config):
        memory, state = _encode(config, source, source_lengths, is_training, seed, step, source_vectors)
        with tf.variable_scope("decoder"):
            x, table = embedding(
                inputs,
                config.target_vocabulary,
                config.depth,
                initializer=target_vectors,
                trainable=config.train_embedding,
            )
            x = dropout(x, config.keep_prob, None, seed, "target_tokens", is_training=is_training, step=step)
            softmax = _softmax(config, table)
        cell, state = _decoder(config, memory, source_lengths, state, is_training, seed, step)
        if config.own_tokens and is_training is not False:
            cell, state = _with_own_tokens(config, cell, state, softmax, table, is_training, seed, step)
        outputs, _ = dynamic_rnn(cell, x, lengths, state, scope="decoder")
        read = tf.sequence_mask(lengths, tf.shape(targets)[1])
        hidden, wanted = tf.boolean_mask(outputs, read), tf.boolean_mask(targets, read)  # padding costs no softmax
        hidden = dropout(hidden, config.keep_prob, None, seed, "read", is_training=is_training, step=step)
        if config.sampled and is_training is not False:
            found = softmax.sampled_losses(hidden, wanted, config.sampled, seed, step)
        else:
            found = softmax.losses(hidden, wanted)
    tokens = tf.cast(tf.maximum(tf.size(found), 1), tf.float32)
    total = tf.reduce_sum(found)
    loss = word_loss = total / tokens
    if config.smoothing and is_training is not False:
        loss += config.smoothing * tf.reduce_sum(softmax.above_mean(hidden, wanted)) / tokens
    losses = tf.scatter_nd(tf.where(read), found, tf.shape(targets, out_type=tf.int64))
    return Seq2Seq(source, source_lengths, inputs, targets, lengths, losses, loss, word_loss, total)


def build_translator(
    config: Seq2SeqConfig,
    width: int = 1,
    length_penalty: Any = 0.0,
    coverage_penalty: Any = 0.0,
    n_best: Optional[int] = None,
) -> Translator:
    """Builds the graph that writes: beam search, the whole loop in one session call; see `decoding.beam_search`.

    Build it beside the model, under ``tf.variable_scope(tf.get_variable_scope(), reuse=True)``.

    Args:
      width: beams; 1 takes the most likely token at each step.
      length_penalty, coverage_penalty, n_best: see `decoding.beam_search`. Coverage needs attention.

    Raises:
      GraphError: for a width below 1, and for a coverage penalty without attention.
    """
    check_graph_mode("build_translator")
    _check(config)
    if config.attention is None and (tf.is_tensor(coverage_penalty) or coverage_penalty):
        raise GraphError(
            "coverage_penalty=%s needs attention, which says what parts of the source are covered: leave it out, or train with "
            "attention='bahdanau'." % coverage_penalty
        )
    source, source_lengths = _source_places()
    count = tf.placeholder(tf.int32, [], name="count")
    with initialized(config):
        memory, state = _encode(config, source, source_lengths, False)
        with tf.variable_scope("decoder"):
            start = tf.fill([tf.shape(source)[0]], config.start)
            x, table = embedding(start, config.target_vocabulary, config.depth, trainable=config.train_embedding)
            softmax = _softmax(config, table)
        cell, state = _decoder(config, memory, source_lengths, state, False)

        def advance(tokens: Any, state: Any) -> Any:
            with tf.variable_scope("decoder"):
                hidden, state = cell(tf.nn.embedding_lookup(table, tokens), state)
            return softmax.logits(hidden), state

        logits, state = advance(start, state)
        beams = beam_search(
            advance,
            logits,
            state,
            count,
            config.end,
            width,
            length_penalty,
            coverage_penalty,
            n_best,
            alignments=None if config.attention is None else (lambda s: s.alignments),
            source_lengths=source_lengths,
        )
    return Translator(source, source_lengths, count, beams)


def _check(config: Seq2SeqConfig) -> None:
    if config.bidirectional and config.units % 2:
        raise GraphError(
            "bidirectional=True with units=%d: half of them read backwards; make them even." % config.units
        )
    if config.layers < 1:
        raise GraphError("layers is %d; it must be at least 1." % config.layers)
    for name in ("smoothing", "own_tokens"):
        if not 0 <= getattr(config, name) <= 1:
            raise GraphError("%s is %s; it lies in 0..1." % (name, getattr(config, name)))


def _source_places() -> Tuple[Any, Any]:
    return tf.placeholder(tf.int32, [None, None], name="source"), tf.placeholder(
        tf.int32, [None], name="source_lengths"
    )


def _encode(
    config: Seq2SeqConfig,
    source: Any,
    lengths: Any,
    is_training: Any,
    seed: Optional[int] = None,
    step: Any = None,
    vectors: Optional[np.ndarray] = None,
) -> Tuple[Any, Any]:
    """What the encoder has read: [batch, source time, units], and the state in which the decoder begins."""
    with tf.variable_scope("encoder"):
        x, _ = embedding(
            source, config.source_vocabulary, config.depth, initializer=vectors, trainable=config.train_embedding
        )
        x = dropout(x, config.keep_prob, None, seed, "source_tokens", is_training=is_training, step=step)
    if not config.bidirectional:
        cell = make_cell(config.cell, config.units, config.layers, config.keep_prob, is_training, seed, step)
        return dynamic_rnn(cell, x, lengths, dtype=tf.float32, scope="encoder")

    def cells() -> Any:
        half = config.units // 2
        return [
            make_cell(config.cell, half, 1, config.keep_prob, is_training, seed, step) for _ in range(config.layers)
        ]

    memory, forward, backward = stack_bidirectional_dynamic_rnn(
        cells(), cells(), x, dtype=tf.float32, sequence_length=lengths, scope="encoder"
    )
    states = [tf.nest.map_structure(lambda a, b: tf.concat([a, b], 1), a, b) for a, b in zip(forward, backward)]
    return memory, states[0] if config.layers == 1 else tuple(states)


def _decoder(
    config: Seq2SeqConfig,
    memory: Any,
    source_lengths: Any,
    state: Any,
    is_training: Any,
    seed: Optional[int] = None,
    step: Any = None,
) -> Tuple[Any, Any]:
    """The cell whose output the softmax reads, [batch, depth], and its first state."""
    cell = make_cell(config.cell, config.units, config.layers, config.keep_prob, is_training, seed, step)
    if config.attention is None:
        return OutputProjectionWrapper(cell, config.depth), state
    attend = by_name(ATTENTIONS, config.attention, "attention")
    with tf.variable_scope("decoder"):
        mechanism = attend(config.units, memory, source_lengths)
    cell = AttentionWrapper(cell, mechanism, attention_layer_size=config.depth)
    return cell, cell.zero_state(tf.shape(memory)[0], tf.float32).clone(cell_state=state)


def _softmax(config: Seq2SeqConfig, table: Any) -> Softmax:
    return softmax_layer(
        config.target_vocabulary, config.depth, table if config.tied else None, by_rows=bool(config.sampled)
    )


class _OwnTokens(Wrapper):
    """Scheduled sampling: with the chance `chance` the cell reads, instead of its input, a token drawn from what it has said
    itself in the step before. Bengio et al. 2015, "Scheduled Sampling for Sequence Prediction with Recurrent Neural Networks".

    The state is that of the cell, and its last output. No gradient flows through the draw, nor to the vector of what was drawn.
    """

    def __init__(self, cell: Any, softmax: Softmax, table: Any, chance: Any, seed: Optional[int], step: Any):
        super().__init__(cell)
        self._softmax, self._table, self._chance, self._seed, self._step = softmax, table, chance, seed, step

    @property
    def state_size(self) -> Any:
        return self.cell.state_size, self.cell.output_size

    def __call__(self, inputs: Any, state: Any, scope: Any = None) -> Any:
        inner, said = state
        time = masks.current_time()
        key = masks.step_key(self._seed, self._step, "own_tokens", time)
        own = tf.random.stateless_uniform(tf.shape(said)[:1], key + 1) < self._chance
        drawn = tf.nn.embedding_lookup(self._table, sample_token(self._softmax.logits(said), key[0], key[1]))
        inputs = tf.where_v2(tf.expand_dims(own & (time > 0), 1), tf.stop_gradient(drawn), inputs)
        output, inner = self.cell(inputs, inner, scope)
        return output, (inner, output)


def _with_own_tokens(
    config: Seq2SeqConfig, cell: Any, state: Any, softmax: Softmax, table: Any, is_training: Any, seed: Any, step: Any
) -> Tuple[Any, Any]:
    if step is None:
        raise GraphError("own_tokens=%s needs step: tf.train.get_or_create_global_step()." % config.own_tokens)
    chance = config.own_tokens * tf.cast(is_training, tf.float32)
    said = tf.zeros(tf.stack([tf.shape(tf.nest.flatten(state)[0])[0], config.depth]))
    return _OwnTokens(cell, softmax, table, chance, seed, step), (state, said)
