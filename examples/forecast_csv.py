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

from typing import List, Optional

import rnn_tf1 as rnn


def network(values, settings, mode):
    """values [batch, steps, columns] -> the output of every step, [batch, steps, units]; a dense layer forecasts from it."""
    cell = rnn.make_cell(settings.cell, settings.units, settings.layers, settings.keep_prob, mode, variational=True)
    outputs, _ = rnn.dynamic_rnn(cell, values)
    return outputs


class Flags(Settings):
    csv: Optional[str] = setting(
        None, "its run goes to runs/forecast_csv-NAME; default: one is generated", flag="csv", nargs="?", of_run=False
    )
    columns: Optional[List[str]] = listed(None, str, "to read, with commas; numbers without a header", of_run=False)
    missing: str = choice(
        "refuse", ["refuse", "interpolate"], "where a cell is empty, NA, NaN, null, ? or -", of_run=False
    )
    decimal: str = choice(".", [".", ","], "before a fraction, in file and forecast", metavar="MARK", of_run=False)
    lags: List[int] = listed([], cli.whole(1), "differences to forecast, with commas: 1 for a trend, a season's length")
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
    settings = Flags.parse("forecast_csv", __doc__, input_name="csv")
    from rnn_tf1.experiments.forecasting.own_forecast import OwnSeries

    OwnSeries(settings, network).main()


if __name__ == "__main__":
    cli.run_main(main)
