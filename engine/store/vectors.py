"""The passages' vectors: one table for each embedder, and what it has yet to embed.

``vectors_<id>`` holds a row for each passage: ``embedding``, as sqlite-vec takes it (float32), and
``seq``, which is never used twice, so that an index in memory knows what is new. A virtual table
of sqlite-vec's would scan all of its rows for every query (0.8 s for a million) and reads single
rows slowly; its functions work on plain tables too.

Several embedders may have vectors at once: while a new one's are being made, the old one's go on
serving.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.store.connection import Database, count, first, select
from engine.store.files import shown, spans_of
from engine.store.nearest import vector_table


@dataclass(frozen=True, slots=True)
class PassageText:
    """A passage as the embedder is to see it: without what is hidden on its page."""

    id: int
    title: str
    path: str
    heading: str
    text: str


@dataclass(frozen=True, slots=True)
class StoredEmbedder:
    """An embedder that this library has, or is to have, vectors of."""

    id: int
    fingerprint: str
    name: str
    dimension: int


class Vectors:
    """``embedder_id`` numbers an embedder in this library; a number is never used again."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def embedders(self) -> list[StoredEmbedder]:
        """The one first seen comes first."""
        with self._db.reading() as db:
            rows = select(db, "SELECT id, fingerprint, name, dimension FROM embedders ORDER BY id")
        return [StoredEmbedder(*row) for row in rows]

    def known(self, fingerprint: str) -> int | None:
        """The number of an embedder, where this library has, or is to have, vectors of it."""
        with self._db.reading() as db:
            row = first(db, "SELECT id FROM embedders WHERE fingerprint = ?", (fingerprint,))
        return None if row is None else int(row[0])

    def embedder_id(self, fingerprint: str, name: str, dimension: int) -> int:
        """The number of an embedder. At the first call its table is made, and all passages wait
        for a vector of it."""
        if (number := self.known(fingerprint)) is not None:
            return number
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
                f"CREATE TABLE {vector_table(number)}("
                "seq INTEGER PRIMARY KEY AUTOINCREMENT, "
                "passage_id INTEGER NOT NULL UNIQUE REFERENCES passages(id), "
                "document_id INTEGER NOT NULL, "
                "embedding BLOB NOT NULL)"
            )
            db.execute("INSERT INTO to_embed SELECT ?, id FROM passages", (number,))
        return number

    def drop(self, embedder_id: int) -> None:
        """Forget an embedder with all its vectors."""
        with self._db.writing() as db:
            db.execute(f"DROP TABLE IF EXISTS {vector_table(embedder_id)}")
            db.execute("DELETE FROM to_embed WHERE embedder_id = ?", (embedder_id,))
            db.execute("DELETE FROM embedders WHERE id = ?", (embedder_id,))

    def waiting(self, embedder_id: int | None = None) -> int:
        """How many passages have no vector yet: of this embedder, or of the newest."""
        with self._db.reading() as db:
            if embedder_id is None:
                embedder_id = count(db, "SELECT coalesce(max(id), 0) FROM embedders")
                if not embedder_id:
                    return count(db, "SELECT count(*) FROM passages")
            return count(db, "SELECT count(*) FROM to_embed WHERE embedder_id = ?", (embedder_id,))

    def made(self, embedder_id: int) -> int:
        """How many vectors of this embedder were ever stored."""
        with self._db.reading() as db:
            if first(db, "SELECT 1 FROM embedders WHERE id = ?", (embedder_id,)) is None:
                return 0
            return count(db, f"SELECT coalesce(max(seq), 0) FROM {vector_table(embedder_id)}")

    def complete(self, embedder_id: int) -> bool:
        """Whether every passage has a vector of this embedder."""
        with self._db.reading() as db:
            query = "SELECT 1 FROM to_embed WHERE embedder_id = ? LIMIT 1"
            return first(db, query, (embedder_id,)) is None

    def waiting_text(self, embedder_id: int | None) -> int:
        """How long the passages without a vector of this embedder are together, in characters;
        all passages for None, which stands for one that was never used."""
        length = 'SELECT coalesce(sum(p."end" - p.start), 0) FROM passages p'
        with self._db.reading() as db:
            if embedder_id is None:
                return count(db, length)
            return count(
                db,
                f"{length} JOIN to_embed t ON t.passage_id = p.id WHERE t.embedder_id = ?",
                (embedder_id,),
            )

    def next_to_embed(
        self, embedder_id: int, limit: int, documents: Collection[int] | None = None
    ) -> list[PassageText]:
        """Passages without a vector, of these documents where some are named."""
        within: tuple[str, tuple[str, ...]] = ("", ())
        if documents is not None:
            within = (
                "AND p.document_id IN (SELECT value FROM json_each(?))",
                (json.dumps(sorted(documents)),),
            )
        with self._db.reading() as db:
            return [
                PassageText(number, title, path, heading, shown(text, start, spans_of(hidden)))
                for number, title, path, heading, text, start, hidden in select(
                    db,
                    "SELECT p.id, d.title, d.path, p.heading,"
                    ' substr(g.text, p.start + 1, p."end" - p.start), p.start, g.hidden'
                    " FROM to_embed t JOIN passages p ON p.id = t.passage_id"
                    " JOIN pages g ON g.id = p.page_id"
                    " JOIN documents d ON d.id = p.document_id"
                    f" WHERE t.embedder_id = ? {within[0]} ORDER BY t.passage_id LIMIT ?",
                    (embedder_id, *within[1], limit),
                )
            ]

    def put(
        self, embedder_id: int, passage_ids: Sequence[int], vectors: NDArray[np.float32]
    ) -> None:
        """Store vectors (n, dimension) in one transaction. Passages that were deleted or
        re-read meanwhile are passed over. Raises ``ValueError`` for another dimension."""
        table = vector_table(embedder_id)
        with self._db.writing() as db:
            row = first(db, "SELECT dimension FROM embedders WHERE id = ?", (embedder_id,))
            if row is None:
                return  # given up for another embedder
            if vectors.shape != (len(passage_ids), row[0]):
                raise ValueError(f"{vectors.shape} is not ({len(passage_ids)}, dimension {row[0]})")
            for passage_id, vector in zip(passage_ids, vectors.astype("<f4"), strict=True):
                db.execute(
                    "DELETE FROM to_embed WHERE embedder_id = ? AND passage_id = ?",
                    (embedder_id, passage_id),
                )
                if db.changes():
                    db.execute(
                        f"INSERT INTO {table}(passage_id, document_id, embedding) "
                        "SELECT id, document_id, ? FROM passages WHERE id = ?",
                        (vector.tobytes(), passage_id),
                    )
