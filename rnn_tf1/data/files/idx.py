"""The idx format of MNIST: four magic bytes, the sizes of the axes, and the items, often gzipped.

byte 0, 1       0
byte 2          type of an item; only 0x08, uint8, is supported here
byte 3          rank
4 bytes each    the sizes of the axes, big-endian
the rest        the items, last axis fastest

By hand: the format is simple, and the size that an untrusted file claims is checked before memory is allocated.
"""

import gzip
import struct
import zlib
from typing import BinaryIO, Sequence, Tuple, cast

import numpy as np

from rnn_tf1.data.files.download import looks_like_html
from rnn_tf1.data.files.outside import most_unpacked, packed_size
from rnn_tf1.errors import Argument, DataError
from rnn_tf1.program.files import atomic_path

MAX_RANK = 32  # supported by every NumPy
MAX_ITEMS = 1 << 30  # 1 GiB; 20 times MNIST's largest file
FIX = "Put the right file there, or delete it and run again: a missing file is fetched anew."

_UINT8 = 0x08
_OTHER_TYPES = {0x09: "int8", 0x0B: "int16", 0x0C: "int32", 0x0D: "float32", 0x0E: "float64"}
_GZIP_MAGIC = b"\x1f\x8b"
_CHUNK = 1 << 20


def read_idx(path: str) -> np.ndarray:
    """Reads an idx file, gzipped or plain (decided by its content, not its name), as a writable uint8 array of any rank.

    Allocates memory only for the items that are really there, at most `MAX_ITEMS`, and for a gzipped file at most a hundred
    times its size.

    Raises:
      DataError: with the path and what is wrong, for anything that is not a whole idx file of uint8.
    """
    try:
        with open(path, "rb") as file:
            start = file.read(512)
            file.seek(0)
            if looks_like_html(start):
                raise _bad(path, "this is an HTML page, not an idx file")
            if start.startswith(_GZIP_MAGIC):
                size = packed_size(file.fileno())
                most = MAX_ITEMS if size is None else most_unpacked(size, MAX_ITEMS)
                with gzip.GzipFile(fileobj=file, mode="rb") as unpacked:
                    return _read(path, cast(BinaryIO, unpacked), most)
            return _read(path, file, MAX_ITEMS)
    except (EOFError, zlib.error) as error:
        raise _bad(path, "the gzip data is damaged or cut off (%s)" % error) from error
    except DataError:
        raise
    except OSError as error:
        if error.errno is None:  # gzip's own errors, such as a wrong CRC, have no errno
            raise _bad(path, "the gzip data is damaged (%s)" % error) from error
        raise DataError(
            "%s: cannot be read (%s). Choose another " % (path, error.strerror), Argument("path"), " that has it."
        ) from error


def write_idx(path: str, array: np.ndarray) -> None:
    """Writes a uint8 `array` of any rank as an idx file, whole or not at all; gzipped if `path` ends in ``.gz``.

    The bytes depend only on the array: they contain no time and no name.

    Raises:
      DataError: for another dtype or too large an array.
      OutputError: if the file cannot be written.
    """
    array = np.asarray(array)
    if array.dtype != np.uint8:
        raise DataError(
            "%s: idx files are written from uint8 arrays, not %s. Use array.astype('uint8')." % (path, array.dtype)
        )
    if array.ndim > MAX_RANK or array.size > MAX_ITEMS:
        raise DataError(
            "%s: shape %s is above rank %s or %s items. Write it as several files."
            % (path, array.shape, MAX_RANK, MAX_ITEMS)
        )
    content = idx_header(array.shape) + array.tobytes()
    with atomic_path(path) as temporary, open(temporary, "wb") as file:
        if path.endswith(".gz"):
            with gzip.GzipFile(filename="", mode="wb", compresslevel=6, fileobj=file, mtime=0) as packed:
                packed.write(content)
        else:
            file.write(content)


def idx_header(shape: Sequence[int]) -> bytes:
    """The bytes before the items of a uint8 idx file of this `shape`."""
    return struct.pack(">HBB%sI" % len(shape), 0, _UINT8, len(shape), *shape)


def _read(path: str, file: BinaryIO, most: int) -> np.ndarray:
    shape = _read_shape(path, file)
    expected = int(np.prod(shape, dtype=np.int64))
    if expected > most:
        raise _bad(
            path,
            "the gzip file is too small for %s bytes of items; at most %s are unpacked from it" % (expected, most),
        )
    # One byte more than expected detects trailing bytes, and makes gzip check its CRC.
    items = _read_up_to(file, expected + 1)
    if len(items) < expected:
        raise _bad(path, "truncated: %s bytes of items expected for shape %s, %s found" % (expected, shape, len(items)))
    if len(items) > expected:
        raise _bad(path, "too long: bytes follow after the %s bytes of items of shape %s" % (expected, shape))
    return np.frombuffer(items, dtype=np.uint8).reshape(shape)


def _read_shape(path: str, file: BinaryIO) -> Tuple[int, ...]:
    magic = bytes(_read_up_to(file, 4))
    if not magic:
        raise _bad(path, "the file is empty")
    if len(magic) < 4:
        raise _bad(path, "truncated: 4 bytes of magic expected, %s found" % len(magic))
    if magic[:2] != b"\0\0":
        raise _bad(path, "not an idx file: the magic is 0x%s, 0x000008.. expected" % (magic.hex(),))
    if magic[2] != _UINT8:
        name = _OTHER_TYPES.get(magic[2], "unknown")
        raise _bad(path, "items of type 0x%02X (%s) are not supported, only 0x08 (uint8)" % (magic[2], name))
    rank = magic[3]
    if rank > MAX_RANK:
        raise _bad(path, "absurd dimensions: rank %s, at most %s is possible" % (rank, MAX_RANK))
    sizes = bytes(_read_up_to(file, 4 * rank))
    if len(sizes) < 4 * rank:
        raise _bad(path, "truncated: %s bytes of axis sizes expected, %s found" % (4 * rank, len(sizes)))
    shape = struct.unpack(">%sI" % rank, sizes)
    items = 1
    for size in shape:
        items *= max(size, 1)  # a zero does not excuse the other axes
    if items > MAX_ITEMS:
        raise _bad(path, "absurd dimensions: shape %s, at most %s items are read" % (shape, MAX_ITEMS))
    return shape


def _read_up_to(file: BinaryIO, count: int) -> bytearray:
    """Reads `count` bytes, or fewer if the file ends before, and allocates no more than it has read."""
    content = bytearray()
    while len(content) < count:
        chunk = file.read(min(_CHUNK, count - len(content)))
        if not chunk:
            break
        content += chunk
    return content


def _bad(path: str, wrong: str) -> DataError:
    return DataError("%s: %s. %s" % (path, wrong, FIX))
