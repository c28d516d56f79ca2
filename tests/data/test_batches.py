"""Batch order: the oracles are fixed numbers of the Mersenne twister, and plain slicing of the order."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnn_tf1.data.batches import batch_count, batches, epoch_order
from rnn_tf1.errors import DataError

ORDER_7_3 = [7, 4, 1, 6, 8, 3, 5, 2, 9, 0]  # numpy.random.RandomState([7, 3]).permutation(10), on NumPy 1.19 and 2.4


def as_lists(iterator):
    return [tuple(array.tolist() for array in batch) for batch in iterator]


def test_order_is_the_same_on_every_numpy():
    """Catches an order that changes with the library, or with a state outside (seed, epoch): a resumed run would differ."""
    np.random.seed(1)
    assert epoch_order(10, seed=7, epoch=3).tolist() == ORDER_7_3
    np.random.seed(2)
    assert epoch_order(10, seed=7, epoch=3).tolist() == ORDER_7_3
    assert epoch_order(10, seed=7, epoch=3).dtype == np.int64


def test_neighbouring_seeds_and_epochs_do_not_collide():
    """Catches RandomState(seed + epoch), where epoch 1 of seed 0 is epoch 0 of seed 1."""
    orders = {tuple(epoch_order(30, seed, epoch)) for seed in range(12) for epoch in range(12)}
    assert len(orders) == 144


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 40), st.integers(1, 45), st.integers(0, 5), st.integers(0, 45), st.booleans())
def test_batches_are_the_order_in_slices_and_resume_exactly(count, size, epoch, start, drop_last):
    """Catches rows lost, doubled or parted from their labels, and a resumed epoch that goes on at another batch."""
    if drop_last and size > count:
        return
    rows, labels = np.arange(2 * count).reshape(count, 2), 100 + np.arange(count)
    order = [int(row) for row in epoch_order(count, 5, epoch)]
    assert sorted(order) == list(range(count))
    expected = [order[first : first + size] for first in range(0, count, size)]
    if drop_last and count % size:
        expected.pop()
    expected = [([[2 * row, 2 * row + 1] for row in part], [100 + row for row in part]) for part in expected]
    assert as_lists(batches((rows, labels), size, 5, epoch, drop_last=drop_last)) == expected
    assert as_lists(batches((rows, labels), size, 5, epoch, start=start, drop_last=drop_last)) == expected[start:]
    assert batch_count(count, size, drop_last) == len(expected)


def test_the_short_last_batch_is_kept_unless_asked():
    """Catches rows that are never trained on without anyone having said so."""
    assert [len(batch[0]) for batch in batches([np.arange(7)], 3, 0, 0)] == [3, 3, 1]
    assert [len(batch[0]) for batch in batches([np.arange(7)], 3, 0, 0, drop_last=True)] == [3, 3]


@pytest.mark.parametrize(
    ("arrays", "arguments", "words"),
    [
        ([np.zeros(4)], {"batch_size": 0}, "pass batch_size=1 or more"),
        ([np.zeros(4)], {"batch_size": -3}, "batch_size is -3"),
        ([np.zeros(4)], {"batch_size": 5, "drop_last": True}, "batch_size is 5, but there are only 4 rows"),
        ([np.zeros(4), np.zeros(5)], {}, r"\[4, 5\] rows"),
        ([], {}, "at least one array"),
        ([np.zeros(4)], {"start": -1}, "start is -1"),
        ([np.zeros(4)], {"seed": -1}, "seed is -1"),
        ([np.zeros(4)], {"epoch": 1 << 32}, "epoch is 4294967296"),
    ],
)
def test_mistakes_are_refused_at_the_call(arrays, arguments, words):
    """Catches a mistake that only shows at the first batch, or an epoch that silently has no batches."""
    with pytest.raises(DataError, match=words):
        batches(arrays, **dict({"batch_size": 2, "seed": 0, "epoch": 0}, **arguments))


def test_a_negative_count_is_refused():
    """Catches numpy's own words, which name no argument."""
    with pytest.raises(DataError, match="count is -1"):
        epoch_order(-1, 0, 0)
