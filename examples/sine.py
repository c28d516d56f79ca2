"""A sine, read in windows of ten values: the next value, by two layers of LSTM units and by two weights.

10,000 windows of sin(t), a value every 0.01, to train on; the 1,000 windows after them to test. The same exercise is in
print with inputs [batch, 1, 10], one step of ten features, where nothing recurs; here they are [batch, 10, 1]. A sine is
2 cos(0.01) times its last value less the one before, so least squares forecasts it to the last digit, and a network that
comes near it has learned to compute that. With no flags: half a minute on two CPU cores.
"""

from rnn_tf1.program import cli
from rnn_tf1.program.settings import Settings, choice, real, whole

import rnn_tf1 as rnn


def network(values, settings):
    """values [batch, steps, 1] -> the output after the last of them, [batch, units]; a dense layer forecasts from it."""
    cell = rnn.make_cell(settings.cell, settings.units, settings.layers)
    outputs, _ = rnn.static_rnn(cell, values)  # [batch, steps, units]
    return rnn.last_output(outputs)


class Flags(Settings):
    cell: str = choice("lstm", ["basic", "lstm", "gru"], "the cell")
    units: int = whole(30, "of each layer")
    layers: int = whole(2, "cells, one above the other")
    steps: int = whole(10, "values that are read", least=2, most=1000)
    interval: float = real(0.01, "of t, between two values", most=1)
    batch_size: int = whole(32, "windows in a training step")
    learning_rate: float = real(0.005, "of Adam; it falls to 0 along a cosine")
    epochs: int = whole(32, "passes over the training windows; 313 training steps each", quick=1)


def main() -> None:
    settings = Flags.parse("sine", __doc__)
    from rnn_tf1.experiments.forecasting.sine import Sine

    Sine(settings, network).main()


if __name__ == "__main__":
    cli.run_main(main)
