"""Is a sentence of a film review for the film or against it? A recurrent network reads word by word, and names one of the two.

With no flags: 10,662 sentences, three networks on three splits, a minute on two CPU cores; a tenth of the sentences is held
out each time. A bag of words (naive Bayes), which does not know the order of the words, stands beside it. The picture shows how
the verdict moves, word by word, through six sentences that the network has never seen.
--vectors takes vectors of words from a text file (GloVe's, say) of --depth numbers, --freeze-vectors leaves them as they are.
"""

from rnn_tf1.program import cli
from rnn_tf1.program.settings import Settings, choice, real, setting, switch, whole

from typing import Optional

import rnn_tf1 as rnn


def network(words, lengths, settings, mode):
    """Vectors of words [batch, time, depth] -> the outputs [batch, time, units]; the verdict is made of their --summary."""
    if settings.one_direction:
        cell = rnn.make_cell(settings.cell, settings.units, settings.layers, settings.keep_prob, mode)
        outputs, _ = rnn.dynamic_rnn(cell, words, lengths)
    else:  # half of the units read from right to left
        layer = settings.cell, settings.units // 2, 1, settings.keep_prob, mode
        forward, backward = [[rnn.make_cell(*layer) for _ in range(settings.layers)] for _ in range(2)]
        outputs, _ = rnn.bidirectional_stack(forward, backward, words, lengths)
    return outputs


class Flags(Settings):
    cell: str = choice("lstm", ("lstm", "gru", "basic", "layer_norm", "peephole"), "recurrent cell")
    units: int = whole(100, "of each layer", quick=16)
    layers: int = whole(1, "cells, one above the other")
    one_direction: bool = switch("read from left to right alone")
    summary: str = choice("mean", ("last", "mean", "attention"), "what of the outputs the verdict is")
    depth: int = whole(100, "numbers of a word's vector")
    keep_prob: float = real(0.3, "dropout of the outputs, and of the words' vectors", most=1)
    vectors: Optional[str] = setting(
        None, "of words, to begin with, a line for each: word v1 v2 ...", type=cli.path, metavar="FILE"
    )
    freeze_vectors: bool = switch("leave them as they begin")
    least: int = whole(2, "how often a word comes that is known")
    runs: int = whole(3, "networks: --seed, --seed + 1, ...; each has its own split", quick=1, of_run=False)
    epochs: int = whole(4, "passes over the training data", quick=2)
    batch_size: int = whole(50, "sentences side by side")
    learning_rate: float = real(0.002, "at the start; it falls to 0 along a cosine")

    def __post_init__(self) -> None:
        super().__post_init__()
        self.check_seeds("runs")
        no_vectors = self.freeze_vectors and not self.vectors
        self.refuse(no_vectors, "freeze_vectors", "there are none to freeze: give --vectors FILE")
        if not self.one_direction:
            self.check_two_directions()
        if self.quick and not self.vectors:  # theirs are as long as they are
            self.depth = min(self.depth, 16)


def main() -> None:
    settings = Flags.parse("review_sentiment", __doc__)
    from rnn_tf1.experiments.classification import reviews

    reviews.main(settings, network)


if __name__ == "__main__":
    cli.run_main(main)
