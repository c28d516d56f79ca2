"""A trained translator at the command line: what is refused, what is read, what is printed and where."""

import dataclasses
import gzip
import io
import sys

import helpers
import pytest
from translators import KEPT, LINES, SIZES, TARGET, train, translator

from rnn_tf1.errors import DataError, UserError
from rnn_tf1.experiments.translation import command_line, translating
from rnn_tf1.experiments.translation.translator_files import SourceRules

BLIND = KEPT._replace(config=dataclasses.replace(SIZES, attention=None))


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """The folder of a finished run."""
    return train(str(tmp_path_factory.mktemp("runs") / "one"))


# ------------------------------------------------------------------------------------------------------ what is asked for


def test_attention_is_needed():
    """Flags that do nothing, in silence, where the network has no attention."""
    command_line.check_search(KEPT, 5, 0.3, True)
    command_line.check_search(BLIND, 5, 0.0, False)
    with pytest.raises(UserError, match="--replace-unknown asks what the network looks at"):
        command_line.check_search(BLIND, 5, 0.0, True)
    with pytest.raises(UserError, match="--coverage-penalty asks"):
        command_line.check_search(BLIND, 5, 0.2, False)


def test_a_width_above_the_vocabulary():
    """A search of a million beams, of which the first step fills fifteen, and the memory the rest."""
    assert len(TARGET) == 15 != len(KEPT.source)
    command_line.check_search(KEPT, 15, 0.0, False)
    with pytest.raises(
        UserError, match="--beam-width 16: the target vocabulary has 15 words.*pass --beam-width 15 or less"
    ):
        command_line.check_search(KEPT, 16, 0.0, False)


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        (SourceRules(), ""),
        (SourceRules(numbers=True), "[NUM] will stay"),
        (SourceRules(urls=True, reverse=True), "[URL] will stay"),
        (SourceRules(True, True), "[NUM] and [URL] will stay"),
    ],
)
def test_marks_that_stay_are_told(rules, said, capsys):
    """[NUM] in every translation, without a word on why; the word where attention puts the numbers back."""
    command_line.check_search(BLIND._replace(rules=rules), 5, 0.0, False)
    found = capsys.readouterr().err
    assert found.startswith(said) and found.count("\n") == bool(said)
    command_line.check_search(KEPT._replace(rules=rules), 5, 0.0, False)
    assert capsys.readouterr().err == ""


# ---------------------------------------------------------------------------------------------------------- what is printed


@pytest.mark.once
@pytest.mark.parametrize("n_best", helpers.by_default([1, 3], [3]))
def test_show(n_best, run, capsys):
    """Translations of one sentence that are mixed with those of the next, n best lines that no program can part, or with the
    number of another line; a blank line that has another number of lines."""
    how = dict(width=4, n_best=n_best, length_penalty=0.5)
    with translator(run, **how) as (s, net):
        expected = [several for several in translating.translate(s, net, KEPT, LINES, width=4)]
    found = list(command_line.show(run, KEPT, LINES, **how))
    assert len(found) == n_best * len(LINES)
    if n_best == 1:
        assert found == [one.text for (one,) in expected] and "|" not in "".join(found)
    for place, line in enumerate(found if n_best > 1 else ()):
        number, score, text = line.split(" ||| ")
        one = expected[place // n_best][place % n_best]
        assert int(number) == place // n_best and text == one.text
        assert float(score) == pytest.approx(one.score, abs=1e-3)
    cut = [number for number, several in enumerate(expected, 1) if any(one.cut_off for one in several)]
    said = [line for line in capsys.readouterr().err.splitlines() if "cut off" in line]
    assert said == ["line %d: cut off after 50 tokens." % number for number in cut] and 0 < len(cut) < 8


def test_what_is_asked_for_is_done(run, monkeypatch):
    """Penalties, a width or a replacement that are lost on the way to the search."""
    caught = {}

    def restore(session, folder, kept, **how):
        caught.update(how, folder=folder)
        return "net"

    def translate(session, net, kept, lines, replace, where, width, rows):
        caught.update(net=net, lines=lines, replace=replace, where=where, width_of_rows=width, rows=rows)
        return iter(())

    monkeypatch.setattr(command_line, "restore", restore)
    monkeypatch.setattr(command_line, "translate", translate)
    search = dict(width=4, n_best=3, length_penalty=0.5, coverage_penalty=0.1)
    assert list(command_line.show(run, KEPT, LINES, "a: line", True, rows=7, **search)) == []
    assert caught == dict(
        search, folder=run, net="net", lines=LINES, replace=True, where="a: line", width_of_rows=4, rows=7
    )


@pytest.mark.once
def test_lines_are_read_as_they_are_wanted(run):
    """A person who has to type fifty lines before the first answer."""
    read = []

    def lines():
        for number in range(7):
            read.append(number)
            yield "the dog %d" % number

    answers = command_line.show(run, KEPT, lines(), rows=1)
    for number in range(7):
        next(answers)
        assert len(read) == number + 1


@pytest.mark.once
def test_what_is_cut_off_is_told(tmp_path, capsys):
    """A translation without an end that is taken for a whole one; the word on another line, or among the translations."""
    folder = train(str(tmp_path / "run"), end=-1e4)
    (tmp_path / "text").write_text("the dog\n\na cat\n")
    command_line.translate_file(folder, KEPT, str(tmp_path / "text"), width=2, n_best=2)
    out, err = capsys.readouterr()
    assert len(out.splitlines()) == 6
    said = ["%s: line %d: cut off after 50 tokens." % (tmp_path / "text", number) for number in (1, 3)]
    assert [line for line in err.splitlines() if "cut off" in line] == said


def test_read_file(tmp_path):
    """A mistake that is found only when the network has been built; a line that is lost by looking for it."""
    for name, content in (
        ("plain.txt", b"one\n\ntwo"),
        ("packed.gz", gzip.compress(b"one\n\ntwo\n")),
        ("blank", b"\n"),
    ):
        (tmp_path / name).write_bytes(content)
    assert list(command_line.read_file(str(tmp_path / "plain.txt"))) == ["one", "", "two"]
    assert list(command_line.read_file(str(tmp_path / "packed.gz"))) == ["one", "", "two"]
    assert list(command_line.read_file(str(tmp_path / "blank"))) == [""]
    (tmp_path / "empty").write_bytes(b"")
    (tmp_path / "bad").write_bytes(b"\xff\xfe")
    for name, message in (("empty", "the file is empty"), ("bad", "is not UTF-8"), ("none", "cannot be read")):
        with pytest.raises(DataError, match="%s: .*%s" % (name, message)):
            command_line.read_file(str(tmp_path / name))


# ----------------------------------------------------------------------------------------------------------- what is typed


class Terminal(io.TextIOWrapper):
    """What a person types, as the standard input; its bytes are read in one piece."""

    def __init__(self, content):
        super().__init__(io.BytesIO(content), "utf-8")

    def isatty(self):
        return True


@pytest.fixture
def person(monkeypatch):
    """Sets the standard input to one on which these bytes are typed."""

    def types(content, stdin=Terminal):
        monkeypatch.setattr(sys, "stdin", stdin(content))

    return types


def test_typed(person, capsys, monkeypatch):
    """A traceback at the end of the input, an unknown word that passes in silence, a line that is too long and ends everything,
    or a prompt among translations that go into a file."""
    monkeypatch.setattr(translating, "LONGEST", 6)
    person(b"The zebra sees a yeti.\nthe dog sees the cat\na a a a a a a\n\nthe cat")
    found = list(command_line.typed(KEPT))
    assert found == ["The zebra sees a yeti.", "the dog sees the cat", "", "the cat"]
    out, err = capsys.readouterr()
    said = err.replace("> ", "").splitlines()
    assert out == "" and err.count("> ") == 6 and err.endswith("> \n")
    assert said == [
        "Not in the vocabulary, read as <unk>: yeti, zebra",
        "That has more than 6 tokens, the most that are translated.",
        "",
    ]


def test_no_prompt_for_a_program(person, capsys):
    """Prompts in what a program reads that types itself; a blank line at its end."""
    person(b"the dog\nthe cat\n", lambda content: io.TextIOWrapper(io.BytesIO(content), "utf-8"))
    assert list(command_line.typed(KEPT)) == ["the dog", "the cat"]
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("end", [EOFError, KeyboardInterrupt])
def test_a_prompt_for_a_person(end, person, capsys, monkeypatch):
    """A prompt that readline does not know of, so that it is written over; a traceback at Ctrl-C."""
    waiting = iter(["the dog", "the cat"])

    def typed(prompt):
        assert prompt == "> "
        for line in waiting:
            return line
        raise end

    person(b"")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", typed)
    try:
        assert list(command_line.typed(KEPT)) == ["the dog", "the cat"]
    except KeyboardInterrupt:
        pytest.fail("Ctrl-C ends the program")
    assert capsys.readouterr() == ("", "\n")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"the \xff\xe9 dog", "The byte 0xff there is no text in utf-8"),
        (b"the \x1b[31mdog", "character 5 is the control character U+001B"),
        ("the \u009bdog".encode(), "character 5 is the control character U+009B"),
        (b"\0", "character 1 is the control character U+0000"),
        (b"a " * 11000, "more than 20000 characters"),
    ],
)
def test_what_cannot_be_translated_is_asked_for_again(line, said, person, capsys):
    """A traceback for a wrong byte, which takes the lines behind it along; signs that command the terminal and are shown to it
    again; lines of any length that are taken apart."""
    person(b"the dog\n" + line + b"\n\tthe cat\n")
    assert list(command_line.typed(KEPT)) == ["the dog", "\tthe cat"]
    out, err = capsys.readouterr()
    assert said in err and "Not in the vocabulary" not in err and "\x1b" not in out + err


def test_a_closed_standard_input(person):
    """A traceback where nothing can be typed; a network that is built first."""
    person(None, lambda _: None)
    with pytest.raises(UserError, match="--interactive reads the standard input, and it is closed.*--translate FILE"):
        command_line.typed(KEPT)


def test_unknown_words():
    """A known word that is named, or <unk> itself that is not."""
    assert command_line.unknown_words(KEPT, "The Yeti, the dog.") == ["yeti"]
    assert command_line.unknown_words(KEPT, "12 dogs") == ["12", "dogs"]
    assert command_line.unknown_words(KEPT._replace(rules=SourceRules(numbers=True)), "12 dog") == []
    assert command_line.unknown_words(KEPT, "") == []
