"""Keyword search (FTS5, BM25) over whole pages, and over the names of documents.

A page is the unit, not a passage: its words together decide better whether it is the right one,
and there are a fifth as many rows to score.
"""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePath

import apsw

from engine.lexical import WORD, indexed, name_words, parts, quoted
from engine.store.connection import Database, count, select

_COUNTED = 8_000
_DEAR = 4_000  # rows of a compound's rarest part
_REMEMBERED = 50_000
_SAMPLED = 300  # pages
_WARMED = 1_000  # words
_STALE = 0.1  # growth of the library after which counts are taken again


@dataclass(frozen=True, slots=True)
class Frequencies:
    """``rows`` in the index and how many of them hold each expression."""

    rows: int
    of: dict[str, int]


class Keywords:
    """``documents`` narrows a search to those document ids; None is the whole library."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._lock = threading.Lock()
        self._rows: dict[str, tuple[int, int, int]] = {}
        self._counts: dict[tuple[str, str], tuple[int, int]] = {}

    def pages(
        self,
        expression: str,
        limit: int,
        documents: Collection[int] | None = None,
        weights: tuple[float, float, float] = (1.0, 1.0, 1.0),
    ) -> list[tuple[int, float]]:
        """(page id, BM25), best first; ``weights`` are those of title, headings and body."""
        inside, values = _inside(documents)
        with self._db.reading() as db:
            return [
                (int(row[0]), -row[1])
                for row in select(
                    db,
                    "SELECT rowid, bm25(keywords, ?, ?, ?) AS score FROM keywords "
                    f"WHERE keywords MATCH ? {inside} ORDER BY score LIMIT ?",
                    (*weights, expression, *values, limit),
                )
            ]

    def some(
        self, expression: str, limit: int, documents: Collection[int] | None = None
    ) -> list[int]:
        """Ids of pages that match, the first that are met: for words so common that scoring all
        of their pages would take too long."""
        inside, values = _inside(documents)
        with self._db.reading() as db:
            rows = select(
                db,
                f"SELECT rowid FROM keywords WHERE keywords MATCH ? {inside} LIMIT ?",
                (expression, *values, limit),
            )
        return [int(row[0]) for row in rows]

    def names(self, expression: str, limit: int) -> list[tuple[int, float]]:
        """(document id, BM25) of the documents whose path holds the words, best first."""
        with self._db.reading() as db:
            return [
                (int(row[0]), -row[1])
                for row in select(
                    db,
                    "SELECT rowid, bm25(names) AS score FROM names WHERE names MATCH ? "
                    "ORDER BY score LIMIT ?",
                    (expression, limit),
                )
            ]

    def holding(self, expression: str, page_ids: Sequence[int]) -> set[int]:
        """Those of the pages that match an FTS5 expression."""
        with self._db.reading() as db:
            rows = select(
                db,
                "SELECT rowid FROM keywords WHERE keywords MATCH ? AND +rowid IN "
                "(SELECT value FROM json_each(?))",
                (expression, json.dumps(list(page_ids))),
            )
        return {int(row[0]) for row in rows}

    def frequencies(self, expressions: Collection[str], table: str = "keywords") -> Frequencies:
        """Of ``keywords`` or ``names``. After 8,000 rows the rest is estimated, and a count is
        kept until the library has grown or shrunk by a tenth; that a word is nowhere is never
        kept. A compound ("s-3") of common parts takes long to find: it is taken to be as
        frequent as its rarest part."""
        with self._db.reading() as db:
            rows = self._total(db, table)
            found = self._known(expressions, table, rows)
            new = [expression for expression in expressions if expression not in found]
            split = {each: parts(each) for each in new}
            single = {part for some in split.values() for part in some}
            of_parts = self._known(single, table, rows)
            of_parts |= self._counted(db, single - of_parts.keys(), table, rows)
            for each, some in split.items():
                if some and min(of_parts[part] for part in some) > _DEAR:
                    found[each] = min(of_parts[part] for part in some)
            found |= self._counted(db, {e for e in new if e not in found}, table, rows)
        return Frequencies(rows, {expression: found[expression] for expression in expressions})

    def _counted(
        self, db: apsw.Connection, expressions: Collection[str], table: str, rows: int
    ) -> dict[str, int]:
        if not expressions:
            return {}
        met = select(
            db,
            "SELECT value, (SELECT json_array(count(*), max(rowid)) FROM "
            f"(SELECT rowid FROM {table} WHERE {table} MATCH value LIMIT ?)) FROM json_each(?)",
            (_COUNTED, json.dumps(sorted(expressions))),
        )
        counted = {str(each): _estimated(*json.loads(some), rows=rows) for each, some in met}
        with self._lock:
            if len(self._counts) > _REMEMBERED:
                self._counts.clear()
            self._counts.update(((table, e), (held, rows)) for e, held in counted.items() if held)
        return counted

    def warm(self) -> None:
        """Count the commonest words, which take longest, before somebody asks for them: those
        that many of some pages from all over the library hold."""
        with self._db.reading() as db:
            last = int(count(db, "SELECT coalesce(max(id), 0) FROM pages"))
            wanted = sorted({last * at // _SAMPLED for at in range(1, _SAMPLED + 1)})
            rows = select(
                db,
                "SELECT text FROM pages WHERE id IN (SELECT value FROM json_each(?))",
                (json.dumps(wanted),),
            )
        held = Counter(word for row in rows for word in set(WORD.findall(row[0].lower())))
        common = [word for word, many in held.most_common(_WARMED) if many > 0.02 * len(rows)]
        for at in range(0, len(common), 20):  # in between, others may read
            self.frequencies([quoted(word) for word in common[at : at + 20]])

    def _known(self, expressions: Collection[str], table: str, rows: int) -> dict[str, int]:
        found = {}
        with self._lock:
            for expression in expressions:
                held, then = self._counts.get((table, expression), (0, 0))
                if then and abs(rows - then) <= _STALE * then:
                    found[expression] = held
        return found

    def _total(self, db: apsw.Connection, table: str) -> int:
        """How many rows; counted again when the last id has moved on by a hundredth, or when
        documents went."""
        last = count(db, f"SELECT coalesce(max(id), 0) FROM {table}_docsize")
        removal = count(db, "SELECT coalesce(max(number), 0) FROM removals")
        known = self._rows.get(table)
        if known is None or removal != known[2] or abs(last - known[1]) > 0.01 * known[1]:
            known = (count(db, f"SELECT count(*) FROM {table}_docsize"), last, removal)
            self._rows[table] = known
        return known[0]


def _estimated(counted: int, last: int | None, *, rows: int) -> int:
    """How many rows hold a word of which ``counted`` were met up to the row ``last``: as many in
    the rest as were met so far, for their share."""
    if counted < _COUNTED or not last:
        return counted
    return min(rows, max(counted, counted * rows // last))


def _inside(documents: Collection[int] | None) -> tuple[str, tuple[str, ...]]:
    if documents is None:
        return "", ()
    return (
        # the plus keeps SQLite from asking the index once for every id
        "AND +rowid IN (SELECT id FROM pages WHERE document_id IN "
        "(SELECT value FROM json_each(?)))",
        (json.dumps(sorted(documents)),),
    )


def put_page(
    db: apsw.Connection, page_id: int, title: str, headings: Iterable[str], text: str
) -> None:
    """The keyword row of a page that has passages, in place of the one it had."""
    named = dict.fromkeys(filter(None, headings))
    db.execute(
        "INSERT OR REPLACE INTO keywords(rowid, title, heading, body) VALUES (?, ?, ?, ?)",
        (page_id, title, indexed(" ".join(named)), indexed(text)),
    )


def delete_page(db: apsw.Connection, page_id: int) -> None:
    db.execute("DELETE FROM keywords WHERE rowid = ?", (page_id,))


def put_name(db: apsw.Connection, document_id: int, path: str) -> None:
    """Or put it anew, where the path has changed."""
    db.execute(
        "INSERT OR REPLACE INTO names(rowid, name) VALUES (?, ?)", (document_id, path_words(path))
    )


def path_words(path: str) -> str:
    """The words of a relative path: its folders' and the file's, without the suffix."""
    pure = PurePath(path)
    return indexed(name_words(" ".join((*pure.parent.parts, pure.stem))))


def searched_title(title: str, path: str) -> str:
    """What the title column holds: "3M_2022_10K.pdf" is often the best title there is."""
    stem = PurePath(path).stem
    return indexed(" ".join(dict.fromkeys((name_words(title), name_words(stem)))))


def delete(db: apsw.Connection, document_id: int) -> None:
    """The keyword rows of a document, while its pages are still known."""
    db.execute(
        "DELETE FROM keywords WHERE rowid IN (SELECT DISTINCT page_id FROM passages "
        "WHERE document_id = ?)",
        (document_id,),
    )
    db.execute("DELETE FROM names WHERE rowid = ?", (document_id,))
