"""Batches of rows, in an order that is a pure function of (seed, epoch)."""

from typing import Iterator, Sequence, Tuple

import numpy as np

from rnn_tf1.errors import Argument, DataError


def epoch_order(count: int, seed: int, epoch: int) -> np.ndarray:
    """The order of `count` rows in one epoch: a permutation, int64 [count]; the same on every machine and NumPy.

    Both seed and epoch seed the generator, so that (seed 1, epoch 0) and (seed 0, epoch 1) are unrelated.

    Raises:
      DataError: for a seed or epoch outside 0 .. 2**32 - 1, or a negative count.
    """
    _check(seed, epoch)
    if count < 0:
        raise DataError("count is %s, but must not be negative: pass the number of rows." % count)
    return np.random.RandomState([seed, epoch]).permutation(count).astype(np.int64)


def batch_order(count: int, seed: int, epoch: int, start: int = 0) -> np.ndarray:
    """The order of `count` batches that are formed before they are shuffled, from batch `start` on.

    Raises:
      DataError: for a start outside 0 .. count, and for a seed or epoch that `epoch_order` refuses.
    """
    _check(seed, epoch)
    if not 0 <= start <= count:
        raise DataError("start is %s, but there are %s batches: pass a number from 0 to %s." % (start, count, count))
    order = np.random.RandomState([seed, epoch, 1]).permutation(count)  # the 1: another stream than that of the rows
    return order[start:]


def _check(seed: int, epoch: int) -> None:
    for name, value in (("seed", seed), ("epoch", epoch)):
        if not 0 <= value < 1 << 32:
            raise DataError("%s is %s, but must be from 0 to 2**32 - 1: pass such a %s." % (name, value, name))


def batch_count(count: int, batch_size: int, drop_last: bool = False) -> int:
    """The number of batches in an epoch of `count` rows. Raises `DataError` if there would be none."""
    if batch_size < 1:
        raise DataError(
            "batch_size is %s, but must be at least 1: pass " % batch_size, Argument("batch_size", 1), " or more."
        )
    if drop_last and batch_size > count:
        raise DataError(
            "batch_size is %s, but there are only %s rows and a short last batch is dropped: pass "
            % (batch_size, count),
            Argument("batch_size", max(count, 1)),
            " or less.",
        )
    return count // batch_size if drop_last else -(-count // batch_size)


def batches(
    arrays: Sequence[np.ndarray], batch_size: int, seed: int, epoch: int, start: int = 0, drop_last: bool = False
) -> Iterator[Tuple[np.ndarray, ...]]:
    """Iterates over one epoch in `epoch_order`, in tuples of `batch_size` rows of each of the `arrays` [count, ...].

    Args:
      start: the number of the first batch, to resume within an epoch; the batches are those of the whole epoch.
      drop_last: whether to leave out a last batch with fewer rows; by default it is kept, and every row occurs once.

    Raises:
      DataError: at the call, not at the first batch, for arrays of different lengths, a `batch_size` below 1 (or above the
        count, if the last batch is dropped) and a negative `start`.
    """
    rows = [np.asarray(array) for array in arrays]
    lengths = [len(array) for array in rows]
    if not lengths or min(lengths) != max(lengths):
        raise DataError(
            "the arrays have %s rows, but need the same number: pass at least one array, and the same number of rows in each."
            % (lengths,)
        )
    if start < 0:
        raise DataError("start is %s, but batches are counted from 0: pass 0 or more." % start)
    total = batch_count(lengths[0], batch_size, drop_last)
    order = epoch_order(lengths[0], seed, epoch)
    return (
        tuple(array[order[number * batch_size : (number + 1) * batch_size]] for array in rows)
        for number in range(start, total)
    )
