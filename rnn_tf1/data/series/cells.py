"""The cells of a CSV table: numbers, missing values, and the column of dates."""

import math
from array import array
from datetime import datetime, timedelta, timezone
from typing import Any, Dict, List, Optional, Sequence, Tuple

import numpy as np

from rnn_tf1.errors import DataError

MISSING = ("", "na", "n/a", "#n/a", "nan", "null", "?", "-")  # cells without a value, in upper or lower case
_SWAPPED = str.maketrans(".,", ",.")  # so that a point is refused with a decimal comma
_ISO = "ISO 8601"
_DAYS = ("%Y-%m-%d", "%Y/%m/%d", "%d.%m.%Y", "%m/%d/%Y", "%d/%m/%Y", "%Y-%m", "%b %Y")
_TIMES = ("", " %H:%M", " %H:%M:%S")
_FORMS: Dict[Tuple[int, ...], List[str]] = {}  # by the number of each of _SIGNS in them
_SIGNS = "-/:"
for _form in [day + time for day in _DAYS for time in _TIMES]:
    _FORMS.setdefault(tuple(map(_form.count, _SIGNS)), []).append(_form)
_EPOCH, _MICROSECOND = datetime(1970, 1, 1), timedelta(microseconds=1)


def number_in(cell: str, decimal: str) -> float:
    """The number in a cell, NaN if it is missing; raises ValueError for anything else."""
    if "_" in cell:  # float() would read 1_000
        raise ValueError(cell)
    try:
        return float(cell if decimal == "." else cell.translate(_SWAPPED))
    except ValueError:
        if cell.strip().lower() not in MISSING:
            raise
        return math.nan


def is_number(cell: str, decimal: str) -> bool:
    """Whether a cell is a number, or missing."""
    try:
        number_in(cell, decimal)
    except ValueError:
        return False
    return True


def quoted(cell: str) -> str:
    """A cell in a message, cut after 30 characters."""
    return repr(cell if len(cell) <= 30 else cell[:27] + "...")


def _moment(cell: str, form: str) -> datetime:
    if form == _ISO:
        return datetime.fromisoformat(cell[:-1] + "+00:00" if cell.endswith("Z") else cell)  # Z: from Python 3.11 on
    return datetime.strptime(cell, form)


def date_forms(cell: str) -> List[str]:
    """The forms in which a cell is a date: none, one, or two if day and month could be swapped."""
    forms = []
    for form in [_ISO] + _FORMS.get(tuple(map(cell.count, _SIGNS)), []):
        try:
            _moment(cell.strip(), form)
        except ValueError:
            continue
        if form == _ISO:
            return [_ISO]
        forms.append(form)
    return forms


class Dates(object):
    """The column of dates, in every form that fits all cells so far, as microseconds since 1970."""

    def __init__(self, path: str, name: str, index: int, first: str) -> None:
        self.path, self.name, self.index, self.first = path, name, index, first.strip()
        self.readings: Dict[str, Any] = {form: array("q") for form in date_forms(first)}
        zone = _moment(self.first, next(iter(self.readings))).tzinfo
        self.epoch = _EPOCH.replace(tzinfo=timezone.utc if zone else None)

    @classmethod
    def detect(cls, path: str, names: Sequence[str], row: Sequence[str], decimal: str) -> Optional["Dates"]:
        """The column of the first cell in the first row of values that is a date and not a number; None without one."""
        for index, cell in enumerate(row):
            if not is_number(cell, decimal) and date_forms(cell):
                return cls(path, names[index], index, cell)
        return None

    def add(self, line: int, cell: str) -> None:
        failed = []
        for form, reading in self.readings.items():
            try:
                reading.append((_moment(cell.strip(), form) - self.epoch) // _MICROSECOND)
            except (ValueError, TypeError):  # TypeError: only one of this date and the first has an offset from UTC
                failed.append(form)
        if len(failed) == len(self.readings):
            raise DataError(
                "%s: line %s, column %r has %s, which is not a date in the form of the "
                "first, %s. Write all dates in one form, preferably as 2020-01-31."
                % (self.path, line, self.name, quoted(cell), self.first)
            )
        for form in failed:
            del self.readings[form]

    def result(self, lines: Sequence[int]) -> np.ndarray:
        if len(self.readings) > 1:
            raise DataError(
                "%s: column %r: in %s, and in all other dates, day and month could be swapped. "
                "Write the dates as 2020-01-31." % (self.path, self.name, self.first)
            )
        dates = np.frombuffer(self.readings.popitem()[1], "datetime64[us]")
        early = np.flatnonzero(dates[1:] <= dates[:-1])
        if early.size:
            row = early[0]
            raise DataError(
                "%s: line %s, column %r has %s, which is not after "
                "%s in line %s. Sort the file by date, the oldest first, each date once."
                % (self.path, lines[row + 1], self.name, dates[row + 1].item(), dates[row].item(), lines[row])
            )
        return dates.astype("datetime64[s]")
