"""Candidates for a query: by keywords (FTS5, BM25) and by meaning (sqlite-vec, exact)."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.store.connection import Database, count, first, select
from engine.store.documents import vector_table

MOST_NEIGHBOURS = 4096  # sqlite-vec's own limit


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
        """The nearest by cosine; ``vector`` has unit length. At most ``MOST_NEIGHBOURS``."""
        inside, values = _inside("passage_id", documents)
        with self._db.reading() as db:
            return [
                Candidate(row[0], 1.0 - row[1] ** 2 / 2.0)
                for row in select(
                    db,
                    f"SELECT passage_id, distance FROM {vector_table(embedder_id)} "
                    f"WHERE embedding MATCH ? AND k = ? {inside} ORDER BY distance",
                    (vector.astype("<f4").tobytes(), min(limit, MOST_NEIGHBOURS), *values),
                )
            ]

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
