"""Sequences that need memory: the adding problem and the copy task, generated on demand.

Every batch is a pure function of its arguments: the same on every machine, regardless of earlier draws.
"""

import math
from typing import Tuple

import numpy as np

from rnn_tf1.errors import Argument, DataError

RECALLED = 10  # symbols to be remembered in the copy task
ALPHABET = 8  # symbols to be remembered are 0 .. 7
BLANK, DELIMITER = 8, 9
PARTS = ("train", "valid")

ADDING_BASELINE = 1.0 / 6.0  # mean squared error of the constant answer 1: the variance of the sum


def adding_batch(
    batch_size: int, steps: int, seed: int, step: int, part: str = "train"
) -> Tuple[np.ndarray, np.ndarray]:
    """The adding problem of Hochreiter and Schmidhuber 1997, "Long Short-Term Memory", in the form of Le et al. 2015, "A
    Simple Way to Initialize Recurrent Networks of Rectified Linear Units".

    At each step there is a number, uniform in [0, 1), and a mark: 1 at one step of the first half and at one of the
    second, otherwise 0. The answer is the sum of the two marked numbers. Always answering 1, the mean, has a squared error
    of 1/6: `ADDING_BASELINE`.

    Returns:
      inputs float32 [batch_size, steps, 2], number and mark, and sums float32 [batch_size].

    Raises:
      DataError: for fewer than 2 steps, and for an impossible batch size, seed, step or part.
    """
    random = _generator(batch_size, seed, step, part)
    if steps < 2:
        raise DataError(
            "The adding problem has %d steps, but needs one in each half: pass " % steps,
            Argument("steps", 2),
            " or more.",
        )
    inputs = np.zeros([batch_size, steps, 2], np.float32)
    inputs[:, :, 0] = random.uniform(size=[batch_size, steps])
    rows = np.arange(batch_size)
    for first, end in ((0, steps // 2), (steps // 2, steps)):
        inputs[rows, random.randint(first, end, batch_size), 1] = 1
    return inputs, (inputs[:, :, 0] * inputs[:, :, 1]).sum(1)


def copy_batch(batch_size: int, steps: int, seed: int, step: int, part: str = "train") -> Tuple[np.ndarray, np.ndarray]:
    """The copy task of Hochreiter and Schmidhuber 1997, in the form of Arjovsky et al. 2016, "Unitary Evolution Recurrent
    Neural Networks", which has steps + 20 positions::

        inputs     10 symbols of 0 .. 7      steps - 1 blanks       the delimiter      10 blanks
        targets    steps + 10 blanks                                                   the 10 symbols, in their order

    `steps` is the number of steps for which a symbol must be remembered. The blank is 8, the delimiter 9.

    Returns:
      inputs and targets, both int32 [batch_size, steps + 20].

    Raises:
      DataError: for fewer than 1 step, and for an impossible batch size, seed, step or part.
    """
    random = _generator(batch_size, seed, step, part)
    if steps < 1:
        raise DataError(
            "The copy task has %d steps, but needs one for the delimiter: pass " % steps,
            Argument("steps", 1),
            " or more.",
        )
    inputs = np.full([batch_size, steps + 2 * RECALLED], BLANK, np.int32)
    targets = inputs.copy()
    inputs[:, :RECALLED] = targets[:, -RECALLED:] = random.randint(0, ALPHABET, [batch_size, RECALLED])
    inputs[:, -RECALLED - 1] = DELIMITER
    return inputs, targets


def copy_baseline(steps: int) -> float:
    """Nats per position without any memory, but knowing when to answer: 10 ln 8 / (steps + 20)."""
    return RECALLED * math.log(ALPHABET) / (steps + 2 * RECALLED)


def _generator(batch_size: int, seed: int, step: int, part: str) -> np.random.RandomState:
    if batch_size < 1:
        raise DataError(
            "batch_size is %d, but must be at least 1: pass " % batch_size, Argument("batch_size", 1), " or more."
        )
    for name, value in (("seed", seed), ("step", step)):
        if not 0 <= value < 1 << 32:
            raise DataError("%s is %d, but must be from 0 to 2**32 - 1: pass such a %s." % (name, value, name))
    if part not in PARTS:
        raise DataError("There is no part %r; there are: %s." % (part, ", ".join(PARTS)))
    return np.random.RandomState([seed, step, PARTS.index(part)])
