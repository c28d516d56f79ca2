"""Batches of ragged sequences. The oracle is plain Python over lists, and `epoch_order`, which has tests of its own."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnn_tf1.data import ragged
from rnn_tf1.data.batches import batch_order, epoch_order
from rnn_tf1.data.ragged import RaggedBatches, pad
from rnn_tf1.errors import DataError

ONE, TWO = np.ones([1], np.float32), np.ones([2], np.float32)


def make(lengths, labels="one", width=None):
    """Sequences that are never zero, of which none is like another, and their labels."""
    shape = () if width is None else (width,)
    sequences = [
        (1 + 1000 * number + np.arange(length * int(np.prod(shape)))).reshape((length, *shape)).astype(np.float32)
        for number, length in enumerate(lengths)
    ]
    if labels == "one":
        return sequences, 7 + np.arange(len(lengths), dtype=np.int32)
    return sequences, [7 + number + np.arange(length, dtype=np.int32) for number, length in enumerate(lengths)]


def check(batch, sequences, labels):
    """That a batch holds its sequences, their lengths and labels, and zeros behind."""
    assert batch.lengths.dtype == np.int32 and batch.indices.dtype == np.int64
    time = max(len(sequences[place]) for place in batch.indices)
    assert batch.sequences.shape == (len(batch.indices), time) + sequences[0].shape[1:]
    assert batch.sequences.dtype == sequences[0].dtype
    for row, place in enumerate(batch.indices):
        length = len(sequences[place])
        assert batch.lengths[row] == length
        np.testing.assert_array_equal(batch.sequences[row, :length], sequences[place])
        assert not batch.sequences[row, length:].any()
        if np.ndim(labels[place]):
            np.testing.assert_array_equal(batch.labels[row, :length], labels[place])
            assert not batch.labels[row, length:].any() and batch.labels.shape == (len(batch.indices), time)
        else:
            assert batch.labels[row] == labels[place] and batch.labels.shape == (len(batch.indices),)
    assert batch.labels.dtype == np.int32


some_lengths = st.lists(st.integers(1, 9), min_size=1, max_size=40)


@settings(max_examples=120, deadline=None)
@given(some_lengths, st.integers(1, 7), st.integers(0, 3), st.sampled_from(["one", "each"]), st.sampled_from([None, 3]))
def test_every_sequence_comes_once_with_its_label(lengths, rows, epoch, labels, width):
    """Catches sequences lost or twice, parted from their labels, cut, or padded with something else than zeros; and a count
    that is not that of the batches."""
    sequences, labels = make(lengths, labels, width)
    made = RaggedBatches(sequences, labels, rows, seed=5)
    found = list(made.batches(epoch))
    assert len(found) == made.count == -(-len(lengths) // rows)
    for batch in found:
        check(batch, sequences, labels)
    sizes = sorted(len(batch.indices) for batch in found)
    assert sizes[1:] == [rows] * (len(found) - 1) and 1 <= sizes[0] <= rows
    assert sorted(itertools.chain.from_iterable(batch.indices for batch in found)) == list(range(len(lengths)))


@settings(max_examples=60, deadline=None)
@given(some_lengths, st.integers(1, 7), st.integers(0, 3), st.data())
def test_an_epoch_that_is_resumed_goes_on_as_it_was(lengths, rows, epoch, data):
    """Catches a start that changes which batches there are; or another process that had other batches before."""
    made = RaggedBatches(*make(lengths), rows=rows, seed=5)
    whole = [batch.indices.tolist() for batch in made.batches(epoch)]
    start = data.draw(st.integers(0, made.count))
    np.random.seed(start)
    again = RaggedBatches(*make(lengths), rows=rows, seed=5)
    assert [batch.indices.tolist() for batch in again.batches(epoch, start)] == whole[start:]
    for wrong in (-1, made.count + 1):
        with pytest.raises(DataError, match=f"start is {wrong}, but there are {made.count} batches"):
            made.batches(epoch, wrong)


def test_the_order_depends_on_seed_and_epoch_alone():
    """Catches the same sequences together in each epoch, epochs that share their order with another seed, and the shortest
    batches first."""
    lengths = [1 + number % 11 for number in range(300)]
    orders, together, firsts = set(), set(), []
    for seed, epoch in itertools.product(range(5), range(5)):
        found = list(RaggedBatches(*make(lengths), rows=6, seed=seed).batches(epoch))
        orders.add(tuple(tuple(batch.indices) for batch in found))
        together.add(frozenset(frozenset(batch.indices.tolist()) for batch in found))
        firsts.append([batch.lengths.max() for batch in found])
    assert len(orders) == len(together) == 25
    steps = np.diff(np.array(firsts), axis=1)
    assert (steps > 0).mean() == pytest.approx((steps < 0).mean(), abs=0.1)
    assert abs(np.mean(firsts, 0) - np.mean(firsts)).max() < 3.5


def test_sequences_of_about_one_length_come_together(monkeypatch):
    """Catches sequences that are not sorted, or sorted in all, where short ones always have the same neighbours: each pool of
    20 batches is a piece of the order of the epoch, sorted; an oracle in plain Python."""
    lengths = np.random.RandomState(0).randint(1, 60, size=3 * 20 * 4 + 30).tolist()
    made = RaggedBatches(*make(lengths), rows=4, seed=2)
    order, expected = epoch_order(len(lengths), 2, 1).tolist(), []
    for first in range(0, len(lengths), 80):
        pool = sorted(order[first : first + 80], key=lambda place: lengths[place])
        expected += [pool[i : i + 4] for i in range(0, len(pool), 4)]
    found = [batch.indices.tolist() for batch in made.batches(1)]
    assert found == [expected[number] for number in batch_order(made.count, 2, 1)]
    padded = sum(len(places) * max(lengths[p] for p in places) for places in found)
    assert padded < 1.06 * sum(lengths)
    monkeypatch.setattr(ragged, "POOL", 1)
    unsorted = [batch.sequences.size for batch in made.batches(1)]
    assert sum(unsorted) > 1.4 * sum(lengths)


@pytest.mark.parametrize("rows", [None, 1, 2, 4, 5, 7])
def test_in_order(rows):
    """Catches predictions that are not in the order of what they are for, and a last batch left out."""
    sequences, labels = make([3, 1, 4, 1, 5])
    found = list(RaggedBatches(sequences, labels, rows=3).in_order(rows))
    for batch in found:
        check(batch, sequences, labels)
    assert np.concatenate([batch.indices for batch in found]).tolist() == [0, 1, 2, 3, 4]
    assert len(found) == -(-5 // (rows or 3))


def test_by_hand():
    """Catches zeros in front instead of behind, and a batch as long as the longest of all."""
    made = RaggedBatches([np.array([1, 2]), np.array([3]), np.array([4, 5, 6])], np.array([9, 8, 7]), rows=2)
    batch = made.batch(np.array([1, 0]))
    assert batch.sequences.tolist() == [[3, 0], [1, 2]] and batch.lengths.tolist() == [1, 2]
    assert batch.labels.tolist() == [8, 9] and batch.indices.tolist() == [1, 0]
    assert made.lengths.tolist() == [2, 1, 3]
    mixed = RaggedBatches([ONE, TWO.astype(np.float64), TWO.astype(np.int16)], [0, 1, 2], 3)
    assert mixed.batch(np.arange(3)).sequences.dtype == np.float32


@pytest.mark.parametrize(
    ("sequences", "labels", "reason"),
    [
        ([], [], "There are no sequences: pass at least one"),
        ([ONE, TWO], [0], "There are 2 sequences but 1 labels"),
        ([ONE], [0, 1], "There are 1 sequences but 2 labels"),
        ([ONE, TWO, ONE[:0], TWO], [0, 1, 2, 3], "Sequence 2 has no steps: remove it"),
        (
            [ONE, TWO],
            [[1], [1]],
            r"Sequence 1 has 2 steps but labels \[1\]: pass one label for every sequence, or one for every step",
        ),
        ([ONE, TWO], [[1], [1, 2, 3]], r"Sequence 1 has 2 steps but labels \[3\]"),
        ([ONE, TWO], [[1], 1], r"Sequence 1 has 2 steps but labels \[\]"),
        ([ONE, TWO], [1, [1, 2]], r"Sequence 1 has 2 steps but labels \[2\]"),
        (
            [np.ones([1, 3]), np.ones([2, 1])],
            [0, 1],
            r"The steps of sequence 1 are float64 \[1\], those of sequence 0 float64 \[3\]: they must be the same",
        ),
        ([ONE.astype(np.int32), TWO], [0, 1], r"of sequence 1 are float32 \[\], those of sequence 0 int32 \[\]"),
    ],
)
def test_sequences_that_do_not_fit_are_refused(sequences, labels, reason):
    """Catches labels that are padded with class 0 where they are too few, a step spread over three columns, numbers cut to
    whole ones, and an error that does not say which sequence."""
    with pytest.raises(DataError, match=reason):
        RaggedBatches(sequences, labels, 2)


@pytest.mark.parametrize("rows", [0, -1])
def test_rows_that_cannot_be(rows):
    """Catches an epoch of no batch at all."""
    with pytest.raises(DataError, match=f"batch_size is {rows}"):
        RaggedBatches([ONE], [0], rows)
    with pytest.raises(DataError, match=f"batch_size is {rows}"):
        list(RaggedBatches([ONE], [0], 1).in_order(rows))
    with pytest.raises(DataError, match="seed is -1"):
        RaggedBatches([ONE], [0], 1, seed=-1).batches(0)


def test_pad():
    """Catches a time or type that is not as asked, and a sequence cut, or not said which, where the time is too short."""
    padded, lengths = pad([[1, 2], [], [3]], 4, np.int16)
    assert padded.tolist() == [[1, 2, 0, 0], [0, 0, 0, 0], [3, 0, 0, 0]]
    assert padded.dtype == np.int16 and lengths.tolist() == [2, 0, 1] and lengths.dtype == np.int32
    padded, _ = pad([np.ones([1, 2, 3], np.float32), np.ones([2, 2, 3], np.float32)])
    assert padded.shape == (2, 2, 2, 3) and padded.dtype == np.float32
    assert padded.sum() == 18 and not padded[0, 1].any()
    assert pad([[1, 2], [3]], 2)[0].tolist() == [[1, 2], [3, 0]]
    with pytest.raises(DataError, match="Sequence 1 has 3 steps, but time is 2: pass a larger time"):
        pad([[1, 2], [3, 4, 5], [6]], 2)


def test_the_order_of_batches():
    """Catches an order of its own for each start, one that is that of the rows, and a seed that cannot be."""
    assert batch_order(9, 3, 1).tolist() == np.random.RandomState([3, 1, 1]).permutation(9).tolist()
    assert batch_order(9, 3, 1, 4).tolist() == batch_order(9, 3, 1).tolist()[4:]
    assert batch_order(9, 3, 1, 9).tolist() == []
    assert len({tuple(batch_order(30, seed, epoch)) for seed in range(9) for epoch in range(9)}) == 81
    assert batch_order(30, 3, 1).tolist() != epoch_order(30, 3, 1).tolist()
    for wrong in (dict(seed=-1, epoch=0), dict(seed=0, epoch=1 << 32)):
        with pytest.raises(DataError, match="(seed|epoch) is .*but must be from 0 to"):
            batch_order(9, **wrong)
    for start in (-1, 10):
        with pytest.raises(DataError, match=f"start is {start}, but there are 9 batches: pass a number from 0 to 9"):
            batch_order(9, 0, 0, start)


def test_sequences_to_show():
    """Catches sequences that fit and are passed over, such as do not where some do, a crash where too few or none do; and short
    ones taken for long ones."""
    some = [[0] * length for length in (5, 2, 4, 9, 3, 1, 4)]
    assert ragged.of_length(some, 3, 5, 3) == [0, 2, 4]
    assert ragged.of_length(some, 3, 4, 5) == [2, 4, 6, 0, 1]
    assert ragged.of_length(some, 20, 30, 2) == [3, 0] and ragged.of_length(some, 0, 0, 9) == [5, 1, 4, 2, 6, 0, 3]
    assert ragged.of_length([], 3, 5, 2) == [] == ragged.of_length(some, 3, 5, 0)
