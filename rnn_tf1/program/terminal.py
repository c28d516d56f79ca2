"""Messages to the user of a program, in which quoted text from outside cannot control the terminal."""

import contextlib
import os
import shlex
import sys
from typing import Any, Dict, Iterator, Optional

from rnn_tf1.errors import Argument, OutputError, Part, printable
from rnn_tf1.program.files import first_line, reason

_flags: Dict[str, str] = {}  # of the running program, by the argument that each sets


def use_flags(flags: Dict[str, str]) -> None:
    """From now on, messages show these flags instead of the arguments that they set, which are the keys."""
    _flags.clear()
    _flags.update(flags)


def shown(part: Part) -> str:
    """A part of a message for the user of the program: a flag, an argument that no flag sets, or a text."""
    if not isinstance(part, Argument) or part.name not in _flags:
        return str(part)
    value = ",".join(map(str, part.value)) if isinstance(part.value, (list, tuple)) else part.value
    return _flags[part.name] + ("" if value is None else " " + shlex.quote(str(value)))


def message_text(*parts: Part) -> str:
    """The text of a message for the user of the program."""
    return "".join(map(shown, parts))


def say(*parts: Part) -> None:
    """Writes a line to the standard error."""
    sys.stderr.write(printable(message_text(*parts)) + "\n")


class Printable(object):
    """A text stream that writes to `stream`, with control characters, and those that its encoding lacks, as escapes.

    Raises:
      OutputError: where it cannot be written (a full disk).
      BrokenPipeError: of a reader that has enough, stays.
    """

    def __init__(self, stream: Any):
        self._stream = stream

    def write(self, text: str) -> int:
        safe, encoding = printable(text), getattr(self._stream, "encoding", None) or "utf-8"
        safe = safe.encode(encoding, "backslashreplace").decode(encoding)
        with _written():
            self._stream.write(safe)
        return len(text)

    def flush(self) -> None:
        with _written():
            self._stream.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextlib.contextmanager
def _written() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputError(
            "the standard output cannot be written (%s). Redirect it elsewhere, and run the same command again."
            % reason(error)
        ) from error


def describe(error: Exception) -> Optional[str]:
    """One line for an error of the system, from Python or from TensorFlow; None for an error that is a bug of the program.

    TensorFlow's InvalidArgumentError and InternalError say that a graph is wrong, and keep their tracebacks.
    """
    if isinstance(error, OSError):
        where = "%s: " % os.fsdecode(error.filename) if isinstance(error.filename, (str, bytes)) else ""
        return "%s%s. When that has changed, run the same command again." % (where, reason(error))
    kind = type(error).__name__
    status = type(error).__module__.startswith("tensorflow") and hasattr(error, "error_code")
    if isinstance(error, MemoryError) or (status and kind == "ResourceExhaustedError" and "OOM" in str(error)):
        return "there is too little memory (%s). End other programs, or make the batch or the network smaller." % (
            first_line(error)
        )
    if status and kind not in ("InvalidArgumentError", "InternalError"):
        return "TensorFlow stopped: %s. When that has changed, run the same command again." % reason(error)
    return None


@contextlib.contextmanager
def printable_output() -> Iterator[None]:
    """In this block, the standard output writes control characters as escapes: see `Printable`."""
    before = sys.stdout
    if before is None:  # closed by whoever started the program
        yield
        return
    sys.stdout = Printable(before)  # type: ignore[assignment]
    try:
        yield
    finally:
        sys.stdout = before
