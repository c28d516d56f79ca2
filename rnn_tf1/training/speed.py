"""How fast a training is: words per second."""

import time
from typing import Dict, List, Optional, Tuple


class Speed(object):
    """Words per second of training; the first step after a start, which prepares the graph, is left out."""

    def __init__(self) -> None:
        self._words, self._seconds, self._started = 0, 0.0, False
        self._step: Optional[Tuple[float, int]] = None  # when the present one began, and its words

    def pause(self) -> None:
        """What follows is not part of the step before: an evaluation, say."""
        self._step = None

    def step(self, words: int) -> None:
        """Called before each training step of so many words, which it takes the one before to end."""
        now = time.perf_counter()
        if self._step is not None and self._started:
            self._seconds += now - self._step[0]
            self._words += self._step[1]
        self._started = self._started or self._step is not None
        self._step = now, words

    @property
    def words_per_second(self) -> float:
        """0 where fewer than two steps have been taken."""
        return self._words / self._seconds if self._seconds else 0.0


def last_speed(history: List[Dict[str, float]]) -> Optional[int]:
    """The words per second that the last epoch's row tells, of the part of the training since the last start; None where
    that was too short to measure. So a finished run that is started again still knows its own."""
    return round(history[-1].get("words_per_second", 0)) or None if history else None
