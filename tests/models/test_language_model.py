"""The language model as a graph: against NumPy in float64 written from the equations, and against itself in pieces."""

import dataclasses

import numpy as np
import pytest
import tensorflow.compat.v1 as tf
from helpers import assert_near, session, values

from rnn_tf1 import Mode
from rnn_tf1.data.text.text import Windows
from rnn_tf1.errors import GraphError
from rnn_tf1.experiments.language.language_model import score
from rnn_tf1.models.language_model import LanguageModelConfig, build_language_model, build_sampler

WORDS, ROWS, STEPS, UNITS = 11, 3, 4, 5
SMALL = LanguageModelConfig(vocabulary=WORDS, units=UNITS, steps=STEPS, batch_size=ROWS, forget_bias=0.3)
TEXT = np.random.RandomState(3).randint(WORDS, size=[ROWS, 4 * STEPS + 1])


def sigma(x):
    return 1 / (1 + np.exp(-x))


def log_probabilities(weights, text, tied=False, forget_bias=0.3):
    """[batch, time, words]: of the word after each of `text`, read from a zero state."""
    x = weights["embedding"][text]
    for layer in range(2):
        name = "RNN/multi_rnn_cell/cell_%d/basic_lstm_cell/" % layer
        kernel, bias = weights[name + "kernel"], weights[name + "bias"]
        c, h, outputs = np.zeros([len(text), UNITS]), np.zeros([len(text), UNITS]), []
        for t in range(text.shape[1]):
            i, j, f, o = np.split(np.concatenate([x[:, t], h], 1) @ kernel + bias, 4, 1)
            c = sigma(f + forget_bias) * c + sigma(i) * np.tanh(j)
            h = sigma(o) * np.tanh(c)
            outputs.append(h)
        x = np.stack(outputs, 1)
    logits = x @ (weights["embedding"].T if tied else weights["softmax_w"]) + weights["softmax_b"]
    return logits - np.log(np.exp(logits).sum(-1, keepdims=True))


def read_weights(s):
    return {v.op.name: s.run(v).astype(np.float64) for v in tf.trainable_variables()}


def read(s, net, start, begins=False, more=None):
    """[losses, loss, word_loss, total] of the steps from `start` on."""
    inputs, targets = TEXT[:, start : start + STEPS], TEXT[:, start + 1 : start + STEPS + 1]
    feed = {net.inputs: inputs, net.targets: targets, net.begins: begins}
    feed.update(more or {})
    return s.run([net.losses, net.loss, net.word_loss, net.total, net.carry], feed)[:4]


@pytest.mark.parametrize(("tied", "unroll"), [(False, "fused"), (True, "fused"), (False, "static"), (False, "dynamic")])
def test_against_numpy(tied, unroll, graph):
    """Steps and rows turned round, a state that is not carried, or is where a text begins; a loss over the wrong count; the
    bias, the forget bias or the second layer left out; a softmax that is not the embedding where it should be."""
    net = build_language_model(dataclasses.replace(SMALL, tied=tied, unroll=unroll), Mode(False))
    with session() as s:
        weights = read_weights(s)
        assert ("softmax_w" in weights) != tied
        expected = -np.take_along_axis(log_probabilities(weights, TEXT[:, :-1], tied), TEXT[:, 1:, None], 2)[:, :, 0]
        read(s, net, 0)  # a state that the next text must not begin with
        for start in (0, STEPS, 2 * STEPS):
            losses, loss, word_loss, total = read(s, net, start, begins=start == 0)
            here = expected[:, start : start + STEPS]
            assert_near(losses, here, 1e-5)
            assert_near([loss, word_loss, total], [here.sum() / ROWS, here.mean(), here.sum()], 1e-5)
        found = s.run(net.probabilities, {net.inputs: TEXT[:, :STEPS], net.begins: True})
        assert_near(found, np.exp(log_probabilities(weights, TEXT[:, :STEPS], tied)), 1e-5)


def test_a_convolution_in_front_of_the_cells(graph):
    """Words that the convolution forgets between two pieces of a text, or between a prompt and what is drawn after it; words
    ahead that it sees; a layer without its ReLU."""
    config = dataclasses.replace(SMALL, unroll="dynamic", convolution=3)
    net = build_language_model(config, Mode(False))
    with tf.variable_scope(tf.get_variable_scope(), reuse=True):
        sampler = build_sampler(config)

    def says(weights, text):
        inner = {name.replace("convolution_wrapper/multi", "multi"): value for name, value in weights.items()}
        x = weights["embedding"][text]
        x = np.concatenate([np.zeros([len(text), 2, x.shape[2]]), x], 1)
        windows = np.concatenate([x[:, i : i + text.shape[1]] for i in range(3)], 2)
        front = "RNN/convolution_wrapper/"
        seen = np.maximum(windows @ weights[front + "kernel"] + weights[front + "bias"], 0)
        table = seen.reshape(-1, seen.shape[2])  # a word of its own for each place, read as it is
        inner["embedding"] = table
        return log_probabilities(inner, np.arange(len(table)).reshape(text.shape))

    with session() as s:
        weights = read_weights(s)
        expected = -np.take_along_axis(says(weights, TEXT[:, :-1]), TEXT[:, 1:, None], 2)[:, :, 0]
        for start in (0, STEPS):
            losses = read(s, net, start, begins=start == 0)[0]
            assert_near(losses, expected[:, start : start + STEPS], 1e-5)
        feed = {sampler.prompts: TEXT[:, :4], sampler.lengths: [4, 1, 2], sampler.count: 5}
        found = s.run(sampler.sampled, feed)
    for row, length in enumerate([4, 1, 2]):
        text = np.concatenate([TEXT[row, :length], found.tokens[row]])[None]
        log_p = says(weights, text[:, :-1])[0, length - 1 :]
        assert_near(found.log_probabilities[row], log_p[np.arange(5), found.tokens[row]], 1e-5)


def test_weights_leave_words_out(graph):
    """Padding that is scored, or that the mean is taken over."""
    net = build_language_model(SMALL, Mode(False))
    weights = np.ones([ROWS, STEPS])
    weights[1, 2:] = 0
    with session() as s:
        plain = read(s, net, 0, begins=True)[0]
        losses, _, word_loss, total = read(s, net, 0, True, {net.weights: weights})
    assert_near(losses, plain * weights, 1e-6)
    assert_near([word_loss, total], [(plain * weights).sum() / 10, (plain * weights).sum()], 1e-5)


@pytest.mark.once
def test_the_perplexity_is_the_same_for_any_number_of_steps(graph):
    """Words at the border of windows that are lost, scored twice, or read from a state that is not carried; a mean of means."""
    text = TEXT.ravel()[:47]
    found = []
    with tf.variable_scope("m"):
        nets = [build_language_model(SMALL, Mode(False), batch_size=1, steps=1, name="by_1")]
    with tf.variable_scope("m", reuse=True):
        nets += [build_language_model(SMALL, Mode(False), batch_size=1, steps=n, name="by_%d" % n) for n in (5, 47, 60)]
    with session() as s:
        for net, steps in zip(nets, (1, 5, 47, 60)):
            for _ in range(2):  # the second reading begins anew
                found.append(score(s, net, Windows(text, steps, first=2)))
        weights = {name[2:]: value for name, value in read_weights(s).items()}
    log_p = log_probabilities(weights, np.concatenate([[2], text[:-1]])[None])[0]
    expected = np.exp(-log_p[np.arange(47), text].mean())
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_names_of_the_published_checkpoints(graph):
    """Variables under other names or shapes than those of the tutorial's checkpoints."""
    with tf.variable_scope("Model"):
        build_language_model(SMALL, Mode(True))
    cell = "Model/RNN/multi_rnn_cell/cell_%d/basic_lstm_cell/"
    shapes = {v.op.name: v.shape.as_list() for v in tf.trainable_variables()}
    expected = {"Model/embedding": [WORDS, UNITS], "Model/softmax_w": [UNITS, WORDS], "Model/softmax_b": [WORDS]}
    for layer in range(2):
        expected.update({cell % layer + "kernel": [2 * UNITS, 4 * UNITS], cell % layer + "bias": [4 * UNITS]})
    assert shapes == expected


def test_variables_begin_as_published(graph):
    """Another range than init_scale; biases of the softmax that begin elsewhere."""
    build_language_model(dataclasses.replace(SMALL, init_scale=0.04), Mode(True))
    with tf.Session() as s:
        s.run(tf.global_variables_initializer())
        weights = read_weights(s)
    for name, value in weights.items():
        if not name.endswith("cell/bias"):
            assert 0.03 < np.abs(value).max() <= 0.04, name


DROPPED = dataclasses.replace(SMALL, input_keep_prob=0.6, keep_prob=0.7, recurrent_keep_prob=0.8)


def losses_at(steps, config, is_training=True, seed=5):
    """The losses of a graph of its own at each of the training steps."""
    with tf.Graph().as_default():
        step = tf.placeholder(tf.int32, [])
        net = build_language_model(config, Mode(is_training, seed, step))
        with session() as s:
            return [read(s, net, 0, True, {step: number})[0] for number in steps]


@pytest.mark.parametrize("variational", [False, True])
def test_masks_are_a_function_of_seed_and_step(variational):
    """Dropout that a resumed run would not repeat; the same masks at all steps; fused masks that are not those of the loop."""
    config = dataclasses.replace(DROPPED, variational=variational)
    first, again, later = losses_at([1, 1, 2], config)
    np.testing.assert_array_equal(first, again)
    assert_near(losses_at([1], dataclasses.replace(config, unroll="manual"))[0], first, 1e-5)
    for other in (later, losses_at([1], config, seed=6)[0], losses_at([1], config, is_training=False)[0]):
        assert np.abs(other - first).max() > 0.01


def test_variational_masks_of_the_words_stay(graph):
    """Entries of the embedded words that are dropped at some steps and not at others."""
    from rnn_tf1.models.language_model import _drop_words

    x = tf.ones([STEPS, ROWS, UNITS])
    fixed = _drop_words(dataclasses.replace(DROPPED, variational=True), x, Mode(True, 1, tf.constant(1)))
    free = _drop_words(DROPPED, x, Mode(True, 1, tf.constant(1)))
    with session() as s:
        fixed, free = s.run([fixed, free])
    assert (fixed == fixed[:1]).all() and set(np.unique(fixed.round(4))) == {0, np.float32(1 / 0.6).round(4)}
    assert (fixed[0, 0] != fixed[0, 1]).any() and (free[0] != free[1]).any()


def test_the_test_graph_has_no_random_op(graph):
    """Dropout or sampled candidates where a text is scored."""
    with tf.variable_scope("m"):
        build_language_model(dataclasses.replace(DROPPED, sampled=6), Mode(True))
    before = len(graph.get_operations())
    with tf.variable_scope("m", reuse=True):
        build_language_model(dataclasses.replace(DROPPED, sampled=6), Mode(False), name="scored")
    assert not [op.name for op in graph.get_operations()[before:] if "Random" in op.type or "Uniform" in op.type]


def test_sampled_scores_by_the_whole_softmax(graph):
    """A perplexity over some of the words; a softmax_w that is turned round in one of the two graphs."""
    config = dataclasses.replace(SMALL, sampled=6)
    with tf.variable_scope("m"):
        net = build_language_model(config, Mode(True, 1, tf.constant(0)))
    with tf.variable_scope("m", reuse=True):
        test = build_language_model(config, Mode(False), name="scored")
    with session() as s:
        weights = {name[2:]: value for name, value in read_weights(s).items()}
        assert weights["softmax_w"].shape == (WORDS, UNITS)
        weights["softmax_w"] = weights["softmax_w"].T
        expected = -np.take_along_axis(log_probabilities(weights, TEXT[:, :STEPS]), TEXT[:, 1 : STEPS + 1, None], 2)[
            :, :, 0
        ]
        assert_near(read(s, test, 0, True)[0], expected, 1e-5)
        assert np.abs(read(s, net, 0, True)[0] - expected).max() > 0.01


def test_vectors_from_elsewhere(graph):
    """Vectors that are not used, of another shape, or trained where they are to be left alone."""
    vectors = values("vectors", [WORDS, UNITS]).astype(np.float32)
    net = build_language_model(dataclasses.replace(SMALL, train_embedding=False), Mode(True), vectors=vectors)
    assert net.embedding not in tf.trainable_variables()
    with tf.Session() as s:
        s.run(tf.global_variables_initializer())
        np.testing.assert_array_equal(s.run(net.embedding), vectors)
    with pytest.raises(GraphError, match=r"the vectors have shape \[5, 11\] but need shape \[11, 5\]"):
        build_language_model(SMALL, Mode(True), vectors=vectors.T, name="other")


@pytest.mark.parametrize("tied", [False, True])
def test_sampler_says_what_the_model_says(tied, graph):
    """Prompts of which the padding is read, a state that is lost between prompt and text, a row that gets another's; words
    drawn after the wrong one. Held by the probabilities that it gives for what it drew."""
    config = dataclasses.replace(SMALL, tied=tied)
    build_language_model(config, Mode(False))
    with tf.variable_scope(tf.get_variable_scope(), reuse=True):
        sampler = build_sampler(config)
    lengths, count = [2, 5, 1], 7
    prompts = TEXT[:, :5]
    with session() as s:
        weights = read_weights(s)
        feed = {sampler.prompts: prompts, sampler.lengths: lengths, sampler.count: count, sampler.seed: 9}
        found = s.run(sampler.sampled, feed)
        again, other = (
            s.run(sampler.sampled.tokens, feed),
            s.run(sampler.sampled.tokens, {**feed, sampler.seed: 10}),
        )
        with pytest.raises(tf.errors.InvalidArgumentError, match="a prompt has no word"):
            s.run(sampler.sampled, {**feed, sampler.lengths: [2, 0, 1]})
    np.testing.assert_array_equal(found.tokens, again)
    assert (found.tokens != other).any()
    for row, length in enumerate(lengths):
        text = np.concatenate([prompts[row, :length], found.tokens[row]])[None]
        log_p = log_probabilities(weights, text[:, :-1], tied)[0, length - 1 :]
        assert_near(found.log_probabilities[row], log_p[np.arange(count), found.tokens[row]], 1e-5, "row %d" % row)


def test_an_initializer_is_not_ignored(graph):
    """A choice of the common sizes that this network has no use for, taken and forgotten."""
    config = dataclasses.replace(SMALL, initializer="orthogonal", init_scale=0.25)
    with pytest.raises(GraphError, match="initializer='orthogonal' is not used; .* pass init_scale=0.25 or another"):
        build_language_model(config, Mode(True))


@pytest.mark.parametrize("given", [tf.placeholder_with_default, lambda value, shape: np.bool_(value)])
def test_a_tensor_cannot_choose_the_sampled_softmax(given, graph):
    """A graph that scores by the sampled losses whatever is fed: their value is no perplexity."""
    is_training = given(False, [])
    with pytest.raises(
        GraphError, match="with sampled=6, is_training must be True or False, but is .*Build two graphs"
    ):
        build_language_model(dataclasses.replace(SMALL, sampled=6), Mode(is_training, 1, tf.constant(0)))
    build_language_model(SMALL, Mode(is_training, 1, tf.constant(0)))


def test_sampler_without_log_probabilities(graph):
    """A softmax over the vocabulary at each step that nobody asks for, or other words without it."""
    with tf.variable_scope("m"):
        samplers = [build_sampler(SMALL, log_probabilities=False)]
        assert "LogSoftmax" not in str(graph.as_graph_def())
    with tf.variable_scope("m", reuse=True):
        samplers += [build_sampler(SMALL)]
    found = []
    with session() as s:
        for sampler in samplers:
            feed = {sampler.prompts: TEXT[:, :5], sampler.lengths: [2, 5, 1], sampler.count: 7, sampler.seed: 9}
            found.append(s.run(sampler.sampled, feed))
    np.testing.assert_array_equal(found[0].tokens, found[1].tokens)
    assert found[0].log_probabilities == () and found[1].log_probabilities.shape == (3, 7)


def test_another_cell(graph):
    """A cell that cannot be had; a forget bias for a cell that has none."""
    for cell in ("gru", "basic", "peephole"):
        with tf.variable_scope(cell):
            unroll = "fused" if cell == "gru" else "static"
            net = build_language_model(dataclasses.replace(SMALL, cell=cell, unroll=unroll, layers=1), Mode(False))
            assert net.losses.shape.as_list() == [ROWS, STEPS]
    names = [v.op.name for v in tf.trainable_variables()]
    assert "gru/RNN/gru_cell/gates/kernel" in names and "peephole/RNN/lstm_cell/w_o_diag" in names
