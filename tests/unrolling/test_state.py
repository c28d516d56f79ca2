"""State carried between session calls: against one call over the whole sequence, and against what truncation defines."""

import numpy as np
import pytest
import tensorflow.compat.v1 as tf
from helpers import (
    BATCH,
    CELLS,
    DEPTH,
    UNITS,
    Ours,
    assert_near,
    make_sequence,
    make_state,
    session,
    set_values,
    values,
)

import rnn_tf1
from rnn_tf1 import StateKeeper

PIECE, PIECES = 9, 3
NESTED = [
    "basic_rnn",
    "gru",
    "basic_lstm",
    "basic_lstm_flat",
    "lstm_all",
    "layer_norm_lstm",
    "context",
    "multi",
]


def make_cell(name):
    if name == "multi":
        return rnn_tf1.MultiRNNCell([rnn_tf1.LSTMCell(UNITS), rnn_tf1.ContextRNNCell(7), rnn_tf1.GRUCell(4)])
    return CELLS[name](Ours())


def unroll(how, *args, **kwargs):
    return getattr(rnn_tf1, how + "_rnn")(*args, **kwargs)


def start(s, keeper, seed=5):
    """Random states in the variables of `keeper`, and the same as a nest of arrays."""
    state = make_state(
        tf.nest.pack_sequence_as(keeper.state, [v.shape.as_list()[1] for v in keeper.variables]), seed=seed
    )
    set_values(s, dict(zip(keeper.variables, tf.nest.flatten(state))))
    return state


@pytest.mark.parametrize(
    ("name", "how"), [(name, "dynamic") for name in NESTED] + [("multi", "static"), ("gru", "static")]
)
def test_pieces_are_the_whole_bit_for_bit(name, how, graph):
    """A part of the state that is lost, mixed up, rounded, or read before it is assigned, at a border between pieces."""
    sequence = make_sequence(time=PIECE * PIECES)
    with tf.variable_scope("whole"):
        cell = make_cell(name)
    x = tf.placeholder(tf.float32, [BATCH, None if how == "dynamic" else PIECE, DEPTH])
    keeper = StateKeeper(cell, BATCH)
    outputs, final = unroll(how, cell, x, initial_state=keeper.state)
    carry = keeper.assign(final)
    whole_x = tf.constant(sequence, tf.float32)
    first = tf.nest.map_structure(lambda s: tf.placeholder(tf.float32, s.shape), keeper.state)
    with tf.variable_scope(tf.get_variable_scope(), reuse=True):
        whole, whole_final = unroll(how, cell, whole_x, initial_state=first)
    with session([v for v in tf.global_variables() if v not in keeper.variables]) as s:
        state = start(s, keeper)
        pieces = []
        for i in range(PIECES):
            pieces.append(s.run([outputs, carry], {x: sequence[:, i * PIECE : (i + 1) * PIECE]})[0])
        feed = dict(zip(tf.nest.flatten(first), tf.nest.flatten(state)))
        expected, expected_final = s.run([whole, whole_final], feed)
        np.testing.assert_array_equal(np.concatenate(pieces, axis=1), expected)
        for got, wanted in zip(s.run(keeper.variables), tf.nest.flatten(expected_final)):
            np.testing.assert_array_equal(got, wanted)
        assert np.abs(expected).max() > 0.1


@pytest.mark.parametrize(
    ("name", "how"),
    [("multi", "dynamic"), pytest.param("lstm_all", "static", marks=[pytest.mark.slow, pytest.mark.once])],
)
def test_the_gradient_is_truncated_at_the_borders(name, how, graph):
    """A gradient that crosses a border, or one that is computed from the state of the next piece.

    The oracle: one graph over the whole sequence with ``tf.stop_gradient`` on the state at each border.
    """
    sequence = make_sequence(time=PIECE * PIECES)
    weights = values("weights", sequence.shape[:2])
    x = tf.placeholder(tf.float32, [BATCH, PIECE, DEPTH])
    w = tf.placeholder(tf.float32, [BATCH, PIECE])
    cell = make_cell(name)
    keeper = StateKeeper(cell, BATCH)
    outputs, final = unroll(how, cell, x, initial_state=keeper.state)
    gradients = tf.gradients(tf.reduce_sum(outputs * w[:, :, None]), cell.trainable_variables)
    carry = keeper.assign(final)

    state = first = tf.nest.map_structure(lambda s: tf.placeholder(tf.float32, s.shape), keeper.state)
    losses = []
    for i in range(PIECES):
        with tf.variable_scope(tf.get_variable_scope(), reuse=True):
            part = slice(i * PIECE, (i + 1) * PIECE)
            piece, state = unroll(how, cell, tf.constant(sequence[:, part], tf.float32), initial_state=state)
        losses.append(tf.reduce_sum(piece * tf.constant(weights[:, part, None], tf.float32)))
        state = tf.nest.map_structure(tf.stop_gradient, state)
    truncated = tf.gradients(tf.add_n(losses), cell.trainable_variables)
    with session([v for v in tf.global_variables() if v not in keeper.variables]) as s:
        begin = start(s, keeper)
        total = [0.0] * len(gradients)
        for i in range(PIECES):
            part = slice(i * PIECE, (i + 1) * PIECE)
            # In one call with the assignment: the backward pass must still see the state that the piece began with.
            found, _ = s.run([gradients, carry], {x: sequence[:, part], w: weights[:, part]})
            total = [a + b for a, b in zip(total, found)]
        expected = s.run(truncated, dict(zip(tf.nest.flatten(first), tf.nest.flatten(begin))))
    for v, got, wanted in zip(cell.trainable_variables, total, expected):
        assert_near(got, wanted, 2e-5, v.name)
        assert np.abs(wanted).max() > 1e-3


def test_reset_of_all_and_of_some_rows(graph):
    """Rows that keep an old story, or lose one that goes on."""
    keeper = StateKeeper(rnn_tf1.LSTMCell(UNITS, num_proj=2), BATCH)
    some = tf.placeholder(tf.bool, [BATCH])
    ends, everything = keeper.reset(some), keeper.reset()
    rows = np.array([True, False, False, True, False, True])
    with session([]) as s:
        before = tf.nest.flatten(start(s, keeper))
        s.run(ends, {some: rows})
        for got, old in zip(s.run(keeper.variables), before):
            np.testing.assert_array_equal(got[rows], 0.0)
            np.testing.assert_array_equal(got[~rows], old[~rows].astype(np.float32))
        s.run(everything)
        assert not any(v.any() for v in s.run(keeper.variables))


def test_reset_to_noise(graph):
    """Noise of another spread, the same noise in c and h, in every row or at every step; other noise in a resumed run."""
    keeper = StateKeeper((300, 300), 50)
    step = tf.placeholder(tf.int64, [])
    rows = np.arange(50) % 3 == 0
    by_step, some = keeper.reset(noise=0.3, seed=4, step=step), keeper.reset(rows=rows, noise=0.3, seed=4)
    with session([]) as s:
        drawn = []
        for number in (7, 8, 7):
            s.run(by_step, {step: number})
            drawn.append(s.run(keeper.variables))
        for a, b, again in zip(*drawn):
            assert a.std() == pytest.approx(0.3, rel=0.03) and abs(a.mean()) < 0.01
            assert np.abs(a - b).max() > 0.1 and np.abs(a[0] - a[1]).max() > 0.1
            np.testing.assert_array_equal(a, again)
        assert np.abs(drawn[0][0] - drawn[0][1]).max() > 0.1
        s.run(some)
        for got, old in zip(s.run(keeper.variables), drawn[2]):
            np.testing.assert_array_equal(got[~rows], old[~rows])
            assert got[rows].std() == pytest.approx(0.3, rel=0.05) and np.abs(got[rows] - old[rows]).max() > 0.1


def test_the_state_is_saved_with_the_checkpoint(tmp_path):
    """A resumed run that begins with zeros where it had a state."""

    def build():
        cell = rnn_tf1.MultiRNNCell([rnn_tf1.LSTMCell(UNITS), rnn_tf1.GRUCell(4)])
        return StateKeeper(cell, BATCH, name="carried"), tf.train.Saver(tf.global_variables())

    with tf.Graph().as_default():
        keeper, saver = build()
        with session([]) as s:
            wanted = [v.astype(np.float32) for v in tf.nest.flatten(start(s, keeper))]
            path = saver.save(s, str(tmp_path / "kept"))
    names = ["carried/state_%d" % i for i in range(3)]
    assert sorted(tf.train.load_checkpoint(path).get_variable_to_shape_map()) == names
    with tf.Graph().as_default():
        keeper, saver = build()
        with session([]) as s:
            saver.restore(s, path)
            for got, old in zip(s.run(tf.nest.flatten(keeper.state)), wanted):
                np.testing.assert_array_equal(got, old)
        assert keeper.variables[0] not in tf.trainable_variables()


def test_a_keeper_in_a_tower_that_reuses_the_weights(graph):
    """A test tower that cannot carry a state, or that shares it with the training tower."""
    first = StateKeeper(3, 2, name="training")
    with tf.variable_scope(tf.get_variable_scope(), reuse=True):
        second = StateKeeper(3, 5, name="test")
    assert [v.op.name for v in first.variables + second.variables] == ["training/state_0", "test/state_0"]
    assert second.variables[0].shape.as_list() == [5, 3]


@pytest.mark.parametrize(
    ("mistake", "text"),
    [
        (lambda: StateKeeper(rnn_tf1.GRUCell(3), 0), "batch_size is 0"),
        (lambda: StateKeeper(rnn_tf1.GRUCell(3), None), "batch_size is None"),
        (lambda: StateKeeper(rnn_tf1.GRUCell, 2), "the class GRUCell, not a cell"),
        (lambda: StateKeeper(3, 2, dtype=tf.int32), "not a floating point type"),
        (lambda: [StateKeeper(3, 2), StateKeeper(3, 2)], "Give each StateKeeper a different name"),
        (lambda: StateKeeper(rnn_tf1.LSTMCell(3), 2).assign(tf.zeros([2, 3])), "StateKeeper.assign: wrong state"),
        (lambda: StateKeeper(3, 2).reset(rows=[True]), "rows must be booleans [2]"),
        (lambda: StateKeeper(3, 2).reset(rows=[1, 0]), "rows must be booleans [2]"),
        (lambda: StateKeeper(3, 2).reset(noise=-1.0), "at least 0"),
    ],
)
def test_mistakes(mistake, text, graph):
    """A mistake that TensorFlow reports far from its place, or lets pass."""
    with pytest.raises(rnn_tf1.GraphError) as caught:
        mistake()
    assert text in str(caught.value)
