"""``carrel export`` and ``carrel check-record``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from engine.adapters.catalogue import Adapters
from engine.answers import Conversation
from engine.cli import output
from engine.errors import CarrelError
from engine.exporting.checking import CheckReport, FileState, QuoteState
from engine.exporting.exporter import ExportFormat
from engine.library import Library
from engine.models.catalogue import Catalogue
from engine.settings import SettingsFile
from engine.workers import CancelToken

LAST = "last"
FORMATS = [known.value for known in ExportFormat]

_FILES = {
    FileState.SAME: "as it was",
    FileState.CHANGED: "CHANGED since",
    FileState.UNREACHABLE: "not in its place; the library has read it as it was",
    FileState.GONE: "NOT HERE",
    FileState.UNKNOWN: "not recorded well enough to tell",
}
_QUOTES = {
    QuoteState.SAME: "where it stood",
    QuoteState.MOVED: "elsewhere on its page",
    QuoteState.CHANGED: "NOT ON ITS PAGE any more",
    QuoteState.GONE: "its page is NOT HERE",
    QuoteState.ALTERED: "ALTERED in the record",
}


def export(library: Library, options: argparse.Namespace, cancel: CancelToken) -> int:
    chosen = None if options.format is None else ExportFormat(options.format)
    conversation = _conversation(library, options.conversation)
    library.export(
        library.history(conversation.id),
        options.output,
        format=chosen,
        title=conversation.title,
        overwrite=options.force,
        cancel=cancel,
    )
    print(f"Exported “{output.shown(conversation.title)}” to {options.output}", file=sys.stderr)
    return 0


def check_record(library: Library, options: argparse.Namespace, cancel: CancelToken) -> int:
    """The exit status is 0 where everything is as the record says, otherwise 1."""
    models = [Path(model).expanduser() for model in options.model]
    missing = next((model for model in models if not model.is_file()), None)
    if missing is not None:
        raise CarrelError(f"There is no file {missing}.")
    settings = SettingsFile()
    models += [Path(entry.place) for entry in Adapters(settings, Catalogue(settings)).entries()]
    report = library.check_record(options.record, again=options.again, models=models, cancel=cancel)
    if options.json:
        output.print_json(_json(report))
    else:
        print(_text(report))
    if report.holds:
        return 0
    raise CarrelError(" ".join(report.problems()))


def _conversation(library: Library, named: str) -> Conversation:
    if named == LAST:
        conversations = library.conversations()
        if not conversations:
            raise CarrelError("There is no conversation in this library yet.")
        return conversations[0]
    if not (named.isascii() and named.isdigit()):
        raise CarrelError(
            f"A conversation goes by its number, or {LAST}: carrel conversations lists them."
        )
    return library.conversation(int(named))


def _json(report: CheckReport) -> dict[str, Any]:
    return {
        "holds": report.holds,
        "reproducible": report.reproducible,
        "problems": report.problems(),
        "documents": [
            {"document": file.name, "state": file.state.value} for file in report.documents
        ],
        "citations": [
            {
                "answer": quote.answer,
                "n": quote.n,
                "document": quote.document,
                "page": quote.page,
                "state": quote.state.value,
            }
            for quote in report.quotes
        ],
        "models": [
            {"kind": file.kind, "name": file.name, "state": file.state.value}
            for file in report.models
        ],
        "again": [
            {"answer": again.answer, "state": again.state.value, "why": again.why}
            for again in report.again
        ],
    }


def _text(report: CheckReport) -> str:
    lines = [
        f"{file.kind} {output.shown(file.name)}: {_FILES[file.state]}"
        for file in (*report.documents, *report.models)
    ]
    lines += [
        f"answer {quote.answer}, source {quote.n}, {output.shown(quote.document)}, "
        f"page {quote.page}: {_QUOTES[quote.state]}"
        for quote in report.quotes
    ]
    lines += [
        f"answer {again.answer}, asked again: {again.why or 'the same'}" for again in report.again
    ]
    if not report.reproducible:
        lines.append("Some answers do not say what they were made with: they cannot be made again.")
    if report.holds:
        lines.append("Everything is as the record says.")
    return "\n".join(lines)
