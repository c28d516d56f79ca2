"""Runs that measure memory: one cell, one task, one length; trained, read back where they are finished, timed, and listed."""

import dataclasses
import os
import time
from typing import Any, Callable, Dict, Iterable, List, NamedTuple, Sequence, Tuple

import numpy as np
import tensorflow.compat.v1 as tf

from rnn_tf1 import training
from rnn_tf1.data.generated import memory_tasks
from rnn_tf1.errors import TrainingError
from rnn_tf1.experiments.experiment import Experiment
from rnn_tf1.experiments.figures import Figure, Figures
from rnn_tf1.experiments.memory import pictures
from rnn_tf1.models.memory import GradientReach, MemoryConfig, MemoryNet, build_gradient_reach, build_memory_net
from rnn_tf1.ops.mode import TESTING, Mode
from rnn_tf1.program.files import atomic_path, locked, make_directory, write_json
from rnn_tf1.training import Feed, Recipe, Run, RunFolder

CHECK = 100  # training steps between two looks at the held-out sequences
HELD_OUT = 500  # sequences
TIMED_STEPS = 20  # length of the sequences on which a training step is timed

FIGURES = Figures(
    "long_memory",
    Figure("adding_solved", "adding: runs that solve it", "%d"),
    Figure("copy_solved", "copying", "%d"),
)


class Task(NamedTuple):
    """What is to be remembered, when it counts as solved, and what is chosen where the settings do not say it."""

    make: Any  # (batch_size, steps, seed, step, part) to a batch
    monitor: str  # the figure of the held-out sequences that decides
    target: float  # which it has to reach
    baseline: Any  # steps to the error without memory
    units: int
    learning_rate: float
    train_steps: Any  # steps to the training steps


TASKS = {  # a sum takes little room and long patience; ten symbols take room, and hopeless lengths cost the most
    "adding": Task(
        memory_tasks.adding_batch,
        "valid_error",
        0.01,
        lambda steps: memory_tasks.ADDING_BASELINE,
        64,
        0.01,
        lambda steps: 4000,
    ),
    "copy": Task(
        memory_tasks.copy_batch,
        "valid_accuracy",
        0.99,
        memory_tasks.copy_baseline,
        128,
        0.005,
        lambda steps: min(350000 // steps, 10000),
    ),
}


class Memory(Experiment):
    """One cell, one task, one length; trained until the task is solved or the training steps are spent.

    Args:
      settings: those of ``examples/long_memory.py``.
      network: network(inputs, config, probe) gives the output of every step; see `models.memory.build_memory_net`.
      task: "adding" or "copy".
      cell: by name.
      steps: how long it has to remember.
    """

    figures = FIGURES
    steps_per_epoch = CHECK

    def __init__(self, settings: Any, network: Callable[..., Any], task: str, cell: str, steps: int):
        self.task, chosen = TASKS[task], settings.entries()
        for name in ("units", "learning_rate"):
            chosen[name] = getattr(self.task, name) if chosen[name] is None else chosen[name]
        train_steps = settings.train_steps or self.task.train_steps(steps)
        self.train_steps = max(train_steps // CHECK, 1) * CHECK
        del chosen["cells"]
        chosen.update(task=task, cell=cell, steps=steps, train_steps=self.train_steps, tensorflow=tf.__version__)
        self.config = MemoryConfig(task, steps, cell, chosen["units"], settings.unroll, settings.initializer)
        self.monitor, self.lower_is_better = self.task.monitor, self.task.monitor == "valid_error"
        recipe = Recipe(
            self.train_steps // CHECK,
            chosen["learning_rate"],
            decay="none",
            clip_norm=settings.clip_norm,
            target=self.task.target,
        )
        super().__init__(
            settings, recipe, RunFolder(os.path.join(settings.out_dir, "%s_%s_%d" % (task, cell, steps)), chosen)
        )
        self._network = network

    def load(self) -> None:
        self.held_out = self.task.make(HELD_OUT, self.config.steps, self.seed, 0, "valid")

    def network(self, mode: Mode) -> MemoryNet:
        return build_memory_net(self.config, self._network)

    def reach(self) -> GradientReach:
        return build_gradient_reach(self.config, self._network)

    def towers(self) -> Tuple[MemoryNet, MemoryNet]:
        net = self.network(TESTING)
        with tf.variable_scope(tf.get_variable_scope(), reuse=True):
            reach = self.reach()
        with tf.Session(config=training.session_config()) as session:  # its first weights are the training's, too
            session.run(tf.global_variables_initializer())
            self.reach_at_start = self.look(session, reach)
        return net, net

    def shown(self, net: MemoryNet) -> Dict[str, Any]:
        return {"loss": net.loss, "accuracy": net.accuracy}

    def batches(self, net: MemoryNet, epoch: int, start: int) -> Iterable[Feed]:
        for number in range(epoch * CHECK + start, (epoch + 1) * CHECK):
            yield _feed(net, self.task.make(self.settings.batch_size, self.config.steps, self.seed, number))

    def evaluate(self, session: Any, net: MemoryNet) -> Dict[str, float]:
        values = training.predict(
            session,
            {"error": net.losses, "accuracy": net.correct},
            _feed(net, self.held_out),
            self.settings.batch_size,
        )
        return {"valid_" + name: found.mean() for name, found in values.items()}

    def look(self, session: Any, reach: GradientReach) -> Dict[str, Any]:
        """The norms of the gradient that reaches each step; None where one is not finite."""
        feed = _feed(reach, [part[: self.settings.batch_size] for part in self.held_out])
        return {
            name: [float(norm) if np.isfinite(norm) else None for norm in norms]
            for name, norms in session.run(reach.norms, feed).items()
        }

    def report(self, run: Run) -> Dict[str, Any]:
        with self.restored(self.reach) as (session, reach):
            reached = {"start": self.reach_at_start, "end": self.look(session, reach)}
        trained, figure = CHECK * len(run.history), run.best[self.task.monitor]
        solved = figure <= self.task.target if self.lower_is_better else figure >= self.task.target
        return dict(
            trained=trained,
            solved_at=trained if solved else None,
            error=run.best["valid_error"],
            accuracy=run.best["valid_accuracy"],
            history=[[CHECK * row["epoch"], row["valid_error"]] for row in run.history],
            seconds=run.seconds,
            reach=reached,
        )

    @property
    def is_finished(self) -> bool:
        return training.read_finished(self.folder.path, self.folder.settings) is not None

    def result(self) -> Dict[str, Any]:
        """Trains, goes on where it was stopped, and reads a finished run back.

        Returns:
          What result.json holds: `settings`, `task`, `cell`, `steps` (the length), `trained` (training steps), `solved_at`
          (training steps, or None), `error` and `accuracy` of the held-out sequences at the best check, or None where the
          training diverged, `baseline` (the error without memory), `history` (pairs of training steps and error), `reach`
          (the norms of `build_gradient_reach` at the "start" and at the "end"), `seconds`.

        Raises what `training.fit` does, but for `TrainingError`, which stands in the result as `diverged`.
        """
        path, made_of = self.folder.path, self.folder.settings
        known = training.read_finished(path, made_of)
        if known is not None:
            return known
        config = self.config
        result: Dict[str, Any] = dict(settings=made_of, task=config.task, cell=config.cell, steps=config.steps)
        result.update(baseline=self.task.baseline(config.steps), diverged=None)
        self.load()
        with locked(path):
            started = time.monotonic()
            try:
                result.update(self.report(self.train()))
            except TrainingError as error:
                result.update(solved_at=None, error=None, accuracy=None, history=[], trained=0, diverged=str(error))
                result.update(reach={"start": self.reach_at_start}, seconds=time.monotonic() - started)
            write_json(os.path.join(path, "result.json"), result)
        return result

    def time_per_step(self) -> Tuple[float, float]:
        """Seconds to build the graph and seconds of a training step, both for each step of the sequence."""
        config, batch_size = dataclasses.replace(self.config, steps=TIMED_STEPS), self.settings.batch_size
        started = time.monotonic()
        with tf.Graph().as_default():
            tf.set_random_seed(self.seed)
            net = build_memory_net(config, self._network)
            train_op, _ = self.recipe.plan(net.loss, CHECK)
            feed = _feed(net, self.task.make(batch_size, config.steps, self.seed, 0))
            with tf.Session(config=training.session_config()) as session:
                session.run(tf.global_variables_initializer())
                session.run(train_op.op, feed)
                built = time.monotonic()
                for _ in range(10):
                    session.run(train_op.op, feed)
                ended = time.monotonic()
        return (built - started) / config.length, (ended - built) / 10 / config.length


def main(settings: Any, network: Callable[..., Any]) -> None:
    """Goes through tasks, lengths and cells, draws, lists, and publishes."""
    make_directory(settings.out_dir)
    runs = [
        Memory(settings, network, task, cell, steps)
        for task in (["adding", "copy"] if settings.task == "both" else [settings.task])
        for steps in sorted(set(settings.steps))
        for cell in dict.fromkeys(settings.cells)
    ]
    print("%d runs, in %s" % (len(runs), settings.out_dir))
    print(forecast(runs), flush=True)
    results: List[Dict[str, Any]] = []
    for number, one in enumerate(runs, 1):
        config = one.config
        print("%d of %d: %s, %s, T = %d" % (number, len(runs), config.task, config.cell, config.steps), flush=True)
        results.append(one.result())
        print(table(results[-1:]).splitlines()[-1], flush=True)
    values = {}
    for result in results:
        name = "%s_%s_%d_" % (result["task"], result["cell"], result["steps"])
        values.update({name + key: result[key] for key in ("solved_at", "trained", "error", "accuracy")})
    pictures.solved_matrix(results, one.picture("solved.png"))
    for task in sorted({result["task"] for result in results}):
        of_task = [result for result in results if result["task"] == task]
        values.update({task + "_" + name: of_task[0]["settings"][name] for name in ("units", "learning_rate")})
        values[task + "_solved"] = sum(result["solved_at"] is not None for result in of_task)
        pictures.memory_curves(of_task, one.picture(task + "_curves.png"))
        pictures.gradient_reach(of_task, one.picture(task + "_gradient.png"))
    with atomic_path(os.path.join(settings.out_dir, "solved.md")) as temporary, open(temporary, "w") as file:
        file.write(table(results) + "\n")
    print(table(results))
    seconds = sum(result["seconds"] for result in results)
    FIGURES.publish(settings, "generated: the tasks are made as they are needed", seconds, values)


def forecast(runs: Sequence[Memory]) -> str:
    """A line that says how long the runs will take that are not finished.

    A graph of 20 steps is built and ten training steps are timed for each cell, about 2 seconds each; the time to build and
    the time of a training step both grow with the length.
    """
    left = [one for one in runs if not one.is_finished]
    timed: Dict[Tuple[str, str], Tuple[float, float]] = {}
    seconds = 0.0
    for one in left:
        key = (one.config.task, one.config.cell)
        if key not in timed:
            timed[key] = one.time_per_step()
        build, step = timed[key]
        seconds += one.config.length * (build + one.train_steps * step)
    if not left:
        return "All of them are finished."
    return "%d of them are left: at most about %s here, less for each that is solved early." % (
        len(left),
        "%.0f minutes" % (seconds / 60) if seconds > 90 else "%.0f seconds" % seconds,
    )


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


def _feed(net: Any, batch: Any) -> Dict[Any, Any]:
    return {net.inputs: batch[0], net.targets: batch[1]}
