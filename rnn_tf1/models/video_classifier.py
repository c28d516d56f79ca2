"""Classifies videos, or each frame: a convolutional network encodes each frame, a recurrent one reads the encoded frames."""

import dataclasses
from typing import Any, NamedTuple, Optional, Tuple

import tensorflow.compat.v1 as tf

from rnn_tf1.layers import conv1d, dense
from rnn_tf1.models.image_encoder import encode_images
from rnn_tf1.models.sequence_classifier import Recurrence, SequenceClassifier, SequenceClassifierConfig, classify_steps
from rnn_tf1.models.stack import initialized
from rnn_tf1.ops.checks import check_graph_mode
from rnn_tf1.ops.mode import Mode
from rnn_tf1.types import Tensor


@dataclasses.dataclass(frozen=True)
class VideoClassifierConfig(SequenceClassifierConfig):
    """The sizes of a classifier of clips. The defaults are for frames of 32 x 32 pixels."""

    classes: int = 6
    size: int = 32  # pixels of a frame's side
    filters: Tuple[int, ...] = (8, 16, 16)  # of the convolutions, each of which halves the side
    depth: int = 48  # of an encoded frame
    # The number of frames, up to the current one, that a convolution in front of the cells reads; 0: no convolution
    convolution: int = 0
    summary: str = "mean"
    initializer: str = "he"


class VideoClassifier(NamedTuple):
    """The tensors of a graph that classifies clips."""

    frames: Tensor  # float32 [batch, time, size, size], a placeholder
    lengths: Tensor  # int32 [batch], a placeholder, at least 1: later steps are not read
    classifier: SequenceClassifier

    @property
    def loss(self) -> Any:
        return self.classifier.loss


def build_video_classifier(
    config: VideoClassifierConfig, mode: Mode, recurrence: Optional[Recurrence] = None
) -> VideoClassifier:
    """Builds the graph; with the same variables in every `mode`::

        f_t = relu(W [the map of frame t] + b)
        x_t = relu(W_0 f_(t - n + 1) + ... + W_(n - 1) f_t + b')     with a convolution of n frames, otherwise f_t

    and then the classifier of `classify_steps`. The difference between two frames is hard to learn for a cell, which has to
    remember the first one; a convolution reads both at once.

    Args:
      config: the sizes.
      mode: see `Mode`.
      recurrence: see `classify_steps`.

    Build the test graph under ``tf.variable_scope(tf.get_variable_scope(), reuse=True)``.
    """
    check_graph_mode("build_video_classifier")
    frames = tf.placeholder(tf.float32, [None, None, config.size, config.size], name="frames")
    lengths = tf.placeholder(tf.int32, [None], name="lengths")
    with initialized(config):
        seen = encode_images(tf.reshape(frames, [-1, config.size, config.size, 1]), config.filters)
        width = int(seen.shape[1] * seen.shape[2] * seen.shape[3])
        x = dense(tf.reshape(seen, [-1, width]), config.depth, tf.nn.relu, "frame")
        x = tf.reshape(x, tf.stack([tf.shape(frames)[0], tf.shape(frames)[1], config.depth]))
        if config.convolution:
            x = conv1d(x, config.units, config.convolution, padding="causal", activation=tf.nn.relu)
    return VideoClassifier(frames, lengths, classify_steps(config, x, lengths, mode, recurrence))
