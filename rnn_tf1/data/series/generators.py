"""Generated time series, each a pure function of (seed, index)."""

import numpy as np

from rnn_tf1.errors import DataError

NOISE_VARIANCE = 0.1**2 / 12  # of uniform noise of width 0.1: the least squared error of any forecast of `two_waves`
GROWING_END = 30.0  # of t, for `growing_windows`


def two_waves(count: int, steps: int, seed: int, first: int = 0, interval: float = 1 / 50) -> np.ndarray:
    """Two sines and noise, as in Geron 2019, "Hands-On Machine Learning", chapter 15; float32 [count, steps, 1]::

        x(t) = 0.5 sin((t - o1)(10 f1 + 10)) + 0.2 sin((t - o2)(20 f2 + 20)) + 0.1 (u(t) - 0.5)

    f1, f2, o1, o2 and every u(t) are uniform from 0 to 1, and t = 0, interval, 2 interval, ...; by default t is 1 after
    50 steps.

    Args:
      first: the index of the first series; the series of an index is the same in every call, for the steps that they share.
    """
    _check(count, steps, "two_waves")
    series = np.empty([count, steps, 1], np.float32)
    t = np.arange(steps) * interval
    for row in range(count):
        draw = np.random.RandomState([seed, first + row])
        series[row, :, 0] = _two_waves(t, draw.rand(4), draw.rand(steps))
    return series


def two_waves_of_the_book(count: int, steps: int, seed: int = 42) -> np.ndarray:
    """`two_waves`, drawn as in the book's notebook, so that every figure shows exactly the same series.

    One generator draws f1, f2, o1, o2 of all series, then all noise, and t goes from 0 to 1 for any `steps`: these series
    also depend on `count`.
    """
    _check(count, steps, "two_waves_of_the_book")
    draw = np.random.RandomState(seed)
    frequencies_and_offsets = draw.rand(4, count, 1)
    waves = _two_waves(np.linspace(0, 1, steps), frequencies_and_offsets, draw.rand(count, steps))
    return waves[:, :, np.newaxis].astype(np.float32)


def growing(t: np.ndarray) -> np.ndarray:
    """t sin(t) / 3 + 2 sin(5 t): Geron 2017, "Hands-On Machine Learning", chapter 14."""
    return t * np.sin(t) / 3 + 2 * np.sin(5 * t)


def growing_windows(count: int, steps: int, seed: int, first: int = 0, interval: float = 0.1) -> np.ndarray:
    """Windows of `growing`, float32 [count, steps, 1], each from a random t on, within 0 .. `GROWING_END`.

    Args:
      first: the index of the first window; the window of an index is the same in every call.
      interval: the difference in t between two values.
    """
    _check(count, steps, "growing_windows")
    latest = GROWING_END - _span(steps, interval)
    starts = [np.random.RandomState([seed, first + row]).uniform(0, latest) for row in range(count)]
    return _growing_from(np.array(starts), steps, interval)


def growing_windows_everywhere(count: int, steps: int, interval: float = 0.1) -> np.ndarray:
    """Like `growing_windows`, but from evenly spaced t: for tests that do not depend on chance."""
    _check(count, steps, "growing_windows_everywhere")
    starts = np.linspace(0, GROWING_END - _span(steps, interval), count)
    return _growing_from(starts, steps, interval)


def sine(steps: int, interval: float = 0.01, first: int = 0) -> np.ndarray:
    """sin(i interval) for i = first, first + 1, ...; float32 [steps, 1]; see `windows` for overlapping windows of it."""
    _check(1, steps, "sine")
    return np.sin((first + np.arange(steps)) * interval)[:, np.newaxis].astype(np.float32)


def main_period(values: np.ndarray) -> float:
    """The period, in steps, of the strongest oscillation of `values` [steps], from its power spectrum with a Hann window;
    infinite if it is longer than the series.

    Raises:
      DataError: for fewer than 4 values, and if they are constant or not finite.
    """
    changes = np.asarray(values, np.float64) - np.mean(values, dtype=np.float64)
    if len(values) < 4 or not np.isfinite(changes).all() or not changes.any():
        raise DataError("main_period: %d values without an oscillation have no period." % len(values))
    padded = 2 ** int(np.ceil(np.log2(16 * len(values))))  # zero padding gives sixteen frequencies for one
    power = np.abs(np.fft.rfft(changes / np.abs(changes).max() * np.hanning(len(values)), padded)) ** 2
    period = padded / float(1 + power[1:].argmax())
    return period if period <= len(values) else float("inf")


def _growing_from(starts: np.ndarray, steps: int, interval: float) -> np.ndarray:
    t = starts[:, np.newaxis] + np.arange(steps) * interval
    return growing(t)[:, :, np.newaxis].astype(np.float32)


def _span(steps: int, interval: float) -> float:
    span = (steps - 1) * interval
    if span > GROWING_END:
        most = GROWING_END / interval + 1
        raise DataError("%d steps of %g are longer than the whole series; at most %d fit." % (steps, interval, most))
    return span


def _two_waves(t: np.ndarray, frequencies_and_offsets: np.ndarray, noise: np.ndarray) -> np.ndarray:
    f1, f2, o1, o2 = frequencies_and_offsets
    waves = 0.5 * np.sin((t - o1) * (10 * f1 + 10)) + 0.2 * np.sin((t - o2) * (20 * f2 + 20))
    return waves + 0.1 * (noise - 0.5)


def _check(count: int, steps: int, where: str) -> None:
    if count < 1 or steps < 1:
        raise DataError("%s: count is %d and steps is %d; both must be at least 1." % (where, count, steps))
