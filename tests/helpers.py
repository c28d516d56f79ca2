"""What the graph tests share: sizes that are all different, values that are never zero, and nets to be built with our
cells or with TensorFlow 1.15's own."""

import collections
import contextlib
import hashlib

import numpy as np
import pytest
import tensorflow.compat.v1 as tf

import rnn_tf1

BATCH, TIME, DEPTH, UNITS, PROJ, CONTEXT, CLASSES, WIDE = 6, 4, 3, 5, 2, 7, 11, 8
LENGTHS = {"ragged": [3, 4, 1, 2, 4, 3], "with_zero": [2, 0, 4, 3, 0, 1], "full": [TIME] * BATCH}
UNROLLS = ("manual", "static", "dynamic")
IS_TF1 = tf.version.VERSION.startswith("1.")


# ---------------------------------------------------------------------------------------------------------------- values


def values(name, shape, scale=0.8):
    """Normal values that depend on `name` alone, so that two graphs have the same values for the same name."""
    seed = int(hashlib.md5(name.encode("utf-8")).hexdigest()[:8], 16)
    return np.random.RandomState(seed).normal(scale=scale, size=shape)


def make_sequence(batch=BATCH, time=TIME, depth=DEPTH, seed=0):
    """Inputs [batch, time, depth] in which no two positions are alike, about as large as one."""
    place = np.arange(batch * time * depth).reshape(batch, time, depth) / (batch * time * depth)
    return values("sequence %d" % seed, [batch, time, depth]) + place


def make_ids(batch=BATCH, time=TIME):
    """Ids [batch, time, 1], which is how TF 1.15 wants them."""
    return np.random.RandomState(7).randint(CLASSES, size=[batch, time, 1])


def make_state(state_size, batch=BATCH, seed=0):
    """Random arrays [batch, size] in the structure of `state_size`."""
    sizes = tf.nest.flatten(state_size)
    flat = [values("state %d %d" % (seed, i), [batch, size]) for i, size in enumerate(sizes)]
    return tf.nest.pack_sequence_as(state_size, flat)


def constants(nest, dtype=tf.float32):
    return tf.nest.map_structure(lambda a: tf.constant(a, dtype), nest)


def plain_name(variable, outer=""):
    """The variable's name without ":0" and without the scope `outer` around it."""
    name = variable.name.split(":")[0]
    return name[len(outer) + 1 :] if outer and name.startswith(outer + "/") else name


# -------------------------------------------------------------------------------------------------------------- sessions


def set_values(session, new_values):
    """Gives each variable of the dict its value."""
    feed = {v.initializer.inputs[1]: value for v, value in new_values.items()}
    session.run([v.initializer for v in new_values], feed)


def set_variables(session, variables, outer=""):
    """Random values by name for every variable."""
    pairs = [(v, values(plain_name(v, outer), v.shape.as_list())) for v in variables]
    feed = {v.initializer.inputs[1]: value for v, value in pairs}
    session.run([v.initializer for v, _ in pairs], feed)


@contextlib.contextmanager
def session(variables=None, outer="", **config):
    """A session on the default graph with random values by name in `variables` (default: in all).

    One thread, and no graph rewriting: for graphs as small as these it takes longer than the run.
    """
    settings = tf.ConfigProto(intra_op_parallelism_threads=1, inter_op_parallelism_threads=1, **config)
    settings.graph_options.rewrite_options.disable_meta_optimizer = True
    with tf.Session(config=settings) as new:
        set_variables(new, tf.global_variables() if variables is None else variables, outer)
        yield new


def run(fetches, feed=None):
    """`fetches` in a session of their own, with random values by name in all variables."""
    with session() as s:
        return s.run(fetches, feed)


def assert_near(got, expected, tolerance, what=""):
    """Equal within `tolerance`, relative to the largest expected value where that exceeds one."""
    got, expected = np.asarray(got, np.float64), np.asarray(expected, np.float64)
    assert got.shape == expected.shape, "%s: shape %s, expected %s" % (what, got.shape, expected.shape)
    assert np.isfinite(got).all(), "%s: not finite" % what
    scale = max(1.0, np.abs(expected).max()) if expected.size else 1.0
    worst = np.abs(got - expected).max() / scale if expected.size else 0.0
    assert worst <= tolerance, "%s: differs by %.3g, allowed is %.3g" % (what, worst, tolerance)


# ----------------------------------------------------------------------------------------------- our cells, and TF's own


class Ours(object):
    """The cells and unrollings of the package."""

    def __getattr__(self, name):
        return getattr(rnn_tf1, name)

    def unroll(self, how, cell, x, lengths, state, dtype=None):
        unrolled = getattr(rnn_tf1, how + "_rnn")
        return unrolled(cell, x, sequence_length=lengths, initial_state=state, dtype=dtype)

    def bidirectional(self, how, fw, bw, x, lengths, states):
        return rnn_tf1.bidirectional_rnn(fw, bw, x, lengths, *states, unroll=how)

    def stacked(self, how, fws, bws, x, lengths, states):
        return rnn_tf1.stack_bidirectional_dynamic_rnn(fws, bws, x, *states, sequence_length=lengths, unroll=how)


class Theirs(object):
    """The cells and unrollings of TensorFlow 1.15, brought to the calls of `Ours`."""

    def __init__(self):
        import tensorflow

        self._modules = tensorflow.nn.rnn_cell, tensorflow.contrib.rnn
        self._nn, self._contrib = tensorflow.nn, tensorflow.contrib.rnn

    def __getattr__(self, name):
        for module in self._modules:
            if hasattr(module, name):
                return getattr(module, name)
        raise AttributeError(name)

    def unroll(self, how, cell, x, lengths, state, dtype=None):
        if how == "dynamic":
            return self._nn.dynamic_rnn(cell, x, sequence_length=lengths, initial_state=state, dtype=dtype)
        steps = tf.unstack(x, axis=1)
        outputs, state = self._nn.static_rnn(cell, steps, initial_state=state, dtype=dtype, sequence_length=lengths)
        return tf.stack(outputs, axis=1), state

    def bidirectional(self, how, fw, bw, x, lengths, states):
        assert how == "dynamic"
        return self._nn.bidirectional_dynamic_rnn(fw, bw, x, lengths, *states)

    def stacked(self, how, fws, bws, x, lengths, states):
        assert how == "dynamic"
        return self._contrib.stack_bidirectional_dynamic_rnn(fws, bws, x, *states, sequence_length=lengths)


# ------------------------------------------------------------------------------------------------------------------ nets


def twice_minus(inputs, output):
    return 2.0 * output - inputs


# name: a function of (cells) that makes one cell. TF 1.15 has all of them but those of OURS_ALONE.
CELLS = collections.OrderedDict(
    basic_rnn=lambda c: c.BasicRNNCell(UNITS),
    basic_rnn_sigmoid=lambda c: c.BasicRNNCell(UNITS, activation=tf.sigmoid),
    gru=lambda c: c.GRUCell(UNITS),
    gru_options=lambda c: c.GRUCell(
        UNITS,
        activation=tf.nn.softsign,
        kernel_initializer=tf.constant_initializer(0.3),
        bias_initializer=tf.constant_initializer(-0.2),
    ),
    basic_lstm=lambda c: c.BasicLSTMCell(UNITS),
    basic_lstm_options=lambda c: c.BasicLSTMCell(UNITS, forget_bias=-0.6, activation=tf.nn.softsign),
    basic_lstm_flat=lambda c: c.BasicLSTMCell(UNITS, state_is_tuple=False),
    lstm=lambda c: c.LSTMCell(UNITS),
    lstm_peepholes=lambda c: c.LSTMCell(UNITS, use_peepholes=True),
    lstm_clip=lambda c: c.LSTMCell(UNITS, cell_clip=0.4),
    lstm_proj=lambda c: c.LSTMCell(UNITS, num_proj=PROJ),
    lstm_proj_clip=lambda c: c.LSTMCell(UNITS, num_proj=PROJ, proj_clip=0.3),
    lstm_all=lambda c: c.LSTMCell(
        UNITS,
        use_peepholes=True,
        cell_clip=0.9,
        initializer=tf.constant_initializer(0.1),
        num_proj=PROJ,
        proj_clip=0.7,
        forget_bias=0.3,
        activation=tf.nn.softsign,
    ),
    lstm_all_flat=lambda c: c.LSTMCell(
        UNITS, use_peepholes=True, cell_clip=0.9, num_proj=PROJ, proj_clip=0.7, forget_bias=0.3, state_is_tuple=False
    ),
    lstm_sharded=lambda c: c.LSTMCell(UNITS, num_unit_shards=2, num_proj=PROJ, num_proj_shards=3),
    layer_norm_lstm=lambda c: c.LayerNormBasicLSTMCell(UNITS, forget_bias=0.4),
    layer_norm_lstm_without=lambda c: c.LayerNormBasicLSTMCell(UNITS, layer_norm=False, activation=tf.nn.softsign),
    layer_norm_rnn=lambda c: c.LayerNormRNNCell(UNITS),
    layer_norm_rnn_sigmoid=lambda c: c.LayerNormRNNCell(UNITS, activation=tf.sigmoid),
    context=lambda c: c.ContextRNNCell(UNITS, CONTEXT, alpha=0.7),
    context_options=lambda c: c.ContextRNNCell(UNITS, CONTEXT, alpha=0.2, activation=tf.tanh, state_is_tuple=False),
)
# Cells around cells.
WRAPPED = collections.OrderedDict(
    multi=lambda c: c.MultiRNNCell([c.BasicRNNCell(WIDE), c.LSTMCell(UNITS, use_peepholes=True), c.GRUCell(CONTEXT)]),
    multi_flat=lambda c: c.MultiRNNCell(
        [c.BasicLSTMCell(WIDE, state_is_tuple=False), c.GRUCell(UNITS)], state_is_tuple=False
    ),
    input_projection=lambda c: c.InputProjectionWrapper(c.GRUCell(UNITS), WIDE, activation=tf.tanh),
    output_projection=lambda c: c.OutputProjectionWrapper(c.LSTMCell(UNITS), WIDE),
    output_projection_tanh=lambda c: c.OutputProjectionWrapper(c.BasicRNNCell(UNITS), WIDE, activation=tf.tanh),
    embedding=lambda c: c.EmbeddingWrapper(c.BasicLSTMCell(UNITS), CLASSES, WIDE),
    residual=lambda c: c.ResidualWrapper(c.GRUCell(DEPTH)),
    residual_fn=lambda c: c.ResidualWrapper(c.BasicRNNCell(DEPTH), residual_fn=twice_minus),
    dropout_none=lambda c: c.DropoutWrapper(c.BasicLSTMCell(UNITS), 1.0, 1.0, 1.0),
    nest=lambda c: c.MultiRNNCell(
        [
            c.ResidualWrapper(c.InputProjectionWrapper(c.GRUCell(DEPTH), WIDE)),
            c.DropoutWrapper(c.OutputProjectionWrapper(c.BasicLSTMCell(UNITS), WIDE), seed=3),
            c.MultiRNNCell([c.BasicRNNCell(PROJ), c.BasicRNNCell(UNITS)]),
        ]
    ),
)
# name: a function of (cells) that makes the cells of both directions.
BIDIRECTIONAL = collections.OrderedDict(
    bidirectional=lambda c: (c.GRUCell(UNITS), c.LSTMCell(WIDE, num_proj=PROJ)),
    bidirectional_multi=lambda c: (
        c.MultiRNNCell([c.BasicRNNCell(UNITS), c.BasicLSTMCell(WIDE)]),
        c.BasicRNNCell(CONTEXT),
    ),
    stacked=lambda c: ([c.GRUCell(UNITS), c.BasicRNNCell(WIDE)], [c.BasicLSTMCell(PROJ), c.GRUCell(CONTEXT)]),
)
OURS_ALONE = {"layer_norm_rnn", "layer_norm_rnn_sigmoid", "context", "context_options"}
EVERY_CELL = collections.OrderedDict(list(CELLS.items()) + list(WRAPPED.items()))
EVERY_NET = list(EVERY_CELL) + list(BIDIRECTIONAL)
NETS_OF_TF1 = [name for name in EVERY_NET if name not in OURS_ALONE]

Net = collections.namedtuple("Net", "inputs states results variables cells")


def net_inputs(name):
    return make_ids() if name == "embedding" else make_sequence()


def build(name, library, how, lengths=None, outer=None, dtype=tf.float32, with_state=True):
    """The net `name` with the cells of `library`, under the variable scope `outer`.

    Returns a `Net`: the inputs and the initial states as tensors, `results` (outputs first, then the final states) as a
    flat list, the variables in the order in which they were made, and the cells.
    """
    before = len(tf.global_variables())
    inputs = net_inputs(name)
    x = tf.constant(inputs, tf.int32 if name == "embedding" else dtype)
    scope = tf.variable_scope(outer) if outer else _nothing()
    with scope:
        if name in EVERY_CELL:
            cells = EVERY_CELL[name](library)
            states = constants(make_state(cells.state_size), dtype) if with_state else None
            results = library.unroll(how, cells, x, lengths, states, None if with_state else dtype)
        else:
            cells = BIDIRECTIONAL[name](library)
            states = [
                [constants(make_state(cell.state_size, seed=10 * d + i), dtype) for i, cell in enumerate(_listed(side))]
                for d, side in enumerate(cells)
            ]
            if name == "stacked":
                results = library.stacked(how, cells[0], cells[1], x, lengths, states)
            else:
                results = library.bidirectional(how, cells[0], cells[1], x, lengths, [side[0] for side in states])
    flat_states = tf.nest.flatten(states) if states is not None else []
    return Net(x, flat_states, tf.nest.flatten(results), tf.global_variables()[before:], cells)


def _listed(cells):
    return list(cells) if isinstance(cells, (list, tuple)) else [cells]


@contextlib.contextmanager
def _nothing():
    yield


def loss_of(results):
    """A scalar in which every entry of every result has a weight of its own."""
    parts = [
        tf.reduce_sum(r * tf.constant(values("loss %d" % i, r.shape.as_list()), r.dtype)) for i, r in enumerate(results)
    ]
    return tf.add_n(parts)


def gradients_of(net):
    """The gradients of `loss_of` with respect to variables, states and (floating) inputs, in this order."""
    sources = list(net.variables) + list(net.states) + ([net.inputs] if net.inputs.dtype.is_floating else [])
    found = tf.gradients(loss_of(net.results), sources)
    return [tf.convert_to_tensor(g) for g in found]


def by_default(names, kept, *marks):
    """The names for `pytest.mark.parametrize`, of which all but those in `kept` are slow: another test holds them, too.
    `marks`: theirs beside `slow`, `pytest.mark.once` for example."""
    assert set(kept) <= set(names)
    return [name if name in kept else pytest.param(name, marks=[pytest.mark.slow, *marks]) for name in names]


def learned(history):
    """What `training.fit` has recorded, without the one figure that is another at each run."""
    return [{name: value for name, value in row.items() if name != "words_per_second"} for row in history]
