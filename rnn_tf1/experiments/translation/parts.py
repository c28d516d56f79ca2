"""Parallel text as a translator reads it: tokens, vocabularies, ids."""

import dataclasses
from typing import Dict, NamedTuple, Optional

from rnn_tf1.data.pairs.translation import (
    Lines,
    Pairs,
    Tokens,
    Translation,
    encode,
    make_sentence_vocabulary,
    tokenize_lines,
)
from rnn_tf1.experiments.translation.translator_files import SourceRules, TranslatorFiles
from rnn_tf1.models.seq2seq import Seq2SeqConfig


class Parts(NamedTuple):
    """Training, validation and test as ids, and what they were made of."""

    train: Pairs
    validation: Pairs
    test: Pairs
    files: TranslatorFiles
    tokens: Dict[str, Tokens]  # "validation" and "test": the sentences in their own order
    raw: Dict[str, Lines]  # the same: the lines as they stand in the files

    def describe(self) -> str:
        """Lines: how many pairs and tokens each part has, and what is left out."""
        sizes = "vocabularies: %d and %d words" % (len(self.files.source), len(self.files.target))
        parts = [(name, getattr(self, name)) for name in ("train", "validation", "test")]
        return "\n".join(["%s: %s" % (name, pairs.describe()) for name, pairs in parts] + [sizes])


def prepare(
    data: Translation,
    config: Seq2SeqConfig,
    rules: SourceRules = SourceRules(),  # noqa: B008
    least: int = 1,
    longest: Optional[int] = None,
    size: Optional[int] = None,
) -> Parts:
    """Tokens, vocabularies and ids of parallel text.

    Args:
      config: of the model; the sizes of its vocabularies are found here.
      least: how often a word must come in the training text to be known.
      longest: tokens of a side; longer pairs are left out of training. Default: none are.
      size: words of each vocabulary at most; default: all that come `least` times.

    Raises `DataError` where no pair is left to train on, or a vocabulary is empty.
    """

    parts = {
        name: tokenize_lines(getattr(data, name), numbers=rules.numbers, urls=rules.urls)
        for name in ("train", "validation", "test")
    }
    source, target = (make_sentence_vocabulary(side, size, least=least) for side in parts["train"])
    pairs = {
        name: encode(
            tokens,
            source,
            target,
            longest=longest,
            reverse_source=rules.reverse,
            evaluation=name != "train",
        )
        for name, tokens in parts.items()
    }
    config = dataclasses.replace(config, source_vocabulary=len(source), target_vocabulary=len(target))
    raw = {name: getattr(data, name) for name in ("validation", "test")}
    files = TranslatorFiles(config, rules, source, target)
    return Parts(pairs["train"], pairs["validation"], pairs["test"], files, parts, raw)


def beginning(data: Translation, train: int, other: int) -> Translation:
    """The first `train` training pairs of `data`, and the first `other` of the other parts."""

    def cut(lines: Lines, count: int) -> Lines:
        return Lines(lines.source[:count], lines.target[:count])

    train_part, validation, test = cut(data.train, train), cut(data.validation, other), cut(data.test, other)
    return data._replace(train=train_part, validation=validation, test=test)
