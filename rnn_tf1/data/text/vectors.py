"""Word vectors as text, a line for each word: ``word v1 v2 ...``, as word2vec and GloVe write them."""

import os
from typing import BinaryIO, Iterator, NoReturn, Optional, Sequence, Tuple

import numpy as np

from rnn_tf1.data.files.outside import whole_number
from rnn_tf1.data.text.text import BAR_FROM, Path, Vocabulary
from rnn_tf1.errors import Argument, DataError, printable
from rnn_tf1.program.files import atomic_path

LONGEST_LINE = 1 << 20  # bytes: 10,000 numbers and more
LARGEST = float(np.finfo(np.float32).max)
_MOST_PROMISED = 10**15  # the largest number that the first line can have


def read_vectors(path: Path, vocabulary: Vocabulary, size: int, seed: int = 0) -> Tuple[np.ndarray, int]:
    """The vectors of a vocabulary's words, float32 [vocabulary, size], and how many of the words are in the file.

    A line is a word and `size` numbers, with single spaces between them; the first line may be word2vec's header, the numbers
    of lines and of values. If a word occurs twice, its first line counts. Words of the vocabulary that are not in the file
    get random vectors, normal around 0 with the standard deviation of all values that were read; they depend only on the id
    of the word and on `seed`.

    One line is in memory at a time. A progress bar is drawn on stderr for a file of 20 MB or more.

    Raises:
      DataError: with the line, counted from 1, for a file that cannot be read or is not UTF-8 text (names the byte, counted
        from 0), for a line with another number of values, for a value that is not a finite number in the line of a word of
        the vocabulary (in other lines, only the number of values is checked), if the number of lines differs from that in
        the header, and if no word of the vocabulary is in the file.
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
        header = [whole_number(field, _MOST_PROMISED) for field in fields] if first else []
        if len(header) == 2 and header[0] is not None and header[1] is not None:
            promised, width = header[0], header[1]
            if width != size:
                wrong = "the file says that its vectors have %d numbers, but %d are needed" % (width, size)
                _refuse(path, 1, wrong, width)
            continue
        count += 1
        if len(fields) < size + 1 or (len(fields) > size + 1 and _number(fields[-size - 1]) is not None):
            width = len(fields) - 1  # with more fields, but no number there, it is a word with spaces
            wrong = "%d numbers after the word, but %d are needed" % (width, size)
            _refuse(path, number, wrong, width if count == 1 else 0)
        word = " ".join(fields[:-size])
        id_ = vocabulary.ids.get(word)
        if id_ is None or found[id_]:
            continue
        for place, field in enumerate(fields[-size:]):
            value = _number(field)
            if value is None:
                _refuse(path, number, "%r, number %d after the word, is not a number" % (field, place + 1))
            if not abs(value) <= LARGEST:  # NaN fails too
                _refuse(path, number, "%r, number %d after the word, is not finite" % (field, place + 1))
            vectors[id_, place] = value
        found[id_] = True
    if promised is not None and promised != count:
        raise DataError(
            "%s: the first line promises %s words, but there are %s: is it cut off?"
            % (path, format(promised, ","), format(count, ","))
        )
    if not found.any():
        raise DataError(
            "%s: none of the %s words of the vocabulary is in it. Pass vectors of them."
            % (path, format(len(vocabulary), ","))
        )
    deviation = vectors[found].astype(np.float64).std()
    vectors[~found] = np.clip(deviation * random[~found], -LARGEST, LARGEST)
    return vectors, int(found.sum())


def write_vectors(path: str, words: Sequence[str], vectors: np.ndarray, header: bool = False) -> None:
    """Writes `vectors` float32 [words, size] as `read_vectors` reads them, every number to its last bit.

    Args:
      header: whether to begin with word2vec's header, the numbers of words and of values.

    Raises:
      DataError: for a word that is empty or has white space in it, which no such file can hold, and for vectors that are
        not finite or whose number differs from that of the words.
    """
    check_words(words)
    if vectors.ndim != 2 or len(vectors) != len(words) or not np.isfinite(vectors).all():
        raise DataError(
            "%s: %s words need as many rows of finite numbers; got %s." % (path, len(words), list(vectors.shape))
        )
    with atomic_path(path) as temporary, open(temporary, "w", encoding="utf-8", newline="\n") as file:
        if header:
            file.write("%d %d\n" % vectors.shape)
        for word, row in zip(words, vectors.astype(np.float32)):
            file.write(" ".join([word] + ["%.9g" % value for value in row]) + "\n")


def check_words(words: Sequence[str]) -> None:
    """Raises `DataError` for a word that would not be one field of a line."""
    for word in words:
        if word.split() != [word]:
            raise DataError("%r is empty or has white space in it: a file of vectors cannot hold it as a word." % word)


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
        raise DataError(
            "%s: cannot be read (%s). Pass the path of a file of vectors." % (path, error.strerror)
        ) from error


def _raw_lines(path: str, file: BinaryIO) -> Iterator[bytes]:
    number = 0
    while True:
        raw = file.readline(LONGEST_LINE)
        number += 1
        if not raw:
            return
        if len(raw) == LONGEST_LINE and not raw.endswith(b"\n"):
            _refuse(path, number, "it has more than %d bytes: this is not a file of vectors" % LONGEST_LINE)
        yield raw


def _number(field: str) -> Optional[float]:
    """The number in `field`, which may be infinite or NaN; None if it is not a number."""
    try:
        value = float(field)
    except ValueError:
        return None
    return None if "_" in field else value


def _refuse(path: str, line: int, wrong: str, size: int = 0) -> NoReturn:
    """`size`: what to pass if the line is right but the size is not."""
    fix = ("Pass ", Argument("size", size), ", or another file.") if size else ("Fix that line, or pass another file.",)
    raise DataError("%s: line %s: %s. " % (path, line, wrong), *fix)
