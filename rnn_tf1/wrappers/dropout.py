"""Dropout on the input of a cell, on the h that its gates read, on its new state and on its output."""

import contextlib
import numbers
from typing import Any, Callable, Iterator, List, Optional, Tuple

import tensorflow.compat.v1 as tf

from rnn_tf1.cells.base import RNNCell, carried_state, never_read_error
from rnn_tf1.errors import GraphError
from rnn_tf1.ops.checks import all_cells, check_probability, inner_cells
from rnn_tf1.ops.dropout import dropout, mask_key, random_key, time_step
from rnn_tf1.types import Cell, Nest
from rnn_tf1.wrappers.base import Wrapper


class DropoutWrapper(Wrapper):
    """Dropout on the input of a cell, on its output, on its new state, and on the h that its gates read; see `ops.dropout`.

    It opens no variable scope: the variables have the same names as without it, so that a network that was trained with
    dropout restores into one without.

    Args:
      cell: the inner cell.
      input_keep_prob, output_keep_prob, state_keep_prob: float or scalar tensor in (0, 1]; the constant 1 adds no op.
        State dropout acts on the state that goes to the next step, but not on the memory c of an LSTM.
      variational_recurrent: True uses one mask for all time steps (Gal and Ghahramani 2016, "A Theoretically Grounded
        Application of Dropout in Recurrent Neural Networks"), a different one for each row of the batch; TensorFlow 1.15
        shares one between the rows. With `state_keep_prob` it accepts the h of an LSTM and the state of a plain cell, which
        are computed anew at every step. It refuses state that is carried on (see `RNNCell.carried_state`: the state of a
        GRU, the c of an LSTM, the context of a `ContextRNNCell`), which would grow by 1 / state_keep_prob at every step: use
        `recurrent_keep_prob` there.
      input_size, dtype: accepted for old code; the masks take both from the tensors.
      seed: int. With `step` the masks repeat; without, they repeat as TensorFlow's do: if the ops run in the same order.
      dropout_state_filter_visitor: a function of the state that returns which parts are dropped: a boolean, or a nest of
        booleans; it is then called with each of these parts. Default: all but the c of an LSTMStateTuple.
      is_training: False switches dropout off and adds no op; a boolean tensor decides in each session call.
      step: the training step, an integer scalar tensor: the masks become a pure function of (seed, step, place, time).
      recurrent_keep_prob: float or scalar tensor in (0, 1]: dropout on h where the gates read it, with one mask for all
        gates of a cell. What the cell carries on (the c of an LSTM, the u * h of a GRU, the context of a `ContextRNNCell`)
        is not dropped, so that nothing grows and no memory is lost: Gal and Ghahramani 2016, with `variational_recurrent`;
        Semeniuta et al. 2016, "Recurrent Dropout without Memory Loss".
    """

    def __init__(
        self,
        cell: Cell,
        input_keep_prob: Any = 1.0,
        output_keep_prob: Any = 1.0,
        state_keep_prob: Any = 1.0,
        variational_recurrent: bool = False,
        input_size: Any = None,
        dtype: Any = None,
        seed: Optional[int] = None,
        dropout_state_filter_visitor: Optional[Callable] = None,
        *,
        is_training: Any = True,
        step: Any = None,
        recurrent_keep_prob: Any = 1.0,
    ):
        super().__init__(cell)
        probabilities = dict(
            input_keep_prob=input_keep_prob,
            output_keep_prob=output_keep_prob,
            state_keep_prob=state_keep_prob,
            recurrent_keep_prob=recurrent_keep_prob,
        )
        for name, value in probabilities.items():
            check_probability(value, name, "DropoutWrapper")
        if not _is_one(recurrent_keep_prob):
            _check_readers(self)
        if dropout_state_filter_visitor is not None and not callable(dropout_state_filter_visitor):
            raise GraphError("DropoutWrapper: dropout_state_filter_visitor must be a function of the state.")
        self._probabilities = probabilities
        self._variational_recurrent = variational_recurrent
        self._visitor = dropout_state_filter_visitor or _all_but_memory
        self._seed = seed
        self._is_training = is_training
        self._step = step
        self._keys: Any = {}
        # Nested dropout wrappers must not share their masks.
        self._depth = sum(isinstance(inner, DropoutWrapper) for inner in all_cells(cell))
        if dropout_state_filter_visitor is None and not _is_one(state_keep_prob):
            self._parts_to_drop(
                cell.state_size
            )  # refuses at once; a user's own visitor is called once there is a state

    @property
    def needs_time(self):
        return self._step is not None and self._is_training is not False

    def __call__(self, inputs, state, scope=None):
        inputs = self._drop(inputs, "input")
        with self._recurrent_dropout():
            output, new_state = self.cell(inputs, state, scope)
        if not _is_one(self._probabilities["state_keep_prob"]):
            new_state = self._drop(new_state, "state", self._parts_to_drop(new_state))
        return self._drop(output, "output"), new_state

    @contextlib.contextmanager
    def _recurrent_dropout(self) -> Iterator[None]:
        """Applies recurrent dropout in the inner cells while they are called."""
        with contextlib.ExitStack() as stack:
            if not _is_one(self._probabilities["recurrent_keep_prob"]) and self._is_training is not False:
                for inner in all_cells(self.cell):
                    if isinstance(inner, RNNCell):
                        stack.enter_context(inner.dropping(lambda h: self._drop(h, "recurrent")))
            yield

    def _parts_to_drop(self, state: Nest) -> List[bool]:
        """Whether each tensor of `state`, in flat order, is dropped; refuses state that would grow."""
        parts = _dropped_parts(self._visitor, state)
        keep_prob = self._probabilities["state_keep_prob"]
        if self._variational_recurrent and not _is_one(keep_prob):
            for dropped, (path, carried) in zip(parts, _carried_parts(carried_state(self.cell), self.cell.state_size)):
                if dropped and carried is not False:
                    raise _growth_error(type(self.cell).__name__, path, carried, keep_prob)
        return parts

    def _drop(self, values, place, parts=None):
        flat = tf.nest.flatten(values)
        dropped = []
        for i, (value, drop) in enumerate(zip(flat, [True] * len(flat) if parts is None else parts)):
            salt = self._salt(place, i)
            keep_prob = self._probabilities[place + "_keep_prob"]
            key = None
            if drop and self._variational_recurrent and self._is_training is not False and not _is_one(keep_prob):
                key = self._fixed_key(salt)
            if drop:
                if place == "state" and not (tf.is_tensor(value) and value.dtype.is_floating):
                    raise GraphError(
                        "DropoutWrapper: state_keep_prob cannot drop a part of the state that is a counter or a tensor array: "
                        "%s. Put the dropout inside: AttentionWrapper(DropoutWrapper(cell, state_keep_prob=...), mechanism)."
                        % value
                    )
                value = dropout(value, keep_prob, self._is_training, self._seed, self._step, salt, key)
            dropped.append(value)
        return tf.nest.pack_sequence_as(values, dropped)

    def drop_all_steps(self, x, place):
        """Drops x [time, batch, depth] as the calls at all steps would; `place` is "input", "output" or "recurrent"."""
        keep_prob = self._probabilities[place + "_keep_prob"]
        if not _is_one(self._probabilities["state_keep_prob"]):
            raise GraphError(
                "DropoutWrapper: with state_keep_prob, the steps must be computed one after the other: use static_rnn."
            )
        if self._is_training is False or _is_one(keep_prob):
            return x
        if self._variational_recurrent:
            salt = self._salt(place, 0)
            key, one_step = self._fixed_key(salt), tf.shape(x)[1:]
            return dropout(x, keep_prob, self._is_training, self._seed, self._step, salt, key, one_step)
        dropped = []
        for t, step in enumerate(tf.unstack(x)):
            with time_step(t):
                dropped.append(self._drop(step, place))
        return tf.stack(dropped)

    def _salt(self, place, i):
        return "%s_%d_%d" % (place, i, self._depth)

    def _fixed_key(self, salt):
        if self._step is not None:
            return mask_key(self._seed, self._step, salt, 0)
        place = "%s/%s" % (tf.get_variable_scope().name, salt)  # each inner cell has its own masks
        if place not in self._keys:  # drawn once, outside any loop; a second key would give a second mask
            self._keys[place] = random_key(self._seed, place)
        return self._keys[place]


def _is_one(probability: Any) -> bool:
    return isinstance(probability, numbers.Real) and probability == 1


def _check_readers(wrapper: Cell) -> None:
    """Refuses cells that are not an `RNNCell`. For an `RNNCell`, its first call shows whether it reads h through `read`."""
    for inner in all_cells(wrapper):
        if not inner_cells(inner) and not isinstance(inner, RNNCell):
            raise never_read_error(inner)


def _is_lstm_state(state: Nest) -> bool:
    return type(state).__name__ == "LSTMStateTuple"  # ours, or TensorFlow's


def _all_but_memory(state: Nest) -> Any:
    return state._replace(c=False, h=True) if _is_lstm_state(state) else True


def _carried_parts(carried: Any, size: Nest, path: str = "state") -> List[Tuple[str, Any]]:
    """(path, whether it is carried on) of each tensor of a state of that size; None where it is unknown."""
    if carried is None and _is_lstm_state(size):
        carried = size._replace(c=True, h=False)
    if not tf.nest.is_nested(size):
        return [(path, carried)]
    if carried is None or isinstance(carried, bool):
        carried = [carried] * len(size)
    names = getattr(size, "_fields", None)
    parts: List[Tuple[str, Any]] = []
    for i, (inner, part) in enumerate(zip(carried, size)):
        parts += _carried_parts(inner, part, path + (".%s" % names[i] if names else "[%d]" % i))
    return parts


def _growth_error(cell: str, path: str, carried: Any, keep_prob: Any) -> GraphError:
    number = "state_keep_prob" if tf.is_tensor(keep_prob) else keep_prob
    text = (
        "DropoutWrapper: state_keep_prob with variational_recurrent=True multiplies the units that are kept by 1/%s at every "
        "step. %s Use recurrent_keep_prob=%s instead: it drops what the gates read, but not what is carried on."
    )
    if carried:
        return GraphError(text % (number, "%s carries %s on, so that it grows without bound." % (cell, path), number))
    why = "%s may carry %s on, which would then grow without bound; its class does not say." % (cell, path)
    more = (
        " Or, if each step computes it anew and no part of it is the old state times a factor, say so in the class:\n"
        "    carried_state = False"
    )
    return GraphError(text % (number, why, number) + more)


def _dropped_parts(visitor: Callable, state: Nest) -> List[bool]:
    """Whether `visitor` wants each tensor of `state`, in flat order, dropped."""
    wanted = visitor(state)
    if not tf.nest.is_nested(state):
        return [bool(wanted)]
    if isinstance(wanted, bool):
        wanted = [wanted] * len(state)
    parts: List[bool] = []
    for drop, part in zip(wanted, state):
        if not drop:
            parts += [False] * len(tf.nest.flatten(part))
        else:
            parts += _dropped_parts(visitor, part) if tf.nest.is_nested(part) else [True]
    return parts
