"""Sequence to sequence as TensorFlow 1 first did it: lists with one tensor for each step, laid out in the graph.

For old code and old checkpoints: the functions of contrib.legacy_seq2seq of TensorFlow 1.15, with their names, arguments,
defaults and variables, all but the tied and the one2many ones. New code is better off with `rnn_tf1.models.seq2seq`, whose
sequences are of any length.

What the functions share::

    memory_1 ... memory_S, s_0  = encoder(source)                        the decoder begins in the encoder's last state
    y_t, s_t                    = cell(x_t, s_{t-1})
    x_t                         = decoder_inputs[t], or what loop_function makes of y_{t-1}

Arguments that have one meaning everywhere:

- encoder_inputs, decoder_inputs: lists; each entry is [batch, depth], or, for those called ``embedding_...``, ids [batch].
  decoder_inputs is the start symbol and then the target, one step late.
- cell: of the decoder. encoder_cell: of the encoder, an object of its own with a state of the same sizes. TensorFlow copies
  `cell` there; here no cell is copied. The same two objects serve every later call that reuses the variables.
- num_symbols, num_encoder_symbols, num_decoder_symbols, embedding_size: of the tables of vectors, [symbols, embedding_size].
- output_projection: (W [width of the outputs, symbols], B [symbols]). The outputs are then to be multiplied with W,
  and are not the logits. Default: they are logits [batch, symbols]; functions called ``..._seq2seq`` put an
  `OutputProjectionWrapper` around `cell` for it.
- feed_previous: True: only the first of decoder_inputs is read, and later x_t is the vector of the most likely symbol,
  argmax(y_{t-1}), or argmax(y_{t-1} W + B). A bool tensor decides at each session call, with one set of ops for both.
- dtype: of the states and variables; default: float32 (``embedding_...``: the scope's). scope: default: the function's name.
- Returned is (outputs, state): the y_t, a list as long as decoder_inputs, and the last s_t.

Mistakes that TensorFlow would let pass or report elsewhere raise `GraphError`: one cell on both sides, tensors in place of
lists, ids that are not integers, a transposed projection, rows that would be broadcast.

Sutskever et al. 2014, "Sequence to Sequence Learning with Neural Networks"; Cho et al. 2014, "Learning Phrase Representations
using RNN Encoder-Decoder for Statistical Machine Translation".
"""

from rnn_tf1.legacy.legacy_seq2seq.decoders import (
    attention_decoder,
    embedding_attention_decoder,
    embedding_rnn_decoder,
    rnn_decoder,
)
from rnn_tf1.legacy.legacy_seq2seq.losses import sequence_loss, sequence_loss_by_example
from rnn_tf1.legacy.legacy_seq2seq.models import (
    basic_rnn_seq2seq,
    embedding_attention_seq2seq,
    embedding_rnn_seq2seq,
    model_with_buckets,
)

__all__ = [
    "attention_decoder",
    "basic_rnn_seq2seq",
    "embedding_attention_decoder",
    "embedding_attention_seq2seq",
    "embedding_rnn_decoder",
    "embedding_rnn_seq2seq",
    "model_with_buckets",
    "rnn_decoder",
    "sequence_loss",
    "sequence_loss_by_example",
]
