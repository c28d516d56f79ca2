"""Files that are written whole or not at all. Knows neither TensorFlow nor NumPy."""

import contextlib
import errno
import json
import os
import re
import shutil
import sys
import tempfile
from typing import Any, Dict, Iterator, Optional, Tuple

from rnn_tf1.errors import Argument, OutputError, Part, UserError, printable, shortened


def local(path: str) -> str:
    """`path`, with the user's home where it begins with ``~``, which a shell leaves in NAME=~/runs.

    Raises:
      OutputError: for an address (gs://, ram://), and for the home of a user that there is not.
    """
    _refuse_address(path)
    whole = os.path.expanduser(path)
    if whole.startswith("~"):
        raise OutputError(
            "%s: there is no user of that name. For a folder that is called so, write %s."
            % (path, os.path.join(os.curdir, path))
        )
    return whole


def _refuse_address(path: str) -> None:
    """TensorFlow would take it for another file system, some of which live in memory; Python would make a folder called gs:."""
    if _ADDRESS.match(path):
        raise OutputError(
            "%s: this is an address, and a file or folder of this machine is needed. Copy or mount it, and name that."
            % path
        )


def make_directory(path: str) -> str:
    """Makes the folder `path` where it is missing and returns `path`. Raises `OutputError` where it cannot be written to."""
    _refuse_address(path)
    try:
        os.makedirs(path, exist_ok=True)
        with tempfile.TemporaryFile(dir=path):  # notices a read-only mount, which os.access does not on every system
            pass
    except OSError as error:
        raise OutputError(*explain(path, error)) from error
    return path


@contextlib.contextmanager
def atomic_path(path: str) -> Iterator[str]:
    """Gives the name of a temporary file beside `path`; what was written there becomes `path` when the block ends well.

    On any error, Ctrl-C included, the temporary file is removed and what was at `path` before is still there, whole.
    Raises `OutputError` where the disk is full or the folder cannot be written to.
    """
    root, extension = os.path.splitext(path)
    temporary = unfinished(root, extension)  # the extension stays: savefig reads the format from it
    with contextlib.suppress(OSError):
        remove_unfinished(os.path.dirname(path) or os.curdir)
    try:
        _make_anew(temporary)
        yield temporary
        sync(temporary)
        os.replace(temporary, path)
        sync(os.path.dirname(path) or os.curdir)
    except OSError as error:
        ours = error.errno is not None and error.filename in (None, temporary)
        if isinstance(error, UserError) or not ours:
            raise
        raise OutputError(*explain(path, error)) from error
    finally:
        with contextlib.suppress(OSError):
            os.remove(temporary)


def is_pattern(path: str) -> bool:
    """Whether TensorFlow reads the name as something else than a name: a pattern, or an address; or cannot read it."""
    return bool(_PATTERN.search(path))


def unfinished(root: str, extension: str = "") -> str:
    """The name that a file or folder of this process has until it is whole; `remove_unfinished` knows it again."""
    return "%s.%d.unfinished%s" % (root, os.getpid(), extension)


def _make_anew(path: str) -> None:
    """Makes the empty file `path`; what a process of the same number has left there, a link among it, is not written to."""
    with contextlib.suppress(FileNotFoundError):
        os.remove(path)
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))


def remove_unfinished(directory: str) -> None:
    """Removes what processes that were killed have left half-written in `directory`."""
    for name in os.listdir(directory):
        found, path = _UNFINISHED.search(name), os.path.join(directory, name)
        if found and not _runs(int(found.group(1))):
            with contextlib.suppress(OSError):
                if os.path.isdir(path) and not os.path.islink(path):
                    shutil.rmtree(path)
                else:
                    os.remove(path)


def _runs(process: int) -> bool:
    if sys.platform == "win32":  # os.kill would end it there
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        pass
    return True


def sync(path: str) -> None:
    """Has the file or folder `path` on the disk before this returns, so that a power cut does not take it."""
    if os.path.isdir(path):
        with contextlib.suppress(OSError):  # Windows opens no folder, and some network disks cannot
            _fsync(path, os.O_RDONLY)
    else:
        _fsync(path, os.O_RDWR)


def _fsync(path: str, how: int) -> None:
    opened = os.open(path, how)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def write_json(path: str, value: Any) -> None:
    """Writes `value` as JSON, whole or not at all."""
    with atomic_path(path) as temporary, open(temporary, "w", encoding="utf-8") as file:
        json.dump(value, file, indent=2, allow_nan=False)
        file.write("\n")


def read_json(path: str) -> Any:
    """The value in a JSON file that may be damaged, or a stranger's.

    Raises:
      OSError: where it cannot be read.
      ValueError: for everything that may be wrong inside: no JSON, no UTF-8, brackets in brackets without end, a size that
        nothing of ours has.
    """
    with open(path, encoding="utf-8") as file:
        text = file.read(_MOST_JSON + 1)
    if len(text) > _MOST_JSON:
        raise ValueError("it has more than %d characters" % _MOST_JSON)
    return parse_json(text)


def parse_json(text: str) -> Any:
    """As ``json.loads``; raises `ValueError`, and nothing else, for a text that is no JSON."""
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("its brackets are nested too deeply") from None


def read_object(path: str) -> Optional[Dict[str, Any]]:
    """The JSON object in that file; None where there is no such file, or it is damaged."""
    try:
        value = read_json(path)
    except (OSError, ValueError):
        return None
    return value if isinstance(value, dict) else None


_MOST_JSON = 1 << 26
_ADDRESS = re.compile("[A-Za-z][A-Za-z0-9+.-]*://")
# Half a character is a byte that is not UTF-8; where the separator is a backslash, it is no escape.
_PATTERN = re.compile("[*?\\[\\]\ud800-\udfff]|://" + (r"|\\" if os.sep == "/" else ""))
_WITHOUT_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)  # of a network disk
_UNFINISHED = re.compile(r"\.(\d{1,10})\.unfinished(\.\w+)?$", re.ASCII)
# What happened and what to do, where the system's own words say too little. Without a full stop, the argument's name follows.
_REASONS = {
    errno.ENOSPC: ("the disk is full", "Free some space, or choose another"),
    errno.EDQUOT: ("your share of the disk is full", "Free some space, or choose another"),
    errno.EFBIG: (
        "a file may not grow that large",
        "Raise the limit (ulimit -f unlimited), or use another disk with another",
    ),
    errno.EMFILE: ("too many files are open", "Raise the limit: ulimit -n 4096."),
    errno.ENFILE: ("too many files are open on this machine", "End other programs, and run the same command again."),
    errno.EIO: ("the disk reports an error", "Check the disk, or use another one with another"),
    errno.ESTALE: ("the network drive has lost it", "Mount the drive again, or choose another"),
    errno.ENAMETOOLONG: ("the name is too long", "Choose a shorter"),
    errno.ELOOP: ("it is a symbolic link that is not followed", "Remove the link, or choose another"),
    errno.EISDIR: ("a folder has the name of the file", "Move it away, or choose another"),
    errno.EEXIST: ("something that is no folder has its name", "Move it away, or choose another"),
}


def explain(path: str, error: Exception) -> Tuple[Part, ...]:
    """One line for an error met at `path`: an `OSError`, or a status of TensorFlow, which has the system's words in its text.

    Where the system gives a reason that a person can change, the line says how.
    """
    words = error.strerror if isinstance(error, OSError) and error.strerror else first_line(error)
    why, advice = _REASONS.get(_errno(error), ("cannot write there (%s)" % words, "Choose another"))
    line = "%s: %s. %s" % (path, why, advice)
    return (line,) if advice.endswith(".") else (line + " ", Argument("path"), ".")


def reason(error: Exception) -> str:
    """Why, in a few words: those of `explain` without the advice."""
    words = error.strerror if isinstance(error, OSError) and error.strerror else first_line(error)
    return _REASONS.get(_errno(error), (words, ""))[0]


def of_the_machine(error: Exception) -> bool:
    """Whether an error in reading says that the file may be whole, and cannot be read at the moment, or by this user."""
    if isinstance(error, OSError):
        return error.errno not in (None, errno.ENOENT, errno.ENOTDIR)
    return type(error).__name__ in ("PermissionDeniedError", "ResourceExhaustedError") or _errno(error) != 0


def _errno(error: Exception) -> int:
    """The number of the system's error, 0 where it is none. TensorFlow's status has the system's words in its text."""
    if isinstance(error, OSError):
        return error.errno or 0
    text = str(error)
    return next((number for number in _REASONS if os.strerror(number) in text), 0)


def first_line(error: Exception) -> str:
    """The error's type and the one line of its text that tells something.

    TensorFlow 2 begins with "Graph execution error:" and where the node was made; what happened comes after "Node: ...".
    """
    text = str(getattr(error, "message", None) or error)
    lines = [line.strip() for line in text.splitlines() if line.strip() and line.strip() != "Graph execution error:"]
    after = [i + 1 for i, line in enumerate(lines[:-1]) if line.startswith("Node: ")]
    lines = lines[after[0] :] if after else lines
    return "%s: %s" % (type(error).__name__, shortened(printable(lines[0]), 300)) if lines else type(error).__name__


@contextlib.contextmanager
def locked(directory: str) -> Iterator[None]:
    """Holds `directory` for this process; raises `OutputError` where another run holds it. Ends with the process.

    Removes what a run that was killed has left half-written. A folder that was made for this and is still empty at the end is
    removed.
    """
    new = not os.path.isdir(directory)
    make_directory(directory)
    path, holder = os.path.join(directory, ".lock"), os.path.join(directory, ".process")
    with _explained(path):
        lock = take_lock(path)
    if lock is None:
        raise OutputError(
            "%s is in use by another run (process %s). Wait until it ends, or choose another "
            % (directory, _read_number(holder)),
            Argument("directory"),
            ".",
        )
    try:
        with atomic_path(holder) as temporary, open(temporary, "w", encoding="ascii") as file:
            file.write("%d\n" % os.getpid())
        yield
    finally:
        with contextlib.suppress(OSError):
            os.remove(holder)
        with contextlib.suppress(OSError):  # Windows removes no open file; there filelock does, after the lock
            if new and os.listdir(directory) == [".lock"]:
                os.remove(path)
        lock.release()
        if new:
            with contextlib.suppress(OSError):  # it is removed where it is empty, and only there
                os.rmdir(directory)


def take_lock(path: str, seconds: float = 0.0) -> Any:
    """filelock's lock of the file at `path`, which ends with the process; None where another one still has it after `seconds`.

    Whose it is stands in no lock file: the filelock of Python 3.7 empties it at every try, and Windows lets nobody read it.
    Where a disk has no locks, what is given locks nothing.
    """
    from filelock import FileLock, Timeout  # not at the top: --help needs none

    if os.path.islink(path):  # the filelock of Python 3.7 would empty the file that the link leads to
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), path)
    lock = FileLock(path)
    try:
        lock.acquire(timeout=seconds)
    except Timeout:
        return None
    except NotImplementedError:
        pass
    except OSError as error:
        if error.errno not in _WITHOUT_LOCKS:
            raise
    return lock


def _read_number(path: str) -> str:
    """The number of a process in the file at `path`; "unknown" where there is none."""
    try:
        with open(path, encoding="ascii") as file:
            found = re.fullmatch(r"(\d{1,10})\n", file.read(12))
    except (OSError, ValueError):
        found = None
    return found.group(1) if found else "unknown"


class Place(object):
    """A folder in which a run writes, to notice when somebody removes or replaces it meanwhile."""

    def __init__(self, directory: str):
        self._directory, self._before = directory, os.stat(directory)

    def check(self) -> None:
        """Raises `OutputError` where the folder is no longer there, or another one is."""
        try:
            same = os.path.samestat(self._before, os.stat(self._directory))
        except OSError:
            same = False
        if not same:
            raise OutputError(
                "%s was removed or replaced while this run was writing there, so that nothing can be saved any more. "
                "Put it back and run the same command again, or begin anew." % self._directory
            )


@contextlib.contextmanager
def _explained(path: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OutputError(*explain(path, error)) from error
