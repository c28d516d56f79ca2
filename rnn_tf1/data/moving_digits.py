"""Clips of a digit that moves: to the left, to the right, up, down, in a circle, or not at all.

A digit that leaves on one side comes back on the other, and begins anywhere: so every frame by itself looks the same whatever
the movement is, and nobody can tell it from fewer than two.
"""

from typing import NamedTuple

import numpy as np

from rnn_tf1.data.canvases import resized
from rnn_tf1.data.mnist import Digits
from rnn_tf1.errors import DataError

MOVEMENTS = ("left", "right", "up", "down", "circle", "still")
FRAMES, SIZE = 20, 32  # frames of a clip, pixels of a frame's side
DIGIT = 18  # pixels of a digit's side
SLOWEST, FASTEST = 0.6, 1.4  # pixels in a frame
NOISE = 0.15  # standard deviation, of a pixel from 0 (paper) to 1 (ink)


class Clips(NamedTuple):
    """Clips, and what happens in them.

    frames     float32 [clips, frames, 32, 32], from 0 (paper) to 1 (ink), and noise
    movements  int32 [clips]: the movement at the end of a clip, a place in MOVEMENTS; where none changes, that of the clip
    by_frame   int32 [clips, frames]: that of each frame
    """

    frames: np.ndarray
    movements: np.ndarray
    by_frame: np.ndarray


def draw(source: Digits, count: int, seed: int, part: int, changing: bool = False, frames: int = FRAMES) -> Clips:
    """`count` clips with digits of `source`; a pure function of the arguments.

    part      another number draws other clips: for training, that of the batch
    changing  each clip changes from one movement to another at some frame, the first four and last four excepted

    Raises `DataError` for digits of another size than 28 x 28, and for fewer than 2 frames (10 where `changing`): a movement
    is not to be seen in one.
    """
    least = 10 if changing else 2
    if frames < least:
        raise DataError("a clip of %d frames: it needs at least %d to show a movement." % (frames, least))
    if source.images.shape[1:] != (28, 28):
        raise DataError(
            "digits of %s x %s pixels: 28 x 28 are expected, those of MNIST's files." % source.images.shape[1:]
        )
    random = np.random.RandomState([seed, part])
    movements = np.tile(random.randint(len(MOVEMENTS), size=[count, 1]), [1, frames])
    if changing:
        other = (movements[:, :1] + random.randint(1, len(MOVEMENTS), size=[count, 1])) % len(MOVEMENTS)
        since = random.randint(4, frames - 4, size=[count, 1])
        movements = np.where(np.arange(frames) < since, movements, other)
    paths = _paths(movements, random)
    drawn = np.zeros([count, frames, SIZE, SIZE], np.float32)
    for clip, path, which in zip(drawn, paths, random.randint(len(source.labels), size=count)):
        digit = np.zeros([SIZE, SIZE], np.float32)
        digit[:DIGIT, :DIGIT] = resized(source.images[which], DIGIT)
        for frame, (row, column) in zip(clip, path):
            frame[:] = _shifts(column) @ (_shifts(row) @ digit).T
        clip[:] = clip.transpose(0, 2, 1)
    drawn += NOISE * random.standard_normal(drawn.shape).astype(np.float32)
    return Clips(np.clip(drawn, 0, 1), movements[:, -1].astype(np.int32), movements.astype(np.int32))


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


def _shifts(offset: float) -> np.ndarray:
    """[32, 32]: moves 32 values on by `offset`, around the border, and shares them out between the two nearest places."""
    whole = int(np.floor(offset))
    share = np.float32(offset - whole)
    turned = np.roll(np.eye(SIZE, dtype=np.float32), whole, 0)
    return (1 - share) * turned + share * np.roll(turned, 1, 0)
