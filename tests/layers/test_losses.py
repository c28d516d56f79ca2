"""Losses over many classes, against NumPy in float64 written from the definitions, and against TensorFlow's own."""

import math

import numpy as np
import pytest
import tensorflow.compat.v1 as tf
from helpers import assert_near, run, values

from rnn_tf1.errors import GraphError
from rnn_tf1.layers.losses import draw_candidates, perplexity, sampled_softmax_losses, softmax_losses

ROWS, WIDTH, WORDS = 5, 3, 11
TARGETS = np.array([4, 0, 10, 4, 7])


def arrays():
    return values("hidden", [ROWS, WIDTH]), values("kernel", [WIDTH, WORDS]), values("bias", [WORDS])


def log_softmax(logits):
    logits = logits - logits.max(1, keepdims=True)
    return logits - np.log(np.exp(logits).sum(1, keepdims=True))


@pytest.mark.parametrize("transposed", [False, True])
def test_softmax_losses_and_their_gradients(transposed, graph):
    """A target that is off by one, a bias left out, and each of the gradients where rows count differently."""
    hidden, kernel, bias = arrays()
    weights = np.array([1.0, 0.5, -2.0, 0.25, 3.0])
    inputs = [tf.constant(a) for a in (hidden, kernel.T.copy() if transposed else kernel, bias)]
    losses = softmax_losses(*inputs, tf.constant(TARGETS), transposed=transposed)
    assert losses.shape.as_list() == [ROWS]
    found, gradients = run([losses, tf.gradients(tf.reduce_sum(weights * losses), inputs)])
    log_p = log_softmax(hidden @ kernel + bias)
    assert_near(found, -log_p[np.arange(ROWS), TARGETS], 1e-12)
    error = weights[:, None] * (np.exp(log_p) - np.eye(WORDS)[TARGETS])
    expected = error @ kernel.T, hidden.T @ error, error.sum(0)
    for a, b in zip(gradients, [expected[0], expected[1].T if transposed else expected[1], expected[2]]):
        assert_near(a, b, 1e-12)


def test_softmax_losses_bear_large_logits(graph):
    """A softmax that overflows, or a loss that is infinite where p is below the smallest float."""
    losses = softmax_losses(
        tf.constant([[1.0], [-1.0]]), tf.constant([[800.0, 0.0]]), tf.zeros([2]), tf.constant([1, 1])
    )
    assert_near(run(losses), [800.0, 0.0], 1e-6)


def test_softmax_losses_refuse_targets_that_are_no_ids(graph):
    """Targets in another type, which TensorFlow reports far from here."""
    with pytest.raises(GraphError, match="targets are float32; they must be ids"):
        softmax_losses(tf.zeros([2, 3]), tf.zeros([3, 4]), tf.zeros([4]), tf.zeros([2]))


def test_sampled_losses_are_those_of_the_definition(graph):
    """Candidates without the correction for how often they are drawn; a candidate that is the
    target and counts twice; a bias left out."""
    hidden, kernel, bias = (a.astype(np.float32) for a in arrays())
    step, count = tf.constant(3), 8
    losses = sampled_softmax_losses(
        tf.constant(hidden), tf.constant(kernel.T.copy()), tf.constant(bias), tf.constant(TARGETS), count, 5, step
    )
    from rnn_tf1.ops.dropout import mask_key

    found, drawn = run([losses, draw_candidates(count, WORDS, mask_key(5, step, "candidates", 0))])
    assert set(drawn) & set(TARGETS), "the case is worth testing"
    ids = np.arange(WORDS)
    expected_count = count * np.log((ids + 2) / (ids + 1)) / np.log(WORDS + 1)
    plain = hidden.astype(float) @ kernel + bias
    corrected = plain - np.log(expected_count)
    for row, target in enumerate(TARGETS):
        others = [corrected[row, i] for i in drawn if i != target]
        logits = np.array([plain[row, target]] + others)[None]
        assert_near(found[row], -log_softmax(logits)[0, 0], 1e-5, "row %d" % row)


def test_candidates_are_drawn_as_often_as_is_reckoned_with(graph):
    """Draws that are uniform, shifted by one, or without the last class: then the correction is wrong."""
    drawn = run(draw_candidates(200000, WORDS, tf.constant([1, 2], tf.int64)))
    ids = np.arange(WORDS)
    expected = np.log((ids + 2) / (ids + 1)) / np.log(WORDS + 1)
    assert expected.sum() == pytest.approx(1)
    found = np.bincount(drawn, minlength=WORDS) / len(drawn)
    assert len(found) == WORDS
    assert np.abs(found - expected).max() < 5 * np.sqrt(0.25 / len(drawn))


def test_candidates_are_a_function_of_seed_and_step(graph):
    """Draws that a resumed run would not repeat, or that are the same at all steps."""
    hidden, kernel, bias = (tf.constant(a.astype(np.float32)) for a in arrays())
    step = tf.placeholder(tf.int32, [])
    losses = [
        sampled_softmax_losses(hidden, tf.transpose(kernel), bias, tf.constant(TARGETS), 4, seed, step)
        for seed in (0, 1)
    ]
    first, again, later = run(losses, {step: 1}), run(losses, {step: 1}), run(losses, {step: 2})
    np.testing.assert_array_equal(first, again)
    assert (first[0] != first[1]).any() and (np.array(first) != np.array(later)).any()
    with pytest.raises(GraphError, match="candidates is 0"):
        sampled_softmax_losses(hidden, tf.transpose(kernel), bias, tf.constant(TARGETS), 0)


def test_sampled_training_goes_where_the_softmax_goes(graph):
    """A sampled gradient that leads elsewhere: many candidates must give nearly the gradient of all words."""
    hidden, kernel, bias = (tf.constant(a.astype(np.float32)) for a in arrays())
    table = tf.transpose(kernel)
    exact = tf.gradients(
        tf.reduce_sum(softmax_losses(hidden, table, bias, tf.constant(TARGETS), transposed=True)), hidden
    )[0]
    sampled = sampled_softmax_losses(hidden, table, bias, tf.constant(TARGETS), 20000, 1, tf.constant(1))
    near = tf.gradients(tf.reduce_sum(sampled), hidden)[0]
    a, b = run([exact, near])
    assert np.abs(a - b).max() < 0.05 * np.abs(a).max()


def test_perplexity():
    """A base other than e; an overflow instead of infinity; a broken network that is called infinitely bad, not broken."""
    assert perplexity(math.log(50.0)) == pytest.approx(50.0) and perplexity(0.0) == 1.0
    assert perplexity(1e5) == math.inf and math.isnan(perplexity(math.nan)) and perplexity(-math.inf) == 0.0
