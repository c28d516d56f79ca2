"""The model of buckets: against NumPy in float64 written from the equations, and against itself in other buckets."""

import dataclasses

import helpers
import numpy as np
import pytest
import reference
import tensorflow.compat.v1 as tf
from helpers import assert_near, session, set_values
from test_legacy_seq2seq import attend_row, below, softmax

from rnn_tf1 import Mode
from rnn_tf1.data.pairs.pair_batches import Buckets
from rnn_tf1.data.pairs.translation import Pairs
from rnn_tf1.errors import GraphError
from rnn_tf1.legacy.bucketed import BucketedConfig, build_bucketed, build_bucketed_translators

SOURCE_WORDS, TARGET_WORDS, UNITS, DEPTH, ROWS = 11, 9, 5, 3, 6
PAD, START, END = 0, 1, 2
CONFIG = BucketedConfig(
    SOURCE_WORDS,
    TARGET_WORDS,
    buckets=((4, 3), (5, 4)),
    heads=2,
    units=UNITS,
    depth=DEPTH,
    start=START,
    end=END,
    pad=PAD,
)
RANDOM = np.random.RandomState(6)
SOURCES = [RANDOM.randint(3, SOURCE_WORDS, n) for n in (4, 1, 3, 2, 4, 3)]
TARGETS = [RANDOM.randint(3, TARGET_WORDS, n) for n in (2, 1, 0, 2, 1, 2)]


def pairs(sources, targets):
    return Pairs(sources, targets, np.arange(len(sources)), (0, 0), 0, 0, None)


def batch(bucket, buckets=CONFIG.buckets):
    """All rows in that bucket, as the data room makes batches."""
    (made,) = Buckets(pairs(SOURCES, TARGETS), [buckets[bucket]], ROWS).batches(0)
    order = np.argsort(made.places)
    return made._replace(**{name: getattr(made, name)[order] for name in made._fields[1:]})


def feed(net, made):
    return {
        net.source: made.source,
        net.source_lengths: made.source_lengths,
        net.inputs: made.target_inputs,
        net.targets: made.target_outputs,
        net.weights: made.weights,
    }


def randomize(s, seed):
    """Weights so large that the likeliest token depends on what was read."""
    random = np.random.RandomState(seed)
    set_values(s, {v: random.normal(scale=1.5, size=v.shape.as_list()) for v in tf.trainable_variables()})


def read_weights(s):
    return {v.op.name: s.run(v).astype(np.float64) for v in tf.trainable_variables()}


def log_probabilities(weights, source, inputs, attention):
    """[steps, words] of one row: what comes after each of `inputs`."""
    scope = "embedding_attention_seq2seq/" if attention else "embedding_rnn_seq2seq/"
    encoder = below(weights, scope + "rnn/embedding_wrapper/")
    decoder = below(weights, scope + ("embedding_attention_decoder/" if attention else "embedding_rnn_decoder/"))
    step, s, memory = reference.gru_cell(below(encoder, "gru_cell/"), DEPTH), np.zeros([1, UNITS]), []
    for word in source:
        y, (s,) = step(encoder["embedding"][word][None], [s])
        memory.append(y[0])
    x = decoder["embedding"][inputs]
    if attention:
        y, _ = attend_row(below(decoder, "attention_decoder/"), x, s[0], np.array(memory), CONFIG.heads, False)
    else:
        step, y = reference.gru_cell(below(decoder, "rnn_decoder/gru_cell/"), DEPTH), []
        for x_t in x:
            output, (s,) = step(x_t[None], [s])
            y.append(output[0])
    return np.log(softmax(np.stack(y) @ weights["softmax_w"] + weights["softmax_b"]))


@pytest.mark.parametrize("attention", [True, False])
def test_against_numpy(attention, graph):
    """A loss over padding, or over another count than the tokens'; an encoder or attention that reads padding; a written token
    that is not the likeliest after those written before; tokens behind the end."""
    config = dataclasses.replace(CONFIG, attention=attention)
    nets = build_bucketed(config, Mode(False))
    with tf.variable_scope(tf.get_variable_scope(), reuse=True):
        translators = build_bucketed_translators(config)
    with session() as s:
        randomize(s, 16)
        weights = read_weights(s)
        expected = 0.0
        for source, target in zip(SOURCES, TARGETS):
            log_p = log_probabilities(weights, source, np.append(START, target), attention)
            expected -= log_p[np.arange(len(target) + 1), np.append(target, END)].sum()
        count = sum(len(target) + 1 for target in TARGETS)
        written = []
        for source in SOURCES:
            ids = [START]
            for _ in range(config.buckets[1][1]):
                ids.append(PAD if END in ids else log_probabilities(weights, source, ids, attention)[-1].argmax())
            written.append(ids[1:])
        for j, (net, translator) in enumerate(zip(nets, translators)):
            made = batch(j)
            loss, total, tokens = s.run([net.loss, net.total, net.tokens], feed(net, made))
            assert_near([loss, total, tokens], [expected / count, expected, count], 1e-5, "bucket %d" % j)
            ids = s.run(
                translator.ids, {translator.source: made.source, translator.source_lengths: made.source_lengths}
            )
            np.testing.assert_array_equal(ids, np.array(written)[:, : config.buckets[j][1]])
    lengths = (np.array(written) != PAD).sum(1)
    assert lengths.min() < 3 and lengths.max() == 4 and len(np.unique(written)) > 4


@pytest.mark.parametrize("attention", helpers.by_default([True, False], [True]))
def test_padding_and_bucket_change_nothing(attention, graph):
    """Variables of a bucket's own; a gradient that flows through padding, or that is another in another bucket; dropout masks
    that depend on the bucket, or that are the same at the next training step."""
    config = dataclasses.replace(CONFIG, attention=attention, keep_prob=0.6)
    step = tf.placeholder(tf.int32, [])
    nets = build_bucketed(config, Mode(True, 5, step))
    variables = tf.trainable_variables()
    found = [[net.loss] + [tf.convert_to_tensor(g) for g in tf.gradients(net.loss, variables)] for net in nets]
    with session() as s:

        def run(j, made, number=3):
            return s.run(found[j], dict(list(feed(nets[j], made).items()) + [(step, number)]))

        plain, wide = run(0, batch(0)), run(1, batch(1))
        garbage = batch(1)
        for ids, lengths in [(garbage.source, garbage.source_lengths), (garbage.target_inputs, garbage.target_lengths)]:
            ids[np.arange(ids.shape[1]) >= lengths[:, None]] = 7
        garbage.target_outputs[garbage.weights == 0] = 8
        strange, later = run(1, garbage), run(0, batch(0), 4)
    assert len(plain) == len(variables) + 1 and all(np.abs(gradient).max() > 1e-4 for gradient in plain)
    for i, (a, b, c) in enumerate(zip(plain, wide, strange)):
        assert_near(b, a, 1e-5, "in the other bucket, %d" % i)
        assert_near(c, a, 1e-5, "with other padding, %d" % i)
    assert abs(later[0] - plain[0]) > 1e-3


def test_buckets_of_the_data(graph):
    """Batches that the data room makes and that do not fit the places; rows that only fill up a batch and are scored."""
    more = pairs(SOURCES + [np.array([4] * 5)], TARGETS + [np.array([3] * 3)])
    buckets = Buckets(more, CONFIG.buckets, 4, seed=2)
    nets = build_bucketed(CONFIG, Mode(False))
    with session() as s:
        results = [
            s.run([nets[m.bucket].total, nets[m.bucket].tokens], feed(nets[m.bucket], m)) for m in buckets.batches(1)
        ]
        weights = read_weights(s)
    expected = 0.0
    for source, target in zip(more.source, more.target):
        log_p = log_probabilities(weights, source, np.append(START, target), True)
        expected -= log_p[np.arange(len(target) + 1), np.append(target, END)].sum()
    assert_near(np.sum(results, 0), [expected, sum(len(target) + 1 for target in more.target)], 1e-5)


def test_names(graph):
    """Variables named otherwise than legacy_seq2seq names them, or other ones in another number of buckets."""
    build_bucketed(CONFIG, Mode(True))
    names = [v.op.name for v in tf.global_variables()]
    assert names[:4] == ["softmax_b", "softmax_w"] + [
        "embedding_attention_seq2seq/rnn/embedding_wrapper/" + name for name in ("embedding", "gru_cell/gates/kernel")
    ]
    with tf.Graph().as_default():
        build_bucketed(dataclasses.replace(CONFIG, buckets=((1, 1),), keep_prob=0.5), Mode(False))
        assert [v.op.name for v in tf.global_variables()] == names
        assert not [
            op for op in tf.get_default_graph().get_operations() if "Random" in op.type and "Initializer" not in op.name
        ]


def test_any_cell_and_depth(graph):
    """A softmax of another width than the outputs'; states of layers, or of an LSTM, that do not reach the decoder."""
    for cell, layers in [("lstm", 2), ("context", 1)]:
        with tf.variable_scope(cell):
            config = dataclasses.replace(CONFIG, cell=cell, layers=layers, buckets=((3, 2),), attention=layers == 1)
            (net,) = build_bucketed(config, Mode(True))
            gradients = tf.gradients(net.loss, tf.trainable_variables(cell))
        assert gradients and all(gradient is not None for gradient in gradients)


def test_a_tensor_cannot_choose_the_sampled_softmax(graph):
    """A graph that scores by the sampled losses whatever is fed: their value is no perplexity."""
    is_training = tf.placeholder_with_default(False, [])
    with pytest.raises(GraphError, match="build_bucketed: with sampled=3, is_training must be True or False"):
        build_bucketed(dataclasses.replace(CONFIG, sampled=3), Mode(is_training, 1, tf.constant(0)))


def test_sampled_softmax(graph):
    """Sampled losses in scoring; draws that are not a function of the seed and the step; a table turned round."""
    config, step = dataclasses.replace(CONFIG, sampled=4, buckets=((4, 3),)), tf.placeholder(tf.int32, [])
    (net,) = build_bucketed(config, Mode(True, 2, step))
    with tf.variable_scope(tf.get_variable_scope(), reuse=True):
        (test,), (translator,) = build_bucketed(config, Mode(False)), build_bucketed_translators(config)
    made = batch(0)
    with session() as s:
        losses = [s.run(net.total, dict(list(feed(net, made).items()) + [(step, n)])) for n in (1, 1, 2)]
        weights = read_weights(s)
        whole = s.run(test.total, feed(test, made))
        ids = s.run(translator.ids, {translator.source: made.source, translator.source_lengths: made.source_lengths})
    assert losses[0] == losses[1] != losses[2]
    weights["softmax_w"] = weights["softmax_w"].T
    expected, first = 0.0, []
    for source, target in zip(SOURCES, TARGETS):
        log_p = log_probabilities(weights, source, np.append(START, target), True)
        expected -= log_p[np.arange(len(target) + 1), np.append(target, END)].sum()
        first.append(log_p[0].argmax())
    assert_near(whole, expected, 1e-5)
    np.testing.assert_array_equal(ids[:, 0], first)


@pytest.mark.parametrize("buckets", [(), ((3, 0),), ((3, 4), (5, 6, 7))])
def test_refused(buckets, graph):
    """Buckets that hold nothing, or that are no pairs."""
    for build in (lambda c: build_bucketed(c, Mode(True)), build_bucketed_translators):
        with pytest.raises(GraphError, match=r"buckets are .*buckets=\(\(10, 15\), \(20, 25\)\)"):
            build(dataclasses.replace(CONFIG, buckets=buckets))
