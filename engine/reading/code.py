"""Source code: pages of some 120 lines, called by their lines, cut where a definition ends."""

from __future__ import annotations

from collections.abc import Iterator

from engine.hidden import invisible
from engine.reading.document import Reading, Source, clean
from engine.reading.encoding import decode, first_bytes
from engine.reading.flow import PAGE_CHARACTERS
from engine.reading.text import paged
from engine.records import Block, BlockKind, DocumentFacts, Page, PageState

PAGE_LINES = 120

_LONGEST_LINE = 2000
_LARGEST_BLOCK = 1500


def read(source: Source) -> Reading:
    data, omitted = first_bytes(source.path)
    text = decode(data, whole=not omitted).replace("\r\n", "\n").replace("\r", "\n")
    text = clean(text).expandtabs(4).strip("\n").replace("\f", "\n")
    lines = text.split("\n")
    if any(len(line) > _LONGEST_LINE for line in lines):  # written by a program, for a program
        return paged(text, "code", "", omitted)
    ends = _ends(lines)
    return Reading(DocumentFacts("code", "", len(ends)), _pages(lines, ends), omitted)


def _ends(lines: list[str]) -> list[int]:
    """Where pages end: before a line that stands at the margin after an empty one, if there is
    one in the page's second half."""
    ends: list[int] = []
    start = 0
    while start < len(lines):
        end, size = start, 0
        while end < len(lines) and end - start < PAGE_LINES and size < 2 * PAGE_CHARACTERS:
            size += len(lines[end]) + 1
            end += 1
        if end < len(lines):
            half = start + (end - start) // 2
            end = next((at for at in range(end, half, -1) if _begins(lines, at)), end)
        ends.append(end)
        start = end
    return ends


def _begins(lines: list[str], at: int) -> bool:
    """Whether something new begins at a line: it stands at the margin, the one above is empty."""
    return at > 0 and not lines[at - 1].strip() and lines[at][:1].strip() not in ("", "}", ")")


def _pages(lines: list[str], ends: list[int]) -> Iterator[Page]:
    start = 0
    for number, end in enumerate(ends, 1):
        label = f"lines {start + 1:,}–{end:,}" if end > start + 1 else f"line {end:,}"
        text = "\n".join(lines[start:end])
        if not text.strip():
            yield Page(number, label, "", PageState.EMPTY)
        else:
            blocks = tuple(_blocks(text))
            yield Page(number, label, text, PageState.TEXT, blocks, hidden=invisible(text))
        start = end


def _blocks(text: str) -> Iterator[Block]:
    """What stands together on a page: up to an empty line, and not too much of it."""
    lines = text.split("\n")
    begin = at = 0
    for number, line in enumerate(lines):
        full = at - begin > _LARGEST_BLOCK and not line.strip()
        if full or _begins(lines, number):
            yield from _block(text, begin, at)
            begin = at
        at += len(line) + 1
    yield from _block(text, begin, len(text))


def _block(text: str, start: int, end: int) -> Iterator[Block]:
    end = start + len(text[start:end].rstrip())
    if end > start:
        yield Block(start, end, BlockKind.CODE)
