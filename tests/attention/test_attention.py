"""Attention beside TensorFlow 1.15's own, beside files that it wrote, and beside NumPy; masks, beams, mistakes."""

import inspect
import os

import attention_nets as nets
import helpers
import numpy as np
import pytest
import reference
import tensorflow.compat.v1 as tf
from attention_nets import TIMES, UNROLLS, Theirs
from helpers import BATCH, CONTEXT, DEPTH, LENGTHS, PROJ, TIME, UNITS, WIDE, assert_near, constants, values
from places import GOLDEN

import rnn_tf1
from rnn_tf1 import AttentionWrapper, AttentionWrapperState, BahdanauAttention, GraphError, LuongAttention, tile_batch
from rnn_tf1.layers import dense

OURS = helpers.Ours()
only_tf1 = pytest.mark.skipif(not helpers.IS_TF1, reason="TensorFlow has attention of its own on 1.15 alone")
FOLDER = os.path.join(GOLDEN, "attention")
WITH_EMPTY = ([9, 3, 0, 2, 4, 5], [2, 10, 7, 0, 9, 3])


@pytest.fixture(scope="module")
def theirs():
    return Theirs()


def memory_tensor(i=0, dtype=tf.float32):
    return tf.constant(nets.make_memories()[i], dtype)


def names(net, outer=""):
    return [helpers.plain_name(v, outer) for v in net.variables]


# --------------------------------------------------------------------------------------------------- beside TensorFlow


@only_tf1
@pytest.mark.parametrize("name", nets.NETS)
def test_same_as_contrib(name, theirs):
    """A slip in an equation, a gradient, a state, a variable's name, shape or place in the order."""
    found = []
    for library in (OURS, theirs):
        with tf.Graph().as_default():
            net = nets.build(name, library, "dynamic", LENGTHS["with_zero"], dtype=tf.float64)
            shapes = [v.shape.as_list() for v in net.variables]
            sizes = tf.nest.map_structure(str, (net.cell.state_size, net.cell.output_size))
            own = [v.name for v in net.cell.variables]
            found.append((names(net), shapes, str(sizes), own, helpers.run([net.results, nets.gradients_of(net)])))
    assert found[0][:4] == found[1][:4]
    for kind, got, expected in zip(("result", "gradient"), found[0][4], found[1][4]):
        assert len(got) == len(expected)
        for i, (a, b) in enumerate(zip(got, expected)):
            assert_near(a, b, 1e-12, "%s %d" % (kind, i))


@only_tf1
def test_same_as_contrib_laid_out(theirs):
    """A time that does not count, or final states that are those of another step, in an unrolling that is laid out."""
    found = []
    for library in (OURS, theirs):
        with tf.Graph().as_default():
            net = nets.build("luong_scaled", library, "static", None, dtype=tf.float64)
            found.append(helpers.run(net.results + [net.time]))
    assert found[0][-1] == TIME
    for a, b in zip(*found):
        assert_near(a, b, 1e-12)


@only_tf1
@pytest.mark.parametrize(
    "name", ["AttentionWrapper", "AttentionWrapperState", "BahdanauAttention", "LuongAttention", "tile_batch"]
)
def test_signature(name, theirs):
    """An argument or a field renamed, moved, or with another default, which breaks old calls."""
    mine, other = getattr(rnn_tf1, name), getattr(theirs, name)
    if name == "AttentionWrapperState":
        assert mine._fields == other._fields
        return
    mine, other = (inspect.getfullargspec(f.__init__ if inspect.isclass(f) else f) for f in (mine, other))
    assert mine.args == other.args
    assert mine.defaults == other.defaults


def test_first_values(graph):
    """Other values for new variables than TensorFlow's: of the normalisation, or of the kernels under a scope's initializer."""
    with tf.variable_scope("net", initializer=tf.constant_initializer(0.3)):
        net = nets.build("two", OURS, "dynamic", None)
    expected = {"attention_b": 0.0, "luong_attention/attention_g": 1.0, "bahdanau_attention/attention_g": WIDE**-0.5}
    expected.update({"kernel": 0.3, "attention_v": 0.3})
    with tf.Session() as s:
        s.run(tf.global_variables_initializer())
        for variable, value in zip(net.variables, s.run(net.variables)):
            (should_be,) = [v for end, v in expected.items() if variable.op.name.endswith(end)] or [None]
            if should_be is not None:
                np.testing.assert_allclose(value, should_be, rtol=1e-6)


# ------------------------------------------------------------------------------------------- beside files and beside NumPy


def load(name):
    with np.load(os.path.join(FOLDER, name + ".npz"), allow_pickle=False) as arrays:
        return {key: arrays[key] for key in arrays.files}


@pytest.mark.parametrize("name", ["two"] if helpers.IS_TF1 else nets.RECORDED)  # 1.15 has the original for the others
def test_golden(name, graph):
    """Any slip in an equation, a gradient, a name or a shape, on the TensorFlow that has no attention of its own."""
    golden = load(name)
    net = nets.build(name, OURS, "dynamic", golden["lengths"].tolist())
    assert names(net) == golden["names"].tolist()
    results, gradients = helpers.run([net.results, nets.gradients_of(net)])
    assert np.abs(golden["result_00"]).max() > 0.1
    for kind, got in [("result", results), ("gradient", gradients)]:
        expected = [golden[key] for key in sorted(golden) if key.startswith(kind + "_")]
        assert len(got) == len(expected)
        for i, (a, b) in enumerate(zip(got, expected)):
            assert_near(a, b, 1e-5, "%s %d" % (kind, i))


def test_checkpoint_of_contrib(graph):
    """A variable that an old checkpoint has under another name or with another shape."""
    net = nets.build(nets.CHECKPOINT_NET, OURS, "dynamic", LENGTHS["with_zero"])
    with tf.Session() as s:
        tf.train.Saver().restore(s, os.path.join(FOLDER, "checkpoint", "model.ckpt"))
        assert_near(s.run(net.results[0]), load(nets.CHECKPOINT_NET)["result_00"], 1e-5)


def additive(w):
    kernels = w["bahdanau_attention/query_layer/kernel"], w["memory_layer/kernel"]
    normed = w.get("bahdanau_attention/attention_g"), w.get("bahdanau_attention/attention_b", 0.0)
    return lambda q, m: reference.additive_scores(q, m, *kernels, w["bahdanau_attention/attention_v"], *normed)


def general(w, kernel):
    return lambda q, m: reference.general_scores(q, m, w[kernel], w["luong_attention/attention_g"])


# name: the cell inside, and a function of (variables by short name, memories of one row) that gives `reference.attending`
# where to look.
LOOKS = {
    "bahdanau": (reference.gru_cell, lambda w, m: [(m[0], additive(w), None)]),
    "bahdanau_normed": (reference.lstm_cell, lambda w, m: [(m[0], additive(w), w["attention_layer/kernel"])]),
    "luong_scaled": (
        reference.gru_cell,
        lambda w, m: [(m[0], general(w, "memory_layer/kernel"), w["attention_layer/kernel"])],
    ),
    "two": (
        reference.gru_cell,
        lambda w, m: [
            (m[0], additive(w), w["attention_layer/kernel"]),
            (m[1], general(w, "memory_layer_1/kernel"), w["attention_layer_1/kernel"]),
        ],
    ),
}


def by_numpy(name, w, lengths, cell_state, attention):
    """(the attentions of all steps, [the last alignments on each memory]), row by row; a row's memory ends at its length."""
    make_cell, looks_of = LOOKS[name]
    inside = {key.split("_cell/")[1]: value for key, value in w.items() if "_cell/" in key}
    step = make_cell(inside, DEPTH + attention.shape[1])
    attentions, alignments = [], []
    for b, x in enumerate(helpers.make_sequence(BATCH, TIME, DEPTH)):
        looks = looks_of(w, [memory[b][: several[b]] for memory, several in zip(nets.make_memories(), lengths)])
        state = [attention[b : b + 1]] + [None] * len(looks) + [part[b : b + 1] for part in cell_state]
        row_attentions = []
        for x_t in x:
            output, state = reference.attending(step, looks)(x_t[None], state)
            row_attentions.append(output[0])
        attentions.append(row_attentions)
        alignments.append(
            [np.pad(a[0], [0, n - a.shape[1]], "constant") for a, n in zip(state[1:], TIMES[: len(looks)])]
        )
    return np.array(attentions), [np.stack(several) for several in zip(*alignments)]


@pytest.mark.parametrize("name", LOOKS)
def test_beside_numpy(name, graph, monkeypatch):
    """An equation that is not the paper's; a mask off by one, of another row, or that gives an empty row NaN."""
    lengths = ([TIMES[0]] * BATCH,) * 2 if name == "bahdanau" else WITH_EMPTY
    monkeypatch.setattr(nets, "MEMORY_LENGTHS", lengths)
    net = nets.build(name, OURS, "manual", None, dtype=tf.float64)
    assert net.cell.state_size._fields[:2] == ("cell_state", "attention")  # the order of net.states and net.results
    parts = len(tf.nest.flatten(net.cell.state_size.cell_state))
    with helpers.session() as s:
        variables, states, (outputs, *final) = s.run([net.variables, net.states, net.results])
    short = [v.split("attention_wrapper/")[-1].split("decoder/")[-1] for v in names(net)]
    attentions, alignments = by_numpy(name, dict(zip(short, variables)), lengths, states[:parts], states[parts])
    if name != "bahdanau_normed":  # whose outputs are the cell's
        assert_near(outputs, attentions, 1e-12)
    assert_near(final[parts], attentions[:, -1], 1e-12)
    for got, expected in zip(final[parts + 1 :], alignments):
        assert_near(got, expected, 1e-12)
        assert (np.abs(expected.sum(axis=1) - 1) < 1e-9).sum() >= BATCH - 1


# ------------------------------------------------------------------------------------------------ the ways of unrolling


@pytest.mark.parametrize(("name", "lengths"), [("luong_scaled", LENGTHS["with_zero"]), ("layered", None)])
def test_unrollings_agree(name, lengths, graph):
    """A state with a counter and a history that one of the unrollings loses, or copies where a row has ended."""
    with_gradients = ("manual", "dynamic") if name == "luong_scaled" else ()  # static_rnn's take the longest to build
    built = {how: nets.build(name, OURS, how, lengths, outer=how, dtype=tf.float64) for how in UNROLLS}
    fetches = [
        (net.results, nets.gradients_of(net) if how in with_gradients else [], net.time) for how, net in built.items()
    ]
    with helpers.session([]) as s:
        for how, net in built.items():
            helpers.set_variables(s, net.variables, outer=how)
        manual, *others = s.run(fetches)
    assert manual[2] == TIME
    for other, how in zip(others, UNROLLS[1:]):
        for kind, got, expected in zip(("result", "gradient"), other[:2], manual[:2]):
            assert len(got) == (0 if kind == "gradient" and how not in with_gradients else len(expected))
            for i, (a, b) in enumerate(zip(got, expected)):
                assert_near(a, b, 1e-12, "%s, %s %d" % (how, kind, i))
        assert other[2] == TIME


def test_in_pieces(graph):
    """A state that does not carry everything: two calls one after the other must end where one call ends."""
    x = tf.constant(helpers.make_sequence(BATCH, TIME, DEPTH), tf.float64)
    cell = nets.two(OURS, constants(nets.make_memories(), tf.float64), tf.float64)
    state, _ = nets.random_state(cell, BATCH, tf.float64)
    outputs, final = rnn_tf1.dynamic_rnn(cell, x, initial_state=state)
    with tf.variable_scope(tf.get_variable_scope(), reuse=True):
        count = len(tf.global_variables())
        state, _ = nets.random_state(cell, BATCH, tf.float64)  # with a history of its own
        first, middle = rnn_tf1.dynamic_rnn(cell, x[:, :1], initial_state=state)
        second, last = rnn_tf1.dynamic_rnn(cell, x[:, 1:], initial_state=middle)
    assert len(tf.global_variables()) == count
    history, histories = [[a.stack() for a in f.alignment_history] for f in (final, last)]
    whole, pieces, time = helpers.run(
        [
            [outputs] + history + [final.attention],
            [tf.concat([first, second], 1)] + histories + [last.attention],
            last.time,
        ]
    )
    assert time == TIME
    for a, b in zip(whole, pieces):
        assert_near(b, a, 1e-12)
    assert whole[1].shape == (TIME, BATCH, TIMES[0])


def unrolled(memory, lengths, x, rows, mechanism=BahdanauAttention, **options):
    """(outputs, final state) of a GRU that attends with `rows` rows; `memory` may be of unknown batch and time."""
    width = {BahdanauAttention: WIDE, LuongAttention: UNITS}[mechanism]
    cell = AttentionWrapper(rnn_tf1.GRUCell(UNITS), mechanism(width, memory, lengths), PROJ, **options)
    state = cell.zero_state(rows, x.dtype)
    return rnn_tf1.dynamic_rnn(cell, x, initial_state=state)


@pytest.mark.parametrize("mechanism", [BahdanauAttention, LuongAttention])
def test_unknown_sizes(mechanism, graph):
    """A batch or a memory whose sizes are known when the graph runs, and differ from one session call to the next."""
    dtype = tf.float64
    memory = tf.placeholder(dtype, [None, None, CONTEXT])
    lengths = tf.placeholder(tf.int64, [None])
    x = tf.placeholder(dtype, [None, None, DEPTH])
    with tf.variable_scope("net", reuse=tf.AUTO_REUSE):
        outputs, state = unrolled(memory, lengths, x, tf.shape(x)[0], mechanism, alignment_history=True)
        history = state.alignment_history.stack()
    array = nets.make_memories()[0]
    for rows in (BATCH, 2):
        feeds = array[:rows], [3, 9, 1, 2, 4, 5][:rows], helpers.make_sequence(BATCH, TIME, DEPTH)[:rows]
        with tf.variable_scope("net", reuse=tf.AUTO_REUSE):
            known, known_state = unrolled(
                tf.constant(feeds[0]), feeds[1], tf.constant(feeds[2], dtype), rows, mechanism, alignment_history=True
            )
        fetches = [
            outputs,
            history,
            state.alignments,
            known,
            known_state.alignment_history.stack(),
            known_state.alignments,
        ]
        found = helpers.run(fetches, dict(zip((memory, lengths, x), feeds)))
        for a, b in zip(found[:3], found[3:]):
            assert_near(a, b, 1e-12)
    assert known.shape.as_list() == [2, TIME, PROJ]
    assert outputs.shape.as_list() == [None, None, PROJ]


# ---------------------------------------------------------------------------------------------------------------- masks


@pytest.mark.parametrize("mechanism", [BahdanauAttention, LuongAttention])
@pytest.mark.parametrize("known", [True, False], ids=["known", "fed"])
def test_what_lies_beyond_a_length_is_never_read(mechanism, known, graph):
    """NaN, infinity or another sentence's words beyond a length that reach an output or a gradient; NaN from empty rows."""
    lengths = WITH_EMPTY[0]
    fed = tf.constant(lengths) if known else tf.placeholder_with_default(np.array(lengths, np.int32), [None])
    memory = tf.placeholder(tf.float64, [BATCH, TIMES[0], CONTEXT])
    x = tf.constant(helpers.make_sequence(BATCH, TIME, DEPTH), tf.float64)
    outputs, state = unrolled(memory, fed, x, BATCH, mechanism)
    results = [outputs, state.attention, state.alignments, state.cell_state]
    fetches = results + tf.gradients(helpers.loss_of(results), tf.trainable_variables() + [memory])
    clean = nets.make_memories()[0]
    beyond = np.arange(TIMES[0])[None, :] >= np.array(lengths)[:, None]
    found = []
    with helpers.session() as s:
        for poison in (0.0, 1e30, np.nan, np.inf):
            array = clean.copy()
            array[beyond] = poison
            found.append(s.run(fetches, {memory: array}))
    for other in found:
        for a, b in zip(other, found[0]):
            assert np.isfinite(a).all()
            np.testing.assert_array_equal(a, b)
    alignments, gradient = found[0][2], found[0][-1]
    assert (alignments[beyond] == 0).all()
    assert_near(alignments.sum(axis=1), [1, 1, 0, 1, 1, 1], 1e-12)
    assert (gradient[beyond] == 0).all()
    assert (gradient[~beyond] != 0).all()


def test_score_mask_value(graph):
    """A score beyond a length that is another than the one asked for, or that depends on what lies there."""
    memory = memory_tensor()
    mechanism = BahdanauAttention(WIDE, memory, WITH_EMPTY[0], probability_fn=tf.sigmoid, score_mask_value=-0.7)
    alignments, _ = mechanism(tf.constant(values("query", [BATCH, UNITS]), tf.float32), None)
    beyond = np.arange(TIMES[0])[None, :] >= np.array(WITH_EMPTY[0])[:, None]
    beyond[2] = False  # the empty row
    alignments = helpers.run(alignments)
    np.testing.assert_allclose(alignments[beyond], 1 / (1 + np.exp(0.7)), rtol=1e-6)
    assert np.abs(alignments[~beyond] - 1 / (1 + np.exp(0.7))).min() > 1e-4
    assert (alignments[2] == 0).all()


def test_context_of_an_empty_row_is_zero(graph):
    """An empty row that reads something: of another row, or the mean of its padding."""
    memory = memory_tensor()
    cell = AttentionWrapper(rnn_tf1.GRUCell(UNITS), BahdanauAttention(WIDE, memory, WITH_EMPTY[0]))
    state, _ = nets.random_state(cell, BATCH, tf.float32)
    outputs, new_state = cell(tf.ones([BATCH, DEPTH]), state)
    outputs, alignments = helpers.run([outputs, new_state.alignments])
    assert (outputs[2] == 0).all() and (alignments[2] == 0).all()
    assert all((outputs[row] != 0).all() for row in (0, 1, 3, 4, 5))


# ---------------------------------------------------------------------------------------------------------------- beams


@pytest.mark.parametrize(("name", "known"), [("two", True), ("bahdanau_normed", False)])
def test_rows_share_a_memory_row(name, known, graph, monkeypatch):
    """Row r that looks at another memory row than r // k, in the scores, in the context or in a gradient."""
    k, dtype = 3, tf.float64
    found = []
    for tiled in (True, False):
        lengths = [tile_batch(tf.constant(several), k) if tiled else several for several in WITH_EMPTY]
        monkeypatch.setattr(nets, "MEMORY_LENGTHS", lengths)
        arrays = constants(nets.make_memories(), dtype)
        memories = (
            arrays if known else [tf.placeholder_with_default(a, [None, None, a.shape.as_list()[2]]) for a in arrays]
        )
        with tf.variable_scope("net", reuse=not tiled):
            cell = nets.NETS[name](OURS, tile_batch(memories, k) if tiled else memories, dtype)
            x = tf.constant(helpers.make_sequence(BATCH * k, TIME, DEPTH), dtype)
            state, rows = nets.random_state(cell, BATCH * k, dtype)
            outputs, final = rnn_tf1.dynamic_rnn(cell, x, initial_state=state)
        final = final._replace(alignment_history=())
        results = [tf.reshape(r, [BATCH * k, -1]) for r in [outputs] + nets.tensors(final)]
        # The last alignments only where their size is known: TF 1.15's loop takes float32 zeros for their gradient else.
        counted = results if known else results[:3]
        weighted = [tf.reduce_sum(tf.sin(r * values("rows", [BATCH * k, 1]))) for r in counted]
        sources = tf.trainable_variables() + rows[:2] + memories[: 2 if name == "two" else 1]
        found.append(results + tf.gradients(tf.add_n(weighted), sources))
    for a, b in zip(*helpers.run(found)):
        assert_near(b, a, 1e-11)


def test_rows_that_do_not_divide(graph):
    """Rows that look at a memory row of another sentence, because their number is no multiple of the memory's."""
    memory = memory_tensor()[:4]
    mechanism = BahdanauAttention(WIDE, memory)
    cell = AttentionWrapper(rnn_tf1.GRUCell(UNITS), mechanism)
    with pytest.raises(GraphError, match=r"there are 6, and the memory has 4.*zero_state\(batch_size=4 \* k, dtype\)"):
        cell.zero_state(6, tf.float32)
    with pytest.raises(GraphError, match="there are 6, and the memory has 4"):
        mechanism(tf.zeros([6, UNITS]), None)
    assert cell.zero_state(8, tf.float32).alignments.shape.as_list() == [8, TIMES[0]]
    rows = tf.placeholder(tf.int32, [])
    state = cell.zero_state(rows, tf.float32)
    output, _ = cell(tf.fill(tf.stack([rows, DEPTH]), 0.5), state)
    with helpers.session() as s:
        assert s.run(output, {rows: 12}).shape == (12, CONTEXT)
        with pytest.raises(tf.errors.InvalidArgumentError, match="one row for each row of the memory, or a whole mult"):
            s.run(output, {rows: 6})


@pytest.mark.parametrize("mechanism", [BahdanauAttention, LuongAttention])
def test_no_row_and_no_memory(mechanism, graph):
    """The last piece of an evaluation, in which no row is left; a translator that is given one empty line."""
    rows, time = tf.placeholder(tf.int32, []), tf.placeholder(tf.int32, [])
    memory = tf.fill(tf.stack([rows, time, CONTEXT]), 0.5)
    x = tf.fill(tf.stack([2 * rows, TIME, DEPTH]), 0.5)
    outputs, state = unrolled(memory, tf.fill([rows], tf.minimum(time, 3)), x, 2 * rows, mechanism)
    gradient = tf.gradients(outputs, tf.trainable_variables()[0])[0]
    with helpers.session() as s:
        for several, steps in ((0, 4), (3, 0)):
            found = s.run([outputs, state.alignments, gradient], {rows: several, time: steps})
            assert [a.shape for a in found[:2]] == [(2 * several, TIME, PROJ), (2 * several, steps)]
            assert (found[2] == 0).all()


def test_tile_batch(graph):
    """Copies in another order, in which beams would read each other's sentence; a shape that is lost."""
    array = np.arange(6.0).reshape(3, 2)
    state = rnn_tf1.LSTMStateTuple(tf.constant(array), [tf.constant([1, 2, 3])])
    tiled = tile_batch(state, 2)
    assert isinstance(tiled, rnn_tf1.LSTMStateTuple)
    assert tiled.c.shape.as_list() == [6, 2]
    unknown = tile_batch(tf.placeholder_with_default(array, [None, 2]), 4)
    assert unknown.shape.as_list() == [None, 2]
    c, h, again = helpers.run([tiled.c, tiled.h[0], unknown])
    np.testing.assert_array_equal(c, np.repeat(array, 2, axis=0))
    np.testing.assert_array_equal(h, [1, 1, 2, 2, 3, 3])
    np.testing.assert_array_equal(again, np.repeat(array, 4, axis=0))
    for wrong in (tf.constant(1.0), tf.placeholder(tf.float32)):
        with pytest.raises(GraphError, match=r"tile_batch\(encoder_state, k\)"):
            tile_batch(wrong, 2)
    with pytest.raises(GraphError, match="multiplier is 0"):
        tile_batch(tf.zeros([2]), 0)


# ------------------------------------------------------------------------------------------------------- what is passed in


def test_attention_layers_of_ones_own(graph):
    """A function or a layer object that is not used, or whose width is taken for another."""

    class Twice(object):
        def compute_output_shape(self, shape):
            return [None, 2 * shape[1]]

        def __call__(self, x):
            return tf.concat([x, -x], 1)

    memory = memory_tensor()
    mechanisms = [LuongAttention(UNITS, memory), LuongAttention(UNITS, memory)]
    layers = [lambda y: dense(y, WIDE, tf.tanh, "luong_layer"), Twice()]
    cell = AttentionWrapper(rnn_tf1.GRUCell(UNITS), mechanisms, attention_layer=layers)
    assert cell.output_size == WIDE + 2 * (UNITS + CONTEXT)
    output, state = cell(tf.ones([BATCH, DEPTH]), cell.zero_state(BATCH, tf.float32))
    assert [helpers.plain_name(v) for v in cell.variables][-2:] == [
        "attention_wrapper/luong_layer/kernel",
        "attention_wrapper/luong_layer/bias",
    ]
    both = tf.concat([state.cell_state, tf.matmul(state.alignments[0][:, None], memory)[:, 0]], 1)
    expected = tf.tanh(tf.nn.bias_add(tf.matmul(both, cell.variables[-2]), cell.variables[-1]))
    output, expected, both2 = helpers.run(
        [output, expected, tf.concat([state.cell_state, tf.matmul(state.alignments[1][:, None], memory)[:, 0]], 1)]
    )
    assert_near(output[:, :WIDE], expected, 1e-6)
    assert_near(output[:, WIDE:], np.concatenate([both2, -both2], 1), 1e-6)


@only_tf1
def test_layers_and_functions_as_in_contrib(theirs):
    """Old code with a layer of tf.layers, or with an attention of its own."""
    found = []
    for library in (OURS, theirs):
        with tf.Graph().as_default():
            memory = memory_tensor()
            mechanisms = [library.LuongAttention(UNITS, memory), library.BahdanauAttention(WIDE, memory)]
            layers = [tf.layers.Dense(PROJ, activation=tf.tanh), tf.layers.Dense(WIDE, use_bias=False)]

            def attend(mechanism, output, state, layer):
                alignments, state = mechanism(output, state)
                return layer(tf.concat([output, tf.reduce_max(mechanism.values, 1)], 1)) * 3.0, alignments, state  # noqa: B023

            cell = library.AttentionWrapper(
                library.GRUCell(UNITS), mechanisms, attention_layer=layers, attention_fn=attend, name="own"
            )
            x = tf.constant(helpers.make_sequence(BATCH, TIME, DEPTH), tf.float32)
            state, _ = nets.random_state(cell, BATCH, tf.float32)
            outputs, _ = library.unroll("dynamic", cell, x, None, state, tf.float32)
            found.append(([v.name for v in tf.global_variables()], cell.output_size, helpers.run(outputs)))
    assert found[0][:2] == found[1][:2]
    assert_near(found[0][2], found[1][2], 1e-6)


def test_initial_cell_state(graph):
    """A decoder that does not begin where its encoder ended, or begins with another row's state."""
    start = helpers.constants(helpers.make_state(rnn_tf1.LSTMStateTuple(UNITS, UNITS)))
    mechanism = BahdanauAttention(WIDE, memory_tensor())
    cell = AttentionWrapper(rnn_tf1.LSTMCell(UNITS), mechanism, initial_cell_state=tuple(start))
    state = cell.zero_state(BATCH, tf.float32)
    assert isinstance(state.cell_state, rnn_tf1.LSTMStateTuple)
    with pytest.raises(GraphError, match=r"it has 6, and batch_size is 12.*tile_batch\(encoder_state, beam_width\)"):
        cell.zero_state(2 * BATCH, tf.float32)
    rows = tf.placeholder(tf.int32, [])
    fed = cell.zero_state(rows, tf.float32)
    with pytest.raises(GraphError, match=r"initial_cell_state: wrong state: state.c should be a tensor \[batch, 5\]"):
        AttentionWrapper(rnn_tf1.LSTMCell(UNITS), mechanism, initial_cell_state=(memory_tensor()[:, 0], start.h))
    with helpers.session() as s:
        for a, b in zip(s.run(state.cell_state), s.run(start)):
            np.testing.assert_array_equal(a, b)
        assert np.abs(s.run(state.attention)).max() == 0
        s.run(fed.cell_state, {rows: BATCH})
        with pytest.raises(tf.errors.InvalidArgumentError, match="initial_cell_state must have one row for each row"):
            s.run(fed.cell_state, {rows: 2 * BATCH})


def test_clone(graph):
    """A state that does not fit, and that broadcasts or fails far away."""
    cell = AttentionWrapper(rnn_tf1.LSTMCell(UNITS), BahdanauAttention(WIDE, memory_tensor()))
    state = cell.zero_state(BATCH, tf.float32)
    start = helpers.make_state(rnn_tf1.LSTMStateTuple(UNITS, UNITS))
    cloned = state.clone(cell_state=tuple(start), time=3)
    assert isinstance(cloned, AttentionWrapperState)
    assert isinstance(cloned.cell_state, rnn_tf1.LSTMStateTuple)
    assert cloned.attention is state.attention
    unknown = tf.placeholder(tf.float32, [None, UNITS])
    fed = state.clone(cell_state=(unknown, unknown))
    assert fed.cell_state.c.shape.as_list() == [BATCH, UNITS]
    with helpers.session() as s:
        np.testing.assert_allclose(s.run(cloned.cell_state.h), start.h, rtol=1e-6)
        assert s.run(cloned.time) == 3
        assert s.run(fed.cell_state.h, {unknown: start.c}).shape == (BATCH, UNITS)
        with pytest.raises(tf.errors.InvalidArgumentError, match="cell_state must be as zero_state"):
            s.run(fed.cell_state.h, {unknown: start.c[:1]})
    for wrong, message in [
        (dict(cell_stat=0), "no field 'cell_stat'; it has cell_state, attention, time"),
        (dict(cell_state=tf.zeros([BATCH, UNITS])), r"cell_state must have the structure of LSTMStateTuple"),
        (dict(cell_state=(tf.zeros([BATCH, WIDE]),) * 2), r"it is float32 .6, 8.*dense\(state, .*5"),
        (dict(cell_state=(tf.zeros([1, UNITS]),) * 2), r"tile_batch\(state, beam_width\)"),
        (dict(attention=tf.zeros([BATCH, CONTEXT], tf.float64)), "attention must be as zero_state.*it is float64"),
        (dict(alignment_history=tf.zeros([1])), "alignment_history must have the structure of"),
    ]:
        with pytest.raises(GraphError, match=message):
            state.clone(**wrong)


def test_inside_other_wrappers(graph):
    """Dropout on a counter; a step that the cells inside are not told, so that their masks would not repeat."""
    step = tf.constant(3)

    def wrapped(**options):
        cell = AttentionWrapper(
            rnn_tf1.DropoutWrapper(rnn_tf1.LSTMCell(UNITS), output_keep_prob=0.5, seed=1, step=step),
            BahdanauAttention(WIDE, memory_tensor()),
        )
        return rnn_tf1.DropoutWrapper(cell, **options)

    x = tf.constant(helpers.make_sequence(BATCH, TIME, DEPTH), tf.float32)
    cell = wrapped(output_keep_prob=0.5, seed=1, step=step)
    found = []
    for how in UNROLLS:
        with tf.variable_scope("net", reuse=bool(found)):
            found.append(OURS.unroll(how, cell, x, None, cell.zero_state(BATCH, tf.float32))[0])
    manual, *others = helpers.run(found)
    assert 0.3 < (manual == 0).mean() < 0.7
    for other in others:
        assert_near(other, manual, 1e-6)
    with pytest.raises(GraphError, match=r"AttentionWrapper\(DropoutWrapper\(cell, state_keep_prob="):
        rnn_tf1.manual_rnn(wrapped(state_keep_prob=0.5), x, scope="dropped")


# ------------------------------------------------------------------------------------------------------------- mistakes


def gru_with(*args, **kwargs):
    return AttentionWrapper(rnn_tf1.GRUCell(UNITS), *args, **kwargs)


MEMORY_MISTAKES = [
    (
        lambda m: BahdanauAttention(WIDE, tf.placeholder(tf.float32, [None, None, None])),
        r"memory.set_shape\(\[None, None",
    ),
    (
        lambda m: BahdanauAttention(WIDE, tf.placeholder(tf.float32)),
        r"floating \[batch, time, depth\].*not its final state",
    ),
    (lambda m: LuongAttention(WIDE, m[:, 0]), r"must be floating \[batch, time, depth\].*is float32 \(6, 7\)"),
    (lambda m: LuongAttention(WIDE, tf.cast(m, tf.int32)), "must be floating.*is int32"),
    (lambda m: LuongAttention(WIDE, (m, m)), r"a tuple of 2.*tf.concat\(outputs, 2\)"),
    (lambda m: BahdanauAttention(0, m), "num_units is 0"),
    (
        lambda m: BahdanauAttention(WIDE, m, dtype=tf.float64),
        "dtype is float64 and the memory float32. Leave dtype out",
    ),
    (
        lambda m: BahdanauAttention(WIDE, m, probability_fn="softmax"),
        "probability_fn must be a function and is 'softmax'",
    ),
    (lambda m: BahdanauAttention(WIDE, m, custom_key_value_fn=3), "custom_key_value_fn must be a function and is 3"),
    (
        lambda m: BahdanauAttention(WIDE, m, custom_key_value_fn=lambda k, v: (k, v[0])),
        r"custom_key_value_fn: the memory must be",
    ),
    (lambda m: BahdanauAttention(WIDE, m, [[1] * BATCH]), r"sequence_length must be \[batch\] but has shape \(1, 6\)"),
    (lambda m: BahdanauAttention(WIDE, m, [1.0] * BATCH), "sequence_length is float32; lengths must be integers"),
    (lambda m: BahdanauAttention(WIDE, m, [1, 2]), "2 lengths were given for a batch of 6 rows"),
    (lambda m: BahdanauAttention(WIDE, m, [1, 2, 3, 10, 1, 1]), r"\[3\] is 10; it must lie in 0..9"),
]
WRAPPER_MISTAKES = [
    (
        lambda m, b: gru_with(BahdanauAttention),
        "is no attention mechanism.*BahdanauAttention\\(num_units, memory, lengths",
    ),
    (lambda m, b: gru_with([]), "the list of mechanisms is empty"),
    (lambda m, b: gru_with([b, b]), "same BahdanauAttention object stands twice.*Make one for each"),
    (lambda m, b: AttentionWrapper(b, b), "BahdanauAttention, which is not a cell"),
    (lambda m, b: gru_with([b], [3, 4]), r"has 2 entries for 1 mechanisms.*attention_layer_size=\[128\]"),
    (
        lambda m, b: gru_with([b, LuongAttention(UNITS, m)], 3),
        r"has 1 entries for 2 mech.*attention_layer_size=\[128, 128\]",
    ),
    (lambda m, b: gru_with([b], attention_layer=[abs, abs]), r"2 entries for 1 mechanisms.*attention_layer=\[layer\]"),
    (lambda m, b: gru_with(b, 3, attention_layer=abs), "attention_layer_size and attention_layer were both given"),
    (lambda m, b: gru_with(b, 0), "attention_layer_size is 0"),
    (lambda m, b: gru_with(b, attention_layer=3), "attention_layer must be a function and is 3"),
    (lambda m, b: gru_with(b, attention_layer=lambda x: x + m[0, 0, 0]), "use no tensor from outside"),
    (lambda m, b: gru_with(b, cell_input_fn=3), "cell_input_fn must be a function and is 3"),
    (lambda m, b: gru_with(b, attention_fn=3), "attention_fn must be a function and is 3"),
    (
        lambda m, b: step_of(gru_with(LuongAttention(WIDE, m))),
        r"num_units must be the width.*LuongAttention\(5, memory\)",
    ),
    (
        lambda m, b: b(tf.zeros([BATCH, UNITS], tf.float64), None),
        r"a query is the cell's output, float32 .*is float64 \(6, 5\)",
    ),
    (lambda m, b: b(m, None), r"is float32 \(6, 9, 7\)"),
    (lambda m, b: gru_with(b)(m[:, 0], m[:, 0]), r"should be AttentionWrapperState.*clone\(cell_state="),
    (
        lambda m, b: gru_with(b)(m[:, 0], tuple(gru_with(b).zero_state(BATCH, tf.float32))),
        "must be an AttentionWrapperState",
    ),
    (
        lambda m, b: rnn_tf1.dynamic_rnn(gru_with(b), m, None, m[:, 0]),
        r"initial_state: wrong state.*clone\(cell_state=",
    ),
    (lambda m, b: rnn_tf1.fused_rnn(gru_with(b), m), "fused_rnn does not support AttentionWrapper"),
]


def step_of(cell):
    return cell(tf.ones([BATCH, DEPTH]), cell.zero_state(BATCH, tf.float32))


@pytest.mark.parametrize("case", range(len(MEMORY_MISTAKES)))
def test_wrong_memories(case, graph):
    """A mistake that TensorFlow lets pass, or reports far from its place."""
    build, message = MEMORY_MISTAKES[case]
    with pytest.raises(GraphError, match="(?s)^(Bahdanau|Luong)Attention.*" + message):
        build(memory_tensor())


@pytest.mark.parametrize("case", range(len(WRAPPER_MISTAKES)))
def test_wrong_wrappers(case, graph):
    """A mistake that TensorFlow lets pass, or reports far from its place."""
    build, message = WRAPPER_MISTAKES[case]
    memory = memory_tensor()
    with pytest.raises(GraphError, match="(?s)" + message):
        build(memory, BahdanauAttention(WIDE, memory))


def test_a_mechanism_of_another_graph():
    """A decoder over the memory of a graph that is not its own."""
    with tf.Graph().as_default():
        mechanism = BahdanauAttention(WIDE, memory_tensor())
        cell = gru_with(mechanism)
    with tf.Graph().as_default():
        for build in (
            lambda: gru_with(mechanism),
            lambda: mechanism(tf.zeros([BATCH, UNITS]), None),
            lambda: step_of(cell),
        ):
            with pytest.raises(
                GraphError, match="(?s)has its memory and its variables in another graph.*Make a new one"
            ):
                build()


def test_lengths_beyond_the_memory(graph):
    """A length that reaches beyond the memory, which tf.sequence_mask takes for the whole of it."""
    lengths = tf.placeholder(tf.int32, [None])
    mechanism = BahdanauAttention(WIDE, memory_tensor(), lengths)
    for wrong in ([1, 2, 3, 10, 1, 1], [1, 2, 3, -1, 1, 1], [1, 2]):
        with tf.Session() as s, pytest.raises(tf.errors.InvalidArgumentError, match="BahdanauAttention, memory: "):
            s.run(mechanism.values, {lengths: wrong})


def test_one_cell_in_two_layers(graph):
    """The weights of one layer shared with another, unseen because the cell is wrapped."""
    shared = rnn_tf1.GRUCell(UNITS)
    attending = AttentionWrapper(shared, BahdanauAttention(WIDE, memory_tensor()))
    with pytest.raises(GraphError, match="the same GRUCell object"):
        rnn_tf1.MultiRNNCell([attending, shared])
