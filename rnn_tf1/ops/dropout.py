"""Dropout masks. With a step they are a pure function of (seed, step, place, time), so that a resumed run repeats them."""

import contextlib
import hashlib
import numbers
import threading
from typing import Any, Iterator, List, Optional, Tuple

import tensorflow.compat.v1 as tf

from rnn_tf1.errors import GraphError
from rnn_tf1.ops.checks import check_probability
from rnn_tf1.types import Tensor

MAX_TIME_STEPS = 2**20  # the seed of a mask is step * MAX_TIME_STEPS + time, in 64 bits


class _TimeSteps(threading.local):
    """The `time_step` blocks that this thread is in: the (graph, time) of each, the innermost last."""

    def __init__(self) -> None:
        self.stack: List[Tuple[Any, Any]] = []


_time_steps = _TimeSteps()


@contextlib.contextmanager
def time_step(time: Any) -> Iterator[None]:
    """Tells the cells that are called in this block their time step: an int, or an int32 scalar in a loop.

    None stands for a loop that does not count its steps. It holds only for this thread and the current graph.
    """
    _time_steps.stack.append((_outer_graph(), time))
    try:
        yield
    finally:
        _time_steps.stack.pop()


def random_key(seed: Optional[int], salt: str) -> Any:
    """An int64 key [2], drawn anew in each session call: for a mask that is the same at all time steps of that call."""
    with tf.init_scope():  # outside the loop; inside it, each time step would draw a new key
        return tf.random_uniform([2], maxval=2**62, dtype=tf.int64, seed=_hash(seed, salt))


def dropout(
    x: Tensor,
    keep_prob: Any,
    is_training: Any = True,
    seed: Optional[int] = None,
    step: Any = None,
    salt: str = "",
    key: Any = None,
    noise_shape: Any = None,
) -> Any:
    """y = x * m / keep_prob, where m is 1 with probability `keep_prob` and otherwise 0, so that E[y] = x.

    Srivastava et al. 2014, "Dropout: A Simple Way to Prevent Neural Networks from Overfitting".

    Args:
      x: a floating tensor of any shape; each entry has a mask of its own.
      keep_prob: a float or scalar tensor in (0, 1]. The constant 1 adds no op.
      is_training: False adds no op; a boolean tensor decides in each session call.
      seed: int. With `step` the masks repeat; without, they repeat as TensorFlow's do: if the ops run in the same order.
      step: the training step, an integer scalar tensor; the mask is then a pure function of (seed, step, place, time).
      salt: distinguishes several masks in one variable scope.
      key: int64 [2], for example from `random_key`: makes the mask the same at all time steps.
      noise_shape: the shape of the mask, which is broadcast to that of x; default: the shape of x.
    """
    check_probability(keep_prob, "keep_prob", "dropout")
    if is_training is False or (isinstance(keep_prob, numbers.Real) and keep_prob == 1):
        return x
    x = tf.convert_to_tensor(x)
    # tf.constant keeps the precision of a Python float; tf.cast would convert it to float32 first.
    keep_prob = tf.cast(keep_prob, x.dtype) if tf.is_tensor(keep_prob) else tf.constant(keep_prob, x.dtype)
    if is_training is not True:
        keep_prob = tf.where_v2(is_training, keep_prob, tf.ones_like(keep_prob))
    if key is None and step is not None:
        key = mask_key(seed, step, salt, current_time())
    shape = tf.shape(x) if noise_shape is None else noise_shape
    if key is None:
        # The name differs from call to call: with one seed for all, TensorFlow would repeat the mask in all steps and layers.
        draw = tf.get_default_graph().unique_name("%s/%s" % (tf.get_variable_scope().name, salt))
        noise = tf.random_uniform(shape, dtype=x.dtype, seed=_hash(seed, draw))
    else:
        noise = tf.random.stateless_uniform(shape, key, dtype=x.dtype)
    y = tf.where_v2(noise < keep_prob, x / keep_prob, tf.zeros_like(x))
    y.set_shape(x.shape)
    return y


def mask_key(seed: Optional[int], step: Any, salt: str, time: Any) -> Any:
    """An int64 key [2], a pure function of (seed, step, place, time); the place is the variable scope and `salt`."""
    place = "%s/%s" % (tf.get_variable_scope().name, salt)  # layers of one network get different masks
    return tf.stack(
        [
            tf.constant(_hash(0 if seed is None else seed, place), tf.int64),
            tf.cast(step, tf.int64) * MAX_TIME_STEPS + tf.cast(time, tf.int64),
        ]
    )


def current_time() -> Any:
    """The current time step of the cells: see `time_step`."""
    graph, time = _time_steps.stack[-1] if _time_steps.stack else (None, None)
    if graph is not _outer_graph():
        raise GraphError(
            "Dropout with step=... draws a mask for each time step, but the time step is unknown here. Unroll the cell "
            "with manual_rnn, static_rnn or dynamic_rnn of rnn_tf1, or call it inside `with rnn_tf1.ops.dropout.time_step(t):`."
        )
    if time is None:
        raise GraphError(
            "Dropout with step=... draws a mask for each time step, but dynamic_rnn does not count the steps here, because no "
            "cell that it sees needs them. If a wrapper of yours hides the cell with this dropout, show it in its class:\n"
            "    @property\n"
            "    def inner_cells(self):\n"
            "        return [self.base]\n"
            "If a cell of yours draws these masks itself, add to its class:\n"
            "    needs_time = True"
        )
    return time


def _outer_graph() -> Any:
    with tf.init_scope():  # out of a while loop's body
        return tf.get_default_graph()


def _hash(seed: Optional[int], salt: str) -> Optional[int]:
    if seed is None:
        return None
    return int(hashlib.md5(("%d/%s" % (seed, salt)).encode("utf-8")).hexdigest()[:8], 16) & 0x7FFFFFFF
