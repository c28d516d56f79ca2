"""The classifier: the graph against NumPy, and every name that a flag may take."""

import dataclasses

import helpers
import numpy as np
import pytest
import tensorflow.compat.v1 as tf

from rnn_tf1 import Mode
from rnn_tf1.cells import LSTMStateTuple
from rnn_tf1.errors import GraphError
from rnn_tf1.layers import dense
from rnn_tf1.models.classifier import ClassifierConfig, build_classifier
from rnn_tf1.models.stack import CELLS, FUSED, INITIALIZERS, UNROLLS, make_cell

SMALL = ClassifierConfig(steps=4, depth=3, classes=6, units=5)
INPUTS = np.random.RandomState(0).normal(size=[7, 4, 3]).astype(np.float32)
LABELS = np.array([0, 5, 2, 2, 1, 4, 3], np.int32)


def evaluate(config, is_training=False, seed=3, step=None, runs=1):
    """(the classifier's values at each of `runs` calls, the trainable variables' values by name, the graph)"""
    with tf.Graph().as_default() as graph, tf.Session() as session:
        tf.set_random_seed(1)
        model = build_classifier(config, Mode(is_training, seed, None if step is None else tf.constant(step)))
        random = np.random.RandomState(5)
        session.run(tf.global_variables_initializer())
        for variable in sorted(tf.global_variables(), key=lambda v: v.name):
            variable.load(random.normal(0, 0.7, variable.shape.as_list()).astype(np.float32), session)
        weights = {v.op.name: session.run(v) for v in tf.trainable_variables()}
        found = [session.run(model, {model.inputs: INPUTS, model.labels: LABELS}) for _ in range(runs)]
        return found, weights, graph


def softmax(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def test_against_numpy():
    """Logits of the wrong step, a softmax over the wrong axis, a loss that is a sum, an accuracy of the wrong class."""
    (found,), weights, _ = evaluate(SMALL)
    h = np.zeros([7, 5])
    states = []
    for t in range(4):
        h = np.tanh(
            np.concatenate([INPUTS[:, t], h], 1) @ weights["rnn/basic_rnn_cell/kernel"]
            + weights["rnn/basic_rnn_cell/bias"]
        )
        states.append(h)
    logits = h @ weights["dense/kernel"] + weights["dense/bias"]
    losses = -np.log(softmax(logits)[np.arange(7), LABELS])
    np.testing.assert_allclose(found.outputs, np.stack(states, 1), atol=2e-6)
    np.testing.assert_allclose(found.logits, logits, atol=1e-5)
    np.testing.assert_allclose(found.probabilities, softmax(logits), atol=1e-5)
    np.testing.assert_allclose(found.losses, losses, atol=1e-5)
    np.testing.assert_allclose(found.loss, losses.mean(), atol=1e-5)
    np.testing.assert_array_equal(found.correct, logits.argmax(1) == LABELS)
    np.testing.assert_allclose(found.accuracy, (logits.argmax(1) == LABELS).mean(), atol=1e-6)
    steps = softmax(np.stack(states, 1) @ weights["dense/kernel"] + weights["dense/bias"])
    np.testing.assert_allclose(found.step_probabilities, steps, atol=1e-5)


@pytest.mark.once
@pytest.mark.parametrize("cell", helpers.by_default(sorted(CELLS), ["lstm", "layer_norm", "irnn"]))
def test_every_cell_and_unrolling_agree(cell):
    """A name in a choice that nobody ran; an unrolling that gives other numbers or other variables."""
    unrolls = [unroll for unroll in sorted(UNROLLS) if unroll != "fused" or cell in FUSED]
    results = [evaluate(dataclasses.replace(SMALL, cell=cell, layers=2, unroll=unroll)) for unroll in unrolls]
    for found, weights, _ in results[1:]:
        assert sorted(weights) == sorted(results[0][1])
        np.testing.assert_allclose(found[0].logits, results[0][0][0].logits, atol=1e-5)
    assert np.abs(results[0][0][0].logits).max() > 0.1


def test_the_names_are_the_cells():
    """--cell peephole without peepholes, --cell lstm that is a GRU."""
    with tf.Graph().as_default():
        names, outputs = {}, {}
        for cell in sorted(CELLS):
            with tf.variable_scope(cell):
                made = make_cell(cell, 5)
                outputs[cell], _ = made(tf.ones([2, 3]), made.zero_state(2, tf.float32))
                names[cell] = [v.op.name.split("/")[1] for v in made.variables][0]
                has_peepholes = any("w_o_diag" in v.name for v in made.variables)
                assert has_peepholes == (cell == "peephole")
        signs = {cell: set(np.sign(output).ravel()) for cell, output in helpers.run(outputs).items()}
    assert signs["relu"] == signs["irnn"] == {0, 1}
    assert signs["basic"] == {-1, 1}
    assert names == {
        "basic": "basic_rnn_cell",
        "irnn": "basic_rnn_cell",
        "relu": "basic_rnn_cell",
        "lstm": "basic_lstm_cell",
        "peephole": "lstm_cell",
        "gru": "gru_cell",
        "layer_norm": "layer_norm_rnn_cell",
        "context": "context_rnn_cell",
    }


@pytest.mark.parametrize(
    ("name", "spread"),
    [
        ("he", (2 / 240) ** 0.5),
        ("glorot", (2 / 440) ** 0.5),
        ("uniform", 0.1 / 3**0.5),
        ("orthogonal", (1 / 240) ** 0.5),
    ],
)
def test_initializers(name, spread):
    """An initializer that is not used, or has the variance of another."""
    assert set(INITIALIZERS) == {"he", "glorot", "uniform", "orthogonal"}
    with tf.Graph().as_default(), tf.Session() as session:
        tf.set_random_seed(2)
        build_classifier(ClassifierConfig(depth=40, units=200, initializer=name), Mode(False))
        session.run(tf.global_variables_initializer())
        values = {v.op.name: session.run(v) for v in tf.trainable_variables()}
    kernel = values["rnn/basic_rnn_cell/kernel"]
    assert kernel.std() == pytest.approx(spread, rel=0.03)
    assert (np.abs(kernel.T.dot(kernel) - np.eye(200)).max() < 1e-5) == (name == "orthogonal")
    assert not values["rnn/basic_rnn_cell/bias"].any()
    assert not values["dense/bias"].any()


def test_a_network_of_rectified_linear_units_begins_with_the_identity():
    """An identity in the rows of the inputs, or a recurrence that forgets."""
    with tf.Graph().as_default(), tf.Session() as session:
        cell = make_cell("irnn", 50)
        h = np.abs(np.random.RandomState(0).normal(size=[3, 50]))
        output, _ = cell(tf.zeros([3, 70]), tf.constant(h, tf.float32))
        session.run(tf.global_variables_initializer())
        kernel = session.run(cell.variables[0])
        np.testing.assert_allclose(session.run(output), h, rtol=1e-6)
    assert kernel[:70].std() == pytest.approx(0.001, rel=0.05) and np.abs(kernel[:70].mean()) < 1e-4


def test_dropout_in_training_alone():
    """Dropout left on at the test, or never on; a test graph with a random op in it."""
    config = dataclasses.replace(SMALL, layers=2, keep_prob=0.5)
    trained, names, _ = evaluate(config, is_training=True, runs=1, step=3)
    again, _, _ = evaluate(config, is_training=True, runs=1, step=3)
    later, _, _ = evaluate(config, is_training=True, runs=1, step=4)
    tested, test_names, graph = evaluate(config, is_training=False, runs=2)
    plain, _, _ = evaluate(dataclasses.replace(config, keep_prob=1.0))
    assert sorted(names) == sorted(test_names)
    np.testing.assert_array_equal(tested[0].logits, plain[0].logits)
    np.testing.assert_array_equal(tested[0].logits, tested[1].logits)
    np.testing.assert_array_equal(trained[0].logits, again[0].logits)
    assert np.abs(trained[0].logits - plain[0].logits).max() > 0.1
    assert np.abs(trained[0].logits - later[0].logits).max() > 0.1
    initial = {op.name for v in graph.get_collection(tf.GraphKeys.GLOBAL_VARIABLES) for op in [v.initializer]}
    random = [op.name for op in graph.get_operations() if "andom" in op.type and "Initializer" not in op.name]
    assert initial
    assert random == []


def test_dropout_is_on_every_layer():
    """Dropout on the top layer alone: half of each layer's outputs must be zero."""
    (found,), _, _ = evaluate(dataclasses.replace(SMALL, units=40, layers=2, keep_prob=0.25), is_training=True, step=1)
    assert 0.65 < (found.outputs == 0).mean() < 0.85
    with tf.Graph().as_default():
        cell = make_cell("basic", 5, layers=3, keep_prob=0.5)
        assert [type(inner).__name__ for inner in cell._cells] == ["DropoutWrapper"] * 3


def test_trained_and_tested_graph_share_variables():
    """A second tower with weights of its own."""
    with tf.Graph().as_default():
        build_classifier(SMALL, Mode(True))
        with tf.variable_scope(tf.get_variable_scope(), reuse=True):
            build_classifier(SMALL, Mode(False))
        names = sorted(v.op.name for v in tf.trainable_variables())
    assert names == ["dense/bias", "dense/kernel", "rnn/basic_rnn_cell/bias", "rnn/basic_rnn_cell/kernel"]


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"cell": "lstmm"}, "no cell 'lstmm'; there are: basic, context, gru, irnn, layer_norm, lstm, peephole"),
        ({"unroll": "dynamical"}, "no unrolling 'dynamical'; there are: dynamic, fused, manual, static"),
        ({"initializer": "xavier"}, "no initializer 'xavier'; there are: glorot, he, orthogonal, uniform"),
        ({"layers": 0}, "layers is 0"),
        ({"keep_prob": 0.0}, "keep_prob is 0.0"),
    ],
)
def test_mistakes_name_what_there_is(change, text):
    """A KeyError for a wrong name."""
    with tf.Graph().as_default(), pytest.raises(GraphError, match=text):
        build_classifier(dataclasses.replace(SMALL, **change), Mode(True))


def test_dense_built_twice_says_how_to_avoid_it():
    """A notebook cell that is run again and fails with TensorFlow's words."""
    with tf.Graph().as_default():
        dense(tf.zeros([2, 3]), 4, name="top")
        with pytest.raises(GraphError, match=r"top/kernel already exists in this graph.*run again"):
            dense(tf.zeros([2, 3]), 4, name="top")


def test_dense_of_a_state_says_which_part(graph):
    """An LSTM's state, with TensorFlow's words about a missing attribute."""
    state = LSTMStateTuple(tf.zeros([2, 3]), tf.zeros([2, 3]))
    with pytest.raises(GraphError, match=r"top: x is a tuple of 2, .* state\.h for example.*tf.concat\(state, 1\)"):
        dense(state, 4, name="top")
    assert dense(state.h, 4, name="top").shape.as_list() == [2, 4]


def test_dense_of_any_rank_and_activation():
    """Ranks 2 and 3 that differ, an activation before the bias, an initializer that is not used."""
    x = np.random.RandomState(1).normal(size=[2, 3, 4]).astype(np.float32)
    kernel = np.arange(20, dtype=np.float32).reshape(4, 5) / 10
    with tf.Graph().as_default(), tf.Session() as session:
        with tf.variable_scope("m"):
            cube = dense(tf.constant(x), 5, tf.nn.relu, "d", tf.constant_initializer(kernel))
        with tf.variable_scope("m", reuse=True):
            flat = dense(tf.constant(x[:, 0]), 5, tf.nn.relu, "d")
        session.run(tf.global_variables_initializer())
        bias = tf.global_variables()[1]
        assert [v.op.name for v in tf.global_variables()] == ["m/d/kernel", "m/d/bias"]
        bias.load(np.array([-1, 2, 0.5, -2, 1], np.float32), session)
        found_cube, found_flat = session.run([cube, flat])
    wanted = np.maximum(x @ kernel + np.array([-1, 2, 0.5, -2, 1]), 0)
    np.testing.assert_allclose(found_cube, wanted, atol=1e-5)
    np.testing.assert_allclose(found_flat, wanted[:, 0], atol=1e-5)
