"""The translation model as it was before sequences could be of any length: one graph for each of a few pairs of lengths.

A bucket (S, T) holds sources of up to S tokens and targets of up to T, the end counted; shorter ones are padded at the end.
All buckets share their variables. `rnn_tf1.models.seq2seq` does the same in one graph; this model is here for comparison, and
to show `rnn_tf1.legacy.legacy_seq2seq` at work::

    memory, s_0  = encoder(source)                   an `EmbeddingWrapper` around the cell
    y_t, s_t     = decoder(target_{t-1}, s_{t-1}, memory)
    p_t          = softmax(y_t softmax_w + softmax_b)

Padding and the choice of the bucket change no loss, no gradient and no written target: the encoder stops at each row's length,
attention does not look past it, and nothing after a target's end has a weight. TensorFlow's own model has no lengths: its
encoder reads the padding, which stood before the reversed source so that the words came last, and its attention looks at the
padding too. Here sources are reversed (Sutskever et al. 2014) in the data, and padded at the end.

Sutskever et al. 2014, "Sequence to Sequence Learning with Neural Networks"; with attention: Vinyals et al. 2015, "Grammar as a
Foreign Language".
"""

import dataclasses
from typing import Any, Dict, List, NamedTuple, Tuple

import tensorflow.compat.v1 as tf

from rnn_tf1.errors import GraphError
from rnn_tf1.layers.softmax import Softmax, softmax_layer, uses_sampling
from rnn_tf1.legacy.legacy_seq2seq import embedding_attention_seq2seq, embedding_rnn_seq2seq, sequence_loss_by_example
from rnn_tf1.models.stack import initialized, make_cell
from rnn_tf1.ops.checks import check_graph_mode
from rnn_tf1.ops.mode import Mode
from rnn_tf1.types import Cell, Tensor


@dataclasses.dataclass(frozen=True)
class BucketedConfig:
    """The sizes of the model."""

    source_vocabulary: int  # tokens
    target_vocabulary: int
    buckets: Tuple[Tuple[int, int], ...] = ((10, 15), (20, 25))  # tokens of source and target, the target's end counted
    attention: bool = True  # False: the decoder knows only s_0 of the source
    heads: int = 1  # of attention
    cell: str = "gru"  # a name in `models.stack.CELLS`
    units: int = 256  # of each layer, in the encoder and in the decoder
    layers: int = 1
    depth: int = 128  # of the tokens' vectors
    keep_prob: float = 1.0  # of each layer's output, in training
    sampled: int = 0  # tokens that a sampled softmax compares with in training; 0: all, the softmax itself
    initializer: str = "glorot"  # a name in `models.stack.INITIALIZERS`
    start: int = 1  # the id that the decoder reads first
    end: int = 2  # the id that ends a target
    pad: int = 0  # the id after it


class Bucket(NamedTuple):
    """The tensors of one bucket (S, T), in a graph that scores targets."""

    source: Tensor  # int32 [batch, S], a placeholder
    source_lengths: Tensor  # int32 [batch], a placeholder: the steps after them are not read
    inputs: Tensor  # int32 [batch, T], a placeholder: the start, and the target without its last token
    targets: Tensor  # int32 [batch, T], a placeholder: the target, and the end
    weights: Tensor  # float32 [batch, T], a placeholder: 1 for each token and the end, 0 after it
    loss: Tensor  # scalar, nats: the mean of -log p over all tokens; it is minimised, and its exp is the perplexity
    total: Tensor  # scalar: their sum
    tokens: Tensor  # scalar: the sum of the weights


class BucketTranslator(NamedTuple):
    """The tensors of one bucket (S, T), in a graph that writes targets."""

    source: Tensor  # int32 [batch, S], a placeholder
    source_lengths: Tensor  # int32 [batch], a placeholder
    ids: Tensor  # int32 [batch, T]: the most likely token at each step, up to and including the end, and then padding


def build_bucketed(config: BucketedConfig, mode: Mode) -> List[Bucket]:
    """Builds the graph of each bucket; with the same weights in all, and in every `mode`.

    Args:
      config: the sizes.
      mode: see `Mode`; a test graph scores by the whole softmax. The masks and sampled candidates do not depend on the bucket.

    Raises:
      GraphError: for sizes that do not fit, and a tensor mode.is_training with a sampled softmax.
    """
    check_graph_mode("build_bucketed")
    sampled = uses_sampling("build_bucketed", config.sampled, mode.is_training)
    cells = _make_cells(config, mode)
    buckets = []
    for j, (source_steps, steps) in enumerate(_checked(config.buckets)):
        with initialized(config), tf.variable_scope(tf.get_variable_scope(), reuse=True if j else None):
            softmax = _softmax(config, cells)
            source, source_lengths = _source_placeholders(source_steps)
            inputs = tf.placeholder(tf.int32, [None, steps], name="inputs")
            targets = tf.placeholder(tf.int32, [None, steps], name="targets")
            weights = tf.placeholder(tf.float32, [None, steps], name="weights")
            outputs = _decode(config, cells, softmax, source, source_lengths, tf.unstack(inputs, axis=1))

            def losses(labels: Tensor, logits: Tensor, softmax: Softmax = softmax) -> Tensor:
                if sampled:
                    return softmax.sampled_losses(logits, labels, config.sampled, mode.seed, mode.step)
                return softmax.losses(logits, labels)

            lists = tf.unstack(targets, axis=1), tf.unstack(weights, axis=1)
            by_row = sequence_loss_by_example(
                outputs, *lists, average_across_timesteps=False, softmax_loss_function=losses
            )
            total, tokens = tf.reduce_sum(by_row), tf.reduce_sum(weights)
            loss = total / tf.maximum(tokens, 1.0)
            buckets.append(Bucket(source, source_lengths, inputs, targets, weights, loss, total, tokens))
    return buckets


def build_bucketed_translators(config: BucketedConfig) -> List[BucketTranslator]:
    """Builds, for each bucket, the graph that writes: at each step the decoder reads the token that it has just written.

    Build it beside the model, under ``tf.variable_scope(tf.get_variable_scope(), reuse=True)``.
    """
    check_graph_mode("build_bucketed_translators")
    cells = _make_cells(config, Mode(False))
    translators = []
    for j, (source_steps, steps) in enumerate(_checked(config.buckets)):
        with initialized(config), tf.variable_scope(tf.get_variable_scope(), reuse=True if j else None):
            softmax = _softmax(config, cells)
            source, source_lengths = _source_placeholders(source_steps)
            begin = tf.fill([tf.shape(source)[0]], config.start)
            outputs = _decode(config, cells, softmax, source, source_lengths, [begin] * steps, feed_previous=True)
            logits = [tf.nn.xw_plus_b(output, *_projection(softmax)) for output in outputs]
            ids = tf.stack([tf.argmax(step, 1, output_type=tf.int32) for step in logits], axis=1)
            ends_before = tf.cumsum(tf.cast(tf.equal(ids, config.end), tf.int32), axis=1, exclusive=True)
            ids = tf.where_v2(ends_before > 0, tf.fill(tf.shape(ids), config.pad), ids)
            translators.append(BucketTranslator(source, source_lengths, ids))
    return translators


def _checked(buckets: Any) -> Any:
    if not buckets or any(len(bucket) != 2 or min(bucket) < 1 for bucket in buckets):
        raise GraphError(
            "buckets are %r; they must be pairs of lengths of at least 1, the source's and the target's: "
            "buckets=((10, 15), (20, 25))." % (buckets,)
        )
    return buckets


def _source_placeholders(steps: int) -> Tuple[Tensor, Tensor]:
    source = tf.placeholder(tf.int32, [None, steps], name="source")
    return source, tf.placeholder(tf.int32, [None], name="source_lengths")


def _make_cells(config: BucketedConfig, mode: Mode) -> Dict[str, Cell]:
    """One for each side; all buckets use these two."""
    sizes = config.cell, config.units, config.layers, config.keep_prob
    return {name: make_cell(*sizes, mode) for name in ("cell", "encoder_cell")}


def _softmax(config: BucketedConfig, cells: Dict[str, Cell]) -> Softmax:
    return softmax_layer(config.target_vocabulary, cells["cell"].output_size, by_rows=bool(config.sampled))


def _projection(softmax: Softmax) -> Tuple[Tensor, Tensor]:
    """(W [units, vocabulary], B [vocabulary])."""
    return tf.transpose(softmax.kernel) if softmax.transposed else softmax.kernel, softmax.bias


def _decode(
    config: BucketedConfig,
    cells: Dict[str, Cell],
    softmax: Softmax,
    source: Tensor,
    source_lengths: Tensor,
    inputs: List[Tensor],
    feed_previous: bool = False,
) -> List[Tensor]:
    """What the softmax reads, [batch, units] for each step."""
    options: Dict[str, Any] = dict(cells, num_heads=config.heads) if config.attention else dict(cells)
    outputs, _ = (embedding_attention_seq2seq if config.attention else embedding_rnn_seq2seq)(
        tf.unstack(source, axis=1),
        inputs,
        num_encoder_symbols=config.source_vocabulary,
        num_decoder_symbols=config.target_vocabulary,
        embedding_size=config.depth,
        output_projection=_projection(softmax),
        feed_previous=feed_previous,
        sequence_length=source_lengths,
        **options,
    )
    return outputs
