"""Penn Treebank's loader, the archive it may come in, and the grammar that stands in for it, whose entropy is known."""

import collections
import gzip
import hashlib
import itertools
import math
import os
import re
import tarfile

import numpy as np
import pytest
from bad_mirrors import Handler

from rnn_tf1.data.files import archive
from rnn_tf1.data.files.download import data_directory, without_home
from rnn_tf1.data.generated import grammar
from rnn_tf1.data.text import ptb
from rnn_tf1.data.text.text import END, UNKNOWN
from rnn_tf1.errors import DataError, DownloadError, OutputError

TRAIN, VALID, TEST = NAMES = ("ptb.train.txt", "ptb.valid.txt", "ptb.test.txt")
SMALL = {
    TRAIN: b" the cat sees the <unk> \n the dog sleeps \n",
    VALID: b" the cow sleeps \n",
    TEST: b"a dog sees \n the cat",
}
INSIDE = "./simple-examples/data/"


def put(folder, contents):
    os.makedirs(str(folder), exist_ok=True)
    for name, content in contents.items():
        with open(os.path.join(str(folder), name), "wb") as file:
            file.write(content)
    return str(folder)


def names_in(folder):
    return sorted(os.listdir(str(folder)))


def content_of(folder):
    return {name: open(os.path.join(str(folder), name), "rb").read() for name in names_in(folder)}


def member(name, content=b"", **attributes):
    """A part of an archive, as its header and what follows it."""
    info = tarfile.TarInfo(name)
    info.size = len(content)
    for key, value in attributes.items():
        setattr(info, key, value)
    return info, content


def tgz(*members):
    """A .tgz archive of these parts, in this order, with whatever sizes their headers tell."""
    packed = b"".join(info.tobuf() + content + b"\0" * (-len(content) % 512) for info, content in members)
    return gzip.compress(packed + b"\0" * 1024)


def whole(**replaced):
    """The members of an archive as it is published, among others."""
    contents = dict(SMALL, **replaced)
    return [
        member("./simple-examples", type=tarfile.DIRTYPE),
        member("./simple-examples/data/README", b"about"),
        *(member(INSIDE + name, content) for name, content in contents.items()),
        member("./simple-examples/models/large", b"x" * 5000),
    ]


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    """No test reaches the net; one that should not even ask for it fails where it does."""

    def asked(urls):
        raise AssertionError("the network was asked for")

    monkeypatch.setattr(ptb, "network_available", asked)


@pytest.fixture
def offline(monkeypatch):
    monkeypatch.setattr(ptb, "network_available", lambda urls: False)


@pytest.fixture
def published(monkeypatch):
    """The small texts are the published ones."""
    monkeypatch.setattr(ptb, "SHA256", {name: hashlib.sha256(content).hexdigest() for name, content in SMALL.items()})


@pytest.fixture
def pages(site, monkeypatch, published):
    """Mirrors of the single files and of the archive; gives a function that puts a page there, and their requests."""
    monkeypatch.setattr(ptb, "network_available", lambda urls: True)
    monkeypatch.setattr(ptb, "MIRRORS", (site.address + "files/",))
    monkeypatch.setattr(ptb, "ARCHIVES", tuple(site.urls("simple-examples.tgz")))

    def put_page(name, content, broken_at=None):
        monkeypatch.setattr(Handler, name, lambda self: self.file(content, broken_at), raising=False)

    for name in (*NAMES, "simple-examples.tgz"):
        monkeypatch.setattr(Handler, name, Handler.missing, raising=False)
    return put_page, site.requests


@pytest.mark.parametrize("home", [True, False])
def test_loads_the_files_of_a_folder(tmp_path, monkeypatch, home):
    """Catches words of the other parts in the vocabulary, parts mixed up, a user's name in the source, and files touched."""
    monkeypatch.setenv("HOME", str(tmp_path if home else tmp_path / "x"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path if home else tmp_path / "x"))
    monkeypatch.setenv("RNN_TF1_DATA", str(tmp_path))
    folder = put(tmp_path / "ptb", SMALL)
    data = ptb.load()
    assert data.vocabulary.words == ("the", END, UNKNOWN, "cat", "dog", "sees", "sleeps")
    for part, expected in (
        (data.train, ["the", "cat", "sees", "the", UNKNOWN, END, "the", "dog", "sleeps", END]),
        (data.validation, ["the", UNKNOWN, "sleeps", END]),
        (data.test, [UNKNOWN, "dog", "sees", END, "the", "cat", END]),
    ):
        assert part.dtype == np.int32
        assert data.vocabulary.decode(part) == expected
    assert (data.kind, data.perplexity) == ("real", None)
    assert data.source == (os.path.join("~", "ptb") if home else folder)
    assert content_of(folder) == SMALL
    assert names_in(tmp_path) == ["ptb"]


def test_the_vocabulary_may_be_smaller(tmp_path):
    """Catches a size that is not passed on."""
    put(tmp_path / "ptb", SMALL)
    data = ptb.load(str(tmp_path), size=4)
    assert data.vocabulary.words == ("the", END, UNKNOWN, "cat")


def test_the_identity_tells_texts_apart(tmp_path):
    """Catches a run continued with another text: of as many words, or of the same ids that mean others; and one whose figures
    would be those of another validation or test text."""
    texts = [{}] + [
        {TRAIN: SMALL[TRAIN].replace(*change)}
        for change in [(b"sees the", b"the sees"), (b"cat", b"cats"), (b"dog", b"dog dog")]
    ]
    texts += [{VALID: b" the dog sleeps \n"}, {TEST: b"a cat sees \n the dog"}, {TEST: b"other"}]
    texts += [{VALID: SMALL[TEST], TEST: SMALL[VALID]}]
    found = []
    for number, changed in enumerate(texts):
        put(tmp_path / str(number) / "ptb", dict(SMALL, **changed))
        found.append(ptb.load(str(tmp_path / str(number))).identity)
    assert len(set(found)) == len(texts) == 8
    put(tmp_path / "same" / "ptb", SMALL)
    assert ptb.load(str(tmp_path / "same")).identity == found[0]
    assert re.match(
        "real, 10 tokens, crc32 .{8}; validation 4 tokens, crc32 .{8}; test 7 tokens, crc32 .{8}$", found[0]
    )
    begins = {identity.split(";")[0] for identity in found[4:]}
    assert begins == {found[0].split(";")[0]}, "what older versions called the identity: their runs go on"


@pytest.mark.parametrize("content", [b"", b"caf\xe9"])
def test_bad_files_are_refused_and_kept(tmp_path, content):
    """Catches a user's file replaced by the published one, or by the stand-in."""
    folder = put(tmp_path / "ptb", dict(SMALL, **{VALID: content}))
    with pytest.raises(DataError) as caught:
        ptb.load(str(tmp_path))
    assert os.path.join(folder, VALID) in str(caught.value)
    assert content_of(folder)[VALID] == content


def test_missing_files_are_downloaded_and_found_again(tmp_path, pages):
    """Catches files stored where the next run does not look, a file fetched that is there, and the archive asked for too."""
    put_page, requests = pages
    for name in NAMES:
        put_page(name, SMALL[name])
    folder = put(tmp_path / "ptb", {VALID: SMALL[VALID]})
    data = ptb.load(str(tmp_path))
    assert (data.kind, len(data.train), len(data.validation)) == ("real", 10, 4)
    assert content_of(folder) == SMALL
    assert ptb.load(str(tmp_path)).identity == data.identity
    assert requests == [TRAIN, TEST]


@pytest.mark.parametrize("own", [TRAIN, TEST])
@pytest.mark.parametrize("way", ["network", "offline", "archive"])
def test_a_users_text_is_not_mixed_with_penn_treebank(tmp_path, pages, own, way, monkeypatch, capsys):
    """Catches the missing parts of a user's text fetched, unpacked or made: the figures would be of two texts."""
    put_page, requests = pages
    for name in NAMES:
        put_page(name, SMALL[name])
    mine = {own: SMALL[own] + b" my own \n", VALID: SMALL[VALID]}
    if way == "archive":
        mine["simple-examples.tgz"] = tgz(*whole())
    if way == "offline":
        monkeypatch.setattr(ptb, "network_available", lambda urls: False)
    folder = put(tmp_path / "ptb", mine)
    with pytest.raises(DataError) as caught:
        ptb.load(str(tmp_path))
    missing = TEST if own == TRAIN else TRAIN
    for word in (
        os.path.join(folder, own),
        "not Penn Treebank's",
        missing + " missing",
        "Put your own parts there too",
    ):
        assert word in str(caught.value)
    assert VALID not in str(caught.value) and not requests and content_of(folder) == mine
    assert "GENERATED" not in capsys.readouterr().err and names_in(tmp_path) == ["ptb"]
    put(folder, {missing: b" the dog \n"})
    assert ptb.load(str(tmp_path)).kind == "real"


def test_a_large_text_of_a_user_is_not_read_to_tell_that_it_is_theirs(tmp_path, monkeypatch):
    """Catches a text of some gigabytes read into memory for its checksum."""
    monkeypatch.setattr(ptb, "MAX_BYTES", 50)
    monkeypatch.setattr(ptb, "_check_sha256", lambda name, path: pytest.fail("it is read"))
    put(tmp_path / "ptb", {TRAIN: b"word " * 20})
    with pytest.raises(DataError, match="is not Penn Treebank's, and ptb.valid.txt, ptb.test.txt missing"):
        ptb.load(str(tmp_path))


def test_the_archive_is_the_second_mirror(tmp_path, pages):
    """Catches an archive that is not asked for, kept, or unpacked with all that is in it; and a broken file taken."""
    put_page, requests = pages
    put_page(TRAIN, SMALL[TRAIN])
    put_page(VALID, SMALL[VALID][:-1])
    put_page("simple-examples.tgz", tgz(*whole()))
    data = ptb.load(str(tmp_path))
    assert data.kind == "real"
    assert content_of(tmp_path / "ptb") == SMALL
    assert requests == [TRAIN, VALID, "simple-examples.tgz"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (tgz(*whole())[:-60], "truncated or damaged"),
        (tgz(*whole(**{TEST: b"another text"})), "not the published file"),
        (b"no archive", "not a .tgz archive"),
    ],
)
def test_a_bad_archive_is_an_error_and_never_the_stand_in(tmp_path, pages, content, reason, capsys):
    """Catches made data passed off where the network is there, files of a damaged archive kept, and a reason left out."""
    put_page, _ = pages
    put_page("simple-examples.tgz", content)
    with pytest.raises(DownloadError, match="HTTP 404") as caught:
        ptb.load(str(tmp_path))
    for word in (TRAIN, "simple-examples.tgz", reason, "data_dir", *ptb.MIRRORS, *ptb.ARCHIVES):
        assert word in str(caught.value)
    assert names_in(tmp_path) == ["ptb"]
    assert names_in(tmp_path / "ptb") == []
    assert "GENERATED" not in capsys.readouterr().err


def test_an_archive_in_the_folder_is_read(tmp_path, published):
    """Catches a network asked for what is there, the user's archive removed, and a damaged one not named or replaced."""
    own = tgz(*whole())
    folder = put(tmp_path / "ptb", {"simple-examples.tgz": own, TEST: SMALL[TEST]})
    assert ptb.load(str(tmp_path)).kind == "real"
    assert content_of(folder) == dict(SMALL, **{"simple-examples.tgz": own})

    folder = put(tmp_path / "bad" / "ptb", {"simple-examples.tgz": own[:90]})
    with pytest.raises(DataError, match="truncated or damaged.*delete it and run again") as caught:
        ptb.load(str(tmp_path / "bad"))
    assert os.path.join(folder, "simple-examples.tgz") in str(caught.value)
    assert names_in(folder) == ["simple-examples.tgz"]


def test_a_disk_that_fills_up_leaves_no_half_file(tmp_path, published, monkeypatch):
    """Catches a file unpacked under its own name, which the next run would take for a whole one."""
    folder = put(tmp_path / "ptb", {"simple-examples.tgz": tgz(*whole())})

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("rnn_tf1.program.files.os.fsync", full)
    with pytest.raises(OutputError, match="disk is full.*data_dir"):
        ptb.load(str(tmp_path))
    assert names_in(folder) == ["simple-examples.tgz"]


WANTED = "simple-examples/data/" + TRAIN
HERE = member(WANTED, b"text")


def read(tmp_path, content, names=(WANTED,), maximum=5000):
    return archive.read_members(os.path.join(put(tmp_path / "in", {"x.tgz": content}), "x.tgz"), names, maximum)


@pytest.mark.parametrize(
    "others",
    [
        [member("../" + WANTED, b"evil"), member("/" + WANTED, b"evil"), member("x/../" + WANTED, b"evil")],
        [member("simple-examples/data/./" + TRAIN, b"evil"), member("././" + WANTED, b"evil")],
        [
            member("link", type=tarfile.SYMTYPE, linkname="/etc/passwd"),
            member("hard", type=tarfile.LNKTYPE, linkname="x"),
        ],
        [member("device", type=tarfile.CHRTYPE, devmajor=1), member("fifo", type=tarfile.FIFOTYPE)],
        [member("large", b"\0" * 60000)],
    ],
    ids=["outside", "dots", "links", "devices", "large"],
)
def test_only_the_asked_files_are_read_out_of_an_archive(tmp_path, others):
    """Catches a path that leaves the folder, a link followed or written, and a large file elsewhere that is a reason."""
    for order in ([*others, HERE], [HERE, *others], [member("./" + WANTED, b"text"), member(WANTED, b"evil"), *others]):
        assert read(tmp_path, tgz(*order)) == {WANTED: b"text"}
        assert names_in(tmp_path) == ["in"]
        assert names_in(tmp_path / "in") == ["x.tgz"]


def test_names_are_told_apart(tmp_path):
    """Catches contents given to another name, and an empty file taken for a missing one."""
    members = [member("./b", b"2"), member("c", b""), member("./a", b"1" * 5000)]
    assert read(tmp_path, tgz(*members), ("a", "b", "c")) == {"a": b"1" * 5000, "b": b"2", "c": b""}


GOOD = tgz(member("other", bytes(range(256)) * 20), member(WANTED, np.random.RandomState(0).bytes(4000)))
GNU_LONG = member("././@LongLink", b"", type=tarfile.GNUTYPE_LONGNAME, size=1 << 32)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "truncated or damaged|not in it"),
        (b"no archive at all", "not a .tgz archive"),
        (gzip.compress(b"no archive at all"), "truncated or damaged"),
        (gzip.compress(b"x" * 4000), "truncated or damaged"),
        (GOOD[:2000], "truncated or damaged"),
        (GOOD[:30], "truncated or damaged"),
        (GOOD[:100] + b"\xff" * 40 + GOOD[140:], "damaged"),
        (tgz(member("other", b"x")), f"{WANTED} not in it"),
        (tgz(member("other", b"x"))[:-8], "truncated or damaged|not in it"),
        (gzip.compress(gzip.decompress(tgz(HERE))[:514]), "truncated or damaged"),
        (tgz(member(WANTED, b"x" * 5001)), "has 5001 bytes, but at most 5000 are allowed"),
        (tgz(member(WANTED, b"x", size=1 << 40)), "has 1099511627776 bytes"),
        (tgz(member(WANTED, type=tarfile.SYMTYPE, linkname="/etc/passwd")), "is not a file but a link or the like"),
        (
            tgz(member("a", b"text"), member(WANTED, type=tarfile.LNKTYPE, linkname="a")),
            "is not a file but a link or the like",
        ),
        (tgz(member(WANTED, type=tarfile.FIFOTYPE)), "is not a file but a link or the like"),
        (tgz(member(WANTED, type=tarfile.DIRTYPE)), "is not a file but a link or the like"),
        (tgz(GNU_LONG, HERE), "a part of it has 4294967296 bytes"),
        (tgz(member("other", size=1 << 40), HERE), "unpacks to more than"),
    ],
    ids=map(str, range(18)),  # archives hold the time at which they were made
)
def test_damaged_archives_are_refused(tmp_path, content, reason):
    """Catches a traceback of gzip or tarfile, half a file taken for whole, a link followed, and memory filled."""
    with pytest.raises(DataError, match=reason) as caught:
        read(tmp_path, content)
    assert str(tmp_path / "in" / "x.tgz") in str(caught.value)
    assert names_in(tmp_path / "in") == ["x.tgz"]


def test_every_cut_of_an_archive_is_noticed(tmp_path):
    """Catches a truncated archive whose file is given in part: each cut is an error, or behind the whole file."""
    content = tgz(member(WANTED, os.urandom(700)))
    for length in range(0, len(content), 7):
        try:
            found = read(tmp_path, content[:length])[WANTED]
        except DataError:
            continue
        assert found == read(tmp_path, content)[WANTED]
        assert length > 700


def test_an_archive_of_too_many_parts_is_given_up(tmp_path, monkeypatch):
    """Catches an archive of millions of empty files, which take minutes and memory."""
    monkeypatch.setattr(archive, "MOST_MEMBERS", 20)
    assert read(tmp_path, tgz(*[member("x")] * 19, HERE)) == {WANTED: b"text"}
    with pytest.raises(DataError, match="not in it"):
        read(tmp_path, tgz(*[member("x")] * 20, HERE))


def test_a_missing_archive_is_named(tmp_path):
    """Catches a bare FileNotFoundError."""
    with pytest.raises(DataError, match=r"missing.tgz: cannot be read \(No such file"):
        archive.read_members(str(tmp_path / "missing.tgz"), ["a"], 100)


def test_without_a_network_the_stand_in_says_so_in_one_line(tmp_path, offline, published, capsys):
    """Catches made text passed off as Penn Treebank: in silence, in its folder, or in the figures; and one made anew."""
    put(tmp_path / "ptb", {VALID: SMALL[VALID]})
    data = ptb.load(str(tmp_path))
    shown = capsys.readouterr().err
    assert len(shown.splitlines()) == 1
    for word in ["WARNING", "GENERATED", TRAIN, TEST, str(tmp_path / "ptb"), "not Penn Treebank", "data_dir"]:
        assert word in shown
    assert VALID not in shown
    assert (data.kind, data.source) == ("generated", str(tmp_path / "ptb-generated"))
    assert data.identity.startswith("generated, 2000")
    assert content_of(tmp_path / "ptb") == {VALID: SMALL[VALID]}
    assert names_in(data.source) == sorted([*NAMES, "generated.txt"])
    for part, size in zip(data[:3], (200000, 20000, 20000)):
        assert size <= len(part) < size + 100
        assert part[-1] == data.vocabulary.end
        assert not (part == data.vocabulary.unknown).any(), "the stated perplexity knows no <unk>"
    assert data.perplexity == math.exp(grammar.entropy())

    before = {name: os.stat(os.path.join(data.source, name)).st_mtime_ns for name in names_in(data.source)}
    assert ptb.load(str(tmp_path)).identity == data.identity
    assert {name: os.stat(os.path.join(data.source, name)).st_mtime_ns for name in names_in(data.source)} == before


@pytest.mark.parametrize("change", ["missing", "another grammar", "unfinished"])
def test_a_stand_in_that_is_not_of_this_grammar_is_made_anew(tmp_path, change, monkeypatch):
    """Catches a best perplexity stated of a text that another grammar wrote, and a run killed between two of the files."""
    put(tmp_path / "ptb", SMALL)
    monkeypatch.setattr(ptb, "GENERATED", {TRAIN: 2000, VALID: 300, TEST: 300})
    expected = ptb.load(str(tmp_path), generated=True)
    folder = expected.source
    if change == "missing":
        os.remove(os.path.join(folder, VALID))
    else:
        put(folder, {TRAIN: b"something else\n"})
    if change == "another grammar":
        put(folder, {"generated.txt": b"1.234567890 nats"})
    if change == "unfinished":
        os.remove(os.path.join(folder, "generated.txt"))
    again = ptb.load(str(tmp_path), generated=True)
    assert again.identity == expected.identity
    assert again.validation.tolist() == expected.validation.tolist()


def test_a_smaller_vocabulary_of_the_stand_in_has_no_stated_perplexity(tmp_path, monkeypatch):
    """Catches the perplexity of the words stated where some are <unk>, of which it is lower."""
    monkeypatch.setattr(ptb, "GENERATED", {TRAIN: 2000, VALID: 300, TEST: 300})
    data = ptb.load(str(tmp_path), generated=True, size=50)
    assert (len(data.vocabulary), data.perplexity) == (50, None)
    monkeypatch.setattr(ptb, "GENERATED", {TRAIN: 30000, VALID: 300, TEST: 300})
    data = ptb.load(str(tmp_path / "long"), generated=True, size=900)
    assert data.perplexity == math.exp(grammar.entropy())


def test_a_folder_that_cannot_be_written_to_is_named(tmp_path, offline, monkeypatch):
    """Catches a stand-in put elsewhere than the user said, or a bare PermissionError."""

    def refuse(**arguments):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr("rnn_tf1.program.files.tempfile.TemporaryFile", refuse)
    with pytest.raises(OutputError, match="ptb-generated.*Read-only.*data_dir"):
        ptb.load(str(tmp_path))


def words_from(count, seed):
    """The words of at least so many tokens of whole sentences."""
    found = []
    for sentence in grammar.sentences(np.random.RandomState(seed)):
        found += sentence
        if len(found) >= count:
            return found
    return found


def test_the_grammar_is_one_that_has_an_exact_entropy():
    """Catches chances that do not sum to 1, a word that leads to two states, states never reached, words in two classes."""
    states = grammar.automaton()
    reached = {grammar.START}
    for arcs in states.values():
        words = [word for word, _, _ in arcs]
        assert len(set(words)) == len(words)
        assert math.isclose(sum(chance for _, chance, _ in arcs), 1)
        assert min(chance for _, chance, _ in arcs) > 0
        reached |= {follower for _, _, follower in arcs}
        assert all((word == END) == (follower == grammar.START) for word, _, follower in arcs)
    assert reached == set(states)
    words = {word for arcs in states.values() for word, _, _ in arcs}
    assert 300 <= len(words) <= 1000
    assert all(re.match(r"[a-z][a-z-]*$|<eos>$", word) for word in words)


def test_the_stated_entropy_is_that_of_the_stationary_chain():
    """Catches the entropy of a sentence, or of its words without their end, or bits: states are here weighed by walking."""
    states = grammar.automaton()
    names = list(states)
    moves, surprise = np.zeros([len(names)] * 2), np.zeros(len(names))
    for row, name in enumerate(names):
        for _, chance, follower in states[name]:
            moves[row, names.index(follower)] += chance
            surprise[row] += chance * -math.log(chance)
    share = np.full(len(names), 1 / len(names))
    for _ in range(2000):
        share = share @ moves
    np.testing.assert_allclose(grammar.entropy(), share @ surprise, rtol=1e-9)


def test_the_stated_entropy_is_what_a_text_costs():
    """Catches text that is not of the stated chances: each token is scored by a sum over all states it may stand in."""
    arcs = collections.defaultdict(list)
    for name, options in grammar.automaton().items():
        for word, chance, follower in options:
            arcs[word].append((name, chance, follower))
    belief, costs, cost, length = {grammar.START: 1.0}, [], 0.0, 0
    for word in words_from(60000, seed=5):
        after = collections.defaultdict(float)
        for name, chance, follower in arcs[word]:
            after[follower] += belief.get(name, 0.0) * chance
        total = sum(after.values())
        belief = {name: value / total for name, value in after.items() if value}
        cost, length = cost - math.log(total), length + 1
        if word == END:
            costs.append((cost, length))
            cost, length = 0.0, 0
    costs = np.array(costs)
    mean = costs[:, 0].sum() / costs[:, 1].sum()
    error = np.std(costs[:, 0] - mean * costs[:, 1]) / math.sqrt(len(costs)) / costs[:, 1].mean()
    assert error < 0.01
    assert abs(mean - grammar.entropy()) < 4 * error


def test_no_count_of_words_does_better_than_the_stated_entropy():
    """Catches an entropy stated too high, by models that know nothing of the grammar; and far too low a one."""
    train, test = words_from(150000, seed=6), words_from(20000, seed=7)
    kinds = len(set(train))
    scores = []
    for context in (0, 1, 2):
        seen, pair = collections.Counter(), collections.Counter()
        for place in range(context, len(train)):
            before = tuple(train[place - context : place])
            seen[before] += 1
            pair[before, train[place]] += 1
        cost = 0.0
        for place in range(2, len(test)):
            before = tuple(test[place - context : place])
            cost -= math.log((pair[before, test[place]] + 0.02) / (seen[before] + 0.02 * kinds))
        scores.append(cost / (len(test) - 2))
    assert scores[0] > scores[1] + 0.5 > grammar.entropy() + 0.5
    assert min(scores) - 0.6 < grammar.entropy() < min(scores)


def test_verbs_agree_with_their_subject_over_other_nouns():
    """Catches agreement with the noun that stands nearer, for which two words of context would do."""
    one, many = "(?:one|this|that|every|each|another)", "(?:these|those|all|some|many|two|three|seven)"
    noun = r"(?!(?:%s)\b)\w+" % "|".join(grammar._WORDS["adjective"].split())
    found = collections.Counter()
    for sentence in itertools.islice(grammar.sentences(np.random.RandomState(8)), 40000):
        line = " ".join(sentence)
        for number, first, second in (("one", one, many), ("many", many, one)):
            relative = re.match(rf"{first} {noun} who (\w+) {second} {noun} (\w+)", line)
            place = re.match(rf"{first} {noun} (?:with|in|near|behind|under|from) {second} {noun} (\w+)", line)
            joined = re.match(rf"{first} {noun} (\w+) {second} {noun} and (\w+)", line)
            for match in filter(None, (relative, place, joined)):
                for verb in match.groups():
                    assert verb.endswith("s") == (number == "one"), line
                found[number, match.re.pattern] += 1
    assert len(found) == 6
    assert min(found.values()) > 10


def test_generated_text_depends_on_its_seed_and_place_alone(tmp_path, monkeypatch):
    """Catches a stand-in that differs from run to run, a test text that repeats the training one, half a sentence."""
    for folder, sizes, seed in (
        ("a", {"x": 900, "y": 900}, 0),
        ("b", {"x": 900, "y": 300}, 0),
        ("c", {"x": 900, "y": 900}, 1),
    ):
        np.random.seed(len(folder))
        grammar.generate(str(tmp_path / folder), sizes, seed)
    a, b, c = (content_of(tmp_path / folder) for folder in "abc")
    assert a["x"] == b["x"] != a["y"]
    assert a["y"].startswith(b["y"])
    assert a["x"] != c["x"]
    for size, content in ((900, a["x"]), (300, b["y"])):
        lines = content.decode().splitlines()
        lengths = [len(line.split()) + 1 for line in lines]
        assert content.endswith(b"\n")
        assert sum(lengths[:-1]) < size <= sum(lengths)


REAL = os.path.join(data_directory(), "ptb")


@pytest.mark.skipif(not os.path.isdir(REAL), reason="no Penn Treebank in %s: set RNN_TF1_DATA" % REAL)
def test_real_ptb():
    """Catches tokens lost or added: the published numbers, which every paper on this text states."""
    data = ptb.load()
    assert (data.kind, data.source, data.perplexity) == ("real", without_home(REAL), None)
    assert [len(part) for part in data[:3]] == [929589, 73760, 82430]
    assert len(data.vocabulary) == 10000
    counts = np.bincount(data.train)
    assert counts.argmax() == data.vocabulary.ids["the"] == 0
    assert (counts[0], counts[data.vocabulary.unknown], counts[data.vocabulary.end]) == (50770, 45020, 42068)
    assert (np.diff(counts) <= 0).all()
    start = "aer banknote berlitz calloway centrust cluett fromstein gitano guterman"
    assert " ".join(data.vocabulary.decode(data.train[:9])) == start
    for name in NAMES:
        ptb._check_sha256(name, os.path.join(REAL, name))
