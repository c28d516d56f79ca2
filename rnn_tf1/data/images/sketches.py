"""Pen strokes of drawings, each with its class: plain .npz files, Quick, Draw!'s .ndjson files, or generated ones.

A drawing is float32 [steps, 3]: how far the pen moves to the right and down, relative to the drawing's size, and 1 if it is
lifted after the step, otherwise 0.
"""

import itertools
import os
import struct
import zipfile
import zlib
from typing import Any, Dict, Iterator, List, NamedTuple, NoReturn, Optional, Sequence, Tuple

import numpy as np

from rnn_tf1.data.batches import epoch_order
from rnn_tf1.data.files.download import without_home
from rnn_tf1.data.files.lines import read_lines
from rnn_tf1.data.files.outside import most_unpacked
from rnn_tf1.data.files.sets import DataSet, locate
from rnn_tf1.errors import DataError
from rnn_tf1.program.files import atomic_path, parse_json

PARTS = ("train", "valid", "test")
ARRAYS = {"strokes": (2, "iuf"), "offsets": (1, "iu"), "labels": (1, "iu"), "classes": (1, "U")}  # rank, kinds of dtype
MOST_STEPS = 5000  # of a drawing
MOST_CLASSES = 10000  # Quick, Draw! has 345
MOST_DRAWINGS = 1 << 21  # of a file
MAX_BYTES = 1 << 30  # of an unpacked file, or fewer for a small one: see `outside.most_unpacked`
_LONGEST_HEADER = 4096  # bytes of an array's header; NumPy parses it as Python, which a longer one could overload
GENERATED = {"train": 3000, "valid": 300, "test": 300}  # drawings of the stand-in


class Drawings(NamedTuple):
    """Drawings, each float32 [steps, 3], and int32 labels [drawings], indices into the classes."""

    strokes: List[np.ndarray]
    labels: np.ndarray


class Sketches(NamedTuple):
    """The three parts, the names of the classes, the kind ("real" or "generated"), and the folder."""

    train: Drawings
    validation: Drawings
    test: Drawings
    classes: Tuple[str, ...]
    kind: str
    source: str

    @property
    def origin(self) -> str:
        """The kind and the source, for metrics.json."""
        return "%s: %s" % (self.kind, self.source)

    @property
    def identity(self) -> str:
        """Identifies the data set: the kind, the number of drawings, and a checksum of all of them."""
        checksum = zlib.crc32(" ".join(self.classes).encode("utf-8"))
        for part in (self.train, self.validation, self.test):
            checksum = zlib.crc32(part.labels.tobytes(), checksum)
            checksum = zlib.crc32(repr([len(strokes) for strokes in part.strokes]).encode("ascii"), checksum)
            for strokes in part.strokes:
                checksum = zlib.crc32(strokes.tobytes(), checksum)
        return "%s, %d drawings, crc32 %08x" % (self.kind, len(self.train.labels), checksum)


def load(data_dir: Optional[str] = None, generated: bool = False) -> Sketches:
    """Loads train.npz, valid.npz and test.npz from the folder ``sketches`` in `data_dir`.

    If the files are missing, generated drawings stand in, and a line on stderr says so: no such files are published.
    `read_ndjson` reads those of Quick, Draw!, and `write_npz` writes the files that are read here.

    Args:
      data_dir: the folder of the data; default: ``$RNN_TF1_DATA``, else ``~/.cache/rnn_tf1``.
      generated: True uses the generated stand-in, even if the real data are there.

    Raises:
      DataError: for files with wrong content (names array and row), and if one of them is missing.
    """
    folder, kind = locate(_SET, data_dir, generated)
    paths = [os.path.join(folder, part + ".npz") for part in PARTS]
    (train, classes), *others = (read_npz(path) for path in paths)
    for path, (_, other) in zip(paths[1:], others):
        if other != classes:
            raise DataError(
                "%s: its classes are %s, but those of %s are %s. Put files of one data set there."
                % (path, ", ".join(other), paths[0], ", ".join(classes))
            )
    return Sketches(train, others[0][0], others[1][0], classes, kind, without_home(folder))


def read_npz(path: str) -> Tuple[Drawings, Tuple[str, ...]]:
    """The drawings of a file, and the names of its classes.

    A file that would need pickle is refused. The file has the arrays

    - strokes: numbers [total, 3], of all drawings, one after the other;
    - offsets: whole numbers [drawings + 1], where each drawing begins, and where the last one ends;
    - labels: whole numbers [drawings], indices into classes;
    - classes: texts [classes].

    Raises:
      DataError: for any other layout; names array and row.
    """
    arrays = _arrays(path)
    for name, (rank, kinds) in ARRAYS.items():
        if name not in arrays:
            _refuse(path, "there is no array %r in it, only %s" % (name, ", ".join(sorted(arrays)) or "none at all"))
        array = arrays[name]
        if not isinstance(array, np.ndarray):  # NumPy returns other members of a .npz file as bytes
            _refuse(path, "%s is not an array" % name)
        if array.ndim != rank or array.dtype.kind not in kinds:
            what = {"iuf": "numbers", "iu": "whole numbers", "U": "texts"}[kinds]
            _refuse(
                path,
                "%s is %s %s, but %s with %s axes are expected" % (name, array.dtype, list(array.shape), what, rank),
            )
    strokes, offsets, labels, classes = (arrays[name] for name in ARRAYS)
    if strokes.shape[1] != 3:
        _refuse(path, "strokes has %s columns, but 3 are expected: right, down, pen lifted" % strokes.shape[1])
    offsets = offsets.astype(np.int64)
    steps = np.diff(offsets)
    if len(steps) > MOST_DRAWINGS:
        _refuse(
            path,
            "it has %s drawings, but at most %s are allowed" % (format(len(steps), ","), format(MOST_DRAWINGS, ",")),
        )
    if not len(steps) or offsets[0] != 0 or offsets[-1] != len(strokes):
        _refuse(
            path,
            "offsets must go from 0 to %s, the number of rows of strokes, with one more entry than drawings"
            % len(strokes),
        )
    for wrong, what in ((steps < 1, "has no steps"), (steps > MOST_STEPS, "has more than %s steps" % MOST_STEPS)):
        if wrong.any():
            _refuse(path, "drawing %s %s" % (int(np.argmax(wrong)), what))
    if len(labels) != len(steps):
        _refuse(path, "there are %s drawings but %s labels" % (len(steps), len(labels)))
    outside = (labels.astype(np.int64) < 0) | (labels >= len(classes))
    if outside.any():
        row = int(np.argmax(outside))
        _refuse(path, "the label of drawing %s is %s, but there are %s classes" % (row, labels[row], len(classes)))
    names = _names(path, classes)
    with np.errstate(over="ignore"):  # values too large for 32 bits become infinite, and are refused below
        strokes = strokes.astype(np.float32)
    for wrong, what in (
        (~np.isfinite(strokes).all(1), "is not finite"),
        ((strokes[:, 2] != 0) & (strokes[:, 2] != 1), "lifts the pen by a value other than 0 or 1"),
    ):
        if wrong.any():
            row = int(np.argmax(wrong))
            _refuse(path, "row %s of strokes, %s, %s" % (row, strokes[row].tolist(), what))
    drawings = [strokes[start:end] for start, end in zip(offsets[:-1], offsets[1:])]
    return Drawings(drawings, labels.astype(np.int32)), names


def write_npz(path: str, drawings: Drawings, classes: Sequence[str]) -> None:
    """Writes drawings as `read_npz` reads them, whole or not at all.

    Raises:
      DataError: if there are no drawings, or one that could not be read.
      OutputError: if `path` cannot be written.
    """
    if not drawings.strokes:
        raise DataError("%s: there are no drawings to write. Pass at least one." % path)
    for number, one in enumerate(drawings.strokes):
        if not 1 <= len(one) <= MOST_STEPS:
            raise DataError(
                "%s: drawing %s has %s steps, but 1 to %s are allowed. Leave it out."
                % (path, number, len(one), MOST_STEPS)
            )
    offsets = np.concatenate([[0], np.cumsum([len(one) for one in drawings.strokes])]).astype(np.int32)
    strokes, labels = np.concatenate(drawings.strokes), drawings.labels.astype(np.int32)
    with atomic_path(path) as temporary, open(temporary, "wb") as file:
        np.savez_compressed(file, strokes=strokes, offsets=offsets, labels=labels, classes=np.array(classes))


def read_ndjson(path: str, most: Optional[int] = None) -> Iterator[Tuple[str, np.ndarray]]:
    """(word, strokes) of each drawing in one of the simplified files of Quick, Draw!, up to `most` of them.

    A line is ``{"word": "cat", "drawing": [[[x, ...], [y, ...]], ...]}``, with a pair of lists for each stroke; anything else,
    such as a third list with the times, is skipped.

    Raises:
      DataError: when the drawings are read, for a line that is not a drawing; names the line.
    """
    for number, line in enumerate(itertools.islice(read_lines(path), most), 1):
        try:
            found = parse_json(line)
            word, strokes = found["word"], _steps([_points(stroke) for stroke in found["drawing"]])
            if not isinstance(word, str) or not word.isprintable():
                raise ValueError("the word is not printable text")
            if not np.isfinite(strokes).all():
                raise ValueError("a point is not finite, or too far away")
        except (ValueError, TypeError, KeyError, OverflowError) as error:
            raise DataError(
                "%s: line %s is not a drawing of Quick, Draw! (%r). Remove it." % (path, number, error)
            ) from error
        yield word, strokes


def load_ndjson(paths: Sequence[str], most: int, seed: int = 0) -> Sketches:
    """The drawings of files of Quick, Draw!, up to `most` of each; each file is a class, named by the word in its first line.

    A tenth of the drawings is for the test, and a tenth for validation, by seed. Drawings of more than 5,000 steps are left
    out.

    Raises:
      DataError: for a file with fewer than 20 drawings or with drawings of two words, and for two files of the same word.
    """
    if len(paths) < 2:
        raise DataError(
            "%s: there must be at least two files, each of which is a class." % (", ".join(paths) or "no file")
        )
    strokes: List[np.ndarray] = []
    labels: List[int] = []
    classes: List[str] = []
    for label, path in enumerate(paths):
        found = [one for one in read_ndjson(path, most) if len(one[1]) <= MOST_STEPS]
        if len(found) < 20:
            raise DataError("%s: it has %s drawings, but at least 20 are needed." % (path, len(found)))
        other = next((word for word, _ in found if word != found[0][0]), None)
        if other is not None:
            raise DataError(
                "%s: it has drawings of %r and of %r. Pass a file with one word." % (path, found[0][0], other)
            )
        if found[0][0] in classes:
            raise DataError(
                "%s: its word, %r, is also that of another file. Pass one file for each word." % (path, found[0][0])
            )
        classes.append(found[0][0])
        strokes += [one for _, one in found]
        labels += [label] * len(found)
    everything = Drawings(strokes, np.array(labels, np.int32))
    tenth = len(labels) // 10
    parts = np.split(epoch_order(len(labels), seed, 0), [tenth, 2 * tenth])
    test, validation, train = (_chosen(everything, part) for part in parts)
    return Sketches(train, validation, test, tuple(classes), "real", ", ".join(without_home(path) for path in paths))


def some(drawings: Drawings, count: int, seed: int = 0) -> Drawings:
    """`count` random drawings, or all if there are fewer; a function of the seed."""
    return _chosen(drawings, epoch_order(len(drawings.labels), seed, 0)[:count])


def _chosen(drawings: Drawings, indices: np.ndarray) -> Drawings:
    return Drawings([drawings.strokes[index] for index in indices], drawings.labels[indices])


def scaled(strokes: np.ndarray) -> np.ndarray:
    """The drawing scaled so that its longer side is 1. One that never moves stays as it is."""
    points = np.cumsum(strokes[:, :2], 0)
    side = float((points.max(0) - points.min(0)).max())
    return np.concatenate([strokes[:, :2] / np.float32(side or 1), strokes[:, 2:]], 1)


def _steps(strokes: Sequence[np.ndarray]) -> np.ndarray:
    """Points of strokes [2, points] as steps; the first step is from the first point to itself."""
    points = np.concatenate(strokes, 1).T
    lifted = np.zeros([len(points), 1])
    lifted[np.cumsum([stroke.shape[1] for stroke in strokes]) - 1] = 1
    with np.errstate(all="ignore"):  # points too far away give values that are not finite, and are refused
        moves = np.diff(points, axis=0, prepend=points[:1])
        return np.concatenate([moves, lifted], 1).astype(np.float32)


def _points(stroke: Any) -> np.ndarray:
    """The points [2, points] of a stroke of Quick, Draw!"""
    points = np.array(stroke[:2], np.float64)
    if points.ndim != 2 or points.shape[0] != 2 or points.shape[1] < 1 or np.array(stroke[:2]).dtype.kind not in "if":
        raise ValueError("a stroke is a list of x and a list of y, as many as there are points")
    return points


def _arrays(path: str) -> Dict[str, np.ndarray]:
    try:
        most = most_unpacked(os.path.getsize(path), MAX_BYTES)
        with zipfile.ZipFile(path) as archive:  # what a small file unpacks to is asked before it is
            size = sum(member.file_size for member in archive.infolist())
            if size > most:
                _refuse(
                    path, "it unpacks to %s bytes, and %s are the most allowed" % (format(size, ","), format(most, ","))
                )
            for member in archive.infolist():
                _check_header(path, archive, member)
        with np.load(path, allow_pickle=False) as file:
            return {name: file[name] for name in ARRAYS if name in file.files}
    except DataError:
        raise
    except OSError as error:
        raise DataError(
            "%s: cannot be read (%s). Put the right file there." % (path, error.strerror or error)
        ) from error
    except Exception as error:  # zipfile, its decompressors and NumPy's header have each their own
        _refuse(path, "no .npz file of plain arrays, or a damaged one (%s)" % error, error)


def _check_header(path: str, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    """Refuses what NumPy does not write, before it reads it."""
    with archive.open(member) as file:
        start = file.read(12).ljust(12, b"\0")
    length = struct.unpack("<I" if start[6] > 1 else "<H", start[8 : 12 if start[6] > 1 else 10])[0]
    if start.startswith(b"\x93NUMPY") and length > _LONGEST_HEADER:
        _refuse(path, "no .npz file of plain arrays: %s has a header of %s bytes" % (member.filename, length))


def _names(path: str, classes: np.ndarray) -> Tuple[str, ...]:
    """The names of the classes, checked."""
    if not 2 <= len(classes) <= MOST_CLASSES:
        _refuse(path, "there are %s classes, and 2 to %s are expected" % (len(classes), MOST_CLASSES))
    try:
        names = classes.tolist()
    except (ValueError, SystemError) as error:  # of a number that is no sign of Unicode
        _refuse(path, "classes has a name that is no text (%s)" % error, error)
    first: Dict[str, int] = {}
    for row, name in enumerate(names):
        if not name or not name.isprintable() or first.setdefault(name, row) < row:
            _refuse(path, "class %s is called %r: each needs a name of its own, in one line" % (row, name))
    return tuple(names)


def _refuse(path: str, wrong: str, why: Optional[Exception] = None) -> NoReturn:
    raise DataError("%s: %s. Put the right file there." % (path, wrong)) from why


def _generate(folder: str) -> None:
    """Circles, zigzags and ladders, of any size, drawn by an unsteady hand."""
    for part, (name, count) in enumerate(GENERATED.items()):
        random = np.random.RandomState([0, part])
        labels = random.permutation(count) % 3
        strokes = [_steps(_trembling(_figure(int(label), random), random)) for label in labels]
        write_npz(os.path.join(folder, name + ".npz"), Drawings(strokes, labels.astype(np.int32)), _FIGURES)


_FIGURES = ("circle", "zigzag", "ladder")


def _figure(label: int, random: np.random.RandomState) -> List[np.ndarray]:
    """The strokes [2, points] of a figure about 1 wide."""
    count = random.randint(8, 30)
    line = np.linspace(0, 1, count)
    if label == 0:
        angle = random.uniform(0, 6) + 2 * np.pi * line * random.choice([-1, 1])
        return [np.stack([np.cos(angle), random.uniform(0.6, 1) * np.sin(angle)]) / 2]
    if label == 1:
        return [np.stack([line, random.uniform(0.2, 0.5) * (np.arange(count) % 2)])]
    rungs = np.linspace(0.1, 0.9, random.randint(3, 7))
    sides = [np.stack([np.full([count], x), line]) for x in (0.0, 0.4)]
    return sides + [np.array([[0.0, 0.4], [y, y]]) for y in rungs]


def _trembling(strokes: List[np.ndarray], random: np.random.RandomState) -> List[np.ndarray]:
    size = random.uniform(60, 200)
    return [np.rint(size * (points + 0.02 * random.standard_normal(points.shape))) for points in strokes]


_SET = DataSet(
    folder="sketches",
    names=tuple(part + ".npz" for part in PARTS),
    fetch=None,
    mirrors=(),
    generate=_generate,
    note="Drawn by rnn_tf1.data.images.sketches, 3,000, 300 and 300 figures, version 2.",
    stand_in="GENERATED drawings of circles, zigzags and ladders",
)
