"""Single files read out of a .tgz archive, without unpacking it."""

import gzip
import os
import re
import tarfile
import zlib
from typing import Any, Callable, Dict, Optional, Sequence

from rnn_tf1.errors import DataError

MOST_BYTES = 1 << 30  # of the unpacked archive; a small file can unpack to any number
MOST_MEMBERS = 10000
MOST_READ = 64 << 20  # bytes that `read_all` holds in all


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
        with gzip.open(path, "rb") as unpacked, _open_tar(_Bounded(path, unpacked, maximum)) as tar:
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
                    _check_end(unpacked, tar.offset)
    except DataError:
        raise
    except (tarfile.TarError, zlib.error, EOFError, RecursionError, ValueError) as error:
        raise DataError(f"{path}: the archive is truncated or damaged ({error}).") from error
    except OSError as error:
        if not os.path.isfile(path):
            raise DataError(f"{path}: cannot be read ({error.strerror}).") from error
        raise DataError(f"{path}: not a .tgz archive, or a damaged one ({error}).") from error
    return found


def _check_end(unpacked: Any, place: int) -> None:
    """Raises `EOFError` where other bytes follow than the zeros of an end: `tarfile` takes a damaged header for the end, too.
    Reading on also checks the checksum of the whole."""
    unpacked.seek(place)
    zeros = 0
    for rest in iter(lambda: unpacked.read(1 << 16), b""):
        zeros += len(rest)
        if rest.strip(b"\0") or zeros > MOST_BYTES:
            raise EOFError("a part has a damaged header")
    if not zeros:
        raise EOFError("it has no end")


def _open_tar(file: Any) -> tarfile.TarFile:
    return tarfile.open(fileobj=file, mode="r:")


class _Bounded(object):
    """The unpacked bytes for `tarfile`, which trusts the sizes that the archive itself names."""

    def __init__(self, path: str, file: Any, maximum: int) -> None:
        self.path, self.file, self.maximum = path, file, max(maximum, 1 << 16)

    def read(self, size: int) -> bytes:
        if not 0 <= size <= self.maximum:
            raise DataError(f"{self.path}: a part of it has {size} bytes, and {self.maximum} are the most allowed.")
        return self.file.read(size)

    def seek(self, place: int) -> int:
        if not 0 <= place <= MOST_BYTES:
            raise DataError(f"{self.path}: it unpacks to more than {MOST_BYTES} bytes, the most allowed.")
        return self.file.seek(place)

    def tell(self) -> int:
        return self.file.tell()
