"""Mistakes with graphs that TensorFlow lets pass, or reports far from their place: each gets an error that helps."""

import helpers
import numpy as np
import pytest
import tensorflow.compat.v1 as tf
from helpers import BATCH, DEPTH, PROJ, TIME, UNITS, UNROLLS, WIDE

import rnn_tf1
from rnn_tf1 import GraphError

OURS = helpers.Ours()


def sequence():
    return tf.constant(helpers.make_sequence(), tf.float32)


def refused(*parts):
    """Expects a GraphError whose text has all of `parts`."""

    class Refused(object):
        def __enter__(self):
            self.raises = pytest.raises(GraphError)
            self.caught = self.raises.__enter__()

        def __exit__(self, *exc):
            passed = self.raises.__exit__(*exc)
            for part in parts if passed else ():
                assert part in str(self.caught.value)
            return passed

    return Refused()


# ------------------------------------------------------------------------------------------- one cell in two places

WRAPS = {
    "bare": lambda cell: cell,
    "dropout": lambda cell: rnn_tf1.DropoutWrapper(cell, 0.5),
    "residual of device": lambda cell: rnn_tf1.ResidualWrapper(rnn_tf1.DeviceCellWrapper("/cpu:0", cell)),
    "projections": lambda cell: rnn_tf1.OutputProjectionWrapper(rnn_tf1.InputProjectionWrapper(cell, 2), 2),
    "layers": lambda cell: rnn_tf1.MultiRNNCell([rnn_tf1.BasicRNNCell(2), cell]),
    "embedding": lambda cell: rnn_tf1.EmbeddingWrapper(cell, 2, 2),
}


@pytest.mark.parametrize("wrap", list(WRAPS))
def test_one_cell_in_two_places(wrap, graph):
    """Layers or directions that share their weights without a word, also where wrappers hide it."""
    cell, other = rnn_tf1.LSTMCell(UNITS), rnn_tf1.LSTMCell(UNITS)
    hidden = WRAPS[wrap](cell)
    with refused("MultiRNNCell", "same LSTMCell", "positions 0 and 2 hold", "for _ in range"):
        rnn_tf1.MultiRNNCell([hidden, other, cell])
    with refused("bidirectional_rnn", "same LSTMCell", "positions 0 and 1 hold", "LSTMCell(100), LSTMCell(100)"):
        rnn_tf1.bidirectional_rnn(cell, hidden, sequence(), dtype=tf.float32)
    with refused("stack_bidirectional_dynamic_rnn", "same LSTMCell", "for _ in range(2)"):
        rnn_tf1.stack_bidirectional_dynamic_rnn([cell, other], [rnn_tf1.GRUCell(2), hidden], sequence())
    assert tf.global_variables() == []


def test_the_same_list_twice(graph):
    """[cell] * 3, the way it is usually written."""
    with refused("positions 0 and 1 hold"):
        rnn_tf1.MultiRNNCell([rnn_tf1.GRUCell(UNITS)] * 3)
    cells = [rnn_tf1.GRUCell(UNITS), rnn_tf1.GRUCell(UNITS)]
    with refused("same GRUCell"):
        rnn_tf1.stack_bidirectional_dynamic_rnn(cells, cells, sequence(), dtype=tf.float32)


# --------------------------------------------------------------------------------------------------- what is no cell


def users_of_cells(cell):
    return [
        lambda: rnn_tf1.MultiRNNCell([rnn_tf1.GRUCell(UNITS), cell]),
        lambda: rnn_tf1.DropoutWrapper(cell),
        lambda: rnn_tf1.ResidualWrapper(cell),
        lambda: rnn_tf1.InputProjectionWrapper(cell, 2),
        lambda: rnn_tf1.EmbeddingWrapper(cell, 2, 2),
        lambda: rnn_tf1.DeviceCellWrapper("/cpu:0", cell),
        lambda: rnn_tf1.bidirectional_rnn(rnn_tf1.GRUCell(UNITS), cell, sequence(), dtype=tf.float32),
    ] + [lambda how=how: OURS.unroll(how, cell, sequence(), None, None) for how in UNROLLS]


def test_a_class_instead_of_a_cell(graph):
    """LSTMCell where LSTMCell(100) was meant."""
    for use in users_of_cells(rnn_tf1.LSTMCell):
        with refused("the class LSTMCell, not a cell; write LSTMCell(...)"):
            use()


def test_something_that_is_no_cell(graph):
    """A number, or a function, that fails deep inside TensorFlow."""
    for use in users_of_cells(5):
        with refused("got a int, which is not a cell: it lacks state_size"):
            use()
    for use in users_of_cells(lambda x, h: (x, h)):
        with refused("a function, which is not a cell: it lacks state_size, output_size, zero_state"):
            use()


def test_no_cells(graph):
    """An empty list, or one cell that is not in a list."""
    for cells in ([], rnn_tf1.GRUCell(UNITS)):
        with refused("MultiRNNCell needs a list"):
            rnn_tf1.MultiRNNCell(cells)
    for fw, bw in [([], []), ([rnn_tf1.GRUCell(2)], []), (rnn_tf1.GRUCell(2), rnn_tf1.GRUCell(2))]:
        with refused("must be a list with one entry for each layer"):
            rnn_tf1.stack_bidirectional_dynamic_rnn(fw, bw, sequence(), dtype=tf.float32)
    with refused("initial_states_fw must be a list"):
        rnn_tf1.stack_bidirectional_dynamic_rnn(
            [rnn_tf1.GRUCell(2)], [rnn_tf1.GRUCell(2)], sequence(), [None, None], dtype=tf.float32
        )


def test_a_cell_without_equations(graph):
    """A subclass of RNNCell that lacks a member, told in the words of the contract."""
    cell = rnn_tf1.RNNCell()
    with refused("call(inputs, state)"):
        cell.call(None, None)
    with refused("state_size"):
        cell.state_size  # noqa: B018
    with refused("output_size"):
        cell.output_size  # noqa: B018


# -------------------------------------------------------------------------------------------------- graphs and scopes


@pytest.mark.parametrize("how", UNROLLS)
def test_the_same_graph_built_twice(how, graph):
    """A notebook cell that is run again: TensorFlow's message shows where in the library, and not what to do."""
    for attempt in range(2):
        if not attempt:
            OURS.unroll(how, rnn_tf1.BasicLSTMCell(UNITS), sequence(), None, None)
        else:
            with refused(
                "The variable rnn/basic_lstm_cell/kernel already exists",
                "notebook",
                "with tf.Graph().as_default():",
                "tf.reset_default_graph()",
                "reuse=True",
            ):
                OURS.unroll(how, rnn_tf1.BasicLSTMCell(UNITS), sequence(), None, None)
    with tf.variable_scope(tf.get_variable_scope(), reuse=True):  # as the message says
        OURS.unroll(how, rnn_tf1.BasicLSTMCell(UNITS), sequence(), None, None)
    assert len(tf.global_variables()) == 2


@pytest.mark.parametrize("how", UNROLLS)
def test_a_cell_of_another_graph(how):
    """A cell kept from an earlier graph, whose variables the new graph does not have."""
    cell = rnn_tf1.GRUCell(UNITS)
    for graph in range(2):
        with tf.Graph().as_default():
            if not graph:
                OURS.unroll(how, cell, sequence(), None, None)
            else:
                with refused("rnn/gru_cell has its variables in another graph", "new cell for each graph"):
                    OURS.unroll(how, cell, sequence(), None, None)


# ------------------------------------------------------------------------------------------------- inputs and states


@pytest.mark.parametrize("how", UNROLLS)
def test_unknown_depth(how, graph):
    """An unknown depth reported as a shape error of some variable."""
    for shape in ([None, TIME, None], [BATCH, TIME, None]):
        with refused("depth", "unknown", "set_shape([None, None, depth])"):
            OURS.unroll(how, rnn_tf1.GRUCell(UNITS), tf.placeholder(tf.float32, shape), None, None)


@pytest.mark.parametrize("name", [n for n in helpers.CELLS if n != "lstm_sharded"])
def test_unknown_depth_of_one_step(name, graph):
    """The same, where a cell is called by hand."""
    cell = helpers.CELLS[name](OURS)
    with refused("depth", "unknown", "set_shape"):
        cell(tf.placeholder(tf.float32, [BATCH, None]), helpers.constants(helpers.make_state(cell.state_size)))


@pytest.mark.parametrize("how", ["manual", "static"])
def test_unknown_number_of_steps(how, graph):
    """An unknown number of steps, which only dynamic_rnn takes; and no step at all."""
    with refused("number of steps is unknown", "dynamic_rnn"):
        OURS.unroll(how, rnn_tf1.GRUCell(UNITS), tf.placeholder(tf.float32, [None, None, DEPTH]), None, None)
    for empty in ([], tf.zeros([BATCH, 0, DEPTH])):
        with refused("step"):
            OURS.unroll(how, rnn_tf1.GRUCell(UNITS), empty, None, None)


@pytest.mark.parametrize("how", UNROLLS)
def test_inputs_of_another_rank(how, graph):
    """A batch of vectors where a batch of sequences is due."""
    for shape in ([BATCH, DEPTH], None):
        with refused("[batch, time, depth]"):
            OURS.unroll(how, rnn_tf1.GRUCell(UNITS), tf.placeholder(tf.float32, shape), None, None)


WRONG_STATES = {
    "one tensor for an LSTM": (
        lambda: rnn_tf1.LSTMCell(UNITS, num_proj=PROJ),
        lambda: tf.zeros([BATCH, UNITS]),
        ["LSTMStateTuple(c=[batch, %d], h=[batch, %d])" % (UNITS, PROJ), "one tensor", "zero_state"],
    ),
    "a tuple for a GRU": (
        lambda: rnn_tf1.GRUCell(UNITS),
        lambda: (tf.zeros([BATCH, UNITS]), tf.zeros([BATCH, UNITS])),
        ["[batch, %d]" % UNITS, "is a tuple"],
    ),
    "another width": (
        lambda: rnn_tf1.LSTMCell(UNITS, num_proj=PROJ),
        lambda: rnn_tf1.LSTMStateTuple(tf.zeros([BATCH, UNITS]), tf.zeros([BATCH, UNITS])),
        ["state.h should be a tensor [batch, %d]" % PROJ, "(%d, %d)" % (BATCH, UNITS)],
    ),
    "another rank": (
        lambda: rnn_tf1.GRUCell(UNITS),
        lambda: tf.zeros([UNITS]),
        ["[batch, %d]" % UNITS, "(%d,)" % UNITS],
    ),
    "too few layers": (
        lambda: rnn_tf1.MultiRNNCell([rnn_tf1.GRUCell(UNITS), rnn_tf1.GRUCell(WIDE)]),
        lambda: (tf.zeros([BATCH, UNITS]),),
        ["([batch, %d], [batch, %d],)" % (UNITS, WIDE), "a tuple of 1"],
    ),
    "layers swapped": (
        lambda: rnn_tf1.MultiRNNCell([rnn_tf1.GRUCell(UNITS), rnn_tf1.LSTMCell(WIDE)]),
        lambda: (rnn_tf1.LSTMStateTuple(tf.zeros([BATCH, WIDE]), tf.zeros([BATCH, WIDE])), tf.zeros([BATCH, UNITS])),
        ["state[0] (layer cell_0)", "[batch, %d]" % UNITS, "LSTMStateTuple"],
    ),
    "one layer of another width": (
        lambda: rnn_tf1.MultiRNNCell([rnn_tf1.GRUCell(UNITS), rnn_tf1.LSTMCell(WIDE)]),
        lambda: (tf.zeros([BATCH, UNITS]), rnn_tf1.LSTMStateTuple(tf.zeros([BATCH, WIDE]), tf.zeros([BATCH, UNITS]))),
        ["state[1] (layer cell_1).h", "[batch, %d]" % WIDE, "(%d, %d)" % (BATCH, UNITS)],
    ),
}


@pytest.mark.parametrize("case", list(WRONG_STATES))
def test_wrong_state(case, graph):
    """A state of another structure or width: the layer and what it wants, and not where in TensorFlow it failed."""
    make, state, parts = WRONG_STATES[case]
    for how in UNROLLS:
        with refused(how + "_rnn", *parts):
            OURS.unroll(how, make(), sequence(), None, state())
    with refused("net", *parts):
        with tf.variable_scope("net"):
            make()(sequence()[:, 0], state())


@pytest.mark.parametrize("how", UNROLLS)
@pytest.mark.parametrize("lengths", [None, helpers.LENGTHS["ragged"]], ids=["none", "ragged"])
def test_plain_tuples_are_taken(how, lengths, graph):
    """A plain (c, h), or a list of layers' states, refused; or handed back in another type."""
    cell = rnn_tf1.MultiRNNCell([rnn_tf1.LSTMCell(UNITS, num_proj=PROJ), rnn_tf1.GRUCell(WIDE)])
    c, h, g = helpers.constants(helpers.make_state((UNITS, PROJ, WIDE)))
    exact = OURS.unroll(how, cell, sequence(), lengths, (rnn_tf1.LSTMStateTuple(c, h), g))
    plain = OURS.unroll(how, cell, sequence(), lengths, [(c, h), g])
    assert type(plain[1]) is tuple
    assert type(plain[1][0]) is rnn_tf1.LSTMStateTuple
    for a, b in zip(*helpers.run([tf.nest.flatten(exact), tf.nest.flatten(plain)])):
        np.testing.assert_array_equal(a, b)


# ---------------------------------------------------------------------------------------------------------- arguments


def test_unknown_dtype(graph):
    """A dtype that does not exist, or holds no fractions, found out by some op."""
    for dtype in ("float31", tf.int32, "string"):
        for make in (rnn_tf1.BasicRNNCell, rnn_tf1.LSTMCell, rnn_tf1.GRUCell, rnn_tf1.ContextRNNCell):
            with refused("not a floating point type", repr(dtype), "tf.float32"):
                make(UNITS, dtype=dtype)
        for how in UNROLLS:
            with refused("not a floating point type", repr(dtype)):
                OURS.unroll(how, rnn_tf1.GRUCell(UNITS), sequence(), None, None, dtype=dtype)


@pytest.mark.parametrize("how", UNROLLS)
def test_dtype_of_the_state_is_asked_for(how, graph):
    """Integer inputs, from which the state's dtype cannot be told."""
    cell = rnn_tf1.EmbeddingWrapper(rnn_tf1.GRUCell(UNITS), 3, 2)
    with refused("int32", "dtype=tf.float32"):
        OURS.unroll(how, cell, tf.zeros([BATCH, TIME, 1], tf.int32), None, None)


@pytest.mark.parametrize("value", [0.0, 0, -0.5, 1.5, 2, float("nan")])
def test_keep_probabilities(value, graph):
    """A keep probability outside (0, 1]: zero divides by zero, and the others train something else than was meant."""
    for name in ("input_keep_prob", "output_keep_prob", "state_keep_prob"):
        with refused(name, "%s;" % value, "above 0 and at most 1"):
            rnn_tf1.DropoutWrapper(rnn_tf1.GRUCell(UNITS), **{name: value})
    with refused("dropout_keep_prob", "%s;" % value):
        rnn_tf1.LayerNormBasicLSTMCell(UNITS, dropout_keep_prob=value)


def test_state_dropout_that_grows(graph):
    """One mask for all steps on the carried state: what is kept grows by 1 / keep_prob at every step."""
    for value, said in ((0.5, "0.5"), (tf.constant(0.5), "state_keep_prob"), (tf.placeholder(tf.float32, []),) * 2):
        said = "state_keep_prob" if tf.is_tensor(said) else said
        options = dict(state_keep_prob=value, variational_recurrent=True)
        advice = "Use recurrent_keep_prob=%s instead" % said
        with refused("without bound", "GRUCell carries state on", advice, "by 1/%s at" % said):
            rnn_tf1.DropoutWrapper(rnn_tf1.GRUCell(UNITS), **options)
        with refused("ContextRNNCell carries state.s on", advice):
            rnn_tf1.DropoutWrapper(rnn_tf1.ContextRNNCell(UNITS, 2), **options)
        deep = rnn_tf1.MultiRNNCell([rnn_tf1.LSTMCell(UNITS), rnn_tf1.ResidualWrapper(rnn_tf1.GRUCell(UNITS))])
        with refused("MultiRNNCell carries state[1] on", advice):
            rnn_tf1.DropoutWrapper(deep, **options)
        for flat in (
            rnn_tf1.BasicLSTMCell(UNITS, state_is_tuple=False),
            rnn_tf1.LSTMCell(UNITS, state_is_tuple=False),
            rnn_tf1.ContextRNNCell(UNITS, 2, state_is_tuple=False),
            rnn_tf1.MultiRNNCell([rnn_tf1.BasicRNNCell(2), rnn_tf1.GRUCell(2)], state_is_tuple=False),
        ):
            with refused("carries state on", advice):
                rnn_tf1.DropoutWrapper(flat, **options)
        with refused("ConvolutionWrapper carries state[1][0] on", advice):
            rnn_tf1.DropoutWrapper(rnn_tf1.ConvolutionWrapper(rnn_tf1.BasicRNNCell(2), 2, 3, DEPTH), **options)
    rnn_tf1.DropoutWrapper(rnn_tf1.GRUCell(UNITS), 0.5, 0.5, variational_recurrent=True)
    rnn_tf1.DropoutWrapper(rnn_tf1.GRUCell(UNITS), state_keep_prob=0.5)


def test_state_dropout_of_a_memory_that_is_asked_for(graph):
    """The c of an LSTM, which the default leaves alone and a visitor picks."""

    def visitor(state):
        return rnn_tf1.LSTMStateTuple(c=True, h=False)

    options = dict(state_keep_prob=0.5, dropout_state_filter_visitor=visitor)
    for i, make in enumerate((rnn_tf1.LSTMCell, rnn_tf1.BasicLSTMCell, rnn_tf1.LayerNormBasicLSTMCell)):
        with refused("%s carries state.c on" % make.__name__, "Use recurrent_keep_prob=0.5"):
            cell = rnn_tf1.DropoutWrapper(make(UNITS), variational_recurrent=True, **options)
            with tf.variable_scope("net_%d" % i):
                rnn_tf1.dynamic_rnn(cell, sequence())
    rnn_tf1.dynamic_rnn(rnn_tf1.DropoutWrapper(rnn_tf1.LSTMCell(UNITS), **options), sequence())


class Leaky(rnn_tf1.BasicRNNCell):
    """Equations of its own, about which the class that it derives from knows nothing."""

    def call(self, inputs, state):
        output, h = super().call(inputs, state)
        return output, 0.9 * state + 0.1 * h


def test_state_dropout_of_a_cell_that_does_not_say(graph):
    """A cell of the user's own, whose state may grow: refused, with the line that says it does not."""
    options = dict(state_keep_prob=0.5, variational_recurrent=True)
    says = type("Says", (Leaky,), {"carried_state": False})
    with refused("Leaky may carry state on", "its class does not say", "carried_state = False", "recurrent_keep_prob"):
        rnn_tf1.DropoutWrapper(Leaky(UNITS), **options)
    with refused("MultiRNNCell may carry state[1] on"):
        rnn_tf1.DropoutWrapper(rnn_tf1.MultiRNNCell([says(UNITS), Leaky(UNITS)]), **options)
    rnn_tf1.DropoutWrapper(says(UNITS), **options)
    rnn_tf1.DropoutWrapper(type("Inherits", (rnn_tf1.BasicRNNCell,), {})(UNITS), **options)
    own_lstm = type("OwnLSTM", (rnn_tf1.LSTMCell,), {"call": lambda self, inputs, state: (state.h, state)})
    rnn_tf1.DropoutWrapper(own_lstm(UNITS), **options)  # its state is an LSTMStateTuple, of which h alone is dropped


def test_a_visitor_that_is_no_function(graph):
    """A structure of booleans where a function of the state is due."""
    with refused("must be a function"):
        rnn_tf1.DropoutWrapper(rnn_tf1.LSTMCell(UNITS), state_keep_prob=0.5, dropout_state_filter_visitor=(True, False))


def test_sizes_below_one(graph):
    """A width of zero, which makes empty weights and trains nothing."""
    for size in (0, -3):
        for make in (
            rnn_tf1.BasicRNNCell,
            rnn_tf1.GRUCell,
            rnn_tf1.BasicLSTMCell,
            rnn_tf1.LSTMCell,
            rnn_tf1.LayerNormRNNCell,
            rnn_tf1.LayerNormBasicLSTMCell,
            rnn_tf1.ContextRNNCell,
        ):
            with refused("num_units is %d; it must be a whole number of at least 1" % size):
                make(size)
        with refused("num_proj is %d" % size):
            rnn_tf1.LSTMCell(UNITS, num_proj=size)
        with refused("num_context_units is %d" % size):
            rnn_tf1.ContextRNNCell(UNITS, size)
        for wrap in (rnn_tf1.InputProjectionWrapper, rnn_tf1.OutputProjectionWrapper):
            with refused("width of the projection is %d" % size):
                wrap(rnn_tf1.GRUCell(UNITS), size)
        for sizes in ((size, 2), (2, size)):
            with refused("is %d; it must be a whole number of at least 1" % size):
                rnn_tf1.EmbeddingWrapper(rnn_tf1.GRUCell(UNITS), *sizes)


def test_other_arguments(graph):
    """Values that mean nothing, taken silently for a default."""
    with refused("no activation 'thna'"):
        rnn_tf1.BasicRNNCell(UNITS, activation="thna")
    for alpha in (-0.1, 1.1):
        with refused("alpha is %s" % alpha):
            rnn_tf1.ContextRNNCell(UNITS, alpha=alpha)
    with refused("'dynamic', 'static' or 'manual'", "'fast'"):
        rnn_tf1.bidirectional_rnn(rnn_tf1.GRUCell(2), rnn_tf1.GRUCell(2), sequence(), unroll="fast")
    with refused("state_is_tuple=False"):
        rnn_tf1.MultiRNNCell([rnn_tf1.LSTMCell(UNITS)], state_is_tuple=False)


def test_graph_errors_are_value_errors():
    """Old code that catches TensorFlow's ValueError and no longer catches ours."""
    assert issubclass(GraphError, ValueError)
    assert issubclass(GraphError, rnn_tf1.UserError)


@pytest.mark.parametrize(
    ("inputs", "text"),
    [
        ([np.ones([6, 3]), np.ones([6, 4])], "inputs of step 1 have shape .6, 4., those of step 0 have .6, 3."),
        ([np.ones([6]), np.ones([6])], "the inputs have shape .6,.; the inputs of one step must be .batch, depth."),
        (np.ones([6, 0, 3]), "the inputs have no time step"),
    ],
    ids=["two depths", "rank 1", "no step"],
)
def test_inputs_that_are_no_sequence(inputs, text):
    """An IndexError, or TensorFlow's words about a slice, for inputs that were not understood."""
    for unroll in (rnn_tf1.manual_rnn, rnn_tf1.static_rnn):
        with tf.Graph().as_default(), pytest.raises(rnn_tf1.GraphError, match=text):
            unroll(rnn_tf1.BasicRNNCell(5), inputs)


def test_lengths_are_whole_numbers():
    """A length of 1.7 that is cut to 1 without a word."""
    with tf.Graph().as_default(), pytest.raises(rnn_tf1.GraphError, match="sequence_length is float32"):
        rnn_tf1.dynamic_rnn(rnn_tf1.BasicRNNCell(5), tf.ones([2, 4, 3]), sequence_length=[1.7, 2.0])


@pytest.mark.parametrize("units", [2.5, "5", None, -1])
def test_units_are_a_whole_number(units):
    """2.5 units that become 2, a TypeError for None."""
    with pytest.raises(rnn_tf1.GraphError, match="num_units is .*; it must be a whole number of at least 1"):
        rnn_tf1.GRUCell(units)


def test_a_constant_probability_is_checked():
    """A keep probability of 1.5 that passes because it is a tensor, or text."""
    with tf.Graph().as_default():
        for value in (tf.constant(1.5), "0.5", None, np.float32(0)):
            with pytest.raises(rnn_tf1.GraphError, match="output_keep_prob is"):
                rnn_tf1.DropoutWrapper(rnn_tf1.GRUCell(5), output_keep_prob=value)


def test_one_length_for_each_row():
    """Lengths of another batch that are spread over all rows."""
    for unroll in (rnn_tf1.manual_rnn, rnn_tf1.static_rnn, rnn_tf1.dynamic_rnn):
        with tf.Graph().as_default(), pytest.raises(
            rnn_tf1.GraphError, match="1 lengths were given for a batch of 4 rows"
        ):
            unroll(rnn_tf1.BasicRNNCell(5), tf.ones([4, 3, 2]), sequence_length=[2])
    with tf.Graph().as_default(), tf.Session() as session:
        x = tf.placeholder(tf.float32, [None, 3, 2])
        outputs, _ = rnn_tf1.manual_rnn(rnn_tf1.BasicRNNCell(5), x, sequence_length=[2])
        session.run(tf.global_variables_initializer())
        with pytest.raises(tf.errors.InvalidArgumentError, match="there must be one length for each row"):
            session.run(outputs, {x: np.ones([4, 3, 2])})


def test_two_networks_in_one_graph_need_scopes():
    """The commonest way to build a variable twice, with advice for another one."""
    with tf.Graph().as_default():
        rnn_tf1.dynamic_rnn(rnn_tf1.BasicRNNCell(5), tf.ones([2, 4, 3]))
        with pytest.raises(rnn_tf1.GraphError, match="scope='encoder'"):
            rnn_tf1.dynamic_rnn(rnn_tf1.BasicRNNCell(5), tf.ones([2, 4, 3]))


def test_projection_of_unknown_depth():
    """int() of None, from inside a wrapper."""
    with tf.Graph().as_default():
        cell = rnn_tf1.InputProjectionWrapper(rnn_tf1.GRUCell(5), 4)
        with pytest.raises(rnn_tf1.GraphError, match="depth of the inputs is unknown"):
            cell(tf.placeholder(tf.float32, [None, None]), tf.zeros([2, 5]))


def test_last_output_of_a_list():
    """The last row taken for the last step."""
    with tf.Graph().as_default(), tf.Session() as session:
        steps = [tf.fill([4, 3], float(t)) for t in range(7)]
        last, at = session.run([rnn_tf1.last_output(steps), rnn_tf1.last_output(steps, [7, 1, 3, 2])])
    np.testing.assert_array_equal(last, np.full([4, 3], 6.0))
    np.testing.assert_array_equal(at[:, 0], [6, 0, 2, 1])
