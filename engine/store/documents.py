"""Folders, documents with their pages and passages, and the ledger."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Collection, Iterable
from pathlib import Path

import msgspec

from engine.errors import CarrelError
from engine.hidden import Spans
from engine.records import (
    Block,
    DocumentState,
    Folder,
    LedgerEntry,
    LibraryStatus,
    Page,
    PageEntry,
    PageState,
)
from engine.store import keywords, orphans, replacing
from engine.store.connection import Database, Row, count, first, select
from engine.store.files import (
    TRY_AGAIN,
    FileRecord,
    FolderGoneError,
    KnownFile,
    Location,
    Place,
    ReadResult,
    spans_of,
)

_KNOWN = "id, path, size, modified_ns, digest, state, reader, parent_id, attachments"

_blocks = msgspec.msgpack.Decoder(tuple[Block, ...])


class Documents:
    """``reader`` is the version of the reading code, see ``engine.indexing``."""

    def __init__(self, database: Database) -> None:
        self._db = database

    # --- folders ----------------------------------------------------------------------------

    def folders(self) -> list[Folder]:
        with self._db.reading() as db:
            return [Folder(*row) for row in select(db, "SELECT id, path FROM folders ORDER BY id")]

    def add_folder(self, path: Path) -> Folder:
        """Follow a directory. One that is inside a followed one is that one; followed ones
        inside it become part of it, without reading anything again. Raises ``CarrelError``
        where its name cannot be kept."""
        try:
            str(path).encode("utf-8")
        except UnicodeEncodeError:
            raise CarrelError(
                "The folder's name is not valid text; rename it, and it can be added."
            ) from None
        for folder in self.folders():
            if path == Path(folder.path) or path.is_relative_to(folder.path):
                return folder
        with self._db.writing() as db:
            db.execute("INSERT INTO folders(path, added) VALUES (?, ?)", (str(path), time.time()))
            new = Folder(db.last_insert_rowid(), str(path))
            for folder_id, inner in select(db, "SELECT id, path FROM folders"):
                if folder_id != new.id and Path(inner).is_relative_to(path):
                    prefix = Path(inner).relative_to(path).as_posix() + "/"
                    db.execute(
                        "UPDATE documents SET folder_id = ?, path = ? || path WHERE folder_id = ?",
                        (new.id, prefix, folder_id),
                    )
                    db.execute("DELETE FROM folders WHERE id = ?", (folder_id,))
            for number, name in select(
                db, "SELECT id, path FROM documents WHERE folder_id = ?", (new.id,)
            ):
                keywords.put_name(db, number, name)
        return new

    def remove_folder(self, folder_id: int) -> None:
        """Forget a folder and everything that was read from it. The files stay untouched."""
        with self._db.writing() as db:
            rows = select(
                db,
                "SELECT id FROM documents WHERE folder_id = ? AND parent_id IS NULL",
                (folder_id,),
            )
            for (document_id,) in rows:
                replacing.delete(db, document_id)
            db.execute("DELETE FROM folders WHERE id = ?", (folder_id,))

    def set_away(self, folder_id: int, away: bool) -> None:
        """Note whether a folder is there; its documents stay either way."""
        with self._db.reading() as db:
            if first(db, "SELECT 1 FROM folders WHERE id = ? AND away = ?", (folder_id, away)):
                return
        with self._db.writing() as db:
            db.execute("UPDATE folders SET away = ? WHERE id = ?", (away, folder_id))

    # --- writing ----------------------------------------------------------------------------

    def known(self, folder_id: int) -> dict[str, KnownFile]:
        """By path."""
        with self._db.reading() as db:
            rows = select(
                db,
                f"SELECT {_KNOWN} FROM documents WHERE folder_id = ?",
                (folder_id,),
            )
        return {row[1]: _known(row) for row in rows}

    def holder_of(self, digest: str, folder_id: int, path: str) -> str | None:
        """The path of another document with the same content that was really read, if any."""
        with self._db.reading() as db:
            row = first(
                db,
                "SELECT path FROM documents WHERE digest = ? AND state IN (?, ?) "
                "AND NOT (folder_id = ? AND path = ?) ORDER BY id LIMIT 1",
                (digest, DocumentState.INDEXED, DocumentState.PARTIAL, folder_id, path),
            )
        return None if row is None else str(row[0])

    def orphaned_duplicates(self) -> list[tuple[int, str, int]]:
        """(folder id, path, id) of duplicates whose original is no longer in the library."""
        with self._db.reading() as db:
            return [
                (int(row[0]), str(row[1]), int(row[2]))
                for row in select(
                    db,
                    "SELECT folder_id, path, id FROM documents d WHERE state = ? AND NOT EXISTS ("
                    "SELECT 1 FROM documents o WHERE o.digest = d.digest AND o.state IN (?, ?))",
                    (DocumentState.DUPLICATE, DocumentState.INDEXED, DocumentState.PARTIAL),
                )
            ]

    def put(
        self, file: FileRecord, result: ReadResult, reader: int, *, parent_id: int | None = None
    ) -> int:
        """Store a document in one transaction, in place of what was known of it; its id. What
        is the same stays as it is, see :mod:`engine.store.replacing`; attachments that it no
        longer has go. Raises ``FolderGoneError`` or ``ParentGoneError``."""
        with self._db.writing() as db:
            if not count(db, "SELECT count(*) FROM folders WHERE id = ?", (file.folder_id,)):
                raise FolderGoneError("The folder is no longer in the library.")
            return replacing.put(db, file, result, reader, parent_id)

    def move(self, document_id: int, file: FileRecord) -> None:
        """The file of a document is at another path now: the document keeps all that it has."""
        with self._db.writing() as db:
            replacing.move(db, document_id, file)

    def touch(self, document_id: int, file: FileRecord, reader: int) -> None:
        """The file's date changed and its content did not, or nothing did but the reader."""
        with self._db.writing() as db:
            replacing.touch(db, document_id, file, reader)

    def attached(self, document_id: int) -> dict[int, dict[str, KnownFile]]:
        """Its attachments and theirs: by the document they are in, then by name."""
        found: dict[int, dict[str, KnownFile]] = {}
        with self._db.reading() as db:
            holders = [document_id]
            for holder in holders:
                rows = select(db, f"SELECT {_KNOWN} FROM documents WHERE parent_id = ?", (holder,))
                known = [_known(row) for row in rows]
                found[holder] = {file.path.rpartition("/")[2]: file for file in known}
                holders += [file.document_id for file in known]
        return found

    def known_file(self, document_id: int) -> KnownFile | None:
        with self._db.reading() as db:
            row = first(db, f"SELECT {_KNOWN} FROM documents WHERE id = ?", (document_id,))
        return None if row is None else _known(row)

    def read_again(self, document_id: int) -> None:
        """Let the next run take this document for changed."""
        with self._db.writing() as db:
            db.execute(
                "UPDATE documents SET modified_ns = ?, digest = '' WHERE id = ?",
                (TRY_AGAIN, document_id),
            )

    def delete(self, document_ids: Iterable[int]) -> None:
        for document_id in document_ids:
            with self._db.writing() as db:
                replacing.delete(db, document_id)

    # --- reading ----------------------------------------------------------------------------

    def ledger(self) -> list[LedgerEntry]:
        with self._db.reading() as db:
            newest = count(db, "SELECT coalesce(max(id), 0) FROM embedders")
            waiting: dict[int, int] = dict(
                select(
                    db,
                    "SELECT p.document_id, count(*) FROM to_embed t "
                    "JOIN passages p ON p.id = t.passage_id WHERE t.embedder_id = ? "
                    "GROUP BY p.document_id",
                    (newest,),
                )
            )
            rows = select(
                db,
                "SELECT d.id, folder_id, d.path, title, format, state, reason, size, modified_ns,"
                " pages, pages_text, pages_ocr, pages_empty, passages, parent_id, away"
                " FROM documents d JOIN folders f ON f.id = folder_id ORDER BY folder_id, d.path",
            )
        return [
            LedgerEntry(
                document_id=row[0],
                folder_id=row[1],
                path=row[2],
                title=row[3],
                format=row[4],
                state=DocumentState(row[5]),
                reason=row[6],
                size=row[7],
                modified=row[8] / 1e9,
                pages=row[9],
                pages_text=row[10],
                pages_ocr=row[11],
                pages_empty=row[12],
                passages=row[13],
                embedded=row[13] - waiting.get(row[0], 0) if newest else 0,
                parent_id=row[14],
                available=not row[15],
            )
            for row in rows
        ]

    def status(self) -> LibraryStatus:
        states = self.states()
        with self._db.reading() as db:
            passages = count(db, "SELECT coalesce(sum(passages), 0) FROM documents")
            newest = count(db, "SELECT coalesce(max(id), 0) FROM embedders")
            waiting = count(db, "SELECT count(*) FROM to_embed WHERE embedder_id = ?", (newest,))
        return LibraryStatus(
            documents=sum(states.values()),
            passages=passages,
            embedded=passages - waiting if newest else 0,
            states=states,
        )

    def states(self, document_ids: Collection[int] | None = None) -> dict[DocumentState, int]:
        """How many documents are in each state; of those named, or of all."""
        inside: tuple[str, tuple[str, ...]] = ("", ())
        if document_ids is not None:
            inside = (
                "WHERE id IN (SELECT value FROM json_each(?))",
                (json.dumps(sorted(document_ids)),),
            )
        query = f"SELECT state, count(*) FROM documents {inside[0]} GROUP BY state"
        with self._db.reading() as db:
            found: dict[str, int] = dict(select(db, query, inside[1]))
        return {state: found.get(state.value, 0) for state in DocumentState}

    def places(self) -> list[Place]:
        """Where all documents are, and of what kind."""
        with self._db.reading() as db:
            rows = select(
                db, "SELECT id, folder_id, path, format, state, modified_ns FROM documents"
            )
        return [Place._make(row) for row in rows]

    def numbers_at(self, wanted: Callable[[Path], bool]) -> frozenset[int]:
        """Ids of the documents whose file, or the file that holds it, is wanted."""
        with self._db.reading() as db:
            rows = select(
                db,
                "SELECT d.id, f.path, d.path FROM documents d JOIN folders f ON f.id = folder_id",
            )
        return frozenset(row[0] for row in rows if wanted(Path(row[1]) / row[2]))

    def file_of(self, document_id: int) -> tuple[str, str, str, str, int]:
        """(folder, path, title, format, pages). Raises ``CarrelError`` where it is gone."""
        with self._db.reading() as db:
            row = first(
                db,
                "SELECT f.path, d.path, d.title, d.format, d.pages FROM documents d "
                "JOIN folders f ON f.id = d.folder_id WHERE d.id = ?",
                (document_id,),
            )
        if row is None:
            raise CarrelError("This document is no longer in the library.")
        return row[0], row[1], row[2], row[3], row[4]

    def location(self, document_id: int) -> Location:
        """Where its bytes are. Raises ``CarrelError`` where it is gone."""
        documents, inside = [document_id], list[str]()
        folder, path, *_ = self.file_of(document_id)
        with self._db.reading() as db:
            while row := first(
                db,
                "SELECT p.id, p.path FROM documents d JOIN documents p ON p.id = d.parent_id "
                "WHERE d.id = ?",
                (documents[0],),
            ):
                documents.insert(0, row[0])
                inside.insert(0, path[len(row[1]) + 1 :])
                path = row[1]
        return Location(Path(folder) / path, tuple(inside), tuple(documents))

    def page(self, document_id: int, number: int) -> Page:
        with self._db.reading() as db:
            row = first(
                db,
                "SELECT number, label, text, state, blocks, width, height, layout, note, hidden "
                "FROM pages WHERE document_id = ? AND number = ?",
                (document_id, number),
            )
        if row is None:
            raise CarrelError(f"This document has no page {number}.")
        label, text, state, blocks, width, height, layout, note, hidden = row[1:]
        return Page(
            number=number,
            label=label,
            text=text,
            state=PageState(state),
            blocks=_blocks.decode(blocks),
            width=width,
            height=height,
            layout=layout,
            note=note,
            hidden=spans_of(hidden),
        )

    def pages(self, document_id: int) -> list[PageEntry]:
        """How each page was read, in order."""
        with self._db.reading() as db:
            rows = select(
                db,
                "SELECT number, label, state, note, hidden FROM pages WHERE document_id = ? "
                "ORDER BY number",
                (document_id,),
            )
        return [
            PageEntry(number, label, PageState(state), note, len(spans_of(hidden)))
            for number, label, state, note, hidden in rows
        ]

    def hidden(self, document_id: int, number: int) -> Spans:
        """The spans of a page's text that nobody sees who looks at the page; see
        :mod:`engine.hidden`. None for a page that is gone."""
        with self._db.reading() as db:
            row = first(
                db,
                "SELECT hidden FROM pages WHERE document_id = ? AND number = ?",
                (document_id, number),
            )
        return () if row is None else spans_of(row[0])

    def orphans(self) -> dict[str, int]:
        """Rows that belong to nothing, by table; all zero in a sound library."""
        with self._db.reading() as db:
            return orphans.orphans(db)


def _known(row: Row) -> KnownFile:
    number, path, size, modified_ns, digest, state, reader, parent_id, attachments = row
    return KnownFile(
        document_id=number,
        path=path,
        size=size,
        modified_ns=modified_ns,
        digest=digest,
        state=DocumentState(state),
        reader=reader,
        parent_id=parent_id,
        attachments=tuple(json.loads(attachments)),
    )
