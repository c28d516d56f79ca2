"""Files that are written whole or not at all, folders that one run holds, and the flags that all examples share."""

import argparse
import errno
import io
import json
import os
import re
import shlex
import subprocess
import sys
import threading
import time

import filelock
import pytest
import tensorflow.compat.v1 as tf
from places import ROOT

from rnn_tf1.errors import DataError, OutputError, UserError
from rnn_tf1.program import cli
from rnn_tf1.program.files import (
    WatchedFolder,
    atomic_path,
    locked,
    make_directory,
    read_json,
    read_object,
    take_lock,
    write_json,
)
from rnn_tf1.program.settings import Settings
from rnn_tf1.program.terminal import Printable

ERRNOS = set(errno.errorcode) - {errno.EINTR}


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
    with pytest.raises(OutputError, match="Choose another path."):
        make_directory(os.path.join(__file__, "below a file"))


def test_an_unrelated_error_passes():
    """An error in what is written, taken for a full disk."""
    with pytest.raises(OSError, match="elsewhere") as caught, atomic_path("a.json"):
        raise OSError(errno.ENOENT, "elsewhere", "other.txt")
    assert not isinstance(caught.value, OutputError)


def test_a_folder_is_held_by_one_run(tmp_path):
    """Two runs in one folder; a folder that stays held after the run; a number that the first refusal takes away."""
    told = re.escape(
        "%s is in use by another run (process %d). Wait until it ends, or choose" % (tmp_path, os.getpid())
    )
    with locked(str(tmp_path)):
        for _ in range(2):
            with pytest.raises(OutputError, match=told), locked(str(tmp_path)):
                pass
    with locked(str(tmp_path)):
        pass
    assert set(os.listdir(str(tmp_path))) <= {".lock"}


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
def test_a_lock_ends_with_its_process(tmp_path):
    """A folder that a killed run holds for ever; a killed run's number told for the one that holds it."""
    program = "import sys, time; from rnn_tf1.program.files import locked\n"
    program += "with locked(sys.argv[1]): print('held', flush=True); time.sleep(60)"
    run = [sys.executable, "-c", program, str(tmp_path)]
    with subprocess.Popen(run, stdout=subprocess.PIPE, env=dict(os.environ, PYTHONPATH=ROOT)) as process:
        assert process.stdout.readline() == b"held\n"
        with pytest.raises(OutputError, match="another run .process %d." % process.pid), locked(str(tmp_path)):
            pass
        process.kill()
    assert (tmp_path / ".process").read_text() == "%d\n" % process.pid
    with locked(str(tmp_path)):
        assert (tmp_path / ".process").read_text() == "%d\n" % os.getpid()
    assert os.listdir(str(tmp_path)) == [".lock"]


@pytest.mark.parametrize("content", [b"", b"12", b"1\x1b[2J\n", b"\xff\n", b"123456789012\n"])
def test_the_number_of_a_stranger(content, tmp_path):
    """A traceback, or an escape sequence, for what somebody has written where the number of a process belongs."""
    with locked(str(tmp_path)):
        (tmp_path / ".process").write_bytes(content)
        with pytest.raises(OutputError, match="in use by another run .process unknown."), locked(str(tmp_path)):
            pass


@pytest.mark.parametrize("error", [NotImplementedError(), OSError(errno.ENOLCK, "x"), OSError(errno.EOPNOTSUPP, "x")])
def test_a_disk_without_locks(error, tmp_path, monkeypatch):
    """A network disk on which nothing can be trained, since filelock has no lock there; another error that is passed over."""

    def acquire(*arguments, **options):
        raise error

    monkeypatch.setattr(filelock.FileLock, "acquire", acquire)
    with locked(str(tmp_path)):
        pass
    error = OSError(errno.EACCES, "x", str(tmp_path / ".lock"))
    with pytest.raises(OutputError, match=r"\.lock: cannot write there"), locked(str(tmp_path)):
        pass


def test_a_lock_that_is_waited_for(tmp_path):
    """A second holder; a wait that has no end, or none; a lock that cannot be taken again."""
    path = str(tmp_path / "x.lock")
    held, enough = threading.Event(), threading.Event()

    def hold():
        lock = take_lock(path)
        held.set()
        enough.wait(60)
        time.sleep(0.2)
        lock.release()

    threading.Thread(target=hold).start()
    assert held.wait(60)
    began = time.monotonic()
    assert take_lock(path, 0.3) is None
    assert 0.3 <= time.monotonic() - began < 20
    enough.set()
    lock = take_lock(path, 30.0)
    assert lock is not None and take_lock(path) is None
    lock.release()
    take_lock(path).release()


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


def test_command_is_without_the_folders():
    """A table of results with a path of one machine in it."""
    given = ["--cell", "lstm", "--out-dir", "/x", "--quick", "--data-dir=/y", "--units", "3"]
    assert cli.given_flags(given) == ["--cell", "lstm", "--quick", "--units", "3"]


def test_the_command_of_the_metrics_can_be_run_again(tmp_path, monkeypatch):
    """A text of several words that becomes several arguments, or one that a shell reads as a command."""
    given = ["--sample", "the meaning of life is", "--sample", "it 's $5; <unk>", "--out-dir", "/x y", "--top-k", "3"]
    monkeypatch.setattr(sys, "argv", ["examples/ptb.py"] + given)
    metrics = cli.write_metrics(str(tmp_path / "metrics.json"), "ptb", Settings(seed=1), "real: here", 2.0)
    assert json.loads((tmp_path / "metrics.json").read_text()) == metrics
    assert shlex.split(metrics["command"]) == ["python", "examples/ptb.py"] + given[:4] + given[6:]
    monkeypatch.setattr(sys, "argv", ["x", "--quick", "--top-p", "0.9"])
    metrics = cli.write_metrics(str(tmp_path / "metrics.json"), "ptb", Settings(seed=1), "real: here", 2.0)
    assert metrics["command"] == "python examples/ptb.py --quick --top-p 0.9"


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


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"[" * 200000, "nested too deeply"),
        (b"{", "Expecting"),
        (b"\xff", "utf-8"),
        (b"[%s]" % (b" " * (1 << 26)), "more than"),
    ],
)
def test_json_of_a_stranger(content, text, tmp_path):
    """A traceback, or a full memory, for a file that was made to cause one."""
    (tmp_path / "a.json").write_bytes(content)
    with pytest.raises(ValueError, match=text):
        read_json(str(tmp_path / "a.json"))
    assert read_object(str(tmp_path / "a.json")) is None


def test_only_an_object_is_an_object(tmp_path):
    """A list that is taken for settings."""
    for content, expected in [("[]", None), ("null", None), ('{"a": 1}', {"a": 1})]:
        (tmp_path / "a.json").write_text(content)
        assert read_object(str(tmp_path / "a.json")) == expected
    assert read_object(str(tmp_path / "missing.json")) is None


def test_messages_are_safe_to_print():
    """Escape sequences of a server or a file that move the cursor or change what is on the screen; endless lines."""
    text = "head\x1b]0;title\x07\r\x9b2J\u202efile\udcff\ttab\nnext"
    for error in (UserError(text), OutputError(text), DataError(text)):
        assert str(error) == "head\\x1b]0;title\\x07\\x0d\\x9b2J\\u202efile\\xff\ttab\nnext"
    line = str(DataError("cells: %s. Fix it." % ("x" * 100000)))
    assert len(line) < 2100 and line.startswith("cells: x") and line.endswith("x. Fix it.")
    assert str(UserError("x" * 2000)) == "x" * 2000


# -------------------------------------------------------------------------------------------------- names of all kinds


@pytest.mark.parametrize(
    ("text", "expected"),
    [("~/runs", "HOME/runs"), ("~", "HOME"), ("./~", "./~"), ("a~", "a~"), ("runs/~x", "runs/~x"), ("C:/x", "C:/x")],
)
def test_the_home_that_the_shell_left(text, expected, monkeypatch):
    """--out-dir=~/runs, which no shell expands: a folder that is called ~."""
    monkeypatch.setenv("HOME", "/folder/of/somebody")
    assert cli.path(text) == expected.replace("HOME", "/folder/of/somebody")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("gs://bucket/run", "this is an address"),
        ("ram://x", "this is an address"),
        ("~nobody-has-this-name/x", "no user of that name.*write ./~nobody-has-this-name/x"),
        ("", "it is empty"),
    ],
)
def test_names_that_are_refused(text, told):
    """A run that is gone when it ends, since it was written to memory; a folder called "gs:"."""
    with pytest.raises(argparse.ArgumentTypeError, match=told):
        cli.path(text)


def test_a_folder_is_made_for_no_address(tmp_path, monkeypatch):
    """The same from a notebook, where no flags are read."""
    monkeypatch.chdir(str(tmp_path))
    with pytest.raises(OutputError, match="this is an address"):
        make_directory("ram://x")
    assert os.listdir(str(tmp_path)) == []


@pytest.mark.skipif(sys.platform == "win32", reason="needs symbolic links")
def test_no_link_is_written_through(tmp_path):
    """A .lock, or a temporary file of a guessed name, that is a link to another file, which is then overwritten."""
    mine, run = tmp_path / "mine.txt", tmp_path / "run"
    mine.write_text("precious")
    run.mkdir()
    (run / ".lock").symlink_to(mine)
    with pytest.raises(OutputError, match=r"\.lock: it is a symbolic link.*Remove the link"), locked(str(run)):
        pass
    (run / ".lock").unlink()
    (run / ".process").symlink_to(mine)
    with locked(str(run)):
        pass
    (run / ".lock").unlink()
    with atomic_path(str(run / "a.json")) as temporary:
        pass
    os.symlink(str(mine), temporary)
    write_json(str(run / "a.json"), {"a": 1})
    assert mine.read_text() == "precious" and sorted(os.listdir(str(run))) == ["a.json"]


@pytest.mark.skipif(sys.platform == "win32", reason="a process cannot be asked for there")
def test_what_a_killed_run_has_left(tmp_path):
    """Half-written files that stay for ever; one of a process that is still writing, or of the user's own, that goes."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    for name in ("config.%d.unfinished.json", "model.%d.unfinished", "mine.%d.json", "mine.%d.part"):
        (tmp_path / (name % process.pid)).write_text("half")
    (tmp_path / ("folder.%d.unfinished" % process.pid)).mkdir()
    (tmp_path / ("folder.%d.unfinished" % process.pid) / "x").write_text("half")
    (tmp_path / ("other.%d.unfinished.png" % os.getppid())).write_text("half")
    with locked(str(tmp_path)):
        pass
    kept = {
        ".lock",
        "mine.%d.json" % process.pid,
        "mine.%d.part" % process.pid,
        "other.%d.unfinished.png" % os.getppid(),
    }
    assert set(os.listdir(str(tmp_path))) == kept


@pytest.mark.skipif(sys.platform == "win32", reason="a process cannot be asked for there")
def test_what_a_killed_run_has_left_below(tmp_path):
    """Half-written files in a folder that no run holds by itself, which stay although the run was started again."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    for name in ("a.%d.unfinished.json", "picture.%d.unfinished.png"):
        (tmp_path / (name % process.pid)).write_text("half")
    write_json(str(tmp_path / "a.json"), {})
    assert os.listdir(str(tmp_path)) == ["a.json"]


def test_a_folder_that_goes_away(tmp_path):
    """A run that goes on without its lock and its settings when its folder was removed, or replaced by another's."""
    folder = tmp_path / "run"
    folder.mkdir()
    place = WatchedFolder(str(folder))
    place.check()
    folder.rename(tmp_path / "moved")
    with pytest.raises(OutputError, match="was removed or replaced"):
        place.check()
    folder.mkdir()
    with pytest.raises(OutputError, match="was removed or replaced"):
        place.check()


# ------------------------------------------------------------------------------------------------ the system's own words


@pytest.mark.parametrize("number", sorted(ERRNOS), ids=lambda number: errno.errorcode[number])
def test_every_error_of_the_system_is_a_line(number, tmp_path, capsys):
    """A traceback for an error that somebody forgot to list; a line that does not say what to do."""
    path = str(tmp_path / "a.json")
    with pytest.raises(OutputError, match=r"a\.json: .+\. [A-Z]") as caught, atomic_path(path):
        raise OSError(number, os.strerror(number))
    assert any(word in str(caught.value) for word in ("another path.", "a shorter path.", "ulimit -n", "same command"))

    def main():
        raise OSError(number, os.strerror(number), "data\x1b.csv")

    code = 141 if number in (errno.EPIPE, errno.ESHUTDOWN) else 2
    with pytest.raises(SystemExit) as ended:
        cli.run_main(main)
    assert ended.value.code == code
    assert code == 141 or "data\\x1b.csv: " in capsys.readouterr().err


def of_tensorflow(name, text):
    return getattr(tf.errors, name)(None, None, text)


DETECTED = """Graph execution error:

Detected at node 'save/SaveV2' defined at (most recent call last):
<stack traces unavailable>
Node: 'save/SaveV2'
runs/checkpoints/step-3.data-00000-of-00001.tempstate12; No space left on device
\t [[{{node save/SaveV2}}]]
"""


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (lambda: of_tensorflow("ResourceExhaustedError", DETECTED), "the disk is full"),
        (lambda: of_tensorflow("UnknownError", "x; Input/output error"), "the disk reports an error"),
        (lambda: of_tensorflow("ResourceExhaustedError", "x; Too many open files"), "too many files are open"),
        (lambda: of_tensorflow("ResourceExhaustedError", "OOM when allocating tensor"), "too little memory (.*OOM"),
        (lambda: of_tensorflow("UnavailableError", "gone"), "UnavailableError: gone"),
        (
            lambda: of_tensorflow("AbortedError", DETECTED.replace("No space left on device", "lost")),
            "AbortedError: .*lost",
        ),
        (lambda: MemoryError("9 GB"), "too little memory"),
    ],
)
def test_every_status_of_tensorflow_is_a_line(error, told, capsys):
    """TensorFlow 2's "Detected at node" for a full disk; a traceback for a machine that has too little memory."""

    def main():
        raise error()

    with pytest.raises(SystemExit) as ended:
        cli.run_main(main)
    err = capsys.readouterr().err
    assert ended.value.code == 2 and re.search(told.replace("(", r"\("), err) and "Detected" not in err
    assert err.count("\n") == 1


def test_a_wrong_graph_keeps_its_traceback():
    """A bug of ours that is told as an error of the machine."""

    def main():
        raise of_tensorflow("InvalidArgumentError", "shapes")

    with pytest.raises(tf.errors.InvalidArgumentError):
        cli.run_main(main)


def test_the_output_steers_no_terminal(capsys):
    """A column's name, or a word of a text, that moves the cursor or renames the window."""

    def main():
        print("column \x1b]0;owned\x07 \x9b31m", "\udcff")

    cli.run_main(main)
    assert capsys.readouterr().out == "column \\x1b]0;owned\\x07 \\x9b31m \\xff\n"


def test_the_output_in_another_encoding():
    """A traceback for a translation with an accent where the terminal knows none."""
    written = io.BytesIO()
    ascii = io.TextIOWrapper(written, "ascii", write_through=True)
    print("déjà \u4e2d", file=Printable(ascii))
    assert written.getvalue() == b"d\\xe9j\\xe0 \\u4e2d\n"


FULL = "import sys; from rnn_tf1.program import cli; cli.run_main(lambda: print('x' * 100000))"
THEN_WRONG = """
from rnn_tf1 import errors
from rnn_tf1.program import cli

def main():
    print("so far so good")
    raise errors.DataError("no such file")

cli.run_main(main)
"""


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
@pytest.mark.parametrize("program", [FULL, FULL.replace(" * 100000", ""), THEN_WRONG])
def test_a_full_standard_output(program):
    """A traceback, or exit code 120, where the output goes to a disk that is full."""
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-c", program],
            stdout=full,
            stderr=subprocess.PIPE,
            env=dict(os.environ, PYTHONPATH=ROOT, PYTHONUNBUFFERED=""),
        )
    assert done.returncode == 2
    told = b"no such file" if program == THEN_WRONG else b"the standard output cannot be written (the disk is full)"
    assert told in done.stderr and done.stderr.count(b"\n") == 1


@pytest.mark.skipif(sys.platform == "win32", reason="no such signals there")
def test_ctrl_c_before_anything_has_begun():
    """A traceback for a Ctrl-C while an example imports what it starts with."""
    program = "from rnn_tf1.program import cli; import os, signal; os.kill(os.getpid(), signal.SIGINT)"
    done = subprocess.run(
        [sys.executable, "-c", "import signal; signal.signal(2, signal.default_int_handler); " + program],
        capture_output=True,
        env=dict(os.environ, PYTHONPATH=ROOT),
    )
    assert (done.returncode, done.stderr) == (130, b"stopped. Nothing had begun.\n")
