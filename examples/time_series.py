"""The next value of a series, forecast at every step: 20 values are read by 100 ReLU units, as in Geron 2017, "Hands-On
Machine Learning", chapter 14.

The series is t sin(t) / 3 + 2 sin(5 t), a value every 0.1. The forecasts are made in two ways with equal results: by an
`OutputProjectionWrapper`, a small matrix product at every step, and by one dense layer over the stacked outputs of all steps.
With no flags: both are trained, about half a minute on two CPU cores.
"""

from rnn_tf1.program import cli
from rnn_tf1.program.settings import Settings, choice, real, whole

from typing import Sequence

import rnn_tf1 as rnn


def network(values, settings, head):
    """values [batch, steps, 1] -> the next value at every step, [batch, steps, 1]."""
    cell = rnn.make_cell(settings.cell, settings.units, settings.layers)
    if head == "projection":
        outputs, _ = rnn.unroll(settings.unroll, rnn.OutputProjectionWrapper(cell, 1), values)
        return outputs
    outputs, _ = rnn.unroll(settings.unroll, cell, values)  # [batch, steps, units]
    return rnn.dense(outputs, 1)


class Flags(Settings):
    head: Sequence[str] = choice(["projection", "dense"], ["projection", "dense"], "a run for each", nargs="+")
    cell: str = choice("relu", ["relu", "basic", "lstm", "gru"], "the cell")
    units: int = whole(100, "of each layer")
    layers: int = whole(1, "cells, one above the other")
    steps: int = whole(20, "values that are read", most=250)
    unroll: str = choice("dynamic", ["manual", "static", "dynamic"], "how the steps are laid out")
    batch_size: int = whole(50, "windows in an iteration")
    learning_rate: float = real(0.001, "of Adam")
    iterations: int = whole(1500, "of training, rounded down to hundreds", least=100, quick=200)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.iterations -= self.iterations % 100


def main() -> None:
    settings = Flags.parse("time_series", __doc__)
    from rnn_tf1.experiments.forecasting import growing

    growing.main(settings, network)


if __name__ == "__main__":
    cli.run_main(main)
