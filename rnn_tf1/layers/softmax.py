"""The softmax over a vocabulary, as a layer whose weights can be those of an embedding."""

from typing import Any, NamedTuple, Optional

import tensorflow.compat.v1 as tf

from rnn_tf1.errors import GraphError
from rnn_tf1.layers.losses import sampled_softmax_losses, softmax_losses
from rnn_tf1.ops.checks import get_variable
from rnn_tf1.types import Tensor


class Softmax(NamedTuple):
    """p = softmax(hidden kernel + bias), for hidden [n, width]."""

    kernel: Any  # [width, vocabulary]; [vocabulary, width] if `transposed`
    bias: Any  # [vocabulary]
    transposed: bool

    def logits(self, hidden: Tensor) -> Any:
        """The logits [n, vocabulary]."""
        return tf.nn.bias_add(tf.matmul(hidden, self.kernel, transpose_b=self.transposed), self.bias)

    def losses(self, hidden: Tensor, targets: Tensor) -> Any:
        """-log p[target], in nats, for each of n rows: see `losses.softmax_losses`."""
        return softmax_losses(hidden, self.kernel, self.bias, targets, self.transposed)

    def sampled_losses(self, hidden: Tensor, targets: Tensor, candidates: int, seed: Optional[int], step: Any) -> Any:
        """The same against a sample of the words: see `losses.sampled_softmax_losses`."""
        return sampled_softmax_losses(hidden, self.kernel, self.bias, targets, candidates, seed, step)

    def target_minus_mean(self, hidden: Tensor, targets: Tensor) -> Any:
        """The logit of each row's target minus the mean of all its logits, [n]: what smoothing adds to -log p[target].

        mean over the vocabulary of -log p  =  -log p[target] + z_target - mean z
        """
        if self.transposed:
            own, mean = tf.nn.embedding_lookup(self.kernel, targets), tf.reduce_mean(self.kernel, 0)
        else:
            own, mean = tf.gather(tf.transpose(self.kernel), targets), tf.reduce_mean(self.kernel, 1)
        shift = tf.gather(self.bias, targets) - tf.reduce_mean(self.bias)
        return tf.reduce_sum(hidden * (own - mean), 1) + shift


def uses_sampling(builder: str, candidates: Optional[int], is_training: Any) -> bool:
    """Whether the losses of a graph use a sampled softmax: if it trains, and `candidates` are to be drawn.

    Args:
      builder: the name of the function that builds the graph, for the error.
      candidates: the number of words to draw; 0 or None: all words, the softmax itself.
      is_training: True or False.

    Raises:
      GraphError: if `is_training` is a tensor and words are to be drawn.
    """
    if candidates and not isinstance(is_training, bool):
        raise GraphError(
            "%s: with sampled=%d, is_training must be True or False, but is %s: the sampled losses do not give a "
            "perplexity, and would be used for scoring too. Build two graphs, the second one under "
            "tf.variable_scope(scope, reuse=True): is_training=True to train, is_training=False to score."
            % (builder, candidates, is_training)
        )
    return bool(candidates and is_training)


def softmax_layer(vocabulary: int, width: int, table: Any = None, by_rows: bool = False) -> Softmax:
    """The layer for hidden [n, width], with the variables softmax_w and softmax_b in the current scope.

    Args:
      table: an embedding [vocabulary, width] that is used as the weights: Press and Wolf 2017, "Using the Output Embedding to
        Improve Language Models"; Inan et al. 2017, "Tying Word Vectors and Word Classifiers". Default: softmax_w.
      by_rows: True: softmax_w is [vocabulary, width], so that a sampled softmax can read some of its rows.

    Raises:
      GraphError: if the vectors of the table are not as wide as `hidden`.
    """
    bias = get_variable("softmax_b", [vocabulary])
    if table is None:
        shape = [vocabulary, width] if by_rows else [width, vocabulary]
        return Softmax(get_variable("softmax_w", shape), bias, by_rows)
    if int(table.shape[1]) != width:
        raise GraphError(
            "tied=True: the outputs of the cell are %d wide, but the word vectors %d; the softmax can use the embedding only "
            "if both widths are equal. Leave out tied for this cell." % (width, int(table.shape[1]))
        )
    return Softmax(table, bias, True)
