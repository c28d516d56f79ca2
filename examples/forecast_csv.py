"""Your own series: a CSV file in, a forecast with error bars, its picture and a CSV file out.

The file has a row for each step of time, one column or several, with a header or without; a column of dates is found by
itself. The last rows are held back: the network is validated and tested on them, beside the last value again and least
squares, and the picture shows a forecast of rows that are known. Error bars are Monte Carlo dropout and the noise of the
series: nine of ten values should lie within, and the last line says how many of the test did.

Where the level of a series drifts or has a season, begin with --lags 1, or with as many rows as the season has: the network
then forecasts differences. With no file, one is generated and shows what it should look like. A minute on two CPU cores.
"""

from rnn_tf1.program import cli
from rnn_tf1.program.settings import Settings, choice, listed, real, setting, whole

import os
from typing import List, Optional


class Flags(Settings):
    csv: Optional[str] = setting(
        None,
        "the file: the run of sales.csv goes to runs/forecast_csv-sales; default: one is generated",
        flag="csv",
        nargs="?",
        of_run=False,
    )
    columns: Optional[List[str]] = listed(
        None, str, "columns to read, with commas; numbers where there is no header", of_run=False
    )
    missing: str = choice(
        "refuse", ["refuse", "interpolate"], "what to do where a cell is empty, NA, NaN, null, ? or -", of_run=False
    )
    decimal: str = choice(
        ".",
        [".", ","],
        "the mark before a fraction, . or a comma, in the file and in the forecast",
        metavar="MARK",
        of_run=False,
    )
    lags: List[int] = listed(
        [], cli.whole(1), "forecast differences at these lags, with commas: 1 for a trend, a season's length"
    )
    steps: int = whole(72, "rows that are read")
    ahead: int = whole(24, "rows to forecast")
    valid: float = real(0.15, "part of the rows to validate on", above=0.001, most=0.5)
    test: float = real(0.15, "part of the rows to test on, the last ones", above=0.001, most=0.5)
    cell: str = choice("gru", ["basic", "lstm", "peephole", "gru", "layer_norm", "context"], "the cell")
    units: int = whole(32, "of each layer")
    layers: int = whole(1, "cells, one above the other")
    keep_prob: float = real(0.8, "of outputs, in training and in each pass", above=0.01, most=0.99)
    passes: int = whole(100, "of Monte Carlo dropout", least=2, quick=10, of_run=False)
    learning_rate: float = real(0.003, "of Adam; it falls to 0 along a cosine")
    batch_size: int = whole(32, "pieces in a training step")
    epochs: int = whole(40, "passes over the training part, at most 10,000 pieces of it in each", quick=2)


def main() -> None:
    flags = Flags.parse("forecast_csv", __doc__, input_name="csv")

    from rnn_tf1.program.files import locked
    from rnn_tf1.program.terminal import message_text

    import numpy as np
    import tensorflow.compat.v1 as tf
    from rnn_tf1.data.series.table import read_csv
    from rnn_tf1.errors import DataError
    from rnn_tf1.experiments.forecasting import own_series, pictures
    from rnn_tf1.experiments.forecasting.fitting import Recipe
    from rnn_tf1.models.forecaster import ForecasterConfig

    with locked(flags.out_dir):
        path, source = flags.csv, "real: a file of the user's"
        if path is None:
            path, source = os.path.join(flags.out_dir, "example.csv"), "generated: own_series.write_example"
            own_series.write_example(path, flags.seed)
            print("No file was given: this is a generated one, %s" % path)
        forecast_path = os.path.join(flags.out_dir, "forecast.csv")
        if os.path.realpath(path) == os.path.realpath(forecast_path):
            raise DataError("%s would be overwritten by its forecast: choose another folder with --out-dir." % path)
        table = read_csv(path, flags.columns, flags.missing, flags.decimal)
        data = own_series.prepare(table, flags.steps, flags.ahead, flags.lags, flags.valid, flags.test)
        print("%d rows of %s" % (len(table.values), ", ".join(table.names)), flush=True)
        sizes = dict(
            cell=flags.cell, units=flags.units, layers=flags.layers, unroll="dynamic", keep_prob=flags.keep_prob
        )
        series = dict(steps=flags.steps, depth=len(table.names), ahead=flags.ahead)
        config = ForecasterConfig(variational=True, **sizes, **series)
        recipe = Recipe(flags.learning_rate, flags.epochs, flags.batch_size, seed=flags.seed)
        settings = flags.identity(data=data.identity, tensorflow=tf.__version__)
        figures, tested, after = own_series.forecast_table(data, config, recipe, flags.passes, flags.out_dir, settings)

        own_series.write_forecast(forecast_path, table, after, flags.decimal)
        seconds, coverage = figures.pop("seconds"), figures.pop("coverage")
        errors = {"%s_%s_rmse" % (name, way): found[name] for way, found in figures.items() for name in table.names}
        path = os.path.join(flags.out_dir, "metrics.json")
        cli.write_metrics(path, "forecast_csv", flags, source, seconds, coverage=coverage, **errors)
        rows, ahead = len(table.values), flags.ahead
        times = np.arange(1, rows + 1) if table.dates is None else table.dates
        later = np.arange(rows + 1, rows + 1 + ahead) if table.dates is None else own_series.next_dates(times, ahead)
        shown = slice(-min(rows, 2 * flags.steps + 4 * ahead), None)
        pictures.forecast_with_bars(
            times[shown],
            table.values[shown],
            {"a forecast of known rows": (times[-ahead:],) + tested, "the forecast": (later,) + after},
            table.names,
            own_series.INTERVAL,
            os.path.join(flags.out_dir, "forecast.png"),
            rows,
        )
        ways = dict(network="network", least_squares="least squares", naive="the last value again")
        for name in table.names:
            line = ", ".join("%s %.4g" % (words, figures[way][name]) for way, words in ways.items())
            print("%s, root of the mean squared error on the test rows: %s" % (name, line))
        advice = own_series.advice(figures, ways, flags.lags)
        if advice:
            print(message_text(*advice))
        print(
            "of the test's values, %.1f %% lie within the error bars (%.0f %% should)"
            % (100 * coverage, 100 * own_series.INTERVAL)
        )
        print("forecast.csv, forecast.png and metrics.json are in %s" % flags.out_dir)


if __name__ == "__main__":
    cli.run_main(main)
