"""Writes files whole or not at all. Imports neither TensorFlow nor NumPy."""

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


def local_path(path: str) -> str:
    """`path` with the user's home for ``~``, which a shell does not expand in NAME=~/runs.

    Raises:
      OutputError: for an address (gs://, ram://), and for the home of an unknown user.
    """
    _refuse_address(path)
    whole = os.path.expanduser(path)
    if whole.startswith("~"):
        raise OutputError(
            "%s: there is no user of that name. For a folder of that name, write %s."
            % (path, os.path.join(os.curdir, path))
        )
    return whole


def _refuse_address(path: str) -> None:
    """TensorFlow would use another file system, perhaps one in memory; Python would create a folder named gs:."""
    if _ADDRESS.match(path):
        raise OutputError(
            "%s: this is an address, but a file or folder on this machine is needed. Copy or mount it, and pass its path."
            % path
        )


def make_directory(path: str) -> str:
    """Creates the folder `path` if it is missing, and returns `path`. Raises `OutputError` if it is not writable."""
    _refuse_address(path)
    try:
        os.makedirs(path, exist_ok=True)
        with tempfile.TemporaryFile(dir=path):  # detects a read-only mount, which os.access does not on every system
            pass
    except OSError as error:
        raise OutputError(*explain(path, error)) from error
    return path


@contextlib.contextmanager
def atomic_path(path: str) -> Iterator[str]:
    """Yields the name of a temporary file next to `path`, which replaces `path` when the block ends without an error.

    On any error, Ctrl-C included, the temporary file is removed, and `path` is unchanged.
    Raises `OutputError` where the disk is full or the folder cannot be written to.
    """
    root, extension = os.path.splitext(path)
    temporary = unfinished(root, extension)  # keeps the extension, from which savefig takes the format
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
    """Whether TensorFlow reads the path as a pattern or an address, or cannot read it at all."""
    return bool(_PATTERN.search(path))


def unfinished(root: str, extension: str = "") -> str:
    """The name of a file or folder of this process until it is whole; `remove_unfinished` recognizes it."""
    return "%s.%d.unfinished%s" % (root, os.getpid(), extension)


def _make_anew(path: str) -> None:
    """Creates the empty file `path`, after removing what an earlier process with the same id may have left, such as a link."""
    with contextlib.suppress(FileNotFoundError):
        os.remove(path)
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))


def remove_unfinished(directory: str) -> None:
    """Removes unfinished files that killed processes have left in `directory`."""
    for name in os.listdir(directory):
        match, path = _UNFINISHED.search(name), os.path.join(directory, name)
        if match and not _is_running(int(match.group(1))):
            with contextlib.suppress(OSError):
                if os.path.isdir(path) and not os.path.islink(path):
                    shutil.rmtree(path)
                else:
                    os.remove(path)


def _is_running(process: int) -> bool:
    if sys.platform == "win32":  # where os.kill would end it
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        pass
    return True


def sync(path: str) -> None:
    """Waits until the file or folder `path` is on the disk, so that it survives a power failure."""
    if os.path.isdir(path):
        with contextlib.suppress(OSError):  # Windows opens no folders, and some network disks cannot sync them
            _fsync(path, os.O_RDONLY)
    else:
        _fsync(path, os.O_RDWR)


def _fsync(path: str, flags: int) -> None:
    descriptor = os.open(path, flags)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_json(path: str, value: Any) -> None:
    """Writes `value` as JSON, whole or not at all."""
    with atomic_path(path) as temporary, open(temporary, "w", encoding="utf-8") as file:
        json.dump(value, file, indent=2, allow_nan=False)
        file.write("\n")


def read_json(path: str) -> Any:
    """The value in a JSON file that may be damaged or untrusted.

    Raises:
      OSError: if it cannot be read.
      ValueError: for any wrong content: not JSON, not UTF-8, too deeply nested brackets, or too large.
    """
    with open(path, encoding="utf-8") as file:
        text = file.read(_MOST_JSON + 1)
    if len(text) > _MOST_JSON:
        raise ValueError("it has more than %d characters" % _MOST_JSON)
    return parse_json(text)


def parse_json(text: str) -> Any:
    """Like ``json.loads``, but raises only `ValueError` for a text that is not JSON."""
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("its brackets are nested too deeply") from None


def read_object(path: str) -> Optional[Dict[str, Any]]:
    """The JSON object in a file; None if the file is missing or damaged."""
    try:
        value = read_json(path)
    except (OSError, ValueError):
        return None
    return value if isinstance(value, dict) else None


_MOST_JSON = 1 << 26
_ADDRESS = re.compile("[A-Za-z][A-Za-z0-9+.-]*://")
# A surrogate is a byte that is not UTF-8. A backslash is no escape where it is the path separator.
_PATTERN = re.compile("[*?\\[\\]\ud800-\udfff]|://" + (r"|\\" if os.sep == "/" else ""))
_WITHOUT_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)  # of a network disk
_UNFINISHED = re.compile(r"\.(\d{1,10})\.unfinished(\.\w+)?$", re.ASCII)
# What happened and what to do, where the words of the system say too little. After advice without a full stop, the name of the
# argument follows.
_REASONS = {
    errno.ENOSPC: ("the disk is full", "Free some space, or choose another"),
    errno.EDQUOT: ("your share of the disk is full", "Free some space, or choose another"),
    errno.EFBIG: (
        "a file may not grow that large",
        "Raise the limit (ulimit -f unlimited), or use another disk with another",
    ),
    errno.EMFILE: ("too many files are open", "Raise the limit: ulimit -n 4096."),
    errno.ENFILE: ("too many files are open on this machine", "Close other programs, and run the same command again."),
    errno.EIO: ("the disk reports an error", "Check the disk, or use another one with another"),
    errno.ESTALE: ("the network drive has lost it", "Mount the drive again, or choose another"),
    errno.ENAMETOOLONG: ("the name is too long", "Choose a shorter"),
    errno.ELOOP: ("it is a symbolic link that is not followed", "Remove the link, or choose another"),
    errno.EISDIR: ("a folder has the name of the file", "Move it away, or choose another"),
    errno.EEXIST: ("something that is not a folder has its name", "Move it away, or choose another"),
}


def explain(path: str, error: Exception) -> Tuple[Part, ...]:
    """One line for an error at `path`: an `OSError`, or one of TensorFlow, whose text contains the words of the system.

    If the user can do something about the reason, the line says what.
    """
    words = error.strerror if isinstance(error, OSError) and error.strerror else first_line(error)
    why, advice = _REASONS.get(_errno(error), ("cannot write there (%s)" % words, "Choose another"))
    line = "%s: %s. %s" % (path, why, advice)
    return (line,) if advice.endswith(".") else (line + " ", Argument("path"), ".")


def reason(error: Exception) -> str:
    """The reason in a few words: those of `explain` without the advice."""
    words = error.strerror if isinstance(error, OSError) and error.strerror else first_line(error)
    return _REASONS.get(_errno(error), (words, ""))[0]


def is_system_error(error: Exception) -> bool:
    """Whether a read error means that the file may be intact, but cannot be read now, or by this user."""
    if isinstance(error, OSError):
        return error.errno not in (None, errno.ENOENT, errno.ENOTDIR)
    return type(error).__name__ in ("PermissionDeniedError", "ResourceExhaustedError") or _errno(error) != 0


def _errno(error: Exception) -> int:
    """The errno of a system error, otherwise 0. The text of a TensorFlow error contains the words of the system."""
    if isinstance(error, OSError):
        return error.errno or 0
    text = str(error)
    return next((number for number in _REASONS if os.strerror(number) in text), 0)


def first_line(error: Exception) -> str:
    """The error's type and the most informative line of its text.

    TensorFlow 2 begins with "Graph execution error:" and where the node was created; the reason comes after "Node: ...".
    """
    text = str(getattr(error, "message", None) or error)
    lines = [line.strip() for line in text.splitlines() if line.strip() and line.strip() != "Graph execution error:"]
    after = [i + 1 for i, line in enumerate(lines[:-1]) if line.startswith("Node: ")]
    lines = lines[after[0] :] if after else lines
    return "%s: %s" % (type(error).__name__, shortened(printable(lines[0]), 300)) if lines else type(error).__name__


@contextlib.contextmanager
def locked(directory: str) -> Iterator[None]:
    """Locks `directory` for this process; raises `OutputError` if another run has locked it. The lock ends with the process.

    Removes unfinished files that a killed run has left. A folder that is created here and still empty at the end is removed.
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
        with contextlib.suppress(OSError):  # Windows removes no open files; there filelock does it after the lock
            if new and os.listdir(directory) == [".lock"]:
                os.remove(path)
        lock.release()
        if new:
            with contextlib.suppress(OSError):  # rmdir removes only an empty folder
                os.rmdir(directory)


def take_lock(path: str, seconds: float = 0.0) -> Any:
    """filelock's lock of the file at `path`, which ends with the process; None if another one still has it after `seconds`.

    The lock file does not name its owner: the filelock of Python 3.7 empties it at every attempt, and Windows does not allow
    reading it. On a disk without locks, the returned lock does nothing.
    """
    from filelock import FileLock, Timeout  # not at the top, because --help does not need it

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
    """The process id in the file at `path`; "unknown" if there is none."""
    try:
        with open(path, encoding="ascii") as file:
            match = re.fullmatch(r"(\d{1,10})\n", file.read(12))
    except (OSError, ValueError):
        match = None
    return match.group(1) if match else "unknown"


class WatchedFolder(object):
    """The folder of a run, to detect that it has been removed or replaced meanwhile."""

    def __init__(self, directory: str):
        self._directory, self._before = directory, os.stat(directory)

    def check(self) -> None:
        """Raises `OutputError` if the folder has been removed or replaced."""
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
