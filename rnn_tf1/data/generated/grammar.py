"""Sentences written by a small grammar that stand in for real text without a network; their entropy is known.

The grammar is a finite automaton: in each state every word has its probability, and the word determines the next state. So the
text so far determines the state, and no model can predict the next word better than by its probability there. A verb agrees
with its subject in number, however many words, and nouns of the other number, are between the two.
"""

import bisect
import functools
import math
import os
from typing import Dict, Iterator, List, Tuple

import numpy as np

from rnn_tf1.data.files.outside import holds
from rnn_tf1.data.text.text import END
from rnn_tf1.program.files import atomic_path, make_directory

Automaton = Dict[str, List[Tuple[str, float, str]]]  # of each state: a word, its probability, and the next state

NOTE = "generated.txt"  # the file that says which grammar wrote the others
START = "start"  # the state at the beginning of a sentence, and after END

_NOUNS = """
king queen prince sister brother farmer soldier tailor hunter miller baker cook maid giant dwarf cat dog bird horse
goat bear lion frog raven hen duck bee tree rose garden forest castle house tower bridge river mountain road door window
table bed ring crown sword coat shoe nut cake lamp candle key chest barrel stone star cloud storm daughter widow cousin
guest beggar servant judge priest fisher smith painter piper drummer sailor merchant doctor teacher neighbour stranger
monster dragon spider sparrow donkey pig cow lamb rabbit
"""
_TRANSITIVE = """
see find love follow help hear call meet know want fear ask thank leave lead hold feed seek warn greet trust save visit
trick mock forget chase praise scold wake hide guard
"""
_INTRANSITIVE = """
sleep laugh sing walk run dance wait work weep dream listen wander return arrive live smile tremble whisper shout rest
hunger sink shine swim travel fall
"""


def _add_s(words: str) -> str:
    return " ".join(word + "s" for word in words.split())


_WORDS = {
    "opener": "then once today soon now there-upon meanwhile suddenly",
    "any": "the",
    "one": "one this that every each another",
    "many": "these those all some many two three seven",
    "name": "hans gretel roland elsie catherine frederick jorinda tom rapunzel karl marlene otto",
    "adjective": """
        old young little great poor rich clever good wicked golden white black red green brave proud sad merry hungry tired
        lost quiet wild gentle strange tall small blind lazy honest
        """,
    "adverb": "again slowly alone gladly at-once together away in-vain by-night all-day at-home no-more",
    "preposition": "with in near behind under from beside without before above",
    "who": "who",
    "and": "and",
    "end": END,
    "noun one": _NOUNS,
    "noun many": _add_s(_NOUNS),
    "sees one": _add_s(_TRANSITIVE),
    "sees many": _TRANSITIVE,
    "sleeps one": _add_s(_INTRANSITIVE),
    "sleeps many": _INTRANSITIVE,
}


@functools.lru_cache(maxsize=1)
def automaton() -> Automaton:
    """The grammar: (word, its probability, next state) of each state. The words of a class follow Zipf's law."""
    states: Automaton = {}

    def state(name: str, *arcs: Tuple[str, float, str]) -> None:
        states[name] = [
            (word, chance * share, follower)
            for kind, chance, follower in arcs
            for word, share in _zipf(_WORDS[kind].split())
        ]

    def noun_phrase(name: str, after: str, *arcs: Tuple[str, float, str]) -> None:
        """States from `name` to `after`, where {} stands for the number; the `arcs` lead elsewhere."""
        rest = 1 - sum(chance for _, chance, _ in arcs)
        openings = (("any", 0.46, "any"), ("one", 0.24, "one"), ("many", 0.18, "many"))
        determined = [(kind, rest * chance, "%s, %s" % (name, number)) for kind, chance, number in openings]
        state(name, *arcs, ("name", rest * 0.12, after.replace("{}", "one")), *determined)
        for number, share in (("any", 0.55), ("one", 1.0), ("many", 0.0)):
            for place, adjective in (("%s, %s" % (name, number), 0.3), ("%s, %s more" % (name, number), 0.12)):
                nouns = [
                    ("noun %s" % form, (1 - adjective) * part, after.replace("{}", form))
                    for form, part in (("one", share), ("many", 1 - share))
                    if part
                ]
                state(place, ("adjective", adjective, "%s, %s more" % (name, number)), *nouns)

    noun_phrase("clause", "subject {}")
    noun_phrase(START, "subject {}", ("opener", 0.15, "clause"))
    for number in ("one", "many"):
        sees, sleeps = "sees %s" % number, "sleeps %s" % number
        verb, rest, last = "verb %s" % number, "rest %s" % number, "last %s" % number
        state(
            "subject %s" % number,
            ("who", 0.2, "clause of who, %s" % number),
            ("preposition", 0.12, "place of %s" % number),
            (sleeps, 0.28, rest),
            (sees, 0.4, "object of %s" % number),
        )
        state("clause of who, %s" % number, (sleeps, 0.3, verb), (sees, 0.7, "object of who, %s" % number))
        state(verb, (sleeps, 0.45, rest), (sees, 0.55, "object of %s" % number))
        noun_phrase("object of who, %s" % number, verb)
        noun_phrase("place of %s" % number, verb)
        noun_phrase("object of %s" % number, rest)
        state(
            rest,
            ("end", 0.5, START),
            ("preposition", 0.2, "place behind %s" % number),
            ("adverb", 0.15, last),
            ("and", 0.15, verb),
        )
        noun_phrase("place behind %s" % number, last)
        state(last, ("end", 0.75, START), ("and", 0.25, verb))
    return states


def entropy() -> float:
    """Nats per token of a long text, including `END`; exact, apart from rounding.

    Its exp is the perplexity of a perfect model on a long text of the grammar.
    """
    states = automaton()
    index = {name: number for number, name in enumerate(states)}
    moves = np.zeros([len(states), len(states)])
    surprise = np.zeros([len(states)])
    for name, arcs in states.items():
        for word, chance, follower in arcs:
            surprise[index[name]] -= chance * math.log(chance)
            if word != END:
                moves[index[name], index[follower]] += chance
    begin = np.zeros([len(states)])
    begin[index[START]] = 1
    visits = np.linalg.solve(np.eye(len(states)) - moves.T, begin)  # of each state in a sentence, on average
    return float(visits @ surprise / visits.sum())


def sentences(random: np.random.RandomState) -> Iterator[List[str]]:
    """An endless stream of sentences, each a list of words that ends with `END`."""
    tables = {}
    for name, arcs in automaton().items():
        limits = np.cumsum([chance for _, chance, _ in arcs])[:-1].tolist()  # without the last, which rounding may move
        tables[name] = limits, [word for word, _, _ in arcs], [follower for _, _, follower in arcs]
    state, sentence = START, []
    while True:
        for number in random.random_sample(4096).tolist():
            limits, words, followers = tables[state]
            chosen = bisect.bisect_right(limits, number)
            state = followers[chosen]
            sentence.append(words[chosen])
            if state == START:
                yield sentence
                sentence = []


def generate(folder: str, sizes: Dict[str, int], seed: int = 0) -> None:
    """Writes text files into `folder`, one sentence per line, each file whole or not at all.

    A note that is written last lets `is_current` know.

    Args:
      sizes: {file name: tokens}; a file ends with the sentence that reaches that number, which counts an `END` for each line.
      seed: each file depends only on it and on its position in `sizes`.

    Raises:
      OutputError: if the folder is not writable.
    """
    make_directory(folder)
    for part, (name, size) in enumerate(sizes.items()):
        with atomic_path(os.path.join(folder, name)) as path, open(path, "w", encoding="utf-8") as file:
            for sentence in sentences(np.random.RandomState([seed, part])):
                file.write(" ".join(sentence[:-1]) + "\n")
                size -= len(sentence)
                if size <= 0:
                    break
    with atomic_path(os.path.join(folder, NOTE)) as path, open(path, "w", encoding="utf-8") as file:
        file.write(_note())


def is_current(folder: str) -> bool:
    """Whether `generate` has finished in `folder` with this grammar, which its entropy identifies."""
    return holds(os.path.join(folder, NOTE), _note())


def _note() -> str:
    return "Written by the grammar of rnn_tf1.data.generated.grammar: %.9f nats for each token.\n" % (entropy(),)


def _zipf(words: List[str]) -> List[Tuple[str, float]]:
    total = sum(1 / rank for rank in range(1, len(words) + 1))
    return [(word, 1 / rank / total) for rank, word in enumerate(words, 1)]
