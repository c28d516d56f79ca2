"""Parallel text: Multi30k, or any two languages line by line, from a folder, from the net, or as a generated stand-in."""

import collections
import itertools
import os
import zlib
from typing import Iterable, List, NamedTuple, Optional, Sequence, Tuple

import numpy as np

from rnn_tf1.data.files.download import data_directory, fetch, looks_like_html, network_available, without_home
from rnn_tf1.data.files.idx import FIX
from rnn_tf1.data.files.lines import read_lines
from rnn_tf1.data.generated import bilingual
from rnn_tf1.data.text.text import UNKNOWN, Vocabulary, rank
from rnn_tf1.data.text.tokenizer import tokenize
from rnn_tf1.errors import Argument, DataError, renamed
from rnn_tf1.program.terminal import say

MIRRORS = ("https://raw.githubusercontent.com/multi30k/dataset/master/data/task1/raw/",)
SHA256 = {
    "train.en.gz": "d79cfa999dd4c51d2cb42499b6796d5a882c3a8a961923c25a898c90f8bbd56f",
    "train.fr.gz": "622e75069e9f4c577425c4f277116ce66e63a2401c0a2312d90073cb12379a3c",
    "val.en.gz": "14f7d25ddd868909a9213e361768460edcacdd6ab9d1e77b92560dc10c10dc28",
    "val.fr.gz": "ca3106f1a72390591d25f6c45cb4cd39dec4cd3f123e099748a3ce5256c160e9",
    "test_2016_flickr.en.gz": "611d361c6334bc7246101d48097c13cf5c4413c5befc793cc629934359d532d9",
    "test_2016_flickr.fr.gz": "6d326e188d259fb1d04ac19eae3af956559b3a0b93d7635e56c90987c40c8b90",
}
FOLDER = "multi30k"
PARTS = ("train", "val", "test_2016_flickr")
MAX_BYTES = 4 << 20  # the largest of the six has 0.6 MB
GENERATED = {"train": 58000, "val": 1014, "test_2016_flickr": 1000}  # pairs of the stand-in

PAD, START, STOP = "<pad>", "<s>", "</s>"  # after a sentence, before it, and its end


class Lines(NamedTuple):
    """The lines of two files, unchanged; line n of one is the translation of line n of the other."""

    source: List[str]
    target: List[str]


class Tokens(NamedTuple):
    """The same, each line as its words and punctuation marks."""

    source: List[List[str]]
    target: List[List[str]]


class Translation(NamedTuple):
    """The three parts, their kind ("real" or "generated"), and the folder they come from."""

    train: Lines
    validation: Lines
    test: Lines
    kind: str
    source: str

    @property
    def origin(self) -> str:
        """The kind and the folder, for metrics.json."""
        return "%s: %s" % (self.kind, self.source)

    @property
    def identity(self) -> str:
        """Tells one data set from another: the kind, the number of training pairs, and a checksum of them."""
        return "%s, %s" % (self.kind, identify(self.train))


class SentenceVocabulary(Vocabulary):
    """A vocabulary for whole sentences: ``<pad>`` 0, ``<s>`` 1, ``</s>`` 2, ``<unk>`` 3, and then the words.

    Everything else, the file in which it is saved too, is as in `Vocabulary`.

    Attributes:
      pad: the id of the padding.
      start: that of the first token.
      end: that of the last one.
      unknown: that of the words that the vocabulary lacks.

    Raises:
      DataError: if the first four words are others, or there is no further word.
    """

    special = (PAD, START, STOP, UNKNOWN)
    last = STOP

    def __init__(self, words: Iterable[str]) -> None:
        super().__init__(words)
        if self.words[:4] != self.special:
            raise DataError(f"A vocabulary of sentences begins with {' '.join(self.special)}: put these first.")
        if len(self.words) == 4:
            raise DataError("The vocabulary is empty, there is no word in it beside the special ones: add some.")
        self.pad, self.start = self.ids[PAD], self.ids[START]


class Pairs(NamedTuple):
    """Sentences and their translations as ids, each int32 [words], without ``<s>`` and ``</s>``.

    Attributes:
      source: list of sentences, reversed if that was asked for.
      target: list of as many sentences.
      lines: int64 [pairs]: the line of each pair, counted from 0.
      unknown: the number of words that are ``<unk>``, in the source and in the target.
      too_long: pairs left out because a side is longer than `longest`.
      empty: pairs left out because a side has no word.
      longest: the most words of a side, None for any number.
    """

    source: List[np.ndarray]
    target: List[np.ndarray]
    lines: np.ndarray
    unknown: Tuple[int, int]
    too_long: int
    empty: int
    longest: Optional[int]

    def describe(self) -> str:
        """One line: the numbers of pairs, of words and of unknown words, and what is left out."""
        sides = [
            f"{sum(map(len, side)):,} {name} tokens, {unknown:,} of them unknown"
            for name, side, unknown in zip(("source", "target"), (self.source, self.target), self.unknown)
        ]
        left = [f"{self.too_long:,} longer than {self.longest} tokens"] * (self.longest is not None)
        left += [f"{self.empty:,} with an empty side"] * bool(self.empty)
        return "; ".join([f"{len(self.source):,} pairs", *sides, "left out: " + (" and ".join(left) or "none")])


@renamed(path="data_dir")
def load(
    data_dir: Optional[str] = None,
    generated: bool = False,
    source: str = "en",
    target: str = "fr",
    *,
    folder: str = FOLDER,
    parts: Tuple[str, str, str] = PARTS,
) -> Translation:
    """Loads Multi30k, captions of 31,014 pictures, or any parallel text in such files, from `folder` in `data_dir`.

    Each part is two files in UTF-8, one sentence a line: train.en and train.fr, say, or gzipped ones, train.en.gz. If both are
    there, the plain one is read. Missing files of Multi30k are downloaded. Only if there is no network, sentences of a
    grammar stand in for them, in the folder ``multi30k-generated``, and one line on stderr says so.

    Args:
      data_dir: default: ``$RNN_TF1_DATA``, otherwise ``~/.cache/rnn_tf1``.
      generated: use the stand-in, even if the files are there.
      source, target: the languages: the endings of the files' names.
      folder, parts: names of the folder, and of the files for training, validation and test, without the language.

    Raises:
      DataError: for files with wrong content (they are never replaced), two files of different lengths, a blank line in
        validation or test (in training, `encode` leaves it out and counts it), and missing files that are not Multi30k's.
      DownloadError: if there is a network but no mirror has the files.
      OutputError: if files are missing and the folder cannot be written to.
    """
    languages = (source, target)
    if source == target:
        raise DataError(
            f"source and target are both {source!r}: pass two languages, ",
            Argument("source", "en"),
            " and ",
            Argument("target", "fr"),
            ", say.",
        )
    path = os.path.join(data_directory(data_dir), folder)
    missing = [f"{part}.{end}.gz" for part in parts for end in languages if not _find(path, part, end)]
    if missing and not generated:
        if folder != FOLDER or not set(missing) <= set(SHA256):
            raise DataError(
                f"{path}: {', '.join(missing)} missing, and the same without .gz. Put the files there, or name their "
                "folder's parent with ",
                Argument("data_dir"),
                ".",
            )
        if network_available(MIRRORS):
            for name in missing:
                urls = [mirror + name for mirror in MIRRORS]
                fetch(name, urls, os.path.join(path, name), known_hash=SHA256[name], maximum=MAX_BYTES)
        else:
            generated = True
            say(
                f"WARNING: no network, and {', '.join(missing)} missing in {without_home(path)}: these are GENERATED "
                "sentences, written by a grammar, not Multi30k's. Put the files there, or name their folder's parent with ",
                Argument("data_dir"),
                ".",
            )
    if generated:
        if set(languages) != {"en", "fr"}:
            raise DataError(
                f"The stand-in is English and French, not {source} and {target}: pass ",
                Argument("source", "en"),
                " and ",
                Argument("target", "fr"),
                ".",
            )
        path, parts = os.path.join(data_directory(data_dir), FOLDER + "-generated"), PARTS
        if not bilingual.is_current(path, GENERATED):
            bilingual.generate(path, GENERATED)
    train, validation, test = (
        _read([_find(path, part, end) for end in languages], evaluation=number > 0) for number, part in enumerate(parts)
    )
    return Translation(train, validation, test, "generated" if generated else "real", without_home(path))


def identify(lines: Lines) -> str:
    """Tells one text from another: the number of its pairs, and a checksum of them."""
    checksum = 0
    for line in itertools.chain(lines.source, lines.target):
        checksum = zlib.crc32((line + "\n").encode("utf-8"), checksum)
    return "%d pairs, crc32 %08x" % (len(lines.source), checksum)


def tokenize_lines(lines: Lines, lower: bool = True, numbers: bool = False, urls: bool = False) -> Tokens:
    """The words and punctuation marks of all lines; the arguments are those of `tokenize`."""
    source, target = ([tokenize(line, lower, numbers, urls) for line in side] for side in lines)
    return Tokens(source, target)


def make_sentence_vocabulary(
    sentences: Iterable[Sequence[str]], size: Optional[int] = None, *, least: int = 1
) -> SentenceVocabulary:
    """The vocabulary of one side: the four special words, then the most frequent ones, equally frequent ones by characters.

    Args:
      sentences: lists of words.
      size: the most words, the special ones included; default: all.
      least: how often a word must occur to belong to it.

    Raises:
      DataError: for a size below 5, and if no word occurs that often.
    """
    special = SentenceVocabulary.special
    if size is not None and size <= len(special):
        raise DataError(
            f"A vocabulary of {size} words: it needs at least {len(special) + 1}, {' '.join(special)} and one."
        )
    counts = collections.Counter(itertools.chain.from_iterable(sentences))
    words = [word for _, word in rank(counts, least, special)]
    if not words:
        raise DataError(
            f"The vocabulary is empty: no word occurs {least} times or more. Lower ",
            Argument("least"),
            ", or pass more text.",
        )
    return SentenceVocabulary([*special, *words][:size])


def encode(
    tokens: Tokens,
    source: SentenceVocabulary,
    target: SentenceVocabulary,
    *,
    longest: Optional[int] = None,
    reverse_source: bool = False,
    evaluation: bool = False,
) -> Pairs:
    """Sentences as ids. What is left out is counted in `Pairs.describe`; no sentence is cut.

    Args:
      tokens: the sentences of both sides.
      source, target: the vocabularies of the two sides.
      longest: the most words of a side; pairs with more on either are left out in training, and kept in evaluation.
      reverse_source: reverses the sentences of the source (Sutskever et al. 2014, "Sequence to Sequence Learning with Neural
        Networks"): their first words are then close to their translations.
      evaluation: keeps every pair, since results are compared; default: training.

    Raises:
      DataError: for an empty side in evaluation, sides of different lengths, and if no pair is left.
    """
    if len(tokens.source) != len(tokens.target):
        raise DataError(
            f"{len(tokens.source):,} sentences of the source and {len(tokens.target):,} of the target: each needs its "
            "translation in the same place."
        )
    if longest is not None and longest < 1:
        raise DataError(f"longest is {longest}, but must be at least 1: pass ", Argument("longest", 1), " or more.")
    numbers, too_long, empty = [], 0, 0
    for number, (left, right) in enumerate(zip(*tokens)):
        if not left or not right:
            if evaluation:
                raise DataError(
                    f"Line {number + 1} has no word on a side, and evaluation needs both: take the line out."
                )
            empty += 1
        elif longest is not None and not evaluation and max(len(left), len(right)) > longest:
            too_long += 1
        else:
            numbers.append(number)
    if not numbers:
        raise DataError(
            f"No pair is left: {too_long:,} are longer than {longest} tokens, {empty:,} have an empty side. Raise ",
            Argument("longest"),
            ", or pass more text.",
        )
    sources = [source.encode(tokens.source[number][:: -1 if reverse_source else 1]) for number in numbers]
    targets = [target.encode(tokens.target[number]) for number in numbers]
    return Pairs(
        source=sources,
        target=targets,
        lines=np.array(numbers, np.int64),
        unknown=(_count(sources, source.unknown), _count(targets, target.unknown)),
        too_long=too_long,
        empty=empty,
        longest=None if evaluation else longest,
    )


def _count(sentences: Sequence[np.ndarray], word: int) -> int:
    return int(sum((ids == word).sum() for ids in sentences))


def _find(folder: str, part: str, language: str) -> str:
    """The path of one side of a part; "" if it is missing."""
    paths = [os.path.join(folder, f"{part}.{language}{end}") for end in ("", ".gz")]
    return next((path for path in paths if os.path.exists(path)), "")


def _read(paths: Sequence[str], evaluation: bool) -> Lines:
    """The lines of the two files of a part."""
    source, target = (_read_side(path, evaluation) for path in paths)
    if len(source) != len(target):
        raise DataError(
            f"{paths[0]} has {len(source):,} lines and {paths[1]} has {len(target):,}, but line n of one is the translation "
            "of line n of the other: put two files of the same text there."
        )
    return Lines(source, target)


def _read_side(path: str, evaluation: bool) -> List[str]:
    lines = list(read_lines(path))
    if lines and looks_like_html(lines[0].encode("utf-8")):
        raise DataError(f"{path}: this is an HTML page, not a text of sentences. {FIX}")
    blank = next((number for number, line in enumerate(lines, 1) if not line.strip()), 0)
    if not any(map(str.strip, lines)):
        raise DataError(
            f"{path}: the file is empty, there is no sentence in it. Put a text with a sentence a line there."
        )
    if blank and evaluation:
        raise DataError(
            f"{path}: line {blank} is blank, and each line of validation and test is scored: take it out of both files."
        )
    return lines
