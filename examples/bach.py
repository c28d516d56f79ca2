"""What comes next in a chorale? A network predicts every note from all notes before it, and then writes chorales of its own.

With no flags: Bach's 229 chorales of the training part, each in five keys, some twenty minutes on two CPU cores. The four notes
of a chord come one after the other, soprano first; each is a vector, a causal convolution sees the last four chords, and a
recurrent network remembers the rest. To repeat the last chord is right for three notes in four; what counts is what lies above.
Of the chord itself the network is told the voices above the one that it predicts; repeating is told none of them. So the
soprano alone compares like with like.

Then it goes on from the first chords of a chorale that it has never heard: chorale.mid, chorale.wav, and a piano roll.

Without mido (pip install -e '.[music]'), all but chorale.mid is written.
"""

from rnn_tf1.program import cli
from rnn_tf1.program.settings import Settings, choice, real, whole

import rnn_tf1 as rnn


def make_cell(config, mode):
    """A step: the vectors of notes [batch, units], and a state -> outputs [batch, units], and the next state."""
    cell = rnn.make_cell(config.cell, config.units, config.layers, config.keep_prob, mode)
    if not config.convolution:
        return cell
    return rnn.ConvolutionWrapper(cell, config.units, config.convolution, config.units, "relu")


def network(cell, notes, state, config):
    """notes [steps, batch, units], the state after the notes before -> outputs [steps, batch, units], the last state."""
    return rnn.dynamic_rnn(cell, notes, initial_state=state, scope="RNN", time_major=True)


class Flags(Settings):
    cell: str = choice("lstm", ("gru", "lstm", "basic", "peephole"), "recurrent cell")
    units: int = whole(192, "of each layer, and numbers of a note's vector", quick=24)
    layers: int = whole(1, "cells, one above the other")
    convolution: int = whole(16, "notes that the convolution sees; 0: there is none", least=0, quick=4)
    keep_prob: float = real(0.7, "dropout of the notes' vectors and of the outputs", most=1)
    keys: int = whole(2, "semitones up and down by which chorales are moved in training", least=0, most=6, quick=0)
    epochs: int = whole(8, "passes over the chorales in all keys", quick=1)
    learning_rate: float = real(0.002, "of Adam, for half of the epochs; then it is halved after each")
    start: int = whole(16, "chords of the test chorale to go on from", of_run=False)
    chorale: int = whole(0, "which test chorale that is", least=0, of_run=False)
    chords: int = whole(160, "to write", most=4000, quick=32, of_run=False)
    temperature: float = real(0.8, "below 1: rather the likely notes", above=0.01, of_run=False)


def main() -> None:
    settings = Flags.parse("bach", __doc__)
    from rnn_tf1.experiments.language.bach import Bach

    Bach(settings, make_cell, network).main()


if __name__ == "__main__":
    cli.run_main(main)
