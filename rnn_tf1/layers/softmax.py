"""Which token comes next: the softmax over a vocabulary, as a layer whose weights can be an embedding."""

from typing import Any, NamedTuple, Optional

import tensorflow.compat.v1 as tf

from rnn_tf1.errors import GraphError
from rnn_tf1.layers.losses import sampled_softmax_losses, softmax_losses
from rnn_tf1.ops.checks import get_variable


class Softmax(NamedTuple):
    """p = softmax(hidden kernel + bias), for hidden [n, width]."""

    kernel: Any  # [width, vocabulary]; [vocabulary, width] where `transposed`
    bias: Any  # [vocabulary]
    transposed: bool

    def logits(self, hidden: Any) -> Any:
        """[n, vocabulary]."""
        return tf.nn.bias_add(tf.matmul(hidden, self.kernel, transpose_b=self.transposed), self.bias)

    def losses(self, hidden: Any, targets: Any) -> Any:
        """-log p[target], in nats, for each of n rows: see `losses.softmax_losses`."""
        return softmax_losses(hidden, self.kernel, self.bias, targets, self.transposed)

    def sampled_losses(self, hidden: Any, targets: Any, candidates: int, seed: Optional[int], step: Any) -> Any:
        """The same against some drawn words: see `losses.sampled_softmax_losses`."""
        return sampled_softmax_losses(hidden, self.kernel, self.bias, targets, candidates, seed, step)

    def above_mean(self, hidden: Any, targets: Any) -> Any:
        """The logit of each row's target less the mean of all its logits, [n]: what smoothing adds to -log p[target].

        mean over the vocabulary of -log p  =  -log p[target] + z_target - mean z
        """
        if self.transposed:
            own, mean = tf.nn.embedding_lookup(self.kernel, targets), tf.reduce_mean(self.kernel, 0)
        else:
            own, mean = tf.gather(tf.transpose(self.kernel), targets), tf.reduce_mean(self.kernel, 1)
        shift = tf.gather(self.bias, targets) - tf.reduce_mean(self.bias)
        return tf.reduce_sum(hidden * (own - mean), 1) + shift


def samples(builder: str, candidates: Optional[int], is_training: Any) -> bool:
    """Whether this graph's losses are against some drawn words: while it trains, where `candidates` says how many.

    Raises:
      GraphError: where a tensor `is_training` should choose it, for the builder of that name.
    """
    if candidates and not isinstance(is_training, bool):
        raise GraphError(
            "%s: with sampled=%d, is_training must be True or False, and is %s: the sampled losses are no "
            "perplexity, and would be scored too. Build two graphs, the second under tf.variable_scope(scope, reuse=True): "
            "is_training=True to train, is_training=False to score." % (builder, candidates, is_training)
        )
    return bool(candidates and is_training)


def softmax_layer(vocabulary: int, width: int, table: Any = None, by_rows: bool = False) -> Softmax:
    """The layer for hidden [n, width], with the variables softmax_w and softmax_b of the present scope.

    Args:
      table: an embedding [vocabulary, width], whose rows are the weights: Press and Wolf 2017, "Using the Output Embedding to
        Improve Language Models"; Inan et al. 2017, "Tying Word Vectors and Word Classifiers". Default: softmax_w.
      by_rows: softmax_w is [vocabulary, width], so that some of its rows can be read, as a sampled softmax does.

    Raises:
      GraphError: where the vectors of the table are not as wide as `hidden`.
    """
    bias = get_variable("softmax_b", [vocabulary])
    if table is None:
        shape = [vocabulary, width] if by_rows else [width, vocabulary]
        return Softmax(get_variable("softmax_w", shape), bias, by_rows)
    if int(table.shape[1]) != width:
        raise GraphError(
            "tied=True: the cell's outputs are %d wide and the words' vectors %d; the softmax can be the embedding only "
            "where both are alike. Leave tied out for this cell." % (width, int(table.shape[1]))
        )
    return Softmax(table, bias, True)
