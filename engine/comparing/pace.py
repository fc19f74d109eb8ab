"""How far a table is, and how long the rest takes: at the pace that each of the four ways had."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable

from engine.comparisons import ComparingProgress, Variant


class Pace:
    """Of a table over so many questions."""

    def __init__(self, questions: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._total = questions * len(Variant)
        self._clock = clock
        self._since = clock()
        self._seconds: dict[Variant, list[float]] = defaultdict(list)
        self._missed = 0

    def begin(self) -> None:
        """A question is begun."""
        self._since = self._clock()

    def done(self, variant: Variant) -> None:
        now = self._clock()
        self._seconds[variant].append(now - self._since)
        self._since = now

    def left_out(self, done: int) -> None:
        """A question is not gone on with; ``done`` of its answers were."""
        self._missed += len(Variant) - done

    def progress(self, question: str) -> ComparingProgress:
        done = sum(map(len, self._seconds.values())) + self._missed
        return ComparingProgress(done, self._total, question, self._left(self._total - done))

    def _left(self, answers: int) -> float | None:
        """A way that was not yet taken may take any time."""
        if len(self._seconds) < len(Variant):
            return None
        each = [sum(seconds) / len(seconds) for seconds in self._seconds.values()]
        whole, rest = divmod(answers, len(Variant))
        behind = sorted(self._seconds, key=lambda variant: len(self._seconds[variant]))[:rest]
        some = [sum(self._seconds[v]) / len(self._seconds[v]) for v in behind]
        return whole * sum(each) + sum(some)
