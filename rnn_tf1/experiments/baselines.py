"""What needs no network; a network that does not beat it has learned nothing. NumPy alone.

Each forecast takes windows [batch, steps, columns] and answers [batch, ahead * columns]: at [:, j * columns + c] the value of
column c, j + 1 steps after the window.
"""

from typing import Any, Sequence

import numpy as np

from rnn_tf1.data.series.windows import inputs_and_targets
from rnn_tf1.errors import DataError


def naive(inputs: np.ndarray, ahead: int = 1) -> np.ndarray:
    """The last value, again and again (also called persistence)."""
    return seasonal_naive(inputs, 1, ahead)


def seasonal_naive(inputs: np.ndarray, season: int, ahead: int = 1) -> np.ndarray:
    """The value one season before; further ahead than a season, the last season again.

    Args:
      season: steps.

    Raises `DataError` where the window is shorter than a season.
    """
    steps = inputs.shape[1]
    if not 1 <= season <= steps:
        raise DataError("A season of %d steps does not fit into a window of %d." % (season, steps))
    last_season = inputs[:, steps - season + np.arange(ahead) % season]
    return last_season.reshape(len(inputs), -1)


class LeastSquares(object):
    """prediction = window kernel + bias, with the squared error on the training pieces as small as it can be.

    Solved exactly and in float64. The pieces are read a block at a time, and [window, 1, targets] = Q R is kept as R alone,
    so that memory does not grow with their number.

    Args:
      pieces: [batch, steps + ahead, columns].
      ahead: the values to forecast.
    """

    BLOCK = 10000  # pieces

    def __init__(self, pieces: np.ndarray, ahead: int = 1):
        triangle: Any = None
        for start in range(0, len(pieces), self.BLOCK):
            inputs, targets = inputs_and_targets(pieces[start : start + self.BLOCK], ahead, every_step=False)
            rows = np.concatenate([_with_bias(inputs), targets[:, 0]], axis=1)
            triangle = np.linalg.qr(rows if triangle is None else np.concatenate([triangle, rows]), mode="r")
        if triangle is None:
            raise DataError("Least squares needs at least one piece to learn from, and there is none.")
        width = triangle.shape[1] - ahead * pieces.shape[2]
        self._weights = np.linalg.lstsq(triangle[:, :width], triangle[:, width:], rcond=None)[0]

    def __call__(self, inputs: np.ndarray) -> np.ndarray:
        return _with_bias(inputs) @ self._weights


def _with_bias(inputs: np.ndarray) -> np.ndarray:
    rows = inputs.reshape(len(inputs), -1).astype(np.float64)
    return np.concatenate([rows, np.ones([len(rows), 1])], axis=1)


def mean_squared_error(predictions: np.ndarray, targets: np.ndarray) -> float:
    return float(np.mean((np.asarray(predictions, np.float64) - targets) ** 2))


class NaiveBayes(object):
    """The likelier of two classes, by the words of a text alone, whatever their order::

        log odds = log (texts of class 1 / texts of class 0) + sum over the different words w of log (p(w | 1) / p(w | 0))
        p(w | c) = (1 + texts of class c with w) / (words + sum over all v of texts of class c with v)

    Wang and Manning 2012, "Baselines and Bigrams: Simple, Good Sentiment and Topic Classification", without the bigrams.

    Args:
      texts: ids of the training texts, each [words].
      labels: 0 or 1 for each of them; both must come.
      words: how many different ids there are.
    """

    def __init__(self, texts: Sequence[np.ndarray], labels: np.ndarray, words: int):
        counts = np.ones([2, words])
        for ids, label in zip(texts, labels):
            counts[label, np.unique(ids)] += 1
        shares = np.log(counts / counts.sum(1, keepdims=True))
        classes = np.bincount(labels, minlength=2)
        if len(classes) != 2 or not classes.all():
            raise DataError("Naive Bayes needs texts of two classes, 0 and 1; there are %s of each." % classes.tolist())
        self._odds, self._words = float(np.log(classes[1] / classes[0])), shares[1] - shares[0]

    def __call__(self, texts: Sequence[np.ndarray]) -> np.ndarray:
        """int32 [texts], the likelier class of each."""
        return np.array([self._odds + self._words[np.unique(ids)].sum() > 0 for ids in texts], np.int32)
