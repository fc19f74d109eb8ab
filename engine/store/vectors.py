"""The passages' vectors, one vec0 table for each embedder that was ever used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.store.connection import Database, count, first, select
from engine.store.documents import vector_table


@dataclass(frozen=True, slots=True)
class PassageText:
    """A passage as the embedder is to see it."""

    id: int
    title: str
    path: str
    heading: str
    text: str


class Vectors:
    def __init__(self, database: Database) -> None:
        self._db = database

    def embedder_id(self, fingerprint: str, name: str, dimension: int) -> int:
        """The number of an embedder in this library; its table is made at the first call."""
        with self._db.reading() as db:
            row = first(db, "SELECT id FROM embedders WHERE fingerprint = ?", (fingerprint,))
        if row is not None:
            return int(row[0])
        with self._db.writing() as db:
            # a search and an indexing run may both be the first
            row = first(db, "SELECT id FROM embedders WHERE fingerprint = ?", (fingerprint,))
            if row is not None:
                return int(row[0])
            db.execute(
                "INSERT INTO embedders(fingerprint, name, dimension) VALUES (?, ?, ?)",
                (fingerprint, name, dimension),
            )
            number = db.last_insert_rowid()
            db.execute(
                f"CREATE VIRTUAL TABLE {vector_table(number)} USING vec0("
                f"passage_id INTEGER PRIMARY KEY, embedding float[{int(dimension)}])"
            )
        return number

    def waiting(self) -> int:
        """How many passages have no vector yet."""
        with self._db.reading() as db:
            return int(count(db, "SELECT count(*) FROM passages WHERE embedder_id = 0"))

    def next_to_embed(self, limit: int) -> list[PassageText]:
        with self._db.reading() as db:
            return [
                PassageText(*row)
                for row in select(
                    db,
                    "SELECT p.id, d.title, d.path, p.heading,"
                    ' substr(g.text, p.start + 1, p."end" - p.start)'
                    " FROM passages p JOIN pages g ON g.id = p.page_id"
                    " JOIN documents d ON d.id = p.document_id"
                    " WHERE p.embedder_id = 0 ORDER BY p.id LIMIT ?",
                    (limit,),
                )
            ]

    def put(
        self, embedder_id: int, passage_ids: Sequence[int], vectors: NDArray[np.float32]
    ) -> None:
        """Store vectors (n, dimension), unit length, in one transaction. Passages that were
        deleted or re-read meanwhile are passed over."""
        table = vector_table(embedder_id)
        with self._db.writing() as db:
            for passage_id, vector in zip(passage_ids, vectors, strict=True):
                db.execute(
                    "UPDATE passages SET embedder_id = ? WHERE id = ? AND embedder_id = 0",
                    (embedder_id, passage_id),
                )
                if db.changes():
                    db.execute(
                        f"INSERT INTO {table}(passage_id, embedding) VALUES (?, ?)",
                        (passage_id, vector.astype("<f4").tobytes()),
                    )
