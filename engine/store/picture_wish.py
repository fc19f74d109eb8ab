"""How pictures were to be read when the documents were, so that a change of mind reaches them."""

from __future__ import annotations

from collections.abc import Sequence

from engine.records import OcrWish
from engine.store.connection import Database, first

_KEY = "ocr"
_AGAIN = -1  # a date no file has, and a reader no version of Carrel is


class PictureWish:
    """One library's."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def keep(self, wish: OcrWish, reasons: Sequence[str]) -> None:
        """Where more is wished than before, documents in whose reason one of ``reasons`` stands
        are taken for changed by the next scan."""
        kept = f"{wish.pages if wish.on else 0}"
        with self._db.writing() as db:
            row = first(db, "SELECT value FROM meta WHERE key = ?", (_KEY,))
            if row is not None and row[0] == kept:
                return
            if row is None or int(row[0]) < int(kept):
                for reason in reasons:
                    db.execute(
                        "UPDATE documents SET modified_ns = ?, reader = ? WHERE instr(reason, ?)",
                        (_AGAIN, _AGAIN, reason),
                    )
            db.execute(
                "INSERT INTO meta(key, value) VALUES (?, ?) "
                "ON CONFLICT(key) DO UPDATE SET value = excluded.value",
                (_KEY, kept),
            )
