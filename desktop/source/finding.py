"""Words in a page's text."""

from __future__ import annotations

import re

_MOST = 2000


def found_spans(text: str, words: str) -> list[tuple[int, int]]:
    """Where ``words`` stand in ``text``, in code points; case and kinds of white space do not
    matter. At most 2,000."""
    parts = [re.escape(part) for part in words.split()]
    if not parts:
        return []
    pattern = re.compile(r"\s+".join(parts), re.IGNORECASE)
    spans = []
    for match in pattern.finditer(text):
        spans.append(match.span())
        if len(spans) == _MOST:
            break
    return spans


def located_quote(text: str, start: int, end: int, quote: str) -> tuple[int, int] | None:
    """Where the quote stands now: at its old place (white space aside), else at the nearest
    other one; None where the page no longer holds it."""
    if _spaced(text[start:end]) == _spaced(quote):
        return start, end
    if not quote.strip():
        return None
    parts = [re.escape(part) for part in quote.split()]
    spans = [m.span() for m in re.finditer(r"\s+".join(parts), text)]
    return min(spans, key=lambda span: abs(span[0] - start), default=None)


def _spaced(text: str) -> str:
    return " ".join(text.split())
