"""Bach's chorales: their rows, the archive they come in and what is wrong with it, and those that stand in."""

import collections
import contextlib
import gzip
import hashlib
import os
import re
import tarfile

import numpy as np
import pytest
from bad_mirrors import Handler
from hypothesis import given, settings
from hypothesis import strategies as st
from test_ptb import content_of, member, names_in, put, tgz

from rnn_tf1.data.files import archive, sets
from rnn_tf1.data.files.download import data_directory, without_home
from rnn_tf1.data.music import chorales
from rnn_tf1.data.music.chorales import parse
from rnn_tf1.errors import DataError, DownloadError

ARCHIVE, HEADER = "jsb_chorales.tgz", "note0,note1,note2,note3\n"


def text(*chords):
    return (HEADER + "".join(",".join(map(str, chord)) + "\n" for chord in chords)).encode("ascii")


A, B, C = text((74, 70, 65, 58), (74, 0, 65, 58)), text((60, 55, 52, 48)) + b"62,55,53,47\n", text(*[(0, 0, 0, 36)] * 3)
SMALL = {"train/chorale_010.csv": A, "train/chorale_009.csv": B, "valid/b.csv": C, "test/a b-c.csv": B}


def whole(contents=None, *more):
    return tgz(
        member("test", type=tarfile.DIRTYPE),
        *(member("./" + name if "9" in name else name, content) for name, content in (contents or SMALL).items()),
        *more,
    )


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    """No test reaches the net; one that should not even ask for it fails where it does."""

    def asked(urls):
        raise AssertionError("the network was asked for")

    monkeypatch.setattr(sets, "network_available", asked)


def load(folder, content):
    put(folder / "chorales", {ARCHIVE: content})
    return chorales.load(str(folder))


# Rows


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_rows_by_hand(ends):
    """Catches voices in another order, a first chord taken for the header, and lines that end as on Windows."""
    found = parse((HEADER + "74,70,65,58\n0,21,108,0\n60,0,0,36").replace("\n", ends).encode("ascii"), "x")
    assert found.tolist() == [[74, 70, 65, 58], [0, 21, 108, 0], [60, 0, 0, 36]]
    assert found.dtype == np.int32
    assert chorales.VOICES == ("soprano", "alto", "tenor", "bass")


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(*[st.just(0) | st.integers(21, 108)] * 4), min_size=2, max_size=20))
def test_every_row_comes_back(chords):
    """Catches rows or notes lost."""
    assert parse(text(*chords), "x").tolist() == [list(chord) for chord in chords]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "the first row must be note0,note1,note2,note3"),
        (b"74,70,65,58\n74,70,65,58\n", "the first row must be"),
        (b"note0,note1,note2\n1,2,3\n", "the first row must be"),
        (b"\xef\xbb\xbf" + A, "no CSV of whole numbers"),
        (A.replace(b"70", b"7\xe9"), "no CSV of whole numbers"),
        (A + b'"74', "no CSV of whole numbers"),
        (A + b"74\r70,65,58,0\n", "no CSV of whole numbers"),
        (text((1, 2, 3)), "row 2 has 3 columns, but 4 are expected, one for each voice"),
        (A + b"74,70,65,58,50\n", "row 4 has 5 columns"),
        (A + b"\n", "row 4 has 0 columns"),
        (HEADER.encode() + b"\n" + A, "row 2 has 0 columns"),
        (text((74, 20, 65, 58)), "row 2: '20' is not a note: 0 for silence, or a MIDI number from 21 to 108"),
        (text((74, 70, 65, 58), (109, 70, 65, 58)), "row 3: '109' is not a note"),
        (text((74, 70, -1, 58)), "row 2: '-1' is not a note"),
        (text((74, 70, 65, "58.0")), "row 2: '58.0' is not a note"),
        (text((74, 70, 65, "")), "row 2: '' is not a note"),
        (text((74, 70, 65, " 58")), "row 2: ' 58' is not a note"),
        (text((74, 70, 65, "nan")), "row 2: 'nan' is not a note"),
        (text((74, 70, 65, "60" * 3000)), "row 2: '6060.*' is not a note"),
        (text((74, 70, 65, "9" * 200000)), "no CSV of whole numbers"),
        (text((74, 70, 65, "\x1b[2J")), r"row 2: '\\x1b\[2J' is not a note"),
        (text((74, 70, 65, "\0")), "no CSV of whole numbers|row 2: .* is not a note"),
        (text((74, 70, 65, 58)), "it has 1 chords, but at least 2 are needed"),
        (text(), "it has 0 chords"),
    ],
)
def test_bad_rows_are_named(content, reason):
    """Catches a chord of three notes, a note that no key of a piano has, and an error without the row or the file."""
    with pytest.raises(DataError, match=reason) as caught:
        parse(content, "a.tgz: train/x.csv")
    assert str(caught.value).startswith("a.tgz: train/x.csv: ")
    assert str(caught.value).endswith("Put the right file there.") and "\x1b" not in str(caught.value)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_no_bytes_whatever_leak_another_exception(data):
    """Catches ValueError, csv.Error or UnicodeDecodeError on garbage; what is read is notes."""
    content = bytearray(A)
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(
            st.sampled_from(list(b'",\r\n\x00-0 9')) | st.integers(0, 255)
        )
    try:
        found = parse(bytes(content[: data.draw(st.integers(0, len(content)))]), "x")
    except DataError:
        return
    assert found.shape[1] == 4 and ((found == 0) | ((found >= 21) & (found <= 108))).all()


# The archive


def test_loads_the_archive_of_a_folder(tmp_path, monkeypatch):
    """Catches parts mixed up, an order that is the archive's, other files read, and files touched."""
    monkeypatch.setenv("RNN_TF1_DATA", str(tmp_path))
    others = [
        member("README", b"about"),
        member("train/README.txt", b"about"),
        member("train/deep/x.csv", b"?"),
        member("more/train/x.csv", b"?"),
        member("train/._chorale_010.csv", b"what a Mac leaves behind"),
        member("train/x\x1b.csv", b"?"),
        member("train/x.csv.bak", b"?"),
        member("trains/x.csv", b"?"),
    ]
    own = whole(None, *others)
    folder = put(tmp_path / "chorales", {ARCHIVE: own})
    data = chorales.load()
    assert (data.kind, data.source) == ("real", folder)
    parts = [[chorale.tolist() for chorale in part] for part in (data.train, data.validation, data.test)]
    a, b, c = (parse(content, "").tolist() for content in (A, B, C))
    assert parts == [[b, a], [c], [b]]
    assert content_of(folder) == {ARCHIVE: own} and os.listdir(str(tmp_path)) == ["chorales"]


def test_the_identity_tells_data_sets_apart(tmp_path):
    """Catches a run continued with other notes, or with the same chorales in other parts, or cut elsewhere."""
    changes = [
        {},
        {"train/chorale_009.csv": A, "train/chorale_010.csv": B},
        {"valid/b.csv": B, "test/a b-c.csv": C},
        {"train/chorale_009.csv": B + A[len(HEADER) : -12], "train/chorale_010.csv": text(*[(74, 0, 65, 58)] * 2)},
        {"valid/c.csv": B, "test/a b-c.csv": A},
        {"test/b.csv": B},
        {"valid/b.csv": C[:-9]},
        {"valid/b.csv": C[:-9], "test/a b-c.csv": text((0, 0, 0, 36)) + B[len(HEADER) :]},
    ]
    found = [load(tmp_path / str(n), whole(dict(SMALL, **change))).identity for n, change in enumerate(changes)]
    assert len(set(found)) == len(changes)
    assert load(tmp_path / "again", whole()).identity == found[0]
    assert re.match("real, 2 chorales, crc32 [0-9a-f]{8}$", found[0])


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (
            whole({name: content for name, content in SMALL.items() if "valid" not in name}),
            "no chorale in its folder valid",
        ),
        (
            whole({name: content for name, content in SMALL.items() if "test" not in name}),
            "no chorale in its folder test",
        ),
        (whole(dict(SMALL, **{"test/x.csv": A + b"1,2\n"})), "jsb_chorales.tgz: test/x.csv: row 4 has 2 columns"),
        (whole(dict(SMALL, **{"test/x.csv": A.replace(b"70", b"20")})), "test/x.csv: row 2: '20' is not a note"),
        (tgz(member("other", b"x")), "no file in it has an expected name"),
        (
            whole(dict(SMALL, **{"test/x.csv": b"0" * ((1 << 20) + 1)})),
            "test/x.csv has 1048577 bytes, but at most 1048576 are allowed",
        ),
        (
            whole(None, member("train/z.csv", type=tarfile.SYMTYPE, linkname="/etc/passwd")),
            "is not a file but a link or the like",
        ),
        (b"no archive", "not a .tgz archive"),
        (b"", "truncated or damaged|no file in it"),
    ],
    ids=range(9),
)
def test_bad_archives_are_refused_and_kept(tmp_path, content, reason):
    """Catches a part without a chorale, and an error without the file and the row."""
    folder = put(tmp_path / "chorales", {ARCHIVE: content})
    with pytest.raises(DataError, match=reason) as caught:
        chorales.load(str(tmp_path))
    assert os.path.join(folder, ARCHIVE) in str(caught.value)
    assert content_of(folder) == {ARCHIVE: content}


def read_all(folder, content, pattern="[ab]", maximum=5000):
    return archive.read_all(os.path.join(put(folder / "in", {"x.tgz": content}), "x.tgz"), pattern, maximum)


def plain(*members_of):
    """The bytes of a .tar archive."""
    return gzip.decompress(tgz(*members_of))


def test_all_files_that_are_called_so_are_read(tmp_path):
    """Catches a pattern that need not match the whole name, the second of two files of one name, and an empty file left out."""
    parts = [
        member(name, content) for name, content in (("./a", b"1"), ("ab", b"?"), ("b", b""), ("a", b"2"), ("xb", b"?"))
    ]
    assert read_all(tmp_path, tgz(*parts)) == {"a": b"1", "b": b""}
    assert names_in(tmp_path) == ["in"] and names_in(tmp_path / "in") == ["x.tgz"]
    with pytest.raises(DataError, match=r"missing.tgz: cannot be read \(No such file"):
        archive.read_all(str(tmp_path / "missing.tgz"), "a", 9)


def test_every_cut_of_an_archive_is_noticed(tmp_path):
    """Catches a truncated archive whose first files are taken for all of them; the last bytes are checksum and length."""
    content = tgz(member("a", os.urandom(700)), member("b", os.urandom(300)), member("c", b"more"))
    assert len(read_all(tmp_path, content)) == 2
    for length in [*range(0, len(content) - 30, 13), *range(len(content) - 30, len(content))]:
        with pytest.raises(DataError, match="x.tgz: "):
            read_all(tmp_path, content[:length])


def test_every_cut_of_what_is_packed_is_noticed(tmp_path):
    """Catches the same where it was packed again."""
    content = plain(member("a", b"1" * 700), member("b", b"2" * 300))
    assert len(read_all(tmp_path, gzip.compress(content[:-512]))) == 2, "some archives end with one block of zeros"
    for length in range(0, len(content) - 1023, 64):
        with pytest.raises(DataError, match="truncated or damaged"):
            read_all(tmp_path, gzip.compress(content[:length]))


def test_every_damage_is_noticed(tmp_path):
    """Catches a note that another has become, which the checksum tells, and a damaged header that is taken for the end."""
    random = np.random.RandomState(0)
    content = tgz(member("a", random.bytes(700)), member("b", random.bytes(300)))
    for place in [
        *range(10, len(content) - 9, 29),
        *range(len(content) - 8, len(content)),
    ]:  # the byte between is half empty
        with pytest.raises(DataError, match="x.tgz: "):
            read_all(tmp_path, content[:place] + bytes([content[place] ^ 0x10]) + content[place + 1 :])
    packed = plain(member("a", b"1" * 700), member("b", b"2" * 300))
    for place in (1536, 1536 + 100, 1536 + 150, 1536 + 400):  # in the header of b
        damaged = packed[:place] + bytes([packed[place] ^ 0x10]) + packed[place + 1 :]
        with pytest.raises(DataError, match="a part has a damaged header"):
            read_all(tmp_path, gzip.compress(damaged))
    with pytest.raises(DataError, match="a part has a damaged header"):
        read_all(tmp_path, gzip.compress(packed + bytes(99999) + b"more behind the end"))


def record(name, value):
    """A line of an extended header, which begins with its own length."""
    rest = b" %s=%s\n" % (name, value)
    length = len(rest) + 1
    while len(str(length)) + len(rest) != length:
        length += 1
    return str(length).encode() + rest


@pytest.mark.parametrize(
    "header",
    [
        record(b"GNU.sparse.map", b"abc"),
        record(b"GNU.sparse.size", b"1e9"),
        record(b"GNU.sparse.realsize", b""),
        record(b"hdrcharset", b"\xff\xfe"),
        record(b"GNU.sparse.major", b"1") + record(b"GNU.sparse.minor", b"0"),
        record(b"size", b"-5"),
        b"0 a=b\n",
        b"\xff" * 20,
    ],
)
@pytest.mark.parametrize("read", [archive.read_all, lambda path, name, most: archive.read_members(path, [name], most)])
def test_extended_headers_of_a_stranger(tmp_path, header, read):
    """Catches ValueError and UnicodeDecodeError, which tarfile lets through."""
    put(tmp_path, {"x.tgz": tgz(member("extended", header, type=tarfile.XHDTYPE), member("a", b"hello"))})
    with contextlib.suppress(DataError):
        assert set(read(str(tmp_path / "x.tgz"), "a", 5000)) == {"a"}


def test_what_fills_the_memory_is_refused(tmp_path, monkeypatch):
    """Catches millions of small files, and files that are each as large as allowed, in an archive of some KB; and those left
    out in silence."""
    monkeypatch.setattr(archive, "MOST_MEMBERS", 5)
    five = [member("a", b"1"), *[member("x")] * 3, member("b", b"2")]
    assert len(read_all(tmp_path, tgz(*five))) == 2
    with pytest.raises(DataError, match="it has more than the 5 parts that are allowed"):
        read_all(tmp_path, tgz(*five, member("x")))
    monkeypatch.setattr(archive, "MOST_READ", 9000)
    files = [member("a", bytes(4500)), member("x", bytes(4999)), member("b", bytes(4500))]
    assert sum(map(len, read_all(tmp_path, tgz(*files)).values())) == 9000
    with pytest.raises(DataError, match="its files have more than the 9000 bytes in all"):
        read_all(tmp_path, tgz(*files[:2], member("b", bytes(4501))))
    monkeypatch.setattr(archive, "MOST_BYTES", 1 << 20)
    with pytest.raises(DataError, match="truncated or damaged|unpacks to more"):
        read_all(tmp_path, gzip.compress(plain(*files) + bytes(2 << 20)))


# As words


def test_words_by_hand():
    """Catches voices in another order, silence that moves, and a word for a note that no voice sings."""
    chorale = np.array([[74, 70, 0, 58], [81, 69, 65, 36]], np.int32)
    words = ["s74", "a70", "t0", "b58", "s81", "a69", "t65", "b36"]
    assert chorales.to_words(chorale) == words
    np.testing.assert_array_equal(chorales.from_words(words), chorale)
    assert chorales.from_words(words[:7]).tolist() == [[74, 70, 0, 58]]
    assert chorales.from_words([]).shape == (0, 4) and chorales.from_words([]).dtype == np.int32
    assert chorales.from_words(["b58", "s74", "s75", "a70", "<eos>", "t0", "<unk>", "b58"]).tolist() == [
        [74, 70, 0, 58]
    ]
    assert chorales.transpose(chorale, -3).tolist() == [[71, 67, 0, 55], [78, 66, 62, 33]]
    vocabulary = chorales.make_vocabulary()
    assert vocabulary.words[:3] == ("<unk>", "<eos>", "s0") and len(vocabulary) == 2 + 4 * (1 + 87 - 30 + 1)
    assert {"s30", "b30", "s87", "t87"} < set(vocabulary.words) and not {"s29", "b88"} & set(vocabulary.words)


def test_streams(tmp_path):
    """Catches validation or test in other keys, a key left out, chorales that run together, and an order that is the seed's
    only in part."""
    data = load(tmp_path, whole())
    a, b, c = (parse(content, "") for content in (A, B, C))
    made = chorales.streams(data, 2, 5)
    told = [" ".join(made.vocabulary.decode(ids)).split(" <eos>") for ids in made[:3]]
    expected = [
        " ".join(chorales.to_words(chorales.transpose(one, step))) for one in (a, b) for step in (-2, -1, 0, 1, 2)
    ]
    assert sorted(piece.strip() for piece in told[0]) == sorted([*expected, ""])
    assert [piece.strip() for piece in told[1]] == [" ".join(chorales.to_words(c)), ""]
    assert [piece.strip() for piece in told[2]] == [" ".join(chorales.to_words(b)), ""]
    orders = {chorales.streams(data, 2, seed).train.tobytes() for seed in range(5)}
    assert len(orders) == 5 and made.train.tobytes() == chorales.streams(data, 2, 5).train.tobytes()
    plain_stream = chorales.streams(data).train
    assert len(plain_stream) == 4 * (len(a) + len(b)) + 2
    for most in (-1, 7):
        with pytest.raises(DataError, match=f"most is {most} semitones; it must be 0 to 6"):
            chorales.streams(data, most)


@pytest.mark.parametrize(
    ("part", "note", "most", "reason"),
    [
        ("train", 29, 0, "chorale 1 of train, counted from 0, has the note 29, but only 30 to 87 are supported"),
        ("train", 88, 0, "has the note 88, but only 30 to 87"),
        ("train", 31, 2, "has the note 31, but only 32 to 85"),
        ("train", 86, 2, "has the note 86, but only 32 to 85"),
        ("validation", 29, 6, "chorale 1 of valid, .* has the note 29, but only 30 to 87"),
        ("test", 108, 0, "chorale 1 of test, .* has the note 108"),
        ("train", 30, 0, None),
        ("train", 85, 2, None),
        ("test", 87, 6, None),
        ("validation", 0, 6, None),
    ],
)
def test_notes_without_a_word_are_refused(part, note, most, reason):
    """Catches notes that become <unk> in silence, which nobody sings and the figures count."""
    parts = {name: [np.full([3, 4], 60, np.int32)] for name in ("train", "validation", "test")}
    parts[part].append(np.array([[60, 60, 60, 60], [60, note, 60, 60]], np.int32))
    data = chorales.Chorales(kind="real", source="here", **parts)
    if reason:
        with pytest.raises(DataError, match=reason):
            chorales.streams(data, most)
    else:
        made = chorales.streams(data, most)
        assert all(made.vocabulary.unknown not in ids for ids in made[:3])


# From the net, and the stand-in


@pytest.fixture
def pages(site, monkeypatch):
    """A mirror of the archive; gives a function that puts it there, and the requests."""
    monkeypatch.setattr(sets, "network_available", lambda urls: urls == chorales.MIRRORS)
    monkeypatch.setattr(chorales, "MIRRORS", tuple(site.urls(ARCHIVE)))
    monkeypatch.setattr(chorales, "_SET", chorales._SET._replace(mirrors=chorales.MIRRORS))
    return lambda content: monkeypatch.setattr(
        Handler, ARCHIVE, lambda self: self.file(content), raising=False
    ), site.requests


def test_a_missing_archive_is_downloaded_and_found_again(tmp_path, pages, monkeypatch):
    """Catches an archive stored where the next run does not look, and one that is not the published one."""
    put_page, requests = pages
    own = whole()
    put_page(own)
    with pytest.raises(DownloadError, match="not the published file: SHA256 "):
        chorales.load(str(tmp_path))
    assert names_in(tmp_path / "chorales") == []
    monkeypatch.setattr(chorales, "SHA256", hashlib.sha256(own).hexdigest())
    data = chorales.load(str(tmp_path))
    assert data.kind == "real" and content_of(tmp_path / "chorales") == {ARCHIVE: own}
    assert chorales.load(str(tmp_path)).identity == data.identity
    assert requests == [ARCHIVE] * 2


def test_without_a_network_chorales_of_a_rule_stand_in(tmp_path, monkeypatch, capsys):
    """Catches made chorales passed off as Bach's; voices that cross, leave their range, or sound another chord; and a stand-in
    that differs from run to run."""
    monkeypatch.setattr(sets, "network_available", lambda urls: False)
    data = chorales.load(str(tmp_path))
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and "GENERATED chorales" in said and "not Bach's" in said
    assert (data.kind, data.source) == ("generated", str(tmp_path / "chorales-generated"))
    parts = (data.train, data.validation, data.test)
    assert [len(part) for part in parts] == [80, 10, 10]
    different = set()
    for chorale in sum(parts, []):
        assert chorale.dtype == np.int32 and chorale.shape[1] == 4 and 24 * 4 <= len(chorale) < 48 * 4
        assert chorale.min() >= chorales.LOWEST and chorale.max() <= chorales.HIGHEST
        assert (np.diff(chorale, axis=1) < 0).all(), "soprano above alto above tenor above bass"
        assert (chorale.reshape(-1, 4, 4) == chorale[::4, None]).all(), "each chord is a quarter"
        assert np.abs(np.diff(chorale[:, 0])).max() < 10
        for chord in chorale[::4]:
            above = frozenset((chord - chord[3]) % 12)
            assert above <= {0, 3, 7} or above <= {0, 4, 7}, "of a triad on the bass"
        different.add(chorale.tobytes())
    assert len(different) > 95
    again = chorales.load(str(tmp_path / "again"), generated=False)
    assert again.identity == data.identity


def test_generating_again_gives_the_same(tmp_path, monkeypatch):
    """Catches a stand-in made anew though it is there, and a time in it."""
    identity = chorales.load(str(tmp_path), generated=True).identity
    monkeypatch.setattr(chorales, "_chorale", lambda random: pytest.fail("made anew"))
    assert chorales.load(str(tmp_path), generated=True).identity == identity
    with tarfile.open(str(tmp_path / "chorales-generated" / ARCHIVE)) as tar:
        names = tar.getnames()
    assert collections.Counter(name.split("/")[0] for name in names) == {"train": 80, "valid": 10, "test": 10}


REAL = os.path.join(data_directory(), "chorales")


@pytest.mark.skipif(not os.path.isdir(REAL), reason="no chorales in %s: set RNN_TF1_DATA" % REAL)
def test_real_chorales():
    """Catches chorales lost or added, and a range that is not theirs: the published numbers."""
    data = chorales.load()
    assert (data.kind, data.source) == ("real", without_home(REAL))
    assert [len(part) for part in (data.train, data.validation, data.test)] == [229, 76, 77]
    chords = np.concatenate(data.train + data.validation + data.test)
    assert (chords[chords > 0].min(), chords.max()) == (36, 81) == (chorales.LOWEST, chorales.HIGHEST)
    sounding = chords[(chords > 0).all(1)]
    assert (sounding[:, 0] >= sounding[:, 3]).all() and (np.diff(sounding, axis=1) <= 0).mean() > 0.98
    assert data.train[0][0].tolist() == [74, 70, 65, 58]
    with open(os.path.join(REAL, ARCHIVE), "rb") as file:
        assert hashlib.sha256(file.read()).hexdigest() == chorales.SHA256
