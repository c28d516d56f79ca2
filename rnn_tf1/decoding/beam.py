"""Beam search: the most likely sequences, searched for with `width` beginnings at a time."""

from typing import Any, Callable, NamedTuple, Optional, Tuple

import tensorflow.compat.v1 as tf

from rnn_tf1.decoding.checks import (
    Advance,
    Alignments,
    advanced,
    checked_alignments,
    checked_count,
    checked_logits,
    checked_options,
    checked_state,
    checked_stop,
    scalar,
)
from rnn_tf1.decoding.loop import padded_to_count
from rnn_tf1.errors import GraphError
from rnn_tf1.ops.checks import check_graph_mode
from rnn_tf1.ops.inputs import checked_lengths, size_of
from rnn_tf1.types import Nest, Tensor


class BeamOptions(NamedTuple):
    """How `beam_search` searches.

    Args:
      width: int, at least 1: beams of each text. It may exceed the vocabulary. Default: 1, which is `greedy`.
      length_penalty: in 0..10; default: 0, none. Above 0, long sequences lose less by being long; 0.6 to 1 is usual.
      coverage_penalty: at least 0; default: 0, none. Above 0, sequences that leave parts of the source out lose; 0.2 is usual.
      n_best: int in 1..width: how many sequences are returned; default: all.

    Both penalties are numbers or scalar tensors.
    """

    width: int = 1
    length_penalty: Tensor = 0.0
    coverage_penalty: Tensor = 0.0
    n_best: Optional[int] = None


class Beams(NamedTuple):
    """The result of `beam_search`: n sequences for each text, the best first.

    Attributes:
      tokens: int32 [batch, n, count]; after the stop token, the stop token again.
      lengths: int32 [batch, n]: tokens up to and including the stop token; count where it did not come.
      scores: float32 [batch, n]: by these the sequences are ranked.
      log_probabilities: float32 [batch, n]: of the whole sequence under the model, the stop token included.
      alignments: float32 [batch, n, count, source]: what the model looked at for each token's logits, 0 after the stop token;
        () where they were not asked for. Not None, which a session cannot fetch.
    """

    tokens: Tensor
    lengths: Tensor
    scores: Tensor
    log_probabilities: Tensor
    alignments: Tensor = ()


def beam_search(
    advance: Advance,
    logits: Tensor,
    state: Nest,
    count: Tensor,
    stop: Tensor,
    options: BeamOptions,
    *,
    alignments: Alignments = None,
    source_lengths: Tensor = None,
) -> Beams:
    """The sequences of the highest score that a search with `width` beams finds.

    The score of a sequence Y of tokens y_1 .. y_T, which ends with the stop token or has `count` tokens, is that of Wu et al.
    2016, "Google's Neural Machine Translation System"::

        score(Y) = log P(Y) / lp(Y) + cp(Y)

        log P(Y) = sum over t of  log P(y_t | y_1 .. y_t-1)
        lp(Y)    = ((5 + T) / 6)^length_penalty
        cp(Y)    = coverage_penalty * sum over source steps j of  log(min(a_j, 1)),    a_j = sum over t of alignments_t,j

    T counts the stop token. The sum of cp goes over the first `source_lengths` steps of a source: the steps after them get no
    attention, and log 0 would hide everything else. Within them a_j is taken as at least 1e-30, so that a step without any
    attention costs much, 69 coverage_penalty, and not everything.

    At each step every beam is continued by every token, and the `width` continuations of the highest score are the new beams.
    A beam that has ended with the stop token is not continued: it stays with its score until better ones push it out. The
    loop ends when all beams of all texts have ended, or at `count`. Among equal scores the continuation of the better beam
    comes first, and within one beam the likelier token, then the one of the lower id. So width 1 is `greedy`, and a width of
    all sequences finds the best of them all. Log-probabilities are float32, and so are their sums.

    There may be fewer sequences than beams: at the first step there are as many as tokens, and later all but one may be
    impossible, where logits are -inf. No sequence comes twice: beams that are left over come last, with score and
    log-probability -inf, length 0, tokens all `stop`.

    The states of all beams are kept and, for each step, tokens, parents and alignments. Measured with an LSTM of 256 units,
    6,000 tokens to choose from, 32 texts and 30 steps (2 CPU cores): width 5 takes 7.6 ms a step and 50 MB on TF 1.15, 6.3 ms
    and 24 MB on TF 2.21; `greedy`, with a fifth of the rows, 1.5 ms and 15 MB, 1.7 ms and 5 MB.

    Args:
      advance: (tokens int32 [batch * width], state) to (logits [batch * width, vocabulary], new state); row b * width + k is
        beam k of text b. Its variables must exist: see `rnn_tf1.decoding`. What it looks up besides its state, such as an
        attention's memory, must work with that many rows. It is also called for beams that have ended; their logits are not
        read.
      logits: floating [batch, vocabulary], after the prompt: from these the first token is taken. May hold -inf.
      state: any nest of tensors with `batch` rows, the state after the prompt: the beams are made from it here. Where there
        is none: (). Scalars, such as a counter of steps, belong to no row and are passed on as they are.
      count: int or scalar integer tensor, at least 1: the most tokens of a sequence.
      stop: int or scalar integer tensor: the id that ends a sequence.
      options: the number of beams, the penalties, and how many sequences are returned: see `BeamOptions`.
      alignments: a function from a state to floating [batch * width, source], as for `sample`. Default: None.
      source_lengths: integers [batch]: steps of each source. Needed, as `alignments` are, for a coverage penalty.

    Raises:
      GraphError: for a number outside its bounds, a state of other than `batch` rows, functions whose results are not as
        above, a coverage penalty without alignments or source_lengths. What a tensor holds is checked at run time:
        ``tf.errors.InvalidArgumentError``, also where logits are NaN or +inf, or a text has no possible token at all.
    """
    check_graph_mode("beam_search")
    logits = checked_logits(logits, "beam_search")
    options = checked_options(options, BeamOptions, "BeamOptions(width=5)", "beam_search")
    width = _checked_number(options.width, "width", "it must be a whole number of at least 1; width=1 is greedy.", None)
    needs = "it must be a whole number in 1..width, and width is %d." % width
    n_best = width if options.n_best is None else _checked_number(options.n_best, "n_best", needs, width)
    with tf.name_scope("beam_search"):
        count = checked_count(count, "beam_search")
        stop = checked_stop(stop, logits, "beam_search")
        state = checked_state(state, stop, "beam_search")
        score, uses_coverage = _score(options, alignments, source_lengths, logits)
        batch = size_of(logits, 0)
        of_text = tf.range(batch * width) // width
        state, logits = _with_rows(state, of_text, batch), tf.gather(logits, of_text)

        def look(state: Nest, logits: Tensor) -> Tuple[Tensor, ...]:
            aligned = checked_alignments(alignments, state, logits, "beam_search")
            return tuple(tf.reshape(x, [batch, width, size_of(x, 1)]) for x in aligned)

        def goes_on(i: Tensor, parents: Tensor, beams: _Search, *_: Any) -> Tensor:
            return (i < count) & tf.reduce_any(beams.running)

        def step(i: Tensor, parents: Tensor, beams: _Search, state: Nest, arrays: Any) -> Any:
            state = _with_rows(state, tf.reshape(parents + width * tf.range(batch)[:, None], [-1]))
            new_logits, state = advanced(advance, tf.reshape(beams.tokens, [-1]), state, logits, "beam_search")
            aligned = look(state, new_logits)
            parents, beams = _next_beams(beams, new_logits, aligned if uses_coverage else (), stop, score)
            records = (beams.tokens, parents) + aligned
            return i + 1, parents, beams, state, tuple(array.write(i, x) for array, x in zip(arrays, records))

        aligned = look(state, logits)
        # Before the first step all beams of a text are alike, so only the first one counts.
        zeros = tf.zeros(tf.stack([batch, width]), tf.int32)
        is_first = tf.equal(zeros + tf.range(width), 0)
        start = tf.where_v2(is_first, 0.0, float("-inf"))
        covered = tuple(tf.zeros_like(x) for x in aligned) if uses_coverage else ()
        beams = _Search(zeros, is_first, zeros, start, start, covered)
        parents, beams = _next_beams(beams, logits, aligned if uses_coverage else (), stop, score)
        first = (beams.tokens, parents) + aligned
        arrays = tuple(tf.TensorArray(x.dtype, count, element_shape=x.shape).write(0, x) for x in first)
        steps, _, beams, _, arrays = tf.while_loop(
            goes_on, step, (1, parents, beams, state, arrays), parallel_iterations=1, back_prop=False
        )
        records = [array.gather(tf.range(steps)) for array in arrays]
        before, after = _ancestors(records[1], n_best)
        lengths, scores, log_probabilities = (
            x[:, :n_best] for x in (beams.lengths, beams.scores, beams.log_probabilities)
        )

        def along(values: Tensor, beams_at: Tensor, padding: Tensor) -> Tensor:
            """[batch, n, count, ...] of [steps, batch, width, ...]: each sequence's own, and `padding` after its end."""
            own = tf.gather(values, beams_at, batch_dims=2)
            own = padded_to_count(own, count, padding)  # [batch, count, n, ...]
            own = tf.transpose(own, [0, 2, 1] + list(range(3, own.shape.rank)))
            inside = tf.range(count) < lengths[:, :, None]
            inside = tf.reshape(inside, tf.concat([tf.shape(inside), [1] * (own.shape.rank - 3)], 0))
            return tf.where_v2(inside, own, padding)

        # A token's logits come from the beam that it continues.
        aligned = tuple(along(x, before, 0.0) for x in records[2:])
        return Beams(along(records[0], after, stop), lengths, scores, log_probabilities, *aligned)


class _Search(NamedTuple):
    """The beams of all texts, the best first: tensors [batch, width]."""

    tokens: Tensor  # int32: the last ones
    running: Tensor  # bool: neither ended nor left over
    lengths: Tensor  # int32
    log_probabilities: Tensor  # float32
    scores: Tensor  # float32; -inf: left over
    covered: Tuple[Tensor, ...]  # float32 [batch, width, source]: the sum of alignments; () without a coverage penalty


def _next_beams(
    beams: _Search,
    logits: Tensor,
    aligned: Tuple[Tensor, ...],
    stop: Tensor,
    score: Callable[[Tensor, Tensor, Any], Tensor],
) -> Tuple[Tensor, _Search]:
    """(parents int32 [batch, width], new beams): the best of all that continue the beams by one token."""
    impossible = float("-inf")
    shape = tf.shape(beams.tokens)
    width = beams.tokens.shape.as_list()[1]
    # The logits of an ended beam may be anything, and are not read: those of some running beam take their place.
    flags = tf.reshape(beams.running, [-1])
    rows = tf.range(tf.size(flags))
    logits = tf.gather(logits, tf.where_v2(flags, rows, tf.reduce_max(tf.where_v2(flags, rows, 0))))
    message = "beam_search: logits of a text are NaN or +inf"
    with tf.control_dependencies([tf.debugging.Assert(tf.reduce_all(logits < float("inf")), [message])]):
        logits = tf.identity(logits)

    # No beam has more than `width` of the `width` best continuations.
    vocabulary = size_of(logits, 1)
    branches = min(width, vocabulary) if isinstance(vocabulary, int) else tf.minimum(width, vocabulary)
    likely, ids = tf.nn.top_k(logits, branches)
    log_p = tf.gather(tf.nn.log_softmax(tf.cast(logits, tf.float32)), ids, batch_dims=1)
    log_p = tf.where_v2(likely > impossible, log_p, impossible)  # where all are impossible, log_softmax is NaN
    ids, log_p = (tf.reshape(x, tf.concat([shape, [branches]], 0)) for x in (ids, log_p))

    running = beams.running[:, :, None]
    lengths = beams.lengths + tf.cast(beams.running, tf.int32)
    covered = tuple(c + a for c, a in zip(beams.covered, aligned))
    log_probabilities = beams.log_probabilities[:, :, None] + log_p
    scores = score(log_probabilities, lengths, covered)

    # A beam that has ended has one continuation: itself, as it is.
    itself = tf.where_v2(tf.equal(tf.range(branches), 0), beams.scores[:, :, None], impossible)
    scores = tf.where_v2(running, scores, itself)
    log_probabilities = tf.where_v2(running, log_probabilities, beams.log_probabilities[:, :, None])
    ids = tf.where_v2(running, ids, stop)

    def flat(x: Tensor) -> Tensor:
        return tf.reshape(x, tf.stack([shape[0], width * branches]))

    scores, best = tf.nn.top_k(flat(scores), width)
    message = "beam_search: a text has no possible token: all logits of all its beams are -inf"
    with tf.control_dependencies([tf.debugging.Assert(tf.reduce_all(scores[:, 0] > impossible), [message])]):
        scores, parents = tf.identity(scores), best // branches
    exists = scores > impossible
    tokens = tf.where_v2(exists, tf.gather(flat(ids), best, batch_dims=1), stop)
    new = _Search(
        tokens=tokens,
        running=tf.gather(beams.running, parents, batch_dims=1) & tf.not_equal(tokens, stop),
        lengths=tf.where_v2(exists, tf.gather(lengths, parents, batch_dims=1), 0),
        log_probabilities=tf.where_v2(exists, tf.gather(flat(log_probabilities), best, batch_dims=1), impossible),
        scores=scores,
        covered=tuple(tf.gather(c, parents, batch_dims=1) for c in covered),
    )
    for a, b in zip(tf.nest.flatten(new), tf.nest.flatten(beams)):
        a.set_shape(b.shape)
    parents.set_shape(beams.tokens.shape)
    return parents, new


def _ancestors(parents: Tensor, n: int) -> Tuple[Tensor, Tensor]:
    """The beams that the n best were before each step and after it: two of [steps, batch, n].

    Args:
      parents: [steps, batch, width]: the beam that each beam continues.
      n: how many of the beams after the last step are followed back.
    """
    last = tf.zeros_like(parents[0, :, :n]) + tf.range(n)
    before = tf.scan(
        lambda after, parent: tf.gather(parent, after, batch_dims=1),
        parents,
        last,
        parallel_iterations=1,
        back_prop=False,
        reverse=True,
    )
    return before, tf.concat([before[1:], last[None]], 0)


def _score(
    options: BeamOptions, alignments: Alignments, source_lengths: Tensor, logits: Tensor
) -> Tuple[Callable[[Tensor, Tensor, Any], Tensor], bool]:
    """(the score of log_probabilities [batch, width, n], lengths [batch, width] and covered, whether it needs covered)."""
    needs = "it must lie in 0..10; 0 is none, and 0.6 to 1 is usual."
    alpha = scalar(
        options.length_penalty, "length_penalty", tf.float32, lambda v: (v >= 0) & (v <= 10), needs, "beam_search"
    )
    needs = "it must be at least 0 and finite; 0 is none, and 0.2 is usual."
    beta = scalar(
        options.coverage_penalty,
        "coverage_penalty",
        tf.float32,
        lambda v: (v >= 0) & (v < float("inf")),
        needs,
        "beam_search",
    )
    discounts, uses_coverage = (tf.is_tensor(v) or v > 0 for v in (alpha, beta))
    if uses_coverage and (alignments is None or source_lengths is None):
        raise GraphError(
            "beam_search: a coverage penalty needs the alignments, and to know how long the sources are: "
            "alignments=lambda state: state.alignments, source_lengths=lengths."
        )

    def score(log_probabilities: Tensor, lengths: Tensor, covered: Tuple[Tensor, ...]) -> Any:
        scores = log_probabilities
        if discounts:
            scores /= tf.pow((5.0 + tf.cast(lengths, tf.float32)) / 6.0, alpha)[:, :, None]
        for a in covered:
            source = size_of(a, 2)
            steps = checked_lengths(source_lengths, source, logits, "beam_search, source_lengths")
            inside = tf.sequence_mask(steps, source)[:, None]
            terms = tf.where_v2(inside, tf.math.log(tf.minimum(tf.maximum(a, 1e-30), 1.0)), 0.0)
            scores += beta * tf.reduce_sum(terms, 2)[:, :, None]
        return scores

    return score, uses_coverage


def _checked_number(value: Any, name: str, needs: str, most: Optional[int]) -> int:
    if tf.is_tensor(value):
        raise GraphError("beam_search: %s is a tensor, and the graph's shapes depend on it; %s" % (name, needs))
    return scalar(value, name, tf.int32, lambda v: v >= 1 and (most is None or v <= most), needs, "beam_search")


def _with_rows(state: Nest, rows: Tensor, batch: Tensor = None) -> Nest:
    """The given rows of the state; scalars belong to no row. `batch`: the number of rows that it must have."""

    def take(part: Tensor) -> Tensor:
        if part.shape.rank == 0:
            return part
        if batch is None:
            return tf.gather(part, rows)
        message = "beam_search: each part of the state must have a row for each row of the logits, or be a scalar"
        if not part.shape[:1].is_compatible_with([batch if isinstance(batch, int) else None]):
            raise GraphError(
                "%s; a part has shape %s, and there are %s rows. Give the state after the prompt: the beams are made here."
                % (message, part.shape, batch)
            )
        with tf.control_dependencies([tf.debugging.assert_equal(tf.shape(part)[0], batch, message=message)]):
            return tf.gather(part, rows)

    return tf.nest.map_structure(take, state)
