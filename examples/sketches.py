"""What has been drawn? Pen strokes go through convolutions over the steps, then through LSTM units in both directions.

With no flags: 47,400 drawings of three classes, about two minutes on two CPU cores. The picture shows drawings of each class,
their strokes the darker, the more the network looked at them, and some that it took for something else.

--ndjson reads Quick, Draw!'s simplified files instead, a file for each class: --ndjson cat.ndjson dog.ndjson
"""

from rnn_tf1.program import cli
from rnn_tf1.program.settings import Settings, choice, real, setting, switch, whole

from typing import Sequence

import rnn_tf1 as rnn


def network(seen, lengths, settings, mode):
    """What the convolutions see of the strokes, [batch, time, filters] -> the outputs [batch, time, units]."""
    if settings.one_direction:
        cell = rnn.make_cell(settings.cell, settings.units, settings.layers, settings.keep_prob, mode)
        outputs, _ = rnn.dynamic_rnn(cell, seen, lengths)
    else:  # half of the units read from the last stroke to the first
        layer = settings.cell, settings.units // 2, 1, settings.keep_prob, mode
        forward, backward = [[rnn.make_cell(*layer) for _ in range(settings.layers)] for _ in range(2)]
        outputs, _ = rnn.bidirectional_stack(forward, backward, seen, lengths)
    return outputs


class Flags(Settings):
    ndjson: Sequence[str] = setting(None, "Quick, Draw!'s files, two or more, a class each", nargs="+", metavar="FILE")
    most: int = whole(10000, "drawings to take of each of them", least=20)
    cell: str = choice("lstm", ("lstm", "gru", "basic", "layer_norm"), "recurrent cell")
    units: int = whole(96, "of each layer", least=2, quick=16)
    layers: int = whole(1, "cells, one above the other")
    one_direction: bool = switch("read from the first stroke to the last alone")
    summary: str = choice("attention", ("last", "mean", "attention"), "what of the outputs is judged")
    keep_prob: float = real(0.8, "dropout of the convolutions, the outputs, the summary", most=1)
    epochs: int = whole(5, "passes over the training data", quick=2)
    batch_size: int = whole(64, "drawings side by side")
    learning_rate: float = real(0.002, "at the start; it falls to 0 along a cosine")

    def __post_init__(self) -> None:
        super().__post_init__()
        one = self.ndjson and len(self.ndjson) < 2
        self.refuse(one, "ndjson", "one file is one class, and there must be two to choose from")
        if not self.one_direction:
            self.check_two_directions()


def main() -> None:
    settings = Flags.parse("sketches", __doc__)
    from rnn_tf1.experiments.classification.sketches import Sketches

    Sketches(settings, network).main()


if __name__ == "__main__":
    cli.run_main(main)
