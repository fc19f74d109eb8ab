"""Rows that belong to nothing: what a sound library has none of."""

from __future__ import annotations

import apsw

from engine.store.connection import count, select
from engine.store.nearest import vector_table


def orphans(db: apsw.Connection) -> dict[str, int]:
    """Rows that belong to nothing, by table; all zero in a sound library."""
    queries = {
        "pages": "SELECT count(*) FROM pages WHERE document_id NOT IN (SELECT id FROM documents)",
        "passages": "SELECT count(*) FROM passages WHERE page_id NOT IN "
        "(SELECT id FROM pages) OR document_id NOT IN (SELECT id FROM documents)",
        "keyword rows": "SELECT count(*) FROM keywords_docsize WHERE id NOT IN "
        "(SELECT page_id FROM passages)",
        "passages without keyword rows": "SELECT count(*) FROM passages WHERE page_id NOT IN "
        "(SELECT id FROM keywords_docsize)",
        "names": "SELECT count(*) FROM names_docsize WHERE id NOT IN (SELECT id FROM documents)",
        "attachments": "SELECT count(*) FROM documents WHERE parent_id NOT IN "
        "(SELECT id FROM documents)",
        "passphrases": "SELECT count(*) FROM passphrases WHERE document_id NOT IN "
        "(SELECT id FROM documents)",
        "passages to embed": "SELECT count(*) FROM to_embed WHERE passage_id NOT IN "
        "(SELECT id FROM passages) OR embedder_id NOT IN (SELECT id FROM embedders)",
    }
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
