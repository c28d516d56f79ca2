"""Canvases with one to four digits at random positions, of random sizes, and their captions: "seven two nine".

The digits are in two lines, like words on a page; the reading order is the upper line from left to right, then the lower.
"""

from typing import Iterator, List, NamedTuple, Tuple

import numpy as np

from rnn_tf1.data.images.mnist import Digits
from rnn_tf1.errors import DataError

SIZE = 64  # pixels of a canvas's side
LINE = 32  # pixels of a line's height
SMALLEST, LARGEST = 14, 26  # pixels of a digit's side
MOST = 4  # digits on a canvas
WORDS = ("<pad>", "<s>", "</s>", "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
START, STOP = 1, 2
NOISE = 0.1  # standard deviation, of a pixel from 0 (paper) to 1 (ink)
VALIDATION, TEST, TRAINING = 0, 1, 2  # parts of `draw`; from TRAINING on, one for each batch


class Canvases(NamedTuple):
    """Canvases, and the digits on them.

    Attributes:
      images: float32 [canvases, 64, 64, 1], from 0 (paper) to 1 (ink), and noise.
      digits: an int32 array for each canvas: its digits in reading order.
      boxes: an array float64 [digits, 3] for each canvas: row and column of the upper left corner, and side, in pixels.
    """

    images: np.ndarray
    digits: List[np.ndarray]
    boxes: List[np.ndarray]


class Batch(NamedTuple):
    """Canvases with their captions for a decoder; all arrays but the images are int32."""

    images: np.ndarray
    inputs: np.ndarray  # [rows, time], <s> and the words
    outputs: np.ndarray  # [rows, time], the words and </s>
    lengths: np.ndarray  # [rows], including </s>


def draw(source: Digits, count: int, seed: int, part: int) -> Canvases:
    """`count` canvases with digits of `source`; a pure function of (source, count, seed, part).

    Args:
      part: another number gives other canvases; see VALIDATION, TEST, TRAINING.

    Raises:
      DataError: for images of another size than 28 x 28, and if there are none.
    """
    check_digits(source)
    random = np.random.RandomState([seed, part])
    images = NOISE * random.standard_normal([count, SIZE, SIZE]).astype(np.float32)
    digits, boxes = [], []
    for canvas in images:
        placed = _places(random)
        chosen = random.randint(len(source.labels), size=len(placed))
        for (row, column, side), which in zip(placed, chosen):
            canvas[row : row + side, column : column + side] += resized(source.images[which], side)
        digits.append(source.labels[chosen].astype(np.int32))
        boxes.append(np.array(placed, np.float64))
    return Canvases(np.clip(images, 0, 1)[..., None], digits, boxes)


def check_digits(source: Digits) -> None:
    """Raises `DataError` for images of another size than 28 x 28, and if there are none."""
    if source.images.shape[1:] != (28, 28) or not len(source.labels):
        raise DataError(
            "the images of the digits are %s, but [digits, 28, 28] with at least one are expected: "
            "pass those of MNIST's files." % (list(source.images.shape),)
        )


def captioned(canvases: Canvases) -> Batch:
    """The canvases as a batch for a decoder."""
    time = MOST + 1
    inputs, outputs = (np.zeros([len(canvases.digits), time], np.int32) for _ in range(2))
    lengths = np.array([len(digits) + 1 for digits in canvases.digits], np.int32)
    for row, digits in enumerate(canvases.digits):
        words = digits + WORDS.index("zero")
        inputs[row, : len(words) + 1] = np.append(START, words)
        outputs[row, : len(words) + 1] = np.append(words, STOP)
    return Batch(canvases.images, inputs, outputs, lengths)


class CanvasBatches(object):
    """Batches of captioned canvases, drawn on demand; none is repeated, also in later epochs.

    Args:
      source: the digits to draw from.
      count: the number of batches in an epoch.
      rows: the number of canvases in a batch.
      seed: each batch is a function of (seed, epoch, its number), and differs from the parts VALIDATION and TEST.
    """

    def __init__(self, source: Digits, count: int, rows: int, seed: int = 0) -> None:
        self.source, self.count, self.rows, self.seed = source, count, rows, seed

    def batches(self, epoch: int, start: int = 0) -> Iterator[Batch]:
        """The batches of an epoch, counted from 0, from batch `start` on."""
        for number in range(start, self.count):
            yield captioned(draw(self.source, self.rows, self.seed, TRAINING + epoch * self.count + number))


def resized(image: np.ndarray, side: int) -> np.ndarray:
    """A square image resized to [side, side]: each pixel is the mean of the part of the image that it covers."""
    shares = _shares(image.shape[0], side)
    return shares @ image @ shares.T


def _shares(old: int, new: int) -> np.ndarray:
    """[new, old]: the weight of each old pixel in a new one; each row sums to 1."""
    edges = np.arange(new + 1) * old / new
    lower, upper = np.maximum(edges[:-1, None], np.arange(old)), np.minimum(edges[1:, None], np.arange(old) + 1)
    return (np.maximum(upper - lower, 0) * new / old).astype(np.float32)


def _places(random: np.random.RandomState) -> List[Tuple[int, int, int]]:
    """(row, column, side) of one to four squares in reading order, which do not overlap."""
    count = random.randint(1, MOST + 1)
    above = random.randint(max(0, count - 3), min(3, count) + 1)  # at most three in a line
    placed = []
    for line, some in enumerate((above, count - above)):
        if not some:
            continue
        most = min(LARGEST, SIZE // some)
        sides = random.randint(SMALLEST, most + 1, size=some)
        spare = SIZE - sides.sum()
        gaps = np.diff(np.concatenate([[0], np.sort(random.randint(spare + 1, size=some)), [spare]]))
        columns = np.cumsum(gaps[:-1]) + np.concatenate([[0], np.cumsum(sides)[:-1]])
        for side, column in zip(sides, columns):
            row = line * LINE + random.randint(LINE - side + 1)
            placed.append((int(row), int(column), int(side)))
    return placed
