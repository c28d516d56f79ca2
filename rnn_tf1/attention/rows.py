"""Several rows for each row of the memory, as for the beams of a beam search: row r belongs to memory row r // k."""

from typing import Any, List, Optional

import tensorflow.compat.v1 as tf

from rnn_tf1.cells.base import positive
from rnn_tf1.errors import GraphError
from rnn_tf1.ops.checks import check_graph_mode
from rnn_tf1.ops.inputs import size_of
from rnn_tf1.types import Nest, Tensor


def tile_batch(t: Nest, multiplier: int, name: Optional[str] = None) -> Nest:
    """Each row `multiplier` times, one after the other: rows a, b become a, a, a, b, b, b.

    As contrib.seq2seq.tile_batch. An encoder's final state has to be tiled for a beam search; its memory need not be,
    because the mechanisms of this package take several rows for each row of the memory.

    Args:
      t: a tensor [batch, ...], or a nest of such.
      multiplier: int of at least 1.
      name: of the ops.

    Returns:
      [batch * multiplier, ...], in the same structure.

    Raises:
      GraphError: for a tensor without rows (a scalar, or one of unknown rank) and for a wrong multiplier.
    """
    check_graph_mode("tile_batch")
    multiplier = positive(multiplier, "multiplier", "tile_batch")

    def tile(x: Tensor) -> Tensor:
        x = tf.convert_to_tensor(x)
        if not x.shape.rank:
            raise GraphError(
                "tile_batch needs tensors [batch, ...] and got one of shape %s. Tile the parts that have rows: "
                "tile_batch(encoder_state, k)." % x.shape
            )
        batch = size_of(x, 0)
        copies = tf.tile(tf.expand_dims(x, 1), [1, multiplier] + [1] * (x.shape.rank - 1))
        tiled = tf.reshape(copies, tf.concat([[batch * multiplier], tf.shape(x)[1:]], 0))
        tiled.set_shape([batch * multiplier if isinstance(batch, int) else None] + x.shape.as_list()[1:])
        return tiled

    with tf.name_scope(name, "tile_batch"):
        return tf.nest.map_structure(tile, t)


def row_checks(rows: Tensor, batch: Tensor, where: str) -> List[Any]:
    """Refuses `rows` that are no whole multiple of the memory's `batch`: at once if both are known, otherwise by these ops."""
    wrong = "%s: there must be one row for each row of the memory, or a whole multiple of them" % where
    if isinstance(rows, int) and isinstance(batch, int):
        if rows % max(batch, 1):
            raise GraphError(
                "%s; there are %d, and the memory has %d. Build the state with zero_state(batch_size=%d * k, dtype), "
                "k = 1 except in a beam search." % (wrong, rows, batch, batch)
            )
        return []
    return [tf.debugging.assert_equal(rows % tf.maximum(batch, 1), 0, message=wrong)]
