"""Writes docs/migration.md from the table below, which tests/docs/test_migration.py compares with both TensorFlows."""

import os
import textwrap
from typing import NamedTuple

from up_to_date import ROOT, write_or_check

PAGE = os.path.join(ROOT, "docs", "migration.md")


class Row(NamedTuple):
    """What was typed, and what to type now.

    old: names in TensorFlow 1.15, one way or several to say the same.
    new: a name, where the arguments are those of the old one in the same order (more may follow); a call that names
      arguments, where they differ; "" where there is none here.
    note: what else there is to know.
    """

    old: tuple
    new: str
    note: str = ""


def cells(*names):
    """Rows of cells and wrappers that both tf.nn.rnn_cell and tf.contrib.rnn had, as they are."""
    return [Row(("tf.nn.rnn_cell." + name, "tf.contrib.rnn." + name), "rnn_tf1." + name) for name in names]


def words(text):
    return text.split()


def same(module, *names):
    return [Row((module + name,), "rnn_tf1." + name) for name in names]


SECTIONS = {
    "Cells and wrappers": cells(
        "BasicRNNCell", "BasicLSTMCell", "LSTMCell", "GRUCell", "LSTMStateTuple", "MultiRNNCell", "ResidualWrapper"
    )
    + [
        Row(
            ("tf.nn.rnn_cell.DropoutWrapper", "tf.contrib.rnn.DropoutWrapper"),
            "rnn_tf1.DropoutWrapper",
            "With `is_training=False` there is no dropout in the graph. With `variational_recurrent=True` each row of the "
            "batch has a mask of its own; TensorFlow 1.15 shared one between the rows. With `state_keep_prob` besides, a state "
            "that is carried on (of a GRU; the c of an LSTM, where a visitor picks it) is refused, because it would grow at "
            "every step; a cell of your own says `carried_state = False` where its state is computed anew at each.",
        ),
        Row(
            ("tf.nn.rnn_cell.DeviceWrapper", "tf.contrib.rnn.DeviceWrapper"),
            "rnn_tf1.DeviceCellWrapper(device, cell)",
            "The arguments are the other way round.",
        ),
        Row(
            ("tf.nn.rnn_cell.RNNCell", "tf.contrib.rnn.RNNCell", "tf.contrib.rnn.LayerRNNCell"),
            "rnn_tf1.RNNCell",
            "The base of cells of your own.",
        ),
    ]
    + same(
        "tf.contrib.rnn.",
        "InputProjectionWrapper",
        "OutputProjectionWrapper",
        "EmbeddingWrapper",
        "LayerNormBasicLSTMCell",
    )
    + [
        Row(
            ("tf.contrib.rnn.LSTMBlockCell",),
            "rnn_tf1.LSTMCell(num_units, use_peepholes=False, forget_bias=1.0)",
            "The same numbers, and variables of the same names. For speed use `fused_rnn`.",
        ),
        Row(
            ("tf.contrib.cudnn_rnn.CudnnLSTM",),
            "rnn_tf1.fused_rnn(cell, inputs, time_major=True)",
            "One `LSTMCell(num_units, forget_bias=0.0)` for each layer. Checkpoints of it were not tried.",
        ),
    ],
    "Unrolling": [
        Row(("tf.nn.dynamic_rnn",), "rnn_tf1.dynamic_rnn"),
        Row(
            ("tf.nn.static_rnn", "tf.contrib.rnn.static_rnn"),
            "rnn_tf1.static_rnn",
            "Takes a tensor `[batch, time, depth]`, too.",
        ),
        Row(("tf.nn.bidirectional_dynamic_rnn",), "rnn_tf1.bidirectional_dynamic_rnn"),
        Row(
            ("tf.nn.static_bidirectional_rnn", "tf.contrib.rnn.static_bidirectional_rnn"),
            "rnn_tf1.bidirectional_rnn(cell_fw, cell_bw, inputs, unroll='static')",
            "The outputs are a pair, forward and backward; `tf.concat(outputs, -1)` joins them.",
        ),
        Row(("tf.contrib.rnn.stack_bidirectional_dynamic_rnn",), "rnn_tf1.stack_bidirectional_dynamic_rnn"),
        Row(
            ("tf.contrib.rnn.stack_bidirectional_rnn",),
            "rnn_tf1.stack_bidirectional_dynamic_rnn(cells_fw, cells_bw, inputs, unroll='static')",
            "Takes a tensor.",
        ),
        Row(
            ("tf.nn.static_state_saving_rnn", "tf.contrib.rnn.static_state_saving_rnn"),
            "rnn_tf1.StateKeeper(cell, batch_size)",
            "Keeps the state between session calls, for any unrolling.",
        ),
    ],
    "Attention and decoding": same(
        "tf.contrib.seq2seq.",
        "AttentionWrapper",
        "AttentionWrapperState",
        "BahdanauAttention",
        "LuongAttention",
        "tile_batch",
    )
    + [
        Row(
            ("tf.contrib.seq2seq.TrainingHelper",),
            "rnn_tf1.dynamic_rnn(cell, inputs, sequence_length=None)",
            "With `BasicDecoder` and `dynamic_decode` this was a plain unrolling over the known words.",
        ),
        Row(
            ("tf.contrib.seq2seq.GreedyEmbeddingHelper",),
            "rnn_tf1.greedy(advance, logits, state, count, stop=None)",
            "The whole loop. `advance(tokens, state)` is one step of yours and gives `(logits, state)`.",
        ),
        Row(
            ("tf.contrib.seq2seq.SampleEmbeddingHelper",),
            "rnn_tf1.sample(advance, logits, state, count, options, stop=None)",
            "`rnn_tf1.SamplingOptions` has temperature, `top_k`, `top_p` and seed.",
        ),
        Row(
            ("tf.contrib.seq2seq.BeamSearchDecoder",),
            "rnn_tf1.beam_search(advance, logits, state, count, stop, options)",
            "`rnn_tf1.BeamOptions` has width, penalties and `n_best`. "
            "Takes states `[batch, ...]` and makes the beams. An attention's memory is tiled before, by `tile_batch`.",
        ),
        Row(
            ("tf.contrib.seq2seq.sequence_loss",),
            "tf.losses.sparse_softmax_cross_entropy(labels, logits, weights=1.0)",
            "The same number where weights are 0 or 1 and means are taken over steps and batch.",
        ),
    ],
    "tf.contrib.legacy_seq2seq": same(
        "tf.contrib.legacy_seq2seq.",
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
    ),
    "Layers": [
        Row(
            ("tf.layers.dense",),
            "rnn_tf1.dense(x, units, activation=None, name='dense', initializer=None)",
            "A second one in the same scope needs a `name` of its own.",
        ),
        Row(
            ("tf.layers.conv1d",),
            "rnn_tf1.conv1d(x, filters, kernel_size, strides=1, padding='valid', dilation_rate=1, activation=None)",
        ),
        Row(
            ("tf.layers.conv2d",),
            "rnn_tf1.conv2d(x, filters, kernel_size, strides=1, padding='valid', activation=None)",
        ),
        Row(
            ("tf.layers.dropout",),
            "rnn_tf1.dropout(x, rate=0.5, is_training=True)",
            "`tf.layers.dropout` did nothing unless `training=True`; this one drops unless `is_training=False`.",
        ),
        Row(("tf.nn.dropout",), "rnn_tf1.dropout"),
        Row(
            ("tf.contrib.layers.fully_connected",),
            "rnn_tf1.dense(x, units, activation=None)",
            "Its default activation was ReLU: pass `tf.nn.relu`. Its variables were called `weights` and `biases`.",
        ),
        Row(
            ("tf.contrib.layers.embed_sequence",),
            "rnn_tf1.embedding(ids, classes, size)",
            "Returns the vectors and the table.",
        ),
        Row(("tf.contrib.layers.xavier_initializer",), "tf.glorot_uniform_initializer(seed=None)"),
    ],
    "Data": [
        Row(
            ("tensorflow.examples.tutorials.mnist.input_data.read_data_sets",),
            "rnn_tf1.data.images.mnist.load(data_dir=None, validation=5000)",
            "`from rnn_tf1.data.images import mnist`. Images are `[n, 28, 28]`, labels are class numbers.",
        ),
    ],
}
STAYS = words("""placeholder Session get_variable variable_scope global_variables_initializer while_loop summary.FileWriter
    train.Saver train.AdamOptimizer train.MonitoredTrainingSession train.SyncReplicasOptimizer train.Server
    nn.embedding_lookup nn.raw_rnn nn.sampled_softmax_loss nn.sparse_softmax_cross_entropy_with_logits""")
MISSING = {
    "tf.contrib.rnn": words("""AttentionCellWrapper BidirectionalGridLSTMCell CompiledWrapper Conv1DLSTMCell Conv2DLSTMCell
        Conv3DLSTMCell ConvLSTMCell CoupledInputForgetGateLSTMCell FusedRNNCell FusedRNNCellAdaptor GLSTMCell GRUBlockCell
        GRUBlockCellV2 GridLSTMCell HighwayWrapper IndRNNCell IndyGRUCell IndyLSTMCell IntersectionRNNCell
        LSTMBlockFusedCell LSTMBlockWrapper NASCell PhasedLSTMCell SRUCell TimeFreqLSTMCell TimeReversedFusedRNN UGRNNCell
        best_effort_input_batch_size transpose_batch_time"""),
    "tf.contrib.seq2seq": words("""AttentionMechanism BahdanauMonotonicAttention BasicDecoder BasicDecoderOutput
        BeamSearchDecoderOutput BeamSearchDecoderState CustomHelper Decoder FinalBeamSearchDecoderOutput Helper
        InferenceHelper LuongMonotonicAttention ScheduledEmbeddingTrainingHelper ScheduledOutputTrainingHelper
        dynamic_decode gather_tree hardmax monotonic_attention safe_cumprod"""),
    "tf.contrib.legacy_seq2seq": ["embedding_tied_rnn_seq2seq", "one2many_rnn_seq2seq", "tied_rnn_seq2seq"],
}
BEGINNING = """\
<!-- made by docs/make_migration.py -->

# What you typed in TensorFlow 1, and what to type now

Two lines at the top of a program bring most of it back, on TensorFlow 1.15 and on TensorFlow 2:

```python
import tensorflow.compat.v1 as tf
import rnn_tf1
```

With the first, nearly all names stay as they were. Among them are
%s.
Build inside `with tf.Graph().as_default():`, and nothing else needs to be switched off or on.

The second has what TensorFlow 2 no longer has. Where the right column is a name alone, the arguments are the old ones in the
old order, and the variables have the old names, so that old checkpoints restore (lesson 17 shows it). Where it is a
call, the arguments differ: it names those that matter. A test holds this table beside TensorFlow 1.15.
"""


def code(text):
    return "`%s`" % text


def page():
    stays = textwrap.fill(", ".join(code("tf." + name) for name in STAYS), 118, break_on_hyphens=False)
    parts = [BEGINNING % stays]
    for section, rows in SECTIONS.items():
        parts += ["## %s\n" % section.replace("_", "\\_"), "| TensorFlow 1 | now |\n|---|---|"]
        for row in rows:
            now = "<br>".join(filter(None, [code(row.new), row.note]))
            parts.append("| %s | %s |" % ("<br>".join(map(code, row.old)), now))
        parts.append("")
    parts += [
        "## What has no counterpart here\n",
        "A cell of your own is a subclass of `rnn_tf1.RNNCell` with `state_size`, `output_size`, `build` and `call`; whatever",
        "takes a cell takes it. For recurrent dropout it reads h as `self.read(h)`. A wrapper of your own shows the cells",
        "inside in a property `inner_cells`; `rnn_tf1.types.Cell` says all that is looked at. These are not here:\n",
    ]
    for module, names in MISSING.items():
        parts.append("- `%s`: %s" % (module, ", ".join(map(code, names))))
    return "\n".join(parts) + "\n"


if __name__ == "__main__":
    write_or_check(PAGE, page(), __doc__)
