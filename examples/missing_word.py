"""Which word is missing? Guessed from what stands before it, and from both sides: what follows a word tells a lot about it.

With no flags: Penn Treebank's sentences, two networks, about half an hour on two CPU cores; the one that reads from both sides
has as many units in each direction, and so more weights. Every word is blanked in turn, and no path leads from it to its own
guess. Compared are perplexity, and how often the word is the first guess or among the first five; some sentences are printed
with what both networks guess.
"""

from rnn_tf1.program import cli
from rnn_tf1.program.settings import Settings, choice, real, whole

import rnn_tf1 as rnn


def network(words, lengths, config, mode):
    """words [batch, time + 2, depth], sentences between two marks, their `lengths` -> the output before each word, and, from
    both sides, that after it, read backwards: one or two tensors [batch, time, units]."""

    def cell():
        return rnn.make_cell(config.cell, config.units, config.layers, config.keep_prob, mode)

    if not config.both_sides:
        outputs, _ = rnn.dynamic_rnn(cell(), words, lengths)
        return [outputs[:, :-2]]
    (left, right), _ = rnn.bidirectional_rnn(cell(), cell(), words, lengths)
    return [left[:, :-2], right[:, 2:]]


class Flags(Settings):
    cell: str = choice("lstm", ("lstm", "gru", "basic", "layer_norm"), "recurrent cell")
    units: int = whole(256, "of each layer and direction", quick=16)
    layers: int = whole(1, "cells, one above the other")
    depth: int = whole(256, "numbers of a word's vector", quick=16)
    keep_prob: float = real(0.7, "dropout of the words' vectors and of all outputs", most=1)
    epochs: int = whole(4, "passes over the training text", quick=1)
    batch_size: int = whole(32, "sentences side by side")
    learning_rate: float = real(0.005, "at the start; it falls to 0 along a cosine")
    examples: int = whole(4, "sentences to print and draw", of_run=False)


def main() -> None:
    settings = Flags.parse("missing_word", __doc__)
    from rnn_tf1.experiments.language import missing_word

    missing_word.main(settings, network)


if __name__ == "__main__":
    cli.run_main(main)
