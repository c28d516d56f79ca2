"""Files that are written whole or not at all. Knows neither TensorFlow nor NumPy."""

import contextlib
import errno
import os
import tempfile
from typing import Iterator

from rnn_tf1.errors import OutputError


def make_directory(path: str) -> str:
    """Makes the folder `path` where it is missing and returns `path`. Raises `OutputError` where it cannot be written to."""
    try:
        os.makedirs(path, exist_ok=True)
        with tempfile.TemporaryFile(dir=path):  # also notices a read-only mount, which os.access does not on every system
            pass
    except OSError as error:
        raise OutputError(explain(path, error)) from error
    return path


@contextlib.contextmanager
def atomic_path(path: str) -> Iterator[str]:
    """Gives the name of a temporary file beside `path`; what was written there becomes `path` when the block ends well.

    On any error, Ctrl-C included, the temporary file is removed and what was at `path` before is still there, whole.
    Raises `OutputError` where the disk is full or the folder cannot be written to.
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
        raise OutputError(explain(path, error)) from error
    finally:
        with contextlib.suppress(OSError):
            os.remove(temporary)


_WRITE_ERRORS = (errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOENT, errno.ENOTDIR)


def explain(path: str, error: OSError) -> str:
    """One line for an `OSError` met while writing at `path`."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "%s: the disk is full. Free some space, or choose another folder with --out-dir." % path
    return "%s: cannot write there (%s). Choose another folder with --out-dir." % (path, error.strerror or error)
