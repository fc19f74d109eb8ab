"""Is the right page found? Public collections with judged queries, and what each part of the
method contributes.

Baselines in the same run: FTS5's BM25 with its defaults over whole documents (porter stemming,
stop words left out), the embedder alone (a document is as near as its nearest passage), and
both joined by reciprocal ranks with the usual constant of 60.
"""

from __future__ import annotations

import contextlib
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar
from unittest import mock

import apsw
import numpy as np

from engine.fusion import Weights
from engine.library import Library
from engine.models.embedder import Embedder, QueryVector
from engine.query import Query
from engine.question import Question
from engine.records import Hit, SearchMode
from engine.retrieval import Retriever, Tuning
from engine.store import Store
from engine.workers import CancelToken
from tests.benchmarks import collections as judged
from tests.benchmarks.collections import Judged, Place, Topic
from tests.benchmarks.data import bench_data
from tests.benchmarks.metrics import ndcg
from tests.benchmarks.tables import show

_DEPTH = 10
_LIST = 100
_RANK_CONSTANT = 60
_LANGUAGES = ("en", "de", "ar", "zh")

Ranking = Sequence[str]
Unit = TypeVar("Unit")
Search = Callable[[str], Sequence[Hit]]


@dataclass(frozen=True, slots=True)
class Variant:
    """A way to search; ``plain`` takes the query as it stands, instructions and all."""

    name: str
    tuning: Tuning
    mode: SearchMode = SearchMode.HYBRID
    plain: bool = False


def variants() -> list[Variant]:
    whole = Tuning()
    weights = whole.weights
    best_only = replace(whole, weights=Weights(best=weights.best + weights.whole, whole=0.0))
    return [
        Variant("all of it", whole),
        Variant("keyword alone", whole, SearchMode.KEYWORD),
        Variant("semantic alone", whole, SearchMode.SEMANTIC),
        Variant("without the page as a whole", best_only),
        Variant("without names", replace(whole, weights=replace(weights, name=0.0))),
        Variant("without titles", replace(whole, title_weight=0.0)),
        Variant("without headings", replace(whole, heading_weight=0.0)),
        Variant("without understanding the question", whole, plain=True),
        Variant(
            "without following the best pages", replace(whole, weights=replace(weights, agreeing=0))
        ),
        Variant("without the commonest words", replace(whole, rows=2_000)),
        Variant("300 pages compared", replace(whole, looked_at=300, near=300)),
        Variant("30 pages compared", replace(whole, looked_at=30, near=40)),
    ]


def main() -> int:
    data = bench_data()
    if data is None:
        print("quality: skipped, there is no benchmark data")
        return 0
    with tempfile.TemporaryDirectory(prefix="carrel-bench-") as name:
        place = Path(name)
        rows = []
        for number, language in enumerate(_LANGUAGES):
            collection = judged.xquad(data, place / f"xquad-{number}", language)
            rows.append(_languages_row(collection, place))
        show(
            "Right paragraph among the first five by keywords, XQuAD",
            ("language", "FTS5 as it comes", "Carrel", "to English"),
            [
                (name, f"{naive:.3f}", f"{ours:.3f}", f"{100 * (ours - rows[0][2]):+.1f} points")
                for name, naive, ours in rows
            ],
        )
        for read in (judged.cranfield, judged.scifact):
            collection = read(data, place / read.__name__)
            _show_collection(collection, place)
    return 0


# --- abstracts -----------------------------------------------------------------------------


def _show_collection(collection: Judged, place: Path) -> None:
    with opened(collection.folder, place, embed=True) as (store, embedder):

        def score(rank: Callable[[str], Ranking]) -> float:
            found = [ndcg(rank(t.query), t.documents, _DEPTH) for t in collection.topics]
            return sum(found) / len(found)

        naive = naive_keyword(collection.texts)
        meaning = searching(store, embedder, _embedder_alone())
        nearest = {t.query: _documents(meaning(t.query)) for t in collection.topics}
        base = score(naive)
        rows = [
            ("BM25 alone (FTS5)", f"{base:.4f}", ""),
            ("embedder alone", f"{(value := score(nearest.__getitem__)):.4f}", _to(base, value)),
        ]
        value = score(lambda query: reciprocal_ranks(naive(query), nearest[query]))
        rows.append(("both by reciprocal ranks", f"{value:.4f}", _to(base, value)))
        for variant in variants():
            search = searching(store, embedder, variant)
            value = score(lambda query, search=search: _documents(search(query)))  # type: ignore[misc]
            rows.append((f"Carrel: {variant.name}", f"{value:.4f}", _to(base, value)))
    show(
        f"nDCG@10, {collection.name}, {len(collection.texts):,} documents, "
        f"{len(collection.topics)} queries",
        ("search", "nDCG@10", "to BM25"),
        rows,
    )


def _to(base: float, value: float) -> str:
    return f"{100 * (value - base):+.1f} points"


def _embedder_alone() -> Variant:
    return Variant("", Tuning(weights=Weights(best=1.0, whole=0.0)), SearchMode.SEMANTIC)


def _languages_row(collection: Judged, place: Path) -> tuple[str, float, float]:
    with opened(collection.folder, place, embed=False) as (store, embedder):
        search = searching(store, embedder, Variant("", Tuning(), SearchMode.KEYWORD))
        naive = naive_keyword(collection.texts)

        def share(rank: Callable[[str], Ranking]) -> float:
            found = [bool(t.documents & set(rank(t.query)[:5])) for t in collection.topics]
            return sum(found) / len(found)

        return (
            collection.name,
            share(naive),
            share(lambda query: _documents(search(query))),
        )


# --- filings -------------------------------------------------------------------------------


def show_filings(
    store: Store, topics: Sequence[Topic], naive: Callable[[str], Sequence[Place]]
) -> None:
    """The share of questions with a right page among the first ten, and what contributes."""
    embedder = RememberingEmbedder()
    try:
        meaning = searching(store, embedder, _embedder_alone(), 100)
        nearest = {t.query: [(h.document, h.page) for h in meaning(t.query)] for t in topics}
        rows: list[tuple[str, ...]] = [
            ("FTS5 as it comes", *right_pages(naive, topics), ""),
            ("embedder alone", *right_pages(nearest.__getitem__, topics), ""),
            (
                "both by reciprocal ranks",
                *right_pages(lambda q: reciprocal_ranks(naive(q), nearest[q]), topics),
                "",
            ),
        ]
        for variant in variants():
            search = searching(store, embedder, variant, _DEPTH)
            times: list[float] = []

            def find(
                query: str, search: Search = search, times: list[float] = times
            ) -> list[Place]:
                started = time.perf_counter()
                found = [(hit.document, hit.page) for hit in search(query)]
                times.append((time.perf_counter() - started) * 1000)
                return found

            shares = right_pages(find, topics)
            middle, slow = np.percentile(times, [50, 95])
            rows.append((f"Carrel: {variant.name}", *shares, f"{middle:.0f} / {slow:.0f}"))
    finally:
        embedder.close()
    show(
        f"Right page among the first ten, {len(topics)} questions (ms without the query's vector)",
        ("search", "financebench", "ohr", "all", "ms p50 / p95"),
        rows,
    )


def right_pages(
    find: Callable[[str], Sequence[Place]], topics: Sequence[Topic]
) -> tuple[str, str, str]:
    outcomes: dict[str, list[bool]] = defaultdict(list)
    for topic in topics:
        found = any(place in topic.places for place in find(topic.query)[:_DEPTH])
        outcomes[topic.kind].append(found)
        outcomes["all"].append(found)
    share = {kind: f"{sum(each) / len(each):.3f}" for kind, each in outcomes.items()}
    return share["financebench"], share["ohr"], share["all"]


# --- searching -----------------------------------------------------------------------------


@contextlib.contextmanager
def opened(folder: Path, place: Path, *, embed: bool) -> Iterator[tuple[Store, Embedder]]:
    """A library of a folder: its store, and an embedder that remembers queries."""
    library = Library.open(place / f"{folder.name}.carrel")
    try:
        library.add_folder(folder)
        report = library.index(embed=embed)
        assert not report.problems, report.problems
        embedder = RememberingEmbedder()
        try:
            yield library._store, embedder
        finally:
            embedder.close()
    finally:
        library.close()


class RememberingEmbedder(Embedder):
    """Each query is embedded once, however many variants ask for it."""

    def __init__(self) -> None:
        super().__init__()
        self._known: dict[str, QueryVector] = {}

    def query(self, text: str, cancel: CancelToken | None = None) -> QueryVector:
        if text not in self._known:
            self._known[text] = super().query(text, cancel)
        return self._known[text]


def searching(store: Store, embedder: Embedder, variant: Variant, limit: int = 20) -> Search:
    retriever = Retriever(store, embedder, variant.tuning)

    def search(query: str) -> Sequence[Hit]:
        understood = (
            mock.patch("engine.retrieval.Question.of", _as_it_stands)
            if variant.plain
            else contextlib.nullcontext()
        )
        with understood:
            return retriever.search(query, limit=limit, mode=variant.mode).hits

    return search


def _as_it_stands(query: Query) -> Question:
    return Question(query.text, query.terms, ())


def _documents(hits: Sequence[Hit]) -> Ranking:
    return list(dict.fromkeys(hit.document for hit in hits))


def naive_keyword(texts: Mapping[str, str]) -> Callable[[str], Ranking]:
    db = apsw.Connection(":memory:")
    db.execute(
        "CREATE VIRTUAL TABLE p USING fts5(body, name UNINDEXED, tokenize = 'porter unicode61')"
    )
    with db:
        db.executemany(
            "INSERT INTO p VALUES (?, ?)", [(text, name) for name, text in texts.items()]
        )

    def find(query: str) -> Ranking:
        match = " OR ".join(f'"{term}"' for term in Query.parse(query).terms)
        rows = db.execute(
            "SELECT name FROM p WHERE p MATCH ? ORDER BY rank LIMIT ?", (match, _LIST)
        )
        return [str(row[0]) for row in rows] if match else []

    return find


def reciprocal_ranks(*rankings: Sequence[Unit]) -> list[Unit]:
    scores: dict[Unit, float] = defaultdict(float)
    for ranking in rankings:
        for rank, name in enumerate(ranking, 1):
            scores[name] += 1.0 / (_RANK_CONSTANT + rank)
    return sorted(scores, key=lambda name: -scores[name])


if __name__ == "__main__":
    raise SystemExit(main())
