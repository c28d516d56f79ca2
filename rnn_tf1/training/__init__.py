"""Training: the loop, its checkpoints, and the folder in which a run lives."""

from rnn_tf1.training.folder import RunFolder, differences, read_finished
from rnn_tf1.training.loop import (
    Feed,
    Run,
    Schedule,
    count_parameters,
    fit,
    new_session,
    predict,
    restore_best,
    session_config,
    towers,
)
from rnn_tf1.training.optimize import LOWER_RATE, TrainOp, build_train_op, cosine_decay
from rnn_tf1.training.recipe import Recipe, StepDecay
from rnn_tf1.training.speed import Speed, last_speed

__all__ = [
    "LOWER_RATE",
    "Feed",
    "Recipe",
    "Run",
    "RunFolder",
    "Schedule",
    "Speed",
    "StepDecay",
    "TrainOp",
    "build_train_op",
    "cosine_decay",
    "count_parameters",
    "differences",
    "fit",
    "last_speed",
    "new_session",
    "predict",
    "read_finished",
    "restore_best",
    "session_config",
    "towers",
]
