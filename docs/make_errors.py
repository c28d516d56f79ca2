"""Writes docs/errors.md from the entries of the error finder, rnn_tf1.help.explanations; --check only compares."""

import os
import re
import sys
import textwrap

from up_to_date import ROOT, write_or_check

sys.path.insert(0, ROOT)

from rnn_tf1.help.explanations import EXPLANATIONS, SECTIONS  # noqa: E402

PAGE = os.path.join(ROOT, "docs", "errors.md")
BEGINNING = """\
<!-- made by docs/make_errors.py from rnn_tf1/explanations -->

# What an error text means

%d texts that people paste when something fails, each with its cause, what fixes it, and a short program that shows it. The
lines that are to blame are marked in the program, and what stands in their place when it is fixed is below it. A test runs
both, the broken program and the fixed one, on TensorFlow 1.15 and on TensorFlow 2.

The same from the command line; a whole traceback will do, and white space and quotation marks do not count:

```sh
python program.py 2>&1 | python -m rnn_tf1.explain
```

Where TensorFlow cannot be imported at all, `python -m rnn_tf1.doctor` looks at the installation and prints the line that
fixes it.
"""
RAISED_ON = {"both": "TensorFlow 1.15 and 2", "1.15": "TensorFlow 1.15, not 2", "2": "TensorFlow 2, not 1.15"}

_SPECIAL = re.compile(r"([\\`*_\[\]<>$#{}|~])")


def escaped(words):
    """Words in which nothing is Markdown."""
    return _SPECIAL.sub(r"\\\1", words)


def sentence(words):
    """A sentence in Markdown; what stands between backticks is code."""
    parts = words.split("`")
    return "`".join(part if i % 2 else escaped(part) for i, part in enumerate(parts))


def wrapped(text):
    """A message in lines that fit the page; no word is broken."""
    fit = {"width": 88, "break_long_words": False, "break_on_hyphens": False}
    return "\n".join("\n".join(textwrap.wrap(line, **fit)) for line in text.splitlines())


def block(language, text):
    return "```%s\n%s\n```\n" % (language, text)


def entry(known):
    """One entry in Markdown."""
    raised = RAISED_ON.get(known.raised_on) or known.raised_on.replace("neither: ", "no program here: ")
    parts = ["### %s\n" % escaped(known.title), block("text", "\n\n".join(map(wrapped, known.texts)))]
    parts += ["**Cause.** %s\n" % sentence(known.cause), "**What fixes it.** %s\n" % sentence(known.fix)]
    if known.line.startswith("$ "):
        parts.append(block("sh", known.line[2:]))
    else:
        parts += [block("python", known.show), 'In the place of what is marked "wrong":\n', block("python", known.line)]
    return "\n".join(parts + ["Raised on: %s.\n" % raised])


def page():
    parts = [BEGINNING % len(EXPLANATIONS)]
    for section, entries in SECTIONS.items():
        parts += ["## %s\n" % section] + [entry(known) for known in entries]
    return "\n".join(parts)


if __name__ == "__main__":
    write_or_check(PAGE, page(), __doc__)
