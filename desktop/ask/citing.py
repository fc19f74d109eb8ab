"""How sources and answers are put into words: places, model names, timings, Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import PurePath

from engine.answers import Answer, Citation, Claim, Support, Timings

_QUANTISATION = re.compile(r"[-._](?:i?q\d[\w]*|f16|bf16|f32)$", re.IGNORECASE)
_MARKDOWN = re.compile(r"([\\`*_\[\]<>|#~])")

_TIP_LENGTH = 600
NOT_IN_DOCUMENTS = "not in your documents"
PARTLY_IN_DOCUMENTS = "only partly in your documents"
EXPLAINED = {
    Support.UNSUPPORTED: "No quote that was found says this. Check it before you rely on it.",
    Support.PARTLY: "The quotes say some of this, not all of it. Open them before you rely on it.",
}
MARKERS = {Support.UNSUPPORTED: NOT_IN_DOCUMENTS, Support.PARTLY: PARTLY_IN_DOCUMENTS}


def place(page: int, label: str, title: str = "") -> str:
    """Where a quote stands: "p. 12", or "Sheet2" where pages have names rather than numbers.

    A page that is called like its document (``title``) goes by its number.
    """
    label = label.strip()
    if not label or label == title.strip():
        return f"p. {page}"
    return f"p. {label}" if len(label) <= 6 and " " not in label and _is_number(label) else label


def _is_number(label: str) -> bool:
    return bool(re.fullmatch(r"\d[\w.-]*|[A-Za-z]?[-.]?\d+|[ivxlcdm]+", label))


def title_of(citation: Citation) -> str:
    return citation.title.strip() or PurePath(citation.document).name


def model_name(model: str) -> str:
    """What a person calls the model: its file's name without folder, ending and bit width."""
    name = PurePath(model).name
    name = name[: -len(".gguf")] if name.lower().endswith(".gguf") else name
    return _QUANTISATION.sub("", name)


def quoted(citation: Citation) -> str:
    """The quote and where it stands, short enough for a tool tip."""
    quote = " ".join(citation.quote.split())
    if len(quote) > _TIP_LENGTH:
        quote = quote[:_TIP_LENGTH].rsplit(maxsplit=1)[0] + " …"
    return f"“{quote}” {title_of(citation)}, {place(citation.page, citation.label, citation.title)}"


def by_number(citations: Iterable[Citation]) -> dict[int, Citation]:
    return {citation.n: citation for citation in citations}


def timing_line(answer: Answer) -> str:
    """Such as "Sources in 0.15 s · first word 0.9 s · 12 s"; parts that did not happen are left
    out."""
    t: Timings = answer.timings
    parts = []
    if t.retrieve_ms > 0:
        done = "Searched" if answer.refused else "Sources"
        parts.append(f"{done} in {_seconds(t.retrieve_ms)}")
    if t.first_token_ms > 0:
        parts.append(f"first word {_seconds(t.first_token_ms)}")
    if t.output_tokens and t.total_ms > 0:
        parts.append(f"done in {_seconds(t.total_ms)}")
    return " · ".join(parts)


def _seconds(milliseconds: float) -> str:
    seconds = milliseconds / 1000
    if seconds < 1:
        return f"{seconds:.2f} s"
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 60:
        return f"{seconds:.0f} s"
    return f"{int(seconds // 60)} min {int(seconds % 60)} s"


def answer_markdown(answer: Answer) -> str:
    """The answer to paste elsewhere: its claims with numbers, then every source with document,
    page and quote. What documents say is escaped, so that pasting cannot load or link anything."""
    parts = [f"**{escaped(' '.join(answer.question.split()))}**"]
    if answer.refused:
        parts.append(escaped(answer.reason))
    elif answer.text:
        parts.append(_claims_markdown(answer))
    used = {n for claim in answer.claims for n in claim.citations} | set(answer.quotes)
    sources = [c for c in answer.citations if c.n in used]
    if sources:
        heading = "Closest passages" if answer.refused else "Sources"
        parts.append(f"{heading}:")
        parts.append("\n\n".join(_source_markdown(citation) for citation in sources))
    return "\n\n".join(part for part in parts if part) + "\n"


def _claims_markdown(answer: Answer) -> str:
    pieces, position = [], 0
    for claim in sorted(answer.claims, key=lambda claim: claim.start):
        pieces.append(escaped(answer.text[position : claim.start]))
        pieces.append(escaped(answer.text[claim.start : claim.end]) + _marks(claim))
        position = claim.end
    pieces.append(escaped(answer.text[position:]))
    return "".join(pieces).strip()


def _marks(claim: Claim) -> str:
    numbers = "".join(f"\\[{n}\\]" for n in claim.citations)
    marker = MARKERS.get(claim.support, "")
    return (f" {numbers}" if numbers else "") + (f" ({marker})" if marker else "")


def _source_markdown(citation: Citation) -> str:
    where = place(citation.page, citation.label, citation.title)
    quote = escaped(" ".join(citation.quote.split()))
    name = f"{escaped(title_of(citation))} ({escaped(citation.document)})"
    return f"{citation.n}. {name}, {escaped(where)}\n   > {quote}"


def escaped(text: str) -> str:
    return _MARKDOWN.sub(r"\\\1", text)
