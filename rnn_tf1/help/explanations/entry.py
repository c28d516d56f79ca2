"""One entry of the error finder."""

import textwrap
from typing import NamedTuple, Tuple


class Explanation(NamedTuple):
    """An error text and its explanation.

    Attributes:
      title: the words that distinguish the message.
      texts: the message as it is printed; if the two TensorFlows differ, TensorFlow 1.15's first.
      pattern: a regular expression that finds it; white space, quotation marks and case are ignored, in it and in the text.
      cause, fix: plain English.
      show: a short program that raises it; the wrong lines end with "# wrong".
      line: what replaces them when it is fixed; a command for the shell begins with "$ ".
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
