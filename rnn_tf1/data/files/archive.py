"""Reads single files from a .tgz archive, without unpacking it.

By hand around `tarfile`: pooch's Untar writes everything in an archive into a folder, however large it is.
"""

import contextlib
import gzip
import os
import re
import tarfile
from typing import Any, Callable, Dict, Iterator, Optional, Sequence

from rnn_tf1.data.files.outside import most_unpacked
from rnn_tf1.errors import DataError

MOST_BYTES = 1 << 30  # of the unpacked archive, or fewer for a small one: see `outside.most_unpacked`
MOST_MEMBERS = 10000
MOST_READ = 64 << 20  # bytes that `read_all` holds in all
MOST_HEADER, MOST_HEADERS = 1 << 16, 16 << 20  # bytes of the header of a part, and of all headers
_DIGITS = re.compile(rb"\d{64}")


def read_members(path: str, names: Sequence[str], maximum: int) -> Dict[str, bytes]:
    """The contents of the regular files `names` of a .tgz archive, ``{name: bytes}``; nothing is written anywhere.

    A name is that in the archive, with or without ``./`` before it; of two files with one name, the first counts. Links,
    devices and everything else in the archive are skipped.

    Args:
      maximum: the largest allowed size of a file, in bytes; a larger one is refused before it is read.

    Raises:
      DataError: which names the archive, if it is missing, truncated, damaged, far too large, or lacks one of the files.
    """
    found = _read(path, lambda name: name in names, len(names), maximum)
    missing = [name for name in names if name not in found]
    if missing:
        raise DataError("%s: %s not in it: it is truncated, or the wrong archive." % (path, ", ".join(missing)))
    return found


def read_all(path: str, pattern: str, maximum: int) -> Dict[str, bytes]:
    """Like `read_members`, for all regular files whose whole name matches the regular expression `pattern`.

    The archive is read to its end, so that no file is missed. Also raises `DataError` if it breaks off after a whole file, has
    more than `MOST_MEMBERS` parts, or its matching files have more than `MOST_READ` bytes.
    """
    found = _read(path, re.compile(pattern).fullmatch, None, maximum)
    if not found:
        raise DataError("%s: no file in it has an expected name: it is truncated, or the wrong archive." % path)
    return found


def _read(path: str, wanted: Callable[[str], Any], most: Optional[int], maximum: int) -> Dict[str, bytes]:
    """{name: bytes} of the wanted files: up to `most` of them, or all of them up to the end of the archive."""
    found: Dict[str, bytes] = {}
    total = 0
    try:
        most_bytes = most_unpacked(os.path.getsize(path), MOST_BYTES)
        with gzip.open(path, "rb") as unpacked:
            bounded = _Bounded(path, unpacked, maximum, most_bytes)
            tar = _open_tar(bounded)
            for number, member in enumerate(tar):
                if number == MOST_MEMBERS:
                    if most is None:
                        raise DataError("%s: it has more than the %s parts that are allowed." % (path, MOST_MEMBERS))
                    break
                name = member.name[2:] if member.name.startswith("./") else member.name
                if not wanted(name) or name in found:
                    continue
                if not member.isreg() or member.issparse():
                    raise DataError("%s: %s in it is not a file but a link or the like." % (path, name))
                if member.size > maximum:
                    raise DataError(
                        "%s: %s has %s bytes, but at most %s are allowed." % (path, name, member.size, maximum)
                    )
                content = tar.extractfile(member)
                with bounded.content():
                    found[name] = content.read() if content else b""
                if len(found[name]) != member.size:
                    raise EOFError("%s breaks off" % name)
                total += member.size
                if most is None and total > MOST_READ:
                    raise DataError(
                        "%s: its files have more than the %s bytes in all that are allowed." % (path, MOST_READ)
                    )
                if len(found) == most:
                    break
            else:
                if most is None:
                    _check_end(unpacked, tar.offset, most_bytes)
    except DataError:
        raise
    except OSError as error:
        if not os.path.isfile(path):
            raise DataError("%s: cannot be read (%s)." % (path, error.strerror)) from error
        raise DataError("%s: not a .tgz archive, or a damaged one (%s)." % (path, error)) from error
    except Exception as error:  # tarfile and each decompressor have their own errors; too large numbers raise Python's
        raise DataError("%s: the archive is truncated or damaged (%s)." % (path, error)) from error
    return found


def _check_end(unpacked: Any, place: int, most: int) -> None:
    """Raises `EOFError` if anything but the zeros of an end follows: `tarfile` also takes a damaged header for the end.

    Reading to the end also checks the checksum of the whole.
    """
    unpacked.seek(place)
    zeros = 0
    for rest in iter(lambda: unpacked.read(1 << 16), b""):
        zeros += len(rest)
        if rest.strip(b"\0") or zeros > most:
            raise EOFError("a part has a damaged header")
    if not zeros:
        raise EOFError("it has no end")


def _open_tar(file: Any) -> tarfile.TarFile:
    return tarfile.open(fileobj=file, mode="r:")


class _Bounded(object):
    """The unpacked bytes for `tarfile`, which trusts the sizes that the archive claims."""

    def __init__(self, path: str, file: Any, maximum: int, most: int) -> None:
        self.path, self.file, self.maximum, self.most = path, file, maximum, most
        self.reads_content, self.headers = False, 0  # the bytes read so far that are not content

    @contextlib.contextmanager
    def content(self) -> Iterator[None]:
        """Within this block, the content of a file is read, not a header."""
        self.reads_content = True
        yield
        self.reads_content = False

    def read(self, size: int) -> bytes:
        most = self.maximum + 512 if self.reads_content else MOST_HEADER
        if not 0 <= size <= most:
            raise DataError("%s: a part of it has %s bytes, but at most %s are allowed." % (self.path, size, most))
        found = self.file.read(size)
        if not self.reads_content:
            self.headers += len(found)
            if self.headers > MOST_HEADERS:
                raise DataError(
                    "%s: it has more than the %s bytes besides its files that are allowed." % (self.path, MOST_HEADERS)
                )
            if _DIGITS.search(found):  # in which tarfile's patterns would take quadratic time
                raise DataError("%s: a part of it is damaged, or has a name of only digits." % self.path)
        return found

    def seek(self, place: int) -> int:
        if not 0 <= place <= self.most:
            raise DataError("%s: it unpacks to more than the %s bytes that are allowed." % (self.path, self.most))
        return self.file.seek(place)

    def tell(self) -> int:
        return self.file.tell()
