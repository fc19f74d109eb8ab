"""The numbered steps that make and change a library file.

Each step runs in one transaction together with the new version number, so a failing or killed
step leaves the file as it was; a new file is made in one. Before an existing file is changed, a
backup is made.

Page text is stored once; passages are spans of it. The keyword indexes are contentless (they keep
no second copy of the text): ``keywords`` has a page's id as its row id, ``names`` a document's,
``conversation_words`` a conversation's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import apsw

from engine.store import conversation_words

APPLICATION_ID = 0x4361726C  # "Carl"

Step = Callable[[apsw.Connection], None]


def _first(db: apsw.Connection) -> None:
    db.execute(
        """
        CREATE TABLE meta(
            key TEXT PRIMARY KEY,
            value TEXT NOT NULL
        ) WITHOUT ROWID;

        -- ids of folders and documents are never used again: old citations name them
        CREATE TABLE folders(
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            path TEXT NOT NULL UNIQUE,
            added REAL NOT NULL
        );

        CREATE TABLE documents(
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            folder_id INTEGER NOT NULL REFERENCES folders(id),
            path TEXT NOT NULL,
            title TEXT NOT NULL,
            format TEXT NOT NULL,
            state TEXT NOT NULL,
            reason TEXT NOT NULL,
            size INTEGER NOT NULL,
            modified_ns INTEGER NOT NULL,
            digest TEXT NOT NULL,
            reader INTEGER NOT NULL,
            pages INTEGER NOT NULL,
            pages_text INTEGER NOT NULL,
            pages_ocr INTEGER NOT NULL,
            pages_empty INTEGER NOT NULL,
            passages INTEGER NOT NULL,
            UNIQUE(folder_id, path)
        );
        CREATE INDEX documents_by_digest ON documents(digest);

        CREATE TABLE pages(
            id INTEGER PRIMARY KEY,
            document_id INTEGER NOT NULL REFERENCES documents(id),
            number INTEGER NOT NULL,
            label TEXT NOT NULL,
            state TEXT NOT NULL,
            note TEXT NOT NULL,
            width REAL NOT NULL,
            height REAL NOT NULL,
            text TEXT NOT NULL,
            blocks BLOB NOT NULL,
            layout BLOB NOT NULL,
            UNIQUE(document_id, number)
        );

        CREATE TABLE embedders(
            id INTEGER PRIMARY KEY,
            fingerprint TEXT NOT NULL UNIQUE,
            name TEXT NOT NULL,
            dimension INTEGER NOT NULL
        );

        -- embedder_id is 0 until the passage has its vector
        CREATE TABLE passages(
            id INTEGER PRIMARY KEY,
            document_id INTEGER NOT NULL REFERENCES documents(id),
            page_id INTEGER NOT NULL REFERENCES pages(id),
            start INTEGER NOT NULL,
            "end" INTEGER NOT NULL,
            heading TEXT NOT NULL,
            embedder_id INTEGER NOT NULL DEFAULT 0
        );
        CREATE INDEX passages_by_document ON passages(document_id);
        CREATE INDEX passages_by_page ON passages(page_id);
        CREATE INDEX passages_to_embed ON passages(id) WHERE embedder_id = 0;

        CREATE VIRTUAL TABLE keywords USING fts5(
            title, heading, body,
            content = '', contentless_delete = 1,
            tokenize = 'porter unicode61 remove_diacritics 2'
        );

        CREATE TABLE conversations(
            id INTEGER PRIMARY KEY,
            title TEXT NOT NULL,
            created REAL NOT NULL,
            updated REAL NOT NULL
        );
        CREATE TABLE turns(
            id INTEGER PRIMARY KEY,
            conversation_id INTEGER NOT NULL REFERENCES conversations(id) ON DELETE CASCADE,
            asked REAL NOT NULL,
            answer TEXT NOT NULL
        );
        CREATE INDEX turns_by_conversation ON turns(conversation_id);
        """
    )


def _second(db: apsw.Connection) -> None:
    """Keywords by whole page, vectors in plain tables. What was read is read again by the next
    run; folders, conversations and their quotes stay."""
    for (table,) in db.execute("SELECT 'vectors_' || id FROM embedders").fetchall():
        db.execute(f"DROP TABLE {table}")
    db.execute(
        """
        DROP TABLE keywords;
        DROP TABLE passages;
        DROP TABLE embedders;
        DELETE FROM pages;
        DELETE FROM documents;
        CREATE INDEX documents_by_state ON documents(state);

        -- with each of these comes a table vectors_<id>; see vectors.py
        CREATE TABLE embedders(
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            fingerprint TEXT NOT NULL UNIQUE,
            name TEXT NOT NULL,
            dimension INTEGER NOT NULL
        );

        -- an id used again would give a vector that comes late to another text
        CREATE TABLE passages(
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            document_id INTEGER NOT NULL REFERENCES documents(id),
            page_id INTEGER NOT NULL REFERENCES pages(id),
            start INTEGER NOT NULL,
            "end" INTEGER NOT NULL,
            heading TEXT NOT NULL
        );
        CREATE INDEX passages_by_document ON passages(document_id);
        CREATE INDEX passages_by_page ON passages(page_id);

        -- the passages that have no vector of an embedder yet
        CREATE TABLE to_embed(
            embedder_id INTEGER NOT NULL REFERENCES embedders(id),
            passage_id INTEGER NOT NULL REFERENCES passages(id),
            PRIMARY KEY(embedder_id, passage_id)
        ) WITHOUT ROWID;
        CREATE INDEX to_embed_by_passage ON to_embed(passage_id);

        -- documents that went, for what is kept of them in memory
        CREATE TABLE removals(
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            document_id INTEGER NOT NULL
        );

        -- by page; only of pages that have passages
        CREATE VIRTUAL TABLE keywords USING fts5(
            title, heading, body,
            content = '', contentless_delete = 1,
            tokenize = 'porter unicode61 remove_diacritics 2 categories ''L* N* Co M*'''
        );
        -- by document: the words of its path
        CREATE VIRTUAL TABLE names USING fts5(
            name,
            content = '', contentless_delete = 1,
            tokenize = 'porter unicode61 remove_diacritics 2 categories ''L* N* Co M*'''
        );
        """
    )


def _third(db: apsw.Connection) -> None:
    """Conversations can be searched, and what is deleted of them brought back for a while; pages
    say which of their text a reader does not see."""
    db.execute(
        """
        -- spans of the text; see engine.reading
        ALTER TABLE pages ADD COLUMN hidden BLOB NOT NULL DEFAULT x'';

        -- Unix seconds; NULL is not deleted
        ALTER TABLE conversations ADD COLUMN deleted REAL;
        ALTER TABLE turns ADD COLUMN deleted REAL;

        CREATE VIRTUAL TABLE conversation_words USING fts5(
            title, questions, answers, documents,
            content = '', contentless_delete = 1,
            tokenize = 'unicode61 remove_diacritics 2 categories ''L* N* Co M*'''
        );
        """
    )
    kept: list[tuple[Any, ...]] = db.execute("SELECT id FROM conversations").fetchall()
    for (conversation_id,) in kept:
        conversation_words.put(db, conversation_id)


def _fourth(db: apsw.Connection) -> None:
    """Attachments are documents of their own, folders may be away for a while, passages outlive
    an edit of their document, and an encrypted library keeps the passphrases of its files."""
    db.execute(
        """
        -- 1 while the folder was not there at the last look
        ALTER TABLE folders ADD COLUMN away INTEGER NOT NULL DEFAULT 0;

        -- the document whose attachment this is; its path goes on from that one's
        ALTER TABLE documents ADD COLUMN parent_id INTEGER REFERENCES documents(id);
        -- names of its attachments, JSON, whether they were read yet or not
        ALTER TABLE documents ADD COLUMN attachments TEXT NOT NULL DEFAULT '[]';
        CREATE INDEX documents_by_parent ON documents(parent_id) WHERE parent_id IS NOT NULL;

        -- a single vector that went, by its table's number and row; NULL is the whole document
        ALTER TABLE removals ADD COLUMN embedder_id INTEGER;
        ALTER TABLE removals ADD COLUMN seq INTEGER;

        CREATE TABLE passphrases(
            document_id INTEGER PRIMARY KEY REFERENCES documents(id),
            passphrase TEXT NOT NULL
        );
        """
    )


def _fifth(db: apsw.Connection) -> None:
    """A conversation has its adapters, answers tell of several with their scales, and comparisons
    are kept."""
    db.execute(
        """
        -- JSON; see engine.answers.AppliedAdapter
        ALTER TABLE conversations ADD COLUMN adapters TEXT NOT NULL DEFAULT '[]';

        UPDATE turns SET answer = json_remove(
            json_set(
                answer, '$.provenance.adapters',
                json_array(
                    json_object(
                        'name', answer ->> '$.adapter',
                        'scale', coalesce(answer ->> '$.provenance.adapter_scale', 1.0),
                        'file', json(answer -> '$.provenance.adapter')
                    )
                )
            ),
            '$.provenance.adapter', '$.provenance.adapter_scale'
        ) WHERE iif(json_valid(answer), answer ->> '$.provenance.adapter', NULL) IS NOT NULL;

        -- Unix seconds; deleted is NULL where it is not
        CREATE TABLE comparisons(
            id INTEGER PRIMARY KEY,
            made REAL NOT NULL,
            comparison TEXT NOT NULL,
            deleted REAL
        );
        """
    )


STEPS: Sequence[Step] = (_first, _second, _third, _fourth, _fifth)
VERSION = len(STEPS)


def upgrade(
    db: apsw.Connection,
    back_up: Callable[[int], None],
    steps: Sequence[Step] = STEPS,
) -> None:
    """Bring the file to ``len(steps)``; ``back_up(version)`` is called before an existing file
    is changed."""
    version = int(db.pragma("user_version") or 0)
    if 0 < version < len(steps):
        back_up(version)
    # a new file is made at once: nobody is to meet it half made
    ends = range(version + 1, len(steps) + 1) if version else (len(steps),)
    for end in ends:
        db.execute("BEGIN IMMEDIATE")
        try:
            # someone else may have been here between the look and the lock
            for number in range(int(db.pragma("user_version") or 0) + 1, end + 1):
                steps[number - 1](db)
                db.pragma("application_id", APPLICATION_ID)
                db.pragma("user_version", number)
        except BaseException:
            db.execute("ROLLBACK")
            raise
        db.execute("COMMIT")
