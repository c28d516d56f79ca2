"""Layers of one network on devices of their own: what ran where, what was sent between them, and whether it pays.

With no flags: three LSTM layers, one on each GPU where there are GPUs, else on virtual CPU devices; about a minute.
A training step is timed beside that of the same network on one device, in turns, within one run.
"""

from rnn_tf1.program import cli
from rnn_tf1.program.settings import Settings, choice, setting, whole

from typing import Optional

import rnn_tf1 as rnn


def network(rows, settings, devices):
    """rows [batch, steps, depth] -> the outputs of the highest layer, [batch, steps, units]; layer i is on devices[i]."""
    cell = rnn.make_cell(settings.cell, settings.units, settings.layers, devices=devices)
    outputs, _ = rnn.unroll(settings.unroll, cell, rows)
    return outputs


class Flags(Settings):
    layers: int = whole(3, "cells, one above the other")
    devices: Optional[str] = setting(
        None, "one for each layer, with commas between (default: the GPUs, else virtual CPUs)"
    )
    cell: str = choice("lstm", ["basic", "lstm", "peephole", "gru", "layer_norm", "context"], "the cell")
    unroll: str = choice("static", ["manual", "static", "dynamic"], "static sends the least")
    units: int = whole(128, "units of each layer", quick=32)
    batch_size: int = whole(100, "sequences in a step", quick=30)
    rounds: int = whole(20, "rounds of five training steps on each graph", least=2, quick=4)


def main() -> None:
    settings = Flags.parse("multi_device", __doc__)
    from rnn_tf1.experiments.digits import devices

    devices.main(settings, network)


if __name__ == "__main__":
    cli.run_main(main)
