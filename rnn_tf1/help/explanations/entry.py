"""One entry of the error finder."""

import textwrap
from typing import NamedTuple, Tuple


class Explanation(NamedTuple):
    """An error text and what is behind it.

    title: the words of the message that tell it from others.
    texts: the message as it is printed, TensorFlow 1.15's first where the two TensorFlows differ.
    pattern: a regular expression that finds it; white space, quotation marks and case do not count, there or in the text.
    cause, fix: plain English.
    show: a short program that raises it; the lines that are to blame end with "# wrong".
    line: what stands in their place when it is fixed; a command for the shell begins with "$ ".
    raised_on: "both", "1.15", "2", or "neither: " and the reason, for what the tests cannot raise.
    """

    title: str
    texts: Tuple[str, ...]
    pattern: str
    cause: str
    fix: str
    show: str
    line: str
    raised_on: str


def entry(
    title: str,
    texts: Tuple[str, ...],
    pattern: str,
    cause: str,
    fix: str,
    show: str,
    line: str,
    raised_on: str = "both",
) -> Explanation:
    """An `Explanation` from indented text: paragraphs lose their line breaks, programs their margin."""
    cause, fix = (" ".join(words.split()) for words in (cause, fix))
    show, line = (textwrap.dedent(code).strip("\n") for code in (show, line))
    return Explanation(title, texts, pattern, cause, fix, show, line, raised_on)


def fixed(explanation: Explanation) -> str:
    """The program of `show` with `line` in the place of what is marked as wrong."""
    lines, put = [], False
    for line in explanation.show.splitlines():
        if not line.endswith("# wrong"):
            lines.append(line)
        elif not put:
            margin = line[: len(line) - len(line.lstrip())]
            lines += [margin + new for new in explanation.line.splitlines()]
            put = True
    return "\n".join(lines)
