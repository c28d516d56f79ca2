"""Bach's chorales as chords of four notes, a sixteenth each: from a folder, from the net, or as generated ones.

A chorale is int32 [chords, 4]: the notes of soprano, alto, tenor and bass as MIDI numbers (60 is middle C), 0 where a voice is
silent. A note that is held comes again.
"""

import csv
import hashlib
import io
import os
import tarfile
import zlib
from typing import Dict, List, NamedTuple, NoReturn, Optional, Sequence

import numpy as np

from rnn_tf1.data.archive import read_all
from rnn_tf1.data.download import fetch, without_home
from rnn_tf1.data.sets import DataSet, locate
from rnn_tf1.errors import DataError
from rnn_tf1.files import atomic_path

ARCHIVE = "jsb_chorales.tgz"
MIRRORS = ("https://raw.githubusercontent.com/ageron/handson-ml2/master/datasets/jsb_chorales/" + ARCHIVE,)
SHA256 = "594e5e25a3ff8af64687c378628970c6435fddd3093d96df2fa8ca9505ce30fe"
PARTS = ("train", "valid", "test")
VOICES = ("soprano", "alto", "tenor", "bass")
HEADER = ["note0", "note1", "note2", "note3"]
LOWEST, HIGHEST = 36, 81  # of the notes in the chorales
MAX_BYTES = 1 << 20  # of the archive, and of each file in it
GENERATED = {"train": 80, "valid": 10, "test": 10}  # chorales of the stand-in


class Chorales(NamedTuple):
    """Lists of chorales, each int32 [chords, 4], what they are ("real" or "generated"), and the folder they come from."""

    train: List[np.ndarray]
    validation: List[np.ndarray]
    test: List[np.ndarray]
    kind: str
    source: str

    @property
    def identity(self) -> str:
        """Tells one data set from another: the kind, the number of chorales, and a checksum of all of them."""
        checksum = 0
        for chorale in (*self.train, *self.validation, *self.test):
            checksum = zlib.crc32(chorale.tobytes(), checksum)
        return "%s, %d chorales, crc32 %08x" % (self.kind, len(self.train), checksum)


def load(data_dir: Optional[str] = None, generated: bool = False) -> Chorales:
    """Loads the chorales out of jsb_chorales.tgz in the folder ``chorales`` of `data_dir`, 229 + 76 + 77 of them.

    data_dir   default: ``$RNN_TF1_DATA``, else ``~/.cache/rnn_tf1``
    generated  asks for the stand-in, whatever there is

    Any other chorales in such an archive are read in the same way: train/NAME.csv, valid/NAME.csv and test/NAME.csv, see
    `parse`. A missing archive is downloaded. Only where there is no network, generated ones stand in, and one line on stderr
    says so.

    Raises `DataError` for an archive with wrong content (tells file and row), `DownloadError` where there is a network but no
    mirror gives it, and `OutputError` where the folder cannot be written to.
    """
    folder, kind = locate(_SET, data_dir, generated)
    path = os.path.join(folder, ARCHIVE)
    parts: Dict[str, List[np.ndarray]] = {part: [] for part in PARTS}
    for name, content in sorted(read_all(path, "(%s)/[^/]+[.]csv" % "|".join(PARTS), MAX_BYTES).items()):
        parts[name.split("/")[0]].append(parse(content, f"{path}: {name}"))
    for part, found in parts.items():
        if not found:
            raise DataError(f"{path}: there is no chorale in its folder {part}. Put the right file there.")
    return Chorales(parts["train"], parts["valid"], parts["test"], kind, without_home(folder))


def parse(content: bytes, where: str) -> np.ndarray:
    """A chorale as text, int32 [chords, 4]: a first line note0,note1,note2,note3, and then four whole numbers a line.

    where  what errors call the text

    Raises `DataError` for a row of another width, and for a note that is neither 0 nor a MIDI number from 21 (the lowest key of
    a piano) to 108 (the highest): tells the row.
    """
    try:
        rows = list(csv.reader(io.StringIO(content.decode("ascii")), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        _refuse(where, f"no CSV of whole numbers ({error})")
    if not rows or rows[0] != HEADER:
        _refuse(where, f"the first row must be {','.join(HEADER)}")
    notes = []
    for number, row in enumerate(rows[1:], 2):
        if len(row) != len(VOICES):
            _refuse(where, f"row {number} has {len(row)} columns, and {len(VOICES)} are expected, a voice each")
        chord = [int(note) if note.isdigit() and len(note) < 4 else -1 for note in row]
        for note, text in zip(chord, row):
            if note and not 21 <= note <= 108:
                _refuse(where, f"row {number}: {text!r} is no note: 0 for silence, or a MIDI number from 21 to 108")
        notes.append(chord)
    if len(notes) < 2:
        _refuse(where, f"it has {len(notes)} chords, and at least 2 are needed: one is predicted from the other")
    return np.array(notes, np.int32)


def _refuse(where: str, wrong: str) -> NoReturn:
    raise DataError(f"{where}: {wrong}. Put the right file there.")


def _fetch(folder: str, missing: Sequence[str]) -> None:
    fetch(ARCHIVE, MIRRORS, os.path.join(folder, ARCHIVE), _check, maximum=MAX_BYTES)


def _check(path: str) -> None:
    with open(path, "rb") as file:
        found = hashlib.sha256(file.read()).hexdigest()
    if found != SHA256:
        raise DataError(f"not the published file: its sha256 is {found}, {SHA256} expected.")


_SCALE = (0, 2, 4, 5, 7, 9, 11)  # semitones of a major scale above its first note
_DEGREES = (0, 3, 4, 0, 5, 3, 4, 0)  # of the chords, one after the other: tonic, subdominant, dominant, ...


def _generate(folder: str) -> None:
    """Chorales in four parts: a round of chords in some key, whose soprano takes the note of the chord that is nearest."""
    random = np.random.RandomState(0)
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as tar:
        for part, count in GENERATED.items():
            for number in range(count):
                text = ",".join(HEADER) + "\n" + "".join("%d,%d,%d,%d\n" % tuple(chord) for chord in _chorale(random))
                member = tarfile.TarInfo("%s/chorale_%03d.csv" % (part, number))
                member.size = len(text)
                tar.addfile(member, io.BytesIO(text.encode("ascii")))
    with atomic_path(os.path.join(folder, ARCHIVE), "--data-dir") as temporary, open(temporary, "wb") as file:
        file.write(content.getvalue())


def _chorale(random: np.random.RandomState) -> List[List[int]]:
    key, soprano, chords = random.randint(-4, 5), 72, []
    for place in range(4 * random.randint(6, 12)):
        degree = _DEGREES[place % len(_DEGREES)]
        third = [key + _SCALE[(degree + step) % 7] for step in (0, 2, 4)]
        above = [note + 12 * octave for note in third for octave in (5, 6)]
        soprano = min(above, key=lambda note: (abs(note - soprano - random.randint(-2, 3)), note))
        alto = max(note + 12 * octave for note in third for octave in (4, 5) if note + 12 * octave < soprano)
        tenor = max(note + 12 * octave for note in third for octave in (3, 4) if note + 12 * octave < alto)
        bass = key + _SCALE[degree] + (36 if key + _SCALE[degree] >= 0 else 48)
        chords += [[soprano, alto, tenor, bass]] * 4
    return chords


_SET = DataSet(
    folder="chorales",
    names=(ARCHIVE,),
    fetch=_fetch,
    mirrors=MIRRORS,
    generate=_generate,
    note="Written by rnn_tf1.data.chorales, 80, 10 and 10 chorales, version 1.",
    stand_in="GENERATED chorales, a round of chords in some key, not Bach's",
)
