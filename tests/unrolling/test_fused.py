"""The fast path, held to the plain equations: `manual_rnn` with the same weights, states and dropout masks."""

import numpy as np
import pytest
import tensorflow.compat.v1 as tf
from helpers import BATCH, DEPTH, TIME, UNITS, assert_near, make_sequence, make_state, run, session, values

import rnn_tf1
from rnn_tf1 import BasicLSTMCell, DropoutWrapper, GRUCell, LSTMCell, MultiRNNCell, manual_rnn
from rnn_tf1.errors import GraphError
from rnn_tf1.unrolling.fused import fused_rnn

CELLS = {
    "basic_lstm": lambda: BasicLSTMCell(UNITS),
    "forget_bias": lambda: BasicLSTMCell(UNITS, forget_bias=-0.7),
    "lstm": lambda: LSTMCell(UNITS, forget_bias=0.3),
    "shards": lambda: LSTMCell(UNITS, num_unit_shards=2),
    "gru": lambda: GRUCell(UNITS),
    "layers": lambda: MultiRNNCell([BasicLSTMCell(UNITS), GRUCell(4), LSTMCell(7)]),
}


def built(unroll, make, dtype=tf.float64, **options):
    """[outputs, the final state, gradients], and the cell: of a loss to which every output and state counts differently."""
    cell = make()
    x = tf.constant(make_sequence(), dtype)
    state = tf.nest.map_structure(lambda a: tf.constant(a, dtype), make_state(cell.state_size))
    outputs, final = unroll(cell, x, initial_state=state, **options)
    results = [outputs] + tf.nest.flatten(final)
    loss = tf.add_n(
        [tf.reduce_sum(tf.constant(values("w%d" % i, r.shape.as_list()), dtype) * r) for i, r in enumerate(results)]
    )
    wanted = cell.trainable_variables + [x] + tf.nest.flatten(state)
    return results + tf.gradients(loss, wanted), cell


def assert_equal(make, dtype=tf.float64, forward=1e-12, backward=1e-12, **options):
    """fused_rnn and manual_rnn: the same variables, results and gradients."""
    plain, cell = built(manual_rnn, make, dtype)
    count = len(plain) - len(cell.trainable_variables) - 1 - len(tf.nest.flatten(cell.state_size))
    with tf.variable_scope(tf.get_variable_scope(), reuse=True):
        fast, other = built(fused_rnn, make, dtype, **options)
    assert [v.name for v in other.variables] == [v.name for v in cell.variables]
    for i, (a, b) in enumerate(zip(*run([fast, plain]))):
        assert_near(a, b, forward if i < count else backward, "result or gradient %d" % i)


@pytest.mark.parametrize("name", sorted(CELLS))
def test_fused_is_the_plain_loop(name, graph):
    """Any term of the equations or of their gradients that is missing, of another step, or of another gate."""
    assert_equal(CELLS[name])


@pytest.mark.parametrize("name", ["layers", "gru"])
def test_in_float32_within_what_rounding_makes(name, graph):
    """A path that computes with less precision than its type."""
    assert_equal(CELLS[name], tf.float32, 1e-5, 1e-4)


@pytest.mark.parametrize(("make", "variational"), [(BasicLSTMCell, True), (GRUCell, False)])
def test_dropout_masks_are_those_of_the_plain_loop(make, variational, graph):
    """A mask that differs, is left out, is drawn anew where it should stay, or stays where it should be drawn anew; a mask of
    the recurrence that also drops what a cell carries on."""
    step = tf.constant(7)

    def wrapped():
        keep = dict(input_keep_prob=0.8, output_keep_prob=0.6, recurrent_keep_prob=0.7)
        more = dict(variational_recurrent=variational, seed=3, step=step)
        inner = DropoutWrapper(make(UNITS), **keep, **more)
        return MultiRNNCell(
            [DropoutWrapper(inner, recurrent_keep_prob=0.9, **more), DropoutWrapper(make(UNITS), **keep, **more)]
        )

    assert_equal(wrapped)


def test_in_training_the_masks_differ_from_run_to_run(graph):
    """A variational mask without a step that is drawn once for ever."""
    cell = DropoutWrapper(BasicLSTMCell(UNITS), output_keep_prob=0.5, variational_recurrent=True)
    outputs, _ = fused_rnn(cell, tf.constant(make_sequence(), tf.float32))
    with session() as s:
        zero = [s.run(outputs) == 0 for _ in range(5)]
    assert all((z == z[:, :1]).all() for z in zero), "the same at all steps"
    assert any((z != zero[0]).any() for z in zero[1:]), "not at all runs"


def test_layouts(graph):
    """Steps or rows mixed up by a list, by time first, or by a batch size that is not known before the run."""
    x = make_sequence().astype(np.float32)
    cell = GRUCell(UNITS)
    expected, state = fused_rnn(cell, tf.constant(x))
    steps, state_of_list = fused_rnn(cell, tf.unstack(tf.constant(x), axis=1))
    time_first, state_of_time_first = fused_rnn(cell, tf.constant(x.transpose(1, 0, 2)), time_major=True)
    fed = tf.placeholder(tf.float32, [None, TIME, DEPTH])
    open_batch, _ = fused_rnn(cell, fed)
    assert expected.shape.as_list() == [BATCH, TIME, UNITS] and open_batch.shape.as_list()[1:] == [TIME, UNITS]
    found = run([expected, tf.stack(steps, 1), tf.transpose(time_first, [1, 0, 2]), open_batch], {fed: x})
    for other in found[1:]:
        assert_near(other, found[0], 1e-6)
    a, b, c = run([state, state_of_list, state_of_time_first])
    assert_near(b, a, 1e-6)
    assert_near(c, a, 1e-6)


def test_the_weights_gradient_is_one_product(graph):
    """A fast path that takes the gradient of the kernel step by step, as the plain one does."""
    cell = BasicLSTMCell(UNITS)
    outputs, _ = fused_rnn(cell, tf.constant(make_sequence(), tf.float32))
    tf.gradients(tf.reduce_sum(outputs), cell.trainable_variables)
    shapes = [tuple(op.outputs[0].shape.as_list()) for op in graph.get_operations() if op.type == "MatMul"]
    assert shapes.count((DEPTH + UNITS, 4 * UNITS)) == 1, "the kernel's gradient"
    assert shapes.count((TIME * BATCH, 4 * UNITS)) == 1, "the inputs' product"
    assert shapes.count((BATCH, 4 * UNITS)) == TIME, "a product of h for each step"


class Derived(GRUCell):
    """A cell with equations of its own."""

    def call(self, inputs, state):
        return super().call(inputs, 2 * state)


REFUSED = {
    "peepholes": (lambda: LSTMCell(UNITS, use_peepholes=True), "without peepholes"),
    "projection": (lambda: LSTMCell(UNITS, num_proj=2), "projection"),
    "clipping": (lambda: LSTMCell(UNITS, cell_clip=1.0), "clipping"),
    "activation": (lambda: GRUCell(UNITS, activation="relu"), "with tanh"),
    "activation of an LSTM": (lambda: BasicLSTMCell(UNITS, activation="relu"), "with tanh"),
    "one tensor": (lambda: BasicLSTMCell(UNITS, state_is_tuple=False), "state_is_tuple"),
    "another cell": (lambda: rnn_tf1.ContextRNNCell(UNITS), "fused_rnn does not support ContextRNNCell"),
    "a derived cell": (lambda: Derived(UNITS), "fused_rnn does not support Derived"),
    "inside": (lambda: MultiRNNCell([rnn_tf1.BasicRNNCell(UNITS)]), "fused_rnn does not support BasicRNNCell"),
    "state dropout": (lambda: DropoutWrapper(GRUCell(UNITS), state_keep_prob=0.5), "state_keep_prob"),
}


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_refused(name, graph):
    """A cell whose equations are not those of the fast path, computed as if they were."""
    make, message = REFUSED[name]
    with pytest.raises(GraphError, match=message):
        fused_rnn(make(), tf.constant(make_sequence(), tf.float32))


def test_lengths_and_unknown_steps_are_refused(graph):
    """Lengths that are passed over in silence; a graph for a number of steps that nobody knows."""
    x = tf.constant(make_sequence(), tf.float32)
    with pytest.raises(GraphError, match="fused_rnn does not support sequence_length: use static_rnn or dynamic_rnn"):
        fused_rnn(GRUCell(UNITS), x, sequence_length=[1] * BATCH)
    with pytest.raises(GraphError, match="number of steps is unknown"):
        fused_rnn(GRUCell(UNITS), tf.placeholder(tf.float32, [BATCH, None, DEPTH]))
    with pytest.raises(GraphError, match="number of steps is unknown"):
        fused_rnn(GRUCell(UNITS), tf.placeholder(tf.float32, [None, BATCH, DEPTH]), time_major=True)
    with pytest.raises(GraphError, match="wrong state"):
        fused_rnn(GRUCell(UNITS), x, initial_state=tf.zeros([BATCH, UNITS + 1]))
