"""Single files read out of a .tgz archive, without unpacking it.

By hand around `tarfile`: pooch's Untar writes all that is in an archive into a folder, however much that is.
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
MOST_HEADER, MOST_HEADERS = 1 << 16, 16 << 20  # bytes that tell of one part, and of all of them
_DIGITS = re.compile(rb"\d{64}")


def read_members(path: str, names: Sequence[str], maximum: int) -> Dict[str, bytes]:
    """The contents of the regular files `names` of a .tgz archive, ``{name: bytes}``; nothing is written anywhere.

    A name is that of the archive, or the same behind ``./``; where one comes twice, the first counts. Links, devices,
    and whatever else is in the archive, with whatever path, are passed over.

    maximum   bytes of the largest file; a larger one is refused before it is read

    Raises `DataError`, which names the archive, where it is missing, truncated, damaged, without one of the files, or far
    too large.
    """
    found = _read(path, lambda name: name in names, len(names), maximum)
    missing = [name for name in names if name not in found]
    if missing:
        raise DataError(f"{path}: {', '.join(missing)} not in it: it is truncated, or another archive.")
    return found


def read_all(path: str, pattern: str, maximum: int) -> Dict[str, bytes]:
    """As `read_members`, of all regular files whose name matches the regular expression `pattern` as a whole.

    The archive is read to its end, so that none of them is missing. Raises `DataError` also where it breaks off behind a whole
    file, and where it has more than `MOST_MEMBERS` parts, or such files of more than `MOST_READ` bytes.
    """
    found = _read(path, re.compile(pattern).fullmatch, None, maximum)
    if not found:
        raise DataError(f"{path}: no file in it is called as expected: it is truncated, or another archive.")
    return found


def _read(path: str, wanted: Callable[[str], Any], most: Optional[int], maximum: int) -> Dict[str, bytes]:
    """{name: bytes} of the files that are wanted, up to `most` of them, or all of them, to the end of the archive."""
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
                        raise DataError(f"{path}: it has more than {MOST_MEMBERS} parts, the most allowed.")
                    break
                name = member.name[2:] if member.name.startswith("./") else member.name
                if not wanted(name) or name in found:
                    continue
                if not member.isreg() or member.issparse():
                    raise DataError(f"{path}: {name} is a link or the like in it, and not a file.")
                if member.size > maximum:
                    raise DataError(f"{path}: {name} has {member.size} bytes, and {maximum} are the most allowed.")
                content = tar.extractfile(member)
                with bounded.content():
                    found[name] = content.read() if content else b""
                if len(found[name]) != member.size:
                    raise EOFError(f"{name} breaks off")
                total += member.size
                if most is None and total > MOST_READ:
                    raise DataError(f"{path}: its files have more than {MOST_READ} bytes in all, the most allowed.")
                if len(found) == most:
                    break
            else:
                if most is None:
                    _check_end(unpacked, tar.offset, most_bytes)
    except DataError:
        raise
    except OSError as error:
        if not os.path.isfile(path):
            raise DataError(f"{path}: cannot be read ({error.strerror}).") from error
        raise DataError(f"{path}: not a .tgz archive, or a damaged one ({error}).") from error
    except Exception as error:  # tarfile and the decompressors have each their own, and numbers too large are Python's
        raise DataError(f"{path}: the archive is truncated or damaged ({error}).") from error
    return found


def _check_end(unpacked: Any, place: int, most: int) -> None:
    """Raises `EOFError` where other bytes follow than the zeros of an end: `tarfile` takes a damaged header for the end, too.
    Reading on also checks the checksum of the whole."""
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
    """The unpacked bytes for `tarfile`, which trusts the sizes that the archive itself names."""

    def __init__(self, path: str, file: Any, maximum: int, most: int) -> None:
        self.path, self.file, self.maximum, self.most = path, file, maximum, most
        self.reads_content, self.headers = False, 0  # the bytes read so far that are no content

    @contextlib.contextmanager
    def content(self) -> Iterator[None]:
        """What is read meanwhile is a file, and tells of none."""
        self.reads_content = True
        yield
        self.reads_content = False

    def read(self, size: int) -> bytes:
        most = self.maximum + 512 if self.reads_content else MOST_HEADER
        if not 0 <= size <= most:
            raise DataError(f"{self.path}: a part of it has {size} bytes, and {most} are the most allowed.")
        found = self.file.read(size)
        if not self.reads_content:
            self.headers += len(found)
            if self.headers > MOST_HEADERS:
                raise DataError(
                    f"{self.path}: it has more than {MOST_HEADERS} bytes beside its files, the most allowed."
                )
            if _DIGITS.search(found):  # tarfile's own patterns take the square of their number
                raise DataError(f"{self.path}: a part of it is damaged, or has a name of digits alone.")
        return found

    def seek(self, place: int) -> int:
        if not 0 <= place <= self.most:
            raise DataError(f"{self.path}: it unpacks to more than {self.most} bytes, the most allowed.")
        return self.file.seek(place)

    def tell(self) -> int:
        return self.file.tell()
