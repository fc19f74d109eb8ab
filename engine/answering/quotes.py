"""The best sentences for a question, found without a language model.

Sentences of the best pages are ranked by how much of the question's rare words they hold (idf,
stemmed), how much of them their neighbours and title hold with them ("it" may stand for what was
named just before), how little else they speak of (of two rows of a table, "Total revenue" is asked
for and not "Total revenue of segments"), how many words stand side by side as they do in the
question, how near they are in meaning (the embedder's cosine), how
well their page ranked, and whether they hold what the question asks for: a time, a number, a name.
Rows of a table count as sentences and are read under its heads. What nobody sees is no quote.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from engine.answering.cells import readings
from engine.answering.sought import Sought
from engine.answering.units import Unit, of_page
from engine.answering.words import content_stems
from engine.answers import Citation
from engine.errors import CarrelError, ChildError
from engine.lexical import quoted
from engine.models.embedder import Embedder
from engine.passages import PATH_SEPARATOR
from engine.query import Query
from engine.records import Block, Box, Hit, Page, PageState
from engine.store.documents import Documents
from engine.store.keywords import Keywords
from engine.workers import CancelToken


@dataclass(frozen=True, slots=True)
class Weights:
    """Shares of the kinds of evidence, found on questions about encyclopedia articles and filings
    by leaving half of them out in turn; see ``tests/benchmarks/answers.py``."""

    words: float = 0.256
    near: float = 0.043
    focus: float = 0.171
    pairs: float = 0.043
    meaning: float = 0.128
    page: float = 0.256
    rank: float = 0.085
    sought: float = 0.017


@dataclass(frozen=True, slots=True)
class Sentence:
    """A span of a hit's page: ``page.text[start:end] == text``. Scores are between 0 and 1;
    ``meaning`` is None where the embedder was not asked. ``context`` is what the row of a table
    needs to be understood; see :class:`engine.answering.units.Unit`. ``readings`` say what each of
    its figures is; see :mod:`engine.answering.cells`. ``said`` is what a model is told: the text,
    or the row with what makes it a sentence."""

    hit: Hit
    start: int
    end: int
    text: str
    words: float = 0.0
    meaning: float | None = None
    score: float = 0.0
    context: str = ""
    readings: tuple[str, ...] = ()
    reading: str = ""

    @property
    def place(self) -> tuple[int, int, int]:
        return self.hit.document_id, self.hit.page, self.start

    @property
    def said(self) -> str:
        return self.reading or (f"{self.context}: {self.text}" if self.context else self.text)

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
            context=self.reading or self.context,
        )


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the question asks: its words' weights by stem, all its stems, those that stand side by
    side, and the kind of thing."""

    idf: Mapping[str, float]
    stems: frozenset[str]
    pairs: frozenset[tuple[str, str]]
    sought: Sought

    @classmethod
    def of(cls, question: str, idf: Mapping[str, float]) -> _Asked:
        stems = content_stems(question)
        return cls(idf, frozenset(stems), frozenset(pairwise(stems)), Sought.of(question))

    def held_by(self, stems: frozenset[str]) -> float:
        """The share of the question's words, by weight, that is among the stems."""
        total = sum(self.idf.values())
        held = sum(weight for stem, weight in self.idf.items() if stem in stems)
        return held / total if total else 0.0

    def focus_of(self, stems: frozenset[str]) -> float:
        """The share of the stems, figures aside, that the question has."""
        words = {stem for stem in stems if not stem[0].isdigit()}
        return len(words & self.stems) / len(words) if words else 0.0

    def paired_in(self, *texts: Sequence[str]) -> float:
        """The share of the question's pairs that stand side by side in one of the texts (stems)."""
        held = {pair for text in texts for pair in pairwise(text)}
        return len(held & self.pairs) / len(self.pairs) if self.pairs else 0.0


@dataclass(frozen=True, slots=True)
class _Found:
    """A sentence with its evidence so far; ``base`` is all of it but the meaning."""

    sentence: Sentence
    base: float
    unit: Unit
    page: Page


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
        asked = _Asked.of(question, self._idf(question))
        best = max((hit.score for hit in hits), default=1.0) or 1.0
        found: dict[str, _Found] = {}
        for place, hit in enumerate(hits[: self._pages], 1):
            page = self._weights.page * hit.score / best + self._weights.rank / place
            for item in self._of_page(hit, asked, page):
                found.setdefault(" ".join(item.sentence.text.split()), item)
        ordered = sorted(found.values(), key=lambda item: -item.base)
        ranked = self._by_meaning(question, ordered, cancel)
        rows = {item.sentence.place: item for item in ordered if item.sentence.context}
        head = [
            _read(sentence, rows[sentence.place], asked) if sentence.context else sentence
            for sentence in ranked[: self._embedded]
        ]
        return head + ranked[self._embedded :]

    def _of_page(self, hit: Hit, asked: _Asked, page: float) -> Iterator[_Found]:
        source, shown = self._shown(hit)
        text = source.text
        said = [content_stems(text[unit.start : unit.end]) for unit in shown]
        around = [content_stems(unit.context) if unit.context else [] for unit in shown]
        own = list(map(frozenset, said))
        stems = [mine.union(more) for mine, more in zip(own, around, strict=True)]
        named = frozenset(content_stems(f"{hit.title} {hit.heading}"))
        headings = {hit.title, *hit.heading.split(PATH_SEPARATOR)}
        weights = self._weights
        for n, unit in enumerate(shown):
            quote = text[unit.start : unit.end]
            if not own[n] or " ".join(quote.split()) in headings:
                continue
            words = (asked.held_by(own[n]) + asked.held_by(stems[n])) / 2
            near = asked.held_by(frozenset().union(*stems[max(0, n - 1) : n + 2], named))
            base = weights.words * words + weights.near * near + page
            base += weights.focus * asked.focus_of(own[n])
            base += weights.pairs * asked.paired_in(said[n], around[n])
            base += weights.sought * asked.sought.found_in(quote)
            sentence = Sentence(hit, unit.start, unit.end, quote, words, context=unit.context)
            yield _Found(sentence, base, unit, source)

    def _shown(self, hit: Hit) -> tuple[Page, list[Unit]]:
        """The hit's page, and its units near the passage."""
        try:
            page = self._documents.page(hit.document_id, hit.page)
        except CarrelError:  # the document went since it was found
            page = Page(hit.page, hit.label, " " * hit.start + hit.text, PageState.TEXT)
        text = page.text
        start, end = max(0, hit.start - self._reach), min(len(text), hit.end + self._reach)
        if start:
            start = text.rfind("\n", start, hit.start) + 1 or hit.start
        if end < len(text):
            end = max(text.find("\n", hit.end, end), hit.end)

        def before(number: int) -> Page | None:
            try:
                return self._documents.page(hit.document_id, number) if number else None
            except CarrelError:
                return None

        return page, list(of_page(page, start, end, before))

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
            vectors = self._embedder.embed([_embedded(item.sentence) for item in head], cancel)
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


def _read(sentence: Sentence, found: _Found, asked: _Asked) -> Sentence:
    """A row with what its figures are, and the one of them that the question is about, if it can
    be told."""
    unit = found.unit
    told = readings(found.page, Block(unit.start, unit.end), unit.heads, unit.label)
    held = [asked.held_by(frozenset(content_stems(each))) for each in told]
    best = max(held, default=0.0)
    reading = told[held.index(best)] if held.count(best) == 1 else ""
    return replace(sentence, readings=told, reading=reading)


def _embedded(sentence: Sentence) -> str:
    """The sentence as the embedder reads it."""
    return f"{sentence.context}\n{sentence.text}" if sentence.context else sentence.text
