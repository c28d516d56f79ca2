"""The loss of predicted tokens, -log p in nats, and its perplexity."""

import math
from typing import Any, Optional

import tensorflow.compat.v1 as tf

from rnn_tf1.errors import GraphError
from rnn_tf1.ops.dropout import mask_key, random_key
from rnn_tf1.types import Tensor


def softmax_losses(hidden: Tensor, kernel: Tensor, bias: Tensor, targets: Tensor, transposed: bool = False) -> Any:
    """-log softmax(hidden kernel + bias)[target], in nats, for each of n rows; [n].

    It computes ``tf.nn.sparse_softmax_cross_entropy_with_logits`` of these logits z in half the time on a CPU, because its
    gradient passes over the [n, classes] values less often. With e = exp(z - max z), s its sum, and d the gradient with
    respect to the losses, the gradient with respect to z is never computed::

        loss = log s - (z_target - max z)
        d_z  = (d / s) (e - s [class = target])        d_kernel = ((d / s) hidden)^T (e - s [class = target])

    Args:
      hidden: [n, depth].
      kernel: [depth, classes]; with `transposed` [classes, depth], like an embedding.
      bias: [classes].
      targets: integers [n], from 0 to classes - 1.
    """
    hidden = tf.convert_to_tensor(hidden)
    classes = int(bias.shape[0])
    if not targets.dtype.is_integer:
        raise GraphError(
            "softmax_losses: the targets are %s; they must be ids, which are integers." % targets.dtype.name
        )

    target_indices = tf.stack([tf.range(tf.shape(hidden)[0]), tf.cast(targets, tf.int32)], 1)

    @tf.custom_gradient
    def losses(hidden: Tensor, kernel: Tensor, bias: Tensor) -> Any:
        logits = tf.nn.bias_add(tf.matmul(hidden, kernel, transpose_b=transposed), bias)
        logits -= tf.reduce_max(logits, 1, keepdims=True)
        e = tf.exp(logits)
        total = tf.reduce_sum(e, 1)

        def gradient(d: Any) -> Any:
            with tf.control_dependencies([total]):  # the other reader of e; after it, e is updated in place
                error = tf.tensor_scatter_sub(e, target_indices, total)
            d = tf.expand_dims(d / total, 1)
            d_hidden = d * tf.matmul(error, kernel, transpose_b=not transposed)
            weighted = tf.concat([d * hidden, d], 1)  # the last column becomes the gradient of the bias
            if transposed:
                both = tf.matmul(error, weighted, transpose_a=True)
                d_kernel, d_bias = both[:, :-1], both[:, -1]
            else:
                both = tf.matmul(weighted, error, transpose_a=True)
                d_kernel, d_bias = both[:-1], both[-1]  # slices of rows share the memory; tf.split copies
            return d_hidden, d_kernel, tf.reshape(d_bias, [classes])

        return tf.log(total) - tf.gather_nd(logits, target_indices), gradient

    return losses(hidden, tf.convert_to_tensor(kernel), tf.convert_to_tensor(bias))


def sampled_softmax_losses(
    hidden: Tensor,
    kernel: Tensor,
    bias: Tensor,
    targets: Tensor,
    candidates: int,
    seed: Optional[int] = None,
    step: Any = None,
) -> Any:
    """-log softmax(hidden kernel + bias)[target], with a sum over few classes that are drawn in each call; for n rows, [n].

    For training with many classes, at a cost that does not grow with their number. With z the logits and `drawn` the ids of
    `draw_candidates`, each drawn with probability q, an unbiased estimate replaces the sum in the denominator of the
    softmax::

        exp(z_target) + sum over i in drawn, without the target, of exp(z_i) / (candidates q_i)

    Bengio and Senecal 2003, "Quick Training of Probabilistic Neural Nets by Importance Sampling"; Jean et al. 2015, "On
    Using Very Large Target Vocabulary for Neural Machine Translation". The values do not give a perplexity: evaluate
    with `softmax_losses`.

    Args:
      hidden: [n, depth].
      kernel: [classes, depth], like an embedding.
      bias: [classes].
      targets: integers [n].
      candidates: int, at least 1: the number of classes that are drawn, with replacement, the same for all rows.
      seed: int. With `step`, an integer scalar tensor, the draws are a pure function of (seed, step).
    """
    classes = int(bias.shape[0])
    if candidates < 1:
        raise GraphError("sampled_softmax_losses: candidates is %d; it must be at least 1." % candidates)
    key = random_key(seed, "candidates") if step is None else mask_key(seed, step, "candidates", 0)
    drawn = draw_candidates(candidates, classes, key)
    targets = tf.cast(targets, tf.int64)

    own = tf.reduce_sum(hidden * tf.nn.embedding_lookup(kernel, targets), 1) + tf.gather(bias, targets)
    others = tf.matmul(hidden, tf.nn.embedding_lookup(kernel, drawn), transpose_b=True) + tf.gather(bias, drawn)
    others -= tf.log(candidates * _log_uniform(drawn, classes))
    # tf.nn.sampled_softmax_loss expects draws without replacement: of a target drawn twice, it would remove only one.
    is_target = tf.equal(tf.expand_dims(targets, 1), drawn)
    others = tf.where_v2(is_target, tf.constant(-math.inf, others.dtype), others)
    logits = tf.concat([tf.expand_dims(own, 1), others], 1)
    return tf.nn.sparse_softmax_cross_entropy_with_logits(labels=tf.zeros_like(targets), logits=logits)


def draw_candidates(candidates: int, classes: int, key: Any) -> Any:
    """int64 [candidates]: ids below `classes`, drawn with replacement.

    The probability of id i is log((i + 2) / (i + 1)) / log(classes + 1). A pure function of `key`, integers [2].
    """
    u = tf.random.stateless_uniform([candidates], key, dtype=tf.float64)
    drawn = (
        tf.cast(tf.exp(u * math.log(classes + 1.0)), tf.int64) - 1
    )  # exp of a uniform variable has the density 1 / x
    return tf.clip_by_value(drawn, 0, classes - 1)


def _log_uniform(ids: Tensor, classes: int) -> Any:
    """The probability of each of these ids in `draw_candidates`."""
    rank = tf.cast(ids, tf.float32)
    return tf.log1p(1.0 / (rank + 1.0)) / math.log(classes + 1.0)


def perplexity(log_loss: float) -> float:
    """exp(`log_loss`), the mean of -log p over the tokens in nats: as hard as guessing among that many equally likely tokens.

    Infinite if it exceeds the largest float; NaN for NaN.
    """
    return math.inf if log_loss >= 700 else math.exp(log_loss)
