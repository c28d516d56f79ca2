"""Pen strokes of drawings, each with its class: plain .npz files, Quick, Draw!'s .ndjson files, or generated ones.

A drawing is float32 [steps, 3]: how far the pen goes to the right and down, in the drawing's own size, and 1 where it is lifted
after the step, else 0.
"""

import json
import os
import zipfile
import zlib
from typing import Dict, Iterator, List, NamedTuple, NoReturn, Optional, Sequence, Tuple

import numpy as np

from rnn_tf1.data.download import without_home
from rnn_tf1.data.lines import read_lines
from rnn_tf1.data.sets import DataSet, locate
from rnn_tf1.errors import DataError
from rnn_tf1.files import atomic_path

PARTS = ("train", "valid", "test")
ARRAYS = {
    "strokes": (2, "iuf"),
    "offsets": (1, "iu"),
    "labels": (1, "iu"),
    "classes": (1, "U"),
}  # rank, kinds of number
MOST_STEPS = 5000  # of a drawing
MAX_BYTES = 1 << 30  # of a file, and of what it unpacks to
GENERATED = {"train": 3000, "valid": 300, "test": 300}  # drawings of the stand-in


class Drawings(NamedTuple):
    """Drawings, each float32 [steps, 3], and int32 labels [drawings], places in the classes."""

    strokes: List[np.ndarray]
    labels: np.ndarray


class Sketches(NamedTuple):
    """The three parts, the names of the classes, what they are ("real" or "generated"), and the folder they come from."""

    train: Drawings
    validation: Drawings
    test: Drawings
    classes: Tuple[str, ...]
    kind: str
    source: str

    @property
    def identity(self) -> str:
        """Tells one data set from another: the kind, the number of drawings, and a checksum of all of them."""
        checksum = zlib.crc32(" ".join(self.classes).encode("utf-8"))
        for part in (self.train, self.validation, self.test):
            checksum = zlib.crc32(part.labels.tobytes(), checksum)
            for strokes in part.strokes:
                checksum = zlib.crc32(strokes.tobytes(), checksum)
        return "%s, %d drawings, crc32 %08x" % (self.kind, len(self.train.labels), checksum)


def load(data_dir: Optional[str] = None, generated: bool = False) -> Sketches:
    """Loads train.npz, valid.npz and test.npz from the folder ``sketches`` in `data_dir`.

    data_dir   default: ``$RNN_TF1_DATA``, else ``~/.cache/rnn_tf1``
    generated  asks for the stand-in, whatever there is

    Where the files are missing, generated drawings stand in, and one line on stderr says so: nobody gives such files away.
    `read_ndjson` reads Quick, Draw!'s, and `write_npz` writes what is read here.

    Raises `DataError` for files with wrong content (tells array and row), and where one of them is missing.
    """
    folder, kind = locate(_SET, data_dir, generated)
    paths = [os.path.join(folder, part + ".npz") for part in PARTS]
    (train, classes), *others = (read_npz(path) for path in paths)
    for path, (_, other) in zip(paths[1:], others):
        if other != classes:
            raise DataError(
                f"{path}: its classes are {', '.join(other)}, and those of {paths[0]} {', '.join(classes)}."
            )
    return Sketches(train, others[0][0], others[1][0], classes, kind, without_home(folder))


def read_npz(path: str) -> Tuple[Drawings, Tuple[str, ...]]:
    """The drawings of a file, and the names of its classes.

    strokes  numbers [total, 3]: of all drawings, one behind the other
    offsets  whole numbers [drawings + 1]: where each begins, and where the last one ends
    labels   whole numbers [drawings], places in `classes`
    classes  texts [classes]

    A file that would need pickle is refused. Raises `DataError` for any other layout: tells array and row.
    """
    arrays = _arrays(path)
    for name, (rank, kinds) in ARRAYS.items():
        if name not in arrays:
            _refuse(path, f"there is no array {name!r} in it, but {', '.join(sorted(arrays)) or 'none at all'}")
        array = arrays[name]
        if array.ndim != rank or array.dtype.kind not in kinds:
            what = {"iuf": "numbers", "iu": "whole numbers", "U": "texts"}[kinds]
            _refuse(path, f"{name} is {array.dtype} {list(array.shape)}, and {what} with {rank} axes are expected")
    strokes, offsets, labels, classes = (arrays[name] for name in ARRAYS)
    if strokes.shape[1] != 3:
        _refuse(path, f"strokes has {strokes.shape[1]} columns, and 3 are expected: right, down, pen lifted")
    offsets = offsets.astype(np.int64)
    steps = np.diff(offsets)
    if not len(steps) or offsets[0] != 0 or offsets[-1] != len(strokes):
        _refuse(
            path,
            f"offsets must go from 0 to {len(strokes)}, the rows of strokes, with one more than there are drawings",
        )
    for wrong, what in ((steps < 1, "has no step"), (steps > MOST_STEPS, f"has more than {MOST_STEPS} steps")):
        if wrong.any():
            _refuse(path, f"drawing {int(np.argmax(wrong))} {what}")
    if len(labels) != len(steps):
        _refuse(path, f"there are {len(steps)} drawings and {len(labels)} labels")
    outside = (labels.astype(np.int64) < 0) | (labels >= len(classes))
    if outside.any():
        row = int(np.argmax(outside))
        _refuse(path, f"the label of drawing {row} is {labels[row]}, and there are {len(classes)} classes")
    if len(set(classes.tolist())) != len(classes) or len(classes) < 2:
        _refuse(path, "classes must be at least two different names")
    strokes = strokes.astype(np.float32)
    for wrong, what in (
        (~np.isfinite(strokes).all(1), "is not finite"),
        ((strokes[:, 2] != 0) & (strokes[:, 2] != 1), "lifts the pen by something else than 0 or 1"),
    ):
        if wrong.any():
            row = int(np.argmax(wrong))
            _refuse(path, f"row {row} of strokes, {strokes[row].tolist()}, {what}")
    drawings = [strokes[start:end] for start, end in zip(offsets[:-1], offsets[1:])]
    return Drawings(drawings, labels.astype(np.int32)), tuple(classes.tolist())


def write_npz(path: str, drawings: Drawings, classes: Sequence[str]) -> None:
    """Writes drawings as `read_npz` reads them, whole or not at all."""
    offsets = np.concatenate([[0], np.cumsum([len(one) for one in drawings.strokes])]).astype(np.int32)
    strokes, labels = np.concatenate(drawings.strokes), drawings.labels.astype(np.uint8)
    with atomic_path(path, "--data-dir") as temporary, open(temporary, "wb") as file:
        np.savez_compressed(file, strokes=strokes, offsets=offsets, labels=labels, classes=np.array(classes))


def read_ndjson(path: str, most: Optional[int] = None) -> Iterator[Tuple[str, np.ndarray]]:
    """(word, strokes) of each drawing of one of Quick, Draw!'s simplified files, up to `most` of them.

    A line is ``{"word": "cat", "drawing": [[[x, ...], [y, ...]], ...]}``, a pair of lists for each stroke; whatever else is in
    it is passed over.

    Raises `DataError`, when the drawings are asked for, for a line that is none: tells the line.
    """
    for number, line in enumerate(read_lines(path), 1):
        if most is not None and number > most:
            return
        try:
            found = json.loads(line)
            word, drawing = found["word"], found["drawing"]
            points = [np.array(stroke[:2], np.float64) for stroke in drawing]
            if not isinstance(word, str) or not points or any(p.ndim != 2 or p.shape[1] < 1 for p in points):
                raise ValueError("a drawing is a list of strokes, each a list of x and a list of y")
            if not all(np.isfinite(p).all() for p in points):
                raise ValueError("a point is not finite")
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise DataError(f"{path}: line {number} is no drawing of Quick, Draw! ({error}). Take it out.") from error
        yield word, _steps(points)


def scaled(strokes: np.ndarray) -> np.ndarray:
    """The drawing in its own size: its longer side is 1. One that never moves stays as it is."""
    places = np.cumsum(strokes[:, :2], 0)
    side = float((places.max(0) - places.min(0)).max())
    return np.concatenate([strokes[:, :2] / np.float32(side or 1), strokes[:, 2:]], 1)


def _steps(strokes: Sequence[np.ndarray]) -> np.ndarray:
    """Points of strokes [2, points] as steps; the first is from the first point to itself."""
    points = np.concatenate(strokes, 1).T
    moves = np.diff(points, axis=0, prepend=points[:1])
    lifted = np.zeros([len(points), 1])
    lifted[np.cumsum([stroke.shape[1] for stroke in strokes]) - 1] = 1
    return np.concatenate([moves, lifted], 1).astype(np.float32)


def _arrays(path: str) -> Dict[str, np.ndarray]:
    try:
        with zipfile.ZipFile(path) as archive:  # what a small file unpacks to is asked before it is
            size = sum(member.file_size for member in archive.infolist())
        if size > MAX_BYTES:
            _refuse(path, f"it unpacks to {size:,} bytes, and {MAX_BYTES:,} are the most allowed")
        with np.load(path, allow_pickle=False) as file:
            return {name: file[name] for name in ARRAYS if name in file.files}
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror or error}).") from error
    except (ValueError, zipfile.BadZipFile, zlib.error, EOFError, KeyError) as error:
        raise DataError(f"{path}: no .npz file of plain arrays, or a damaged one ({error}).") from error


def _refuse(path: str, wrong: str) -> NoReturn:
    raise DataError(f"{path}: {wrong}. Put the right file there.")


def _generate(folder: str) -> None:
    """Circles, zigzags and ladders, of any size, drawn by an unsteady hand."""
    for part, (name, count) in enumerate(GENERATED.items()):
        random = np.random.RandomState([0, part])
        labels = random.permutation(count) % 3
        strokes = [_steps([_trembling(points, random) for points in _figure(int(label), random)]) for label in labels]
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


def _trembling(points: np.ndarray, random: np.random.RandomState) -> np.ndarray:
    return np.rint(random.uniform(60, 200) * (points + 0.02 * random.standard_normal(points.shape)))


_SET = DataSet(
    folder="sketches",
    names=tuple(part + ".npz" for part in PARTS),
    fetch=None,
    mirrors=(),
    generate=_generate,
    note="Drawn by rnn_tf1.data.sketches, 3,000, 300 and 300 figures, version 1.",
    stand_in="GENERATED drawings of circles, zigzags and ladders",
)
