"""What a graph is built for: training, with dropout, or a test without."""

from typing import Any, NamedTuple, Optional


class Mode(NamedTuple):
    """How a graph is meant; the same builder makes the training graph and the test graph::

        trained = build_classifier(config, Mode(True, seed, step))
        tested = build_classifier(config, Mode(False))

    Args:
      is_training: True; False leaves out every dropout op; a boolean tensor decides at each session call.
      seed: int, of the dropout masks.
      step: the training step, an integer scalar tensor: the masks become a pure function of (seed, step, place, time), so
        that a run that is resumed repeats them. Default: TensorFlow draws them.
    """

    is_training: Any = True
    seed: Optional[int] = None
    step: Any = None


TRAINING = Mode()  # with masks that TensorFlow draws
TESTING = Mode(False)
