"""What a language model learns about words: nothing tells it that Monday and Tuesday are alike, and yet it finds out, since
the same words stand around them.

The words' vectors are read from the run of `examples/ptb.py` that --run-dir names. Where none is named and runs/ptb has none,
a small LSTM is trained here, one table of words for its input and its softmax, on Penn Treebank: three epochs, about two
minutes on two CPU cores. It prints the nearest words by cosine, draws the words in the plane of their first two principal
components, and writes the vectors for other programs: vectors.txt (a word and its numbers a line, as word2vec and GloVe
write them; `examples/ptb.py --vectors` begins with them where a vector has as many numbers as its model has units: make them
with --units 200 for the small one), and projector/ for TensorBoard.
"""

from rnn_tf1.program import cli
from rnn_tf1.program.settings import Settings, choice, setting, switch, whole

from typing import Optional, Sequence

import rnn_tf1 as rnn


def make_cell(config, mode):
    """A step: the vectors of words [batch, units], and a state -> outputs [batch, units], and the next state."""
    return rnn.make_cell("lstm", config.units, 1, config.keep_prob, mode, forget_bias=0.0)


def network(cell, words, state, config):
    """words [steps, batch, units], the state after the words before -> outputs [steps, batch, units], the last state."""
    return rnn.fused_rnn(cell, words, initial_state=state, scope="RNN", time_major=True)


class Flags(Settings):
    run_dir: Optional[str] = setting(
        None, "a language model's run (default: runs/ptb, where that is one)", of_run=False
    )
    train: bool = switch("train a small one, though there is such a run", of_run=False)
    table: str = choice("embedding", ("embedding", "softmax"), "of the input, or of the answer", of_run=False)
    epochs: Optional[int] = whole(None, "of training (default: 3)")
    units: int = whole(128, "numbers of a vector, and the LSTM's units, in training", least=2)
    vocabulary: int = whole(10000, "words, the most frequent; the others become <unk>", least=3)
    words: Sequence[str] = setting(
        None, "whose nearest words are shown (default: company president japan ...)", nargs="+", of_run=False
    )
    neighbours: int = whole(8, "words to show for each", of_run=False)
    plane_words: int = whole(300, "words of the picture, the most frequent", least=3, of_run=False)
    labels: int = whole(50, "of the picture, beside those of the coloured words", least=0, of_run=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.refuse(self.run_dir is not None and self.train, "train", "not with --run-dir, which names the run to read")


def main() -> None:
    settings = Flags.parse("embeddings", __doc__)
    from rnn_tf1.experiments.language import word_vectors

    word_vectors.main(settings, make_cell, network)


if __name__ == "__main__":
    cli.run_main(main)
