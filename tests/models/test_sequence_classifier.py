"""Steps in, a class out: every summary against NumPy, with rows of different lengths."""

import contextlib
import dataclasses

import helpers
import numpy as np
import pytest
import tensorflow.compat.v1 as tf

from rnn_tf1 import Mode
from rnn_tf1.errors import GraphError
from rnn_tf1.models.sequence_classifier import SUMMARIES, SequenceClassifierConfig, classify_steps

ROWS, TIME, DEPTH, CLASSES = 6, 5, 3, 4
LENGTHS = np.array([5, 1, 3, 2, 5, 4], np.int32)
SMALL = SequenceClassifierConfig(classes=CLASSES, cell="basic", units=8)
INPUTS = np.random.RandomState(0).normal(size=[ROWS, TIME, DEPTH]).astype(np.float32)
LABELS = np.array([0, 3, 2, 2, 1, 3], np.int32)
EACH = np.random.RandomState(1).randint(CLASSES, size=[ROWS, TIME]).astype(np.int32)


@contextlib.contextmanager
def built(is_training=False, step=None, **more):
    """(function of inputs, lengths and labels that gives the values of a graph with random weights, the weights, the graph)"""
    config = dataclasses.replace(SMALL, **more)
    with tf.Graph().as_default() as graph, tf.Session() as session:
        x, places = tf.placeholder(tf.float32, [None, None, DEPTH]), tf.placeholder(tf.int32, [None])
        net = classify_steps(config, x, places, Mode(is_training, 3, None if step is None else tf.constant(step)))
        random = np.random.RandomState(7)
        session.run(tf.global_variables_initializer())
        for variable in sorted(tf.global_variables(), key=lambda v: v.name):
            variable.load(random.normal(0, 0.7, variable.shape.as_list()).astype(np.float32), session)
        weights = {v.op.name: session.run(v).astype(np.float64) for v in tf.trainable_variables()}
        fetched = {name: value for name, value in net._asdict().items() if not isinstance(value, tuple)}

        def run(inputs=INPUTS, lengths=LENGTHS, labels=EACH if config.summary == "each" else LABELS):
            return session.run(fetched, {x: inputs, places: lengths, net.labels: labels})

        yield run, weights, graph


def evaluate(lengths=LENGTHS, **more):
    """(the values, the weights by name, the graph)"""
    with built(**more) as (run, weights, graph):
        return run(lengths=lengths), weights, graph


def softmax(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def read(x, weights, scope):
    """The outputs of a plain cell, [steps, units], at the steps of one row."""
    h, found = np.zeros(weights[scope + "/bias"].shape), []
    for one in x:
        h = np.tanh(np.concatenate([one, h]) @ weights[scope + "/kernel"] + weights[scope + "/bias"])
        found.append(h)
    return np.array(found)


def expected(weights, summary, bidirectional):
    """(summaries, shares of the steps): by row, and by its steps where the summary is "each"."""
    summaries, shares = [], []
    for x, length in zip(INPUTS.astype(np.float64), LENGTHS):
        if bidirectional:
            scope = "stack_bidirectional_rnn/cell_0/bidirectional_rnn/%s/basic_rnn_cell"
            forward = read(x[:length], weights, scope % "fw")
            backward = read(x[:length][::-1], weights, scope % "bw")[::-1]
            h, last = np.concatenate([forward, backward], 1), np.concatenate([forward[-1], backward[0]])
        else:
            h = read(x[:length], weights, "rnn/basic_rnn_cell")
            last = h[-1]
        share = np.full([length], 1 / length)
        if summary == "attention":
            hidden = np.tanh(h @ weights["attention/hidden/kernel"] + weights["attention/hidden/bias"])
            share = softmax((hidden @ weights["attention/score/kernel"] + weights["attention/score/bias"])[:, 0])
        summaries.append(h if summary == "each" else last if summary == "last" else share @ h)
        shares.append(share)
    return summaries, shares


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("summary", SUMMARIES)
def test_against_numpy(summary, bidirectional):
    """A summary of other steps, of the padding, of the wrong end of the second direction; a mean over rows that counts the
    padding; a share of the padding; an accuracy of the wrong class."""
    found, weights, _ = evaluate(summary=summary, bidirectional=bidirectional)
    summaries, shares = expected(weights, summary, bidirectional)
    logits = [one @ weights["dense/kernel"] + weights["dense/bias"] for one in summaries]
    if summary == "each":
        losses = [-np.log(softmax(z)[np.arange(len(z)), EACH[i, : len(z)]]) for i, z in enumerate(logits)]
        correct = [z.argmax(1) == EACH[i, : len(z)] for i, z in enumerate(logits)]
        for row, length in enumerate(LENGTHS):
            np.testing.assert_allclose(found["logits"][row, :length], logits[row], atol=1e-5)
            np.testing.assert_allclose(found["losses"][row, :length], losses[row], atol=1e-5)
            np.testing.assert_array_equal(found["correct"][row, :length], correct[row])
            assert not found["losses"][row, length:].any() and not found["correct"][row, length:].any()
        losses, correct = np.concatenate(losses), np.concatenate(correct)
    else:
        np.testing.assert_allclose(found["logits"], logits, atol=1e-5)
        np.testing.assert_allclose(found["probabilities"], softmax(np.array(logits)), atol=1e-5)
        losses = -np.log(softmax(np.array(logits))[np.arange(ROWS), LABELS])
        correct = np.argmax(logits, 1) == LABELS
        np.testing.assert_allclose(found["losses"], losses, atol=1e-5)
        np.testing.assert_array_equal(found["correct"], correct)
    np.testing.assert_allclose(found["loss"], losses.mean(), atol=1e-5)
    np.testing.assert_allclose(found["accuracy"], correct.mean(), atol=1e-6)
    assert 0 < found["accuracy"] < 1
    assert not found["outputs"][np.arange(TIME) >= LENGTHS[:, None]].any()
    assert ("step_weights" in found) == (summary in ("mean", "attention"))
    for row, length in enumerate(LENGTHS if "step_weights" in found else []):
        np.testing.assert_allclose(found["step_weights"][row, :length], shares[row], atol=1e-6)
        assert not found["step_weights"][row, length:].any()


@pytest.mark.parametrize("bidirectional", helpers.by_default([False, True], [True]))
@pytest.mark.parametrize("summary", [name for name in SUMMARIES if name != "each"])
def test_padding_changes_nothing(summary, bidirectional):
    """What stands behind a row's length, or how long the other rows are, in the answer."""
    with built(summary=summary, bidirectional=bidirectional, cell="gru", layers=2) as (run, _, _):
        whole = run()
        for row, length in enumerate(LENGTHS):
            alone = run(INPUTS[row : row + 1, :length], [length], LABELS[row : row + 1])
            np.testing.assert_allclose(alone["logits"][0], whole["logits"][row], atol=1e-5)
        noisy = np.where(np.arange(TIME)[None, :, None] < LENGTHS[:, None, None], INPUTS, np.float32(50))
        other = run(noisy)
    np.testing.assert_allclose(other["logits"], whole["logits"], atol=1e-6)
    np.testing.assert_allclose(other["loss"], whole["loss"], atol=1e-6)


def test_dropout_is_for_training():
    """Dropout in the test graph; none in training; the same mask at every training step."""
    sure, _, graph = evaluate(keep_prob=0.5)
    assert not [op for op in graph.get_operations() if "andom" in op.type and "Initializer" not in op.name]
    first, again, other = (evaluate(keep_prob=0.5, is_training=True, step=step)[0] for step in (1, 1, 2))
    np.testing.assert_array_equal(first["logits"], again["logits"])
    assert np.abs(first["logits"] - other["logits"]).max() > 0.1
    assert np.abs(first["logits"] - sure["logits"]).max() > 0.1


def test_what_the_softmax_reads_is_dropped():
    """keep_prob that reaches the recurrence alone: with a kernel of the identity half the logits are zeros."""
    with tf.Graph().as_default(), tf.Session() as session:
        config = dataclasses.replace(SMALL, units=40, classes=40, keep_prob=0.5)
        net = classify_steps(config, tf.constant(INPUTS), tf.constant(LENGTHS), Mode(True, 3, tf.constant(1)))
        session.run(tf.global_variables_initializer())
        kernel = next(v for v in tf.trainable_variables() if v.op.name == "dense/kernel")
        kernel.load(np.eye(40, dtype=np.float32), session)
        logits, outputs = session.run([net.logits, net.outputs])
    last = outputs[np.arange(ROWS), LENGTHS - 1]
    assert 0.4 < (last == 0).mean() < 0.6 and 0.68 < (logits == 0).mean() < 0.82


def test_mistakes():
    """A name, a size or a length for which there is no answer, and a message that does not say which."""
    for more, text in (
        (dict(summary="first"), "no summary 'first'.*last, mean, attention, each"),
        (dict(classes=1), "classes is 1"),
        (dict(bidirectional=True, units=7), "units=7"),
        (dict(layers=0), "layers is 0"),
        (dict(cell="gated"), "no cell 'gated'"),
    ):
        with pytest.raises(GraphError, match=text):
            evaluate(**more)
    for lengths, text in (([5, 0, 3, 2, 5, 4], "a sequence of length 0"), ([6, 1, 3, 2, 5, 4], "6|length")):
        with pytest.raises(tf.errors.InvalidArgumentError, match=text):
            evaluate(lengths=lengths)
