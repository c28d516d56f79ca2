"""Is it a word of the automaton? Embedded Reber strings, valid or with one wrong letter; and new ones, letter by letter.

With no flags: 20,000 strings, about two minutes on two CPU cores. A classifier reads each string from left to right;
a language model learns the valid ones and writes 1,000 of its own, which the automaton then judges. The last letter but one
must be the same as the second, however many stand between: who forgets cannot do it.

No string that the classifier is validated or tested on stands in its training; half of the validation strings and half of the
test strings are valid. Strings that are broken in the last letter but one alone are counted by themselves. The language model
is scored on strings as they come, short ones again and again, beside the perplexity of who knows the automaton.
"""

from rnn_tf1.program import cli
from rnn_tf1.program.settings import Settings, choice, real, whole

import rnn_tf1 as rnn


def make_cell(settings):
    """A step: the vectors of letters [batch, depth], and a state -> outputs [batch, units], and the next state."""
    return rnn.make_cell(settings.cell, settings.units)


def read(letters, lengths, settings):
    """letters [batch, time, depth] -> the outputs [batch, time, units]; the verdict is made of the last one."""
    outputs, _ = rnn.dynamic_rnn(make_cell(settings), letters, lengths)
    return outputs


def write(cell, letters, state):
    """letters [time, batch, depth], the state after those before -> outputs [time, batch, units], the last state."""
    return rnn.dynamic_rnn(cell, letters, initial_state=state, time_major=True, scope="RNN")


class Flags(Settings):
    cell: str = choice("lstm", ("lstm", "gru", "basic", "peephole"), "recurrent cell")
    units: int = whole(64, "of the classifier and of the language model", quick=16)
    strings: int = whole(20000, "to learn from, one half valid", least=100, quick=1000)
    epochs: int = whole(20, "passes over the strings", quick=2)
    batch_size: int = whole(64, "strings side by side")
    learning_rate: float = real(0.01, "of the classifier, at the start; it falls to 0 along a cosine")
    writing_epochs: int = whole(20, "of the language model", quick=2)
    write: int = whole(1000, "strings for it to write", most=100000, quick=100, of_run=False)


def main() -> None:
    settings = Flags.parse("reber", __doc__)
    from rnn_tf1.experiments.classification import reber

    reber.main(settings, make_cell, read, write)


if __name__ == "__main__":
    cli.run_main(main)
