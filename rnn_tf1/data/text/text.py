"""Text as ids: the words of a file, their vocabulary, and batches whose rows continue from one batch to the next."""

import collections
import hashlib
import itertools
import json
import mmap
import os
import tempfile
from typing import (
    Counter,
    Dict,
    Iterable,
    Iterator,
    List,
    Mapping,
    Optional,
    Sequence,
    Tuple,
    Type,
    TypeVar,
    Union,
)

import numpy as np

from rnn_tf1.data.files.outside import decoded
from rnn_tf1.errors import Argument, CheckpointError, DataError, OutputError, printable
from rnn_tf1.program.files import explain, read_json, write_json
from rnn_tf1.program.terminal import say

UNKNOWN = "<unk>"  # stands for every word that is not in the vocabulary
END = "<eos>"  # the end of every line

KINDS = 1 << 20  # different words that are counted at a time: some 200 MB
LONGEST_WORD = 1 << 20  # characters; anything longer is not a word, and would fill the memory
BAR_FROM = 20 << 20  # bytes of a file from which on a progress bar is drawn
_COUNTED = 1 << 16  # words that are counted between two checks of the number of kinds
_SHOWN = 16  # digits of a hash that messages show

Path = Union[str, "os.PathLike[str]"]
Same = TypeVar("Same", bound="Vocabulary")


def read_words(path: Path) -> Iterator[str]:
    """The words of a UTF-8 text file, split at white space, with `END` at the end of every line.

    This is Penn Treebank's convention: every line feed becomes `END`, also that of a blank line, and so does the end of the
    file, unless `END` is there already. A byte order mark at the start of the file is skipped.

    Holds a few MB at a time, however long the file or its lines. A progress bar is drawn on stderr from 20 MB on.

    Raises:
      DataError: when the words are read, not at the call, for a file that is missing, has no words, or is not UTF-8 text
        (names the line, counted from 1, and the byte, counted from 0), and for a word of more than a million characters.
    """
    return itertools.chain.from_iterable(_pieces(os.fspath(path)))


class Vocabulary(object):
    """The words that a model knows, and their ids.

    A derived class may have other `special` words, which must be among its words, and another `last` word of a text.

    Attributes:
      words: tuple of str; the index of a word is its id.
      ids: dict from word to id.
      unknown: the id of `UNKNOWN`, which every other word gets.
      end: the id of the word that ends a text: `END`.
      hash: SHA-256 of the words in their order, 64 hexadecimal digits: vocabularies with the same hash are equal.

    Raises:
      DataError: if a word occurs twice, or one of the special words, `UNKNOWN` and `END`, is missing.
    """

    special: Tuple[str, ...] = (UNKNOWN, END)
    last = END

    def __init__(self, words: Iterable[str]) -> None:
        self.words: Tuple[str, ...] = tuple(words)
        self.ids: Dict[str, int] = {word: number for number, word in enumerate(self.words)}
        if len(self.ids) < len(self.words):
            word, count = collections.Counter(self.words).most_common(1)[0]
            raise DataError("%r occurs %s times in the vocabulary: pass each word once." % (word, count))
        for word in self.special:
            if word not in self.ids:
                raise DataError("%s is not in the vocabulary: add it, or use make_vocabulary, which does." % word)
        self.unknown, self.end = self.ids[UNKNOWN], self.ids[self.last]
        self.hash = _hash(self.words)

    def __len__(self) -> int:
        return len(self.words)

    def encode(self, words: Iterable[str]) -> np.ndarray:
        """The ids of `words`, int32 [count]."""
        ids, unknown = self.ids.get, self.unknown
        return np.fromiter((ids(word, unknown) for word in words), np.int32)

    def decode(self, ids: Iterable[int]) -> List[str]:
        """The words of `ids`. Raises `DataError` for an id that no word has, such as a negative one."""
        numbers = [int(number) for number in ids]
        for number in numbers:
            if not 0 <= number < len(self):
                raise DataError("There is no word with the id %s: pass ids from 0 to %s." % (number, len(self) - 1))
        return [self.words[number] for number in numbers]

    def save(self, path: str) -> None:
        """Writes the vocabulary as JSON, whole or not at all. Raises `OutputError` if `path` cannot be written."""
        write_json(path, {"hash": self.hash, "words": self.words})

    @classmethod
    def load(cls: Type[Same], path: str) -> Same:
        """The vocabulary that was saved at `path`. Raises `DataError` if it is missing or damaged."""
        try:
            stored = read_json(path)
            words = stored["words"]
            whole = isinstance(words, list) and all(isinstance(word, str) for word in words)
            if not whole or stored["hash"] != _hash(words):
                raise ValueError("its hash is not that of its words")
            return cls(words)
        except OSError as error:
            raise DataError(
                "%s: the vocabulary cannot be read (%s). Save one there first." % (path, error.strerror)
            ) from error
        except (ValueError, KeyError, TypeError) as error:
            raise DataError(
                "%s: the vocabulary is damaged (%s). Put back the file as it was saved, or choose another "
                % (path, error),
                Argument("path"),
                " to train anew.",
            ) from error

    def check(self, path: str) -> None:
        """Raises `CheckpointError` if the vocabulary saved at `path` differs from this one.

        Its ids would mean other words, and weights trained with them would give nonsense without any error. Raises
        `DataError` if it is missing or damaged.
        """
        saved = self.load(path)
        if saved.hash != self.hash:
            raise CheckpointError(
                "%s: the run used another vocabulary: %s of %s words, but this "
                "text gives %s of %s words. Use the data and sizes of that run, or choose "
                "another "
                % (path, saved.hash[:_SHOWN], format(len(saved), ","), self.hash[:_SHOWN], format(len(self), ",")),
                Argument("path"),
                " to start a new one.",
            )


def make_vocabulary(words: Iterable[str], size: Optional[int] = None, *, least: int = 1) -> Vocabulary:
    """The vocabulary of a text: the most frequent words first, words of equal frequency in the order of their characters.

    In a text with more than a million different words, the rarest may be lost: see `count_words`. A line on stderr says so.

    Args:
      size: the largest number of words, including `UNKNOWN` and `END`, which always belong to it: ordered by frequency, or
        at the end if the text has none of them. Default: all words.
      least: the lowest frequency of a word in it.

    Raises:
      DataError: for a size below 3.
    """
    if size is not None and size < 3:
        raise DataError(
            "A vocabulary cannot have %s words: it needs at least 3, %s, %s and a word." % (size, UNKNOWN, END)
        )
    counts, lost = count_words(words)
    if lost:
        say(
            "More than %s different words: the rarest were dropped on the way, and the count of a word may be up to "
            "%s too low." % (format(KINDS, ","), format(lost, ","))
        )
    always = (UNKNOWN, END)
    ranked = rank(counts, least, always)
    chosen = ranked if size is None else ranked[: size - len(always)]
    chosen = sorted(chosen + [(-counts[word], word) for word in always if counts[word]])
    return Vocabulary([word for _, word in chosen] + [word for word in always if not counts[word]])


def count_words(words: Iterable[str]) -> Tuple[Mapping[str, int], int]:
    """The frequency of each word, and `lost`, by how much a count may be too low at most: 0 means that all are exact.

    At most `KINDS` different words, and the next 65,536 words, are held at a time. If there are more, the rarest are dropped
    until half of `KINDS` are left, and `lost` grows by the largest count among them. So

    - in a text of at most `KINDS` different words, every count is exact, and `lost` is 0;
    - in any text, no count is too high, and none is too low by more than `lost`: a more frequent word is never missing;
    - a word that occurs more than `lost` times before `KINDS` words are reached has its exact count.
    """
    counts: Counter[str] = collections.Counter()
    lost, rest = 0, iter(words)
    for some in iter(lambda: list(itertools.islice(rest, _COUNTED)), []):
        counts.update(some)
        if len(counts) > KINDS:
            forgotten = len(counts) - KINDS // 2
            most = int(np.partition(np.fromiter(counts.values(), np.int64), forgotten - 1)[forgotten - 1])
            counts = collections.Counter({word: count for word, count in counts.items() if count > most})
            lost += most
    return counts, lost


def rank(counts: Mapping[str, int], least: int, without: Sequence[str]) -> List[Tuple[int, str]]:
    """(-count, word), the most frequent words first, those of equal count in the order of their characters."""
    return sorted((-count, word) for word, count in counts.items() if count >= least and word not in without)


def encode_file(path: Path, vocabulary: Vocabulary) -> np.ndarray:
    """The ids of the words that `read_words` yields for a text file: int32 [tokens], read only.

    They are in a temporary file without a name, 4 bytes for each token, in the folder ``$TMPDIR``, and are read when they
    are used: a text of 1 GB needs a few MB of memory. The file disappears with the array.

    Raises:
      DataError: like `read_words`.
      OutputError: if the temporary folder is full or not writable.
    """
    try:
        with tempfile.TemporaryFile() as file:
            for words in _pieces(os.fspath(path)):
                file.write(vocabulary.encode(words).tobytes())
            file.flush()
            return np.frombuffer(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ), np.int32)
    except OSError as error:
        problem = OutputError(*explain(tempfile.gettempdir(), error))
        problem.rename({"path": "TMPDIR"})  # of the environment
        raise problem from error


class Batches(object):
    """Batches of a text in which row r continues row r of the batch before, so that the state can be carried.

    The text is cut into `batch_size` equal parts, and row r reads the r-th part, `steps` tokens at a time. Every token is the
    target of the token before it; the first one is the target of `first`, so that it is scored too.

    `count` is the number of batches in an epoch, `tokens` the number of tokens, and `scored` the number of targets.

    Args:
      ids: int [tokens].
      batch_size: the number of rows in a batch.
      steps: the number of tokens in a row of a batch.
      first: the id before the text, usually that of `END`.

    Raises:
      DataError: if the text is too short for one batch.
    """

    def __init__(self, ids: np.ndarray, batch_size: int, steps: int, first: int) -> None:
        _at_least_one(batch_size=batch_size, steps=steps)
        self.tokens, needed = len(ids), batch_size * steps
        if self.tokens < needed:
            raise DataError(
                "The text has %s tokens, but one batch needs %s (%s rows of %s "
                "steps): use a longer text, or fewer rows or steps."
                % (format(self.tokens, ","), format(needed, ","), batch_size, steps)
            )
        self.ids, self.batch_size, self.steps, self.first = ids, batch_size, steps, first
        self.count = self.tokens // needed
        self.scored = self.count * needed

    def batch(self, number: int) -> Tuple[np.ndarray, np.ndarray]:
        """Inputs and targets of that batch, counted from 0: int32 [batch_size, steps] each."""
        _in_range(number, self.count)
        rows = self.ids[: self.scored].reshape(self.batch_size, -1)
        start = number * self.steps
        targets = rows[:, start : start + self.steps].astype(np.int32)
        before = self.ids[np.arange(self.batch_size) * rows.shape[1] + start - 1]
        inputs = np.concatenate([before[:, None], targets[:, :-1]], axis=1).astype(np.int32)
        if number == 0:
            inputs[0, 0] = self.first
        return inputs, targets

    def describe(self) -> str:
        """One line: the numbers of tokens, of scored tokens, and of those left out."""
        left = self.tokens - self.scored
        scored = "%s of them scored" % format(self.scored, ",") if left else "all of them scored"
        line = "%s tokens, %s in %s batches of %s rows of %s" % (
            format(self.tokens, ","),
            scored,
            format(self.count, ","),
            self.batch_size,
            self.steps,
        )
        return "%s; the last %s are left out" % (line, format(left, ",")) if left else line


class Windows(object):
    """A text as one stream, for evaluation: every token is scored once, after all tokens before it.

    Arguments and attributes are those of `Batches`, with one row; the last window may reach past the end of the text.

    Raises:
      DataError: for a text without tokens.
    """

    batch_size = 1

    def __init__(self, ids: np.ndarray, steps: int, first: int) -> None:
        _at_least_one(steps=steps)
        if not len(ids):
            raise DataError("The text has no tokens, but at least 1 is needed: use a longer text.")
        self.ids, self.steps, self.first = ids, steps, first
        self.tokens = self.scored = len(ids)
        self.count = -(-self.tokens // steps)

    def batch(self, number: int) -> Tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Inputs and targets, int32 [1, steps], and weights, float32 [1, steps], of that window, counted from 0.

        The weights are 1, but 0 past the end of the text, where inputs and targets are `first`.
        """
        _in_range(number, self.count)
        start = number * self.steps
        targets = np.full([1, self.steps], self.first, np.int32)
        inputs, weights = targets.copy(), np.zeros([1, self.steps], np.float32)
        here = self.ids[start : start + self.steps]
        targets[0, : len(here)] = here
        weights[0, : len(here)] = 1
        inputs[0, 1 : len(here)] = here[:-1]
        if number:
            inputs[0, 0] = self.ids[start - 1]
        return inputs, targets, weights

    def describe(self) -> str:
        """One line: the numbers of tokens and of windows."""
        return "%s tokens, all of them scored in %s windows of %s" % (
            format(self.tokens, ","),
            format(self.count, ","),
            self.steps,
        )


def _at_least_one(**sizes: int) -> None:
    for name, size in sizes.items():
        if size < 1:
            raise DataError("%s is %s, but must be at least 1: pass %s=1 or more." % (name, size, name))


def _in_range(number: int, count: int) -> None:
    if not 0 <= number < count:
        raise DataError("There is no batch %s: pass a number from 0 to %s." % (number, count - 1))


def _hash(words: Sequence[str]) -> str:
    return hashlib.sha256(
        json.dumps(list(words)).encode("ascii")
    ).hexdigest()  # JSON, because a word may contain anything


def _pieces(path: str) -> Iterator[List[str]]:
    """The words of a file, in lists of some ten thousand words."""
    from tqdm import tqdm

    rest, last, empty = "", END, True
    try:
        with open(path, "rb") as file:
            size = os.fstat(file.fileno()).st_size
            with tqdm(
                total=size,
                desc=printable(os.path.basename(path)),
                unit="B",
                unit_scale=True,
                disable=size < BAR_FROM,
            ) as bar:
                for text in decoded(path, file):
                    bar.update(file.tell() - bar.n if not bar.disable else 0)  # a pipe has no bar, and no position
                    text = rest + text.replace("\n", " %s " % END)
                    words = text.split()
                    rest = words.pop() if words and not text[-1].isspace() else ""
                    if len(rest) > LONGEST_WORD:
                        raise DataError(
                            "%s: a word has more than %s characters: this is not a text." % (path, LONGEST_WORD)
                        )
                    if words:
                        empty = empty and all(word == END for word in words)
                        last = words[-1]
                        yield words
    except OSError as error:
        raise DataError("%s: cannot be read (%s). Pass the path of a text file." % (path, error.strerror)) from error
    words = [rest] if rest else []
    if (rest or last) != END:
        words.append(END)
    if empty and not rest:
        raise DataError("%s: the file is empty, there are no words in it. Pass a text file with words." % path)
    if words:
        yield words
