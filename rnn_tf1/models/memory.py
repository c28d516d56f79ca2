"""Tests of memory: the adding problem, the copy task, and how much of the gradient reaches each step."""

import dataclasses
from typing import Any, Callable, Dict, List, NamedTuple, Tuple

import tensorflow.compat.v1 as tf

from rnn_tf1.errors import GraphError
from rnn_tf1.layers import dense
from rnn_tf1.models.stack import UNROLLS, by_name, initialized, make_cell
from rnn_tf1.ops.checks import check_graph_mode
from rnn_tf1.types import Nest, Tensor
from rnn_tf1.unrolling.loops import last_output
from rnn_tf1.wrappers.base import Wrapper

SYMBOLS = 10  # of the copy task: 8 to be remembered, the blank, the delimiter
RECALLED = 10  # positions at the end of the copy task, where the network must answer


@dataclasses.dataclass(frozen=True)
class MemoryConfig:
    """The task and the sizes of a network that must remember."""

    task: str = "adding"  # or "copy"
    steps: int = 100  # how long the network has to remember: the copy task has 20 positions more
    cell: str = "lstm"  # a name in models.stack.CELLS
    units: int = 64
    unroll: str = "static"  # a name in models.stack.UNROLLS
    initializer: str = "glorot"  # a name in models.stack.INITIALIZERS; of the kernels

    @property
    def length(self) -> int:
        """Positions of a sequence."""
        return self.steps + (2 * RECALLED if self.task == "copy" else 0)


class MemoryNet(NamedTuple):
    """The tensors of one graph; T is `steps` for the adding problem and steps + 20 for the copy task."""

    inputs: Tensor  # a placeholder: float32 [batch, T, 2] for the adding problem, int32 [batch, T] for the copy task
    targets: Tensor  # a placeholder: float32 [batch], int32 [batch, T]
    answers: Tensor  # the sums [batch], or the logits [batch, T, symbols]
    losses: Tensor  # [batch]: the squared error, or the mean over all positions in nats
    recall_losses: Tensor  # [batch]: the same, of the last 10 positions of the copy task alone
    loss: Tensor  # the mean of `losses`
    correct: Tensor  # [batch]: the share of the 10 symbols that is right, or 1 for a sum with an error below 0.04
    accuracy: Tensor  # the mean of `correct`


# probe(cell, x) gives the cell and the inputs to run with: as they are, or such that the gradient at each step is seen.
Probe = Callable[[Any, Any], Tuple[Any, Any]]


def recurrence(x: Any, config: MemoryConfig, probe: Probe) -> Any:
    """x [batch, T, depth] to the output of every step, [batch, T, units]: the one that `config` describes."""
    cell, x = probe(make_cell(config.cell, config.units), x)
    return by_name(UNROLLS, config.unroll, "unrolling")(cell, x)[0]


def build_memory_net(
    config: MemoryConfig, recurrence: Callable[[Any, MemoryConfig, Probe], Any] = recurrence
) -> MemoryNet:
    """Builds the graph::

        h_1 ... h_T = the recurrence over the inputs, or over the one-hot symbols

        adding: answer = h_T kernel + bias                             loss = mean of (answer - sum)^2
        copy:   probabilities_t = softmax(h_t kernel + bias)           loss = mean of -log probabilities_t[target_t]

    Args:
      recurrence: recurrence(x, config, probe) gives the output of every step; it passes its cell and x through `probe`.

    Raises `GraphError` for a task, cell, unrolling or initializer that there is not.
    """
    check_graph_mode("build_memory_net")
    return _build(config, lambda x: recurrence(x, config, lambda cell, x: (cell, x)))


class GradientReach(NamedTuple):
    """How much of the gradient reaches each step; from `build_gradient_reach`."""

    inputs: Tensor  # as in `MemoryNet`
    targets: Tensor
    norms: Dict[str, Any]  # [T] for each part of the state: "h", and "c" of an LSTM or "s" of a context cell


def build_gradient_reach(
    config: MemoryConfig, recurrence: Callable[[Any, MemoryConfig, Probe], Any] = recurrence
) -> GradientReach:
    """The norm of the gradient that reaches the state after each step, t = 1 ... T::

        norms["h"][t - 1] = the mean over the batch of |d recall_loss / d h_t|

    with the Euclidean norm over the units, and the loss of each row, so that the batch size does not matter. It is the total
    derivative, through all later steps and through the output at t. If the state has two parts (c and h of an LSTM, s and h
    of a context cell), the loss is a function of both, and each derivative keeps the other part fixed. The memory of an LSTM
    is carried from step to step by c, not by h.

    A zero is added to the state that enters each step; one backward pass gives the derivatives of the loss with respect to
    all these zeros, which are what flows back to h_t from step t + 1. The picture follows Pascanu et al. 2013, "On the
    Difficulty of Training Recurrent Neural Networks".

    Build it beside the network, under ``tf.variable_scope(tf.get_variable_scope(), reuse=True)``.
    """
    check_graph_mode("build_gradient_reach")
    seen: List[Any] = []

    def probe(cell: Any, x: Any) -> Tuple[Any, Any]:
        width = sum(tf.nest.flatten(cell.state_size))
        zeros = tf.zeros(tf.stack([tf.shape(x)[0], tf.shape(x)[1], width]))
        seen.extend([cell.state_size, zeros])
        return _ProbedCell(cell, _depth(x)), tf.concat([x, zeros], 2)

    def unroll(x: Any) -> Any:
        seen.append(recurrence(x, dataclasses.replace(config, unroll="dynamic"), probe))
        return seen[-1]

    net = _build(config, unroll)
    state_size, zeros, outputs = seen
    gradients = tf.gradients(net.recall_losses, [zeros, outputs])
    return GradientReach(net.inputs, net.targets, _norms(state_size, *gradients))


def _build(config: MemoryConfig, unroll: Callable[[Any], Any]) -> MemoryNet:
    """The network; unroll(x [batch, T, depth]) gives the outputs [batch, T, width]."""
    if config.task not in ("adding", "copy"):
        raise GraphError("There is no task %r; there are: adding, copy." % config.task)
    adding = config.task == "adding"
    if adding:
        inputs = tf.placeholder(tf.float32, [None, config.length, 2], name="inputs")
        targets = tf.placeholder(tf.float32, [None], name="targets")
    else:
        inputs = tf.placeholder(tf.int32, [None, config.length], name="inputs")
        targets = tf.placeholder(tf.int32, [None, config.length], name="targets")
    with initialized(config):
        outputs = unroll(inputs if adding else tf.one_hot(inputs, SYMBOLS))
        answers = dense(last_output(outputs), 1)[:, 0] if adding else dense(outputs, SYMBOLS)
    if adding:
        losses = recall_losses = tf.square(answers - targets)
        correct = tf.cast(tf.abs(answers - targets) < 0.04, tf.float32)
    else:
        nats = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=targets, logits=answers)
        losses, recall_losses = tf.reduce_mean(nats, 1), tf.reduce_mean(nats[:, -RECALLED:], 1)
        right = tf.equal(tf.argmax(answers, 2, output_type=tf.int32), targets)
        correct = tf.reduce_mean(tf.cast(right[:, -RECALLED:], tf.float32), 1)
    return MemoryNet(
        inputs,
        targets,
        answers,
        losses,
        recall_losses,
        tf.reduce_mean(losses),
        correct,
        tf.reduce_mean(correct),
    )


class _ProbedCell(Wrapper):
    """`cell`; the columns of its inputs after the first `depth` are added to the state before the step."""

    def __init__(self, cell: Any, depth: int):
        super().__init__(cell)
        self._depth = depth

    def __call__(self, inputs: Tensor, state: Nest, scope: Any = None) -> Any:
        sizes = tf.nest.flatten(self.state_size)
        parts = tf.split(inputs, [self._depth] + sizes, axis=1)
        added = [part + probe for part, probe in zip(tf.nest.flatten(state), parts[1:])]
        return self.cell(parts[0], tf.nest.pack_sequence_as(self.state_size, added), scope)


def _norms(state_size: Any, entering: Any, direct: Any) -> Dict[str, Any]:
    """The norms from d loss / d the state that enters each step, and d loss / d the output of each step.

    The output is h, or [h, s] for a context cell.
    """
    sizes = tf.nest.flatten(state_size)
    names = getattr(state_size, "_fields", ("h",))
    later = tf.concat([entering[:, 1:], tf.zeros_like(entering[:, :1])], 1)  # from step t + 1; none after the last
    totals = dict(zip(names, tf.split(later, sizes, axis=2)))
    shown = ("h",) if "c" in totals else names  # the parts that are in the output
    widths = [dict(zip(names, sizes))[name] for name in shown]
    for name, part in zip(shown, tf.split(direct, widths, axis=2)):
        totals[name] += part
    return {name: tf.reduce_mean(tf.norm(total, axis=2), 0) for name, total in totals.items()}


def _depth(x: Tensor) -> int:
    return int(x.shape.as_list()[-1])
