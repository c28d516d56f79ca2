"""Text as numbers: the words of a file, the vocabulary that numbers them, and batches whose rows go on where they ended."""

import codecs
import collections
import hashlib
import itertools
import json
import mmap
import os
import tempfile
from typing import (
    BinaryIO,
    Counter,
    Dict,
    Iterable,
    Iterator,
    List,
    Mapping,
    NoReturn,
    Optional,
    Sequence,
    Tuple,
    Type,
    TypeVar,
    Union,
)

import numpy as np

from rnn_tf1.errors import Argument, CheckpointError, DataError, OutputError, printable
from rnn_tf1.program.files import explain, read_json, write_json
from rnn_tf1.program.terminal import say

UNKNOWN = "<unk>"  # every word that is not in the vocabulary
END = "<eos>"  # the end of every line

KINDS = 1 << 20  # different words that are counted at a time: some 200 MB
LONGEST_WORD = 1 << 20  # characters; what is longer is no word, and would fill the memory
BAR_FROM = 20 << 20  # bytes of a file from which on a progress bar is drawn
_CHUNK = 1 << 18  # bytes read at a time
_COUNTED = 1 << 16  # words counted between two looks at how many kinds there are
_SHOWN = 16  # digits of a hash that messages show

Path = Union[str, "os.PathLike[str]"]
Same = TypeVar("Same", bound="Vocabulary")


def read_words(path: Path) -> Iterator[str]:
    """The words of a text file in UTF-8, parted by white space, and `END` at the end of every line, one after the other.

    This is Penn Treebank's convention: every line feed becomes `END`, that of a blank line too, and so does the end of
    the file, unless `END` stands there already. A mark of the byte order at the start of the file is passed over.

    Holds some MB at a time, however long the file or its lines. A progress bar is drawn on stderr from 20 MB on.

    Raises, when the words are asked for and not at the call:
      DataError: for a file that is missing, has no word in it, or is no text in UTF-8 (tells the line, counted from 1, and
        the byte, counted from 0), and for a word of more than a million characters.
    """
    return itertools.chain.from_iterable(_pieces(os.fspath(path)))


class Vocabulary(object):
    """The words that a model knows, each with its number.

    words    tuple of str; the place of a word is its id
    ids      dict from word to id
    unknown  the id of `UNKNOWN`, which every other word gets
    end      the id of the word that ends a text: `END`
    hash     SHA-256 of the words in their order, 64 hexadecimal digits: two vocabularies with one hash are the same

    A class derived from this one may have other `special` words, which must belong to it, and another `last` word of a text.

    Raises `DataError` where a word comes twice, or one of the special words, `UNKNOWN` and `END`, is missing.
    """

    special: Tuple[str, ...] = (UNKNOWN, END)
    last = END

    def __init__(self, words: Iterable[str]) -> None:
        self.words: Tuple[str, ...] = tuple(words)
        self.ids: Dict[str, int] = {word: number for number, word in enumerate(self.words)}
        if len(self.ids) < len(self.words):
            word, count = collections.Counter(self.words).most_common(1)[0]
            raise DataError(f"{word!r} comes {count} times in the vocabulary: pass each word once.")
        for word in self.special:
            if word not in self.ids:
                raise DataError(f"{word} is not in the vocabulary: add it, or use make_vocabulary, which does.")
        self.unknown, self.end = self.ids[UNKNOWN], self.ids[self.last]
        self.hash = _hash(self.words)

    def __len__(self) -> int:
        return len(self.words)

    def encode(self, words: Iterable[str]) -> np.ndarray:
        """The ids of `words`, int32 [count]."""
        ids, unknown = self.ids.get, self.unknown
        return np.fromiter((ids(word, unknown) for word in words), np.int32)

    def decode(self, ids: Iterable[int]) -> List[str]:
        """The words of `ids`. Raises `DataError` for an id that no word has, a negative one among them."""
        numbers = [int(number) for number in ids]
        for number in numbers:
            if not 0 <= number < len(self):
                raise DataError(f"There is no word with the id {number}: pass ids from 0 to {len(self) - 1}.")
        return [self.words[number] for number in numbers]

    def save(self, path: str) -> None:
        """Writes the vocabulary as JSON, whole or not at all. Raises `OutputError` where `path` cannot be written."""
        write_json(path, {"hash": self.hash, "words": self.words})

    @classmethod
    def load(cls: Type[Same], path: str) -> Same:
        """The vocabulary that was saved at `path`. Raises `DataError` where it is missing or damaged."""
        try:
            stored = read_json(path)
            words = stored["words"]
            whole = isinstance(words, list) and all(isinstance(word, str) for word in words)
            if not whole or stored["hash"] != _hash(words):
                raise ValueError("its hash is not that of its words")
            return cls(words)
        except OSError as error:
            raise DataError(
                f"{path}: the vocabulary cannot be read ({error.strerror}). Save one there first."
            ) from error
        except (ValueError, KeyError, TypeError) as error:
            raise DataError(
                f"{path}: the vocabulary is damaged ({error}). Put back the file as it was saved, or choose another ",
                Argument("path"),
                " to train anew.",
            ) from error

    def check(self, path: str) -> None:
        """Raises `CheckpointError` where the vocabulary saved at `path` is another one than this.

        Its ids would mean other words, and weights trained with them would be read as nonsense without any error.
        Raises `DataError` where there is none, or a damaged one.
        """
        saved = self.load(path)
        if saved.hash != self.hash:
            raise CheckpointError(
                f"{path}: the run was made with another vocabulary: {saved.hash[:_SHOWN]} of {len(saved):,} words, and this "
                f"text gives {self.hash[:_SHOWN]} of {len(self):,} words. Use the data and sizes of that run, or choose "
                "another ",
                Argument("path"),
                " to start a new one.",
            )


def make_vocabulary(words: Iterable[str], size: Optional[int] = None, *, least: int = 1) -> Vocabulary:
    """The vocabulary of a text: the most frequent words first, words of one count in the order of their characters.

    size   how many words it has at most, `UNKNOWN` and `END` among them, which always belong to it: at their place by
           count, or at the end where the text has none of them. Default: all words
    least  how often a word must come to belong to it

    Of a text with more than a million kinds of words, the rarest may be lost: see `count_words`. One line on stderr says so.

    Raises `DataError` for a size below 3.
    """
    if size is not None and size < 3:
        raise DataError(f"A vocabulary of {size} words: it needs at least 3, {UNKNOWN}, {END} and a word.")
    counts, lost = count_words(words)
    if lost:
        say(
            f"More than {KINDS:,} kinds of words: the rarest were forgotten on the way, and a word's count may be up to "
            f"{lost:,} too low."
        )
    always = (UNKNOWN, END)
    ranked = rank(counts, least, always)
    kept = ranked if size is None else ranked[: size - len(always)]
    kept = sorted(kept + [(-counts[word], word) for word in always if counts[word]])
    return Vocabulary([word for _, word in kept] + [word for word in always if not counts[word]])


def count_words(words: Iterable[str]) -> Tuple[Mapping[str, int], int]:
    """How often each word comes, and `lost`, by how much a count may be too low at most: 0 means that all are exact.

    At most `KINDS` kinds of words, and the next 65,536 words, are held at a time. Where there are more, the rarest are
    forgotten, as many as leave half of `KINDS`, and `lost` grows by the greatest count among them. So

    - in a text of at most `KINDS` kinds, every count is exact, and `lost` is 0;
    - in any text, no count is too high, and none by more than `lost` too low: a word that comes more often is there;
    - a word that has come more often than `lost` before `KINDS` kinds were there has its exact count.
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
    """(-count, word), the most frequent words first, those of one count in the order of their characters."""
    return sorted((-count, word) for word, count in counts.items() if count >= least and word not in without)


def encode_file(path: Path, vocabulary: Vocabulary) -> np.ndarray:
    """The ids of all words of a text file, as `read_words` gives them: int32 [tokens], read only.

    They lie in a temporary file without a name, 4 bytes for each token, in the folder that ``$TMPDIR`` chooses, and are
    read from there when they are used: a text of 1 GB needs some MB of memory. The file is gone when the array is.

    Raises `DataError` as `read_words` does, and `OutputError` where the temporary folder is full or cannot be written to.
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
    """Batches of a text in which row r of each goes on where row r of the one before ended, so that state can be carried.

    The text is cut into `batch_size` equal stretches, and row r reads the r-th of them, `steps` tokens at a time. Every
    token is the target of the one before it; the first of the text is that of `first`, so that it is scored too.

    ids         int [tokens]
    batch_size  rows of a batch
    steps       tokens of a row in a batch
    first       the id before the text, most often that of `END`

    `count` is the number of batches in an epoch, `tokens` that of the text, and `scored` how many are a target in it.

    Raises `DataError` where the text is too short for one batch.
    """

    def __init__(self, ids: np.ndarray, batch_size: int, steps: int, first: int) -> None:
        _at_least_one(batch_size=batch_size, steps=steps)
        self.tokens, needed = len(ids), batch_size * steps
        if self.tokens < needed:
            raise DataError(
                f"The text has {self.tokens:,} tokens, and one batch needs {needed:,} ({batch_size} rows of {steps} "
                "steps): use a longer text, or fewer rows or steps."
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
        """One line: how many tokens there are, how many of them are scored, and how many are left out."""
        left = self.tokens - self.scored
        scored = f"{self.scored:,} of them scored" if left else "all of them scored"
        line = f"{self.tokens:,} tokens, {scored} in {self.count:,} batches of {self.batch_size} rows of {self.steps}"
        return f"{line}; the last {left:,} are left out" if left else line


class Windows(object):
    """One stream through a text, for evaluation: every token is scored, once, after all that came before it.

    Arguments and attributes are those of `Batches`, with one row; the last window may reach behind the end of the text.
    Raises `DataError` for a text without tokens.
    """

    batch_size = 1

    def __init__(self, ids: np.ndarray, steps: int, first: int) -> None:
        _at_least_one(steps=steps)
        if not len(ids):
            raise DataError("The text has no tokens, and at least 1 is needed: use a longer text.")
        self.ids, self.steps, self.first = ids, steps, first
        self.tokens = self.scored = len(ids)
        self.count = -(-self.tokens // steps)

    def batch(self, number: int) -> Tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Inputs and targets, int32 [1, steps], and weights, float32 [1, steps], of that window, counted from 0.

        The weights are 1, and 0 behind the end of the text, where inputs and targets are `first`.
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
        """One line: how many tokens there are, and in how many windows they are scored."""
        return f"{self.tokens:,} tokens, all of them scored in {self.count:,} windows of {self.steps}"


def _at_least_one(**sizes: int) -> None:
    for name, size in sizes.items():
        if size < 1:
            raise DataError(f"{name} is {size}, but must be at least 1: pass {name}=1 or more.")


def _in_range(number: int, count: int) -> None:
    if not 0 <= number < count:
        raise DataError(f"There is no batch {number}: pass a number from 0 to {count - 1}.")


def _hash(words: Sequence[str]) -> str:
    return hashlib.sha256(json.dumps(list(words)).encode("ascii")).hexdigest()  # JSON, since a word may hold anything


def _pieces(path: str) -> Iterator[List[str]]:
    """The words of a file in lists of some ten thousand."""
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
                    bar.update(file.tell() - bar.n if not bar.disable else 0)  # a pipe has no bar, and no place to tell
                    text = rest + text.replace("\n", f" {END} ")
                    words = text.split()
                    rest = words.pop() if words and not text[-1].isspace() else ""
                    if len(rest) > LONGEST_WORD:
                        raise DataError(
                            f"{path}: a word has more than {LONGEST_WORD} characters: this is no text of words."
                        )
                    if words:
                        empty = empty and all(word == END for word in words)
                        last = words[-1]
                        yield words
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror}). Pass the path of a text file.") from error
    words = [rest] if rest else []
    if (rest or last) != END:
        words.append(END)
    if empty and not rest:
        raise DataError(f"{path}: the file is empty, there is no word in it. Pass a text file with words.")
    if words:
        yield words


def decoded(path: str, file: BinaryIO) -> Iterator[str]:
    """The text of a file in UTF-8, chunk by chunk. Raises `DataError`, with line and byte, for what is none."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    line, offset = 1, 0  # of the chunk
    chunk = file.read(_CHUNK)
    if chunk.startswith(codecs.BOM_UTF8):
        offset = len(codecs.BOM_UTF8)
        chunk = chunk[offset:]
    while True:
        if b"\0" in chunk:
            place = chunk.index(b"\0")
            _refuse(path, line + chunk.count(b"\n", 0, place), offset + place, "is a NUL, which no text has")
        try:
            yield decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            bytes_before = (
                offset + len(chunk) - len(error.object)
            )  # the object begins with what the chunk before left over
            line += error.object.count(b"\n", 0, error.start)
            _refuse(path, line, bytes_before + error.start, "is not UTF-8")
        if not chunk:
            return
        line, offset = line + chunk.count(b"\n"), offset + len(chunk)
        chunk = file.read(_CHUNK)


def _refuse(path: str, line: int, byte: int, what: str) -> NoReturn:
    raise DataError(
        f"{path}: line {line}: byte {byte} of the file {what}. Save it as text in UTF-8 and pass that file."
    )
