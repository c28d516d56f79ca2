"""From a loss to a train op: the learning rate's schedule, the clipping of the gradient, the update."""

from typing import Any, NamedTuple, Optional, Sequence

import tensorflow.compat.v1 as tf

from rnn_tf1.devices.requests import gradients_beside_ops
from rnn_tf1.errors import Argument, GraphError, Part

LOWER_RATE: Sequence[Part] = ("Try a lower ", Argument("learning_rate"), ".")  # advice
OPTIMIZERS = {"adam": tf.train.AdamOptimizer, "sgd": tf.train.GradientDescentOptimizer}


class TrainOp(NamedTuple):
    """What one training step runs and shows."""

    op: Any  # the update; it raises the step by one
    step: Any  # int64 scalar variable: updates so far
    learning_rate: Any  # scalar: of the next update
    gradient_norm: Any  # scalar: before clipping
    clipped_norm: Any  # scalar: after it
    advice: Sequence[Part] = LOWER_RATE  # what to do where the loss is not finite, in parts as `UserError` takes them


def cosine_decay(learning_rate: float, step: Any, total_steps: int) -> Any:
    """``tf.train.cosine_decay``, which lets a schedule of no steps pass::

        learning_rate (1 + cos(pi step / total_steps)) / 2: from `learning_rate` at the first step to 0 after the last

    Loshchilov and Hutter 2017, "SGDR: Stochastic Gradient Descent with Warm Restarts", without the restarts.
    """
    if total_steps < 1:
        raise GraphError("cosine_decay: total_steps is %d; it must be at least 1." % total_steps)
    # Of one step, whose share is given: in (pi / total_steps) step, as TensorFlow computes it otherwise, the last bit differs.
    return tf.train.cosine_decay(learning_rate, tf.cast(step, tf.float32) / total_steps, 1)


def build_train_op(
    loss: Any, learning_rate: Any, step: Any, clip_norm: Optional[float] = None, optimizer: str = "adam"
) -> TrainOp:
    """One update of all trainable variables against the gradient of `loss`.

    The gradient of each op is computed on the device that was asked for that op (`devices.requests.gradients_beside_ops`).

    Args:
      loss: scalar.
      learning_rate: float, or a scalar tensor such as `cosine_decay`.
      step: the global step, from ``tf.train.get_or_create_global_step()``.
      clip_norm: the whole gradient is scaled down to this norm where it is longer (Pascanu et al. 2013, "On the
        Difficulty of Training Recurrent Neural Networks"); default: no clipping.
      optimizer: "adam" (Kingma and Ba 2015; beta 0.9 and 0.999, epsilon 1e-8) or "sgd".

    Raises:
      GraphError: where the loss depends on no variable, or `optimizer` is unknown.
    """
    if optimizer not in OPTIMIZERS:
        raise GraphError("There is no optimizer %r; there are: %s." % (optimizer, ", ".join(sorted(OPTIMIZERS))))
    variables = tf.trainable_variables()
    with tf.device(gradients_beside_ops(loss.graph)):
        found = tf.gradients(loss, variables, gate_gradients=True)  # as an optimizer computes them
    pairs = [(gradient, variable) for gradient, variable in zip(found, variables) if gradient is not None]
    if not pairs:
        raise GraphError("The loss %s depends on no trainable variable: there is nothing to train." % loss.name)
    gradients, variables = zip(*pairs)
    norm = clipped_norm = tf.global_norm(gradients)
    rate = learning_rate
    if clip_norm is not None:
        clipped_norm = tf.minimum(norm, clip_norm)
        if optimizer == "sgd":  # the rate takes the factor: the gradients are not gone over once more
            rate = learning_rate * clip_norm / tf.maximum(norm, clip_norm)
        else:
            gradients, _ = tf.clip_by_global_norm(gradients, clip_norm, norm)
    gradients = tuple(_summed_by_row(gradient) for gradient in gradients)
    op = OPTIMIZERS[optimizer](rate).apply_gradients(zip(gradients, variables), global_step=step)
    return TrainOp(op, step, tf.convert_to_tensor(learning_rate), norm, clipped_norm)


def _summed_by_row(gradient: Any) -> Any:
    """A gradient of some rows of a table, with each row once. From 1,024 rows on TensorFlow 2 adds those that come twice in
    an order that differs from run to run, and the sum with it.
    """
    if not isinstance(gradient, tf.IndexedSlices):
        return gradient
    rows, places = tf.unique(gradient.indices)
    values = tf.math.unsorted_segment_sum(gradient.values, places, tf.size(rows))
    return tf.IndexedSlices(values, rows, gradient.dense_shape)
