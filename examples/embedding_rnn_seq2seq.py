"""The small classic by the book: translation by `embedding_rnn_seq2seq`, as Sutskever et al. 2014 did it.

One recurrent network reads an English sentence, from its last word to its first; another one begins in the state in which the
first has ended, and writes the French sentence word by word, reading its own words (feed_previous). All that it knows of the
English is that one state. Each sentence is a list with one tensor of ids for each step, and the graph has a part for each.

With no flags: short sentences of a small grammar, whose one right translation is known, about two minutes on two CPU cores. It
prints how many sentences that it has never seen are translated exactly right. --real takes Multi30k's captions instead, in
which most sentences are longer. `examples/translate.py` is how it is done today.
"""

from rnn_tf1.program import cli
from rnn_tf1.program.settings import Settings, choice, real, switch, whole

import rnn_tf1 as rnn


def network(source, inputs, settings, symbols, feed_previous, mode):
    """source and inputs, lists with the ids [batch] of each step -> the logits [batch, target words] of each step, a list.

    With feed_previous the decoder reads the word that it has written itself; of `inputs` it reads the first alone.
    """
    sizes = settings.cell, settings.units, settings.layers, settings.keep_prob, mode
    decoder, encoder = rnn.make_cell(*sizes), rnn.make_cell(*sizes)
    logits, _ = rnn.embedding_rnn_seq2seq(
        source, inputs, decoder, *symbols, settings.depth, feed_previous=feed_previous, encoder_cell=encoder
    )
    return logits


class Flags(Settings):
    longest: int = whole(10, "tokens of a side; longer pairs are left out", least=3, most=40)
    cell: str = choice("gru", ("gru", "lstm", "basic"), "recurrent cell")
    units: int = whole(192, "of the cell of either side")
    layers: int = whole(1, "cells, one above the other, on either side")
    depth: int = whole(64, "of the words' vectors")
    keep_prob: float = real(0.7, "dropout keeps so much of what the cells write, in training", most=1)
    batch_size: int = whole(64, "pairs of an update")
    learning_rate: float = real(0.004, "of Adam at the start; it falls to 0 along a cosine")
    epochs: int = whole(20, "of training", quick=2)
    examples: int = whole(8, "translations to show", least=0, of_run=False)
    real: bool = switch("Multi30k's captions instead of the grammar's sentences")


def main() -> None:
    settings = Flags.parse("embedding_rnn_seq2seq", __doc__)
    from rnn_tf1.experiments.translation.classic import ClassicTranslation

    ClassicTranslation(settings, network, rnn.sequence_loss_by_example).main()


if __name__ == "__main__":
    cli.run_main(main)
