"""How long a child may take, told by a clock that stands still while nobody looks at it."""

from __future__ import annotations

import time

_MOST = 2.0  # seconds that can pass between two looks while this computer is awake


class Patience:
    """Limits in seconds: ``silence`` since the last sign of life, and ``total`` altogether.

    Where more time has passed between two looks than can have, the computer slept, or this
    process was stopped; the child cannot have worked either, and is not blamed for it.
    """

    def __init__(self, silence: float, total: float | None) -> None:
        self._silence, self._total = silence, total
        self._quiet = self._altogether = 0.0
        self._looked = time.monotonic()

    def heard(self) -> str:
        """There was a sign of life; why there need be no other, as in :meth:`look`."""
        self._count()
        self._quiet = 0.0
        return self._over()

    def rested(self) -> None:
        """The child was not let work since the last look."""
        self._looked = time.monotonic()

    def look(self) -> str:
        """Why the child is waited for no longer; empty while it is."""
        self._count()
        return self._over()

    def _count(self) -> None:
        now = time.monotonic()
        passed = min(now - self._looked, _MOST)
        self._looked = now
        self._quiet += passed
        self._altogether += passed

    def _over(self) -> str:
        if self._total is not None and self._altogether > self._total:
            return "It took too long."
        if self._quiet > self._silence:
            return f"It took too long: no answer for {self._silence:.0f} seconds."
        return ""
