"""The best sentences for a question, found without a language model.

Sentences of the best pages are ranked by how much of the question's rare words they hold (idf,
stemmed), how much of them their neighbours and title hold with them ("it" may stand for what was
named just before), how near they are in meaning (the embedder's cosine), how well their page
ranked, and whether they hold what the question asks for: a time, a number, a name. Rows of a
table count as sentences. What nobody sees on the page is no quote.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from engine.answering.sought import Sought
from engine.answering.words import content_stems
from engine.answers import Citation
from engine.errors import CarrelError, ChildError
from engine.hidden import quotable
from engine.lexical import quoted
from engine.models.embedder import Embedder
from engine.passages import PATH_SEPARATOR
from engine.query import Query
from engine.records import Box, Hit
from engine.sentences import sentences
from engine.store.documents import Documents
from engine.store.keywords import Keywords
from engine.workers import CancelToken

_ROW_END = re.compile(r"[\d)%—–-]\s*$")
_SHORTEST = 20
_LONGEST_ROWS = 240


@dataclass(frozen=True, slots=True)
class Weights:
    """Shares of the kinds of evidence, found on questions about encyclopedia articles by leaving
    half of the articles out in turn; see ``tests/benchmarks/answers.py``."""

    words: float = 0.25
    near: float = 0.20
    meaning: float = 0.50
    page: float = 0.20
    sought: float = 0.05


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


@dataclass(frozen=True, slots=True)
class _Found:
    """A sentence with its evidence so far; ``base`` is all of it but the meaning."""

    sentence: Sentence
    base: float


class QuoteFinder:
    """Ranks sentences. ``pages`` hits are looked into, ``reach`` characters around the passage
    that was found, and ``embedded`` sentences at most are given to the embedder: that is what can
    be had within the time a person waits."""

    def __init__(
        self,
        keywords: Keywords,
        documents: Documents,
        embedder: Embedder,
        *,
        weights: Weights | None = None,
        pages: int = 8,
        reach: int = 2500,
        embedded: int = 16,
    ) -> None:
        self._keywords = keywords
        self._documents = documents
        self._embedder = embedder
        self._weights = weights or Weights()
        self._pages = pages
        self._reach = reach
        self._embedded = embedded

    def rank(
        self, question: str, hits: Sequence[Hit], cancel: CancelToken | None = None
    ) -> list[Sentence]:
        """Sentences of the best pages, best first; each text once."""
        idf = self._idf(question)
        sought = Sought.of(question)
        best = max((hit.score for hit in hits), default=1.0) or 1.0
        found: dict[str, _Found] = {}
        for hit in hits[: self._pages]:
            for item in self._of_page(hit, idf, sought, hit.score / best):
                found.setdefault(" ".join(item.sentence.text.split()), item)
        ordered = sorted(found.values(), key=lambda item: -item.base)
        return self._by_meaning(question, ordered, cancel)

    def _of_page(
        self, hit: Hit, idf: Mapping[str, float], sought: Sought, page: float
    ) -> Iterator[_Found]:
        text, at = self._around(hit)
        hidden = self._documents.hidden(hit.document_id, hit.page)
        shown = [
            (at + a + start, at + a + end)
            for a, b in quotable(text, hidden, at)
            for start, end in units(text[a:b])
        ]
        stems = [frozenset(content_stems(text[a - at : b - at])) for a, b in shown]
        named = frozenset(content_stems(f"{hit.title} {hit.heading}"))
        headings = {hit.title, *hit.heading.split(PATH_SEPARATOR)}
        weights = self._weights
        for n, (start, end) in enumerate(shown):
            quote = text[start - at : end - at]
            if not stems[n] or " ".join(quote.split()) in headings:
                continue
            words = _covered(idf, stems[n])
            near = _covered(idf, frozenset().union(*stems[max(0, n - 1) : n + 2], named))
            base = weights.words * words + weights.near * near + weights.page * page
            base += weights.sought * sought.found_in(quote)
            yield _Found(Sentence(hit, start, end, quote, words), base)

    def _around(self, hit: Hit) -> tuple[str, int]:
        """The text of the hit's page near its passage, and where that begins; whole lines."""
        try:
            text = self._documents.page(hit.document_id, hit.page).text
        except CarrelError:  # the document went since it was found
            return hit.text, hit.start
        start, end = max(0, hit.start - self._reach), min(len(text), hit.end + self._reach)
        if start:
            start = text.rfind("\n", start, hit.start) + 1 or hit.start
        if end < len(text):
            end = max(text.find("\n", hit.end, end), hit.end)
        return text[start:end], start

    def _by_meaning(
        self, question: str, ordered: list[_Found], cancel: CancelToken | None
    ) -> list[Sentence]:
        weights = self._weights
        without = 1.0 - weights.meaning
        plain = [replace(item.sentence, score=item.base / without) for item in ordered]
        if not self._embedder.ready or not ordered:
            return plain
        head = ordered[: self._embedded]
        try:
            asked = self._embedder.query(question, cancel).vector
            vectors = self._embedder.embed([item.sentence.text for item in head], cancel)
        except ChildError:
            return plain
        again = []
        for item, cosine in zip(head, (vectors @ asked).tolist(), strict=True):
            score = item.base + weights.meaning * cosine
            again.append(replace(item.sentence, meaning=cosine, score=score))
        return sorted(again, key=lambda s: -s.score) + plain[self._embedded :]

    def _idf(self, question: str) -> dict[str, float]:
        terms = Query.parse(question).terms
        found = self._keywords.frequencies([quoted(term) for term in terms])
        idf: dict[str, float] = {}
        for term in terms:
            weight = math.log(1.0 + (found.rows + 0.5) / (found.of[quoted(term)] + 0.5))
            for stem in content_stems(term) or [term]:
                idf[stem] = max(weight, idf.get(stem, 0.0))
        return idf


def _covered(idf: Mapping[str, float], stems: frozenset[str]) -> float:
    """The share of the question's words, by weight, that is among the stems."""
    total = sum(idf.values())
    return sum(weight for stem, weight in idf.items() if stem in stems) / total if total else 0.0


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
