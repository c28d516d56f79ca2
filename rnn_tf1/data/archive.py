"""Single files read out of a .tgz archive, without unpacking it."""

import gzip
import itertools
import os
import re
import tarfile
import zlib
from typing import Any, Callable, Dict, Sequence

from rnn_tf1.errors import DataError

MOST_BYTES = 1 << 30  # of the unpacked archive; a small file can unpack to any number
MOST_MEMBERS = 10000


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
    """As `read_members`, of all regular files whose name matches the regular expression `pattern` as a whole."""
    found = _read(path, re.compile(pattern).fullmatch, MOST_MEMBERS, maximum)
    if not found:
        raise DataError(f"{path}: no file in it is called as expected: it is truncated, or another archive.")
    return found


def _read(path: str, wanted: Callable[[str], Any], most: int, maximum: int) -> Dict[str, bytes]:
    """{name: bytes} of the files that are wanted, up to `most` of them."""
    found: Dict[str, bytes] = {}
    try:
        with gzip.open(path, "rb") as unpacked, _open_tar(_Bounded(path, unpacked, maximum)) as tar:
            for member in itertools.islice(tar, MOST_MEMBERS):
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
                if len(found) == most:
                    break
    except (tarfile.TarError, zlib.error, EOFError, RecursionError) as error:
        raise DataError(f"{path}: the archive is truncated or damaged ({error}).") from error
    except OSError as error:
        if not os.path.isfile(path):
            raise DataError(f"{path}: cannot be read ({error.strerror}).") from error
        raise DataError(f"{path}: not a .tgz archive, or a damaged one ({error}).") from error
    return found


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
