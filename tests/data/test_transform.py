"""Differences, scaling and parts of a series. The oracles: numbers by hand, and the formulas written out for one value."""

import statistics

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnn_tf1.data.series.transform import Differences, Scaling, split
from rnn_tf1.errors import DataError


def series(time, columns=2, seed=0):
    return 5 + 3 * np.random.RandomState(seed).randn(time, columns)


def message_of(call, *arguments):
    with pytest.raises(DataError) as caught:
        call(*arguments)
    return str(caught.value)


def test_differences_by_hand():
    """Catches a sign, a lag or a column that is another, and differences padded to the length of the series."""
    values = np.array([[1, 10], [4, 20], [9, 40], [16, 10], [25, 0]])
    assert Differences([1]).apply(values).tolist() == [[3, 10], [5, 20], [7, -30], [9, -10]]
    assert Differences([3]).apply(values).tolist() == [[15, 0], [21, -20]]
    assert Differences([1, 1]).apply(values).tolist() == [[2, 10], [2, -50], [2, 20]]
    assert Differences([]).apply(values).tolist() == values.tolist()
    assert Differences([1, 7]).needed == 8


def test_no_answer_is_a_view_of_the_series():
    """Catches a caller's series that changes when the answer is changed."""
    values = series(9)
    before = values.copy()
    for lags in ([], [1], [2, 3]):
        Differences(lags).apply(values)[:] = 0
        Differences(lags).undo(values, values)[:] = 0
    np.testing.assert_array_equal(values, before)


@pytest.mark.parametrize("lags", [(1, 7), (7, 1)])
def test_differences_at_two_lags_are_taken_one_after_the_other(lags):
    """Catches one lag left out, or both taken of the series itself."""
    x = series(30, 3)
    expected = [x[t] - x[t - 1] - x[t - 7] + x[t - 8] for t in range(8, 30)]
    np.testing.assert_allclose(Differences(lags).apply(x), expected, rtol=0, atol=1e-12)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(1, 6), max_size=3), st.integers(1, 15), st.lists(st.integers(1, 3), max_size=2), st.data())
def test_undo_continues_the_series(lags, ahead, passes, data):
    """Catches an undo that begins one step off, forgets a lag or its order, or mixes the paths or columns.

    Each path has a future of its own after the same past, and its differences are taken of past and future together.
    """
    differences = Differences(lags)
    past = series(sum(lags) + data.draw(st.integers(1, 5)), 2, seed=1)
    futures = 5 + np.random.RandomState(2).randn(*passes, ahead, 2)
    paths = futures.reshape([-1, ahead, 2])
    wanted = [differences.apply(np.concatenate([past, path]))[len(past) - sum(lags) :] for path in paths]
    found = differences.undo(np.reshape(wanted, futures.shape), past)
    assert found.shape == futures.shape
    np.testing.assert_allclose(found, futures, rtol=0, atol=1e-9)


def test_undo_by_hand():
    """Catches an undo that is right only where `before` is just as long as is needed."""
    before = np.array([[100.0], [1], [2], [5]])
    assert Differences([1]).undo(np.array([[1.0], [1], [-2]]), before).tolist() == [[6], [7], [5]]
    assert Differences([2]).undo(np.array([[1.0], [1], [-2]]), before).tolist() == [[3], [6], [1]]
    found = Differences([2, 1]).undo(np.array([[[1.0], [0]], [[0], [0]]]), before)  # the last at lag 2 were -98 and 4
    assert found.tolist() == [[[7], [10]], [[6], [9]]]


@pytest.mark.parametrize("lag", [0, -1, 1.0, "7", None])
def test_a_lag_that_is_none_is_refused(lag):
    """Catches lag 0, which makes every difference 0, and a negative one, which looks into the future."""
    message = message_of(Differences, [1, lag])
    assert f"lag {lag!r}" in message and "at least 1" in message


def test_too_short_a_series_says_how_many_values_are_needed():
    """Catches an empty answer, or NumPy's own error, for a series of 8 values at lags 1 and 7."""
    differences = Differences([1, 7])
    assert len(differences.apply(series(9))) == 1
    message = message_of(differences.apply, series(8))
    assert "length 8" in message and "lags (1, 7)" in message and "need 9 values" in message
    differences.undo(series(3), series(8))
    message = message_of(differences.undo, series(3), series(7))
    assert "length 7" in message and "lags (1, 7)" in message and "last 8 values" in message


@pytest.mark.parametrize("shape", [(4, 3), (4, 1), (2,), (5, 2, 1)])
def test_undo_refuses_other_columns(shape):
    """Catches one column's past that NumPy spreads over the future of another."""
    message = message_of(Differences([1]).undo, np.zeros(shape), series(4, 2))
    assert str(shape) in message and "(4, 2)" in message and "the same columns" in message


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf])
def test_values_that_are_not_finite_are_refused_with_their_place(wrong):
    """Catches a nan that spreads over a forecast, or makes the mean a nan."""
    values = series(6, 3)
    values[4, 1] = wrong
    scaling = Scaling(series(6, 3))
    calls = [Differences([1]).apply, Scaling, scaling.apply]
    messages = [message_of(call, values) for call in calls]
    for message in messages:
        assert f"values[4, 1] is {wrong}" in message and "missing='interpolate'" in message
    assert f"before[4, 1] is {wrong}" in message_of(Differences([1]).undo, series(6, 3), values)
    assert f"values[1, 4, 1] is {wrong}" in message_of(scaling.apply, np.stack([series(6, 3), values]))


def test_a_series_without_columns_is_refused():
    """Catches [time], whose rows would be taken for columns."""
    for call in (Differences([1]).apply, Scaling):
        message = message_of(call, np.arange(5.0))
        assert "(5,)" in message and "values.reshape(-1, 1)" in message
    assert "before.reshape(-1, 1)" in message_of(Differences([1]).undo, series(3), np.arange(5.0))


def test_scaling_is_by_the_mean_and_deviation_of_the_training_part():
    """Catches columns scaled together, the variance, the sample's deviation, and other parts' own means."""
    training, other = series(40, 3) * [1, 10, 1000] + [0, -50, 7], series(8, 3, seed=1).reshape(2, 4, 3)
    scaling = Scaling(training)
    for column in range(3):
        mean, deviation = statistics.mean(training[:, column].tolist()), statistics.pstdev(training[:, column].tolist())
        expected = [(value - mean) / deviation for value in other[..., column].ravel()]
        np.testing.assert_allclose(scaling.apply(other)[..., column].ravel(), expected, rtol=1e-9)
        np.testing.assert_allclose(scaling.undo_deviation(np.ones([5, 3]))[:, column], [deviation] * 5, rtol=1e-12)
    assert scaling.apply(other).shape == (2, 4, 3)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=2), min_size=2, max_size=12),
    st.lists(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=2), max_size=5),
)
def test_undo_gives_the_scaled_values_back(training, values):
    """Catches an undo in another order, and a constant column that gets through: its answers would not be finite."""
    values = np.reshape(values, [-1, 2])
    try:
        scaling = Scaling(training)
    except DataError as error:
        refused = str(error)
    else:
        refused = ""
        assert np.isfinite(scaling.apply(values)).all() or np.ptp(training, 0).min() < 1e-290
        if np.ptp(training, 0).min() > 1e-3:
            np.testing.assert_allclose(scaling.undo(scaling.apply(values)), values, rtol=1e-9, atol=1e-6)
    if np.ptp(training, 0).min() == 0:
        assert "standard deviation of 0" in refused
    elif np.ptp(training, 0).min() > 1e-3:
        assert not refused


def test_a_constant_column_is_refused_by_name():
    """Catches a division by 0, or by the 1e-17 that rounding makes of a constant 0.1."""
    values = np.column_stack([series(1000, 1), np.full(1000, 0.1)])
    assert values.std(0)[1] != 0
    message = message_of(Scaling, values, ["open", "close"])
    assert (
        "'close'" in message
        and "deviation of 0" in message
        and "1000 rows" in message
        and "naming the others with columns." in message
    )
    assert "'column 2'" in message_of(Scaling, values)
    assert "deviation of inf" in message_of(Scaling, np.array([[1e300], [-1e300]]))
    assert "no values" in message_of(Scaling, np.empty([0, 2]))


def test_scaling_refuses_other_columns():
    """Catches one column that NumPy spreads over three."""
    scaling = Scaling(series(9, 3))
    for call in (scaling.apply, scaling.undo, scaling.undo_deviation):
        for shape in ((4, 1), (4, 2), ()):
            message = message_of(call, np.zeros(shape))
            assert str(shape) in message and "[..., 3]" in message


@pytest.mark.parametrize(
    ("valid", "test", "sizes"),
    [(0.2, 0.1, (7, 2, 1)), (2, 0.1, (7, 2, 1)), (2, 3, (5, 2, 3)), (3.0, 1, (6, 3, 1)), (0.29, 0.29, (4, 3, 3))],
)
def test_split_is_consecutive_in_time(valid, test, sizes):
    """Catches rows that are shuffled, lost or in two parts, the parts in another order, and fractions cut off."""
    parts = split(np.arange(20).reshape(10, 2), valid, test)
    assert tuple(len(part) for part in parts) == sizes
    assert np.concatenate(parts).ravel().tolist() == list(range(20))


@pytest.mark.parametrize(
    ("valid", "test", "words"),
    [
        (0, 0.1, ["valid is 0", "between 0 and 1"]),
        (0.1, -1, ["test is -1"]),
        (2.5, 1, ["valid is 2.5"]),
        (1, float("nan"), ["test is nan"]),
        (float("inf"), 1, ["valid is inf"]),
        (0.01, 2, ["valid=0.01", "10 rows", "8 for training, 0 for validation and 2 for test", "at least one row"]),
        (0.2, 0.01, ["8 for training, 2 for validation and 0 for test"]),
        (0.5, 0.5, ["0 for training, 5 for validation and 5 for test"]),
        (20, 5, ["-15 for training"]),
    ],
)
def test_split_refuses_empty_parts_and_other_sizes(valid, test, words):
    """Catches a part without rows, whose mean is a nan, and a fraction over 1 taken for rows."""
    message = message_of(split, series(10), valid, test)
    for word in words:
        assert word in message
