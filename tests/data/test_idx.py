"""idx files. The oracle is the format's own definition: the bytes are put together here with `struct`, never by write_idx."""

import contextlib
import gzip
import os
import struct
import tempfile
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnn_tf1.data.files.idx import idx_header, read_idx, write_idx
from rnn_tf1.errors import DataError, OutputError

SMALL = struct.pack(">BBBBIII", 0, 0, 8, 3, 2, 3, 4) + bytes(range(100, 124))
SMALL_ARRAY = np.arange(100, 124, dtype=np.uint8).reshape(2, 3, 4)


def put(folder, content, name="file"):
    path = os.path.join(str(folder), name)
    with open(path, "wb") as file:
        file.write(content)
    return path


def message_of(path):
    with pytest.raises(DataError) as caught:
        read_idx(path)
    return str(caught.value)


@pytest.mark.parametrize("content", [SMALL, gzip.compress(SMALL)], ids=["plain", "gzip"])
@pytest.mark.parametrize("name", ["file", "file.gz"])
def test_reads_by_content_not_by_name(tmp_path, content, name):
    """Catches a reader that trusts the name, mixes up the axes or the byte order, or returns a read-only array."""
    array = read_idx(put(tmp_path, content, name))
    assert array.dtype == np.uint8
    np.testing.assert_array_equal(array, SMALL_ARRAY)
    array += 1


@pytest.mark.parametrize(
    "array", [SMALL_ARRAY, SMALL_ARRAY.transpose(2, 0, 1), np.uint8(7), np.zeros([0, 5], np.uint8)]
)
def test_writes_the_bytes_of_the_format(tmp_path, array):
    """Catches a writer that is undone by its own reader but by no other: wrong order, sizes or magic."""
    expected = struct.pack(">BBBB", 0, 0, 8, np.ndim(array)) + b"".join(struct.pack(">I", n) for n in np.shape(array))
    expected += bytes(int(item) for item in np.ravel(array))
    write_idx(str(tmp_path / "file"), array)
    write_idx(str(tmp_path / "file.gz"), array)
    assert (tmp_path / "file").read_bytes() == expected
    assert gzip.decompress((tmp_path / "file.gz").read_bytes()) == expected
    assert sorted(os.listdir(str(tmp_path))) == ["file", "file.gz"]


def test_gzip_bytes_hold_no_time_and_no_name(tmp_path):
    """Catches files that differ from run to run though the array does not."""
    for name in ("one.gz", "other.gz"):
        write_idx(str(tmp_path / name), SMALL_ARRAY)
    content = (tmp_path / "one.gz").read_bytes()
    assert content == (tmp_path / "other.gz").read_bytes()
    assert content[3] == 0, "no name follows the header"
    assert content[4:8] == bytes(4), "the time is 0"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", ["empty"]),
        (gzip.compress(b""), ["empty"]),
        (SMALL[:3], ["truncated", "4 bytes", "3 found"]),
        (SMALL[:10], ["truncated", "12 bytes", "6 found"]),
        (SMALL[:-5], ["truncated", "24 bytes", "19 found"]),
        (SMALL + b"!", ["too long", "24 bytes"]),
        (gzip.compress(SMALL[:-5]), ["truncated", "24 bytes", "19 found"]),
        (gzip.compress(SMALL + b"!"), ["too long", "24 bytes"]),
        (b"\x01" + SMALL[1:], ["magic", "0x01000803"]),
        (b"PK\x03\x04" + bytes(30), ["magic", "0x504b0304"]),
        (b"\0\0\x0d\x01" + bytes(8), ["0x0D", "float32", "0x08"]),
        (b"\0\0\x77\x01" + bytes(8), ["0x77", "unknown"]),
        (b"\0\0\x08\xff" + bytes(2000), ["absurd", "rank 255"]),
        (b"\0\0\x08\x02" + b"\xff" * 8, ["absurd", "4294967295"]),
        (b"\0\0\x08\x04" + b"\xff" * 12 + bytes(4), ["absurd"]),
        (gzip.compress(SMALL)[:-9], ["gzip", "damaged"]),
        (gzip.compress(SMALL)[:-8] + b"abcd" + gzip.compress(SMALL)[-4:], ["gzip", "CRC"]),
        (gzip.compress(SMALL) + b"trailing", ["gzip", "damaged"]),
        (b"\x1f\x8b", ["gzip", "damaged"]),
        (b"\x1f\x8b\x08" + b"\0" * 7 + b"\xff" * 30, ["gzip", "damaged"]),
        (b"\n<!DOCTYPE html><title>Sign in</title>", ["HTML"]),
        (b"<html>404</html>", ["HTML"]),
    ],
)
def test_a_bad_file_says_what_is_wrong_and_what_fixes_it(tmp_path, content, words):
    """Catches a damaged file that is read, or refused without its path, the numbers that differ, or a way out."""
    path = put(tmp_path, content)
    message = message_of(path)
    for word in [path, "delete it and run again", *words]:
        assert word in message


def test_a_file_that_cannot_be_opened_is_named(tmp_path):
    """Catches a bare FileNotFoundError or IsADirectoryError."""
    assert "none.gz" in message_of(str(tmp_path / "none.gz"))
    assert str(tmp_path) in message_of(str(tmp_path))


@pytest.mark.parametrize(
    "content",
    [
        b"\0\0\x08\x02" + b"\xff" * 8,
        b"\0\0\x08\x01" + struct.pack(">I", 1 << 30) + b"few",
        gzip.compress(struct.pack(">BBBBI", 0, 0, 8, 1, 10) + bytes(50 << 20), 1),
    ],
    ids=["2**64 items claimed", "1 GiB claimed, 3 bytes there", "50 MiB packed behind 10 items"],
)
def test_memory_is_bounded_by_what_is_both_claimed_and_there(tmp_path, content):
    """Catches an allocation by the header's word, and a decompression bomb."""
    path = put(tmp_path, content)
    tracemalloc.start()
    try:
        message_of(path)
        assert tracemalloc.get_traced_memory()[1] < 4 << 20
    finally:
        tracemalloc.stop()


def test_refuses_to_write_what_it_could_not_read(tmp_path):
    """Catches float images truncated to bytes without a word, and more axes than can be read back."""
    path = str(tmp_path / "file.gz")
    with pytest.raises(DataError, match="float32.*astype"):
        write_idx(path, np.zeros([2, 2], np.float32))
    with pytest.raises(DataError, match="rank 32"):
        write_idx(path, np.lib.stride_tricks.as_strided(np.zeros(1, np.uint8), [1 << 31], [0]))
    with pytest.raises(OutputError, match="another path"):
        write_idx(str(tmp_path / "no" / "folder.gz"), SMALL_ARRAY)
    assert os.listdir(str(tmp_path)) == []


def read_bytes(content):
    with tempfile.TemporaryDirectory() as folder:
        return read_idx(put(folder, content))


@settings(max_examples=150, deadline=None)
@given(st.lists(st.integers(0, 6), max_size=5), st.booleans(), st.randoms(use_true_random=False))
def test_round_trip_for_every_shape(shape, packed, random):
    """Catches shapes that do not come back: scalars, empty axes, many axes."""
    size = int(np.prod(shape, dtype=int))
    array = np.array([random.randrange(256) for _ in range(size)], np.uint8).reshape(shape)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "file.gz" if packed else "file")
        write_idx(path, array)
        back = read_idx(path)
    assert back.shape == array.shape
    assert back.dtype == np.uint8
    np.testing.assert_array_equal(back, array)
    assert len(idx_header(shape)) == 4 + 4 * len(shape)


def check_only_data_errors(content):
    with contextlib.suppress(DataError):
        assert read_bytes(content).dtype == np.uint8


@settings(max_examples=250, deadline=None)
@given(st.sampled_from([b"", b"\0\0\x08", b"\0\0\x08\x01", b"\x1f\x8b", b"\x1f\x8b\x08\0"]), st.binary(max_size=60))
def test_no_bytes_whatever_leak_another_exception(start, rest):
    """Catches EOFError, struct.error, zlib.error, MemoryError or ValueError on garbage."""
    check_only_data_errors(start + rest)


@settings(max_examples=250, deadline=None)
@given(st.sampled_from([SMALL, gzip.compress(SMALL)]), st.data())
def test_no_damage_to_a_good_file_leaks_another_exception(content, data):
    """Catches the same where the file is nearly right: bytes changed, and cut anywhere."""
    changed = bytearray(content)
    for _ in range(data.draw(st.integers(0, 3))):
        changed[data.draw(st.integers(0, len(changed) - 1))] = data.draw(st.integers(0, 255))
    check_only_data_errors(bytes(changed[: data.draw(st.integers(0, len(changed)))]))


@settings(max_examples=100, deadline=None)
@given(st.sampled_from([SMALL, gzip.compress(SMALL)]), st.data())
def test_no_truncation_is_taken_for_a_whole_file(content, data):
    """Catches a file cut off by a broken download that is read as if it were whole."""
    with pytest.raises(DataError):
        read_bytes(content[: data.draw(st.integers(0, len(content) - 1))])
