"""Which word comes next? Language models on Penn Treebank's newspaper text, in the three sizes that the literature knows.

Small, medium and large are those of Zaremba et al. 2014, "Recurrent Neural Network Regularization", with their recipe; compact
is ours: as many weights as small, one table of words for the input and the softmax, and dropout masks that stay the same over
the time steps. The figure is perplexity over all words of a part: the number of equally likely words that would be as hard to
predict. --generated takes sentences of a small grammar instead, whose best possible perplexity is known.

With no flags: the small model, 13 epochs, 20 to 40 minutes on two CPU cores. Compact takes two hours, medium more, large some
days. --sample goes on with a text: give it to the command of the training; a finished run is not trained again.
"""

from rnn_tf1.program import cli
from rnn_tf1.program.settings import Settings, choice, real, setting, switch, whole

from typing import List, Optional

import rnn_tf1 as rnn


def make_cell(config, mode):
    """A step: the vectors of words [batch, units], and a state -> outputs [batch, units], and the next state."""
    more = dict(variational=config.variational, recurrent_keep_prob=config.recurrent_keep_prob)
    more["forget_bias"] = config.forget_bias
    return rnn.make_cell(config.cell, config.units, config.layers, config.keep_prob, mode, **more)


def network(cell, words, state, config):
    """words [steps, batch, units], the state after the words before -> outputs [steps, batch, units], the last state."""
    return rnn.unroll(config.unroll, cell, words, initial_state=state, scope="RNN", time_major=True)


class Flags(Settings):
    generated: bool = switch("sentences of a small grammar instead of Penn Treebank", of_run=False)
    config: str = choice("small", ("small", "medium", "large", "compact", "test"), "sizes and recipe")
    epochs: Optional[int] = whole(None, "of training (default: those of the configuration)")
    cell: str = choice("lstm", ("lstm", "gru", "basic", "peephole", "layer_norm"), "recurrent cell")
    unroll: Optional[str] = choice(
        None, ("fused", "static", "dynamic", "manual"), "default: fused where the cell allows"
    )
    vocabulary: int = whole(10000, "words, the most frequent; the others become <unk>", least=3)
    sampled_softmax: Optional[int] = whole(None, "train against N drawn words instead of all", most=10**6, metavar="N")
    vectors: Optional[str] = setting(None, "of words, to begin with, a line each", type=cli.path, metavar="FILE")
    freeze_vectors: bool = switch("leave the word vectors as they begin")
    sample: List[str] = setting([], "go on with this text, or several", metavar="TEXT", action="append", of_run=False)
    count: int = whole(60, "words to write for --sample", most=10**6, of_run=False)
    temperature: float = real(1.0, "of --sample: below 1 likely words become likelier", of_run=False)
    top_k: Optional[int] = whole(None, "of --sample: only the K likeliest words (default: all)", of_run=False)
    top_p: float = real(0.9, "of --sample: only the likeliest words that make up this share", most=1, of_run=False)
    stop: bool = switch("of --sample: stop at the end of the sentence", of_run=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.unroll is None:
            self.unroll = "fused" if self.cell in ("lstm", "gru") else "static"
        no_vectors = self.freeze_vectors and not self.vectors
        self.refuse(no_vectors, "freeze_vectors", "there are no vectors to freeze: give --vectors FILE")


def main() -> None:
    settings = Flags.parse("ptb", __doc__)
    from rnn_tf1.experiments.language.penn_treebank import PennTreebank

    PennTreebank(settings, make_cell, network).main()


if __name__ == "__main__":
    cli.run_main(main)
