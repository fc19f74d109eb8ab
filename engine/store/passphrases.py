"""The passphrases of locked files, for as long as a person would want them kept."""

from __future__ import annotations

from engine.store.connection import Database, first


class Passphrases:
    """By document. They stay in memory until the library is closed; in the library they are
    kept only where it is encrypted, so that one is as safe there as the file it opens."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._given: dict[int, str] = {}

    def of(self, document_id: int) -> str:
        """Empty where none was given."""
        given = self._given.get(document_id)
        if given is None and self._db.encrypted:
            with self._db.reading() as db:
                row = first(
                    db, "SELECT passphrase FROM passphrases WHERE document_id = ?", (document_id,)
                )
            given = None if row is None else row[0]
        return given or ""

    def keep(self, document_id: int, passphrase: str) -> None:
        self._given[document_id] = passphrase
        if self._db.encrypted:
            with self._db.writing() as db:
                db.execute(
                    "INSERT OR REPLACE INTO passphrases(document_id, passphrase) VALUES (?, ?)",
                    (document_id, passphrase),
                )
