"""Clips of a digit that moves: to the left, to the right, up, down, in a circle, or not at all.

A digit that leaves on one side comes back on the other, and starts anywhere. So single frames look the same for all movements,
and at least two are needed to tell which one it is.
"""

from typing import Iterator, NamedTuple

import numpy as np

from rnn_tf1.data.images.canvases import check_digits, resized
from rnn_tf1.data.images.mnist import Digits
from rnn_tf1.data.ragged import RaggedBatch
from rnn_tf1.errors import DataError

MOVEMENTS = ("left", "right", "up", "down", "circle", "still")
FRAMES, SIZE = 20, 32  # frames of a clip, pixels of a frame's side
DIGIT = 18  # pixels of a digit's side
SLOWEST, FASTEST = 0.6, 1.4  # pixels in a frame
NOISE = 0.15  # standard deviation, of a pixel from 0 (paper) to 1 (ink)
_ROLLED = np.stack([np.roll(np.eye(SIZE, dtype=np.float32), by, axis=0) for by in range(SIZE)])  # moves by whole pixels
_GRAINS = np.sqrt(2 * (256**2 - 1) / 12)  # standard deviation of the sum of two random bytes


class Clips(NamedTuple):
    """Clips, and the movements in them.

    Attributes:
      frames: float32 [clips, frames, 32, 32], from 0 (paper) to 1 (ink), and noise.
      movements: int32 [clips]: the movement at the end of a clip, an index into MOVEMENTS; if it does not change, that of the
        whole clip.
      by_frame: int32 [clips, frames]: the movement at each frame.
    """

    frames: np.ndarray
    movements: np.ndarray
    by_frame: np.ndarray


def draw(source: Digits, count: int, seed: int, part: int, changing: bool = False, frames: int = FRAMES) -> Clips:
    """`count` clips with digits of `source`; a pure function of the arguments.

    Args:
      part: another number gives other clips.
      changing: True: each clip changes from one movement to another at some frame, but not in the first and last four.

    Raises:
      DataError: for digits of another size than 28 x 28 or none, and for fewer than 2 frames (10 if `changing`), which
        do not show the movement.
    """
    least = 10 if changing else 2
    if frames < least:
        raise DataError(
            "a clip of %s frames: it needs at least %s to show a movement. Pass frames=%s." % (frames, least, least)
        )
    check_digits(source)
    random = np.random.RandomState([seed, part])
    movements = np.tile(random.randint(len(MOVEMENTS), size=[count, 1]), [1, frames])
    if changing:
        other = (movements[:, :1] + random.randint(1, len(MOVEMENTS), size=[count, 1])) % len(MOVEMENTS)
        since = random.randint(4, frames - 4, size=[count, 1])
        movements = np.where(np.arange(frames) < since, movements, other)
    paths = _paths(movements, random)
    digits = np.zeros([count, 1, SIZE, SIZE], np.float32)
    for digit, which in zip(digits[:, 0], random.randint(len(source.labels), size=count)):
        digit[:DIGIT, :DIGIT] = resized(source.images[which], DIGIT)
    drawn = _shifts(paths[..., 0]) @ digits @ _shifts(paths[..., 1]).transpose(0, 1, 3, 2)
    grains = np.frombuffer(random.bytes(2 * drawn.size), np.uint8).reshape((2,) + drawn.shape)
    drawn += NOISE / _GRAINS * (grains[0].astype(np.float32) + grains[1] - 255)  # ten times as fast as normal draws
    return Clips(np.clip(drawn, 0, 1), movements[:, -1].astype(np.int32), movements.astype(np.int32))


class ClipBatches(object):
    """Batches of clips, drawn on demand, with the interface of `ragged.RaggedBatches`; new ones in each epoch, so that none can
    be memorized.

    Args:
      source: the digits to draw from.
      count: the number of batches in an epoch.
      rows: the number of clips in a batch.
      seed: each batch is a function of (seed, part, its number), counted over all epochs.
      changing: see `draw`; True: each frame has a label; False: each clip.
      part: 0 for training, 1 for validation, 2 for the test.
    """

    def __init__(
        self, source: Digits, count: int, rows: int, seed: int = 0, changing: bool = False, part: int = 0
    ) -> None:
        self.source, self.count, self.rows, self.seed = source, count, rows, seed
        self.changing, self.part = changing, part

    def batches(self, epoch: int, start: int = 0) -> Iterator[RaggedBatch]:
        """The batches of an epoch, counted from 0, from batch `start` on."""
        return (self.batch(epoch * self.count + number) for number in range(start, self.count))

    def batch(self, number: int) -> RaggedBatch:
        """The batch of that number, counted over all epochs."""
        clips = draw(self.source, self.rows, self.seed, 3 * number + self.part, self.changing)
        labels = clips.by_frame if self.changing else clips.movements
        lengths = np.full([self.rows], FRAMES, np.int32)
        return RaggedBatch(clips.frames, lengths, labels, number * self.rows + np.arange(self.rows))


class OneFrame(object):
    """The same clips with a single random frame of each: a function of the seed, the epoch and the batch."""

    def __init__(self, clips: ClipBatches, seed: int = 0) -> None:
        self.clips, self.count, self.seed = clips, clips.count, seed

    def batches(self, epoch: int, start: int = 0) -> Iterator[RaggedBatch]:
        """See `ClipBatches`."""
        for number, batch in enumerate(self.clips.batches(epoch, start), start):
            rows = len(batch.lengths)
            chosen = np.random.RandomState([self.seed, epoch, number, 2]).randint(FRAMES, size=rows)
            frames, labels = batch.sequences[np.arange(rows), chosen][:, None], batch.labels
            if labels.ndim > 1:
                labels = labels[np.arange(rows), chosen][:, None]
            yield batch._replace(sequences=frames, labels=labels, lengths=np.ones([rows], np.int32))


def _paths(movements: np.ndarray, random: np.random.RandomState) -> np.ndarray:
    """[clips, frames, 2]: row and column of the digit's upper left corner."""
    count, frames = movements.shape
    speed = random.uniform(SLOWEST, FASTEST, size=[count, 1])
    turn = random.uniform(0.35, 0.6, size=[count, 1]) * np.where(random.rand(count, 1) < 0.5, 1, -1)  # radians a frame
    angle = random.uniform(0, 2 * np.pi, size=[count, 1]) + turn * np.arange(frames)
    steps = np.zeros([count, frames, 2])
    for name, (down, right) in dict(left=(0, -1), right=(0, 1), up=(-1, 0), down=(1, 0)).items():
        steps += np.where((movements == MOVEMENTS.index(name))[..., None], speed[..., None] * [down, right], 0)
    around = speed[..., None] * np.stack([np.sin(angle), np.cos(angle)], 2)
    steps += np.where((movements == MOVEMENTS.index("circle"))[..., None], around, 0)
    return random.uniform(0, SIZE, size=[count, 1, 2]) + np.cumsum(steps, 1)


def _shifts(offsets: np.ndarray) -> np.ndarray:
    """[clips, frames, 32, 32] for offsets [clips, frames]: matrices that shift 32 values cyclically, and interpolate between
    the two nearest positions."""
    whole = np.floor(offsets).astype(np.int64)
    share = (offsets - whole).astype(np.float32)[..., None, None]
    return (1 - share) * _ROLLED[whole % SIZE] + share * _ROLLED[(whole + 1) % SIZE]
