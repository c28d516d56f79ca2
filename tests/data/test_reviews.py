"""Film reviews: their files, the published archive, the split by seed, and the grammar that stands in."""

import collections
import os
import re

import numpy as np
import pytest
from bad_mirrors import HTML, Handler
from test_ptb import content_of, member, names_in, put, tgz

from rnn_tf1.data.files import sets
from rnn_tf1.data.files.download import data_directory, without_home
from rnn_tf1.data.text import reviews
from rnn_tf1.errors import DataError, DownloadError

NEGATIVE, POSITIVE = NAMES = ("rt-polarity.neg", "rt-polarity.pos")
OWN = {
    NEGATIVE: "".join("bad %d , said  the café\t. \n" % number for number in range(31)).encode("utf-8"),
    POSITIVE: "".join("good %d !\r\n" % number for number in range(26)).encode("utf-8")[:-2],
}
ARCHIVE = "rt-polaritydata.tar.gz"
LATIN = {NEGATIVE: b"a clich\xe9 \x96 sad\n" * 12, POSITIVE: b"na\xefve \x85 \x91good\x92 \xbd\n" * 12}
UNICODE = {NEGATIVE: "a cliché – sad\n" * 12, POSITIVE: "naïve … ‘good’ ½\n" * 12}
PUBLISHED = {name: text.encode("utf-8") for name, text in UNICODE.items()}


def packed(contents, folder="rt-polaritydata/"):
    """An archive as it is published, among others."""
    about = member("rt-polaritydata.README.1.0.txt", b"about")
    return tgz(about, *(member(folder + name, content) for name, content in contents.items()))


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    """No test reaches the net; one that should not even ask for it fails where it does."""

    def asked(urls):
        raise AssertionError("the network was asked for")

    monkeypatch.setattr(sets, "network_available", asked)


@pytest.fixture
def offline(monkeypatch):
    monkeypatch.setattr(sets, "network_available", lambda urls: False)


@pytest.fixture
def small(monkeypatch):
    """The small files are the published ones."""
    monkeypatch.setattr(reviews, "SENTENCES", 12)


@pytest.fixture
def pages(site, monkeypatch, small):
    """A mirror of the archive; gives a function that puts it there, and the requests."""
    monkeypatch.setattr(sets, "network_available", lambda urls: urls == reviews.MIRRORS)
    monkeypatch.setattr(reviews, "MIRRORS", tuple(site.urls(ARCHIVE)))
    monkeypatch.setattr(reviews, "_SET", reviews._SET._replace(mirrors=reviews.MIRRORS))

    def put_page(content):
        monkeypatch.setattr(Handler, ARCHIVE, lambda self: self.file(content), raising=False)

    put_page(packed(LATIN))
    return put_page, site.requests


def test_loads_the_files_of_a_folder(tmp_path, monkeypatch):
    """Catches labels of the other file, sentences lost or twice, words cut elsewhere than at blanks, and files touched."""
    monkeypatch.setenv("RNN_TF1_DATA", str(tmp_path))
    folder = put(tmp_path / "reviews", OWN)
    data = reviews.load()
    assert (data.kind, data.source) == ("real", folder)
    assert [len(part.sentences) for part in data[:3]] == [46, 5, 6], "57: 6 for the test, 5 of the 51 left"
    found = collections.Counter()
    for part in data[:3]:
        assert part.labels.dtype == np.int32 and part.labels.shape == (len(part.sentences),)
        found.update((tuple(words), label) for words, label in zip(part.sentences, part.labels.tolist()))
    expected = [(("bad", str(n), ",", "said", "the", "café", "."), 0) for n in range(31)]
    expected += [(("good", str(n), "!"), 1) for n in range(26)]
    assert found == collections.Counter(expected)
    assert [reviews.CLASSES[label] for label in (0, 1)] == ["negative", "positive"]
    assert content_of(folder) == OWN and os.listdir(str(tmp_path)) == ["reviews"]


def test_who_is_held_out_depends_on_the_seed_alone(tmp_path):
    """Catches a test of the last sentences, all of one kind; one that is the same for each seed; and a state outside."""
    put(tmp_path / "reviews", OWN)
    tests = set()
    for seed in range(8):
        np.random.seed(1)
        data = reviews.load(str(tmp_path), seed)
        np.random.seed(2)
        again = reviews.load(str(tmp_path), seed)
        assert [part.sentences for part in again[:3]] == [part.sentences for part in data[:3]]
        assert again.identity == data.identity
        tests.add(repr(sorted(data.test.sentences)))
        assert 0 < data.train.labels.mean() < 1
    assert len(tests) == 8
    held = np.concatenate([reviews.load(str(tmp_path), seed).test.labels for seed in range(60)])
    assert held.mean() == pytest.approx(26 / 57, abs=0.1)
    with pytest.raises(DataError, match="seed is -1"):
        reviews.load(str(tmp_path), -1)


def test_the_identity_tells_data_and_splits_apart(tmp_path):
    """Catches a run continued with other sentences, with another split, or with the two files changed round."""
    texts = [
        OWN,
        dict(OWN, **{POSITIVE: OWN[POSITIVE].replace(b"good 7", b"good 8")}),
        {NEGATIVE: OWN[POSITIVE], POSITIVE: OWN[NEGATIVE]},
    ]
    found = []
    for number, contents in enumerate(texts):
        put(tmp_path / str(number) / "reviews", contents)
        found += [reviews.load(str(tmp_path / str(number)), seed).identity for seed in (0, 1)]
    for number, counts in enumerate(((12, 10), (10, 12)), len(texts)):  # the same sentences, of another verdict
        put(tmp_path / str(number) / "reviews", {name: b"so so\n" * count for name, count in zip(NAMES, counts)})
        found.append(reviews.load(str(tmp_path / str(number))).identity.replace("18 sentences", "46 sentences"))
    assert len(set(found)) == 8
    assert all(re.match("real, 46 sentences, crc32 [0-9a-f]{8}$", one) for one in found)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"a b\n" * 11 + b" \t\n" + b"c\n", "line 12 is blank, a sentence without words: remove it"),
        (b"a b\n" * 11 + b"\n", "line 12 is blank"),
        (b"\n" + b"a b\n" * 11, "line 1 is blank"),
        (b"a b\n" * 9, "it has 9 sentences, but at least 10 are needed. Put the right file there"),
        (b"", "it has 0 sentences"),
        (b"a\n" * 11 + b"caf\xe9\n", "line 12: byte 25 of the file is not UTF-8"),
        (b"a\n" * 11 + b"b\x07\n", r"line 12: character 2 is the control character U\+0007"),
        (HTML, "it has 1 sentences"),
    ],
)
@pytest.mark.parametrize("name", NAMES)
def test_bad_files_are_refused_and_kept(tmp_path, name, content, reason):
    """Catches a sentence without a word, which has no last output, and an error without file or line."""
    folder = put(tmp_path / "reviews", dict(OWN, **{name: content}))
    with pytest.raises(DataError, match=reason) as caught:
        reviews.load(str(tmp_path))
    assert str(caught.value).startswith(os.path.join(folder, name) + ": ")
    assert content_of(folder)[name] == content


def test_ten_sentences_are_enough(tmp_path):
    """Catches a limit that is one too high."""
    put(tmp_path / "reviews", {name: b"a b\n" * 10 for name in NAMES})
    assert [len(part.sentences) for part in reviews.load(str(tmp_path))[:3]] == [16, 2, 2]


# The published archive


def test_the_archive_is_fetched_and_written_as_utf8(tmp_path, pages):
    """Catches Latin-1 taken for UTF-8, dashes lost as control characters, an archive kept, and one fetched again."""
    _, requests = pages
    data = reviews.load(str(tmp_path))
    folder = str(tmp_path / "reviews")
    assert content_of(folder) == PUBLISHED
    assert data.kind == "real"
    assert sum((part.sentences for part in data[:3]), []).count(["naïve", "…", "‘good’", "½"]) == 12
    assert reviews.load(str(tmp_path)).identity == data.identity
    assert requests == [ARCHIVE]
    os.remove(os.path.join(folder, POSITIVE))
    put(folder, {NEGATIVE: b"my own\n" * 12})
    reviews.load(str(tmp_path))
    assert content_of(folder) == {NEGATIVE: b"my own\n" * 12, POSITIVE: PUBLISHED[POSITIVE]}, "what is there is kept"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (packed(LATIN)[:-30], "truncated or damaged"),
        (packed(dict(LATIN, **{POSITIVE: LATIN[POSITIVE] * 2})), "rt-polarity.pos in it has 24 lines, 12 expected"),
        (packed({NEGATIVE: LATIN[NEGATIVE]}), "rt-polaritydata/rt-polarity.pos not in it"),
        (packed(LATIN, "elsewhere/"), "not in it"),
        (b"no archive", "not a .tgz archive"),
    ],
    ids=range(5),
)
def test_a_bad_archive_is_an_error_and_never_the_stand_in(tmp_path, pages, content, reason, capsys):
    """Catches made data passed off where the network is there, and another archive unpacked."""
    pages[0](content)
    with pytest.raises(DownloadError, match=reason) as caught:
        reviews.load(str(tmp_path))
    for word in (ARCHIVE, "another data_dir that has it", *reviews.MIRRORS):
        assert word in str(caught.value)
    assert names_in(tmp_path / "reviews") == [] and names_in(tmp_path) == ["reviews"]
    assert "GENERATED" not in capsys.readouterr().err


@pytest.mark.parametrize("there", [[], [POSITIVE]])
def test_an_archive_in_the_folder_is_read_and_kept(tmp_path, small, there):
    """Catches a stand-in beside the archive that a user was told to put there, a network asked for it, and one removed."""
    own = packed(LATIN)
    folder = put(tmp_path / "reviews", {ARCHIVE: own})
    put(folder, {name: PUBLISHED[name] for name in there})
    assert reviews.load(str(tmp_path)).kind == "real"
    assert content_of(folder) == dict(PUBLISHED, **{ARCHIVE: own})


def test_an_archive_is_not_read_where_nothing_is_missing(tmp_path):
    """Catches a user's files written over, and a damaged archive that stands in the way of whole files."""
    folder = put(tmp_path / "reviews", dict(OWN, **{ARCHIVE: b"damaged"}))
    assert len(reviews.load(str(tmp_path)).train.sentences) == 46
    assert content_of(folder) == dict(OWN, **{ARCHIVE: b"damaged"})


@pytest.mark.parametrize(
    "content", [packed(LATIN)[:90], packed({NEGATIVE: b"x\n", POSITIVE: b"y\n"}), b""], ids=range(3)
)
def test_a_bad_archive_in_the_folder_is_named(tmp_path, small, content):
    """Catches a user's archive replaced, or passed over for the stand-in."""
    folder = put(tmp_path / "reviews", {ARCHIVE: content})
    with pytest.raises(DataError, match="Remove it, or put the right one there") as caught:
        reviews.load(str(tmp_path))
    assert os.path.join(folder, ARCHIVE) in str(caught.value)
    assert content_of(folder) == {ARCHIVE: content}


@pytest.mark.parametrize("way", ["network", "archive", "offline"])
@pytest.mark.parametrize("name", NAMES)
def test_a_users_sentences_are_not_mixed_with_the_published_ones(tmp_path, pages, name, way, monkeypatch):
    """Catches half of a user's own data, and half of the published: the figures would be of neither."""
    mine = {name: OWN[name]}
    if way == "archive":
        mine[ARCHIVE] = packed(LATIN)
    if way == "offline":
        monkeypatch.setattr(sets, "network_available", lambda urls: False)
    folder = put(tmp_path / "reviews", mine)
    other = POSITIVE if name == NEGATIVE else NEGATIVE
    with pytest.raises(DataError, match=other + " missing.*(Put your own there too|Put all files)") as caught:
        reviews.load(str(tmp_path))
    assert folder in str(caught.value)
    assert content_of(folder) == mine and pages[1] == []


# The stand-in

GOOD = {
    *("moving", "funny", "clever", "brilliant", "warm", "gripping"),
    *("fresh", "charming", "honest", "wonderful", "tender", "witty"),
}
BAD = {
    *("dull", "silly", "tedious", "clumsy", "stale", "hollow"),
    *("predictable", "lifeless", "awful", "pointless", "shallow", "noisy"),
}


def verdict(clause):
    """Whether a clause is for the film: of its last word, turned round by "not"."""
    last, turned = clause[-1], "not" in clause
    assert (last in GOOD) != (last in BAD), clause
    return (last in GOOD) != turned


def test_without_a_network_sentences_of_a_grammar_stand_in(tmp_path, offline, capsys):
    """Catches made sentences passed off as reviews, or made anew; and verdicts that the words do not give, or one word does."""
    data = reviews.load(str(tmp_path))
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and "GENERATED sentences, written by a grammar, not film reviews" in said
    assert (data.kind, data.source) == ("generated", str(tmp_path / "reviews-generated"))
    assert [len(part.sentences) for part in data[:3]] == [3240, 360, 400]
    assert data.identity.startswith("generated, 3240 sentences")
    before = content_of(data.source)
    assert reviews.load(str(tmp_path), generated=True).identity == data.identity
    assert content_of(data.source) == before and before["generated.txt"].endswith(b"version 1.\n")
    kinds, alone = collections.Counter(), collections.defaultdict(collections.Counter)
    for part in data[:3]:
        for words, label in zip(part.sentences, part.labels):
            text = " ".join(words)
            assert re.match(
                r"(\S+ says that )?(the \S+ is (not )?(\S+ )?\S+)( , but the \S+ is (not )?(\S+ )?\S+)? \.$", text
            )
            clauses = text[: -len(" .")].split(" , but ")
            assert verdict(clauses[-1].split()) == label, text
            if len(clauses) == 2:
                assert verdict(clauses[0].split()) != label, text
            kinds.update({"but", "not", "says", "very"} & set(words))
            for word in set(words) & (GOOD | BAD):
                alone[word][int(label)] += 1
    assert len(kinds) == 4 and min(kinds.values()) > 600
    assert all(min(counts.values()) > 0.2 * sum(counts.values()) for counts in alone.values())
    assert set(alone) == GOOD | BAD


REAL = os.path.join(data_directory(), "reviews")


@pytest.mark.skipif(not os.path.isdir(REAL), reason="no film reviews in %s: set RNN_TF1_DATA" % REAL)
def test_real_reviews():
    """Catches sentences lost or added: the published numbers, 5,331 for and 5,331 against."""
    data = reviews.load()
    assert (data.kind, data.source) == ("real", without_home(REAL))
    assert [len(part.sentences) for part in data[:3]] == [8636, 960, 1066]
    labels = np.concatenate([part.labels for part in data[:3]])
    assert np.bincount(labels).tolist() == [5331, 5331]
    lines = set()
    for label, name in enumerate(NAMES):
        with open(os.path.join(REAL, name), encoding="utf-8") as file:
            lines |= {(tuple(line.split()), label) for line in file}
    found = [(tuple(s), int(k)) for part in data[:3] for s, k in zip(part.sentences, part.labels)]
    assert set(found) == lines and len(found) == 10662
