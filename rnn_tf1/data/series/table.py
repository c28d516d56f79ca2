"""Reads the user's own series from a CSV file; its interface is `read_csv`, `Table`, `WAYS` and `MARKS`."""

import collections
import csv
import functools
import io
import itertools
import math
import os
import re
from array import array
from typing import Any, BinaryIO, Iterator, List, NamedTuple, NoReturn, Optional, Sequence, Tuple, Union

import numpy as np

from rnn_tf1.data.series.cells import Dates, date_forms, is_number, number_in, quoted
from rnn_tf1.errors import Argument, DataError, Part, printable
from rnn_tf1.program.terminal import say

WAYS = ("refuse", "interpolate")  # to treat them
MARKS = (".", ",")  # decimal marks
LONGEST_LINE = 1 << 20  # characters; anything longer is not a row of a table, and would fill the memory
MOST_COLUMNS, LONGEST_NAME = 4096, 1000  # of a table, and characters of a column's name
BAR_FROM = 20 << 20  # bytes of a file from which on a progress bar is drawn

_ESCAPED = re.compile("[\udc80-\udcff]")  # bytes that are not UTF-8, as Python reads them
_AS_CSV = 'Save it as "CSV UTF-8" and pass that file.'
_FILLED, _OTHERS = (Argument("missing", "interpolate"), "."), (Argument("columns"), ".")  # ends of sentences


class Table(NamedTuple):
    """Columns of numbers of the same rows, in the order of time."""

    values: np.ndarray  # float64 [rows, columns]
    names: Tuple[str, ...]  # of the columns; "column 2" etc. if the file has no header
    dates: Optional[np.ndarray]  # datetime64[s] [rows], or None without a column of dates


def read_csv(
    path: Union[str, "os.PathLike[str]"],
    columns: Optional[Sequence[str]] = None,
    missing: str = "refuse",
    decimal: str = ".",
) -> Table:
    """Reads series from a UTF-8 CSV file with a row for each time step, without ever holding the rows as a list.

    The file itself determines

    - the delimiter: that of a first line "sep=;", otherwise the first of tab, semicolon and comma that splits the first two
      rows into the same number of cells;
    - the header: the first row, if none of its cells is a number or a date and one of them is text;
    - the dates: the first column whose first cell is a date and not a number; its cells are dates, never values.

    A date is in ISO 8601 (2020-01-31, 2020-01-31T09:30:00Z, and what else this Python's `datetime.fromisoformat` takes),
    or one of 2020-1-31, 2020/1/31, 31.1.2020, 1/31/2020, 31/1/2020, 2020-01 and Jan 2020, optionally followed by 9:30 or
    9:30:00; all in the form of the first, and each later than the one before. Rows are equal time steps: a line on stderr
    says where two dates are at least two of the usual steps apart. Whether month or day comes first in 1/2/2020 is decided
    by the whole column. Dates with an offset are converted to UTC; fractions of a second are cut off.

    A number is what Python's `float` reads, except infinity, 1_000 and 1,000. Blank lines at the end are skipped.

    Args:
      columns: names of the columns to read, in this order, or, if the file has no header, their numbers, "1" being the
        first. Default: all but the dates.
      missing: how to treat cells that are empty, NA, N/A, NaN, null, ? or -. "refuse": an error that lists them.
        "interpolate": linear interpolation between the neighbours above and below.
      decimal: the decimal mark, "." or ",". With ",", a comma is a delimiter only if cells are in quotes.

    Raises:
      DataError: for anything else in the file; names its path, line and column.
    """
    path = os.fspath(path)
    if missing not in WAYS:
        raise DataError("There is no way %r to treat missing values; there are: %s." % (missing, ", ".join(WAYS)))
    if decimal not in MARKS:
        raise DataError("There is no decimal mark %r; there are: %s" % (decimal, " ".join(MARKS)))
    try:
        with open(path, "rb") as file:
            return _read(path, file, columns, missing, decimal)
    except OSError as error:
        raise DataError("%s: cannot be read (%s). Pass the path of a CSV file." % (path, error.strerror)) from error


def _read(path: str, file: BinaryIO, columns: Optional[Sequence[str]], missing: str, decimal: str) -> Table:
    from tqdm import tqdm

    size = os.fstat(file.fileno()).st_size
    with tqdm(
        total=size, desc=printable(os.path.basename(path)), unit="B", unit_scale=True, disable=size < BAR_FROM
    ) as bar:
        rows = _rows(path, _lines(path, file, bar), decimal)
        first = next(rows, None)
        if first is None:
            raise DataError("%s: the file is empty. Pass a CSV file with a row for each step of time." % path)
        header = _is_header(first[1], decimal)
        names = _names(path, first[1] if header else [""] * len(first[1]))
        second = next(rows, None) if header else first
        if second is None:
            raise DataError("%s: there is only a header, and no row after it. Pass a CSV file with values." % path)
        dates = Dates.detect(path, names, second[1], decimal)
        numeric = [is_number(cell, decimal) for cell in second[1]]
        keys = names if header else [str(number) for number in range(1, len(names) + 1)]
        wanted = _wanted(path, keys, columns, dates, numeric)

        values, lines = array("d"), array("q")  # 8 bytes for each value and each line number
        for line, row in itertools.chain([second], rows):
            lines.append(line)
            for index in wanted:
                try:
                    number = number_in(row[index], decimal)
                except ValueError:
                    others = [key for place, key in enumerate(keys) if numeric[place] and place != index]
                    _refuse_text(path, line, names[index], row[index], decimal, others, first_row=line == first[0])
                if math.isinf(number):
                    raise DataError(
                        "%s: line %s, column %r has %s, which is not finite. "
                        "Write a finite number, or NA where the value is missing."
                        % (path, line, names[index], quoted(row[index]))
                    )
                values.append(number)
            if dates:
                dates.add(line, row[dates.index])
        bar.update(size - bar.n)
    chosen = tuple(names[index] for index in wanted)
    table = Table(np.frombuffer(values).reshape(-1, len(wanted)), chosen, dates.result(lines) if dates else None)
    (_interpolate if missing == "interpolate" else _refuse_missing)(path, table, lines)
    if table.dates is not None:
        _tell_gaps(path, table.dates, lines)
    return table


def _lines(path: str, file: BinaryIO, bar: Any) -> Iterator[str]:
    """The lines of a file, with a progress bar. Refuses anything but text before it fills the memory."""
    text = io.TextIOWrapper(file, encoding="utf-8-sig", errors="surrogateescape", newline="")
    for number, line in enumerate(iter(functools.partial(text.readline, LONGEST_LINE), ""), 1):
        if len(line) == LONGEST_LINE:
            raise DataError(
                "%s: line %s has %s characters or more: this is not a row of a table. %s"
                % (path, number, LONGEST_LINE, _AS_CSV)
            )
        if "\0" in line:
            raise DataError("%s: line %s has a NUL byte, so it is not text. %s" % (path, number, _AS_CSV))
        if not line.isascii() and _ESCAPED.search(line):
            raise DataError("%s: line %s is not in UTF-8. %s" % (path, number, _AS_CSV))
        if number % 65536 == 0 and not bar.disable:  # a pipe has no bar, and no position
            bar.update(file.tell() - bar.n)
        yield "\n" if line.isspace() else line  # a line of spaces is blank


def _rows(path: str, lines: Iterator[str], decimal: str) -> Iterator[Tuple[int, List[str]]]:
    """(number of its first line, cells) of each row; all have as many cells as the first row."""
    start = list(itertools.islice(lines, 20))  # enough for a header of several lines
    separator = re.match(r"sep=([^\"\w\r])\r?\n", start[0]) if start else None  # a note between spreadsheets
    start = start[1:] if separator else start
    delimiter = separator.group(1) if separator else _delimiter("".join(start), decimal)
    reader = csv.reader(itertools.chain(start, lines), delimiter=delimiter, skipinitialspace=True, strict=True)
    before, width, blank = 1 if separator else 0, 0, 0
    line = before + 1
    try:
        for row in reader:
            if not row:
                blank = blank or line
            elif blank:
                raise DataError(
                    "%s: line %s is blank, but rows follow it. Delete it, or write NA where a value is missing."
                    % (path, blank)
                )
            else:
                width = width or len(row)
                if width > MOST_COLUMNS:
                    most = "delimited by %r, but at most %s are read" % (delimiter, MOST_COLUMNS)
                    raise DataError(
                        "%s: line %s has %s cells, %s. Write a column for each series." % (path, line, width, most)
                    )
                if len(row) != width:
                    raise DataError(
                        "%s: number of cells in line %s: %s, in the first row: %s "
                        "(delimited by %r). Give it as many, with NA where a value is missing."
                        % (path, line, len(row), width, delimiter)
                    )
                yield line, row
            line = before + reader.line_num + 1
    except csv.Error as error:
        raise DataError(
            "%s: the row that begins at line %s is damaged (%s). "
            'Close every quote that it opens, and double a quote inside a cell ("").' % (path, line, error)
        ) from error


def _delimiter(start: str, decimal: str) -> str:
    rows = re.sub('"[^"]*"', "", start).splitlines()[:2] or [""]
    marks = "\t;" if decimal == "," and '"' not in start else "\t;,"
    alike = [mark for mark in marks if rows[0].count(mark) == rows[-1].count(mark) > 0]
    return alike[0] if alike else max(marks, key=rows[0].count)


def _is_header(row: Sequence[str], decimal: str) -> bool:
    def kind(cell: str) -> str:
        try:
            return "missing" if math.isnan(number_in(cell, decimal)) else "value"
        except ValueError:
            return "value" if date_forms(cell) else "text"

    kinds = {kind(cell) for cell in row}
    return "text" in kinds and "value" not in kinds


def _names(path: str, header: Sequence[str]) -> List[str]:
    names = [printable(cell.strip()) or "column %s" % number for number, cell in enumerate(header, 1)]
    if max(map(len, names)) > LONGEST_NAME:
        raise DataError(
            "%s: the name of a column has more than %s characters. Write a shorter one." % (path, LONGEST_NAME)
        )
    name, count = collections.Counter(names).most_common(1)[0]
    if count > 1:
        raise DataError("%s: %s columns are named %r. Rename all but one." % (path, count, name))
    return names


def _wanted(
    path: str, keys: List[str], columns: Optional[Sequence[str]], dates: Optional["Dates"], numeric: List[bool]
) -> List[int]:
    """The indices of the columns to read; `numeric` says which have a number in the first row of values."""
    available = [key for index, key in enumerate(keys) if not dates or index != dates.index]
    if not available:
        raise DataError("%s: there is no column but the dates. Pass a CSV file with a column of numbers." % path)
    for name in columns or ():
        if list(columns or ()).count(name) > 1:
            raise DataError(
                "Column %r is asked for twice: " % name, Argument("columns", list(dict.fromkeys(columns or ())))
            )
        if name not in available:
            some = list(itertools.compress(keys, numeric)) or available
            raise DataError(
                "%s: there is no column %r of numbers. Choose from: " % (path, name), Argument("columns", some)
            )
    indices = {key: index for index, key in enumerate(keys)}
    return [indices[name] for name in columns or available]


def _refuse_text(
    path: str, line: int, name: str, cell: str, decimal: str, others: List[str], first_row: bool
) -> NoReturn:
    hint = "The first row has a number or a date in it, so it is read as values, not as names. " if first_row else ""
    other = MARKS[1 - MARKS.index(decimal)]
    grouped = re.fullmatch(r"[+-]?\d{1,3}(\%s\d{3})+(\%s\d+)?" % (other, decimal), cell.strip())
    fixes: List[Part] = []
    if grouped:
        fixes.append("write it without thousands separators, %s" % cell.strip().replace(other, ""))
    if is_number(cell, other):
        where = " if that mark is the decimal mark" if grouped else ""
        fixes += [", or pass " if fixes else "pass ", Argument("decimal", other), where]
    if not fixes:
        fixes.append("write a number there, such as 1%s5, or NA where the value is missing" % decimal)
    if others:
        fixes += [", or choose other columns: ", Argument("columns", others)]
    first = str(fixes[0])
    raise DataError(
        "%s: line %s, column %r has %s where a number should be. %s" % (path, line, name, quoted(cell), hint),
        first[0].upper() + first[1:],
        *fixes[1:],
    )


def _refuse_missing(path: str, table: Table, lines: Sequence[int]) -> None:
    absent = np.flatnonzero(np.isnan(table.values))
    if absent.size:
        cells = [divmod(int(index), len(table.names)) for index in absent[:5]]
        listed = "; ".join("line %s, column %r" % (lines[row], table.names[column]) for row, column in cells)
        more = "; ..." if absent.size > 5 else ""
        raise DataError(
            "%s: missing values: %s (%s%s). Interpolate them linearly between their neighbours with "
            % (path, absent.size, listed, more),
            *_FILLED,
        )


def _interpolate(path: str, table: Table, lines: Sequence[int]) -> None:
    """Fills the missing values of the table, in place."""
    for name, column in zip(table.names, table.values.T):
        absent = np.isnan(column)
        if absent.all():
            raise DataError("%s: column %r has no values at all. Choose other columns with " % (path, name), *_OTHERS)
        for row, end in ((0, "begins"), (-1, "ends")):
            if absent[row]:
                raise DataError(
                    "%s: column %r %s with a missing value (line %s), which cannot be interpolated. "
                    "Delete the rows without it, or choose other columns with " % (path, name, end, lines[row]),
                    *_OTHERS,
                )
        if absent.any():
            column[absent] = np.interp(np.flatnonzero(absent), np.flatnonzero(~absent), column[~absent])


def _tell_gaps(path: str, dates: np.ndarray, lines: Sequence[int]) -> None:
    """A line on stderr if dates are two or more of the usual steps apart: rows may be missing."""
    usual = np.median(np.diff(dates).view(np.int64), overwrite_input=True) if len(dates) > 1 else 0
    gaps = np.flatnonzero(np.diff(dates).view(np.int64) >= 2 * usual)  # taken twice, as the median without a copy sorts
    if gaps.size:
        first = gaps[0]
        more = ", and in %s more places" % (gaps.size - 1) if gaps.size > 1 else ""
        say(
            "WARNING: %s: between line %s (%s) and line %s "
            "(%s) rows seem to be missing%s: every row counts as one step of time. Add them with NA "
            "for their values, and pass "
            % (path, lines[first], dates[first], lines[first + 1], dates[first + 1], more),
            *_FILLED,
        )
