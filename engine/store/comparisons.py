"""Comparisons: one question with its answers in four ways, kept whole like conversations."""

from __future__ import annotations

import time
from dataclasses import replace

import msgspec

from engine.comparisons import Comparison
from engine.errors import CarrelError
from engine.store.connection import Database, first, select
from engine.store.conversations import KEPT_S


class Comparisons:
    def __init__(self, database: Database) -> None:
        self._db = database

    def all(self) -> list[Comparison]:
        """The one made last comes first."""
        with self._db.reading() as db:
            rows = select(
                db,
                "SELECT id, comparison FROM comparisons WHERE deleted IS NULL "
                "ORDER BY made DESC, id DESC",
            )
        return [_comparison(*row) for row in rows]

    def keep(self, comparison: Comparison) -> Comparison:
        """It with its number; one that has a number already is put in its place."""
        whole = msgspec.json.encode(comparison).decode()
        with self._db.writing() as db:
            db.execute(
                "INSERT INTO comparisons(id, made, comparison) VALUES (?, ?, ?) "
                "ON CONFLICT(id) DO UPDATE SET made = excluded.made, "
                "comparison = excluded.comparison, deleted = NULL",
                (comparison.id or None, comparison.made, whole),
            )
            number = comparison.id or db.last_insert_rowid()
        return replace(comparison, id=number)

    def delete(self, comparison_id: int) -> None:
        """Takes it out of sight; :meth:`restore` brings it back, for an hour. Raises
        ``CarrelError`` where there is none."""
        self._set(comparison_id, time.time())

    def restore(self, comparison_id: int) -> None:
        """Raises ``CarrelError`` where it is gone for good."""
        self._set(comparison_id, None)

    def purge(self) -> None:
        """Remove from the file what was deleted more than an hour ago."""
        before = (time.time() - KEPT_S,)
        with self._db.reading() as db:
            if first(db, "SELECT id FROM comparisons WHERE deleted <= ?", before) is None:
                return
        with self._db.writing() as db:
            db.execute("DELETE FROM comparisons WHERE deleted <= ?", before)

    def _set(self, comparison_id: int, deleted: float | None) -> None:
        with self._db.writing() as db:
            row = first(
                db,
                "UPDATE comparisons SET deleted = ? WHERE id = ? RETURNING id",
                (deleted, comparison_id),
            )
        if row is None:
            raise CarrelError("This comparison is not in the library any more.")


def _comparison(number: int, whole: str) -> Comparison:
    return replace(msgspec.json.decode(whole, type=Comparison), id=number)
