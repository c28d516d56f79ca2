"""Decoders that attend, to be built with our attention or with that of TensorFlow 1.15: what the attention tests share."""

import collections
import contextlib

import helpers
import tensorflow.compat.v1 as tf
from helpers import BATCH, CONTEXT, DEPTH, PROJ, TIME, UNITS, WIDE, constants, values

TIMES, DEPTHS = (9, 10), (CONTEXT, PROJ)  # of the two memories
LAYER = 13
# tf.contrib refuses a memory row of length 0.
MEMORY_LENGTHS = ([9, 3, 1, 2, 4, 5], [2, 10, 7, 1, 9, 3])
UNROLLS = helpers.UNROLLS


class Theirs(helpers.Theirs):
    """TensorFlow 1.15's cells, and its attention."""

    def __init__(self):
        super().__init__()
        import tensorflow

        self._modules += (tensorflow.contrib.seq2seq,)


def turned(inputs, attention):
    return tf.concat([attention, 2.0 * inputs], -1)


def twice_the_keys(keys, memory):
    return tf.sin(2.0 * keys), tf.concat([memory, tf.cos(memory)], 2)


def bahdanau(c, m, dtype):
    return c.AttentionWrapper(c.GRUCell(UNITS), c.BahdanauAttention(WIDE, m[0], dtype=dtype))


def bahdanau_normed(c, m, dtype):
    mechanism = c.BahdanauAttention(WIDE, m[0], MEMORY_LENGTHS[0], normalize=True, dtype=dtype)
    return c.AttentionWrapper(c.LSTMCell(UNITS), mechanism, LAYER, output_attention=False)


def luong(c, m, dtype):
    mechanism = c.LuongAttention(UNITS, m[0], MEMORY_LENGTHS[0], dtype=dtype)
    return c.AttentionWrapper(c.BasicRNNCell(UNITS), mechanism, cell_input_fn=turned)


def luong_scaled(c, m, dtype):
    mechanism = c.LuongAttention(UNITS, m[0], MEMORY_LENGTHS[0], scale=True, dtype=dtype)
    return c.AttentionWrapper(c.GRUCell(UNITS), mechanism, LAYER, alignment_history=True, name="decoder")


def sigmoid(c, m, dtype):
    mechanism = c.BahdanauAttention(WIDE, m[0], MEMORY_LENGTHS[0], False, tf.sigmoid, -0.7, dtype)
    return c.AttentionWrapper(c.GRUCell(UNITS), mechanism)


def keys_and_values(c, m, dtype):
    mechanism = c.LuongAttention(UNITS, m[0], MEMORY_LENGTHS[0], dtype=dtype, custom_key_value_fn=twice_the_keys)
    return c.AttentionWrapper(c.GRUCell(UNITS), [mechanism], [LAYER])


def two(c, m, dtype):
    first = c.BahdanauAttention(WIDE, m[0], MEMORY_LENGTHS[0], normalize=True, dtype=dtype)
    second = c.LuongAttention(UNITS, m[1], MEMORY_LENGTHS[1], scale=True, dtype=dtype)
    return c.AttentionWrapper(c.GRUCell(UNITS), [first, second], [LAYER, CONTEXT], alignment_history=True)


def alike(c, m, dtype):
    mechanisms = [
        c.BahdanauAttention(WIDE, m[0], dtype=dtype),
        c.BahdanauAttention(PROJ, m[1], MEMORY_LENGTHS[1], dtype=dtype),
        c.LuongAttention(UNITS, m[1], MEMORY_LENGTHS[1], True, dtype=dtype),
        c.LuongAttention(UNITS, m[0], None, True, dtype=dtype),
    ]
    return c.AttentionWrapper(c.BasicRNNCell(UNITS), mechanisms, output_attention=False)


def layered(c, m, dtype):
    """Layers inside the attention, and a layer above it."""
    inside = c.MultiRNNCell([c.LSTMCell(WIDE), c.DropoutWrapper(c.GRUCell(UNITS), 1.0)])
    attending = c.AttentionWrapper(inside, c.BahdanauAttention(WIDE, m[0], MEMORY_LENGTHS[0], dtype=dtype), LAYER)
    return c.MultiRNNCell([attending, c.GRUCell(CONTEXT)])


NETS = collections.OrderedDict(
    (make.__name__, make)
    for make in (
        bahdanau,
        bahdanau_normed,
        luong,
        luong_scaled,
        sigmoid,
        keys_and_values,
        two,
        alike,
        layered,
    )
)
RECORDED = ("bahdanau", "bahdanau_normed", "luong", "two", "alike")  # in tests/golden/attention
CHECKPOINT_NET = "two"

Net = collections.namedtuple("Net", "inputs memories states results variables cell time")


def make_memories():
    return [values("memory %d" % i, [BATCH, time, depth]) for i, (time, depth) in enumerate(zip(TIMES, DEPTHS))]


def random_state(cell, batch, dtype, seed=0):
    """`zero_state`, with random values in all that has rows and a known width; and these as a list."""
    state = cell.zero_state(batch, dtype)
    rows = []

    def fill(part):
        if not tf.is_tensor(part) or part.shape.rank == 0 or None in part.shape.as_list():
            return part
        shape = [batch, part.shape.as_list()[-1]]
        rows.append(tf.constant(values("state %d %d" % (seed, len(rows)), shape), dtype))
        return rows[-1]

    return tf.nest.map_structure(fill, state), rows


def tensors(nest):
    """The floating tensors of a state, in flat order; histories stacked."""
    flat = [_stacked(part) if isinstance(part, tf.TensorArray) else part for part in tf.nest.flatten(nest)]
    return [part for part in flat if part.dtype.is_floating]


def _stacked(history):
    stacked = history.stack()
    stacked.set_shape([TIME, BATCH, None])
    return stacked


def time_of(state):
    (time,) = [part for part in tf.nest.flatten(state) if tf.is_tensor(part) and part.dtype == tf.int32]
    return time


def build(name, library, how, lengths, outer=None, dtype=tf.float32):
    """The net `name` under the variable scope `outer`; `results` are its outputs and then its final state."""
    before = len(tf.global_variables())
    x = tf.constant(helpers.make_sequence(BATCH, TIME, DEPTH), dtype)
    memories = constants(make_memories(), dtype)
    with tf.variable_scope(outer) if outer else contextlib.ExitStack():
        cell = NETS[name](library, memories, dtype)
        state, states = random_state(cell, BATCH, dtype)
        outputs, final = library.unroll(how, cell, x, lengths, state, dtype)
    variables = tf.global_variables()[before:]
    return Net(x, memories, states, [outputs] + tensors(final), variables, cell, time_of(final))


def gradients_of(net):
    """The gradients of `helpers.loss_of` with respect to variables, states, memories and inputs, in this order."""
    sources = list(net.variables) + list(net.states) + list(net.memories) + [net.inputs]
    return tf.gradients(helpers.loss_of(net.results), sources, unconnected_gradients=tf.UnconnectedGradients.ZERO)
