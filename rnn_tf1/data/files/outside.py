"""Common parts of the readers of untrusted files: UTF-8 text, whole numbers, and the largest size of an unpacked file."""

import codecs
import os
import stat
from typing import BinaryIO, Iterator, NoReturn, Optional

from rnn_tf1.errors import DataError

MOST_TIMES = 100  # a packed file may unpack to this many times its size; text and pictures need 3 to 30
_CHUNK = 1 << 18  # bytes read at a time
ALWAYS = 4 << 20  # bytes that a packed file may unpack to, however small it is


def whole_number(text: str, most: int) -> Optional[int]:
    """The number in `text`, in the digits 0 to 9, up to `most`; None if it is anything else.

    Python's own ``int`` reads 1_000 and the digits of every script too, and more than 4,300 digits are an error on some
    versions and seconds of work on others; ``str.isdigit`` takes a superscript for a digit, which ``int`` does not read.
    """
    if not (text.isascii() and text.isdigit()) or len(text.lstrip("0")) > len(str(most)):
        return None
    number = int(text.lstrip("0") or "0")
    return number if number <= most else None


def most_unpacked(packed: int, most: int) -> int:
    """The number of bytes that `packed` bytes may unpack to, at most `most`: a small file could unpack to any number."""
    return min(most, max(ALWAYS, MOST_TIMES * packed))


def packed_size(file: int) -> Optional[int]:
    """The size of an open file, by its descriptor; None if it is unknown, as for a pipe."""
    status = os.fstat(file)
    return status.st_size if stat.S_ISREG(status.st_mode) else None


def holds(path: str, text: str) -> bool:
    """Whether the file at `path` contains exactly this text; False if it cannot be read."""
    content = text.encode("utf-8")
    try:
        with open(path, "rb") as file:
            return file.read(2 * len(content) + 1).replace(b"\r\n", b"\n") == content
    except OSError:
        return False


def decoded(path: str, file: BinaryIO) -> Iterator[str]:
    """The text of a UTF-8 file, chunk by chunk. Raises `DataError`, with line and byte, if it is not UTF-8."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    line, offset = 1, 0  # of the chunk
    chunk = file.read(_CHUNK)
    if chunk.startswith(codecs.BOM_UTF8):
        offset = len(codecs.BOM_UTF8)
        chunk = chunk[offset:]
    while True:
        if b"\0" in chunk:
            place = chunk.index(b"\0")
            _refuse(path, line + chunk.count(b"\n", 0, place), offset + place, "is a NUL byte, which no text has")
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
        "%s: line %s: byte %s of the file %s. Save it as text in UTF-8 and pass that file." % (path, line, byte, what)
    )
