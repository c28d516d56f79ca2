"""The recurrent part that the models share: cells, depth and unrolling, chosen by name."""

import dataclasses
from typing import Any, Callable, Dict, Optional, Sequence, Tuple

import tensorflow.compat.v1 as tf

from rnn_tf1.cells import (
    BasicLSTMCell,
    BasicRNNCell,
    ContextRNNCell,
    GRUCell,
    LayerNormRNNCell,
    LSTMCell,
)
from rnn_tf1.errors import GraphError
from rnn_tf1.ops.mode import TRAINING, Mode
from rnn_tf1.types import Cell, Nest, Tensor
from rnn_tf1.unrolling.fused import fused_rnn
from rnn_tf1.unrolling.loops import dynamic_rnn, manual_rnn, stack_bidirectional_dynamic_rnn, static_rnn
from rnn_tf1.wrappers import DeviceCellWrapper, DropoutWrapper, MultiRNNCell


def unroll(name: str, cell: Cell, inputs: Tensor, time_major: bool = False, **options: Any) -> Tuple[Tensor, Nest]:
    """(outputs, final state) of `cell` over inputs [batch, time, depth], with the unrolling of that name in UNROLLS.

    Args:
      time_major: inputs and outputs are [time, batch, ...].
      options: initial_state, sequence_length, dtype, scope: see `manual_rnn`.
    """
    unrolling = by_name(UNROLLS, name, "unrolling")
    if not time_major:
        return unrolling(cell, inputs, **options)
    if name in ("dynamic", "fused"):
        return unrolling(cell, inputs, time_major=True, **options)
    outputs, state = unrolling(cell, tf.unstack(inputs), **options)
    return tf.stack(outputs), state


def identity_recurrence(shape: Any, dtype: Any = tf.float32, partition_info: Any = None) -> Any:
    """An initial kernel [depth + units, units]: normal with deviation 0.001 for the rows of x, the identity for those of h.

    With it a plain cell with ReLU remembers: Le et al. 2015, "A Simple Way to Initialize Recurrent Networks of Rectified
    Linear Units".
    """
    rows, units = [int(size) for size in shape]
    from_inputs = tf.random_normal_initializer(stddev=0.001)([rows - units, units], dtype)
    return tf.concat([from_inputs, tf.eye(units, dtype=dtype)], 0)


CELLS: Dict[str, Callable[..., Any]] = {
    "basic": BasicRNNCell,
    "relu": lambda units: BasicRNNCell(units, "relu"),
    "irnn": lambda units: BasicRNNCell(units, "relu", kernel_initializer=identity_recurrence),
    "lstm": BasicLSTMCell,
    "peephole": lambda units, **options: LSTMCell(units, use_peepholes=True, **options),
    "gru": GRUCell,
    "layer_norm": LayerNormRNNCell,
    "context": lambda units: ContextRNNCell(units, activation=tf.tanh),  # tanh trains better than the paper's sigmoid
}

UNROLLS = {"manual": manual_rnn, "static": static_rnn, "dynamic": dynamic_rnn, "fused": fused_rnn}

FUSED = ("gru", "lstm")  # the cells that "fused" supports
CELLS_WITH_FORGET_BIAS = ("lstm", "peephole")

INITIALIZERS: Dict[str, Callable[[], Any]] = {
    "he": lambda: tf.variance_scaling_initializer(2.0),  # He et al. 2015
    "glorot": tf.glorot_uniform_initializer,  # Glorot and Bengio 2010
    "orthogonal": tf.orthogonal_initializer,  # Saxe et al. 2014
    "uniform": lambda: tf.random_uniform_initializer(-0.1, 0.1),
}


@dataclasses.dataclass(frozen=True)
class StackConfig:
    """The recurrent part of a model: its stacked layers."""

    cell: str = "basic"  # a name in CELLS
    units: int = 150  # of each layer
    layers: int = 1
    unroll: str = "static"  # a name in UNROLLS
    keep_prob: float = 1.0  # of each layer's output, in training
    recurrent_keep_prob: float = 1.0  # of the h that each layer's gates read, in training
    variational: bool = False  # one dropout mask for all steps
    devices: Tuple[str, ...] = ()  # one for each layer; default: TensorFlow chooses
    initializer: str = "glorot"  # a name in INITIALIZERS; of the kernels
    forget_bias: Optional[float] = None  # of LSTM cells; default: 1


def by_name(table: Dict[str, Any], name: str, what: str) -> Any:
    """table[name]; raises `GraphError`, which lists the known names, for another one."""
    if name not in table:
        raise GraphError("There is no %s %r; there are: %s." % (what, name, ", ".join(sorted(table))))
    return table[name]


def initialized(config: Any) -> Any:
    """The current variable scope, with config.initializer as the initializer of the kernels."""
    initializer = by_name(INITIALIZERS, config.initializer, "initializer")()
    return tf.variable_scope(tf.get_variable_scope(), initializer=initializer)


def make_stack(config: StackConfig, mode: Mode) -> Any:
    """The cell that `config` describes, with all its layers."""
    if config.layers < 1:
        raise GraphError("layers is %d; it must be at least 1." % config.layers)
    make = by_name(CELLS, config.cell, "cell")
    has_bias = config.forget_bias is not None and config.cell in CELLS_WITH_FORGET_BIAS
    options = {"forget_bias": config.forget_bias} if has_bias else {}
    cells = [make(config.units, **options) for _ in range(config.layers)]
    if config.keep_prob != 1.0 or config.recurrent_keep_prob != 1.0:
        cells = [
            DropoutWrapper(
                cell,
                output_keep_prob=config.keep_prob,
                recurrent_keep_prob=config.recurrent_keep_prob,
                variational_recurrent=config.variational,
                seed=mode.seed,
                is_training=mode.is_training,
                step=mode.step,
            )
            for cell in cells
        ]
    if config.devices:
        if len(config.devices) != config.layers:
            raise GraphError(
                "There are %d layers but %d devices; name one device for each layer."
                % (config.layers, len(config.devices))
            )
        cells = [DeviceCellWrapper(device, cell) for device, cell in zip(config.devices, cells)]
    return cells[0] if config.layers == 1 else MultiRNNCell(cells)


def make_cell(
    cell: str, units: int, layers: int = 1, keep_prob: float = 1.0, mode: Mode = TRAINING, **options: Any
) -> Any:
    """`make_stack` of ``StackConfig(cell, units, layers, keep_prob=keep_prob, **options)``."""
    return make_stack(StackConfig(cell, units, layers, keep_prob=keep_prob, **options), mode)


def unroll_stack(config: Any, x: Tensor, lengths: Tensor, mode: Mode, scope: Any = None) -> Tuple[Any, Any]:
    """Reads x [batch, time, depth] with `dynamic_rnn`, in one or in both directions.

    With both directions, each has half of the units, and each layer reads the concatenated outputs of the layer below.

    Args:
      config: has cell, units, layers, keep_prob (see `StackConfig`) and bidirectional.
      lengths: int32 [batch]: later steps are not read; None: all steps are.
      mode: see `Mode`.
      scope: of the variables; default: that of the unrolling.

    Returns:
      (outputs [batch, time, units], final state), of both directions concatenated.

    Raises:
      GraphError: for an odd number of units with both directions.
    """
    if not config.bidirectional:
        cell = make_cell(config.cell, config.units, config.layers, config.keep_prob, mode)
        return dynamic_rnn(cell, x, lengths, dtype=x.dtype, scope=scope)
    if config.units % 2:
        raise GraphError(
            "bidirectional=True with units=%d: half of the units read backwards; make their number even." % config.units
        )

    def cells() -> Any:
        half = config.units // 2
        return [make_cell(config.cell, half, 1, config.keep_prob, mode) for _ in range(config.layers)]

    return bidirectional_stack(cells(), cells(), x, lengths, scope)


def bidirectional_stack(
    forward: Sequence[Any], backward: Sequence[Any], x: Any, lengths: Any, scope: Any = None
) -> Any:
    """`stack_bidirectional_dynamic_rnn` over x [batch, time, depth], with the states of both directions side by side.

    Returns:
      (outputs [batch, time, units of both directions], final state), the state a tuple if there are several layers.

    Args:
      forward, backward: the cells of each direction, one for each layer.
      lengths: int32 [batch]: later steps are not read; None: all steps are.
      scope: of the variables; default: that of the unrolling.
    """
    outputs, *ends = stack_bidirectional_dynamic_rnn(
        forward, backward, x, dtype=x.dtype, sequence_length=lengths, scope=scope
    )
    states = [tf.nest.map_structure(lambda a, b: tf.concat([a, b], 1), a, b) for a, b in zip(*ends)]
    return outputs, states[0] if len(states) == 1 else tuple(states)
