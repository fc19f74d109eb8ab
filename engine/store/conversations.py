"""Conversations: answers with their citations, kept whole, so that they stay true."""

from __future__ import annotations

import time

import msgspec

from engine.answers import Answer, Conversation
from engine.errors import CarrelError
from engine.store.connection import Database, select


class Conversations:
    def __init__(self, database: Database) -> None:
        self._db = database

    def all(self) -> list[Conversation]:
        """The one used last comes first."""
        with self._db.reading() as db:
            return [
                Conversation(*row)
                for row in select(
                    db,
                    "SELECT id, title, created, updated FROM conversations "
                    "ORDER BY updated DESC, id DESC",
                )
            ]

    def create(self, title: str) -> Conversation:
        now = time.time()
        with self._db.writing() as db:
            db.execute(
                "INSERT INTO conversations(title, created, updated) VALUES (?, ?, ?)",
                (title, now, now),
            )
            return Conversation(db.last_insert_rowid(), title, now, now)

    def rename(self, conversation_id: int, title: str) -> None:
        with self._db.writing() as db:
            db.execute("UPDATE conversations SET title = ? WHERE id = ?", (title, conversation_id))

    def delete(self, conversation_id: int) -> None:
        with self._db.writing() as db:
            db.execute("DELETE FROM turns WHERE conversation_id = ?", (conversation_id,))
            db.execute("DELETE FROM conversations WHERE id = ?", (conversation_id,))

    def turns(self, conversation_id: int) -> list[Answer]:
        with self._db.reading() as db:
            rows = select(
                db,
                "SELECT answer FROM turns WHERE conversation_id = ? ORDER BY id",
                (conversation_id,),
            )
        return [msgspec.json.decode(row[0], type=Answer) for row in rows]

    def add_turn(self, conversation_id: int, answer: Answer) -> None:
        """Raises ``CarrelError`` where the conversation was deleted meanwhile."""
        now = time.time()
        with self._db.writing() as db:
            db.execute("UPDATE conversations SET updated = ? WHERE id = ?", (now, conversation_id))
            if not db.changes():
                raise CarrelError("This conversation was deleted.")
            db.execute(
                "INSERT INTO turns(conversation_id, asked, answer) VALUES (?, ?, ?)",
                (conversation_id, now, msgspec.json.encode(answer).decode()),
            )
