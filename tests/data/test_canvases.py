"""Canvases with digits. The oracles: double loops over pixels, rectangles compared one with another, and captions by hand."""

import itertools

import numpy as np
import pytest

from rnn_tf1.data.images import canvases
from rnn_tf1.data.images.canvases import CanvasBatches, Canvases, captioned, draw, resized
from rnn_tf1.data.images.mnist import Digits
from rnn_tf1.errors import DataError


def digits(seed=0, count=10):
    """One image for each label, none of them like another turned or mirrored, in an order that is not that of the labels."""
    random = np.random.RandomState(seed)
    return Digits(random.rand(count, 28, 28).astype(np.float32), random.permutation(count).astype(np.int32) % 10)


def slowly_resized(image, side):
    """Each pixel the mean of what it covers, pixel by pixel."""
    old = len(image)

    def overlap(new, place):
        return max(0.0, min((new + 1) * old / side, place + 1) - max(new * old / side, place))

    found = np.zeros([side, side])
    for row, column in itertools.product(range(side), repeat=2):
        for i in range(int(row * old / side), min(old, int((row + 1) * old / side) + 1)):
            for j in range(int(column * old / side), min(old, int((column + 1) * old / side) + 1)):
                found[row, column] += overlap(row, i) * overlap(column, j) * image[i, j]
    return found / (old / side) ** 2


@pytest.mark.parametrize(("old", "side"), [(28, 14), (28, 17), (28, 26), (28, 28), (28, 1), (5, 9), (3, 2)])
def test_resized(old, side):
    """Catches a picture turned or mirrored, samples instead of means, edges left out, and brightness that is not kept."""
    image = np.random.RandomState(side).rand(old, old).astype(np.float32)
    found = resized(image, side)
    assert found.dtype == np.float32 and found.shape == (side, side)
    np.testing.assert_allclose(found, slowly_resized(image, side), rtol=0, atol=2e-6)
    assert found.mean() == pytest.approx(image.mean(), abs=1e-6)
    np.testing.assert_allclose(resized(np.ones([old, old], np.float32), side), 1, atol=1e-6)


def test_the_pixels_are_those_of_the_digits(monkeypatch):
    """Catches digits at other places than the boxes tell, of another size, mirrored, or with labels of other digits; and ink
    outside of them."""
    monkeypatch.setattr(canvases, "NOISE", 0.0)
    source = digits()
    found = draw(source, 12, 3, 5)
    image_of = {int(label): image for image, label in zip(source.images, source.labels)}
    for image, written, boxes in zip(found.images, found.digits, found.boxes):
        expected = np.zeros([64, 64])
        for digit, (row, column, side) in zip(written, boxes.astype(int)):
            expected[row : row + side, column : column + side] = slowly_resized(image_of[int(digit)], side)
        np.testing.assert_allclose(image[..., 0], expected, rtol=0, atol=2e-6)
    assert len({len(written) for written in found.digits}) > 2


def test_the_noise_is_on_paper_and_ink(monkeypatch):
    """Catches noise of another strength, or none, or on a part of the canvas; and pixels outside 0..1."""
    found = draw(Digits(np.full([1, 28, 28], 0.5, np.float32), np.array([4], np.int32)), 40, 0, 0)
    assert found.images.shape == (40, 64, 64, 1) and found.images.dtype == np.float32
    assert found.images.min() == 0 and found.images.max() <= 1
    paper, ink = [], []
    for image, boxes in zip(found.images[..., 0], found.boxes):
        inside = np.zeros([64, 64], bool)
        for row, column, side in boxes.astype(int):
            inside[row : row + side, column : column + side] = True
        paper.append(image[~inside])
        ink.append(image[inside])
    paper, ink = np.concatenate(paper), np.concatenate(ink)
    assert (paper == 0).mean() == pytest.approx(0.5, abs=0.01)
    assert (paper**2).sum() / (paper > 0).sum() == pytest.approx(0.1**2, rel=0.03), "half of a normal distribution"
    assert ink.mean() == pytest.approx(0.5, abs=0.002) and ink.std() == pytest.approx(0.1, rel=0.02)
    assert len({image.tobytes() for image in found.images}) == 40


def test_boxes_are_in_their_lines_apart_and_in_reading_order():
    """Catches digits upon each other, over a border or in two lines; captions in another order than one reads; and sizes or
    counts that never come."""
    found = draw(digits(), 3000, 1, 2)
    counts, sides, lines, columns = [], [], [], []
    for written, boxes in zip(found.digits, found.boxes):
        assert written.dtype == np.int32 and boxes.dtype == np.float64
        assert boxes.shape == (len(written), 3) and (boxes == boxes.astype(int)).all()
        rows, lefts, sizes = boxes.astype(int).T
        line = rows // 32
        assert ((sizes >= 14) & (sizes <= 26)).all()
        assert (rows >= 0).all() and (rows + sizes <= 32 * (line + 1)).all() and (line <= 1).all()
        assert (lefts >= 0).all() and (lefts + sizes <= 64).all()
        assert list(zip(line, lefts)) == sorted(zip(line, lefts))
        for one, other in itertools.combinations(range(len(written)), 2):
            apart = lefts[one] + sizes[one] <= lefts[other] or rows[one] + sizes[one] <= rows[other]
            assert apart or lefts[other] + sizes[other] <= lefts[one] or rows[other] + sizes[other] <= rows[one]
        counts.append(len(written))
        sides += sizes.tolist()
        lines.append(tuple(np.bincount(line, minlength=2)))
        columns += lefts.tolist()
    np.testing.assert_allclose(np.bincount(counts)[1:], [750] * 4, atol=110)
    assert set(sides) == set(range(14, 27))
    assert set(lines) == {pair for pair in itertools.product(range(4), repeat=2) if 1 <= sum(pair) <= 4}
    assert set(columns) == set(range(0, 64 - 14 + 1))
    written = np.bincount(np.concatenate(found.digits), minlength=10) / sum(counts)
    np.testing.assert_allclose(written, 0.1, atol=0.02)


def test_canvases_are_a_pure_function():
    """Catches a resumed run that sees others, and parts or seeds that share their canvases."""
    source = digits()
    first = draw(source, 6, 3, 5)
    np.random.seed(0)
    again = draw(source, 6, 3, 5)
    assert first.images.tobytes() == again.images.tobytes()
    for one, other in zip(first.digits + first.boxes, again.digits + again.boxes):
        np.testing.assert_array_equal(one, other)
    others = [draw(source, 6, 3, 6), draw(source, 6, 4, 5), draw(source, 6, 5, 3)]
    assert len({found.images.tobytes() for found in [first, *others]}) == 4
    assert len({repr(found.boxes) for found in [first, *others]}) == 4
    before = source.images.copy()
    draw(source, 2, 0, 0)
    np.testing.assert_array_equal(source.images, before)


def test_captions_by_hand():
    """Catches words that are numbers of others, an end that is not learned, a length without it, and outputs a step off."""
    images = np.zeros([3, 64, 64, 1], np.float32)
    batch = captioned(Canvases(images, [np.array(d, np.int32) for d in ([7, 2, 9], [0], [1, 1, 4, 6])], []))
    s, e = 1, 2
    assert batch.inputs.tolist() == [[s, 10, 5, 12, 0], [s, 3, 0, 0, 0], [s, 4, 4, 7, 9]]
    assert batch.outputs.tolist() == [[10, 5, 12, e, 0], [3, e, 0, 0, 0], [4, 4, 7, 9, e]]
    assert batch.lengths.tolist() == [4, 2, 5]
    assert batch.images is images
    assert {array.dtype for array in batch[1:]} == {np.dtype(np.int32)}
    told = [" ".join(canvases.WORDS[word] for word in row[: n - 1]) for row, n in zip(batch.outputs, batch.lengths)]
    assert told == ["seven two nine", "zero", "one one four six"]


def test_the_words():
    """Catches a word that is another digit's, and marks that change their places."""
    digits = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
    assert list(canvases.WORDS) == ["<pad>", "<s>", "</s>", *digits]
    assert [canvases.WORDS[word] for word in (canvases.START, canvases.STOP)] == ["<s>", "</s>"]


def test_batches_of_which_none_comes_again():
    """Catches the same canvases in each epoch or batch, those of the validation or the test among them, and a resumed epoch
    that goes on elsewhere."""
    source = digits()
    made = CanvasBatches(source, 3, 2, 5)
    assert made.count == 3
    found = [batch for epoch in (0, 1) for batch in made.batches(epoch)]
    held_out = [captioned(draw(source, 2, 5, part)) for part in (canvases.VALIDATION, canvases.TEST)]
    assert len({batch.images.tobytes() for batch in found + held_out}) == 8
    for place, batch in enumerate(found):
        assert batch.outputs.tobytes() == captioned(draw(source, 2, 5, canvases.TRAINING + place)).outputs.tobytes()
    for start in (0, 2, 3):
        again = [batch.images.tobytes() for batch in made.batches(1, start)]
        assert again == [batch.images.tobytes() for batch in found[3 + start :]]


@pytest.mark.parametrize("shape", [(5, 27, 28), (5, 28, 32), (5, 784), (5, 28, 28, 1), (28, 28), (5,), (0, 28, 28)])
def test_images_of_another_size_are_refused(shape):
    """Catches digits of another size that are drawn beside their boxes, and an error of the formatting of the error."""
    with pytest.raises(
        DataError, match=r"images of the digits are \[.*but \[digits, 28, 28\] with at least one"
    ) as caught:
        draw(Digits(np.zeros(shape, np.float32), np.zeros(shape[:1], np.int32)), 2, 0, 0)
    assert str(list(shape)) in str(caught.value)


def test_no_canvas():
    """Catches a crash where nothing is asked for."""
    found = draw(digits(), 0, 0, 0)
    assert found.images.shape == (0, 64, 64, 1) and found.digits == []
    assert captioned(found).inputs.shape == (0, 5)
