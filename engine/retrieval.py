"""The right page: keyword and semantic candidates, fused, one hit a page.

Fusion is weighted reciprocal rank fusion (Cormack, Clarke, Büttcher: "Reciprocal Rank Fusion
outperforms Condorcet and individual Rank Learning Methods", SIGIR 2009), with a small constant:
on long documents the first ranks mean more than on the short ones it was found for. Passages of
one page are one hit, and the best of them stands for the page.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from engine.errors import CarrelError, ChildError
from engine.layout import Layout
from engine.models.embedder import Embedder
from engine.query import Query
from engine.records import Box, DocumentState, Hit, Scope, SearchMode, SearchResult
from engine.scoping import Scoped, Scoping
from engine.store import Store
from engine.store.search import MOST_NEIGHBOURS, Candidate, StoredPassage
from engine.workers import CancelToken

MAX_LIMIT = 1000


@dataclass(frozen=True, slots=True)
class Tuning:
    """What was measured to work best; see ``tests/benchmarks``."""

    candidates: int = 200
    rank_constant: float = 10.0
    keyword_weight: float = 1.0
    semantic_weight: float = 1.0
    title_weight: float = 3.0
    heading_weight: float = 0.5
    body_weight: float = 1.0


@dataclass(frozen=True, slots=True)
class _Found:
    passage_id: int
    score: float
    found_by: tuple[str, ...]


class Retriever:
    """Searches one store. Safe from several threads."""

    def __init__(self, store: Store, embedder: Embedder, tuning: Tuning | None = None) -> None:
        self._store = store
        self._scoping = Scoping(store)
        self._embedder = embedder
        self._tuning = tuning or Tuning()

    def search(
        self,
        query: str,
        *,
        limit: int = 20,
        mode: SearchMode = SearchMode.HYBRID,
        scope: Scope | None = None,
        hurried: bool = False,
        cancel: CancelToken | None = None,
    ) -> SearchResult:
        """At most ``limit`` hits, best first; the query's operators narrow ``scope``.

        ``hurried`` is for a person who is still typing: the last word may be unfinished, and
        an embedder that is still starting is not waited for. Raises ``CarrelError`` for a query
        that cannot be run.
        """
        started = time.perf_counter()
        if not 1 <= limit <= MAX_LIMIT:
            raise CarrelError(f"The number of hits must be between 1 and {MAX_LIMIT}.")
        token = cancel or CancelToken()
        scoped = self.scoped(query, scope)
        parsed, documents = scoped.query, scoped.documents
        rankings: dict[str, list[Candidate]] = {}
        notices = [scoped.notice]
        if mode is not SearchMode.SEMANTIC:
            rankings["keyword"] = self._keyword(parsed, limit, documents, hurried=hurried)
            token.check()
        if mode is not SearchMode.KEYWORD:
            try:
                if hurried and not self._embedder.ready:
                    notices.append(
                        "Search by meaning is still starting; these were found by words."
                    )
                else:
                    rankings["semantic"] = self._semantic(parsed, limit, documents, token)
            except ChildError as error:
                if mode is SearchMode.SEMANTIC:
                    raise
                notices.append(f"Search by meaning does not work right now: {error}")
        token.check()
        hits = tuple(self._hits(self._fused(rankings), limit))
        return SearchResult(
            query,
            mode,
            hits,
            round((time.perf_counter() - started) * 1000, 2),
            " ".join(filter(None, notices)),
            parsed.text,
            None if hits else self._scoping.coverage(scoped),
        )

    def scoped(self, query: str, scope: Scope | None = None) -> Scoped:
        """What to look for, and in which documents."""
        return self._scoping.resolve(query, scope or Scope())

    def states(self, scoped: Scoped) -> Mapping[DocumentState, int]:
        """How many of the documents in scope are in each state."""
        return self._scoping.states(scoped)

    # --- candidates -------------------------------------------------------------------------

    def _keyword(
        self, query: Query, limit: int, documents: Collection[int] | None, *, hurried: bool
    ) -> list[Candidate]:
        match = query.prefix_match() if hurried else query.match()
        if not match:
            return []
        tuning = self._tuning
        return self._store.search.keyword(
            match,
            max(tuning.candidates, 5 * limit),
            documents,
            (tuning.title_weight, tuning.heading_weight, tuning.body_weight),
        )

    def _semantic(
        self, query: Query, limit: int, documents: Collection[int] | None, token: CancelToken
    ) -> list[Candidate]:
        if not query.text:
            return []
        facts = self._embedder.facts(token)
        vector = self._embedder.embed([query.text], urgent=True, cancel=token)[0]
        embedder_id = self._store.vectors.embedder_id(
            facts.fingerprint, facts.name, facts.dimension
        )
        depth = max(self._tuning.candidates, 5 * limit)
        if not query.phrases and not query.excluded:
            return self._store.search.semantic(embedder_id, vector, depth, documents)
        # what was put in quotation marks must be there, however near the rest is in meaning
        found = self._store.search.semantic(embedder_id, vector, MOST_NEIGHBOURS, documents)
        wanted = {candidate.passage_id for candidate in found}
        if query.phrases:
            wanted = self._store.search.holding(query.required(), list(wanted))
        if query.excluded:
            wanted -= self._store.search.holding(query.unwanted(), list(wanted))
        return [candidate for candidate in found if candidate.passage_id in wanted][:depth]

    # --- fusion -----------------------------------------------------------------------------

    def _fused(self, rankings: dict[str, list[Candidate]]) -> list[_Found]:
        tuning = self._tuning
        weights = {"keyword": tuning.keyword_weight, "semantic": tuning.semantic_weight}
        scores: dict[int, float] = defaultdict(float)
        found_by: dict[int, list[str]] = defaultdict(list)
        for name, ranking in rankings.items():
            for rank, candidate in enumerate(ranking, 1):
                scores[candidate.passage_id] += weights[name] / (tuning.rank_constant + rank)
                found_by[candidate.passage_id].append(name)
        ordered = sorted(scores, key=lambda passage_id: (-scores[passage_id], passage_id))
        return [_Found(i, scores[i], tuple(found_by[i])) for i in ordered]

    def _hits(self, found: Sequence[_Found], limit: int) -> Iterable[Hit]:
        passages = self._store.search.passages([item.passage_id for item in found])
        pages: dict[tuple[int, int], list[_Found]] = defaultdict(list)
        for item in found:
            passage = passages.get(item.passage_id)
            if passage is not None:  # else its document was removed a moment ago
                pages[passage.document_id, passage.page].append(item)
        return [
            self._hit(rank, group, passages[group[0].passage_id])
            for rank, group in enumerate(list(pages.values())[:limit], 1)
        ]

    def _hit(self, rank: int, group: list[_Found], passage: StoredPassage) -> Hit:
        searches = {name for item in group for name in item.found_by}
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
            score=round(group[0].score, 6),
            found_by=tuple(name for name in ("keyword", "semantic") if name in searches),
            boxes=self.boxes(passage.document_id, passage.page, passage.start, passage.end),
        )

    def boxes(self, document_id: int, page: int, start: int, end: int) -> tuple[Box, ...]:
        """Boxes of a span, in points; none where the format has no geometry."""
        return Layout.decode(self._store.search.layout(document_id, page)).boxes_for(start, end)
