"""The recurrent part that the models share: any cell, any depth, any unrolling, by name."""

from typing import Any, Callable, Dict, Optional

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
from rnn_tf1.unroll import dynamic_rnn, manual_rnn, static_rnn
from rnn_tf1.wrappers import DropoutWrapper, MultiRNNCell

CELLS: Dict[str, Callable[[int], Any]] = {
    "basic": BasicRNNCell,
    "lstm": BasicLSTMCell,
    "peephole": lambda units: LSTMCell(units, use_peepholes=True),
    "gru": GRUCell,
    "layer_norm": LayerNormRNNCell,
    "context": lambda units: ContextRNNCell(units, activation=tf.tanh),  # tanh trains better than the paper's sigmoid
}

UNROLLS = {"manual": manual_rnn, "static": static_rnn, "dynamic": dynamic_rnn}

INITIALIZERS: Dict[str, Callable[[], Any]] = {
    "he": lambda: tf.variance_scaling_initializer(2.0),  # He et al. 2015
    "glorot": tf.glorot_uniform_initializer,  # Glorot and Bengio 2010
    "uniform": lambda: tf.random_uniform_initializer(-0.1, 0.1),
}


def by_name(table: Dict[str, Any], name: str, what: str) -> Any:
    """table[name]; raises `GraphError` that lists the names there are."""
    if name not in table:
        raise GraphError("There is no %s %r; there are: %s." % (what, name, ", ".join(sorted(table))))
    return table[name]


def make_cell(
    name: str,
    units: int,
    layers: int = 1,
    keep_prob: float = 1.0,
    is_training: Any = True,
    seed: Optional[int] = None,
    step: Any = None,
) -> Any:
    """`layers` cells called `name`, each with dropout on its output where `keep_prob` is below 1."""
    if layers < 1:
        raise GraphError("layers is %d; it must be at least 1." % layers)
    make = by_name(CELLS, name, "cell")
    cells = [make(units) for _ in range(layers)]
    if keep_prob != 1.0:
        cells = [
            DropoutWrapper(cell, output_keep_prob=keep_prob, seed=seed, is_training=is_training, step=step)
            for cell in cells
        ]
    return cells[0] if layers == 1 else MultiRNNCell(cells)
