"""The lines of text files, plain or gzipped, one after the other: what stands in one line of two files belongs together."""

import gzip
import os
import re
import zlib
from typing import BinaryIO, Iterator, cast

from rnn_tf1.data.files.outside import most_unpacked, packed_size
from rnn_tf1.data.text.text import Path, decoded
from rnn_tf1.errors import DataError

LONGEST = 1 << 20  # characters of a line; what is longer is no sentence, and would fill the memory
MOST_UNPACKED = 1 << 30  # characters of a gzipped file, or fewer for a small one: see `outside.most_unpacked`

# White space is let through, save a carriage return inside a line, where nobody can tell whether it ends one.
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]|\r(?!$)")


def read_lines(path: Path) -> Iterator[str]:
    """The lines of a text file in UTF-8, plain or gzipped (the content tells, not the name), without their ends.

    A line ends at a line feed and nowhere else, with a carriage return before it or not; the last one needs none. A mark of
    the byte order at the start of the file is passed over. Holds some MB at a time, however long the file.

    Raises, when the lines are asked for and not at the call:
      DataError: for a file that is missing, no text in UTF-8 (tells line and byte), or damaged as gzip; for control
        characters (tells the line and which); for a line of more than a million characters, and for a gzipped file that
        unpacks to more than `MOST_UNPACKED`, or to a hundred times its size. An empty file has no lines, and is no error
        here.
    """
    path, rest, number, size = os.fspath(path), "", 0, 0
    try:
        with open(path, "rb") as file:
            packed = file.peek(2)[:2] == b"\x1f\x8b"  # not read: a pipe cannot be turned back
            source = cast(BinaryIO, gzip.GzipFile(fileobj=file, mode="rb")) if packed else file
            length = packed_size(file.fileno())
            most = MOST_UNPACKED if length is None else most_unpacked(length, MOST_UNPACKED)
            for text in decoded(path, source):
                size += len(text)
                if packed and size > most:
                    raise DataError(
                        f"{path}: it unpacks to more than {most:,} characters, the most allowed. Unpack it "
                        "yourself, if it is what it should be."
                    )
                *lines, rest = (rest + text).split("\n")
                for line in lines:
                    number += 1
                    yield _checked(path, number, line)
                if len(rest) > LONGEST:
                    _checked(path, number + 1, rest)
    except (EOFError, zlib.error) as error:
        raise _damaged(path, error) from error
    except OSError as error:
        if error.errno is None:  # gzip's own complaints, a wrong checksum among them, have none
            raise _damaged(path, error) from error
        raise DataError(f"{path}: cannot be read ({error.strerror}). Pass the path of a text file.") from error
    if rest:
        yield _checked(path, number + 1, rest)


def control_character(line: str) -> str:
    """Where in the line the first control character is, and which: "character 3 is the control character U+0007". "" where
    there is none; white space is let through."""
    wrong = _CONTROL.search(line)
    return f"character {wrong.start() + 1} is the control character U+{ord(wrong.group()):04X}" if wrong else ""


def _checked(path: str, number: int, line: str) -> str:
    """That line of a file, without a carriage return at its end."""
    wrong = control_character(line)
    if wrong:
        raise DataError(f"{path}: line {number}: {wrong}. Take it out; lines end with a line feed.")
    if len(line) > LONGEST:
        raise DataError(
            f"{path}: line {number} has more than {LONGEST:,} characters. Pass a text with a sentence a line."
        )
    return line[:-1] if line.endswith("\r") else line


def _damaged(path: str, error: Exception) -> DataError:
    return DataError(f"{path}: the gzip data is damaged or cut off ({error}). Put the right file there.")
