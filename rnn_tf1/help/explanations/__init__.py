"""Error texts and their explanations: the data of ``python -m rnn_tf1.explain``.

Nothing here imports TensorFlow. If several entries match, the earlier one is preferred.
"""

from typing import List

from rnn_tf1.help.explanations import (
    checkpoints,
    feeds,
    graphs,
    installation,
    mathematics,
    old_code,
    ours,
    recurrence,
    shapes,
    training,
    variables,
)
from rnn_tf1.help.explanations.entry import Explanation

SECTIONS = {
    "Messages of this library": ours.ENTRIES,
    "Old code on a new TensorFlow": old_code.ENTRIES,
    "Graphs and sessions": graphs.ENTRIES,
    "What is fed and fetched": feeds.ENTRIES,
    "Variables": variables.ENTRIES,
    "Checkpoints": checkpoints.ENTRIES,
    "Unrolling and cells": recurrence.ENTRIES,
    "Losses, labels and ids": mathematics.ENTRIES,
    "Shapes": shapes.ENTRIES,
    "Training": training.ENTRIES,
    "Installation": installation.ENTRIES,
}
EXPLANATIONS: List[Explanation] = [entry for entries in SECTIONS.values() for entry in entries]
