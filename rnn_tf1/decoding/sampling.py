"""Random tokens: filters, single draws, and whole sequences."""

import numbers
from typing import Any, NamedTuple, Tuple

import tensorflow.compat.v1 as tf

from rnn_tf1.decoding.checks import Advance, Alignments, checked_logits, checked_options, scalar
from rnn_tf1.decoding.loop import Extras, Sampled, decode, possible
from rnn_tf1.ops.checks import check_graph_mode
from rnn_tf1.ops.inputs import size_of
from rnn_tf1.types import Nest, Tensor


class SamplingOptions(NamedTuple):
    """How `sample` draws; each of these is a number, or a scalar tensor such as a placeholder.

    Args:
      temperature, top_k, top_p: what is drawn from: see `filter_logits`. Default: the model's own distribution.
      seed: int or integer tensor; default: 0.
      position: int or integer tensor: how many tokens earlier calls have drawn; default: 0.
    """

    temperature: Tensor = 1.0
    top_k: Tensor = None
    top_p: Tensor = None
    seed: Tensor = 0
    position: Tensor = 0


def filter_logits(logits: Tensor, temperature: Tensor = 1.0, top_k: Tensor = None, top_p: Tensor = None) -> Tensor:
    """The logits [batch, vocabulary] of the distribution to draw from; tokens that must not be drawn are at -inf.

    Three steps, in this order::

        z = logits / temperature
        z_i = -inf  for all but the top_k most likely tokens
        z_i = -inf  for all but the fewest most likely tokens with  sum of softmax(z) >= top_p,  and at least one

    The last is nucleus sampling: Holtzman et al. 2020, "The Curious Case of Neural Text Degeneration". Of equally likely
    tokens, those of lower id are kept. The sum is computed in float64, whatever the logits' type.

    Args:
      logits: floating [batch, vocabulary]; may hold -inf.
      temperature: above 0 (default: 1): below 1 likely tokens become likelier, above 1 all become more alike. If it is so
        small that the greatest logit divided by it would overflow, the greatest logit of the row is subtracted first: the
        most likely tokens are at 0, and those that would overflow below them at -inf.
      top_k: a whole number of at least 1; default, or the vocabulary's size and more: all tokens.
      top_p: above 0 and at most 1; default, or 1: all tokens.
      Each is a number, or a scalar tensor such as a placeholder.

    Raises:
      GraphError: for a number outside these bounds, or for logits of another rank. What a tensor holds is checked at run
        time: ``tf.errors.InvalidArgumentError``.
    """
    check_graph_mode("filter_logits")
    logits = checked_logits(logits, "filter_logits")
    return _filtered(logits, *_checked_filters(temperature, top_k, top_p, "filter_logits"))


def sample_token(logits: Tensor, seed: Tensor = 0, position: Tensor = 0) -> Tensor:
    """int32 [batch]: one token for each row of `logits` [batch, vocabulary], i with probability softmax(logits)_i.

    The inverse of the cumulative distribution at a uniform number::

        u ~ U[0, 1)        c_i = exp(z_0) + ... + exp(z_i)        token = the lowest i with c_i > u c_last

    u is a pure function of (seed, position, row) (Salmon et al. 2011, "Parallel Random Numbers: As Easy as 1, 2, 3"; the same
    numbers on TF 1.15 and on TF 2.21), so that one seed gives one result, and row r draws the same token however many
    rows follow it. All in float64; a token at -inf is never drawn.

    Args:
      logits: floating [batch, vocabulary].
      seed: int, or a scalar integer tensor; default: 0.
      position: int, or a scalar integer tensor: of the token in its sequence; default: 0.

    Raises:
      GraphError: for logits of another rank, a seed or a position that is no whole number.
      ``tf.errors.InvalidArgumentError``: at run time, where a row has no possible token: all at -inf, or one at NaN or +inf.
    """
    check_graph_mode("sample_token")
    logits = checked_logits(logits, "sample_token")
    seed, position = (_whole64(v, name, "sample_token") for v, name in ((seed, "seed"), (position, "position")))
    return possible(_draw(logits, seed, position), logits, "sample_token")


def sample(
    advance: Advance,
    logits: Tensor,
    state: Nest,
    count: Tensor,
    options: SamplingOptions = SamplingOptions(),  # noqa: B008 - a tuple, which nobody can change
    stop: Tensor = None,
    *,
    alignments: Alignments = None,
    log_probabilities: bool = True,
) -> Sampled:
    """Draws `count` tokens for each row, each from the model's distribution after all those before it::

        token_0 ~ softmax(filter_logits(logits, temperature, top_k, top_p))
        logits, state = advance(token_i, state)        token_i+1 ~ softmax(filter_logits(logits, ...))

    The model makes one step for each token but the last. So the state that is returned has read all tokens but the last, and a
    long text can be drawn in several calls, with the same tokens as in one::

        drawn = sample(advance, logits, state, 100, SamplingOptions(seed=7))
        logits, state = advance(drawn.tokens[:, -1], drawn.state)
        more = sample(advance, logits, state, 100, SamplingOptions(seed=7, position=100))

    The same seed gives the same tokens, on TF 1.15 and on TF 2.21 too where the logits are the same to the last bit: see
    `sample_token`. The tokens of row r do not depend on the rows after it if the model's logits do not; the same prompt in
    another row draws other tokens. No gradient flows back through the loop.

    Only the tokens, their log-probabilities and alignments, and one state are kept. Measured with one row, beyond the memory
    for 10 tokens: 1,000 tokens 1 MB; 100,000 tokens 62 MB and 2.3 seconds on TF 1.15, 39 MB and 1.9 seconds on TF 2.21 (2 CPU
    cores, a model that is one look-up). Both grow in proportion to `count`.

    Args:
      advance: (tokens int32 [batch], state) to (logits [batch, vocabulary], new state), of the same structure, types and
        shapes. Its variables must exist: see `rnn_tf1.decoding`.
      logits: [batch, vocabulary], after the prompt: from these the first token is drawn.
      state: any nest of tensors, the state after the prompt. Where there is none: ().
      count: int or scalar integer tensor, at least 1.
      options: the distribution that is drawn from, and the seed: see `SamplingOptions`.
      stop: the id (int or scalar integer tensor) that ends a row: its state then stays what it was before the stop token,
        and the loop ends as soon as all rows have ended. Parts of the state [batch, ...] belong to rows; scalars go on.
        Default: no token ends a row.
      alignments: a function from a state to floating [batch, source], such as ``lambda state: state.alignments`` of an
        AttentionWrapper: what the model looked at when it computed the logits that came with that state. They are returned
        for each token, those of `state` for token 0. Default: None.
      log_probabilities: False leaves them out: `Sampled` has () in their place. That saves a softmax over the vocabulary at
        each step, which is computed even if nobody fetches it. Default: True.

    Raises:
      GraphError: for a number outside its bounds, or functions whose results are not as above. What a tensor holds is checked
        at run time: ``tf.errors.InvalidArgumentError``, also where a row has no possible token.
    """
    check_graph_mode("sample")
    logits = checked_logits(logits, "sample")
    options = checked_options(options, SamplingOptions, "SamplingOptions(seed=7, top_p=0.9)", "sample")
    seed, position = _whole64(options.seed, "seed", "sample"), _whole64(options.position, "position", "sample")
    filters = _checked_filters(options.temperature, options.top_k, options.top_p, "sample")

    def choose(logits: Tensor, i: Tensor) -> Tensor:
        return _draw(_filtered(logits, *filters), seed, tf.cast(i, tf.int64) + position)

    with tf.name_scope("sample"):
        return decode(advance, choose, logits, state, count, stop, Extras(alignments, log_probabilities), "sample")


def _draw(logits: Tensor, seed: Tensor, position: Tensor) -> Tensor:
    """int32 [batch]: one token for each row; the vocabulary's size where no token is possible."""
    logits = tf.cast(logits, tf.float64)  # in float32, u would have 23 bits, and rare tokens no chance
    key = tf.stack([tf.cast(seed, tf.int64), tf.cast(position, tf.int64)])
    u = tf.random.stateless_uniform(tf.shape(logits)[:1], key, dtype=tf.float64)
    weights = tf.exp(logits - tf.reduce_max(logits, 1, keepdims=True))
    # First the sums of groups of tokens, then token by token within the group where the sum passes u c_last: c for all tokens
    # takes four times as long.
    vocabulary = tf.shape(logits)[1]
    groups = tf.reshape(
        tf.pad(weights, [[0, 0], [0, -vocabulary % _GROUP]]), [-1, (vocabulary - 1) // _GROUP + 1, _GROUP]
    )
    sums = tf.reduce_sum(groups, 2)
    group, rest = _first_above(sums, u * tf.reduce_sum(sums, 1))
    chosen = tf.minimum(group, tf.shape(sums)[1] - 1)  # where there is none, any
    token, _ = _first_above(tf.gather(groups, chosen[:, None], batch_dims=1)[:, 0], rest)
    return tf.where_v2(group < tf.shape(sums)[1], group * _GROUP + token, vocabulary)


_GROUP = 100  # tokens
MOST = 2**31 - 1  # the largest int32: more tokens than any vocabulary has


def _first_above(weights: Tensor, bound: Tensor) -> Tuple[Tensor, Tensor]:
    """For each row the lowest i with w_i > 0 and w_0 + ... + w_i > bound, and bound - (w_0 + ... + w_(i-1)).

    The last i with w_i > 0 if, by rounding, none is above; the width of `weights` where none is positive.
    """
    cumulative = tf.cumsum(weights, 1)
    reached = (cumulative > bound[:, None]) | tf.equal(cumulative, cumulative[:, -1:])
    first = tf.where_v2(reached & (weights > 0), tf.range(tf.shape(weights)[1])[None, :], tf.shape(weights)[1])
    first = tf.reduce_min(first, 1)
    before = tf.where_v2(reached, tf.zeros_like(weights), weights)
    return first, bound - tf.reduce_sum(before, 1)


def _filtered(logits: Tensor, temperature: Tensor, top_k: Tensor, top_p: Tensor) -> Tensor:
    """`filter_logits` with the results of `_checked_filters`; None leaves a step out."""
    if temperature is not None:
        logits = _divided(logits, temperature)
    known = size_of(logits, 1)
    if isinstance(top_k, int) and isinstance(known, int) and top_k >= known:
        top_k = None
    if top_k is None and top_p is None:
        return logits
    vocabulary = tf.shape(logits)[1]
    likely, ids = tf.nn.top_k(logits, vocabulary if top_k is None else tf.minimum(top_k, vocabulary))
    keep = tf.ones_like(likely, tf.float32)
    if top_p is not None:
        before = tf.cumsum(tf.nn.softmax(tf.cast(likely, tf.float64)), 1, exclusive=True)
        # With top_p = 1 all are kept, although by rounding the sum may reach 1 before the last of them.
        keep = tf.cast((before < top_p) | (top_p >= 1), tf.float32)
    rows = tf.range(tf.shape(ids)[0])[:, None] + tf.zeros_like(ids)
    mask = tf.scatter_nd(tf.stack([rows, ids], 2), keep, tf.shape(logits))
    return tf.where_v2(mask > 0, logits, tf.constant(float("-inf"), logits.dtype))


def _divided(logits: Tensor, temperature: Tensor) -> Tensor:
    """logits / temperature; see `filter_logits` for a very small one."""
    least = 6.2e-5 if logits.dtype == tf.float16 else 1.2e-38  # smaller numbers count as 0 on most processors
    temperature = tf.maximum(tf.cast(temperature, logits.dtype), tf.cast(least, logits.dtype))
    most = tf.reduce_max(logits, 1, keepdims=True)
    beyond = tf.is_finite(most) & ~tf.is_finite(most / temperature)
    return tf.where_v2(beyond, logits - most, logits) / temperature


def _checked_filters(temperature: Tensor, top_k: Tensor, top_p: Tensor, where: str) -> Tuple[Any, Any, Any]:
    """(temperature, top_k, top_p) as numbers or checked tensors; None where a step changes nothing."""
    temperature = scalar(
        temperature,
        "temperature",
        tf.float64,
        lambda v: (v > 0) & (v < float("inf")),
        "it must be above 0 and finite. For the most likely token at each step write top_k=1, or call greedy.",
        where,
    )
    if top_k is not None:
        needs = "it must be a whole number of at least 1; leave it out (None) to draw from all tokens."
        top_k = scalar(top_k, "top_k", tf.int64, lambda v: v >= 1, needs, where)
        fixed = isinstance(top_k, int)
        top_k = min(top_k, MOST) if fixed else tf.cast(tf.minimum(top_k, tf.constant(MOST, tf.int64)), tf.int32)
    if top_p is not None:
        needs = "it must lie above 0 and at most at 1; leave it out (None) to draw from all tokens."
        top_p = scalar(top_p, "top_p", tf.float64, lambda v: (v > 0) & (v <= 1), needs, where)
    return _unless_one(temperature), top_k, _unless_one(top_p)


def _unless_one(value: Any) -> Any:
    return None if isinstance(value, numbers.Real) and value == 1 else value


def _whole64(value: Any, name: str, where: str) -> Any:
    def fits(v: Any) -> Any:
        return (v >= -(2**63)) & (v <= 2**63 - 1)

    return scalar(value, name, tf.int64, fits, "it must be a whole number of 64 bits.", where)
