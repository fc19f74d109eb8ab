"""``carrel ask``."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import Any

from engine.answers import Answer, Turn
from engine.cli import batch, output
from engine.cli.adapters_named import applied
from engine.errors import CarrelError, ModelError
from engine.exporting.exporter import ExportFormat
from engine.exporting.writing import refuse_existing
from engine.library import Library
from engine.records import Scope
from engine.workers import CancelToken


def ask(library: Library, options: argparse.Namespace, cancel: CancelToken) -> int:
    model = model_named(options.model)
    adapters = applied(options.adapter)
    quotes_only = options.model == "none"
    if model is None and not quotes_only and library.model() is None:
        print("carrel: no model is installed; the best quotes answer.", file=sys.stderr)

    def run(question: str, document: str, seed: int) -> Answer:
        return library.ask(
            question,
            model=model,
            quotes_only=quotes_only,
            adapters=adapters,
            use_documents=not options.no_documents,
            scope=Scope(document=document),
            seed=checked_seed(seed),
            cancel=cancel,
        )

    def answer(request: dict[str, Any]) -> dict[str, Any]:
        return output.answer_json(
            run(
                batch.text(request, "question"),
                batch.text(request, "document", options.document),
                batch.number(request, "seed", options.seed),
            )
        )

    if options.batch:
        if options.question is not None:
            raise CarrelError("With --batch the questions come on standard input.")
        if options.export is not None:
            raise CarrelError("--export takes one answer away: ask without --batch.")
        return batch.serve("question", answer, cancel)
    if options.question is None:
        raise CarrelError("What is the question? Give one, or --batch.")
    if options.export is not None:
        ExportFormat.of(options.export)  # what cannot be written is said before the wait
        if not options.force:
            refuse_existing(options.export)
    asked = time.time()
    result = run(options.question, options.document, options.seed)
    if options.json:
        output.print_json(output.answer_json(result))
    else:
        print(output.answer_text(result))
    if options.export is not None:
        library.export(
            [Turn(0, asked, result)], options.export, overwrite=options.force, cancel=cancel
        )
    return 0


def checked_seed(seed: int) -> int:
    if not 0 <= seed < 1 << 32:
        raise CarrelError("The seed must be a number from 0 to 4294967295.")
    return seed


def model_named(name: str | None) -> Path | None:
    """The file that ``--model`` names; None for "none" and where it was not given."""
    if name is None or name == "none":
        return None
    path = Path(name).expanduser()
    if not path.is_file():
        raise ModelError(f"There is no model file {name}.")
    return path.resolve()
