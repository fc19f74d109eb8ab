"""The right page: candidates by keywords and by meaning, weighed together, one hit a page.

Candidates are pages: those with the best BM25, and those of the nearest passages. For all of
them both kinds of evidence are then completed (``engine.fusion``), so that a page that one
search missed is not punished for it. The page's best passage is what a hit shows. A reranker
(a cross-encoder that reads query and passage together), where the person has added one, puts
the first of them in order anew.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import CancelledError as FutureCancelledError
from concurrent.futures import Future, wait
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from engine import lexical
from engine.errors import CancelledError, CarrelError, ChildError
from engine.fusion import (
    Evidence,
    RankedPage,
    Weights,
    ideal_score,
    ranked,
    shares,
    unlisted_share,
)
from engine.layout import Layout
from engine.models.embedder import Embedder, Reranker
from engine.query import Query
from engine.question import Question
from engine.records import Box, DocumentState, Hit, Scope, SearchMode, SearchResult
from engine.scoping import Scoped, Scoping
from engine.store import Store
from engine.store.keywords import Frequencies
from engine.store.search import MOST_NEIGHBOURS, StoredPassage
from engine.unrelated import Unrelated
from engine.workers import CancelToken, Lane

MAX_LIMIT = 1000
_MORE = 8
_SHOWABLE = 4


@dataclass(frozen=True, slots=True)
class Tuning:
    """Depths, bounds and weights; see ``tests/benchmarks``.

    ``listed`` pages are asked of the keyword index and ``looked_at`` of them compared by meaning;
    ``near`` passages are asked of the vectors. ``rows`` bounds how many rows one keyword query
    scores: the commonest words are left out first. ``reranked`` pages are given to a reranker.
    """

    listed: int = 400
    looked_at: int = 60
    near: int = 80
    named: int = 200
    rows: int = 16_000
    reranked: int = 20
    weights: Weights = field(default_factory=Weights)
    title_weight: float = 1.0
    heading_weight: float = 1.0
    body_weight: float = 1.0


@dataclass(frozen=True, slots=True)
class _Near:
    """The pages of the nearest passages, the query's vector, and whose it is."""

    pages: frozenset[int] = frozenset()
    vector: NDArray[np.float32] | None = None
    embedder_id: int | None = None


@dataclass(frozen=True, slots=True)
class _Sought:
    """Beginnings of words, and phrases, in plain lower case."""

    stems: tuple[str, ...]
    phrases: tuple[str, ...]

    def held(self, text: str, cosine: float) -> tuple[int, float]:
        """How many phrases a text holds; and how much of the rest, with its nearness."""
        stems = sum(each in text for each in self.stems) / max(len(self.stems), 1)
        return sum(each in text for each in self.phrases), stems + cosine


class Retriever:
    """Searches one store. Safe from several threads."""

    def __init__(
        self,
        store: Store,
        embedder: Embedder,
        tuning: Tuning | None = None,
        reranker: Reranker | None = None,
    ) -> None:
        self._store = store
        self._scoping = Scoping(store)
        self._embedder = embedder
        self._reranker = reranker
        self._unrelated = Unrelated(store, embedder)
        self._asking = Lane("query")
        self._tuning = tuning or Tuning()

    def use_reranker(self, reranker: Reranker | None) -> None:
        """Another one, or none, from the next search on."""
        self._reranker = reranker

    def search(
        self,
        query: str,
        *,
        limit: int = 20,
        mode: SearchMode = SearchMode.HYBRID,
        scope: Scope | None = None,
        hurried: bool = False,
        rerank: bool = True,
        cancel: CancelToken | None = None,
    ) -> SearchResult:
        """At most ``limit`` hits, best first; the query's operators narrow ``scope``.

        ``hurried`` is for a person who is still typing: the last word may be unfinished, and
        an embedder that is still starting is not waited for. ``rerank`` lets the reranker, if there
        is one, have the last word. Raises ``CarrelError`` for a query
        that cannot be run.
        """
        started = time.perf_counter()
        if not 1 <= limit <= MAX_LIMIT:
            raise CarrelError(f"The number of hits must be between 1 and {MAX_LIMIT}.")
        token = cancel or CancelToken()
        scoped = self.scoped(query, scope)
        question = Question.of(scoped.query)
        notices = [scoped.notice]
        evidence, embedder_id = Evidence(), None
        depth = max(self._tuning.near, 5 * limit)
        # without a single vector the question's own is not worth an embedder's first start
        known = bool(self._store.vectors.embedders())
        by_meaning = mode is SearchMode.SEMANTIC or (mode is SearchMode.HYBRID and known)
        starting = by_meaning and hurried and not self._embedder.ready
        asking = None
        if by_meaning and not starting and question.text:
            # at the same time as the search by words
            asking = self._submitted(scoped, question, depth, mode, token)
        if mode is not SearchMode.SEMANTIC:
            # one word that is everywhere can be left to its meaning, if that is known
            bounded = asking is not None and known
            evidence = self._by_words(scoped, question, limit, bounded=bounded, hurried=hurried)
            token.check()
        if starting:
            notices.append("Search by meaning is still starting: only words were looked for.")
        if asking is not None:
            try:
                near = _finished(asking, token)
                embedder_id = near.embedder_id
                evidence = replace(evidence, near=near.pages, vector=near.vector)
            except ChildError as error:
                if mode is SearchMode.SEMANTIC:
                    raise
                notices.append(f"Search by meaning does not work right now: {error}")
        token.check()
        sought = _Sought(_stems(question.terms), tuple(map(_plain, scoped.query.phrases)))
        pages = self._shown(self._ranked(evidence, embedder_id, limit), sought, limit)
        reranker = self._reranker
        wanted = rerank and mode is SearchMode.HYBRID and not hurried
        if reranker is not None and wanted:
            try:
                pages = self._reranked(reranker, pages, question, token)
            except ChildError as error:
                notices.append(f"The reranker does not work right now: {error}")
        hits = tuple(
            self._hit(rank, page, passage, evidence)
            for rank, (page, passage) in enumerate(pages[:limit], 1)
        )
        return SearchResult(
            query,
            mode,
            hits,
            round((time.perf_counter() - started) * 1000, 2),
            " ".join(filter(None, notices)),
            scoped.query.text,
            None if hits else self._scoping.coverage(scoped),
        )

    def warm(self) -> None:
        """Do ahead of time what the first search would wait for."""
        token = CancelToken()
        fingerprint = self._embedder.facts(token).fingerprint
        number = self._store.vectors.known(fingerprint)
        if number is not None:
            self._store.warm()
            self._unrelated.floor(number, fingerprint)

    def close(self) -> None:
        self._asking.close()

    def scoped(self, query: str, scope: Scope | None = None) -> Scoped:
        """What to look for, and in which documents."""
        return self._scoping.resolve(query, scope or Scope())

    def states(self, scoped: Scoped) -> Mapping[DocumentState, int]:
        """How many of the documents in scope are in each state."""
        return self._scoping.states(scoped)

    # --- evidence ---------------------------------------------------------------------------

    def _by_words(
        self, scoped: Scoped, question: Question, limit: int, *, bounded: bool, hurried: bool
    ) -> Evidence:
        tuning, keywords = self._tuning, self._store.keywords
        wanted = scoped.query.unfinished() if hurried else ()
        wanted = wanted or _expressions(question.terms)
        # with nothing else to go by, or in few documents, more words pay
        affordable = tuning.rows * (1 if bounded and scoped.documents is None else _MORE)
        named = keywords.frequencies((*wanted, *_expressions(question.names)), "names")
        names = self._named(_affordable(named, tuning.rows))
        # neighbours written as one are words only where a document is called that
        joined = [each for each, held in named.of.items() if held and each not in wanted]
        frequencies = _affordable(keywords.frequencies((*wanted, *joined)), affordable)
        match = scoped.query.matching(tuple(frequencies.of))
        if not match:
            return Evidence()
        depth = max(tuning.listed, 5 * limit)
        if bounded and sum(frequencies.of.values()) > affordable:
            some = keywords.some(match, depth, scoped.documents)
            return Evidence(dict.fromkeys(some, 0.0), 0.0, names)
        pages = keywords.pages(
            match,
            depth,
            scoped.documents,
            (tuning.title_weight, tuning.heading_weight, tuning.body_weight),
        )
        # a phrase alone has no words to weigh: its BM25 is compared with the best
        ideal = ideal_score(frequencies) or max((score for _, score in pages), default=0.0)
        words = shares(pages, ideal)
        return Evidence(words, unlisted_share(words, depth), names)

    def _named(self, frequencies: Frequencies) -> dict[int, float]:
        if not frequencies.of:
            return {}
        match = " OR ".join(frequencies.of)
        documents = self._store.keywords.names(match, self._tuning.named)
        return shares(documents, ideal_score(frequencies))

    def _by_meaning(
        self, scoped: Scoped, question: Question, depth: int, mode: SearchMode, token: CancelToken
    ) -> _Near:
        asked = self._embedder.query(question.text, token)
        fingerprint = asked.facts.fingerprint
        embedder_id = self._store.vectors.known(fingerprint)
        if embedder_id is None:
            return _Near()
        search = self._store.search
        # what was put in quotation marks must be there, however near the rest is in meaning
        strict = bool(scoped.query.phrases or scoped.query.excluded)
        found = search.semantic(
            embedder_id, asked.vector, MOST_NEIGHBOURS if strict else depth, scoped.documents
        )
        if mode is SearchMode.HYBRID:  # who asks for meaning alone gets the nearest, however far
            floor = self._unrelated.floor(embedder_id, fingerprint)
            found = [candidate for candidate in found if candidate.score > floor]
        of = search.pages_of([candidate.passage_id for candidate in found])
        nearest = dict.fromkeys(of[c.passage_id] for c in found if c.passage_id in of)
        pages = self._meeting(scoped.query, list(nearest))[:depth] if strict else list(nearest)
        return _Near(frozenset(pages), asked.vector, embedder_id)

    def _submitted(
        self, scoped: Scoped, question: Question, depth: int, mode: SearchMode, token: CancelToken
    ) -> Future[_Near]:
        try:
            return self._asking.submit(self._by_meaning, scoped, question, depth, mode, token)
        except RuntimeError as error:  # the library was closed a moment ago
            raise CancelledError("Stopped.") from error

    def _meeting(self, query: Query, pages: list[int]) -> list[int]:
        """Those of the pages that hold the phrases and nothing that is excluded."""
        if query.phrases:
            holding = self._store.keywords.holding(query.required(), pages)
            pages = [page for page in pages if page in holding]
        if query.excluded:
            unwanted = self._store.keywords.holding(query.unwanted(), pages)
            pages = [page for page in pages if page not in unwanted]
        return pages

    # --- hits -------------------------------------------------------------------------------

    def _ranked(self, evidence: Evidence, embedder_id: int | None, limit: int) -> list[RankedPage]:
        weights = self._tuning.weights
        best = list(evidence.words)[: max(self._tuning.looked_at, limit)]
        pages = dict.fromkeys((*best, *evidence.near))
        found = self._store.search.of_pages(list(pages), embedder_id)
        return ranked(found, evidence, weights)

    def _shown(
        self, pages: Sequence[RankedPage], sought: _Sought, limit: int
    ) -> list[tuple[RankedPage, StoredPassage]]:
        """The first pages, each with the passage that holds most of what is sought."""
        if self._reranker is not None:
            limit = max(limit, self._tuning.reranked)
        pages = pages[:limit]
        texts = self._store.search.passages(
            [each for page in pages for each in _showable(page, sought)]
        )
        chosen = [(page, _best_passage(page, texts, sought)) for page in pages]
        # without one, its document was removed a moment ago
        return [(page, passage) for page, passage in chosen if passage is not None]

    def _reranked(
        self,
        reranker: Reranker,
        pages: list[tuple[RankedPage, StoredPassage]],
        question: Question,
        token: CancelToken,
    ) -> list[tuple[RankedPage, StoredPassage]]:
        """The first pages in the reranker's order, with scores that go on falling."""
        head, tail = pages[: self._tuning.reranked], pages[self._tuning.reranked :]
        if len(head) < 2:
            return pages
        scores = reranker.score(question.text, [passage.text for _, passage in head], token)
        order = sorted(range(len(head)), key=lambda at: (-scores[at], at))
        falling = [page.score for page, _ in head]
        return [
            (replace(head[at][0], score=score), head[at][1])
            for at, score in zip(order, falling, strict=True)
        ] + tail

    def _hit(self, rank: int, page: RankedPage, passage: StoredPassage, evidence: Evidence) -> Hit:
        searches = (("keyword", evidence.words), ("semantic", evidence.near))
        return Hit(
            rank=rank,
            passage_id=passage.id,
            document_id=passage.document_id,
            document=passage.document,
            title=passage.title,
            page=passage.page,
            label=passage.label,
            start=passage.start,
            end=passage.end,
            text=passage.text,
            heading=passage.heading,
            score=round(page.score, 6),
            found_by=tuple(name for name, pages in searches if page.page_id in pages),
            boxes=self.boxes(passage.document_id, passage.page, passage.start, passage.end),
        )

    def boxes(self, document_id: int, page: int, start: int, end: int) -> tuple[Box, ...]:
        """Boxes of a span, in points; none where the format has no geometry."""
        return Layout.decode(self._store.search.layout(document_id, page)).boxes_for(start, end)


def _expressions(words: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(e for word in words for e in lexical.expressions(word)))


def _stems(terms: Sequence[str]) -> tuple[str, ...]:
    """Beginnings that tell a word in its forms."""
    return tuple(term if len(term) < 5 else term[: max(4, len(term) - 2)] for term in terms)


def _showable(page: RankedPage, sought: _Sought) -> list[int]:
    """The passages of a page that may stand for it: all, or the nearest in meaning."""
    ordered = sorted(zip(page.cosines, page.passages, strict=True), reverse=True)
    some = any(cosine for cosine, _ in ordered) and not sought.phrases
    return [passage for _, passage in ordered[: _SHOWABLE if some else None]]


def _best_passage(
    page: RankedPage, texts: Mapping[int, StoredPassage], sought: _Sought
) -> StoredPassage | None:
    """The passage that holds the phrases, is nearest in meaning and holds most of the words."""
    best: tuple[tuple[int, float], StoredPassage] | None = None
    for number, cosine in zip(page.passages, page.cosines, strict=True):
        passage = texts.get(number)
        if passage is not None:
            score = sought.held(_plain(passage.text), cosine)
            if best is None or score > best[0]:
                best = score, passage
    return None if best is None else best[1]


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def _affordable(frequencies: Frequencies, most: int) -> Frequencies:
    """Without words that nothing holds, and without the commonest where there are too many rows
    to score."""
    chosen: dict[str, int] = {}
    rows = 0
    for expression, held in sorted(frequencies.of.items(), key=lambda item: item[1]):
        if held and (not chosen or rows + held <= most):
            chosen[expression] = held
            rows += held
    return replace(frequencies, of=chosen)


def _finished(asking: Future[_Near], token: CancelToken) -> _Near:
    """What the other thread found. Raises its errors, and ``CancelledError`` without waiting for
    it to end."""
    while not wait([asking], timeout=0.05).done:
        token.check()
    try:
        return asking.result()
    except FutureCancelledError as error:
        raise CancelledError("Stopped.") from error
