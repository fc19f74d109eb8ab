"""Folders, documents with their pages and passages, and the ledger."""

from __future__ import annotations

import json
import time
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import apsw
import msgspec

from engine.errors import CarrelError
from engine.hidden import Spans, united
from engine.records import (
    Block,
    DocumentState,
    Folder,
    LedgerEntry,
    LibraryStatus,
    Page,
    PageEntry,
    PageState,
    Passage,
)
from engine.store import keywords
from engine.store.connection import Database, count, first, select
from engine.store.nearest import vector_table

_REMEMBERED_REMOVALS = 50_000

_blocks = msgspec.msgpack.Decoder(tuple[Block, ...])
_spans = msgspec.msgpack.Decoder(Spans)


@dataclass(frozen=True, slots=True)
class FileRecord:
    """What is known of a file before (or instead of) reading it."""

    folder_id: int
    path: str
    size: int
    modified_ns: int
    digest: str = ""


@dataclass(frozen=True, slots=True)
class KnownFile:
    """What the store remembers of a file, to decide whether it must be read again."""

    document_id: int
    path: str
    size: int
    modified_ns: int
    digest: str
    state: DocumentState
    reader: int


@dataclass(frozen=True, slots=True)
class ReadResult:
    """Everything that reading one file gave."""

    format: str
    title: str
    state: DocumentState
    reason: str
    pages: Sequence[tuple[Page, tuple[Passage, ...]]] = ()


class Place(NamedTuple):
    """Where a document is and of what kind: what a scope goes by. ``state`` is a
    ``DocumentState``'s value, ``format`` the reader's name or, unread, the file's suffix."""

    document_id: int
    folder_id: int
    path: str
    format: str
    state: str
    modified_ns: int


class FolderGoneError(CarrelError):
    """The folder was removed, or became part of another, while its files were being read."""


class Documents:
    """``reader`` is the version of the reading code: files that it could not read are tried
    again when it changes."""

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
            rows = select(db, "SELECT id FROM documents WHERE folder_id = ?", (folder_id,))
            for (document_id,) in rows:
                _delete(db, document_id)
            db.execute("DELETE FROM folders WHERE id = ?", (folder_id,))

    # --- writing ----------------------------------------------------------------------------

    def known(self, folder_id: int) -> dict[str, KnownFile]:
        """By path."""
        with self._db.reading() as db:
            rows = select(
                db,
                "SELECT id, path, size, modified_ns, digest, state, reader FROM documents "
                "WHERE folder_id = ?",
                (folder_id,),
            )
        return {
            row[1]: KnownFile(row[0], row[1], row[2], row[3], row[4], DocumentState(row[5]), row[6])
            for row in rows
        }

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

    def orphaned_duplicates(self) -> list[tuple[int, str]]:
        """(folder id, path) of duplicates whose original is no longer in the library."""
        with self._db.reading() as db:
            return [
                (int(row[0]), str(row[1]))
                for row in select(
                    db,
                    "SELECT folder_id, path FROM documents d WHERE state = ? AND NOT EXISTS ("
                    "SELECT 1 FROM documents o WHERE o.digest = d.digest AND o.state IN (?, ?))",
                    (DocumentState.DUPLICATE, DocumentState.INDEXED, DocumentState.PARTIAL),
                )
            ]

    def put(self, file: FileRecord, result: ReadResult, reader: int) -> int:
        """Store a document in one transaction, in place of what was known of it; its id.

        An unchanged id keeps conversations' links working after an edit.
        """
        counts = _counts(result)
        with self._db.writing() as db:
            if not count(db, "SELECT count(*) FROM folders WHERE id = ?", (file.folder_id,)):
                raise FolderGoneError("The folder is no longer in the library.")
            old = first(
                db,
                "SELECT id FROM documents WHERE folder_id = ? AND path = ?",
                (file.folder_id, file.path),
            )
            if old is not None:
                _delete(db, old[0])
            title = result.title or Path(file.path).stem
            db.execute(
                "INSERT INTO documents(id, folder_id, path, title, format, state, reason, size,"
                " modified_ns, digest, reader, pages, pages_text, pages_ocr, pages_empty, passages)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    None if old is None else old[0],
                    file.folder_id,
                    file.path,
                    title,
                    result.format,
                    result.state,
                    result.reason,
                    file.size,
                    file.modified_ns,
                    file.digest,
                    reader,
                    *counts,
                ),
            )
            document_id = db.last_insert_rowid()
            words = keywords.searched_title(title, file.path)
            for page, passages in result.pages:
                _put_page(db, document_id, words, page, passages)
            keywords.put_name(db, document_id, file.path)
        return document_id

    def touch(self, document_id: int, file: FileRecord) -> None:
        """The file's date changed and its content did not."""
        with self._db.writing() as db:
            db.execute(
                "UPDATE documents SET size = ?, modified_ns = ? WHERE id = ?",
                (file.size, file.modified_ns, document_id),
            )

    def delete(self, document_ids: Iterable[int]) -> None:
        for document_id in document_ids:
            with self._db.writing() as db:
                _delete(db, document_id)

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
                "SELECT id, folder_id, path, title, format, state, reason, size, modified_ns,"
                " pages, pages_text, pages_ocr, pages_empty, passages FROM documents "
                "ORDER BY folder_id, path",
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
        queries = {
            "pages": "SELECT count(*) FROM pages WHERE document_id NOT IN "
            "(SELECT id FROM documents)",
            "passages": "SELECT count(*) FROM passages WHERE page_id NOT IN "
            "(SELECT id FROM pages) OR document_id NOT IN (SELECT id FROM documents)",
            "keyword rows": "SELECT count(*) FROM keywords_docsize WHERE id NOT IN "
            "(SELECT page_id FROM passages)",
            "passages without keyword rows": "SELECT count(*) FROM passages WHERE page_id NOT IN "
            "(SELECT id FROM keywords_docsize)",
            "names": "SELECT count(*) FROM names_docsize WHERE id NOT IN "
            "(SELECT id FROM documents)",
            "passages to embed": "SELECT count(*) FROM to_embed WHERE passage_id NOT IN "
            "(SELECT id FROM passages) OR embedder_id NOT IN (SELECT id FROM embedders)",
        }
        with self._db.reading() as db:
            found = {name: db.execute(query).get for name, query in queries.items()}
            for (embedder_id,) in select(db, "SELECT id FROM embedders"):
                table = vector_table(embedder_id)
                found[f"vectors of embedder {embedder_id}"] = count(
                    db,
                    f"SELECT count(*) FROM {table} v LEFT JOIN passages p ON p.id = v.passage_id "
                    "WHERE p.document_id IS NOT v.document_id",
                )
                found[f"passages that embedder {embedder_id} passed over"] = count(
                    db,
                    f"SELECT count(*) FROM passages WHERE id NOT IN (SELECT passage_id FROM {table}"
                    " UNION ALL SELECT passage_id FROM to_embed WHERE embedder_id = ?)",
                    (embedder_id,),
                )
                found[f"vectors of embedder {embedder_id} still waited for"] = count(
                    db,
                    "SELECT count(*) FROM to_embed WHERE embedder_id = ? AND passage_id IN "
                    f"(SELECT passage_id FROM {table})",
                    (embedder_id,),
                )
        return found


def spans_of(stored: bytes) -> Spans:
    """The spans in a page's column ``hidden``."""
    return _spans.decode(stored) if stored else ()


def _counts(result: ReadResult) -> tuple[int, int, int, int, int]:
    states = [page.state for page, _ in result.pages]
    return (
        len(states),
        states.count(PageState.TEXT),
        states.count(PageState.OCR),
        states.count(PageState.EMPTY),
        sum(len(passages) for _, passages in result.pages),
    )


def _put_page(
    db: apsw.Connection,
    document_id: int,
    title: str,
    page: Page,
    passages: tuple[Passage, ...],
) -> None:
    hidden = united(page.hidden, len(page.text))  # a reader is not trusted to have them in order
    db.execute(
        "INSERT INTO pages(document_id, number, label, state, note, width, height, text, blocks,"
        " layout, hidden) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            document_id,
            page.number,
            page.label,
            page.state,
            page.note,
            page.width,
            page.height,
            page.text,
            msgspec.msgpack.encode(page.blocks),
            page.layout,
            msgspec.msgpack.encode(hidden) if hidden else b"",
        ),
    )
    page_id = db.last_insert_rowid()
    for passage in passages:
        db.execute(
            'INSERT INTO passages(document_id, page_id, start, "end", heading) '
            "VALUES (?, ?, ?, ?, ?)",
            (document_id, page_id, passage.start, passage.end, passage.heading),
        )
        passage_id = db.last_insert_rowid()
        db.execute(
            "INSERT INTO to_embed(embedder_id, passage_id) SELECT id, ? FROM embedders",
            (passage_id,),
        )
    if passages:
        keywords.put_page(db, page_id, title, page, passages)


def _delete(db: apsw.Connection, document_id: int) -> None:
    """Everything of a document: vectors, keyword rows, passages, pages and its own row."""
    of_document = "(SELECT id FROM passages WHERE document_id = ?)"
    for (embedder_id,) in select(db, "SELECT id FROM embedders"):
        db.execute(
            f"DELETE FROM {vector_table(embedder_id)} WHERE passage_id IN {of_document}",
            (document_id,),
        )
    db.execute("INSERT INTO removals(document_id) VALUES (?)", (document_id,))
    db.execute(
        "DELETE FROM removals WHERE number <= ?",
        (db.last_insert_rowid() - _REMEMBERED_REMOVALS,),
    )
    db.execute(f"DELETE FROM to_embed WHERE passage_id IN {of_document}", (document_id,))
    keywords.delete(db, document_id)
    db.execute("DELETE FROM passages WHERE document_id = ?", (document_id,))
    db.execute("DELETE FROM pages WHERE document_id = ?", (document_id,))
    db.execute("DELETE FROM documents WHERE id = ?", (document_id,))
