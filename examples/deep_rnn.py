"""A deep recurrent network, trained with dropout and without: digits row by row, or the next value of a time series.

With no flags: 3 layers of LSTM units read MNIST, once with dropout and once without: about ten minutes on two CPU cores.
--task series takes two minutes.

--mode train trains, then builds a test graph without any dropout, restores the best epoch into it and tests. --mode test
does the latter alone, in a process of its own. While it trains, the graph has two towers over the same variables, one to
train and one to validate, or, with --graph switch, one network whose dropout is switched on by a placeholder.
"""

from rnn_tf1.program import cli

# isort: split
import dataclasses
import os
from typing import Optional, Sequence

from rnn_tf1.program.settings import Settings, choice, real, switch, whole

CELLS = ["basic", "irnn", "lstm", "peephole", "gru", "layer_norm", "context"]
DEFAULTS = {
    "rows": dict(units=100, keep_prob=[0.8, 1.0], learning_rate=0.004, batch_size=150, epochs=8),
    "series": dict(units=50, keep_prob=[0.9, 1.0], learning_rate=0.01, batch_size=50, epochs=60),
}
STACK = ("cell", "units", "layers", "unroll", "recurrent_keep_prob", "variational", "initializer")


def by_task(name):
    return " (default: %s)" % ", ".join("%s for %s" % (found[name], task) for task, found in DEFAULTS.items())


@dataclasses.dataclass
class Flags(Settings):
    mode: str = choice("train", ["train", "test"], "train and test, or only test what was trained")
    task: str = choice("rows", ["rows", "series"], "MNIST row by row, or time series with carried state")
    graph: str = choice("towers", ["towers", "switch"], "how training and validation share the weights")
    cell: str = choice("lstm", CELLS, "the cell")
    layers: int = whole(3, "cells, one above the other")
    units: Optional[int] = whole(None, "units of each layer" + by_task("units"), quick=16)
    unroll: str = choice("static", ["manual", "static", "dynamic"], "how the steps are laid out")
    keep_prob: Sequence[float] = real(
        None, "dropout, by layer; a run for each" + by_task("keep_prob"), most=1, nargs="+"
    )
    recurrent_keep_prob: float = real(1.0, "dropout of what the gates read", most=1)
    variational: bool = switch("one dropout mask for all time steps")
    initializer: str = choice("glorot", ["glorot", "he", "orthogonal", "uniform"], "of the kernels")
    learning_rate: Optional[float] = real(None, "it falls to 0 along a cosine" + by_task("learning_rate"))
    clip_norm: float = real(1.0, "longer gradients are scaled down to this norm")
    batch_size: Optional[int] = whole(None, "images, or series side by side" + by_task("batch_size"), quick=30)
    epochs: Optional[int] = whole(None, "passes over the training data" + by_task("epochs"), quick=2)

    def __post_init__(self) -> None:
        for name, value in DEFAULTS[self.task].items():
            setattr(self, name, value if getattr(self, name) is None else getattr(self, name))
        super().__post_init__()


def main() -> None:
    flags = Flags.parse("deep_rnn", __doc__)

    import tensorflow.compat.v1 as tf

    from rnn_tf1 import plotting
    from rnn_tf1.experiments.digits import two_tasks
    from rnn_tf1.program.files import locked

    with locked(flags.out_dir):
        task = two_tasks.TASKS[flags.task](flags.batch_size, flags.seed, flags.data_dir, flags.quick)
        fitted, tested = {}, {}
        for keep_prob in flags.keep_prob:
            config = dict({name: getattr(flags, name) for name in STACK}, keep_prob=keep_prob)
            settings = flags.identity(data=task.identity, tensorflow=tf.__version__, mode="train", **config)
            name = "keep_prob %g" % keep_prob
            folder = os.path.join(flags.out_dir, name.replace(" ", "_"))
            if flags.mode == "train":
                print("%s: %d epochs, in %s" % (name, flags.epochs, folder))
                fitted[name] = two_tasks.train(task, config, folder, settings, flags)
            tested[name] = two_tasks.test(task, config, folder, settings)
            print("%s: %s" % (name, ", ".join("test %s %.5g" % item for item in sorted(tested[name].items()))))
        if fitted:
            plotting.compared_curves(
                {name: run.history for name, run in fitted.items()},
                {name: run.best_epoch for name, run in fitted.items()},
                tested,
                os.path.join(flags.out_dir, "curves.png"),
            )
            figures = task.metrics(tested[next(iter(fitted))])
            seconds = sum(run.seconds for run in fitted.values())
            path = os.path.join(flags.out_dir, "metrics.json")
            cli.write_metrics(path, "deep_rnn", flags, task.source, seconds, runs=tested, **figures)
            print("curves.png and metrics.json are in %s" % flags.out_dir)


if __name__ == "__main__":
    cli.run_main(main)
