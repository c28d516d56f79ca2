"""What a network that reads digits row by row has learned: its figures, and four pictures."""

import functools
import os
from typing import Any, Dict

import tensorflow.compat.v1 as tf

from rnn_tf1 import plotting
from rnn_tf1.data.images.mnist import Mnist
from rnn_tf1.experiments.figures import Figure, Figures
from rnn_tf1.layers import dense
from rnn_tf1.training import Run, predict

FIGURES = Figures("mnist_rows", Figure("test_accuracy", "test accuracy", "percent"))


def report_rows(
    session: Any, tested: Dict[str, Any], settings: Any, data: Mnist, run: Run, figures: Dict[str, float]
) -> None:
    """Draws, prints the figures and writes metrics.json.

    Args:
      session: with the best weights.
      tested: the graph without dropout: images, outputs [batch, 28, units] and logits [batch, 10].
      settings: those of ``examples/mnist_rows.py``.
      figures: of the test part.
    """
    with tf.variable_scope(tf.get_variable_scope(), reuse=True):
        by_row = tf.nn.softmax(dense(tested["outputs"], 10))  # what it would answer if the image ended there
    tensors = {"outputs": tested["outputs"], "by_row": by_row}
    picture, test = functools.partial(os.path.join, settings.out_dir), data.test
    answers = {"probabilities": tf.nn.softmax(tested["logits"])}
    probabilities = predict(session, answers, {tested["images"]: test.images})["probabilities"]
    first = predict(session, tensors, {tested["images"]: test.images[:1]})
    plotting.learning_curves(run.history, picture("learning_curves.png"), run.best_epoch)
    plotting.prediction_grid(test.images, test.labels, probabilities, picture("predictions.png"))
    plotting.confusion_matrix(
        test.labels, probabilities.argmax(1), probabilities.shape[1], picture("confusion_matrix.png")
    )
    plotting.hidden_states(
        test.images[0], first["outputs"][0], first["by_row"][0], test.labels[0], picture("hidden_states.png")
    )
    if data.kind != "real":
        print("GENERATED images, not MNIST's:")
    figures = {name: float(value) for name, value in figures.items()}
    figures = dict(figures, valid_accuracy=run.best["valid_accuracy"], best_epoch=run.best_epoch)
    FIGURES.publish(settings, data.origin, run.seconds, figures)
