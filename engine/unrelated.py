"""How near the passages of a library come to questions that it says nothing about.

The nearest passage is always somewhere, even for a question that nothing answers. How near it
comes by chance depends on the embedder and on the library: it is measured by asking everyday
questions on many subjects. A library that happens to be about some of them does not matter,
since the floor is what four fifths of the answers stay below.
"""

from __future__ import annotations

import threading

import numpy as np

from engine.models.embedder import Embedder
from engine.store import Store

QUESTIONS = (
    "How do I train a puppy to sit?",
    "a recipe for pancakes without eggs",
    "Who won the football world cup?",
    "knitting pattern for a baby's hat",
    "the best pizza in Naples",
    "How is a bicycle tyre changed?",
    "lyrics of a love song",
    "opening moves in chess",
    "When do apple trees blossom?",
    "symptoms of scarlet fever in toddlers",
    "What is the capital of Mongolia?",
    "a list in a programming language",
    "history of the Byzantine empire",
    "How far away is the moon?",
    "cheap flights at Easter",
    "xyzzy plugh frobnicate",
)
_SHARE = 0.8
_FEWEST = 200  # passages: with fewer, what is nearest by chance is not near
_GROWTH = 1.5


class Unrelated:
    """Measured at the first search, in some ten milliseconds a question, and again when the
    library has grown by half."""

    def __init__(self, store: Store, embedder: Embedder) -> None:
        self._store = store
        self._embedder = embedder
        self._lock = threading.Lock()
        self._measured: tuple[str, int, float] | None = None

    def floor(self, embedder_id: int, fingerprint: str) -> float:
        """The cosine that chance reaches; -1 where there is too little to measure. Raises
        ``ChildError``."""
        size = self._store.vectors.made(embedder_id)
        if size < _FEWEST:
            return -1.0
        with self._lock:
            known = self._measured
            if known is None or known[0] != fingerprint or not _alike(size, known[1]):
                floor = self._measure(embedder_id, fingerprint)
                if floor is None:
                    return -1.0
                known = (fingerprint, size, floor)
                self._measured = known
            return known[2]

    def _measure(self, embedder_id: int, fingerprint: str) -> float | None:
        """Not to be cancelled: whoever is typing would cancel it again and again. None where
        another embedder has taken over meanwhile."""
        nearest = []
        for question in QUESTIONS:
            asked = self._embedder.query(question)
            if asked.facts.fingerprint != fingerprint:
                return None
            nearest += [c.score for c in self._store.search.semantic(embedder_id, asked.vector, 1)]
        return float(np.quantile(nearest, _SHARE)) if nearest else None


def _alike(size: int, known: int) -> bool:
    return known / _GROWTH <= size <= known * _GROWTH
