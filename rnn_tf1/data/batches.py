"""The order in which rows are seen: a pure function of (seed, epoch), and batches of rows in that order."""

from typing import Iterator, Sequence, Tuple

import numpy as np

from rnn_tf1.errors import Argument, DataError


def epoch_order(count: int, seed: int, epoch: int) -> np.ndarray:
    """The order of `count` rows in one epoch: a permutation, int64 [count]; the same on every machine and NumPy.

    Seed and epoch both enter the generator, so that (seed 1, epoch 0) and (seed 0, epoch 1) have nothing in common.
    Raises `DataError` for a seed or epoch outside 0 .. 2**32 - 1, or a negative count.
    """
    _check(seed, epoch)
    if count < 0:
        raise DataError(f"count is {count}, but must not be negative: pass the number of rows.")
    return np.random.RandomState([seed, epoch]).permutation(count).astype(np.int64)


def batch_order(count: int, seed: int, epoch: int, start: int = 0) -> np.ndarray:
    """The order of `count` batches that are all made of the rows before they are mixed, from batch `start` on.

    Raises `DataError` for a start that cannot be, and for such a seed or epoch as `epoch_order` refuses.
    """
    _check(seed, epoch)
    if not 0 <= start <= count:
        raise DataError(f"start is {start}, but there are {count} batches: pass a number from 0 to {count}.")
    order = np.random.RandomState([seed, epoch, 1]).permutation(count)  # the 1: another stream than that of the rows
    return order[start:]


def _check(seed: int, epoch: int) -> None:
    for name, value in (("seed", seed), ("epoch", epoch)):
        if not 0 <= value < 1 << 32:
            raise DataError(f"{name} is {value}, but must be from 0 to 2**32 - 1: pass such a {name}.")


def batch_count(count: int, batch_size: int, drop_last: bool = False) -> int:
    """The number of batches in one epoch of `count` rows. Raises `DataError` where there would be none to train on."""
    if batch_size < 1:
        raise DataError(
            f"batch_size is {batch_size}, but must be at least 1: pass ", Argument("batch_size", 1), " or more."
        )
    if drop_last and batch_size > count:
        raise DataError(
            f"batch_size is {batch_size}, but there are only {count} rows and a short last batch is dropped: pass ",
            Argument("batch_size", max(count, 1)),
            " or less.",
        )
    return count // batch_size if drop_last else -(-count // batch_size)


def batches(
    arrays: Sequence[np.ndarray], batch_size: int, seed: int, epoch: int, start: int = 0, drop_last: bool = False
) -> Iterator[Tuple[np.ndarray, ...]]:
    """Iterates over one epoch in `epoch_order`, in tuples of `batch_size` rows of each of the `arrays` [count, ...].

    start      number of the first batch, to resume in mid-epoch; the others are as they would have been
    drop_last  whether to leave out a last batch of fewer rows; by default it is kept, and every row comes once

    Raises `DataError`, at the call and not at the first batch, for arrays of different lengths, a `batch_size` below 1
    (or above the count, where the last batch is dropped) and a negative `start`.
    """
    rows = [np.asarray(array) for array in arrays]
    lengths = [len(array) for array in rows]
    if not lengths or min(lengths) != max(lengths):
        raise DataError(
            f"the arrays have {lengths} rows, but need the same number: pass at least one array, each row with its mate."
        )
    if start < 0:
        raise DataError(f"start is {start}, but batches are counted from 0: pass 0 or more.")
    total = batch_count(lengths[0], batch_size, drop_last)
    order = epoch_order(lengths[0], seed, epoch)
    return (
        tuple(array[order[number * batch_size : (number + 1) * batch_size]] for array in rows)
        for number in range(start, total)
    )
