"""The missing word: against NumPy, and proof that nobody peeps."""

import contextlib
import dataclasses

import numpy as np
import pytest
import tensorflow.compat.v1 as tf
from helpers import assert_near, session, set_values, values

from rnn_tf1 import Mode
from rnn_tf1.models.missing_word import MissingWordConfig, build_missing_word

SMALL = MissingWordConfig(vocabulary=11, cell="basic", units=5, depth=4, tied=False)
MARK = 1
SENTENCES = [[4, 10, 7, 9, 3], [8], [6, 2, 5]]
TIME, LENGTHS = 5, [5, 1, 3]
IDS = np.array([[MARK] + one + [MARK] + [0] * (TIME - len(one)) for one in SENTENCES], np.int32)
SIDES = pytest.mark.parametrize("both", [False, True])


def read(x, weights, scope):
    h, found = np.zeros(weights[scope + "bias"].shape), []
    for one in x:
        h = np.tanh(np.concatenate([one, h]) @ weights[scope + "kernel"] + weights[scope + "bias"])
        found.append(h)
    return found


@contextlib.contextmanager
def built(both, **more):
    """(net, session with random weights, weights)"""
    net = build_missing_word(dataclasses.replace(SMALL, both_sides=both, **more), Mode(False))
    with session() as s:
        weights = {v: 0.9 * values(v.op.name, v.shape.as_list()) for v in tf.trainable_variables()}
        set_values(s, weights)
        yield net, s, {v.op.name: value for v, value in weights.items()}


@pytest.mark.parametrize("tied", [False, True])
@SIDES
def test_against_numpy(graph, both, tied):
    """The states of other places, one direction used twice, the padding read, a mean over it."""
    with built(both, tied=tied) as (net, s, w):
        found = s.run(net, {net.ids: IDS, net.lengths: LENGTHS})
    expected, wanted, logits = [], [], []
    for words in SENTENCES:
        x = w["embedding"][[MARK] + words + [MARK]]
        scope = "bidirectional_rnn/%s/basic_rnn_cell/" if both else "rnn/basic_rnn_cell/"
        left = read(x, w, scope % "fw" if both else scope)
        right = read(x[::-1], w, scope % "bw")[::-1] if both else None
        for place, word in enumerate(words, 1):
            around = np.concatenate([left[place - 1], right[place + 1]]) if both else left[place - 1]
            hidden = np.tanh(around @ w["around/kernel"] + w["around/bias"])
            z = hidden @ (w["embedding"].T if tied else w["softmax_w"]) + w["softmax_b"]
            logits.append(z)
            wanted.append(word)
            expected.append(np.log(np.exp(z).sum()) - z[word])
    assert found.targets.tolist() == wanted
    assert_near(found.logits, logits, 1e-5)
    assert_near(found.losses, expected, 1e-5)
    assert_near([found.loss, found.total], [np.mean(expected), np.sum(expected)], 1e-4)


@pytest.mark.parametrize(("cell", "layers"), [("lstm", 1), ("gru", 2)])
@SIDES
def test_the_word_itself_is_out_of_reach(graph, both, cell, layers):
    """A path from the word to its own guess, however thin; a word beside it that cannot be seen."""
    net = build_missing_word(dataclasses.replace(SMALL, both_sides=both, cell=cell, layers=layers), Mode(False))
    table = next(v for v in tf.trainable_variables() if v.op.name == "embedding")
    place = sum(LENGTHS[:1]) + sum(LENGTHS[1:2]) + 1  # the middle word of the third sentence
    slopes = tf.convert_to_tensor(tf.gradients(net.logits[place], table)[0])  # before the session: loops change for it
    with session() as s:
        set_values(s, {v: 0.9 * values(v.op.name, v.shape.as_list()) for v in tf.trainable_variables()})
        found = s.run(slopes, {net.ids: IDS, net.lengths: LENGTHS})
    reached = {row for row in range(11) if np.abs(found[row]).max() > 0}
    before, word, behind = SENTENCES[2]
    assert word not in reached and before in reached and MARK in reached
    assert (behind in reached) == both
    assert not reached & (set(SENTENCES[0]) - {before, behind, MARK}), "other sentences have no part in it"


def test_dropout(graph):
    """Dropout in the test graph, or none in training."""
    config = dataclasses.replace(SMALL, keep_prob=0.5)
    step = tf.placeholder(tf.int64, [])
    net = build_missing_word(config, Mode(True, 3, step))
    masks = [op.name for op in graph.get_operations() if "StatelessRandomUniform" in op.type]
    assert all(any(place in name for name in masks) for place in ("words", "read")), masks
    with session() as s:
        feed = {net.ids: IDS, net.lengths: LENGTHS}
        one, same, other = (s.run(net.logits, {**feed, step: at}) for at in (1, 1, 2))
    np.testing.assert_array_equal(one, same)
    assert np.abs(one - other).max() > 1e-3
    with tf.Graph().as_default() as test:
        build_missing_word(config, Mode(False))
        assert not [op for op in test.get_operations() if "andom" in op.type and "Initializer" not in op.name]
