"""How claims and their sources are put into words."""

from __future__ import annotations

from collections.abc import Iterable

from engine.answers import Citation, Claim, Support
from engine.exporting.wording import place, title_of

_TIP_LENGTH = 600
NOT_IN_DOCUMENTS = "not in your documents"
PARTLY_IN_DOCUMENTS = "only partly in your documents"
EXPLAINED = {
    Support.UNSUPPORTED: "No quote that was found says this. Check it before you rely on it.",
    Support.PARTLY: "The quotes say some of this, not all of it. Open them before you rely on it.",
}
MARKERS = {Support.UNSUPPORTED: NOT_IN_DOCUMENTS, Support.PARTLY: PARTLY_IN_DOCUMENTS}


def quoted(citation: Citation) -> str:
    """The quote and where it stands, short enough for a tool tip."""
    quote = " ".join(citation.quote.split())
    if len(quote) > _TIP_LENGTH:
        quote = quote[:_TIP_LENGTH].rsplit(maxsplit=1)[0] + " …"
    where = f"{title_of(citation)}, {place(citation.page, citation.label, citation.title)}"
    context = " ".join(citation.context.split())
    return f"{context}\n“{quote}” {where}" if context else f"“{quote}” {where}"


def by_number(citations: Iterable[Citation]) -> dict[int, Citation]:
    return {citation.n: citation for citation in citations}


def why_not(claim: Claim) -> str:
    """A sentence: what the sources of a doubtful claim lack."""
    why = " ".join(claim.why.split())
    if not why:
        return EXPLAINED.get(claim.support, "")
    sentence = why[0].upper() + why[1:]
    return sentence if sentence[-1] in ".!?…" else f"{sentence}."


def chips_of(claim: Claim) -> tuple[int, ...]:
    """The citations a claim may show: none where its sources do not bear it out."""
    backed = claim.support in (Support.SUPPORTED, Support.PARTLY)
    return claim.citations if backed else ()
