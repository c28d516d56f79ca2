"""CSV files of a person's own. The oracles: values, lines and messages written down by hand, and exact fractions."""

import contextlib
import fractions
import os
import subprocess
import sys
import tempfile
import threading
import tracemalloc

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rnn_tf1.data.series import table
from rnn_tf1.data.series.table import read_csv
from rnn_tf1.errors import DataError


def put(folder, content):
    path = os.path.join(str(folder), "my.csv")
    with open(path, "wb") as file:
        file.write(content if isinstance(content, bytes) else content.encode("utf-8"))
    return path


def message_of(path, **arguments):
    with pytest.raises(DataError) as caught:
        read_csv(path, **arguments)
    return str(caught.value)


def message_of_content(content, **arguments):
    with tempfile.TemporaryDirectory() as folder:
        return message_of(put(folder, content), **arguments)


def read(content, **arguments):
    with tempfile.TemporaryDirectory() as folder:
        return read_csv(put(folder, content), **arguments)


@pytest.mark.parametrize(
    ("content", "names", "values"),
    [
        ("x\n1\n2\n", ("x",), [[1], [2]]),
        ("1\n2\n", ("column 1",), [[1], [2]]),
        ("7", ("column 1",), [[7]]),
        ("a,b\n1,2\n3,4\n5,6", ("a", "b"), [[1, 2], [3, 4], [5, 6]]),
        ("a;b\r\n1.5;2\r\n3;-4e-3\r\n", ("a", "b"), [[1.5, 2], [3, -0.004]]),
        ("1\t2\t3\n4\t5\t6\n", ("column 1", "column 2", "column 3"), [[1, 2, 3], [4, 5, 6]]),
        ("a\tb, c\n1\t2\n", ("a", "b, c"), [[1, 2]]),
        ('"open; in EUR",volume\n"1.5","2"\n', ("open; in EUR", "volume"), [[1.5, 2]]),
        ('"a ""b""", "c"\n 1 , 2 \n', ('a "b"', "c"), [[1, 2]]),
        ('"price\n(EUR)",b\n1,2\n3,4\n', ("price\n(EUR)", "b"), [[1, 2], [3, 4]]),
        (b"\xef\xbb\xbfW\xc3\xa4rme,b\n1,2\n", ("W\u00e4rme", "b"), [[1, 2]]),
        (b"\xef\xbb\xbf1,2\n", ("column 1", "column 2"), [[1, 2]]),
        (",b\n0,5\n1,6\n", ("column 1", "b"), [[0, 5], [1, 6]]),
        ("a\n1\n2\n\n  \r\n\n", ("a",), [[1], [2]]),
        ("a\r1\r2\r", ("a",), [[1], [2]]),
        ("a,-\n1,2\n", ("a", "-"), [[1, 2]]),
    ],
)
def test_reads_files_as_they_come(tmp_path, content, names, values):
    """Catches a delimiter, header, quote, BOM or line end taken for another, and columns and rows mixed up."""
    found = read_csv(put(tmp_path, content))
    assert found.names == names
    assert found.values.dtype == np.float64
    assert found.values.tolist() == values
    assert found.dates is None
    found.values[:] += 1  # a copy that can be written to


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("2020-01-31", "2020-02-01", ["2020-01-31", "2020-02-01"]),
        (" 2020-01-31 ", "2020-02-01 ", ["2020-01-31", "2020-02-01"]),
        ("1969-12-31T23:59:58.500000", "1969-12-31T23:59:58.750000", ["1969-12-31T23:59:58", "1969-12-31T23:59:58"]),
        ("2020-01-31 09:30", "2020-01-31 09:31:05", ["2020-01-31T09:30", "2020-01-31T09:31:05"]),
        ("2020-10-25T00:30:00Z", "2020-10-25T01:30:00Z", ["2020-10-25T00:30", "2020-10-25T01:30"]),
        ("2020-10-25T02:30:00+02:00", "2020-10-25T02:30:00+01:00", ["2020-10-25T00:30", "2020-10-25T01:30"]),
        ("2020-1-31", "2020-2-1", ["2020-01-31", "2020-02-01"]),
        ("2020/1/31", "2020/02/01", ["2020-01-31", "2020-02-01"]),
        ("31.1.2020", "1.2.2020", ["2020-01-31", "2020-02-01"]),
        ("31.01.2020 9:30", "31.01.2020 09:31", ["2020-01-31T09:30", "2020-01-31T09:31"]),
        ("1/31/2020 9:30:05", "2/1/2020 0:00:00", ["2020-01-31T09:30:05", "2020-02-01"]),
        ("31/1/2020", "1/2/2020", ["2020-01-31", "2020-02-01"]),
        ("1/2/2020", "1/13/2020", ["2020-01-02", "2020-01-13"]),
        ("1/2/2020", "13/2/2020", ["2020-02-01", "2020-02-13"]),
        ("2020-01", "2020-02", ["2020-01-01", "2020-02-01"]),
        ("Jan 2020", "feb 2020", ["2020-01-01", "2020-02-01"]),
    ],
)
@pytest.mark.parametrize("place", [0, 1])
def test_dates(tmp_path, first, second, expected, place):
    """Catches a form that is not read, day and month mixed up, an offset that is dropped, and dates taken for values."""
    rows = [["when", "x"], [first, "5"], [second, "6"]]
    found = read_csv(put(tmp_path, "".join(";".join(row[:: 1 - 2 * place]) + "\n" for row in rows)))
    assert found.names == ("x",)
    assert found.values.tolist() == [[5], [6]]
    assert found.dates.dtype == np.dtype("datetime64[s]")
    np.testing.assert_array_equal(found.dates, np.array(expected, "datetime64[s]"))


@pytest.mark.parametrize(
    ("content", "names", "values"),
    [
        ("x;y\n1,5;2\n-3,25e-1;1e3\n", ("x", "y"), [[1.5, 2], [-0.325, 1e3]]),
        ("x\n1,5\n2,5\n", ("x",), [[1.5], [2.5]]),
        ("1,5\t1\n2,5\t2\n", ("column 1", "column 2"), [[1.5, 1], [2.5, 2]]),
        ("1,5\n2,5\n", ("column 1",), [[1.5], [2.5]]),
        ('"x","y"\n"1,5","2"\n', ("x", "y"), [[1.5, 2]]),
        ("Tag;x\n31.1.2020;1,5\n1.2.2020;2,5\n", ("x",), [[1.5], [2.5]]),
    ],
)
def test_a_decimal_comma_is_read_where_it_is_said(tmp_path, content, names, values):
    """Catches a comma that parts cells, a point of a date that is taken for one, and a mark that is not swapped."""
    table = read_csv(put(tmp_path, content), decimal=",")
    assert table.names == names
    np.testing.assert_array_equal(table.values, values)


def test_dates_without_a_header(tmp_path):
    """Catches a first row with a date in it, and text or a missing value beside it, that is taken for names."""
    found = read_csv(put(tmp_path, "Oslo,2020-01-31,NA,1\nRome,2020-02-01,3,2\n"), ["4"])
    assert found.names == ("column 4",)
    assert found.values.tolist() == [[1], [2]]
    np.testing.assert_array_equal(found.dates, np.array(["2020-01-31", "2020-02-01"], "datetime64[s]"))


def test_a_number_is_no_date_and_a_second_date_is_no_value(tmp_path):
    """Catches 20200131, which Python 3.11 reads as a date, and two columns of dates of which one gets lost."""
    content = "day,x,when,until\n20200131,1,2020-01-31,2020-03-01\n20200201,2,2020-02-01,2020-03-01\n"
    found = read_csv(put(tmp_path, content), ["day", "x"])
    assert found.values.tolist() == [[20200131, 1], [20200201, 2]]
    assert found.dates[1] == np.datetime64("2020-02-01")
    assert "line 2, column 'until' has '2020-03-01'" in message_of(put(tmp_path, content))


def test_columns_are_chosen_by_name_or_number(tmp_path):
    """Catches columns in the order of the file rather than as asked, and a text column that is read all the same."""
    path = put(tmp_path, "town,a,b,c\nOslo,1,2,3\nRome,4,5,6\n")
    found = read_csv(path, ["c", "a"])
    assert found.names == ("c", "a")
    assert found.values.tolist() == [[3, 1], [6, 4]]
    message = message_of(path, columns=["c", "2"])
    assert "no column '2'" in message and message.endswith("Choose from: columns=['a', 'b', 'c']")

    path = put(tmp_path, "2020-01-01,1,2\n2020-01-02,4,5\n")
    found = read_csv(path, ["3"])
    assert found.names == ("column 3",)
    assert found.values.tolist() == [[2], [5]]
    for name in ("4", "0", "1", "x"):  # 1 is the column of dates
        message = message_of(path, columns=[name])
        assert f"no column {name!r}" in message and message.endswith("columns=['2', '3']")


def test_the_mark_that_a_spreadsheet_tells(tmp_path):
    """Catches a first line that is taken for names, and a mark that is guessed where it is told."""
    found = read_csv(put(tmp_path, "sep=|\r\na,x|b\r\n1|2\r\n"))
    assert found.names == ("a,x", "b") and found.values.tolist() == [[1, 2]]


def test_columns_of_text_are_not_offered(tmp_path):
    """Catches a message that names a column of words."""
    path = put(tmp_path, "Last (kW),place,b\n1,north,2\n3,south,4\n")
    offered = "columns=['Last (kW)', 'b']"
    assert message_of(path, columns=["load"]).endswith("Choose from: " + offered)
    assert message_of(path).endswith("or choose other columns: " + offered)
    assert message_of(path, columns=["b", "Last (kW)", "b"]).endswith("asked for twice: columns=['b', 'Last (kW)']")
    assert message_of(put(tmp_path, "a,b\nx,y\n"), columns=["c"]).endswith("Choose from: columns=['a', 'b']")


def test_missing_rows_are_told(tmp_path, capsys):
    """Catches a hole that shifts the rhythm of a series and nobody hears of; months, or a clock, that are called holes."""
    hours = ["2020-01-01 %02d:00" % hour for hour in range(24)]
    months = ["2020-%02d" % month for month in range(1, 13)]
    for dates in (hours, months, hours[:1], hours[:2]):
        read_csv(put(tmp_path, "when,x\n" + "".join("%s,1\n" % date for date in dates)))
        assert capsys.readouterr().err == ""
    holes = hours[:5] + hours[6:10] + hours[15:]
    found = read_csv(put(tmp_path, "when,x\n" + "".join("%s,1\n" % date for date in holes)))
    told = capsys.readouterr().err
    assert len(found.values) == 18 and told.startswith("WARNING: ") and told.count("\n") == 1
    assert "between line 6 (2020-01-01T04:00:00) and line 7 (2020-01-01T06:00:00) rows seem to be missing" in told
    assert ", and in 1 more places: " in told


@pytest.mark.parametrize("cell", ["", " ", "NA", "na", "N/A", "#N/A", "NaN", "-nan", "Null", "?", "-", '""', " - "])
def test_every_spelling_of_missing(tmp_path, cell):
    """Catches a spelling that is taken for text, or for a number."""
    path = put(tmp_path, f"a,b\n1,2\n3,{cell}\n5,9\n")
    assert "missing values: 1 (line 3, column 'b'). Interpolate" in message_of(path)
    assert read_csv(path, missing="interpolate").values.tolist() == [[1, 2], [3, 5.5], [5, 9]]


def test_a_first_row_without_values_is_no_header():
    """Catches a row of missing values taken for names."""
    assert "line 1, column 'column 1'" in message_of_content("NA\n1\n2\n")
    assert "missing values: 2 (line 1" in message_of_content("2020-01-01,NA\n2020-01-02,NA\n")


def test_missing_values_are_counted_and_the_first_five_named(tmp_path):
    """Catches rows counted without the header, columns swapped, a count that stops at five, and no way out."""
    path = put(tmp_path, '"a\n1",b\n,2\nNA,?\n1,2\n-,null\n5,6\n,\n')
    message = message_of(path)
    assert "missing values: 7 (line 3" in message
    places = ["line 3, column 'a\\n1'", "line 4, column 'a\\n1'", "line 4, column 'b'"]
    places += ["line 6, column 'a\\n1'", "line 6, column 'b'"]
    assert "; ".join(places) + "; ...)" in message
    assert "with missing='interpolate'." in message


def test_interpolation_follows_a_straight_line_in_each_column(tmp_path):
    """Catches the last value repeated, a mean, a line between the wrong neighbours, and one column's values in another."""
    path = put(tmp_path, "a,b\n1,100\n?,\n?,\n7,40\n?,10\n-5,12\n")
    expected = [[1, 100], [3, 80], [5, 60], [7, 40], [1, 10], [-5, 12]]
    np.testing.assert_allclose(read_csv(path, missing="interpolate").values, expected, rtol=1e-14)


LEFT_OPEN = 'a,b\n1,2\n3,"4\n' + "5,6\n" * 100000  # a quote, never closed


@pytest.mark.parametrize(
    ("content", "arguments", "words"),
    [
        ("", {}, ["empty", "Pass a CSV file"]),
        ("\n  \n\n", {}, ["empty"]),
        (b"\xef\xbb\xbf", {}, ["empty"]),
        ("a,b\n", {}, ["only a header", "Pass a CSV file"]),
        ("a,b\n\n", {}, ["only a header"]),
        (
            "a\n1\nx\n",
            {},
            ["line 3, column 'a' has 'x' where a number should be. Write a number there, such as 1.5, or NA"],
        ),
        ("a,b,c\n1,2,3\n1,x,3\n", {}, ["column 'b' has 'x'", "or choose other columns: columns=['a', 'c']"]),
        ("1,2,3\n1,x,3\n", {}, ["column 'column 2' has 'x'", "or choose other columns: columns=['1', '3']"]),
        (
            'a,b\n1,"1,064"\n',
            {},
            ["thousands separators, 1064, or pass decimal=',' if that mark is the decimal mark, or"],
        ),
        ('a,b\n1,"-1,064,000.5"\n', {}, ["Write it without thousands separators, -1064000.5, or choose"]),
        ('a,b\n1,"1064,5"\n', {}, ["Pass decimal=','"]),
        ("sep=;\na;b\n1;2\n3;x\n", {}, ["line 4, column 'b' has 'x'"]),
        ("sep=;\n", {}, ["empty"]),
        (
            "a;b\n1;1,5\n",
            {},
            ["line 2, column 'b' has '1,5'", "Pass decimal=',', or choose other columns: columns=['a']"],
        ),
        ("a\n1,5\n1.5\n", {"decimal": ","}, ["line 3, column 'a' has '1.5'", "Pass decimal='.'"]),
        (
            "a;b\n1;1.000,5\n",
            {"decimal": ","},
            [
                "line 2, column 'b' has '1.000,5'",
                "Write it without thousands separators, 1000,5, or",
                "columns=['a']",
            ],
        ),
        ("a\n1,5\n2,5\n", {}, ["line 2, column 'a' has '1,5'"]),
        ("a\n1_000\n", {}, ["line 2, column 'a' has '1_000'"]),
        ("a\n" + "x" * 99 + "\n", {}, ["has '" + "x" * 27 + "...' where"]),
        ("a\n1\ninf\n", {}, ["line 3, column 'a' has 'inf', which is not finite", "NA where the value is missing"]),
        ("a,b\n1,-1e999\n", {"missing": "interpolate"}, ["line 2, column 'b' has '-1e999'"]),
        ("when,2019,2020\nx,1,2\n", {}, ["line 1, column 'column 1' has 'when'", "read as values, not as names"]),
        ("a,b\n1,2\n3\n", {}, ["number of cells in line 3: 1, in the first row: 2 (delimited by ',')", "as many"]),
        ("a;b\n1;2\n3;4;5\n", {}, ["number of cells in line 3: 3, in the first row: 2 (delimited by ';')"]),
        ("a\n1\n \n\n2\n", {}, ["line 3 is blank, but rows follow it", "Delete it, or write NA"]),
        ("\na\n1\n", {}, ["line 1 is blank"]),
        ("a,x,x\n1,2,3\n", {}, ["2 columns are named 'x'", "Rename"]),
        ("when\n2020-01-31\n", {}, ["no column but the dates", "a column of numbers"]),
        ("when,a\n2020-01-31,1\n", {"columns": ["when"]}, ["no column 'when' of numbers", "columns=['a']"]),
        (
            "a,b\n,2\n3,4\n",
            {"missing": "interpolate"},
            ["'a' begins with a missing", "line 2", "choose other columns with columns."],
        ),
        ("a,b\n1,2\n3,\n", {"missing": "interpolate"}, ["'b' ends with a missing", "line 3", "Delete the rows"]),
        (
            "a,b\n1,\n3,\n",
            {"missing": "interpolate"},
            ["'b' has no values at all", "Choose other columns with columns."],
        ),
        (b"a,b\n1,2\n3,4\xb0\n", {"columns": ["a"]}, ["line 3 is not in UTF-8", 'Save it as "CSV UTF-8"']),
        ("a\n1\n".encode("utf-16"), {}, ["line 1 has a NUL byte"]),
        ("a\n1\n".encode("utf-16-be"), {}, ["line 1 has a NUL byte", "Save it as"]),
        ("town,a\nOslo,1\nRo\0me,2\n", {"columns": ["a"]}, ["line 3 has a NUL byte"]),
        ("1," * 600000, {}, ["line 1 has 1048576 characters or more"]),
        (LEFT_OPEN, {}, ["begins at line 3 is damaged", "field larger than field limit", "Close every quote"]),
        ('a,b\n1,2\n"3,4\n5,6\n', {}, ["begins at line 3 is damaged", "Close every quote"]),
        ('a,b\n1,"2"3\n', {}, ["begins at line 2 is damaged", "double a quote inside a cell"]),
    ],
)
def test_a_bad_file_says_what_is_wrong_where_and_what_fixes_it(tmp_path, content, arguments, words):
    """Catches wrong content that is read all the same, or refused without its path, line, column, or a way out."""
    path = put(tmp_path, content)
    message = message_of(path, **arguments)
    for word in [path, *words]:
        assert word in message


@pytest.mark.parametrize(
    ("dates", "words"),
    [
        (
            ["2020-01-02", "2020-01-03", "2020-01-01"],
            ["line 4", "2020-01-01 00:00:00", "2020-01-03 00:00:00 in line 3"],
        ),
        (["2020-01-02", "2020-01-02"], ["line 3", "not after 2020-01-02", "Sort the file by date", "each date once"]),
        (["2.1.2020", "1.1.2020", "3.1.2020"], ["line 3", "2020-01-01", "2020-01-02 00:00:00 in line 2"]),
        (["3/4/2020", "4/5/2020"], ["in 3/4/2020", "day and month could be swapped", "2020-01-31"]),
        (["1/2/2020", "13/2/2020", "2/14/2020"], ["line 4", "'2/14/2020'", "the first, 1/2/2020"]),
        (["2020-01-31", "soon"], ["line 3, column 'when' has 'soon'", "2020-01-31. Write all dates in one form"]),
        (["2020-01-31", ""], ["line 3, column 'when' has ''"]),
        (["31.1.2020", "31.1.2020 09:30"], ["line 3", "'31.1.2020 09:30'"]),
        (["2020-01-01", "2020-01-02T00:00:00Z"], ["line 3", "'2020-01-02T00:00:00Z'", "the first, 2020-01-01"]),
        (["2020-01-01T00:00:00Z", "2020-01-02"], ["line 3", "'2020-01-02'"]),
        (["2020-02-28", "2020-02-30"], ["line 3", "'2020-02-30'"]),
    ],
)
def test_bad_dates_say_where_and_what_fixes_them(tmp_path, dates, words):
    """Catches a series out of order that is trained on, a date that is guessed, and a message without line and date."""
    path = put(tmp_path, "when,x\n" + "".join(f"{date},1\n" for date in dates))
    message = message_of(path)
    for word in [path, "'when'", *words]:
        assert word in message


def test_a_file_that_cannot_be_opened_is_named(tmp_path):
    """Catches a bare FileNotFoundError or IsADirectoryError."""
    for path in (tmp_path / "none.csv", tmp_path):
        message = message_of(path)
        assert str(path) in message and "Pass the path of a CSV file" in message


def test_an_unknown_way_with_missing_values_is_refused(tmp_path):
    """Catches a misspelt way that lets missing values through."""
    assert "refuse, interpolate" in message_of(put(tmp_path, "a\n1\n\n"), missing="drop")


def test_an_unknown_decimal_mark_is_refused(tmp_path):
    """A mark that is taken for a comma, or for a point."""
    assert "no decimal mark ';'; there are: . ," in message_of(put(tmp_path, "1\n"), decimal=";")


def test_a_pipe_is_read(tmp_path):
    """Catches a reader that goes back to the start of its file, or asks where it is, as `<(zcat my.csv.gz)` cannot."""
    path = str(tmp_path / "pipe")
    os.mkfifo(path)

    def write():
        with open(path, "w") as file:
            file.write("x\n" + "5\n" * 70000)

    writer = threading.Thread(target=write, daemon=True)
    writer.start()
    assert read_csv(path).values.sum() == 350000
    writer.join(10)


def test_a_large_file_has_a_progress_bar_and_a_small_one_has_none(tmp_path, monkeypatch, capfd):
    """Catches a bar that stays at 0, that goes to stdout, or that is drawn for a file of three rows."""
    path = put(tmp_path, "x\n" + "5\n" * 70000)
    read_csv(path)
    assert capfd.readouterr() == ("", "")
    monkeypatch.setattr(table, "BAR_FROM", 1000)
    read_csv(path)
    shown = capfd.readouterr()
    assert shown.out == ""
    assert "my.csv: 100%" in shown.err and "140k/140k" in shown.err


NUMBERS = st.floats(allow_nan=False, allow_infinity=False)


@settings(max_examples=100, deadline=None)
@given(st.data(), st.integers(1, 4), st.sampled_from(",;\t"), st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_what_is_written_is_read_back_equal(data, columns, delimiter, end, quoted):
    """Catches a last digit that is lost, and rows or columns that are lost, doubled or moved, in any make of file."""
    rows = data.draw(st.lists(st.lists(NUMBERS, min_size=columns, max_size=columns), min_size=1, max_size=8))
    header = data.draw(st.booleans())
    names = [f"name {number}" if header else f"column {number}" for number in range(1, columns + 1)]
    cells = ([names] if header else []) + [[repr(number) for number in row] for row in rows]
    lines = [delimiter.join(f'"{cell}"' if quoted else cell for cell in row) for row in cells]
    found = read(end.join(lines) + end * data.draw(st.integers(0, 3)))
    assert found.names == tuple(names)
    assert found.values.tolist() == rows


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(["", "+", "-"]),
    st.text("0123456789", max_size=20),
    st.sampled_from(["", "."]),
    st.text("0123456789", max_size=20),
    st.sampled_from(["", "e", "E"]),
    st.sampled_from(["", "+", "-"]),
    st.integers(0, 250),
)
@example("-", "0", "", "", "", "", 0)
def test_numbers_in_all_spellings(sign, whole, point, part, e, e_sign, exponent):
    """Catches a spelling that is refused or misread; the oracle is the exact fraction, rounded once."""
    part = part if point else ""
    if not whole + part:
        return
    value = fractions.Fraction(int(whole + part), 10 ** len(part))
    if e:
        value *= fractions.Fraction(10) ** (-exponent if e_sign == "-" else exponent)
    spelt = sign + whole + point + part + (f"{e}{e_sign}{exponent}" if e else "")
    expected = float(-value if sign == "-" else value)
    assert read(f"x\n{spelt}\n").values.tolist() == [[expected]]


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.integers(-(10**9), 4 * 10**9), min_size=2, max_size=8, unique=True),
    st.sampled_from(["%Y-%m-%dT%H:%M:%S", "%Y/%m/%d %H:%M:%S", "%d.%m.%Y %H:%M:%S", "%m/%d/%Y %H:%M:%S"]),
)
def test_dates_are_read_back_equal(seconds, form):
    """Catches seconds, months or leap days that are counted wrong, before and after 1970."""
    dates = np.array(sorted(seconds), "datetime64[s]")
    texts = [date.item().strftime(form) for date in dates]
    content = "when,x\n" + "".join(f"{text},1\n" for text in texts)
    if form.startswith("%m") and all(date.item().day <= 12 for date in dates):
        assert "day and month could be swapped" in message_of_content(content)
    else:
        np.testing.assert_array_equal(read(content).dates, dates)


def check_only_data_errors(content):
    with contextlib.suppress(DataError):
        found = read(content, missing="interpolate")
        assert found.values.size and np.isfinite(found.values).all()


@settings(max_examples=200, deadline=None)
@given(st.sampled_from([b"", b"\xef\xbb\xbf", b"a,b\n1,2\n", b"2020-01-01,2\n"]), st.binary(max_size=40))
def test_no_bytes_whatever_leak_another_exception(start, rest):
    """Catches csv.Error, UnicodeDecodeError, IndexError or ValueError on garbage."""
    check_only_data_errors(start + rest)


GOOD = 'when;a;"b"\n2020-01-31;1.5;2\n2020-02-01;NA;"3"\n2020-02-02;4;5\n'


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.sampled_from('0\n\r",;\t-/.:TZe_ \0\u00e9')), max_size=4))
def test_no_damage_to_a_good_file_leaks_another_exception(changes):
    """Catches the same where the file is nearly right."""
    changed = list(GOOD)
    for place, character in changes:
        changed[place] = character
    check_only_data_errors("".join(changed))


@pytest.mark.parametrize(
    "content", [LEFT_OPEN * 10, "1," * 5000000], ids=["a quote left open", "a line without an end"]
)
def test_memory_is_bounded_where_a_row_has_no_end(tmp_path, content):
    """Catches the rest of a file taken into one cell or one line."""
    path = put(tmp_path, content)
    read_csv(put(tmp_path / "..", "1\n"))  # imports what there is to import
    tracemalloc.start()
    try:
        message_of(path)
        assert tracemalloc.get_traced_memory()[1] < 6 << 20
    finally:
        tracemalloc.stop()


GROWTH = """
import sys
from rnn_tf1.data.series.table import read_csv

def peak():  # not resource.getrusage, whose ru_maxrss begins with what the parent had
    with open("/proc/self/status") as file:
        return [int(line.split()[1]) * 1024 for line in file if line.startswith("VmHWM")][0]

small, large = sys.argv[1:]
read_csv(small)
before = peak()
found = read_csv(large)
print(len(found.values), found.values.sum(), before, peak())
"""


def growth_of_memory(folder, rows):
    """Bytes by which the peak grows where a file of so many rows, with dates, is read."""
    small, large = str(folder / "small.csv"), str(folder / "large.csv")
    for path, count in ((small, 10), (large, rows)):
        minutes = np.datetime64("2000-01-01T00:00") + np.arange(count).astype("timedelta64[m]")
        with open(path, "w") as file:
            file.write("when,x\n")
            file.writelines(f"{minute},{number % 1000}.25\n" for number, minute in enumerate(minutes))
    command = [sys.executable, "-c", GROWTH, small, large]
    environment = dict(os.environ, PYTHONPATH=os.pathsep.join(sys.path))
    output = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True).stdout
    found, total, before, after = output.split()
    assert int(found) == rows
    assert float(total) == rows / 1000 * (499500 + 250)
    return int(after) - int(before)


@pytest.mark.once
@pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="the peak of the memory is read from /proc")
@pytest.mark.slow
def test_memory_is_a_small_multiple_of_the_values(tmp_path):
    """Catches a list of the rows, of Python's floats, and copies: values, lines and dates twice are 32 bytes for each."""
    rows = 2000000
    assert growth_of_memory(tmp_path, rows) < 4.5 * 8 * rows + (2 << 20)
