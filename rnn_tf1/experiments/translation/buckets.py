"""What `examples/embedding_rnn_seq2seq.py` needs beside its graph: short sentences, as lists of steps, and what was written."""

from typing import Any, Dict, Iterator, List, NamedTuple, Sequence

import numpy as np
import tensorflow.compat.v1 as tf

from rnn_tf1.data.pairs.pair_batches import BucketBatch, Buckets
from rnn_tf1.data.pairs.translation import (
    Pairs,
    SentenceVocabulary,
    Translation,
    encode,
    make_sentence_vocabulary,
    tokenize_lines,
)
from rnn_tf1.data.text.text import UNKNOWN
from rnn_tf1.errors import Argument, DataError

SCORED_ROWS = 200  # sentences that are translated at a time


class Sentences(NamedTuple):
    """Pairs in which neither side is longer than `longest` tokens; of all three parts."""

    train: Pairs
    validation: Pairs
    test: Pairs
    source: SentenceVocabulary
    target: SentenceVocabulary
    longest: int

    def describe(self) -> str:
        """A line for each part: how many pairs and tokens it has, and what is left out."""
        sizes = "vocabularies: %d and %d words" % (len(self.source), len(self.target))
        return "\n".join(["%s: %s" % (name, getattr(self, name).describe()) for name in self._fields[:3]] + [sizes])

    def batches(self, part: str, rows: int, seed: int = 0) -> Buckets:
        """The pairs of "train", "validation" or "test" in batches of one shape."""
        return Buckets(getattr(self, part), [(self.longest, self.longest + 1)], rows, seed)  # and a place for </s>


class Placeholders(NamedTuple):
    """Lists of placeholders [batch], one for each step."""

    source: List[Any]  # ids: the padding, and then the sentence from its last word to its first
    inputs: List[Any]  # ids: <s>, and the translation
    targets: List[Any]  # ids: the translation, and </s>
    weights: List[Any]  # float32: 1 for each token of the translation and </s>, 0 behind


def prepare(data: Translation, longest: int, least: int = 1) -> Sentences:
    """The sentences of `data` that have at most `longest` tokens on either side; the others are left out and counted.

    Args:
      least: how often a word must come in these to be known.

    Raises `DataError` where no pair is short enough.
    """
    parts = [tokenize_lines(lines) for lines in (data.train, data.validation, data.test)]
    short = [pair for pair in zip(*parts[0]) if max(map(len, pair)) <= longest]
    if not short:
        raise DataError(
            "No pair has at most %d tokens on either side: pass a larger " % longest, Argument("longest"), "."
        )
    source, target = (make_sentence_vocabulary([pair[side] for pair in short], least=least) for side in (0, 1))
    train, validation, test = (encode(part, source, target, longest=longest) for part in parts)
    return Sentences(train, validation, test, source, target, longest)


def make_placeholders(longest: int) -> Placeholders:
    """Placeholders for sentences of up to `longest` tokens."""

    def several(name: str, count: int, dtype: Any = tf.int32) -> List[Any]:
        return [tf.placeholder(dtype, [None], name="%s_%d" % (name, t)) for t in range(count)]

    count = longest + 1
    return Placeholders(
        several("source", longest),
        several("input", count),
        several("target", count),
        several("weight", count, tf.float32),
    )


def feed(placeholders: Placeholders, batch: BucketBatch) -> Dict[Any, Any]:
    """The batch as lists of steps. The source is turned round with its padding, which then comes first: Sutskever et al. 2014.

    Its first words are read last, near to those that they become; the encoder reads the padding, as TensorFlow 1's own did.
    """
    columns = (batch.source.T[::-1], batch.target_inputs.T, batch.target_outputs.T, batch.weights.T)
    return {key: step for list_, array in zip(placeholders, columns) for key, step in zip(list_, array)}


def translate(session: Any, ids: Any, placeholders: Placeholders, batches: Buckets) -> List[np.ndarray]:
    """What is written for each pair, in the order of the pairs: its ids up to ``</s>``, without it.

    Args:
      ids: int [batch, steps], the tensor of what is written.
    """
    written: Dict[int, np.ndarray] = {}
    for batch in batches.batches(0):
        for place, row in zip(batch.places, session.run(ids, feed(placeholders, batch))):
            stops = np.flatnonzero(row == SentenceVocabulary.special.index(SentenceVocabulary.last))
            if place >= 0:  # the others only fill the batch up
                written[place] = row[: stops[0]] if len(stops) else row
    return [written[place] for place in sorted(written)]


def exact(written: Sequence[np.ndarray], pairs: Pairs) -> float:
    """The share of the pairs whose translation is the reference, word by word; ``<unk>`` is no word, and never right."""
    unknown = SentenceVocabulary.special.index(UNKNOWN)
    same = [np.array_equal(one, target) and unknown not in target for one, target in zip(written, pairs.target)]
    return float(np.mean(same))


def mean_loss(session: Any, losses: Any, placeholders: Placeholders, batches: Buckets) -> float:
    """The mean over all pairs of `losses` [batch]."""
    found: List[np.ndarray] = []
    for batch in batches.batches(0):
        found.append(session.run(losses, feed(placeholders, batch))[batch.places >= 0])
    return float(np.concatenate(found).mean())


def examples(written: Sequence[np.ndarray], sentences: Sentences, count: int) -> Iterator[str]:
    """Three lines for each of the first `count` test pairs: what was read, what was written, and, if other, the reference."""
    for one, source, target in list(zip(written, sentences.test.source, sentences.test.target))[:count]:
        yield "    " + " ".join(sentences.source.decode(source))
        yield "  = " + " ".join(sentences.target.decode(one))
        if not np.array_equal(one, target):
            yield "not " + " ".join(sentences.target.decode(target))
