"""From evidence to an order of pages: keywords, meaning and the document's name, on one scale.

Each kind of evidence is a share of what a perfect page would have, so that weak evidence stays
weak where ranks would make it strong:

- keyword: BM25 (Robertson, Zaragoza, "The Probabilistic Relevance Framework", 2009) divided by
  what a page would score that is full of every word of the query;
- meaning: the cosine of the page's best passage, and that of the page as a whole (the mean of
  its passages);
- name: the same share as for keywords, of the words of the document's path.

The sum is a convex combination (Bruch, Gai, Ingber, "An Analysis of Fusion Functions for Hybrid
Retrieval", 2023), which beat reciprocal rank fusion on every set of ``make bench``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from engine.store.keywords import Frequencies
from engine.store.search import PagePassages

_SATURATED = 2.2  # BM25's factor for a word that fills the page, with FTS5's k1 of 1.2
_CUT = 0.5  # of the last listed page's BM25: what a page beyond the list is taken to have


Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Weights:
    """What was measured to work best; see ``tests/benchmarks/quality.py``. The query follows the
    ``agreeing`` best pages where they are of as many documents; 0 is never."""

    keyword: float = 1.0
    best: float = 0.55
    whole: float = 0.55
    name: float = 0.4
    agreeing: int = 3


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the searches found. ``words`` and ``names`` are shares from 0 to 1 by page and by
    document; ``unlisted`` is the share of pages that ``words`` has no room for; ``near`` are the
    pages of the nearest passages and ``vector`` the query, None where meaning was not asked."""

    words: Mapping[int, float] = field(default_factory=dict)
    unlisted: float = 0.0
    names: Mapping[int, float] = field(default_factory=dict)
    near: frozenset[int] = frozenset()
    vector: Floats | None = None


@dataclass(frozen=True, slots=True)
class RankedPage:
    """A page with its score, its passages (ids) and their cosines, zero where unknown."""

    page_id: int
    score: float
    passages: tuple[int, ...]
    cosines: tuple[float, ...]


def shares(scored: list[tuple[int, float]], ideal: float) -> dict[int, float]:
    """BM25 as a share of the ideal score."""
    return {row: score / ideal for row, score in scored} if ideal > 0 else {}


def ideal_score(frequencies: Frequencies) -> float:
    """The BM25 of a page full of every expression."""
    return _SATURATED * sum(weight(frequencies, each) for each in frequencies.of)


def weight(frequencies: Frequencies, expression: str) -> float:
    """The inverse document frequency of an expression; 0 where nothing holds it."""
    held = frequencies.of[expression]
    rows = max(frequencies.rows, held)
    return math.log(1.0 + (rows - held + 0.5) / (held + 0.5)) if held else 0.0


def unlisted_share(words: Mapping[int, float], depth: int) -> float:
    """What a page has that is not among the ``depth`` best by keywords."""
    return _CUT * min(words.values()) if len(words) >= depth else 0.0


def ranked(found: PagePassages, evidence: Evidence, weights: Weights) -> list[RankedPage]:
    """The pages of ``found``, best first."""
    if not len(found.pages):
        return []
    starts = np.flatnonzero(np.r_[True, found.pages[1:] != found.pages[:-1]])
    pages, documents = found.pages[starts], found.documents[starts]
    keyword = [evidence.words.get(page, evidence.unlisted) for page in pages.tolist()]
    name = [evidence.names.get(document, 0.0) for document in documents.tolist()]
    score = weights.keyword * np.array(keyword) + weights.name * np.array(name)
    cosines = np.zeros(len(found.pages), np.float32)
    if evidence.vector is not None and found.vectors.size:
        cosines = found.vectors @ evidence.vector
        whole = _whole_pages(found.vectors, starts)
        known = whole.any(axis=1)
        if known.any():
            best = np.maximum.reduceat(cosines, starts)
            meaning = weights.best * best + weights.whole * (whole @ evidence.vector)
            # pages that have no vector yet count as the middle of those that have
            score = score + np.where(known, meaning, np.median(meaning[known]))
            score = score + weights.whole * (
                whole @ _feedback(evidence.vector, whole, score, documents, weights.agreeing)
            )
    ends = [*starts[1:].tolist(), len(found.pages)]
    order = np.lexsort((pages, -score))
    return [
        RankedPage(
            int(pages[at]),
            float(score[at]),
            tuple(found.passages[starts[at] : ends[at]].tolist()),
            tuple(cosines[starts[at] : ends[at]].tolist()),
        )
        for at in order
    ]


def _whole_pages(vectors: Floats, starts: NDArray[np.intp]) -> Floats:
    """The mean of each page's passages, of unit length; zeros where none has a vector."""
    sums = np.add.reduceat(vectors, starts, axis=0)
    lengths = np.linalg.norm(sums, axis=1, keepdims=True)
    return (sums / np.where(lengths > 0, lengths, 1.0)).astype(np.float32)


def _feedback(
    vector: Floats,
    whole: Floats,
    score: NDArray[np.float64],
    documents: NDArray[np.int64],
    agreeing: int,
) -> Floats:
    """What the query's vector moves by, towards the best pages (Rocchio, "Relevance Feedback in
    Information Retrieval", 1971), where several documents agree on what is meant. Where one
    document holds the best pages, its other pages would only be drawn in."""
    best = np.argsort(-score)[:agreeing]
    if not agreeing or len(set(documents[best].tolist())) < agreeing:
        return np.zeros_like(vector)
    moved = vector + whole[best].mean(axis=0)
    return np.asarray(moved / max(float(np.linalg.norm(moved)), 1e-9) - vector)
