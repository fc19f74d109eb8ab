"""Text that a reader of a page does not see, and how it is kept from speaking.

Who opens a page sees neither white letters on white nor a comment in its source; a program that
reads the file does. Such text stays in ``Page.text``, so that a search for its words finds it,
and ``Page.hidden`` says where it is. It is not embedded, never quoted and never shown to a model.

Spans are ``(start, end)`` in code points of the page's text, in order, apart from each other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from engine.sentences import sentences

Span = tuple[int, int]
Spans = tuple[Span, ...]

# Nothing of these is drawn. One is often at home (a joiner in Persian or in an emoji, a place
# where a long word may be broken); a row of them carries a message.
_ZERO_WIDTH = (
    "\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2060-\u2064\u206a-\u206f"
    "\u3164\ufeff\uffa0\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
)
_SELECTORS = "\ufe00-\ufe0f\U000e0100-\U000e01ef"
_TAGS = "\U000e0000-\U000e007f"
_BIDI = "\u202a-\u202e\u2066-\u2069"
_FLAG = "\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{3,6}\U000e007f"
_INVISIBLE = re.compile(
    f"(?P<flag>{_FLAG})"
    f"|[{_TAGS}]+(?:[{_TAGS}{_ZERO_WIDTH}{_SELECTORS}]*[{_TAGS}])?"
    f"|[{_ZERO_WIDTH}{_SELECTORS}]{{4,}}"
    f"|[{_SELECTORS}]{{2,}}"
    # text that is shown turned around reads otherwise than it is stored
    "|[\u202d\u202e][^\u202c\n]*\u202c?"
)
_ANY = re.compile(f"[{_TAGS}{_ZERO_WIDTH}{_SELECTORS}{_BIDI}]")
_UNDRAWN = re.compile(f"(?P<flag>{_FLAG})|[{_TAGS}{_ZERO_WIDTH}{_BIDI}\u00ad]|[{_SELECTORS}]{{2,}}")
_ENDED = re.compile(r"[.!?…:;؟۔。！？｡|][\"'”’»)\]]*\s*$|\n\s*$")


def invisible(text: str) -> Spans:
    """Where characters that are not drawn carry text of their own: tag characters (but for the
    emoji flags made of them), rows of zero-width characters and variation selectors, and what
    is forced to be read backwards. Soft hyphens and single joiners are not among them."""
    if text.isascii() or _ANY.search(text) is None:
        return ()
    return tuple(m.span() for m in _INVISIBLE.finditer(text) if m["flag"] is None)


def drawn(text: str) -> str:
    """The text without characters that are never drawn, single ones too."""
    if text.isascii():
        return text
    return _UNDRAWN.sub(lambda match: match["flag"] or "", text)


def united(spans: Iterable[Span], length: int) -> Spans:
    """Spans from anywhere as this module wants them: inside a text of ``length``, in order, with
    those that meet made one."""
    found: list[Span] = []
    for start, end in sorted((max(0, a), min(b, length)) for a, b in spans):
        if start >= end:
            continue
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], end)
        else:
            found.append((start, end))
    return tuple(found)


def is_visible(start: int, end: int, spans: Spans) -> bool:
    """Whether nothing of ``[start, end)`` is hidden."""
    return not any(a < end and start < b for a, b in spans)


def without(text: str, spans: Spans, start: int = 0) -> str:
    """``text``, which begins at ``start`` of its page, with what is hidden taken out; a space
    stands where words would run into each other."""
    if is_visible(start, start + len(text), spans):
        return text
    parts: list[str] = []
    for a, b in _gaps(start, start + len(text), spans):
        part = text[a - start : b - start]
        if parts and parts[-1][-1:].isalnum() and part[:1].isalnum():
            parts.append(" ")
        if part:
            parts.append(part)
    return "".join(parts).strip()


def quotable(text: str, spans: Spans, start: int = 0) -> list[Span]:
    """The stretches of ``text`` in which quotes may be looked for, as offsets into ``text``
    (which begins at ``start`` of its page): what is not hidden, less the sentences that hidden
    text cuts in two, for half a sentence may say the opposite. All of ``text`` where nothing is
    hidden. Whoever looks for quotes takes each stretch for itself::

        for a, b in quotable(hit.text, store.documents.hidden(document_id, page), hit.start):
            for start, end in units(hit.text[a:b]):
                ...  # hit.text[a + start : a + end] is a quote
    """
    end = start + len(text)
    if is_visible(start, end, spans):
        return [(0, len(text))]
    found: list[Span] = []
    for a, b in _gaps(start, end, spans):
        a, b = a - start, b - start
        inside = [(a + x, a + y) for x, y in sentences(text[a:b])]
        if inside and a > 0 and not _ENDED.search(_before(text, a, spans, start)):
            inside.pop(0)
        # what hidden text follows is whole where it ends like a sentence, or a line ends there
        follows = b < len(text) and not _ENDED.search(text[a:b]) and text[b : b + 1] != "\n"
        if inside and follows and not _line_ends(text, b, spans, start):
            inside.pop()
        if inside:
            found.append((inside[0][0], inside[-1][1]))
    return found


def _gaps(start: int, end: int, spans: Spans) -> Iterator[Span]:
    """What lies between the spans, inside ``[start, end)``."""
    at = start
    for a, b in spans:
        if b <= start or a >= end:
            continue
        if at < a:
            yield at, a
        at = max(at, b)
    if at < end:
        yield at, end


def _before(text: str, at: int, spans: Spans, start: int) -> str:
    """The visible text just before a stretch at ``at``, or the line end that the hidden text
    before it brings along; a line end where nothing visible stands before it."""
    if "\n" in text[max(0, at - 2) : at]:
        return "\n"
    for a, b in spans:
        if b - start == at:
            shown = text[: max(0, a - start)]
            return shown[-40:] if shown.strip() else "\n"
    return text[max(0, at - 40) : at]


def _line_ends(text: str, at: int, spans: Spans, start: int) -> bool:
    """Whether the hidden text at ``at`` stands on lines of its own, or nothing follows it."""
    for a, b in spans:
        if a - start == at:
            return "\n" in text[at : at + 2] or not text[b - start :].strip()
    return True
