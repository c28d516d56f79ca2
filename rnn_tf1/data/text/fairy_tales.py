"""Grimms' fairy tales as pairs of characters: from a folder, from the internet, or a few generated tales."""

import io
import itertools
import os
import re
import textwrap
import zlib
from typing import List, NamedTuple, Optional, Sequence, Tuple

import numpy as np

from rnn_tf1.data.files.download import data_directory, fetch, network_available, without_home
from rnn_tf1.data.files.idx import FIX
from rnn_tf1.data.files.outside import decoded
from rnn_tf1.data.generated import grammar
from rnn_tf1.data.text.text import END, UNKNOWN, Vocabulary, make_vocabulary
from rnn_tf1.errors import Argument, DataError, renamed
from rnn_tf1.program.files import atomic_path, make_directory
from rnn_tf1.program.terminal import say

MIRRORS = (
    "https://www.gutenberg.org/ebooks/2591.txt.utf-8",
    "https://www.gutenberg.org/files/2591/2591-0.txt",
)
NAME = "grimm.txt"
MAX_BYTES = 4 << 20  # it has 0.5 MB
FIRST = "THE GOLDEN BIRD"  # the title of the first story
EXPECTED = 40  # stories at least in a file that was fetched; the book has 62
HELD_OUT = 10  # every tenth story is for validation
LEAST = 10  # the lowest frequency of a pair of the vocabulary in the training stories
GENERATED = 30  # stories of the stand-in

LONGEST_TITLE = 500  # characters; without a bound, the time would grow with the square of a line's length
_ALONE = re.compile(r"(?:\A|\n{4})([^\n]{1,%d})(?=\n[ \t]*\n)" % LONGEST_TITLE)  # a line between blank ones
_TITLE = re.compile(r"[ \t]*([^a-z]*[A-Z]{2}[^a-z]*?)[ \t]*")
_BLANK_LINES = re.compile(r"\n(?:[ \t]*\n){3,}")
_LICENCE = re.compile(r"^(\*\*\* ?END OF|End of (the )?Project Gutenberg)", re.MULTILINE)
_ASTERISKS = re.compile(r"^[ \t]*\*([ \t]*\*)+[ \t]*$", re.MULTILINE)
_STRAIGHT = str.maketrans({"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u2014": "--", "\ufeff": None})


class FairyTales(NamedTuple):
    """Stories as ids of pairs of characters, each int32 [pairs + 1], ending with the id of `END`.

    Attributes:
      train: list of stories, none of which is in `validation`.
      validation: list of stories.
      train_titles: their titles, as in the book.
      validation_titles: the same.
      vocabulary: the pairs of the training stories.
      available: the number of stories in the book, used or not.
      kind: "real" or "generated".
      source: the folder.
    """

    train: List[np.ndarray]
    validation: List[np.ndarray]
    train_titles: List[str]
    validation_titles: List[str]
    vocabulary: Vocabulary
    available: int
    kind: str
    source: str

    @property
    def origin(self) -> str:
        """The kind and the source, for metrics.json."""
        return "%s: %s" % (self.kind, self.source)

    @property
    def identity(self) -> str:
        """Identifies the data set: the kind, the number of stories used, and a checksum of them and their pairs."""
        checksum = zlib.crc32(self.vocabulary.hash.encode("ascii"))
        for ids in itertools.chain(self.train, self.validation):
            checksum = zlib.crc32(ids.data, checksum)
        return "%s, %d stories, crc32 %08x" % (self.kind, len(self.train) + len(self.validation), checksum)


@renamed(path="data_dir")
def load(data_dir: Optional[str] = None, stories: Optional[int] = None, generated: bool = False) -> FairyTales:
    """Loads Grimms' fairy tales, ebook 2591 of Project Gutenberg, from the file ``grimm/grimm.txt`` in `data_dir`.

    Every tenth story is held out for validation (the last one if there are fewer than ten). A story is a string of
    `characters`, cut into pairs that do not overlap; pairs that occur fewer than 10 times in training become ``<unk>``.

    A missing file is downloaded. Only without a network, tales of a grammar stand in, in the folder
    ``grimm-generated``, and a line on stderr says so.

    Args:
      data_dir: the folder of the data; default: ``$RNN_TF1_DATA``, else ``~/.cache/rnn_tf1``.
      stories: the number of stories, from the first of the book on; default: all. If there are fewer, all are used, and a
        line on stderr says so.
      generated: True uses the generated stand-in, even if the real data are there.

    Raises:
      DataError: for a file without these stories (it is never replaced) and for fewer than 2 stories.
      DownloadError: if there is a network but no mirror provides the file.
      OutputError: if it is missing and the folder is not writable.
    """
    if stories is not None and stories < 2:
        raise DataError(
            "stories is %s, but one is for training and one for validation: pass " % stories,
            Argument("stories", 2),
            " or more.",
        )
    folder = os.path.join(data_directory(data_dir), "grimm")
    path = os.path.join(folder, NAME)
    if not generated and not os.path.exists(path):
        if network_available(MIRRORS):
            fetch(NAME, MIRRORS, path, _check, maximum=MAX_BYTES)
        else:
            generated = True
            say(
                "WARNING: no network, and %s missing in %s: these are GENERATED tales, written by "
                "a grammar, not Grimms'. Put the file there, or name its folder's parent with "
                % (NAME, without_home(folder)),
                Argument("data_dir"),
                ".",
            )
    if generated:
        folder += "-generated"
        path = os.path.join(folder, NAME)
        if not os.path.exists(path):
            _generate(folder)
    found = _read(path, None if generated else FIRST)
    wanted = len(found) if stories is None else stories
    if wanted > len(found):
        there = "%s has %s" % (without_home(path), len(found))
        say("%s stories were asked for, but %s: all of them are used." % (wanted, there))
    used = found[:wanted]
    held_out = range(HELD_OUT - 1, len(used), HELD_OUT) or range(len(used) - 1, len(used))
    train = [story for number, story in enumerate(used) if number not in held_out]
    validation = [used[number] for number in held_out]
    vocabulary = make_vocabulary(itertools.chain.from_iterable(_tokens(text) for _, text in train), least=LEAST)
    return FairyTales(
        train=[vocabulary.encode(_tokens(text)) for _, text in train],
        validation=[vocabulary.encode(_tokens(text)) for _, text in validation],
        train_titles=[title for title, _ in train],
        validation_titles=[title for title, _ in validation],
        vocabulary=vocabulary,
        available=len(found),
        kind="generated" if generated else "real",
        source=without_home(folder),
    )


def split(text: str, first: Optional[str] = None) -> List[Tuple[str, str]]:
    """The stories of a book as (title, text as `characters`).

    A title is a line of at most 500 characters without lower case letters, with at least three blank lines before it and one
    after it; with fewer before it, it is a part of the story. The result leaves out Project Gutenberg's licence, everything
    before the last line that is `first`, the title of the first story (the table of contents has it, too), and what follows
    a row of asterisks in the last story. Without such a line, it is empty.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").translate(_STRAIGHT)
    if first is not None:
        places = [match.start() for match in re.finditer(r"^[ \t]*%s[ \t]*$" % (re.escape(first),), text, re.MULTILINE)]
        text = text[places[-1] :] if places else ""
    text = _BLANK_LINES.sub("\n\n\n\n", text)
    licence = _LICENCE.search(text)
    text = text[: licence.start()] if licence else text
    alone = [(line, _TITLE.fullmatch(line.group(1))) for line in _ALONE.finditer(text)]
    titles = [(line, title) for line, title in alone if title]
    ends = [line.start() for line, _ in titles[1:]] + [len(text)]
    bodies = [text[line.end() : end] for (line, _), end in zip(titles, ends)]
    if bodies:
        bodies[-1] = _ASTERISKS.split(bodies[-1])[0]
    return [(title.group(1), characters(body)) for (_, title), body in zip(titles, bodies)]


def characters(text: str) -> str:
    """`text` in small letters, with one space for each run of white space, and one line feed between paragraphs."""
    paragraphs = (" ".join(paragraph.split()) for paragraph in re.split(r"\n[ \t]*\n", text.lower()))
    return "\n".join(paragraph for paragraph in paragraphs if paragraph)


def pairs(text: str) -> List[str]:
    """The pairs of characters text[0:2], text[2:4], ...; a last single one is paired with a space."""
    return [text[start : start + 2].ljust(2) for start in range(0, len(text), 2)]


def join(tokens: Sequence[str]) -> str:
    """The text of pairs, up to the first `END`; a question mark in brackets stands for each `UNKNOWN`."""
    shown = itertools.takewhile(lambda token: token != END, tokens)
    return "".join("[?]" if token == UNKNOWN else token for token in shown)


def _tokens(text: str) -> List[str]:
    return pairs(text) + [END]


def _read(path: str, first: Optional[str]) -> List[Tuple[str, str]]:
    """The stories of a file, at least two of them."""
    try:
        with open(path, "rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise DataError("%s: cannot be read (%s). %s" % (path, error.strerror, FIX)) from error
    if len(content) > MAX_BYTES:
        raise DataError(
            "%s: it has more than %s bytes, the most allowed; the book has half a million. %s"
            % (path, format(MAX_BYTES, ","), FIX)
        )
    try:
        found = split("".join(decoded(path, io.BytesIO(content))), first)
    except DataError as error:
        raise DataError(*error.parts, " %s" % FIX) from error
    if len(found) < 2:
        raise DataError(
            "%s: %s stories found, 2 or more expected%s. %s"
            % (path, len(found), ", %s the first" % first if first else "", FIX)
        )
    empty = [title for title, text in found if not text]
    if empty:
        raise DataError("%s: the story %s has no text. %s" % (path, empty[0], FIX))
    return found


def _check(path: str) -> None:
    """Whether a fetched file is the book, whose checksum changes with its licence."""
    found = len(_read(path, FIRST))
    if found < EXPECTED:
        raise DataError("not the whole book: %s stories found, %s or more expected" % (found, EXPECTED))


def _generate(folder: str) -> None:
    """Writes the stand-in, in the form of the book: tales of 20 paragraphs of 8 sentences."""
    make_directory(folder)
    source = grammar.sentences(np.random.RandomState(0))
    tales = []
    for number in range(1, GENERATED + 1):
        paragraphs = []
        for _ in range(20):
            said = [" ".join(words[:-1]).capitalize() + "." for words in itertools.islice(source, 8)]
            paragraphs.append(textwrap.fill(" ".join(said), 72) + "\n")
        tales.append("\n".join(["TALE %s\n" % number] + paragraphs))
    with atomic_path(os.path.join(folder, NAME)) as path, open(path, "w", encoding="utf-8") as file:
        file.write("\n\n\n\n".join(tales))
