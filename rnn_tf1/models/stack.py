"""The recurrent part that the models share: any cell, any depth, any unrolling, by name."""

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
from rnn_tf1.unrolling.fused import fused_rnn
from rnn_tf1.unrolling.loops import dynamic_rnn, manual_rnn, stack_bidirectional_dynamic_rnn, static_rnn
from rnn_tf1.wrappers import DeviceCellWrapper, DropoutWrapper, MultiRNNCell


def unroll(how: str, cell: Any, inputs: Any, time_major: bool = False, **options: Any) -> Tuple[Any, Any]:
    """(outputs, final state) of `cell` over inputs [batch, time, depth], unrolled as `how` says: a name in UNROLLS.

    Args:
      time_major: inputs and outputs are [time, batch, ...].
      options: initial_state, sequence_length, dtype, scope: see `manual_rnn`.
    """
    unrolling = by_name(UNROLLS, how, "unrolling")
    if not time_major:
        return unrolling(cell, inputs, **options)
    if how in ("dynamic", "fused"):
        return unrolling(cell, inputs, time_major=True, **options)
    outputs, state = unrolling(cell, tf.unstack(inputs), **options)
    return tf.stack(outputs), state


def identity_recurrence(shape: Any, dtype: Any = tf.float32, partition_info: Any = None) -> Any:
    """A kernel [depth + units, units]: normal with deviation 0.001 above, for the inputs, and the identity below, for h.

    With ReLU it makes a plain cell remember: Le et al. 2015, "A Simple Way to Initialize Recurrent Networks of Rectified
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

FUSED = ("gru", "lstm")  # cells that "fused" takes
HAVE_FORGET_BIAS = ("lstm", "peephole")

INITIALIZERS: Dict[str, Callable[[], Any]] = {
    "he": lambda: tf.variance_scaling_initializer(2.0),  # He et al. 2015
    "glorot": tf.glorot_uniform_initializer,  # Glorot and Bengio 2010
    "orthogonal": tf.orthogonal_initializer,  # Saxe et al. 2014
    "uniform": lambda: tf.random_uniform_initializer(-0.1, 0.1),
}


@dataclasses.dataclass(frozen=True)
class StackConfig:
    """The recurrent part of a model, layer above layer."""

    cell: str = "basic"  # a name in CELLS
    units: int = 150  # of each layer
    layers: int = 1
    unroll: str = "static"  # a name in UNROLLS
    keep_prob: float = 1.0  # of each layer's output, in training
    recurrent_keep_prob: float = 1.0  # of the h that each layer's gates read, in training
    variational: bool = False  # one dropout mask for all steps
    devices: Tuple[str, ...] = ()  # one for each layer; default: where TensorFlow puts it
    initializer: str = "glorot"  # a name in INITIALIZERS; of the kernels
    forget_bias: Optional[float] = None  # of LSTM cells; default: 1


def by_name(table: Dict[str, Any], name: str, what: str) -> Any:
    """table[name]; raises `GraphError` that lists the names there are."""
    if name not in table:
        raise GraphError("There is no %s %r; there are: %s." % (what, name, ", ".join(sorted(table))))
    return table[name]


def initialized(config: Any) -> Any:
    """A variable scope, the present one, in which the kernels begin as config.initializer says."""
    initializer = by_name(INITIALIZERS, config.initializer, "initializer")()
    return tf.variable_scope(tf.get_variable_scope(), initializer=initializer)


def make_stack(config: StackConfig, mode: Mode) -> Any:
    """The cell that `config` describes: its layers, one above the other."""
    if config.layers < 1:
        raise GraphError("layers is %d; it must be at least 1." % config.layers)
    make = by_name(CELLS, config.cell, "cell")
    has_bias = config.forget_bias is not None and config.cell in HAVE_FORGET_BIAS
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
                "There are %d layers and %d devices; name one for each." % (config.layers, len(config.devices))
            )
        cells = [DeviceCellWrapper(device, cell) for device, cell in zip(config.devices, cells)]
    return cells[0] if config.layers == 1 else MultiRNNCell(cells)


def make_cell(
    cell: str, units: int, layers: int = 1, keep_prob: float = 1.0, mode: Mode = TRAINING, **more: Any
) -> Any:
    """`make_stack` of ``StackConfig(cell, units, layers, keep_prob=keep_prob, **more)``."""
    return make_stack(StackConfig(cell, units, layers, keep_prob=keep_prob, **more), mode)


def read_steps(config: Any, x: Any, lengths: Any, mode: Mode, scope: Any = None) -> Tuple[Any, Any]:
    """What `dynamic_rnn` gives of x [batch, time, depth], outputs [batch, time, units] and the last state, read in one or in
    both directions.

    In both, each has half of the units; each layer reads what both directions of the one below have found; outputs and states
    of the two stand side by side.

    Args:
      config: with cell, units, layers, keep_prob (see `StackConfig`) and bidirectional.
      lengths: int32 [batch]: what stands behind them is not read; None: all of it is.
      mode: see `Mode`.
      scope: of the variables; default: that of the unrolling.
    """
    if not config.bidirectional:
        cell = make_cell(config.cell, config.units, config.layers, config.keep_prob, mode)
        return dynamic_rnn(cell, x, lengths, dtype=x.dtype, scope=scope)
    if config.units % 2:
        raise GraphError(
            "bidirectional=True with units=%d: half of them read backwards; make them even." % config.units
        )

    def cells() -> Any:
        half = config.units // 2
        return [make_cell(config.cell, half, 1, config.keep_prob, mode) for _ in range(config.layers)]

    return read_both_ways(cells(), cells(), x, lengths, scope)


def read_both_ways(forward: Sequence[Any], backward: Sequence[Any], x: Any, lengths: Any, scope: Any = None) -> Any:
    """What `stack_bidirectional_dynamic_rnn` gives of x [batch, time, depth]: outputs [batch, time, units of both directions]
    and the last state, that of the one direction beside that of the other; with several layers a tuple of such.

    Args:
      forward, backward: the cells of each direction, one for each layer.
      lengths: int32 [batch]: what stands after them is not read; None: all of it is.
      scope: of the variables; default: that of the unrolling.
    """
    outputs, *ends = stack_bidirectional_dynamic_rnn(
        forward, backward, x, dtype=x.dtype, sequence_length=lengths, scope=scope
    )
    states = [tf.nest.map_structure(lambda a, b: tf.concat([a, b], 1), a, b) for a, b in zip(*ends)]
    return outputs, states[0] if len(states) == 1 else tuple(states)
