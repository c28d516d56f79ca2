"""Every picture: NumPy in, PNG out. Knows no TensorFlow and no global Matplotlib state.

Each function takes the file's `path` and returns it; the file is written whole or not at all. Pictures are 8 inches
wide with fonts of 8 to 11 points, legible at about 800 pixels; colours stay apart for a colour-blind eye.
Arrays that do not fit together raise `ValueError` with their shapes.
"""

from rnn_tf1.plotting.classified import confusion_counts, confusion_matrix, hidden_states, prediction_grid
from rnn_tf1.plotting.curves import compared_curves, learning_curves
from rnn_tf1.plotting.placement import placement

__all__ = [
    "compared_curves",
    "confusion_counts",
    "confusion_matrix",
    "hidden_states",
    "learning_curves",
    "placement",
    "prediction_grid",
]
