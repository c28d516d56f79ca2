"""The loop that writes one token for each row at each step, and its simplest use: always the most likely one."""

from typing import Any, Callable, NamedTuple, Tuple

import tensorflow.compat.v1 as tf

from rnn_tf1.decoding.checks import (
    Advance,
    Alignments,
    advanced,
    checked_alignments,
    checked_count,
    checked_logits,
    checked_state,
    checked_stop,
)
from rnn_tf1.ops.checks import check_graph_mode
from rnn_tf1.ops.inputs import select_rows
from rnn_tf1.types import Nest, Tensor


class Sampled(NamedTuple):
    """The tokens that `sample` has drawn, or `greedy` has chosen.

    Attributes:
      tokens: int32 [batch, count]; after the stop token, the stop token again.
      lengths: int32 [batch]: tokens up to and including the stop token; count where it was not drawn.
      log_probabilities: float32 [batch, count]: of each token under the model's own distribution; 0 after the stop token;
        () where they are left out.
      state: the state after all tokens of a row but its last one, which is the stop token or the one numbered count.
      alignments: float32 [batch, count, source]: what the model looked at for each token's logits, 0 after the stop token; ()
        where they were not asked for. Not None, which a session cannot fetch.
    """

    tokens: Tensor
    lengths: Tensor
    log_probabilities: Tensor
    state: Nest
    alignments: Tensor = ()


def greedy(
    advance: Advance,
    logits: Tensor,
    state: Nest,
    count: Tensor,
    stop: Tensor = None,
    *,
    alignments: Alignments = None,
    log_probabilities: bool = True,
) -> Sampled:
    """The most likely token at each step, `count` of them for each row::

        token_0 = argmax(logits)
        logits, state = advance(token_i, state)        token_i+1 = argmax(logits)

    Of equally likely tokens, the one of the lowest id is taken. It is the loop of `sample` without the draw; the sequence that
    it writes need not be the most likely one: see `beam_search`.

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

    def choose(logits: Tensor, i: Tensor) -> Tensor:
        likely, best = tf.nn.top_k(logits, 1)  # of equals the first, which tf.argmax does not promise
        possible = tf.reduce_all(logits < float("inf"), 1) & (likely[:, 0] > float("-inf"))
        return tf.where_v2(possible, best[:, 0], tf.shape(logits)[1])

    with tf.name_scope("greedy"):
        return decode(advance, choose, logits, state, count, stop, Extras(alignments, log_probabilities), "greedy")


class Extras(NamedTuple):
    """What `decode` returns for each token besides its id; see `sample`."""

    alignments: Alignments
    log_probabilities: bool


def decode(
    advance: Advance,
    choose: Callable[[Tensor, Tensor], Tensor],
    logits: Tensor,
    state: Nest,
    count: Tensor,
    stop: Tensor,
    extras: Extras,
    where: str,
) -> Sampled:
    """The loop, in which choose(logits, i) is the i-th token of each row, or the vocabulary's size where none is possible."""
    count = checked_count(count, where)
    if stop is not None:
        stop = checked_stop(stop, logits, where)
    state = checked_state(state, stop, where)

    def next_token(logits: Tensor, state: Nest, i: Tensor, running: Tensor) -> Tuple[Tensor, ...]:
        """The i-th token of each row and, if they are asked for, its log-probability under the model's own distribution and
        the alignments."""
        token = choose(logits, i)
        if running is not None:
            token = tf.where_v2(running, token, stop)
        token = possible(token, logits, where)
        log_p: Tuple[Tensor, ...] = ()
        if extras.log_probabilities:  # otherwise no softmax: inside a loop, nothing is pruned that is not fetched
            every = tf.nn.log_softmax(tf.cast(logits, tf.float32))
            log_p = (tf.gather(every, token[:, None], batch_dims=1)[:, 0],)
        aligned = checked_alignments(extras.alignments, state, logits, where)
        if running is not None:
            log_p = tuple(tf.where_v2(running, x, tf.zeros_like(x)) for x in log_p)
            aligned = tuple(tf.where_v2(running[:, None], x, tf.zeros_like(x)) for x in aligned)
        return (token,) + log_p + aligned

    def goes_on(i: Tensor, token: Tensor, *_: Any) -> Tensor:
        return i < count if stop is None else (i < count) & tf.reduce_any(tf.not_equal(token, stop))

    def step(i: Tensor, token: Tensor, lengths: Tensor, state: Nest, arrays: Any) -> Any:
        running = None if stop is None else tf.not_equal(token, stop)  # a row that has ended holds the stop token
        new_logits, new_state = advanced(advance, token, state, logits, where)
        if running is not None:
            new_state = select_rows(running, new_state, state)
        outputs = next_token(new_logits, new_state, i, running)
        outputs[0].set_shape(token.shape)
        lengths += 1 if running is None else tf.cast(running, tf.int32)
        return i + 1, outputs[0], lengths, new_state, tuple(array.write(i, x) for array, x in zip(arrays, outputs))

    first = next_token(logits, state, 0, None)
    arrays = tuple(tf.TensorArray(x.dtype, count, element_shape=x.shape).write(0, x) for x in first)
    steps, _, lengths, state, arrays = tf.while_loop(
        goes_on, step, (1, first[0], tf.ones_like(first[0]), state, arrays), parallel_iterations=1, back_prop=False
    )
    padding = (0 if stop is None else stop, 0.0, 0.0)
    padded = [padded_to_count(array.gather(tf.range(steps)), count, p) for array, p in zip(arrays, padding)]
    log_p = padded.pop(1) if extras.log_probabilities else ()
    return Sampled(padded[0], lengths, log_p, state, *padded[1:])


def padded_to_count(outputs: Tensor, count: Tensor, padding: Tensor) -> Tensor:
    """The outputs of a loop [steps, batch, ...] as [batch, count, ...], with `padding` after the loop's last step."""
    shape = outputs.shape.as_list()[1:]
    rest = [[0, count - tf.shape(outputs)[0]]] + [[0, 0]] * len(shape)
    padded = tf.pad(outputs, rest, constant_values=padding)
    padded = tf.transpose(padded, [1, 0] + list(range(2, 1 + len(shape))))
    padded.set_shape(shape[:1] + [count if isinstance(count, int) else None] + shape[1:])
    return padded


def possible(token: Tensor, logits: Tensor, where: str) -> Tensor:
    """`token`, checked at run time to be one."""
    message = "%s: a row has no possible token: all its logits are -inf, or one is NaN or +inf" % where
    with tf.control_dependencies([tf.debugging.assert_less(token, tf.shape(logits)[1], message=message)]):
        return tf.identity(token)
