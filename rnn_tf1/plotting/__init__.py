"""Every picture that more than one task draws: NumPy in, PNG out. Knows no TensorFlow and no global Matplotlib state.

Each function takes the file's `path` and returns it; the file is written whole or not at all. Where `path` is None, nothing
is written, and the matplotlib Figure is returned, for a notebook. Pictures are 8 inches wide with fonts of 8 to 11 points,
legible at about 800 pixels; colours can be told apart by colour-blind readers.
Arrays that do not fit together raise `ValueError` with their shapes. The pictures of a single task are in its own room, such
as `rnn_tf1.experiments.language.pictures`.
"""

from rnn_tf1.plotting.classified import confusion_counts, confusion_matrix, hidden_states, prediction_grid
from rnn_tf1.plotting.cost import memory_against_steps
from rnn_tf1.plotting.curves import accuracy_curves, compared_curves, learning_curves, perplexities

__all__ = [
    "accuracy_curves",
    "compared_curves",
    "confusion_counts",
    "confusion_matrix",
    "hidden_states",
    "learning_curves",
    "memory_against_steps",
    "perplexities",
    "prediction_grid",
]
