"""Where the files of a data set come from: every branch of `locate`, with fetching and generating that are only recorded."""

import os

import pytest
from test_ptb import content_of, put

from rnn_tf1.data.files import sets
from rnn_tf1.data.files.sets import NOTE, DataSet, locate
from rnn_tf1.errors import DataError, DownloadError, OutputError

FILES = {"one.txt": b"1", "two.txt": b"2"}
MADE = {"one.txt": b"made 1", "two.txt": b"made 2"}


class World(object):
    """A data set, and what was done for it."""

    def __init__(self, folder, monkeypatch):
        self.folder, self.here, self.there = folder, os.path.join(folder, "set"), os.path.join(folder, "set-generated")
        self.network, self.done, self.made = None, [], dict(MADE)
        monkeypatch.setattr(sets, "network_available", self.answer)

    def answer(self, urls):
        assert self.network is not None, "the network was asked for"
        assert urls == ("https://mirror/one",)
        return self.network

    def fetch(self, folder, missing):
        self.done.append(("fetch", folder, list(missing)))
        put(folder, {name: FILES[name] for name in missing})

    def generate(self, folder):
        self.done.append(("generate", folder))
        put(folder, self.made)

    def locate(self, generated=False, **changes):
        known = dict(
            folder="set",
            names=("one.txt", "two.txt"),
            fetch=self.fetch,
            mirrors=("https://mirror/one",),
            generate=self.generate,
            note="Made by hand, version 1.",
            stand_in="GENERATED numbers",
        )
        return locate(DataSet(**dict(known, **changes)), self.folder, generated)


@pytest.fixture
def world(tmp_path, monkeypatch):
    return World(str(tmp_path), monkeypatch)


def test_files_that_are_there_are_taken(world, capsys):
    """Catches a network asked for what is there, and a file touched."""
    put(world.here, FILES)
    assert world.locate() == (world.here, "real")
    assert content_of(world.here) == FILES and os.listdir(world.folder) == ["set"]
    assert not world.done and capsys.readouterr().err == ""


def test_the_folder_is_that_of_the_environment(world, monkeypatch):
    """Catches a default folder that is not asked for."""
    put(world.here, FILES)
    monkeypatch.setenv("RNN_TF1_DATA", world.folder)
    assert locate(DataSet("set", ("one.txt",), None, (), None, "", "")) == (world.here, "real")


@pytest.mark.parametrize("there", [[], ["one.txt"], ["two.txt"]])
def test_what_is_missing_is_fetched(world, there, capsys):
    """Catches a file fetched that is there, none fetched where a part is, and a stand-in beside a network."""
    put(world.here, {name: b"mine" for name in there})
    world.network = True
    assert world.locate() == (world.here, "real")
    missing = [name for name in FILES if name not in there]
    assert world.done == [("fetch", world.here, missing)]
    assert content_of(world.here) == {name: b"mine" if name in there else FILES[name] for name in FILES}
    assert capsys.readouterr().err == ""


def test_what_cannot_be_fetched_is_an_error(world, capsys):
    """Catches made data passed off where the network is there."""

    def fails(folder, missing):
        raise DownloadError("gone")

    world.network = True
    with pytest.raises(DownloadError, match="gone"):
        world.locate(fetch=fails)
    assert os.listdir(world.folder) == [] and capsys.readouterr().err == ""


@pytest.mark.parametrize("fetched", [True, False])
def test_the_stand_in_says_so_in_one_line(world, fetched, capsys):
    """Catches made data used in silence, or called real, or made anew at every start; and a network blamed for it."""
    changes = {} if fetched else dict(fetch=None, mirrors=())
    world.network = False if fetched else None
    for _ in range(2):
        assert world.locate(**changes) == (world.there, "generated")
        said = capsys.readouterr().err
        assert said.startswith("WARNING: ") and said.endswith(".\n") and said.count("\n") == 1
        for word in ("one.txt, two.txt missing in " + world.here, "these are GENERATED numbers", "data_dir"):
            assert word in said
        assert ("no network" in said) == fetched
    assert world.done == [("generate", world.there)]
    assert content_of(world.there) == dict(MADE, **{NOTE: b"Made by hand, version 1.\n"})
    assert os.listdir(world.folder) == ["set-generated"]


@pytest.mark.parametrize("fetched", [True, False])
def test_nothing_is_made_for_a_part_of_the_files(world, fetched, capsys):
    """Catches a stand-in taken for the rest of a user's own files, and an error that does not say which are missing."""
    put(world.here, {"two.txt": b"mine"})
    world.network = False if fetched else None
    with pytest.raises(DataError, match="one.txt missing, beside files that are there.*data_dir") as caught:
        world.locate(**({} if fetched else dict(fetch=None, mirrors=())))
    assert str(caught.value).startswith(world.here + ": ") and "two.txt" not in str(caught.value)
    assert not world.done and os.listdir(world.folder) == ["set"] and capsys.readouterr().err == ""


@pytest.mark.parametrize("there", [[], ["one.txt"], list(FILES)])
def test_the_stand_in_can_be_asked_for(world, there, capsys):
    """Catches real files given to whoever has asked for others, a network asked for, and a warning of what was asked for."""
    put(world.here, {name: FILES[name] for name in there})
    assert world.locate(generated=True) == (world.there, "generated")
    assert content_of(world.there) == dict(MADE, **{NOTE: b"Made by hand, version 1.\n"})
    assert content_of(world.here) == {name: FILES[name] for name in there} and capsys.readouterr().err == ""


@pytest.mark.parametrize("change", ["version", "no note", "no text", "a file"])
def test_a_stand_in_of_another_version_is_made_anew(world, change):
    """Catches figures of files that another version wrote, or that were written in part; and a traceback for a damaged note."""
    world.locate(generated=True)
    world.made["two.txt"] = b"made anew"
    assert world.locate(generated=True) == (world.there, "generated") and len(world.done) == 1
    note = "Made by hand, version %d." % (2 if change == "version" else 1)
    if change == "no note":
        os.remove(os.path.join(world.there, NOTE))
    elif change == "no text":
        put(world.there, {NOTE: b"\xff\xfe\x00"})
    elif change == "a file":
        os.remove(os.path.join(world.there, "one.txt"))
    assert world.locate(generated=True, note=note) == (world.there, "generated")
    assert content_of(world.there) == dict(world.made, **{NOTE: note.encode() + b"\n"})
    world.locate(generated=True, note=note)
    assert len(world.done) == 2


def test_a_stand_in_that_was_not_finished_is_made_again(world):
    """Catches a note written before the files, which tells of files that a killed process has not written."""

    def killed(folder):
        put(folder, MADE)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        world.locate(generated=True, generate=killed)
    assert NOTE not in os.listdir(world.there)
    world.locate(generated=True)
    assert world.done == [("generate", world.there)]


def test_a_folder_that_cannot_be_written_to_is_named(tmp_path, world):
    """Catches a bare NotADirectoryError, and something generated elsewhere."""
    (tmp_path / "file").write_bytes(b"")
    world.folder = str(tmp_path / "file")
    with pytest.raises(OutputError, match="file/set-generated: cannot write there.*data_dir"):
        world.locate(generated=True)
    assert not world.done


def test_a_users_name_is_not_published(tmp_path, world, monkeypatch, capsys):
    """Catches the home in what is told; where the files are, it stays in the path."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    world.network = False
    assert world.locate()[0] == world.there
    assert os.path.join("~", "set") in capsys.readouterr().err
    put(world.here, {"one.txt": b""})
    with pytest.raises(DataError) as caught:
        world.locate()
    assert str(caught.value).startswith(os.path.join("~", "set") + ": ")
