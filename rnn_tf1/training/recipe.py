"""How something is trained: epochs, learning rate and its decay, clipping, optimizer."""

import dataclasses
from typing import Any, Optional, Tuple, Union

import tensorflow.compat.v1 as tf

from rnn_tf1.errors import GraphError
from rnn_tf1.training.loop import Schedule
from rnn_tf1.training.optimize import TrainOp, build_train_op, cosine_decay


@dataclasses.dataclass(frozen=True)
class StepDecay:
    """The learning rate of the published language models: it stays, and is then multiplied by `factor` after each epoch."""

    constant_epochs: int  # with the first learning rate
    factor: float

    def rate(self, learning_rate: float, epoch: Any) -> Any:
        """Of an epoch, a float32 scalar tensor, counted from 0."""
        return learning_rate * tf.pow(self.factor, tf.maximum(epoch + 1.0 - self.constant_epochs, 0.0))


@dataclasses.dataclass(frozen=True)
class Recipe:
    """How something is trained.

    Attributes:
      epochs: the most that are trained.
      learning_rate: of the first step.
      clip_norm: longer gradients are scaled down to this norm; None: no clipping.
      decay: "cosine": it falls to 0 along a cosine; "none"; or a `StepDecay`.
      optimizer: "adam" or "sgd"; see `build_train_op`.
      patience: epochs without a better one, after which it stops; default: no early stopping.
      target: a value of the monitored figure that is good enough to stop at; default: none.
    """

    epochs: int
    learning_rate: float
    clip_norm: Optional[float] = 1.0
    decay: Union[str, StepDecay] = "cosine"
    optimizer: str = "adam"
    patience: Optional[int] = None
    target: Optional[float] = None

    def rate(self, step: Any, steps_per_epoch: int) -> Any:
        """The learning rate of the step `step`, the global one."""
        if isinstance(self.decay, StepDecay):
            return self.decay.rate(self.learning_rate, tf.cast(step // steps_per_epoch, tf.float32))
        if self.decay not in ("cosine", "none"):
            raise GraphError("decay is %r; it is 'cosine', 'none', or a StepDecay." % (self.decay,))
        return (
            cosine_decay(self.learning_rate, step, steps_per_epoch * self.epochs)
            if self.decay == "cosine"
            else self.learning_rate
        )

    def plan(
        self,
        loss: Any,
        steps_per_epoch: int,
        monitor: Optional[str] = "valid_accuracy",
        lower_is_better: bool = False,
    ) -> Tuple[TrainOp, Schedule]:
        """(one update against the gradient of `loss`, how long `fit` makes them): training by this recipe; see `Schedule`."""
        step = tf.train.get_or_create_global_step()
        rate = self.rate(step, steps_per_epoch)
        train_op = build_train_op(loss, rate, step, self.clip_norm, self.optimizer)
        schedule = Schedule(steps_per_epoch, self.epochs, monitor, lower_is_better, self.patience, self.target)
        return train_op, schedule
