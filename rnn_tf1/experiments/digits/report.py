"""What a network that reads digits row by row has learned: its figures, and four pictures."""

import functools
import os
from typing import Any, Callable

import numpy as np

from rnn_tf1 import plotting
from rnn_tf1.data.images.mnist import Digits, Mnist
from rnn_tf1.program import cli
from rnn_tf1.training import Fitted


def report_rows(flags: Any, data: Mnist, fitted: Fitted, look: Callable[[Digits, str], np.ndarray]) -> None:
    """Draws, writes metrics.json, and prints the test accuracy.

    Args:
      flags: the `Settings` of the run.
      look: look(digits, name) is what the network finds of some digits: "loss", "accuracy", "probabilities", "states", or
        "answers", its probabilities after each row.
    """
    picture, test = functools.partial(os.path.join, flags.out_dir), data.test
    probabilities, correct, first = look(test, "probabilities"), look(test, "accuracy"), test.at_most(1)
    plotting.learning_curves(fitted.history, picture("learning_curves.png"), fitted.best_epoch)
    plotting.prediction_grid(test.images, test.labels, probabilities, picture("predictions.png"))
    plotting.confusion_matrix(
        test.labels, probabilities.argmax(1), probabilities.shape[1], picture("confusion_matrix.png")
    )
    plotting.hidden_states(
        test.images[0],
        look(first, "states")[0],
        look(first, "answers")[0],
        test.labels[0],
        picture("hidden_states.png"),
    )
    accuracy = float(correct.mean())
    cli.write_metrics(
        picture("metrics.json"),
        "mnist_rows",
        flags,
        data=data.origin,
        seconds=fitted.seconds,
        test_accuracy=accuracy,
        test_loss=float(look(test, "loss").mean()),
        valid_accuracy=fitted.best["valid_accuracy"],
        best_epoch=fitted.best_epoch,
    )
    what = "images" if data.kind == "real" else "GENERATED images, not MNIST's"
    print("test accuracy %.2f %% of %d %s" % (100 * accuracy, len(test.labels), what))
    print("metrics.json, hidden_states.png and three other pictures are in %s" % flags.out_dir)
