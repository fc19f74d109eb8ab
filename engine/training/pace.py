"""How fast a training goes, and how long it may still take."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

_WINDOW = 60.0  # seconds that the speed is told from
_HONEST = 12.0  # seconds of work before any time left is told
_FEWEST = 3
READING = 0.35  # what a token costs that is only measured, of one that is learnt


class Pace:
    """Work is counted in tokens that are learnt; ``done`` is called after each piece of it."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._marks: deque[tuple[float, float]] = deque([(clock(), 0.0)])
        self._first = self._marks[0]

    def done(self, work: float) -> None:
        now = self._clock()
        self._marks.append((now, self._marks[-1][1] + work))
        while len(self._marks) > _FEWEST and self._marks[1][0] < now - _WINDOW:
            self._marks.popleft()

    @property
    def rate(self) -> float:
        """Tokens a second lately; 0 before anything is done."""
        (began, before), (ended, after) = self._marks[0], self._marks[-1]
        return (after - before) / (ended - began) if ended > began else 0.0

    def left(self, work: float) -> float | None:
        """Seconds for so much more work; None until that can be said honestly."""
        ripe = self._marks[-1][0] - self._first[0] >= _HONEST and len(self._marks) > _FEWEST
        return work / self.rate if ripe and self.rate > 0 else None
