"""Conversations: answers with their citations, kept whole, so that they stay true.

What is deleted is out of sight at once and can be brought back for an hour; the next opening of
the library after that removes it from the file.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

import apsw
import msgspec

from engine.answers import Answer, AppliedAdapter, Conversation, Turn
from engine.errors import CarrelError
from engine.store import conversation_words
from engine.store.connection import Database, Row, count, first, select
from engine.store.excerpts import Wanted

KEPT_S = 3600.0  # how long what is deleted can be brought back
_TITLE_LENGTH = 60
_FOUND = 50
_WEIGHTS = (4.0, 3.0, 1.0, 2.0)  # title, questions, answers, documents
_COLUMNS = "SELECT id, title, created, updated FROM conversations WHERE deleted IS NULL"


class Conversations:
    def __init__(self, database: Database) -> None:
        self._db = database

    # --- finding ----------------------------------------------------------------------------

    def all(self) -> list[Conversation]:
        """The one used last comes first."""
        with self._db.reading() as db:
            rows = select(db, f"{_COLUMNS} ORDER BY updated DESC, id DESC")
        return [Conversation(*row) for row in rows]

    def one(self, conversation_id: int) -> Conversation:
        """Raises ``CarrelError`` where there is none."""
        with self._db.reading() as db:
            row = first(db, f"{_COLUMNS} AND id = ?", (conversation_id,))
        if row is None:
            raise _gone()
        return Conversation(*row)

    def search(self, text: str, limit: int = _FOUND) -> list[Conversation]:
        """Those that hold every word, best first; a word may be the beginning of a longer one.
        ``found`` is the place in a question, an answer or a quote, empty where only the title
        holds the words. Blank text finds all."""
        if not text.strip():
            return self.all()[:limit]
        wanted = Wanted.of(text)
        if not wanted.expression:
            return []
        with self._db.reading() as db:
            rows = select(
                db,
                "SELECT c.id, c.title, c.created, c.updated FROM conversation_words "
                "JOIN conversations c ON c.id = conversation_words.rowid "
                "WHERE conversation_words MATCH ? "
                "ORDER BY bm25(conversation_words, ?, ?, ?, ?), c.updated DESC LIMIT ?",
                (wanted.expression, *_WEIGHTS, limit),
            )
            found = [wanted.excerpt(_texts(db, row[0])) for row in rows]
        return [
            replace(Conversation(*row), found=place) for row, place in zip(rows, found, strict=True)
        ]

    # --- changing ---------------------------------------------------------------------------

    def create(self, title: str = "") -> Conversation:
        """Without a title it is called by its first question."""
        now = time.time()
        title = " ".join(title.split())
        with self._db.writing() as db:
            db.execute(
                "INSERT INTO conversations(title, created, updated) VALUES (?, ?, ?)",
                (title, now, now),
            )
            number = db.last_insert_rowid()
            conversation_words.put(db, number)
        return Conversation(number, title, now, now)

    def rename(self, conversation_id: int, title: str) -> None:
        """A blank title gives it that of its first question again. Raises ``CarrelError`` where
        there is none."""
        title = " ".join(title.split())
        with self._db.writing() as db:
            if not title:
                row = first(
                    db,
                    "SELECT answer ->> 'question' FROM turns "
                    "WHERE conversation_id = ? AND deleted IS NULL ORDER BY id LIMIT 1",
                    (conversation_id,),
                )
                title = titled(row[0]) if row else ""
            _change(db, "title = ?", (title, conversation_id))
            conversation_words.put(db, conversation_id)

    def delete(self, conversation_id: int) -> None:
        """Takes it out of sight. Raises ``CarrelError`` where there is none."""
        with self._db.writing() as db:
            _change(db, "deleted = ?", (time.time(), conversation_id))
            conversation_words.put(db, conversation_id)

    def restore(self, conversation_id: int) -> None:
        """Brings it back whole. Raises ``CarrelError`` where it is gone for good."""
        with self._db.writing() as db:
            db.execute("UPDATE conversations SET deleted = NULL WHERE id = ?", (conversation_id,))
            if not db.changes():
                raise _gone()
            conversation_words.put(db, conversation_id)

    # --- adapters ---------------------------------------------------------------------------

    def applied(self, conversation_id: int) -> tuple[AppliedAdapter, ...]:
        """What its questions are answered with. Raises ``CarrelError`` where there is none."""
        with self._db.reading() as db:
            row = first(
                db,
                "SELECT adapters FROM conversations WHERE id = ? AND deleted IS NULL",
                (conversation_id,),
            )
        if row is None:
            raise _gone()
        return msgspec.json.decode(row[0], type=tuple[AppliedAdapter, ...])

    def apply(self, conversation_id: int, adapters: Sequence[AppliedAdapter]) -> None:
        """Answer its questions with these from now on. Raises ``CarrelError`` where there is
        none."""
        kept = msgspec.json.encode(tuple(adapters)).decode()
        with self._db.writing() as db:
            _change(db, "adapters = ?", (kept, conversation_id))

    # --- turns ------------------------------------------------------------------------------

    def history(self, conversation_id: int) -> list[Turn]:
        """Its turns in their order; none where it is deleted."""
        with self._db.reading() as db:
            return [Turn(row[0], row[1], _answer(row[2])) for row in _turns(db, conversation_id)]

    def turns(self, conversation_id: int) -> list[Answer]:
        """The answers of :meth:`history`."""
        return [turn.answer for turn in self.history(conversation_id)]

    def add_turn(self, conversation_id: int, answer: Answer) -> int:
        """The turn's id. Raises ``CarrelError`` where the conversation was deleted meanwhile."""
        now = time.time()
        with self._db.writing() as db:
            _change(
                db,
                "updated = ?, title = iif(title = '', ?, title)",
                (now, titled(answer.question), conversation_id),
            )
            db.execute(
                "INSERT INTO turns(conversation_id, asked, answer) VALUES (?, ?, ?)",
                (conversation_id, now, msgspec.json.encode(answer).decode()),
            )
            number = db.last_insert_rowid()
            conversation_words.put(db, conversation_id)
        return number

    def delete_turn(self, turn_id: int) -> None:
        """Takes one question with its answer out of sight. Raises ``CarrelError`` where there is
        none."""
        self._set_turn(turn_id, time.time())

    def restore_turn(self, turn_id: int) -> None:
        """Brings it back to its place. Raises ``CarrelError`` where it is gone for good."""
        self._set_turn(turn_id, None)

    def _set_turn(self, turn_id: int, deleted: float | None) -> None:
        with self._db.writing() as db:
            row = first(
                db,
                "UPDATE turns SET deleted = ? WHERE id = ? RETURNING conversation_id",
                (deleted, turn_id),
            )
            if row is None:
                raise CarrelError("There is no such question in this library any more.")
            conversation_words.put(db, row[0])

    # --- cleaning ---------------------------------------------------------------------------

    def orphans(self) -> dict[str, int]:
        """Rows that belong to nothing, by table; all zero in a sound library."""
        kept = "SELECT id FROM conversations WHERE deleted IS NULL"
        words = "SELECT id FROM conversation_words_docsize"
        with self._db.reading() as db:
            return {
                "turns": count(
                    db,
                    "SELECT count(*) FROM turns "
                    "WHERE conversation_id NOT IN (SELECT id FROM conversations)",
                ),
                "words of conversations": count(
                    db, f"SELECT count(*) FROM ({words}) WHERE id NOT IN ({kept})"
                ),
                "conversations without words": count(
                    db, f"SELECT count(*) FROM ({kept}) WHERE id NOT IN ({words})"
                ),
            }

    def purge(self) -> None:
        """Remove from the file what was deleted more than an hour ago."""
        before = time.time() - KEPT_S
        old = "SELECT id FROM conversations WHERE deleted <= ?1"
        turns = f"FROM turns WHERE deleted <= ?1 OR conversation_id IN ({old})"
        with self._db.reading() as db:
            if not select(db, f"{old} UNION ALL SELECT id {turns} LIMIT 1", (before,)):
                return
        with self._db.writing() as db:
            db.execute(f"DELETE {turns}", (before,))
            db.execute("DELETE FROM conversations WHERE deleted <= ?1", (before,))
            # an index keeps deleted words until its parts are merged
            db.execute("INSERT INTO conversation_words(conversation_words) VALUES ('optimize')")


def titled(question: str) -> str:
    """A conversation's title: its first question on one line, cut at a word."""
    line = " ".join(question.split())
    if len(line) <= _TITLE_LENGTH:
        return line
    cut = line[:_TITLE_LENGTH]
    words = cut.rsplit(maxsplit=1)[0]
    # scripts without spaces are cut where they are
    return (words if len(words) > _TITLE_LENGTH // 2 else cut).rstrip(".,;:") + "…"


def _change(db: apsw.Connection, what: str, values: tuple[object, ...]) -> None:
    db.execute(f"UPDATE conversations SET {what} WHERE id = ? AND deleted IS NULL", values)
    if not db.changes():
        raise _gone()


def _turns(db: apsw.Connection, conversation_id: int) -> list[Row]:
    return select(
        db,
        "SELECT t.id, t.asked, t.answer FROM turns t JOIN conversations c "
        "ON c.id = t.conversation_id WHERE c.id = ? AND c.deleted IS NULL AND t.deleted IS NULL "
        "ORDER BY t.id",
        (conversation_id,),
    )


def _answer(stored: str) -> Answer:
    return msgspec.json.decode(stored, type=Answer)


def _texts(db: apsw.Connection, conversation_id: int) -> list[str]:
    """Where a word may have been read, the likeliest first."""
    answers = [_answer(row[2]) for row in _turns(db, conversation_id)]
    cited = [citation for answer in answers for citation in answer.citations]
    return [
        *(answer.question for answer in answers),
        *(answer.text for answer in answers),
        *(citation.quote for citation in cited),
        *dict.fromkeys(f"{citation.title} ({citation.document})" for citation in cited),
    ]


def _gone() -> CarrelError:
    return CarrelError("This conversation was deleted.")
