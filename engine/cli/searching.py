"""``carrel search``."""

from __future__ import annotations

import argparse
from typing import Any

from engine.cli import batch, output
from engine.errors import CarrelError
from engine.library import Library
from engine.records import Scope, SearchMode, SearchResult
from engine.workers import CancelToken


def search(library: Library, options: argparse.Namespace, cancel: CancelToken) -> int:
    def run(query: str, limit: int, mode: str, document: str) -> SearchResult:
        try:
            chosen = SearchMode(mode)
        except ValueError:
            raise CarrelError(
                f"There is no mode “{mode}”; there are hybrid, keyword and semantic."
            ) from None
        return library.search(
            query, limit=limit, mode=chosen, scope=Scope(document=document), cancel=cancel
        )

    def answer(request: dict[str, Any]) -> dict[str, Any]:
        return output.search_json(
            run(
                batch.text(request, "query"),
                batch.number(request, "limit", options.limit),
                batch.text(request, "mode", options.mode),
                batch.text(request, "document", options.document),
            )
        )

    if options.batch:
        if options.query is not None:
            raise CarrelError("With --batch the queries come on standard input.")
        return batch.serve("query", answer, cancel)
    if options.query is None:
        raise CarrelError("What shall be searched for? Give a query, or --batch.")
    result = run(options.query, options.limit, options.mode, options.document)
    if options.json:
        output.print_json(output.search_json(result))
    else:
        print(output.search_text(result))
    return 0
