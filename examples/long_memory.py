"""How long can a recurrent cell remember? The adding problem and the copy task at growing lengths T, for six cells.

Adding is solved when the squared error of held-out sums is below 0.01 (no memory: 0.167), copy when 99 % of the held-out
symbols are right (no memory: 12.5 %); a cell that gets there stops. Each (task, cell, T) is a run in a folder of its own:
the same command goes on where it was stopped, and a finished run is read back. With no flags: 48 runs, two to three hours
on two CPU cores; the first lines say how long here. `--task adding` and `--task copy` may run side by side.
"""

from rnn_tf1.program import cli
from rnn_tf1.program.settings import Settings, choice, listed, real, whole

import argparse
import os
from typing import List, Optional

CELLS = ["basic", "context", "gru", "lstm", "peephole", "layer_norm", "irnn", "relu"]
CHECK = 100  # training steps between two looks at the held-out sequences
DEFAULTS = {  # a sum takes little room and long patience; ten symbols take room, and hopeless lengths cost the most
    "adding": {"units": 64, "learning_rate": 0.01, "train_steps": lambda steps: 4000},
    "copy": {"units": 128, "learning_rate": 0.005, "train_steps": lambda steps: min(350000 // steps, 10000)},
}


def cell_name(text):
    if text not in CELLS:
        raise argparse.ArgumentTypeError("%r is none of %s" % (text, ", ".join(CELLS)))
    return text


class Flags(Settings):
    task: str = choice("both", ["adding", "copy", "both"], "what is to be remembered")
    cells: List[str] = listed(CELLS[:6], cell_name, "with commas; there are irnn and relu too")
    steps: List[int] = listed([50, 100, 200, 400], cli.whole(2), "the lengths T, with commas")
    train_steps: Optional[int] = whole(
        None, "at most so many, in hundreds (default: adding 4000; copy 350000 / T, at most 10000)", least=CHECK
    )
    units: Optional[int] = whole(None, "of the cell (default: adding 64, copy 128)")
    batch_size: int = whole(50, "sequences in a training step")
    learning_rate: Optional[float] = real(None, "of Adam (default: adding 0.01, copy 0.005)")
    clip_norm: float = real(1.0, "longer gradients are scaled down to this norm")
    initializer: str = choice("glorot", ["he", "glorot", "orthogonal", "uniform"], "of the kernels")
    unroll: str = choice("static", ["manual", "static", "dynamic"], "how the steps are laid out")

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.quick:
            self.cells, self.steps, self.train_steps = self.cells[:2], [min(10, self.steps[0])], CHECK


def settings_of(flags, task, steps, cell):
    """The flags of that run alone, each with a value."""
    chosen = dict(DEFAULTS[task], train_steps=DEFAULTS[task]["train_steps"](steps))
    chosen.update({name: value for name, value in flags.entries().items() if name != "cells" and value is not None})
    return dict(chosen, task=task, steps=steps, cell=cell, train_steps=max(chosen["train_steps"] // CHECK, 1) * CHECK)


def main() -> None:
    flags = Flags.parse("long_memory", __doc__)

    from rnn_tf1.program.files import atomic_path, make_directory

    import tensorflow.compat.v1 as tf
    from rnn_tf1.experiments.memory import experiment, pictures
    from rnn_tf1.models.memory import MemoryConfig

    make_directory(flags.out_dir)
    todo = []
    for task in ["adding", "copy"] if flags.task == "both" else [flags.task]:
        for steps in sorted(set(flags.steps)):
            for cell in dict.fromkeys(flags.cells):
                run = settings_of(flags, task, steps, cell)
                config = MemoryConfig(task, steps, cell, run["units"], run["unroll"], run["initializer"])
                budget = experiment.Budget(*(run[name] for name in experiment.Budget._fields))
                folder = os.path.join(flags.out_dir, "%s_%s_%d" % (task, cell, steps))
                todo.append((config, budget, folder, dict(run, tensorflow=tf.__version__)))
    print("%d runs, in %s" % (len(todo), flags.out_dir))
    print(experiment.forecast(todo), flush=True)

    results = []
    for number, one in enumerate(todo, 1):
        config = one[0]
        print("%d of %d: %s, %s, T = %d" % (number, len(todo), config.task, config.cell, config.steps), flush=True)
        results.append(experiment.run(*one))
        print(experiment.table(results[-1:]).splitlines()[-1], flush=True)

    def picture(name):
        return os.path.join(flags.out_dir, name + ".png")

    figures = {}
    for result in results:
        name = "%s_%s_%d" % (result["task"], result["cell"], result["steps"])
        figures.update({name + "_" + key: result[key] for key in ("solved_at", "trained", "error", "accuracy")})
    pictures.solved_matrix(results, picture("solved"))
    for task in sorted({result["task"] for result in results}):
        of_task = [result for result in results if result["task"] == task]
        figures.update({task + "_" + name: of_task[0]["settings"][name] for name in ("units", "learning_rate")})
        figures[task + "_solved"] = sum(result["solved_at"] is not None for result in of_task)
        pictures.memory_curves(of_task, picture(task + "_curves"))
        pictures.gradient_reach(of_task, picture(task + "_gradient"))
    table = experiment.table(results)
    with atomic_path(os.path.join(flags.out_dir, "solved.md")) as temporary, open(temporary, "w") as file:
        file.write(table + "\n")
    cli.write_metrics(
        os.path.join(flags.out_dir, "metrics.json"),
        "long_memory",
        flags,
        data="generated: the tasks are made as they are needed",
        seconds=sum(result["seconds"] for result in results),
        **figures,
    )
    print(table)
    print("pictures, solved.md and metrics.json are in %s" % flags.out_dir)


if __name__ == "__main__":
    cli.run_main(main)
