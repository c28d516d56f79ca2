"""Pen strokes in, a class out: convolutions over the steps see how the pen moves, and a recurrent network reads on.

Ha and Eck 2018, "A Neural Representation of Sketch Drawings", has the strokes; the network is that of TensorFlow's old tutorial
"Recurrent Neural Networks for Drawing Classification".
"""

import dataclasses
from typing import Any, NamedTuple, Optional, Tuple

import tensorflow.compat.v1 as tf

from rnn_tf1.errors import GraphError
from rnn_tf1.layers import conv1d, dropped
from rnn_tf1.models.sequence_classifier import Recurrence, SequenceClassifier, SequenceClassifierConfig, classify_steps
from rnn_tf1.models.stack import initialized
from rnn_tf1.ops.checks import check_graph_mode
from rnn_tf1.ops.mode import Mode


@dataclasses.dataclass(frozen=True)
class SketchClassifierConfig(SequenceClassifierConfig):
    """The sizes of a classifier of drawings."""

    classes: int = 3
    units: int = 96
    bidirectional: bool = True
    summary: str = "attention"
    filters: Tuple[int, ...] = (32, 48)  # of the convolutions over the steps
    kernel_size: int = 5  # steps that each of them sees
    strides: int = 2  # of the last convolution: the recurrence reads one of its outputs for so many steps


class SketchClassifier(NamedTuple):
    """The tensors of a graph that classifies drawings."""

    strokes: Any  # float32 [batch, time, 3], a placeholder: right, down, pen lifted
    lengths: Any  # int32 [batch], a placeholder, at least 1: what stands behind them is not read
    found: SequenceClassifier  # its step j has read the strokes up to (j + 1) strides - 1, or up to the drawing's end

    @property
    def loss(self) -> Any:
        return self.found.loss


def build_sketch_classifier(
    config: SketchClassifierConfig, mode: Mode, recurrence: Optional[Recurrence] = None
) -> SketchClassifier:
    """Builds the graph; with the same variables in every `mode`.

    No output of a convolution sees a later stroke than its last one. The last convolution has an output for every `strides`
    strokes, and one for those that are left at the end of a drawing; so every stroke is read.

    Args:
      config: the sizes.
      mode: see `Mode`.
      recurrence: see `classify_steps`.

    Build a second time, for the test, under ``tf.variable_scope(tf.get_variable_scope(), reuse=True)``.

    Raises:
      GraphError: for sizes that do not fit, such as a stride over steps that no output would see.
    """
    check_graph_mode("build_sketch_classifier")
    if not 1 <= config.strides <= config.kernel_size:
        raise GraphError(
            "strides is %d and kernel_size %d: the strokes between two outputs would not be read, or there would be none. Make "
            "strides at least 1 and at most kernel_size." % (config.strides, config.kernel_size)
        )
    strokes = tf.placeholder(tf.float32, [None, None, 3], name="strokes")
    lengths = tf.placeholder(tf.int32, [None], name="lengths")
    x, read = strokes, lengths
    with initialized(config):
        for layer, filters in enumerate(config.filters):
            strides = config.strides if layer == len(config.filters) - 1 else 1
            name = "conv1d_%d" % layer
            if strides > 1:  # the last output may end behind the drawing, where x is not what was drawn
                x *= tf.expand_dims(tf.sequence_mask(lengths, tf.shape(x)[1], tf.float32), 2)
            x = tf.pad(x, [[0, 0], [config.kernel_size - strides, strides - 1], [0, 0]])
            x = conv1d(x, filters, config.kernel_size, strides, activation=tf.nn.relu, name=name)
            x = dropped(x, config.keep_prob, name, mode)
            read = (read - 1) // strides + 1
    return SketchClassifier(strokes, lengths, classify_steps(config, x, read, mode, recurrence))
