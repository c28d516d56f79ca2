"""Batches of sentences and their translations: of similar length and limited tokens, or in buckets of fixed shapes."""

from typing import Iterator, List, NamedTuple, Optional, Sequence, Tuple

import numpy as np

from rnn_tf1.data.batches import batch_order, epoch_order
from rnn_tf1.data.pairs.translation import START, STOP, Pairs, SentenceVocabulary
from rnn_tf1.data.ragged import pad
from rnn_tf1.errors import Argument, DataError

_START, _STOP = (SentenceVocabulary.special.index(word) for word in (START, STOP))  # <pad> is 0, as `pad` has it
_SHOWN = 10  # tokens: how wide the ranges of length are that `TokenBatches.describe` shows


class Batch(NamedTuple):
    """Pairs side by side, padded with ``<pad>``; all int32, except `places`.

    Attributes:
      source: [rows, source time].
      source_lengths: [rows].
      target_inputs: [rows, target time], ``<s>`` and the words.
      target_outputs: [rows, target time], the words and ``</s>``.
      target_lengths: [rows], ``</s>`` counted.
      places: int64 [rows]: the index of each row among the pairs.
    """

    source: np.ndarray
    source_lengths: np.ndarray
    target_inputs: np.ndarray
    target_outputs: np.ndarray
    target_lengths: np.ndarray
    places: np.ndarray


class BucketBatch(NamedTuple):
    """As `Batch`, with the shape of a bucket.

    Attributes:
      bucket: the number of the bucket, counted from 0.
      weights: float32 [rows, target time]: 1 for each word and ``</s>``, 0 after it, and 0 in rows that only fill a batch up.
      places: -1 for these rows.
    """

    bucket: int
    source: np.ndarray
    source_lengths: np.ndarray
    target_inputs: np.ndarray
    target_outputs: np.ndarray
    target_lengths: np.ndarray
    weights: np.ndarray
    places: np.ndarray


class TokenBatches(object):
    """Batches of pairs of similar length, for training: rows times the longest sentence of either side is at most `tokens`.

    The length of a pair is that of its longer side, the ``</s>`` of the target counted. Each epoch sorts the pairs by it, in
    a new random order among those of one length, cuts them into batches, and takes these in random order. The cuts depend on
    the lengths alone, so that every epoch has the same number of batches, and every pair once. On Multi30k, with 2,048
    tokens, 8% of the positions are padding; unsorted, more than half of them would be.

    Args:
      pairs: from `encode`.
      tokens: the most positions of a side of a batch.
      seed: the order is a pure function of (seed, epoch).

    Attributes:
      count: the number of batches in an epoch.

    Raises:
      DataError: if a sentence alone has more tokens.
    """

    def __init__(self, pairs: Pairs, tokens: int, seed: int = 0) -> None:
        self.pairs, self.tokens, self.seed = pairs, tokens, seed
        self._lengths = np.maximum(_lengths(pairs.source), _lengths(pairs.target) + 1)
        worst = int(self._lengths.argmax())
        if self._lengths[worst] > tokens:
            raise DataError(
                f"Line {pairs.lines[worst] + 1} has {self._lengths[worst]} tokens, its end counted, and a batch holds "
                f"{tokens}: pass ",
                Argument("tokens", int(self._lengths[worst])),
                " or more, or leave such lines out with ",
                Argument("longest"),
                ".",
            )
        self._cuts: List[int] = []
        start = 0
        for place, length in enumerate(np.sort(self._lengths).tolist()):
            if (place + 1 - start) * length > tokens:
                self._cuts.append(place)
                start = place
        self.count = len(self._cuts) + 1

    def batches(self, epoch: int, start: int = 0) -> Iterator[Batch]:
        """The batches of an epoch, counted from 0, from batch `start` on.

        Raises:
          DataError: at the call, for an epoch or a start that does not exist.
        """
        parts = self._parts(epoch)
        order = batch_order(self.count, self.seed, epoch, start)
        return (make_batch(self.pairs, parts[number]) for number in order)

    def describe(self) -> str:
        """One line: the batches, and the share of padding for each range of length; as in epoch 0."""
        parts = self._parts(0)
        rows = [len(part) for part in parts]
        sides = _lengths(self.pairs.source), _lengths(self.pairs.target) + 1
        ranges = np.array([(self._lengths[part].max() - 1) // _SHOWN for part in parts])
        used = np.array([sum(side[part].sum() for side in sides) for part in parts])
        held = np.array([sum(side[part].max() for side in sides) * len(part) for part in parts])
        shown = [
            f"{1 - used[ranges == number].sum() / held[ranges == number].sum():.1%} up to {(number + 1) * _SHOWN} tokens"
            for number in sorted(set(ranges.tolist()))
        ]
        return (
            f"{self.count:,} batches of {min(rows):,} to {max(rows):,} pairs, at most {self.tokens:,} tokens a side; "
            f"padding: {1 - used.sum() / held.sum():.1%} in all, {', '.join(shown)}"
        )

    def _parts(self, epoch: int) -> List[np.ndarray]:
        """The pairs of each batch, from the shortest to the longest."""
        order = epoch_order(len(self._lengths), self.seed, epoch)
        return np.split(order[np.argsort(self._lengths[order], kind="stable")], self._cuts)


class Buckets(object):
    """Batches of a few fixed shapes, for models that are built once for each of them, as the first translators were.

    A pair goes into the first bucket that holds it. Every pair comes once in an epoch; the last batch of a bucket is filled
    up with rows of weight 0, copies of its first row.

    Args:
      pairs: from `encode`.
      buckets: (source time, target time) of each, the smallest first: [(10, 15), (20, 25), ...]; ``</s>`` counts too.
      rows: of every batch.
      seed: the order is a pure function of (seed, epoch).

    Attributes:
      count: the number of batches in an epoch.
      left_out: the number of pairs that fit into no bucket.

    Raises:
      DataError: for a bucket that an earlier one makes useless, and if no pair fits.
    """

    def __init__(self, pairs: Pairs, buckets: Sequence[Tuple[int, int]], rows: int, seed: int = 0) -> None:
        self.pairs, self.buckets, self.rows, self.seed = pairs, [(int(s), int(t)) for s, t in buckets], rows, seed
        _check_rows(rows)
        for number, (source, target) in enumerate(self.buckets):
            if source < 1 or target < 2:
                raise DataError(f"Bucket {(source, target)} holds no pair: pass at least (1, 2), a word and its end.")
            useless = bucket_of(source, target, self.buckets[:number])
            if useless is not None:
                raise DataError(
                    f"Bucket {(source, target)} is never used, since {self.buckets[useless]} before it holds as much: pass "
                    "the smaller ones first."
                )
        lengths = zip(_lengths(pairs.source).tolist(), (_lengths(pairs.target) + 1).tolist())
        numbers = [bucket_of(source, target, self.buckets) for source, target in lengths]
        self._buckets = np.array([-1 if number is None else number for number in numbers])
        self.left_out = numbers.count(None)
        if self.left_out == len(numbers):
            raise DataError(
                f"None of the {len(numbers):,} pairs fits into a bucket: pass larger ones than {self.buckets}."
            )
        self._sizes = [numbers.count(number) for number in range(len(self.buckets))]
        self.count = sum(-(-size // rows) for size in self._sizes)

    def batches(self, epoch: int, start: int = 0) -> Iterator[BucketBatch]:
        """The batches of an epoch, counted from 0, from batch `start` on, the buckets mixed.

        Raises:
          DataError: at the call, for an epoch or a start that does not exist.
        """
        order = epoch_order(len(self._buckets), self.seed, epoch)
        parts = []
        for number in range(len(self.buckets)):
            members = order[self._buckets[order] == number]
            parts += [(number, members[first : first + self.rows]) for first in range(0, len(members), self.rows)]
        chosen = batch_order(self.count, self.seed, epoch, start)
        return (self._batch(*parts[number]) for number in chosen)

    def describe(self) -> str:
        """One line: the pairs of each bucket, and those left out."""
        sizes = ", ".join(f"{size:,} in {bucket}" for size, bucket in zip(self._sizes, self.buckets))
        return f"{self.count:,} batches of {self.rows:,} rows; pairs: {sizes}; left out because too long: {self.left_out:,}"

    def _batch(self, bucket: int, places: np.ndarray) -> BucketBatch:
        filling = self.rows - len(places)
        batch = make_batch(self.pairs, np.append(places, np.repeat(places[:1], filling)), self.buckets[bucket])
        weights = (np.arange(batch.target_inputs.shape[1]) < batch.target_lengths[:, None]).astype(np.float32)
        weights[len(places) :] = 0
        marked = np.append(places, np.full([filling], -1, np.int64))
        return BucketBatch(bucket, *batch[:-1], weights=weights, places=marked)


def bucket_of(source_length: int, target_length: int, buckets: Sequence[Tuple[int, int]]) -> Optional[int]:
    """The number of the first bucket that holds two sides of these lengths, ``</s>`` counted; None if none does."""
    for number, (source, target) in enumerate(buckets):
        if source_length <= source and target_length <= target:
            return number
    return None


def in_order(pairs: Pairs, rows: int) -> Iterator[Batch]:
    """Every pair once, for evaluation, in batches of `rows`; the longest sources first, so that a full memory shows at once.

    ``results[batch.places] = ...`` puts the results of a batch back in the order of the pairs.

    Raises:
      DataError: at the call, for fewer than 1 row.
    """
    _check_rows(rows)
    order = np.argsort(-_lengths(pairs.source), kind="stable")
    return (make_batch(pairs, order[first : first + rows]) for first in range(0, len(order), rows))


def make_batch(pairs: Pairs, places: np.ndarray, shape: Optional[Tuple[int, int]] = None) -> Batch:
    """A batch of the pairs with the indices `places`, padded to (source time, target time) `shape`, by default the longest."""
    source_time, target_time = shape or (None, None)
    source, source_lengths = pad([pairs.source[place] for place in places], source_time, np.int32)
    words = [pairs.target[place] for place in places]
    inputs, target_lengths = pad([np.append(_START, ids) for ids in words], target_time, np.int32)
    outputs, _ = pad([np.append(ids, _STOP) for ids in words], target_time, np.int32)
    return Batch(source, source_lengths, inputs, outputs, target_lengths, np.array(places, np.int64))


def _lengths(sentences: Sequence[np.ndarray]) -> np.ndarray:
    return np.array([len(ids) for ids in sentences], np.int64)


def _check_rows(rows: int) -> None:
    if rows < 1:
        raise DataError(f"rows is {rows}, but must be at least 1: pass ", Argument("rows", 1), " or more.")
