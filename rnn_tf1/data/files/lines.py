"""The lines of text files, plain or gzipped; line i of two parallel files belongs together."""

import gzip
import os
import re
import zlib
from typing import BinaryIO, Iterator, cast

from rnn_tf1.data.files.outside import decoded, most_unpacked, packed_size
from rnn_tf1.data.text.text import Path
from rnn_tf1.errors import DataError

LONGEST = 1 << 20  # characters of a line; anything longer is not a sentence, and would fill the memory
MOST_UNPACKED = 1 << 30  # characters of a gzipped file, or fewer for a small one: see `outside.most_unpacked`

# White space is accepted, except a carriage return inside a line, which might be meant to end one.
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]|\r(?!$)")


def read_lines(path: Path) -> Iterator[str]:
    """The lines of a UTF-8 text file, plain or gzipped (decided by its content, not its name), without their ends.

    A line ends only at a line feed, with or without a carriage return before it; the last line needs none. A byte order mark
    at the start of the file is skipped. Holds a few MB at a time, however long the file. An empty file has no lines.

    Raises:
      DataError: when the lines are read, not at the call, for a file that is missing, not UTF-8 text (names line and byte),
        or damaged as gzip; for control characters (names the line and the character); for a line of more than a million
        characters; and for a gzipped file that unpacks to more than `MOST_UNPACKED`, or to a hundred times its size.
    """
    path, rest, number, size = os.fspath(path), "", 0, 0
    try:
        with open(path, "rb") as file:
            packed = file.peek(2)[:2] == b"\x1f\x8b"  # peek, because a pipe cannot be rewound
            source = cast(BinaryIO, gzip.GzipFile(fileobj=file, mode="rb")) if packed else file
            length = packed_size(file.fileno())
            most = MOST_UNPACKED if length is None else most_unpacked(length, MOST_UNPACKED)
            for text in decoded(path, source):
                size += len(text)
                if packed and size > most:
                    raise DataError(
                        "%s: it unpacks to more than the %s characters that are allowed. Unpack it "
                        "yourself if you trust it." % (path, format(most, ","))
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
        if error.errno is None:  # gzip's own errors, such as a wrong checksum, have none
            raise _damaged(path, error) from error
        raise DataError("%s: cannot be read (%s). Pass the path of a text file." % (path, error.strerror)) from error
    if rest:
        yield _checked(path, number + 1, rest)


def control_character(line: str) -> str:
    """The position and the code of the first control character in a line: "character 3 is the control character U+0007".

    "" if there is none; white space is accepted.
    """
    wrong = _CONTROL.search(line)
    return "character %s is the control character U+%04X" % (wrong.start() + 1, ord(wrong.group())) if wrong else ""


def _checked(path: str, number: int, line: str) -> str:
    """The line, checked, without a carriage return at its end."""
    wrong = control_character(line)
    if wrong:
        raise DataError("%s: line %s: %s. Remove it; lines end with a line feed." % (path, number, wrong))
    if len(line) > LONGEST:
        raise DataError(
            "%s: line %s has more than %s characters. Pass a text with one sentence per line."
            % (path, number, format(LONGEST, ","))
        )
    return line[:-1] if line.endswith("\r") else line


def _damaged(path: str, error: Exception) -> DataError:
    return DataError("%s: the gzip data is damaged or cut off (%s). Put the right file there." % (path, error))
