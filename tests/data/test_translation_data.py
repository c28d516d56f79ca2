"""Parallel text: its lines, vocabularies, ids and batches.

The oracles are plain Python over lists, arrays written by hand, and the files of Multi30k.
"""

import collections
import gzip
import hashlib
import itertools
import os
import subprocess
import sys
import threading
import zlib
from unittest import mock

import numpy as np
import pytest
from bad_mirrors import HTML, Handler
from hypothesis import given, settings
from hypothesis import strategies as st
from places import ROOT

from rnn_tf1.data.files import lines, outside
from rnn_tf1.data.files.lines import read_lines
from rnn_tf1.data.generated import bilingual
from rnn_tf1.data.pairs import pair_batches, translation
from rnn_tf1.data.pairs.pair_batches import Buckets, TokenBatches, bucket_of, in_order, make_batch
from rnn_tf1.data.pairs.translation import (
    PAD,
    START,
    STOP,
    Lines,
    Pairs,
    SentenceVocabulary,
    Tokens,
    encode,
    make_sentence_vocabulary,
    tokenize_lines,
)
from rnn_tf1.data.ragged import pad
from rnn_tf1.data.text.text import END, UNKNOWN, Vocabulary
from rnn_tf1.data.text.tokenizer import NUMBER, URL
from rnn_tf1.errors import CheckpointError, DataError, DownloadError

SPECIAL = [PAD, START, STOP, UNKNOWN]
SMALL = {
    "train.en": "Two dogs.\nA cat sleeps.\n\nThe cat\n",
    "train.fr": "Deux chiens.\nUn chat dort.\nRien.\nLe chat\n",
    "val.en": "A dog.\n",
    "val.fr": "Un chien.\n",
    "test_2016_flickr.en": "A dog sleeps.\nTwo cats.\n",
    "test_2016_flickr.fr": "Un chien dort.\nDeux chats.\n",
}
NAMES = list(translation.SHA256)


def packed(contents):
    """The same files, gzipped, under the names of the published ones."""
    return {name + ".gz": gzip.compress(content.encode("utf-8")) for name, content in contents.items()}


def put(folder, contents):
    os.makedirs(str(folder), exist_ok=True)
    for name, content in contents.items():
        with open(os.path.join(str(folder), name), "wb") as file:
            file.write(content if isinstance(content, bytes) else content.encode("utf-8"))
    return str(folder)


def content_of(folder):
    return {name: open(os.path.join(str(folder), name), "rb").read() for name in sorted(os.listdir(str(folder)))}


def test_importing_is_cheap():
    """Catches TensorFlow, matplotlib or tqdm imported with the module: --help would take seconds."""
    program = "import sys, rnn_tf1.data.pairs.pair_batches, rnn_tf1.data.generated.bilingual; "
    program += "print({'tensorflow', 'matplotlib', 'tqdm'} & set(sys.modules))"
    assert subprocess.check_output([sys.executable, "-c", program], cwd=ROOT).strip() == b"set()"


# Lines


def lines_of(folder, content, chunk=1 << 18):
    """What `read_lines` makes of these bytes, plain and gzipped alike, read `chunk` at a time."""
    with mock.patch.object(outside, "_CHUNK", chunk):
        plain = list(read_lines(os.path.join(put(folder, {"a.en": content}), "a.en")))
        assert list(read_lines(os.path.join(put(folder, {"b.en": gzip.compress(content)}), "b.en"))) == plain
    return plain


@settings(max_examples=150, deadline=None)
@given(
    content=st.text(alphabet="abé€😀. \t\n\n\x0b\x0c\x85\u2028\u3000", max_size=40),
    chunk=st.integers(4, 12),
    ends=st.sampled_from(["\n", "\r\n"]),
    bom=st.booleans(),
)
def test_lines_end_at_line_feeds_alone(tmp_path_factory, content, chunk, ends, bom):
    """Catches str.splitlines, which also ends lines at U+2028: the two languages would go out of step."""
    expected = content.split("\n")
    expected = expected if expected[-1] else expected[:-1]
    written = b"\xef\xbb\xbf" * bom + content.replace("\n", ends).encode("utf-8")
    assert lines_of(tmp_path_factory.getbasetemp(), written, chunk) == expected


GZIPPED = gzip.compress(b"\n".join(b"%030d" % number**9 for number in range(150)))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"a\nb\xffc\n", "line 2: byte 3 of the file is not UTF-8"),
        (b"a\nb\n\0c\n", "line 3: byte 4 of the file is a NUL"),
        (b"a\n\nx\x07c\n", r"line 3: character 2 is the control character U\+0007.*Remove it"),
        ("a\nb\u0080".encode(), r"line 2: character 2 is the control character U\+0080"),
        (b"a\nb\x1cc\n", r"line 2: character 2 is the control character U\+001C"),
        (b"one\rtwo\n", r"line 1: character 4 is the control character U\+000D.*line feed"),
        (b"a\n" + b"x" * 101 + b"\n", "line 2 has more than 100 characters"),
        (b"a\nb\n" + b"x" * 500 + b"\xff", "line 3 has more than 100 characters"),  # and nothing behind it is read
        (gzip.compress(b"a\nb\xffc\n"), "line 2: byte 3 of the file is not UTF-8"),
        (gzip.compress(b"x\n" * 3000), "unpacks to more than the 5,000 characters"),
        (GZIPPED[:-9], "gzip data is damaged or cut off.*Put the right file there"),
        (GZIPPED[:500], "gzip data is damaged or cut off"),
        (GZIPPED[:15] + b"\xff" * 20 + GZIPPED[35:], "gzip data is damaged or cut off"),
        (GZIPPED[:-8] + b"\0\0\0\0" + GZIPPED[-4:], "gzip data is damaged or cut off"),
    ],
)
def test_files_that_are_no_text_are_refused(tmp_path, monkeypatch, content, reason):
    """Catches a traceback of gzip, half a file taken for a whole one, a full memory, and signs that no text has."""
    monkeypatch.setattr(lines, "LONGEST", 100)
    monkeypatch.setattr(lines, "MOST_UNPACKED", 5000)
    monkeypatch.setattr(outside, "_CHUNK", 64)
    path = os.path.join(put(tmp_path, {"a.en": content}), "a.en")
    with pytest.raises(DataError, match=reason) as caught:
        collections.deque(read_lines(path), 0)
    assert str(caught.value).startswith(path)


def test_lines_as_long_and_files_as_large_as_allowed(tmp_path, monkeypatch):
    """Catches a limit that is one too low, and one on plain files, which fill no more memory than they have bytes."""
    monkeypatch.setattr(lines, "LONGEST", 100)
    monkeypatch.setattr(lines, "MOST_UNPACKED", 606)
    monkeypatch.setattr(outside, "_CHUNK", 64)
    assert lines_of(tmp_path, (b"x" * 100 + b"\n") * 6) == ["x" * 100] * 6
    assert len(list(read_lines(os.path.join(put(tmp_path, {"c": b"x\n" * 900}), "c")))) == 900


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no named pipes")
@pytest.mark.parametrize("content", [b"one\n\ntwo\n", gzip.compress(b"one\n\ntwo"), b"", b"x", b"\x1f\x8b"])
def test_a_pipe_is_read_like_a_file(tmp_path, content):
    """Catches a file that is turned back to its beginning, which a pipe cannot be, and the bytes lost where it is not."""
    put(tmp_path, {"file": content})
    os.mkfifo(str(tmp_path / "pipe"))

    def outcome(path):
        try:
            return list(read_lines(path))
        except DataError as error:
            return str(error).replace(str(path), "")

    expected = outcome(tmp_path / "file")
    writer = threading.Thread(target=(tmp_path / "pipe").write_bytes, args=(content,))
    writer.start()
    found = outcome(tmp_path / "pipe")
    writer.join()
    assert found == expected and ("cut off" in found if content == b"\x1f\x8b" else isinstance(found, list))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("the dog", ""),
        ("a\t\x0b\x0c\x85\u2028\r", ""),
        ("ab\x1b[0m\x07", "character 3 is the control character U+001B"),
        ("\ra", "character 1 is the control character U+000D"),
    ],
)
def test_control_characters_are_named(line, said):
    """Catches white space that is refused, and signs that command a terminal and are not."""
    assert lines.control_character(line) == said


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    """Catches a bare FileNotFoundError, and an IsADirectoryError."""
    for path in (tmp_path / "missing", tmp_path):
        with pytest.raises(DataError, match="cannot be read.*Pass the path of a text file") as caught:
            list(read_lines(path))
        assert str(path) in str(caught.value)


# Multi30k and its like


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    """No test reaches the net; one that should not even ask for it fails where it does."""

    def asked(urls):
        raise AssertionError("the network was asked for")

    monkeypatch.setattr(translation, "network_available", asked)


@pytest.fixture
def offline(monkeypatch):
    monkeypatch.setattr(translation, "network_available", lambda urls: False)
    monkeypatch.setattr(translation, "GENERATED", {"train": 30, "val": 8, "test_2016_flickr": 6})


@pytest.fixture
def pages(site, monkeypatch):
    """A mirror of the small text, which is the published one; gives the pages by name, and the requests."""
    contents = packed(SMALL)
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
    monkeypatch.setattr(translation, "SHA256", hashes)
    monkeypatch.setattr(translation, "network_available", lambda urls: True)
    monkeypatch.setattr(translation, "MIRRORS", (site.address + "raw/",))
    for name in contents:
        page = lambda self, name=name: self.file(contents[name]) if contents[name] else self.missing()  # noqa: E731
        monkeypatch.setattr(Handler, name, page, raising=False)
    return contents, site.requests


def small(part):
    return Lines(SMALL[part + ".en"].split("\n")[:-1], SMALL[part + ".fr"].split("\n")[:-1])


@pytest.mark.parametrize("kind", ["plain", "gzipped", "mixed"])
def test_loads_the_files_of_a_folder(tmp_path, monkeypatch, kind):
    """Catches parts or languages mixed up, a user's name in the source, and files touched."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setenv("RNN_TF1_DATA", str(tmp_path))
    files = dict(SMALL, **{name + ".gz": b"not read" for name in SMALL}) if kind == "plain" else packed(SMALL)
    if kind == "mixed":
        files["train.en"] = files.pop("train.en.gz")  # a browser has named it
        files["val.fr.gz"] = SMALL["val.fr"]  # or unpacked it
    folder = put(tmp_path / "multi30k", files)
    before = content_of(folder)
    data = translation.load()
    assert data.train == small("train")
    assert data.validation == small("val")
    assert data.test == small("test_2016_flickr")
    assert (data.kind, data.source) == ("real", os.path.join("~", "multi30k"))
    assert content_of(folder) == before
    assert os.listdir(str(tmp_path)) == ["multi30k"]
    turned = translation.load(source="fr", target="en")
    assert turned.test == Lines(*reversed(small("test_2016_flickr")))


def test_other_folders_names_and_languages(tmp_path):
    """Catches a name that is not passed on, and a network asked for what nobody publishes."""
    own = {f"{part}.{end}": f"{part} {end}\n" for part in ("tr", "va", "te") for end in ("de", "cs")}
    put(tmp_path / "mine", own)
    how = dict(source="de", target="cs", folder="mine")
    data = translation.load(str(tmp_path), parts=("tr", "va", "te"), **how)
    assert (data.train, data.validation, data.test) == tuple(
        Lines([f"{p} de"], [f"{p} cs"]) for p in ("tr", "va", "te")
    )
    with pytest.raises(DataError, match=r"mine: te2.de.gz, te2.cs.gz missing, and the same without .gz.*data_dir"):
        translation.load(str(tmp_path), parts=("tr", "va", "te2"), **how)
    put(tmp_path / "multi30k", SMALL)
    with pytest.raises(DataError, match="train.cs.gz, val.cs.gz, .* missing"):
        translation.load(str(tmp_path), target="cs")
    with pytest.raises(DataError, match="are both 'en': pass two languages"):
        translation.load(str(tmp_path), target="en")


def test_the_identity_tells_texts_apart(tmp_path):
    """Catches a run continued with other sentences, or with the same ones and the languages turned round."""
    found = set()
    for number, change in enumerate([("", ""), ("cat sleeps", "sleeps cat"), ("cat", "cats"), ("\n", "\nx\n")]):
        files = dict(SMALL, **{"train.en": SMALL["train.en"].replace(*change, 1)})
        if number == 3:
            files["train.fr"] = "x\n" + SMALL["train.fr"]
        found.add(translation.load(os.path.dirname(put(tmp_path / str(number) / "multi30k", files))).identity)
    found.add(translation.load(str(tmp_path / "0"), source="fr", target="en").identity)
    assert len(found) == 5
    lines_in_all = SMALL["train.en"] + SMALL["train.fr"]
    assert f"real, 4 pairs, crc32 {zlib.crc32(lines_in_all.encode()):08x}" in found
    assert translation.identify(small("test_2016_flickr")).startswith("2 pairs, crc32 ")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        (
            {"train.fr": "Deux\nUn\n"},
            r"train.en has 4 lines and .*train.fr has 2, but line n of one is the translation",
        ),
        ({"val.en": "A dog.\n\n"}, r"val.en: line 2 is blank, and each line of validation and test is scored"),
        ({"val.fr": "Un chien.\n \t\u3000\n"}, "val.fr: line 2 is blank"),
        ({"test_2016_flickr.fr": "\nDeux\n"}, "test_2016_flickr.fr: line 1 is blank"),
        ({"train.en": ""}, "train.en: the file is empty"),
        ({"train.fr": "\n \n\n\n"}, "train.fr: the file is empty"),
        ({"val.fr": HTML}, "val.fr: this is an HTML page"),
        ({"val.fr": b"caf\xe9"}, "val.fr: line 1: byte 3 of the file is not UTF-8"),
        ({"val.fr": b"caf\x01"}, "val.fr: line 1: character 4 is the control character"),
    ],
)
def test_bad_files_are_refused_and_kept(tmp_path, changes, reason):
    """Catches languages out of step, sentences scored against nothing, and a user's file replaced."""
    folder = put(tmp_path / "multi30k", dict(SMALL, **changes))
    before = content_of(folder)
    with pytest.raises(DataError, match=reason) as caught:
        translation.load(str(tmp_path))
    assert folder in str(caught.value)
    assert content_of(folder) == before


def test_missing_files_are_downloaded_and_found_again(tmp_path, pages):
    """Catches files stored where the next run does not look, and a user's file fetched over."""
    contents, requests = pages
    folder = put(tmp_path / "multi30k", {"val.en": "My own.\n"})
    data = translation.load(str(tmp_path))
    assert (data.kind, data.train, data.validation.source) == ("real", small("train"), ["My own."])
    fetched = {name: content for name, content in contents.items() if name != "val.en.gz"}
    assert content_of(folder) == dict(fetched, **{"val.en": b"My own.\n"})
    assert translation.load(str(tmp_path)).identity == data.identity
    assert sorted(requests) == sorted(fetched)


@pytest.mark.parametrize(
    ("content", "reason"), [(None, "HTTP 404"), (gzip.compress(b"other\n"), "not the published file")]
)
def test_what_cannot_be_fetched_is_an_error_and_never_the_stand_in(tmp_path, pages, content, reason, capsys):
    """Catches made data passed off where the network is there, and another file kept."""
    contents, _ = pages
    contents["val.fr.gz"] = content
    with pytest.raises(DownloadError, match=reason) as caught:
        translation.load(str(tmp_path))
    for word in ("val.fr.gz", "data_dir", *translation.MIRRORS):
        assert word in str(caught.value)
    assert "val.fr.gz" not in os.listdir(str(tmp_path / "multi30k"))
    assert os.listdir(str(tmp_path)) == ["multi30k"]
    assert "GENERATED" not in capsys.readouterr().err


def test_without_a_network_the_stand_in_says_so_in_one_line(tmp_path, offline, capsys):
    """Catches made data used silently, or instead of the user's own; and made anew at every start."""
    put(tmp_path / "multi30k", {name: content for name, content in SMALL.items() if name != "val.fr"})
    data = translation.load(str(tmp_path))
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    for word in ("WARNING", "GENERATED", "no network", "val.fr.gz missing", "data_dir", str(tmp_path)):
        assert word in said
    assert "train" not in said
    assert (data.kind, data.source) == ("generated", str(tmp_path / "multi30k-generated"))
    assert [len(side) for part in data[:3] for side in part] == [30, 30, 8, 8, 6, 6]
    for part in data[:3]:
        assert list(map(bilingual.translate, part.source)) == part.target
    with mock.patch.object(bilingual, "generate", side_effect=AssertionError("made anew")):
        again = translation.load(str(tmp_path), generated=True)
    assert (again.identity, capsys.readouterr().err) == (data.identity, "")
    turned = translation.load(str(tmp_path), True, "fr", "en")
    assert turned.train == Lines(*reversed(data.train))
    with pytest.raises(DataError, match="The stand-in is English and French, not en and de"):
        translation.load(str(tmp_path), generated=True, target="de")


@pytest.fixture
def corpus():
    """The folder of real data; skips where it is missing."""
    folder = os.environ.get("RNN_TF1_DATA", "")
    if not all(os.path.exists(os.path.join(folder, "multi30k", name)) for name in NAMES):
        pytest.skip("RNN_TF1_DATA names no folder with Multi30k")
    return folder


def test_multi30k_is_what_it_should_be(corpus):
    """Catches a checksum, or a number of pairs, that is not that of the published files."""
    data = translation.load(corpus)
    assert [len(side) for part in data[:3] for side in part] == [29000, 29000, 1014, 1014, 1000, 1000]
    assert data.train.source[0] == "Two young, White males are outside near many bushes."
    assert data.train.target[0] == "Deux jeunes hommes blancs sont dehors près de buissons."
    assert data.test.source[999] and data.identity == "real, 29000 pairs, crc32 9ad8a117"
    for name, expected in translation.SHA256.items():
        with open(os.path.join(corpus, "multi30k", name), "rb") as file:
            assert hashlib.sha256(file.read()).hexdigest() == expected


# Vocabularies


@settings(max_examples=150, deadline=None)
@given(
    words=st.lists(st.lists(st.sampled_from(["b", "a", "B", "é", "10", "l'", START, UNKNOWN]), max_size=9), max_size=6),
    size=st.one_of(st.none(), st.integers(5, 9)),
    least=st.integers(1, 3),
)
def test_vocabularies_hold_the_most_frequent_words(words, size, least):
    """Catches special words at other ids or twice, another order among words of one count, and a size passed over."""
    flat = list(itertools.chain(*words))
    kept = {word for word in set(flat) - set(SPECIAL) if flat.count(word) >= least}
    if not kept:
        with pytest.raises(DataError, match=f"empty: no word occurs {least} times or more. Lower least,"):
            make_sentence_vocabulary(iter(words), size, least=least)
        return
    expected = SPECIAL + sorted(kept, key=lambda word: (-flat.count(word), word))
    vocabulary = make_sentence_vocabulary(iter(words), size, least=least)
    assert list(vocabulary.words) == expected[:size]
    assert (vocabulary.pad, vocabulary.start, vocabulary.end, vocabulary.unknown) == (0, 1, 2, 3)


def test_sentence_vocabularies_are_saved_and_told_apart(tmp_path):
    """Catches one of Penn Treebank's read as one of sentences, another class after loading, and another vocabulary let in."""
    path = str(tmp_path / "words.json")
    vocabulary = SentenceVocabulary([*SPECIAL, "l'", "été"])
    vocabulary.save(path)
    loaded = SentenceVocabulary.load(path)
    assert type(loaded) is SentenceVocabulary
    assert (loaded.words, loaded.hash, loaded.start) == (vocabulary.words, vocabulary.hash, 1)
    loaded.check(path)
    with pytest.raises(CheckpointError, match="another vocabulary: .* of 6 words, but this text gives .* of 5 words"):
        SentenceVocabulary([*SPECIAL, "l'"]).check(path)
    with pytest.raises(DataError, match="damaged .<eos> is not in the vocabulary"):
        Vocabulary.load(path)
    Vocabulary([UNKNOWN, END, "a"]).save(path)
    with pytest.raises(DataError, match="damaged .<pad> is not in the vocabulary"):
        SentenceVocabulary.load(path)
    with pytest.raises(DataError, match="damaged"):
        loaded.check(path)


def test_vocabularies_that_cannot_be():
    """Catches ids that the models take for others, and a model without words."""
    for words in ([*SPECIAL[::-1], "a"], ["a", *SPECIAL], [PAD, START, UNKNOWN, STOP, "a"]):
        with pytest.raises(DataError, match="begins with <pad> <s> </s> <unk>: put these first"):
            SentenceVocabulary(words)
    with pytest.raises(DataError, match="no word in it beside the special ones"):
        SentenceVocabulary(SPECIAL)
    with pytest.raises(DataError, match="of 4 words: it needs at least 5, <pad> <s> </s> <unk> and one"):
        make_sentence_vocabulary([["a"]], 4)


# Ids


def vocabulary_of(letters):
    return SentenceVocabulary([*SPECIAL, *letters])


TOKENS = Tokens([["a", "b", "c"], [], ["b"], ["x", "a", "y"], ["c"]], [["d"], ["d"], ["e", "z"], ["e"] * 4, []])


def test_sentences_become_ids():
    """Catches sides or lines mixed up, pairs dropped uncounted or cut, and counts that are those of another rule."""
    source, target = vocabulary_of("abc"), vocabulary_of("de")
    tokens = Tokens(TOKENS.source + [["a"] * 4], TOKENS.target + [["d"]])
    pairs = encode(tokens, source, target, longest=3)
    assert [ids.tolist() for ids in pairs.source] == [[4, 5, 6], [5]]
    assert [ids.tolist() for ids in pairs.target] == [[4], [5, 3]]
    assert pairs.source[0].dtype == pairs.target[0].dtype == np.int32
    assert pairs.lines.tolist() == [0, 2]
    assert (pairs.unknown, pairs.too_long, pairs.empty, pairs.longest) == ((0, 1), 2, 2, 3)
    assert pairs.describe() == (
        "2 pairs; 4 source tokens, 0 of them unknown; 3 target tokens, 1 of them unknown; left out: 2 longer than 3 tokens "
        "and 2 with an empty side"
    )
    every = encode(tokens, source, target)
    assert every.lines.tolist() == [0, 2, 3, 5]
    assert every.describe().endswith(
        "10 target tokens, 1 of them unknown; left out: 2 with an empty side".replace("10", "8")
    )


def test_the_source_may_be_turned_round():
    """Catches a target that is turned round too, and a flag that does nothing."""
    source, target = vocabulary_of("abc"), vocabulary_of("de")
    pairs = encode(Tokens([["a", "b", "x"]], [["d", "e"]]), source, target, reverse_source=True)
    assert (pairs.source[0].tolist(), pairs.target[0].tolist()) == ([3, 5, 4], [4, 5])


def test_evaluation_leaves_nothing_out():
    """Catches a score over fewer sentences than there are."""
    source, target = vocabulary_of("abc"), vocabulary_of("de")
    whole = Tokens([["a"] * 9, ["b"]], [["d"], ["e"]])
    pairs = encode(whole, source, target, longest=3, evaluation=True)
    assert pairs.lines.tolist() == [0, 1]
    assert pairs.describe().endswith("; left out: none")
    for tokens, line in ((TOKENS, 2), (Tokens([["a"]], [[]]), 1)):
        with pytest.raises(DataError, match=f"Line {line} has no word on a side"):
            encode(tokens, source, target, evaluation=True)


def test_pairs_that_cannot_be():
    """Catches an epoch without pairs, and a sentence beside another's translation."""
    source, target = vocabulary_of("abc"), vocabulary_of("de")
    with pytest.raises(DataError, match="No pair is left: 3 are longer than 1 tokens, 2 have an empty side"):
        encode(TOKENS, source, target, longest=1)
    with pytest.raises(DataError, match="2 sentences of the source and 1 of the target"):
        encode(Tokens([["a"], ["b"]], [["d"]]), source, target)
    with pytest.raises(DataError, match="longest is 0.*pass longest=1 or more"):
        encode(TOKENS, source, target, longest=0)


def test_lines_are_taken_apart_as_asked():
    """Catches flags that are not passed on, or sides swapped."""
    pair = Lines(["See 3 L's at a.com"], ["L'an"])
    assert tokenize_lines(pair) == Tokens([["see", "3", "l'", "s", "at", "a.com"]], [["l'", "an"]])
    assert tokenize_lines(pair, False, True, True) == Tokens([["See", NUMBER, "L'", "s", "at", URL]], [["L'", "an"]])


# Batches


def make_pairs(lengths, seed=0):
    """Pairs of these lengths; every word tells its pair, so that mates can be checked."""
    source = [np.full([s], 10 + 2 * n, np.int32) for n, (s, _) in enumerate(lengths)]
    target = [np.full([t], 11 + 2 * n, np.int32) for n, (_, t) in enumerate(lengths)]
    return Pairs(source, target, np.arange(len(lengths)) * 3 + 5, (0, 0), 0, 0, None)


LENGTHS = st.lists(st.tuples(st.integers(1, 9), st.integers(1, 8)), min_size=1, max_size=40)


def rows_of(batch):
    """The rows of a batch as (source, what the decoder reads, what it should write), lists without the padding."""
    rows = []
    arrays = (batch.source, batch.target_inputs, batch.target_outputs)
    for place, s, t in zip(range(len(batch.source)), batch.source_lengths, batch.target_lengths):
        for array, length in zip(arrays, (s, t, t)):
            assert array.dtype == np.int32
            assert (array[place, length:] == 0).all()
        rows.append(tuple(array[place, :length].tolist() for array, length in zip(arrays, (s, t, t))))
    return rows


def expected_row(pairs, place):
    source, target = pairs.source[place].tolist(), pairs.target[place].tolist()
    return source, [1, *target], [*target, 2]


def test_a_batch_by_hand():
    """Catches <s> and </s> mixed up, lengths without </s>, and padding with another id."""
    batch = make_batch(make_pairs([(1, 1), (2, 3), (9, 9)]), np.array([1, 0]))
    assert batch.source.tolist() == [[12, 12], [10, 0]]
    assert batch.target_inputs.tolist() == [[1, 13, 13, 13], [1, 11, 0, 0]]
    assert batch.target_outputs.tolist() == [[13, 13, 13, 2], [11, 2, 0, 0]]
    assert (batch.source_lengths.tolist(), batch.target_lengths.tolist()) == ([2, 1], [4, 2])
    assert {array.dtype for array in batch[:5]} == {np.dtype("int32")}
    assert batch.places.tolist() == [1, 0]
    ids, lengths = pad([np.array([7, 8]), np.array([], np.int32)], 3)
    assert (ids.tolist(), lengths.tolist()) == ([[7, 8, 0], [0, 0, 0]], [2, 0])


@settings(max_examples=100, deadline=None)
@given(lengths=LENGTHS, tokens=st.integers(9, 40), seed=st.integers(0, 3), epoch=st.integers(0, 3))
def test_batches_hold_so_many_tokens(lengths, tokens, seed, epoch):
    """Catches a batch above its budget, pairs lost or doubled, mates parted, lengths mixed, and epochs of another length."""
    pairs = make_pairs(lengths)
    batches = TokenBatches(pairs, tokens, seed)
    found = list(batches.batches(epoch))
    assert len(found) == batches.count
    spans = []
    for batch in found:
        assert max(batch.source.shape[1], batch.target_inputs.shape[1]) * len(batch.source) <= tokens
        assert batch.source.shape[1] == batch.source_lengths.max()
        assert batch.target_inputs.shape[1] == batch.target_lengths.max()
        assert rows_of(batch) == [expected_row(pairs, place) for place in batch.places]
        longer = np.maximum(batch.source_lengths, batch.target_lengths)
        spans.append((longer.min(), longer.max(), -len(longer)))
    assert sorted(place for batch in found for place in batch.places) == list(range(len(lengths)))
    spans.sort()
    for (_, highest, rows), (lowest, _, _) in zip(spans, spans[1:]):
        assert highest <= lowest, "each batch holds neighbours in length"
        assert (1 - rows) * lowest > tokens, "no batch is smaller than it must be"
    again = [batch.places.tolist() for batch in TokenBatches(pairs, tokens, seed).batches(epoch)]
    assert again == [batch.places.tolist() for batch in found]
    rest = [batch.places.tolist() for batch in batches.batches(epoch, start=1)]
    assert rest == again[1:]


def test_epochs_and_seeds_have_orders_of_their_own():
    """Catches batches from short to long, the same pairs together in each epoch, and seed 1 as seed 0 one epoch later."""
    pairs = make_pairs([(3, 2)] * 60 + [(6, 4)] * 60)
    orders, sets = set(), set()
    for seed in range(3):
        batches = TokenBatches(pairs, 12, seed)
        for epoch in range(3):
            found = [batch.places.tolist() for batch in batches.batches(epoch)]
            orders.add(str([len(places) for places in found]))
            sets.add(str(sorted(sorted(places) for places in found)))
            assert len(found) == batches.count == 45
    assert len(orders) == len(sets) == 9
    one_length = TokenBatches(make_pairs([(2, 2)] * 9), 3)
    assert len({str([b.places.tolist() for b in one_length.batches(epoch)]) for epoch in range(9)}) == 9


def test_the_order_is_the_same_on_every_numpy():
    """Catches an order that changes with the library: a resumed run would differ."""
    found = [
        batch.places.tolist() for batch in TokenBatches(make_pairs([(2, 2)] * 5 + [(4, 3)] * 5), 9, seed=7).batches(3)
    ]
    assert found == [[8, 5], [4, 1, 3], [7, 6], [9], [2, 0]]
    buckets = Buckets(make_pairs([(2, 2)] * 5 + [(4, 3)] * 3), [(3, 3), (5, 5)], 2, seed=7)
    assert [batch.places.tolist() for batch in buckets.batches(3)] == [[5, 6], [3, 1], [0, -1], [7, -1], [4, 2]]


def test_padding_is_told():
    """Catches padding of one side left out, and shares of other batches than those that are made."""
    pairs = make_pairs([(2, 3), (4, 1), (8, 4), (12, 15), (3, 10)])
    batches = TokenBatches(pairs, 34)
    # of lengths 4, 4, 8 | 16, 11 -> sorted 4, 4, 8 (24), 11 (44 > 34: new), 16 (32)
    assert batches.count == 2
    first, second = 3 * (8 + 5), 2 * (12 + 16)
    used_first, used_second = (2 + 4) + (4 + 2) + (8 + 5), (12 + 16) + (3 + 11)
    shares = [1 - used_first / first, 1 - used_second / second, 1 - (used_first + used_second) / (first + second)]
    assert batches.describe() == (
        "2 batches of 2 to 3 pairs, at most 34 tokens a side; padding: {2:.1%} in all, {0:.1%} up to 10 tokens, {1:.1%} up to "
        "20 tokens".format(*shares)
    )


def test_sentences_longer_than_a_batch_are_refused():
    """Catches a batch above its budget, a sentence dropped unsaid, and the line of another."""
    pairs = make_pairs([(2, 3), (4, 9), (3, 3)])
    with pytest.raises(
        DataError, match="Line 9 has 10 tokens, its end counted, and a batch holds 9: pass tokens=10 or more"
    ):
        TokenBatches(pairs, 9)
    assert TokenBatches(pairs, 10).count == 2
    with pytest.raises(DataError, match="leave such lines out with longest"):
        TokenBatches(make_pairs([(11, 1)]), 10)


@pytest.mark.parametrize("make", [lambda p: TokenBatches(p, 20), lambda p: Buckets(p, [(9, 9)], 2)])
def test_epochs_and_starts_that_cannot_be(make):
    """Catches a mistake that only shows at the first batch, or an epoch that silently has no batches."""
    batches = make(make_pairs([(2, 2)] * 30))
    for wrong in (-1, batches.count + 1):
        with pytest.raises(DataError, match=f"start is {wrong}, but there are {batches.count} batches"):
            batches.batches(0, wrong)
    with pytest.raises(DataError, match="epoch is -1"):
        batches.batches(-1)
    assert list(batches.batches(0, batches.count)) == []


@settings(max_examples=60, deadline=None)
@given(lengths=LENGTHS, rows=st.integers(1, 9))
def test_evaluation_takes_every_pair_once_in_order_of_length(lengths, rows):
    """Catches pairs lost or out of place when results are put back, and batches padded more than they must be."""
    pairs = make_pairs(lengths)
    found = list(in_order(pairs, rows))
    results = np.zeros([len(lengths)], np.int64)
    for batch in found:
        assert rows_of(batch) == [expected_row(pairs, place) for place in batch.places]
        results[batch.places] = batch.source[:, 0]
    assert results.tolist() == [ids[0] for ids in pairs.source]
    places = [place for batch in found for place in batch.places]
    assert places == sorted(range(len(lengths)), key=lambda place: -lengths[place][0])
    assert [len(batch.places) for batch in found[:-1]] == [rows] * (len(found) - 1)
    with pytest.raises(DataError, match="rows is 0.*pass rows=1 or more"):
        in_order(pairs, 0)


@settings(max_examples=60, deadline=None)
@given(lengths=LENGTHS, rows=st.integers(1, 7), epoch=st.integers(0, 2))
def test_buckets_have_fixed_shapes(lengths, rows, epoch):
    """Catches a pair in a larger bucket than it needs, or in none uncounted, weights behind </s>, and rows that differ."""
    shapes = [(3, 4), (5, 3), (7, 8)]
    pairs = make_pairs(lengths)
    wanted = {}
    for place, (s, t) in enumerate(lengths):
        fitting = [n for n, (source, target) in enumerate(shapes) if s <= source and t + 1 <= target]
        wanted[place] = fitting[0] if fitting else None
    left_out = list(wanted.values()).count(None)
    if left_out == len(lengths):
        with pytest.raises(DataError, match="None of the .* pairs fits into a bucket: pass larger ones"):
            Buckets(pairs, shapes, rows)
        return
    buckets = Buckets(pairs, shapes, rows, seed=3)
    found, seen = list(buckets.batches(epoch)), []
    assert (len(found), buckets.left_out) == (buckets.count, left_out)
    for batch in found:
        s, t = shapes[batch.bucket]
        assert batch.source.shape == (rows, s)
        assert batch.target_inputs.shape == batch.target_outputs.shape == batch.weights.shape == (rows, t)
        assert batch.weights.dtype == np.float32
        real = batch.places >= 0
        assert (batch.places[~real] == -1).all() and real[0]
        places = np.where(real, batch.places, batch.places[0])
        assert rows_of(batch) == [expected_row(pairs, place) for place in places]
        expected = [[float(r and n < length) for n in range(t)] for r, length in zip(real, batch.target_lengths)]
        assert batch.weights.tolist() == expected
        seen += [(place, batch.bucket) for place in batch.places[real].tolist()]
    assert sorted(seen) == sorted((place, bucket) for place, bucket in wanted.items() if bucket is not None)
    again = [batch.places.tolist() for batch in Buckets(pairs, shapes, rows, seed=3).batches(epoch, 1)]
    assert again == [batch.places.tolist() for batch in found[1:]]


def test_buckets_are_mixed_and_told():
    """Catches one bucket after the other in each epoch, one order for all epochs, and pairs left out unsaid."""
    buckets = Buckets(make_pairs([(2, 2)] * 50 + [(5, 5)] * 50 + [(9, 1)] * 3), [(3, 3), (6, 6)], 4)
    orders = {str([(batch.bucket, batch.places.tolist()) for batch in buckets.batches(epoch)]) for epoch in range(3)}
    kinds = [batch.bucket for batch in buckets.batches(0)]
    assert len(orders) == 3
    assert kinds not in (sorted(kinds), sorted(kinds, reverse=True))
    assert buckets.describe() == (
        "26 batches of 4 rows; pairs: 50 in (3, 3), 50 in (6, 6); left out because too long: 3"
    )


def test_buckets_that_cannot_be():
    """Catches a bucket that no pair can reach, and batches of no rows."""
    pairs = make_pairs([(2, 2)])
    assert [bucket_of(s, t, [(2, 3), (4, 4)]) for s, t in ((2, 3), (2, 4), (3, 1), (4, 5), (5, 4))] == [
        0,
        1,
        1,
        None,
        None,
    ]
    with pytest.raises(DataError, match=r"Bucket \(2, 3\) is never used, since \(4, 4\) before it holds as much"):
        Buckets(pairs, [(4, 4), (2, 3)], 2)
    for bucket in ((0, 5), (3, 1)):
        with pytest.raises(DataError, match="holds no pair: pass at least"):
            Buckets(pairs, [bucket], 2)
    with pytest.raises(DataError, match="rows is 0"):
        Buckets(pairs, [(4, 4)], 0)
    assert pair_batches.Buckets(pairs, [(2, 3), (4, 2), (2, 9)], 1).count == 1
