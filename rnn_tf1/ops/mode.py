"""What a graph is built for: training, with dropout, or testing, without."""

from typing import Any, NamedTuple, Optional


class Mode(NamedTuple):
    """Whether a graph trains or tests; the same builder builds both::

        trained = build_classifier(config, Mode(True, seed, step))
        tested = build_classifier(config, Mode(False))

    Args:
      is_training: True; False leaves out every dropout op; a boolean tensor decides in each session call.
      seed: int, the seed of the dropout masks.
      step: the training step, an integer scalar tensor: the masks become a pure function of (seed, step, place, time), so
        that a run that is resumed repeats them. Default: TensorFlow draws them.
    """

    is_training: Any = True
    seed: Optional[int] = None
    step: Any = None


TRAINING = Mode()  # with masks that TensorFlow draws
TESTING = Mode(False)
