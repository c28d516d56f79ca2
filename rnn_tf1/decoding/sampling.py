"""Sequences of tokens from a model, the whole loop inside the graph: one session call for any number of tokens.

A model stands here as a function and what it has read so far::

    logits, state = advance(tokens, state)      tokens int32 [batch], logits [batch, vocabulary]

It is called once while the graph is built, as the body of a loop, so that the size of the graph does not depend on how
many tokens are drawn. Its variables must exist: the model has read the prompt with them, say, and `advance` uses them again.
One that makes variables is refused, because nothing has trained them::

    scope = tf.get_variable_scope()

    def advance(tokens, state):
        with tf.variable_scope(scope, reuse=True):
            output, state = cell(embedded(tokens), state)
            return dense(output, vocabulary), state
"""

import numbers
from typing import Any, Callable, NamedTuple, Tuple

import tensorflow.compat.v1 as tf

from rnn_tf1.checks import check_graph_mode
from rnn_tf1.errors import GraphError
from rnn_tf1.sequences import select_rows, size_of

__all__ = ["Sampled", "filter_logits", "sample", "sample_token"]

Advance = Callable[[Any, Any], Tuple[Any, Any]]


class Sampled(NamedTuple):
    """What `sample` has drawn."""

    tokens: Any  # int32 [batch, count]; behind the stop token the stop token again
    lengths: Any  # int32 [batch]: tokens up to and including the stop token; count where it was not drawn
    log_probabilities: (
        Any  # float32 [batch, count]: of each token under the model's own distribution; 0 behind the stop
    )
    state: Any  # the state that has read all tokens of a row but its last one, the stop token or that of place count


def filter_logits(logits: Any, temperature: Any = 1.0, top_k: Any = None, top_p: Any = None) -> Any:
    """The logits [batch, vocabulary] of the distribution to draw from; what must not be drawn is at -inf.

    Three steps, in this order::

        z = logits / temperature
        z_i = -inf  for all but the top_k most likely tokens
        z_i = -inf  for all but the fewest most likely tokens with  sum of softmax(z) >= top_p,  and at least one

    The last is nucleus sampling: Holtzman et al. 2020, "The Curious Case of Neural Text Degeneration". Of tokens that are
    equally likely, those of lower id are kept. The sum is made in float64, whatever the logits' type.

    Args:
      logits: floating [batch, vocabulary]; may hold -inf.
      temperature: above 0 (default: 1): below 1 likely tokens become likelier, above 1 all become more alike.
      top_k: a whole number of at least 1; default, or the vocabulary's size and more: all tokens.
      top_p: above 0 and at most 1; default, or 1: all tokens.
      Each is a number, or a scalar tensor such as a placeholder.

    Raises:
      GraphError: for a number outside these bounds, or for logits of another rank. What a tensor holds is checked at run
        time: ``tf.errors.InvalidArgumentError``.
    """
    check_graph_mode("filter_logits")
    logits = _checked_logits(logits, "filter_logits")
    return _filtered(logits, *_checked_filters(temperature, top_k, top_p, "filter_logits"))


def sample_token(logits: Any, seed: Any = 0, position: Any = 0) -> Any:
    """int32 [batch]: one token for each row of `logits` [batch, vocabulary], i with probability softmax(logits)_i.

    The inverse of the cumulative distribution at a uniform number::

        u ~ U[0, 1)        c_i = exp(z_0) + ... + exp(z_i)        token = the lowest i with c_i > u c_last

    u is a pure function of (seed, position, row) (Salmon et al. 2011, "Parallel Random Numbers: As Easy as 1, 2, 3"; the same
    numbers on TF 1.15 and on TF 2.21), so that one seed gives one result, and row r draws the same token however many
    rows stand behind it. All in float64; a token at -inf is never drawn.

    Args:
      logits: floating [batch, vocabulary].
      seed: int, or a scalar integer tensor; default: 0.
      position: int, or a scalar integer tensor: of the token in its sequence; default: 0.

    Raises:
      GraphError: for logits of another rank, a seed or a position that is no whole number.
      ``tf.errors.InvalidArgumentError``: at run time, where a row has no possible token: all at -inf, or one at NaN or +inf.
    """
    check_graph_mode("sample_token")
    logits = _checked_logits(logits, "sample_token")
    seed, position = (_whole64(v, name, "sample_token") for v, name in ((seed, "seed"), (position, "position")))
    return _possible(_draw(logits, seed, position), logits, "sample_token")


def sample(
    advance: Advance,
    logits: Any,
    state: Any,
    count: Any,
    seed: Any = 0,
    temperature: Any = 1.0,
    top_k: Any = None,
    top_p: Any = None,
    stop: Any = None,
    *,
    position: Any = 0,
) -> Sampled:
    """Draws `count` tokens for each row, each one from what the model says after all those before it::

        token_0 ~ softmax(filter_logits(logits, temperature, top_k, top_p))
        logits, state = advance(token_i, state)        token_i+1 ~ softmax(filter_logits(logits, ...))

    One step of the model for each token but the last, which nothing asks for. So the state that comes back has read all
    tokens but the last, and a long text can be drawn in several calls, with the same tokens as in one::

        drawn = sample(advance, logits, state, count=100, seed=7)
        logits, state = advance(drawn.tokens[:, -1], drawn.state)
        more = sample(advance, logits, state, count=100, seed=7, position=100)

    The same seed gives the same tokens, on TF 1.15 and on TF 2.21 too where the logits are the same to the last bit: see
    `sample_token`. The tokens of row r do not depend on the rows behind it if the model's do not; the same prompt in another
    row draws other tokens. No gradient flows back through the loop.

    Nothing but the tokens, their log-probabilities and one state is kept. Measured at one row, beyond what 10 tokens take:
    1,000 tokens 1 MB; 100,000 tokens 62 MB and 2.3 seconds on TF 1.15, 39 MB and 1.9 seconds on TF 2.21 (2 CPU cores, a
    model that is one look-up). Both grow in proportion to `count`.

    Args:
      advance: (tokens int32 [batch], state) to (logits [batch, vocabulary], new state), of the same structure, types and
        shapes. Its variables must exist: see the top of this file.
      logits: [batch, vocabulary], after the prompt: from these the first token is drawn.
      state: any nest of tensors, the state after the prompt. Where there is none: ().
      count: int or scalar integer tensor, at least 1.
      seed: int or scalar integer tensor; default: 0.
      temperature, top_k, top_p: as for `filter_logits`, and like there numbers or scalar tensors.
      stop: the id (int or scalar integer tensor) that ends a row: its state then stays what it was before the stop token,
        and the loop ends as soon as all rows have ended. Of the state, what is [batch, ...] belongs to rows; scalars go on.
        Default: no token ends a row.
      position: int or scalar integer tensor: how many tokens earlier calls have drawn; default: 0.

    Raises:
      GraphError: for a number outside its bounds, or an `advance` whose result is not as above. What a tensor holds is
        checked at run time: ``tf.errors.InvalidArgumentError``, also where a row has no possible token.
    """
    check_graph_mode("sample")
    logits = _checked_logits(logits, "sample")
    seed, position = _whole64(seed, "seed", "sample"), _whole64(position, "position", "sample")
    filters = _checked_filters(temperature, top_k, top_p, "sample")

    def choose(logits: Any, i: Any) -> Any:
        return _draw(_filtered(logits, *filters), seed, tf.cast(i, tf.int64) + position)

    with tf.name_scope("sample"):
        return _decode(advance, choose, logits, state, count, stop, "sample")


def _decode(
    advance: Advance, choose: Callable[[Any, Any], Any], logits: Any, state: Any, count: Any, stop: Any, where: str
) -> Sampled:
    """The loop: choose(logits, i) is the i-th token of each row, or the vocabulary's size where none is possible."""
    count = _scalar(count, "count", tf.int32, lambda v: v >= 1, "at least 1 token is drawn.", where)
    vocabulary = size_of(logits, 1)
    if stop is not None:
        known = isinstance(vocabulary, int)
        needs = "an id lies in 0..%s." % (vocabulary - 1 if known else "vocabulary - 1")
        stop = _scalar(stop, "stop", tf.int32, lambda v: (v >= 0) & (v < vocabulary if known else True), needs, where)
    state = tf.nest.map_structure(tf.convert_to_tensor, state)
    _check_state(state, state, stop, where)

    def token_of(logits: Any, i: Any, running: Any) -> Tuple[Any, Any]:
        """The i-th token of each row, and its log-probability under the model's own distribution."""
        token = choose(logits, i)
        if running is not None:
            token = tf.where_v2(running, token, stop)
        token = _possible(token, logits, where)
        log_probability = tf.gather(tf.nn.log_softmax(tf.cast(logits, tf.float32)), token[:, None], batch_dims=1)[:, 0]
        if running is not None:
            log_probability = tf.where_v2(running, log_probability, tf.zeros_like(log_probability))
        return token, log_probability

    def goes_on(i: Any, token: Any, *_: Any) -> Any:
        return i < count if stop is None else (i < count) & tf.reduce_any(tf.not_equal(token, stop))

    def step(i: Any, token: Any, lengths: Any, state: Any, tokens: Any, log_probabilities: Any) -> Any:
        running = None if stop is None else tf.not_equal(token, stop)  # a row that has ended holds the stop token
        logits, new_state = _advanced(advance, token, state, where)
        if running is not None:
            new_state = select_rows(running, new_state, state)
        new_token, log_probability = token_of(logits, i, running)
        new_token.set_shape(token.shape)
        lengths += 1 if running is None else tf.cast(running, tf.int32)
        written = tokens.write(i, new_token), log_probabilities.write(i, log_probability)
        return (i + 1, new_token, lengths, new_state) + written

    token, log_probability = token_of(logits, 0, None)
    tokens = tf.TensorArray(tf.int32, count, element_shape=token.shape).write(0, token)
    log_probabilities = tf.TensorArray(tf.float32, count, element_shape=token.shape).write(0, log_probability)
    made, _, lengths, state, tokens, log_probabilities = tf.while_loop(
        goes_on,
        step,
        (1, token, tf.ones_like(token), state, tokens, log_probabilities),
        parallel_iterations=1,
        back_prop=False,
    )

    def whole(array: Any, beyond: Any) -> Any:
        """[batch, count]: what the loop has made, and `beyond` in the places it did not come to."""
        rest = tf.pad(array.gather(tf.range(made)), [[0, count - made], [0, 0]], constant_values=beyond)
        rest.set_shape([count if isinstance(count, int) else None] + token.shape.as_list())
        return tf.transpose(rest)

    return Sampled(whole(tokens, 0 if stop is None else stop), lengths, whole(log_probabilities, 0.0), state)


def _draw(logits: Any, seed: Any, position: Any) -> Any:
    """int32 [batch]: one token for each row; the vocabulary's size where no token is possible."""
    logits = tf.cast(logits, tf.float64)  # in float32, u would have 23 bits, and rare tokens no chance
    key = tf.stack([tf.cast(seed, tf.int64), tf.cast(position, tf.int64)])
    u = tf.random.stateless_uniform(tf.shape(logits)[:1], key, dtype=tf.float64)
    weights = tf.exp(logits - tf.reduce_max(logits, 1, keepdims=True))
    # The sums of groups of tokens first, and then one by one in the group where they pass u c_last: c for all tokens takes
    # four times as long.
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


def _first_above(weights: Any, bound: Any) -> Tuple[Any, Any]:
    """For each row the lowest i with w_i > 0 and w_0 + ... + w_i > bound, and bound - (w_0 + ... + w_(i-1)).

    The last i with w_i > 0 where by rounding none is above; the width of `weights` where none is positive.
    """
    cumulative = tf.cumsum(weights, 1)
    reached = (cumulative > bound[:, None]) | tf.equal(cumulative, cumulative[:, -1:])
    first = tf.where_v2(reached & (weights > 0), tf.range(tf.shape(weights)[1])[None, :], tf.shape(weights)[1])
    first = tf.reduce_min(first, 1)
    before = tf.where_v2(reached, tf.zeros_like(weights), weights)
    return first, bound - tf.reduce_sum(before, 1)


def _possible(token: Any, logits: Any, where: str) -> Any:
    """`token`, checked at run time to be one."""
    message = "%s: a row has no possible token: all its logits are -inf, or one is NaN or +inf" % where
    with tf.control_dependencies([tf.debugging.assert_less(token, tf.shape(logits)[1], message=message)]):
        return tf.identity(token)


def _filtered(logits: Any, temperature: Any, top_k: Any, top_p: Any) -> Any:
    """`filter_logits` with what `_checked_filters` gives; None leaves a step out."""
    if temperature is not None:
        logits = logits / tf.cast(temperature, logits.dtype)
    if top_k is None and top_p is None:
        return logits
    vocabulary = tf.shape(logits)[1]
    likely, ids = tf.nn.top_k(logits, vocabulary if top_k is None else tf.minimum(top_k, vocabulary))
    kept = tf.ones_like(likely, tf.float32)
    if top_p is not None:
        before = tf.cumsum(tf.nn.softmax(tf.cast(likely, tf.float64)), 1, exclusive=True)
        # At 1 all are kept, though the sum may reach 1 by rounding before the last of them.
        kept = tf.cast((before < top_p) | (top_p >= 1), tf.float32)
    rows = tf.range(tf.shape(ids)[0])[:, None] + tf.zeros_like(ids)
    mask = tf.scatter_nd(tf.stack([rows, ids], 2), kept, tf.shape(logits))
    return tf.where_v2(mask > 0, logits, tf.constant(float("-inf"), logits.dtype))


def _checked_filters(temperature: Any, top_k: Any, top_p: Any, where: str) -> Tuple[Any, Any, Any]:
    """(temperature, top_k, top_p) as numbers or checked tensors; None for what changes nothing."""
    temperature = _scalar(
        temperature,
        "temperature",
        tf.float64,
        lambda v: (v > 0) & (v < float("inf")),
        "it must be above 0 and finite. For the most likely token at each step write top_k=1.",
        where,
    )
    if top_k is not None:
        needs = "it must be a whole number of at least 1; leave it out (None) to draw from all tokens."
        top_k = _scalar(top_k, "top_k", tf.int32, lambda v: v >= 1, needs, where)
    if top_p is not None:
        needs = "it must lie above 0 and at most at 1; leave it out (None) to draw from all tokens."
        top_p = _scalar(top_p, "top_p", tf.float64, lambda v: (v > 0) & (v <= 1), needs, where)
    return _unless_one(temperature), top_k, _unless_one(top_p)


def _unless_one(value: Any) -> Any:
    return None if isinstance(value, numbers.Real) and value == 1 else value


def _whole64(value: Any, name: str, where: str) -> Any:
    def fits(v: Any) -> Any:
        return (v >= -(2**63)) & (v <= 2**63 - 1)

    return _scalar(value, name, tf.int64, fits, "it must be a whole number of 64 bits.", where)


def _scalar(value: Any, name: str, dtype: Any, holds: Callable[[Any], Any], needs: str, where: str) -> Any:
    """`value` as a number for which `holds`, or as a scalar tensor of `dtype` for which it is checked at run time."""
    tensor = tf.convert_to_tensor(value) if tf.is_tensor(value) else None
    known = value if tensor is None else tf.get_static_value(tensor)
    known = known.item() if getattr(known, "shape", None) == () else known
    message = "%s: %s is %s; %s"
    if tensor is None or known is not None:
        kind = numbers.Integral if dtype.is_integer else numbers.Real
        if isinstance(known, bool) or not isinstance(known, kind) or not holds(known):
            raise GraphError(message % (where, name, repr(known), needs))
        return known
    number = tensor.dtype.is_integer or (tensor.dtype.is_floating and not dtype.is_integer)
    if not number or tensor.shape.rank not in (None, 0):
        got = "a tensor %s of %s" % (tensor.shape, tensor.dtype.name)
        raise GraphError(message % (where, name, got, "it must be a number or a scalar tensor; " + needs))
    tensor = tf.cast(tensor, dtype)
    refused = tf.debugging.Assert(holds(tensor), [message % (where, name, "out of bounds", needs), tensor])
    with tf.control_dependencies([refused]):
        return tf.identity(tensor)


def _checked_logits(logits: Any, where: str) -> Any:
    logits = tf.convert_to_tensor(logits)
    if not logits.dtype.is_floating or logits.shape.rank not in (None, 2):
        raise GraphError(
            "%s: logits must be floating [batch, vocabulary] and are %s %s. Of [batch, time, vocabulary] take the last "
            "step: logits[:, -1]." % (where, logits.dtype.name, logits.shape)
        )
    if logits.shape.rank is None:
        logits.set_shape([None, None])
    return logits


def _advanced(advance: Advance, token: Any, state: Any, where: str) -> Tuple[Any, Any]:
    """advance(token, state), checked."""
    before = {v.name for v in tf.global_variables()}
    result = advance(token, state)
    made = [v.op.name for v in tf.global_variables() if v.name not in before]
    if made:
        raise GraphError(
            "%s: advance makes new variables (%s), which nothing has trained. Build the model before, and call it in advance "
            "under tf.variable_scope(scope, reuse=True)." % (where, ", ".join(made))
        )
    if not isinstance(result, (tuple, list)) or len(result) != 2:
        raise GraphError("%s: advance(tokens, state) must return (logits, new state)." % where)
    new_state = result[1]
    try:
        tf.nest.assert_same_structure(state, new_state)
    except (TypeError, ValueError) as error:
        raise GraphError(
            "%s: advance returns a state of another structure than it is given: %s" % (where, error)
        ) from None
    new_state = tf.nest.map_structure(tf.convert_to_tensor, new_state)
    _check_state(state, new_state, None, where)
    return _checked_logits(result[0], where + ", advance"), new_state


def _check_state(old: Any, new: Any, stop: Any, where: str) -> None:
    """Gives the parts of `new` the static shapes of `old`; raises `GraphError` where they cannot have them."""
    for a, b in zip(tf.nest.flatten(old), tf.nest.flatten(new)):
        if a.dtype != b.dtype or not a.shape.is_compatible_with(b.shape):
            raise GraphError(
                "%s: advance is given a state of %s %s and returns %s %s in its place; both must be alike."
                % (where, a.dtype.name, a.shape, b.dtype.name, b.shape)
            )
        if stop is not None and a.shape.rank is None:
            raise GraphError("%s: with stop, the rank of each part of the state must be known: set_shape." % where)
        b.set_shape(a.shape)
