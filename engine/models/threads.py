"""How many threads should compute: as many as there are cores that nobody else uses.

llama.cpp's threads wait for each other after every step of a layer. Where another program holds a
core, all of them wait for the one that is not running: two threads on a busy machine of two cores
wrote 2 tokens a second where one thread wrote 50.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass

import psutil

_SHORTEST = 0.05  # seconds; below that the system's own clock ticks are too coarse
_FRESH = 0.5
_LONGEST = 2.0  # what was longer ago says little about now
_ROUNDING = 0.35  # a core that others use for a third of the time is still worth having


@dataclass(frozen=True, slots=True)
class Usage:
    """Seconds of computing since some beginning: all processes together, and this one."""

    at: float
    everyone: float
    own: float


def usage() -> Usage:
    times = psutil.cpu_times()
    idle = times.idle + getattr(times, "iowait", 0.0)
    return Usage(time.monotonic(), sum(times[:8]) - idle, time.process_time())


class FreeCores:
    """Looks at what others have used since the last look. ``most`` is the number of threads not
    to go over, also where more of the ``cores`` are free."""

    def __init__(
        self,
        most: int | None = None,
        look: Callable[[], Usage] = usage,
        sleep: Callable[[float], None] = time.sleep,
        *,
        cores: int | None = None,
    ) -> None:
        self._cores = cores or os.cpu_count() or 1
        self._most = most or self._cores
        self._look = look
        self._sleep = sleep
        self._last = look()

    def begin(self, longest: float = _FRESH) -> None:
        """Look now, where the last look is older than ``longest`` seconds: what :meth:`count`
        says soon is then about the time in between."""
        now = self._look()
        if now.at - self._last.at > longest:
            self._last = now

    def count(self) -> int:
        """Between 1 and ``most``. Takes up to a twentieth of a second where the last look was too
        long ago, or only just now."""
        if min(self._cores, self._most) == 1:
            return 1
        self.begin(_LONGEST)
        now = self._look()
        if now.at - self._last.at < _SHORTEST:
            self._sleep(_SHORTEST - (now.at - self._last.at))
            now = self._look()
        before, self._last = self._last, now
        elapsed = max(now.at - before.at, 1e-3)
        others = max(0.0, (now.everyone - before.everyone) - (now.own - before.own))
        return max(1, min(self._most, int(self._cores - others / elapsed + _ROUNDING)))
