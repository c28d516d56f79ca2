"""Explains an error text, and gives the line that fixes it: ``python -m rnn_tf1.explain "TEXT"``.

TEXT is a message or a whole traceback; without it, or with "-", it is read from the standard input::

    python program.py 2>&1 | python -m rnn_tf1.explain

White space, quotation marks and case are ignored, so that text from a terminal, a notebook, a web page or pytest is found
equally well. The last error of a traceback takes precedence over the text above it. The exit code is 0 if the text is known,
otherwise 2. Nothing here imports TensorFlow. The entries are in `rnn_tf1.help.explanations`, from which the page docs/errors.md
is generated.
"""

import argparse
import functools
import re
import sys
import textwrap
from typing import List, Optional, Pattern, Sequence, Tuple

from rnn_tf1.help.explanations import EXPLANATIONS, SECTIONS
from rnn_tf1.help.explanations.entry import Explanation
from rnn_tf1.program.cli import run_main

WIDTH = 88
MOST = 3  # explanations that are printed whole

_LAST_ERROR = re.compile(r"^\s*[\w.]*(Error|Exception)\w*(:|$)", re.MULTILINE)
_DECORATION = re.compile(r"\x1b\[[0-9;]*[A-Za-z]|^(E(?=\s|$)|[>|│┃])+", re.MULTILINE)
_IGNORED = re.compile(r"[\s'\"`´‘’“”]+")


def find(text: str) -> List[Explanation]:
    """The explanations whose pattern is in the text, the best first; [] if there are none."""
    text = _DECORATION.sub("", text)
    errors = list(_LAST_ERROR.finditer(text))
    last = text[errors[-1].start() :] if errors else text
    matches = _matching(last)
    return matches + [known for known in _matching(text) if known not in matches]


def _matching(text: str) -> List[Explanation]:
    bare = _IGNORED.sub("", text)
    return [known for known, pattern in _patterns() if pattern.search(bare)]


@functools.lru_cache(maxsize=None)
def _patterns() -> List[Tuple[Explanation, Pattern]]:
    return [(known, re.compile(_IGNORED.sub("", known.pattern), re.IGNORECASE)) for known in EXPLANATIONS]


def describe(known: Explanation) -> str:
    """One explanation as text for a terminal."""
    parts = [known.title, "=" * min(len(known.title), WIDTH), ""]
    parts += [_filled("Cause: " + known.cause), "", _filled("Fix:  " + known.fix), ""]
    if known.line.startswith("$ "):
        parts.append(_code(known.line[2:]))
    else:
        parts += ["This program shows it:", "", _code(known.show), ""]
        parts += ['In the place of what is marked "# wrong":', "", _code(known.line)]
    return "\n".join(parts)


def _filled(words: str) -> str:
    return textwrap.fill(words, WIDTH, subsequent_indent="       ", break_long_words=False, break_on_hyphens=False)


def _code(program: str) -> str:
    return textwrap.indent(program, "    ")


def _unknown(text: str) -> str:
    lines = ["No entry knows this text."]
    if not text.strip():
        lines = ["There is no text."]
    lines += [
        "- Was it cut? Pass the whole traceback, or its last lines: python program.py 2>&1 | python -m rnn_tf1.explain",
        "- Where TensorFlow or NumPy cannot be imported, or a GPU is not seen: python -m rnn_tf1.doctor",
        "- The texts that are known: python -m rnn_tf1.explain --list",
        "- A message of rnn_tf1 itself ends with the line that fixes it.",
    ]
    return "\n".join(lines)


def _read(words: Sequence[str]) -> Optional[str]:
    """The text from the command line, or from the standard input; None if that is a terminal."""
    if words and list(words) != ["-"]:
        return " ".join(words)
    if not words and sys.stdin.isatty():
        return None
    return sys.stdin.buffer.read().decode("utf-8", "replace")


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Prints the explanations of the text. Returns 0 if there are any, otherwise 2."""
    about = "Says what an error text means, and the line that fixes it."
    parser = argparse.ArgumentParser(prog="python -m rnn_tf1.explain", description=about)
    parser.add_argument("text", nargs="*", help="a message or a traceback, in quotes; without it, or -: standard input")
    parser.add_argument("--list", action="store_true", help="print the titles of all entries")
    options = parser.parse_args(arguments)
    if options.list:
        for section, entries in SECTIONS.items():
            print("\n".join([section] + ["    " + known.title for known in entries]))
        return 0
    text = _read(options.text)
    if text is None:
        parser.print_help()
        return 2
    known_texts = find(text)
    if not known_texts:
        print(_unknown(text), file=sys.stderr)
        return 2
    print(("\n\n" + "-" * WIDTH + "\n\n").join(describe(known) for known in known_texts[:MOST]))
    if known_texts[MOST:]:
        print("\nAlso: " + "; ".join(known.title for known in known_texts[MOST:]))
    return 0


def run() -> None:
    """Runs `main` as a program: it exits with its code, and an error is a line without a traceback."""
    run_main(lambda: main() and sys.exit(2))
