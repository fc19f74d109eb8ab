"""How good the best sentence of a library looks for questions that it says nothing about.

Something is always nearest. What that is worth depends on the library: measured by asking
everyday questions on many subjects, by their median and how far half of them lie from it, so
that a library which happens to speak of a few of them is measured no differently.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from engine.answering.quotes import Sentence
from engine.unrelated import QUESTIONS

BEST = 3
_WORDS = 0.15
_NORMAL = 1.4826  # from the median deviation to a standard deviation (Rousseeuw and Croux, 1993)
_LEAST_SPREAD = 0.05
_GROWTH = 1.5


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
    """Measures one library, again when it has grown by half: ``rank`` gives the best sentences
    for a question, ``size`` the number of passages."""

    def __init__(self, rank: Callable[[str], Sequence[Sentence]], size: Callable[[], int]) -> None:
        self._rank = rank
        self._size = size
        self._lock = threading.Lock()
        self._measured: tuple[int, Chance] | None = None

    def __call__(self) -> Chance:
        """Takes a second the first time. Not to be cancelled: it would never be done. Raises
        ``ChildError``."""
        with self._lock:
            size = self._size()
            if self._measured is None or not _alike(size, self._measured[0]):
                found = [nearness(self._rank(question)) for question in QUESTIONS]
                usual = float(np.median(found))
                spread = _NORMAL * float(np.median(np.abs(np.array(found) - usual)))
                self._measured = size, Chance(usual, max(spread, _LEAST_SPREAD))
            return self._measured[1]


def _alike(size: int, known: int) -> bool:
    return known / _GROWTH <= size <= known * _GROWTH
