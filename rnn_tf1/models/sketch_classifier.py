"""Classifies drawings from their pen strokes: convolutions over the steps, then a recurrent network.

The strokes are those of Ha and Eck 2018, "A Neural Representation of Sketch Drawings", the network that of TensorFlow's old
tutorial "Recurrent Neural Networks for Drawing Classification".
"""

import dataclasses
from typing import Any, NamedTuple, Optional, Tuple

import tensorflow.compat.v1 as tf

from rnn_tf1.errors import GraphError
from rnn_tf1.layers import conv1d, mode_dropout
from rnn_tf1.models.sequence_classifier import Recurrence, SequenceClassifier, SequenceClassifierConfig, classify_steps
from rnn_tf1.models.stack import initialized
from rnn_tf1.ops.checks import check_graph_mode
from rnn_tf1.ops.mode import Mode
from rnn_tf1.types import Tensor


@dataclasses.dataclass(frozen=True)
class SketchClassifierConfig(SequenceClassifierConfig):
    """The sizes of a classifier of drawings."""

    classes: int = 3
    units: int = 96
    bidirectional: bool = True
    summary: str = "attention"
    filters: Tuple[int, ...] = (32, 48)  # of the convolutions over the steps
    kernel_size: int = 5  # steps that each of them reads
    strides: int = 2  # of the last convolution: the steps between two of its outputs


class SketchClassifier(NamedTuple):
    """The tensors of a graph that classifies drawings."""

    strokes: Tensor  # float32 [batch, time, 3], a placeholder: right, down, pen lifted
    lengths: Tensor  # int32 [batch], a placeholder, at least 1: later steps are not read
    classifier: (
        SequenceClassifier  # its step j has read the strokes up to (j + 1) strides - 1, or up to the drawing's end
    )

    @property
    def loss(self) -> Any:
        return self.classifier.loss


def build_sketch_classifier(
    config: SketchClassifierConfig, mode: Mode, recurrence: Optional[Recurrence] = None
) -> SketchClassifier:
    """Builds the graph; with the same variables in every `mode`.

    The convolutions are causal. The last one has an output for every `strides` strokes, and one for the rest at the end of a
    drawing, so that every stroke is read.

    Args:
      config: the sizes.
      mode: see `Mode`.
      recurrence: see `classify_steps`.

    Build the test graph under ``tf.variable_scope(tf.get_variable_scope(), reuse=True)``.

    Raises:
      GraphError: for sizes that do not fit, such as a stride that would skip strokes.
    """
    check_graph_mode("build_sketch_classifier")
    if not 1 <= config.strides <= config.kernel_size:
        raise GraphError(
            "strides is %d and kernel_size is %d: strides must be at least 1 and at most kernel_size, so that "
            "no strokes are skipped." % (config.strides, config.kernel_size)
        )
    strokes = tf.placeholder(tf.float32, [None, None, 3], name="strokes")
    lengths = tf.placeholder(tf.int32, [None], name="lengths")
    x, read = strokes, lengths
    with initialized(config):
        for layer, filters in enumerate(config.filters):
            strides = config.strides if layer == len(config.filters) - 1 else 1
            name = "conv1d_%d" % layer
            if strides > 1:  # the last output may reach past the end of the drawing, where x must be zero
                x *= tf.expand_dims(tf.sequence_mask(lengths, tf.shape(x)[1], tf.float32), 2)
            x = tf.pad(x, [[0, 0], [config.kernel_size - strides, strides - 1], [0, 0]])
            x = conv1d(x, filters, config.kernel_size, strides, activation=tf.nn.relu, name=name)
            x = mode_dropout(x, config.keep_prob, name, mode)
            read = (read - 1) // strides + 1
    return SketchClassifier(strokes, lengths, classify_steps(config, x, read, mode, recurrence))
