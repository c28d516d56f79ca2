"""The likeliest tokens and the likeliest sequences: greedy against a loop in NumPy, beam search against all sequences and
against a search that was written down in Python, and what both have looked at meanwhile."""

import collections

import numpy as np
import pytest
import tensorflow.compat.v1 as tf
from helpers import IS_TF1, UNITS, assert_near, session, set_values, set_variables, values

import rnn_tf1
from rnn_tf1.decoding import BeamOptions, Sampled, SamplingOptions, beam_search, greedy, sample

INF = float("inf")
TEXTS, WORDS, SOURCE, COUNT, STOP = 3, 4, 5, 6, 2
PLACES = [5, 2, 3]  # of each source
PENALTIES = [(0.0, 0.0), (0.9, 0.0), (0.0, 0.4), (1.3, 0.7)]


@pytest.fixture
def s(graph):
    """A session on a graph of its own, without values for variables."""
    tf.constant(0)  # a session runs nothing on an empty graph
    with session([]) as new:
        yield new


def log_softmax(z):
    z = np.asarray(z, np.float64)
    with np.errstate(invalid="ignore"):  # NaN where all are at -inf: not above -inf, which is all that is asked there
        return z - np.logaddexp.reduce(z, -1, keepdims=True)


# ---------------------------------------------------------------------------------------------------- a model, and searches


class Model(object):
    """A model for which all tokens that were read count, in NumPy and in TensorFlow.

    Its state: which text it reads, all tokens so far as one number, and how often it was called.
    """

    memory = 211  # the numbers that histories are folded into: nearly all histories of the tests have one of their own

    def __init__(self, texts=TEXTS, words=WORDS, scale=1.2, source=SOURCE):
        self.texts, self.words = texts, words
        self.logits = values("beam logits", [texts, self.memory, words], scale).astype(np.float32)
        self.logits[:, :, STOP] -= 0.5
        weights = np.exp(values("beam alignments", [texts, self.memory, source], 1.5))
        weights *= np.arange(source) < np.array(PLACES[:texts])[:, None, None]
        self.alignments = (weights / weights.sum(2, keepdims=True)).astype(np.float32)

    def read(self, history):
        number = 3
        for token in history:
            number = (number * 7 + token + 1) % self.memory
        return number

    def says(self, text, history):
        """(log-probabilities of the next token, alignments)."""
        return log_softmax(self.logits[text, self.read(history)]), self.alignments[text, self.read(history)]

    def start(self, dtype=tf.float32):
        """(advance, first logits, first state, alignments) for all texts."""
        logits, looks = tf.constant(self.logits, dtype), tf.constant(self.alignments)

        def at(table, state):
            return tf.gather_nd(table, tf.stack([state["text"][:, 0], state["read"][0]], 1))

        def advance(tokens, state):
            assert tokens.dtype == tf.int32
            assert state["calls"].shape.rank == 0
            read = tf.floormod(state["read"][0] * 7 + tokens + 1, self.memory)
            state = {"text": state["text"], "read": (read,), "calls": state["calls"] + 1}
            return at(logits, state), state

        rows = tf.range(self.texts)
        state = {"text": rows[:, None], "read": (tf.zeros_like(rows) + 3,), "calls": tf.constant(0)}
        return advance, at(logits, state), state, lambda state: at(looks, state)


Hypothesis = collections.namedtuple("Hypothesis", "score log_probability tokens alignments ended")


def scored(log_probability, tokens, alignments, penalties, places):
    """The equations of Wu et al. 2016, in float64."""
    covered = np.sum(alignments, 0)[:places]
    discount = ((5 + len(tokens)) / 6.0) ** penalties[0]
    score = log_probability / discount + penalties[1] * np.log(np.minimum(covered, 1)).sum()
    return Hypothesis(score, log_probability, tokens, alignments, tokens[-1] == STOP)


def continued(model, text, hypothesis, penalties):
    """The hypothesis with each possible token behind it."""
    chances, looked = model.says(text, hypothesis.tokens)
    for token in np.flatnonzero(chances > -INF):
        yield scored(
            hypothesis.log_probability + chances[token],
            hypothesis.tokens + [token],
            hypothesis.alignments + [looked],
            penalties,
            PLACES[text],
        )


EMPTY = Hypothesis(0.0, 0.0, [], [], False)


def all_sequences(model, text, count, penalties):
    """Every sequence that there is, the best first."""
    found, open_ones = [], [EMPTY]
    for _ in range(count):
        longer = [new for old in open_ones for new in continued(model, text, old, penalties)]
        found += [new for new in longer if new.ended]
        open_ones = [new for new in longer if not new.ended]
    return sorted(found + open_ones, key=lambda h: -h.score)


def searched(model, text, count, width, penalties):
    """Beam search, written down in Python."""
    beams = [EMPTY]
    for _ in range(count):
        candidates = [new for old in beams for new in ([old] if old.ended else continued(model, text, old, penalties))]
        beams = sorted(candidates, key=lambda h: -h.score)[:width]
    return beams


def assert_found(got, text, expected, count):
    """`got` of that text, place by place, is `expected`, and then come empty places."""
    got = type(got)(*[part if isinstance(part, tuple) else part[text] for part in got])
    for place in range(len(got.tokens)):
        if place < len(expected):
            best = expected[place]
            length = len(best.tokens)
            assert got.tokens[place].tolist() == best.tokens + [STOP] * (count - length)
            assert got.lengths[place] == length
            assert_near(got.scores[place], best.score, 2e-6)
            assert_near(got.log_probabilities[place], best.log_probability, 2e-6)
            if not isinstance(got.alignments, tuple):
                np.testing.assert_array_equal(got.alignments[place, :length], best.alignments)
                assert not got.alignments[place, length:].any()
        else:
            assert (got.tokens[place] == STOP).all()
            assert got.lengths[place] == 0
            assert got.scores[place] == got.log_probabilities[place] == -INF


def beams_of(s, model, options, count=COUNT):
    advance, logits, state, look = model.start()
    looks = {"alignments": look, "source_lengths": PLACES[: model.texts]}
    return s.run(beam_search(advance, logits, state, count, STOP, options, **looks))


# ------------------------------------------------------------------------------------------------------------------ greedy


@pytest.mark.parametrize("stop", [None, STOP])
def test_greedy_against_a_loop(stop, s):
    """Another token than the likeliest one, one step's logits for the next, a row that speaks on behind its end; what was
    looked at a step before or after, or behind the end."""
    model = Model()
    advance, logits, state, look = model.start()
    got = s.run(greedy(advance, logits, state, COUNT, stop, alignments=look))
    assert isinstance(got, Sampled)
    for text in range(TEXTS):
        tokens = []
        while len(tokens) < COUNT and (stop is None or stop not in tokens):
            chances, looked = model.says(text, tokens)
            assert_near(got.log_probabilities[text, len(tokens)], chances.max(), 1e-6)
            np.testing.assert_array_equal(got.alignments[text, len(tokens)], looked)
            tokens.append(int(chances.argmax()))
        length = len(tokens)
        assert got.tokens[text].tolist() == tokens + [stop] * (COUNT - length)
        assert got.lengths[text] == length
        assert got.state["read"][0][text] == model.read(tokens[:-1])
        assert not got.log_probabilities[text, length:].any()
        assert not got.alignments[text, length:].any()
    assert stop is None or len(set(got.lengths)) > 1


def test_greedy_takes_the_lowest_of_equal_tokens(s):
    """Any of the likeliest tokens, such as the last; a token at -inf."""
    rows = np.full([3, 300], -INF, np.float32)
    rows[0, 7::3] = rows[1, 299] = rows[2, 40:] = 2
    table = tf.constant(rows)
    got = s.run(greedy(lambda t, h: (tf.gather(table, h), h), table, tf.constant([2, 0, 1]), 2).tokens)
    assert got.tolist() == [[7, 40], [299, 7], [40, 299]]


def test_greedy_is_sampling_from_one_token(s):
    """A loop of its own that differs from that of `sample`, in state or numbers."""
    advance, logits, state, look = Model().start()
    a = greedy(advance, logits, state, COUNT, STOP, alignments=look)
    b = sample(advance, logits, state, COUNT, SamplingOptions(top_k=1, seed=5), STOP, alignments=look)
    a, b = s.run([a, b])
    for x, y in zip(tf.nest.flatten(a), tf.nest.flatten(b)):
        np.testing.assert_array_equal(x, y)


@pytest.mark.parametrize("row", [[-INF] * 3, [0.0, float("nan"), 1.0], [0.0, INF, 1.0]])
def test_greedy_without_a_possible_token(row, s):
    """A token all the same, where a model has broken down; an error where it has broken down behind a row's end."""
    table = tf.constant([[0.0, 1.0, 2.0], row, [0.0, 1.0, 2.0]])
    with pytest.raises(tf.errors.InvalidArgumentError, match="greedy: a row has no possible token"):
        s.run(greedy(lambda t, h: (table[:2], h), table[1:], (), 3).tokens)
    assert s.run(greedy(lambda t, h: (table[:2], h), table[::2], (), 1).tokens).tolist() == [[2], [2]]
    ended = greedy(lambda t, h: (tf.gather(table, h), h), table[:1], [1], 3, stop=2)
    assert s.run(ended.tokens).tolist() == [[2, 2, 2]]


def test_alignments_of_drawn_tokens(s):
    """What was looked at for one token given to its neighbour: the model here looks at the token that it has read last."""
    table = tf.constant(values("draw", [WORDS, WORDS]), tf.float32)
    first = tf.constant([3, 0, 1, 3, 0, 1, 0])
    drawn = sample(
        lambda t, h: (tf.gather(table, t), t),
        tf.gather(table, first),
        first,
        COUNT,
        SamplingOptions(seed=1),
        STOP,
        alignments=lambda read: tf.one_hot(read, WORDS, 2.0),
    )
    assert drawn.alignments.shape.as_list() == [7, COUNT, WORDS]
    got = s.run(drawn)
    before = np.concatenate([[[3], [0], [1], [3], [0], [1], [0]], got.tokens[:, :-1]], 1)
    expected = 2 * np.eye(WORDS)[before] * (np.arange(COUNT) < got.lengths[:, None])[:, :, None]
    np.testing.assert_array_equal(got.alignments, expected)
    assert len(set(got.lengths)) > 2


# ------------------------------------------------------------------------------------------------------------- beam search


@pytest.mark.parametrize("penalties", PENALTIES)
def test_all_sequences(penalties, s):
    """An error in the scores or in the order, anywhere: wide enough, the search finds every sequence that there is, each of
    them once, as brute force does; and then empty places."""
    model = Model(words=3)
    got = beams_of(s, model, BeamOptions(40, *penalties), count=4)
    for text in range(TEXTS):
        expected = all_sequences(model, text, 4, penalties)
        assert len(expected) == 31
        assert_found(got, text, expected, 4)


@pytest.mark.parametrize("width", [2, 3, 7])
def test_narrow_beams(width, s):
    """Beams that are chosen by another score than the one they are ranked by, ended beams that get lost, go on, or cannot be
    pushed out, a state that belongs to another beam; more beams than tokens; penalties that are bound to the graph."""
    model = Model()
    fed = [tf.placeholder(dtype, []) for dtype in (tf.float32, tf.float64)]
    advance, logits, state, look = model.start()
    places = tf.constant(PLACES, tf.int64)
    options = BeamOptions(width, *fed)
    beams = beam_search(advance, logits, state, COUNT, STOP, options, alignments=look, source_lengths=places)
    for penalties in PENALTIES:
        got = s.run(beams, dict(zip(fed, penalties)))
        for text in range(TEXTS):
            assert_found(got, text, searched(model, text, COUNT, width, penalties), COUNT)
        best = [all_sequences(model, text, COUNT, penalties)[0].tokens for text in range(TEXTS)]
        assert width > 2 or [row[:n].tolist() for row, n in zip(got.tokens[:, 0], got.lengths[:, 0])] != best
    assert got.tokens.dtype == got.lengths.dtype == np.int32
    assert got.scores.dtype == got.log_probabilities.dtype == got.alignments.dtype == np.float32


@pytest.mark.parametrize("penalties", [PENALTIES[0], PENALTIES[3]])
def test_width_one_is_greedy(penalties, s):
    """Another token than greedy's, where rounding makes scores equal or where penalties count."""
    advance, logits, state, look = Model().start()

    def alike(tokens, state):
        logits, state = advance(tokens, state)
        return 1e-7 * logits, state  # less apart than float32 can tell log-probabilities

    for step, first in ((advance, logits), (alike, 1e-7 * logits)):
        one = beam_search(
            step, first, state, 40, STOP, BeamOptions(1, *penalties), alignments=look, source_lengths=PLACES
        )
        one, best = s.run([one, greedy(step, first, state, 40, STOP, alignments=look)])
        np.testing.assert_array_equal(one.tokens[:, 0], best.tokens)
        np.testing.assert_array_equal(one.lengths[:, 0], best.lengths)
        np.testing.assert_array_equal(one.alignments[:, 0], best.alignments)
        assert_near(one.log_probabilities[:, 0], best.log_probabilities.sum(1), 1e-6)


def test_sizes_that_are_not_known(s):
    """A count, a stop token or a number of texts that is bound to the graph; a batch of no text that fails."""
    model = Model()
    advance, logits, _, look = model.start()
    count, stop = tf.placeholder(tf.int32, []), tf.placeholder(tf.int64, [])
    rows, places = tf.placeholder(tf.int32, [None]), tf.placeholder(tf.int32, [None])
    state = {"text": rows[:, None], "read": (tf.zeros_like(rows) + 3,), "calls": 0}
    logits = tf.gather(logits, rows)
    options = BeamOptions(3, 0.9, 0.4)
    beams = beam_search(advance, logits, state, count, stop, options, alignments=look, source_lengths=places)
    assert beams.tokens.shape.as_list() == [None, 3, None]
    for texts in ([2], [1, 0, 2], []):
        got = s.run(beams, {rows: texts, places: [PLACES[text] for text in texts], count: 5, stop: STOP})
        assert got.tokens.shape == (len(texts), 3, 5)
        for row, text in enumerate(texts):
            of_text = type(got)(*[{text: part[row]} for part in got])
            assert_found(of_text, text, searched(model, text, 5, 3, (0.9, 0.4)), 5)


def test_n_best(s):
    """The last ones instead of the best, or their alignments."""
    model = Model()
    got = beams_of(s, model, BeamOptions(5, 0.9, 0.4, n_best=2))
    for text in range(TEXTS):
        assert_found(got, text, searched(model, text, COUNT, 5, (0.9, 0.4))[:2], COUNT)
    advance, logits, state, _ = model.start()
    beams = beam_search(advance, logits, state, COUNT, STOP, BeamOptions(5, n_best=2))
    assert beams.alignments == ()
    assert beams.tokens.shape.as_list() == [TEXTS, 2, COUNT]
    assert [part.shape.as_list() for part in beams[1:4]] == [[TEXTS, 2]] * 3


def test_ties(s):
    """Of equal sequences any, where it is to be that of the lower beam, and in it that of the lower id."""
    beams = beam_search(lambda t, h: (tf.zeros([6, 5]), h), tf.zeros([2, 5]), (), 2, 4, BeamOptions(3))
    assert s.run(beams.tokens).tolist() == [[[0, 0], [0, 1], [0, 2]]] * 2
    low = np.array([[0.0, 1, 0, 1, 1]], np.float32)
    beams = beam_search(lambda t, h: (tf.constant(np.tile(low, [4, 1])), h), tf.constant(low), (), 2, 4, BeamOptions(4))
    assert s.run(beams.tokens).tolist() == [[[4, 4], [1, 1], [1, 3], [1, 4]]]


@pytest.mark.parametrize("dtype", [tf.float16, tf.float64])
def test_logits_of_other_types(dtype, s):
    """Log-probabilities that are summed up in float16; a search that bears float32 alone."""
    model = Model()
    model.logits = model.logits.astype(np.float16).astype(np.float32)
    advance, logits, state, _ = model.start(dtype)
    got = s.run(beam_search(advance, logits, state, COUNT, STOP, BeamOptions(3)))
    for text in range(TEXTS):
        assert_found(got, text, searched(model, text, COUNT, 3, (0.0, 0.0)), COUNT)


def counting(advance, calls):
    def counted(tokens, state):
        counted_tokens = tf.numpy_function(lambda t: calls.append(len(t)) or t, [tokens], tf.int32)
        counted_tokens.set_shape(tokens.shape)
        return advance(counted_tokens, state)

    return counted


def test_the_loop_ends_when_all_beams_have_ended(s):
    """Steps of the model that nobody asks for: behind the last end, or for a token behind the last; an end when some text, or
    the best beam of each, has ended."""
    # A token is followed by the next one or by the end: sequences of at most 4 tokens in the first text, 3 in the second.
    table = np.full([5, 5], -INF, np.float32)
    table[range(4), range(1, 5)] = 0.0
    table[range(4), 4] = 1.0
    table = tf.constant(table)
    calls, count = [], tf.placeholder(tf.int32, [])
    advance = counting(lambda t, h: (tf.gather(table, t), h), calls)
    beams = beam_search(advance, tf.gather(table, [0, 1]), (), count, 4, BeamOptions(6))
    for number, steps in ((1, 0), (2, 1), (1000, 3)):
        del calls[:]
        got = s.run(beams, {count: number})
        assert calls == [12] * steps
        assert got.tokens.shape == (2, 6, number)
    assert got.lengths.tolist() == [[1, 2, 3, 4, 0, 0], [1, 2, 3, 0, 0, 0]]
    assert got.tokens[0, :5, :4].tolist() == [[4, 4, 4, 4], [1, 4, 4, 4], [1, 2, 4, 4], [1, 2, 3, 4], [4, 4, 4, 4]]
    assert (got.tokens[:, :, 4:] == 4).all()


def test_what_an_ended_beam_says_is_not_read(s):
    """NaN that spreads from a beam that has ended, or is refused there, with its state or what it looks at."""
    table = np.array([[0.0, 1, 0.5], [0.2, 0, 1], [float("nan")] * 3], np.float32)
    logits = tf.constant(table)
    beams = beam_search(
        lambda t, h: (tf.gather(logits, t), t),
        logits[:1],
        tf.constant([0]),
        4,
        2,
        BeamOptions(4, 0.5, 0.5),
        alignments=lambda read: tf.gather(logits, read) - 2.0 + 3.0 * tf.one_hot(read, 3),
        source_lengths=[2],
    )
    got = s.run(beams)
    for part in got:
        assert np.isfinite(part).all()
    assert 2 in got.lengths


@pytest.mark.parametrize("wrong", [float("nan"), INF])
def test_a_model_that_breaks_down(wrong, s):
    """Sequences from logits that are no numbers, in the first step or in a later one."""
    table = np.array([[0.0, 1, 0.5], [0.2, wrong, 1], [0, 0, 0]], np.float32)
    logits = tf.constant(table)
    for first in (0, 1):
        beams = beam_search(lambda t, h: (tf.gather(logits, t), h), logits[first : first + 1], (), 4, 2, BeamOptions(3))
        with pytest.raises(tf.errors.InvalidArgumentError, match="beam_search: logits of a text are NaN"):
            s.run(beams.tokens)


def test_forbidden_tokens(s):
    """NaN from tokens at -inf, a token that is forbidden, or a beam that cannot go on and stays; no error where no beam can."""
    model = Model()
    model.logits[:, :, 1] = -INF
    model.logits[:, ::5] = -INF  # the ends of some roads
    model.logits[:, 3, [0, 2, 3]] = 0.0  # but not the first step
    for width in (3, 60):
        got = beams_of(s, model, BeamOptions(width, 0.9, 0.4), count=4)
        for text in range(TEXTS):
            assert_found(got, text, searched(model, text, 4, width, (0.9, 0.4)), 4)
            assert len(searched(model, text, 4, 60, (0.9, 0.4))) < 31
    table = tf.constant(np.array([[0.0, -INF, -INF], [-INF] * 3], np.float32))
    for first in (0, 1):
        blind = beam_search(
            lambda t, h: (tf.gather(table, tf.ones_like(t)), h), table[first : first + 1], (), 3, 2, BeamOptions(2)
        )
        with pytest.raises(tf.errors.InvalidArgumentError, match="a text has no possible token"):
            s.run(blind.scores)


def test_source_places_that_were_never_looked_at(s):
    """-inf or NaN for a sequence that left a place of the source out; a place behind the source's end that counts."""
    table = tf.constant([[0.0, 0, 1], [0, 1, 0]], tf.float32)
    looks = tf.constant([[1.0, 0, 0, 0], [0.25, 0.5, 0, 0]])
    beams = beam_search(
        lambda t, h: (tf.gather(table, [0] * 9), t),
        tf.gather(table, [0, 0, 0]),
        tf.constant([0, 0, 0]),
        1,
        2,
        BeamOptions(3, coverage_penalty=2.0),
        alignments=lambda read: tf.gather(looks, read % 2),
        source_lengths=[1, 3, 0],
    )
    got = s.run(beams)
    chances = log_softmax([1.0, 0, 0])
    expected = [chances, chances + 2 * 2 * np.log(1e-30), chances]
    assert_near(got.scores, expected, 1e-6)


# --------------------------------------------------------------------------------------------------------- beams of an LSTM


def language_model(s, rows, words=7):
    """(advance, logits after a prompt, state after it, and all logits for given tokens [rows, count]) of an LSTM net."""
    cell = rnn_tf1.MultiRNNCell([rnn_tf1.LSTMCell(UNITS), rnn_tf1.GRUCell(4)])
    prompt = tf.constant(np.random.RandomState(3).randint(words, size=[rows, 4]))
    scope = tf.get_variable_scope()

    def read(tokens, state):
        outputs, state = rnn_tf1.dynamic_rnn(cell, tf.one_hot(tokens, words), initial_state=state, dtype=tf.float32)
        return 2 * rnn_tf1.dense(outputs, words), state

    logits, state = read(prompt, None)

    def advance(tokens, state):
        with tf.variable_scope(scope, reuse=True):
            logits, state = read(tokens[:, None], state)
        return logits[:, 0], state

    def teacher(tokens):
        """The logits of every token of [rows, n, count]."""
        n, count = tokens.shape[1:]
        repeated = tf.nest.map_structure(lambda part: tf.repeat(part, n, 0), state)
        with tf.variable_scope(scope, reuse=True):
            every, _ = read(tf.constant(tokens.reshape([-1, count])), repeated)
        first = tf.repeat(logits[:, -1:], n, 0)
        return tf.reshape(tf.concat([first, every[:, :-1]], 1), [rows, n, count, words])

    set_variables(s, tf.global_variables())
    return advance, logits[:, -1], state, teacher


def test_an_lstm_against_the_same_tokens_read_at_once(s):
    """A state that is not carried, that stays in its place when its beam moves, or of which a part does. The oracle:
    dynamic_rnn over the tokens that were found."""
    advance, logits, state, teacher = language_model(s, 6)
    got = s.run(beam_search(advance, logits, state, 9, 0, BeamOptions(5, 0.8)))
    chances = log_softmax(s.run(teacher(got.tokens)))
    own = np.take_along_axis(chances, got.tokens[..., None].astype(int), 3)[..., 0]
    expected = (own * (np.arange(9) < got.lengths[..., None])).sum(2)
    assert_near(got.log_probabilities, expected, 1e-6)
    assert_near(got.scores, expected / ((5 + got.lengths) / 6.0) ** 0.8, 1e-6)
    assert (np.diff(got.scores, axis=1) <= 0).all()
    assert len({len(set(row)) for row in got.lengths}) > 1
    for row in got.tokens:
        assert len({tuple(tokens) for tokens in row}) == 5


def test_a_text_does_not_depend_on_the_others(s):
    """Beams that get into another text, or a text whose search ends with another one's."""
    advance, logits, state, _ = language_model(s, 4)
    together = s.run(beam_search(advance, logits, state, 8, 0, BeamOptions(3, 0.6)))
    text = tf.placeholder(tf.int32, [1])
    part = tf.nest.map_structure(lambda x: tf.gather(x, text), state)
    one = beam_search(advance, tf.gather(logits, text), part, 8, 0, BeamOptions(3, 0.6))
    for row in range(4):
        alone = s.run(one, {text: [row]})
        np.testing.assert_array_equal(alone.tokens[0], together.tokens[row])
        np.testing.assert_array_equal(alone.lengths[0], together.lengths[row])
        assert_near(alone.scores[0], together.scores[row], 1e-6)


@pytest.mark.skipif(not IS_TF1, reason="tf.contrib is a part of TF 1.15 alone")
def test_against_the_beam_search_of_tf1(s):
    """Other sequences or scores than those of tf.contrib.seq2seq.BeamSearchDecoder, with the same weights."""
    from tensorflow.contrib import seq2seq

    rows, width, words = 6, 4, 7
    table = tf.constant(values("table", [words, 3], 2.5), tf.float32)
    cell, layer = rnn_tf1.LSTMCell(UNITS), tf.layers.Dense(words)
    state = rnn_tf1.LSTMStateTuple(*[tf.constant(values("state %d" % i, [rows, UNITS]), tf.float32) for i in range(2)])

    def step(tokens, state):
        with tf.variable_scope("decoder", reuse=tf.AUTO_REUSE):
            output, state = cell(tf.gather(table, tokens), state)
            return layer(output), state

    logits, first = step(tf.fill([rows], 1), state)
    ours = beam_search(step, logits, first, 9, 0, BeamOptions(width))
    with tf.variable_scope(tf.get_variable_scope(), reuse=True):
        tiled = seq2seq.tile_batch(state, width)
        start = tf.fill([rows], 1)
        decoder = seq2seq.BeamSearchDecoder(cell, lambda ids: tf.gather(table, ids), start, 0, tiled, width, layer)
        theirs, _, _ = seq2seq.dynamic_decode(decoder, maximum_iterations=9, scope="decoder")
    set_variables(s, tf.global_variables())
    set_values(s, {layer.bias: np.eye(words)[0]})  # the end is likely
    ours, ids, scores = s.run([ours, theirs.predicted_ids, theirs.beam_search_decoder_output.scores])
    np.testing.assert_array_equal(ours.tokens, ids.transpose([0, 2, 1]))
    assert_near(ours.scores, scores[:, -1], 1e-6)
    assert len(set(ours.lengths.ravel())) > 3


# ---------------------------------------------------------------------------------------------------------------- the graph


def test_the_graph_does_not_grow():
    """A loop, or a way back, that is unrolled: over tokens or over beams."""
    sizes = []
    for count, width in ((2, 2), (2000, 2), (2, 50)):
        with tf.Graph().as_default() as graph:
            beam_search(
                lambda t, h: (tf.one_hot(t, 3), h),
                tf.zeros([2, 3]),
                tf.zeros([2]),
                count,
                1,
                BeamOptions(width, 0.5, 0.5),
                alignments=lambda h: tf.ones_like(h)[:, None],
                source_lengths=[1, 1],
            )
            sizes.append(len(graph.get_operations()))
    assert len(set(sizes)) == 1


def toy(**settings):
    settings = dict({"count": 3, "stop": 1, "width": 2, "state": ()}, **settings)
    options = BeamOptions(**{name: settings.pop(name) for name in BeamOptions._fields if name in settings})
    return beam_search(
        lambda t, h: (tf.one_hot(t, 4), h), tf.zeros([2, 4]), settings.pop("state"), options=options, **settings
    )


OUT_OF_BOUNDS = [
    ("width", 0, "at least 1; width=1 is greedy"),
    ("width", -2, "at least 1"),
    ("width", 2.0, "whole number"),
    ("width", True, "whole number"),
    ("width", None, "whole number"),
    ("n_best", 0, "in 1..width, and width is 2"),
    ("n_best", 3, "in 1..width, and width is 2"),
    ("count", 0, "at least 1 token"),
    ("stop", 4, "0..3"),
    ("stop", None, "0..3"),
    ("length_penalty", -0.1, "0..10"),
    ("length_penalty", 11, "0..10"),
    ("coverage_penalty", -0.1, "at least 0"),
    ("coverage_penalty", INF, "finite"),
    ("coverage_penalty", float("nan"), "finite"),
]


@pytest.mark.once
@pytest.mark.parametrize(("name", "value", "text"), OUT_OF_BOUNDS)
def test_numbers_out_of_bounds(name, value, text, s):
    """A number that TensorFlow lets pass, or reports as an operation's shapes."""
    looks = {"alignments": lambda h: tf.ones([4, 3]), "source_lengths": [3, 3]}
    with pytest.raises(rnn_tf1.GraphError) as caught:
        toy(**dict({name: value}, **looks))
    assert "beam_search: %s is %r" % (name, value) in str(caught.value)
    assert text in str(caught.value)
    if name in ("width", "n_best"):
        with pytest.raises(rnn_tf1.GraphError, match="%s is a tensor, and the graph's shapes depend on it" % name):
            toy(**{name: tf.placeholder(tf.int32, [])})
    elif value is not None:
        fed = tf.placeholder(tf.int32 if name in ("count", "stop") else tf.float32, [])
        with pytest.raises(tf.errors.InvalidArgumentError, match="beam_search: %s is out of bounds" % name):
            s.run(toy(**dict({name: fed}, **looks)).tokens, {fed: value})


@pytest.mark.parametrize(
    ("mistake", "text"),
    [
        (lambda: toy(coverage_penalty=0.2), "alignments=lambda state: state.alignments, source_lengths=lengths"),
        (lambda: toy(coverage_penalty=0.2, alignments=lambda h: tf.ones([4, 3])), "source_lengths=lengths"),
        (lambda: toy(coverage_penalty=0.2, source_lengths=[3, 3]), "how long the sources are"),
        (lambda: toy(coverage_penalty=tf.placeholder(tf.float32, [])), "how long the sources are"),
        (
            lambda: toy(coverage_penalty=0.2, alignments=lambda h: tf.ones([4, 3]), source_lengths=[3, 4]),
            "source_lengths: sequence_length[1] is 4; it must lie in 0..3",
        ),
        (
            lambda: toy(coverage_penalty=0.2, alignments=lambda h: tf.ones([4, 3]), source_lengths=[3]),
            "1 lengths were given for a batch of 2",
        ),
        (lambda: toy(alignments=tf.ones([4, 3])), "a function of the state"),
        (lambda: toy(alignments=lambda h: tf.ones([2, 3])), "with 4 rows, and is float32 (2, 3)"),
        (lambda: toy(alignments=lambda h: tf.ones([4, 3, 2])), "float32 (4, 3, 2)"),
        (lambda: toy(alignments=lambda h: tf.ones([4, 3], tf.int32)), "int32 (4, 3)"),
        (lambda: toy(alignments=lambda h: (tf.ones([4, 3]),) * 2), "lambda state: state.alignments[0]"),
        (lambda: toy(state=tf.zeros([4, 3])), "the beams are made here"),
        (lambda: toy(state=(tf.zeros([2, 3]), tf.zeros([1]))), "a part has shape (1,), and there are 2 rows"),
        (lambda: toy(state=tf.placeholder(tf.float32)), "the rank of each part of the state"),
        (lambda: toy(state=tf.TensorArray(tf.float32, 3)), "alignment_history"),
        (
            lambda: beam_search(lambda t, h: (tf.one_hot(t, 5), h), tf.zeros([2, 4]), (), 3, 1, BeamOptions(2)),
            "advance returns logits (4, 5), and (4, 4) are wanted",
        ),
        (
            lambda: beam_search(lambda t, h: (tf.zeros([2, 4]), h), tf.zeros([2, 4]), (), 3, 1, BeamOptions(2)),
            "advance returns logits (2, 4), and (4, 4) are wanted",
        ),
        (lambda: beam_search(lambda t, h: (t, h), tf.zeros([2, 3, 4]), (), 3, 1, BeamOptions(2)), "logits[:, -1]"),
        (
            lambda: beam_search(lambda t, h: (t, h), tf.zeros([2, 4]), (), 3, 1, 5),
            "beam_search: options must be BeamOptions and is 5. Write BeamOptions(width=5).",
        ),
        (
            lambda: greedy(lambda t, h: (tf.zeros([1, 4]), h), tf.zeros([2, 4]), (), 3),
            "greedy: advance returns logits (1, 4), and (2, 4) are wanted",
        ),
        (
            lambda: greedy(
                lambda t, h: (tf.one_hot(t, 4), h), tf.zeros([2, 4]), (), 3, alignments=lambda h: tf.ones([1, 3])
            ),
            "greedy: alignments(state) must be floating [rows, source], with 2 rows, and is float32 (1, 3)",
        ),
    ],
)
def test_mistakes(mistake, text, graph):
    """A mistake that TensorFlow reports far from its place, or lets pass."""
    with pytest.raises(rnn_tf1.GraphError) as caught:
        mistake()
    assert text in str(caught.value)


def test_a_state_of_other_rows_at_run_time(s):
    """A state that is tiled already, where its size is not known before: its rows would be those of other texts."""
    state = tf.placeholder(tf.float32, [None, 4])
    tokens = beam_search(lambda t, h: (h + 0.0, h), tf.zeros([2, 4]), state, 3, 1, BeamOptions(2)).tokens
    assert s.run(tokens, {state: np.zeros([2, 4])}).shape == (2, 2, 3)
    with pytest.raises(tf.errors.InvalidArgumentError, match="a row for each row of the logits"):
        s.run(tokens, {state: np.zeros([4, 4])})


@pytest.mark.skipif(IS_TF1, reason="eager execution is off on TF 1.15")
def test_eager():
    """Operations that fail one by one where there is no graph."""
    for call in (toy, lambda: greedy(lambda t, h: (t, h), tf.zeros([2, 4]), (), 3)):
        with pytest.raises(rnn_tf1.GraphError, match="eager execution is on"):
            call()
