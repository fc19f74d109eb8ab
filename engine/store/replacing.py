"""Documents put in place of what was known of them, moved, and deleted: row by row.

A document keeps its id for as long as there is one at its path, so that conversations' links go
on working. What an edit leaves as it was stays: pages keep their rows, and passages that read
the same under the same headings keep their ids, and so their vectors, wherever they stand now.
"""

from __future__ import annotations

import json
from collections import defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePath

import apsw
import msgspec

from engine.hidden import united
from engine.records import Page, PageState, Passage
from engine.store import keywords
from engine.store.connection import Row, first, select
from engine.store.files import TRY_AGAIN, FileRecord, ParentGoneError, ReadResult, shown, spans_of
from engine.store.nearest import vector_table

_REMEMBERED_REMOVALS = 50_000
_PAGE = "label, state, note, width, height, text, blocks, layout, hidden"

_Seen = tuple[str, str]  # heading and text of a passage, as the embedder sees them


def put(
    db: apsw.Connection, file: FileRecord, result: ReadResult, reader: int, parent_id: int | None
) -> int:
    """Store a document; its id."""
    if parent_id is not None and not first(
        db, "SELECT 1 FROM documents WHERE id = ? AND folder_id = ?", (parent_id, file.folder_id)
    ):
        raise ParentGoneError("The file that holds this one is no longer in the library.")
    title = result.title or PurePath(file.path).stem
    values = {
        "folder_id": file.folder_id,
        "path": file.path,
        "title": title,
        "format": result.format,
        "state": result.state,
        "reason": result.reason,
        "size": file.size,
        "modified_ns": file.modified_ns,
        "digest": file.digest,
        "reader": reader,
        "parent_id": parent_id,
        "attachments": json.dumps(result.attachments),
        **_counts(result),
    }
    old = first(
        db,
        "SELECT id, title FROM documents WHERE folder_id = ? AND path = ?",
        (file.folder_id, file.path),
    )
    words = keywords.searched_title(title, file.path)
    if old is None:
        names, marks = ", ".join(values), ", ".join("?" * len(values))
        db.execute(f"INSERT INTO documents({names}) VALUES ({marks})", tuple(values.values()))
        document_id = db.last_insert_rowid()
        keywords.put_name(db, document_id, file.path)
        for page, passages in result.pages:
            _put_page(db, document_id, words, page, passages, {})
    else:
        document_id = int(old[0])
        settings = ", ".join(f"{name} = ?" for name in values)
        db.execute(f"UPDATE documents SET {settings} WHERE id = ?", (*values.values(), document_id))
        _replace(db, document_id, words, result, retitled=old[1] != title)
    return document_id


def move(db: apsw.Connection, document_id: int, file: FileRecord) -> None:
    """The same content is at another path now, with the attachments in it."""
    old = first(db, "SELECT path, title FROM documents WHERE id = ?", (document_id,))
    if old is None:
        return
    old_path, title = old
    if title == PurePath(old_path).stem:  # it was called by its file's name
        title = PurePath(file.path).stem
    db.execute(
        "UPDATE documents SET title = ?, size = ?, modified_ns = ? WHERE id = ?",
        (title, file.size, file.modified_ns, document_id),
    )
    moving = (document_id, *_attached(db, document_id))
    # a file that held others, and a folder now that is called as it was
    for (number,) in select(
        db,
        "SELECT id FROM documents WHERE folder_id = ? AND path = ? AND id != ?",
        (file.folder_id, file.path, document_id),
    ):
        delete(db, number)
    for moved in moving:
        db.execute(
            "UPDATE documents SET folder_id = ?, path = ? || substr(path, ?) WHERE id = ?",
            (file.folder_id, file.path, len(old_path) + 1, moved),
        )
        for path, its_title in select(
            db, "SELECT path, title FROM documents WHERE id = ?", (moved,)
        ):
            keywords.put_name(db, moved, path)
            _put_titles(db, moved, keywords.searched_title(its_title, path))


def touch(db: apsw.Connection, document_id: int, file: FileRecord, reader: int) -> None:
    """The same content has another date now, and what was read of its attachments has it too."""
    row = first(db, "SELECT modified_ns FROM documents WHERE id = ?", (document_id,))
    db.execute(
        "UPDATE documents SET size = ?, modified_ns = ?, reader = ? WHERE id = ?",
        (file.size, file.modified_ns, reader, document_id),
    )
    if row is not None and row[0] != TRY_AGAIN:
        db.execute(
            "UPDATE documents SET modified_ns = ? WHERE modified_ns = ? "
            "AND id IN (SELECT value FROM json_each(?))",
            (file.modified_ns, row[0], json.dumps(_attached(db, document_id))),
        )


def delete(db: apsw.Connection, document_id: int) -> None:
    """Everything of a document and of its attachments: vectors, keyword rows, passages, pages,
    passphrases and their own rows."""
    for gone in (*reversed(_attached(db, document_id)), document_id):
        _delete_one(db, gone)


def drop_attachments(db: apsw.Connection, document_id: int, kept: Iterable[str] = ()) -> None:
    """Delete the attachments of a document that are not called by one of these names."""
    names = set(kept)
    for number, path in select(
        db, "SELECT id, path FROM documents WHERE parent_id = ?", (document_id,)
    ):
        if path.rpartition("/")[2] not in names:
            delete(db, number)


def _replace(
    db: apsw.Connection, document_id: int, words: str, result: ReadResult, *, retitled: bool
) -> None:
    drop_attachments(db, document_id, result.attachments)
    # a title stands in every keyword row, and before every text that is embedded
    kept = set() if retitled else _unchanged(db, document_id, result)
    old = _seen(db, document_id, kept)
    gone = {number for same in old.values() for number in same}
    again: dict[_Seen, deque[int]] = {} if retitled else old
    numbers = set()
    for page, passages in result.pages:
        numbers.add(page.number)
        if page.number not in kept:
            gone -= _put_page(db, document_id, words, page, passages, again)
    _delete_passages(db, document_id, gone)
    for page_id, number in select(
        db, "SELECT id, number FROM pages WHERE document_id = ?", (document_id,)
    ):
        if number not in numbers:
            keywords.delete_page(db, page_id)
            db.execute("DELETE FROM pages WHERE id = ?", (page_id,))


def _unchanged(db: apsw.Connection, document_id: int, result: ReadResult) -> set[int]:
    """Numbers of the pages that are stored as they were read now."""
    found = set()
    for page, passages in result.pages:
        row = first(
            db,
            f"SELECT id, {_PAGE} FROM pages WHERE document_id = ? AND number = ?",
            (document_id, page.number),
        )
        if row is None or row[1:] != _row(page):
            continue
        spans = select(
            db,
            'SELECT start, "end", heading FROM passages WHERE page_id = ? ORDER BY start, id',
            (row[0],),
        )
        if spans == [(p.start, p.end, p.heading) for p in passages]:
            found.add(page.number)
    return found


def _seen(db: apsw.Connection, document_id: int, kept: set[int]) -> dict[_Seen, deque[int]]:
    """The passages of all pages but those that are kept, by what the embedder saw of them."""
    found: dict[_Seen, deque[int]] = defaultdict(deque)
    for number, passage_id, heading, start, text, hidden in db.execute(
        "SELECT g.number, p.id, p.heading, p.start,"
        ' substr(g.text, p.start + 1, p."end" - p.start), g.hidden'
        " FROM pages g JOIN passages p ON p.page_id = g.id WHERE g.document_id = ?"
        " ORDER BY g.number, p.start",
        (document_id,),
    ):
        if number not in kept:
            found[heading, shown(text, start, spans_of(hidden))].append(passage_id)
    return found


def _put_page(
    db: apsw.Connection,
    document_id: int,
    title: str,
    page: Page,
    passages: Sequence[Passage],
    again: Mapping[_Seen, deque[int]],
) -> set[int]:
    """Write a page over the one of its number, if there is one. Passages are taken from
    ``again`` where they can be; the ids of those that were."""
    row = _row(page)
    old = first(
        db, "SELECT id FROM pages WHERE document_id = ? AND number = ?", (document_id, page.number)
    )
    if old is None:
        marks = ", ".join("?" * (len(row) + 2))
        db.execute(
            f"INSERT INTO pages(document_id, number, {_PAGE}) VALUES ({marks})",
            (document_id, page.number, *row),
        )
        page_id = db.last_insert_rowid()
    else:
        page_id = int(old[0])
        columns = ", ".join(f"{name} = ?" for name in _PAGE.split(", "))
        db.execute(f"UPDATE pages SET {columns} WHERE id = ?", (*row, page_id))
    hidden = spans_of(row[-1])
    used = set()
    for passage in passages:
        text = page.text[passage.start : passage.end]
        same = again.get((passage.heading, shown(text, passage.start, hidden)))
        if same:
            number = same.popleft()
            used.add(number)
            db.execute(
                'UPDATE passages SET page_id = ?, start = ?, "end" = ? WHERE id = ?',
                (page_id, passage.start, passage.end, number),
            )
        else:
            _add_passage(db, document_id, page_id, passage)
    if passages:
        keywords.put_page(db, page_id, title, (p.heading for p in passages), page.text)
    elif old is not None:
        keywords.delete_page(db, page_id)
    return used


def _add_passage(db: apsw.Connection, document_id: int, page_id: int, passage: Passage) -> None:
    db.execute(
        'INSERT INTO passages(document_id, page_id, start, "end", heading) VALUES (?, ?, ?, ?, ?)',
        (document_id, page_id, passage.start, passage.end, passage.heading),
    )
    db.execute(
        "INSERT INTO to_embed(embedder_id, passage_id) SELECT id, ? FROM embedders",
        (db.last_insert_rowid(),),
    )


def _delete_passages(db: apsw.Connection, document_id: int, gone: set[int]) -> None:
    """Passages of a document that goes on."""
    if not gone:
        return
    ids = json.dumps(sorted(gone))
    named = "(SELECT value FROM json_each(?))"
    for (embedder_id,) in select(db, "SELECT id FROM embedders"):
        table = vector_table(embedder_id)
        db.execute(
            "INSERT INTO removals(document_id, embedder_id, seq) "
            f"SELECT ?, ?, seq FROM {table} WHERE passage_id IN {named}",
            (document_id, embedder_id, ids),
        )
        db.execute(f"DELETE FROM {table} WHERE passage_id IN {named}", (ids,))
    _trim_removals(db)
    db.execute(f"DELETE FROM to_embed WHERE passage_id IN {named}", (ids,))
    db.execute(f"DELETE FROM passages WHERE id IN {named}", (ids,))


def _delete_one(db: apsw.Connection, document_id: int) -> None:
    of_document = "(SELECT id FROM passages WHERE document_id = ?)"
    for (embedder_id,) in select(db, "SELECT id FROM embedders"):
        db.execute(
            f"DELETE FROM {vector_table(embedder_id)} WHERE passage_id IN {of_document}",
            (document_id,),
        )
    db.execute("INSERT INTO removals(document_id) VALUES (?)", (document_id,))
    _trim_removals(db)
    db.execute(f"DELETE FROM to_embed WHERE passage_id IN {of_document}", (document_id,))
    keywords.delete(db, document_id)
    for table in ("passages", "pages", "passphrases"):
        db.execute(f"DELETE FROM {table} WHERE document_id = ?", (document_id,))
    db.execute("DELETE FROM documents WHERE id = ?", (document_id,))


def _trim_removals(db: apsw.Connection) -> None:
    db.execute(
        "DELETE FROM removals WHERE number <= (SELECT max(number) FROM removals) - ?",
        (_REMEMBERED_REMOVALS,),
    )


def _put_titles(db: apsw.Connection, document_id: int, title: str) -> None:
    """The keyword rows of a document that is called otherwise now."""
    for page_id, text, headings in select(
        db,
        "SELECT g.id, g.text, json_group_array(p.heading ORDER BY p.start)"
        " FROM pages g JOIN passages p ON p.page_id = g.id WHERE g.document_id = ? GROUP BY g.id",
        (document_id,),
    ):
        keywords.put_page(db, page_id, title, json.loads(headings), text)


def _attached(db: apsw.Connection, document_id: int) -> list[int]:
    """Its attachments and theirs, each after the document that holds it."""
    found = [document_id]
    for number in found:
        rows = select(db, "SELECT id FROM documents WHERE parent_id = ?", (number,))
        found += [int(row[0]) for row in rows]
    return found[1:]


def _row(page: Page) -> Row:
    """The columns of ``_PAGE``."""
    hidden = united(page.hidden, len(page.text))  # a reader is not trusted to have them in order
    return (
        page.label,
        page.state.value,
        page.note,
        page.width,
        page.height,
        page.text,
        msgspec.msgpack.encode(page.blocks),
        page.layout,
        msgspec.msgpack.encode(hidden) if hidden else b"",
    )


def _counts(result: ReadResult) -> dict[str, int]:
    states = [page.state for page, _ in result.pages]
    return {
        "pages": len(states),
        "pages_text": states.count(PageState.TEXT),
        "pages_ocr": states.count(PageState.OCR),
        "pages_empty": states.count(PageState.EMPTY),
        "passages": sum(len(passages) for _, passages in result.pages),
    }
