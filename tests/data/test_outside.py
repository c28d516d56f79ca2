"""What a stranger may write into a file: digits that are none, bombs, patterns that take the square of a text, escape codes."""

import ast
import glob
import io
import os
import re
import struct
import time
import zipfile

import numpy as np
import pytest
from mutations import joined, member, pax, zipped
from places import ROOT

from rnn_tf1.data.files import archive, idx, lines, outside
from rnn_tf1.data.files.outside import holds, most_unpacked, whole_number
from rnn_tf1.data.generated import grammar
from rnn_tf1.data.images import sketches
from rnn_tf1.data.music import chorales, scores
from rnn_tf1.data.series import table
from rnn_tf1.data.text import fairy_tales, text, vectors
from rnn_tf1.errors import DataError

MIB = 1 << 20


def written(tmp_path, content, name="file"):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return str(path)


@pytest.mark.parametrize(
    ("given", "number"),
    [
        ("0", 0),
        ("007", 7),
        ("108", 108),
        ("109", None),
        ("", None),
        ("-1", None),
        ("+1", None),
        (" 1", None),
        ("1_0", None),
        ("1.0", None),
        ("\u00b2", None),
        ("\u0663", None),
        ("9" * 5000, None),
        ("0" * 5000 + "5", 5),
    ],
)
def test_whole_numbers(given, number):
    """int() for digits that it does not read, or of which there are too many; one_0 and Arabic digits taken for numbers."""
    assert whole_number(given, 108) == number


def test_no_other_way_to_read_digits():
    """str.isdigit beside another int(): the kind of mistake above, anywhere among the readers."""
    paths = glob.glob(os.path.join(ROOT, "rnn_tf1", "data", "**", "*.py"), recursive=True)
    assert len(paths) > 30
    for path in sorted(paths):
        if os.path.basename(path) not in ("outside.py", "download.py"):
            with open(path, encoding="utf-8") as file:
                assert not re.search(r"\.(isdigit|isdecimal|isnumeric)\b", file.read()), path


def test_how_much_is_unpacked():
    """A bound that a small honest file passes, or that a large one does not need."""
    assert most_unpacked(20, 1 << 30) == 4 * MIB and most_unpacked(MIB, 1 << 30) == 100 * MIB
    assert most_unpacked(MIB, 7 * MIB) == 7 * MIB


@pytest.mark.parametrize("header", ["9" * 4400 + " 4", "4 " + "9" * 4400, "\u00b2 4", "4 \u0664"])
def test_a_header_of_vectors_that_is_none(header, tmp_path):
    """ValueError, in Python's words, for a first line of 4,400 digits; digits of other scripts read as a header."""
    vocabulary = text.Vocabulary(["the", "<unk>", "<eos>"])
    with pytest.raises(DataError, match="line 1: 1 numbers after the word, but 4 are needed"):
        vectors.read_vectors(written(tmp_path, header + "\nthe 1 2 3 4\n"), vocabulary, 4)


def test_notes_that_are_no_numbers():
    """ValueError and OverflowError for words of a vocabulary that somebody else has written."""
    assert chorales.from_words(["s\u00b2", "s" + "9" * 30, "s74", "a70", "t65", "b58"]).tolist() == [[74, 70, 65, 58]]


def test_a_small_file_is_not_unpacked_to_any_size(tmp_path, monkeypatch):
    """Gigabytes out of kilobytes: pictures, text, archives, arrays."""
    monkeypatch.setattr(outside, "ALWAYS", 1 << 16)
    images = struct.pack(">HBB2I", 0, 8, 2, 1, MIB) + bytes(MIB)
    with pytest.raises(DataError, match="the gzip file is too small for 1048576 bytes of items; at most 10\\d{4} "):
        idx.read_idx(written(tmp_path, zipped(images)))
    with pytest.raises(DataError, match="unpacks to more than the 1,\\d\\d\\d,\\d+ characters"):
        list(lines.read_lines(written(tmp_path, zipped(b"a line\n" * MIB))))
    large = member(b"x", b"", size=MIB)[0] + bytes(MIB) + joined([member(b"y", b"1")])
    with pytest.raises(DataError, match="unpacks to more than the 1\\d{5} bytes"):
        archive.read_members(written(tmp_path, zipped(large)), ["y"], MIB)
    end = joined([member(b"y", b"1")], end=bytes(MIB))
    with pytest.raises(DataError, match="truncated or damaged"):
        archive.read_all(written(tmp_path, zipped(end)), "y", MIB)
    packed = io.BytesIO()
    np.savez_compressed(packed, strokes=np.zeros([MIB // 3, 3], np.int8))
    with pytest.raises(DataError, match="unpacks to 1,048,\\d+ bytes, and 1\\d\\d,\\d+ are the most"):
        sketches.read_npz(written(tmp_path, packed.getvalue()))


def sparse(numbers):
    """A member whose list of holes never ends, as GNU tar writes it."""
    told = pax(b"GNU.sparse.major", b"1") + pax(b"GNU.sparse.minor", b"0") + pax(b"GNU.sparse.name", b"y")
    return [member(b"pax", told, b"x"), member(b"y", b"99999999\n" + b"1\n" * numbers)]


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ([member(b"pax", b"1" * 60000, b"x")], "damaged, or has a name of only digits"),
        ([member(b"pax", b"x" * 70000, b"x")], "has 70144 bytes, but at most 65536 are allowed"),
        (sparse(100000), "more than the 100000 bytes besides its files"),
        ([member(b"pax", b"%s x=1\n" % (b"9" * 30), b"x")], "truncated or damaged"),
        ([member(b"pax", b"0 x=1\n", b"x")], "truncated or damaged"),
    ],
    ids=["digits", "long", "sparse", "overflow", "nothing"],
)
def test_headers_of_archives(parts, reason, tmp_path, monkeypatch):
    """Patterns of tarfile that take the square of their digits; a list of holes that fills the memory; OverflowError."""
    monkeypatch.setattr(archive, "MOST_HEADERS", 100000)
    path, started = written(tmp_path, zipped(joined([*parts, member(b"y", b"1")]))), time.process_time()
    with pytest.raises(DataError, match=reason):
        archive.read_members(path, ["z"], MIB)
    assert time.process_time() - started < 5


def test_titles_in_time(tmp_path):
    """A pattern that takes the square of a line's length, or more: hours for a file of 1 MB."""
    started = time.process_time()
    long = "\n\n\n\n" + "A" * 200000 + "\n\n\n\n" + " AB" * 100000 + "\n\n\n\n" + " " * 200000
    assert fairy_tales.split(long + "\n\n\n\n  THE END, \u00c9  \n \nof it.") == [("THE END, \u00c9", "of it.")]
    assert time.process_time() - started < 5


def test_wide_tables(tmp_path):
    """A first row of 500,000 cells, each compared with all others; a name as long as a book, printed; a name that steers a
    terminal; a delimiter that is a quote."""
    with pytest.raises(DataError, match="line 1 has 5000 cells"):
        table.read_csv(written(tmp_path, "a," * 4999 + "a\n"))
    with pytest.raises(DataError, match="name of a column has more than 1000 characters"):
        table.read_csv(written(tmp_path, "a" * 1001 + ",b\n1,2\n"))
    assert table.read_csv(written(tmp_path, "\x1b[31mred,b\n1,2\n")).names == ("\\x1b[31mred", "b")
    with pytest.raises(DataError, match="there is only a header"):
        table.read_csv(written(tmp_path, 'sep="\n'))


def test_headers_of_arrays(tmp_path, monkeypatch):
    """A header of 20,000 characters, which NumPy gives to Python's parser: some versions of it crash."""
    path = tmp_path / "a.npz"
    with zipfile.ZipFile(str(path), "w") as packed:
        told = b"+".join([b"1"] * 10000)
        packed.writestr("strokes.npy", b"\x93NUMPY\1\0" + struct.pack("<H", len(told)) + told)
    with pytest.raises(DataError, match="strokes.npy has a header of 19999 bytes"):
        sketches.read_npz(str(path))
    monkeypatch.setattr(sketches, "MOST_DRAWINGS", 1)
    arrays = dict(strokes=np.zeros([2, 3]), offsets=np.arange(3), labels=np.arange(2), classes=np.array(["a", "b"]))
    np.savez(str(path), **arrays)
    with pytest.raises(DataError, match="it has 2 drawings, but at most 1 are allowed"):
        sketches.read_npz(str(path))


@pytest.mark.parametrize("drawing", ['[[["1"], ["2"]]]', "[[[true], [false]]]"])
def test_points_are_numbers(drawing, tmp_path):
    """Texts that NumPy turns into numbers."""
    path = written(tmp_path, '{"word": "cat", "drawing": %s}\n' % drawing)
    with pytest.raises(DataError, match="line 1 is not a drawing"):
        list(sketches.read_ndjson(path))


def test_tracks_of_midi(tmp_path):
    """60,000 tracks of 100,000 sixteenths each, out of 1 MB; a number whose digits are put together for minutes."""
    pytest.importorskip("mido")
    head = b"MThd" + struct.pack(">IHHH", 6, 1, 3000, 16)
    track = b"MTrk" + struct.pack(">I", 6) + b"\x83\xa0\0\xff\x2f\0"
    with pytest.raises(DataError, match="it has 3000 tracks, but 1 to 9"):
        scores.read_midi(written(tmp_path, head + track * 3000))
    with pytest.raises(DataError, match="an endless number"):
        scores.read_midi(written(tmp_path, head + b"MTrk" + struct.pack(">I", 9000) + b"\x80" * 9000))


def test_notes_beside_generated_files(tmp_path):
    """UnicodeDecodeError for a damaged note: the files are generated anew."""
    path = written(tmp_path, b"\x80 note", grammar.NOTE)
    assert not holds(path, "note") and not holds(str(tmp_path), "note") and not grammar.is_current(str(tmp_path))
    assert holds(written(tmp_path, "a\u00e9\r\nb\n"), "a\u00e9\nb\n") and not holds(written(tmp_path, "a\nb"), "a\n")


def test_labels_of_pictures(tmp_path):
    """A class called $\\frac$, at which matplotlib gives up after the training; a name as wide as the page."""
    from rnn_tf1 import plotting
    from rnn_tf1.experiments.classification import pictures as classification_pictures
    from rnn_tf1.experiments.translation import pictures as translation_pictures
    from rnn_tf1.plotting import page

    bad = "$\\frac$"
    assert page.label("a\x1b$\n" + "x" * 100, 10) == "a\\x1b\\$ xx\u2026" and page.label("\u00e9") == "\u00e9"
    path = str(tmp_path / "a.png")
    stroke = np.array([[1, 2, 0], [3, 4, 1]], np.float32)
    classification_pictures.drawings([stroke] * 2, [0, 1], [1, 1], [np.zeros(0)] * 2, (bad, bad + "x"), path)
    plotting.confusion_matrix(np.array([0, 1]), np.array([0, 0]), [bad, "b"], path)
    translation_pictures.score_by_length({bad: [1.0]}, ["1-5"], [3], path)


CALLS = {
    "eval",
    "exec",
    "compile",
    "__import__",
    "load_model",
    "extractall",
    "extract",
    "unpack_archive",
    "import_meta_graph",
}
MODULES = {"pickle", "marshal", "shelve", "dill", "cloudpickle", "joblib", "yaml"}


def test_no_file_is_a_program():
    """What SECURITY.md promises: nothing unpickles, evaluates or unpacks a file, or loads a SavedModel. The one graph that is
    read as such was made a moment before, in the same function."""
    found = []
    for start in ("rnn_tf1", "examples"):
        for folder, _, names in os.walk(os.path.join(ROOT, start)):
            for name in [name for name in names if name.endswith(".py")]:
                path = os.path.relpath(os.path.join(folder, name), ROOT)
                with open(os.path.join(ROOT, path), encoding="utf-8") as file:
                    text = file.read()
                if any(word in text for word in (*CALLS, *MODULES, "saved_model", "np.load")):
                    found += dangers(path, ast.parse(text))
    assert found == [("rnn_tf1/experiments/translation/translating.py", "tf.train.import_meta_graph")]
    planted = (
        "import pickle\nnp.load(x)\nnp.load(x, allow_pickle=False)\ntf.saved_model.load(s)\neval(x)\nre.compile(x)"
    )
    assert [what for _, what in dangers("x", ast.parse(planted))] == [
        "pickle",
        "np.load",
        "tf.saved_model.load",
        "eval",
    ]


def test_what_security_md_says():
    """A page that names files that nobody has, or data sets without the checksums that it promises."""
    from rnn_tf1.data.images import mnist
    from rnn_tf1.data.pairs import translation
    from rnn_tf1.data.text import ptb, reviews

    with open(os.path.join(ROOT, "SECURITY.md"), encoding="utf-8") as file:
        page = file.read()
    for path in re.findall(r"(?:tests|docs|examples)/[\w/]+\.py", page):
        assert os.path.exists(os.path.join(ROOT, path)), path
    assert "[Lesson 16](docs/lessons/16_more_than_one_machine.py)" in page
    assert mnist.MD5 and ptb.SHA256 and translation.SHA256 and chorales.SHA256
    assert not hasattr(reviews, "SHA256") and not hasattr(fairy_tales, "SHA256")
    assert (outside.ALWAYS, outside.MOST_TIMES) == (
        4 << 20,
        100,
    ) and "unpack to 4 MiB, a larger one to a hundred" in page


def dangers(path, tree):
    for node in ast.walk(tree):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            names = [alias.name for alias in node.names] + [getattr(node, "module", "") or ""]
            for name in names:
                if name.split(".")[0] in MODULES:
                    yield path, name
        elif isinstance(node, ast.Call):
            name = dotted(node.func)
            last, before = name.split(".")[-1], name.rpartition(".")[0]
            plain = [word for word in node.keywords if word.arg == "allow_pickle" and dotted(word.value) == "False"]
            if (
                (last in CALLS and before != "re")
                or name.endswith("saved_model.load")
                or (name == "np.load" and not plain)
            ):
                yield path, name


def dotted(node):
    """A name, or names with points between them, as they are written."""
    if isinstance(node, ast.Attribute):
        return "%s.%s" % (dotted(node.value), node.attr)
    if isinstance(node, ast.Name):
        return node.id
    return str(getattr(node, "value", ""))
