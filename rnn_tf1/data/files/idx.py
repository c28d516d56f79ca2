"""The idx format of MNIST: four bytes of magic, the sizes of the axes, and the items, often gzipped.

byte 0, 1       0
byte 2          type of an item; 0x08 is uint8, the only one read here
byte 3          rank
4 bytes each    the sizes of the axes, big-endian
the rest        the items, last axis fastest

By hand: the format is small, and what a stranger's file says of its size is judged before any memory is taken.
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

MAX_RANK = 32  # what every NumPy can hold
MAX_ITEMS = 1 << 30  # 1 GiB; 20 times MNIST's largest file
FIX = "Put the right file there, or delete it and run again: a missing file is fetched anew."

_UINT8 = 0x08
_OTHER_TYPES = {0x09: "int8", 0x0B: "int16", 0x0C: "int32", 0x0D: "float32", 0x0E: "float64"}
_GZIP_MAGIC = b"\x1f\x8b"
_CHUNK = 1 << 20


def read_idx(path: str) -> np.ndarray:
    """Reads an idx file, gzipped or plain (the content tells, not the name), as a writable uint8 array of any rank.

    Takes memory for the items that are really there, for no more than the header claims and at most `MAX_ITEMS`, and of a
    gzipped file for no more than a hundred times its size.
    Raises `DataError`, with the path and what is wrong, for whatever is not one whole idx file of uint8.
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
        raise _bad(path, f"the gzip data is damaged or cut off ({error})") from error
    except DataError:
        raise
    except OSError as error:
        if error.errno is None:  # gzip's own complaints, a wrong CRC among them, have no errno
            raise _bad(path, f"the gzip data is damaged ({error})") from error
        raise DataError(
            f"{path}: cannot be read ({error.strerror}). Choose another ", Argument("path"), " that has it."
        ) from error


def write_idx(path: str, array: np.ndarray) -> None:
    """Writes a uint8 `array` of any rank as an idx file, whole or not at all; gzipped where `path` ends in ``.gz``.

    The bytes depend on the array alone: no time and no name is stored in them.
    Raises `DataError` for another dtype or too large an array, `OutputError` where the file cannot be written.
    """
    array = np.asarray(array)
    if array.dtype != np.uint8:
        raise DataError(
            f"{path}: idx files are written from uint8 arrays, not {array.dtype}. Use array.astype('uint8')."
        )
    if array.ndim > MAX_RANK or array.size > MAX_ITEMS:
        raise DataError(
            f"{path}: shape {array.shape} is above rank {MAX_RANK} or {MAX_ITEMS} items. Write it as several files."
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
    return struct.pack(f">HBB{len(shape)}I", 0, _UINT8, len(shape), *shape)


def _read(path: str, file: BinaryIO, most: int) -> np.ndarray:
    shape = _read_shape(path, file)
    expected = int(np.prod(shape, dtype=np.int64))
    if expected > most:
        raise _bad(
            path, f"it is too small a gzip file for {expected} bytes of items; at most {most} are unpacked from it"
        )
    # One byte more than expected: it tells trailing bytes, and it makes gzip check its CRC.
    items = _read_up_to(file, expected + 1)
    if len(items) < expected:
        raise _bad(path, f"truncated: {expected} bytes of items expected for shape {shape}, {len(items)} found")
    if len(items) > expected:
        raise _bad(path, f"too long: bytes follow after the {expected} bytes of items of shape {shape}")
    return np.frombuffer(items, dtype=np.uint8).reshape(shape)


def _read_shape(path: str, file: BinaryIO) -> Tuple[int, ...]:
    magic = bytes(_read_up_to(file, 4))
    if not magic:
        raise _bad(path, "the file is empty")
    if len(magic) < 4:
        raise _bad(path, f"truncated: 4 bytes of magic expected, {len(magic)} found")
    if magic[:2] != b"\0\0":
        raise _bad(path, f"not an idx file: the magic is 0x{magic.hex()}, 0x000008.. expected")
    if magic[2] != _UINT8:
        name = _OTHER_TYPES.get(magic[2], "unknown")
        raise _bad(path, f"items of type 0x{magic[2]:02X} ({name}) are not supported, only 0x08 (uint8)")
    rank = magic[3]
    if rank > MAX_RANK:
        raise _bad(path, f"absurd dimensions: rank {rank}, at most {MAX_RANK} is possible")
    sizes = bytes(_read_up_to(file, 4 * rank))
    if len(sizes) < 4 * rank:
        raise _bad(path, f"truncated: {4 * rank} bytes of axis sizes expected, {len(sizes)} found")
    shape = struct.unpack(f">{rank}I", sizes)
    items = 1
    for size in shape:
        items *= max(size, 1)  # a zero does not make the other axes smaller
    if items > MAX_ITEMS:
        raise _bad(path, f"absurd dimensions: shape {shape}, at most {MAX_ITEMS} items are read")
    return shape


def _read_up_to(file: BinaryIO, count: int) -> bytearray:
    """Reads `count` bytes, or fewer where the file ends before, holding no more than it has read."""
    content = bytearray()
    while len(content) < count:
        chunk = file.read(min(_CHUNK, count - len(content)))
        if not chunk:
            break
        content += chunk
    return content


def _bad(path: str, wrong: str) -> DataError:
    return DataError(f"{path}: {wrong}. {FIX}")
