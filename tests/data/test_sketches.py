"""Drawings of pen strokes: the .npz layout and all that breaks it, Quick, Draw!'s lines, and the figures that stand in."""

import io
import itertools
import json
import os
import re
import tracemalloc
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnn_tf1.data.files import sets
from rnn_tf1.data.files.download import data_directory, without_home
from rnn_tf1.data.images import sketches
from rnn_tf1.data.images.sketches import Drawings, read_ndjson, read_npz, scaled, write_npz
from rnn_tf1.errors import DataError, OutputError

STROKES = np.array([[0, 0, 0], [3, -4, 1], [7, 2, 0], [0, 0, 0], [1, 5, 0], [-6, 2, 1]], np.int16)
GOOD = dict(
    strokes=STROKES,
    offsets=np.array([0, 2, 5, 6], np.int32),
    labels=np.array([1, 0, 1], np.uint8),
    classes=np.array(["cat", "fish"]),
)


def put(path, **changes):
    """A file with these arrays; None leaves one out."""
    arrays = {name: array for name, array in dict(GOOD, **changes).items() if array is not None}
    with open(str(path), "wb") as file:
        np.savez(file, **arrays)
    return str(path)


def packed(path, members, method=zipfile.ZIP_STORED):
    """A zip file of bytes."""
    with zipfile.ZipFile(str(path), "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return str(path)


def array_bytes(array, version=None):
    file = io.BytesIO()
    np.lib.format.write_array(file, array, version)
    return file.getvalue()


def claimed(descr, shape, body=b""):
    """An array's bytes whose header claims this type and shape."""
    text = ("{'descr': %r, 'fortran_order': False, 'shape': %s}\n" % (descr, shape)).encode("ascii")
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text + body


def members(**changes):
    return {name + ".npy": changes.get(name, array_bytes(array)) for name, array in GOOD.items()}


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    """Nobody gives such files away: the network is never asked for."""

    def asked(urls):
        raise AssertionError("the network was asked for")

    monkeypatch.setattr(sets, "network_available", asked)


# .npz


def test_reads_by_hand(tmp_path):
    """Catches drawings that begin a step off, columns mixed up, and labels of other drawings."""
    drawings, classes = read_npz(put(tmp_path / "x.npz"))
    assert [one.tolist() for one in drawings.strokes] == [
        [[0, 0, 0], [3, -4, 1]],
        [[7, 2, 0], [0, 0, 0], [1, 5, 0]],
        [[-6, 2, 1]],
    ]
    assert {one.dtype for one in drawings.strokes} == {np.dtype(np.float32)}
    assert drawings.labels.tolist() == [1, 0, 1] and drawings.labels.dtype == np.int32
    assert classes == ("cat", "fish") and type(classes[0]) is str


@pytest.mark.parametrize("kind", ["<f8", ">f4", "f2", "u1", ">i8"])
def test_any_numbers_are_read(tmp_path, kind):
    """Catches another byte order, an order of axes as in Fortran, or a compressed file that is refused or read wrongly."""
    strokes = np.asfortranarray(np.abs(STROKES).astype(kind))
    path = str(tmp_path / "x.npz")
    np.savez_compressed(path, **dict(GOOD, strokes=strokes, offsets=GOOD["offsets"].astype(">u8"), more=np.zeros(3)))
    found = np.concatenate(read_npz(path)[0].strokes)
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, np.abs(STROKES))


def changed(name, place, value, kind=None):
    array = GOOD[name].astype(kind or GOOD[name].dtype)
    array[place] = value
    return {name: array}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        (dict(strokes=None), "no array 'strokes' in it, only classes, labels, offsets"),
        (dict(offsets=None), "no array 'offsets'"),
        (dict(labels=None), "no array 'labels'"),
        (dict(classes=None), "no array 'classes'"),
        (dict(strokes=STROKES.ravel()), r"strokes is int16 \[18\], but numbers with 2 axes are expected"),
        (dict(strokes=STROKES[None]), r"strokes is int16 \[1, 6, 3\], but numbers with 2 axes"),
        (dict(strokes=STROKES > 0), r"strokes is bool \[6, 3\], but numbers"),
        (dict(strokes=STROKES.astype(complex)), "strokes is complex128"),
        (dict(strokes=STROKES[:, :2]), "strokes has 2 columns, but 3 are expected"),
        (dict(strokes=STROKES[:, [0, 1, 2, 2]]), "strokes has 4 columns"),
        (dict(offsets=np.array([0, 2.0, 5, 6])), r"offsets is float64 \[4\], but whole numbers with 1 axes"),
        (dict(offsets=np.array([[0, 2, 5, 6]])), r"offsets is int64 \[1, 4\]"),
        (dict(offsets=np.int32(6)), r"offsets is int32 \[\]"),
        (dict(labels=np.array([1.0, 0, 1])), "labels is float64"),
        (dict(labels=np.array([[1], [0], [1]])), r"labels is int64 \[3, 1\]"),
        (
            dict(classes=np.array([b"cat", b"fish"])),
            r"classes is .S4 \[2\], but texts|classes is \|S4 \[2\], but texts",
        ),
        (dict(classes=np.array([0, 1])), "classes is int64"),
        (dict(classes=np.array("cat")), r"classes is <U3 \[\]"),
        (changed("offsets", 0, 1), "offsets must go from 0 to 6, the number of rows of strokes"),
        (changed("offsets", 3, 5), "offsets must go from 0 to 6"),
        (changed("offsets", 3, 7), "offsets must go from 0 to 6"),
        (dict(offsets=np.array([0])), "offsets must go from 0 to 6"),
        (dict(offsets=np.zeros([0], np.int32)), "offsets must go from 0 to 6"),
        (dict(strokes=STROKES[:0], offsets=np.array([0]), labels=np.zeros([0], int)), "offsets must go from 0 to 0"),
        (changed("offsets", 1, 0), "drawing 0 has no step"),
        (changed("offsets", 2, 2), "drawing 1 has no step"),
        (changed("offsets", 1, 6), "drawing 1 has no step"),
        (changed("offsets", 1, -1), "drawing 0 has no step"),
        (changed("offsets", 1, 1 << 63, "u8"), "drawing 0 has no step"),
        (dict(labels=np.array([1, 0])), "there are 3 drawings but 2 labels"),
        (dict(labels=np.array([1, 0, 1, 0])), "there are 3 drawings but 4 labels"),
        (changed("labels", 2, 2), "the label of drawing 2 is 2, but there are 2 classes"),
        (changed("labels", 1, -1, "i8"), "the label of drawing 1 is -1"),
        (changed("labels", 1, (1 << 64) - 1, "u8"), "the label of drawing 1 is 18446744073709551615"),
        (dict(classes=np.array(["cat", "cat"])), "class 1 is called 'cat': each needs a name of its own"),
        (dict(classes=np.array(["cat", "fi\x1b[31m"])), r"class 1 is called 'fi\\x1b\[31m'"),
        (dict(classes=np.array(["", "fish"])), "class 0 is called ''"),
        (dict(classes=np.array(["cat", "\ud800"])), "class 1 is called"),
        (dict(classes=np.array(["cat"]), labels=np.array([0, 0, 0])), "there are 1 classes, and 2 to 10000"),
        (changed("strokes", (3, 0), np.nan, "f8"), r"row 3 of strokes, \[nan, 0.0, 0.0\], is not finite"),
        (changed("strokes", (3, 1), np.inf, "f4"), r"row 3 of strokes, \[0.0, inf, 0.0\], is not finite"),
        (changed("strokes", (5, 2), np.nan, "f4"), "row 5 of strokes, .* is not finite"),
        (changed("strokes", (2, 0), 1e300, "f8"), r"row 2 of strokes, \[inf, .* is not finite"),
        (
            changed("strokes", (4, 2), 2),
            r"row 4 of strokes, \[1.0, 5.0, 2.0\], lifts the pen by a value other than 0 or 1",
        ),
        (changed("strokes", (1, 2), 0.5, "f4"), "row 1 of strokes, .* lifts the pen"),
        (changed("strokes", (1, 2), -1), "row 1 of strokes, .* lifts the pen"),
    ],
)
def test_every_check_has_a_file_that_breaks_it_alone(tmp_path, changes, reason):
    """Catches a file of another layout that is read as if it were this one, and an error without the array or the row."""
    path = put(tmp_path / "x.npz", **changes)
    with pytest.raises(DataError, match=reason) as caught:
        read_npz(path)
    assert str(caught.value).startswith(path + ": ") and str(caught.value).endswith("Put the right file there.")


def test_the_limits_are_where_they_are_said_to_be(tmp_path, monkeypatch):
    """Catches a limit that is one off, and one that is none."""
    monkeypatch.setattr(sketches, "MOST_STEPS", 3)
    assert len(read_npz(put(tmp_path / "x.npz"))[0].strokes) == 3
    monkeypatch.setattr(sketches, "MOST_STEPS", 2)
    with pytest.raises(DataError, match="drawing 1 has more than 2 steps"):
        read_npz(put(tmp_path / "x.npz"))


def test_a_file_of_python_objects_is_refused(tmp_path):
    """Catches pickle: a file that runs a stranger's program when it is read."""
    ran = tmp_path / "ran"

    class Bomb(object):
        def __reduce__(self):
            return open, (str(ran), "w")

    for name in GOOD:
        path = put(tmp_path / "x.npz", **{name: np.array([Bomb(), Bomb()], object)})
        with pytest.raises(DataError, match="no .npz file of plain arrays.*allow_pickle"):
            read_npz(path)
    with open(str(tmp_path / "y.npz"), "wb") as file:
        np.save(file, np.array([Bomb()], object), allow_pickle=True)
    with pytest.raises(DataError, match="no .npz file of plain arrays"):
        read_npz(str(tmp_path / "y.npz"))
    assert not ran.exists()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "no .npz file"),
        (b"no zip file", "no .npz file"),
        (array_bytes(STROKES), "no .npz file"),
        (None, "cannot be read"),
        ("folder", "cannot be read"),
    ],
)
def test_what_is_no_npz_file(tmp_path, content, reason):
    """Catches a bare FileNotFoundError, IsADirectoryError or BadZipFile."""
    path = tmp_path / "x.npz"
    if content == "folder":
        path.mkdir()
    elif content is not None:
        path.write_bytes(content)
    with pytest.raises(DataError, match=reason) as caught:
        read_npz(str(path))
    assert str(caught.value).startswith(str(path) + ": ")


WITHIN = [
    ("strokes", b"plain text", "strokes is not an array"),
    ("labels", b"", "labels is not an array"),
    ("strokes", claimed("<f8", "(1000000000000, 3)"), "no .npz file of plain arrays, or a damaged one"),
    ("strokes", claimed("<f8", "(%d, 3)" % 10**30), "no .npz file"),
    ("strokes", claimed("<i2", "(-6, 3)", STROKES.tobytes()), "no .npz file"),
    ("strokes", claimed("<i2", "(6, 3)", STROKES.tobytes()[:-1]), "no .npz file"),
    ("strokes", claimed("nonsense", "(6, 3)"), "no .npz file"),
    ("classes", claimed("<U0", "(1000000000000,)"), "there are 1000000000000 classes, and 2 to 10000 are expected"),
    ("classes", claimed("<U1", "(2,)", b"\xff" * 8), "classes has a name that is no text"),
    ("offsets", b"\x93NUMPY\x01\x00\x0f\x00{1: 2, 'a': 3}\n", "no .npz file"),
    ("offsets", b"\x93NUMPY\x02\x00\x20\x4e\x00\x00" + b"(" * 20000, "no .npz file"),
    ("offsets", b"\x93NUMPY\x09\x00", "no .npz file"),
]


@pytest.mark.parametrize(("name", "content", "reason"), WITHIN, ids=range(len(WITHIN)))
def test_damage_within(tmp_path, name, content, reason):
    """Catches MemoryError, OverflowError, SystemError, TypeError and whatever else a header makes of NumPy; bytes that were
    taken for an array; and a list of as many names as a header claims."""
    names = {name + ".npy": name} if content in (b"plain text", b"") else {}
    inside = {names.get(key, key): value for key, value in members(**{name: content}).items()}
    path = packed(tmp_path / "x.npz", inside)
    with pytest.raises(DataError, match=reason) as caught:
        read_npz(path)
    assert str(caught.value).startswith(path + ": ")


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path, monkeypatch):
    """Catches 100 KB that unpack to 100 MB, and a limit on each part where there are many."""
    monkeypatch.setattr(sketches, "MAX_BYTES", 1 << 20)
    zeros = np.zeros([1 << 18, 3], np.int8)
    path = packed(tmp_path / "x.npz", members(strokes=array_bytes(zeros)), zipfile.ZIP_DEFLATED)
    drawings = dict(offsets=np.arange(0, len(zeros) + 1, 1 << 10), labels=np.zeros([1 << 8], np.uint8))
    assert len(read_npz(put(tmp_path / "fits.npz", strokes=zeros, **drawings))[0].strokes) == 256
    inside = dict(members(strokes=array_bytes(zeros)), **{"more.npy": bytes(1 << 19)})
    for content in (inside, dict(members(), **{"more%d.npy" % n: bytes(1 << 17) for n in range(9)})):
        path = packed(tmp_path / "x.npz", content, zipfile.ZIP_DEFLATED)
        assert os.path.getsize(path) < 1 << 13
        tracemalloc.start()
        try:
            with pytest.raises(DataError, match="it unpacks to 1,[0-9,]+ bytes, and 1,048,576 are the most allowed"):
                read_npz(path)
            assert tracemalloc.get_traced_memory()[1] < 1 << 19
        finally:
            tracemalloc.stop()


def test_compressed_in_ways_that_break(tmp_path):
    """Catches RuntimeError of an encrypted part, NotImplementedError of an unknown compression, and lzma's own error."""
    for method in (zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2, zipfile.ZIP_DEFLATED):
        path = packed(tmp_path / "x.npz", members(), method)
        assert read_npz(path)[1] == ("cat", "fish")
        content = bytearray((tmp_path / "x.npz").read_bytes())
        content[60:90] = b"\xff" * 30
        (tmp_path / "y.npz").write_bytes(bytes(content))
        with pytest.raises(DataError, match="y.npz: "):
            read_npz(str(tmp_path / "y.npz"))
    packed(tmp_path / "x.npz", members())
    content = (tmp_path / "x.npz").read_bytes()
    for place, value in ((8, b"\x01"), (10, b"\x63")):  # the flag of encryption; the number of the compression
        at = content.index(b"PK\x01\x02") + place
        (tmp_path / "y.npz").write_bytes(content[:at] + value + content[at + 1 :])
        with pytest.raises(DataError, match="no .npz file of plain arrays, or a damaged one"):
            read_npz(str(tmp_path / "y.npz"))


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_no_damage_leaks_another_exception(tmp_path_factory, data):
    """Catches whatever exception the above have left, where a byte of an array's header or of its numbers is another one."""
    name = data.draw(st.sampled_from(sorted(GOOD)))
    content = bytearray(array_bytes(GOOD[name]))
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place] = data.draw(st.sampled_from(list(b"09()<>|UifOV,'{}: \xff\x00")) | st.integers(0, 255))
    path = packed(tmp_path_factory.getbasetemp() / "x.npz", members(**{name: bytes(content)}))
    try:
        drawings, classes = read_npz(path)
    except DataError:
        return
    assert np.isfinite(np.concatenate(drawings.strokes)).all() and drawings.labels.max() < len(classes)


some_drawings = st.lists(
    st.tuples(
        st.integers(0, 299), st.lists(st.tuples(*[st.integers(-999, 999)] * 2, st.booleans()), min_size=1, max_size=6)
    ),
    min_size=1,
    max_size=8,
)


@settings(max_examples=60, deadline=None)
@given(some_drawings)
def test_what_is_written_is_read(tmp_path_factory, drawn):
    """Catches labels above 255 that come back as others, fractions lost, and drawings cut elsewhere."""
    strokes = [np.array(steps, np.float32) / np.array([8, 8, 1], np.float32) for _, steps in drawn]
    labels = np.array([label for label, _ in drawn], np.int32)
    names = ["class %d" % number for number in range(300)]
    path = str(tmp_path_factory.getbasetemp() / "written.npz")
    write_npz(path, Drawings(strokes, labels), names)
    back, classes = read_npz(path)
    assert classes == tuple(names)
    np.testing.assert_array_equal(back.labels, labels)
    assert len(back.strokes) == len(strokes)
    for one, other in zip(back.strokes, strokes):
        np.testing.assert_array_equal(one, other)


def test_what_cannot_be_written(tmp_path):
    """Catches a crash where there is nothing to write, a bare error of the disk, and half a file."""
    nothing = Drawings([], np.zeros([0], np.int32))
    with pytest.raises(DataError, match="x.npz: there are no drawings to write. Pass at least one"):
        write_npz(str(tmp_path / "x.npz"), nothing, ["a", "b"])
    for steps in (0, 5001):
        drawings = Drawings([np.ones([1, 3], np.float32), np.ones([steps, 3], np.float32)], np.zeros([2], np.int32))
        with pytest.raises(DataError, match=f"drawing 1 has {steps} steps, but 1 to 5000 are allowed. Leave it out"):
            write_npz(str(tmp_path / "x.npz"), drawings, ["a", "b"])
    with pytest.raises(OutputError, match="another path"):
        write_npz(str(tmp_path / "no" / "x.npz"), read_npz(put(tmp_path / "y.npz"))[0], ["a", "b"])
    assert os.listdir(str(tmp_path)) == ["y.npz"]


# .ndjson


def lines(path, *drawn):
    path.write_text(
        "".join((one if isinstance(one, str) else json.dumps(one)) + "\n" for one in drawn), encoding="utf-8"
    )
    return str(path)


CAT = {"word": "cat", "drawing": [[[1, 3, 2], [10, 10, 14]], [[7], [0]], [[7, 8], [5, 5]]], "recognized": True}


def test_ndjson_by_hand(tmp_path):
    """Catches points taken for steps, down for right, a pen lifted a step early or late, and a line left between two strokes
    that is not the pen's way in the air."""
    fish = {"word": "fisch", "drawing": [[[0.5, 1], [2, 2.25], [0, 17]]], "key_id": "1"}
    found = list(read_ndjson(lines(tmp_path / "x.ndjson", CAT, fish)))
    assert [word for word, _ in found] == ["cat", "fisch"]
    assert found[0][1].tolist() == [[0, 0, 0], [2, 0, 0], [-1, 4, 1], [5, -14, 1], [0, 5, 0], [1, 0, 1]]
    assert found[1][1].tolist() == [[0, 0, 0], [0.5, 0.25, 1]], "the third list is the times"
    assert found[0][1].dtype == np.float32


def test_as_many_as_asked(tmp_path):
    """Catches one too many, and an error of a line that nobody has asked for."""
    path = lines(tmp_path / "x.ndjson", CAT, CAT, CAT, "\x07")
    for most in (0, 1, 3):
        assert len(list(read_ndjson(path, most))) == most
    with pytest.raises(DataError, match="line 4"):
        list(read_ndjson(path, 4))
    with pytest.raises(DataError, match="line 4"):
        list(read_ndjson(path))
    assert list(read_ndjson(lines(tmp_path / "empty.ndjson"))) == []


@pytest.mark.parametrize(
    "line",
    [
        "",
        "no json",
        "[1, 2]",
        "7",
        "null",
        '"cat"',
        '{"word": "cat"}',
        '{"drawing": [[[1], [2]]]}',
        '{"word": 7, "drawing": [[[1], [2]]]}',
        '{"word": "ca\\u001bt", "drawing": [[[1], [2]]]}',
        '{"word": "\\ud800", "drawing": [[[1], [2]]]}',
        '{"word": "cat", "drawing": []}',
        '{"word": "cat", "drawing": {}}',
        '{"word": "cat", "drawing": null}',
        '{"word": "cat", "drawing": [[]]}',
        '{"word": "cat", "drawing": [[[], []]]}',
        '{"word": "cat", "drawing": [[[1, 2]]]}',
        '{"word": "cat", "drawing": [[[1, 2]], [[3]]]}',
        '{"word": "cat", "drawing": [[[1], [2]], [[3]]]}',
        '{"word": "cat", "drawing": [[1, 2]]}',
        '{"word": "cat", "drawing": [[[[1]], [[2]]]]}',
        '{"word": "cat", "drawing": [[[1, 2], [3]]]}',
        '{"word": "cat", "drawing": ["ab"]}',
        '{"word": "cat", "drawing": [{"x": 1}]}',
        '{"word": "cat", "drawing": [[["a"], ["b"]]]}',
        '{"word": "cat", "drawing": [[[null], [2]]]}',
        '{"word": "cat", "drawing": [[[NaN], [2]]]}',
        '{"word": "cat", "drawing": [[[1, Infinity], [2, 3]]]}',
        '{"word": "cat", "drawing": [[[1, 1e999], [2, 3]]]}',
        '{"word": "cat", "drawing": [[[1, 1e300], [2, 3]]]}',
        '{"word": "cat", "drawing": [[[1e308, -1e308], [2, 3]]]}',
        '{"word": "cat", "drawing": [[[%d], [2]]]}' % 10**400,
        "[" * 100000,
    ],
    ids=range(33),
)
def test_a_line_that_is_no_drawing_is_named(tmp_path, line):
    """Catches a traceback of json or NumPy for a stranger's file, a stroke of one list, a point that is not a number or too far
    away for one, and an error without the line."""
    path = lines(tmp_path / "x.ndjson", CAT, line, CAT)
    found = read_ndjson(path)
    assert next(found)[0] == "cat"
    with pytest.raises(DataError, match=r"line 2 is not a drawing of Quick, Draw! \(.*\). Remove it.") as caught:
        next(found)
    assert str(caught.value).startswith(path + ": ")


def cats(count, word="cat", steps=1):
    """Drawings that are told apart by where they go."""
    drawn = [[[0] * steps + [number], [0] * steps + [0]] for number in range(1, count + 1)]
    return [{"word": word, "drawing": [stroke]} for stroke in drawn]


def test_loads_files_of_quick_draw(tmp_path):
    """Catches classes of other files, drawings lost, in two parts, or the same held out whatever the seed; and one that is too
    long, which would fill the memory of a whole batch."""
    long = {"word": "cat", "drawing": [[[1] * 5001, [2] * 5001]]}
    fits = {"word": "cat", "drawing": [[[1] * 5000, [2] * 5000]]}
    paths = [
        lines(tmp_path / "a.ndjson", *cats(30), long, fits),
        lines(tmp_path / "b.ndjson", *cats(29, "red owl"), "not read"),
    ]
    tests = set()
    for seed in range(4):
        data = sketches.load_ndjson([paths[0]] + [lines(tmp_path / "c.ndjson", *cats(29, "red owl"))], 32, seed)
        assert (data.classes, data.kind) == (("cat", "red owl"), "real")
        assert [len(part.strokes) for part in (data.train, data.validation, data.test)] == [48, 6, 6]
        found = [
            (int(label), len(one), one[-1, 0]) for part in data[:3] for one, label in zip(part.strokes, part.labels)
        ]
        expected = [(0, 2, n) for n in range(1, 31)] + [(0, 5000, 0)] + [(1, 2, n) for n in range(1, 30)]
        assert sorted(found) == sorted(expected)
        assert sketches.load_ndjson([paths[0], str(tmp_path / "c.ndjson")], 32, seed).identity == data.identity
        tests.add(data.identity)
    assert len(tests) == 4
    some = sketches.load_ndjson(paths, 25)
    assert [len(part.strokes) for part in some[:3]] == [40, 5, 5]
    assert some.source == ", ".join(paths)


def test_files_of_quick_draw_that_do_not_fit(tmp_path):
    """Catches drawings of another word under the name of the first, one class twice, and nothing to choose from."""
    cat, few = lines(tmp_path / "cat", *cats(20)), lines(tmp_path / "few", *cats(19, "owl"))
    two, again = lines(tmp_path / "two", *cats(20, "owl"), *cats(2)), lines(tmp_path / "again", *cats(20))
    for paths, reason in (
        ([cat, few], "few: it has 19 drawings, but at least 20 are needed"),
        ([cat, two], "two: it has drawings of 'owl' and of 'cat'. Pass a file with one word"),
        ([cat, again], "again: its word, 'cat', is also that of another file"),
        ([cat], "cat: there must be at least two files"),
        ([], "no file: there must be at least two files"),
        ([cat, str(tmp_path / "none")], "none: cannot be read"),
    ):
        with pytest.raises(DataError, match=reason):
            sketches.load_ndjson(paths, 100)


def test_some(tmp_path):
    """Catches the first ones only, all of one class, labels of other drawings, and a choice that the seed does not make."""
    drawings = Drawings([np.full([1, 3], n, np.float32) for n in range(30)], np.arange(30, dtype=np.int32))
    chosen = [sketches.some(drawings, 7, seed) for seed in (0, 1)]
    for found in chosen:
        assert [int(one[0, 0]) for one in found.strokes] == found.labels.tolist() and len(set(found.labels)) == 7
        assert found.labels.max() > 9
    assert sorted(chosen[0].labels) != sorted(chosen[1].labels)
    np.testing.assert_array_equal(sketches.some(drawings, 7, 1).labels, chosen[1].labels)
    assert len(sketches.some(drawings, 31).strokes) == 30


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.lists(st.tuples(st.integers(0, 255), st.integers(0, 255)), min_size=1, max_size=6), min_size=1, max_size=5
    )
)
def test_points_come_back_from_their_steps(tmp_path_factory, drawn):
    """Catches steps that do not lead from point to point, and strokes that are not parted where they were."""
    line = {"word": "x", "drawing": [[[x for x, _ in stroke], [y for _, y in stroke]] for stroke in drawn]}
    ((_, steps),) = read_ndjson(lines(tmp_path_factory.getbasetemp() / "x.ndjson", line))
    places = [tuple(place) for place in (np.cumsum(steps[:, :2], 0) + drawn[0][0]).astype(int).tolist()]
    ends = np.flatnonzero(steps[:, 2]) + 1
    assert [places[start:end] for start, end in zip([0, *ends], ends)] == [list(map(tuple, stroke)) for stroke in drawn]


def test_scaled():
    """Catches a drawing stretched to a square, the pen scaled too, and a division by zero."""
    steps = np.array([[0, 0, 0], [3, 8, 1], [-1, -2, 0], [4, 1, 1]], np.float32)
    found = scaled(steps)
    np.testing.assert_allclose(found, steps / np.array([8, 8, 1]), rtol=1e-6)
    assert found.dtype == np.float32
    np.testing.assert_allclose(scaled(steps[:, [1, 0, 2]]), found[:, [1, 0, 2]], rtol=1e-6)
    np.testing.assert_allclose(scaled(np.array([[90, 0, 0], [0, 2, 1]], np.float32)), [[45, 0, 0], [0, 1, 1]])
    for still in ([[0, 0, 1]], [[5, 5, 0], [0, 0, 1]]):
        assert scaled(np.array(still, np.float32)).tolist() == still


# The data set


def load(folder, **changes):
    """Three small files in a folder, and what is loaded from them."""
    os.makedirs(str(folder / "sketches"), exist_ok=True)
    for part in ("train", "valid", "test"):
        put(folder / "sketches" / (part + ".npz"), **changes.get(part, {}))
    return sketches.load(str(folder))


def test_loads_the_files_of_a_folder(tmp_path):
    """Catches parts mixed up, and classes that mean another thing in another part."""
    other = dict(labels=np.array([0, 0, 1], np.uint8))
    data = load(tmp_path, valid=other, test=dict(strokes=2 * STROKES * [1, 1, 0]))
    assert (data.kind, data.source, data.classes) == ("real", str(tmp_path / "sketches"), ("cat", "fish"))
    assert data.train.labels.tolist() == [1, 0, 1] and data.validation.labels.tolist() == [0, 0, 1]
    assert data.test.strokes[2].tolist() == [[-12, 4, 0]]
    with pytest.raises(
        DataError, match="valid.npz: its classes are fish, cat, but those of .*train.npz are cat, fish. Put"
    ):
        load(tmp_path, valid=dict(classes=np.array(["fish", "cat"])))
    with pytest.raises(DataError, match="test.npz: its classes are cat, fish, owl"):
        load(tmp_path, test=dict(classes=np.array(["cat", "fish", "owl"])))
    os.remove(str(tmp_path / "sketches" / "valid.npz"))
    with pytest.raises(DataError, match="valid.npz missing, beside files that are there"):
        sketches.load(str(tmp_path))


def test_the_identity_tells_data_sets_apart(tmp_path):
    """Catches a run continued with other drawings: of as many steps, cut elsewhere, or of other names; or tested on others."""
    changes = [
        {},
        dict(train=dict(labels=np.array([1, 1, 0], np.uint8))),
        dict(train=dict(strokes=STROKES * np.array([2, 1, 1], np.int16))),
        dict(train=dict(offsets=np.array([0, 3, 5, 6]))),
        dict(test=dict(offsets=np.array([0, 3, 5, 6]))),
        dict(valid=dict(strokes=STROKES * np.array([2, 1, 1], np.int16))),
        {part: dict(classes=np.array(["cat", "owl"])) for part in ("train", "valid", "test")},
    ]
    found = [load(tmp_path / str(number), **change).identity for number, change in enumerate(changes)]
    assert len(set(found)) == len(changes)
    assert load(tmp_path / "again").identity == found[0]
    assert re.match("real, 3 drawings, crc32 [0-9a-f]{8}$", found[0])


def corners(drawing):
    """The strokes of a drawing as points."""
    places, ends = np.cumsum(drawing[:, :2], 0), np.flatnonzero(drawing[:, 2]) + 1
    return [places[start:end] for start, end in zip([0, *ends], ends)]


def test_without_files_figures_stand_in(tmp_path, monkeypatch, capsys):
    """Catches figures passed off as drawings, made anew at each start, under another's label, or alike in two parts."""
    monkeypatch.setattr(sketches, "GENERATED", {"train": 90, "valid": 12, "test": 15})
    data = sketches.load(str(tmp_path))
    said = capsys.readouterr().err
    assert (
        said.count("\n") == 1 and "GENERATED drawings of circles, zigzags and ladders" in said and "network" not in said
    )
    assert (data.kind, data.source) == ("generated", str(tmp_path / "sketches-generated"))
    assert data.classes == ("circle", "zigzag", "ladder")
    parts = (data.train, data.validation, data.test)
    assert [np.bincount(part.labels).tolist() for part in parts] == [[30] * 3, [4] * 3, [5] * 3]
    for part in parts:
        assert sum(part.labels[1:] == part.labels[:-1]) > 0, "not in turns"
        for drawing, label in zip(part.strokes, part.labels):
            assert drawing[-1, 2] == 1 and not drawing[0, :2].any()
            strokes = corners(drawing)
            assert (len(strokes) == 1) == (label < 2)
            if label == 2:
                assert 5 <= len(strokes) <= 8 and all(len(stroke) == 2 for stroke in strokes[2:])
                sides = [side[:, 0].mean() for side in strokes[:2]]
                for rung in strokes[2:]:  # they meet both sides, but for a trembling hand
                    assert np.abs(rung[:, 0] - sides).max() < 0.3 * (sides[1] - sides[0])
            elif label == 0:  # back where it began
                assert np.abs(strokes[0][-1] - strokes[0][0]).max() < 0.2 * np.ptp(strokes[0], 0).max()
            else:  # to one side, up and down at each step
                assert np.ptp(strokes[0][:, 0]) > 50 and (np.sign(np.diff(np.diff(strokes[0][:, 1])))[1:] != 0).all()
    first = {drawing.tobytes() for drawing in data.train.strokes}
    assert len(first) == 90 and not first & {drawing.tobytes() for part in parts[1:] for drawing in part.strokes}
    monkeypatch.setattr(sketches, "write_npz", lambda *arguments: pytest.fail("made anew"))
    assert sketches.load(str(tmp_path), generated=True).identity == data.identity


REAL = os.path.join(data_directory(), "sketches")


@pytest.mark.skipif(not os.path.isdir(REAL), reason="no sketches in %s: set RNN_TF1_DATA" % REAL)
def test_real_sketches():
    """Catches drawings lost or added: as many as are there."""
    data = sketches.load()
    assert (data.kind, data.source) == ("real", without_home(REAL))
    assert [len(part.strokes) for part in (data.train, data.validation, data.test)] == [47400, 1900, 1800]
    assert len(data.classes) == 3
    for part in (data.train, data.validation, data.test):
        assert set(part.labels.tolist()) == {0, 1, 2}
        assert all(drawing[-1, 2] == 1 for drawing in part.strokes)
    with np.load(os.path.join(REAL, "test.npz"), allow_pickle=False) as file:
        np.testing.assert_array_equal(np.concatenate(data.test.strokes), file["strokes"])
        starts = np.cumsum([0, *map(len, data.test.strokes)])
        np.testing.assert_array_equal(starts, file["offsets"])
    sides = [np.ptp(np.cumsum(scaled(one)[:, :2], 0), axis=0).max() for one in itertools.islice(data.test.strokes, 200)]
    np.testing.assert_allclose(sides, 1, atol=1e-4)
