"""Layers around a recurrence: what they refuse. What they compute is tested with the models that they are part of."""

import pytest
import tensorflow.compat.v1 as tf

import rnn_tf1


@pytest.mark.parametrize("ids", [[0.0, 1.0], [True, False]])
def test_ids_are_whole_numbers(ids, graph):
    """Vectors looked up by numbers that were scaled, or by a mask."""
    kind = tf.convert_to_tensor(ids).dtype.name
    with pytest.raises(rnn_tf1.GraphError, match="words: the ids must be integers but are %s" % kind):
        rnn_tf1.embedding(ids, 3, 2, name="words")
    for dtype in (tf.int32, tf.int64):
        vectors, _ = rnn_tf1.embedding(tf.constant([0, 1], dtype), 3, 2, name="of_" + dtype.name)
        assert vectors.shape.as_list() == [2, 2]
