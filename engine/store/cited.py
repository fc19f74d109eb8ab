"""What the library knows of documents that answers cite, found by number, content or path."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from engine.store.connection import Database, Row, select

_COLUMNS = (
    "SELECT d.id, f.path, d.path, d.title, d.format, d.modified_ns, d.digest, d.pages "
    "FROM documents d JOIN folders f ON f.id = d.folder_id"
)


@dataclass(frozen=True, slots=True)
class CitedDocument:
    """A document of the library. ``path`` is relative to ``folder``; ``digest`` is the SHA-256
    in hex of the file as it was read; ``pages`` is 0 where nothing of it is kept."""

    id: int
    folder: str
    path: str
    title: str
    format: str
    modified_ns: int
    digest: str
    pages: int

    @property
    def file(self) -> Path:
        return Path(self.folder) / self.path


class CitedDocuments:
    def __init__(self, database: Database) -> None:
        self._db = database

    def numbered(self, document_ids: Collection[int]) -> dict[int, CitedDocument]:
        """By number; those that are gone are missing."""
        with self._db.reading() as db:
            rows = select(
                db,
                f"{_COLUMNS} WHERE d.id IN (SELECT value FROM json_each(?))",
                (json.dumps(sorted(document_ids)),),
            )
        return {row[0]: _document(row) for row in rows}

    def like(self, digest: str, path: str) -> list[CitedDocument]:
        """Those that have this content, then those that have this path; ones with pages first."""
        with self._db.reading() as db:
            rows = select(
                db,
                f"{_COLUMNS} WHERE d.path = ? OR (d.digest = ? AND d.digest != '') "
                "ORDER BY d.digest = ? DESC, d.pages = 0, d.path = ? DESC, d.id",
                (path, digest, digest, path),
            )
        return [_document(row) for row in rows]


def _document(row: Row) -> CitedDocument:
    return CitedDocument(*row)
