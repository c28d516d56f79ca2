"""The pictures of series: whole, of the right size, and what is drawn is the data."""

import os

import numpy as np
import pytest
from matplotlib.dates import date2num
from matplotlib.image import imread
from test_plotting import figures  # noqa: F401

from rnn_tf1.experiments.forecasting import pictures
from rnn_tf1.plotting import page

RANDOM = np.random.RandomState(6)
PANELS = {
    "1 value ahead": {
        "naive": dict(values=[0.0202], book=0.020),
        "RNN": dict(values=[0.0031, 0.0027, 0.0044], book=0.0030),
        "GRU": dict(values=[0.0021, 0.0023], book=None),
    },
    "10 values ahead": {"LSTM": dict(values=[0.0087, 0.3], book=None), "linear": dict(values=[0.0189], book=0.5)},
}
T, WAVE = 0.1 * np.arange(40), RANDOM.randn(40)
WINDOW = (T[7:15], WAVE[7:15])
PREDICTIONS = {"projection": RANDOM.randn(7), "dense": RANDOM.randn(7)}
CURVES = {
    "first, from zeros": (np.zeros(4), RANDOM.randn(9)),
    "first, from data": (RANDOM.randn(5), RANDOM.randn(8)),
    "second": (RANDOM.randn(3), 50 * RANDOM.randn(12)),
}
TRUE = RANDOM.randn(13)
DATES = np.datetime64("2020-02-20T00:00:00") + 86400 * np.arange(12)
TABLE = np.stack([RANDOM.randn(12), 100 + RANDOM.randn(12)], 1)


def bars(times):
    mean = RANDOM.randn(len(times), 2)
    return times, mean, mean - RANDOM.rand(len(times), 2), mean + 1 + RANDOM.rand(len(times), 2)


BARS = {"known rows": bars(DATES[-3:]), "the forecast": bars(DATES[-4:] + np.timedelta64(4, "D"))}
DRAW = {
    "model_errors": lambda path: pictures.model_errors(PANELS, 0.00083, path),
    "forecast_window": lambda path: pictures.forecast_window((T, WAVE), WINDOW, PREDICTIONS, path),
    "generated_series": lambda path: pictures.generated_series(CURVES, TRUE, (-9.0, 8.0), path),
    "forecast_with_bars": lambda path: pictures.forecast_with_bars(DATES, TABLE, BARS, ["sold", "rate"], 0.9, path),
}


@pytest.mark.parametrize("draw", list(DRAW.values()), ids=list(DRAW))
def test_a_whole_png_at_readme_size(draw, tmp_path):
    """A blank canvas, another size, a wrong return value, temporary files that stay."""
    path = str(tmp_path / "picture.png")
    assert draw(path) == path
    assert os.listdir(str(tmp_path)) == ["picture.png"]
    image = imread(path)
    assert image.shape[1] == 1200 and 300 <= image.shape[0] <= 1200
    assert (image[:, :, :3] == 1).all(axis=2).mean() > 0.3 and (image[:, :, :3] < 0.8).any(axis=2).mean() > 0.01


def lines_of(axes):
    """{label: [(x, y), ...]} of what is drawn."""
    found = {}
    for line in axes.lines:
        found.setdefault(line.get_label(), []).append(
            tuple(np.asarray(a, np.float64) for a in line.get_data(orig=False))
        )
    return found


def assert_line(found, x, y):
    np.testing.assert_array_equal(found[0], x)
    np.testing.assert_array_equal(found[1], y)


def test_model_errors(figures):  # noqa: F811
    """A model's errors beside another's name, a book's figure where none is printed, a mean that is none; a floor that is
    off the picture; one panel's models in the other."""
    DRAW["model_errors"]("unused.png")
    panels = figures[0].axes
    assert [axes.get_title(loc="left") for axes in panels] == list(PANELS)
    for axes, models in zip(panels, PANELS.values()):
        names = [label.get_text() for label in axes.get_yticklabels()]
        assert names == list(models) and list(axes.get_yticks()) == list(range(len(models)))
        found = lines_of(axes)
        measured, book = found["measured, a dot for each seed"], found["the book"]
        assert len(measured) == len(models)
        books = [(one["book"], row) for row, one in enumerate(models.values()) if one["book"]]
        assert [(float(x[0]), float(y[0])) for x, y in map(lambda pair: map(np.ravel, pair), book)] == books
        for row, one in enumerate(models.values()):
            assert_line(measured[row], one["values"], [row] * len(one["values"]))
        assert [text.get_text().strip() for text in axes.texts] == [
            "%.4f" % (sum(one["values"]) / len(one["values"])) for one in models.values()
        ]
        assert found["the noise alone: the least of any model"][0][0].tolist() == [0.00083, 0.00083]
        low, high = axes.get_xlim()
        assert axes.get_xscale() == "log" and low < 0.00083 and high > 0.5
        assert axes.get_ylim()[0] > len(models) - 1 and axes.get_ylim()[1] < 0  # the first on top
    (legend,) = figures[0].legends
    assert len(legend.get_texts()) == 3


def test_forecast_window(figures):  # noqa: F811
    """Targets or predictions a step off, one way's predictions under another's name, a window that is marked elsewhere."""
    DRAW["forecast_window"]("unused.png")
    whole, marked = figures[0].axes
    (series, window) = [line.get_data() for line in whole.lines]
    assert_line(series, T, WAVE)
    assert_line(window, *WINDOW)
    span = whole.patches[0].get_extents().transformed(whole.transData.inverted())
    np.testing.assert_allclose([span.x0, span.x1], [T[7], T[14]])
    found = lines_of(marked)
    assert_line(found["read"][0], T[7:14], WAVE[7:14])
    assert_line(found["target"][0], T[8:15], WAVE[8:15])
    for name, values in PREDICTIONS.items():
        assert_line(found[name][0], T[8:15], values)
    assert len(found) == 4


def test_generated_series(figures):  # noqa: F811
    """Generated values that begin at the first step or at the one before; a panel under another's title; data that are drawn
    over a series with none; a scale that follows what runs away."""
    DRAW["generated_series"]("unused.png")
    assert [axes.get_title(loc="left") for axes in figures[0].axes] == list(CURVES)
    for axes, (begin, values) in zip(figures[0].axes, CURVES.values()):
        found = lines_of(axes)
        assert_line(found["to begin with"][0], range(len(begin)), begin)
        assert_line(found["generated"][0], range(len(begin), len(begin) + len(values)), values)
        assert_line(found["data"][0], range(13), TRUE)
        band = axes.patches[0].get_extents().transformed(axes.transData.inverted())
        np.testing.assert_allclose([band.y0, band.y1], [-9, 8])
        np.testing.assert_allclose(axes.get_ylim(), [-0.5 - 1.9 * 8.5, -0.5 + 1.9 * 8.5])
    pictures.generated_series({"alone": CURVES["second"]}, None, (-1.0, 1.0), "unused.png")
    (axes,) = figures[1].axes
    assert sorted(lines_of(axes)) == ["generated", "to begin with"]


@pytest.mark.parametrize("dated", [True, False])
def test_forecast_with_bars(figures, dated):  # noqa: F811
    """A column in another's panel, an error bar that is one-sided or of the other forecast, dates drawn as row numbers."""
    numbers = np.arange(20, 32)
    if dated:
        DRAW["forecast_with_bars"]("unused.png")
    else:
        rows = {name: (np.arange(31, 31 + len(one[0])),) + one[1:] for name, one in BARS.items()}
        pictures.forecast_with_bars(numbers, TABLE, rows, ["sold", "rate"], 0.9, "unused.png")
    panels = figures[0].axes
    assert [axes.get_ylabel() for axes in panels] == ["sold", "rate"]
    assert panels[-1].get_xlabel() == ("date" if dated else "row")
    for column, axes in enumerate(panels):
        found = lines_of(axes)
        assert_line(found["the data"][0], date2num(DATES) if dated else numbers, TABLE[:, column])
        assert len(axes.collections) == 2 and len(found) == 3
        for (name, (when, mean, low, high)), area in zip(BARS.items(), axes.collections):
            x = date2num(when) if dated else np.arange(31, 31 + len(when))
            assert_line(found[name][0], x, mean[:, column])
            corners = area.get_paths()[0].vertices
            for k in range(len(when)):
                at = corners[np.isclose(corners[:, 0], x[k], atol=1e-9, rtol=0), 1]
                np.testing.assert_allclose([at.min(), at.max()], [low[k, column], high[k, column]])
    pictures.forecast_with_bars(DATES, TABLE, BARS, ["sold", "rate"], 0.9, "unused.png", rows=len(DATES) + 1)
    assert figures[1].axes[-1].get_xlabel() == "date (the last 12 of 13 rows)"
    legend = [text.get_text() for text in panels[0].get_legend().get_texts()]
    assert legend == ["the data", "known rows", "the forecast", "90 % of values within"]
    colors = [line.get_color() for line in panels[0].lines]
    assert colors[1:] == [page.BLUE, page.ORANGE]


@pytest.mark.parametrize(
    ("draw", "text"),
    [
        (lambda: pictures.model_errors({}, 0.1, "unused.png"), "no models"),
        (lambda: pictures.model_errors({"a": PANELS["1 value ahead"], "b": {}}, 0.1, "unused.png"), "no models"),
        (
            lambda: pictures.forecast_window((T, WAVE), WINDOW, {"a": np.ones(7), "b": np.ones(8)}, "unused.png"),
            "b: 8 predictions for 7 targets",
        ),
        (lambda: pictures.generated_series({}, TRUE, (0.0, 1.0), "unused.png"), "no curves"),
        (
            lambda: pictures.forecast_with_bars(DATES, TABLE, BARS, ["sold"], 0.9, "unused.png"),
            r"values \(12, 2\) do not fit 12 times and 1 names",
        ),
        (
            lambda: pictures.forecast_with_bars(DATES[1:], TABLE, BARS, ["sold", "rate"], 0.9, "unused.png"),
            r"values \(12, 2\) do not fit 11 times and 2 names",
        ),
    ],
)
def test_what_does_not_fit_is_refused(draw, text):
    """A blank picture, or a picture of other data than its labels say."""
    with pytest.raises(ValueError, match=text):
        draw()
