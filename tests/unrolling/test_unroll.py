"""manual = static = dynamic = the loop by hand; lengths, directions, layers of directions, and toy cells."""

import subprocess
import sys

import helpers
import numpy as np
import pytest
import tensorflow.compat.v1 as tf
import toy_cells
from helpers import BATCH, DEPTH, LENGTHS, PROJ, TIME, UNITS, UNROLLS, WIDE

import rnn_tf1

OURS = helpers.Ours()
RAGGED = LENGTHS["ragged"]


def constant_sequence(dtype=tf.float32, seed=0):
    return tf.constant(helpers.make_sequence(seed=seed), dtype)


def zeros_beyond(outputs, lengths):
    return np.stack([np.where(np.arange(TIME)[:, None] < n, row, 0.0) for row, n in zip(outputs, lengths)])


# --------------------------------------------------------------------------------------------- every way is the same


# A cell's numbers are test_golden's; here, every class and every form of a state.
LOOPED = ["basic_rnn", "lstm_all", "context", "embedding"]
FORMS = ["gru", "basic_lstm_flat", "lstm_sharded", "layer_norm_lstm", "layer_norm_rnn", "multi", "multi_flat", "nest"]
FORMS += ["context_options", "input_projection", "output_projection", "residual", "dropout_none"]


@pytest.mark.parametrize("name", helpers.by_default(LOOPED + FORMS, LOOPED, pytest.mark.once))
def test_every_way_is_the_loop(name, graph):
    """An unrolling that differs from the loop by hand: outputs not zeroed, a state not frozen, a first state ignored."""
    cell = helpers.EVERY_CELL[name](OURS)
    x = tf.constant(helpers.net_inputs(name), tf.int32 if name == "embedding" else tf.float32)
    lengths = tf.placeholder(tf.int32, [BATCH])
    given = helpers.constants(helpers.make_state(cell.state_size))
    ways, loops = {}, {}
    for with_state in (True, False):
        state, outputs = given if with_state else cell.zero_state(BATCH, tf.float32), []
        states = [tf.nest.flatten(state)]
        with tf.variable_scope("rnn"):
            for t in range(TIME):
                output, state = cell(x[:, t], state)
                outputs.append(output)
                states.append(tf.nest.flatten(state))
        loops[with_state] = tf.stack(outputs, 1), states
        for with_lengths in (True, False):
            for how in UNROLLS:
                outputs, final = OURS.unroll(
                    how, cell, x, lengths if with_lengths else None, given if with_state else None, tf.float32
                )
                assert outputs.shape.as_list() == [BATCH, TIME, cell.output_size]
                tf.nest.assert_same_structure(final, cell.state_size)
                ways[how, with_state, with_lengths] = outputs, tf.nest.flatten(final)
    ways["tf.nn", True, True] = tf.nn.dynamic_rnn(cell, x, lengths, given)
    with helpers.session() as s:
        loops = s.run(loops)
        for kind, row_lengths in LENGTHS.items():
            found = s.run(
                {key: value for key, value in ways.items() if key[2] or kind == "full"}, {lengths: row_lengths}
            )
            for (how, with_state, _), (outputs, final) in found.items():
                loop_outputs, states = loops[with_state]
                what = "%s, %s lengths, %s state" % (how, kind, "with" if with_state else "without")
                helpers.assert_near(outputs, zeros_beyond(loop_outputs, row_lengths), 1e-6, what)
                for i, got in enumerate(tf.nest.flatten(final)):
                    expected = np.stack([states[n][i][row] for row, n in enumerate(row_lengths)])
                    helpers.assert_near(got, expected, 1e-6, what + ", final state")
                    ended = np.array(row_lengths) == 0
                    np.testing.assert_array_equal(got[ended], expected[ended])  # not one step was taken
                for row, n in enumerate(row_lengths):
                    np.testing.assert_array_equal(outputs[row, n:], 0.0)


@pytest.mark.parametrize("how", UNROLLS)
def test_state_stops_bit_for_bit(how, graph):
    """A state that drifts, in its last bits, after the row has ended."""
    cell, x = rnn_tf1.LSTMCell(UNITS), constant_sequence()
    given = helpers.constants(helpers.make_state(cell.state_size))
    _, final = OURS.unroll(how, cell, x, RAGGED, given)
    _, own = OURS.unroll(how, cell, x[:, : RAGGED[0]], None, given)
    final, own = helpers.run([final, own])
    np.testing.assert_array_equal(final.c[0], own.c[0])
    np.testing.assert_array_equal(final.h[0], own.h[0])


@pytest.mark.once
@pytest.mark.parametrize(
    "name",
    helpers.by_default(["lstm_all", "context", "multi"], ["lstm_all", "context"], pytest.mark.once),
)
def test_gradients_agree(name, graph):
    """A gradient lost in one of the unrollings, through lengths, or through the first state."""
    nets = {how: helpers.build(name, OURS, how, LENGTHS["with_zero"], how) for how in UNROLLS}
    grads = {how: helpers.gradients_of(net) for how, net in nets.items()}
    with helpers.session([]) as s:
        for how, net in nets.items():
            helpers.set_variables(s, net.variables, how)
        grads = s.run(grads)
    for how in ("static", "dynamic"):
        for i, (a, b) in enumerate(zip(grads[how], grads["manual"])):
            assert np.abs(b).max() > 1e-3
            helpers.assert_near(a, b, 2e-6, "%s %d" % (how, i))


def test_chunks_with_carried_state(graph):
    """A state that is not handed on whole: T steps at once differ from the same steps in chunks."""
    cell, x = helpers.WRAPPED["multi"](OURS), constant_sequence()
    outputs, final = rnn_tf1.dynamic_rnn(cell, x)
    first, state = rnn_tf1.dynamic_rnn(cell, x[:, :1])
    second, state = rnn_tf1.dynamic_rnn(cell, x[:, 1:], initial_state=state)
    whole, chunks = helpers.run([[outputs] + tf.nest.flatten(final), [first, second] + tf.nest.flatten(state)])
    np.testing.assert_array_equal(whole[0], np.concatenate(chunks[:2], 1))
    for a, b in zip(whole[1:], chunks[2:]):
        np.testing.assert_array_equal(a, b)


def test_list_inputs(graph):
    """A list of steps that comes back as a tensor, or is read in another order."""
    cell, x = rnn_tf1.GRUCell(UNITS), constant_sequence()
    expected, final = rnn_tf1.dynamic_rnn(cell, x, RAGGED)
    found = []
    for unroll in (rnn_tf1.manual_rnn, rnn_tf1.static_rnn):
        outputs, state = unroll(cell, tf.unstack(x, axis=1), dtype=tf.float32, sequence_length=RAGGED)
        assert isinstance(outputs, list)
        assert len(outputs) == TIME
        found.append([tf.stack(outputs, 1), state])
    (expected, final), found = helpers.run([[expected, final], found])
    for outputs, state in found:
        helpers.assert_near(outputs, expected, 1e-6)
        helpers.assert_near(state, final, 1e-6)


def test_time_major(graph):
    """Batch and time swapped with time_major."""
    cell, x = rnn_tf1.GRUCell(UNITS), constant_sequence()
    plain = rnn_tf1.dynamic_rnn(cell, x, RAGGED)
    turned = rnn_tf1.dynamic_rnn(cell, tf.transpose(x, [1, 0, 2]), RAGGED, time_major=True)
    plain, turned = helpers.run([plain, turned])
    helpers.assert_near(turned[0].swapaxes(0, 1), plain[0], 1e-6)
    helpers.assert_near(turned[1], plain[1], 1e-6)


@pytest.mark.parametrize("how", UNROLLS)
@pytest.mark.parametrize("lengths", [RAGGED, None], ids=["ragged", "none"])
def test_time_major_in_both_directions(how, lengths, graph):
    """The wrong axis reversed with time_major."""
    fw, bw, x = rnn_tf1.GRUCell(UNITS), rnn_tf1.BasicRNNCell(WIDE), constant_sequence()
    results = [
        rnn_tf1.bidirectional_rnn(fw, bw, inputs, lengths, dtype=tf.float32, time_major=major, unroll=how)
        for major, inputs in [(False, x), (True, tf.transpose(x, [1, 0, 2]))]
    ]
    batch_major, time_major = helpers.run(results)
    for i in range(2):
        helpers.assert_near(time_major[0][i].swapaxes(0, 1), batch_major[0][i], 1e-6)
        helpers.assert_near(time_major[1][i], batch_major[1][i], 1e-6)


def all_nodes(graph):
    definition = graph.as_graph_def()
    return list(definition.node) + [node for function in definition.library.function for node in function.node_def]


def test_swap_memory_and_parallel_iterations(graph):
    """Two arguments that change no value, and could be dropped without any other test noticing."""
    cell, x = rnn_tf1.BasicRNNCell(UNITS), constant_sequence()
    plain, _ = rnn_tf1.dynamic_rnn(cell, x)
    outputs, _ = rnn_tf1.dynamic_rnn(cell, x, parallel_iterations=3, swap_memory=True)
    grads = [tf.gradients(tf.reduce_sum(y * y), x)[0] for y in (plain, outputs)]
    for a, b in zip(*helpers.run([[plain, grads[0]], [outputs, grads[1]]])):
        helpers.assert_near(a, b, 1e-6)
    nodes = all_nodes(graph)
    assert {n.attr["parallel_iterations"].i for n in nodes if "parallel_iterations" in n.attr} >= {3, 32}
    swaps = {n.attr["swap_memory"].b for n in nodes if n.op == "StackPushV2"}
    assert swaps == ({True, False} if helpers.IS_TF1 else set())  # TF 2's loop keeps no stacks


@pytest.mark.parametrize("train", [False, True], ids=["forward", "backward"])
def test_graph_does_not_grow_with_time(train):
    """A dynamic_rnn that lays steps out in the graph."""
    counts = []
    for steps in (10, 1000):
        with tf.Graph().as_default() as graph:
            cell = rnn_tf1.LSTMCell(UNITS, num_proj=PROJ)
            outputs, _ = rnn_tf1.dynamic_rnn(cell, tf.placeholder(tf.float32, [2, steps, DEPTH]), [1, 2])
            if train:
                tf.gradients(outputs, cell.variables)
            counts.append(len(all_nodes(graph)))
    assert counts[0] == counts[1]


def test_unknown_time(graph):
    """A number of steps baked into dynamic_rnn's graph, with lengths."""
    x, lengths = tf.placeholder(tf.float32, [None, None, DEPTH]), tf.placeholder(tf.int64, [None])
    outputs, final = rnn_tf1.dynamic_rnn(toy_cells.RunningSum(DEPTH), x, lengths)
    with tf.Session() as s:
        for time in (1, 3):
            values = helpers.make_sequence(2, time)
            got, state = s.run([outputs, final], {x: values, lengths: [time, 1]})
            helpers.assert_near(got[0], values[0].cumsum(0), 1e-6)
            helpers.assert_near(state, [values[0].sum(0), values[1, 0]], 1e-6)


# ---------------------------------------------------------------------------------------------------------- toy cells


@pytest.mark.parametrize("how", UNROLLS)
def test_toy_cells(how, graph):
    """A step too many or too few, steps in the wrong order, rows mixed: the answers are known without computing."""
    sequence, lengths = helpers.make_sequence(), LENGTHS["with_zero"]
    x, start = tf.constant(sequence, tf.float32), tf.constant([[10.0 * b] for b in range(BATCH)])
    steps = np.arange(TIME)
    counted = OURS.unroll(how, toy_cells.Counter(), x, lengths, start)
    summed = OURS.unroll(how, toy_cells.RunningSum(DEPTH), x, lengths, None)
    delayed = OURS.unroll(how, toy_cells.Delay(DEPTH), x, None, None)
    since = OURS.unroll(how, toy_cells.TimeSince(), x, None, start)
    counted, summed, delayed, since = helpers.run([counted, summed, delayed, since])
    for b, n in enumerate(lengths):
        np.testing.assert_array_equal(counted[0][b, :, 0], np.where(steps < n, 10.0 * b + steps + 1, 0))
        np.testing.assert_array_equal(counted[1][b], [10.0 * b + n])
        helpers.assert_near(summed[0][b, :n], sequence[b, :n].cumsum(0), 1e-6)
        helpers.assert_near(summed[1][b], sequence[b, :n].sum(0), 1e-6)
        helpers.assert_near(delayed[0][b], np.concatenate([np.zeros([1, DEPTH]), sequence[b, :-1]]), 1e-6)
        last = 10.0 * b
        for t in range(TIME):
            last = 0.0 if sequence[b, t, 0] > 0 else last + 1
            assert since[0][b, t, 0] == last
    helpers.assert_near(delayed[1], sequence[:, -1], 1e-6)


# ------------------------------------------------------------------------------------------------------ both directions


@pytest.mark.parametrize("how", UNROLLS)
@pytest.mark.parametrize("kind", ["with_zero", "none"])
def test_directions_of_toy_cells(how, kind, graph):
    """Directions swapped, a backward direction that is not reversed, or left reversed, or starts in the padding."""
    sequence = helpers.make_sequence()
    x, lengths = tf.constant(sequence, tf.float32), LENGTHS.get(kind)
    (fw, bw), (state_fw, state_bw) = helpers.run(
        rnn_tf1.bidirectional_rnn(
            toy_cells.RunningSum(DEPTH), toy_cells.Delay(DEPTH), x, lengths, dtype=tf.float32, unroll=how
        )
    )
    for b, n in enumerate(lengths or [TIME] * BATCH):
        helpers.assert_near(fw[b, :n], sequence[b, :n].cumsum(0), 1e-6)
        helpers.assert_near(state_fw[b], sequence[b, :n].sum(0), 1e-6)
        after = np.concatenate([sequence[b, 1:n], np.zeros([1, DEPTH])])[:n]  # at each step, the input of the one after
        helpers.assert_near(bw[b, :n], after, 1e-6)
        helpers.assert_near(state_bw[b], sequence[b, 0] if n else np.zeros(DEPTH), 1e-6)
        np.testing.assert_array_equal(fw[b, n:], 0.0)
        np.testing.assert_array_equal(bw[b, n:], 0.0)


def by_rows(x, lengths):
    """Each row of x reversed within its length."""
    return np.stack([np.concatenate([row[:n][::-1], row[n:]]) for row, n in zip(x, lengths)])


@pytest.mark.parametrize("how", UNROLLS)
def test_directions_of_cells_of_two_sizes(how, graph):
    """First states of the two directions swapped, weights shared, final states in the wrong place."""
    fw, bw, lengths = rnn_tf1.GRUCell(UNITS), rnn_tf1.LSTMCell(WIDE, num_proj=PROJ), LENGTHS["with_zero"]
    x = helpers.make_sequence()
    starts = [helpers.constants(helpers.make_state(cell.state_size, seed=i)) for i, cell in enumerate([fw, bw])]
    both = rnn_tf1.bidirectional_rnn(fw, bw, tf.constant(x, tf.float32), lengths, *starts, unroll=how)
    assert {helpers.plain_name(v).rsplit("/", 2)[0] for v in fw.variables} == {"bidirectional_rnn/fw/gru_cell"}
    assert {helpers.plain_name(v).split("/")[1] for v in bw.variables} == {"bw"}
    alone_fw = rnn_tf1.manual_rnn(fw, tf.constant(x, tf.float32), starts[0], sequence_length=lengths)
    alone_bw = rnn_tf1.manual_rnn(bw, tf.constant(by_rows(x, lengths), tf.float32), starts[1], sequence_length=lengths)
    both, alone_fw, alone_bw = helpers.run([both, alone_fw, alone_bw])
    helpers.assert_near(both[0][0], alone_fw[0], 1e-6)
    helpers.assert_near(both[0][1], by_rows(alone_bw[0], lengths), 1e-6)
    helpers.assert_near(both[1][0], alone_fw[1], 1e-6)
    helpers.assert_near(both[1][1].c, alone_bw[1].c, 1e-6)
    helpers.assert_near(both[1][1].h, alone_bw[1].h, 1e-6)


def test_bidirectional_passes_everything_on(graph):
    """parallel_iterations or dtype lost on the way to dynamic_rnn."""
    x = tf.constant(helpers.make_ids())
    cells = [rnn_tf1.EmbeddingWrapper(rnn_tf1.GRUCell(UNITS), helpers.CLASSES, WIDE) for _ in range(2)]
    (fw, bw), _ = rnn_tf1.bidirectional_dynamic_rnn(*cells, x, dtype=tf.float64, parallel_iterations=7)
    assert (fw.dtype, bw.dtype) == (tf.float64, tf.float64)
    assert {n.attr["parallel_iterations"].i for n in all_nodes(graph) if "parallel_iterations" in n.attr} == {7}


@pytest.mark.parametrize("how", UNROLLS)
def test_stacked_directions(how, graph):
    """Layers of directions that do not read both directions of the one below, or mix up their states."""
    fws, bws = [rnn_tf1.GRUCell(UNITS), rnn_tf1.BasicRNNCell(WIDE)], [rnn_tf1.LSTMCell(PROJ), rnn_tf1.GRUCell(UNITS)]
    x, lengths = constant_sequence(), LENGTHS["with_zero"]
    starts = [
        [helpers.constants(helpers.make_state(cell.state_size, seed=i)) for i, cell in enumerate(cells, 10 * d)]
        for d, cells in enumerate([fws, bws])
    ]
    outputs, states_fw, states_bw = rnn_tf1.stack_bidirectional_dynamic_rnn(
        fws, bws, x, *starts, sequence_length=lengths, unroll=how
    )
    layer, states = x, []
    for i in range(2):
        pair, finals = rnn_tf1.bidirectional_rnn(fws[i], bws[i], layer, lengths, starts[0][i], starts[1][i])
        layer = tf.concat(pair, 2)
        states.append(finals)
    assert outputs.shape.as_list() == [BATCH, TIME, WIDE + UNITS]
    got, expected = helpers.run(
        [
            [outputs] + tf.nest.flatten([states_fw, states_bw]),
            [layer] + tf.nest.flatten([[states[0][0], states[1][0]], [states[0][1], states[1][1]]]),
        ]
    )
    assert len(got) == len(expected)
    for a, b in zip(got, expected):
        helpers.assert_near(a, b, 1e-6)


# ------------------------------------------------------------------------------------------------- the last output


@pytest.mark.parametrize("kind", ["ragged", "with_zero", "full"])
def test_last_output(kind, graph):
    """The output one step early or late, of another row, or of the padding."""
    lengths = tf.placeholder(tf.int32, [None])
    outputs, _ = rnn_tf1.dynamic_rnn(rnn_tf1.GRUCell(UNITS), constant_sequence(), lengths)
    last, unpadded = rnn_tf1.last_output(outputs, lengths), rnn_tf1.last_output(outputs)
    assert last.shape.as_list()[1:] == [UNITS]
    with helpers.session() as s:
        outputs, last, unpadded = s.run([outputs, last, unpadded], {lengths: LENGTHS[kind]})
    for row, n in enumerate(LENGTHS[kind]):
        np.testing.assert_array_equal(last[row], outputs[row, n - 1] if n else np.zeros(UNITS))
    np.testing.assert_array_equal(unpadded, outputs[:, -1])


# ------------------------------------------------------------------------------------------------ lengths that are wrong


def pair():
    return rnn_tf1.BasicRNNCell(UNITS), rnn_tf1.GRUCell(WIDE)


USERS_OF_LENGTHS = {
    "manual_rnn": lambda x, n: rnn_tf1.manual_rnn(rnn_tf1.BasicRNNCell(UNITS), x, sequence_length=n),
    "static_rnn": lambda x, n: rnn_tf1.static_rnn(rnn_tf1.BasicRNNCell(UNITS), x, sequence_length=n),
    "dynamic_rnn": lambda x, n: rnn_tf1.dynamic_rnn(rnn_tf1.BasicRNNCell(UNITS), x, n),
    "last_output": lambda x, n: rnn_tf1.last_output(x, n),
    "bidirectional_rnn": lambda x, n: rnn_tf1.bidirectional_rnn(*pair(), x, n, dtype=tf.float32),
    "bidirectional_rnn, manual": lambda x, n: rnn_tf1.bidirectional_rnn(
        *pair(), x, n, dtype=tf.float32, unroll="manual"
    ),
}


@pytest.mark.parametrize("user", list(USERS_OF_LENGTHS))
@pytest.mark.parametrize("wrong", [TIME + 1, -1])
def test_wrong_lengths_are_refused_at_once(user, wrong, graph):
    """A length that lies outside the time axis, known when the graph is built, and taken for the whole axis."""
    with pytest.raises(rnn_tf1.GraphError) as caught:
        USERS_OF_LENGTHS[user](constant_sequence(), [TIME] * (BATCH - 1) + [wrong])
    assert "sequence_length[%d] is %d; it must lie in 0..%d" % (BATCH - 1, wrong, TIME) in str(caught.value)


@pytest.mark.parametrize("user", list(USERS_OF_LENGTHS))
def test_wrong_lengths_are_refused_at_run_time(user, graph):
    """A length that lies outside the time axis, fed at run time."""
    lengths = tf.placeholder(tf.int32, [None])
    results = tf.nest.flatten(USERS_OF_LENGTHS[user](constant_sequence(), lengths))
    with helpers.session() as s:
        s.run(results, {lengths: [TIME] * (BATCH - 1) + [0]})
        for result in results:
            for wrong in (TIME + 1, -1):
                with pytest.raises(tf.errors.InvalidArgumentError):
                    s.run(result, {lengths: [TIME] * (BATCH - 1) + [wrong]})


def test_lengths_of_other_shapes_are_refused(graph):
    """Lengths [batch, 1], which TensorFlow would broadcast."""
    for how in UNROLLS:
        with pytest.raises(rnn_tf1.GraphError, match=r"must be \[batch\]"):
            OURS.unroll(how, rnn_tf1.BasicRNNCell(UNITS), constant_sequence(), [[1]] * BATCH, None)


# ------------------------------------------------------------------------------------------ what the program would see

PROGRAM = """
import numpy as np
import tensorflow.compat.v1 as tf
import rnn_tf1

if not tf.executing_eagerly():
    tf.enable_eager_execution()
cells = [rnn_tf1.LSTMCell(5), rnn_tf1.GRUCell(4)]
x = np.float32([[[1.0, 2.0], [3.0, 4.0]]])
builders = {
    "manual_rnn": lambda: rnn_tf1.manual_rnn(cells[0], x),
    "static_rnn": lambda: rnn_tf1.static_rnn(cells[0], x),
    "dynamic_rnn": lambda: rnn_tf1.dynamic_rnn(cells[0], x),
    "bidirectional_rnn": lambda: rnn_tf1.bidirectional_rnn(*cells, x, dtype=tf.float32),
    "stack_bidirectional_dynamic_rnn": lambda: rnn_tf1.stack_bidirectional_dynamic_rnn(
        cells[:1], cells[1:], x, dtype=tf.float32
    ),
    "last_output": lambda: rnn_tf1.last_output(x),
    "LSTMCell": lambda: cells[0](tf.zeros([1, 2]), (tf.zeros([1, 5]), tf.zeros([1, 5]))),
    "LSTMCell.zero_state": lambda: cells[0].zero_state(1, tf.float32),
}
for name, build in builders.items():
    try:
        build()
        print("not refused:", name)
    except rnn_tf1.GraphError as error:
        for part in (name + " builds a graph", "with tf.Graph().as_default():", "tf.disable_eager_execution()"):
            if part not in str(error):
                print(name, "does not say", part)
with tf.Graph().as_default():
    results = []
    for name, build in builders.items():
        with tf.variable_scope(name.replace(".", "_")):
            cells = [rnn_tf1.LSTMCell(5), rnn_tf1.GRUCell(4)]
            results.append(build())
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        session.run(results)
assert tf.executing_eagerly()
print("done")
"""


@pytest.mark.slow
def test_with_eager_execution_outside():
    """A builder that only works with eager execution off, or is called eagerly and fails in a way nobody understands;
    and advice to use Keras, whose layers cannot read these checkpoints."""
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True)
    assert done.stdout.strip() == "done", done.stdout + done.stderr
    lines = [line for line in done.stderr.splitlines() if "keras" in line.lower() or "deprecated" in line.lower()]
    # TF 1.15 speaks of its own where_v2, which our code is not the one to call.
    assert [line for line in lines if "rnn" in line.lower() or "keras" in line.lower()] == []


# ---------------------------------------------------------------------------------- cells of the user's own, other states


class CountsFirst(rnn_tf1.RNNCell):
    """The first tensor of its state counts in whole numbers; the output is the sum of the inputs so far."""

    state_size, output_size = (1, DEPTH), DEPTH

    def zero_state(self, batch_size, dtype):
        return tf.zeros(tf.stack([batch_size, 1]), tf.int32), tf.zeros(tf.stack([batch_size, DEPTH]), dtype)

    def call(self, inputs, state):
        count, total = state[0] + 1, state[1] + inputs
        return total, (count, total)


@pytest.mark.parametrize("how", UNROLLS)
@pytest.mark.parametrize("lengths", [None, RAGGED], ids=["none", "ragged"])
@pytest.mark.parametrize("given", ["dtype", "state", "both", "neither"])
def test_a_state_that_begins_with_whole_numbers(given, lengths, how, graph):
    """Outputs in the type of a counter; the caller's dtype forgotten."""
    cell, x = CountsFirst(), constant_sequence()
    state = cell.zero_state(BATCH, tf.float32) if given in ("state", "both") else None
    dtype = tf.float32 if given in ("dtype", "both") else None
    outputs, (count, total) = OURS.unroll(how, cell, x, lengths, state, dtype)
    assert outputs.dtype == tf.float32
    outputs, count, total, x = helpers.run([outputs, count, total, x])
    ends = np.array([TIME] * BATCH if lengths is None else lengths)
    sums = np.cumsum(x, axis=1)
    helpers.assert_near(outputs, zeros_beyond(sums, ends), 1e-6)
    np.testing.assert_array_equal(count[:, 0], ends)
    helpers.assert_near(total, [row[end - 1] if end else 0 * row[0] for row, end in zip(sums, ends)], 1e-6)


class CountsAlone(rnn_tf1.RNNCell):
    """Its state is a whole number, and its output is not."""

    state_size, output_size = 1, DEPTH

    def zero_state(self, batch_size, dtype):
        return tf.zeros(tf.stack([batch_size, 1]), tf.int32)

    def call(self, inputs, state):
        return inputs * tf.cast(state, inputs.dtype), state + 1


@pytest.mark.parametrize("how", UNROLLS)
@pytest.mark.parametrize("with_state", [False, True])
def test_outputs_have_the_dtype_that_was_asked_for(with_state, how, graph):
    """The caller's dtype dropped, where the state has no other to offer, or where a state is given."""
    cell, x = CountsAlone(), constant_sequence(tf.float64)
    state = cell.zero_state(BATCH, tf.float64) if with_state else None
    outputs, _ = OURS.unroll(how, cell, x, RAGGED, state, tf.float64)
    found, x = helpers.run([outputs, x])
    np.testing.assert_array_equal(found, zeros_beyond(x * np.arange(TIME)[:, None], RAGGED))


class Remembers(rnn_tf1.RNNCell):
    """Beside its sum, a tensor array of all inputs, or a number: where `state_size` says ()."""

    state_size, output_size = None, DEPTH

    def __init__(self, kept, size=()):
        super().__init__()
        self.kept, self.state_size = kept, (DEPTH, size)

    def zero_state(self, batch_size, dtype):
        shape = [BATCH, DEPTH]
        kept = (
            tf.TensorArray(dtype, 0, dynamic_size=True, element_shape=shape) if self.kept == "all" else tf.constant(0)
        )
        return tf.zeros(tf.stack([batch_size, DEPTH]), dtype), kept

    def call(self, inputs, state):
        total, kept = state
        kept = kept.write(kept.size(), inputs) if self.kept == "all" else kept + 1
        return total + inputs, (total + inputs, kept)


@pytest.mark.parametrize("how", UNROLLS)
@pytest.mark.parametrize("lengths", [None, RAGGED], ids=["none", "ragged"])
@pytest.mark.parametrize("kept", ["all", "count"])
@pytest.mark.parametrize("size", [(), tf.TensorShape([])], ids=["empty", "scalar"])
def test_a_counter_or_a_tensor_array_in_the_state(size, kept, lengths, how, graph):
    """A state refused, which TensorFlow 1.15 takes; or rows chosen in what belongs to no row."""
    for with_state in (False, True):
        cell = Remembers(kept, size)
        state = cell.zero_state(BATCH, tf.float32) if with_state else None
        outputs, (_, found) = OURS.unroll(how, cell, constant_sequence(), lengths, state)
        found = found.stack() if kept == "all" else found
        outputs, found = helpers.run([outputs, found])
        x = np.float32(helpers.make_sequence())
        ends = [TIME] * BATCH if lengths is None else lengths
        helpers.assert_near(outputs, zeros_beyond(np.cumsum(x, axis=1), ends), 1e-6)
        np.testing.assert_array_equal(found, x.swapaxes(0, 1) if kept == "all" else TIME)


class Images(rnn_tf1.RNNCell):
    """The sum of images [rows, columns, channels]."""

    state_size = output_size = tf.TensorShape([5, 3, 2])

    def call(self, inputs, state):
        return state + inputs, state + inputs


class Numbers(rnn_tf1.RNNCell):
    """The sum of single numbers, [batch] at each step."""

    state_size = output_size = 1

    def call(self, inputs, state):
        return state + inputs[:, None], state + inputs[:, None]


@pytest.mark.parametrize("how", ["manual", "static"])
@pytest.mark.parametrize("lengths", [None, RAGGED], ids=["none", "ragged"])
@pytest.mark.parametrize("shape", [[5, 3, 2], []], ids=["images", "numbers"])
def test_steps_of_any_rank(shape, lengths, how, graph):
    """A list of images or of numbers, refused by a text that asks for [batch, depth]."""
    steps = np.float32(helpers.values("steps", [TIME, BATCH] + shape))
    unroll = rnn_tf1.manual_rnn if how == "manual" else rnn_tf1.static_rnn
    cell = Images() if shape else Numbers()
    outputs, _ = unroll(cell, [tf.constant(step) for step in steps], sequence_length=lengths)
    assert isinstance(outputs, list) and len(outputs) == TIME
    found = np.stack(helpers.run(outputs))
    ends = np.array([TIME] * BATCH if lengths is None else lengths)
    expected = np.cumsum(steps, axis=0).reshape([TIME, BATCH] + (shape or [1]))
    for t in range(TIME):
        expected[t, t >= ends] = 0.0
    helpers.assert_near(found, expected, 1e-6)


def test_a_step_that_is_one_number(graph):
    """A number where a batch is due, found out by an index."""
    for unroll in (rnn_tf1.manual_rnn, rnn_tf1.static_rnn):
        with pytest.raises(rnn_tf1.GraphError, match="the inputs of step 0 are a scalar; they must be .batch"):
            unroll(Numbers(), [1.0, 2.0])


@pytest.mark.parametrize("time_major", [False, True])
@pytest.mark.parametrize("lengths", [None, [0] * BATCH], ids=["none", "zeros"])
def test_no_step_in_a_loop(lengths, time_major, graph):
    """No step, refused where TensorFlow's loop gives outputs of no step and the first state."""
    x = tf.zeros([0, BATCH, DEPTH] if time_major else [BATCH, 0, DEPTH])
    cell = rnn_tf1.LSTMCell(UNITS)
    state = rnn_tf1.LSTMStateTuple(*helpers.constants(helpers.make_state((UNITS, UNITS))))
    outputs, final = rnn_tf1.dynamic_rnn(cell, x, lengths, state, time_major=time_major)
    assert outputs.shape.as_list() == ([0, BATCH, UNITS] if time_major else [BATCH, 0, UNITS])
    outputs, final, state = helpers.run([outputs, final, state])
    assert outputs.size == 0
    for a, b in zip(final, state):
        np.testing.assert_array_equal(a, b)
    with tf.variable_scope("both"):
        cells = rnn_tf1.GRUCell(UNITS), rnn_tf1.GRUCell(WIDE)
        (fw, bw), _ = rnn_tf1.bidirectional_dynamic_rnn(*cells, x, lengths, time_major=time_major)
    assert [part.size for part in helpers.run([fw, bw])] == [0, 0]


def test_no_row_with_the_time_first(graph):
    """A batch of no rows taken for a sequence of no steps."""
    outputs, _ = rnn_tf1.dynamic_rnn(rnn_tf1.GRUCell(UNITS), tf.zeros([TIME, 0, DEPTH]), time_major=True)
    assert helpers.run(outputs).shape == (TIME, 0, UNITS)
    with pytest.raises(rnn_tf1.GraphError, match="fused_rnn: the inputs have no time step"):
        rnn_tf1.fused_rnn(rnn_tf1.GRUCell(UNITS), tf.zeros([0, BATCH, DEPTH]), time_major=True)
