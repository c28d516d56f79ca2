"""The losses of logits that are a list with one tensor for each step."""

from typing import Any, Callable, Optional

import tensorflow.compat.v1 as tf

from rnn_tf1.errors import GraphError
from rnn_tf1.legacy.legacy_seq2seq.inputs import steps_of


def sequence_loss_by_example(
    logits: Any,
    targets: Any,
    weights: Any,
    average_across_timesteps: bool = True,
    softmax_loss_function: Optional[Callable] = None,
    name: Optional[str] = None,
) -> Any:
    """The loss of each row, [batch], in nats::

        loss = sum over t of weights_t (-log softmax(logits_t)[targets_t])  /  (sum over t of weights_t + 1e-12)

    A target of weight 0 is not scored; a row whose weights are all 0 has the loss 0.

    Args:
      logits: a list of [batch, symbols].
      targets: a list of ids [batch], as long as logits.
      weights: a list of floats [batch], or of scalars, as long as logits.
      average_across_timesteps: False: the sum alone.
      softmax_loss_function: called as ``f(labels=targets_t, logits=logits_t)`` for the loss of each row, in place of
        -log softmax(logits_t)[targets_t]; a sampled softmax for example, with logits that are still to be projected.
      name: of the ops.

    Raises:
      GraphError: for lists of different lengths, and for targets or weights that are not one for each row.
    """
    where = "sequence_loss_by_example"
    logits, targets, weights = _checked(logits, targets, weights, where)
    with tf.name_scope(name, where, logits + targets + weights):
        losses = []
        for t, (logit, target, weight) in enumerate(zip(logits, targets, weights)):
            if softmax_loss_function is None:
                target = tf.reshape(target, [-1])
                loss = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=target, logits=logit)
            else:
                loss = tf.convert_to_tensor(softmax_loss_function(labels=target, logits=logit))
            if weight.shape.rank not in (None, 0) and not weight.shape.is_compatible_with(loss.shape):
                raise GraphError(  # [batch, 1] times [batch] would be [batch, batch]
                    "%s: the weights of step %d have the shape %s and the losses %s; they must be [batch], too."
                    % (where, t, weight.shape, loss.shape)
                )
            losses.append(loss * weight)
        total = tf.add_n(losses)
        return total / (tf.add_n(weights) + 1e-12) if average_across_timesteps else total


def sequence_loss(
    logits: Any,
    targets: Any,
    weights: Any,
    average_across_timesteps: bool = True,
    average_across_batch: bool = True,
    softmax_loss_function: Optional[Callable] = None,
    name: Optional[str] = None,
) -> Any:
    """The mean over the rows of `sequence_loss_by_example`, a scalar; their sum with average_across_batch=False.

    For lists; contrib.seq2seq had another function of this name, for tensors [batch, time, symbols]. A short row counts as
    much as a long one. The mean over all symbols is this, for weights of 0 and 1::

        sequence_loss(..., average_across_timesteps=False, average_across_batch=False) / (the sum of all weights)
    """
    logits, targets, weights = _checked(logits, targets, weights, "sequence_loss")
    with tf.name_scope(name, "sequence_loss", logits + targets + weights):
        losses = sequence_loss_by_example(logits, targets, weights, average_across_timesteps, softmax_loss_function)
        total = tf.reduce_sum(losses)
        return total / tf.cast(tf.shape(targets[0])[0], total.dtype) if average_across_batch else total


def _checked(logits: Any, targets: Any, weights: Any, where: str) -> Any:
    lists = [steps_of(x, name, where) for x, name in [(logits, "logits"), (targets, "targets"), (weights, "weights")]]
    counts = tuple(len(several) for several in lists)
    if len(set(counts)) > 1:
        raise GraphError(
            where + ": there are %d logits, %d targets and %d weights; each step needs one of each." % counts
        )
    return lists
