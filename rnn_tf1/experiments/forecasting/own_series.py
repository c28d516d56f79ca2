"""A person's own series: from the rows of a table to what a network reads, and from its forecast to a file."""

import csv
import datetime
import math
import os
import zlib
from typing import Any, List, NamedTuple, Sequence, Tuple

import numpy as np

from rnn_tf1.data.files.outside import holds
from rnn_tf1.data.series import transform, windows
from rnn_tf1.data.series.table import Table
from rnn_tf1.errors import Argument, DataError
from rnn_tf1.program.files import atomic_path

MOST_ORIGINS = 500  # that a part is tested from, evenly spaced


class Prepared(NamedTuple):
    """A table as a network reads it; row i of `scaled` is row i + differences.needed of the table."""

    table: Table
    differences: transform.Differences
    scaling: transform.Scaling
    scaled: np.ndarray  # float32 [rows, columns]
    steps: int  # values that are read
    ahead: int  # values to forecast
    borders: Tuple[int, int, int]  # rows of `scaled` at which the training, the validation and the test part end

    def pieces(self, part: str) -> np.ndarray:
        """A view [count, steps + ahead, columns] of `scaled`: the values to forecast are of that part."""
        first, end = {"train": (self.steps, 0), "valid": (self.borders[0], 1), "test": (self.borders[1], 2)}[part]
        return windows.windows(self.scaled[first - self.steps : self.borders[end]], self.steps + self.ahead)

    def origins(self, part: str) -> np.ndarray:
        """At most `MOST_ORIGINS` rows of `scaled` in that part from which `ahead` rows follow."""
        begin, end = {"valid": self.borders[:2], "test": self.borders[1:]}[part]
        return np.unique(np.linspace(begin, end - self.ahead, MOST_ORIGINS).astype(int))

    def undo(self, scaled: np.ndarray, origin: int) -> np.ndarray:
        """Forecasts [..., ahead, columns] of the rows from `origin` on, in the units of the table."""
        return self.differences.undo(
            self.scaling.undo(scaled), self.table.values[origin : origin + self.differences.needed]
        )

    def actual(self, origin: int) -> np.ndarray:
        """[ahead, columns], in the units of the table."""
        first = origin + self.differences.needed
        return self.table.values[first : first + self.ahead]

    @property
    def identity(self) -> str:
        """Differs for other values."""
        return "%d rows of %s, checksum %08x" % (
            len(self.table.values),
            ", ".join(self.table.names),
            zlib.crc32(self.table.values.tobytes()),
        )


class Forecast(NamedTuple):
    """A forecast with error bars, in the units of the table; each [..., ahead, columns]."""

    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray


def prepare(table: Table, steps: int, ahead: int, lags: Sequence[int], valid: float, test: float) -> Prepared:
    """Differences, splits in time and scales by the training part.

    Args:
      lags: of the differences, one after the other; none for the values themselves.
      valid, test: fractions of the rows, the last ones.

    Raises:
      DataError: where the table is too short, with the number of rows it needs; and for a constant column.
    """
    differences = transform.Differences(lags)
    if steps < 1 or ahead < 1:
        raise DataError("steps is %d and ahead is %d; both must be at least 1." % (steps, ahead))
    if not (valid >= 0.001 and test >= 0.001 and valid + test < 1):
        raise DataError(
            "valid is %g and test is %g; they are fractions, from 0.001 on, that leave some rows to train on."
            % (valid, test)
        )

    def enough(rows: int) -> bool:
        held_back = round(valid * rows), round(test * rows)
        return min(held_back) >= ahead and rows - sum(held_back) >= steps + ahead

    needed = math.ceil(max((steps + ahead + 1) / (1 - valid - test), (ahead + 1) / valid, (ahead + 1) / test))
    while enough(needed - 1):  # down from a number that is enough however its parts are rounded
        needed -= 1
    needed += differences.needed
    rows = len(table.values)
    if rows < needed:
        raise DataError(
            "The series has %d rows and %d are needed: to read %d and forecast %d, to hold back %g and %g of them to validate "
            "and to test, and %d for differences at lags. Give a longer series, or smaller "
            % (rows, needed, steps, ahead, valid, test, differences.needed),
            Argument("steps"),
            ", ",
            Argument("ahead"),
            " or ",
            Argument("lags"),
            ", or other ",
            Argument("valid"),
            " and ",
            Argument("test"),
            ".",
        )
    changes = differences.apply(table.values)
    parts = transform.split(changes, valid, test)
    scaling = transform.Scaling(parts[0], table.names)
    ends = np.cumsum([len(part) for part in parts])
    with np.errstate(over="ignore"):
        scaled = scaling.apply(changes).astype(np.float32)
    if not np.isfinite(scaled).all():
        row, column = np.argwhere(~np.isfinite(scaled))[0]
        raise DataError(
            "Row %d, column %r is too far from the rows for training to be scaled by them: fix that row."
            % (row + differences.needed + 1, table.names[column])
        )
    return Prepared(table, differences, scaling, scaled, steps, ahead, (int(ends[0]), int(ends[1]), int(ends[2])))


def next_dates(dates: np.ndarray, count: int) -> np.ndarray:
    """The `count` dates after datetime64 `dates`: months and ends of months go on as such, all else at the lower median."""
    for days in (1, 0):  # a day after the end of a month, another month begins
        months = (dates + np.timedelta64(days, "D")).astype("datetime64[M]")
        apart, within = np.diff(months).astype(int), dates - months
        if len(apart) and apart[0] > 0 and (apart == apart[0]).all() and (within == within[0]).all():
            return (months[-1] + apart[0] * np.arange(1, count + 1)).astype("datetime64[s]") + within[-1]
    apart = np.sort(np.diff(dates).astype(np.int64))
    distance: int = int(apart[(len(apart) - 1) // 2]) if len(apart) else 1  # the lower median: one that there is
    return dates[-1] + distance * np.arange(1, count + 1).astype("timedelta64[s]")


def write_forecast(path: str, table: Table, forecast: Forecast, decimal: str = ".") -> None:
    """A CSV file: a row for each step, with its date or number, and for each column the mean and the error bar's ends.

    With a decimal comma, cells are parted by semicolons.
    """
    ahead = len(forecast.mean)
    times: List[Any] = list(range(len(table.values) + 1, len(table.values) + 1 + ahead))
    if table.dates is not None:
        dates = next_dates(table.dates, ahead)
        whole_days = (dates == dates.astype("datetime64[D]")).all()
        times = [str(date) for date in (dates.astype("datetime64[D]") if whole_days else dates)]
    with atomic_path(path) as temporary, open(temporary, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=";" if decimal == "," else ",")
        names = [name + end for name in table.names for end in ("", " low", " high")]
        writer.writerow(["row" if table.dates is None else "date"] + names)
        for time, *rows in zip(times, *forecast):
            cells = ["%.8g" % value for column in zip(*rows) for value in column]
            writer.writerow([time] + [cell.replace(".", decimal) for cell in cells])


def write_example(path: str, seed: int) -> None:
    """A table to try it on, generated: half a year of a lake, hour by hour, with its bathers and the temperature.

    The temperature has a daily wave whose height changes from day to day; who comes is a matter of temperature, steeply so,
    and of daylight. Raises `DataError` where there is another file at `path`.
    """
    random = np.random.RandomState(seed)
    hour = np.arange(182 * 24)
    weather = np.zeros(len(hour))
    for i in range(1, len(hour)):
        weather[i] = 0.98 * weather[i - 1] + 0.2 * random.randn()  # the sky changes within two days
    sun = np.maximum(np.sin(2 * np.pi * (hour % 24 - 6) / 24), 0)
    warm = np.convolve(sun * (1 + np.tanh(weather)), np.exp(-np.arange(12) / 3.0) / 3.5)[: len(hour)]
    temperature = (
        12 + 6 * np.sin(2 * np.pi * (hour / 24 - 45) / 365.25) + 2 * weather + 7 * warm + 0.3 * random.randn(len(hour))
    )
    bathers = 400 * (sun > 0.2) / (1 + np.exp((22 - temperature) / 1.5)) * np.exp(0.1 * random.randn(len(hour)))
    first = datetime.datetime(2020, 4, 1)
    text = "date,bathers,temperature\n" + "".join(
        "%s,%.0f,%.1f\n" % (first + datetime.timedelta(hours=int(number)), came, degrees)
        for number, came, degrees in zip(hour, bathers, temperature)
    )
    if os.path.exists(path):
        if not holds(path, text):
            raise DataError(
                "%s is there and is not the example of this seed. Give it as the file to forecast, or choose another "
                % path,
                Argument("path"),
                ".",
            )
        return
    with atomic_path(path) as temporary, open(temporary, "w", encoding="utf-8", newline="") as file:
        file.write(text)
