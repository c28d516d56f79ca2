"""Grimms' fairy tales as pairs of characters, read by a plain recurrent cell and by one with a slow context beside it, after
Mikolov et al. 2014, "Learning Longer Memory in Recurrent Neural Networks"; the last cell named then writes a story.

All networks are trained on 3,200 pairs an iteration, for equally many iterations: 50 steps of 64 rows, and, to show what the
unrolling is for, 1 step of 3,200 rows, where no gradient flows back through time. Perplexity is that of whole held-out
stories, each read from its beginning with the state carried; the book has 62 stories, so that 100 means all there are. The
story is drawn from what the network says. Beside it stands the text of the most likely pairs, which loops: share of different
phrases of four words, in both and in a held-out story of equal length.

With no flags: 14 networks, about four minutes on two CPU cores.
"""

from rnn_tf1.program import cli
from rnn_tf1.program.settings import Settings, choice, real, setting, switch, whole

from typing import Optional, Sequence

import rnn_tf1 as rnn


def make_cell(config, mode):
    """A step: the vectors of pairs [batch, units], and a state -> outputs [batch, ...], and the next state."""
    return rnn.make_cell(config.cell, config.units, config.layers)


def network(cell, pairs, state, config):
    """pairs [steps, batch, units], the state after the pairs before -> outputs [steps, batch, ...], the last state."""
    return rnn.unroll(config.unroll, cell, pairs, initial_state=state, scope="RNN", time_major=True)


class Flags(Settings):
    cell: Sequence[str] = choice(("basic", "context"), ("basic", "context", "lstm"), "to compare", nargs="+")
    layers: int = whole(1, "cells, one above the other")
    units: int = whole(64, "of each layer and of the embedding")
    steps: int = whole(50, "pairs that the gradient flows back through")
    batch_size: int = whole(64, "rows of an iteration")
    unroll: str = choice("dynamic", ("static", "manual", "dynamic"), "how the steps are laid out")
    stories: Sequence[int] = whole((20, 100), "of the book; a comparison for each", least=2, nargs="+")
    seeds: int = whole(3, "networks of each kind: seed, seed + 1, ...", quick=1)
    iterations: int = whole(700, "of training, rounded down to hundreds", least=100, quick=100)
    learning_rate: float = real(0.01, "of Adam, at first")
    no_one_step: bool = switch("leave out the networks without unrolling")
    prompt: Optional[str] = setting(None, "what the story begins with (default: a held-out story's first words)")
    count: int = whole(1000, "pairs to write", least=50, most=10**6)
    temperature: float = real(0.8, "below 1 likely pairs become likelier")
    top_p: float = real(0.95, "only the likeliest pairs that make up this share", most=1)

    def __post_init__(self) -> None:
        self.check_seeds("seeds")
        super().__post_init__()
        self.cell = list(dict.fromkeys(self.cell))  # none twice
        self.iterations -= self.iterations % 100
        self.stories = self.stories[:1] if self.quick else self.stories


def main() -> None:
    settings = Flags.parse("fairy_tales", __doc__)
    from rnn_tf1.experiments.language import story_models

    story_models.main(settings, make_cell, network)


if __name__ == "__main__":
    cli.run_main(main)
