"""The best sentences for a question, found without a language model.

Sentences of the best pages are ranked by how much of the question's rare words they hold (idf,
stemmed; half for a word that only their passage holds, since "it" may stand for it), how near
they are in meaning (the embedder's cosine), and how well their page ranked. Rows of a table
count as sentences.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from engine.answering.words import content_stems
from engine.answers import Citation
from engine.errors import ChildError
from engine.lexical import quoted
from engine.models.embedder import Embedder
from engine.passages import PATH_SEPARATOR
from engine.query import Query
from engine.records import Box, Hit
from engine.sentences import sentences
from engine.store.keywords import Keywords
from engine.workers import CancelToken

_ROW_END = re.compile(r"[\d)%—–-]\s*$")
_SHORTEST = 20
_LONGEST_ROWS = 240


@dataclass(frozen=True, slots=True)
class Weights:
    """Shares of the three kinds of evidence; see ``tests/benchmarks``."""

    words: float = 0.35
    meaning: float = 0.50
    page: float = 0.20


@dataclass(frozen=True, slots=True)
class Sentence:
    """A span of a hit's page: ``page.text[start:end] == text``. Scores are between 0 and 1;
    ``meaning`` is None where the embedder was not asked."""

    hit: Hit
    start: int
    end: int
    text: str
    words: float = 0.0
    meaning: float | None = None
    score: float = 0.0

    def cited(self, n: int, boxes: Callable[[int, int, int, int], tuple[Box, ...]]) -> Citation:
        hit = self.hit
        return Citation(
            n=n,
            document_id=hit.document_id,
            document=hit.document,
            title=hit.title,
            page=hit.page,
            label=hit.label,
            start=self.start,
            end=self.end,
            quote=self.text,
            boxes=boxes(hit.document_id, hit.page, self.start, self.end),
        )


class QuoteFinder:
    """Ranks sentences. ``pages`` hits are looked into and ``embedded`` sentences at most are
    given to the embedder: that is what can be had within the time a person waits."""

    def __init__(
        self,
        keywords: Keywords,
        embedder: Embedder,
        *,
        weights: Weights | None = None,
        pages: int = 8,
        embedded: int = 12,
    ) -> None:
        self._keywords = keywords
        self._embedder = embedder
        self._weights = weights or Weights()
        self._pages = pages
        self._embedded = embedded

    def rank(
        self, question: str, hits: Sequence[Hit], cancel: CancelToken | None = None
    ) -> list[Sentence]:
        """Sentences of the best hits, best first; each text once."""
        idf = self._idf(question)
        total = sum(idf.values()) or 1.0
        best = max((hit.score for hit in hits), default=1.0) or 1.0
        ranked: dict[str, Sentence] = {}
        for hit in hits[: self._pages]:
            headings = {hit.title, *hit.heading.split(PATH_SEPARATOR)}
            around = set(content_stems(f"{hit.title} {hit.text}"))
            for start, end in units(hit.text):
                text = hit.text[start:end]
                key = " ".join(text.split())
                if key in ranked or key in headings:
                    continue
                inside = set(content_stems(text))
                if not inside:
                    continue
                words = sum(
                    weight * (1.0 if stem in inside else 0.5)
                    for stem, weight in idf.items()
                    if stem in around
                )
                sentence = Sentence(hit, hit.start + start, hit.start + end, text, words / total)
                ranked[key] = self._scored(sentence, hit.score / best)
        ordered = sorted(ranked.values(), key=lambda s: -s.score)
        return self._by_meaning(question, ordered, best, cancel)

    def _by_meaning(
        self,
        question: str,
        ordered: list[Sentence],
        best: float,
        cancel: CancelToken | None,
    ) -> list[Sentence]:
        if not self._embedder.ready or not ordered:
            return ordered
        head, tail = ordered[: self._embedded], ordered[self._embedded :]
        try:
            asked = self._embedder.query(question, cancel).vector
            vectors = self._embedder.embed([sentence.text for sentence in head], cancel)
        except ChildError:
            return ordered
        cosines = vectors @ asked
        again = [
            self._scored(sentence, sentence.hit.score / best, float(cosine))
            for sentence, cosine in zip(head, cosines, strict=True)
        ]
        return sorted(again, key=lambda s: -s.score) + tail

    def _scored(self, sentence: Sentence, page: float, meaning: float | None = None) -> Sentence:
        weights = self._weights
        score = weights.words * sentence.words + weights.page * page
        if meaning is None:
            score /= weights.words + weights.page
        else:
            score += weights.meaning * meaning
        return Sentence(
            sentence.hit,
            sentence.start,
            sentence.end,
            sentence.text,
            sentence.words,
            meaning,
            score,
        )

    def _idf(self, question: str) -> dict[str, float]:
        terms = Query.parse(question).terms
        found = self._keywords.frequencies([quoted(term) for term in terms])
        idf: dict[str, float] = {}
        for term in terms:
            weight = math.log(1.0 + (found.rows + 0.5) / (found.of[quoted(term)] + 0.5))
            for stem in content_stems(term) or [term]:
                idf[stem] = max(weight, idf.get(stem, 0.0))
        return idf


def units(text: str) -> Iterator[tuple[int, int]]:
    """Spans of the sentences of a passage; a stretch of table rows gives its rows."""
    for start, end in sentences(text):
        rows = _rows(text, start, end)
        if rows:
            yield from rows
        elif end - start >= _SHORTEST:
            yield start, end


def _rows(text: str, start: int, end: int) -> list[tuple[int, int]]:
    lines = []
    at = start
    for line in text[start:end].split("\n"):
        if line.strip():
            offset = at + len(line) - len(line.lstrip())
            lines.append((offset, at + len(line.rstrip())))
        at += len(line) + 1
    figures = sum(bool(_ROW_END.search(text[a:b])) for a, b in lines)
    if len(lines) < 3 or figures < 0.5 * len(lines):
        return []
    return [(a, b) for a, b in lines if b - a >= _SHORTEST and b - a <= _LONGEST_ROWS]
