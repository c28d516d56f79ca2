"""Words, vocabularies and batches of text. The oracles read a file as one string, count with sets and shift by hand."""

import collections
import errno
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import tracemalloc
import types
from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from places import ROOT

from rnn_tf1.data.files import outside
from rnn_tf1.data.text import text
from rnn_tf1.data.text.text import (
    END,
    UNKNOWN,
    Batches,
    Vocabulary,
    Windows,
    encode_file,
    make_vocabulary,
    read_words,
)
from rnn_tf1.errors import CheckpointError, DataError, OutputError

BOM = b"\xef\xbb\xbf"


def write(folder, content, name="text.txt"):
    path = os.path.join(str(folder), name)
    with open(path, "wb") as file:
        file.write(content)
    return path


def words_of(content, chunk=1 << 18):
    """What `read_words` makes of these bytes, read `chunk` at a time."""
    with tempfile.TemporaryDirectory() as folder, mock.patch.object(outside, "_CHUNK", chunk):
        return list(read_words(write(folder, content)))


def test_importing_is_cheap():
    """Catches TensorFlow, matplotlib or tqdm imported with the module: --help would take seconds."""
    program = "import sys, rnn_tf1.data.text.fairy_tales, rnn_tf1.data.text.ptb; "
    program += "print({'tensorflow', 'matplotlib', 'tqdm'} & set(sys.modules))"
    assert subprocess.check_output([sys.executable, "-c", program], cwd=ROOT).strip() == b"set()"


@settings(max_examples=300, deadline=None)
@given(
    content=st.text(alphabet="abé€😀.N \t\r\n\u3000\x85", max_size=40).filter(lambda content: content.split()),
    chunk=st.integers(4, 12),
    bom=st.booleans(),
)
def test_words_are_those_of_the_lines(content, chunk, bom):
    """Catches words or characters cut where a chunk ends, a last line or a blank one without its end, and a BOM read."""
    expected = []
    *lines, last = content.split("\n")
    for line in lines:
        expected += line.split() + [END]
    expected += last.split() + [END] * bool(last.split())
    assert words_of(BOM * bom + content.encode("utf-8"), chunk) == expected


def test_ends_that_the_text_has_itself():
    """Catches a second end behind a text whose last word is <eos>, and a BOM that is taken away further on."""
    assert words_of(b"a <eos>\nb <eos>") == ["a", END, END, "b", END]
    assert words_of(b"a\n" + BOM + b"b\n") == ["a", END, "\ufeffb", END]


@settings(max_examples=200, deadline=None)
@given(
    before=st.text(alphabet="aé€😀 \n", max_size=30),
    wrong=st.sampled_from([b"\xff", b"\x80", b"\xc3", b"\xe2\x82", b"\xf0\x9f\x98", b"\0"]),
    after=st.sampled_from([b"", b" ", b"\nabc", b"\n\n\xff"]),
    chunk=st.integers(4, 9),
    bom=st.booleans(),
)
def test_bytes_that_are_no_text_are_found(before, wrong, after, chunk, bom):
    """Catches a line or a byte counted within its chunk, without the BOM or without what an earlier chunk left over."""
    begin = BOM * bom + before.encode("utf-8")
    with pytest.raises(DataError) as caught:
        words_of(begin + wrong + after, chunk)
    assert f"text.txt: line {begin.count(10) + 1}: byte {len(begin)} of the file is" in str(caught.value)
    assert "in UTF-8 and pass that file" in str(caught.value)


@pytest.mark.parametrize("content", [b"", BOM, b" \n\t\r\n\n", b"\n" * 50], ids=["nothing", "bom", "space", "lines"])
def test_a_file_without_words_is_refused(content):
    """Catches an epoch without a token, or with line ends alone."""
    with pytest.raises(DataError, match="text.txt: the file is empty"):
        words_of(content, 8)


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    """Catches a bare FileNotFoundError, and an IsADirectoryError."""
    for path in (tmp_path / "missing.txt", tmp_path):
        with pytest.raises(DataError, match="cannot be read.*Pass the path of a text file") as caught:
            list(read_words(path))
        assert str(path) in str(caught.value)
        with pytest.raises(DataError, match="cannot be read"):
            encode_file(path, Vocabulary([UNKNOWN, END]))


def test_a_word_without_end_is_refused(monkeypatch):
    """Catches a file without white space held in memory as one word; and words of the allowed length refused."""
    monkeypatch.setattr(text, "LONGEST_WORD", 100)
    assert words_of(b"x" * 100 + b" y", 16) == ["x" * 100, "y", END]
    with pytest.raises(DataError, match="a word has more than 100 characters"):
        words_of(b"x" * 2000, 16)


@settings(max_examples=200, deadline=None)
@given(
    words=st.lists(st.sampled_from(["b", "a", "B", "é", "10", END, UNKNOWN]), max_size=25),
    size=st.one_of(st.none(), st.integers(3, 9)),
    least=st.integers(1, 3),
)
def test_vocabularies_hold_the_most_frequent_words(words, size, least):
    """Catches another order among words of one count, <unk> or <eos> left out, twice there, or above the size."""
    kept = {word for word in set(words) - {END, UNKNOWN} if words.count(word) >= least}
    while size is not None and len(kept) > size - 2:
        kept.remove(max(kept, key=lambda word: (-words.count(word), word)))
    there = kept | ({END, UNKNOWN} & set(words))
    expected = sorted(sorted(there), key=words.count, reverse=True)
    expected += [word for word in (UNKNOWN, END) if word not in words]
    vocabulary = make_vocabulary(iter(words), size, least=least)
    assert list(vocabulary.words) == expected
    assert len(vocabulary) == len(expected)
    assert (vocabulary.unknown, vocabulary.end) == (expected.index(UNKNOWN), expected.index(END))


@settings(max_examples=300, deadline=None)
@given(
    words=st.lists(st.integers(0, 30).map(lambda n: "w%d" % (n * n // 30)), max_size=120),
    kinds=st.integers(2, 25),
    at_a_time=st.integers(1, 7),
)
def test_counts_of_too_many_kinds_of_words(words, kinds, at_a_time):
    """Catches kinds held without bound, a count that is too high or lower than is said, one that is not exact where it is
    promised, a frequent word that is lost, and words lost where there is room for all."""
    sizes = []

    class Watched(collections.Counter):
        def update(self, *args):
            super().update(*args)
            sizes.append(len(self))

    with mock.patch.object(text, "KINDS", kinds), mock.patch.object(text, "_COUNTED", at_a_time):
        with mock.patch.object(text, "collections", types.SimpleNamespace(Counter=Watched)):
            counts, lost = text.count_words(iter(words))
    assert max(sizes, default=0) <= kinds + at_a_time
    true = {word: words.count(word) for word in words}
    if len(true) <= kinds:
        assert (dict(counts), lost) == (true, 0)
    until = next((n for n in range(len(words)) if len(set(words[:n])) > kinds), len(words))
    for word, count in true.items():
        found = counts.get(word, 0)
        assert count - lost <= found <= count
        if words[:until].count(word) > lost:
            assert found == count


def test_many_kinds_of_words_need_little_memory(monkeypatch, capsys):
    """Catches memory that grows with the number of different words, a frequent word's place or count lost, and silence."""
    monkeypatch.setattr(text, "KINDS", 2000)
    monkeypatch.setattr(text, "_COUNTED", 500)
    few = ["the", END, "of", UNKNOWN]

    def stream(rare):
        for number in range(rare):
            yield "rare%d" % number
            if number % 10 < 4:
                yield few[number % 10 // (1 + number % 2)]

    peaks = []
    for rare in (3000, 60000):
        tracemalloc.start()
        vocabulary = make_vocabulary(stream(rare), 6)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.3 * peaks[0] + 50000
    counts, lost = text.count_words(stream(60000))
    true = collections.Counter(few[number % 10 // (1 + number % 2)] for number in range(60000) if number % 10 < 4)
    assert {word: counts[word] for word in true} == true and 0 < lost < 100
    assert list(vocabulary.words)[: len(true)] == [
        word for word, _ in sorted(true.items(), key=lambda i: (-i[1], i[0]))
    ]
    assert capsys.readouterr().err.count("More than 2,000 different words: the rarest were dropped") == 2
    make_vocabulary(few * 9)
    assert capsys.readouterr().err == ""


def test_vocabularies_that_cannot_be():
    """Catches a model without words, and ids that mean two words or none."""
    with pytest.raises(DataError, match="have 2 words: it needs at least 3"):
        make_vocabulary(["a"], 2)
    with pytest.raises(DataError, match="'a' occurs 2 times"):
        Vocabulary([UNKNOWN, "a", END, "a"])
    for words in ([UNKNOWN, "a"], ["a", END]):
        with pytest.raises(DataError, match="is not in the vocabulary: add it"):
            Vocabulary(words)


def test_words_become_ids_and_back():
    """Catches an unknown word with an id of its own, another dtype, and ids that wrap around."""
    vocabulary = Vocabulary(["the", UNKNOWN, "cat", END])
    ids = vocabulary.encode(iter(["cat", "dog", "the", END, UNKNOWN]))
    assert ids.dtype == np.int32
    assert ids.tolist() == [2, 1, 0, 3, 1]
    assert vocabulary.decode(ids) == ["cat", UNKNOWN, "the", END, UNKNOWN]
    assert vocabulary.encode([]).shape == (0,)
    for wrong in (-1, 4):
        with pytest.raises(DataError, match=f"no word with the id {wrong}: pass ids from 0 to 3"):
            vocabulary.decode([0, wrong])


def test_the_hash_is_that_of_the_words_in_their_order():
    """Catches words run together, an order that does not count, and a hash that differs from run to run."""
    words = [UNKNOWN, END, "ab", "c"]
    assert Vocabulary(words).hash == hashlib.sha256(b'["<unk>", "<eos>", "ab", "c"]').hexdigest()
    others = [words[::-1], [UNKNOWN, END, "a", "bc"], [UNKNOWN, END, "abc"], [*words, "d"], [UNKNOWN, END, 'ab", "c']]
    assert len({Vocabulary(other).hash for other in [words, *others]}) == 6


def test_vocabularies_are_saved_whole_and_loaded_again(tmp_path, monkeypatch):
    """Catches words with white space, quotes or no letters at all that change on the way, and a half-written file."""
    path = str(tmp_path / "vocabulary.json")
    vocabulary = Vocabulary([UNKNOWN, "e ", '"', "\n", "\\u0041", "😀", "", END])
    vocabulary.save(path)
    loaded = Vocabulary.load(path)
    assert loaded.words == vocabulary.words
    assert (loaded.hash, loaded.ids) == (vocabulary.hash, vocabulary.ids)
    loaded.check(path)

    def full(value, file, **options):
        file.write("{")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(json, "dump", full)
    with pytest.raises(OutputError, match="disk is full"):
        Vocabulary([UNKNOWN, END]).save(path)
    assert os.listdir(str(tmp_path)) == ["vocabulary.json"]
    vocabulary.check(path)


def damages():
    whole = {"hash": Vocabulary([UNKNOWN, END, "a"]).hash, "words": [UNKNOWN, END, "a"]}
    yield "truncated", json.dumps(whole)[:-9]
    yield "nothing", ""
    yield "another word", json.dumps(dict(whole, words=[UNKNOWN, END, "b"]))
    yield "no hash", json.dumps({"words": whole["words"]})
    yield "no words", json.dumps({"hash": whole["hash"]})
    yield "a list", json.dumps(whole["words"])
    yield "numbers", json.dumps({"hash": hashlib.sha256(b"[1, 2]").hexdigest(), "words": [1, 2]})
    yield "one string", json.dumps({"hash": whole["hash"], "words": "abc"})
    yield "deep", "[" * 100000
    yield "not UTF-8", b"\xff{}"
    twice = [UNKNOWN, END, END]
    yield "twice", json.dumps({"hash": hashlib.sha256(json.dumps(twice).encode()).hexdigest(), "words": twice})


@pytest.mark.parametrize(("kind", "content"), list(damages()), ids=lambda value: value if len(value) < 15 else "")
def test_damaged_vocabularies_are_refused(tmp_path, kind, content):
    """Catches ids that mean other words than they did, and a traceback of the JSON reader."""
    path = write(tmp_path, content if isinstance(content, bytes) else content.encode())
    for method in (Vocabulary.load, Vocabulary([UNKNOWN, END]).check):
        with pytest.raises(DataError, match="the vocabulary is damaged.*choose another path to train anew") as caught:
            method(path)
        assert path in str(caught.value)


def test_another_vocabulary_is_told_from_the_one_of_the_run(tmp_path):
    """Catches a run continued with other words, and a message that does not say which two differ, or what to do."""
    path = str(tmp_path / "vocabulary.json")
    saved, other = Vocabulary([UNKNOWN, END, *map(str, range(1500))]), Vocabulary([END, UNKNOWN])
    saved.save(path)
    saved.check(path)
    with pytest.raises(CheckpointError) as caught:
        other.check(path)
    for word in (
        path,
        saved.hash[:16] + " of 1,502 words",
        other.hash[:16] + " of 2 words",
        "data",
        "choose another path to start",
    ):
        assert word in str(caught.value)
    assert saved.hash[:17] not in str(caught.value)
    with pytest.raises(DataError, match="cannot be read"):
        other.check(path + ".missing")


def test_a_file_becomes_the_ids_of_its_words(tmp_path, monkeypatch):
    """Catches pieces lost or turned round, ids that a caller could change for others, and a file left behind."""
    monkeypatch.setattr(outside, "_CHUNK", 64)
    content = " ".join(f"w{number * number % 97}" + "\n" * (number % 7 == 0) for number in range(2000))
    path = write(tmp_path, content.encode())
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    vocabulary = make_vocabulary(read_words(path), 30)
    ids = encode_file(path, vocabulary)
    assert ids.dtype == np.int32
    assert ids.tolist() == [vocabulary.ids.get(word, vocabulary.unknown) for word in read_words(path)]
    assert not ids.flags.writeable
    assert os.listdir(str(tmp_path)) == ["text.txt"]


def test_a_full_temporary_folder_is_named(tmp_path, monkeypatch):
    """Catches a bare OSError, which says neither that the disk is full nor which one."""

    def full(**options):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    path = write(tmp_path, b"a b")
    monkeypatch.setattr(text.tempfile, "TemporaryFile", full)
    with pytest.raises(OutputError, match="disk is full.*TMPDIR") as caught:
        encode_file(path, Vocabulary([UNKNOWN, END]))
    assert tempfile.gettempdir() in str(caught.value)


@settings(max_examples=150, deadline=None)
@given(
    tokens=st.integers(1, 200),
    rows=st.integers(1, 6),
    steps=st.integers(1, 7),
    dtype=st.sampled_from(["int32", "int64"]),
)
def test_batches_go_on_where_the_last_ended(tokens, rows, steps, dtype):
    """Catches rows that do not continue, inputs not those before their targets, tokens scored twice or dropped unsaid."""
    ids = np.arange(1000, 1000 + tokens, dtype=dtype)  # a token tells its place, and the one before it is one less
    if tokens < rows * steps:
        with pytest.raises(
            DataError, match=f"has {tokens} tokens, but one batch needs {rows * steps} .*or fewer rows or steps"
        ):
            Batches(ids, rows, steps, 7)
        return
    batches = Batches(ids, rows, steps, 7)
    assert batches.tokens == tokens
    assert 0 <= tokens - batches.scored < rows * steps
    assert batches.scored == batches.count * rows * steps
    stream = np.concatenate([batches.batch(number)[1] for number in range(batches.count)], axis=1)
    assert stream.reshape(-1).tolist() == ids[: batches.scored].tolist(), "each row is a stretch, whole and in order"
    for number in range(batches.count):
        inputs, targets = batches.batch(number)
        assert inputs.dtype == targets.dtype == np.int32
        assert inputs.shape == targets.shape == (rows, steps)
        assert inputs.tolist() == np.where(targets == 1000, 7, targets - 1).tolist()
    for wrong in (-1, batches.count):
        with pytest.raises(DataError, match=f"no batch {wrong}: "):
            batches.batch(wrong)


@settings(max_examples=150, deadline=None)
@given(tokens=st.integers(1, 60), steps=st.integers(1, 9), first=st.sampled_from([0, 5]))
def test_windows_score_every_token_once(tokens, steps, first):
    """Catches a last window that is dropped, scored behind its end, or full of another text; and a first token unscored."""
    ids = np.arange(1000, 1000 + tokens)
    windows = Windows(ids, steps, first)
    assert (windows.tokens, windows.scored, windows.batch_size) == (tokens, tokens, 1)
    scored = []
    for number in range(windows.count):
        inputs, targets, weights = windows.batch(number)
        assert [array.dtype for array in (inputs, targets, weights)] == [np.int32, np.int32, np.float32]
        assert inputs.shape == targets.shape == weights.shape == (1, steps)
        for before, target, weight in zip(inputs[0], targets[0], weights[0]):
            assert weight in (0, 1)
            if weight:
                scored.append(target)
                assert before == (first if target == 1000 else target - 1)
            else:
                assert (before, target) == (first, first)
    assert scored == ids.tolist()
    assert (windows.count - 1) * steps < tokens
    for wrong in (-1, windows.count):
        with pytest.raises(DataError, match=f"no batch {wrong}: "):
            windows.batch(wrong)


def test_batches_do_not_change_the_text():
    """Catches a batch that is a view: what is done to it would be done to the text."""
    ids = np.arange(12, dtype=np.int32)
    for batches in (Batches(ids, 2, 3, 7), Windows(ids, 3, 7)):
        for array in batches.batch(0)[:2] + batches.batch(1)[:2]:
            array += 50
    assert ids.tolist() == list(range(12))


def test_the_figures_of_a_text_are_told():
    """Catches tokens left out unsaid, or said to be where there are none."""
    line = "929,589 tokens, 929,200 of them scored in 2,323 batches of 20 rows of 20; the last 389 are left out"
    assert Batches(np.zeros(929589), 20, 20, 0).describe() == line
    assert (
        Batches(np.zeros(1200), 4, 3, 0).describe() == "1,200 tokens, all of them scored in 100 batches of 4 rows of 3"
    )
    assert Windows(np.zeros(2001), 2, 0).describe() == "2,001 tokens, all of them scored in 1,001 windows of 2"


def test_sizes_that_cannot_be():
    """Catches a division by zero, and batches of no rows."""
    for make in (lambda: Batches(np.zeros(9), 0, 3, 0), lambda: Batches(np.zeros(9), -3, -3, 0)):
        with pytest.raises(DataError, match="batch_size is .*: pass batch_size=1 or more"):
            make()
    for make in (lambda: Batches(np.zeros(9), 1, 0, 0), lambda: Windows(np.zeros(9), 0, 0)):
        with pytest.raises(DataError, match="steps is 0, .*: pass steps=1 or more"):
            make()
    with pytest.raises(DataError, match="no tokens"):
        Windows(np.zeros(0), 3, 0)


PEAK = """
import sys
from rnn_tf1.data.text.text import Batches, encode_file, make_vocabulary, read_words

vocabulary = make_vocabulary(read_words(sys.argv[1]))
ids = encode_file(sys.argv[1], vocabulary)
batches = Batches(ids, 20, 35, vocabulary.end)
inputs, targets = batches.batch(batches.count - 1)
with open("/proc/self/status") as file:
    print([line.split()[1] for line in file if line.startswith("VmHWM")][0])
print(len(ids), len(vocabulary))
"""


def peak_of(tmp_path, size, end):
    """(bytes of memory at most, tokens, words) when a text of `size` bytes is read, with `end` behind every 9,000th."""
    words = " ".join(f"word{number:04}" for number in range(1000))  # 8,999 bytes
    block = (words + end).encode() * 100
    path = str(tmp_path / "corpus.txt")
    with open(path, "wb") as file:
        for _ in range(size // len(block) + 1):
            file.write(block)
    program = [sys.executable, "-c", PEAK, path]
    peak, tokens, kinds = subprocess.check_output(program, cwd=ROOT, stderr=subprocess.DEVNULL).split()
    return int(peak) * 1024, int(tokens), int(kinds)


@pytest.mark.once
@pytest.mark.slow
@pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="this system does not tell a process's memory")
@pytest.mark.parametrize("end", ["\n", " "], ids=["lines", "one line"])
def test_a_large_text_needs_little_memory(tmp_path, end):
    """Catches a text, or one line, held in memory: 120 MB of it would show.

    Measured once with 1 GB, of lines and on one line: 42 MB of memory, and 64 seconds for two passes and the writing.
    """
    peak, tokens, kinds = peak_of(tmp_path, 120 << 20, end)
    assert peak < 150 << 20
    count = (120 << 20) // 900000 + 1
    assert tokens == count * 100 * (1001 if end == "\n" else 1000) + (end == " ")
    assert kinds == 1002
