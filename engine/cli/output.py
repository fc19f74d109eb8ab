"""Results as JSON (the contract that scripts rely on) and as text for a terminal."""

from __future__ import annotations

import json
import sys
import textwrap
from collections.abc import Sequence
from typing import Any

from engine.answers import Answer, Citation, Support
from engine.applied import described
from engine.records import Coverage, Hit, IndexReport, LedgerEntry, LibraryStatus, SearchResult

_WIDTH = 88
_MARKS = {
    Support.PARTLY: " (only partly in the sources)",
    Support.UNSUPPORTED: " (NOT in the sources)",
}


def print_json(value: Any) -> None:
    """One line, flushed at once."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def report_json(report: IndexReport, status: LibraryStatus) -> dict[str, Any]:
    return {
        "files_seen": report.files_seen,
        "files_read": report.files_read,
        "files_unchanged": report.files_unchanged,
        "files_moved": report.files_moved,
        "files_removed": report.files_removed,
        "files_not_read": report.files_not_read,
        "pages": report.pages,
        "passages": report.passages,
        "embedded": report.embedded,
        "cancelled": report.cancelled,
        "seconds": {stage: round(seconds, 3) for stage, seconds in report.seconds.items()},
        "problems": list(report.problems),
        "status": status_json(status),
    }


def status_json(
    status: LibraryStatus, ledger: Sequence[LedgerEntry] | None = None
) -> dict[str, Any]:
    value: dict[str, Any] = {
        "documents": status.documents,
        "passages": status.passages,
        "embedded": status.embedded,
        "states": {state.value: count for state, count in status.states.items()},
    }
    if ledger is not None:
        value["files"] = [
            {
                "path": entry.path,
                "state": entry.state.value,
                "reason": entry.reason,
                "pages": entry.pages,
                "pages_text": entry.pages_text,
                "pages_ocr": entry.pages_ocr,
                "pages_empty": entry.pages_empty,
                "title": entry.title,
                "format": entry.format,
                "passages": entry.passages,
                "embedded": entry.embedded,
                "available": entry.available,
            }
            for entry in ledger
        ]
    return value


def status_text(status: LibraryStatus, ledger: Sequence[LedgerEntry]) -> str:
    lines = [
        f"{status.documents:,} documents, {status.passages:,} passages, "
        f"{status.embedded:,} with vectors"
    ]
    lines += [f"  {state.value}: {count:,}" for state, count in status.states.items() if count]
    for entry in ledger:
        if entry.reason:
            lines.append(f"{entry.state.value}: {shown(entry.path)}: {entry.reason}")
    return "\n".join(lines)


def search_json(result: SearchResult) -> dict[str, Any]:
    value: dict[str, Any] = {
        "query": result.query,
        "took_ms": result.took_ms,
        "hits": [_hit_json(hit) for hit in result.hits],
    }
    if result.notice:
        value["notice"] = result.notice
    if result.coverage is not None:
        value["searched"] = {
            "documents": result.coverage.documents,
            "unread": result.coverage.unread,
            "waiting": result.coverage.waiting,
        }
    return value


def search_text(result: SearchResult) -> str:
    lines = [shown(result.notice)] if result.notice else []
    for hit in result.hits:
        lines.append(
            f"{hit.rank}. {shown(hit.document)}, p. {hit.label}  [{', '.join(hit.found_by)}]"
        )
        lines.append(_paragraph(hit.text))
    if result.coverage is not None:
        lines.append(_nothing_found(result.coverage))
    lines.append(f"({len(result.hits)} hits in {result.took_ms:.0f} ms)")
    return "\n".join(lines)


def _nothing_found(coverage: Coverage) -> str:
    documents = "1 document" if coverage.documents == 1 else f"{coverage.documents:,} documents"
    sentences = [f"Nothing found in {documents}."]
    if coverage.unread:
        sentences.append(f"{coverage.unread:,} could not be read: carrel status says why.")
    if coverage.waiting:
        sentences.append(
            f"Search by meaning is not complete yet: {coverage.waiting:,} passages have no vector."
        )
    return " ".join(sentences)


def answer_json(answer: Answer) -> dict[str, Any]:
    """The answer begins with the best quotes, each a claim that its own citation supports; the
    model's text, which ``written`` holds alone, follows. Where it is doubtful that any of it
    answers the question, nothing is called supported."""
    by_number = {citation.n: citation for citation in answer.citations}
    quoted = [] if answer.refused else [by_number[n] for n in answer.quotes]
    parts = [answer.reason] if answer.refused else [quote.quote for quote in quoted]
    claims: list[tuple[str, Support, tuple[int, ...]]] = [
        (quote.quote, Support.SUPPORTED, (quote.n,)) for quote in quoted
    ]
    claims += [(claim.text, claim.support, claim.citations) for claim in answer.claims]
    if answer.doubt:  # what the documents say is not supported as an answer to this
        claims = [(text, Support.UNSUPPORTED, ()) for text, _, _ in claims]
    timings = answer.timings
    return {
        "question": answer.question,
        "answer": "\n".join([*parts, *([answer.text] if answer.text else [])]),
        "refused": answer.refused,
        "reason": answer.reason,
        "doubt": answer.doubt,
        "claims": [
            {"text": text, "support": support.value, "citations": list(citations)}
            for text, support, citations in claims
        ],
        "citations": [_citation_json(citation) for citation in answer.citations],
        "model": answer.model,
        "adapter": answer.adapter,
        "adapters": _adapters_json(answer),
        "timings": {
            "retrieve_ms": timings.retrieve_ms,
            "first_token_ms": timings.first_token_ms,
            "total_ms": timings.total_ms,
            "prompt_tokens": timings.prompt_tokens,
            "output_tokens": timings.output_tokens,
            "tokens_per_s": timings.tokens_per_s,
        },
        "quotes": list(answer.quotes),
        "written": answer.text,
        "stopped": answer.stopped,
        "notice": answer.notice,
    }


def _adapters_json(answer: Answer) -> list[dict[str, Any]]:
    return [
        {"name": each.name, "path": each.file.path if each.file else "", "scale": each.scale}
        for each in (answer.provenance.adapters if answer.provenance is not None else ())
    ]


def answer_text(answer: Answer) -> str:
    """The best quotes, the model's text, and what else it cites."""
    parts = []
    if answer.refused:
        parts += [answer.reason, "Closest:"] if answer.citations else [answer.reason]
    quotes = [citation for citation in answer.citations if citation.n in answer.quotes]
    others = [citation for citation in answer.citations if citation.n not in answer.quotes]
    parts += [quotes_text(quotes), written_text(answer), quotes_text(others)]
    return "\n".join(part for part in parts if part)


def quotes_text(citations: Sequence[Citation]) -> str:
    lines = []
    for citation in citations:
        lines.append(f"[{citation.n}] {shown(citation.document)}, p. {citation.label}")
        lines.append(_paragraph(f"“{' '.join(citation.quote.split())}”"))
    return "\n".join(lines)


def written_text(answer: Answer) -> str:
    """The model's text with its claims' numbers, or why there is none."""
    lines = []
    if answer.claims:
        used = answer.provenance.adapters if answer.provenance is not None else ()
        adapters = f" with {shown(described(used))}" if used else ""
        lines.append(f"{answer.model}{adapters} writes:")
        lines.append(marked_text(answer, "    "))
    if answer.doubt:
        lines.append(f"This may not answer the question: {answer.doubt}.")
    if answer.notice:
        lines.append(answer.notice)
    if answer.stopped:
        lines.append("Stopped.")
    return "\n".join(lines)


def marked_text(answer: Answer, indent: str = "") -> str:
    """A text of headings and paragraphs with the numbers of its citations in it."""
    text, at = "", 0
    for claim in answer.claims:
        numbers = "".join(f"[{n}]" for n in claim.citations)
        text += f"{answer.text[at : claim.end]} {numbers}{_MARKS.get(claim.support, '')}"
        at = claim.end
    text += answer.text[at:]
    return "\n".join(
        textwrap.fill(
            shown(line),
            _WIDTH,
            initial_indent=indent,
            subsequent_indent=indent,
            break_on_hyphens=False,
        )
        for line in text.split("\n")
    )


def shown(name: str) -> str:
    """A name for one line of a terminal: nothing in it moves the cursor."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in name)


def _hit_json(hit: Hit) -> dict[str, Any]:
    return {
        "rank": hit.rank,
        "document": hit.document,
        "page": hit.page,
        "label": hit.label,
        "text": hit.text,
        "score": hit.score,
        "found_by": list(hit.found_by),
        "boxes": [list(box) for box in hit.boxes],
        "title": hit.title,
        "heading": hit.heading,
        "start": hit.start,
        "end": hit.end,
    }


def _citation_json(citation: Citation) -> dict[str, Any]:
    return {
        "n": citation.n,
        "document": citation.document,
        "page": citation.page,
        "label": citation.label,
        "quote": citation.quote,
        "context": citation.context,
        "boxes": [list(box) for box in citation.boxes],
        "title": citation.title,
        "start": citation.start,
        "end": citation.end,
    }


def _paragraph(text: str) -> str:
    clean = shown(" ".join(text.split()))
    return textwrap.fill(clean, _WIDTH, initial_indent="    ", subsequent_indent="    ")
