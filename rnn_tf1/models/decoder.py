"""A decoder: a recurrent network that writes tokens one after the other, and attends to the outputs of an encoder at each step.

The encoder may be of any kind: its outputs may be the steps of a text, or the positions of an image.

::

    s_t    = cell([target_{t-1}, read_{t-1}], s_{t-1})
    read_t = a layer of s_t and of what attention, queried with s_t, reads from memory
    p_t    = softmax(read_t softmax_w + softmax_b)

This is Luong et al. 2015, "Effective Approaches to Attention-based Neural Machine Translation", with input feeding; the
attention may be theirs or Bahdanau's. Without attention read_t is a layer of s_t alone: the decoder knows the memory only
through s_0.
"""

import dataclasses
from typing import Any, Callable, NamedTuple, Optional, Tuple

import numpy as np
import tensorflow.compat.v1 as tf

from rnn_tf1.attention import AttentionWrapper, BahdanauAttention, LuongAttention
from rnn_tf1.decoding import BeamOptions, Beams, beam_search, sample_token
from rnn_tf1.errors import GraphError
from rnn_tf1.layers import embedding, mode_dropout
from rnn_tf1.layers.softmax import Softmax, softmax_layer, uses_sampling
from rnn_tf1.models.stack import by_name, make_cell
from rnn_tf1.ops.dropout import current_time, mask_key
from rnn_tf1.ops.mode import Mode
from rnn_tf1.types import Nest, Tensor
from rnn_tf1.unrolling.loops import dynamic_rnn
from rnn_tf1.wrappers import OutputProjectionWrapper
from rnn_tf1.wrappers.base import Wrapper

ATTENTIONS = {"bahdanau": BahdanauAttention, "luong": LuongAttention}


@dataclasses.dataclass(frozen=True)
class DecoderConfig:
    """The sizes of a decoder."""

    target_vocabulary: int = 0  # tokens
    cell: str = "gru"  # a name in `models.stack.CELLS`
    units: int = 512  # of each layer
    layers: int = 1
    depth: int = 256  # of the token vectors, and of the input of the softmax
    attention: Optional[str] = "bahdanau"  # a name in ATTENTIONS; None: no attention
    keep_prob: float = 1.0  # of the token vectors, each layer's output, and the input of the softmax; in training
    tied: bool = False  # the softmax uses the token vectors as its weights
    smoothing: float = 0.0  # label smoothing: the share of each target that is spread over the vocabulary, in training
    scheduled_sampling: float = 0.0  # the probability that the decoder reads a token of its own, in training
    scheduled_sampling_steps: int = 0  # training steps over which it grows from 0; 0: constant from the first step
    sampled: int = 0  # tokens that a sampled softmax compares with, in training; 0: all tokens, the softmax itself
    train_embedding: bool = True
    initializer: str = "glorot"  # a name in `models.stack.INITIALIZERS`
    start: int = 1  # the id that the decoder reads first
    end: int = 2  # the id that ends a sequence


class Encoded(NamedTuple):
    """What an encoder gives to the decoder."""

    memory: Tensor  # [batch, time, any], which attention reads
    lengths: Any  # int32 [batch]: attention reads no later steps; None: it reads all steps
    state: Nest  # the initial state of the decoder's cell


class Scored(NamedTuple):
    """The tensors of a decoder that scores targets: it reads the target itself (teacher forcing)."""

    inputs: Tensor  # int32 [batch, time], a placeholder: the start, and the target without its last token
    targets: Tensor  # int32 [batch, time], a placeholder: the target, and the end
    lengths: Tensor  # int32 [batch], a placeholder: of `targets`, including the end
    losses: Tensor  # float32 [batch, time], nats: -log p of each target; 0 after the end
    loss: Tensor  # scalar: their mean over all tokens, with `smoothing`; the training minimises it
    word_loss: Tensor  # scalar: their mean over all tokens, without; its exp is the perplexity, unless `sampled`
    total: Tensor  # scalar: their sum


def check_decoder(config: DecoderConfig) -> None:
    """Raises `GraphError` for sizes that do not fit."""
    for name in ("target_vocabulary", "layers"):
        if getattr(config, name) < 1:
            raise GraphError("%s is %d; it must be at least 1." % (name, getattr(config, name)))
    for name in ("smoothing", "scheduled_sampling"):
        if not 0 <= getattr(config, name) <= 1:
            raise GraphError("%s is %s; it must lie in 0..1." % (name, getattr(config, name)))


def target_placeholders() -> Tuple[Any, Any, Any]:
    """The placeholders inputs, targets and lengths of `Scored`."""
    return (
        tf.placeholder(tf.int32, [None, None], name="inputs"),
        tf.placeholder(tf.int32, [None, None], name="targets"),
        tf.placeholder(tf.int32, [None], name="lengths"),
    )


def attending_cell(memory: Any, lengths: Any, config: DecoderConfig, mode: Mode) -> Any:
    """The cell of the decoder that `config` describes: it reads the vector of a token, and its output is [batch, depth].

    A decoder of your own is a function of the same arguments. Its variables are in the scope ``decoder``.
    """
    cell = make_cell(config.cell, config.units, config.layers, config.keep_prob, mode)
    if config.attention is None:
        return OutputProjectionWrapper(cell, config.depth)
    attend = by_name(ATTENTIONS, config.attention, "attention")
    return AttentionWrapper(cell, attend(config.units, memory, lengths), attention_layer_size=config.depth)


def score_targets(
    config: DecoderConfig,
    encoded: Encoded,
    placeholders: Tuple[Any, Any, Any],
    mode: Mode,
    vectors: Optional[np.ndarray] = None,
    decoder: Callable[..., Any] = attending_cell,
) -> Scored:
    """Builds the decoder that is trained and scored, in the scope ``decoder``; `dynamic_rnn` unrolls it over the target.

    Smoothing (Szegedy et al. 2016, "Rethinking the Inception Architecture for Computer Vision") minimises::

        (1 - smoothing) (-log p[target]) + smoothing (mean over the vocabulary of -log p)

    Args:
      placeholders: from `target_placeholders`.
      mode: see `Mode`; a test graph also leaves out smoothing and drawing, and scores by the whole softmax.
      vectors: [vocabulary, depth]: what the embedding begins with; default: as the initializer says.
      decoder: makes the cell, see `attending_cell`.

    Raises:
      GraphError: for a tensor mode.is_training with a sampled softmax.
    """
    sampled = uses_sampling("score_targets", config.sampled, mode.is_training)
    inputs, targets, lengths = placeholders
    with tf.variable_scope("decoder"):
        x, table = embedding(
            inputs,
            config.target_vocabulary,
            config.depth,
            initializer=vectors,
            trainable=config.train_embedding,
        )
        x = mode_dropout(x, config.keep_prob, "target_tokens", mode)
        softmax = _softmax(config, table)
    cell, state = _begin(config, encoded, mode, decoder)
    if config.scheduled_sampling and mode.is_training is not False:
        cell, state = _with_scheduled_sampling(config, cell, state, softmax, table, mode)
    outputs, _ = dynamic_rnn(cell, x, lengths, state, scope="decoder")
    read = tf.sequence_mask(lengths, tf.shape(targets)[1])
    hidden, wanted = tf.boolean_mask(outputs, read), tf.boolean_mask(targets, read)  # no softmax for the padding
    hidden = mode_dropout(hidden, config.keep_prob, "read", mode)
    drawn = (config.sampled, mode.seed, mode.step)
    token_losses = softmax.sampled_losses(hidden, wanted, *drawn) if sampled else softmax.losses(hidden, wanted)
    tokens = tf.cast(tf.maximum(tf.size(token_losses), 1), tf.float32)
    total = tf.reduce_sum(token_losses)
    loss = word_loss = total / tokens
    if config.smoothing and mode.is_training is not False:
        loss += config.smoothing * tf.reduce_sum(softmax.target_minus_mean(hidden, wanted)) / tokens
    losses = tf.scatter_nd(tf.where(read), token_losses, tf.shape(targets, out_type=tf.int64))
    return Scored(inputs, targets, lengths, losses, loss, word_loss, total)


def write_targets(
    config: DecoderConfig,
    encoded: Encoded,
    count: Any,
    options: BeamOptions,
    decoder: Callable[..., Any] = attending_cell,
) -> Beams:
    """Builds the decoder that writes: a beam search, all in one session call; see `decoding.beam_search`.

    Args:
      encoded: what the encoder gives.
      count: int32 scalar, the largest number of tokens to write, including the end.
      options: see `decoding.BeamOptions`. Coverage needs attention.
      decoder: makes the cell, see `attending_cell`.

    Raises:
      GraphError: for a width below 1, and for a coverage penalty without attention.
    """
    coverage = options.coverage_penalty
    if config.attention is None and (tf.is_tensor(coverage) or coverage):
        raise GraphError(
            "coverage_penalty=%s needs attention, which shows what parts of the source are covered: leave it out, or train "
            "with attention='bahdanau'." % coverage
        )
    with tf.variable_scope("decoder"):
        start = tf.fill([tf.shape(encoded.memory)[0]], config.start)
        _, table = embedding(start, config.target_vocabulary, config.depth, trainable=config.train_embedding)
        softmax = _softmax(config, table)
    cell, state = _begin(config, encoded, Mode(False), decoder)
    attends = isinstance(cell, AttentionWrapper)

    def advance(tokens: Any, state: Nest) -> Any:
        with tf.variable_scope("decoder"):
            hidden, state = cell(tf.nn.embedding_lookup(table, tokens), state)
        return softmax.logits(hidden), state

    logits, state = advance(start, state)
    return beam_search(
        advance,
        logits,
        state,
        count,
        config.end,
        options,
        alignments=(lambda s: s.alignments) if attends else None,
        source_lengths=encoded.lengths,
    )


def _begin(config: DecoderConfig, encoded: Encoded, mode: Mode, decoder: Callable[..., Any]) -> Tuple[Any, Any]:
    """The cell whose output the softmax reads, [batch, depth], and its first state."""
    with tf.variable_scope("decoder"):
        cell = decoder(encoded.memory, encoded.lengths, config, mode)
    if not isinstance(cell, AttentionWrapper):
        return cell, encoded.state
    first = cell.zero_state(tf.shape(encoded.memory)[0], tf.float32)
    return cell, first.clone(cell_state=encoded.state)


def _softmax(config: DecoderConfig, table: Any) -> Softmax:
    return softmax_layer(
        config.target_vocabulary, config.depth, table if config.tied else None, by_rows=bool(config.sampled)
    )


class _ScheduledSampling(Wrapper):
    """Scheduled sampling: with probability `chance` the cell reads a token drawn from its own last prediction, not its input.

    Bengio et al. 2015, "Scheduled Sampling for Sequence Prediction with Recurrent Neural Networks".

    The state is that of the cell, and its last output. No gradient flows through the draw, or to the vector of the drawn token.
    """

    needs_time = True

    def __init__(self, cell: Any, softmax: Softmax, table: Any, chance: Any, seed: Optional[int], step: Any):
        super().__init__(cell)
        self._softmax, self._table, self._chance, self._seed, self._step = softmax, table, chance, seed, step

    @property
    def state_size(self) -> Any:
        return self.cell.state_size, self.cell.output_size

    def __call__(self, inputs: Tensor, state: Nest, scope: Any = None) -> Any:
        inner, last_output = state
        time = current_time()
        key = mask_key(self._seed, self._step, "own_tokens", time)
        own = tf.random.stateless_uniform(tf.shape(last_output)[:1], key + 1) < self._chance
        drawn = tf.nn.embedding_lookup(self._table, sample_token(self._softmax.logits(last_output), key[0], key[1]))
        inputs = tf.where_v2(tf.expand_dims(own & (time > 0), 1), tf.stop_gradient(drawn), inputs)
        output, inner = self.cell(inputs, inner, scope)
        return output, (inner, output)


def _with_scheduled_sampling(
    config: DecoderConfig, cell: Any, state: Any, softmax: Softmax, table: Any, mode: Mode
) -> Tuple[Any, Any]:
    if mode.step is None:
        raise GraphError(
            "scheduled_sampling=%s needs step: tf.train.get_or_create_global_step()." % config.scheduled_sampling
        )
    chance = config.scheduled_sampling * tf.cast(mode.is_training, tf.float32)
    if config.scheduled_sampling_steps:
        chance *= tf.minimum(1.0, tf.cast(mode.step, tf.float32) / config.scheduled_sampling_steps)
    said = tf.zeros(tf.stack([tf.shape(tf.nest.flatten(state)[0])[0], config.depth]))
    return _ScheduledSampling(cell, softmax, table, chance, mode.seed, mode.step), (state, said)
