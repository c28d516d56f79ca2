"""Sequences of different lengths in batches, each as long as its longest one; those of about one length go together."""

from typing import Any, Iterator, List, NamedTuple, Optional, Sequence, Tuple

import numpy as np

from rnn_tf1.data.batches import batch_count, batch_order, epoch_order
from rnn_tf1.errors import DataError

POOL = 20  # batches that are sorted by length together


class RaggedBatch(NamedTuple):
    """Some sequences of equal place in time, padded with zeros behind.

    sequences  [rows, time, ...], of the type of the sequences
    lengths    int32 [rows]
    labels     [rows], or [rows, time] where each step has one
    places     int64 [rows]: which sequences these are
    """

    sequences: np.ndarray
    lengths: np.ndarray
    labels: np.ndarray
    places: np.ndarray


class RaggedBatches(object):
    """Batches of an epoch, in an order that is a pure function of (seed, epoch); every sequence comes once.

    sequences  arrays [time, ...], each of its own length; the first one's type is that of the batches
    labels     an array [sequences], or arrays [time], one for each sequence
    rows       of a batch; the last ones may have fewer
    seed       of the order

    Within pools of 20 batches, sequences of about one length come together, so that little is padded. `count` is the number of
    batches in an epoch.

    Raises `DataError` for a sequence without a step or of another shape or kind of number, for labels that do not fit the
    sequences, and where there is nothing.
    """

    def __init__(self, sequences: Sequence[np.ndarray], labels: Sequence, rows: int, seed: int = 0) -> None:
        if len(sequences) != len(labels):
            raise DataError(f"There are {len(sequences)} sequences and {len(labels)} labels; each needs one.")
        if not len(sequences):
            raise DataError("There are no sequences: pass at least one.")
        self.lengths = np.array([len(one) for one in sequences], np.int32)
        if self.lengths.min() < 1:
            raise DataError(f"Sequence {int(np.argmin(self.lengths))} has no step: take it out.")
        kind, shape = _step(sequences[0])
        for number, (one, label) in enumerate(zip(sequences, labels)):
            found = _step(one)
            if found[1] != shape or not np.can_cast(found[0], kind, "same_kind"):
                raise DataError(
                    "The steps of sequence %d are %s %s, and those of sequence 0 %s %s: make them alike."
                    % (number, *found, kind, shape)
                )
            if np.ndim(label) != np.ndim(labels[0]) or (np.ndim(label) and len(label) != len(one)):
                raise DataError(
                    f"Sequence {number} has {len(one)} steps and labels {list(np.shape(label))}: give every sequence one "
                    "label, or every step of each."
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
        """All sequences once, in their own order; `rows` in a batch, by default as many as in training."""
        rows = self.rows if rows is None else rows
        batch_count(len(self.sequences), rows)
        for first in range(0, len(self.sequences), rows):
            yield self.batch(np.arange(first, min(first + rows, len(self.sequences))))

    def batch(self, places: np.ndarray) -> RaggedBatch:
        """The batch of those sequences."""
        padded, lengths = pad([self.sequences[place] for place in places])
        labels = [self.labels[place] for place in places]
        return RaggedBatch(padded, lengths, pad(labels)[0] if np.ndim(labels[0]) else np.array(labels), places)


def pad(sequences: Sequence[Any], time: Optional[int] = None, dtype: Any = None) -> Tuple[np.ndarray, np.ndarray]:
    """Sequences [time, ...] as one array [rows, time, ...], zeros behind each, and their lengths, int32 [rows].

    time   default: that of the longest
    dtype  default: that of the first sequence

    Raises `DataError` for a sequence longer than `time`.
    """
    lengths = np.array([len(one) for one in sequences], np.int32)
    if time is not None and lengths.max() > time:
        number = int(np.argmax(lengths))
        raise DataError(f"Sequence {number} has {lengths[number]} steps, and {time} is the time: pass a longer one.")
    first = np.asarray(sequences[0])
    shape = (len(sequences), int(lengths.max()) if time is None else time) + first.shape[1:]
    padded = np.zeros(shape, first.dtype if dtype is None else dtype)
    for row, one in zip(padded, sequences):
        row[: len(one)] = one
    return padded, lengths


def of_length(sequences: Sequence[Any], least: int, most: int, count: int) -> List[int]:
    """The places of `count` sequences to show: the first ones of `least` to `most` steps, and where these are too few, those
    that are nearest in length."""
    off = [max(least - len(one), len(one) - most, 0) for one in sequences]
    return sorted(range(len(off)), key=lambda place: off[place])[:count]  # equal ones stay in their order


def _step(sequence: Any) -> Tuple[np.dtype, List[int]]:
    """The type and the shape of a step."""
    array = np.asarray(sequence)
    return array.dtype, list(array.shape[1:])
