"""How good the best sentence of a library looks for questions that it says nothing about.

Something is always nearest. What that is worth depends on the library: measured by asking
everyday questions on many subjects, by their median and how far half of them lie from it, so
that a library which happens to speak of a few of them is measured no differently.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec
import numpy as np

from engine.answering.quotes import Sentence
from engine.store.remembered import Remembered
from engine.unrelated import QUESTIONS
from engine.workers import CancelToken

BEST = 3
_WORDS = 0.15
_NORMAL = 1.4826  # from the median deviation to a standard deviation (Rousseeuw and Croux, 1993)
_LEAST_SPREAD = 0.05
_GROWTH = 1.5
_LOOK = 0.05  # seconds between two looks at the wish to stop
_KEY = "chance"


def nearness(sentences: Sequence[Sentence]) -> float:
    """Of the best sentences: the cosine, and a little for the question's own words."""
    best = sentences[:BEST]
    cosine = max((s.meaning for s in best if s.meaning is not None), default=0.0)
    return cosine + _WORDS * max((s.words for s in best), default=0.0)


@dataclass(frozen=True, slots=True)
class Chance:
    """``usual`` is the median nearness, ``spread`` what stands for its standard deviation."""

    usual: float
    spread: float

    def beyond(self, sentences: Sequence[Sentence]) -> float:
        """How many spreads the sentences are nearer than chance."""
        return (nearness(sentences) - self.usual) / self.spread


class ChanceOf:
    """Measures one library and remembers it there, as long as the same embedder serves and until
    the library has grown by half. ``rank`` gives the best sentences for a question, ``size`` the
    embedder's id and its number of vectors."""

    def __init__(
        self,
        rank: Callable[[str], Sequence[Sentence]],
        size: Callable[[], tuple[int, int]],
        remembered: Remembered,
    ) -> None:
        self._rank = rank
        self._size = size
        self._remembered = remembered
        self._lock = threading.Lock()

    def known(self) -> Chance | None:
        """What was measured with the embedder that serves, maybe when the library was smaller."""
        measured = self._measured()
        if measured is None or measured.embedder != self._size()[0]:
            return None
        return measured.chance

    def measure(self, cancel: CancelToken | None = None) -> Chance:
        """Takes a second where it is not known, or not well enough. Raises ``ChildError``, and
        ``CancelledError`` where what was asked for is no longer wanted."""
        while not self._lock.acquire(timeout=_LOOK):
            _check(cancel)
        try:
            embedder, size = self._size()
            measured = self._measured()
            same = measured is not None and measured.embedder == embedder
            if measured is not None and same and _alike(size, measured.size):
                return measured.chance
            found = []
            for question in QUESTIONS:
                _check(cancel)
                found.append(nearness(self._rank(question)))
            usual = float(np.median(found))
            spread = _NORMAL * float(np.median(np.abs(np.array(found) - usual)))
            chance = Chance(usual, max(spread, _LEAST_SPREAD))
            self._remembered.put(
                _KEY, msgspec.json.encode(_Measured(embedder, size, chance)).decode()
            )
            return chance
        finally:
            self._lock.release()

    def _measured(self) -> _Measured | None:
        value = self._remembered.get(_KEY)
        try:
            return msgspec.json.decode(value, type=_Measured) if value else None
        except msgspec.MsgspecError:
            return None


@dataclass(frozen=True, slots=True)
class _Measured:
    embedder: int
    size: int
    chance: Chance


def _check(cancel: CancelToken | None) -> None:
    if cancel is not None:
        cancel.check()


def _alike(size: int, known: int) -> bool:
    return known / _GROWTH <= size <= known * _GROWTH
