"""Layers, dropout, devices, projections: each wrapper beside its cells stepped by hand, or beside NumPy."""

import helpers
import numpy as np
import pytest
import tensorflow.compat.v1 as tf
import toy_cells
from helpers import BATCH, CLASSES, CONTEXT, DEPTH, PROJ, TIME, UNITS, UNROLLS, WIDE

import rnn_tf1
from rnn_tf1.ops.dropout import time_step
from rnn_tf1.wrappers.base import Wrapper

OURS = helpers.Ours()


class Echo(toy_cells.ToyCell):
    """The output is the input and the state never changes, so that both show what a wrapper did to them."""

    def __init__(self, state_size, width=WIDE):
        self.state_size, self.output_size = state_size, width

    def zero_state(self, batch_size, dtype):
        return tf.nest.map_structure(lambda size: tf.ones([batch_size, size], dtype), self.state_size)

    def __call__(self, inputs, state, scope=None):
        self.seen = inputs
        return inputs, state


def all_nodes(graph):
    definition = graph.as_graph_def()
    return list(definition.node) + [node for function in definition.library.function for node in function.node_def]


def random_ops(graph):
    return sorted({node.op for node in all_nodes(graph) if "random" in node.op.lower()})


# -------------------------------------------------------------------------------------------------------------- layers


@pytest.mark.parametrize("flat", [False, True], ids=["tuple", "flat"])
def test_layers_by_hand(flat, graph):
    """Layers fed with the network's input, or given each other's states."""
    cells = [rnn_tf1.GRUCell(WIDE), rnn_tf1.BasicRNNCell(UNITS), rnn_tf1.GRUCell(PROJ)]
    multi = rnn_tf1.MultiRNNCell(cells, state_is_tuple=not flat)
    x, states = (
        tf.constant(helpers.make_sequence()[:, 0], tf.float32),
        helpers.constants(helpers.make_state((WIDE, UNITS, PROJ))),
    )
    output, new_states = multi(x, tf.concat(states, 1) if flat else states)
    assert multi.output_size == PROJ
    expected = []
    for cell, state in zip(cells, states):
        x, state = cell(x, state)
        expected.append(state)
    got, expected = helpers.run(
        [[output, new_states if flat else tf.concat(new_states, 1)], [x, tf.concat(expected, 1)]]
    )
    for a, b in zip(got, expected):
        helpers.assert_near(a, b, 1e-6)


def test_layers_of_layers_name_their_variables(graph):
    """Scopes that a wrapper opens where TensorFlow opens none, or leaves out."""
    multi = rnn_tf1.MultiRNNCell(
        [
            rnn_tf1.DropoutWrapper(rnn_tf1.ResidualWrapper(rnn_tf1.BasicRNNCell(DEPTH)), 0.5),
            rnn_tf1.DeviceCellWrapper("/cpu:0", rnn_tf1.InputProjectionWrapper(rnn_tf1.BasicRNNCell(UNITS), WIDE)),
        ]
    )
    rnn_tf1.manual_rnn(multi, tf.constant(helpers.make_sequence(), tf.float32))
    assert [helpers.plain_name(v) for v in tf.global_variables()] == [
        "rnn/multi_rnn_cell/" + name
        for name in (
            "cell_0/basic_rnn_cell/kernel",
            "cell_0/basic_rnn_cell/bias",
            "cell_1/input_projection_wrapper/kernel",
            "cell_1/input_projection_wrapper/bias",
            "cell_1/input_projection_wrapper/basic_rnn_cell/kernel",
            "cell_1/input_projection_wrapper/basic_rnn_cell/bias",
        )
    ]
    assert multi.variables == tf.global_variables()


# ------------------------------------------------------------------------------------------- dropout: what is dropped


@pytest.mark.parametrize("stepped", [False, True], ids=["drawn", "by step"])
@pytest.mark.parametrize("place", ["input", "output", "state"])
def test_keep_rate_and_scale(place, stepped, graph):
    """Units kept at another rate, not scaled by 1 / keep_prob, or dropped in another place than the one asked for."""
    keep, rows, width = 0.7, 60, 50
    cell = Echo(width, width)
    wrapper = rnn_tf1.DropoutWrapper(
        cell, seed=5, step=tf.constant(3) if stepped else None, **{place + "_keep_prob": keep}
    )
    with time_step(2):
        output, state = wrapper(tf.ones([rows, width]), tf.ones([rows, width]))
    seen, output, state = helpers.run([cell.seen, output, state])
    dropped = {"input": seen, "output": output, "state": state}[place]
    values, counts = np.unique(dropped, return_counts=True)
    np.testing.assert_allclose(values, [0.0, 1 / keep], rtol=1e-6)
    sigma = (keep * (1 - keep) / dropped.size) ** 0.5
    assert abs(counts[1] / dropped.size - keep) < 4 * sigma
    if place == "input":
        np.testing.assert_array_equal(output, seen)
    else:
        np.testing.assert_array_equal(seen, 1.0)
    for name, other in [("output", output), ("state", state)]:
        if place not in ("input", name) or (place, name) == ("input", "state"):
            np.testing.assert_array_equal(other, 1.0)


def dropped_parts(state_size, visitor=None):
    """Which parts of the state (in flat order) have zeros in them."""
    wrapper = rnn_tf1.DropoutWrapper(
        Echo(state_size), state_keep_prob=0.5, seed=1, dropout_state_filter_visitor=visitor
    )
    _, state = wrapper(tf.ones([20, WIDE]), wrapper.zero_state(20, tf.float32))
    tf.nest.assert_same_structure(state, state_size)
    return [bool((part == 0).any()) for part in helpers.run(tf.nest.flatten(state))]


def test_parts_of_the_state(graph):
    """The memory c of an LSTM dropped, h left alone, or a visitor that is not asked."""
    lstm = rnn_tf1.LSTMStateTuple(WIDE, UNITS)
    assert dropped_parts(WIDE) == [True]
    assert dropped_parts(lstm) == [False, True]
    assert dropped_parts((WIDE, lstm, UNITS)) == [True, False, True, True]
    assert dropped_parts(lstm, lambda s: rnn_tf1.LSTMStateTuple(c=True, h=False)) == [True, False]
    assert dropped_parts((WIDE, lstm), lambda s: not isinstance(s, rnn_tf1.LSTMStateTuple)) == [True, False, False]
    assert dropped_parts((WIDE, lstm), lambda s: isinstance(s, tuple)) == [True, True, True]
    assert dropped_parts((WIDE, UNITS), lambda s: (False, True)) == [False, True]


# ------------------------------------------------------------------------------------------------- dropout: on and off


def unroll_with(wrap, cell=None):
    cell = cell or rnn_tf1.MultiRNNCell([rnn_tf1.LSTMCell(UNITS), rnn_tf1.GRUCell(WIDE)])
    return rnn_tf1.dynamic_rnn(wrap(cell), tf.constant(helpers.make_sequence(), tf.float32), helpers.LENGTHS["ragged"])


@pytest.mark.parametrize(
    "options",
    [
        dict(input_keep_prob=0.5, output_keep_prob=0.5, state_keep_prob=0.5, is_training=False),
        dict(input_keep_prob=0.5, output_keep_prob=0.5, variational_recurrent=True, is_training=False),
        dict(input_keep_prob=1.0, output_keep_prob=1, state_keep_prob=1.0),
    ],
    ids=["test", "variational test", "all kept"],
)
def test_nothing_is_left_where_it_is_off(options):
    """A test graph with a dropout op in it: it must be, node for node, the graph without the wrapper."""
    definitions = []
    for wrap in (lambda cell: cell, lambda cell: rnn_tf1.DropoutWrapper(cell, **options)):
        with tf.Graph().as_default() as graph:
            unroll_with(wrap)
            definitions.append(sorted((n.name.split("_while_")[0], n.op) for n in all_nodes(graph)))
            drawn = random_ops(graph)
    assert drawn == ["RandomUniform"]  # the kernels' first values, in both
    assert definitions[0] == definitions[1]


def test_off_in_the_layer_norm_cell():
    """Recurrent dropout that stays on in the test graph."""
    for options in (dict(dropout_keep_prob=0.5, is_training=False), dict(dropout_keep_prob=1.0), dict()):
        with tf.Graph().as_default() as graph:
            with tf.variable_scope("net", initializer=tf.zeros_initializer()):
                unroll_with(lambda cell: cell, rnn_tf1.LayerNormBasicLSTMCell(UNITS, **options))  # noqa: B023
            assert random_ops(graph) == []


@pytest.mark.parametrize("stepped", [False, True], ids=["drawn", "by step"])
def test_training_as_a_tensor(stepped, graph):
    """A tensor is_training that is ignored, or the wrong way round."""
    training = tf.placeholder(tf.bool, [])
    step = tf.constant(1) if stepped else None
    keep = tf.placeholder(tf.float32, [])
    wrappers = [
        lambda c: rnn_tf1.DropoutWrapper(c, 0.5, 0.5, 0.5, is_training=training, step=step),
        lambda c: rnn_tf1.DropoutWrapper(c, output_keep_prob=keep, is_training=training, step=step),
        lambda c: rnn_tf1.DropoutWrapper(c, 0.5, variational_recurrent=True, is_training=training, step=step),
    ]
    cell = rnn_tf1.GRUCell(WIDE)
    plain, _ = unroll_with(lambda c: c, cell)
    outputs = [unroll_with(wrap, cell)[0] for wrap in wrappers]
    with helpers.session() as s:
        off = s.run(outputs, {training: False, keep: 0.5})
        on = s.run(outputs, {training: True, keep: 0.5})
        for a, b in zip(off, on):
            np.testing.assert_array_equal(a, s.run(plain))
            assert np.abs(a - b).max() > 0.01


# ------------------------------------------------------------------------------------------------- dropout: the masks


def masks(how, seed=1, width=WIDE, time=TIME, place="output", layers=1, variational=False, step=None, rows=BATCH):
    """What dropout with keep probability 0.5 keeps: booleans [rows, time, width] for each layer, in a fresh graph."""
    with tf.Graph().as_default():
        at = tf.constant(step) if step is not None else None
        options = {place + "_keep_prob": 0.5}
        cells = [
            rnn_tf1.DropoutWrapper(
                toy_cells.RunningSum(width), seed=seed, step=at, variational_recurrent=variational, **options
            )
            for _ in range(layers)
        ]
        found = []
        for i, cell in enumerate(cells):
            with tf.variable_scope("cell_%d" % i):
                found.append(OURS.unroll(how, cell, tf.ones([rows, time, width]), None, None)[0])
        found = helpers.run(found)
    if place == "input":  # the sum of what came in: a step that was kept adds to it
        found = [np.diff(f, axis=1, prepend=0) for f in found]
    return [f != 0 for f in found]


@pytest.mark.parametrize("variational", [False, True], ids=["each step", "variational"])
@pytest.mark.parametrize("place", ["input", "output"])
def test_masks_are_a_function_of_the_step(place, variational):
    """Masks that differ between unrollings or sessions, so that a resumed run is another run; or that never change."""
    (mask,) = masks("dynamic", step=7, place=place, variational=variational)
    assert 0.3 < mask.mean() < 0.7
    for how in UNROLLS:
        np.testing.assert_array_equal(masks(how, step=7, place=place, variational=variational)[0], mask)
    others = {
        "step": masks("manual", step=8, place=place, variational=variational)[0],
        "seed": masks("manual", step=7, seed=2, place=place, variational=variational)[0],
        "place": masks("manual", step=7, place="input" if place == "output" else "output", variational=variational)[0],
        "layer": masks("manual", step=7, place=place, variational=variational, layers=2)[1],
    }
    for what, other in others.items():
        assert (mask != other).mean() > 0.25, what
    if variational:
        assert (mask == mask[:, :1]).all()
    else:
        assert all((mask[:, t] != mask[:, u]).mean() > 0.25 for t in range(TIME) for u in range(t))
        later = np.concatenate([masks("manual", step=step, place=place)[0] for step in (9, 10)], axis=1)
        assert len({m.tobytes() for m in later.swapaxes(0, 1)}) == 2 * TIME  # no step begins where another ends
    assert all((mask[a, 0] != mask[b, 0]).any() for a in range(BATCH) for b in range(a))  # rows


@pytest.mark.parametrize("how", UNROLLS)
def test_masks_of_a_seed(how):
    """One mask at all time steps or in all layers where a seed is given and no step, as TensorFlow draws it."""
    first, second = masks(how, layers=2)
    assert all((first[:, t] != first[:, u]).mean() > 0.2 for t in range(TIME) for u in range(t))
    assert (first != second).mean() > 0.25
    if how != "dynamic":  # in a loop, TensorFlow does not say which iteration draws first: that takes step=
        np.testing.assert_array_equal(masks(how, layers=2)[1], second)  # and again in another session
    assert (masks(how, seed=2)[0] != first).mean() > 0.25


@pytest.mark.parametrize("how", UNROLLS)
def test_variational_masks_without_step(how, graph):
    """A variational mask that changes between time steps, or stays the same from call to call."""
    cell = rnn_tf1.DropoutWrapper(Echo(1), output_keep_prob=0.5, variational_recurrent=True, seed=4)
    outputs, _ = OURS.unroll(how, cell, tf.ones([BATCH, TIME, WIDE]), None, None)
    again, _ = OURS.unroll(how, cell, tf.ones([BATCH, TIME, WIDE]), None, None)
    with helpers.session() as s:
        first, same = s.run([outputs, again])
        second = s.run(outputs)
    assert (first == first[:, :1]).all()
    assert (first[0] != first[1]).any()
    assert (first != second).mean() > 0.25
    np.testing.assert_array_equal(first, same)


@pytest.mark.parametrize("how", UNROLLS)
@pytest.mark.parametrize("as_tensor", [False, True], ids=["number", "tensor"])
def test_variational_masks_of_the_state(how, as_tensor, graph):
    """What TensorFlow 1.15 takes, refused: one mask for all steps on the h of an LSTM, of a plain cell, of layers of both."""
    keep = tf.placeholder_with_default(0.5, []) if as_tensor else 0.5
    for i, make in enumerate(
        (
            lambda: rnn_tf1.BasicRNNCell(WIDE),
            lambda: rnn_tf1.LSTMCell(WIDE, num_proj=PROJ),
            lambda: rnn_tf1.MultiRNNCell([rnn_tf1.LayerNormRNNCell(WIDE), rnn_tf1.BasicLSTMCell(PROJ)]),
        )
    ):
        states = []

        class Watched(Wrapper):
            def __call__(self, inputs, state, scope=None):
                states.append(state)  # noqa: B023
                return self.cell(inputs, state, scope)

        cell = Watched(rnn_tf1.DropoutWrapper(make(), state_keep_prob=keep, variational_recurrent=True, seed=1))
        with tf.variable_scope("net_%d" % i):
            _, final = OURS.unroll(how, cell, tf.constant(helpers.make_sequence(), tf.float32), None, None)
        parts = tf.nest.flatten(final)
        with helpers.session() as s:
            ends = zip(s.run(parts), s.run(parts))
        masks = [(a == 0, b == 0) for a, b in ends if (a == 0).any()]
        assert len(masks) == (2 if i == 2 else 1)
        for first, second in masks:
            assert 0.1 < first.mean() < 0.9 and (first != second).any()
            assert (first[0] != first[1]).any()  # one for each row, where TensorFlow 1.15 has one for all
        if how == "manual":  # the same at all steps
            with helpers.session() as s:
                at = s.run([tf.nest.flatten(state) for state in states[1:]])
            dropped = [[part == 0 for part in state] for state in at]
            assert all((a == b).all() for step in dropped for a, b in zip(step, dropped[0]))


def test_variational_state_does_not_grow(graph):
    """The h of an LSTM multiplied by 1 / keep_prob at every step: 2**200 after 200."""
    for i, make in enumerate((rnn_tf1.BasicRNNCell, rnn_tf1.LSTMCell)):
        cell = rnn_tf1.DropoutWrapper(make(WIDE), state_keep_prob=0.5, variational_recurrent=True, seed=1)
        with tf.variable_scope("net_%d" % i):
            _, final = rnn_tf1.dynamic_rnn(cell, tf.ones([2, 200, DEPTH]))
        h = helpers.run(tf.nest.flatten(final))[-1]
        assert np.abs(h).max() <= 2.0 and (h == 0).any()


def test_variational_masks_outlive_the_loop(graph):
    """A mask made in one loop's body and used in another's: the second unrolling could not be built."""
    cell = rnn_tf1.DropoutWrapper(Echo(1), 0.5, variational_recurrent=True, step=tf.constant(2), seed=4)
    x = tf.ones([BATCH, TIME, WIDE])
    first, second = helpers.run([rnn_tf1.dynamic_rnn(cell, x)[0], rnn_tf1.dynamic_rnn(cell, x)[0]])
    np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("how", helpers.by_default(["static", "dynamic"], ["dynamic"]))
def test_masks_in_real_cells(how, graph):
    """Masks that depend on the unrolling where cells are nested, rows end early and gradients flow."""
    results = []
    for way in ("manual", how):
        with tf.variable_scope("net", reuse=way != "manual"):
            cell = rnn_tf1.MultiRNNCell(
                [
                    rnn_tf1.DropoutWrapper(rnn_tf1.LSTMCell(UNITS), 0.6, 0.6, 0.6, seed=1, step=tf.constant(5)),
                    rnn_tf1.LayerNormBasicLSTMCell(
                        WIDE, dropout_keep_prob=0.6, dropout_prob_seed=2, step=tf.constant(5)
                    ),
                    rnn_tf1.DropoutWrapper(
                        rnn_tf1.GRUCell(CONTEXT), 0.6, variational_recurrent=True, seed=1, step=tf.constant(5)
                    ),
                ]
            )
            x = tf.constant(helpers.make_sequence(), tf.float32)
            outputs, final = OURS.unroll(way, cell, x, helpers.LENGTHS["with_zero"], None)
            tf.nest.assert_same_structure(final, cell.state_size)
            values = [outputs] + tf.nest.flatten(final)
            results.append(values + tf.gradients(helpers.loss_of(values), [x] + cell.variables))
    for a, b in zip(*helpers.run(results)):
        helpers.assert_near(a, b, 2e-6)


def test_step_needs_a_time(graph):
    """Dropout by step in a cell that is called by hand: the time step is unknown and one mask would serve for all."""
    cell = rnn_tf1.DropoutWrapper(rnn_tf1.GRUCell(UNITS), 0.5, step=tf.constant(1))
    with pytest.raises(rnn_tf1.GraphError, match=r"time_step\(t\)"):
        cell(tf.ones([BATCH, DEPTH]), tf.ones([BATCH, UNITS]))


@pytest.mark.parametrize("stepped", [False, True], ids=["drawn", "by step"])
def test_recurrent_dropout_of_the_layer_norm_cell(stepped, graph):
    """Dropout on the memory or on a gate, instead of on the new input alone; or not scaled."""
    cell = rnn_tf1.LayerNormBasicLSTMCell(
        WIDE, layer_norm=False, dropout_keep_prob=0.6, dropout_prob_seed=1, step=tf.constant(1) if stepped else None
    )
    x, state = helpers.make_sequence()[:, 0], helpers.make_state(cell.state_size)
    with time_step(0):
        _, new = cell(tf.constant(x), helpers.constants(state, tf.float64))
    with helpers.session() as s:
        (kernel, bias), new = s.run([cell.variables, new])
    i, j, f, o = np.split(np.concatenate([x, state.h], 1) @ kernel + bias, 4, axis=1)
    sigma = lambda a: 1 / (1 + np.exp(-a))  # noqa: E731
    kept = (new.c - state.c * sigma(f + 1.0)) / (sigma(i) * np.tanh(j))
    values = np.unique(kept.round(6))
    np.testing.assert_allclose(values, [0.0, 1 / 0.6], atol=1e-5)
    helpers.assert_near(new.h, np.tanh(new.c) * sigma(o), 1e-12)


# ------------------------------------------------------------------------------------------------------------- devices


@pytest.mark.parametrize("how", UNROLLS)
def test_every_op_on_its_device(how, graph):
    """Ops or variables of a layer left on the default device, in the graph or in a loop's body; or on the other's."""
    cells = [rnn_tf1.LSTMCell(UNITS, use_peepholes=True), rnn_tf1.GRUCell(WIDE)]
    multi = rnn_tf1.MultiRNNCell([rnn_tf1.DeviceCellWrapper("/cpu:%d" % (i + 1), cell) for i, cell in enumerate(cells)])
    outputs, _ = OURS.unroll(how, multi, tf.constant(helpers.make_sequence(), tf.float32), None, None)
    counted = [0, 0]
    for node in all_nodes(graph):
        for i in range(2):
            if "cell_%d/" % i in node.name and not follows_others(node):
                assert node.device.lower().endswith("cpu:%d" % (i + 1)), (node.name, node.op, node.device)
                counted[i] += 1
    assert min(counted) > 10
    for i, cell in enumerate(cells):
        assert {v.device.lower()[-5:] for v in cell.variables} == {"cpu:%d" % (i + 1)}
        zeros = rnn_tf1.DeviceCellWrapper("/cpu:2", cell).zero_state(3, tf.float32)
        assert {t.device.lower()[-5:] for t in tf.nest.flatten(zeros)} == {"cpu:2"}
    bare, _ = OURS.unroll(
        how, rnn_tf1.MultiRNNCell(cells), tf.constant(helpers.make_sequence(), tf.float32), None, None
    )
    trace, options = tf.RunMetadata(), tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE)
    with helpers.session(device_count={"CPU": 3}) as s:
        found = s.run(outputs, options=options, run_metadata=trace)
        helpers.assert_near(found, s.run(bare), 1e-6)
    products = {
        (d.device[-1], n.node_name)
        for d in trace.step_stats.dev_stats
        if "device:CPU" in d.device
        for n in d.node_stats
    }
    for i in range(2):  # and there they ran
        assert {d for d, name in products if "cell_%d/" % i in name and "MatMul" in name} == {str(i + 1)}


def follows_others(node):
    """Ops that TensorFlow puts beside others, whatever the scope says: loops' inputs, first values and variables' reads."""
    return node.op in ("Enter", "Exit", "ReadVariableOp") or "/Read" in node.name or "/Initializer/" in node.name


def test_device_comes_first(graph):
    """The two arguments swapped, as in TF's DeviceWrapper(cell, device)."""
    with pytest.raises(rnn_tf1.GraphError, match="device first"):
        rnn_tf1.DeviceCellWrapper(rnn_tf1.GRUCell(UNITS), "/cpu:0")


# ------------------------------------------------------------------------------------ projections, embedding, residual


def one_step(wrapper, x, state=None):
    """(output, new state, variables by short name) of one step in NumPy."""
    state = helpers.make_state(wrapper.state_size) if state is None else state
    with tf.variable_scope("net"):
        output, new = wrapper(x, helpers.constants(state))
    with helpers.session() as s:
        output, new, arrays = s.run([output, new, wrapper.variables])
    return output, new, {v.name.split("/", 2)[2][:-2]: a for v, a in zip(wrapper.variables, arrays)}


@pytest.mark.parametrize("activation", [None, tf.tanh], ids=["linear", "tanh"])
def test_input_projection(activation, graph):
    """A projection on the wrong side of the cell, without its bias or its activation."""
    x = np.float32(helpers.make_sequence()[:, 0])
    wrapper = rnn_tf1.InputProjectionWrapper(Echo(UNITS, WIDE), WIDE, activation)
    assert (wrapper.output_size, wrapper.state_size) == (WIDE, UNITS)
    output, _, w = one_step(wrapper, tf.constant(x))
    projected = x @ w["kernel"] + w["bias"]
    helpers.assert_near(output, np.tanh(projected) if activation else projected, 1e-6)


@pytest.mark.parametrize("activation", [None, tf.tanh], ids=["linear", "tanh"])
def test_output_projection(activation, graph):
    """A projection of the state too, without its bias or its activation."""
    x = np.float32(helpers.make_sequence(depth=WIDE)[:, 0])
    wrapper = rnn_tf1.OutputProjectionWrapper(Echo(UNITS, WIDE), PROJ, activation)
    assert (wrapper.output_size, wrapper.state_size) == (PROJ, UNITS)
    output, state, w = one_step(wrapper, tf.constant(x))
    projected = x @ w["kernel"] + w["bias"]
    helpers.assert_near(output, np.tanh(projected) if activation else projected, 1e-6)
    helpers.assert_near(state, np.float32(helpers.make_state(UNITS)), 0)


@pytest.mark.parametrize("shape", [[BATCH], [BATCH, 1]], ids=["ids", "column of ids"])
def test_embedding(shape, graph):
    """Another row than that of the id."""
    ids = np.arange(BATCH) * 2
    wrapper = rnn_tf1.EmbeddingWrapper(Echo(UNITS, WIDE), CLASSES, WIDE)
    output, _, w = one_step(wrapper, tf.constant(ids.reshape(shape)))
    assert w["embedding"].shape == (CLASSES, WIDE)
    np.testing.assert_array_equal(output, w["embedding"][ids])


@pytest.mark.parametrize("how", UNROLLS)
def test_embedding_of_ids_by_time(how, graph):
    """Ids [batch, time] that one of the unrollings refuses."""
    ids = helpers.make_ids()
    cell = rnn_tf1.EmbeddingWrapper(rnn_tf1.BasicRNNCell(UNITS), CLASSES, WIDE)
    flat, column = [
        OURS.unroll(how, cell, tf.constant(given), None, None, tf.float32)[0] for given in (ids[:, :, 0], ids)
    ]
    for a, b in [helpers.run([flat, column])]:
        np.testing.assert_array_equal(a, b)


def test_residual(graph):
    """The output without its input, or a residual_fn that gets its arguments the other way round."""
    x = np.float32(helpers.make_sequence()[:, 0])
    cell = rnn_tf1.GRUCell(DEPTH)
    wrapped = [rnn_tf1.ResidualWrapper(cell), rnn_tf1.ResidualWrapper(cell, helpers.twice_minus)]
    state = helpers.constants(helpers.make_state(DEPTH))
    plain, summed, other = helpers.run([c(tf.constant(x), state) for c in [cell] + wrapped])
    helpers.assert_near(summed[0], x + plain[0], 1e-6)
    helpers.assert_near(other[0], 2 * plain[0] - x, 1e-6)
    helpers.assert_near(summed[1], plain[1], 0)


def test_residual_of_another_width(graph):
    """A sum that broadcasts."""
    for units in (UNITS, 1):
        cell = rnn_tf1.ResidualWrapper(rnn_tf1.GRUCell(units))
        with pytest.raises(rnn_tf1.GraphError, match="the same width.*%d units" % DEPTH):
            cell(tf.ones([BATCH, DEPTH]), tf.ones([BATCH, units]))


@pytest.mark.parametrize("variational", [False, True])
def test_nested_dropout_draws_masks_of_its_own(variational):
    """A wrapper around a wrapper that drops the very same units, so that the keep rates do not multiply."""
    with tf.Graph().as_default(), tf.Session() as session:
        cell = toy_cells.RunningSum(400)
        for _ in range(2):
            cell = rnn_tf1.DropoutWrapper(
                cell, output_keep_prob=0.5, seed=1, step=tf.constant(3), variational_recurrent=variational
            )
        outputs, _ = rnn_tf1.manual_rnn(cell, tf.ones([10, 2, 400]))
        found = session.run(outputs)
    assert 0.2 < (found != 0).mean() < 0.3


# --------------------------------------------------------------------------------------------------------- convolutions


@pytest.mark.parametrize("size", [1, 3])
def test_a_convolution_in_front(size, graph):
    """A kernel that is turned round, steps ahead, a last input that is forgotten; zeros in the middle of a text that is read in
    two pieces."""
    x = helpers.make_sequence()
    cell = rnn_tf1.ConvolutionWrapper(Echo(UNITS), WIDE, size, DEPTH, tf.tanh)
    assert cell.state_size == (UNITS, (DEPTH,) * (size - 1)) and cell.output_size == WIDE
    inputs = tf.constant(x, tf.float32)
    outputs, _ = rnn_tf1.dynamic_rnn(cell, inputs, dtype=tf.float32)
    with tf.variable_scope(tf.get_variable_scope(), reuse=True):
        begin, state = rnn_tf1.dynamic_rnn(cell, inputs[:, :2], dtype=tf.float32)
        rest, _ = rnn_tf1.dynamic_rnn(cell, inputs[:, 2:], initial_state=state)
    with helpers.session(tf.trainable_variables()) as s:
        kernel, bias = (s.run(v) for v in sorted(tf.trainable_variables(), key=lambda v: v.name, reverse=True))
        whole, pieces = s.run([outputs, tf.concat([begin, rest], 1)])
    assert kernel.shape == (size * DEPTH, WIDE) and [v.op.name for v in cell.variables] == [
        "rnn/convolution_wrapper/kernel",
        "rnn/convolution_wrapper/bias",
    ]
    padded = np.concatenate([np.zeros([BATCH, size - 1, DEPTH]), x], 1)
    windows = [padded[:, t : t + size].reshape(BATCH, -1) for t in range(TIME)]
    helpers.assert_near(whole, np.tanh(np.stack(windows, 1) @ kernel + bias), 1e-5)
    helpers.assert_near(pieces, whole, 1e-6)
