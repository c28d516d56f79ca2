"""Drawing tokens: filters against brute force, frequencies against known chances, loops against scripts and unrolled cells."""

import itertools

import numpy as np
import pytest
import tensorflow.compat.v1 as tf
from helpers import IS_TF1, UNITS, assert_near, session, set_variables, values

import rnn_tf1
from rnn_tf1.decoding import SamplingOptions, filter_logits, greedy, sample, sample_token

INF = float("inf")
BATCH, COUNT, VOCABULARY = 6, 9, 7
LOGITS = values("logits", [BATCH, VOCABULARY], 1.7)


@pytest.fixture
def s(graph):
    """A session on a graph of its own, without values for variables."""
    tf.constant(0)  # a session runs nothing on an empty graph
    with session([]) as new:
        yield new


def softmax(z):
    e = np.exp(np.asarray(z, np.float64) - np.max(z, axis=-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def fed(s, make, dtype, value):
    """What `make` builds from a placeholder, run with that value in it."""
    placeholder = tf.placeholder(dtype, [])
    return s.run(make(placeholder), {placeholder: value})


def either_way(s, make, dtype, value):
    """What `make` builds from a number, which must be what it builds from a placeholder that is fed the number."""
    result = s.run(make(value))
    np.testing.assert_array_equal(fed(s, make, dtype, value), result)
    return result


def kept(filtered):
    return [set(np.flatnonzero(row > -INF)) for row in filtered]


# --------------------------------------------------------------------------------------------------------------- filters


def nucleus(probabilities, top_p):
    """By brute force: of all sets of the fewest tokens that weigh at least `top_p`, the heaviest."""
    for size in range(1, len(probabilities) + 1):
        sets = itertools.combinations(np.flatnonzero(probabilities), size)
        enough = [c for c in sets if probabilities[list(c)].sum() >= top_p]
        if enough:
            return set(max(enough, key=lambda c: probabilities[list(c)].sum()))
    return set(np.flatnonzero(probabilities))


@pytest.mark.parametrize("temperature", [0.4, 3])
def test_temperature(temperature, s):
    """Logits times the temperature, or other than what they are divided by it; -inf that becomes NaN."""
    logits = LOGITS.astype(np.float32)
    logits[2, 3] = -INF
    got = either_way(s, lambda t: filter_logits(logits, t), tf.float32, temperature)
    np.testing.assert_allclose(got, logits / np.float32(temperature), rtol=1e-6)


@pytest.mark.once
@pytest.mark.parametrize("temperature", [1e-30, 1e-37, 1e-45, 5e-324])
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_tiny_temperatures(dtype, temperature, s):
    """Logits that become infinite, or 0 / 0, where a temperature comes near 0: no token would be possible, or another one than
    the most likely; equally likely ones of which one is lost; rows whose logits are all below 0; -inf that becomes NaN."""
    rows = (np.round(4 * LOGITS) / 4).astype(dtype)
    rows[1, 2:4] = rows[1].max() + 1
    rows[2] -= 9
    rows[3, 1:5] = -INF
    rows[4] = 0
    rows[5, 1:] = -INF
    most = rows.max(1, keepdims=True)
    got = [s.run(filter_logits(rows, temperature)), s.run(filter_logits(rows, temperature, top_p=1 - 1e-9))]
    if temperature > 1e-40:  # a smaller one is 0 to most processors, which is refused where it is fed
        got.append(fed(s, lambda t: filter_logits(rows, t), tf.float64, temperature))
    for found in got:
        wanted = (rows == most) / (rows == most).sum(1, keepdims=True)
        np.testing.assert_allclose(softmax(found), wanted, atol=1e-20)
    tokens = s.run(sample_token(filter_logits(rows, temperature), 3))
    assert (rows[np.arange(BATCH), tokens] == most[:, 0]).all()


def test_a_cold_distribution_keeps_its_chances(s):
    """Logits that are moved further than they need be: those that the type can hold are what they are divided by; NaN in a row
    that has no possible token."""
    rows = np.array([[3e38, 1e38, -INF], [-3e38, -2e38, 0]], np.float32)
    np.testing.assert_array_equal(s.run(filter_logits(rows, 0.5)), [[0, -INF, -INF], [-INF, -INF, 0]])
    np.testing.assert_allclose(s.run(filter_logits(rows / 8, 0.5)), rows / 4, rtol=1e-6)
    nothing = np.full([2, 3], -INF, np.float32)
    np.testing.assert_array_equal(s.run(filter_logits(nothing, 1e-30)), nothing)


@pytest.mark.once
@pytest.mark.parametrize("top_k", [2**31, 2**32 + 1, 10**30])
def test_a_top_k_beyond_all_numbers(top_k, s):
    """A number that is refused late, by a traceback, or wraps round: 2^32 + 1 would keep one token."""
    any_logits, k = tf.placeholder(tf.float64, [None, None]), tf.placeholder(tf.int64, [])
    found = [filter_logits(LOGITS, top_k=top_k), filter_logits(any_logits, top_k=top_k), toy(top_k=top_k).tokens]
    *found, tokens = s.run(found, {any_logits: LOGITS})
    if top_k < 2**63:
        found += s.run(
            [filter_logits(LOGITS, top_k=k), filter_logits(any_logits, top_k=k)], {any_logits: LOGITS, k: top_k}
        )
    for one in found:
        np.testing.assert_array_equal(one, LOGITS)
    assert tokens.shape == (2, 3)


def test_all_tokens_need_no_sorting(graph):
    """A vocabulary that is sorted at each step of a loop, to leave nothing out."""
    toy(top_k=4), toy(top_k=5), toy(top_k=5, top_p=1.0)
    assert "TopK" not in str(graph.as_graph_def())
    toy(top_k=3)
    assert "TopK" in str(graph.as_graph_def())


@pytest.mark.parametrize("top_k", [1, 3, VOCABULARY, 50])
def test_top_k(top_k, s):
    """One more or one less than k, k of the whole batch, the k least likely ones; a k beyond the vocabulary that fails."""
    got = either_way(s, lambda k: filter_logits(LOGITS, top_k=k), tf.int32, top_k)
    for row, found in zip(LOGITS, got):
        most = np.argsort(-row)[:top_k]
        np.testing.assert_array_equal(found[most], row[most])
        assert kept([found]) == [set(most)]


def test_ties_keep_exactly_k_and_the_lower_ids(s):
    """All tokens as good as the k-th kept, or the higher ids of them; the same for the nucleus."""
    rows = np.array([[1.0, 2, 1, 2, 1], [0, 0, 0, 0, 0], [5, 1, 5, 5, 5], [0, 0, 0, 0, 9]], np.float32)
    assert kept(s.run(filter_logits(rows, top_k=3))) == [{0, 1, 3}, {0, 1, 2}, {0, 2, 3}, {0, 1, 4}]
    assert kept(s.run(filter_logits(rows[1:2], top_p=0.55))) == [{0, 1, 2}]
    assert kept(s.run(filter_logits(np.zeros([1, 4]), top_p=0.5))) == [{0, 1}]


@pytest.mark.parametrize("top_p", [1e-30, 0.3, 0.62, 0.9, 0.999999, 1])
@pytest.mark.parametrize(("temperature", "top_k"), [(1.0, None), (2.5, None), (0.5, 4), (1.0, 3)])
def test_top_p_against_brute_force(top_p, temperature, top_k, s):
    """The token that crosses top_p left out, or one more; the sum made before the temperature or before top_k; no token."""
    got = either_way(s, lambda p: filter_logits(LOGITS, temperature, top_k, p), tf.float64, top_p)
    for row, found in zip(LOGITS, got):
        z = row / temperature
        if top_k:
            z = np.where(z >= np.sort(z)[-top_k], z, -INF)
        wanted = nucleus(softmax(z), top_p)
        assert kept([found]) == [wanted]
        np.testing.assert_allclose(found[list(wanted)], z[list(wanted)])


def test_top_p_of_one_keeps_the_rarest(s):
    """A token of probability 1e-18 that rounding takes away at top_p = 1, which is to change nothing."""
    rows = np.array([[0.0, -40.0, -41.0, -INF, -42.0]], np.float32)
    got = either_way(s, lambda p: filter_logits(rows, top_p=p), tf.float32, 1.0)
    np.testing.assert_array_equal(got, rows)


def test_filters_with_tokens_at_minus_infinity(s):
    """NaN from -inf - -inf; a token at -inf that comes back, or is counted among the k."""
    rows = LOGITS.astype(np.float32)
    rows[:, ::2] = -INF
    rows[3, 1:4] = -INF  # one token left
    got = s.run(filter_logits(rows, 0.7, 5, 0.95))
    assert not np.isnan(got).any()
    for row, found in zip(rows, kept(got)):
        assert found == nucleus(softmax(row / np.float32(0.7)), 0.95)
    assert kept(got)[3] == {5}


def test_filters_of_a_batch_that_is_not_known(s):
    """A graph that is bound to one batch size; a batch of no rows that fails."""
    logits = tf.placeholder(tf.float32, [None, VOCABULARY])
    result = filter_logits(logits, 0.8, 4, 0.9)
    assert result.shape.as_list() == [None, VOCABULARY]
    whole = s.run(result, {logits: LOGITS})
    for rows in (0, 1, 4):
        np.testing.assert_array_equal(s.run(result, {logits: LOGITS[:rows]}), whole[:rows])


# -------------------------------------------------------------------------------------------------------------- one draw


def chi_square(counts, probabilities):
    """How far the counts [..., n] are from the chances [..., n], and the most that 1 in 10,000 fair draws would give."""
    probabilities = np.broadcast_to(probabilities, counts.shape)
    assert not counts[probabilities == 0].any(), "what has no chance was drawn"
    expected = (probabilities * counts.sum(-1, keepdims=True))[probabilities > 0]
    assert expected.min() > 5
    freedom = expected.size - np.prod(counts.shape[:-1])
    # Wilson and Hilferty 1931: the chi-square's quantile from the normal one's, 3.72.
    most = freedom * (1 - 2 / (9 * freedom) + 3.72 * np.sqrt(2 / (9 * freedom))) ** 3
    return ((counts[probabilities > 0] - expected) ** 2 / expected).sum(), most


def assert_fair(counts, probabilities):
    found, most = chi_square(np.asarray(counts, np.float64), np.asarray(probabilities, np.float64))
    assert found < most, "chi-square %.1f, allowed is %.1f" % (found, most)


def counted(tokens, n):
    return np.bincount(np.asarray(tokens).ravel(), minlength=n)


DRAWN = np.array([-INF, 0.0, 1.5, -INF, -1.0, 0.3])


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.float16])
def test_chances_over_rows_positions_and_seeds(dtype, s):
    """Draws from other chances than softmax(logits), such as from those of a neighbour, or a token at -inf; draws that are
    uneven over the rows, over the positions or over the seeds."""
    chances = softmax(DRAWN.astype(dtype))
    seed, position = tf.placeholder(tf.int64, []), tf.placeholder(tf.int64, [])
    many = sample_token(tf.constant(np.tile(DRAWN, [4000, 1]), dtype), seed, position)
    few = sample_token(tf.constant(np.tile(DRAWN, [4, 1]), dtype), seed, position)
    assert_fair(counted(s.run(many, {seed: 3, position: 5}), 6), chances)
    if dtype == np.float32:
        assert_fair(counted([s.run(few, {seed: 3, position: i}) for i in range(600)], 6), chances)
        assert_fair(counted([s.run(few, {seed: i, position: 3}) for i in range(600)], 6), chances)


@pytest.mark.parametrize("vocabulary", [1, 99, 100, 101, 250])
def test_the_lowest_token_whose_sum_is_above_u(vocabulary, s):
    """A neighbour's token, a token at -inf, or none, at the edges of the groups in which the sums are made; a vocabulary that
    is no whole number of groups; whole groups without a possible token."""
    logits = 3 * values("groups%d" % vocabulary, [400, vocabulary])
    logits[0::4, : vocabulary // 2] = -INF
    logits[1::4, vocabulary // 2 + 1 :] = -INF
    logits[2::4, :-1] = -INF
    u = s.run(tf.random.stateless_uniform([400], [7, 2], dtype=tf.float64))
    cumulative = np.cumsum(np.exp(logits), 1)
    expected = [np.searchsorted(c, x * c[-1], side="right") for c, x in zip(cumulative, u)]
    np.testing.assert_array_equal(s.run(sample_token(tf.constant(logits), 7, 2)), expected)


def test_draws_are_independent_of_one_another(s):
    """One number for all rows, or for two positions after each other; a row that repeats the row above a step later."""
    logits = tf.zeros([300, 4])
    tokens = np.stack(s.run([sample_token(logits, 11, i) for i in range(20)]), 1)
    for a, b in ((tokens[:-1], tokens[1:]), (tokens[:, :-1], tokens[:, 1:]), (tokens[1:, :-1], tokens[:-1, 1:])):
        assert_fair(counted(4 * a + b, 16), np.full(16, 1 / 16.0))


def test_the_same_token_however_many_rows_stand_behind(s):
    """A row whose tokens change with the size of the batch; a seed that is not used; seeds that differ from run to run."""
    logits = np.tile(LOGITS[:1], [50, 1])
    seed = tf.placeholder(tf.int32, [])
    whole, part = sample_token(logits, seed, 4), sample_token(logits[:7], seed, 4)
    a, b = s.run([whole, part], {seed: 8})
    np.testing.assert_array_equal(a[:7], b)
    np.testing.assert_array_equal(s.run(whole, {seed: 8}), a)
    assert 10 < (s.run(whole, {seed: 9}) != a).sum() < 50
    np.testing.assert_array_equal(s.run(sample_token(logits, 8, 4)), a)


GOLDEN = [
    [3, 4, 5, 1, 2, 4, 0, 5, 3, 4, 6, 3],
    [5, 6, 3, 0, 5, 5, 2, 1, 3, 0, 5, 3],
    [1, 4, 2, 3, 2, 1, 3, 0, 3, 3, 4, 6],
]


def test_the_numbers_of_both_tensorflows(s):
    """Other tokens from one seed than on the other TensorFlow, or than last year. Made on TF 1.15."""
    table = tf.constant(values("golden", [VOCABULARY, VOCABULARY]), tf.float32)
    options = SamplingOptions(temperature=1.3, top_k=5, seed=5)
    drawn = sample(lambda t, state: (tf.gather(table, t), state), table[:3], (), 12, options)
    assert s.run(drawn.tokens).tolist() == GOLDEN


@pytest.mark.parametrize("row", [[-INF] * 3, [0.0, float("nan"), 1.0], [0.0, INF, 1.0]])
def test_a_row_without_a_possible_token(row, s):
    """A token drawn all the same, where a model has broken down."""
    with pytest.raises(tf.errors.InvalidArgumentError, match="sample_token: a row has no possible token"):
        s.run(sample_token(tf.constant([[0.0, 1.0, 2.0], row])))


# -------------------------------------------------------------------------------------------------------------- the loop


def make_chain(states=5):
    """A Markov chain's transition matrix in which some steps cannot be."""
    chances = softmax(values("chain", [states, states], 0.7))
    chances[np.arange(states), (np.arange(states) * 2 + 1) % states] = 0
    return chances / chances.sum(1, keepdims=True)


@pytest.mark.parametrize("settings", [{}, {"temperature": 0.7}, {"top_k": 2}, {"top_p": 0.7, "temperature": 1.4}])
def test_a_chain_keeps_its_chances(settings, s):
    """Draws from the logits before the last, or from the prompt's for ever; filters that the loop leaves out."""
    chances = make_chain()
    with np.errstate(divide="ignore"):
        logits = np.log(chances)
    table = tf.constant(logits, tf.float32)
    options = SamplingOptions(seed=4, **settings)
    drawn = sample(lambda tokens, state: (tf.gather(table, tokens), state), table[:1], (), 6000, options)
    tokens, given = s.run([drawn.tokens, drawn.log_probabilities])
    steps = counted(5 * tokens[:, :-1] + tokens[:, 1:], 25).reshape(5, 5)
    z = logits / settings.get("temperature", 1.0)
    if "top_k" in settings:
        z = np.where(z >= np.sort(z, 1)[:, -2:-1], z, -INF)
    if "top_p" in settings:
        z = np.stack([np.where(np.isin(np.arange(5), list(nucleus(softmax(row), 0.7))), row, -INF) for row in z])
    assert_fair(steps[steps.sum(1) > 0], softmax(z)[steps.sum(1) > 0])
    before = np.concatenate([[[0]], tokens[:, :-1]], 1)
    assert_near(given, logits[before, tokens], 1e-5)  # the model's own, whatever the filters


def scripted(script, vocabulary, ended=None):
    """(advance, logits, state) of a model that allows one token at each step: script[row, step].

    Its state: how many tokens a row has read, and which, as the digits of a number; and how often it was called.
    """
    table = tf.constant(script)

    def logits_at(read):
        token = tf.gather(table, tf.minimum(read, script.shape[1] - 1)[:, None], batch_dims=1)[:, 0]
        allowed = tf.one_hot(token, vocabulary, 2.0, -INF)
        return (
            allowed if ended is None else tf.where_v2((read >= ended)[:, None], -INF * tf.ones_like(allowed), allowed)
        )

    def advance(tokens, state):
        (read, digits), calls = state
        assert tokens.dtype == tf.int32
        digits = 10 * digits + tf.cast(tokens[:, None], tf.int64)
        return logits_at(read + 1), ((read + 1, digits), calls + 1)

    read = tf.zeros([len(script)], tf.int32)
    return advance, logits_at(read), ((read, tf.zeros([len(script), 1], tf.int64)), 0)


SCRIPT = np.array([[4, 4, 3, 0, 5], [2, 1, 1, 1, 1], [1, 5, 2, 1, 1], [3, 1, 5, 5, 5]])


def digits(row):
    return int("0" + "".join(str(token) for token in row))


@pytest.mark.parametrize("how", ["number", "fed"])
def test_tokens_and_state_without_stop(how, s):
    """A token lost at the start or the end, rows and time mixed up, a state that is a token behind or ahead, a step of the
    model that nobody asks for."""
    advance, logits, state = scripted(SCRIPT, 6)
    if how == "number":
        drawn = sample(advance, logits, state, 5)
        assert drawn.tokens.shape.as_list() == drawn.log_probabilities.shape.as_list() == [4, 5]
        got = s.run(drawn)
    else:
        got = fed(s, lambda count: sample(advance, logits, state, count), tf.int32, 5)
    np.testing.assert_array_equal(got.tokens, SCRIPT)
    np.testing.assert_array_equal(got.lengths, [5] * 4)
    assert got.tokens.dtype == got.lengths.dtype == np.int32
    assert got.log_probabilities.dtype == np.float32
    assert not got.log_probabilities.any()
    (read, seen), calls = got.state
    assert read.tolist() == [4] * 4
    assert calls == 4
    assert seen[:, 0].tolist() == [digits(row[:-1]) for row in SCRIPT]


@pytest.mark.parametrize(("stop", "lengths"), [(1, [8, 2, 1, 2]), (5, [5, 8, 2, 3]), (4, [1, 8, 8, 8])])
def test_stop(stop, lengths, s):
    """The stop token not counted, a row that goes on behind it or ends another row, a state that reads the stop token."""
    advance, logits, state = scripted(SCRIPT, 6)
    got = either_way_nest(s, lambda stop: sample(advance, logits, state, 8, stop=stop), tf.int32, stop)
    said = np.concatenate([SCRIPT, SCRIPT[:, -1:], SCRIPT[:, -1:], SCRIPT[:, -1:]], 1)
    for row, length in enumerate(lengths):
        assert got.tokens[row, :length].tolist() == said[row, :length].tolist()
        assert (got.tokens[row, length:] == stop).all()
        assert got.state[0][0][row] == length - 1
        assert got.state[0][1][row, 0] == digits(said[row, : length - 1])
    assert got.lengths.tolist() == lengths
    assert got.state[1] == 7


@pytest.mark.parametrize("as_tensor", [False, True], ids=["number", "tensor"])
def test_stop_in_a_vocabulary_of_unknown_size(as_tensor, s):
    """Every stop token refused where the graph does not know how many tokens there are."""
    advance, logits, state = scripted(SCRIPT, 6)
    unknown = tf.placeholder_with_default(logits, [None, None])
    stop = tf.placeholder_with_default(5, []) if as_tensor else 5
    assert s.run(sample(advance, unknown, state, 8, stop=stop)).lengths.tolist() == [5, 8, 2, 3]


def either_way_nest(s, make, dtype, value):
    result, again = s.run(make(value)), fed(s, make, dtype, value)
    for a, b in zip(tf.nest.flatten(result), tf.nest.flatten(again)):
        np.testing.assert_array_equal(a, b)
    return result


def test_the_loop_ends_when_all_rows_have_ended(s):
    """Steps of the model behind the last stop token; a token that is wanted of a row that has ended and has none."""
    script = np.array([[4, 0, 3], [0, 1, 1], [2, 1, 0]])
    advance, logits, state = scripted(script, 6, ended=tf.constant([2, 1, 3]))
    got = s.run(sample(advance, logits, state, 1000, stop=0))
    assert got.state[1] == 2
    assert got.lengths.tolist() == [2, 1, 3]
    assert got.tokens.shape == got.log_probabilities.shape == (3, 1000)
    assert got.tokens[:, :3].tolist() == [[4, 0, 0], [0, 0, 0], [2, 1, 0]]
    assert not got.tokens[:, 3:].any()
    assert not np.isnan(got.log_probabilities).any()
    with pytest.raises(tf.errors.InvalidArgumentError, match="sample: a row has no possible token"):
        s.run(sample(advance, logits, state, 1000, stop=5))


def test_log_probabilities_behind_the_stop_token(s):
    """What a row that has ended would have said next added to its log-probability, or the stop token's own left out."""
    table = tf.constant(values("table", [5, 5]), tf.float32)
    first, options = tf.gather(table, [0] * 40), SamplingOptions(seed=2)
    drawn = sample(lambda t, state: (tf.gather(table, t), state), first, (), 30, options, stop=3)
    got, logits = s.run([drawn, table])
    before = np.concatenate([np.zeros([40, 1], int), got.tokens[:, :-1]], 1)
    wanted = np.log(softmax(logits))[before, got.tokens] * (np.arange(30) < got.lengths[:, None])
    assert_near(got.log_probabilities, wanted, 1e-5)
    assert len(set(got.lengths)) > 8


@pytest.mark.parametrize(("way", "stop"), [("sample", 3), ("greedy", None)])
def test_log_probabilities_that_nobody_asks_for(way, stop, s):
    """A softmax over the vocabulary at each step for nothing; other tokens, lengths or looks without it; what was looked at
    in the place of what was said."""
    table = tf.constant(values("table", [5, 5]), tf.float32)
    first = tf.gather(table, [0, 3, 1])

    def draw(**more):
        def advance(tokens, state):
            return tf.gather(table, tokens), state + tf.one_hot(tokens, 5)

        how = dict(stop=stop, alignments=lambda state: state, **more)
        return (sample if way == "sample" else greedy)(advance, first, tf.ones([3, 5]), 8, **how)

    without = draw(log_probabilities=False)
    assert without.log_probabilities == ()
    assert "Softmax" not in str(tf.get_default_graph().as_graph_def())
    whole, part = s.run([draw(), without])
    assert whole.log_probabilities.shape == (3, 8) and whole.alignments.any()
    for name in ("tokens", "lengths", "state", "alignments"):
        np.testing.assert_array_equal(getattr(part, name), getattr(whole, name), err_msg=name)


def language_model(s, rows):
    """(advance, logits after a prompt, state after it, and all logits for given tokens [rows, count]) of an LSTM net."""
    cell = rnn_tf1.MultiRNNCell([rnn_tf1.LSTMCell(UNITS), rnn_tf1.GRUCell(4)])
    prompt = tf.constant(np.random.RandomState(3).randint(VOCABULARY, size=[rows, 4]))
    scope = tf.get_variable_scope()

    def read(tokens, state, lengths=None):
        outputs, state = rnn_tf1.dynamic_rnn(
            cell, tf.one_hot(tokens, VOCABULARY), lengths, initial_state=state, dtype=tf.float32
        )
        return rnn_tf1.dense(outputs, VOCABULARY), state

    logits, state = read(prompt, None)

    def advance(tokens, state):
        with tf.variable_scope(scope, reuse=True):
            logits, state = read(tokens[:, None], state)
        return logits[:, 0], state

    def teacher(tokens, lengths):
        with tf.variable_scope(scope, reuse=True):
            return read(tokens, state, lengths)

    set_variables(s, tf.global_variables())
    return advance, logits[:, -1], state, teacher


def test_an_lstm_against_the_same_tokens_read_at_once(s):
    """A state that is not carried, that comes back in another structure, or that a row in mid-sentence shares with one
    that has ended. The oracle: dynamic_rnn over the tokens that were drawn."""
    advance, logits, state, teacher = language_model(s, 20)
    drawn = sample(advance, logits, state, COUNT, SamplingOptions(temperature=1.2, top_p=0.95, seed=6), stop=2)
    got, first = s.run([drawn, logits])
    assert type(got.state[0]).__name__ == "LSTMStateTuple"
    every, final = s.run(teacher(tf.constant(got.tokens), tf.constant(got.lengths - 1)))
    said = np.concatenate([first[:, None], every[:, :-1]], 1)
    chances = np.log(softmax(said))
    wanted = np.take_along_axis(chances, got.tokens[:, :, None].astype(int), 2)[:, :, 0]
    assert_near(got.log_probabilities, wanted * (np.arange(COUNT) < got.lengths[:, None]), 1e-5)
    for a, b in zip(tf.nest.flatten(got.state), tf.nest.flatten(final)):
        assert_near(a, b, 1e-6)
        assert np.abs(b).max() > 0.1
    assert len(set(got.lengths)) > 3


def test_several_calls_are_one(s):
    """A position that does not count on, so that a second call repeats the first; a state one token behind."""
    advance, logits, state, _ = language_model(s, 5)
    whole = sample(advance, logits, state, 8, SamplingOptions(seed=3))
    position, parts = 0, []
    for count in (1, 4, 1, 2):
        part = sample(advance, logits, state, count, SamplingOptions(seed=3, position=position))
        parts.append(part.tokens)
        logits, state = advance(part.tokens[:, -1], part.state)
        position += count
    (expected, got), final = s.run([[whole.tokens, tf.concat(parts, 1)], whole.state])
    np.testing.assert_array_equal(got, expected)
    for a, b in zip(tf.nest.flatten(s.run(part.state)), tf.nest.flatten(final)):
        np.testing.assert_array_equal(a, b)


def test_a_row_does_not_depend_on_the_rows_behind_it(s):
    """A batch whose rows look at one another; a loop that ends for all when one row has ended."""
    advance, logits, state, _ = language_model(s, 20)
    few = tf.nest.map_structure(lambda part: part[:3], state)
    options = SamplingOptions(seed=1)
    runs = [sample(advance, z, h, COUNT, options, stop=0) for z, h in ((logits, state), (logits[:3], few))]
    whole, part = s.run([[r.tokens, r.lengths] for r in runs])
    for a, b in zip(whole, part):
        np.testing.assert_array_equal(a[:3], b)
    assert len(set(part[1])) > 1
    assert len({tuple(row) for row in whole[0]}) > 8


def test_the_graph_does_not_grow_with_the_count():
    """A loop that is unrolled."""
    sizes = []
    for count in (2, 2000):
        with tf.Graph().as_default() as graph:
            sample(lambda t, state: (tf.one_hot(t, 3), state + 1.0), tf.zeros([2, 3]), tf.zeros([2]), count)
            sizes.append(len(graph.get_operations()))
    assert sizes[0] == sizes[1]


def test_seeds_of_the_loop(s):
    """A seed that is bound to the graph, or not used; another session that draws other tokens."""
    table = tf.constant(values("table", [5, 5]), tf.float32)
    seed = tf.placeholder(tf.int64, [])
    options = SamplingOptions(seed=seed)
    tokens = sample(lambda t, state: (tf.gather(table, t), state), table[:2], (), 40, options).tokens
    first, again, other, big = [s.run(tokens, {seed: number}) for number in (3, 3, 4, 3 + 2**40)]
    np.testing.assert_array_equal(first, again)
    assert 20 < (first != other).sum() < 80
    assert 20 < (first != big).sum() < 80
    with tf.Session() as new:
        np.testing.assert_array_equal(new.run(tokens, {seed: 3}), first)


# -------------------------------------------------------------------------------------------------------------- mistakes


def toy(**settings):
    settings = dict({"count": 3}, **settings)
    options = SamplingOptions(**{name: settings.pop(name) for name in SamplingOptions._fields if name in settings})
    return sample(lambda t, state: (tf.one_hot(t, 4), state), tf.zeros([2, 4]), (), options=options, **settings)


OUT_OF_BOUNDS = [
    ("temperature", tf.float32, 0, "write top_k=1"),
    ("temperature", tf.float32, -0.5, "above 0"),
    ("temperature", tf.float32, INF, "finite"),
    ("temperature", tf.float32, float("nan"), "above 0"),
    ("top_k", tf.int32, 0, "at least 1"),
    ("top_k", tf.int32, -3, "at least 1"),
    ("top_p", tf.float32, 0, "above 0"),
    ("top_p", tf.float32, 1.5, "at most at 1"),
    ("top_p", tf.float32, -0.1, "above 0"),
    ("count", tf.int32, 0, "at least 1 token"),
    ("count", tf.int64, -2, "at least 1 token"),
    ("stop", tf.int32, 4, "0..3"),
    ("stop", tf.int32, -1, "0..3"),
]


@pytest.mark.once
@pytest.mark.parametrize(("name", "dtype", "value", "text"), OUT_OF_BOUNDS)
def test_numbers_out_of_bounds(name, dtype, value, text, s):
    """A number that TensorFlow lets pass: NaN logits, no token kept, all tokens kept, a row that never ends."""
    for given in (value, np.asarray(value), tf.constant(value, dtype)):
        with pytest.raises(rnn_tf1.GraphError) as caught:
            toy(**{name: given})
        assert "sample: %s is " % name in str(caught.value)
        assert text in str(caught.value)
    with pytest.raises(tf.errors.InvalidArgumentError) as caught:
        fed(s, lambda fed_value: toy(**{name: fed_value}), dtype, value)
    assert "sample: %s is out of bounds" % name in str(caught.value)
    assert text in str(caught.value)
    if name not in ("count", "stop"):
        with pytest.raises(rnn_tf1.GraphError, match="filter_logits: %s is" % name):
            filter_logits(LOGITS, **{name: value})


@pytest.mark.parametrize(
    ("mistake", "text"),
    [
        (lambda: toy(top_k=2.5), "top_k is 2.5; it must be a whole number"),
        (lambda: toy(top_k=True), "top_k is True"),
        (lambda: toy(top_p="0.9"), "top_p is '0.9'"),
        (lambda: toy(temperature=None), "temperature is None"),
        (lambda: toy(count=2.0), "count is 2.0"),
        (lambda: toy(count=None), "count is None"),
        (lambda: toy(seed=None), "seed is None; it must be a whole number"),
        (lambda: toy(seed=2**63), "64 bits"),
        (lambda: toy(position=0.5), "position is 0.5"),
        (lambda: toy(top_k=tf.placeholder(tf.float32, [])), "top_k is a tensor () of float32"),
        (lambda: toy(temperature=tf.placeholder(tf.float32, [2])), "a number or a scalar tensor"),
        (
            lambda: sample(lambda t, state: (tf.one_hot(t, 4), state), tf.zeros([2, 4]), (), 3, 7),
            "sample: options must be SamplingOptions and is 7. Write SamplingOptions(seed=7, top_p=0.9).",
        ),
        (lambda: sample_token(tf.zeros([2, 3, 4])), "logits[:, -1]"),
        (lambda: filter_logits(tf.zeros([2, 3], tf.int32)), "floating [batch, vocabulary]"),
        (lambda: sample(lambda t, state: tf.one_hot(t, 4), tf.zeros([2, 4]), (), 3), "(logits, new state)"),
        (
            lambda: sample(lambda t, state: (tf.one_hot(t, 4), (state,)), tf.zeros([2, 4]), tf.zeros([2, 1]), 3),
            "a state of another structure",
        ),
        (
            lambda: sample(lambda t, state: (tf.one_hot(t, 4), state[:, :1]), tf.zeros([2, 4]), tf.zeros([2, 3]), 3),
            "returns float32 (2, 1) in its place",
        ),
        (
            lambda: sample(lambda t, state: (tf.one_hot(t, 4), t), tf.zeros([2, 4]), tf.zeros([2]), 3),
            "a state of float32 (2,) and returns int32 (2,)",
        ),
        (
            lambda: sample(lambda t, h: (tf.one_hot(t, 4), h), tf.zeros([2, 4]), tf.placeholder(tf.float32), 3, stop=1),
            "the rank of each part of the state",
        ),
        (
            lambda: sample(lambda t, h: (rnn_tf1.dense(tf.one_hot(t, 4), 4), h), tf.zeros([2, 4]), (), 3),
            "advance makes new variables (dense/",
        ),
    ],
)
def test_mistakes(mistake, text, graph):
    """A mistake that TensorFlow reports far from its place, or lets pass."""
    with pytest.raises(rnn_tf1.GraphError) as caught:
        mistake()
    assert text in str(caught.value)


@pytest.mark.skipif(IS_TF1, reason="eager execution is off on TF 1.15")
def test_eager():
    """Operations that fail one by one where there is no graph."""
    for call in (toy, lambda: filter_logits(LOGITS), lambda: sample_token(LOGITS)):
        with pytest.raises(rnn_tf1.GraphError, match="eager execution is on"):
            call()
