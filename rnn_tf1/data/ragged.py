"""Batches of sequences of different lengths, padded to the longest one; sequences of similar length go together."""

from typing import Any, Iterator, List, NamedTuple, Optional, Sequence, Tuple

import numpy as np

from rnn_tf1.data.batches import batch_count, batch_order, epoch_order
from rnn_tf1.errors import DataError

POOL = 20  # batches that are sorted by length together


class RaggedBatch(NamedTuple):
    """A batch of sequences, padded with zeros at the end.

    Attributes:
      sequences: [rows, time, ...], of the type of the sequences.
      lengths: int32 [rows].
      labels: [rows], or [rows, time] if each step has one.
      indices: int64 [rows], of the sequences in the data set.
    """

    sequences: np.ndarray
    lengths: np.ndarray
    labels: np.ndarray
    indices: np.ndarray


class RaggedBatches(object):
    """Batches in an order that is a pure function of (seed, epoch); every sequence occurs once in an epoch.

    Within pools of 20 batches, sequences of similar length go together, to keep the padding small. `count` is the number of
    batches in an epoch.

    Args:
      sequences: arrays [time, ...], of any lengths; the batches have the type of the first one.
      labels: an array [sequences], or an array [time] for each sequence.
      rows: the number of rows in a batch; the last ones may have fewer.
      seed: the seed of the order.

    Raises:
      DataError: for a sequence without steps or of another shape or type, for labels that do not fit the sequences, and if
        there are no sequences.
    """

    def __init__(self, sequences: Sequence[np.ndarray], labels: Sequence, rows: int, seed: int = 0) -> None:
        if len(sequences) != len(labels):
            raise DataError(
                "There are %s sequences but %s labels; each sequence needs one." % (len(sequences), len(labels))
            )
        if not len(sequences):
            raise DataError("There are no sequences: pass at least one.")
        self.lengths = np.array([len(one) for one in sequences], np.int32)
        if self.lengths.min() < 1:
            raise DataError("Sequence %s has no steps: remove it." % int(np.argmin(self.lengths)))
        kind, shape = _step(sequences[0])
        for number, (one, label) in enumerate(zip(sequences, labels)):
            dtype, step_shape = _step(one)
            if step_shape != shape or not np.can_cast(dtype, kind, "same_kind"):
                raise DataError(
                    "The steps of sequence %d are %s %s, those of sequence 0 %s %s: they must be the same."
                    % (number, dtype, step_shape, kind, shape)
                )
            if np.ndim(label) != np.ndim(labels[0]) or (np.ndim(label) and len(label) != len(one)):
                raise DataError(
                    "Sequence %s has %s steps but labels %s: pass one label for every sequence, or one for every step."
                    % (number, len(one), list(np.shape(label)))
                )
        self.sequences, self.labels, self.rows, self.seed = sequences, labels, rows, seed
        self.count = batch_count(len(sequences), rows)

    def batches(self, epoch: int, start: int = 0) -> Iterator[RaggedBatch]:
        """The batches of an epoch, counted from 0, from batch `start` on."""
        order = epoch_order(len(self.sequences), self.seed, epoch)
        parts: List[np.ndarray] = []
        for first in range(0, len(order), POOL * self.rows):
            pool = order[first : first + POOL * self.rows]
            pool = pool[np.argsort(self.lengths[pool], kind="stable")]
            parts += [pool[i : i + self.rows] for i in range(0, len(pool), self.rows)]
        return (self.batch(parts[number]) for number in batch_order(self.count, self.seed, epoch, start))

    def in_order(self, rows: Optional[int] = None) -> Iterator[RaggedBatch]:
        """All sequences once, in their original order, in batches of `rows`; default: as in training."""
        rows = self.rows if rows is None else rows
        batch_count(len(self.sequences), rows)
        for first in range(0, len(self.sequences), rows):
            yield self.batch(np.arange(first, min(first + rows, len(self.sequences))))

    def batch(self, indices: np.ndarray) -> RaggedBatch:
        """The batch of the sequences with these indices."""
        padded, lengths = pad([self.sequences[index] for index in indices])
        labels = [self.labels[index] for index in indices]
        return RaggedBatch(padded, lengths, pad(labels)[0] if np.ndim(labels[0]) else np.array(labels), indices)


def pad(sequences: Sequence[Any], time: Optional[int] = None, dtype: Any = None) -> Tuple[np.ndarray, np.ndarray]:
    """Sequences [time, ...] as an array [rows, time, ...], padded with zeros at the end, and their lengths, int32 [rows].

    Args:
      time: the number of steps; default: that of the longest sequence.
      dtype: of the array; default: that of the first sequence.

    Raises:
      DataError: for a sequence longer than `time`.
    """
    lengths = np.array([len(one) for one in sequences], np.int32)
    if time is not None and lengths.max() > time:
        number = int(np.argmax(lengths))
        raise DataError(
            "Sequence %s has %s steps, but time is %s: pass a larger time." % (number, lengths[number], time)
        )
    first = np.asarray(sequences[0])
    shape = (len(sequences), int(lengths.max()) if time is None else time) + first.shape[1:]
    padded = np.zeros(shape, first.dtype if dtype is None else dtype)
    for row, one in zip(padded, sequences):
        row[: len(one)] = one
    return padded, lengths


def of_length(sequences: Sequence[Any], least: int, most: int, count: int) -> List[int]:
    """The indices of `count` sequences to show: the first ones of `least` to `most` steps, or, if these are too few, those that
    are nearest in length."""
    off = [max(least - len(one), len(one) - most, 0) for one in sequences]
    return sorted(range(len(off)), key=lambda index: off[index])[:count]  # the sort is stable


def _step(sequence: Any) -> Tuple[np.dtype, List[int]]:
    """The type and the shape of a step."""
    array = np.asarray(sequence)
    return array.dtype, list(array.shape[1:])
