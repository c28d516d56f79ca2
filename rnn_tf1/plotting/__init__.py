"""Every picture: NumPy in, PNG out. Knows no TensorFlow and no global Matplotlib state.

Each function takes the file's `path` and returns it; the file is written whole or not at all. Where `path` is None, nothing
is written, and the matplotlib Figure is returned, for a notebook. Pictures are 8 inches wide with fonts of 8 to 11 points,
legible at about 800 pixels; colours stay apart for a colour-blind eye.
Arrays that do not fit together raise `ValueError` with their shapes.
"""

from rnn_tf1.plotting.classified import confusion_counts, confusion_matrix, hidden_states, prediction_grid
from rnn_tf1.plotting.cost import memory_against_steps
from rnn_tf1.plotting.curves import compared_curves, learning_curves
from rnn_tf1.plotting.language import guessed_words, perplexity_curves
from rnn_tf1.plotting.memory import gradient_reach, memory_curves, solved_matrix
from rnn_tf1.plotting.placement import placement
from rnn_tf1.plotting.replicas import replica_losses
from rnn_tf1.plotting.sequences import (
    accuracy_curves,
    clips,
    drawings,
    looks,
    moving_verdicts,
    perplexities,
    piano_roll,
    shares_by_count,
)
from rnn_tf1.plotting.series import forecast_window, forecast_with_bars, generated_series, model_errors
from rnn_tf1.plotting.tales import perplexity_by_steps, word_plane
from rnn_tf1.plotting.translation import Looked, attention_maps, score_by_length, translation_curves

__all__ = [
    "Looked",
    "accuracy_curves",
    "attention_maps",
    "clips",
    "compared_curves",
    "confusion_counts",
    "confusion_matrix",
    "drawings",
    "forecast_window",
    "forecast_with_bars",
    "generated_series",
    "gradient_reach",
    "guessed_words",
    "hidden_states",
    "learning_curves",
    "looks",
    "memory_against_steps",
    "memory_curves",
    "model_errors",
    "moving_verdicts",
    "perplexities",
    "perplexity_by_steps",
    "perplexity_curves",
    "piano_roll",
    "placement",
    "prediction_grid",
    "score_by_length",
    "shares_by_count",
    "solved_matrix",
    "replica_losses",
    "translation_curves",
    "word_plane",
]
