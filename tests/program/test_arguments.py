"""Messages name the argument that is at fault; a program prints the flag that sets it."""

import copy
import os
import pickle
import sys

import numpy as np
import pytest

from rnn_tf1 import errors, training
from rnn_tf1.bridge import saved_model
from rnn_tf1.cluster import peers
from rnn_tf1.data import batches
from rnn_tf1.data.files import sets
from rnn_tf1.data.generated import memory_tasks
from rnn_tf1.data.pairs import translation
from rnn_tf1.data.pairs.pair_batches import TokenBatches
from rnn_tf1.data.series.table import Table, read_csv
from rnn_tf1.data.text import fairy_tales
from rnn_tf1.data.text.text import END, UNKNOWN, Vocabulary
from rnn_tf1.data.text.vectors import read_vectors
from rnn_tf1.errors import Argument, CheckpointError, DataError, OutputError, UserError, renamed
from rnn_tf1.experiments.forecasting import own_series
from rnn_tf1.experiments.language import language_model, story_pages, word_vectors
from rnn_tf1.program import cli, files, terminal
from rnn_tf1.training.folder import differences

KINDS = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, UserError)]
# Texts of a person that look like what the arguments are called, or like a place where one is to be filled in.
ODD = "batch_size --batch-size {argument} %s out_dir\x1b"


@pytest.fixture
def printed(monkeypatch, capsys):
    """printed(main, flags): what a program that has those flags prints on stderr when it runs `main`."""

    def run(main, flags=()):
        def parse_and_run():
            parser = cli.make_parser("some", "What it does.")
            for flag in flags:
                parser.add_argument(flag, default="")
            cli.parse(parser)
            main()

        monkeypatch.setattr(sys, "argv", ["some.py"])
        with pytest.raises(SystemExit) as ended:
            cli.run_main(parse_and_run)
        assert ended.value.code == 2
        return capsys.readouterr().err.rstrip("\n")

    return run


def read_text(function, text, *more, **named):
    """function(path, ...) of a file with that text, in the folder where the test runs."""
    with open("a.txt", "w") as file:
        file.write(text)
    function("a.txt", *more, **named)


def below_a_file(function, *more):
    """function(path, ...) of a place where no folder can be made."""
    open("file", "w").close()
    function(os.path.join("file", "x"), *more)


def encoded_pairs():
    vocabulary = translation.SentenceVocabulary([*translation.SentenceVocabulary.special, "a"])
    return translation.encode(translation.Tokens([["a"] * 4], [["a"] * 4]), vocabulary, vocabulary)


def export_model(path, session):
    saved_model.export_model(session, os.path.join(path, "model"), {}, {})


def another_run(path):
    raise CheckpointError("x: ", *differences(path, {"units": 5, "tensorflow": "2"}))


SET = sets.DataSet("set", ("one.txt",), None, (), lambda folder: None, "note", "GENERATED numbers")
CASES = {  # what goes wrong, the flags of the program, how the message ends in Python, and how it does at the command line
    "batch": (
        lambda: batches.batches([np.zeros(4)], 0, 0, 0),
        ["--batch-size"],
        "pass batch_size=1 or more.",
        "pass --batch-size 1 or more.",
    ),
    "steps": (
        lambda: memory_tasks.adding_batch(3, 1, 0, 0),
        ["--steps"],
        "pass steps=2 or more.",
        "pass --steps 2 or more.",
    ),
    "stories": (
        lambda: fairy_tales.load(stories=1),
        ["--stories"],
        "pass stories=2 or more.",
        "pass --stories 2 or more.",
    ),
    "two": (
        lambda: translation.load(source="de", target="de"),
        ["--source", "--target"],
        "pass two languages, source='en' and target='fr', say.",
        "pass two languages, --source en and --target fr, say.",
    ),
    "no flag": (
        lambda: translation.make_sentence_vocabulary([["a"]], least=9),
        [],
        "Lower least, or pass more text.",
        "Lower least, or pass more text.",
    ),
    "columns": (
        lambda: read_text(read_csv, "Last (kW),b\n1,2\n", columns=["c"]),
        ["--columns"],
        "Choose from: columns=['Last (kW)', 'b']",
        "Choose from: --columns 'Last (kW),b'",
    ),
    "decimal": (
        lambda: read_text(read_csv, "a\n1\n1,5\n"),
        ["--decimal", "--columns"],
        "Pass decimal=','",
        "Pass --decimal ,",
    ),
    "missing": (
        lambda: read_text(read_csv, "a\n1\nNA\n2\n"),
        ["--missing"],
        "with missing='interpolate'.",
        "with --missing interpolate.",
    ),
    "path": (lambda: below_a_file(files.make_directory), [], "Choose another path.", "Choose another --out-dir."),
    "file": (
        lambda: below_a_file(files.write_json, {}),
        [],
        "Choose another path.",
        "Choose another --out-dir.",
    ),
    "lock": (
        lambda: below_a_file(lambda path: files.locked(path).__enter__()),
        [],
        "Choose another path.",
        "Choose another --out-dir.",
    ),
    "data": (
        lambda: below_a_file(lambda path: sets.locate(SET, path)),
        [],
        "Choose another data_dir.",
        "Choose another --data-dir.",
    ),
    "vocabulary": (
        lambda: read_text(Vocabulary.load, "{"),
        [],
        "choose another path to train anew.",
        "choose another --out-dir to train anew.",
    ),
    "another name": (
        renamed(size="depth")(lambda: read_text(read_vectors, "a 1 2\n", Vocabulary([UNKNOWN, END, "a"]), 3)),
        ["--depth"],
        "Pass depth=2, or another file.",
        "Pass --depth 2, or another file.",
    ),
    "several": (
        lambda: own_series.prepare(Table(np.ones([9, 1]), ("a",), None), 5, 4, [1], 0.1, 0.1),
        ["--steps", "--ahead", "--lags", "--valid", "--test"],
        "or smaller steps, ahead or lags, or other valid and test.",
        "or smaller --steps, --ahead or --lags, or other --valid and --test.",
    ),
    "word": (
        lambda: word_vectors.check_known(["c"], Vocabulary([UNKNOWN, END, "a"])),
        ["--words"],
        "The model has no word 'c': choose others with words.",
        "The model has no word 'c': choose others with --words.",
    ),
    "prompt": (
        lambda: story_pages.encode_prompt(" ", Vocabulary([UNKNOWN, END, "a"])),
        ["--prompt"],
        "such as prompt='once upon a time'.",
        "such as --prompt 'once upon a time'.",
    ),
    "tokens": (
        lambda: TokenBatches(encoded_pairs(), 3),
        ["--tokens", "--longest"],
        "pass tokens=5 or more, or leave such lines out with longest.",
        "pass --tokens 5 or more, or leave such lines out with --longest.",
    ),
    "model": (
        lambda: below_a_file(export_model, None),
        [],
        "Choose another folder.",
        "Choose another --out-dir.",
    ),
    "not finite": (
        lambda: language_model.check_finite({"loss": np.nan}, "epoch 1", training.LOWER_RATE),
        ["--learning-rate"],
        "Try a lower learning_rate.",
        "Try a lower --learning-rate.",
    ),
    "settings": (
        lambda: read_text(another_run, '{"units": 3, "tensorflow": "1"}'),
        ["--units"],
        "tensorflow was 1 there and is 2 here; units was 3 there and is 5 here. Use what was there, or choose another out_dir.",
        "tensorflow was 1 there and is 2 here; --units was 3 there and is 5 here. Use what was there, or choose another "
        "--out-dir.",
    ),
    "cluster": (
        lambda: peers.wait_for({"ps 0": "127.0.0.1:1"}, 0.0),
        ["--timeout"],
        "or wait longer with timeout.",
        "or wait longer with --timeout.",
    ),
}


@pytest.mark.parametrize("name", sorted(CASES))
def test_python_reads_the_argument_and_the_command_line_the_flag(name, printed, tmp_path, monkeypatch, capsys):
    """A flag in a notebook, where there is none; an argument, or one of another function, at the command line."""
    monkeypatch.chdir(tmp_path)
    main, flags, in_python, at_the_command_line = CASES[name]
    with pytest.raises(UserError) as caught:
        main()
    assert str(caught.value).endswith(in_python) and "--" not in str(caught.value)
    capsys.readouterr()
    assert printed(main, flags).endswith(at_the_command_line)


def test_a_line_that_is_said_has_the_flags_too(printed, tmp_path, monkeypatch, capsys):
    """A warning, which is no error, that names a flag in a notebook, or none at the command line."""
    monkeypatch.chdir(tmp_path)

    def main():
        sets.locate(SET, "data")
        raise UserError("the end")

    for run, named in ((lambda: pytest.raises(UserError, main), "data_dir"), (lambda: main(), "--data-dir")):
        os.makedirs("data", exist_ok=True)
        said = printed(run) if named == "--data-dir" else (run(), capsys.readouterr().err)[1]
        assert "or name their folder's parent with %s.\n" % named in said


def test_texts_of_a_person_stay(printed):
    """A word in a file's name, or in a line of a file, that is taken for an argument; a place that it fills in."""

    def main():
        raise DataError("%s: it is wrong. Pass " % ODD, Argument("batch_size", ODD), ".")

    quoted = ODD.replace("\x1b", "\\x1b")
    with pytest.raises(DataError) as caught:
        main()
    assert str(caught.value) == "%s: it is wrong. Pass batch_size=%r." % (quoted, ODD)
    assert printed(main, ["--batch-size"]) == "%s: error: %s: it is wrong. Pass --batch-size '%s'." % (
        "some.py",
        quoted,
        quoted,
    )


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize(
    "again", [lambda error: pickle.loads(pickle.dumps(error)), copy.copy], ids=["pickled", "copied"]
)
def test_an_error_of_another_process(kind, again):
    """An error that cannot be sent, loses its arguments on the way, or is taken for one of the system with a number."""
    error = kind("no room: pass ", Argument("batch_size", 3), " or another ", Argument("path"), ".")
    with pytest.raises(kind), renamed(path="out_dir"):
        raise error
    found = again(error)
    assert type(found) is kind and found.parts == error.parts
    assert str(found) == str(error) == "no room: pass batch_size=3 or another out_dir."
    assert found.args == (str(error),) and getattr(found, "errno", None) is None
    assert str(again(kind("x"))) == "x" and str(again(kind())) == ""


def test_an_argument_gets_the_name_that_the_caller_knows():
    """The name in a function that nobody called; a name that is changed where another one was meant; what is no mistake."""

    @renamed(path="data_dir", size="depth")
    def outer():
        with renamed(path="path"):
            raise OutputError(
                "choose another ", Argument("path"), " or ", Argument("size", 3), " or ", Argument("seed")
            )

    with pytest.raises(OutputError) as caught:
        outer()
    assert str(caught.value) == "choose another data_dir or depth=3 or seed"
    with pytest.raises(ZeroDivisionError), renamed(path="out_dir"):
        raise ZeroDivisionError


def test_flags_are_those_of_the_program_that_runs(monkeypatch):
    """Flags of a program that has ended, in the messages of a notebook or of the next one; a flag that is called otherwise
    than the argument, or a positional one, which is none."""
    said = []

    def main():
        parser = cli.make_parser("some", "What it does.")
        parser.add_argument("csv", nargs="?")
        parser.add_argument("--beam-width", dest="width", default=1)
        cli.parse(parser)
        said.extend(terminal.message_text(Argument(name)) for name in ("csv", "width", "out_dir", "path", "units"))
        said.append(terminal.message_text(Argument("width", [1, 2]), Argument("units", [1, 2])))

    monkeypatch.setattr(sys, "argv", ["some.py"])
    cli.run_main(main)
    assert said == ["csv", "--beam-width", "--out-dir", "--out-dir", "units", "--beam-width 1,2units=[1, 2]"]
    assert terminal.message_text(Argument("width"), " ", Argument("path")) == "width path"
