"""What every example's command line does: with an empty name, at Ctrl-C, and when nobody reads its output any more."""

import os
import subprocess
import sys

import pytest
from places import ROOT

from rnn_tf1.errors import UserError
from rnn_tf1.program import cli


def test_ctrl_c_where_nothing_goes_on(capsys):
    """A promise that the command goes on from a checkpoint, where there is none; a mistake inside that is lost."""

    def main(error):
        with cli.without_checkpoints():
            raise error

    for error, code, said in (
        (KeyboardInterrupt(), 130, "stopped. The same command begins anew."),
        (UserError("x"), 2, "x"),
    ):
        with pytest.raises(SystemExit) as caught:
            cli.run_main(lambda error=error: main(error))
        assert caught.value.code == code
        assert capsys.readouterr().err.endswith("error: %s\n" % said)


def test_help_tells_each_default_once(capsys):
    """A default that is told twice, or one that nobody set; a 0 that is taken for none."""
    parser = cli.make_parser("some", "What it does.")
    parser.add_argument("--least", type=int, default=0, help="how few")
    parser.add_argument("--lags", type=cli.listed(int), default=[], help="which")
    parser.add_argument("--files", nargs=2, default=[None, None], help="two")
    parser.add_argument("--units", type=int, help="how many (default: 5)")
    with pytest.raises(SystemExit):
        parser.parse_args(["--help"])
    told = " ".join(capsys.readouterr().out.split())
    assert told.count("(default: ") == 5 and "None" not in told and "False" not in told and "[]" not in told
    for text in ("how few (default: 0)", "else ~/.cache/rnn_tf1)", "runs/some-quick)", "random (default: 0)"):
        assert text in told


PIPED = """
import sys
from rnn_tf1.program import cli
def main():
    for number in range(int(sys.argv[1])):
        print(number)
cli.run_main(main)
"""


@pytest.mark.parametrize(("lines", "unbuffered"), [(100000, []), (100000, ["-u"]), (3, [])])
def test_a_reader_that_goes_away(lines, unbuffered):
    """A traceback after | head -1: while the program writes, or, where it has written little, when it ends."""
    reads, writes = os.pipe()
    command = [sys.executable] + unbuffered + ["-c", PIPED, str(lines)]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    environment["PYTHONPATH"] = ROOT
    os.close(reads)
    done = subprocess.run(command, stdout=writes, stderr=subprocess.PIPE, env=environment)
    os.close(writes)
    assert (done.returncode, done.stderr) == (141, b"")


def test_empty_names_are_refused(capsys):
    """A shell variable that is not set: the folder of the data or of the run, where another is meant than this one."""
    for flag in ("--data-dir", "--out-dir"):
        with pytest.raises(SystemExit) as caught:
            cli.make_parser("x", "y").parse_args([flag, ""])
        assert caught.value.code == 2 and "argument %s: it is empty" % flag in capsys.readouterr().err
    assert cli.path(" ") == " "


@pytest.mark.parametrize(
    ("input_name", "flags", "folder"),
    [("", [], "x"), ("", ["--quick"], "x-quick"), ("sold", [], "x-sold"), ("sold", ["--quick"], "x-sold-quick")],
)
def test_the_folder_of_a_run(input_name, flags, folder, monkeypatch):
    """A quick run, or one of other data, in the folder of another."""
    monkeypatch.setattr(sys, "argv", ["x.py", *flags])
    assert cli.parse(cli.make_parser("x", "y"), lambda found: input_name).out_dir == os.path.join("runs", folder)
    monkeypatch.setattr(sys, "argv", ["x.py", *flags, "--out-dir", "mine"])
    assert cli.parse(cli.make_parser("x", "y"), lambda found: input_name).out_dir == "mine"
