"""Runs that measure memory: one cell, one task, one length; trained, read back where they are finished, timed, and listed."""

import dataclasses
import os
import time
from typing import Any, Dict, NamedTuple, Sequence, Tuple

import numpy as np
import tensorflow.compat.v1 as tf

from rnn_tf1 import training
from rnn_tf1.data.generated import memory_tasks
from rnn_tf1.errors import TrainingError, renamed
from rnn_tf1.models.memory import MemoryConfig, MemoryNet, build_gradient_reach, build_memory_net
from rnn_tf1.program.files import locked, write_json
from rnn_tf1.training.optimize import TrainOp, build_train_op

CHECK = 100  # training steps between two looks at the held-out sequences
HELD_OUT = 500  # sequences
TIMED_STEPS = 20  # length of the sequences on which a training step is timed


class Task(NamedTuple):
    """What is to be remembered, and when it counts as solved."""

    make: Any  # (batch_size, steps, seed, step, part) to a batch
    monitor: str  # the figure of the held-out sequences that decides
    target: float  # which it has to reach
    baseline: Any  # steps to the error without memory


TASKS = {
    "adding": Task(memory_tasks.adding_batch, "valid_error", 0.01, lambda steps: memory_tasks.ADDING_BASELINE),
    "copy": Task(memory_tasks.copy_batch, "valid_accuracy", 0.99, memory_tasks.copy_baseline),
}


class Budget(NamedTuple):
    """How a run is trained."""

    train_steps: int  # at most; a multiple of CHECK
    batch_size: int
    learning_rate: float
    clip_norm: float
    seed: int


@renamed(out_dir="folder", path="folder", directory="folder")
def run(config: MemoryConfig, budget: Budget, folder: str, settings: Dict[str, Any]) -> Dict[str, Any]:
    """Trains until the task is solved or the budget is spent; goes on where it was stopped, and trains no finished run again.

    Args:
      folder: of this run alone: checkpoints, events, and at the end result.json.
      settings: what the run is made of, by name; a run in the same folder with other settings is refused.

    Returns:
      What result.json holds: `settings`, `task`, `cell`, `steps` (the length), `trained` (training steps), `solved_at`
      (training steps, or None), `error` and `accuracy` of the held-out sequences at the best check, or None where the
      training diverged, `baseline` (the error without memory), `history` (pairs of training steps and error), `reach`
      (the norms of `build_gradient_reach` at the "start" and at the "end"), `seconds`.

    Raises what `training.fit` does, but for `TrainingError`, which stands in the result as `diverged`.
    """
    known = training.read_finished(folder, settings)
    if known is not None:
        return known
    task = TASKS[config.task]
    result: Dict[str, Any] = dict(settings=settings, task=config.task, cell=config.cell, steps=config.steps)
    result.update(baseline=task.baseline(config.steps), solved_at=None, error=None, accuracy=None, diverged=None)
    held_out = task.make(HELD_OUT, config.steps, budget.seed, 0, "valid")
    with locked(folder), tf.Graph().as_default():
        net, train_op = _build(config, budget)
        with tf.variable_scope(tf.get_variable_scope(), reuse=True):
            reach = build_gradient_reach(config)

        def feeds(epoch: int, start: int) -> Any:
            for number in range(epoch * CHECK + start, (epoch + 1) * CHECK):
                yield _feed(net, task.make(budget.batch_size, config.steps, budget.seed, number))

        def evaluate() -> Dict[str, float]:
            found = training.predict(
                session, {"error": net.losses, "accuracy": net.correct}, _feed(net, held_out), budget.batch_size
            )
            return {"valid_" + name: values.mean() for name, values in found.items()}

        def look() -> Dict[str, Any]:
            found = session.run(reach.norms, _feed(reach, [part[: budget.batch_size] for part in held_out]))
            return {
                name: [float(norm) if np.isfinite(norm) else None for norm in norms] for name, norms in found.items()
            }

        with tf.Session(config=training.session_config()) as session:  # its first weights are the training's, too
            session.run(tf.global_variables_initializer())
            result["reach"] = {"start": look()}
        with tf.Session(config=training.session_config()) as session:
            started = time.monotonic()
            try:
                fitted = training.fit(
                    session,
                    train_op,
                    {"loss": net.loss, "accuracy": net.accuracy},
                    feeds,
                    CHECK,
                    budget.train_steps // CHECK,
                    evaluate,
                    folder,
                    settings,
                    monitor=task.monitor,
                    lower_is_better=task.monitor == "valid_error",
                    target=task.target,
                )
            except TrainingError as error:
                result.update(diverged=str(error), history=[], trained=0, seconds=time.monotonic() - started)
            else:
                best = fitted.history[fitted.best_epoch - 1]
                trained = CHECK * len(fitted.history)
                result.update(
                    trained=trained,
                    solved_at=trained if _solved(task, best[task.monitor]) else None,
                    error=best["valid_error"],
                    accuracy=best["valid_accuracy"],
                    history=[[CHECK * row["epoch"], row["valid_error"]] for row in fitted.history],
                    seconds=fitted.seconds,
                )
                result["reach"]["end"] = look()
    write_json(os.path.join(folder, "result.json"), result)
    return result


def forecast(todo: Sequence[Tuple[MemoryConfig, Budget, str, Dict[str, Any]]]) -> str:
    """A line that says how long the runs will take that are not finished; each is the arguments of `run`.

    A graph of 20 steps is built and ten training steps are timed for each cell, about 2 seconds each; the time to build and
    the time of a training step both grow with the length.
    """
    left = [one for one in todo if training.read_finished(one[2], one[3]) is None]
    timed: Dict[Tuple[str, str], Tuple[float, float]] = {}
    seconds = 0.0
    for config, budget, _, _ in left:
        key = (config.task, config.cell)
        if key not in timed:
            timed[key] = time_per_step(config, budget)
        build, step = timed[key]
        seconds += config.length * (build + budget.train_steps * step)
    if not left:
        return "All of them are finished."
    return "%d of them are left: at most about %s here, less for each that is solved early." % (
        len(left),
        "%.0f minutes" % (seconds / 60) if seconds > 90 else "%.0f seconds" % seconds,
    )


def time_per_step(config: MemoryConfig, budget: Budget) -> Tuple[float, float]:
    """Seconds to build the graph and seconds of a training step, both for each step of the sequence."""
    config = dataclasses.replace(config, steps=TIMED_STEPS)
    started = time.monotonic()
    with tf.Graph().as_default():
        net, train_op = _build(config, budget)
        feed = _feed(net, TASKS[config.task].make(budget.batch_size, config.steps, budget.seed, 0))
        with tf.Session(config=training.session_config()) as session:
            session.run(tf.global_variables_initializer())
            session.run(train_op.op, feed)
            built = time.monotonic()
            for _ in range(10):
                session.run(train_op.op, feed)
            ended = time.monotonic()
    return (built - started) / config.length, (ended - built) / 10 / config.length


def table(runs: Sequence[Dict[str, Any]]) -> str:
    """What was solved, a line for each run, as a Markdown table."""
    lines = ["| task | cell | T | solved after | error | no memory |", "|---|---|---:|---:|---:|---:|"]
    for one in runs:
        solved = "%d steps" % one["solved_at"] if one["solved_at"] else "no, %d steps" % one["trained"]
        error = "%.4f" % one["error"] if one["diverged"] is None else "not finite"
        if one["accuracy"] is not None and one["task"] == "copy":
            error += " (%.1f %% right)" % (100 * one["accuracy"])
        lines.append(
            "| %s | %s | %d | %s | %s | %.4f |"
            % (one["task"], one["cell"], one["steps"], solved, error, one["baseline"])
        )
    return "\n".join(lines)


def _build(config: MemoryConfig, budget: Budget) -> Tuple[MemoryNet, TrainOp]:
    tf.set_random_seed(budget.seed)
    net = build_memory_net(config)
    step = tf.train.get_or_create_global_step()
    return net, build_train_op(net.loss, budget.learning_rate, step, budget.clip_norm)


def _feed(net: Any, batch: Any) -> Dict[Any, Any]:
    return {net.inputs: batch[0], net.targets: batch[1]}


def _solved(task: Task, value: float) -> bool:
    return value <= task.target if task.monitor == "valid_error" else value >= task.target
