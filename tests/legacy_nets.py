"""Nets of lists, to be built with our legacy_seq2seq or with TensorFlow 1.15's own."""

import collections

import helpers
import numpy as np
import tensorflow.compat.v1 as tf
from helpers import BATCH, CLASSES, PROJ, UNITS, WIDE, values

import rnn_tf1

SOURCE, TARGET, DEPTH, SYMBOLS, PLACES = (
    4,
    3,
    7,
    9,
    10,
)  # steps, steps, of a vector, ids of the target, steps of a memory
BUCKETS = [(2, 2), (SOURCE, TARGET)]

Net = collections.namedtuple("Net", "sources results variables")


class Ours(object):
    """The functions of the package; encoder and decoder have a cell each."""

    cells = helpers.Ours()

    def __getattr__(self, name):
        return getattr(rnn_tf1, name)

    def two(self, make):
        return dict(cell=make(self.cells), encoder_cell=make(self.cells))

    def per_bucket(self, make):
        both = self.two(make)
        return lambda: both


class Theirs(object):
    """The functions of TensorFlow 1.15, which copies the decoder's cell, and cannot copy one that has been called."""

    def __init__(self):
        import tensorflow

        self.cells = helpers.Theirs()
        self._functions = tensorflow.contrib.legacy_seq2seq

    def __getattr__(self, name):
        return getattr(self._functions, name)

    def two(self, make):
        return dict(cell=make(self.cells))

    def per_bucket(self, make):
        return lambda: self.two(make)


def gru(cells):
    return cells.GRUCell(UNITS)


def lstm(cells):
    return cells.BasicLSTMCell(UNITS, forget_bias=0.3)


def layers(cells):
    return cells.MultiRNNCell([cells.GRUCell(WIDE), cells.LSTMCell(UNITS, num_proj=PROJ)])


# ----------------------------------------------------------------------------------------------------------------- inputs


def vectors(name, steps, depth=DEPTH):
    return [tf.constant(values("%s %d" % (name, t), [BATCH, depth]), tf.float32) for t in range(steps)]


def id_values(name, steps, symbols):
    """[steps, BATCH]."""
    return np.abs(values(name, [steps, BATCH], 1000)).astype(np.int32) % symbols


def ids(name, steps, symbols):
    return [tf.constant(step) for step in id_values(name, steps, symbols)]


def weight_values():
    """[TARGET, BATCH]: a row without any, some zeros, no two alike."""
    weights = np.abs(values("weights", [TARGET, BATCH])) + 0.1
    weights[:, 2] = 0
    weights[2:, 4] = 0
    return weights


def projection(width):
    return tuple(tf.constant(values("projection", shape), tf.float32) for shape in ([width, SYMBOLS], [SYMBOLS]))


def state_of(cell, name):
    flat = [values("%s %d" % (name, i), [BATCH, size]) for i, size in enumerate(tf.nest.flatten(cell.state_size))]
    return tf.nest.pack_sequence_as(cell.state_size, [tf.constant(part, tf.float32) for part in flat])


def memory():
    return tf.constant(values("memory", [BATCH, PLACES, WIDE]), tf.float32)


def turn(previous, t):
    """A loop_function through which the gradient flows; it depends on the step."""
    return tf.tanh(tf.concat([previous] * 4, 1)[:, 1 : 1 + DEPTH] * (0.5 + t))


def squared(labels, logits):
    """A loss that is no softmax."""
    return tf.reduce_sum(tf.square(logits - tf.one_hot(labels, int(logits.shape[1]))), 1)


# ------------------------------------------------------------------------------------------------------------------- nets


def decode(make, function, **options):
    """A net of one decoder with inputs, and a state, of its own."""

    def build(library):
        cell = make(library.cells)
        x, state = vectors("x", TARGET), state_of(cell, "state")
        outputs, last = getattr(library, function)(x, state, cell=cell, **options)
        return x + tf.nest.flatten(state), outputs + tf.nest.flatten(last)

    return build


def decode_ids(make, function, with_memory=False, with_projection=True, **options):
    def build(library):
        cell = make(library.cells)
        state = state_of(cell, "state")
        if with_projection:
            more = dict(output_projection=projection(cell.output_size))
        else:
            cell, more = library.cells.OutputProjectionWrapper(cell, SYMBOLS), {}
        looked_at = [memory()] if with_memory else []
        arguments = [ids("target", TARGET, SYMBOLS), state] + looked_at + [cell, SYMBOLS, DEPTH]
        outputs, last = getattr(library, function)(*arguments, **dict(more, **options))
        pair = list(more.get("output_projection", []))
        return tf.nest.flatten(state) + looked_at + pair, outputs + tf.nest.flatten(last)

    return build


def attend(make, **options):
    def build(library):
        cell = make(library.cells)
        x, state, looked_at = vectors("x", TARGET), state_of(cell, "state"), memory()
        outputs, last = library.attention_decoder(x, state, looked_at, cell, **options)
        return x + tf.nest.flatten(state) + [looked_at], outputs + tf.nest.flatten(last)

    return build


def basic(make):
    def build(library):
        x, y = vectors("x", SOURCE), vectors("y", TARGET)
        outputs, state = library.basic_rnn_seq2seq(x, y, **library.two(make))
        return x + y, outputs + tf.nest.flatten(state)

    return build


def from_ids(function, make, with_projection=False, own=None, **options):
    """`own`: the value of a tensor feed_previous."""

    def build(library):
        both = library.two(make)
        more = dict(options)
        if with_projection:
            more["output_projection"] = projection(both["cell"].output_size)
        if own is not None:
            more["feed_previous"] = tf.placeholder_with_default(own, [])
        outputs, state = getattr(library, function)(
            ids("source", SOURCE, CLASSES),
            ids("target", TARGET, SYMBOLS),
            num_encoder_symbols=CLASSES,
            num_decoder_symbols=SYMBOLS,
            embedding_size=DEPTH,
            **dict(both, **more),
        )
        return list(more.get("output_projection", [])), outputs + tf.nest.flatten(state)

    return build


def in_buckets(**options):
    def build(library):
        both = library.per_bucket(lstm)
        outputs, losses = library.model_with_buckets(
            ids("source", SOURCE, CLASSES),
            ids("target", TARGET, SYMBOLS),
            ids("wanted", TARGET, SYMBOLS),
            [tf.constant(step, tf.float32) for step in weight_values()],
            BUCKETS,
            lambda x, y: library.embedding_rnn_seq2seq(
                x, y, num_encoder_symbols=CLASSES, num_decoder_symbols=SYMBOLS, embedding_size=DEPTH, **both()
            ),
            **options,
        )
        return [], [step for bucket in outputs for step in bucket] + losses

    return build


def losses(function, **options):
    def build(library):
        logits = vectors("logits", TARGET, SYMBOLS)
        weights = [tf.constant(step, tf.float32) for step in weight_values()]
        found = getattr(library, function)(logits, ids("wanted", TARGET, SYMBOLS), weights, **options)
        return logits + weights, [found]

    return build


RNN, ATTENTION = "embedding_rnn_seq2seq", "embedding_attention_seq2seq"
NETS = collections.OrderedDict(
    rnn_decoder=decode(lstm, "rnn_decoder"),
    rnn_decoder_loop=decode(gru, "rnn_decoder", loop_function=turn),
    basic=basic(gru),
    basic_layers=basic(layers),
    embedding_decoder=decode_ids(lstm, "embedding_rnn_decoder", with_projection=False),
    embedding_decoder_own=decode_ids(gru, "embedding_rnn_decoder", feed_previous=True),
    embedding_decoder_frozen=decode_ids(
        lstm, "embedding_rnn_decoder", feed_previous=True, update_embedding_for_previous=False
    ),
    embedding_rnn=from_ids(RNN, lstm),
    embedding_rnn_own=from_ids(RNN, layers, feed_previous=True),
    embedding_rnn_projection=from_ids(RNN, layers, True, feed_previous=True),
    embedding_rnn_told=from_ids(RNN, lstm, own=False),
    embedding_rnn_told_own=from_ids(RNN, lstm, True, own=True),
    attention=attend(lstm),
    attention_heads=attend(layers, output_size=SYMBOLS, num_heads=2, loop_function=turn, initial_state_attention=True),
    attention_decoder_own=decode_ids(
        gru,
        "embedding_attention_decoder",
        True,
        num_heads=2,
        feed_previous=True,
        update_embedding_for_previous=False,
        initial_state_attention=True,
    ),
    attention_decoder_plain=decode_ids(lstm, "embedding_attention_decoder", True, False, output_size=SYMBOLS),
    embedding_attention=from_ids(ATTENTION, lstm, num_heads=3),
    embedding_attention_own=from_ids(ATTENTION, gru, feed_previous=True),
    embedding_attention_projection=from_ids(ATTENTION, layers, True, initial_state_attention=True),
    embedding_attention_told=from_ids(ATTENTION, gru, own=False),
    embedding_attention_told_own=from_ids(ATTENTION, lstm, True, own=True),
    buckets=in_buckets(),
    buckets_options=in_buckets(per_example_loss=True, softmax_loss_function=squared),
    by_example=losses("sequence_loss_by_example"),
    by_example_sums=losses("sequence_loss_by_example", average_across_timesteps=False),
    by_example_other=losses("sequence_loss_by_example", softmax_loss_function=squared),
    loss=losses("sequence_loss"),
    loss_sums=losses("sequence_loss", average_across_timesteps=False, average_across_batch=False),
    loss_steps=losses("sequence_loss", average_across_batch=False),
    loss_rows=losses("sequence_loss", average_across_timesteps=False, softmax_loss_function=squared),
)
CHECKPOINT_NET = "embedding_attention"


def build(name, library, outer=None):
    """The net `name` with the functions of `library`, under the variable scope `outer`."""
    before = len(tf.global_variables())
    with tf.variable_scope(outer or tf.get_variable_scope()):
        sources, results = NETS[name](library)
    return Net(sources, results, tf.global_variables()[before:])


def gradients_of(net):
    """The gradients of `helpers.loss_of` with respect to the variables and the sources; zeros where there is none."""
    of = list(net.variables) + list(net.sources)
    found = tf.gradients(helpers.loss_of(net.results), of, unconnected_gradients=tf.UnconnectedGradients.ZERO)
    return [tf.convert_to_tensor(g) for g in found]


def described(net, outer=""):
    """The name and shape of each variable."""
    return ["%s %s" % (helpers.plain_name(v, outer), v.shape.as_list()) for v in net.variables]


def condensed(arrays):
    """Of each array three sums in which every entry has a weight of its own: a golden file that is small."""
    rows = [
        values("condensed %d" % i, [3, a.size]) @ np.ravel(a.astype(np.float64))
        for i, a in enumerate(map(np.asarray, arrays))
    ]
    return np.stack(rows).astype(np.float32)
