"""Encoder and decoder together; the arguments are explained in `rnn_tf1.legacy.legacy_seq2seq`."""

from typing import Any, Callable, List, Optional, Sequence, Tuple

import tensorflow.compat.v1 as tf

from rnn_tf1.errors import GraphError
from rnn_tf1.legacy.legacy_seq2seq.decoders import embedding_attention_decoder, embedding_rnn_decoder, rnn_decoder
from rnn_tf1.legacy.legacy_seq2seq.inputs import Decoded, checked_bool, ids_of, steps_of
from rnn_tf1.legacy.legacy_seq2seq.losses import sequence_loss, sequence_loss_by_example
from rnn_tf1.ops.checks import check_cell, check_distinct
from rnn_tf1.types import Cell, Tensor
from rnn_tf1.unrolling.loops import static_rnn
from rnn_tf1.wrappers import EmbeddingWrapper, OutputProjectionWrapper


def basic_rnn_seq2seq(
    encoder_inputs: Any,
    decoder_inputs: Any,
    cell: Cell,
    dtype: Any = tf.float32,
    scope: Any = None,
    *,
    encoder_cell: Any = None,
) -> Decoded:
    """The encoder's last state is all that the decoder knows of the source; both read vectors [batch, depth]."""
    _check_cells(encoder_cell, cell, "basic_rnn_seq2seq")
    with tf.variable_scope(scope or "basic_rnn_seq2seq"):
        _, state = static_rnn(encoder_cell, encoder_inputs, dtype=dtype)
        return rnn_decoder(decoder_inputs, state, cell)


def embedding_rnn_seq2seq(
    encoder_inputs: Any,
    decoder_inputs: Any,
    cell: Cell,
    num_encoder_symbols: int,
    num_decoder_symbols: int,
    embedding_size: int,
    output_projection: Any = None,
    feed_previous: Any = False,
    dtype: Any = None,
    scope: Any = None,
    *,
    encoder_cell: Any = None,
    sequence_length: Tensor = None,
) -> Decoded:
    """`basic_rnn_seq2seq` from ids to logits, with a table of vectors on either side: Sutskever et al. 2014.

    If feed_previous is a tensor, no gradient goes to the vectors of the symbols that it has chosen.

    Args:
      sequence_length: int [batch], how many of encoder_inputs are read in each row; default: all, the padding too.
      the others: see the top of this folder.
    """
    where = "embedding_rnn_seq2seq"
    _check_cells(encoder_cell, cell, where)
    with tf.variable_scope(scope or where, dtype=dtype) as scope:
        encoder = EmbeddingWrapper(encoder_cell, num_encoder_symbols, embedding_size)
        ids = ids_of(encoder_inputs, "encoder_inputs", where)
        _, state = static_rnn(encoder, ids, dtype=scope.dtype, sequence_length=sequence_length)
        if output_projection is None:
            cell = OutputProjectionWrapper(cell, num_decoder_symbols)
        previous = checked_bool(feed_previous, where)
        sizes = num_decoder_symbols, embedding_size, output_projection
        return embedding_rnn_decoder(decoder_inputs, state, cell, *sizes, previous, isinstance(previous, bool))


def embedding_attention_seq2seq(
    encoder_inputs: Any,
    decoder_inputs: Any,
    cell: Cell,
    num_encoder_symbols: int,
    num_decoder_symbols: int,
    embedding_size: int,
    num_heads: int = 1,
    output_projection: Any = None,
    feed_previous: Any = False,
    dtype: Any = None,
    scope: Any = None,
    initial_state_attention: bool = False,
    *,
    encoder_cell: Any = None,
    sequence_length: Tensor = None,
) -> Decoded:
    """`embedding_rnn_seq2seq` with an `attention_decoder` that looks at the encoder's outputs.

    Without output_projection, c_t is a row of logits, and AttnOutputProjection/kernel is larger than [symbols, symbols].

    Args:
      sequence_length: int [batch], how many of encoder_inputs are read and looked at in each row; default: all, the padding
        too.
      the others: see `attention_decoder` and the top of this folder.
    """
    where = "embedding_attention_seq2seq"
    _check_cells(encoder_cell, cell, where)
    with tf.variable_scope(scope or where, dtype=dtype) as scope:
        encoder = EmbeddingWrapper(encoder_cell, num_encoder_symbols, embedding_size)
        ids = ids_of(encoder_inputs, "encoder_inputs", where)
        memory, state = static_rnn(encoder, ids, dtype=scope.dtype, sequence_length=sequence_length)
        output_size = None
        if output_projection is None:
            cell, output_size = OutputProjectionWrapper(cell, num_decoder_symbols), num_decoder_symbols
        previous = checked_bool(feed_previous, where)
        return embedding_attention_decoder(
            decoder_inputs,
            state,
            tf.stack(memory, axis=1),
            cell,
            num_decoder_symbols,
            embedding_size,
            num_heads,
            output_size,
            output_projection,
            previous,
            isinstance(previous, bool),
            initial_state_attention=initial_state_attention,
            memory_sequence_length=sequence_length,
        )


def model_with_buckets(
    encoder_inputs: Any,
    decoder_inputs: Any,
    targets: Any,
    weights: Any,
    buckets: Sequence[Tuple[int, int]],
    seq2seq: Callable,
    softmax_loss_function: Optional[Callable] = None,
    per_example_loss: bool = False,
    name: Optional[str] = None,
) -> Tuple[List[List[Any]], List[Any]]:
    """One model for each bucket (source length, target length), all with the variables of the first.

    Bucket j reads the first of encoder_inputs and of decoder_inputs, as many as its lengths say::

        outputs_j, state = seq2seq(encoder_inputs[:source length], decoder_inputs[:target length])
        loss_j           = sequence_loss(outputs_j, targets[:target length], weights[:target length])

    Args:
      targets, weights: lists; see `sequence_loss`.
      buckets: pairs of lengths.
      seq2seq: a function of (encoder_inputs, decoder_inputs) that returns (outputs, state), say
        ``lambda x, y: basic_rnn_seq2seq(x, y, cell, encoder_cell=encoder_cell)`` with two cells made before.
      softmax_loss_function: see `sequence_loss_by_example`. It is needed if seq2seq has an output_projection, since
        the outputs are not logits then.
      per_example_loss: the losses are [batch], by `sequence_loss_by_example`; default: False, scalars.

    Returns:
      (outputs, losses), lists with an entry for each bucket.
    """
    where = "model_with_buckets"
    lists = dict(encoder_inputs=encoder_inputs, decoder_inputs=decoder_inputs, targets=targets, weights=weights)
    for role, several in lists.items():
        steps_of(several, role, where)
        for bucket in buckets:
            needed = bucket[0] if role == "encoder_inputs" else bucket[1]
            if len(several) < needed:
                raise GraphError(
                    "%s: %s has %d steps, and bucket %s needs %d." % (where, role, len(several), bucket, needed)
                )
    loss_of = sequence_loss_by_example if per_example_loss else sequence_loss
    outputs, losses = [], []
    with tf.name_scope(name, where, [step for several in lists.values() for step in several]):
        for j, (source, target) in enumerate(buckets):
            with tf.variable_scope(tf.get_variable_scope(), reuse=True if j else None):
                bucket_outputs, _ = seq2seq(encoder_inputs[:source], decoder_inputs[:target])
                outputs.append(bucket_outputs)
                losses.append(
                    loss_of(
                        bucket_outputs, targets[:target], weights[:target], softmax_loss_function=softmax_loss_function
                    )
                )
    return outputs, losses


def _check_cells(encoder_cell: Any, cell: Cell, where: str) -> None:
    check_cell(cell, where)
    line = "encoder_cell=%s(%s)" % (type(cell).__name__, getattr(cell, "_num_units", "..."))
    if encoder_cell is None:
        raise GraphError(
            "%s: the encoder needs a cell of its own: TensorFlow 1 copied the decoder's, and here no cell is copied. "
            "Write %s(..., %s)." % (where, where, line)
        )
    check_cell(encoder_cell, where + ", encoder_cell,")
    check_distinct([encoder_cell, cell], where, line + ", an object that is in no other place.")
    if encoder_cell.state_size != cell.state_size:
        raise GraphError(
            "%s: the decoder begins in the encoder's last state, and their states differ: encoder_cell.state_size is %s and "
            "cell.state_size %s. Give both as many units." % (where, encoder_cell.state_size, cell.state_size)
        )
