"""What is looked at in a cell: the members of `rnn_tf1.types.Cell`, in any object, and nothing else."""

import textwrap
import threading

import helpers
import numpy as np
import pytest
import tensorflow.compat.v1 as tf
import toy_cells
from helpers import BATCH, DEPTH, TIME, UNITS, UNROLLS

import rnn_tf1
from rnn_tf1.cells import base
from rnn_tf1.ops.checks import all_cells, inner_cells
from rnn_tf1.ops.dropout import current_time, time_step
from rnn_tf1.types import Cell

OURS = helpers.Ours()
ON_TF1 = tf.__version__.startswith("1.")


class Hidden(object):
    """A wrapper that inherits from nothing and shows nothing of the cell in it."""

    def __init__(self, base):
        self.base = base
        self.state_size, self.output_size = base.state_size, base.output_size

    def zero_state(self, batch_size, dtype):
        return self.base.zero_state(batch_size, dtype)

    def __call__(self, inputs, state, scope=None):
        return self.base(inputs, state, scope)


class Shown(Hidden):
    """The same, with the line that the message asks for."""

    @property
    def inner_cells(self):
        return [self.base]


class Tells(toy_cells.ToyCell):
    """Its output is the number of the step that it was told."""

    needs_time = True

    def __call__(self, inputs, state, scope=None):
        return tf.zeros_like(state) + tf.cast(current_time(), state.dtype), state


def by_step(cell=None):
    return rnn_tf1.DropoutWrapper(cell or toy_cells.RunningSum(DEPTH), 0.5, seed=1, step=tf.constant(3))


# ---------------------------------------------------------------------------------------------------------- inner_cells


def test_every_wrapper_shows_what_it_wraps(graph):
    """A wrapper of ours behind which a cell is invisible."""
    cell = rnn_tf1.GRUCell(UNITS)
    memory = tf.zeros([BATCH, TIME, DEPTH])
    for wrapper in (
        rnn_tf1.DropoutWrapper(cell),
        rnn_tf1.ResidualWrapper(cell),
        rnn_tf1.DeviceCellWrapper("/cpu:0", cell),
        rnn_tf1.InputProjectionWrapper(cell, 2),
        rnn_tf1.OutputProjectionWrapper(cell, 2),
        rnn_tf1.ConvolutionWrapper(cell, 2, 3, DEPTH),
        rnn_tf1.EmbeddingWrapper(cell, 2, 2),
        rnn_tf1.AttentionWrapper(cell, rnn_tf1.LuongAttention(UNITS, memory)),
        rnn_tf1.MultiRNNCell([cell]),
        Shown(cell),
    ):
        assert [id(inner) for inner in inner_cells(wrapper)] == [id(cell)], wrapper
        assert all_cells(wrapper) == [wrapper, cell]
    assert rnn_tf1.DropoutWrapper(cell).wrapped_cell is cell
    for leaf in (cell, toy_cells.Counter(), Hidden(cell)):
        assert inner_cells(leaf) == []


def test_no_other_attribute_is_looked_at(graph):
    """A cell that calls something else `cell`, `_cells` or `_step`."""
    cell = toy_cells.Counter()
    cell.cell = cell._cell = cell.cells = cell._cells = "battery"
    cell._step, cell.has_recurrent_dropout = 3, True
    assert inner_cells(cell) == []
    rnn_tf1.MultiRNNCell([rnn_tf1.DropoutWrapper(toy_cells.Counter()), cell])
    outputs, _ = rnn_tf1.dynamic_rnn(cell, tf.zeros([BATCH, TIME, 1]))
    assert helpers.run(outputs)[0, :, 0].tolist() == list(range(1, TIME + 1))


@pytest.mark.skipif(not ON_TF1, reason="TensorFlow 2 has no cells of its own that a program could use")
def test_cells_of_tensorflow_are_seen_through(graph):
    """TensorFlow's own wrappers, which have no `inner_cells`, and an old program's classes that derive from its."""
    theirs = tf.nn.rnn_cell

    class Old(theirs.RNNCell):
        def __init__(self, cell):
            super().__init__()
            self._cell = cell

        state_size = output_size = UNITS

        def call(self, inputs, state):
            return self._cell(inputs, state)

    cell = theirs.GRUCell(UNITS)
    for wrapper in (
        theirs.DropoutWrapper(cell, 0.5),
        theirs.ResidualWrapper(cell),
        theirs.DeviceWrapper(cell, "/cpu:0"),
        theirs.MultiRNNCell([cell]),
        Old(cell),
        Old(theirs.MultiRNNCell([cell])),
    ):
        assert all_cells(wrapper)[-1] is cell, wrapper
        with pytest.raises(rnn_tf1.GraphError, match="positions 0 and 1 hold the same GRUCell object"):
            rnn_tf1.MultiRNNCell([wrapper, cell])
    with tf.variable_scope("theirs"):
        outputs, _ = rnn_tf1.dynamic_rnn(rnn_tf1.DropoutWrapper(Old(cell)), tf.zeros([BATCH, TIME, UNITS]))
    assert helpers.run(outputs).shape == (BATCH, TIME, UNITS)


def test_a_class_that_derives_from_the_contract(graph):
    """Defaults of the contract that are no defaults."""

    class Derived(Cell):
        state_size = output_size = 1
        zero_state = toy_cells.ToyCell.zero_state
        __call__ = toy_cells.Counter.__call__

    cell = Derived()
    assert (
        inner_cells(cell) == [] and not cell.needs_time and list(cell.variables) == list(cell.trainable_variables) == []
    )
    outputs, _ = rnn_tf1.dynamic_rnn(rnn_tf1.DropoutWrapper(cell), tf.zeros([BATCH, TIME, 1]))
    assert helpers.run(outputs)[0, :, 0].tolist() == list(range(1, TIME + 1))


def test_the_example_of_the_docstring(graph):
    """An example of a cell of one's own that does not run, or whose h is not dropped."""
    code = base.__doc__.split("::\n")[-1]
    found = {"tf": tf, "RNNCell": rnn_tf1.RNNCell}
    exec(textwrap.dedent(code), found)
    cell = found["LeakyCell"]()
    outputs, _ = rnn_tf1.dynamic_rnn(
        rnn_tf1.DropoutWrapper(cell, recurrent_keep_prob=0.5), tf.ones([BATCH, TIME, DEPTH])
    )
    assert [v.name for v in cell.variables] == ["rnn/leaky_cell/kernel:0"]
    assert cell.count_params() == (DEPTH + 20) * 20
    with helpers.session() as s:
        assert np.abs(s.run(outputs) - s.run(outputs)).max() > 1e-3


def test_a_shown_cell_is_found_twice(graph):
    """One cell in two places, in a wrapper of the user's own: as the messages promise, it is refused where it is shown."""
    cell = rnn_tf1.GRUCell(UNITS)
    with pytest.raises(rnn_tf1.GraphError, match="positions 0 and 1 hold the same GRUCell object"):
        rnn_tf1.MultiRNNCell([Shown(cell), Shown(cell)])
    rnn_tf1.MultiRNNCell([Shown(cell), Shown(rnn_tf1.GRUCell(UNITS))])


@pytest.mark.parametrize("wrong", [lambda self: [self.base], "base", None], ids=["method", "text", "None"])
def test_what_inner_cells_must_be(wrong, graph):
    """A method where a property is due, which would hide the cell after all."""
    kind = type("Wrong", (Hidden,), {"inner_cells": wrong})
    with pytest.raises(rnn_tf1.GraphError, match=r"Wrong.inner_cells must be a list of cells(.|\n)*@property"):
        rnn_tf1.MultiRNNCell([kind(rnn_tf1.GRUCell(UNITS))])

    class Misspelt(Hidden):
        @property
        def inner_cells(self):
            return [self.bass]

    with pytest.raises(AttributeError, match="bass"):
        rnn_tf1.MultiRNNCell([Misspelt(rnn_tf1.GRUCell(UNITS))])


# ------------------------------------------------------------------------------------------------------------ the time


@pytest.mark.parametrize("how", UNROLLS)
@pytest.mark.parametrize("lengths", [None, helpers.LENGTHS["ragged"]], ids=["none", "ragged"])
def test_the_step_is_told(how, lengths, graph):
    """A cell that asks for the time and is told another; also where rows end, and inside wrappers."""
    for cell in (Tells(), Shown(Tells()), rnn_tf1.DropoutWrapper(rnn_tf1.MultiRNNCell([Shown(Tells())]))):
        outputs, _ = OURS.unroll(how, cell, tf.zeros([BATCH, TIME, 1]), lengths, None)
        told = helpers.run(outputs)[:, :, 0]
        ends = [TIME] * BATCH if lengths is None else lengths
        for row, end in zip(told, ends):
            np.testing.assert_array_equal(row, [t if t < end else 0 for t in range(TIME)])


def test_hidden_dropout_by_step(graph):
    """A wrapper that hides dropout by step: the same masks where the steps are laid out, and advice that helps in a loop."""
    x = tf.ones([BATCH, TIME, DEPTH])
    expected = OURS.unroll("manual", by_step(), x, None, None)[0]
    for how in ("manual", "static"):
        for a, b in [helpers.run([OURS.unroll(how, Hidden(by_step()), x, None, None)[0], expected])]:
            np.testing.assert_array_equal(a, b)
    with pytest.raises(rnn_tf1.GraphError) as caught:
        rnn_tf1.dynamic_rnn(Hidden(by_step()), x)
    for part in (
        "dynamic_rnn does not count the steps",
        "def inner_cells(self):",
        "return [self.base]",
        "needs_time = True",
    ):
        assert part in str(caught.value)
    a, b = helpers.run([rnn_tf1.dynamic_rnn(Shown(by_step()), x)[0], expected])
    np.testing.assert_array_equal(a, b)


def test_the_time_outside_is_not_the_time_inside(graph):
    """All steps of an inner loop with the mask of one step of the loop around it."""
    with time_step(4), pytest.raises(rnn_tf1.GraphError, match="does not count the steps"):
        rnn_tf1.dynamic_rnn(Hidden(by_step()), tf.ones([BATCH, TIME, DEPTH]))
    with time_step(4):
        rnn_tf1.manual_rnn(toy_cells.Counter(), tf.ones([BATCH, TIME, 1]))
        assert current_time() == 4
        with tf.Graph().as_default(), pytest.raises(rnn_tf1.GraphError, match="the time step is unknown here"):
            current_time()


def test_a_test_graph_counts_no_steps():
    """A counter in the loop of a graph that draws no mask."""
    for options, needed in ((dict(), True), (dict(is_training=False), False)):
        with tf.Graph().as_default():
            step = tf.constant(1)
            cells = [
                rnn_tf1.DropoutWrapper(rnn_tf1.GRUCell(UNITS), 0.5, step=step, **options),
                rnn_tf1.LayerNormBasicLSTMCell(UNITS, dropout_keep_prob=0.5, step=step, **options),
            ]
            assert [cell.needs_time for cell in cells] == [needed] * 2
    assert not rnn_tf1.DropoutWrapper(rnn_tf1.GRUCell(UNITS), 0.5).needs_time
    assert not rnn_tf1.GRUCell(UNITS).needs_time


def together(*programs):
    """Runs each in a thread of its own, and raises what one of them raised."""
    errors = []

    def guarded(program):
        try:
            program()
        except BaseException as error:
            errors.append(error)
            meet.abort()

    meet = threading.Barrier(len(programs), timeout=60)
    threads = [threading.Thread(target=guarded, args=(lambda p=p: p(meet.wait),)) for p in programs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for error in errors:
        raise error


def test_two_threads_tell_their_own_time():
    """Two graphs built at once, of which one draws the masks of the other's step."""
    told = {}

    def program(name, time):
        def build(meet):
            with tf.Graph().as_default():
                if name == "second":
                    meet()  # the first one's block is entered first
                with time_step(time):
                    if name == "first":
                        meet()
                    meet()  # both are in their blocks
                    told[name] = current_time()
                    meet()

        return build

    together(program("first", 1), program("second", 2))
    assert told == {"first": 1, "second": 2}


def test_two_threads_drop_their_own(graph):
    """A graph without dropout that gets a random op from the other thread's wrapper."""
    drawn = {}

    class Meets(rnn_tf1.BasicRNNCell):
        def call(self, inputs, state):
            self.meet()  # both are in the middle of a step
            result = super().call(inputs, state)
            self.meet()
            return result

    def program(name, keep):
        def build(meet):
            with tf.Graph().as_default() as mine:
                cell = Meets(UNITS)
                cell.meet = meet
                with tf.variable_scope("net", initializer=tf.zeros_initializer()):
                    rnn_tf1.manual_rnn(rnn_tf1.DropoutWrapper(cell, recurrent_keep_prob=keep), tf.ones([2, 3, DEPTH]))
                drawn[name] = sum("RandomUniform" in op.type for op in mine.get_operations())

        return build

    together(program("dropped", 0.5), program("whole", 1.0))
    assert drawn == {"dropped": 3, "whole": 0}
