"""What does it say? One to four digits stand somewhere on a canvas, and a network writes under it: "seven two nine".

With no flags: canvases drawn anew at each step from MNIST's training digits, two networks, twenty-five minutes on two CPU
cores. Both see the canvas through the same small convolutional network; one decoder knows it as a single vector, as in "Show
and Tell"; the other looks at a place for each word, as in "Show, Attend and Tell". They are tested, with beam search, on
canvases with digits that neither has seen; a caption counts where every word of it is right. The picture shows where the second
one looks.
"""

from rnn_tf1.program import cli
from rnn_tf1.program.settings import Settings, choice, real, whole

import rnn_tf1 as rnn


def decoder(memory, lengths, config, mode):
    """memory [batch, 64 places of the canvas, filters] -> the cell that reads a word at each step, from a state that the whole
    canvas gives, and whose output [batch, depth] goes to the softmax. `dynamic_rnn` unrolls it over the caption."""
    cell = rnn.make_cell(config.cell, config.units, config.layers, config.keep_prob, mode)
    if config.attention is None:
        return rnn.OutputProjectionWrapper(cell, config.depth)
    attend = rnn.BahdanauAttention if config.attention == "bahdanau" else rnn.LuongAttention
    return rnn.AttentionWrapper(cell, attend(config.units, memory, lengths), attention_layer_size=config.depth)


class Flags(Settings):
    attention: str = choice("bahdanau", ("bahdanau", "luong"), "how the second network looks")
    cell: str = choice("gru", ("gru", "lstm", "basic", "layer_norm"), "of the decoder")
    units: int = whole(128, "of each layer of the decoder", quick=32)
    layers: int = whole(1, "of the decoder")
    keep_prob: float = real(1.0, "dropout in the decoder, and of the vector of the image", most=1)
    width: int = whole(3, "captions that are kept in view while writing", most=13, of_run=False)
    epochs: int = whole(20, "rounds, after each of which it is validated", quick=2)
    steps: int = whole(500, "training steps of a round", quick=10)
    batch_size: int = whole(64, "canvases of a step", quick=16)
    learning_rate: float = real(0.002, "at the start; it falls to 0 along a cosine")


def main() -> None:
    settings = Flags.parse("caption_digits", __doc__)
    from rnn_tf1.experiments.captions import captions

    captions.main(settings, decoder)


if __name__ == "__main__":
    cli.run_main(main)
