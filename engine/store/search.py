"""Candidates for a query: by keywords (FTS5, BM25) and by meaning (cosine)."""

from __future__ import annotations

import json
import threading
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.store.connection import Database, count, first, select
from engine.store.nearest import Nearest, cosines, vector_table

MOST_NEIGHBOURS = 4096


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage id with a score of one search; higher is better."""

    passage_id: int
    score: float


@dataclass(frozen=True, slots=True)
class StoredPassage:
    """A passage with all that a hit shows."""

    id: int
    document_id: int
    document: str
    title: str
    page: int
    label: str
    start: int
    end: int
    heading: str
    text: str


class Search:
    """``documents`` narrows a search to those document ids; None is the whole library."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._nearest: Nearest | None = None
        self._nearest_lock = threading.Lock()

    def keyword(
        self,
        match: str,
        limit: int,
        documents: Collection[int] | None = None,
        weights: tuple[float, float, float] = (1.0, 1.0, 1.0),
    ) -> list[Candidate]:
        """``match`` is an FTS5 expression; ``weights`` are BM25's for title, heading, body."""
        inside, values = _inside("rowid", documents)
        with self._db.reading() as db:
            return [
                Candidate(row[0], -row[1])
                for row in select(
                    db,
                    "SELECT rowid, bm25(keywords, ?, ?, ?) AS score FROM keywords "
                    f"WHERE keywords MATCH ? {inside} ORDER BY score LIMIT ?",
                    (*weights, match, *values, limit),
                )
            ]

    def semantic(
        self,
        embedder_id: int,
        vector: NDArray[np.float32],
        limit: int,
        documents: Collection[int] | None = None,
    ) -> list[Candidate]:
        """The nearest by cosine; ``vector`` has unit length."""
        found = self._index_of(embedder_id).search(vector, limit, documents)
        return [Candidate(passage_id, score) for passage_id, score in found]

    def similarities(
        self, embedder_id: int, vector: NDArray[np.float32], ids: Sequence[int]
    ) -> dict[int, float]:
        """Cosines of the named passages, of those that have a vector."""
        with self._db.reading() as db:
            if first(db, "SELECT 1 FROM embedders WHERE id = ?", (embedder_id,)) is None:
                return {}
            rows = select(
                db,
                f"SELECT passage_id, embedding FROM {vector_table(embedder_id)} "
                "WHERE passage_id IN (SELECT value FROM json_each(?))",
                (json.dumps(list(ids)),),
            )
        scores = cosines([row[1] for row in rows], vector).tolist()
        return {int(row[0]): score for row, score in zip(rows, scores, strict=True)}

    def warm(self, embedder_id: int) -> None:
        """Read this embedder's vectors now, so that the first search need not."""
        self._index_of(embedder_id).refresh()

    def _index_of(self, embedder_id: int) -> Nearest:
        """One at a time: an index is most of the memory that a library takes."""
        with self._nearest_lock:
            if self._nearest is None or self._nearest.embedder_id != embedder_id:
                self._nearest = Nearest(self._db, embedder_id)
            return self._nearest

    def holding(self, match: str, ids: Sequence[int]) -> set[int]:
        """Those of the passages that match an FTS5 expression."""
        with self._db.reading() as db:
            rows = select(
                db,
                "SELECT rowid FROM keywords WHERE keywords MATCH ? AND rowid IN "
                "(SELECT value FROM json_each(?))",
                (match, json.dumps(list(ids))),
            )
        return {int(row[0]) for row in rows}

    def passages(self, ids: Sequence[int]) -> dict[int, StoredPassage]:
        with self._db.reading() as db:
            rows = select(
                db,
                "SELECT p.id, p.document_id, d.path, d.title, g.number, g.label, p.start,"
                ' p."end", p.heading, substr(g.text, p.start + 1, p."end" - p.start)'
                " FROM passages p JOIN pages g ON g.id = p.page_id"
                " JOIN documents d ON d.id = p.document_id"
                " WHERE p.id IN (SELECT value FROM json_each(?))",
                (json.dumps(list(ids)),),
            )
            return {row[0]: StoredPassage(*row) for row in rows}

    def layout(self, document_id: int, page: int) -> bytes:
        """The page's encoded layout; empty where there is none."""
        with self._db.reading() as db:
            row = first(
                db,
                "SELECT layout FROM pages WHERE document_id = ? AND number = ?",
                (document_id, page),
            )
        return b"" if row is None else bytes(row[0])

    def document_frequency(self, terms: Sequence[str]) -> tuple[int, dict[str, int]]:
        """(number of passages, passages that hold each term), as the keyword index sees them."""
        with self._db.reading() as db:
            total = int(count(db, "SELECT count(*) FROM keywords_docsize"))
            found = {
                term: int(
                    count(
                        db,
                        "SELECT count(*) FROM (SELECT 1 FROM keywords WHERE keywords MATCH ? "
                        "LIMIT 20000)",
                        ('body : "' + term.replace('"', '""') + '"',),
                    )
                )
                for term in terms
            }
        return total, found


def _inside(column: str, documents: Collection[int] | None) -> tuple[str, tuple[str, ...]]:
    if documents is None:
        return "", ()
    return (
        f"AND {column} IN (SELECT id FROM passages WHERE document_id IN "
        "(SELECT value FROM json_each(?)))",
        (json.dumps(sorted(documents)),),
    )
