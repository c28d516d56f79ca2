"""The functions of legacy_seq2seq beside TensorFlow 1.15's own, beside what these have written, and beside NumPy."""

import inspect
import os

import helpers
import legacy_nets
import numpy as np
import pytest
import reference
import tensorflow.compat.v1 as tf
import toy_cells
from helpers import BATCH, CLASSES, UNITS, WIDE, assert_near, values
from legacy_nets import BUCKETS, DEPTH, PLACES, SOURCE, SYMBOLS, TARGET, ids
from places import GOLDEN

import rnn_tf1
from rnn_tf1.errors import GraphError
from rnn_tf1.legacy import legacy_seq2seq
from rnn_tf1.ops import dropout

FOLDER = os.path.join(GOLDEN, "legacy")
OURS = legacy_nets.Ours()
only_tf1 = pytest.mark.skipif(not helpers.IS_TF1, reason="TensorFlow's own functions exist on 1.15 alone")
SIZES = dict(num_encoder_symbols=CLASSES, num_decoder_symbols=SYMBOLS, embedding_size=DEPTH)


@pytest.fixture(scope="module")
def golden():
    with np.load(os.path.join(FOLDER, "nets.npz"), allow_pickle=False) as arrays:
        return {name: arrays[name] for name in arrays.files}


@pytest.fixture(scope="module")
def theirs():
    return legacy_nets.Theirs()


# ---------------------------------------------------------------------------------------------- beside TensorFlow 1.15


@only_tf1
@pytest.mark.parametrize("name", helpers.by_default(list(legacy_nets.NETS), list(legacy_nets.NETS)[::2]))
def test_as_tensorflow(name, theirs, graph):
    """An equation, a gradient, a variable's name, shape or place in the order that differs from the original's."""
    nets = {outer: legacy_nets.build(name, library, outer) for outer, library in [("o", OURS), ("t", theirs)]}
    assert legacy_nets.described(nets["o"], "o") == legacy_nets.described(nets["t"], "t")
    gradients = {outer: legacy_nets.gradients_of(net) for outer, net in nets.items()}
    with helpers.session([]) as s:
        for outer, net in nets.items():
            helpers.set_variables(s, net.variables, outer)
        found = s.run({outer: (nets[outer].results, gradients[outer]) for outer in nets})
    for kind, ours, tfs in zip(["result", "gradient"], found["o"], found["t"]):
        assert len(ours) == len(tfs)
        for i, (a, b) in enumerate(zip(ours, tfs)):
            assert_near(a, b, 1e-5, "%s %d" % (kind, i))


@pytest.mark.skipif(helpers.IS_TF1, reason="the test above compares with TensorFlow itself")
@pytest.mark.parametrize("name", helpers.by_default(list(legacy_nets.NETS), list(legacy_nets.NETS)[::2]))
def test_as_tensorflow_has_written(name, golden, graph):
    """The same on TensorFlow 2."""
    net = legacy_nets.build(name, OURS)
    assert "\n".join(legacy_nets.described(net)) == str(golden[name + "/names"])
    results, gradients = helpers.run([net.results, legacy_nets.gradients_of(net)])
    found, expected = legacy_nets.condensed(results + gradients), golden[name]
    assert found.shape == expected.shape
    for i, (a, b) in enumerate(zip(found, expected)):
        assert_near(a, b, 3e-5, "%d of %d results" % (i, len(results)))


def test_golden_files_reach_everything(golden):
    """Gradients of zeros would agree with a net that is cut off; a net that was never recorded."""
    assert set(legacy_nets.NETS) == {key for key in golden if not key.endswith("/names")}
    for name in legacy_nets.NETS:
        rows = np.abs(golden[name]).max(1)
        unused = TARGET - 1  # inputs that a loop_function stands in for
        assert (rows < 1e-4).sum() <= unused, name


@only_tf1
@pytest.mark.parametrize("name", legacy_seq2seq.__all__)
def test_signatures(name, theirs):
    """An argument with another name, place or default; a new one that is not keyword-only."""
    ours, tfs = (inspect.signature(getattr(library, name)) for library in (rnn_tf1, theirs))
    described = [(p.name, p.default) for p in ours.parameters.values() if p.kind != p.KEYWORD_ONLY]
    assert described == [(p.name, p.default) for p in tfs.parameters.values()]
    assert all(p.default is None for p in ours.parameters.values() if p.kind == p.KEYWORD_ONLY)


def test_checkpoint_of_tensorflow(graph):
    """Weights that old code has written and that this code cannot read."""
    net = legacy_nets.build(legacy_nets.CHECKPOINT_NET, OURS)
    with helpers.session() as s:
        expected = s.run(net.results)
        s.run(tf.global_variables_initializer())
        assert np.abs(s.run(net.results[0]) - expected[0]).max() > 0.1
        tf.train.Saver().restore(s, os.path.join(FOLDER, "model.ckpt"))
        for a, b in zip(s.run(net.results), expected):
            np.testing.assert_array_equal(a, b)


# ------------------------------------------------------------------------------------------------------ beside the papers


def read_weights(s, scope=""):
    """{name below the scope: value in float64}."""
    return {v.op.name[len(scope) :]: s.run(v).astype(np.float64) for v in tf.global_variables(scope)}


def softmax(z):
    e = np.exp(z - z.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def below(weights, scope):
    return {name[len(scope) :]: value for name, value in weights.items() if name.startswith(scope)}


def attend_row(w, x, s, memory, heads, initial):
    """Vinyals et al. 2015, section 2.1, one row: x [steps, depth], s [units] of a GRU, memory [places, size]; the y_t."""
    step = reference.gru_cell(below(w, "gru_cell/"), x.shape[1])

    def look(s):
        reads = []
        for a in range(heads):
            query = s @ w["Attention_%d/kernel" % a] + w["Attention_%d/bias" % a]
            u = [w["AttnV_%d" % a] @ np.tanh(h @ w["AttnW_%d" % a][0, 0] + query) for h in memory]
            reads.append(softmax(np.array(u)) @ memory if len(memory) else np.zeros(memory.shape[1]))
        return np.concatenate(reads)

    d = look(s) if initial else np.zeros(heads * memory.shape[1])
    outputs = []
    for x_t in x:
        merged = np.concatenate([x_t, d]) @ w["kernel"] + w["bias"]
        c, (s,) = step(merged[None], [s[None]])
        c, s = c[0], s[0]
        d = look(s)
        outputs.append(np.concatenate([c, d]) @ w["AttnOutputProjection/kernel"] + w["AttnOutputProjection/bias"])
    return np.stack(outputs), s


MEMORY_LENGTHS = [PLACES, 3, 0, 1, 7, 2]


@pytest.mark.parametrize(("heads", "initial", "lengths"), [(1, False, None), (2, True, MEMORY_LENGTHS)])
def test_attention_against_numpy(heads, initial, lengths, graph):
    """Scores, reads or outputs that are not the paper's; places behind a row's end that are looked at; a first read that is
    not zero, or is where it must not be. In float64, so that nothing is lost in between."""
    x, s, memory = (
        values(name, shape)
        for name, shape in [("x", [TARGET, BATCH, DEPTH]), ("s", [BATCH, UNITS]), ("m", [BATCH, PLACES, WIDE])]
    )
    outputs, state = rnn_tf1.attention_decoder(
        [tf.constant(step) for step in x],
        tf.constant(s),
        tf.constant(memory),
        rnn_tf1.GRUCell(UNITS),
        SYMBOLS,
        heads,
        dtype=tf.float64,
        initial_state_attention=initial,
        memory_sequence_length=lengths,
    )
    with helpers.session() as session:
        w = read_weights(session, "attention_decoder/")
        outputs, state = session.run([tf.stack(outputs, 1), state])
    assert all(v.dtype.base_dtype == tf.float64 for v in tf.global_variables())
    for b in range(BATCH):
        seen = memory[b, : PLACES if lengths is None else lengths[b]]
        expected, last = attend_row(w, x[:, b], s[b], seen, heads, initial)
        assert_near(outputs[b], expected, 1e-12, "row %d" % b)
        assert_near(state[b], last, 1e-12, "state of row %d" % b)


def test_a_row_without_memory_has_a_gradient(graph):
    """NaN in the gradient of a whole batch because one source is empty."""
    memory = tf.constant(values("m", [BATCH, PLACES, WIDE]), tf.float32)
    outputs, _ = rnn_tf1.attention_decoder(
        legacy_nets.vectors("x", TARGET),
        tf.zeros([BATCH, UNITS]),
        memory,
        rnn_tf1.GRUCell(UNITS),
        memory_sequence_length=MEMORY_LENGTHS,
    )
    gradients = helpers.run(tf.gradients(helpers.loss_of(outputs), tf.global_variables() + [memory]))
    assert all(np.isfinite(gradient).all() for gradient in gradients)
    unseen = np.arange(PLACES) >= np.array(MEMORY_LENGTHS)[:, None]
    assert (gradients[-1][unseen] == 0).all() and (gradients[-1][~unseen] != 0).any(-1).all()


@pytest.mark.parametrize("function", ["embedding_rnn_seq2seq", "embedding_attention_seq2seq"])
def test_padding_is_not_read_where_lengths_are_given(function, graph):
    """An encoder or heads that read what stands behind a row's end; a sequence_length that is taken and not used."""
    source, lengths = legacy_nets.id_values("source", SOURCE, CLASSES), np.array([SOURCE, 3, 0, 1, 3, 2])
    other = np.where(np.arange(SOURCE)[:, None] < lengths, source, (source + 4) % CLASSES)
    longer = np.concatenate([source, source[:2]])
    both = OURS.two(legacy_nets.lstm)
    found = []
    for rows, given in [(source, lengths), (other, lengths), (longer, lengths), (source, None)]:
        with tf.variable_scope(tf.get_variable_scope(), reuse=bool(found)):
            outputs, state = getattr(rnn_tf1, function)(
                [tf.constant(row) for row in rows],
                ids("target", TARGET, SYMBOLS),
                sequence_length=given,
                **dict(both, **SIZES),
            )
            found.append(tf.concat(outputs + tf.nest.flatten(state), 1))
    plain, others, padded, whole = helpers.run(found)
    assert_near(others, plain, 1e-6)
    assert_near(padded, plain, 1e-6)
    assert_near(whole[0], plain[0], 1e-6)
    assert (np.abs(whole - plain).max(1) > 1e-3)[1:].all()


@pytest.mark.parametrize("steps", [True, False])
@pytest.mark.parametrize("rows", [True, False])
def test_losses_against_numpy(steps, rows, graph):
    """A log of another base, a target of another step, weights that do not silence, a mean over the wrong count."""
    logits, weights = values("z", [TARGET, BATCH, SYMBOLS], 2.0), legacy_nets.weight_values()
    targets = legacy_nets.id_values("wanted", TARGET, SYMBOLS)
    lists = [[tf.constant(a[t]) for t in range(TARGET)] for a in (logits, targets, weights)]
    by_example, loss = helpers.run(
        [
            rnn_tf1.sequence_loss_by_example(*lists, average_across_timesteps=steps),
            rnn_tf1.sequence_loss(*lists, average_across_timesteps=steps, average_across_batch=rows),
        ]
    )
    log_p = np.log(softmax(logits))
    expected = np.zeros(BATCH)
    for b in range(BATCH):
        total = -sum(weights[t, b] * log_p[t, b, targets[t, b]] for t in range(TARGET))
        count = sum(weights[t, b] for t in range(TARGET))
        expected[b] = total / count if steps and count else total
    assert expected[2] == 0 and expected[0] > 0.5
    assert_near(by_example, expected, 1e-10)
    assert_near(loss, expected.sum() / (BATCH if rows else 1), 1e-10)


def test_what_has_no_weight_changes_nothing(graph):
    """A loss, or a gradient, of a step that is silenced."""
    logits = [tf.constant(values("z %d" % t, [BATCH, SYMBOLS])) for t in range(TARGET)]
    weights = [tf.constant(step) for step in legacy_nets.weight_values()]
    loss = rnn_tf1.sequence_loss(logits, ids("wanted", TARGET, SYMBOLS), weights)
    gradients = helpers.run(tf.gradients(loss, logits))
    np.testing.assert_array_equal(np.abs(gradients).max(2) > 0, legacy_nets.weight_values() > 0)


# ------------------------------------------------------------------------------------------------------------ one by one


def test_decoder_in_closed_form(graph):
    """Steps in another order, a loop_function that is given another step or output, a first input that it replaces."""
    x = [tf.fill([BATCH, 2], float(10 ** (t + 1))) for t in range(4)]
    start = tf.fill([BATCH, 2], 1.0)
    plain, state = rnn_tf1.rnn_decoder(x, start, toy_cells.RunningSum(2))
    looped, _ = rnn_tf1.rnn_decoder(x, start, toy_cells.RunningSum(2), lambda y, t: t * y)
    plain, state, looped = helpers.run([tf.stack(plain), state, tf.stack(looped)])
    np.testing.assert_array_equal(plain[:, 0, 0], [11, 111, 1111, 11111])
    np.testing.assert_array_equal(state, plain[-1])
    np.testing.assert_array_equal(looped[:, 5, 1], [11, 22, 66, 264])


def test_a_cell_that_asks_for_its_variables_at_every_step(graph):
    """Cells of old code, which need the scope to reuse what the first step has made; and a loop_function that does so."""

    class Old(toy_cells.ToyCell):
        def __call__(self, inputs, state, scope=None):
            state = tf.tanh(state + tf.matmul(inputs, tf.get_variable("w", [1, 1])))
            return state, state

    x, start = [tf.ones([BATCH, 1])] * TARGET, tf.zeros([BATCH, 1])
    with tf.variable_scope("rnn_decoder/loop_function"):
        tf.get_variable("v", [])
    rnn_tf1.rnn_decoder(x, start, Old(), lambda y, t: y * tf.get_variable("v", []))
    rnn_tf1.attention_decoder(x, start, legacy_nets.memory(), Old())
    names = [v.op.name for v in tf.global_variables()]
    assert names[:2] == ["rnn_decoder/loop_function/v", "rnn_decoder/w"]
    assert len(names) == len(set(names)) == 2 + 9


@pytest.mark.parametrize("function", ["embedding_rnn_seq2seq", "embedding_attention_seq2seq"])
def test_writing_reads_what_was_written(function, graph):
    """feed_previous=True that is not what a person gets who feeds each most likely symbol by hand; a bool tensor that is
    neither the one nor the other, or that makes the variables twice."""
    both, own = OURS.two(legacy_nets.gru), tf.placeholder(tf.bool, [])
    target = [tf.placeholder(tf.int32, [None]) for _ in range(TARGET)]
    found = []
    for previous in (own, False, True):
        with tf.variable_scope(tf.get_variable_scope(), reuse=bool(found)):
            outputs, _ = getattr(rnn_tf1, function)(
                ids("source", SOURCE, CLASSES), target, feed_previous=previous, **dict(both, **SIZES)
            )
            found.append(tf.stack(outputs))
        if previous is own:
            count = len(tf.global_variables())
    assert len(tf.global_variables()) == count
    given = legacy_nets.id_values("target", TARGET, SYMBOLS)
    with helpers.session() as s:

        def run(tensor, rows, flag=False):
            return s.run(tensor, dict(list(zip(target, rows)) + [(own, flag)]))

        by_hand = given.copy()
        for t in range(1, TARGET):
            by_hand[t] = run(found[1], by_hand)[t - 1].argmax(1)
        assert (by_hand != given).any() and len(np.unique(by_hand)) > 2
        told_false, told_true = run(found[0], given, False), run(found[0], given, True)
        assert_near(run(found[2], given), run(found[1], by_hand), 1e-6)
        assert_near(told_true, run(found[1], by_hand), 1e-6)
        assert_near(told_false, run(found[1], given), 1e-6)
        assert np.abs(told_true - told_false).max() > 0.1


def test_a_bool_tensor_costs_one_decoder(graph):
    """Two decoders in the graph where one will do: twice the time to build it."""

    def nodes(previous):
        with tf.Graph().as_default() as fresh:
            previous = tf.placeholder(tf.bool, []) if previous is None else previous
            rnn_tf1.embedding_attention_seq2seq(
                ids("source", 2, CLASSES),
                ids("target", 9, SYMBOLS),
                feed_previous=previous,
                **dict(OURS.two(legacy_nets.lstm), **SIZES),
            )
            return sum(node.op in ("MatMul", "BatchMatMulV2") for node in fresh.as_graph_def().node)

    assert nodes(None) == nodes(True) == nodes(False)


def test_buckets_share_their_variables(graph):
    """A bucket with weights of its own, or with other losses than a model of that size has; cells made anew per bucket."""
    seen = []

    def seq2seq(x, y):
        both = legacy_nets.Ours().two(legacy_nets.gru) if len(seen) == 2 else cells
        outputs, state = rnn_tf1.embedding_rnn_seq2seq(x, y, **dict(both, **SIZES))
        seen.append((len(x), len(y)))
        return outputs, state

    cells = OURS.two(legacy_nets.gru)
    source, target, wanted = ids("s", SOURCE, CLASSES), ids("t", TARGET, SYMBOLS), ids("w", TARGET, SYMBOLS)
    weights = [tf.constant(step, tf.float32) for step in legacy_nets.weight_values()]
    buckets = BUCKETS + [(3, 1)]  # in any order
    outputs, losses = rnn_tf1.model_with_buckets(source, target, wanted, weights, buckets, seq2seq)
    assert seen == buckets and [len(bucket) for bucket in outputs] == [2, 3, 1]
    assert len(tf.global_variables()) == len(cells["cell"].variables) * 2 + 4
    with tf.variable_scope(tf.get_variable_scope(), reuse=True):
        alone = [
            rnn_tf1.sequence_loss(
                rnn_tf1.embedding_rnn_seq2seq(source[:n], target[:m], **dict(cells, **SIZES))[0],
                wanted[:m],
                weights[:m],
            )
            for n, m in buckets
        ]
    found, expected = helpers.run([losses, alone])
    assert_near(found, expected, 1e-6)
    assert len(set(np.round(found, 3))) == 3
    with pytest.raises(GraphError, match="already exists in this graph"):
        rnn_tf1.model_with_buckets(source, target, wanted, weights, buckets, seq2seq)


def test_cells_know_the_time_step(graph):
    """One dropout mask for all steps of a decoder."""

    class Spy(toy_cells.Counter):
        def __call__(self, inputs, state, scope=None):
            seen.append(dropout.current_time())
            return super().__call__(inputs, state, scope)

    seen, x, start = [], [tf.ones([BATCH, 1])] * TARGET, tf.zeros([BATCH, 1])
    rnn_tf1.rnn_decoder(x, start, Spy())
    rnn_tf1.attention_decoder(x, start, legacy_nets.memory(), Spy())
    assert seen == 2 * list(range(TARGET))


@pytest.mark.parametrize("function", ["embedding_rnn_seq2seq", "embedding_attention_seq2seq"])
def test_dropout_by_step(function, graph):
    """A decoder that does not tell its cells the time step: an error, or one mask for all steps; masks of encoder and decoder
    that are alike; masks that depend on the bucket."""

    def dropped(cells):
        return rnn_tf1.DropoutWrapper(cells.GRUCell(UNITS), output_keep_prob=0.5, seed=3, step=step)

    step, both, found = tf.placeholder(tf.int32, []), None, []
    both = OURS.two(dropped)
    width = (tf.ones([UNITS, SYMBOLS]), tf.zeros([SYMBOLS]))
    for source in (3, SOURCE):
        with tf.variable_scope(tf.get_variable_scope(), reuse=bool(found)):
            outputs, _ = getattr(rnn_tf1, function)(
                ids("source", source, CLASSES),
                ids("target", TARGET, SYMBOLS),
                output_projection=width,
                sequence_length=[3] * BATCH,
                **dict(both, **SIZES),
            )
            found.append(tf.stack(outputs))
    with helpers.session() as s:
        first, again, other = s.run(found, {step: 4}), s.run(found, {step: 4}), s.run(found, {step: 5})
    assert_near(first[0], first[1], 1e-6)
    np.testing.assert_array_equal(first, again)
    assert np.abs(first[0] - other[0]).max() > 0.01
    if function == "embedding_rnn_seq2seq":
        dropout = first[0] == 0
        assert 0.3 < dropout.mean() < 0.7
        assert all((dropout[t] != dropout[u]).any() for t in range(TARGET) for u in range(t))


# ----------------------------------------------------------------------------------------------------------------- refused


def seq2seq(function, **more):
    arguments = dict(SIZES, **OURS.two(legacy_nets.gru))
    if function == "basic_rnn_seq2seq":
        arguments = OURS.two(legacy_nets.gru)
        inputs = [legacy_nets.vectors("x", 2), legacy_nets.vectors("y", 2)]
    else:
        inputs = [ids("x", 2, CLASSES), ids("y", 2, SYMBOLS)]
    inputs = [more.pop(name, x) for name, x in zip(("encoder_inputs", "decoder_inputs"), inputs)]
    return getattr(rnn_tf1, function)(*inputs, **dict(arguments, **more))


ALL_SEQ2SEQ = ["basic_rnn_seq2seq", "embedding_rnn_seq2seq", "embedding_attention_seq2seq"]


@pytest.mark.parametrize("function", ALL_SEQ2SEQ)
def test_two_cells_are_needed(function, graph):
    """An encoder and a decoder with one set of weights, silently; states that do not fit; no line that fixes it."""
    with pytest.raises(
        GraphError, match=r"%s: the encoder needs.*%s\(..., encoder_cell=GRUCell\(5\)\)" % (function, function)
    ):
        seq2seq(function, encoder_cell=None)
    cell = rnn_tf1.GRUCell(WIDE)
    with pytest.raises(GraphError, match=r"the same GRUCell object.*encoder_cell=GRUCell\(8\), an object"):
        seq2seq(function, cell=cell, encoder_cell=cell)
    with pytest.raises(GraphError, match="the same GRUCell object"):
        seq2seq(function, cell=cell, encoder_cell=rnn_tf1.DropoutWrapper(cell, 0.5))
    with pytest.raises(
        GraphError, match=r"encoder_cell.state_size is 8 and cell.state_size 5. Give both as many units"
    ):
        seq2seq(function, encoder_cell=cell)
    with pytest.raises(GraphError, match="the class GRUCell, not a cell"):
        seq2seq(function, encoder_cell=rnn_tf1.GRUCell)
    assert not tf.global_variables()


@pytest.mark.parametrize(
    ("more", "text"),
    [
        (lambda: dict(encoder_inputs=tf.zeros([4, 3], tf.int32)), r"a list .*tf.unstack\(encoder_inputs, axis=1\)"),
        (lambda: dict(decoder_inputs=[]), "the list decoder_inputs is empty"),
        (lambda: dict(encoder_inputs=[tf.zeros([BATCH])]), r"encoder_inputs\[0\] is float32 .*integers \[batch\]"),
        (lambda: dict(decoder_inputs=[tf.zeros([BATCH, 1], tf.int32)]), r"decoder_inputs\[0\] is int32 .6, 1.;"),
        (lambda: dict(feed_previous=1), r"feed_previous is 1; .*tf.placeholder\(tf.bool, \[\]\)"),
        (lambda: dict(feed_previous=tf.constant("True", name="told")), "feed_previous is .*told"),
        (lambda: dict(feed_previous=tf.constant([True], name="told")), "feed_previous is .*told"),
        (lambda: dict(output_projection=tf.zeros([5, 9])), r"output_projection must be a pair \(W, B\)"),
        (
            lambda: dict(output_projection=[tf.zeros([9, 5]), tf.zeros([9])]),
            r"be \[5, 9\] and \[9\]: \(tf.transpose\(W\)",
        ),
        (lambda: dict(output_projection=[tf.zeros([5, 9]), tf.zeros([5])]), r"must be \[5, 9\] and \[9\]"),
        (lambda: dict(sequence_length=[1] * BATCH + [2]), "7 lengths were given for a batch of 6 rows"),
        (lambda: dict(sequence_length=[1, 2, 3, 1, 1, 1]), r"sequence_length\[2\] is 3; it must lie in 0..2"),
    ],
)
@pytest.mark.parametrize("function", ALL_SEQ2SEQ[1:])
def test_refused_ids(function, more, text, graph):
    """Mistakes that TensorFlow lets pass, or names only by an op somewhere inside."""
    with pytest.raises(GraphError, match=text):
        seq2seq(function, **more())


def test_refused_decoders(graph):
    """A decoder cut off from its encoder; rows of a memory that are broadcast, or that belong to other rows."""
    x, cell, start = legacy_nets.vectors("x", 2), rnn_tf1.GRUCell(UNITS), tf.zeros([BATCH, UNITS])
    with pytest.raises(GraphError, match=r"initial_state is None.*cell.zero_state\(batch_size"):
        rnn_tf1.rnn_decoder(x, None, cell)
    with pytest.raises(GraphError, match="rnn_decoder, initial_state: wrong state"):
        rnn_tf1.rnn_decoder(x, tf.zeros([BATCH, UNITS + 1]), cell)
    for memory, text in [
        (tf.zeros([1, PLACES, WIDE]), "different numbers of rows"),
        (tf.zeros([PLACES, BATCH, WIDE]), "different numbers of rows"),
        (tf.zeros([BATCH, WIDE]), r"must be \[batch, steps, size\].*tf.stack\(encoder_outputs, axis=1\)"),
        (tf.placeholder(tf.float32, [BATCH, PLACES, None]), "with a known size"),
    ]:
        with pytest.raises(GraphError, match=text):
            rnn_tf1.attention_decoder(x, start, memory, cell)
    with pytest.raises(GraphError, match="num_heads is 0; it must be a whole number of at least 1"):
        rnn_tf1.attention_decoder(x, start, legacy_nets.memory(), cell, num_heads=0)
    with pytest.raises(GraphError, match="initial_state is None"):
        rnn_tf1.attention_decoder(x, None, legacy_nets.memory(), cell)
    with pytest.raises(GraphError, match="the depth of the inputs is unknown"):
        rnn_tf1.attention_decoder([tf.placeholder(tf.float32, [BATCH, None])], start, legacy_nets.memory(), cell)


def test_refused_losses(graph):
    """Weights [batch, 1], which times losses [batch] are [batch, batch]; lists that do not go together."""
    z, t, w = legacy_nets.vectors("z", 2, SYMBOLS), ids("t", 2, SYMBOLS), [tf.ones([BATCH])] * 2
    for function in (rnn_tf1.sequence_loss, rnn_tf1.sequence_loss_by_example):
        with pytest.raises(GraphError, match="there are 2 logits, 1 targets and 2 weights"):
            function(z, t[:1], w)
        with pytest.raises(GraphError, match="weights of step 1 have the shape"):
            function(z, t, [w[0], tf.ones([BATCH, 1])])
        with pytest.raises(GraphError, match=r"logits is a .*tf.unstack\(logits, axis=1\)"):
            function(tf.zeros([BATCH, 2, SYMBOLS]), t, w)
        with pytest.raises(GraphError, match="the list targets is empty"):
            function(z, [], w)
    scalars = [tf.constant(0.5), tf.constant(1.5)]
    by_scalars, by_rows = helpers.run(
        [rnn_tf1.sequence_loss(z, t, several) for several in (scalars, [tf.fill([BATCH], 0.5), tf.fill([BATCH], 1.5)])]
    )
    assert_near(by_scalars, by_rows, 1e-6)


@pytest.mark.parametrize("role", range(4))
def test_refused_buckets(role, graph):
    """A bucket that is cut short without a word, where it is not the last one."""
    lists = [ids("x", 3, CLASSES), ids("y", 4, SYMBOLS), ids("t", 4, SYMBOLS), [tf.ones([BATCH])] * 4]
    lists[role] = lists[role][:-1]
    name = ["encoder_inputs", "decoder_inputs", "targets", "weights"][role]
    with pytest.raises(
        GraphError, match=r"%s has %d steps, and bucket \(3, 4\) needs %d" % (name, 3 - (role == 0), 4 - (role == 0))
    ):
        rnn_tf1.model_with_buckets(*lists, buckets=[(1, 1), (3, 4), (1, 2)], seq2seq=None)


@pytest.mark.skipif(helpers.IS_TF1, reason="graph mode is the default on 1.15")
def test_eager_execution_is_refused():
    """A wall of errors where the two ways out would do."""
    with pytest.raises(GraphError, match="tf.Graph"):
        rnn_tf1.sequence_loss([np.zeros([2, 3], np.float32)], [np.array([1, 2])], [np.ones(2, np.float32)])
