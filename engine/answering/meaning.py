"""How near claims come in meaning to what may bear them out.

Cosines are worth what the embedder makes of them: with one, any two sentences of a document are at
0.2, with another at 0.8. So each is measured from what a claim has in common with most of the
sources, 0, to being the same, 1.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

Embed = Callable[[Sequence[str]], NDArray[np.float32]]
"""Unit vectors of texts, a row for each."""

FEWEST = 4  # sources that tell what a claim has in common with any


def nearness(claims: Sequence[str], sources: Sequence[str], embed: Embed) -> NDArray[np.float32]:
    """(claims, sources), at most 1; all 0 where the sources are too few to tell."""
    if len(sources) < FEWEST:
        return np.zeros((len(claims), len(sources)), np.float32)
    vectors = embed([*claims, *sources])
    cosines = vectors[: len(claims)] @ vectors[len(claims) :].T
    usual = np.median(cosines, axis=1, keepdims=True)
    return np.asarray((cosines - usual) / np.maximum(1.0 - usual, 1e-6), np.float32)
