"""Wrong lines for lists of steps: decoders, losses, the model of buckets, and what the small classic is fed."""

from planted import Mutant

DECODERS = "rnn_tf1/legacy/legacy_seq2seq/decoders.py"
INPUTS = "rnn_tf1/legacy/legacy_seq2seq/inputs.py"
LOSSES = "rnn_tf1/legacy/legacy_seq2seq/losses.py"
MODELS = "rnn_tf1/legacy/legacy_seq2seq/models.py"
BUCKETED = "rnn_tf1/legacy/bucketed.py"
RUNS = "rnn_tf1/experiments/translation/buckets.py"

TESTS = "tests/legacy/test_legacy_seq2seq.py -k "
TEST_NUMPY, TEST_EMPTY = TESTS + "test_attention_against_numpy", TESTS + "without_memory"
TEST_CLOSED, TEST_OLD = TESTS + "closed_form", TESTS + "at_every_step"
TEST_WRITING = TESTS + "test_writing"
TEST_PADDING = TESTS + "test_padding"
TEST_LOSSES, TEST_SILENT = TESTS + "test_losses", TESTS + "no_weight"
TEST_BUCKETS, TEST_CELLS = TESTS + "buckets_share", TESTS + "two_cells"
TEST_REFUSED, TEST_CUT = TESTS + "test_refused", TESTS + "test_refused_buckets"
TEST_FROZEN = TESTS + "'embedding_decoder_frozen or told_own'"
TEST_NAMES = TESTS + "'checkpoint or embedding_attention_own'"
TEST_MODEL, TEST_BUCKET = (
    "tests/legacy/test_bucketed.py -k against_numpy",
    "tests/legacy/test_bucketed.py -k 'change_nothing and True'",
)
TEST_SAMPLED = "tests/legacy/test_bucketed.py -k sampled"
TEST_WIDTH = "tests/legacy/test_bucketed.py -k any_cell"
TEST_LISTS, TEST_WRITTEN = (
    "tests/experiments/test_legacy_runs.py -k test_lists",
    "tests/experiments/test_legacy_runs.py -k was_written",
)
TEST_SHORT = "tests/experiments/test_legacy_runs.py -k short_sentences"

MUTANTS = [
    Mutant(
        DECODERS, "loop_function(outputs[-1], len", "loop_function(outputs[0], len", TEST_CLOSED, "an older output read"
    ),
    Mutant(DECODERS, "outputs[-1], len(outputs))", "outputs[-1], len(outputs) - 1)", TEST_CLOSED, "the step before"),
    Mutant(
        DECODERS,
        "        tf.get_variable_scope().reuse_variables()",
        "        pass",
        TEST_OLD,
        "cells of old code that make their variables twice",
    ),
    Mutant(
        DECODERS,
        "                output, state = cell(x, state)\n            outputs.append(output)",
        "                output, _ = cell(x, state)\n            outputs.append(output)",
        TEST_CLOSED,
        "a state that is not carried",
    ),
    Mutant(
        DECODERS,
        "[x] + reads])\n            with time_step(t)",
        "[x] + reads])\n            with time_step(0)",
        TESTS + "know_the_time",
        "one dropout mask for all steps",
    ),
    Mutant(
        DECODERS,
        "heads.read(state) if initial_state_attention else heads.nothing",
        "heads.read(state) if not initial_state_attention else heads.nothing",
        TEST_NUMPY,
        "the first read the other way round",
    ),
    Mutant(DECODERS, "            reads = heads.read(state)\n", "", TEST_NUMPY, "a read that never changes"),
    Mutant(DECODERS, "tf.tanh(features + ", "tf.sigmoid(features + ", TEST_NUMPY, "another score than the paper's"),
    Mutant(DECODERS, "tf.nn.softmax(scores), 2)", "tf.sigmoid(scores), 2)", TEST_NUMPY, "shares that sum to no one"),
    Mutant(
        DECODERS,
        "            if self._seen is not None:  # not",
        "            if None:  # not",
        TEST_NUMPY,
        "places behind a row's end that are looked at",
    ),
    Mutant(
        DECODERS,
        "tf.constant(scores.dtype.min, ",
        'tf.constant(-float("inf"), ',
        TEST_EMPTY,
        "an empty row that is NaN",
    ),
    Mutant(
        DECODERS,
        "query(tf.nest.flatten(state))",
        "query(tf.nest.flatten(state)[:1])",
        TEST_NAMES,
        "a query without the h of an LSTM",
    ),
    Mutant(DECODERS, '"Attention_%d" % a', '"Attention_%d" % 0', TEST_NUMPY, "heads that ask the same"),
    Mutant(INPUTS, "tf.argmax(logits, 1)", "tf.argmin(logits, 1)", TEST_WRITING, "the least likely symbol read"),
    Mutant(
        INPUTS,
        "lambda: own(previous), lambda: x[t]",
        "lambda: x[t], lambda: own(previous)",
        TEST_WRITING,
        "feed_previous the other way round",
    ),
    Mutant(INPUTS, "lambda: x[t])", "lambda: x[0])", TEST_WRITING, "the start symbol read at every step"),
    Mutant(
        INPUTS, "vectors if update_previous else", "vectors if True else", TEST_FROZEN, "a gradient that should stop"
    ),
    Mutant(
        INPUTS,
        "previous if projection is None else tf.nn.xw_plus_b(previous, *projection)",
        "previous",
        "tests/legacy/test_bucketed.py -k 'against_numpy and True'",
        "the widest output taken for the likeliest symbol",
    ),
    Mutant(
        MODELS, "isinstance(previous, bool))", "True)", TEST_FROZEN, "a tensor feed_previous that is learned through"
    ),
    Mutant(
        MODELS,
        "            memory_sequence_length=sequence_length,\n",
        "",
        TEST_PADDING,
        "attention that looks at the padding",
    ),
    Mutant(
        MODELS,
        "        _, state = static_rnn(encoder, ids, dtype=scope.dtype, sequence_length=sequence_length)",
        "        _, state = static_rnn(encoder, ids, dtype=scope.dtype)",
        TEST_PADDING,
        "an encoder that reads the padding",
    ),
    Mutant(
        MODELS,
        "        return rnn_decoder(decoder_inputs, state, cell)",
        "        return rnn_decoder(decoder_inputs, tf.nest.map_structure(tf.zeros_like, state), cell)",
        TESTS + "'test_as_tensorflow and basic' -m ''",
        "a decoder cut off from its encoder",
    ),
    Mutant(MODELS, "    check_distinct([encoder", "    ([encoder", TEST_CELLS, "one cell on both sides"),
    Mutant(
        MODELS, "reuse=True if j else None", "reuse=tf.AUTO_REUSE", TEST_BUCKETS, "variables that nobody has made yet"
    ),
    Mutant(
        MODELS, "encoder_inputs[:source]", "encoder_inputs", TEST_BUCKETS, "a bucket that reads more than its length"
    ),
    Mutant(
        MODELS,
        'bucket[0] if role == "encoder_inputs" else bucket[1]',
        "min(bucket)",
        TEST_CUT,
        "a bucket that is cut short",
    ),
    Mutant(LOSSES, "losses.append(loss * weight)", "losses.append(loss)", TEST_SILENT, "steps that are not silenced"),
    Mutant(LOSSES, "tf.add_n(weights) + 1e-12", "len(weights)", TEST_LOSSES, "a mean over steps without a weight"),
    Mutant(
        LOSSES, "total / tf.cast(tf.shape(targets[0])[0]", "total / tf.cast(len(targets)", TEST_LOSSES, "another count"
    ),
    Mutant(LOSSES, "rank not in (None, 0) and", "rank is None and", TEST_REFUSED, "losses [batch, batch]"),
    Mutant(BUCKETED, "        sequence_length=source_lengths,\n", "", TEST_BUCKET, "a bucket whose padding is read"),
    Mutant(
        BUCKETED,
        "total / tf.maximum(tokens, 1.0)",
        "tf.reduce_mean(by_row)",
        TEST_MODEL,
        "a mean over rows, not tokens",
    ),
    Mutant(BUCKETED, "axis=1, exclusive=True)", "axis=1)", TEST_MODEL, "the end itself left out"),
    Mutant(
        BUCKETED, "tf.where_v2(ends_before > 0,", "tf.where_v2(ends_before > 9,", TEST_MODEL, "words behind the end"
    ),
    Mutant(BUCKETED, "config.start)", "config.end)", TEST_MODEL, "a decoder that begins with the end"),
    Mutant(
        BUCKETED,
        "if sampled:",
        "if config.sampled:",
        TEST_SAMPLED,
        "a perplexity against drawn words",
    ),
    Mutant(
        BUCKETED,
        "tf.transpose(softmax.kernel) if softmax.transposed",
        "tf.transpose(softmax.kernel) if not softmax.transposed",
        TEST_SAMPLED,
        "a table the wrong way round",
    ),
    Mutant(
        BUCKETED,
        'cells["cell"].output_size, by',
        "config.units, by",
        TEST_WIDTH,
        "a softmax as wide as the hidden units",
    ),
    Mutant(RUNS, "batch.source.T[::-1]", "batch.source.T", TEST_LISTS, "a source in its own order"),
    Mutant(RUNS, "row[: stops[0]] if", "row[: stops[0] + 1] if", TEST_WRITTEN, "the end taken for a word"),
    Mutant(
        RUNS,
        "feed(placeholders, batch))[batch.places >= 0]",
        "feed(placeholders, batch))",
        TEST_WRITTEN,
        "filling rows scored",
    ),
    Mutant(RUNS, "for place in sorted(written)]", "for place in written]", TEST_WRITTEN, "sentences of other pairs"),
    Mutant(RUNS, "max(map(len, pair)) <= longest", "max(map(len, pair)) < 99", TEST_SHORT, "words of what is left out"),
]
