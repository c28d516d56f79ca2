"""The pages that a language model of fairy tales writes, and whether these loop."""

import os
from typing import Any, Dict, List, Optional, Sequence

import numpy as np
import tensorflow.compat.v1 as tf

from rnn_tf1.data.text import fairy_tales
from rnn_tf1.data.text.text import END, UNKNOWN, Vocabulary
from rnn_tf1.errors import Argument, DataError
from rnn_tf1.models.language_model import build_sampler
from rnn_tf1.program.files import atomic_path
from rnn_tf1.program.terminal import say

PROMPT = 30  # pairs of a held-out story that a page begins with
GRAM = 4  # words of a phrase, in the judgement of a page
LONGEST, PIECE = 30, 5  # characters: a longer word is none, and is judged as words of PIECE
BREAK = "\n\n* * *\n\n"  # between two stories of a page
FILES = {"sampled": "story.txt", "argmax": "story_argmax.txt"}  # by page


def encode_prompt(text: str, vocabulary: Vocabulary) -> np.ndarray:
    """The ids of a prompt, in small letters; one line on stderr names the pairs that the vocabulary lacks.

    Raises `DataError` for a text without any character that is no white space.
    """
    pairs = fairy_tales.pairs(fairy_tales.characters(text))
    if not pairs:
        example = Argument("prompt", "once upon a time")
        raise DataError("The prompt is empty: pass the beginning of a story, such as ", example, ".")
    unknown = sorted({pair for pair in pairs if pair not in vocabulary.ids})
    if unknown:
        shown = ", ".join(repr(pair) for pair in unknown)
        say("Not among the pairs of the training stories, read as %s: %s" % (UNKNOWN, shown))
    return vocabulary.encode(pairs)


def write_pages(
    session: Any,
    model: Dict[str, Any],
    tales: fairy_tales.FairyTales,
    prompt: Optional[str],
    count: int,
    seed: int,
    **how: float,
) -> Dict[str, str]:
    """Three pages: what the trained network of the session's graph writes after the prompt, in one session call each, drawn
    from what it says ("sampled") and the most likely pairs ("argmax"); and "held out", a page of the validation stories.

    Args:
      session: of the graph of the trained network.
      model: its `config` and `recurrence`, as `build_sampler` takes them.
      prompt: a text; default: the first PROMPT pairs of the first validation story.
      count: pairs to write; `END` is followed by another story.
      how: temperature, top_p: see `decoding.filter_logits`.

    Returns:
      The pages, each as long, and "prompt", the text before the first two.
    """
    stories, vocabulary = np.concatenate(tales.validation), tales.vocabulary
    ids = stories[:PROMPT] if prompt is None else encode_prompt(prompt, vocabulary)
    pages = {"prompt": ids, "held out": stories[PROMPT : PROMPT + count]}
    for way, filters in (("sampled", how), ("argmax", {"top_k": 1})):
        with tf.variable_scope("Model", reuse=True):
            sampler = build_sampler(log_probabilities=False, **model, **filters)
        feed = {sampler.prompts: [ids], sampler.lengths: [len(ids)], sampler.count: count, sampler.seed: seed}
        pages[way] = session.run(sampler.sampled.tokens, feed)[0]
    return {name: as_text(vocabulary.decode(page)) for name, page in pages.items()}


def as_text(pairs: Sequence[str]) -> str:
    """The text of pairs, with a row of asterisks where one story ends and another begins."""
    stories: List[List[str]] = [[]]
    for pair in pairs:
        if pair == END:
            stories.append([])
        else:
            stories[-1].append(pair)
    return BREAK.join(fairy_tales.join(story) for story in stories)


def distinct(pages: Dict[str, str]) -> Dict[str, float]:
    """By page: the share of different phrases of GRAM words among all its phrases, in no more words than "held out" has.

    A text that goes round in a circle comes close to 0, and one of fewer words than a phrase has counts as 0. What has more
    than LONGEST characters without white space is no word but a circle itself, "hahaha...": it is cut into words of PIECE
    characters. Empty, with a line on stderr, where "held out" has no such phrase.
    """
    words = {name: _words(page) for name, page in pages.items()}
    held_out = len(words["held out"])
    if held_out < GRAM:
        told = "A held-out page of %d words has no phrase of %d to judge by: try a longer "
        say(told % (held_out, GRAM), Argument("count"), ".")
        return {}
    shares = {}
    for name, found in words.items():
        most = min(len(found), held_out)
        grams = list(zip(*(found[start : most - GRAM + 1 + start] for start in range(GRAM)))) if most >= GRAM else []
        shares[name] = len(set(grams)) / len(grams) if grams else 0.0
    return shares


def _words(page: str) -> List[str]:
    found: List[str] = []
    for word in page.split():
        cut = len(word) > LONGEST
        found += [word[start : start + PIECE] for start in range(0, len(word), PIECE)] if cut else [word]
    return found


def write_files(folder: str, prompt: str, pages: Dict[str, str]) -> None:
    """Writes the two pages of the network into FILES, each after the prompt, and whole or not at all."""
    for page, name in FILES.items():
        with atomic_path(os.path.join(folder, name)) as temporary, open(temporary, "w", encoding="utf-8") as file:
            file.write(prompt + pages[page] + "\n")
