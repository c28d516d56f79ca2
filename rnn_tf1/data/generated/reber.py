"""Embedded Reber strings, written by a small automaton: the second letter must be repeated as the second-to-last.

Reber 1967, "Implicit learning of artificial grammars"; embedded in Hochreiter and Schmidhuber 1997, "Long Short-Term Memory":
B, then T or P, a whole Reber string, the same T or P, and E. Without remembering the second letter, the
second-to-last cannot be known.
"""

from typing import Collection, Dict, List, NamedTuple, Sequence, Tuple

import numpy as np

from rnn_tf1.data.text.text import END, UNKNOWN, Vocabulary

LETTERS = "BEPSTVX"
REBER: Dict[int, List[Tuple[str, int]]] = {  # of each state: letter, next state; both are equally likely
    0: [("B", 1)],
    1: [("T", 2), ("P", 3)],
    2: [("S", 2), ("X", 4)],
    3: [("T", 3), ("V", 5)],
    4: [("X", 3), ("S", 6)],
    5: [("P", 4), ("V", 6)],
    6: [("E", 7)],
}
LAST = 7  # the state in which a string is whole


class Strings(NamedTuple):
    """Strings of LETTERS, and int32 labels [strings]: 1 for a valid one, 0 for one with a wrong letter."""

    strings: List[str]
    labels: np.ndarray

    def valid(self) -> List[str]:
        return [text for text, label in zip(self.strings, self.labels) if label]


def make_string(random: np.random.RandomState) -> str:
    """An embedded Reber string, of 9 letters or more."""
    outer, inner, state = "TP"[random.randint(2)], "", 0
    while state != LAST:
        choices = REBER[state]
        letter, state = choices[random.randint(len(choices))]
        inner += letter
    return "B" + outer + inner + outer + "E"


def best_perplexity(strings: Sequence[str]) -> float:
    """The perplexity of a reader who knows the automaton, over all letters of valid strings and an end after each.

    The second letter, and those where the automaton has a choice, are each one of two; all others are certain.
    """
    choices = letters = 0
    for text in strings:
        state, choices, letters = 0, choices + 1, letters + len(text) + 1
        for letter in text[2:-2]:
            choices += len(REBER[state]) > 1
            state = dict(REBER[state])[letter]
    return float(2 ** (choices / letters))


def is_valid(text: str) -> bool:
    """Whether `text` is an embedded Reber string, whole."""
    if len(text) < 9 or text[0] != "B" or text[1] not in "TP" or text[-2:] != text[1] + "E":
        return False
    state = 0
    for letter in text[2:-2]:
        following = dict(REBER.get(state, []))
        if letter not in following:
            return False
        state = following[letter]
    return state == LAST


def broken(text: str, random: np.random.RandomState) -> str:
    """The valid string `text` with one letter replaced, so that it is invalid. With probability 1/4 it is the second-to-last, T
    for P or P for T, which only the second letter shows to be wrong; otherwise any letter, including that one."""
    if random.randint(4) == 0:
        return _turned(text)
    while True:
        place = random.randint(len(text))
        letter = LETTERS[random.randint(len(LETTERS))]
        changed = text[:place] + letter + text[place + 1 :]
        if not is_valid(changed):
            return changed


def _turned(text: str) -> str:
    """`text` with T and P swapped in the second-to-last letter."""
    return text[:-2] + ("P" if text[-2] == "T" else "T") + text[-1]


def generate(count: int, seed: int, part: int = 0) -> Strings:
    """`count` strings, one half valid and one half broken, in random order; a pure function of the arguments.

    Args:
      part: another number gives other strings of the same kind: 0 for training, 1 for validation, 2 for the test. Short
        strings are few, and occur in every part; see `unseen`.
    """
    random = np.random.RandomState([seed, part, 2])  # the 2: another stream than those that mix batches
    labels = random.permutation(count) % 2
    strings = [make_string(random) for _ in range(count)]
    strings = [text if label else broken(text, random) for text, label in zip(strings, labels)]
    return Strings(strings, labels.astype(np.int32))


def unseen(count: int, seed: int, part: int, known: Collection[str]) -> Strings:
    """`count` strings that are not in `known`, valid and broken ones in turn; a pure function of the arguments.

    Valid strings are repeated far more often than broken ones, because there are fewer; so each kind is drawn until there are
    enough, and always giving the same answer is right for one half.
    """
    seen, random = set(known), np.random.RandomState([seed, part, 2])
    strings: List[str] = []
    while len(strings) < count:
        text = make_string(random)
        if len(strings) % 2:
            text = broken(text, random)
        if text not in seen:
            strings.append(text)
    return Strings(strings, 1 - np.arange(count, dtype=np.int32) % 2)


def needs_memory(text: str) -> bool:
    """Whether `text` is wrong only in the second-to-last letter, which takes memory of the second letter to detect."""
    return text[-2:-1] in ("T", "P") and is_valid(_turned(text))


class Streams(NamedTuple):
    """The valid strings of three parts as texts for a language model, int32 [letters], ``<eos>`` after each string."""

    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray
    vocabulary: Vocabulary


def streams(train: Strings, validation: Strings, test: Strings) -> Streams:
    """See `Streams`."""
    vocabulary = Vocabulary([UNKNOWN, END, *LETTERS])

    def text(part: Strings) -> np.ndarray:
        return vocabulary.encode([letter for one in part.valid() for letter in [*one, END]])

    return Streams(text(train), text(validation), text(test), vocabulary)
