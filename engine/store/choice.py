"""Which embedder serves a library, and which one is to: remembered in the library itself."""

from __future__ import annotations

import apsw
import msgspec

from engine.store.connection import Database, first

_SERVING, _WANTED = "embedder", "embedder wanted"


class ChosenEmbedder(msgspec.Struct, frozen=True):
    """A model folder ("" is the one that ships) and, once it is known, its number in
    ``Vectors``."""

    folder: str
    id: int | None = None


class EmbedderChoice:
    """At most two: one that answers, and one whose vectors are being made to take its place."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def serving(self) -> ChosenEmbedder:
        with self._db.reading() as db:
            return _serving(db)

    def wanted(self) -> ChosenEmbedder | None:
        """None where the one that serves is the one that is wanted."""
        with self._db.reading() as db:
            return _read(db, _WANTED)

    def want(self, folder: str) -> None:
        """Ask for another embedder, or for the serving one again."""
        with self._db.writing() as db:
            wanted = _read(db, _WANTED)
            if folder == _serving(db).folder:
                db.execute("DELETE FROM meta WHERE key = ?", (_WANTED,))
            elif wanted is None or wanted.folder != folder:
                _write(db, _WANTED, ChosenEmbedder(folder))

    def number(self, folder: str, embedder_id: int) -> None:
        """Note the number of the serving or the wanted embedder."""
        with self._db.writing() as db:
            numbered = ChosenEmbedder(folder, embedder_id)
            if _serving(db).folder == folder:
                _write(db, _SERVING, numbered)
            wanted = _read(db, _WANTED)
            if wanted is not None and wanted.folder == folder:
                _write(db, _WANTED, numbered)

    def serve(self, folder: str) -> bool:
        """Let the wanted embedder take over; False where it is wanted no longer."""
        with self._db.writing() as db:
            wanted = _read(db, _WANTED)
            if wanted is None or wanted.folder != folder:
                return False
            _write(db, _SERVING, wanted)
            db.execute("DELETE FROM meta WHERE key = ?", (_WANTED,))
        return True


def _serving(db: apsw.Connection) -> ChosenEmbedder:
    return _read(db, _SERVING) or ChosenEmbedder("")


def _read(db: apsw.Connection, key: str) -> ChosenEmbedder | None:
    row = first(db, "SELECT value FROM meta WHERE key = ?", (key,))
    return None if row is None else msgspec.json.decode(row[0], type=ChosenEmbedder)


def _write(db: apsw.Connection, key: str, chosen: ChosenEmbedder) -> None:
    db.execute(
        "INSERT INTO meta(key, value) VALUES (?, ?) "
        "ON CONFLICT(key) DO UPDATE SET value = excluded.value",
        (key, msgspec.json.encode(chosen).decode()),
    )
