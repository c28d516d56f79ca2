"""Common parts of the readers of untrusted files: whole numbers in texts, and the largest size of an unpacked file."""

import os
import stat
from typing import Optional

MOST_TIMES = 100  # a packed file may unpack to this many times its size; text and pictures need 3 to 30
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
