"""How long can a recurrent cell remember? The adding problem and the copy task at growing lengths T, for six cells.

Adding is solved when the squared error of held-out sums is below 0.01 (no memory: 0.167), copy when 99 % of the held-out
symbols are right (no memory: 12.5 %); a cell that gets there stops. Each (task, cell, T) is a run in a folder of its own:
the same command goes on where it was stopped, and a finished run is read back. With no flags: 48 runs, two to three hours
on two CPU cores; the first lines say how long here. `--task adding` and `--task copy` may run side by side.
"""

from rnn_tf1.program import cli
from rnn_tf1.program.settings import Settings, choice, listed, real, whole

from typing import List, Optional

import rnn_tf1 as rnn

CELLS = ["basic", "context", "gru", "lstm", "peephole", "layer_norm", "irnn", "relu"]


def network(inputs, config, probe):
    """inputs [batch, T, 2], or for copy [batch, T + 20, 10] -> the output of every step, [batch, steps, units].

    A dense layer answers, from the last output or from each. `probe` is there for the picture of the gradient: it adds a zero
    to each state, by which the loss is derived.
    """
    cell, inputs = probe(rnn.make_cell(config.cell, config.units), inputs)
    outputs, _ = rnn.unroll(config.unroll, cell, inputs)
    return outputs


class Flags(Settings):
    task: str = choice("both", ["adding", "copy", "both"], "what is to be remembered")
    cells: List[str] = listed(CELLS[:6], cli.one_of(CELLS), "with commas; there are irnn and relu too")
    steps: List[int] = listed([50, 100, 200, 400], cli.whole(2), "the lengths T, with commas")
    train_steps: Optional[int] = whole(
        None, "at most so many, in hundreds (default: adding 4000; copy 350000 / T, at most 10000)", least=100
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
            self.cells, self.steps, self.train_steps = self.cells[:2], [min(10, self.steps[0])], 100


def main() -> None:
    settings = Flags.parse("long_memory", __doc__)
    from rnn_tf1.experiments.memory import experiment

    experiment.main(settings, network)


if __name__ == "__main__":
    cli.run_main(main)
