"""The generated series, their windows, and the forecasts that need no network."""

import numpy as np
import pytest

from rnn_tf1.data.series import generators, windows
from rnn_tf1.errors import DataError
from rnn_tf1.experiments import baselines

RANDOM = np.random.RandomState(3)

# ------------------------------------------------------------------------------------------------------------ the series


def test_the_very_series_of_the_book():
    """Draws in another order, another time axis: then no figure could be held beside the book's."""
    found = generators.two_waves_of_the_book(10000, 51)
    assert found.shape == (10000, 51, 1) and found.dtype == np.float32
    # Measured with the code of the book's notebook (seed 42): naive 0.02021 on the validation series, ...
    valid = found[7000:9000, :, 0].astype(np.float64)
    assert ((valid[:, -1] - valid[:, -2]) ** 2).mean() == pytest.approx(0.02021, abs=5e-6)
    # ... and 0.257 for ten values ahead, where t goes from 0 to 1 in 60 steps instead of 51.
    ten = generators.two_waves_of_the_book(10000, 60)[7000:9000, :, 0].astype(np.float64)
    assert ((ten[:, 50:] - ten[:, 49:50]) ** 2).mean() == pytest.approx(0.25697, abs=5e-6)
    draw = np.random.RandomState(9)
    f1, f2, o1, o2 = draw.rand(4, 3)
    noise = draw.rand(3, 5) - 0.5
    small = generators.two_waves_of_the_book(3, 5, seed=9)
    for row in range(3):
        for step in range(5):
            t = step / 4.0
            wave = 0.5 * np.sin((t - o1[row]) * (f1[row] * 10 + 10)) + 0.2 * np.sin((t - o2[row]) * (f2[row] * 20 + 20))
            assert small[row, step, 0] == pytest.approx(wave + 0.1 * noise[row, step], abs=1e-6)


def test_the_growing_series():
    """Another curve; windows that reach beyond it, that are alike, or that depend on how many were asked for."""
    assert generators.growing(np.array([0.0, 2.0])) == pytest.approx([0, 2 * np.sin(2) / 3 + 2 * np.sin(10)])
    made = generators.growing_windows(400, 21, seed=4)
    assert made.shape == (400, 21, 1) and made.dtype == np.float32
    np.testing.assert_array_equal(generators.growing_windows(3, 21, seed=4, first=5), made[5:8])
    assert np.abs(made[0] - generators.growing_windows(1, 21, seed=5)[0]).max() > 0.01
    t = np.random.RandomState([4, 7]).uniform(0, 28)
    assert made[7, :, 0] == pytest.approx(generators.growing(t + 0.1 * np.arange(21)), abs=1e-5)
    evenly = generators.growing_windows_everywhere(3, 21)[:, :, 0]
    for row, start in zip(evenly, (0, 14, 28)):
        assert row == pytest.approx(generators.growing(start + 0.1 * np.arange(21)), abs=1e-5)
    whole = generators.growing_windows(1, 301, seed=1)[0, :, 0]  # there is room for one window alone
    assert whole == pytest.approx(generators.growing(0.1 * np.arange(301)), abs=1e-5)
    with pytest.raises(DataError, match="302 steps of 0.1 are longer than the whole series; at most 301 fit"):
        generators.growing_windows(1, 302, seed=1)


def test_the_sine():
    """Another interval; pieces that do not follow on each other."""
    found = generators.sine(7, 0.25, first=3)
    assert found[:, 0] == pytest.approx([np.sin(0.25 * i) for i in range(3, 10)], abs=1e-7)
    np.testing.assert_array_equal(generators.sine(4, 0.25, first=6), found[3:])
    for make in (
        lambda: generators.sine(0),
        lambda: generators.growing_windows(0, 5, 0),
        lambda: generators.two_waves_of_the_book(5, 0),
    ):
        with pytest.raises(DataError, match="both must be at least 1"):
            make()


@pytest.mark.parametrize(("steps", "period"), [(300, 62.8), (3000, 62.8), (50, 12.5), (1000, 7.3)])
def test_main_period(steps, period):
    """Another bin of the spectrum; the mean, or a weaker wave, taken for the period."""
    i = np.arange(steps)
    wave = 5 + 3 * np.sin(2 * np.pi * i / period + 1) + np.sin(2 * np.pi * i / (period / 3.1))
    assert generators.main_period(wave) == pytest.approx(period, rel=0.02)
    assert generators.main_period(1e200 * wave) == pytest.approx(period, rel=0.02), "too large for its square"


def test_what_has_no_period():
    """A period made up for a drift, a constant or what is not finite."""
    assert generators.main_period(np.exp(np.arange(200) / 20)) == float("inf")
    for values in (np.ones(50), np.array([1.0, np.nan, 2, 1, 2]), np.array([1.0, 2, 1])):
        with pytest.raises(DataError, match="have no period"):
            generators.main_period(values)


# ----------------------------------------------------------------------------------------------------------- the windows


def test_windows():
    """Windows that skip, that end early, that mix columns, or that copy a long series."""
    values = RANDOM.normal(size=[9, 2])
    found = windows.windows(values, 4)
    assert found.shape == (6, 4, 2)
    for i in range(6):
        np.testing.assert_array_equal(found[i], values[i : i + 4])
    assert np.shares_memory(found, values) and not found.flags.writeable
    np.testing.assert_array_equal(windows.windows(values[::2], 2)[1], values[[2, 4]])  # another stride
    np.testing.assert_array_equal(windows.windows(values, 9)[0], values)
    with pytest.raises(DataError, match="has 9 values, but a window needs 10"):
        windows.windows(values, 10)
    with pytest.raises(DataError, match="A window cannot have 0 values"):
        windows.windows(values, 0)


def test_inputs_and_targets():
    """Targets of another step, another column, another order."""
    pieces = RANDOM.normal(size=[5, 10, 2])
    inputs, targets = windows.inputs_and_targets(pieces, 3)
    assert inputs.shape == (5, 7, 2) and targets.shape == (5, 7, 6)
    np.testing.assert_array_equal(inputs, pieces[:, :7])
    for t in range(7):
        for j in range(3):
            for column in range(2):
                np.testing.assert_array_equal(targets[:, t, 2 * j + column], pieces[:, t + 1 + j, column])
    _, last = windows.inputs_and_targets(pieces, 3, every_step=False)
    np.testing.assert_array_equal(last, targets[:, 6:])
    # Behind a convolution over 4 values, 2 apart: after inputs 3, 5, ...
    _, strided = windows.inputs_and_targets(pieces, 3, reach=4, stride=2)
    np.testing.assert_array_equal(strided, targets[:, [3, 5]])
    for ahead in (0, 10, 12):
        with pytest.raises(DataError, match="Of pieces of 10 values, %d are to be forecast" % ahead):
            windows.inputs_and_targets(pieces, ahead)
    with pytest.raises(DataError, match="that leaves 3 to read, but 4 are needed"):
        windows.inputs_and_targets(pieces, 7, reach=4)


# --------------------------------------------------------------------------------------------------------- the baselines


def test_naive():
    """Another step or column; a season that is out of step."""
    x = RANDOM.normal(size=[3, 8, 2])
    np.testing.assert_array_equal(baselines.naive(x, 3), np.tile(x[:, 7], [1, 3]))
    found = baselines.seasonal_naive(x, 3, 5).reshape(3, 5, 2)
    for ahead, step in enumerate([5, 6, 7, 5, 6]):
        np.testing.assert_array_equal(found[:, ahead], x[:, step])
    np.testing.assert_array_equal(baselines.seasonal_naive(x, 8, 1), x[:, 0])
    for season in (0, 9):
        with pytest.raises(DataError, match="season of %d steps does not fit into a window of 8" % season):
            baselines.seasonal_naive(x, season)


def test_least_squares(monkeypatch):
    """No bias, one block alone, normal equations that lose half the digits, targets of another step."""
    monkeypatch.setattr(baselines.LeastSquares, "BLOCK", 7)
    pieces = RANDOM.normal(size=[60, 7, 2]) + 3
    solved = baselines.LeastSquares(pieces, 2)
    rows = np.array([list(piece[:5].ravel()) + [1.0] for piece in pieces])
    answers = np.array([piece[5:].ravel() for piece in pieces])
    weights = np.linalg.pinv(rows) @ answers
    new = RANDOM.normal(size=[4, 5, 2])
    expected = np.array([list(piece.ravel()) + [1.0] for piece in new]) @ weights
    np.testing.assert_allclose(solved(new), expected, rtol=1e-9, atol=1e-9)
    with pytest.raises(DataError, match="at least one piece"):
        baselines.LeastSquares(pieces[:0], 2)


def test_least_squares_of_a_sine():
    """A solution that is not exact: a sine is 2 cos(interval) times its last value less the one before."""
    pieces = windows.windows(generators.sine(500, 0.1).astype(np.float64), 11)
    solved = baselines.LeastSquares(pieces)
    assert baselines.mean_squared_error(solved(pieces[:, :10]), pieces[:, 10]) < 1e-14


def test_least_squares_on_the_series_of_the_book():
    """The figures that the table gives for one value and for ten ahead."""
    for ahead, figure in ((1, 0.00293), (10, 0.01549)):
        pieces = generators.two_waves_of_the_book(10000, 50 + ahead)
        solved = baselines.LeastSquares(pieces[:7000], ahead)
        inputs, targets = windows.inputs_and_targets(pieces[7000:9000], ahead, every_step=False)
        assert baselines.mean_squared_error(solved(inputs), targets[:, 0]) == pytest.approx(figure, abs=6e-6)
