"""``carrel summarise`` and ``carrel survey``."""

from __future__ import annotations

import argparse
import sys

from engine.answers import Answer, AnswerEvent, Length, MapProgress
from engine.cli import output
from engine.cli.asking import model_named
from engine.errors import CarrelError
from engine.library import Library
from engine.records import LedgerEntry, Scope
from engine.workers import CancelToken

_NAMED = 5


def summarise(library: Library, options: argparse.Namespace, cancel: CancelToken) -> int:
    document = _one(library.documents_matching(options.document), options.document)
    answer = library.summarise(
        document.document_id,
        length=Length(options.length),
        model=model_named(options.model),
        quotes_only=options.model == "none",
        on_event=_progress,
        cancel=cancel,
    )
    return _print(answer, options.json)


def survey(library: Library, options: argparse.Namespace, cancel: CancelToken) -> int:
    answer = library.survey(
        options.question,
        scope=Scope(document=options.document),
        model=model_named(options.model),
        quotes_only=options.model == "none",
        on_event=_progress,
        cancel=cancel,
    )
    return _print(answer, options.json)


def _one(found: list[LedgerEntry], pattern: str) -> LedgerEntry:
    if not found:
        raise CarrelError(f"No document matches “{pattern}”; carrel status lists them.")
    if len(found) > 1:
        names = ", ".join(output.shown(entry.path) for entry in found[:_NAMED])
        more = f" and {len(found) - _NAMED:,} more" if len(found) > _NAMED else ""
        raise CarrelError(f"Which one? {len(found):,} documents match: {names}{more}.")
    return found[0]


def _progress(event: AnswerEvent) -> None:
    """One line that is written over, where somebody is looking."""
    if isinstance(event, MapProgress) and sys.stderr.isatty():
        left = "" if event.seconds_left is None else f", {event.seconds_left:.0f} s left"
        line = f"{event.done}/{event.total}{left}  {output.shown(event.current)[:50]}"
        end = "\n" if event.done == event.total else ""
        print(f"\r\x1b[K{line}", end=end, file=sys.stderr, flush=True)


def _print(answer: Answer, as_json: bool) -> int:
    if as_json:
        output.print_json({**output.answer_json(answer), "kind": answer.kind.value})
        return 0
    for part in (
        answer.reason,
        output.marked_text(answer),
        output.quotes_text(answer.citations),
        answer.notice,
        "Stopped." if answer.stopped else "",
    ):
        if part:
            print(part)
    return 0
