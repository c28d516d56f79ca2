"""Classifies texts: an embedding in front of a `sequence_classifier`."""

import dataclasses
from typing import Any, NamedTuple, Optional

import numpy as np
import tensorflow.compat.v1 as tf

from rnn_tf1.layers import embedding, mode_dropout
from rnn_tf1.models.sequence_classifier import Recurrence, SequenceClassifier, SequenceClassifierConfig, classify_steps
from rnn_tf1.models.stack import initialized
from rnn_tf1.ops.checks import check_graph_mode
from rnn_tf1.ops.mode import Mode
from rnn_tf1.types import Tensor


@dataclasses.dataclass(frozen=True)
class TextClassifierConfig(SequenceClassifierConfig):
    """The sizes of a classifier of texts."""

    vocabulary: int = 10000  # words
    depth: int = 100  # of the word vectors
    input_keep_prob: float = 1.0  # of the word vectors, in training
    train_embedding: bool = True


class TextClassifier(NamedTuple):
    """The tensors of a graph that classifies texts."""

    ids: Tensor  # int32 [batch, time], a placeholder
    lengths: Tensor  # int32 [batch], a placeholder, at least 1: later steps are not read
    classifier: SequenceClassifier

    @property
    def loss(self) -> Any:
        return self.classifier.loss


def build_text_classifier(
    config: TextClassifierConfig,
    mode: Mode,
    vectors: Optional[np.ndarray] = None,
    recurrence: Optional[Recurrence] = None,
) -> TextClassifier:
    """Builds the graph; the variables are the same in every `mode`.

    Args:
      config: the sizes.
      mode: see `Mode`.
      vectors: float32 [vocabulary, depth], what the embedding begins with; with train_embedding=False it stays so. Default: as
        the initializer says.
      recurrence: see `classify_steps`.

    Build the test graph under ``tf.variable_scope(tf.get_variable_scope(), reuse=True)``.
    """
    check_graph_mode("build_text_classifier")
    ids, lengths = tf.placeholder(tf.int32, [None, None], name="ids"), tf.placeholder(tf.int32, [None], name="lengths")
    with initialized(config):
        x, _ = embedding(ids, config.vocabulary, config.depth, initializer=vectors, trainable=config.train_embedding)
        x = mode_dropout(x, config.input_keep_prob, "words", mode)
    return TextClassifier(ids, lengths, classify_steps(config, x, lengths, mode, recurrence))
