"""State carried from one session call to the next inside the graph, for truncated back-propagation through time.

A long sequence is read in pieces: each piece begins with the final state of the one before, and the gradient stops between
them (Williams and Peng 1990, "An Efficient Gradient-Based Algorithm for On-Line Training of
Recurrent Network Trajectories"). The memory needed then depends on the length of a piece, not on that of the sequence::

    keeper = StateKeeper(cell, batch_size)
    outputs, state = dynamic_rnn(cell, inputs, initial_state=keeper.state)
    with tf.control_dependencies([keeper.assign(state)]):
        outputs = tf.identity(outputs)                  # fetching these outputs carries the state on
"""

import functools
from typing import Any, List, Optional

import tensorflow.compat.v1 as tf

from rnn_tf1.errors import GraphError
from rnn_tf1.ops.checks import check_cell, check_dtype, check_graph_mode, check_state, get_variable
from rnn_tf1.ops.dropout import mask_key
from rnn_tf1.ops.inputs import select_rows
from rnn_tf1.types import Nest

__all__ = ["StateKeeper"]


class StateKeeper(object):
    """Holds the state of `cell` in untrained variables, [batch_size, size] each, zeros at first.

    They are among ``tf.global_variables()``, so that a ``tf.train.Saver`` saves them with the weights.

    Args:
      cell: any cell, or a `state_size`: an int or a nest of ints.
      batch_size: int; row i of a piece continues in row i of the next one.
      dtype: of the state; default: float32.
      name: the scope; the variables are ``name/state_0``, ``name/state_1``, ..., in flat order.

    Raises:
      GraphError: if the sizes are unknown, or the name is taken.
    """

    def __init__(self, cell: Any, batch_size: int, dtype: Any = tf.float32, name: str = "state_keeper"):
        check_graph_mode("StateKeeper")
        self._size = cell if _is_size(cell) else check_cell(cell, "StateKeeper").state_size
        if isinstance(batch_size, bool) or not isinstance(batch_size, int) or batch_size < 1:
            raise GraphError(
                "StateKeeper: batch_size is %r; the variables need an integer of at least 1." % (batch_size,)
            )
        if not _is_size(self._size):
            raise GraphError(
                "StateKeeper: the sizes of the state must be positive integers but are %s." % (self._size,)
            )
        self.batch_size, self._name = batch_size, name
        dtype = check_dtype(dtype, "StateKeeper")
        with tf.variable_scope(name, reuse=tf.AUTO_REUSE) as scope:  # also in a test graph, whose weights are reused
            if any(v.op.name.startswith(scope.name + "/") for v in tf.global_variables()):
                raise GraphError(
                    "StateKeeper: %s already exists. Give each StateKeeper a different name: name=..." % scope.name
                )
            # Resource variables: a value that has been read does not change when a new one is assigned. The backward pass of
            # the same session call relies on it.
            make = functools.partial(get_variable, dtype=dtype, trainable=False, use_resource=True)
            self.variables: List[Any] = [
                make("state_%d" % i, [batch_size, size], initializer=tf.zeros_initializer())
                for i, size in enumerate(tf.nest.flatten(self._size))
            ]
            flat = [variable.read_value() for variable in self.variables]
        self.state: Any = tf.nest.pack_sequence_as(self._size, flat)  # the initial state of the next piece

    def assign(self, state: Nest) -> Any:
        """An op that keeps `state` [batch_size, ...], the final state of this piece, for the next one.

        It waits until the old state has been read, from which `state` is computed; no gradient flows through it.
        """
        check_state(self._size, state, "StateKeeper.assign")
        flat = [tf.convert_to_tensor(part) for part in tf.nest.flatten(state)]
        with tf.name_scope(self._name + "/assign"), tf.control_dependencies(flat + tf.nest.flatten(self.state)):
            return tf.group(*[v.assign(part) for v, part in zip(self.variables, flat)])

    def reset(self, rows: Any = None, noise: float = 0.0, seed: Optional[int] = None, step: Any = None) -> Any:
        """An op that sets the state to zeros, or to normal noise, in all rows or in some.

        A network that always starts from zeros in training has not seen other states; noise with about the spread of the
        state provides some (Zimmermann et al. 2012, "Forecasting with Recurrent Neural Networks: 12 Tricks").

        Args:
          rows: boolean tensor or list [batch_size]: the rows to reset; default: all.
          noise: the standard deviation of the new state; default: 0, no noise.
          seed: int; with `step`, an integer scalar tensor, the noise is a pure function of (seed, step).
        """
        if rows is not None:
            rows = tf.convert_to_tensor(rows)
            if rows.dtype != tf.bool or not rows.shape.is_compatible_with([self.batch_size]):
                raise GraphError(
                    "StateKeeper.reset: rows must be booleans [%d] but are %s %s."
                    % (self.batch_size, rows.dtype.name, rows.shape)
                )
        if noise < 0:
            raise GraphError("StateKeeper.reset: noise is %s; a standard deviation must be at least 0." % noise)
        with tf.name_scope(self._name + "/reset"):
            return tf.group(
                *[v.assign(self._fresh(i, v, rows, noise, seed, step)) for i, v in enumerate(self.variables)]
            )

    def _fresh(self, i: int, variable: Any, rows: Any, noise: float, seed: Optional[int], step: Any) -> Any:
        shape, dtype = variable.shape.as_list(), variable.dtype.base_dtype
        if not noise:
            fresh = tf.zeros(shape, dtype)
        elif step is None:
            fresh = noise * tf.random_normal(shape, dtype=dtype, seed=None if seed is None else seed + i)
        else:
            key = mask_key(seed, step, "%s/state_%d" % (self._name, i), 0)
            fresh = noise * tf.random.stateless_normal(shape, key, dtype=dtype)
        return fresh if rows is None else select_rows(rows, fresh, variable.read_value())


def _is_size(value: Any) -> bool:
    flat = tf.nest.flatten(value)
    return bool(flat) and all(isinstance(size, int) and size > 0 for size in flat)
