"""Time series that are generated, each a pure function of (seed, index)."""

import numpy as np

from rnn_tf1.errors import DataError

NOISE_VARIANCE = (
    0.1**2 / 12
)  # of the uniform noise of width 0.1: no forecast of `two_waves` has a smaller squared error


def two_waves(count: int, steps: int, seed: int, first: int = 0, interval: float = 1 / 50) -> np.ndarray:
    """Two sines and noise, as in Geron 2019, "Hands-On Machine Learning", chapter 15; float32 [count, steps, 1]::

        x(t) = 0.5 sin((t - o1)(10 f1 + 10)) + 0.2 sin((t - o2)(20 f2 + 20)) + 0.1 (u(t) - 0.5)

    f1, f2, o1, o2 and every u(t) are uniform from 0 to 1, and t = 0, interval, 2 interval, ...; by default t is 1 after
    50 steps.

    Args:
      first: the index of the first series; the series of one index is the same in every call, for the steps they share.
    """
    if count < 1 or steps < 1:
        raise DataError("two_waves: count is %d and steps is %d; both must be at least 1." % (count, steps))
    series = np.empty([count, steps, 1], np.float32)
    t = np.arange(steps) * interval
    for row in range(count):
        draw = np.random.RandomState([seed, first + row])
        f1, f2, o1, o2 = draw.rand(4)
        noise = 0.1 * (draw.rand(steps) - 0.5)
        series[row, :, 0] = 0.5 * np.sin((t - o1) * (10 * f1 + 10)) + 0.2 * np.sin((t - o2) * (20 * f2 + 20)) + noise
    return series
