"""A trained translator at the command line: a file or what is typed goes in, lines to be printed come out."""

import io
import itertools
import sys
from typing import Any, Iterable, Iterator, List

import tensorflow.compat.v1 as tf

from rnn_tf1 import training
from rnn_tf1.data.files.lines import control_character, read_lines
from rnn_tf1.data.text.text import UNKNOWN
from rnn_tf1.data.text.tokenizer import NUMBER, URL
from rnn_tf1.errors import DataError, UserError, renamed
from rnn_tf1.experiments.translation import translating
from rnn_tf1.experiments.translation.translating import ROWS, restore, too_long, translate
from rnn_tf1.experiments.translation.translator_files import TranslatorFiles, load
from rnn_tf1.models.seq2seq import Recurrence
from rnn_tf1.program.terminal import say


def use(settings: Any, recurrence: Recurrence) -> None:
    """Translates with the network in the folder of the settings, those of examples/translate.py, or exports it."""
    folder, files = settings.out_dir, load(settings.out_dir)
    check_search(files, settings.width, settings.coverage_penalty, settings.replace_unknown)
    search = dict(settings.search, recurrence=recurrence)
    if settings.export is not None:
        export(folder, settings.export, files, **search)
    how = dict(search, n_best=settings.n_best, replace=settings.replace_unknown)
    if settings.interactive:
        interact(folder, files, **how)
    if settings.translate is not None:
        translate_file(folder, files, settings.translate, **how)


def check_search(files: TranslatorFiles, width: int, coverage_penalty: float, replace: bool) -> None:
    """Raises `UserError` for a search that this network cannot do; says on stderr what will be missing."""
    words = len(files.target)
    if width > words:
        raise UserError(
            "--beam-width %d: the target vocabulary has %d words, and so many beams are all there can be at the first step: "
            "pass --beam-width %d or less." % (width, words, words)
        )
    if files.config.attention is not None:
        return
    for flag, asked in (("--replace-unknown", replace), ("--coverage-penalty", coverage_penalty)):
        if asked:
            raise UserError(
                "%s asks what the network looks at, and this one has no attention: leave it out, or train one with "
                "--attention bahdanau." % flag
            )
    marks = [mark for mark, put in ((NUMBER, files.rules.numbers), (URL, files.rules.urls)) if put]
    if marks:
        say(
            "%s will stay in the translations: without attention nothing tells what it stands for."
            % " and ".join(marks)
        )


def show(
    folder: str,
    files: TranslatorFiles,
    lines: Iterable[str],
    where: str = "line",
    replace: bool = False,
    width: int = 1,
    n_best: int = 1,
    rows: int = ROWS,
    **how: Any,
) -> Iterator[str]:
    """What is to be printed for lines as they come, `rows` at a time, with the weights of the run in `folder`.

    One line for each, its translation. With n_best above 1 so many for each, in the layout of Moses (Koehn et al. 2007, "Moses:
    Open Source Toolkit for Statistical Machine Translation"), a blank line's among them::

        number ||| score ||| translation                        numbers count from 0

    Where a translation is cut off, a line on stderr says so.

    Args:
      where, replace, width, rows: see `translate`.
      how: length_penalty, coverage_penalty, recurrence: see `build_translator`.
    """
    with tf.Graph().as_default(), tf.Session(config=training.session_config()) as session:
        net = restore(session, folder, files, width=width, n_best=n_best, **how)
        for number, found in enumerate(translate(session, net, files, lines, replace, where, width, rows)):
            longest = max(one.cut_off for one in found)
            if longest:
                say("%s %d: cut off after %d tokens." % (where, number + 1, longest))
            for one in found:
                yield one.text if n_best == 1 else "%d ||| %.4f ||| %s" % (number, one.score, one.text)


def translate_file(folder: str, files: TranslatorFiles, path: str, **how: Any) -> None:
    """Prints the translations of a file's lines, a part of the file at a time. how: see `show`."""
    for line in show(folder, files, read_file(path), "%s: line" % path, **how):
        print(line, flush=True)


def interact(folder: str, files: TranslatorFiles, **how: Any) -> None:
    """Prints the translation of each line that a person types. how: see `show`."""
    for line in show(folder, files, typed(files), "line", rows=1, **how):
        print(line, flush=True)


def export(folder: str, target: str, files: TranslatorFiles, **how: Any) -> None:
    """Writes the SavedModel to the folder `target`, which --export names, and says so. how: see `translating.export`."""
    with renamed(target="export"):
        print("The SavedModel is in %s" % translating.export(folder, target, files, **how))


def read_file(path: str) -> Iterator[str]:
    """The lines of a file, as they are wanted. Raises `DataError` at the call where it cannot be read, or is empty."""
    lines = read_lines(path)
    try:
        first = next(lines)
    except StopIteration:
        raise DataError("%s: the file is empty, there is no sentence in it." % path) from None
    return itertools.chain([first], lines)


def typed(files: TranslatorFiles) -> Iterator[str]:
    """The lines that a person types, up to the end of the input or Ctrl-C; says which of their words are unknown, and asks
    again where a line cannot be translated. Raises `UserError` at the call where there is no standard input."""
    if sys.stdin is None:
        raise UserError(
            "--interactive reads the standard input, and it is closed: leave it open, or pass --translate FILE."
        )
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="surrogateescape")  # else a wrong byte would take the lines behind it along
    return _typed(files)


def _typed(files: TranslatorFiles) -> Iterator[str]:
    person = sys.stdin.isatty()
    while True:
        try:
            line = _ask(person)
        except (EOFError, KeyboardInterrupt):
            sys.stderr.write("\n" * person)
            return
        refused = _refused(files, line)
        if refused:
            say(refused)
            continue
        unknown = unknown_words(files, line)
        if unknown:
            say("Not in the vocabulary, read as %s: %s" % (UNKNOWN, ", ".join(unknown)))
        yield line


def _ask(person: bool) -> str:
    """The next line; a prompt where a person sees it, and never among translations that go into a file."""
    if person and sys.stdout is not None and sys.stdout.isatty():
        return input("> ")
    sys.stderr.write("> " * person)
    sys.stderr.flush()
    return input()


def _refused(files: TranslatorFiles, line: str) -> str:
    """Why the line cannot be translated; "" where it can be."""
    wrong = [ord(letter) - 0xDC00 for letter in line if "\udc80" <= letter <= "\udcff"]
    if wrong:
        return "The byte 0x%02x there is no text in %s: type it again." % (wrong[0], sys.stdin.encoding or "UTF-8")
    control = control_character(line)
    if control:
        return "That cannot be: %s. Leave it out." % control
    much = too_long(files, line)
    return "That has %s." % much if much else ""


def unknown_words(files: TranslatorFiles, sentence: str) -> List[str]:
    """The words of a sentence that the source vocabulary lacks."""
    unknown = files.source.unknown
    return sorted({word for word in files.rules.read(sentence) if files.source.ids.get(word, unknown) == unknown})
