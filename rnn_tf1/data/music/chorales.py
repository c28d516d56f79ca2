"""Bach's chorales as chords of four notes, each a sixteenth long: from a folder, from the internet, or generated.

A chorale is int32 [chords, 4]: the notes of soprano, alto, tenor and bass as MIDI numbers (60 is middle C), 0 for a
silent voice. A held note is repeated.
"""

import csv
import io
import os
import tarfile
import zlib
from typing import Dict, List, NamedTuple, NoReturn, Optional, Sequence

import numpy as np

from rnn_tf1.data.batches import epoch_order
from rnn_tf1.data.files.archive import read_all
from rnn_tf1.data.files.download import fetch, without_home
from rnn_tf1.data.files.outside import whole_number
from rnn_tf1.data.files.sets import DataSet, locate
from rnn_tf1.data.text.text import END, UNKNOWN, Vocabulary
from rnn_tf1.errors import DataError
from rnn_tf1.program.files import atomic_path

ARCHIVE = "jsb_chorales.tgz"
MIRRORS = ("https://raw.githubusercontent.com/ageron/handson-ml2/master/datasets/jsb_chorales/" + ARCHIVE,)
SHA256 = "594e5e25a3ff8af64687c378628970c6435fddd3093d96df2fa8ca9505ce30fe"
PARTS = ("train", "valid", "test")
VOICES = ("soprano", "alto", "tenor", "bass")
HEADER = ["note0", "note1", "note2", "note3"]
LOWEST, HIGHEST = 36, 81  # of the notes in the chorales
MAX_BYTES = 1 << 20  # of the archive, and of each file in it
GENERATED = {"train": 80, "valid": 10, "test": 10}  # chorales of the stand-in
_MEMBERS = r"(train|valid|test)/\w[\w .-]*[.]csv"  # without control characters, because errors print the name


class Chorales(NamedTuple):
    """Lists of chorales, each int32 [chords, 4], their kind ("real" or "generated"), and their folder."""

    train: List[np.ndarray]
    validation: List[np.ndarray]
    test: List[np.ndarray]
    kind: str
    source: str

    @property
    def origin(self) -> str:
        """The kind and the source, for metrics.json."""
        return "%s: %s" % (self.kind, self.source)

    @property
    def identity(self) -> str:
        """Identifies the data set: the kind, the number of chorales, and a checksum of all of them."""
        checksum = 0
        for part in (self.train, self.validation, self.test):
            checksum = zlib.crc32(repr([len(chorale) for chorale in part]).encode("ascii"), checksum)
            for chorale in part:
                checksum = zlib.crc32(chorale.tobytes(), checksum)
        return "%s, %d chorales, crc32 %08x" % (self.kind, len(self.train), checksum)


def load(data_dir: Optional[str] = None, generated: bool = False) -> Chorales:
    """Loads the chorales from jsb_chorales.tgz in the folder ``chorales`` of `data_dir`, 229 + 76 + 77 of them.

    Other chorales in such an archive are read in the same way: train/NAME.csv, valid/NAME.csv and test/NAME.csv, see
    `parse`. A missing archive is downloaded. Only without a network, generated ones stand in, and one line on stderr
    says so.

    Args:
      data_dir: the folder of the data; default: ``$RNN_TF1_DATA``, else ``~/.cache/rnn_tf1``.
      generated: True uses the generated stand-in, even if the real data are there.

    Raises:
      DataError: for an archive with wrong content (names file and row).
      DownloadError: if there is a network but no mirror provides it.
      OutputError: if the folder is not writable.
    """
    folder, kind = locate(_SET, data_dir, generated)
    path = os.path.join(folder, ARCHIVE)
    parts: Dict[str, List[np.ndarray]] = {part: [] for part in PARTS}
    for name, content in sorted(read_all(path, _MEMBERS, MAX_BYTES).items()):
        parts[name.split("/")[0]].append(parse(content, "%s: %s" % (path, name)))
    for part, found in parts.items():
        if not found:
            raise DataError("%s: there is no chorale in its folder %s. Put the right file there." % (path, part))
    return Chorales(parts["train"], parts["valid"], parts["test"], kind, without_home(folder))


def parse(content: bytes, where: str) -> np.ndarray:
    """Parses a chorale, int32 [chords, 4]: a first line note0,note1,note2,note3, then four whole numbers per line.

    Args:
      content: the text.
      where: the name of the text in errors.

    Raises:
      DataError: for a row of another width, and for a note that is neither 0 nor a MIDI number from 21 (the lowest key of a
        piano) to 108 (the highest); names the row.
    """
    try:
        rows = list(csv.reader(io.StringIO(content.decode("ascii")), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        _refuse(where, "no CSV of whole numbers (%s)" % error)
    if not rows or rows[0] != HEADER:
        _refuse(where, "the first row must be %s" % ",".join(HEADER))
    notes = []
    for number, row in enumerate(rows[1:], 2):
        if len(row) != len(VOICES):
            _refuse(
                where,
                "row %s has %s columns, but %s are expected, one for each voice" % (number, len(row), len(VOICES)),
            )
        chord = [whole_number(note, 108) for note in row]
        for note, text in zip(chord, row):
            if note is None or 0 < note < 21:
                _refuse(
                    where, "row %s: %r is not a note: 0 for silence, or a MIDI number from 21 to 108" % (number, text)
                )
        notes.append(chord)
    if len(notes) < 2:
        _refuse(where, "it has %s chords, but at least 2 are needed: one is predicted from the other" % len(notes))
    return np.array(notes, np.int32)


class Streams(NamedTuple):
    """Notes as ids of `vocabulary`, for a language model: soprano, alto, tenor and bass of the first chord, then of the second,
    ..., and ``<eos>`` after each chorale."""

    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray
    vocabulary: Vocabulary


def make_vocabulary() -> Vocabulary:
    """``<unk>``, ``<eos>``, and a word for each note of each voice: s74 is note 74 of the soprano, b0 a silent bass."""
    notes = [0, *range(LOWEST - 6, HIGHEST + 7)]  # with room to transpose a chorale up or down
    return Vocabulary([UNKNOWN, END] + [voice[0] + str(note) for voice in VOICES for note in notes])


def to_words(chorale: np.ndarray) -> List[str]:
    """The notes of a chorale as words of the vocabulary."""
    return [voice[0] + str(note) for chord in chorale.tolist() for voice, note in zip(VOICES, chord)]


def from_words(words: Sequence[str]) -> np.ndarray:
    """The chorale of these words, int32 [chords, 4]. Words that are not a note of the next voice are skipped; an incomplete
    last chord is left out."""
    notes: List[int] = []
    for word in words:
        note = whole_number(word[1:], 127)
        if word[:1] == VOICES[len(notes) % len(VOICES)][0] and note is not None:
            notes.append(note)
    whole = len(notes) // len(VOICES) * len(VOICES)
    return np.array(notes[:whole], np.int32).reshape(-1, len(VOICES))


def transpose(chorale: np.ndarray, semitones: int) -> np.ndarray:
    """The chorale transposed by that many semitones; silence stays."""
    return np.where(chorale > 0, chorale + semitones, 0).astype(np.int32)


def streams(data: Chorales, most: int = 0, seed: int = 0) -> Streams:
    """The `Streams` of the three parts.

    Args:
      most: in training, every chorale is transposed by -most ... most semitones; 0 to 6.
      seed: of the order in which the chorales of all keys are shuffled.

    Raises:
      DataError: for another `most`, and for a chorale with a note that has no word after that; names the note.
    """
    if not 0 <= most <= 6:
        raise DataError("most is %s semitones; it must be 0 to 6." % most)
    vocabulary = make_vocabulary()
    for name, part, most_here in zip(PARTS, (data.train, data.validation, data.test), (most, 0, 0)):
        lowest, highest = LOWEST - 6 + most_here, HIGHEST + 6 - most_here
        for number, chorale in enumerate(part):
            wrong = chorale[(chorale > 0) & ((chorale < lowest) | (chorale > highest))]
            if len(wrong):
                raise DataError(
                    "chorale %s of %s, counted from 0, has the note %s, but only %s to %s "
                    "are supported: remove it, or move it by an octave." % (number, name, wrong[0], lowest, highest)
                )

    def text(chorales: Sequence[np.ndarray]) -> np.ndarray:
        return vocabulary.encode([word for chorale in chorales for word in [*to_words(chorale), END]])

    many = [transpose(chorale, step) for step in range(-most, most + 1) for chorale in data.train]
    mixed = [many[index] for index in epoch_order(len(many), seed, 0)]
    return Streams(text(mixed), text(data.validation), text(data.test), vocabulary)


def _refuse(where: str, wrong: str) -> NoReturn:
    raise DataError("%s: %s. Put the right file there." % (where, wrong))


def _fetch(folder: str, missing: Sequence[str]) -> None:
    fetch(ARCHIVE, MIRRORS, os.path.join(folder, ARCHIVE), known_hash=SHA256, maximum=MAX_BYTES)


_SCALE = (0, 2, 4, 5, 7, 9, 11)  # semitones of a major scale above its first note
_DEGREES = (0, 3, 4, 0, 5, 3, 4, 0)  # of the chords, one after the other: tonic, subdominant, dominant, ...


def _generate(folder: str) -> None:
    """Generates chorales: a cycle of chords in some key, in which the soprano takes the nearest note of the chord."""
    random = np.random.RandomState(0)
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as tar:
        for part, count in GENERATED.items():
            for number in range(count):
                text = ",".join(HEADER) + "\n" + "".join("%d,%d,%d,%d\n" % tuple(chord) for chord in _chorale(random))
                member = tarfile.TarInfo("%s/chorale_%03d.csv" % (part, number))
                member.size = len(text)
                tar.addfile(member, io.BytesIO(text.encode("ascii")))
    with atomic_path(os.path.join(folder, ARCHIVE)) as temporary, open(temporary, "wb") as file:
        file.write(content.getvalue())


def _chorale(random: np.random.RandomState) -> List[List[int]]:
    key, soprano, chords = random.randint(-4, 5), 72, []
    for place in range(4 * random.randint(6, 12)):
        degree = _DEGREES[place % len(_DEGREES)]
        third = [key + _SCALE[(degree + step) % 7] for step in (0, 2, 4)]
        above = [note + 12 * octave for note in third for octave in (5, 6) if note + 12 * octave <= HIGHEST]
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
    note="Written by rnn_tf1.data.music.chorales, 80, 10 and 10 chorales, version 2.",
    stand_in="GENERATED chorales, a round of chords in some key, not Bach's",
)
