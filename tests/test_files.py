"""Files that are written whole or not at all, folders that one run holds, and the flags that all examples share."""

import argparse
import errno
import json
import os
import shlex
import sys

import pytest

from rnn_tf1 import cli
from rnn_tf1.errors import DataError, OutputError, UserError
from rnn_tf1.files import atomic_path, locked, make_directory, try_lock, write_json


def test_a_failed_write_leaves_the_old_file(tmp_path):
    """A file that is half new, or gone, after an error; a temporary file that stays."""
    path = tmp_path / "figures.json"
    write_json(str(path), {"a": 1})
    with pytest.raises(KeyboardInterrupt), atomic_path(str(path)) as temporary:
        with open(temporary, "w") as file:
            file.write("half")
        raise KeyboardInterrupt
    assert json.loads(path.read_text()) == {"a": 1}
    assert os.listdir(str(tmp_path)) == ["figures.json"]


def test_the_file_appears_when_it_is_whole(tmp_path):
    """A file that others can see before it is whole; a temporary name that a picture's format cannot be read from."""
    path = str(tmp_path / "a.png")
    with atomic_path(path) as temporary:
        assert temporary.endswith(".png") and os.path.dirname(temporary) == str(tmp_path)
        with open(temporary, "w") as file:
            file.write("whole")
        assert not os.path.exists(path)
    with open(path) as file:
        assert file.read() == "whole"


def test_json_has_no_nan(tmp_path):
    """A metrics.json that no other program can read."""
    with pytest.raises(ValueError, match="Out of range"):
        write_json(str(tmp_path / "a.json"), {"loss": float("nan")})
    assert os.listdir(str(tmp_path)) == []


@pytest.mark.parametrize(("number", "text"), [(errno.ENOSPC, "disk is full"), (errno.EROFS, "cannot write there")])
def test_a_full_or_read_only_disk_is_a_persons_mistake(tmp_path, number, text):
    """A traceback where a sentence is wanted."""
    path = str(tmp_path / "a.json")
    with pytest.raises(OutputError, match=text), atomic_path(path):
        raise OSError(number, os.strerror(number))
    with pytest.raises(OutputError, match="--out-dir"):
        make_directory(os.path.join(__file__, "below a file"))


def test_an_unrelated_error_passes():
    """An error in what is written, taken for a full disk."""
    with pytest.raises(OSError, match="elsewhere") as caught, atomic_path("a.json"):
        raise OSError(errno.ENOENT, "elsewhere", "other.txt")
    assert not isinstance(caught.value, OutputError)


def test_a_folder_is_held_by_one_run(tmp_path):
    """Two runs in one folder; a folder that stays held after the run."""
    with locked(str(tmp_path)):
        with pytest.raises(OutputError, match="another run .process %d." % os.getpid()), locked(str(tmp_path)):
            pass
    with locked(str(tmp_path)):
        pass


@pytest.mark.skipif(sys.platform == "win32", reason="no file locks there")
def test_a_refused_run_leaves_no_folder(tmp_path):
    """A folder with a lock and nothing else; one that was there, or in which there is something, that goes."""
    new, kept, there = tmp_path / "new", tmp_path / "kept", tmp_path / "there"
    there.mkdir()
    for folder in (new, kept, there):
        with pytest.raises(DataError), locked(str(folder)):
            if folder == kept:
                (folder / "events").mkdir()
            raise DataError("no such column")
    assert not new.exists() and (kept / "events").is_dir() and there.is_dir()


@pytest.mark.skipif(sys.platform == "win32", reason="no file locks there")
def test_the_lock_of_a_renamed_part_is_not_the_lock_of_the_part(tmp_path):
    """Catches a process that waited for another's part and then writes to the finished file."""
    part = str(tmp_path / "x.part")
    with open(part, "ab") as held:
        os.replace(part, str(tmp_path / "x"))
        assert not try_lock(held, part)
        with open(part, "ab") as new:
            assert not try_lock(held, part)
            assert try_lock(new, part)
            with open(part, "ab") as third:
                assert not try_lock(third, part)


def test_command_is_without_the_folders():
    """A table of results with a path of one machine in it."""
    given = ["--cell", "lstm", "--out-dir", "/x", "--quick", "--data-dir=/y", "--units", "3"]
    assert cli.given_flags(given) == ["--cell", "lstm", "--quick", "--units", "3"]


def test_the_command_of_the_metrics_can_be_run_again(tmp_path, monkeypatch):
    """A text of several words that becomes several arguments, or one that a shell reads as a command."""
    given = ["--sample", "the meaning of life is", "--sample", "it 's $5; <unk>", "--out-dir", "/x y", "--top-k", "3"]
    monkeypatch.setattr(sys, "argv", ["examples/ptb.py"] + given)
    metrics = cli.write_metrics(str(tmp_path / "metrics.json"), "ptb", argparse.Namespace(seed=1), "real: here", 2.0)
    assert json.loads((tmp_path / "metrics.json").read_text()) == metrics
    assert shlex.split(metrics["command"]) == ["python", "examples/ptb.py"] + given[:4] + given[6:]
    monkeypatch.setattr(sys, "argv", ["x", "--quick", "--top-p", "0.9"])
    metrics = cli.write_metrics(str(tmp_path / "metrics.json"), "ptb", argparse.Namespace(seed=1), "real: here", 2.0)
    assert metrics["command"] == "python examples/ptb.py --quick --top-p 0.9"


def test_settings_leave_the_folders_out():
    """A run that cannot go on because its folder was moved."""
    flags = argparse.Namespace(units=3, data_dir="/x", out_dir="/y")
    assert cli.settings(flags, data="real") == {"units": 3, "data": "real"}


@pytest.mark.parametrize(
    ("error", "code"),
    [(UserError("what was wrong"), 2), (OutputError("what was wrong"), 2), (KeyboardInterrupt(), 130)],
)
def test_exit_codes(error, code, capsys):
    """A person's mistake with a traceback, or with exit code 1."""

    def main():
        raise error

    with pytest.raises(SystemExit) as caught:
        cli.run_main(main)
    assert caught.value.code == code
    assert ("what was wrong" if code == 2 else "goes on from the last checkpoint") in capsys.readouterr().err


def test_a_bug_keeps_its_traceback():
    """A bug of ours that is shown as a mistake of the person."""

    def main():
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        cli.run_main(main)
