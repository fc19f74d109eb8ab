"""Small facts about a library that are kept in it, and can be found out again."""

from __future__ import annotations

from engine.store.connection import Database, first


class Remembered:
    """Text by key."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def get(self, key: str) -> str:
        """Empty where nothing was put."""
        with self._db.reading() as db:
            row = first(db, "SELECT value FROM meta WHERE key = ?", (key,))
        return row[0] if row else ""

    def put(self, key: str, value: str) -> None:
        with self._db.writing() as db:
            db.execute(
                "INSERT INTO meta(key, value) VALUES (?, ?) "
                "ON CONFLICT(key) DO UPDATE SET value = excluded.value",
                (key, value),
            )
