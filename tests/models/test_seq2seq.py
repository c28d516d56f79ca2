"""Encoder, attention and decoder as one graph: against NumPy in float64 written from the equations, against searches written
in Python, and what training adds to it."""

import contextlib
import dataclasses

import numpy as np
import pytest
import reference
import tensorflow.compat.v1 as tf
from helpers import assert_near, session, set_values, values

from rnn_tf1 import GraphError, Mode
from rnn_tf1.data.ragged import pad
from rnn_tf1.layers.softmax import softmax_layer
from rnn_tf1.models.seq2seq import Seq2SeqConfig, build_seq2seq, build_translator

START, END = 1, 2
BASE = Seq2SeqConfig(source_vocabulary=13, target_vocabulary=11, units=10, depth=6)
SOURCES = [[4, 12, 7, 9, 3, 5, 4], [8], [6, 11, 3, 10]]
TARGETS = [[5, 9, 4], [], [10, 3]]
CONFIGS = {
    "bahdanau": {},
    "luong": dict(attention="luong", cell="lstm"),
    "no attention": dict(attention=None),
    "deep": dict(attention="luong", layers=2),
    "one way": dict(cell="lstm", bidirectional=False, layers=2),
    "one way, no attention": dict(attention=None, cell="lstm", bidirectional=False),
    "tied": dict(tied=True),
    "by rows": dict(sampled=3, cell="basic"),
}


# ------------------------------------------------------------------------------------------------- the model, in float64

CELLS = {
    "gru": ("gru_cell/", reference.gru_cell, 1),
    "lstm": ("basic_lstm_cell/", reference.lstm_cell, 2),
    "basic": ("basic_rnn_cell/", reference.basic_rnn, 1),
}


class Reference(object):
    """What the model says of one source sentence. Sutskever et al. 2014; Bahdanau et al. 2015, section 3; Luong et al. 2015,
    equations 1, 5 (without the tanh) and 8."""

    def __init__(self, weights, config, source):
        self.w, self.config = weights, config
        x = weights["encoder/embedding"][list(source)][None]
        if config.bidirectional:
            states = []
            for layer in range(config.layers):
                place, sides = "encoder/cell_%d/bidirectional_rnn/" % layer, []
                for name, order in (("fw/", 1), ("bw/", -1)):
                    step, count = self.cell(place + name, x.shape[2])
                    first = [np.zeros([1, config.units // 2])] * count
                    outputs, last = reference.unroll(step, x[:, ::order], first)
                    sides.append((outputs[:, ::order], last))
                x = np.concatenate([sides[0][0], sides[1][0]], 2)
                states += [np.concatenate(pair, 1) for pair in zip(sides[0][1], sides[1][1])]
        else:
            step, count = self.layers("encoder/", config.depth)
            x, states = reference.unroll(step, x, [np.zeros([1, config.units])] * count)
        self.begin(x[0], states)

    def begin(self, memory, states):
        w, depth = self.w, self.config.depth
        if self.config.attention is None:
            inner, _ = self.layers("decoder/output_projection_wrapper/", depth)

            def step(x, state):
                y, state = inner(x, state)
                name = "decoder/output_projection_wrapper/"
                return y @ w[name + "kernel"] + w[name + "bias"], state

            self.step, self.first = step, states
            return
        place, keys = "decoder/attention_wrapper/", w["decoder/memory_layer/kernel"]
        inner, _ = self.layers(place, 2 * depth)  # the last attention stands beside the token's vector

        def score(q, m):
            if self.config.attention == "luong":
                return reference.general_scores(q, m, keys)
            name = place + "bahdanau_attention/"
            return reference.additive_scores(q, m, w[name + "query_layer/kernel"], keys, w[name + "attention_v"])

        self.step = reference.attending(inner, [(memory, score, w[place + "attention_layer/kernel"])])
        self.first = [np.zeros([1, depth]), np.zeros([1, len(memory)])] + states

    def cell(self, place, depth):
        name, make, count = CELLS[self.config.cell]
        start = place + name
        own = {key[len(start) :]: value for key, value in self.w.items() if key.startswith(start)}
        return make(own, depth), count

    def layers(self, place, depth):
        """(step of all layers, number of states)."""
        if self.config.layers == 1:
            return self.cell(place, depth)
        places = [place + "multi_rnn_cell/cell_%d/" % layer for layer in range(self.config.layers)]
        steps = [self.cell(one, self.config.units if i else depth) for i, one in enumerate(places)]
        count = steps[0][1]

        def step(x, state):
            new = []
            for layer, (one, _) in enumerate(steps):
                x, last = one(x, state[layer * count : (layer + 1) * count])
                new += last
            return x, new

        return step, count * len(steps)

    def says(self, tokens):
        """(log of the next token's distribution [time, words], where it looked [time, source]) after each of the tokens."""
        kernel = self.w["decoder/embedding"] if self.config.tied else self.w["decoder/softmax_w"]
        kernel = kernel.T if self.config.tied or self.config.sampled else kernel
        state, logs, looked = self.first, [], []
        for token in tokens:
            hidden, state = self.step(self.w["decoder/embedding"][token][None], state)
            z = hidden[0] @ kernel + self.w["decoder/softmax_b"]
            logs.append(z - np.logaddexp.reduce(z))
            looked.append(state[1][0] if self.config.attention else [])
        return np.array(logs), np.array(looked)

    def losses(self, target):
        logs, _ = self.says([START] + list(target))
        return -logs[np.arange(len(logs)), list(target) + [END]]


def score_of(log_probability, looked, length, penalties):
    """Wu et al. 2016, equation 14."""
    score = log_probability / ((5.0 + length) / 6.0) ** penalties[0]
    if penalties[1]:
        score += penalties[1] * np.log(np.minimum(np.sum(looked, 0), 1)).sum()
    return score


def continued(model, beam, penalties):
    """The (score, tokens, log-probability, looked) of a beam with each token behind it; itself where it has ended."""
    _, tokens, log_probability, _ = beam
    if tokens[-1:] == [END]:
        return [beam]
    logs, looked = model.says([START] + tokens)
    totals = log_probability + logs[-1]
    return [
        (score_of(total, looked, len(tokens) + 1, penalties), tokens + [token], total, looked)
        for token, total in enumerate(totals)
    ]


def searched(model, count, width, penalties=(0.0, 0.0)):
    """Beam search in Python: the `width` best beams after each step."""
    beams = [(0.0, [], 0.0, None)]
    for _ in range(count):
        beams = sorted((new for beam in beams for new in continued(model, beam, penalties)), key=lambda b: -b[0])
        beams = beams[:width]
    return beams


# --------------------------------------------------------------------------------------------------------------- the graphs


def feed_of(net, sources, targets, inputs=None):
    """As `data.pair_batches` makes it; `inputs`: instead of the start and the target."""
    source, source_lengths = pad([np.array(one, np.int32) for one in sources])
    feed = {net.source: source, net.source_lengths: source_lengths}
    if targets is not None:
        inputs = [[START] + list(one) for one in targets] if inputs is None else inputs
        feed[net.inputs], feed[net.lengths] = pad([np.array(one, np.int32) for one in inputs])
        feed[net.targets] = pad([np.array(list(one) + [END], np.int32) for one in targets])[0]
    return feed


@contextlib.contextmanager
def ending_session():
    """A session with random values by name in all variables, with which some sentences end early."""
    with session() as s:
        weights = {v: 0.6 * values(v.op.name, v.shape.as_list()) for v in tf.trainable_variables()}
        for v in weights:
            if v.op.name == "decoder/softmax_b":
                weights[v][END] += 3.0
        set_values(s, weights)
        yield s


def weights_of(s):
    variables = tf.trainable_variables()
    variables += [v for v in tf.model_variables() if all(v is not other for other in variables)]
    return {v.op.name: s.run(v).astype(np.float64) for v in variables}


class Built(object):
    """A model's graphs with random weights: the scoring one, and translators that are made when they are asked for."""

    def __init__(self, config, stack):
        self.config, self._translators = config, {}
        self._graph = tf.Graph()
        with self._graph.as_default():
            self.scored = build_seq2seq(config, Mode(False))
            self.s = stack.enter_context(ending_session())
            self.weights = weights_of(self.s)

    def losses(self, sources, targets):
        return self.s.run(self.scored.losses, feed_of(self.scored, sources, targets))

    def beams(self, sources, count, width, penalties=(0.0, 0.0)):
        how = width, penalties
        if how not in self._translators:
            with self._graph.as_default(), tf.variable_scope(tf.get_variable_scope(), reuse=True):
                self._translators[how] = build_translator(self.config, width, *penalties)
        net = self._translators[how]
        return self.s.run(net.beams, {**feed_of(net, sources, None), net.count: count})

    def model(self, source):
        return Reference(self.weights, self.config, source)


@pytest.fixture(scope="module")
def built():
    """built(name): the graphs of that configuration, made once."""
    with contextlib.ExitStack() as stack:
        made = {}

        def of(name):
            if name not in made:
                made[name] = Built(dataclasses.replace(BASE, **CONFIGS[name]), stack)
            return made[name]

        yield of


# ------------------------------------------------------------------------------------------------------- scoring, writing


@pytest.mark.parametrize("name", CONFIGS)
def test_against_numpy(name, built):
    """A slip anywhere between the ids and the losses: directions or layers mixed up, a decoder that does not begin in the
    encoder's last state, an attention that reads the padding or has no layer, weights or a bias left out, a loss over the wrong
    count or in the wrong place."""
    net = built(name)
    expected = np.zeros([3, 4])
    for row, (source, target) in enumerate(zip(SOURCES, TARGETS)):
        expected[row, : len(target) + 1] = net.model(source).losses(target)
    fetches = net.scored.losses, net.scored.loss, net.scored.word_loss, net.scored.total
    losses, *scalars = net.s.run(fetches, feed_of(net.scored, SOURCES, TARGETS))
    assert_near(losses, expected, 1e-5)
    assert_near(scalars, [expected.sum() / 8, expected.sum() / 8, expected.sum()], 1e-5)


def test_names_and_shapes(built):
    """Variables that another graph of the model, or a checkpoint, has under other names."""
    shapes = {name: list(value.shape) for name, value in built("bahdanau").weights.items()}
    gru = {"gates/kernel": [11, 10], "gates/bias": [10], "candidate/kernel": [11, 5], "candidate/bias": [5]}
    expected = {"encoder/embedding": [13, 6], "decoder/embedding": [11, 6], "decoder/memory_layer/kernel": [10, 10]}
    expected.update({"decoder/softmax_w": [6, 11], "decoder/softmax_b": [11]})
    for side in ("fw", "bw"):
        expected.update({"encoder/cell_0/bidirectional_rnn/%s/gru_cell/%s" % (side, n): gru[n] for n in gru})
    inner = {
        "gru_cell/gates/kernel": [22, 20],
        "gru_cell/gates/bias": [20],
        "gru_cell/candidate/kernel": [22, 10],
        "gru_cell/candidate/bias": [10],
        "bahdanau_attention/query_layer/kernel": [10, 10],
        "bahdanau_attention/attention_v": [10],
        "attention_layer/kernel": [20, 6],
    }
    expected.update({"decoder/attention_wrapper/" + name: shape for name, shape in inner.items()})
    assert shapes == expected


@pytest.mark.parametrize("name", ["bahdanau", "no attention", "deep"])
def test_padding_and_neighbours_change_nothing(name, built):
    """Padding that is read, from the end by the backward cell for example, scored, or looked at; rows that read each other."""
    net = built(name)
    plain, beams = net.losses(SOURCES, TARGETS), net.beams(SOURCES, 6, 4)
    random = np.random.RandomState(3)

    def longer(array, columns, low, high):
        return np.concatenate([array, random.randint(low, high, [len(array), columns])], 1)

    feed = feed_of(net.scored, SOURCES, TARGETS)
    wide = dict(feed)
    for key, more, most in ((net.scored.source, 5, 13), (net.scored.inputs, 3, 11)):
        lengths = wide[net.scored.source_lengths if key is net.scored.source else net.scored.lengths]
        wide[key] = longer(wide[key], more, 0, most)
        behind = np.arange(wide[key].shape[1]) >= lengths[:, None]
        wide[key] = np.where(behind, random.randint(0, most, behind.shape), wide[key])
    wide[net.scored.targets] = np.where(
        np.arange(7) < feed[net.scored.lengths][:, None], longer(feed[net.scored.targets], 3, 0, 9), 987654
    )
    losses = net.s.run(net.scored.losses, wide)
    assert_near(losses[:, :4], plain, 1e-6)
    assert not losses[:, 4:].any()
    translator = net._translators[4, (0.0, 0.0)]
    source, lengths = wide[net.scored.source], wide[net.scored.source_lengths]
    apart = [
        net.s.run(translator.beams, {translator.source: a, translator.source_lengths: b, translator.count: 6})
        for a, b in [(source, lengths)] + [(source[r : r + 1, : 7 + r], lengths[r : r + 1]) for r in range(3)]
    ]
    for row in range(3):
        assert_near(net.losses(SOURCES[row : row + 1], TARGETS[row : row + 1])[0], plain[row, : lengths_of(row)], 1e-6)
        for found, at in ((apart[0], row), (apart[1 + row], 0)):
            np.testing.assert_array_equal(found.tokens[at], beams.tokens[row])
            np.testing.assert_array_equal(found.lengths[at], beams.lengths[row])
            assert_near(found.scores[at], beams.scores[row], 1e-5)
            if net.config.attention:
                there = len(SOURCES[row])
                assert_near(found.alignments[at, :, :, :there], beams.alignments[row, :, :, :there], 1e-5)
                assert not found.alignments[at, :, :, there:].any()


def lengths_of(row):
    return len(TARGETS[row]) + 1


PENALTIES = {"bahdanau": (0.5, 0.3), "deep": (1.0, 0.0), "no attention": (0.6, 0.0)}


@pytest.mark.parametrize(
    "name",
    ["bahdanau", "no attention", "deep", "by rows"]
    + [pytest.param(name, marks=pytest.mark.slow) for name in ("luong", "one way", "tied")],
)
def test_translations_are_the_models_own(name, built):
    """A translator that reads other weights or another state than the scoring graph, begins with another token, keeps the state
    of another beam, says what was looked at a step too late; penalties that do not reach the search."""
    net, penalties = built(name), PENALTIES.get(name, (0.0, 0.0))
    found = net.beams(SOURCES, 6, 4, penalties)
    assert found.tokens.shape == (3, 4, 6) and len(set(found.lengths.ravel().tolist())) > 1
    for row, source in enumerate(SOURCES):
        model = net.model(source)
        for place, (score, tokens, log_probability, looked) in enumerate(searched(model, 6, 4, penalties)):
            assert found.tokens[row, place].tolist() == tokens + [END] * (6 - len(tokens))
            assert found.lengths[row, place] == len(tokens)
            assert_near(found.log_probabilities[row, place], log_probability, 1e-5)
            assert_near(found.scores[row, place], score, 1e-5)
            if net.config.attention:
                there = found.alignments[row, place, : len(tokens), : len(source)]
                assert_near(there, looked, 1e-5)
            if tokens[-1] == END:
                assert_near(net.losses([source], [tokens[:-1]]).sum(), -log_probability, 1e-5)
    assert net.config.attention or not len(found.alignments)


@pytest.mark.parametrize("name", ["luong", pytest.param("no attention", marks=pytest.mark.slow)])
def test_width_1_takes_the_likeliest_token(name, built):
    """A width of one that does something else than the loop that everybody writes."""
    net = built(name)
    found = net.beams(SOURCES, 9, 1)
    for row, source in enumerate(SOURCES):
        model, tokens = net.model(source), []
        while len(tokens) < 9 and END not in tokens:
            tokens.append(int(model.says([START] + tokens)[0][-1].argmax()))
        assert found.tokens[row, 0, : found.lengths[row, 0]].tolist() == tokens
        assert_near(found.log_probabilities[row, 0], -net.losses([source], [tokens])[0, : len(tokens)].sum(), 1e-5)


@pytest.mark.parametrize("penalty", [pytest.param(0.0, marks=pytest.mark.slow), 1.4])
def test_a_width_of_all_finds_the_best_of_all(penalty, graph):
    """A search that loses sequences on its way."""
    with contextlib.ExitStack() as stack:
        net = Built(dataclasses.replace(BASE, target_vocabulary=4, bidirectional=False), stack)
        found = net.beams(SOURCES, 3, 45, (penalty, 0.0))
        for row, source in enumerate(SOURCES):
            expected = searched(net.model(source), 3, 10**6, (penalty, 0.0))
            assert len(expected) == 1 + 3 + 9 + 27
            assert_near(found.scores[row, :40], [one[0] for one in expected], 1e-5)
            assert (found.scores[row, 40:] == -np.inf).all()
            best = expected[0][1]
            assert found.tokens[row, 0, : len(best)].tolist() == best


def test_fewer_are_returned_than_are_kept(built):
    """n_best that is taken for the width."""
    net = built("bahdanau")
    with net._graph.as_default(), tf.variable_scope(tf.get_variable_scope(), reuse=True):
        few = build_translator(net.config, 4, *PENALTIES["bahdanau"], n_best=2)
    found = net.s.run(few.beams, {**feed_of(few, SOURCES, None), few.count: 6})
    expected = net.beams(SOURCES, 6, 4, PENALTIES["bahdanau"])
    np.testing.assert_array_equal(found.tokens, expected.tokens[:, :2])
    np.testing.assert_array_equal(found.alignments, expected.alignments[:, :2])


# --------------------------------------------------------------------------------------------------------------- training


@contextlib.contextmanager
def training_graph(more, seed=5, gradients=None):
    """(session, net, the step's placeholder) of a training graph with random weights; with `gradients`, the names of variables,
    instead of the net (net, variables, gradients)."""
    with tf.Graph().as_default():
        step = tf.placeholder(tf.int64, [], name="step")
        net = build_seq2seq(dataclasses.replace(BASE, **more), Mode(True, seed, step))
        if gradients is not None:  # before the session begins: TensorFlow 2 changes the loops for them
            variables = [v for v in tf.trainable_variables() if not gradients or v.op.name in gradients]
            found = tf.gradients(net.loss, variables)
            assert all(g is not None for g in found)
            net = net, variables, [tf.convert_to_tensor(g) for g in found]
        with ending_session() as s:
            yield s, net, step


@pytest.mark.parametrize("tied", [False, True])
def test_smoothing(tied, built):
    """A share that is taken of the wrong side, a mean that goes over the tokens instead of the vocabulary; losses or a
    perplexity that are smoothed too."""
    net = built("tied" if tied else "bahdanau")
    with training_graph(dict(tied=tied, smoothing=0.3)) as (s, smooth, step):
        feed = {**feed_of(smooth, SOURCES, TARGETS), step: 1}
        loss, word_loss, losses = s.run([smooth.loss, smooth.word_loss, smooth.losses], feed)
    logs = np.concatenate([net.model(x).says([START] + y)[0] for x, y in zip(SOURCES, TARGETS)])
    wanted = np.concatenate([y + [END] for y in TARGETS])
    own = -logs[np.arange(8), wanted]
    assert_near(word_loss, own.mean(), 1e-5)
    assert_near(losses, net.losses(SOURCES, TARGETS), 1e-5)
    assert_near(loss, (0.7 * own - 0.3 * logs.mean(1)).mean(), 1e-5)


@pytest.mark.once
def test_dropout_reaches_every_place():
    """Dropout left out on one of: the tokens' vectors of either side, the encoder's or the decoder's layers, what the softmax
    reads. Of what is dropped, the weights that it is multiplied by have no gradient at all."""
    names = ["encoder/embedding", "decoder/embedding", "decoder/softmax_w"]
    names.append("decoder/attention_wrapper/attention_layer/kernel")
    with training_graph(dict(keep_prob=0.5), gradients=names) as (s, (net, variables, gradients), step):
        found = s.run(gradients, {**feed_of(net, [[7]], [[]]), step: 3})
        found = {v.op.name: gradient for v, gradient in zip(variables, found)}
        source, target, softmax, layer = (found[name] for name in names)
    parts = {
        "source tokens": source[7],
        "target tokens": target[START],
        "read by the softmax": softmax.any(1),
        "the decoder's layer": layer[:10].any(1),
        "the encoder's forward layer": layer[10:15].any(1),
        "the encoder's backward layer": layer[15:].any(1),
    }
    for name, part in parts.items():
        assert 0 < np.count_nonzero(part) < len(part), name


def random_ops(operations):
    return [op.name for op in operations if "Random" in op.type or "Uniform" in op.type]


def test_the_test_graph_has_no_random_op(graph):
    """Dropout, drawn tokens, drawn candidates or smoothing where a text is scored."""
    config = dataclasses.replace(BASE, keep_prob=0.5, scheduled_sampling=0.5, sampled=3, smoothing=0.2)
    with tf.variable_scope("m"):
        build_seq2seq(config, Mode(True, 1, tf.constant(0)))
    before = len(graph.get_operations())
    with tf.variable_scope("m", reuse=True):
        net = build_seq2seq(config, Mode(False))
        build_translator(config, 2)
    assert random_ops(graph.get_operations()[:before])
    assert not random_ops(graph.get_operations()[before:])
    assert net.loss is net.word_loss


@pytest.mark.parametrize("more", [dict(keep_prob=0.7), dict(scheduled_sampling=0.8), dict(sampled=4)])
def test_draws_are_a_function_of_seed_and_step(more):
    """Masks, tokens or candidates that a resumed run would not draw again; the same ones at all steps, or for all seeds."""
    more, found = dict(more, attention=None, bidirectional=False, cell="basic"), []
    for seed in (5, 6):
        with training_graph(more, seed=seed) as (s, net, step):
            feed = feed_of(net, SOURCES, TARGETS)
            found += [s.run(net.losses, {**feed, step: at}) for at in (3, 3, 4)]
    np.testing.assert_array_equal(found[0], found[1])
    np.testing.assert_array_equal(found[3], found[4])
    for one, other in ((0, 2), (0, 3), (3, 5)):
        assert np.abs(found[one] - found[other]).max() > 0.01


def test_a_switch_at_run_time(built):
    """Dropout or drawing that a boolean tensor does not switch off, or always does."""
    with tf.Graph().as_default():
        switch, step = tf.placeholder(tf.bool, []), tf.placeholder(tf.int64, [])
        net = build_seq2seq(dataclasses.replace(BASE, keep_prob=0.6, scheduled_sampling=0.9), Mode(switch, 5, step))
        with ending_session() as s:
            feed = {**feed_of(net, SOURCES, TARGETS), step: 3}
            on, off = (s.run(net.losses, {**feed, switch: value}) for value in (True, False))
    expected = built("bahdanau").losses(SOURCES, TARGETS)
    assert_near(off, expected, 1e-5)
    assert np.abs(on - expected).max() > 0.1


def own_path(model, first, count):
    """The likeliest token after each of its own, and how likely the least likely of them is."""
    tokens, worst = [first], 1.0
    for _ in range(count):
        p = np.exp(model.says(tokens)[0][-1])
        tokens, worst = tokens + [int(p.argmax())], min(worst, p.max())
    return tokens[:-1], worst


@pytest.mark.parametrize("name", ["bahdanau", "one way, no attention"])
def test_own_tokens_are_read(name):
    """Tokens of another row or of another step than the last one, a start that is drawn too, a token that is drawn from another
    distribution than the model's own. With the softmax this sharp there is one token to draw."""
    targets = [[9, 3, 4, 7, 8], [3, 8, 5], [8, 8, 7, 3]]
    given = [[6] + one for one in targets]  # begins as told, whatever that is
    with training_graph(dict(CONFIGS[name], scheduled_sampling=1.0)) as (s, net, step):
        (sharp,) = [v for v in tf.trainable_variables() if v.op.name == "decoder/softmax_w"]
        set_values(s, {sharp: 1500 * values("sharp", [6, 11])})
        weights = weights_of(s)
        feed = {**feed_of(net, SOURCES, targets, inputs=given), step: 7}
        found = s.run(net.losses, feed)
    config = dataclasses.replace(BASE, **CONFIGS[name])
    for row, (source, target) in enumerate(zip(SOURCES, targets)):
        model = Reference(weights, config, source)
        read, certain = own_path(model, 6, len(target) + 1)
        assert certain > 0.999 and read[1:] != given[row][1:]
        expected = -model.says(read)[0][np.arange(len(read)), target + [END]]
        assert_near(found[row, : len(read)], expected, 1e-4)
        assert not found[row, len(read) :].any()


def test_how_often_and_which_own_tokens():
    """A chance that is not that of the configuration, a token that is always the likeliest, one draw for all rows, for all
    steps, or for both questions (own or given? which one?): the joint frequencies of what is read in two steps running."""
    rows, chance, words = 2000, 0.6, 4
    more = dict(target_vocabulary=words, scheduled_sampling=chance, attention=None)
    with training_graph(more) as (s, net, step):
        weights = weights_of(s)
        feed = {**feed_of(net, [[5, 4]] * rows, [[3, 0]] * rows), step: 2}
        found = s.run(net.losses, feed)
    model = Reference(weights, dataclasses.replace(BASE, **more), [5, 4])
    counts, total = np.zeros([words, words]), np.zeros([words, words])
    first = np.exp(model.says([START])[0][0])
    for a in range(words):
        logs, _ = model.says([START, a])
        at_1 = np.abs(found[:, 1] + logs[1, 0]) < 1e-4
        second = np.exp(logs[1])
        for b in range(words):
            at_2 = np.abs(found[:, 2] + model.says([START, a, b])[0][2, END]) < 1e-4
            counts[a, b] = (at_1 & at_2).sum()
            steps = ((first, a, 3), (second, b, 0))
            total[a, b] = np.prod([chance * p[read] + (1 - chance) * (read == given) for p, read, given in steps])
    assert counts.sum() == rows, "no two paths have the same losses"
    assert total.sum() == pytest.approx(1)
    assert (np.abs(counts - rows * total) < 4.5 * np.sqrt(rows * total * (1 - total)) + 1).all()


def test_own_tokens_come_little_by_little():
    """A chance that is the whole one from the first step on, or grows beyond it: how many rows read their own token."""
    rows = 2000
    more = dict(target_vocabulary=4, scheduled_sampling=0.6, scheduled_sampling_steps=8, attention=None)
    with training_graph(more) as (s, net, step):
        feed, draws = feed_of(net, [[5, 4]] * rows, [[3, 0]] * rows), {}
        plain = s.run(net.losses, {**feed, step: 0})
        for at in (0, 2, 8, 30):
            found = s.run(net.losses, {**feed, step: at})
            draws[at] = (np.abs(found - plain)[:, 1] > 1e-5).mean()
    assert np.ptp(plain, axis=0).max() < 1e-5 and draws[0] == 0, "at the first step every row reads the target"
    assert draws[2] / draws[8] == pytest.approx(0.25, abs=0.05) and draws[30] == pytest.approx(draws[8], abs=0.05)
    assert draws[8] > 0.3


def test_no_own_tokens(built):
    """Drawing where none is asked for."""
    with training_graph({}) as (s, net, step):
        assert not random_ops(op for op in s.graph.get_operations() if not op.name.startswith(("encoder", "decoder")))
        found = s.run(net.losses, {**feed_of(net, SOURCES, TARGETS), step: 1})
    assert_near(found, built("bahdanau").losses(SOURCES, TARGETS), 1e-5)


def test_a_tensor_cannot_choose_the_sampled_softmax(graph):
    """A graph that scores by the sampled losses whatever is fed: their value is no perplexity."""
    is_training = tf.placeholder_with_default(False, [])
    with pytest.raises(GraphError, match="score_targets: with sampled=3, is_training must be True or False"):
        build_seq2seq(dataclasses.replace(BASE, sampled=3), Mode(is_training, 1, tf.constant(0)))


def test_sampled_softmax(built):
    """Candidates of another distribution, a softmax whose weights are turned round, the same candidates at all steps: the
    losses of training are near those of the whole softmax only where many are drawn."""
    expected = built("by rows").losses(SOURCES, TARGETS)
    found = {}
    for candidates in (2, 30000):
        with training_graph(dict(CONFIGS["by rows"], sampled=candidates)) as (s, net, step):
            feed = feed_of(net, SOURCES, TARGETS)
            found[candidates] = [s.run(net.losses, {**feed, step: at}) for at in (1, 2)]
    for one in found[30000]:
        np.testing.assert_allclose(one, expected, atol=0.05)
        assert np.abs(one - expected).max() > 1e-5
    assert np.abs(found[2][0] - expected).max() > 0.3 < np.abs(found[2][0] - found[2][1]).max()


@pytest.mark.parametrize(
    "more",
    [dict(tied=True, sampled=4)]
    + [pytest.param(m, marks=pytest.mark.slow) for m in ({}, dict(layers=2, attention="luong"), dict(attention=None))],
)
def test_gradients_reach_everything(more):
    """A variable that nothing trains; a gradient that is cut somewhere, or wrong: the loss along a random line."""
    with training_graph(dict(more, smoothing=0.1), gradients=()) as (s, (net, variables, gradients), step):
        feed = {**feed_of(net, SOURCES, TARGETS), step: 1}
        found, before = s.run([gradients, variables], feed)
        for variable, gradient in zip(variables, found):
            assert np.abs(gradient).max() > 1e-4, variable.op.name
        along = [values("along " + v.op.name, v.shape.as_list(), 1.0) for v in variables]
        losses = []
        for distance in (0.004, -0.004):
            set_values(s, {v: b + distance * a for v, b, a in zip(variables, before, along)})
            losses.append(float(s.run(net.loss, feed)))
        slope = sum((g * a).sum() for g, a in zip(found, along))
        assert (losses[0] - losses[1]) / 0.008 == pytest.approx(slope, rel=0.01, abs=0.005)


@pytest.mark.parametrize("frozen", [False, True])
def test_vectors_from_elsewhere(frozen, graph):
    """Vectors that are not used, used for the other side, or trained where they are to be left alone; frozen ones that the
    translator does not find."""
    config = dataclasses.replace(BASE, train_embedding=not frozen, attention=None, bidirectional=False, cell="basic")
    source, target = (values("vectors %d" % n, [n, 6]).astype(np.float32) for n in (13, 11))
    net = build_seq2seq(config, Mode(True, 1, tf.constant(0)), source, target)
    with tf.variable_scope(tf.get_variable_scope(), reuse=True):
        build_translator(config)
    trained = {v.op.name for v in tf.trainable_variables()}
    kept = {v.op.name for v in tf.model_variables()}
    for name in ("encoder/embedding", "decoder/embedding"):
        assert (name in trained) != frozen and (name in kept) == frozen
    with tf.Session() as s:
        s.run(tf.global_variables_initializer())
        found = {v.op.name: s.run(v) for v in tf.global_variables()}
    np.testing.assert_array_equal(found["encoder/embedding"], source)
    np.testing.assert_array_equal(found["decoder/embedding"], target)
    assert net.loss.shape.as_list() == []
    with pytest.raises(GraphError, match=r"the vectors have shape \[11, 6\] but need shape \[13, 6\]"):
        with tf.variable_scope("other"):
            build_seq2seq(config, Mode(True, 1, tf.constant(0)), target, source)


# ------------------------------------------------------------------------------------------------------------- mistakes

MISTAKES = {
    "odd units": (
        dict(units=9),
        {},
        "bidirectional=True with units=9: half of the units read backwards; make their number even",
    ),
    "unknown attention": (dict(attention="location"), {}, "no attention 'location'; there are: bahdanau, luong"),
    "unknown cell": (dict(cell="gruu"), {}, "no cell 'gruu'"),
    "unknown initializer": (dict(initializer="zeros"), {}, "no initializer 'zeros'"),
    "no layers": (dict(layers=0), {}, "layers is 0"),
    "keep_prob of 0": (dict(keep_prob=0.0), {}, "keep_prob is 0"),
    "scheduled_sampling without step": (
        dict(scheduled_sampling=0.3),
        {},
        "scheduled_sampling=0.3 needs step: tf.train.get_or_create_global_step",
    ),
    "chance above 1": (dict(scheduled_sampling=1.3), {}, "scheduled_sampling is 1.3"),
    "negative smoothing": (dict(smoothing=-0.1), {}, "smoothing is -0.1"),
    "width of 0": ({}, dict(width=0), "width is 0; it must be a whole number of at least 1"),
    "more than all": (
        {},
        dict(width=3, n_best=4),
        "n_best is 4; it must be a whole number in 1..width, and width is 3",
    ),
    "coverage of nothing": (dict(attention=None), dict(coverage_penalty=0.2), "coverage_penalty=0.2 needs attention"),
    "negative penalty": ({}, dict(length_penalty=-0.1), "length_penalty is -0.1"),
}


@pytest.mark.once
@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes(name, graph):
    """A configuration that cannot be, and that shows up as a strange shape, as weights that are not trained, or never."""
    more, how, message = MISTAKES[name]
    config = dataclasses.replace(BASE, **more)
    with pytest.raises(GraphError) as caught:
        if how:
            build_translator(config, **how)
        else:
            build_seq2seq(config, Mode(True))
    assert message in str(caught.value)


@pytest.mark.skipif("not tf.executing_eagerly()", reason="TensorFlow 1.15 is never eager")
def test_called_eagerly():
    """TensorFlow's own words on a placeholder in eager mode."""
    for build in (lambda: build_seq2seq(BASE, Mode(False)), lambda: build_translator(BASE)):
        with pytest.raises(GraphError, match="graph"):
            build()


def test_a_softmax_as_wide_as_its_embedding(graph):
    """Vectors of another width as the softmax's weights, found out as a strange shape or not at all."""
    table = tf.zeros([7, 4])
    with pytest.raises(GraphError, match="outputs of the cell are 3 wide, but the word vectors 4"), tf.variable_scope(
        "narrow"
    ):
        softmax_layer(7, 3, table)
    assert softmax_layer(7, 4, table).transposed
