"""Vectors of words as text, a line for each word: ``word v1 v2 ...``, as word2vec and GloVe write them."""

import os
from typing import BinaryIO, Iterator, NoReturn, Optional, Sequence, Tuple

import numpy as np

from rnn_tf1.data.files.outside import whole_number
from rnn_tf1.data.text.text import BAR_FROM, Path, Vocabulary
from rnn_tf1.errors import Argument, DataError, printable
from rnn_tf1.program.files import atomic_path

LONGEST_LINE = 1 << 20  # bytes: 10,000 numbers and more
LARGEST = float(np.finfo(np.float32).max)
_MOST_PROMISED = 10**15  # lines or numbers of which a first line can tell


def read_vectors(path: Path, vocabulary: Vocabulary, size: int, seed: int = 0) -> Tuple[np.ndarray, int]:
    """The vectors of a vocabulary's words, float32 [vocabulary, size], and how many of the words the file has.

    A line is a word and `size` numbers, with single spaces between them; the first line may be word2vec's, the number of
    lines and that of the numbers. Of a word that comes twice, the first line counts. Words of the vocabulary that the
    file lacks get random numbers, normal around 0 with the standard deviation of all numbers that were found; those of a
    word depend on its id and on `seed` alone.

    One line is in memory at a time, and a progress bar is drawn on stderr for a file of 20 MB and more.

    Raises `DataError`, with the line, counted from 1, for a file that cannot be read or is no text in UTF-8 (tells the byte,
    counted from 0), for a line with another number of numbers, for what is no finite number in the line of a word of the
    vocabulary (in the other lines, only how many there are is looked at), where the first line promises another number of lines
    than there are, and where no word of the vocabulary is in the file.
    """
    path = os.fspath(path)
    random = np.random.RandomState(seed).standard_normal([len(vocabulary), size])
    vectors = np.zeros([len(vocabulary), size], np.float32)
    found = np.zeros(len(vocabulary), bool)
    promised: Optional[int] = None
    count = 0
    for number, line in _lines(path):
        fields = line.split(" ")
        first = number == 1 and size > 1 and len(fields) == 2
        told = [whole_number(field, _MOST_PROMISED) for field in fields] if first else []
        if len(told) == 2 and told[0] is not None and told[1] is not None:
            promised, width = told[0], told[1]
            if width != size:
                wrong = "the file says that its vectors have %d numbers, and %d are needed" % (width, size)
                _refuse(path, 1, wrong, width)
            continue
        count += 1
        if len(fields) < size + 1 or (len(fields) > size + 1 and _number(fields[-size - 1]) is not None):
            width = len(fields) - 1  # what has more fields, and no number there, is a word with spaces
            wrong = "%d numbers after the word, and %d are needed" % (width, size)
            _refuse(path, number, wrong, width if count == 1 else 0)
        word = " ".join(fields[:-size])
        id_ = vocabulary.ids.get(word)
        if id_ is None or found[id_]:
            continue
        for place, field in enumerate(fields[-size:]):
            value = _number(field)
            if value is None:
                _refuse(path, number, "%r, place %d behind the word, is no number" % (field, place + 1))
            if not abs(value) <= LARGEST:  # NaN too is not
                _refuse(path, number, "%r, place %d behind the word, is not finite" % (field, place + 1))
            vectors[id_, place] = value
        found[id_] = True
    if promised is not None and promised != count:
        raise DataError(f"{path}: the first line promises {promised:,} words, and {count:,} are there: is it cut off?")
    if not found.any():
        raise DataError(
            f"{path}: none of the {len(vocabulary):,} words of the vocabulary is in it. Pass vectors of them."
        )
    deviation = vectors[found].astype(np.float64).std()
    vectors[~found] = np.clip(deviation * random[~found], -LARGEST, LARGEST)
    return vectors, int(found.sum())


def write_vectors(path: str, words: Sequence[str], vectors: np.ndarray, header: bool = False) -> None:
    """Writes `vectors` float32 [words, size] as `read_vectors` reads them, every number to its last bit.

    header  begins with word2vec's first line, the number of words and that of the numbers

    Raises `DataError` for a word that is empty or has white space in it, which no such file can hold, and for vectors that
    are not finite or not as many as the words.
    """
    check_words(words)
    if vectors.ndim != 2 or len(vectors) != len(words) or not np.isfinite(vectors).all():
        raise DataError(f"{path}: {len(words)} words need as many rows of finite numbers; got {list(vectors.shape)}.")
    with atomic_path(path) as temporary, open(temporary, "w", encoding="utf-8", newline="\n") as file:
        if header:
            file.write("%d %d\n" % vectors.shape)
        for word, row in zip(words, vectors.astype(np.float32)):
            file.write(" ".join([word] + ["%.9g" % value for value in row]) + "\n")


def check_words(words: Sequence[str]) -> None:
    """Raises `DataError` where a word would not be one field of a line."""
    for word in words:
        if word.split() != [word]:
            raise DataError(f"{word!r} is empty or has white space in it: a file of vectors cannot hold it as a word.")


def _lines(path: str) -> Iterator[Tuple[int, str]]:
    """The lines that are not blank, each with its number, without the white space at their ends."""
    from tqdm import tqdm

    try:
        with open(path, "rb") as file:
            size = os.fstat(file.fileno()).st_size
            bar = tqdm(
                total=size, desc=printable(os.path.basename(path)), unit="B", unit_scale=True, disable=size < BAR_FROM
            )
            with bar:
                offset = 0  # of the line
                for number, raw in enumerate(_raw_lines(path, file), 1):
                    bar.update(len(raw))
                    try:
                        line = raw.decode("utf-8")
                    except UnicodeDecodeError as error:
                        _refuse(path, number, "byte %d of the file is not UTF-8" % (offset + error.start))
                    offset += len(raw)
                    line = line[1:] if number == 1 and line.startswith("\ufeff") else line  # the mark of the byte order
                    line = line.rstrip(" \t\r\n").replace("\t", " ")
                    if line:
                        yield number, line
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror}). Pass the path of a file of vectors.") from error


def _raw_lines(path: str, file: BinaryIO) -> Iterator[bytes]:
    number = 0
    while True:
        raw = file.readline(LONGEST_LINE)
        number += 1
        if not raw:
            return
        if len(raw) == LONGEST_LINE and not raw.endswith(b"\n"):
            _refuse(path, number, "it has more than %d bytes: this is no file of vectors" % LONGEST_LINE)
        yield raw


def _number(field: str) -> Optional[float]:
    """The number that `field` is, infinite or none where it says so; None where it is no number."""
    try:
        value = float(field)
    except ValueError:
        return None
    return None if "_" in field else value


def _refuse(path: str, line: int, wrong: str, size: int = 0) -> NoReturn:
    """`size`: what to pass where the line is right, and the size is not."""
    fix = ("Pass ", Argument("size", size), ", or another file.") if size else ("Fix that line, or pass another file.",)
    raise DataError(f"{path}: line {line}: {wrong}. ", *fix)
