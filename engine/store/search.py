"""Passages: the nearest to a query in meaning, and what hits show of them."""

from __future__ import annotations

import json
import threading
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.store.connection import Database, first, select
from engine.store.nearest import Nearest, vector_table

MOST_NEIGHBOURS = 4096


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage id with a score of one search; higher is better."""

    passage_id: int
    score: float


@dataclass(frozen=True, slots=True)
class PagePassages:
    """Passages of some pages, row by row in the order of the pages: ids, and their vectors of
    unit length, (n, dimension); a row of zeros where there is none yet."""

    passages: NDArray[np.int64]
    pages: NDArray[np.int64]
    documents: NDArray[np.int64]
    vectors: NDArray[np.float32]


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

    def pages_of(self, passage_ids: Sequence[int]) -> dict[int, int]:
        """The page of each passage, by passage id."""
        with self._db.reading() as db:
            rows = select(
                db,
                "SELECT id, page_id FROM passages WHERE id IN (SELECT value FROM json_each(?))",
                (json.dumps(list(passage_ids)),),
            )
        return {int(row[0]): int(row[1]) for row in rows}

    def of_pages(self, page_ids: Sequence[int], embedder_id: int | None) -> PagePassages:
        """All passages of the pages, with their vectors where an embedder is named."""
        embedding, join = "NULL", ""
        with self._db.reading() as db:
            known = embedder_id is not None and first(
                db, "SELECT dimension FROM embedders WHERE id = ?", (embedder_id,)
            )
            if embedder_id is not None and known:
                embedding = "v.embedding"
                join = f"LEFT JOIN {vector_table(embedder_id)} v ON v.passage_id = p.id"
            rows = select(
                db,
                f"SELECT p.id, p.page_id, p.document_id, {embedding} FROM passages p {join} "
                "WHERE p.page_id IN (SELECT value FROM json_each(?)) "
                "ORDER BY p.page_id, p.start, p.id",
                (json.dumps(list(page_ids)),),
            )
        found = np.zeros((len(rows), int(known[0]) if known else 0), np.float32)
        held = [at for at, row in enumerate(rows) if row[3] is not None]
        if held:
            blobs = b"".join(rows[at][3] for at in held)
            found[held] = np.frombuffer(blobs, "<f4").reshape(len(held), -1)
        ids = np.array([row[:3] for row in rows], np.int64).reshape(-1, 3)
        return PagePassages(ids[:, 0], ids[:, 1], ids[:, 2], found)

    def warm(self, embedder_id: int) -> None:
        """Read this embedder's vectors now, so that the first search need not."""
        self._index_of(embedder_id).refresh()

    def _index_of(self, embedder_id: int) -> Nearest:
        """One at a time: an index is most of the memory that a library takes."""
        with self._nearest_lock:
            if self._nearest is None or self._nearest.embedder_id != embedder_id:
                self._nearest = Nearest(self._db, embedder_id)
            return self._nearest

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

    def of_document(self, document_id: int) -> list[StoredPassage]:
        """All passages of a document, in its order."""
        with self._db.reading() as db:
            rows = select(
                db,
                "SELECT p.id, p.document_id, d.path, d.title, g.number, g.label, p.start,"
                ' p."end", p.heading, substr(g.text, p.start + 1, p."end" - p.start)'
                " FROM passages p JOIN pages g ON g.id = p.page_id"
                " JOIN documents d ON d.id = p.document_id"
                " WHERE p.document_id = ? ORDER BY g.number, p.start",
                (document_id,),
            )
            return [StoredPassage(*row) for row in rows]

    def layout(self, document_id: int, page: int) -> bytes:
        """The page's encoded layout; empty where there is none."""
        with self._db.reading() as db:
            row = first(
                db,
                "SELECT layout FROM pages WHERE document_id = ? AND number = ?",
                (document_id, page),
            )
        return b"" if row is None else bytes(row[0])
