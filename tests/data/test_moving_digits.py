"""Clips of moving digits. The oracle is the phase of a frame's slowest wave: where on the torus its centre of mass is."""

import numpy as np
import pytest

from rnn_tf1.data.images import moving_digits
from rnn_tf1.data.images.canvases import resized
from rnn_tf1.data.images.mnist import Digits
from rnn_tf1.data.images.moving_digits import MOVEMENTS, ClipBatches, OneFrame, draw
from rnn_tf1.errors import DataError

LEFT, RIGHT, UP, DOWN, CIRCLE, STILL = range(6)
SIZE = 32


def digits(seed=0, count=7):
    """Images of which none is like another turned or mirrored, and bright at one side, so that the phase is well known."""
    random = np.random.RandomState(seed)
    images = random.rand(count, 28, 28) * np.linspace(0.2, 1, 28)[:, None] * np.linspace(1, 0.4, 28)
    return Digits(images.astype(np.float32), np.arange(count, dtype=np.int32))


@pytest.fixture
def clear(monkeypatch):
    """Clips without noise."""
    monkeypatch.setattr(moving_digits, "NOISE", 0.0)


def places(frames):
    """[..., 2]: row and column of each frame's centre of mass on the torus, up to 0.005 pixels."""
    wave = np.exp(2j * np.pi * np.arange(SIZE) / SIZE)
    ink = frames.astype(np.float64)
    return np.stack([np.angle((ink.sum(axis) * wave).sum(-1)) for axis in (-1, -2)], -1) * SIZE / (2 * np.pi) % SIZE


def moves(found):
    """[clips, frames - 1, 2]: how far down and to the right it goes from each frame to the next."""
    return (np.diff(places(found.frames), axis=1) + SIZE / 2) % SIZE - SIZE / 2


def test_the_movements_have_their_names():
    """Catches a movement renamed or moved, so that the labels of all others are wrong."""
    assert MOVEMENTS == ("left", "right", "up", "down", "circle", "still")


def test_the_digit_moves_as_the_label_says(clear):
    """Catches left for right, rows for columns, a speed that changes, a circle that turns one way or is a line, a still one
    that trembles, and labels of other clips."""
    found = draw(digits(), 240, 3, 5)
    assert found.frames.shape == (240, 20, 32, 32) and found.movements.shape == (240,)
    np.testing.assert_allclose(np.bincount(found.movements, minlength=6), 40, atol=25)
    steps, speeds, turns = moves(found), [], []
    for movement, path in zip(found.movements, steps):
        lengths = np.hypot(*path.T)
        if movement == STILL:
            assert lengths.max() < 0.005
            continue
        assert np.ptp(lengths) < 0.02 and 0.59 < lengths.min() < lengths.max() < 1.41
        speeds.append(lengths.mean())
        if movement == CIRCLE:
            angles = np.angle(np.exp(1j * np.diff(np.arctan2(path[:, 0], path[:, 1]))))
            assert np.ptp(angles) < 0.03 and 0.34 < abs(angles.mean()) < 0.61
            turns.append(angles.mean())
        else:
            ahead = {LEFT: (0, -1), RIGHT: (0, 1), UP: (-1, 0), DOWN: (1, 0)}[int(movement)]
            np.testing.assert_allclose(path / lengths.mean(), [ahead] * 19, atol=0.02)
    assert min(speeds) < 0.66 and max(speeds) > 1.34 and np.mean(speeds) == pytest.approx(1, abs=0.06)
    assert min(np.abs(turns)) < 0.38 and max(np.abs(turns)) > 0.57
    assert 0.25 < np.mean(np.array(turns) > 0) < 0.75


def test_nothing_changes_where_it_is_not_asked_for():
    """Catches a label of each frame that is not that of its clip."""
    found = draw(digits(), 30, 0, 1)
    np.testing.assert_array_equal(found.by_frame, np.tile(found.movements[:, None], [1, 20]))
    assert found.by_frame.dtype == found.movements.dtype == np.int32


@pytest.mark.parametrize("frames", [10, 20, 33])
def test_a_changing_clip_changes_once_and_its_labels_with_it(clear, frames):
    """Catches a label that changes a frame early or late, twice, never, or to the same movement; and a clip's label that is
    that of its start."""
    found = draw(digits(), 200, 1, 2, changing=True, frames=frames)
    assert found.by_frame.shape == (200, frames) and found.frames.shape == (200, frames, 32, 32)
    assert ((np.diff(found.by_frame, axis=1) != 0).sum(1) == 1).all()
    since = 1 + np.argmax(np.diff(found.by_frame, axis=1) != 0, axis=1)
    assert since.min() == 4 and since.max() == frames - 5, "the first four and the last four frames are not the ones"
    np.testing.assert_array_equal(found.movements, found.by_frame[:, -1])
    pairs = {(int(row[0]), int(row[-1])) for row in found.by_frame}
    assert all(first != last for first, last in pairs) and len(pairs) == 30
    steps = moves(found)
    for row, path in zip(found.by_frame, steps):
        for movement, (down, right) in zip(row[1:], path):  # the label tells how the digit has come into the frame
            far = np.hypot(down, right)
            assert (far < 0.005) == (movement == STILL)
            if movement in (LEFT, RIGHT):
                assert abs(down) < 0.01 and (right > 0.5) == (movement == RIGHT)
            elif movement in (UP, DOWN):
                assert abs(right) < 0.01 and (down > 0.5) == (movement == DOWN)


def test_a_frame_by_itself_tells_nothing_of_the_movement(clear):
    """Catches a digit that begins on one side, stops at a border, or is sharper where it is still: for each movement and at
    each frame, its place and its fraction of a pixel are spread evenly over the torus. Each of the 216 numbers is below 3.6
    with a chance of 1 - exp(-3.6 ** 2), if so; the seed is fixed."""
    found = draw(Digits(digits().images[:1], np.array([3], np.int32)), 900, 0, 9, frames=9)
    where = places(found.frames[:, [0, 3, 8]]) - places(np.pad(resized(digits().images[0], 18), (0, 14), "constant"))
    for movement in range(6):
        mine = where[found.movements == movement]
        assert len(mine) > 110
        for turns in (
            1,
            2,
            3,
            5,
            SIZE,
            2 * SIZE,
        ):  # of the phase over the torus; the last two: over a pixel, and half of one
            spread = np.abs(np.exp(2j * np.pi * turns * mine / SIZE).mean(0)) * len(mine) ** 0.5
            assert spread.max() < 3.6, (MOVEMENTS[movement], turns)
    ink = found.frames.sum((2, 3), dtype=np.float64)
    np.testing.assert_allclose(ink, ink[0, 0], rtol=1e-5)


def test_the_label_depends_on_no_digit():
    """Catches a movement that the digit tells, or the digits of one half only."""
    source = Digits(np.stack([np.full([28, 28], ink, np.float32) for ink in (0.1, 0.4, 0.7, 1.0)]), np.arange(4))
    found = draw(source, 2000, 2, 1, frames=2)
    total = found.frames[:, 0].sum((1, 2))
    which = np.rint(3 * (total - total.min()) / np.ptp(total)).astype(int)
    np.testing.assert_allclose(np.bincount(which), [500] * 4, atol=100)
    table = np.zeros([4, 6])
    np.add.at(table, (which, found.movements), 1)
    expected = table.sum(1, keepdims=True) * table.sum(0) / table.sum()
    assert ((table - expected) ** 2 / expected).sum() < 44, "chi squared, 15 degrees of freedom: 1 of 10,000"


def test_the_picture_is_the_digit(clear):
    """Catches a digit that is turned, mirrored or cut where it leaves on one side, another one in each frame, and shares of
    neighbouring pixels mixed up: each frame is put together by hand, pixel by pixel."""
    source = Digits(digits().images[:1], np.array([3], np.int32))
    small = np.zeros([32, 32])
    small[:18, :18] = resized(source.images[0], 18)
    found = draw(source, 6, 1, 3, frames=4)
    for frame in found.frames.reshape(-1, 32, 32):
        down, right = (places(frame) - places(small)) % 32
        expected = np.zeros([32, 32])
        for row in range(18):
            for column in range(18):
                for below in (0, 1):
                    for beside in (0, 1):
                        share = abs(1 - below - down % 1) * abs(1 - beside - right % 1)
                        expected[(row + int(down) + below) % 32, (column + int(right) + beside) % 32] += (
                            share * small[row, column]
                        )
        np.testing.assert_allclose(frame, expected, atol=0.02)
        assert np.abs(frame - expected.T).max() > 0.2


def test_the_noise():
    """Catches noise that is none, the same in each frame, of another strength, or that leaves 0..1."""
    found = draw(Digits(np.zeros([2, 28, 28], np.float32), np.arange(2)), 30, 0, 0)
    assert found.frames.dtype == np.float32 and found.frames.min() == 0 and found.frames.max() < 1
    assert (found.frames == 0).mean() == pytest.approx(0.5, abs=0.01)
    assert (found.frames**2).sum() / (found.frames > 0).sum() == pytest.approx(0.15**2, rel=0.02)
    flat = found.frames.reshape(600, -1)
    assert abs(np.corrcoef(flat[:40])[np.triu_indices(40, 1)]).max() < 0.2
    bright = draw(Digits(np.ones([2, 28, 28], np.float32), np.arange(2)), 3, 0, 0)
    assert bright.frames.max() == 1


def test_clips_are_a_pure_function():
    """Catches a resumed run that sees others, and parts or seeds that share their clips."""
    first = draw(digits(), 5, 3, 5)
    np.random.seed(0)
    again = draw(digits(), 5, 3, 5)
    assert all(one.tobytes() == other.tobytes() for one, other in zip(first, again))
    others = [draw(digits(), 5, 3, 6), draw(digits(), 5, 4, 5), draw(digits(), 5, 5, 3)]
    assert len({found.frames.tobytes() for found in [first, *others]}) == 4


@pytest.mark.parametrize(("changing", "part"), [(False, 0), (True, 0), (False, 1), (True, 2)])
def test_each_epoch_has_clips_of_its_own(changing, part):
    """Catches clips that come again, those of another part, labels of each frame where there is one, and a resumed epoch that
    goes on elsewhere."""
    source = digits()
    made = ClipBatches(source, 3, 5, 7, changing, part)
    assert made.count == 3
    numbers = range(part, part + 27, 3)  # between them are those of the other parts
    drawn = [draw(source, 5, 7, number, changing) for number in numbers]
    for epoch in range(3):
        found = list(made.batches(epoch))
        assert len(found) == 3
        for number, batch in enumerate(found, 3 * epoch):
            assert batch.lengths.tolist() == [20] * 5 and batch.lengths.dtype == np.int32
            assert batch.indices.tolist() == list(range(5 * number, 5 * number + 5))
            np.testing.assert_array_equal(batch.sequences, drawn[number].frames)
            np.testing.assert_array_equal(batch.labels, drawn[number].by_frame if changing else drawn[number].movements)
        for start in (0, 1, 3):
            again = list(made.batches(epoch, start))
            assert [batch.sequences.tobytes() for batch in again] == [b.sequences.tobytes() for b in found[start:]]


@pytest.mark.parametrize("changing", [False, True])
def test_one_frame_of_each_clip(changing):
    """Catches always the same frame, frames of other clips, labels of other frames, and one chosen by a state outside."""
    clips = ClipBatches(digits(), 4, 30, 7, changing)
    made, places_found = OneFrame(clips, 2), []
    assert made.count == 4
    for whole, batch in zip(clips.batches(1), made.batches(1)):
        assert batch.sequences.shape == (30, 1, 32, 32) and batch.lengths.tolist() == [1] * 30
        for row in range(30):
            (place,) = [n for n in range(20) if (whole.sequences[row, n] == batch.sequences[row, 0]).all()]
            assert batch.labels[row] == (whole.labels[row, place] if changing else whole.labels[row])
            places_found.append(place)
        assert batch.labels.shape == ((30, 1) if changing else (30,))
    assert set(places_found) == set(range(20))
    np.random.seed(3)
    for start in (0, 2):
        again = [batch.sequences.tobytes() for batch in OneFrame(clips, 2).batches(1, start)]
        assert again == [batch.sequences.tobytes() for batch in made.batches(1)][start:]
    others = [next(one.batches(1)).sequences.tobytes() for one in (made, OneFrame(clips, 3))]
    assert len({*others, next(made.batches(2)).sequences.tobytes()}) == 3


@pytest.mark.parametrize(("frames", "changing", "least"), [(1, False, 2), (0, False, 2), (-3, False, 2), (9, True, 10)])
def test_a_clip_too_short_is_refused(frames, changing, least):
    """Catches a clip of one frame, in which nothing moves."""
    with pytest.raises(DataError, match=f"a clip of {frames} frames: it needs at least {least}.*Pass frames={least}"):
        draw(digits(), 2, 0, 0, changing, frames)
    assert draw(digits(), 2, 0, 0, changing, least).frames.shape == (2, least, 32, 32)


@pytest.mark.parametrize("shape", [(5, 28, 27), (5, 784), (5, 28, 28, 1), (0, 28, 28)])
def test_images_of_another_size_are_refused(shape):
    """Catches digits of another size, and an error of the formatting of the error."""
    with pytest.raises(DataError, match=r"images of the digits are \[.*but \[digits, 28, 28\] with at least one"):
        draw(Digits(np.zeros(shape, np.float32), np.zeros(shape[:1], np.int32)), 2, 0, 0)
