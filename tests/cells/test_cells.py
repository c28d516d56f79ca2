"""The cells beside TensorFlow 1.15's own, beside NumPy, beside numeric gradients; their variables and checkpoints."""

import inspect
import os

import helpers
import numpy as np
import pytest
import reference
import tensorflow.compat.v1 as tf
from helpers import BATCH, CONTEXT, DEPTH, PROJ, TIME, UNITS, WIDE
from places import GOLDEN

import rnn_tf1

OURS = helpers.Ours()
CHECKPOINT = os.path.join(GOLDEN, "checkpoint", "model.ckpt")
only_tf1 = pytest.mark.skipif(not helpers.IS_TF1, reason="TensorFlow's own cells exist on 1.15 alone")


@pytest.fixture(scope="module")
def theirs():
    return helpers.Theirs()


# ------------------------------------------------------------------------------------------- (a) beside TF 1.15's cells


FIRST = ["basic_rnn", "gru", "basic_lstm", "lstm_all", "layer_norm_lstm", "multi_flat", "residual", "nest", "stacked"]
STATIC_TOO = ["basic_rnn", "gru", "basic_lstm", "lstm_all", "layer_norm_lstm", "multi", "embedding"]


@only_tf1
@pytest.mark.parametrize(
    ("name", "how"),
    [(name, "dynamic") for name in FIRST]
    + [pytest.param(name, "dynamic", marks=pytest.mark.slow) for name in helpers.NETS_OF_TF1 if name not in FIRST]
    + [pytest.param(name, "static", marks=pytest.mark.slow) for name in STATIC_TOO],
)
def test_as_tensorflow(name, how, theirs, graph):
    """An equation, gradient, variable name, shape or order that differs from TF 1.15's own cell."""
    lengths = helpers.LENGTHS["with_zero"] if how == "dynamic" else None
    nets = {outer: helpers.build(name, library, how, lengths, outer) for outer, library in [("o", OURS), ("t", theirs)]}
    described = {
        outer: [(helpers.plain_name(v, outer), v.shape.as_list(), v.dtype.base_dtype) for v in net.variables]
        for outer, net in nets.items()
    }
    assert described["o"] == described["t"]
    grads = {outer: helpers.gradients_of(net) for outer, net in nets.items()}
    with helpers.session([]) as s:
        for outer, net in nets.items():
            helpers.set_variables(s, net.variables, outer)
        found = s.run({outer: (nets[outer].results, grads[outer]) for outer in nets})
    for kind, ours, tfs in zip(["result", "gradient"], found["o"], found["t"]):
        assert len(ours) == len(tfs)
        for i, (a, b) in enumerate(zip(ours, tfs)):
            helpers.assert_near(a, b, 1e-6, "%s %d" % (kind, i))


def their_signature(name, theirs):
    from tensorflow.python.ops import rnn, rnn_cell_wrapper_impl

    if name == "DropoutWrapper":
        return rnn_cell_wrapper_impl.DropoutWrapperBase.__init__
    if name == "ResidualWrapper":
        return rnn_cell_wrapper_impl.ResidualWrapperBase.__init__
    found = getattr(rnn, name, None) or getattr(theirs, name)
    return found.__init__ if inspect.isclass(found) else found


@only_tf1
@pytest.mark.parametrize(
    "name",
    [
        "RNNCell",
        "BasicRNNCell",
        "BasicLSTMCell",
        "LSTMCell",
        "GRUCell",
        "LayerNormBasicLSTMCell",
        "MultiRNNCell",
        "DropoutWrapper",
        "ResidualWrapper",
        "InputProjectionWrapper",
        "OutputProjectionWrapper",
        "EmbeddingWrapper",
        "static_rnn",
        "dynamic_rnn",
        "bidirectional_dynamic_rnn",
        "stack_bidirectional_dynamic_rnn",
    ],
)
def test_signature(name, theirs):
    """An argument renamed, moved, or with another default, which breaks old calls."""
    mine = getattr(rnn_tf1, name)
    mine = inspect.getfullargspec(inspect.unwrap(mine.__init__ if inspect.isclass(mine) else mine))
    other = inspect.getfullargspec(inspect.unwrap(their_signature(name, theirs)))
    assert mine.args[: len(other.args)] == other.args
    assert _defaults(mine, other.args) == _defaults(other, other.args)
    assert mine.args[len(other.args) :] in ([], ["_reuse"])  # which is among TF's **kwargs


def _defaults(spec, names):
    """{name: default} for those of `names` that have one."""
    count = len(spec.defaults or ())
    given = dict(zip(spec.args[len(spec.args) - count :], spec.defaults or ()))
    return {name: given[name] for name in names if name in given}


# ---------------------------------------------------------------------------------------------------- (b) beside NumPy


def short_names(variables, arrays, outer=""):
    """{"gates/kernel": array, ...}: without the scopes rnn/cell; the parts of a kernel joined."""
    named = {}
    for v, array in zip(variables, arrays):
        named[helpers.plain_name(v, outer).split("/", 2)[2]] = np.asarray(array, np.float64)
    return named


@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-12), ("float32", 1e-5)])
@pytest.mark.parametrize("name", sorted(reference.OF_CELL))
def test_as_papers(name, dtype, tolerance, graph):
    """Any equation that differs from the paper's: a gate swapped, a weight unused, a clip in the wrong place."""
    lengths = helpers.LENGTHS["with_zero"]
    net = helpers.build(name, OURS, "manual", lengths, dtype=tf.as_dtype(dtype))
    with helpers.session() as s:
        weights, x, states, (outputs, *finals) = s.run([net.variables, net.inputs, net.states, net.results])
    assert outputs.dtype == dtype
    step = reference.OF_CELL[name](short_names(net.variables, weights), DEPTH)
    states = [np.asarray(state, np.float64) for state in states]
    expected, expected_finals = reference.unroll(step, np.asarray(x, np.float64), states, lengths)
    helpers.assert_near(outputs, expected, tolerance, "outputs")
    assert len(finals) == len(expected_finals)
    for got, final in zip(finals, expected_finals):
        helpers.assert_near(got, final, tolerance, "final state")


def test_every_cell_has_a_reference():
    """A cell added to helpers.py and compared with nothing written from its paper."""
    assert set(helpers.CELLS) - set(reference.OF_CELL) == {"lstm_sharded"}  # lstm_proj, with its kernels in parts


def test_reference_clips():
    """Clipping tested with limits that nothing reaches."""
    x, state = helpers.make_sequence(), helpers.make_state((UNITS, PROJ))
    w = {
        "kernel": helpers.values("k", [DEPTH + PROJ, 4 * UNITS]),
        "bias": helpers.values("b", [4 * UNITS]),
        "projection/kernel": helpers.values("p", [UNITS, PROJ]),
    }
    free = reference.unroll(reference.lstm_cell(w, DEPTH), x, list(state))
    clipped = reference.unroll(reference.lstm_cell(w, DEPTH, cell_clip=0.9, proj_clip=0.7), x, list(state))
    assert np.abs(free[1][0]).max() > 0.9
    assert np.abs(free[0]).max() > 0.7
    assert np.abs(free[0] - clipped[0]).max() > 0.1


def test_float16(graph):
    """A constant or a variable that is float32 whatever the inputs are."""
    for name in reference.OF_CELL:
        with tf.variable_scope(name):
            cell = helpers.CELLS[name](OURS)
            x = tf.constant(helpers.make_sequence()[:, 0], tf.float16)
            output, state = cell(x, helpers.constants(helpers.make_state(cell.state_size), tf.float16))
            assert {t.dtype for t in tf.nest.flatten([output, state])} == {tf.float16}
            assert {v.dtype.base_dtype for v in cell.variables} == {tf.float16}


# --------------------------------------------------------------------------------------------- (c) numeric gradients


# test_golden has the others' gradients.
NUMERIC = ["basic_lstm", "lstm_all", "layer_norm_lstm", "nest"] + sorted(helpers.OURS_ALONE)


@pytest.mark.once
@pytest.mark.parametrize("name", helpers.by_default(list(helpers.CELLS) + ["multi", "nest"], NUMERIC))
def test_numeric_gradients(name, graph):
    """A gradient that is cut or scaled on its way through time: to the weights, the inputs or the first state."""
    net = helpers.build(name, OURS, "dynamic", helpers.LENGTHS["with_zero"], dtype=tf.float64)
    loss, step = helpers.loss_of(net.results), 1e-5
    sources = list(net.variables) + net.states + [net.inputs]
    grads = helpers.gradients_of(net)
    with helpers.session() as s:
        at, exact = s.run([sources, grads])

        def loss_at(i, value):
            if i >= len(net.variables):
                return s.run(loss, {sources[i]: value})
            helpers.set_values(s, {sources[i]: value})
            result = s.run(loss)
            helpers.set_values(s, {sources[i]: at[i]})
            return result

        for i, (value, gradient) in enumerate(zip(at, exact)):
            direction = helpers.values("direction %d" % i, value.shape)
            numeric = (loss_at(i, value + step * direction) - loss_at(i, value - step * direction)) / (2 * step)
            helpers.assert_near((gradient * direction).sum(), numeric, 1e-6, sources[i].name)
            assert abs(numeric) > 1e-4, sources[i].name


# ------------------------------------------------------------------------------------------------ (d) the worked example


def test_worked_example(graph):
    """The two steps that the issue works out by hand, whose weights have the state's rows first."""
    w_rnn, b_rnn = np.array([[0.1, 0.2], [0.3, 0.4], [0.5, 0.6]]), [0.1, -0.1]
    w_out, b_out = np.array([1.0, 2.0]), 0.1
    cell = rnn_tf1.BasicRNNCell(2)
    states, _ = rnn_tf1.manual_rnn(cell, tf.constant([[[1.0], [2.0]]]))
    with helpers.session() as s:
        helpers.set_values(s, dict(zip(cell.variables, [w_rnn[[2, 0, 1]], b_rnn])))
        found = s.run(states)[0]
    np.testing.assert_array_equal(found.round(3), np.float32([[0.537, 0.462], [0.860, 0.884]]))
    np.testing.assert_array_equal((found @ w_out + b_out).round(2), [1.56, 2.73])


def test_context_acts_within_the_step(graph):
    """P acting on the old context: with one step, A and R zero, the output must depend on this step's input."""
    cell = rnn_tf1.ContextRNNCell(UNITS, CONTEXT, alpha=0.5)
    x = tf.constant(helpers.make_sequence()[:, :1], tf.float64)
    outputs, _ = rnn_tf1.manual_rnn(cell, x)
    with helpers.session() as s:
        values = dict(zip("ABPR", s.run(cell.variables)))
        values.update({k: np.zeros_like(values[k]) for k in "AR"})
        helpers.set_values(s, dict(zip(cell.variables, [values[k] for k in "ABPR"])))
        h = s.run(outputs)[:, 0, :UNITS]
    helpers.assert_near(h, reference.sigmoid(0.5 * helpers.make_sequence()[:, 0] @ values["B"] @ values["P"]), 1e-12)


# -------------------------------------------------------------------------------------------------- (e) checkpoints


def test_checkpoint_of_tensorflow(graph):
    """A checkpoint written by TF 1.15's own cells that does not restore into ours, or gives other outputs."""
    with np.load(os.path.join(os.path.dirname(os.path.dirname(CHECKPOINT)), "nest.npz")) as golden:
        expected = golden["result_00"]
    net = helpers.build("nest", OURS, "dynamic", helpers.LENGTHS["with_zero"])
    with tf.Session() as s:
        tf.train.Saver().restore(s, CHECKPOINT)
        helpers.assert_near(s.run(net.results[0]), expected, 1e-5)


def test_checkpoint_of_ours(graph, tmp_path):
    """A checkpoint of ours with other names, shapes or values than TF 1.15 writes for the same net."""
    helpers.build("nest", OURS, "static")
    with helpers.session() as s:
        path = tf.train.Saver().save(s, str(tmp_path / "model.ckpt"))
    ours, tfs = tf.train.load_checkpoint(path), tf.train.load_checkpoint(CHECKPOINT)
    assert ours.get_variable_to_shape_map() == tfs.get_variable_to_shape_map()
    for name in tfs.get_variable_to_shape_map():
        np.testing.assert_array_equal(ours.get_tensor(name), tfs.get_tensor(name))


@only_tf1
@pytest.mark.parametrize("name", ["lstm_all", "lstm_sharded", "bidirectional"])
def test_checkpoints_both_ways(name, theirs, tmp_path):
    """Checkpoints that pass in one direction only, or lose the parts of a partitioned kernel."""
    results = {}
    for writer, reader in [(theirs, OURS), (OURS, theirs)]:
        for library in (writer, reader):
            with tf.Graph().as_default():
                net = helpers.build(name, library, "dynamic", helpers.LENGTHS["ragged"])
                with helpers.session() as s:
                    if library is writer:
                        helpers.set_values(s, {v: helpers.values(v.name + "!", v.shape) for v in net.variables})
                        path = tf.train.Saver().save(s, str(tmp_path / "model.ckpt"))
                    else:
                        tf.train.Saver().restore(s, path)
                    results[library is writer] = s.run(net.results[0])
        helpers.assert_near(results[False], results[True], 1e-6)


# ---------------------------------------------------------------------------------------- (f) variables, names, states


def inputs_and_state(cell, dtype=tf.float32):
    x = tf.constant(helpers.make_sequence()[:, 0], dtype)
    return x, helpers.constants(helpers.make_state(cell.state_size), dtype)


def two_cells(c):
    for _ in range(2):
        cell = c.BasicRNNCell(UNITS)
        cell(*inputs_and_state(cell))


def named_twice(c):
    for _ in range(2):
        cell = c.GRUCell(UNITS, name="memory")
        cell(*inputs_and_state(cell))


def given_scope(c):
    cell = c.BasicLSTMCell(UNITS)
    cell(*inputs_and_state(cell), scope="mine")
    cell(*inputs_and_state(cell))


def called_again_elsewhere(c):
    cell = c.BasicRNNCell(UNITS)
    for scope in ("first", "second"):
        with tf.variable_scope(scope):
            cell(*inputs_and_state(cell))


def shared_by_reuse(c):
    with tf.variable_scope("net"):
        for reuse in (None, True):
            cell = c.BasicRNNCell(UNITS, name="cell", reuse=reuse)
            cell(*inputs_and_state(cell), scope="cell")


def shared_by_scope(c):
    for reuse in (False, True):
        with tf.variable_scope("net", reuse=reuse):
            cell = c.MultiRNNCell([c.GRUCell(UNITS), c.BasicRNNCell(UNITS)])
            c.unroll("static", cell, tf.constant(helpers.make_sequence(), tf.float32), None, None, tf.float32)


NAMES = {
    two_cells: ["basic_rnn_cell/kernel", "basic_rnn_cell/bias", "basic_rnn_cell_1/kernel", "basic_rnn_cell_1/bias"],
    named_twice: [
        "%s/%s" % (scope, v)
        for scope in ("memory", "memory_1")
        for v in ("gates/kernel", "gates/bias", "candidate/kernel", "candidate/bias")
    ],
    given_scope: ["mine/kernel", "mine/bias"],
    called_again_elsewhere: ["first/basic_rnn_cell/kernel", "first/basic_rnn_cell/bias"],
    shared_by_reuse: ["net/cell/kernel", "net/cell/bias"],
    shared_by_scope: [
        "net/rnn/multi_rnn_cell/cell_%d/%s" % (i, v)
        for i, cell in enumerate([["gru_cell/gates", "gru_cell/candidate"], ["basic_rnn_cell"]])
        for part in cell
        for v in (part + "/kernel", part + "/bias")
    ],
}


@pytest.mark.parametrize("scenario", list(NAMES), ids=lambda f: f.__name__)
def test_names(scenario, graph):
    """Names that are uniquified, shared or scoped in another way than TF does, so that old checkpoints do not fit."""
    scenario(OURS)
    assert [helpers.plain_name(v) for v in tf.global_variables()] == NAMES[scenario]


@only_tf1
@pytest.mark.parametrize("scenario", list(NAMES), ids=lambda f: f.__name__)
def test_names_of_tensorflow(scenario, theirs, graph):
    """Expected names, in the test above, that TensorFlow itself does not give."""
    scenario(theirs)
    assert [helpers.plain_name(v) for v in tf.global_variables()] == NAMES[scenario]


# What each variable holds at first, where the scope's initializer is the constant 0.25.
FIRST_VALUES = {
    "basic_rnn": {"kernel": 0.25, "bias": 0.0},
    "gru": {"gates/kernel": 0.25, "gates/bias": 1.0, "candidate/kernel": 0.25, "candidate/bias": 0.0},
    "gru_options": {"gates/kernel": 0.3, "gates/bias": -0.2, "candidate/kernel": 0.3, "candidate/bias": -0.2},
    "basic_lstm": {"kernel": 0.25, "bias": 0.0},
    "lstm_peepholes": {"kernel": 0.25, "bias": 0.0, "w_f_diag": 0.25, "w_i_diag": 0.25, "w_o_diag": 0.25},
    "lstm_all": {
        "kernel": 0.1,
        "bias": 0.0,
        "w_f_diag": 0.1,
        "w_i_diag": 0.1,
        "w_o_diag": 0.1,
        "projection/kernel": 0.1,
    },
    "layer_norm_lstm": dict(
        [("kernel", 0.25)]
        + [
            (place + end, value)
            for place in ("input", "transform", "forget", "output", "state")
            for end, value in [("/gamma", 1.0), ("/beta", 0.0)]
        ]
    ),
    "layer_norm_lstm_without": {"kernel": 0.25, "bias": 0.25},
    "layer_norm_rnn": {"kernel": 0.25, "gamma": 1.0, "beta": 0.0},
    "context": {"A": 0.25, "B": 0.25, "P": 0.25, "R": 0.25},
    "output_projection": {"kernel": 0.25, "bias": 0.0, "lstm_cell/kernel": 0.25, "lstm_cell/bias": 0.0},
    "embedding": {"embedding": 0.25, "basic_lstm_cell/kernel": 0.25, "basic_lstm_cell/bias": 0.0},
}


@pytest.mark.parametrize("library", ["ours", pytest.param("theirs", marks=only_tf1)])
def test_first_values(library, graph, request):
    """An initializer that is ignored, given to the wrong variable, or another default than TF's."""
    library = OURS if library == "ours" else request.getfixturevalue("theirs")
    found, nets = {}, [name for name in FIRST_VALUES if library is OURS or name not in helpers.OURS_ALONE]
    for name in nets:
        with tf.variable_scope(name, initializer=tf.constant_initializer(0.25)):
            found[name] = helpers.build(name, library, "static").variables
    with tf.Session() as s:
        s.run(tf.global_variables_initializer())
        found = {name: short_names(vs, s.run(vs), outer=name) for name, vs in found.items()}
    for name in nets:
        assert set(found[name]) == set(FIRST_VALUES[name])
        for variable, value in FIRST_VALUES[name].items():
            np.testing.assert_array_equal(found[name][variable], np.full_like(found[name][variable], np.float32(value)))


def test_norm_gain_and_shift(graph):
    """norm_gain and norm_shift swapped or ignored."""
    cell = rnn_tf1.LayerNormBasicLSTMCell(UNITS, norm_gain=0.5, norm_shift=-0.25)
    cell(*inputs_and_state(cell))
    with tf.Session() as s:
        s.run(tf.global_variables_initializer())
        for v, value in zip(cell.variables, s.run(cell.variables)):
            if "kernel" not in v.name:
                assert set(value.tolist()) == {0.5 if "gamma" in v.name else -0.25}


def test_embedding_default_initializer(graph):
    """An embedding that does not start uniform with variance 1, TF's default for it."""
    cell = rnn_tf1.EmbeddingWrapper(rnn_tf1.BasicRNNCell(UNITS), 1000, 20)
    cell(tf.constant([1, 2]), tf.zeros([2, UNITS]))
    with tf.Session() as s:
        s.run(tf.global_variables_initializer())
        value = s.run(cell.variables[0])
    assert abs(value.var() - 1.0) < 0.05
    assert 1.7 < np.abs(value).max() <= 3**0.5


@pytest.mark.parametrize("name", helpers.EVERY_CELL)
def test_variables_of_the_cell(name, graph):
    """cell.variables that lacks some, lists some twice, or grows at every call."""
    net = helpers.build(name, OURS, "dynamic")
    net.cells(net.inputs[:, 0], helpers.constants(helpers.make_state(net.cells.state_size)))
    assert len(tf.global_variables()) == len(net.variables)
    for listed in (net.cells.variables, net.cells.trainable_variables, net.cells.weights, net.cells.trainable_weights):
        assert sorted(v.name for v in listed) == sorted(v.name for v in net.variables)
    assert set(tf.trainable_variables()) == set(net.variables)


def test_not_trainable(graph):
    """trainable=False that is forgotten."""
    for cell in (rnn_tf1.BasicRNNCell(UNITS, trainable=False), rnn_tf1.LSTMCell(UNITS, trainable=False)):
        cell(*inputs_and_state(cell))
        assert len(cell.variables) == 2
        assert cell.trainable_variables == []
    assert tf.trainable_variables() == []


def test_reuse_without_variables(graph):
    """reuse=True that makes variables after all."""
    for make in (rnn_tf1.BasicRNNCell, rnn_tf1.LSTMCell, rnn_tf1.LayerNormBasicLSTMCell):
        cell = make(UNITS, reuse=True)
        with pytest.raises(ValueError, match="does not exist"):
            cell(*inputs_and_state(cell))


def test_dtype_argument(graph):
    """dtype= that is ignored."""
    cell = rnn_tf1.GRUCell(UNITS, dtype=tf.float64)
    assert cell.dtype == tf.float64
    cell(*inputs_and_state(cell, tf.float64))
    assert {v.dtype.base_dtype for v in cell.variables} == {tf.float64}


@pytest.mark.parametrize("name", list(helpers.EVERY_CELL))
def test_zero_state(name, graph):
    """A zero state of another structure, width or dtype, or one that is not zero; with an int and a tensor batch."""
    cell = helpers.EVERY_CELL[name](OURS)
    unknown = tf.placeholder(tf.int32, [])
    states = [cell.zero_state(BATCH, tf.float64), cell.zero_state(unknown, tf.float64)]
    with tf.Session() as s:
        for given, got in zip([BATCH, None], states):
            tf.nest.assert_same_structure(got, cell.state_size)
            for size, tensor in zip(tf.nest.flatten(cell.state_size), tf.nest.flatten(got)):
                assert tensor.shape.as_list() == [given, size]
                assert tensor.dtype == tf.float64
                np.testing.assert_array_equal(s.run(tensor, {unknown: BATCH}), np.zeros([BATCH, size]))


def test_get_initial_state(graph):
    """get_initial_state that ignores the inputs' batch size or dtype."""
    cell = rnn_tf1.LSTMCell(UNITS, num_proj=PROJ)
    state = cell.get_initial_state(tf.zeros([BATCH, DEPTH], tf.float64))
    assert [t.shape.as_list() for t in state] == [[BATCH, UNITS], [BATCH, PROJ]]
    assert state.dtype == tf.float64
    assert cell.get_initial_state(batch_size=2, dtype=tf.float32).c.shape.as_list() == [2, UNITS]
    unknown = tf.placeholder(tf.float32, [None, DEPTH])
    state = cell.get_initial_state(unknown)
    with tf.Session() as s:
        assert s.run(state, {unknown: np.zeros([3, DEPTH])}).h.shape == (3, PROJ)
    with pytest.raises(rnn_tf1.GraphError, match="batch_size and dtype"):
        cell.get_initial_state()


def test_initial_state_of_a_contradiction(graph):
    """A batch size or a dtype that is not that of the inputs, and is ignored. TensorFlow refuses them too."""
    cell, inputs = rnn_tf1.GRUCell(UNITS), tf.zeros([BATCH, DEPTH])
    for given in (BATCH + 1, tf.constant(BATCH + 1)):
        with pytest.raises(
            rnn_tf1.GraphError, match="batch_size is %d but that of the inputs is %d" % (BATCH + 1, BATCH)
        ):
            cell.get_initial_state(inputs, batch_size=given)
    with pytest.raises(rnn_tf1.GraphError, match="dtype is tf.float64 but that of the inputs is tf.float32"):
        cell.get_initial_state(inputs, dtype=tf.float64)
    unknown = tf.placeholder(tf.int32, [])
    for batch_size, dtype in ((BATCH, tf.float32), (tf.constant(BATCH), "float32"), (unknown, None)):
        assert cell.get_initial_state(inputs, batch_size, dtype).shape.as_list() == [BATCH, UNITS]
    cell.get_initial_state(tf.placeholder(tf.float32, [None, DEPTH]), batch_size=BATCH)


def built_by_hand(c):
    """A cell whose variables are asked for before its first call: their scope is that of `build`, and it has one set."""
    cell = c.LSTMCell(UNITS, use_peepholes=True, num_proj=PROJ)
    with tf.variable_scope("outer"):
        cell.build(tf.TensorShape([None, DEPTH]))
    made = [v.name for v in cell.variables]
    c.unroll("dynamic", cell, tf.constant(helpers.make_sequence(), tf.float32), None, None, tf.float32)
    assert [v.name for v in cell.variables] == made
    return cell


BUILT = ["outer/lstm_cell/" + n for n in ("kernel", "bias", "w_f_diag", "w_i_diag", "w_o_diag", "projection/kernel")]


@pytest.mark.parametrize("library", ["ours", pytest.param("theirs", marks=only_tf1)])
def test_build_by_hand(library, graph, request):
    """Variables in another scope than TensorFlow's, or a second set at the first call."""
    cell = built_by_hand(OURS if library == "ours" else request.getfixturevalue("theirs"))
    assert [helpers.plain_name(v) for v in tf.global_variables()] == BUILT
    n, m = UNITS, PROJ
    assert cell.count_params() == (DEPTH + m) * 4 * n + 4 * n + 3 * n + n * m


def test_build_by_hand_and_calls(graph):
    """A cell that computes something else when it was built by hand; a depth that is another at the first call."""
    x = tf.constant(helpers.make_sequence(), tf.float32)
    ones = tf.ones_initializer()
    with tf.variable_scope("net", initializer=ones):
        cell = rnn_tf1.GRUCell(UNITS, bias_initializer=ones)
        cell.build([None, DEPTH])
        built, _ = rnn_tf1.dynamic_rnn(cell, x)
        plain, _ = rnn_tf1.dynamic_rnn(rnn_tf1.GRUCell(UNITS, bias_initializer=ones), x)
    with tf.Session() as s:
        s.run(tf.global_variables_initializer())
        np.testing.assert_array_equal(*s.run([built, plain]))
    cell = rnn_tf1.BasicRNNCell(UNITS, name="narrow")
    cell.build([None, DEPTH + 1])
    with pytest.raises(ValueError, match="narrow/kernel"):
        rnn_tf1.dynamic_rnn(cell, x)
    with pytest.raises(rnn_tf1.GraphError, match=r"the inputs have shape \[3\]"):
        rnn_tf1.BasicRNNCell(UNITS).build([3])


class Weights(rnn_tf1.RNNCell):
    """Makes its variables as old cells do."""

    state_size = output_size = UNITS

    def build(self, inputs_shape):
        self.kernel = self.add_weight("kernel", [DEPTH, UNITS], tf.float64, tf.zeros_initializer(), tf.nn.l2_loss)
        self.bias = self.add_variable("bias", shape=[UNITS], initializer=tf.ones_initializer(), trainable=False)
        self.sharded = self.add_weight("parts", [4, 2], partitioner=tf.fixed_size_partitioner(2))
        self.built = True

    def call(self, inputs, state):
        return state, state


@pytest.mark.parametrize("trainable", [True, False])
def test_add_weight(trainable, graph):
    """Arguments in another order than TensorFlow's, or ignored; what is not trained among what is."""
    cell = Weights(trainable=trainable)
    with pytest.raises(
        rnn_tf1.GraphError, match=r"count_params: there are no variables yet.*cell.build\(\[None, depth\]\)"
    ):
        cell.count_params()
    cell(tf.zeros([BATCH, DEPTH]), tf.zeros([BATCH, UNITS]))
    names = [v.op.name for v in cell.variables]
    assert names == ["weights/" + n for n in ("kernel", "bias", "parts/part_0", "parts/part_1")]
    assert [v.dtype.base_dtype for v in cell.variables] == [tf.float64] + [tf.float32] * 3
    fixed = [v.op.name for v in cell.non_trainable_variables]
    assert fixed == (["weights/bias"] if trainable else names)
    assert cell.non_trainable_weights == cell.non_trainable_variables
    assert [v.op.name for v in cell.trainable_variables] == [n for n in names if n not in fixed]
    assert len(tf.get_collection(tf.GraphKeys.REGULARIZATION_LOSSES)) == 1
    assert cell.count_params() == DEPTH * UNITS + UNITS + 8
    with tf.Session() as s:
        s.run(tf.global_variables_initializer())
        assert not s.run(cell.kernel).any() and (s.run(cell.bias) == 1).all()


FLAT_PAIRS = {
    "basic_lstm": lambda flat: rnn_tf1.BasicLSTMCell(UNITS, state_is_tuple=not flat),
    "lstm": lambda flat: rnn_tf1.LSTMCell(UNITS, use_peepholes=True, num_proj=PROJ, state_is_tuple=not flat),
    "context": lambda flat: rnn_tf1.ContextRNNCell(UNITS, CONTEXT, state_is_tuple=not flat),
    "multi": lambda flat: rnn_tf1.MultiRNNCell(
        [rnn_tf1.GRUCell(UNITS), rnn_tf1.BasicRNNCell(PROJ)], state_is_tuple=not flat
    ),
}


@pytest.mark.parametrize("name", list(FLAT_PAIRS))
def test_state_forms_are_equal(name, graph):
    """The parts of a one-tensor state in another order than those of the tuple."""
    x = tf.constant(helpers.make_sequence(), tf.float32)
    results = []
    for flat in (False, True):
        with tf.variable_scope("net", reuse=flat):
            cell = FLAT_PAIRS[name](flat)
            if not flat:
                state = helpers.constants(helpers.make_state(cell.state_size))
            parts = tf.nest.flatten(state)
            outputs, final = rnn_tf1.static_rnn(cell, x, tf.concat(parts, 1) if flat else state)
            assert cell.state_size == (sum(t.shape.as_list()[1] for t in parts) if flat else cell.state_size)
            results.append([outputs, tf.concat(tf.nest.flatten(final), 1)])
    for a, b in zip(*helpers.run(results)):
        np.testing.assert_array_equal(a, b)


def test_state_tuples():
    """LSTMStateTuple with its fields in another order than TF's, or a dtype that hides a mixture."""
    assert rnn_tf1.LSTMStateTuple._fields == ("c", "h")
    assert rnn_tf1.ContextStateTuple._fields == ("h", "s")
    with tf.Graph().as_default():
        mixed = rnn_tf1.LSTMStateTuple(tf.zeros([1]), tf.zeros([1], tf.float64))
        with pytest.raises(rnn_tf1.GraphError, match="float64"):
            mixed.dtype  # noqa: B018


def test_activation_by_name(graph):
    """activation="relu", as old code writes it, that is refused or taken for tanh."""
    x = tf.constant(helpers.make_sequence()[:, 0], tf.float32)
    outputs = []
    for activation in ("relu", tf.nn.relu, "linear", tf.identity):
        cell = rnn_tf1.BasicRNNCell(UNITS, activation=activation, name="cell", reuse=tf.AUTO_REUSE)
        outputs.append(cell(x, tf.ones([BATCH, UNITS]), scope="cell")[0])
    relu, relu_f, linear, linear_f = helpers.run(outputs)
    np.testing.assert_array_equal(relu, relu_f)
    np.testing.assert_array_equal(linear, linear_f)
    np.testing.assert_array_equal(relu, np.maximum(linear, 0))
    assert linear.min() < 0


def test_unknown_batch_and_time(graph):
    """A static batch size or time baked into the graph."""
    x = tf.placeholder(tf.float32, [None, None, DEPTH])
    cell = rnn_tf1.MultiRNNCell([rnn_tf1.LSTMCell(UNITS, num_proj=PROJ), rnn_tf1.LayerNormRNNCell(WIDE)])
    outputs, _ = rnn_tf1.dynamic_rnn(cell, x)
    assert outputs.shape.as_list() == [None, None, WIDE]
    with helpers.session() as s:
        whole = s.run(outputs, {x: helpers.make_sequence()})
        part = s.run(outputs, {x: helpers.make_sequence()[1:3, : TIME - 1]})
    helpers.assert_near(part, whole[1:3, : TIME - 1], 1e-6)
