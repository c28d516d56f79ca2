"""Dropout on what the gates read, and dropout as a layer. The wrapper's other masks are in test_wrappers.py."""

import helpers
import numpy as np
import pytest
import tensorflow.compat.v1 as tf
from helpers import (
    CELLS,
    CONTEXT,
    DEPTH,
    TIME,
    UNITS,
    UNROLLS,
    WIDE,
    Ours,
    assert_near,
    make_sequence,
    make_state,
    values,
)

import rnn_tf1
from rnn_tf1.ops.dropout import dropout, time_step

OURS = Ours()
ONE_STATE = ["basic_rnn", "gru", "basic_lstm", "lstm_all", "layer_norm_lstm", "layer_norm_rnn", "context"]


# ----------------------------------------------------------------------------------------- what the gates of a cell read


@pytest.mark.parametrize("name", ONE_STATE)
def test_the_gates_read_less_and_the_state_is_carried_whole(name, graph):
    """A mask on the carried state, on one gate alone, or on the memory or the context.

    The oracle: for one row, gates that read m * h are gates whose recurrent weights are multiplied by m, row by row.
    """
    x = tf.constant(make_sequence(batch=1), tf.float32)

    def run(scope, drop=lambda h: h):
        with tf.variable_scope(scope):
            cell = CELLS[name](OURS)
            state = helpers.constants(make_state(cell.state_size, batch=1))
            with cell.dropping(drop):
                outputs, final = rnn_tf1.manual_rnn(cell, x, state)
        return cell, [outputs] + tf.nest.flatten(final)

    width = {"lstm_all": helpers.PROJ}.get(name, UNITS)
    mask = np.abs(values("mask", [width])) + 0.2
    mask[1] = 0.0
    masked, got = run("masked", lambda h: h * tf.constant(mask, tf.float32))
    plain, expected = run("plain")
    with helpers.session(masked.variables, "masked") as s:
        helpers.set_variables(s, plain.variables, "plain")
        whole = s.run(expected)
        for v in plain.variables:
            short = helpers.plain_name(v, "plain").split("/", 2)[-1]
            if short.endswith("kernel") and "projection" not in short or short == "R":
                weights = s.run(v)
                weights[-width:] *= mask[:, None]
                helpers.set_values(s, {v: weights})
        for a, b in zip(*s.run([got, expected])):
            assert_near(a, b, 1e-6, name)
        assert np.abs(s.run(got[0]) - whole[0]).max() > 1e-3


class Probe(rnn_tf1.RNNCell):
    """Its output is the input and, beside it, what gates would read of ones; the state is carried on."""

    state_size = WIDE

    def __init__(self, output_size):
        super().__init__()
        self._output_size = output_size

    @property
    def output_size(self):
        return self._output_size

    def call(self, inputs, state):
        return tf.concat([inputs, self.read(tf.ones_like(state))], 1), state


def read_by(how, step=None, variational=True, layers=1, seed=3, keep_prob=0.5, **more):
    """What `layers` probes inside one wrapper read of ones, [rows, time, WIDE] each."""
    with tf.Graph().as_default():
        cells = [Probe(1 + (i + 1) * WIDE) for i in range(layers)]
        cell = rnn_tf1.DropoutWrapper(
            rnn_tf1.MultiRNNCell(cells),
            recurrent_keep_prob=keep_prob,
            variational_recurrent=variational,
            seed=seed,
            step=None if step is None else tf.constant(step),
            **more,
        )
        outputs, state = OURS.unroll(how, cell, tf.zeros([5, TIME, 1]), None, None)
        found, state = helpers.run([outputs, state])
    assert not np.any(state)
    return np.split(found[:, :, 1:], layers, axis=2)


@pytest.mark.parametrize("how", UNROLLS)
def test_variational_masks_of_what_is_read(how):
    """A mask that changes in time, is shared by layers or rows, is not scaled, or is not a function of (seed, step)."""
    first, second = read_by(how, step=7, layers=2)
    assert set(np.unique(first)) == {0.0, 2.0} and 0.25 < (first > 0).mean() < 0.75
    assert (first == first[:, :1]).all() and (second == second[:, :1]).all()
    for other in (second, first[::-1], read_by(how, step=8)[0], read_by(how, step=7, seed=4)[0]):
        assert (first != other).mean() > 0.2
    np.testing.assert_array_equal(read_by("manual", step=7, layers=2)[1], second)


@pytest.mark.parametrize("how", UNROLLS)
def test_variational_masks_without_a_step(how):
    """One mask for both layers where no step is given, or a mask drawn anew at each time step in a loop."""
    first, second = read_by(how, layers=2)
    assert (first == first[:, :1]).all() and (second == second[:, :1]).all()
    assert (first != second).mean() > 0.2


def test_masks_that_change_in_time():
    """A mask that stays the same over time where none was asked to."""
    (mask,) = read_by("dynamic", step=7, variational=False)
    assert all((mask[:, t] != mask[:, u]).mean() > 0.2 for t in range(TIME) for u in range(t))
    np.testing.assert_array_equal(read_by("static", step=7, variational=False)[0], mask)


def test_a_number_is_not_rounded_to_single_precision(graph):
    """A share of 0.7 that is 0.699999988 in double precision."""
    x = np.random.RandomState(2).normal(size=[4, 5])
    with tf.Session() as s:
        dropped = s.run(dropout(tf.constant(x), 0.7, True, 3))
    assert 0 < (dropped == 0).sum() < dropped.size
    np.testing.assert_array_equal(dropped, np.where(dropped == 0, 0, x / 0.7))


def test_no_dropout_at_the_test(graph):
    """A random op in the test graph, or other results of two calls."""
    options = dict(recurrent_keep_prob=0.5, variational_recurrent=True, is_training=False)
    cell = rnn_tf1.DropoutWrapper(rnn_tf1.MultiRNNCell([rnn_tf1.GRUCell(UNITS), rnn_tf1.LSTMCell(WIDE)]), **options)
    with tf.variable_scope("weights", initializer=tf.zeros_initializer()):
        outputs, _ = rnn_tf1.dynamic_rnn(cell, tf.constant(make_sequence(), tf.float32))
    assert "Random" not in str(graph.as_graph_def())  # with the functions in it, such as the body of the loop
    with helpers.session() as s:
        np.testing.assert_array_equal(s.run(outputs), s.run(outputs))
    for read in read_by("dynamic", is_training=False):
        assert (read == 1.0).all()


@pytest.mark.parametrize("name", ["gru", "lstm", "context"])
def test_what_is_kept_does_not_grow(name):
    """What TensorFlow's state_keep_prob does with one mask for all steps: 1/p at every step, 2**60 after 60."""
    with tf.Graph().as_default():
        make = dict(
            gru=lambda: rnn_tf1.GRUCell(WIDE, bias_initializer=tf.constant_initializer(9.0)),  # u = 1: h is kept
            lstm=lambda: rnn_tf1.LSTMCell(WIDE, forget_bias=20.0),
            context=lambda: rnn_tf1.ContextRNNCell(CONTEXT, WIDE, alpha=1.0),
        )
        cell = rnn_tf1.DropoutWrapper(make[name](), recurrent_keep_prob=0.5, variational_recurrent=True, seed=1)
        state = tf.nest.map_structure(lambda size: 0.3 * tf.ones([2, size]), cell.state_size)
        with tf.variable_scope("small", initializer=tf.constant_initializer(1e-5)):
            _, final = rnn_tf1.dynamic_rnn(cell, tf.zeros([2, 60, 1]), initial_state=state)
        kept = {"gru": lambda: final, "lstm": lambda: final.c, "context": lambda: final.s}[name]()
        with tf.Session() as s:
            s.run(tf.global_variables_initializer())
            np.testing.assert_allclose(s.run(kept), 0.3, rtol=0.05)


def test_cells_that_cannot_drop_what_they_read(graph):
    """A recurrent dropout that is silently without effect."""

    class Foreign(object):
        state_size = output_size = 3

        def zero_state(self, batch_size, dtype):
            return tf.zeros([batch_size, 3], dtype)

        def __call__(self, inputs, state, scope=None):
            return state, state

    with pytest.raises(rnn_tf1.GraphError, match="those of Foreign do not read h through"):
        rnn_tf1.DropoutWrapper(rnn_tf1.MultiRNNCell([rnn_tf1.GRUCell(3), Foreign()]), recurrent_keep_prob=0.5)
    for value in (0, 1.5, "half"):
        with pytest.raises(rnn_tf1.GraphError, match="recurrent_keep_prob is"):
            rnn_tf1.DropoutWrapper(rnn_tf1.GRUCell(3), recurrent_keep_prob=value)


class OwnCall(rnn_tf1.BasicLSTMCell):
    """What old programs do: a cell of the library with equations of their own, which know nothing of `read`."""

    def call(self, inputs, state):
        c, h = state
        i, j, f, o = tf.split(tf.matmul(tf.concat([inputs, h], 1), self._kernel), 4, axis=1)
        c = c * tf.sigmoid(f) + tf.sigmoid(i) * tf.tanh(j)
        h = tf.tanh(c) * tf.sigmoid(o)
        return h, rnn_tf1.LSTMStateTuple(c, h)


class OldCall(rnn_tf1.GRUCell):
    """The same in the style of TensorFlow 1.0, where a cell was its __call__."""

    def __call__(self, inputs, state, scope=None):
        return state, state


class Delegates(rnn_tf1.BasicLSTMCell):
    """Equations of its own that ask those of the library."""

    def call(self, inputs, state):
        output, state = super().call(2.0 * inputs, state)
        return output, state


@pytest.mark.parametrize("how", UNROLLS)
@pytest.mark.parametrize("kind", [OwnCall, OldCall])
def test_a_subclass_that_does_not_read(kind, how, graph):
    """Recurrent dropout that is silently off, because the class inherits from one that has it."""
    wrappers = [lambda cell: cell, lambda cell: rnn_tf1.MultiRNNCell([rnn_tf1.GRUCell(3), cell])]
    for i, wrap in enumerate(wrappers):
        cell = rnn_tf1.DropoutWrapper(wrap(kind(4)), recurrent_keep_prob=0.5)
        with tf.variable_scope("net_%d" % i), pytest.raises(rnn_tf1.GraphError) as caught:
            OURS.unroll(how, cell, tf.ones([2, TIME, DEPTH]), None, None)
        for part in ("those of %s do not read h" % kind.__name__, "linear([inputs, self.read(h)], ...)"):
            assert part in str(caught.value)
        with tf.variable_scope("test_%d" % i):  # where nothing is dropped, nothing need be read
            cell = rnn_tf1.DropoutWrapper(wrap(kind(4)), recurrent_keep_prob=0.5, is_training=False)
            OURS.unroll(how, cell, tf.ones([2, TIME, DEPTH]), None, None)


@pytest.mark.parametrize("how", UNROLLS)
def test_a_subclass_that_reads(how, graph):
    """A subclass that is refused, or not dropped, although its equations are those of the library."""
    cell = rnn_tf1.DropoutWrapper(Delegates(UNITS), recurrent_keep_prob=0.5)
    outputs, _ = OURS.unroll(how, cell, tf.ones([2, TIME, DEPTH]), None, None)
    with helpers.session() as s:
        assert np.abs(s.run(outputs) - s.run(outputs)).max() > 1e-3


class Hyper(rnn_tf1.RNNCell):
    """A cell whose gain comes from a small helper beside it; both states are ones for ever, so that reads show masks."""

    state_size, output_size = (WIDE, WIDE), 2 * WIDE

    def __init__(self, shown):
        super().__init__()
        self.helper = Probe(1 + WIDE)
        self.inner_cells = [self.helper] if shown else []

    def call(self, inputs, state):
        output, helper_state = self.helper(inputs, state[1])
        return tf.concat([self.read(tf.ones_like(state[0])), output[:, 1:]], 1), (state[0], helper_state)


@pytest.mark.parametrize("how", UNROLLS)
@pytest.mark.parametrize("shown", [False, True])
def test_a_helper_inside_a_cell(shown, how, graph):
    """The state of a cell's own helper dropped, which nobody has asked for; or left whole where it is shown."""
    cell = rnn_tf1.DropoutWrapper(Hyper(shown), recurrent_keep_prob=0.5)
    outputs, _ = OURS.unroll(how, cell, tf.zeros([6, TIME, 1]), None, None)
    own, helper = np.split(helpers.run(outputs), 2, axis=2)
    assert set(np.unique(own)) == {0.0, 2.0}
    assert set(np.unique(helper)) == ({0.0, 2.0} if shown else {1.0})
    assert not shown or (own != helper).mean() > 0.2


def test_a_cell_outside_the_wrapper_is_left_alone(graph):
    """A drop that stays with the cell after the call, so that a test graph of the same cell drops too."""
    cell = Probe(1 + WIDE)
    dropped = rnn_tf1.DropoutWrapper(cell, recurrent_keep_prob=0.5)
    x, state = tf.zeros([6, 1]), tf.zeros([6, WIDE])
    first, whole = helpers.run([dropped(x, state)[0], cell(x, state)[0]])
    assert (first[:, 1:] != 1.0).all() and (whole[:, 1:] == 1.0).all()


@pytest.mark.parametrize("step", [None, 3])
def test_nested_wrappers_drop_both(step, graph):
    """One of two wrappers without effect, or both with one mask."""
    cell = Probe(1 + 400)
    cell.state_size = 400
    for _ in range(2):
        at = None if step is None else tf.constant(step)
        cell = rnn_tf1.DropoutWrapper(rnn_tf1.MultiRNNCell([cell]), recurrent_keep_prob=0.5, seed=1, step=at)
    read = helpers.run(rnn_tf1.manual_rnn(cell, tf.zeros([8, 2, 1]))[0])[:, :, 1:]
    assert set(np.unique(read)) == {0.0, 4.0}
    assert 0.2 < (read != 0).mean() < 0.3


# ------------------------------------------------------------------------------------------------------- one mask, pinned


# What dropout with keep_prob=0.5 keeps of ones [2, 12], for (seed, step, place, time). A run that was stopped by one version of
# this package and is taken up by another goes on as if nothing had been; so none of these bits may ever change.
GOLDEN = {
    (5, 7, "net/layer", "output", 3): ["xx..xxx....x", "x..x....x..."],
    (None, 2**33, "", "input", 0): [".xx.x.xx.xx.", "xxxxx.xx.x.."],
}


@pytest.mark.parametrize("case", list(GOLDEN))
def test_golden_mask(case, graph):
    """A mask that is a pure function of (seed, step, place, time), and another one than last year."""
    seed, step, scope, salt, time = case
    with tf.variable_scope(scope) if scope else tf.name_scope("none"), time_step(time):
        mask = dropout(tf.ones([2, 12]), 0.5, seed=seed, step=tf.constant(step, tf.int64), salt=salt)
    found = ["".join("x" if x else "." for x in row) for row in helpers.run(mask)]
    assert found == GOLDEN[case]


def test_golden_mask_of_the_wrapper(graph):
    """The place of a wrapper's mask spelt another way."""
    cell = rnn_tf1.DropoutWrapper(Probe(1 + WIDE), recurrent_keep_prob=0.5, seed=5, step=tf.constant(7))
    outputs, _ = rnn_tf1.dynamic_rnn(cell, tf.zeros([1, 4, 1]))
    found = ["".join("x" if x else "." for x in row) for row in helpers.run(outputs)[0, :, 1:]]
    assert found == ["...x.xxx", "xxx...x.", ".xxx....", "x....x.x"]


# ------------------------------------------------------------------------------------------------------- dropout, a layer


def kept(y, x):
    """Where y is kept; checks that it is x scaled by 1/p there."""
    mask = y != 0
    np.testing.assert_allclose(y[mask], (x / 0.8)[mask], rtol=1e-6)
    return mask


def test_the_layer(graph):
    """A rate that is taken for a keep probability; a mask that ignores seed, step, place or noise_shape."""
    x = 1 + np.abs(values("x", [20, 30, 4])).astype(np.float32)
    step = tf.placeholder(tf.int64, [])
    make = [
        rnn_tf1.dropout(x, 0.8, seed=1, step=step),
        rnn_tf1.dropout(x, rate=0.2, seed=1, step=step),
        rnn_tf1.dropout(x, keep_prob=0.8, seed=2, step=step, name="dropout"),
        rnn_tf1.dropout(x, 0.8, [20, 1, 4], seed=1, step=step),
        rnn_tf1.dropout(x, rate=0.2, seed=5),
    ]
    with tf.Session() as s:
        at_3, at_4, again = [[kept(y, x) for y in s.run(make, {step: number})] for number in (3, 4, 3)]
    for mask in at_3:
        assert 0.74 < mask.mean() < 0.86
    for a, b, c in list(zip(at_3, at_4, again))[:4]:
        np.testing.assert_array_equal(a, c)
        assert (a != b).mean() > 0.2
    assert all((at_3[i] != at_3[j]).mean() > 0.2 for i in range(5) for j in range(i))
    assert (at_3[3] == at_3[3][:, :1]).all() and not (at_3[0] == at_3[0][:, :1]).all()


def test_the_layer_at_the_test(graph):
    """A mask at the test, or a random op in the test graph."""
    x = tf.constant(values("x", [3, DEPTH]))
    assert rnn_tf1.dropout(x, 0.5, is_training=False) is x
    assert rnn_tf1.dropout(x, rate=0.0) is x
    training = tf.placeholder_with_default(False, [])
    y = rnn_tf1.dropout(x, 0.5, is_training=training, seed=1)
    with tf.Session() as s:
        np.testing.assert_array_equal(*s.run([x, y]))
        assert (s.run(y, {training: True}) == 0).any()


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (dict(keep_prob=0.5, rate=0.5), "both keep_prob=0.5 and rate=0.5 were given"),
        (dict(), "neither keep_prob nor rate was given"),
        (dict(keep_prob=0.0), "keep_prob is 0.0"),
        (dict(keep_prob=1.1), "keep_prob is 1.1"),
        (dict(rate=1.0), "rate is 1.0"),
        (dict(rate=-0.1), "rate is -0.1"),
    ],
)
def test_mistakes(arguments, text, graph):
    """A probability for which there is no mask; two that contradict each other."""
    with pytest.raises(rnn_tf1.GraphError) as caught:
        rnn_tf1.dropout(tf.zeros([2, 3]), **arguments)
    assert text in str(caught.value)
