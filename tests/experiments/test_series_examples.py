"""The examples for time series and what they run. Most are called in this process: TensorFlow takes seconds to start."""

import csv
import dataclasses
import json
import re

import numpy as np
import pytest
import tensorflow.compat.v1 as tf
from helpers import assert_near, by_default
from helpers import session as valued
from places import example
from test_examples import run as run_process

from rnn_tf1 import training
from rnn_tf1.data.series import generators
from rnn_tf1.errors import CheckpointError
from rnn_tf1.experiments.forecasting import comparison, generation
from rnn_tf1.experiments.forecasting.comparison import MODELS, Comparison, Model
from rnn_tf1.experiments.forecasting.experiment import Forecasting
from rnn_tf1.models.forecaster import ForecasterConfig, build_forecaster
from rnn_tf1.models.linear import LinearConfig
from rnn_tf1.ops.mode import TESTING
from rnn_tf1.program.settings import Settings
from rnn_tf1.training import Recipe, RunFolder

PICTURES = {
    "time_series": ["forecast.png"],
    "series_generate": ["generated_300.png"],
    "series_benchmark": ["errors.png"],
    "sine": ["forecast.png"],
    "forecast_csv": ["forecast.png"],
}

SLOW_ONCE = [pytest.mark.slow, pytest.mark.once]


def checked(name, folder, result):
    """The metrics of a run that went well; its pictures are there and none is blank."""
    code, out, err = result
    assert code == 0 and "Traceback" not in err, err[-2000:]
    assert "metrics.json" in out.splitlines()[-1]
    for picture in PICTURES[name]:
        content = (folder / picture).read_bytes()
        assert content[:8] == b"\x89PNG\r\n\x1a\n" and len(content) > 15000
    metrics = json.loads((folder / "metrics.json").read_text())
    assert metrics["example"] == name and metrics["tensorflow"] == tf.__version__ and metrics["seconds"] >= 0
    assert metrics["command"].startswith("python examples/%s.py" % name)
    return metrics


# --------------------------------------------------------------------------------------------------------------- examples


@pytest.mark.slow
@pytest.mark.parametrize("name", ["series_benchmark" if tf.version.VERSION.startswith("1.") else "series_generate"])
def test_quick_runs(name, tmp_path):
    """A quick run that only goes well in a process where something else has been run, or with smaller sizes; one on each
    TensorFlow, and sine below on both."""
    metrics = checked(name, tmp_path, run_process(name + ".py", "--quick", "--out-dir", tmp_path))
    assert metrics["config"]["quick"] is True and metrics["command"] == "python examples/%s.py --quick" % name
    if name == "series_benchmark":
        trained = [model for model in MODELS if not model.baseline]
        for model in MODELS:
            error = metrics["%d_%s_valid_mse" % (model.ahead, model.slug)]
            assert 0.5 * generators.NOISE_VARIANCE < error < 1
        assert len((tmp_path / "table.md").read_text().splitlines()) == 2 + len(MODELS)
        assert len(list(tmp_path.glob("*/checkpoints"))) == len(trained)
        assert metrics["best_1_ahead"] == metrics["best_10_ahead"] == "least squares"
    if name == "series_generate":
        for recipe in ("plain", "steady"):
            assert all(metrics["%s_%s_300_stay" % (recipe, way)][1:] == " of 2" for way in ("sliding", "stateful"))


@pytest.mark.parametrize(
    ("cell", "unroll", "heads"),
    [
        pytest.param("relu", "dynamic", ["projection", "dense"], marks=SLOW_ONCE),
        pytest.param("basic", "static", ["dense"], marks=SLOW_ONCE),
        pytest.param("lstm", "manual", ["projection"], marks=SLOW_ONCE),
        ("gru", "dynamic", ["dense"]),
    ],
)
def test_time_series(call, tmp_path, cell, unroll, heads):
    """A choice that crashes; heads that do not learn alike; figures of other windows; a network that learns nothing."""
    flags = ["--quick", "--cell", cell, "--unroll", unroll, "--head"] + heads
    flags += ["--steps", 5, "--units", 16, "--batch-size", 10, "--learning-rate", 0.01, "--out-dir", tmp_path]
    metrics = checked("time_series", tmp_path, call("time_series", *flags))
    t = np.linspace(0, 30 - 0.5, 1000)[:, np.newaxis] + 0.1 * np.arange(6)
    values = t * np.sin(t) / 3 + 2 * np.sin(5 * t)
    assert metrics["naive_mse"] == pytest.approx(np.mean(np.diff(values) ** 2), rel=1e-5)
    for head in ("projection", "dense"):
        assert (head + "_valid_mse" in metrics) == (head in heads)
    assert all(
        0 < metrics[head + "_valid_mse"] < 0.3 * values.var() for head in heads
    )  # where nothing is learnt, var()
    if cell == "gru":
        again = call("time_series", *flags)
        assert "epoch" not in again[2]
        assert checked("time_series", tmp_path, again) == metrics
        code, _, err = call("time_series", "--seed", 1, *flags)
        assert code == 2 and "--seed was 0 there and is 1 here" in err and "Traceback" not in err


@pytest.mark.slow
def test_sine(tmp_path):
    """A process of its own that fails; a naive error of other windows; least squares that are not exact; no learning."""
    metrics = checked("sine", tmp_path, run_process("sine.py", "--quick", "--out-dir", tmp_path))
    i = 10010 + np.arange(1010)  # the windows after those of the training
    assert metrics["naive_mse"] == pytest.approx(np.mean((np.sin(i[10:] / 100) - np.sin(i[9:-1] / 100)) ** 2), rel=1e-3)
    assert metrics["least_squares_mse"] < 1e-12
    assert metrics["test_mse"] < 0.02  # where nothing is learnt, 0.5


@pytest.mark.parametrize("cell", by_default(["basic", "gru"], ["gru"]))
def test_sine_of_other_cells(call, tmp_path, cell):
    """A choice that crashes."""
    sizes = ["--units", 4, "--layers", 1, "--steps", 3, "--batch-size", 1000, "--interval", 0.1, "--epochs", 1]
    metrics = checked("sine", tmp_path, call("sine", "--cell", cell, "--out-dir", tmp_path, *sizes))
    i = 10003 + np.arange(1003)
    assert metrics["naive_mse"] == pytest.approx(np.mean((np.sin(i[3:] / 10) - np.sin(i[2:-1] / 10)) ** 2), rel=1e-3)
    assert 0 < metrics["test_mse"] < 2


@pytest.mark.slow
def test_series_generate(call, tmp_path, monkeypatch):
    """A recipe that crashes; counts that are not those of the lines; a finished run that is trained again."""
    monkeypatch.setattr(generation, "BATCH_SIZE", 5)
    for name, config in generation.CONFIGS.items():
        monkeypatch.setitem(generation.CONFIGS, name, dataclasses.replace(config, units=8, steps=6))
    flags = ["--quick", "--recipes", "plain", "steady", "--out-dir", tmp_path]
    first = call("series_generate", *flags)
    metrics = checked("series_generate", tmp_path, first)
    lines = [line for line in first[1].splitlines() if "times the data's range" in line]
    assert len(lines) == 8
    for recipe in ("plain", "steady"):
        for way in ("sliding", "stateful"):
            mine = [line for line in lines if line.startswith(recipe + ", seed 0, from") and way in line]
            assert len(mine) == 2
            stay = sum(not line.endswith(" !") for line in mine)
            assert metrics["%s_%s_300_stay" % (recipe, way)] == "%d of 2" % stay
    again = call("series_generate", "--quick", "--recipes", "steady", "--out-dir", tmp_path)
    steady = [line for line in lines if line.startswith("steady")]
    assert again[1].splitlines()[:4] == steady and "epoch" not in again[2]


@pytest.mark.once
@pytest.mark.slow
def test_series_benchmark(call, tmp_path):
    """A table, figures and result files that differ; the worst called the best; a finished run that is trained again."""
    flags = ["--quick", "--ahead", 1, "--out-dir", tmp_path]
    first = call("series_benchmark", *flags)
    metrics = checked("series_benchmark", tmp_path, first)
    table = (tmp_path / "table.md").read_text()
    assert table in first[1]
    errors = {}
    for line, model in zip(table.splitlines()[2:], MODELS):
        folder = tmp_path / ("1_%s_0" % model.slug)
        result = json.loads((folder / "result.json").read_text())
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        assert cells[:2] == ["1", model.name] and cells[4] == "%.5f" % result["valid"]
        assert cells[6] == "%.5f" % result["test"]
        assert metrics["1_%s_valid_mse" % model.slug] == result["valid"]
        assert metrics["1_%s_test_mse" % model.slug] == result["test"]
        errors[model.name] = result["valid"]
    assert len(errors) == 6 == len(table.splitlines()) - 2
    assert metrics["best_1_ahead"] == min(errors, key=errors.get)
    assert metrics["best_1_ahead_valid_mse"] == min(errors.values())
    assert metrics["noise_mse"] == pytest.approx(0.01 / 12)
    again = call("series_benchmark", *flags)
    assert again[1] == first[1] and "epoch" not in again[2]


def write(path, header, rows):
    with open(str(path), "w", newline="") as file:
        csv.writer(file).writerows(([header] if header else []) + rows)
    return path


@pytest.fixture
def files(tmp_path):
    """CSV files of 60 rows: with a header, dates, a gap and a column of text; and bare numbers."""
    random = np.random.RandomState(5)
    values = np.stack([np.sin(0.5 * np.arange(60)) + 0.1 * random.randn(60), 50 + random.randn(60).cumsum()], 1)
    days = [str(day) for day in np.datetime64("2020-01-10") + np.arange(60)]
    cells = [["%.4f" % value for value in row] for row in values]
    dated = [[day] + row + ["word"] for day, row in zip(days, cells)]
    paths = {"bare": write(tmp_path / "bare.csv", None, cells)}
    paths["dated"] = write(tmp_path / "dated.csv", ["day", "a", "b", "said"], dated)
    holes = [row[:1] + ["NA" if 7 < i < 11 else row[1]] + row[2:] for i, row in enumerate(dated)]
    commas = [";".join([row[0], row[1].replace(".", ","), row[2].replace(".", ",")]) for row in dated]
    paths["commas"] = tmp_path / "commas.csv"
    paths["commas"].write_text("\n".join(["day;a;b"] + commas) + "\n")
    paths["holes"] = write(tmp_path / "holes.csv", ["day", "a", "b", "said"], holes)
    return paths


SMALL = ["--steps", 5, "--ahead", 3, "--units", 4, "--valid", 0.2, "--test", 0.2, "--quick"]


@pytest.mark.parametrize(
    ("cell", "file", "flags", "names"),
    [
        pytest.param("basic", "bare", [], ["column 1", "column 2"], marks=SLOW_ONCE),
        pytest.param("lstm", "dated", ["--columns", "b,a", "--lags", "1,7"], ["b", "a"], marks=SLOW_ONCE),
        pytest.param("peephole", "dated", ["--columns", "a", "--keep-prob", 0.5], ["a"], marks=SLOW_ONCE),
        pytest.param("gru", "holes", ["--columns", "a,b", "--missing", "interpolate"], ["a", "b"], marks=SLOW_ONCE),
        pytest.param("layer_norm", "bare", ["--layers", 2, "--columns", 2], ["column 2"], marks=SLOW_ONCE),
        pytest.param("context", "dated", ["--columns", "b", "--missing", "refuse"], ["b"], marks=SLOW_ONCE),
        ("gru", "commas", ["--decimal", ","], ["a", "b"]),
    ],
)
def test_forecast_csv(call, files, tmp_path, cell, file, flags, names):
    """A choice that crashes; columns that are mixed up; dates or rows that do not follow; a run that is trained again."""
    folder = tmp_path / "out"
    flags = [files[file], "--cell", cell, "--out-dir", folder] + SMALL + flags
    result = call("forecast_csv", *flags)
    metrics = checked("forecast_csv", folder, result)
    lost = []
    for name in names:
        errors = {way: metrics["%s_%s_rmse" % (name, way)] for way in ("network", "naive", "least_squares")}
        ways = {"least_squares": "least squares", "naive": "the last value again"}
        better = [words for way, words in ways.items() if errors[way] < errors["network"]]
        lost += ["to %s for %s" % (" and ".join(better), name)] if better else []
    told = re.findall("The network loses (.*)[.] Where", result[1])
    assert told == ([", ".join(lost)] if lost else []), "what is better than the network is told, for each column"
    assert metrics["data"].startswith("real: ") and 0 <= metrics["coverage"] <= 1
    for way in ("network", "naive", "least_squares"):
        assert all(metrics["%s_%s_rmse" % (name, way)] > 0 for name in names)
    text = (folder / "forecast.csv").read_text()
    if file == "commas":
        assert "." not in text
        text = text.replace(",", ".").replace(";", ",")
    rows = list(csv.reader(text.splitlines()))
    times = ["61", "62", "63"] if file == "bare" else ["2020-03-10", "2020-03-11", "2020-03-12"]
    assert [row[0] for row in rows] == ["row" if file == "bare" else "date"] + times
    assert rows[0][1:] == [name + end for name in names for end in ("", " low", " high")]
    ranges = {"column 1": (-9, 9), "a": (-9, 9), "column 2": (10, 90), "b": (10, 90)}
    for row in rows[1:]:
        for name, mean, low, high in zip(names, *[[float(cell) for cell in row[k::3]] for k in (1, 2, 3)]):
            assert ranges[name][0] < low < mean < high < ranges[name][1]
    if cell == "basic":
        before = (folder / "forecast.csv").read_bytes()
        again = call("forecast_csv", *flags)
        assert "epoch" not in again[2] and checked("forecast_csv", folder, again) == metrics
        assert (folder / "forecast.csv").read_bytes() == before
        code, _, err = call("forecast_csv", files["dated"], "--columns", "a,b", *flags[1:])
        assert code == 2 and "data was 60 rows of column 1, column 2, checksum" in err and "--out-dir" in err
        assert "Traceback" not in err and (folder / "forecast.csv").read_bytes() == before


@pytest.mark.once
def test_forecast_csv_without_a_file(call, tmp_path, monkeypatch):
    """No example to start from, or one that changes."""
    from rnn_tf1.experiments.forecasting import own_forecast, own_series

    monkeypatch.setattr(own_series, "MOST_ORIGINS", 10)
    monkeypatch.setattr(own_forecast, "MOST_PIECES", 100)
    result = call("forecast_csv", "--out-dir", tmp_path, *SMALL)
    metrics = checked("forecast_csv", tmp_path, result)
    assert str(tmp_path / "example.csv") in result[1] and "4368 rows of bathers, temperature" in result[1]
    assert metrics["data"].startswith("generated: ")
    assert (tmp_path / "forecast.csv").read_text().splitlines()[1].startswith("2020-09-30T00:00:00,")


def test_help_names_every_choice():
    """A choice that the tests above do not run."""
    choices = {
        "time_series": ["{projection,dense}", "{relu,basic,lstm,gru}", "{manual,static,dynamic}"],
        "series_generate": ["{plain,steady}"],
        "series_benchmark": ["{1,10}"],
        "sine": ["{basic,lstm,gru}"],
        "forecast_csv": ["{refuse,interpolate}", "{basic,lstm,peephole,gru,layer_norm,context}"],
    }
    for name, expected in choices.items():
        _, out, _ = run_process(name + ".py", "--help")
        found = re.findall("(--[a-z-]+) (?:[^ ]+ )?({[^}]*})", " ".join(out[: out.index("\n\n")].split()))
        assert [given for _, given in found] == expected, name


# ---------------------------------------------------------------------------------------------------------------- mistakes


GOOD = "day,a,b\n" + "".join("2020-01-%02d,%d,%d\n" % (day, day**2, 7 - day) for day in range(1, 31))


@pytest.mark.parametrize(
    ("content", "flags", "text"),
    [
        (None, [], "my.csv: cannot be read (No such file"),
        ("", [], "the file is empty"),
        (GOOD.replace(",81,", ",eighty-one,"), [], "line 10, column 'a' has 'eighty-one' where a number should be"),
        (GOOD.replace(",81,", ",nan,"), [], "missing values: 1 (line 10, column 'a')"),
        (GOOD.replace(",81,", ",inf,"), [], "line 10, column 'a' has 'inf', which is not finite"),
        (re.sub(",[0-9]+,", ",0.1,", GOOD), [], "Column 'a' has a standard deviation of 0"),
        (GOOD.replace("-09,", "-11,"), [], "line 11, column 'day' has 2020-01-10 00:00:00, which is not after"),
        (GOOD, ["--steps", 40], "has 30 rows and 104 are needed: to read 40 and forecast 2"),
        (GOOD, ["--ahead", 100], "has 30 rows and 398 are needed: to read 4 and forecast 100"),
        (GOOD, ["--columns", "a,a"], "Column 'a' is asked for twice: --columns a"),
        (GOOD + "2020-01-31,1e60,1\n", [], "Row 31, column 'a' is too far from the rows for training"),
        (GOOD, ["--columns", "a, c"], "there is no column 'c' of numbers. Choose from: --columns a,b"),
        (GOOD, ["--steps", 0], "'0' should be a whole number of at least 1"),
        (GOOD, ["--ahead", 0], "'0' should be a whole number of at least 1"),
        (GOOD, ["--lags", 0], "'0' should be a whole number of at least 1"),
        (GOOD, ["--test", 0.6], "'0.6' should be a number above 0.001 and at most 0.5"),
        (GOOD, ["--valid", 0.5, "--test", 0.5], "valid is 0.5 and test is 0.5; they are fractions"),
        (GOOD, ["--keep-prob", 1], "'1' should be a number above 0.01 and at most 0.99"),
        (GOOD, ["--cell", "lstmm"], "invalid choice: 'lstmm'"),
    ],
)
def test_mistakes_with_a_file(call, tmp_path, content, flags, text):
    """A traceback for a person's mistake, or a run that goes on in spite of it."""
    path = tmp_path / "my.csv"
    if content is not None:
        path.write_text(content)
    sizes = ["--steps", 4, "--ahead", 2, "--valid", 0.25, "--test", 0.35, "--quick", "--out-dir", tmp_path / "out"]
    code, out, err = call("forecast_csv", path, *(sizes + flags))
    assert code == 2
    assert text in err and err.count("error:") == 1 and "Traceback" not in err
    assert not (tmp_path / "out" / "metrics.json").exists() and "forecast.csv" not in out


def test_no_file_of_a_person_is_overwritten(call, tmp_path):
    """A table in the place of its own forecast, or of the generated example, that is lost."""
    for name, flags, text in (
        ("forecast.csv", [tmp_path / "forecast.csv"], "would be overwritten by its forecast"),
        ("example.csv", [], "is not the example of this seed"),
    ):
        (tmp_path / name).write_text(GOOD)
        code, _, err = call("forecast_csv", *(flags + ["--quick", "--out-dir", tmp_path]))
        assert code == 2 and text in err and "Traceback" not in err
        assert (tmp_path / name).read_text() == GOOD


@pytest.mark.once
def test_one_row_ahead_of_a_column_with_a_dollar(call, tmp_path):
    """A name that is taken for a formula; other passes that want another training."""
    (tmp_path / "my.csv").write_text(GOOD.replace("day,a,b", "day,USD_$ a_$,b"))
    sizes = ["--steps", 4, "--ahead", 1, "--valid", 0.25, "--test", 0.35, "--quick", "--out-dir", tmp_path / "out"]
    for more in ([], ["--columns", "USD_$ a_$,b"]):
        metrics = checked("forecast_csv", tmp_path / "out", call("forecast_csv", tmp_path / "my.csv", *(sizes + more)))
        assert metrics["USD_$ a_$_network_rmse"] > 0


@pytest.mark.parametrize(
    ("name", "flags", "text"),
    [
        ("series_generate", ["--seed", 2**32 - 1, "--seeds", 2], "the last is above 4294967295"),
        ("series_benchmark", ["--seed", 2**32 - 2, "--seeds", 3], "the last is above 4294967295"),
        ("time_series", ["--steps", 251], "'251' should be a whole number of at least 1 and at most 250"),
        ("time_series", ["--iterations", 99], "at least 100"),
        ("series_generate", ["--recipes", "plane"], "invalid choice: 'plane'"),
        ("series_generate", ["--count", 299], "at least 300"),
        ("series_benchmark", ["--ahead", 5], "invalid choice: 5"),
        ("sine", ["--steps", 1], "at least 2"),
        ("sine", ["--interval", 0], "'0' should be a number above 0 and at most 1"),
    ],
)
def test_mistakes_with_flags(call, tmp_path, name, flags, text):
    """A traceback for a person's mistake, or a run that goes on in spite of it."""
    code, _, err = call(name, "--quick", "--out-dir", tmp_path / "out", *flags)
    assert code == 2 and text in err and err.count("error:") == 1 and "Traceback" not in err
    assert not (tmp_path / "out").exists()


@pytest.mark.once
@pytest.mark.slow
def test_a_mistake_in_a_process(tmp_path):
    """A message that is lost in TensorFlow's notes, where the example is run as a person runs it."""
    code, out, err = run_process("forecast_csv.py", tmp_path / "my.csv", "--out-dir", tmp_path / "out")
    lines = err.splitlines()
    assert (
        code == 2 and out == "" and lines[-1].startswith("forecast_csv.py: error: %s: cannot" % (tmp_path / "my.csv"))
    )
    assert "Traceback" not in err


# ------------------------------------------------------------------------------------------------------------- series_runs


def result_of(valid, test, seconds=0.0):
    return {"valid": valid, "test": test, "seconds": seconds}


def test_table():
    """Validation and test exchanged, a spread of the wrong runs, a book's figure that is rounded or moved."""
    models = [
        Model(1, "naive", None, 0.020, "0.02021", baseline=np.mean),
        Model(10, "GRU", ForecasterConfig(), None, "0.0061"),
        Model(10, "linear", ForecasterConfig(), 0.0188, ""),
    ]
    runs = [
        [result_of(0.020214, 0.03)],
        [result_of(0.5, 0.25, 10.0), result_of(0.25, 0.125, 21.0), result_of(0.375, 0.75, 32.0)],
        [result_of(1.0, 2.0, 0.6)],
    ]
    assert comparison.table(models, runs).splitlines() == [
        "| ahead | model | book | its code | validation | seeds | test | seconds |",
        "|---:|---|---:|---:|---:|---:|---:|---:|",
        "| 1 | naive | 0.02 | 0.02021 | 0.02021 |  | 0.03000 |  |",
        "| 10 | GRU |  | 0.0061 | 0.37500 | 0.25000 to 0.50000 | 0.37500 | 21 |",
        "| 10 | linear | 0.0188 |  | 1.00000 | 1.00000 to 1.00000 | 2.00000 | 1 |",
    ]


def test_models_have_folders_of_their_own():
    """Two models that share a folder, or a file name that a system does not take."""
    slugs = [(model.ahead, model.slug) for model in MODELS]
    assert len(set(slugs)) == len(slugs) and all(re.match("[a-z0-9]+(_[a-z0-9]+)*$", slug) for _, slug in slugs)
    assert {model.ahead for model in MODELS} == {1, 10}
    assert Model(1, "GRU 20-20, every step", None).slug == "gru_20_20_every_step"


def compared(model, folder="unused", seed=0, **settings):
    module = example("series_benchmark")
    return Comparison(module.Flags(out_dir=str(folder), **settings), module.network, model, seed)


def test_the_recipe_is_told_apart():
    """A run taken for one with another learning rate, size or seed."""
    models = [Model(1, "a", None), Model(1, "a", None, learning_rate=0.001), Model(1, "a", None, decay="none")]
    runs = [compared(model) for model in models + [Model(1, "a", LinearConfig(9))]]
    runs += [compared(models[0], seed=1), compared(models[0], epochs=3), compared(models[0], quick=True)]
    assert len({json.dumps(one.folder.settings, sort_keys=True) for one in runs}) == len(runs)
    assert (runs[1].recipe.learning_rate, runs[2].recipe.decay, runs[0].recipe.decay) == (0.001, "none", "cosine")


def test_pieces_are_the_book_s():
    """Parts that overlap, or other series than the book's 7,000, 2,000 and 1,000."""
    whole = generators.two_waves_of_the_book(10000, 51)
    parts = comparison.pieces(1)
    assert [len(parts[name]) for name in ("train", "valid", "test")] == [7000, 2000, 1000]
    np.testing.assert_array_equal(np.concatenate([parts["train"], parts["valid"], parts["test"]]), whole)
    quick = comparison.pieces(1, quick=True)
    for name, part in quick.items():
        np.testing.assert_array_equal(part, parts[name][:200])


WINDOWS = np.random.RandomState(8).randn(3, 50, 1)


@pytest.mark.once
def test_every_model_forecasts_after_its_last_step():
    """A model that cannot be built; forecasts of another step than the last, or of other values than are asked for."""
    trained = [comparison.quick_model(model) for model in MODELS if not model.baseline]
    for model in trained:
        with tf.Graph().as_default():
            net, predict = compared(model).towers()
            with valued() as session:
                found = predict(session, WINDOWS)
                every = session.run(net.predictions, {net.inputs: WINDOWS})
        assert found.shape == (3, model.ahead), model.name
        if not model.iterated:
            np.testing.assert_array_equal(found, every[:, -1])
    assert sum(model.iterated for model in trained) == 1
    static = [model.config for model in MODELS if isinstance(model.config, ForecasterConfig)]
    assert {config.unroll for config in static} == {"static"}
    assert [dataclasses.replace(config, unroll="dynamic") for config in static] == [
        model.config for model in trained if isinstance(model.config, ForecasterConfig)
    ]


def test_the_iterated_model_is_ten_steps_by_hand():
    """Forecasts that are read from the wrong end, or in another order; a model that does not read what it said."""
    (model,) = [comparison.quick_model(model) for model in MODELS if model.iterated]
    with tf.Graph().as_default():
        net, predict = compared(model).towers()
        with valued() as session:
            found, window = predict(session, WINDOWS), WINDOWS
            for number in range(10):
                value = session.run(net.predictions, {net.inputs: window})
                assert value.shape == (3, 1, 1)
                assert_near(found[:, number], value[:, 0, 0], 1e-5)
                window = np.concatenate([window[:, 1:], value], 1)
    assert found.shape == (3, 10) and np.ptp(found, 1).min() > 1e-3


def small(ahead):
    random = np.random.RandomState(ahead)
    return {
        part: random.randn(count, 50 + ahead, 1).cumsum(1).astype(np.float32)
        for part, count in (("train", 200), ("valid", 40), ("test", 30))
    }


@pytest.mark.parametrize("ahead", [1, 10])
def test_baselines_in_numpy(tmp_path, ahead):
    """A baseline that is fitted to what it is tested on, or an error over other values."""
    data = small(ahead)
    x = {part: np.array(rows[:, :, 0], np.float64) for part, rows in data.items()}
    design = {part: np.insert(rows[:, :50], 0, 1, axis=1) for part, rows in x.items()}
    weights = np.linalg.pinv(design["train"]).dot(x["train"][:, 50:])
    for model in MODELS:
        if not model.baseline or model.ahead != ahead:
            continue
        one = compared(model, tmp_path)
        one.data = data
        found = one.result()
        for part in ("valid", "test"):
            answer = x[part][:, 49:50] if model.name == "naive" else design[part].dot(weights)
            assert found[part] == pytest.approx(np.mean((x[part][:, 50:] - answer) ** 2), rel=1e-6)
        assert found["settings"] == one.folder.settings and found["curve"] == [] and found["seconds"] < 5


def test_a_run_and_its_errors(tmp_path, monkeypatch):
    """Errors of the best epoch, where the last one counts; validation and test exchanged; a finished run trained again or
    taken for one with other settings."""
    model = Model(
        10, "linear", LinearConfig(50, ahead=10), learning_rate=0.3, decay="none"
    )  # so high that it jumps about
    data, folder = small(10), tmp_path / "10_linear_4"

    def result_with(**settings):
        one = compared(model, tmp_path, **settings)
        one.data = data
        return one.result()

    result = result_with(seed=4, epochs=6)
    assert len(result["curve"]) == 6 and result["curve"][-1] != min(result["curve"])
    reader = tf.train.load_checkpoint(tf.train.latest_checkpoint(str(folder / "checkpoints")))
    kernel, bias = [reader.get_tensor("dense/" + name).astype(np.float64) for name in ("kernel", "bias")]
    for part in ("valid", "test"):
        answers = data[part][:, :50, 0].dot(kernel) + bias
        assert result[part] == pytest.approx(np.mean((answers - data[part][:, 50:, 0]) ** 2), rel=1e-5)
    assert result["curve"][-1] == pytest.approx(result["valid"], rel=1e-6)
    monkeypatch.setattr(training, "fit", None)
    assert result_with(seed=4, epochs=6) == result
    monkeypatch.undo()
    with pytest.raises(CheckpointError, match="epochs was 6 there and is 7 here"):
        result_with(seed=4, epochs=7)
    assert training.read_finished(str(folder), result["settings"]) == result
    assert result_with(seed=5, epochs=6)["curve"] != result["curve"]


# ------------------------------------------------------------------------------------------------------------ forecasting


CONV = ForecasterConfig("basic", 4, steps=9, depth=2, ahead=3, filters=3, kernel_size=4, stride=2)


class Some(Forecasting):
    def pieces(self, epoch):
        return np.random.RandomState(epoch).randn(10, 12, 2)

    def evaluate(self, session, net):
        return {}


def some(recipe, noise=0.0):
    return Some(Settings(seed=6), recipe, CONV, RunFolder("unused", {}), 4, noise)


def test_noise_is_on_what_is_read_alone(graph):
    """Noise on the targets, the same noise in each batch or epoch, or other noise after a stop; a batch that is left out."""
    one = some(Recipe(3, 0.1), noise=0.5)
    net = one.network(TESTING)
    assert one.steps_per_epoch == 3
    noises = []
    for epoch in (0, 1):
        found = list(one.batches(net, epoch, 0))
        assert [len(feed[net.inputs]) for feed in found] == [4, 4, 2]
        pieces, unseen = one.pieces(epoch), set(range(10))
        for feed in found:
            for x, y in zip(feed[net.inputs], feed[net.targets]):
                # of step t, the 3 next rows side by side; the forecasts are made at steps 4, 6 and 8
                expected = np.array([[pieces[k, t + 1 : t + 4].ravel() for t in (4, 6, 8)] for k in range(10)])
                (row,) = np.flatnonzero((expected == y).all((1, 2)))
                unseen.remove(row)
                noises.append(x - pieces[row, :9])
        assert not unseen
        (rest,) = list(one.batches(net, epoch, 2))
        np.testing.assert_array_equal(rest[net.inputs], found[2][net.inputs])
    noises = np.array(noises)
    assert abs(noises.std() - 0.5) < 0.06 and abs(noises.mean()) < 0.08
    assert len(np.unique(noises.round(9))) == noises.size
    rows = np.concatenate([feed[net.inputs] for feed in some(Recipe(3, 0.1)).batches(net, 1, 0)])
    assert {row.tobytes() for row in rows} == {row.tobytes() for row in one.pieces(1)[:, :9].copy()}


def test_the_learning_rate_and_the_figure_that_counts(monkeypatch):
    """A rate that falls over one epoch or never; a clip that is left out; the worst epoch called the best."""
    rates, clipped, schedules = [], [], []

    def fit(session, train_op, figures, feeds, evaluate, schedule, folder, begin):
        session.run(tf.global_variables_initializer())
        (feed,) = feeds(0, 2)
        clipped.append(session.run(train_op.clipped_norm, feed))
        for step in (0, 5, 10, 15):
            train_op.step.load(step, session)
            rates.append(session.run(train_op.learning_rate))
        schedules.append(schedule)

    monkeypatch.setattr(training, "fit", fit)
    some(Recipe(5, 0.2, clip_norm=1e-3)).train()
    some(Recipe(5, 0.2, decay="none", clip_norm=None, patience=3)).train()
    np.testing.assert_allclose(rates, [0.2, 0.15, 0.05, 0] + 4 * [0.2], atol=1e-7)
    assert clipped[0] == pytest.approx(1e-3) and clipped[1] > 0.01
    assert [(one.monitor, one.lower_is_better) for one in schedules] == [("valid_mse", True)] * 2
    assert [(one.steps_per_epoch, one.epochs, one.patience) for one in schedules] == [(3, 5, None), (3, 5, 3)]


def test_error(graph):
    """All steps taken for the last one, or the last one for all."""
    one, pieces = some(Recipe(1, 0.1)), np.random.RandomState(2).randn(7, 12, 2)
    net = one.network(TESTING)
    with valued() as session:
        answers = session.run(net.predictions, {net.inputs: pieces[:, :9]}).astype(np.float64)
        targets = np.array([[piece[t + 1 : t + 4].ravel() for t in (4, 6, 8)] for piece in pieces])
        squares = (answers - targets) ** 2
        assert one.error(session, net, pieces) == pytest.approx(squares[:, 2].mean(), rel=1e-5)
        assert one.error(session, net, pieces, last=False) == pytest.approx(squares.mean(), rel=1e-5)


# --------------------------------------------------------------------------------------------------------- generation_runs


def test_judge():
    """A drift that is called steady; a period off by more than a tenth; a crash at NaN or at a line."""
    t = 0.1 * np.arange(300)
    data = t * np.sin(t) / 3 + 2 * np.sin(5 * t)
    middle, half = (data.max() + data.min()) / 2, (data.max() - data.min()) / 2
    step = np.arange(900)

    def verdict(size, period):
        return generation.judge((middle + half * size * np.sin(2 * np.pi * step / period)).astype(np.float32))

    stays = verdict(0.9, 63)
    assert stays.size == pytest.approx(0.9, abs=1e-3) and stays.period == pytest.approx(63, rel=0.02) and stays.stays
    assert generation.judge(data).size == pytest.approx(1) and generation.judge(data).stays
    assert verdict(1.45, 63).stays and not verdict(1.55, 63).stays
    assert verdict(1, 67).stays and verdict(1, 59).stays
    assert not verdict(1, 72).stays and not verdict(1, 54).stays
    one_way = np.where(step == 700, middle - 1.6 * half, middle + half * np.sin(step / 10.0))  # below is outside too
    assert generation.judge(one_way).size == pytest.approx(1.6) and not generation.judge(one_way).stays
    for wrong in (np.nan, np.inf):
        found = generation.judge(np.where(step == 5, wrong, np.sin(step / 10.0)))
        assert found.size == np.inf and np.isnan(found.period) and not found.stays
    constant = generation.judge(np.full(300, middle + 0.5 * half))
    assert constant.size == pytest.approx(0.5) and constant.period == np.inf and not constant.stays
    assert abs(generation.PERIOD - 62.83) < 0.01


def test_generation_run(tmp_path, monkeypatch):
    """Starts or ways exchanged; values that are not what the network says."""
    config = ForecasterConfig("basic", 6, unroll="dynamic", steps=7)
    for table, value in ((generation.CONFIGS, config), (generation.RECIPES, Recipe(0, 0.01)), (generation.NOISE, 0.1)):
        monkeypatch.setitem(table, "steady", value)
    monkeypatch.setattr(generation, "BATCH_SIZE", 3)
    module = example("series_generate")
    settings = module.Flags(iterations=299, out_dir=str(tmp_path))
    settings.count = 4
    one = generation.Generation(settings, module.network, "steady", 2)
    one.load()
    run = one.train()
    found = one.report(run)
    assert run.seconds > 0 and len(run.history) == 2
    assert set(found) == {start + " " + way for start in ("zeros", "data") for way in ("sliding", "stateful")}
    t = 0.1 * np.arange(7)
    starts = {"zeros": 0 * t, "data": t * np.sin(t) / 3 + 2 * np.sin(5 * t)}
    with tf.Graph().as_default(), tf.Session() as session:
        net = build_forecaster(config)
        saved = tf.train.latest_checkpoint(str(tmp_path / "steady_2" / "checkpoints"))
        tf.train.Saver().restore(session, saved)
        assert tf.train.load_checkpoint(saved).get_tensor("global_step") == 200
        for start, begin in starts.items():
            sliding, stateful = found[start + " sliding"], found[start + " stateful"]
            assert sliding[0] == pytest.approx(begin) and stateful[0] == pytest.approx(begin)
            window = list(begin)
            for _ in range(4):
                answers = session.run(net.predictions, {net.inputs: np.reshape(window[-7:], [1, 7, 1])})
                window.append(float(answers[0, -1, 0]))
            np.testing.assert_allclose(sliding[1], window[7:], atol=1e-5)
            assert stateful[1][0] == pytest.approx(window[7], abs=1e-5)
            assert abs(stateful[1][2] - window[9]) > 1e-5  # it has read the values before, too
