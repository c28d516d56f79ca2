"""Which way does the digit move? A small convolutional network sees each frame, a recurrent one reads what it saw.

With no flags: clips of 20 noisy frames, drawn from MNIST's training digits, about a quarter of an hour on two CPU cores.
Two networks are trained: one names the movement of a whole clip, one that of each frame in clips whose movement changes. The
second begins with the weights of the first: from random ones, the harder task is hardly learned in this time. Beside them
stands a network that sees one frame alone, for as many epochs: whatever the movement is, one frame looks the same, so it can
but guess. The test clips have digits that no network has seen.
"""

from rnn_tf1.program import cli
from rnn_tf1.program.settings import Settings, choice, real, whole

import rnn_tf1 as rnn


def network(frames, lengths, settings):
    """What the convolutions see of the frames, [batch, time, depth] -> the outputs [batch, time, units], half of them from
    those that read backwards: the frames after a change tell it as well as those before."""
    layer = settings.cell, settings.units // 2
    forward, backward = [[rnn.make_cell(*layer) for _ in range(settings.layers)] for _ in range(2)]
    outputs, _ = rnn.bidirectional_stack(forward, backward, frames, lengths)
    return outputs


class Flags(Settings):
    cell: str = choice("gru", ("lstm", "gru", "basic", "layer_norm"), "recurrent cell")
    units: int = whole(256, "of each layer, half of them for each direction", least=2, quick=16)
    layers: int = whole(1, "cells, one above the other")
    depth: int = whole(48, "numbers that are handed on of each frame")
    convolution: int = whole(3, "frames that a convolution in front sees at once; 0: none", least=0)
    epochs: int = whole(20, "each with clips of its own", quick=2)
    steps: int = whole(100, "batches of an epoch", quick=10)
    batch_size: int = whole(64, "clips side by side", quick=16)
    learning_rate: float = real(0.002, "at the start; it falls to 0 along a cosine")

    def __post_init__(self) -> None:
        super().__post_init__()
        self.check_two_directions()


def main() -> None:
    settings = Flags.parse("moving_digits_video", __doc__)
    from rnn_tf1.experiments.classification import movements

    movements.main(settings, network)


if __name__ == "__main__":
    cli.run_main(main)
