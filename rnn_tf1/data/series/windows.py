"""Windows of a series: the inputs and targets of a forecaster."""

from typing import Tuple

import numpy as np

from rnn_tf1.errors import DataError


def windows(series: np.ndarray, steps: int) -> np.ndarray:
    """All overlapping windows of `series` [time, columns]: [time - steps + 1, steps, columns], a view that needs no memory.

    Raises:
      DataError: for a window of 0 steps, and if the series is shorter than a window.
    """
    if steps < 1:
        raise DataError("A window cannot have %d values: it needs at least 1." % steps)
    count = len(series) - steps + 1
    if count < 1:
        raise DataError(
            "The series has %d values, but a window needs %d: pass a longer series, or a shorter window."
            % (len(series), steps)
        )
    row, column = series.strides
    return np.lib.stride_tricks.as_strided(series, [count, steps, series.shape[1]], [row, row, column], writeable=False)


def inputs_and_targets(
    pieces: np.ndarray, ahead: int = 1, every_step: bool = True, reach: int = 1, stride: int = 1
) -> Tuple[np.ndarray, np.ndarray]:
    """Splits pieces of series into the inputs and the values that follow them.

    Args:
      pieces: [batch, steps + ahead, columns].
      ahead: k, the number of values to forecast after each step.
      every_step: False: only after the last step.
      reach, stride: there are forecasts at steps reach - 1, reach - 1 + stride, ...: for a convolution of that kernel size
        and stride in front.

    Returns:
      inputs [batch, steps, columns] and targets [batch, outputs, ahead * columns]: at [:, t, j * columns + c] is the value
      of column c, j + 1 steps after input t.

    Raises:
      DataError: if no step is left as an input, or fewer than `reach`.
    """
    steps = pieces.shape[1] - ahead
    if ahead < 1 or steps < max(reach, 1):
        raise DataError(
            "Of pieces of %d values, %d are to be forecast: that leaves %d to read, but %d are needed. Ask for fewer "
            "values ahead (at least 1), or pass longer pieces." % (pieces.shape[1], ahead, steps, max(reach, 1))
        )
    followers = [pieces[:, j + 1 : j + 1 + steps] for j in range(ahead)]
    targets = np.concatenate(followers, axis=2)[:, reach - 1 :: stride]
    return pieces[:, :steps], targets if every_step else targets[:, -1:]
