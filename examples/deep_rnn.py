"""A deep recurrent network, trained with dropout and without: digits row by row, or the next value of a time series.

With no flags: 3 layers of LSTM units read MNIST, once with dropout and once without: about ten minutes on two CPU cores.
--task series takes two minutes.

--mode train trains, then builds a test graph without any dropout, restores the best epoch into it and tests. --mode test
does the latter alone, in a process of its own. While it trains, the graph has two towers over the same variables, one to
train and one to validate, or, with --graph switch, one network whose dropout is switched on by a placeholder.
"""

from rnn_tf1.program import cli
from rnn_tf1.program.settings import Settings, choice, real, switch, whole

from typing import Optional, Sequence

import rnn_tf1 as rnn


def network(inputs, settings, keep_prob, mode, initial_state):
    """inputs [batch, steps, depth] -> the outputs of the highest layer, [batch, steps, units], and the last state of all."""
    more = dict(recurrent_keep_prob=settings.recurrent_keep_prob, variational=settings.variational)
    cell = rnn.make_cell(settings.cell, settings.units, settings.layers, keep_prob, mode, **more)
    return rnn.unroll(settings.unroll, cell, inputs, initial_state=initial_state(cell))


CELLS = ["basic", "irnn", "lstm", "peephole", "gru", "layer_norm", "context"]
DEFAULTS = {
    "rows": dict(units=100, keep_prob=[0.8, 1.0], learning_rate=0.004, batch_size=150, epochs=8),
    "series": dict(units=50, keep_prob=[0.9, 1.0], learning_rate=0.01, batch_size=50, epochs=60),
}


def by_task(name, text):
    return text + " (default: %s)" % ", ".join("%s for %s" % (found[name], task) for task, found in DEFAULTS.items())


class Flags(Settings):
    mode: str = choice("train", ["train", "test"], "train and test, or only test what was trained")
    task: str = choice("rows", ["rows", "series"], "MNIST row by row, or time series with carried state")
    graph: str = choice("towers", ["towers", "switch"], "how training and validation share the weights")
    cell: str = choice("lstm", CELLS, "the cell")
    layers: int = whole(3, "cells, one above the other")
    units: Optional[int] = whole(None, by_task("units", "units of each layer"), quick=16)
    unroll: str = choice("static", ["manual", "static", "dynamic"], "how the steps are laid out")
    keep_prob: Sequence[float] = real(None, by_task("keep_prob", "of each layer; a run for each"), most=1, nargs="+")
    recurrent_keep_prob: float = real(1.0, "dropout of what the gates read", most=1)
    variational: bool = switch("one dropout mask for all time steps")
    initializer: str = choice("glorot", ["glorot", "he", "orthogonal", "uniform"], "of the kernels")
    learning_rate: Optional[float] = real(None, by_task("learning_rate", "it falls to 0 along a cosine"))
    clip_norm: float = real(1.0, "longer gradients are scaled down to this norm")
    batch_size: Optional[int] = whole(None, by_task("batch_size", "images, or series side by side"), quick=30)
    epochs: Optional[int] = whole(None, by_task("epochs", "passes over the training data"), quick=2)

    def __post_init__(self) -> None:
        vars(self).update({name: value for name, value in DEFAULTS[self.task].items() if vars(self)[name] is None})
        super().__post_init__()


def main() -> None:
    settings = Flags.parse("deep_rnn", __doc__)
    from rnn_tf1.experiments.digits import two_tasks

    two_tasks.main(settings, network)


if __name__ == "__main__":
    cli.run_main(main)
