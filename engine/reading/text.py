"""Plain text in any encoding. Form feeds begin a page; without any, so do about 4,000
characters, at the end of a paragraph or line, and the label says which lines they are. A line
that stands alone above the text is its title."""

from __future__ import annotations

from collections.abc import Iterator

from engine.hidden import invisible
from engine.reading.document import Reading, Source, clean
from engine.reading.encoding import decode, first_bytes
from engine.reading.flow import PAGE_CHARACTERS
from engine.records import DocumentFacts, Page, PageState

_LONGEST_TITLE = 200


def read(source: Source) -> Reading:
    data, omitted = first_bytes(source.path)
    text = decode(data, whole=not omitted)
    del data
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return paged(text, "text", title_line(text), omitted)


def title_line(text: str) -> str:
    """The first line, where an empty one follows and then more text; else an empty string."""
    first, _, rest = text.lstrip("\n").partition("\n")
    title = " ".join(clean(first).split())
    alone = rest.startswith("\n") and bool(rest.strip())
    is_title = alone and 0 < len(title) <= _LONGEST_TITLE and any(map(str.isalpha, title))
    return title if is_title else ""


def paged(text: str, name: str, title: str, omitted: str) -> Reading:
    """A document of ``text``, whose lines end in ``\\n``."""
    if "\f" in text.strip("\f\n "):
        ends = _form_feeds(text)
        facts = DocumentFacts(name, title, len(ends))
        return Reading(facts, _pages(text, ends, by_line=False), omitted)
    ends = _lengths(text)
    facts = DocumentFacts(name, title, len(ends))
    return Reading(facts, _pages(text, ends, by_line=True), omitted)


def _form_feeds(text: str) -> list[int]:
    ends = [at for at, character in enumerate(text) if character == "\f"]
    if text[ends[-1] + 1 :].strip():
        ends.append(len(text))
    return ends


def _lengths(text: str) -> list[int]:
    """Where pages end: a blank line if there is one in the page's last half, else a line end,
    else a space, else anywhere."""
    ends: list[int] = []
    at = 0
    while len(text) - at > 1.25 * PAGE_CHARACTERS:
        most = at + PAGE_CHARACTERS
        end = text.rfind("\n\n", at + PAGE_CHARACTERS // 2, most) + 2
        if end < 2:
            end = text.rfind("\n", at + 1, most) + 1
        if end < 1:
            end = text.rfind(" ", at + 1, most) + 1
        at = end if end > at else most
        ends.append(at)
    return [*ends, len(text)]


def _pages(text: str, ends: list[int], *, by_line: bool) -> Iterator[Page]:
    start, line = 0, 1
    for number, end in enumerate(ends, 1):
        content = text[start:end]
        label = str(number)
        if by_line:
            last = line + content.rstrip("\n").count("\n")
            label = f"lines {line:,}–{last:,}" if last > line else f"line {line:,}"
            line += content.count("\n")
        content = clean(content.strip("\n\f"))
        state = PageState.TEXT if content.strip() else PageState.EMPTY
        content = content if content.strip() else ""
        yield Page(number, label, content, state, hidden=invisible(content))
        start = end
