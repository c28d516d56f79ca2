"""The loop that makes one token for each row at each step, and its simplest use: always the most likely one."""

from typing import Any, Callable, NamedTuple, Tuple

import tensorflow.compat.v1 as tf

from rnn_tf1.decoding.checks import (
    Advance,
    Alignments,
    advanced,
    checked_count,
    checked_logits,
    checked_state,
    checked_stop,
    looked_at,
)
from rnn_tf1.ops.checks import check_graph_mode
from rnn_tf1.ops.inputs import select_rows


class Sampled(NamedTuple):
    """What `sample` has drawn, or `greedy` has found."""

    tokens: Any  # int32 [batch, count]; behind the stop token the stop token again
    lengths: Any  # int32 [batch]: tokens up to and including the stop token; count where it was not drawn
    # float32 [batch, count]: of each token under the model's own distribution; 0 behind the stop; () where they are left out
    log_probabilities: Any
    state: Any  # the state that has read all tokens of a row but its last one, the stop token or that of place count
    # float32 [batch, count, source]: what the model looked at when it made each token's logits, 0 behind the stop; () where
    # nobody asked. Not None, which a session cannot fetch.
    alignments: Any = ()


def greedy(
    advance: Advance,
    logits: Any,
    state: Any,
    count: Any,
    stop: Any = None,
    *,
    alignments: Alignments = None,
    log_probabilities: bool = True,
) -> Sampled:
    """The most likely token at each step, `count` of them for each row::

        token_0 = argmax(logits)
        logits, state = advance(token_i, state)        token_i+1 = argmax(logits)

    Of tokens that are equally likely, that of the lowest id. The same loop as that of `sample`, in which nothing is drawn; the
    sequence that it finds need not be the most likely one: see `beam_search`.

    Args:
      advance: (tokens int32 [batch], state) to (logits [batch, vocabulary], new state): see `rnn_tf1.decoding`.
      logits: [batch, vocabulary], after the prompt: from these the first token is taken.
      state: any nest of tensors, the state after the prompt. Where there is none: ().
      count: int or scalar integer tensor, at least 1.
      stop: the id (int or scalar integer tensor) that ends a row, as for `sample`. Default: no token ends a row.
      alignments: a function of the state, as for `sample`. Default: None.
      log_probabilities: as for `sample`. Default: True.

    Raises:
      GraphError: for a number outside its bounds, or functions whose results are not as above. What a tensor holds is checked
        at run time: ``tf.errors.InvalidArgumentError``, also where a row has no possible token.
    """
    check_graph_mode("greedy")
    logits = checked_logits(logits, "greedy")

    def choose(logits: Any, i: Any) -> Any:
        likely, best = tf.nn.top_k(logits, 1)  # of equals the first, which tf.argmax does not promise
        possible = tf.reduce_all(logits < float("inf"), 1) & (likely[:, 0] > float("-inf"))
        return tf.where_v2(possible, best[:, 0], tf.shape(logits)[1])

    with tf.name_scope("greedy"):
        return decode(advance, choose, logits, state, count, stop, Extras(alignments, log_probabilities), "greedy")


class Extras(NamedTuple):
    """What `decode` says of each token besides its id; see `sample`."""

    alignments: Alignments
    log_probabilities: bool


def decode(
    advance: Advance,
    choose: Callable[[Any, Any], Any],
    logits: Any,
    state: Any,
    count: Any,
    stop: Any,
    extras: Extras,
    where: str,
) -> Sampled:
    """The loop: choose(logits, i) is the i-th token of each row, or the vocabulary's size where none is possible."""
    count = checked_count(count, where)
    if stop is not None:
        stop = checked_stop(stop, logits, where)
    state = checked_state(state, stop, where)

    def made_of(logits: Any, state: Any, i: Any, running: Any) -> Tuple[Any, ...]:
        """The i-th token of each row, and, where they are asked for, its log-probability under the model's own distribution
        and what was looked at."""
        token = choose(logits, i)
        if running is not None:
            token = tf.where_v2(running, token, stop)
        token = possible(token, logits, where)
        said: Tuple[Any, ...] = ()
        if extras.log_probabilities:  # otherwise no softmax: inside a loop, nothing is pruned that is not fetched
            log_p = tf.nn.log_softmax(tf.cast(logits, tf.float32))
            said = (tf.gather(log_p, token[:, None], batch_dims=1)[:, 0],)
        looked = looked_at(extras.alignments, state, logits, where)
        if running is not None:
            said = tuple(tf.where_v2(running, x, tf.zeros_like(x)) for x in said)
            looked = tuple(tf.where_v2(running[:, None], x, tf.zeros_like(x)) for x in looked)
        return (token,) + said + looked

    def goes_on(i: Any, token: Any, *_: Any) -> Any:
        return i < count if stop is None else (i < count) & tf.reduce_any(tf.not_equal(token, stop))

    def step(i: Any, token: Any, lengths: Any, state: Any, arrays: Any) -> Any:
        running = None if stop is None else tf.not_equal(token, stop)  # a row that has ended holds the stop token
        new_logits, new_state = advanced(advance, token, state, logits, where)
        if running is not None:
            new_state = select_rows(running, new_state, state)
        made = made_of(new_logits, new_state, i, running)
        made[0].set_shape(token.shape)
        lengths += 1 if running is None else tf.cast(running, tf.int32)
        return i + 1, made[0], lengths, new_state, tuple(array.write(i, x) for array, x in zip(arrays, made))

    first = made_of(logits, state, 0, None)
    arrays = tuple(tf.TensorArray(x.dtype, count, element_shape=x.shape).write(0, x) for x in first)
    steps, _, lengths, state, arrays = tf.while_loop(
        goes_on, step, (1, first[0], tf.ones_like(first[0]), state, arrays), parallel_iterations=1, back_prop=False
    )
    beyond = (0 if stop is None else stop, 0.0, 0.0)
    whole = [whole_of(array.gather(tf.range(steps)), count, b) for array, b in zip(arrays, beyond)]
    said = whole.pop(1) if extras.log_probabilities else ()
    return Sampled(whole[0], lengths, said, state, *whole[1:])


def whole_of(made: Any, count: Any, beyond: Any) -> Any:
    """[batch, count, ...] of [steps, batch, ...]: what a loop has made, and `beyond` in the places it did not come to."""
    shape = made.shape.as_list()[1:]
    rest = [[0, count - tf.shape(made)[0]]] + [[0, 0]] * len(shape)
    whole = tf.pad(made, rest, constant_values=beyond)
    whole = tf.transpose(whole, [1, 0] + list(range(2, 1 + len(shape))))
    whole.set_shape(shape[:1] + [count if isinstance(count, int) else None] + shape[1:])
    return whole


def possible(token: Any, logits: Any, where: str) -> Any:
    """`token`, checked at run time to be one."""
    message = "%s: a row has no possible token: all its logits are -inf, or one is NaN or +inf" % where
    with tf.control_dependencies([tf.debugging.assert_less(token, tf.shape(logits)[1], message=message)]):
        return tf.identity(token)
