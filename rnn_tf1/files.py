"""Files that are written whole or not at all. Knows neither TensorFlow nor NumPy."""

import contextlib
import errno
import json
import os
import sys
import tempfile
from typing import IO, Any, Iterator

from rnn_tf1.errors import OutputError

if sys.platform != "win32":
    import fcntl


def make_directory(path: str, flag: str = "--out-dir") -> str:
    """Makes the folder `path` where it is missing and returns `path`.

    Raises `OutputError`, which names the `flag` that chooses another folder, where it cannot be written to.
    """
    try:
        os.makedirs(path, exist_ok=True)
        with tempfile.TemporaryFile(dir=path):  # notices a read-only mount, which os.access does not on every system
            pass
    except OSError as error:
        raise OutputError(explain(path, error, flag)) from error
    return path


@contextlib.contextmanager
def atomic_path(path: str, flag: str = "--out-dir") -> Iterator[str]:
    """Gives the name of a temporary file beside `path`; what was written there becomes `path` when the block ends well.

    On any error, Ctrl-C included, the temporary file is removed and what was at `path` before is still there, whole.
    Raises `OutputError`, which names the `flag` that chooses another folder, where the disk is full or the folder cannot
    be written to.
    """
    root, extension = os.path.splitext(path)
    temporary = "%s.%d.part%s" % (root, os.getpid(), extension)  # the extension stays: savefig reads the format from it
    try:
        yield temporary
        with open(temporary, "rb+") as file:
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError as error:
        if isinstance(error, OutputError) or not (error.filename in (None, temporary) and error.errno in _WRITE_ERRORS):
            raise
        raise OutputError(explain(path, error, flag)) from error
    finally:
        with contextlib.suppress(OSError):
            os.remove(temporary)


def write_json(path: str, value: Any) -> None:
    """Writes `value` as JSON, whole or not at all."""
    with atomic_path(path) as temporary, open(temporary, "w", encoding="utf-8") as file:
        json.dump(value, file, indent=2, allow_nan=False)
        file.write("\n")


_WRITE_ERRORS = (errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOENT, errno.ENOTDIR)


def explain(path: str, error: OSError, flag: str = "--out-dir") -> str:
    """One line for an `OSError` met while writing at `path`."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "%s: the disk is full. Free some space, or choose another folder with %s." % (path, flag)
    return "%s: cannot write there (%s). Choose another folder with %s." % (path, error.strerror or error, flag)


@contextlib.contextmanager
def locked(directory: str) -> Iterator[None]:
    """Holds `directory` for this process; raises `OutputError` where another run holds it. Ends with the process.

    A folder that was made for this and is still empty at the end is removed.
    """
    if sys.platform == "win32":  # two runs there are not noticed
        yield
        return
    new = not os.path.isdir(directory)
    path = os.path.join(make_directory(directory), ".lock")
    with _explained(path):
        lock = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o644), "rb+", buffering=0)
    with lock:
        if not try_lock(lock, path):
            process = lock.read(20).decode("ascii", "replace").strip() or "unknown"
            raise OutputError(
                "%s is in use by another run (process %s). Wait until it ends, or choose another folder with --out-dir."
                % (directory, process)
            )
        with _explained(path):
            lock.write(b"%-19d\n" % os.getpid())
        try:
            yield
        finally:
            with contextlib.suppress(OSError):
                if new and os.listdir(directory) == [".lock"]:
                    os.remove(path)
                    os.rmdir(directory)


def try_lock(held: IO[bytes], path: str) -> bool:
    """Locks the open file `held`; False where another process has the lock, or has moved it from `path` after the opening."""
    if sys.platform == "win32":
        return True
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a network disk without locks
        return True
    return os.path.exists(path) and os.path.samestat(os.fstat(held.fileno()), os.stat(path))


@contextlib.contextmanager
def _explained(path: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OutputError(explain(path, error)) from error
