"""The exceptions that a user meets.

Each is for a mistake that the user can fix, and its text says how: what is wrong, where, and the line that fixes it. A
command-line program prints the text without a traceback, with its flags instead of the arguments, and exits with code 2
(``cli.run_main``).
"""

import contextlib
import dataclasses
import re
from typing import Any, Callable, Dict, Iterator, Tuple, Union

LONGEST_LINE = 2000  # characters of one line of a message
# Characters that move the cursor, change colours or the writing direction, and lone surrogates.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def printable(text: str) -> str:
    """`text` with control characters as escapes: ``\\x1b`` for the escape character, ``\\xff`` for a byte of a file name that
    is not UTF-8. Line feeds and tabs stay.

    Text from outside (a server's answer, a cell of a table, a path) reaches a terminal only through this function.
    """
    return _UNPRINTABLE.sub(_escape, text)


def _escape(match: "re.Match[str]") -> str:
    code = ord(match.group())
    if 0xDC80 <= code <= 0xDCFF:  # a byte that is not UTF-8, as Python represents it
        code -= 0xDC00
    return ("\\x%02x" if code < 256 else "\\u%04x") % code


def shortened(line: str, most: int = LONGEST_LINE) -> str:
    """`line` without its middle if it is longer than `most` characters: the end often says how to fix the mistake."""
    if len(line) <= most:
        return line
    return "%s [... %d characters ...] %s" % (line[: most // 2], len(line) - most // 2 * 2, line[-(most // 2) :])


@dataclasses.dataclass(frozen=True)
class Argument(object):
    """An argument in a message: ``batch_size``; with a value, as it should be passed: ``batch_size=1``."""

    name: str
    value: Any = None

    def __str__(self) -> str:
        return self.name if self.value is None else "%s=%r" % (self.name, self.value)


Part = Union[str, Argument]  # of a message


class UserError(Exception):
    """The base of all the others: a mistake whose text says how to fix it.

    It takes the parts of its text::

        DataError("batch_size is %d: pass " % batch_size, Argument("batch_size", 1), " or more.")

    The text is safe to print, whatever it quotes, and has no line of more than a few thousand characters.
    """

    def __init__(self, *parts: Part):
        super().__init__("".join(map(str, parts)))
        self.parts: Tuple[Part, ...] = parts

    def __str__(self) -> str:
        return self.text(str)

    def text(self, show: Callable[[Part], str]) -> str:
        """The text, with each part converted by `show`."""
        return "\n".join(shortened(line) for line in printable("".join(map(show, self.parts))).split("\n"))

    def rename(self, names: Dict[str, str]) -> None:
        """Renames the arguments whose name is a key of `names`."""
        self.parts = tuple(
            dataclasses.replace(part, name=names.get(part.name, part.name)) if isinstance(part, Argument) else part
            for part in self.parts
        )
        self.args = ("".join(map(str, self.parts)),)


@contextlib.contextmanager
def renamed(**names: str) -> Iterator[None]:
    """Renames arguments in errors from inside: ``with renamed(path="data_dir"):``. Also a decorator."""
    try:
        yield
    except UserError as error:
        error.rename(names)
        raise


class GraphError(UserError, ValueError):
    """A graph cannot be built as requested. Also a ``ValueError``, which TensorFlow raises in such cases."""


class DataError(UserError, ValueError):
    """The content of a data file is wrong. Names the file, and the row or byte if there is one."""


class DownloadError(UserError, OSError):
    """A file could not be downloaded whole and unchanged from any of its sources."""


class OutputError(UserError, OSError):
    """A file or folder cannot be written, or another run is using it."""


class CheckpointError(UserError):
    """A checkpoint cannot be restored into this graph."""


class TrainingError(UserError):
    """Training cannot go on (a loss that is not finite, for example). Names the step and the variable."""
