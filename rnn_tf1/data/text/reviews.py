"""Sentences of film reviews, positive or negative: from a folder, from the internet, or as a generated stand-in.

Pang and Lee 2005, "Seeing stars: Exploiting class relationships for sentiment categorization with respect to rating scales":
5,331 sentences of each kind, in lower case, with spaces between words and punctuation.
"""

import contextlib
import os
import zlib
from typing import List, NamedTuple, Optional, Sequence

import numpy as np

from rnn_tf1.data.batches import epoch_order
from rnn_tf1.data.files.archive import read_members
from rnn_tf1.data.files.download import data_directory, fetch, without_home
from rnn_tf1.data.files.lines import read_lines
from rnn_tf1.data.files.sets import DataSet, locate
from rnn_tf1.errors import DataError, renamed
from rnn_tf1.program.files import atomic_path, make_directory

CLASSES = ("negative", "positive")
NAMES = ("rt-polarity.neg", "rt-polarity.pos")  # in the order of CLASSES
ARCHIVE, ARCHIVE_FOLDER = "rt-polaritydata.tar.gz", "rt-polaritydata/"
MIRRORS = ("https://www.cs.cornell.edu/people/pabo/movie-review-data/" + ARCHIVE,)
SENTENCES = 5331  # of each kind in the published files
MAX_BYTES = 4 << 20  # each of the two has 0.6 MB
HELD_OUT = 0.1  # of all sentences for the test, and of the rest for validation
GENERATED = 2000  # sentences of each kind of the stand-in


class Labelled(NamedTuple):
    """Sentences as lists of words, and int32 labels [sentences], indices into CLASSES."""

    sentences: List[List[str]]
    labels: np.ndarray


class Reviews(NamedTuple):
    """The three parts, their kind ("real" or "generated"), and their folder."""

    train: Labelled
    validation: Labelled
    test: Labelled
    kind: str
    source: str

    @property
    def origin(self) -> str:
        """The kind and the source, for metrics.json."""
        return "%s: %s" % (self.kind, self.source)

    @property
    def identity(self) -> str:
        """Identifies the data set and the split: the kind, the number of sentences, and a checksum."""
        checksum = 0
        for part in (self.train, self.validation, self.test):
            text = "\n".join(" ".join(words) for words in part.sentences) + repr(part.labels.tolist())
            checksum = zlib.crc32(text.encode("utf-8"), checksum)
        return "%s, %d sentences, crc32 %08x" % (self.kind, len(self.train.sentences), checksum)


@renamed(path="data_dir")
def load(data_dir: Optional[str] = None, seed: int = 0, generated: bool = False) -> Reviews:
    """Loads the sentences from the folder ``reviews`` in `data_dir`, and splits them by seed.

    Other sentences in the two files, UTF-8, one per line, are read in the same way. Missing files are extracted from
    rt-polaritydata.tar.gz if that is in the folder, otherwise downloaded. Only without a network, sentences of a grammar
    stand in, and a line on stderr says so.

    Args:
      data_dir: the folder of the data; default: ``$RNN_TF1_DATA``, else ``~/.cache/rnn_tf1``.
      seed: of the random split: a tenth for the test, and a tenth of the rest for validation.
      generated: True uses the generated stand-in, even if the real data are there.

    Raises:
      DataError: for files with wrong content (names the line) or fewer than 10 sentences, and if one is missing while the
        other is not the published one.
      DownloadError: if there is a network but no mirror provides the files.
      OutputError: if the folder is not writable.
    """
    if not generated:
        _unpack(os.path.join(data_directory(data_dir), _SET.folder))
    folder, kind = locate(_SET, data_dir, generated)
    sentences: List[List[str]] = []
    labels: List[int] = []
    for label, name in enumerate(NAMES):
        found = _read(os.path.join(folder, name))
        sentences += found
        labels += [label] * len(found)
    order = epoch_order(len(sentences), seed, 0)
    test = int(round(HELD_OUT * len(order)))
    validation = int(round(HELD_OUT * (len(order) - test)))
    parts = np.split(order, [test, test + validation])
    tested, validated, trained = (
        Labelled([sentences[i] for i in part], np.array([labels[i] for i in part], np.int32)) for part in parts
    )
    return Reviews(trained, validated, tested, kind, without_home(folder))


def _read(path: str) -> List[List[str]]:
    found = []
    for number, line in enumerate(read_lines(path), 1):
        if not line.split():
            raise DataError("%s: line %s is blank, a sentence without words: remove it." % (path, number))
        found.append(line.split())
    if len(found) < 10:
        raise DataError(
            "%s: it has %s sentences, but at least 10 are needed. Put the right file there." % (path, len(found))
        )
    return found


def _fetch(folder: str, missing: Sequence[str]) -> None:
    """Fetches the published archive and extracts the missing files; the archive is not kept."""
    _check_own(folder, missing)
    fetch(ARCHIVE, MIRRORS, os.path.join(folder, ARCHIVE), _check, maximum=MAX_BYTES)
    _unpack(folder)
    with contextlib.suppress(FileNotFoundError):  # another process may have been first
        os.remove(os.path.join(folder, ARCHIVE))


def _unpack(folder: str) -> None:
    """Extracts the missing files from the archive in the folder, if it is there, and converts them from Latin-1 to UTF-8."""
    archive = os.path.join(folder, ARCHIVE)
    missing = [name for name in NAMES if not os.path.exists(os.path.join(folder, name))]
    if not missing or not os.path.exists(archive):
        return
    _check_own(folder, missing)
    try:
        _check(archive)
    except DataError as error:
        raise DataError("%s Remove it, or put the right one there." % error) from error
    contents = read_members(archive, [ARCHIVE_FOLDER + name for name in NAMES], MAX_BYTES)
    make_directory(folder)
    for name in missing:
        text = contents[ARCHIVE_FOLDER + name].decode("cp1252", "replace")  # Latin-1 as it is written: with its dashes
        with atomic_path(os.path.join(folder, name)) as temporary, open(temporary, "wb") as file:
            file.write(text.encode("utf-8"))


def _check_own(folder: str, missing: Sequence[str]) -> None:
    """Raises `DataError` if a file is there but not the published one: the missing one would not belong to it."""
    for name in NAMES:
        path = os.path.join(folder, name)
        if name not in missing and sum(1 for _ in read_lines(path)) != SENTENCES:
            raise DataError(
                "%s does not have the %s lines of the published file, and %s missing beside it. Put "
                "your own there too, or remove this one, so that both are fetched."
                % (path, SENTENCES, ", ".join(missing))
            )


def _check(path: str) -> None:
    for name, content in read_members(path, [ARCHIVE_FOLDER + name for name in NAMES], MAX_BYTES).items():
        lines = content.count(b"\n")
        if lines != SENTENCES:
            raise DataError(
                "%s: %s in it has %s lines, %s expected: it is another archive." % (path, name, lines, SENTENCES)
            )


_FILMS = "film movie story plot script acting camera-work music ending dialogue comedy drama thriller cast"
_GOOD = "moving funny clever brilliant warm gripping fresh charming honest wonderful tender witty"
_BAD = "dull silly tedious clumsy stale hollow predictable lifeless awful pointless shallow noisy"
_DEGREES = "very quite rather so"
_PEOPLE = "the-director the-writer the-audience a-critic everybody nobody-else my-neighbour"


def _generate(folder: str) -> None:
    """Sentences with words of both kinds: "not" reverses the verdict, and the clause after "but" counts."""
    random = np.random.RandomState(0)

    def pick(words: str) -> str:
        listed = words.split()
        return listed[random.randint(len(listed))]

    def clause(good: bool) -> str:
        turned = random.rand() < 0.3
        words = ["the", pick(_FILMS), "is", *["not"] * turned, *[pick(_DEGREES)] * (random.rand() < 0.8)]
        return " ".join([*words, pick(_GOOD if good != turned else _BAD)])

    def sentence(good: bool) -> str:
        text = clause(good)
        if random.rand() < 0.4:
            text = "%s , but %s" % (clause(not good), text)
        elif random.rand() < 0.4:
            text = "%s says that %s" % (pick(_PEOPLE), text)
        return text + " ."

    for label, name in enumerate(NAMES):
        lines = "".join(sentence(bool(label)) + "\n" for _ in range(GENERATED))
        with atomic_path(os.path.join(folder, name)) as temporary:
            with open(temporary, "w", encoding="utf-8") as file:
                file.write(lines)


_SET = DataSet(
    folder="reviews",
    names=NAMES,
    fetch=_fetch,
    mirrors=MIRRORS,
    generate=_generate,
    note="Written by rnn_tf1.data.text.reviews, 2,000 sentences of each kind, version 1.",
    stand_in="GENERATED sentences, written by a grammar, not film reviews",
)
