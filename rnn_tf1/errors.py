"""The few exception types that a user meets.

Every one is a mistake that a person can fix, and its text says how: what was wrong, where, and the line that fixes it.
A command-line program prints the text without a traceback and exits with code 2 (``cli.run_main``), with its flags in the
place of the arguments.
"""

import contextlib
import dataclasses
import re
from typing import Any, Callable, Dict, Iterator, Tuple, Union

LONGEST_LINE = 2000  # characters of one line of a message
# What would move the cursor, change colours or the direction of writing, or is half a character.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def printable(text: str) -> str:
    """`text` with everything that steers a terminal written out: the escape character is ``\\x1b``, a byte of a file's name
    that is not UTF-8 is ``\\xff``. Line feeds and tabs stay.

    Texts from outside (a server's answer, a cell of a table, a path) reach a terminal through here only.
    """
    return _UNPRINTABLE.sub(_written_out, text)


def _written_out(found: "re.Match[str]") -> str:
    code = ord(found.group())
    if 0xDC80 <= code <= 0xDCFF:  # how Python holds a byte that is not UTF-8
        code -= 0xDC00
    return ("\\x%02x" if code < 256 else "\\u%04x") % code


def shortened(line: str, most: int = LONGEST_LINE) -> str:
    """`line` without its middle where it is longer than `most` characters: its end often says how to fix what is wrong."""
    if len(line) <= most:
        return line
    return "%s [... %d characters ...] %s" % (line[: most // 2], len(line) - most // 2 * 2, line[-(most // 2) :])


@dataclasses.dataclass(frozen=True)
class Argument(object):
    """The argument at fault, in a message: ``batch_size``; with a value, the way to pass it: ``batch_size=1``."""

    name: str
    value: Any = None

    def __str__(self) -> str:
        return self.name if self.value is None else "%s=%r" % (self.name, self.value)


Part = Union[str, Argument]  # of a message


class UserError(Exception):
    """A mistake that its text tells how to fix; the base of all the others.

    It is raised with the parts of its text::

        DataError("batch_size is %d: pass " % batch_size, Argument("batch_size", 1), " or more.")

    The text is safe to print, whatever it quotes, and no line of it is longer than a few thousand characters.
    """

    def __init__(self, *parts: Part):
        super().__init__("".join(map(str, parts)))
        self.parts: Tuple[Part, ...] = parts

    def __str__(self) -> str:
        return self.text(str)

    def text(self, show: Callable[[Part], str]) -> str:
        """The text, with each part as `show` gives it."""
        return "\n".join(shortened(line) for line in printable("".join(map(show, self.parts))).split("\n"))

    def rename(self, names: Dict[str, str]) -> None:
        """Gives the arguments that have a name in `names` the one that stands there."""
        self.parts = tuple(
            dataclasses.replace(part, name=names.get(part.name, part.name)) if isinstance(part, Argument) else part
            for part in self.parts
        )
        self.args = ("".join(map(str, self.parts)),)


@contextlib.contextmanager
def renamed(**names: str) -> Iterator[None]:
    """Errors from inside name an argument as it is called outside: ``with renamed(path="data_dir"):``. A decorator, too."""
    try:
        yield
    except UserError as error:
        error.rename(names)
        raise


class GraphError(UserError, ValueError):
    """A graph cannot be built as asked. A ``ValueError`` too, which is what TensorFlow raises in such places."""


class DataError(UserError, ValueError):
    """A data file's content is wrong. Names the file, and the row or byte where there is one."""


class DownloadError(UserError, OSError):
    """A file could not be fetched whole and unchanged from any of its sources."""


class OutputError(UserError, OSError):
    """A file or folder cannot be written, or another run is using it."""


class CheckpointError(UserError):
    """A checkpoint cannot be restored into this graph."""


class TrainingError(UserError):
    """Training cannot go on (a loss that is not finite, for example). Names the step and the variable."""
