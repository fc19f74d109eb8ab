"""The keyword index over conversations: one row for each, made anew when a turn comes or goes.

A conversation is the unit, not a turn: what somebody remembers of it ("the one about the lease,
where Meyer came up") is rarely all in one answer. The stored answers are read as plain JSON here,
because a schema step uses this and must go on working whatever becomes of the records.
"""

from __future__ import annotations

import json
from typing import Any

import apsw

from engine.lexical import indexed, name_words


def put(db: apsw.Connection, conversation_id: int) -> None:
    """The row of a conversation; none where it is deleted."""
    db.execute("DELETE FROM conversation_words WHERE rowid = ?", (conversation_id,))
    talk = db.execute(
        "SELECT title FROM conversations WHERE id = ? AND deleted IS NULL", (conversation_id,)
    ).fetchone()
    if talk is None:
        return
    answers = [
        json.loads(row[0])
        for row in db.execute(
            "SELECT answer FROM turns WHERE conversation_id = ? AND deleted IS NULL ORDER BY id",
            (conversation_id,),
        )
    ]
    db.execute(
        "INSERT INTO conversation_words(rowid, title, questions, answers, documents) "
        "VALUES (?, ?, ?, ?, ?)",
        (
            conversation_id,
            indexed(talk[0]),
            indexed("\n".join(answer.get("question", "") for answer in answers)),
            indexed("\n".join(text for answer in answers for text in _said(answer))),
            indexed(" ".join(name for answer in answers for name in _documents(answer))),
        ),
    )


def _said(answer: dict[str, Any]) -> list[str]:
    """What was to be read: the text and the quotes."""
    quotes = [citation.get("quote", "") for citation in answer.get("citations", ())]
    return [answer.get("text", ""), *quotes]


def _documents(answer: dict[str, Any]) -> dict[str, None]:
    cited = answer.get("citations", ())
    names = [name for item in cited for name in (item.get("title", ""), item.get("document", ""))]
    return dict.fromkeys(name_words(name) for name in names)
