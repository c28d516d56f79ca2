"""A person's own series: parts, dates, error bars and files. The oracles: rows counted by hand, the recurrence of the
differences written out for one value, and bytes and dates written down."""

import glob
import math
import os

import numpy as np
import pytest
import tensorflow.compat.v1 as tf
from helpers import assert_near
from places import example

from rnn_tf1 import training
from rnn_tf1.data.series.table import Table, read_csv
from rnn_tf1.errors import DataError
from rnn_tf1.experiments.forecasting import own_forecast, own_series
from rnn_tf1.experiments.forecasting.own_forecast import OwnSeries
from rnn_tf1.experiments.forecasting.own_series import Forecast, prepare
from rnn_tf1.models.forecaster import ForecasterConfig, build_forecaster

STEPS, AHEAD = 5, 3


def table_of(rows, dates=None, seed=0):
    """A column with a trend and a column that wanders, in other units."""
    random = np.random.RandomState(seed)
    trend = 10.0 * np.arange(rows) + 5 * random.randn(rows)
    return Table(np.stack([trend, 0.01 * random.randn(rows).cumsum()], 1), ("sold", "rate"), dates)


def coefficients(lags):
    """c with y(t) = sum of c[k] x(t - k)."""
    found = np.ones(1)
    for lag in lags:
        found = np.convolve(found, [1.0] + [0.0] * (lag - 1) + [-1.0])
    return found


def differenced(values, lags):
    c = coefficients(lags)
    return np.array([sum(c[k] * values[t - k] for k in range(len(c))) for t in range(len(c) - 1, len(values))])


def continued(past, changes, lags):
    """The rows after `past` that have these differences."""
    c, known = coefficients(lags), list(past)
    for change in changes:
        known.append(change - sum(c[k] * known[-k] for k in range(1, len(c))))
    return np.array(known[len(past) :])


def moments(values, rows):
    mean = values[:rows].sum(0) / rows
    return mean, np.sqrt(((values[:rows] - mean) ** 2).sum(0) / rows)


# --------------------------------------------------------------------------------------------------------------- prepared


def test_parts_follow_one_another():
    """A target of one part that an earlier part trains on; rows shuffled, or a row off; a part cut short."""
    data = prepare(
        table_of(50), 4, 3, (1, 2), 0.2, 0.3
    )  # 47 rows of differences: 24 to train, 9 to validate, 14 to test
    changes = differenced(data.table.values, (1, 2))
    mean, deviation = moments(changes, 24)
    expected = (changes - mean) / deviation
    np.testing.assert_allclose(data.scaled, expected, atol=1e-5)
    assert data.scaled.dtype == np.float32 and data.borders == (24, 33, 47)
    for part, first, count in (("train", 0, 18), ("valid", 20, 7), ("test", 29, 12)):
        found = data.pieces(part)
        assert found.shape == (count, 7, 2)
        for k in range(count):
            np.testing.assert_allclose(found[k], expected[first + k : first + k + 7], atol=1e-5)
    assert data.origins("valid").tolist() == [24, 25, 26, 27, 28, 29, 30]
    assert data.origins("test").tolist() == list(range(33, 45))


def test_nothing_of_the_later_parts_reaches_the_training():
    """Scaling by the whole table, with which a forecast knows what is to come."""
    table = table_of(50)
    other = table.values.copy()
    other[27:] *= -7  # the rows after those whose differences are trained on
    first, second = [prepare(table._replace(values=v), 4, 3, (1, 2), 0.2, 0.3) for v in (table.values, other)]
    np.testing.assert_array_equal(first.pieces("train"), second.pieces("train"))
    assert (first.pieces("test") != second.pieces("test")).all()


def test_many_origins_are_thinned(monkeypatch):
    """A long table that is tested for hours, or at its beginning alone."""
    monkeypatch.setattr(own_series, "MOST_ORIGINS", 5)
    data = prepare(table_of(50), 4, 3, (1, 2), 0.2, 0.3)
    assert data.origins("valid").tolist() == [24, 25, 27, 28, 30]
    assert data.origins("test").tolist() == [33, 35, 38, 41, 44]
    assert own_forecast.thinned(np.arange(25), 10).tolist() == [0, 3, 6, 9, 12, 15, 18, 21, 24]
    assert own_forecast.thinned(np.arange(10), 10).tolist() == list(range(10))


@pytest.mark.parametrize(
    ("steps", "ahead", "lags", "valid", "test", "needed"),
    [
        (72, 24, (), 0.15, 0.15, 157),  # 0.15 of them rounds to 24
        (72, 24, (1, 24), 0.15, 0.15, 182),  # the same and 25
        (50, 1, (), 0.2, 0.3, 101),  # of 100, 20 and 30 leave 50 to read and none to forecast
        (1, 1, (), 0.5, 0.1, 6),  # 0.1 of 5 is rounded to 0
        (2, 3, (), 0.1, 0.3, 26),  # 0.1 of 25 is rounded to 2
        (3, 4, (7,), 0.4, 0.3, 30),  # of 22, 9 and 7 leave 6, and 7 go into the first difference
    ],
)
def test_too_short_a_table(steps, ahead, lags, valid, test, needed):
    """A number of rows that is then refused again, or an error from the depths in place of it."""
    with pytest.raises(DataError, match=r"has %d rows and %d are needed" % (needed - 1, needed)):
        prepare(table_of(needed - 1), steps, ahead, lags, valid, test)
    for rows in range(needed, needed + 12):  # rounding to rows may not take what a part needs
        data = prepare(table_of(rows), steps, ahead, lags, valid, test)
        assert data.borders[2] == rows - sum(lags)
        for part in ("train", "valid", "test"):
            assert len(data.pieces(part)) > 0
            assert part == "train" or len(data.actual(data.origins(part)[-1])) == ahead


@pytest.mark.parametrize(
    ("steps", "ahead", "valid", "test", "text"),
    [
        (0, 3, 0.2, 0.2, "steps is 0 and ahead is 3; both must be at least 1"),
        (4, 0, 0.2, 0.2, "steps is 4 and ahead is 0; both must be at least 1"),
        (4, 60, 0.2, 0.2, "has 50 rows and 298 are needed"),
        (4, 3, 0.5, 0.5, "valid is 0.5 and test is 0.5; they are fractions"),
        (4, 3, 0.0, 0.5, "valid is 0 and test is 0.5; they are fractions"),
        (4, 3, 0.5, -0.1, "valid is 0.5 and test is -0.1; they are fractions"),
    ],
)
def test_wrong_sizes_are_named(steps, ahead, valid, test, text):
    """NumPy's words for a person's mistake."""
    with pytest.raises(DataError, match=text):
        prepare(table_of(50), steps, ahead, (), valid, test)


def test_a_constant_column_is_named():
    """A division by zero, or by the deviation of the rows that are not trained on."""
    table = table_of(50)
    table.values[:30, 1] = 0.1  # constant where it is trained on
    with pytest.raises(DataError, match="'rate'.*30 rows for training"):
        prepare(table, 4, 3, (), 0.2, 0.2)
    straight = Table(np.arange(50.0)[:, np.newaxis], ("only",), None)
    with pytest.raises(DataError, match="'only'"):
        prepare(straight, 4, 3, (1,), 0.2, 0.2)


@pytest.mark.parametrize("lags", [(), (1,), (1, 12)])
def test_undoing_the_truth_gives_the_truth(lags):
    """A forecast that goes on from another row than the one before it."""
    longer, ahead = table_of(80), 4
    data = prepare(longer._replace(values=longer.values[:76]), 3, ahead, lags, 0.2, 0.2)
    before, changes = sum(lags), differenced(longer.values, lags)
    mean, deviation = moments(changes, data.borders[0])
    scaled = (changes - mean) / deviation
    for origin in list(data.origins("valid")) + list(data.origins("test")) + [76 - before]:
        true = longer.values[before + origin : before + origin + ahead]
        if origin < 76 - before:
            np.testing.assert_array_equal(data.actual(origin), true)
        passes = np.stack([scaled[origin : origin + ahead], 0 * true])
        found = data.undo(passes, origin)
        np.testing.assert_allclose(found[0], true, atol=1e-9)
        expected = continued(longer.values[: before + origin], np.tile(mean, [ahead, 1]), lags)
        np.testing.assert_allclose(found[1], expected, atol=1e-9)


def test_identity():
    """A run that goes on with another table as if it were the same."""
    table = table_of(50)
    other = table.values.copy()
    other[17, 1] += 1e-12
    tables = [table, table._replace(values=other), table._replace(names=("sold", "price"))]
    found = [prepare(one, 4, 3, (), 0.2, 0.2).identity for one in tables + [table_of(50)]]
    assert len(set(found)) == 3 and found[0] == found[3] and found[0].startswith("50 rows of sold, rate, checksum ")


# ------------------------------------------------------------------------------------------------------------------ dates


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        ("2020-02-27 2020-02-28", "2020-02-29 2020-03-01 2020-03-02"),
        ("2020-12-17 2020-12-24", "2020-12-31 2021-01-07 2021-01-14"),
        ("2020-10 2020-11", "2020-12 2021-01 2021-02"),
        ("2020-01-15 2020-02-15 2020-03-15", "2020-04-15 2020-05-15 2020-06-15"),
        ("2019-11-30 2019-12-31", "2020-01-31 2020-02-29 2020-03-31"),
        ("2020-10-31 2020-11-30 2020-12-31", "2021-01-31 2021-02-28 2021-03-31"),
        ("2020-03-31 2020-06-30 2020-09-30", "2020-12-31 2021-03-31 2021-06-30"),
        ("2020-01-30 2020-02-28", "2020-03-28 2020-04-26 2020-05-25"),  # no end of a month: 29 days
        ("2018-07-04 2019-07-04", "2020-07-04 2021-07-04 2022-07-04"),
        ("2018-12-31T23:30 2019-12-31T23:30", "2020-12-31T23:30 2021-12-31T23:30 2022-12-31T23:30"),
        ("2020-02-28T22 2020-02-28T23", "2020-02-29T00 2020-02-29T01 2020-02-29T02"),
        ("2020-01-31T23 2020-02-01T00", "2020-02-01T01 2020-02-01T02 2020-02-01T03"),
        ("2020-05-04 2020-05-05 2020-05-06 2020-05-11", "2020-05-12 2020-05-13 2020-05-14"),  # a gap
        ("2020-05-04", "2020-05-04T00:00:01 2020-05-04T00:00:02 2020-05-04T00:00:03"),
    ],
)
def test_next_dates(dates, expected):
    """Months of 30.4 days, a 29th of February that is left out, a gap that is repeated, a crash at one date."""
    given, wanted = [np.array(text.split(), "datetime64[s]") for text in (dates, expected)]
    found = own_series.next_dates(given, 3)
    assert found.dtype == np.dtype("datetime64[s]") and found.tolist() == wanted.tolist()


# ------------------------------------------------------------------------------------------------------------------ files


def forecast_of(first):
    mean = np.array([[first, 20.0], [1e10, -0.5]])
    return Forecast(mean, mean - [1, 2], mean + [1, 4])


@pytest.mark.parametrize(
    ("dates", "times"),
    [
        (None, ["row", "4", "5"]),
        ("2020-01-29 2020-01-30 2020-01-31", ["date", "2020-02-01", "2020-02-02"]),
        ("2020-01-31T06 2020-01-31T12 2020-01-31T18", ["date", "2020-02-01T00:00:00", "2020-02-01T06:00:00"]),
    ],
)
def test_forecast_file(tmp_path, dates, times):
    """Columns or ends exchanged, a row number off by one, digits cut off, a time of day that is lost."""
    known = None if dates is None else np.array(dates.split(), "datetime64[s]")
    table = Table(np.ones([3, 2]), ("a", "b, c"), known)
    path = tmp_path / "forecast.csv"
    own_series.write_forecast(str(path), table, forecast_of(1.23456789))
    lines = [
        times[0] + ',a,a low,a high,"b, c","b, c low","b, c high"',
        times[1] + ",1.2345679,0.23456789,2.2345679,20,18,24",
        times[2] + ",1e+10,1e+10,1e+10,-0.5,-2.5,3.5",
    ]
    assert path.read_bytes() == "".join(line + "\r\n" for line in lines).encode()
    assert os.listdir(str(tmp_path)) == ["forecast.csv"]


def test_example_file(tmp_path):
    """An example that is another in each run, the same for each seed, or no file that can be read."""
    paths = [str(tmp_path / name) for name in ("a.csv", "b.csv", "c.csv")]
    for path, seed in zip(paths, (3, 3, 4)):
        own_series.write_example(path, seed)
    first, second, third = [(tmp_path / name).read_bytes() for name in ("a.csv", "b.csv", "c.csv")]
    assert first == second != third
    table = read_csv(paths[0])
    assert table.names == ("bathers", "temperature") and table.values.shape == (182 * 24, 2)
    assert str(table.dates[0]) == "2020-04-01T00:00:00" and (np.diff(table.dates).astype(int) == 3600).all()
    bathers, temperature = table.values.T
    hour = np.arange(182 * 24) % 24
    assert (bathers[hour < 6] == 0).all() and bathers.max() > 100
    assert temperature[hour == 14].mean() > temperature[hour == 4].mean() + 3


# --------------------------------------------------------------------------------------------------------------- forecast


CONFIG = ForecasterConfig("basic", 4, unroll="dynamic", steps=STEPS, depth=2, ahead=AHEAD)
PASSES, LAGS = 4, (1,)
VALID, TEST = list(range(30, 43)), list(range(45, 58))  # the origins


def data_of():
    return prepare(table_of(61), STEPS, AHEAD, LAGS, 0.25, 0.25)  # 60 differences: 30, 15 and 15


def one_of(folder="unused"):
    module = example("forecast_csv")
    sizes = dict(steps=STEPS, ahead=AHEAD, lags=list(LAGS), valid=0.25, test=0.25, cell="basic", units=4, keep_prob=0.6)
    training = dict(passes=PASSES, learning_rate=0.01, epochs=2, batch_size=8, seed=3)
    one = OwnSeries(module.Flags(out_dir=str(folder), **sizes, **training), module.network)
    one.use(data_of())
    return one


def recording(recorded):
    """`build_monte_carlo`, with each call's inputs and samples put into the list."""
    build = own_forecast.build_monte_carlo

    def recorder(*arguments):
        made = build(*arguments)
        put = lambda *arrays: recorded.append([array.copy() for array in arrays]) or arrays[1]  # noqa: E731
        samples = tf.numpy_function(put, [made.inputs, made.samples], tf.float32)
        samples.set_shape(made.samples.shape)
        return made._replace(samples=samples)

    return recorder


@pytest.fixture(scope="module")
def twice(tmp_path_factory):
    """What two runs in the same folder return, what the first one's network was asked and said, and the files' times."""
    folder, build, recorded = tmp_path_factory.mktemp("run"), own_forecast.build_monte_carlo, []
    times = []
    try:
        own_forecast.build_monte_carlo = recording(recorded)
        found = []
        for _ in range(2):
            one = one_of(folder)
            seconds = one.train().seconds
            found.append((*one.forecasts(), seconds))
            files = sorted(glob.glob(str(folder / "checkpoints" / "*")))
            times.append([(path, os.stat(path).st_mtime_ns) for path in files])
    finally:
        own_forecast.build_monte_carlo = build
    return found, recorded[: len(recorded) // 2], times


def test_figures_and_error_bars_by_hand(twice):
    """Forecasts that go on from another row or in other units; noise left out, or counted twice; an error bar of another
    part of the values; a coverage or error over other rows; the first test row shown for the last."""
    errors, coverage, tested, after, seconds = twice[0][0]
    values = table_of(61).values
    changes = differenced(values, LAGS)
    mean, deviation = moments(changes, 30)
    origins = VALID + TEST + [60]
    assert len(twice[1]) == len(origins)
    found = []
    for origin, (inputs, samples) in zip(origins, twice[1]):
        assert_near(inputs[0], (changes[origin - STEPS : origin] - mean) / deviation, 1e-5)
        assert samples.shape == (PASSES, 1, STEPS, AHEAD * 2)
        changes_ahead = [last.reshape(AHEAD, 2) * deviation + mean for last in samples[:, 0, STEPS - 1]]
        paths = np.array([continued(values[: origin + 1], one, LAGS) for one in changes_ahead])
        middle = sum(paths) / PASSES
        found.append((middle, sum((path - middle) ** 2 for path in paths) / PASSES))
    middles, variances = [np.array(part) for part in zip(*found)]
    true = np.array([values[origin + 1 : origin + 4] for origin in VALID + TEST])
    noise = np.maximum(0, sum((middles[:13] - true[:13]) ** 2 - variances[:13]) / 13)
    assert (noise > 0).any() and (variances > 0).all()
    width = 1.6448536 * np.sqrt(variances + noise)
    for forecast, row in ((tested, 25), (after, 26)):
        for got, expected in zip(forecast, (middles[row], middles[row] - width[row], middles[row] + width[row])):
            np.testing.assert_allclose(got, expected, rtol=1e-5, atol=1e-4)
        assert (forecast.low < forecast.mean).all() and (forecast.mean < forecast.high).all()
    assert np.abs(tested.mean - values[-AHEAD:])[:, 0].max() < 40  # 120 apart are the first rows and the last
    inside = np.abs(true - middles[:26])[13:] <= width[13:26]
    assert coverage == pytest.approx(inside.sum() / inside.size) and 0 < inside.sum() < inside.size
    again = np.array([[values[origin]] * AHEAD for origin in TEST])
    for name, answer in (("network", middles[13:26]), ("naive", again)):
        roots = np.sqrt(((answer - true[13:]) ** 2).sum((0, 1)) / (13 * AHEAD))
        assert errors[name] == pytest.approx(dict(zip(("sold", "rate"), roots)), rel=1e-5)
    assert set(errors) == {"network", "naive", "least_squares"} and seconds > 0


def test_the_same_call_again_trains_nothing(twice):
    """A finished run that is trained on, or whose figures are others when it is read back."""
    (first, second), _, times = twice
    assert first[:2] == second[:2] and first[4] == second[4]  # the seconds too
    for one, two in zip(first[2:4], second[2:4]):
        for a, b in zip(one, two):
            np.testing.assert_array_equal(a, b)
    assert times[0] == times[1] and any("best-" in path for path, _ in times[0])


def test_nine_of_ten_lie_within():
    """A quantile of one side of the normal distribution taken for both."""
    assert math.erf(own_forecast._QUANTILE / math.sqrt(2)) == pytest.approx(own_forecast.INTERVAL, abs=1e-12) == 0.9


def test_a_long_series_is_sampled_anew(monkeypatch):
    """An epoch of a million pieces; the same sample for ever; a resumed run that is given others; pieces out of the air."""
    one, whole = one_of(), data_of().pieces("train")
    np.testing.assert_array_equal(one.pieces(1), whole)
    monkeypatch.setattr(own_forecast, "MOST_PIECES", 8)
    first, second, first_again = [one.pieces(epoch) for epoch in (0, 1, 0)]
    assert first.shape == second.shape == (8, STEPS + AHEAD, 2)
    assert {piece.tobytes() for piece in np.concatenate([first, second])} <= {piece.tobytes() for piece in whole}
    np.testing.assert_array_equal(first, first_again)
    assert (first != second).any() and len({piece.tobytes() for piece in first}) > 3


def test_the_best_epoch_is_by_the_validation_part(monkeypatch):
    """An epoch chosen by the rows it was trained on or is tested on, with dropout, or by steps that are not the last."""
    found = []

    def fit(session, train_op, figures, feeds, evaluate, schedule, folder, begin):
        session.run(tf.global_variables_initializer())
        with tf.variable_scope(tf.get_variable_scope(), reuse=True):
            plain = build_forecaster(CONFIG)
        rows = data_of().scaled[25:45].astype(np.float64)
        inputs = np.array([rows[k : k + 5] for k in range(13)])
        targets = np.array([rows[k + 5 : k + 8].ravel() for k in range(13)])
        answers = session.run(plain.predictions, {plain.inputs: inputs})[:, -1]
        found.append((evaluate(), ((answers - targets) ** 2).sum() / targets.size))
        assert (schedule.monitor, schedule.lower_is_better) == ("valid_mse", True)

    monkeypatch.setattr(training, "fit", fit)
    one_of().train()
    ((evaluated, expected),) = found
    assert evaluated == {"valid_mse": pytest.approx(expected, rel=1e-5)}


def test_least_squares_is_exact_on_a_recurrence():
    """Least squares of other rows, or undone from another row: what obeys a linear recurrence it forecasts exactly."""
    t = np.arange(200)
    sines = np.sin(0.7 * t) + 0.5 * np.sin(1.9 * t + 1)
    table = Table(np.stack([100 + 3 * t + sines, 1e-3 * np.cos(0.4 * t)], 1), ("a", "b"), None)
    data = prepare(table, 8, 5, (1,), 0.2, 0.2)
    origins = data.origins("test")
    found = own_forecast.baseline_forecasts(data, origins)
    true = np.array([table.values[origin + 1 : origin + 6] for origin in origins])
    error = np.abs(found["least_squares"] - true).max((0, 1)) / table.values[:100].std(0)
    assert (error < 1e-4).all()
    last = np.array([[table.values[origin]] * 5 for origin in origins])
    np.testing.assert_array_equal(found["naive"], last)
