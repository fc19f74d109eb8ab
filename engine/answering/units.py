"""What may be quoted of a page: its sentences, and the rows of its tables with what tells what
their figures are."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from engine.answering.cells import BETWEEN, Head
from engine.hidden import quotable
from engine.records import Block, BlockKind, Page
from engine.sentences import sentences

_ROW_END = re.compile(r"[\d)%—–-]\s*$")
_FIGURE = re.compile(r"\d|\s[—–-]\s*$")
_SHORTEST = 20
_LONGEST_ROWS = 240
_LONGEST_CONTEXT = 240
_ROWS = (BlockKind.TABLE_ROW, BlockKind.TABLE_HEAD)
_MOST_PAGES = 6  # that a table is followed back


@dataclass(frozen=True, slots=True)
class Unit:
    """``page.text[start:end]``. A row of a table has the ``heads`` of its table and the ``label``
    that it stands under; ``context`` is what it needs to be understood, from the outside in, and
    empty for a sentence."""

    start: int
    end: int
    context: str = ""
    heads: tuple[Head, ...] = ()
    label: str = ""


def of_page(
    page: Page, start: int, end: int, before: Callable[[int], Page | None] = lambda number: None
) -> Iterator[Unit]:
    """Sentences and rows within ``page.text[start:end]``, in order, without what is hidden.
    ``before`` gives the document's pages by their numbers; it is asked where a table goes on from
    one of them."""
    table = _begun(page, before)
    at = start
    for block in page.blocks:
        if block.kind in _ROWS:
            unit = table.meet(block, page)
            if block.end <= start or block.start >= end:
                continue
            yield from _sentences(page, at, block.start)
            if unit is not None and quotable(unit_text(page, unit), page.hidden, unit.start):
                yield unit
        elif block.kind is BlockKind.MARGINAL or block.kind is BlockKind.HEADING:
            if block.kind is BlockKind.HEADING:
                table = _Table()
            if block.end <= start or block.start >= end:
                continue
            yield from _sentences(page, at, block.start)
            if block.kind is BlockKind.HEADING:
                yield from _sentences(page, block.start, block.end)
        else:
            table = _Table()
            continue
        at = max(at, block.end)
    yield from _sentences(page, at, end)


def unit_text(page: Page, unit: Unit) -> str:
    return page.text[unit.start : unit.end]


class _Table:
    """The table that the blocks of a page are in."""

    def __init__(self) -> None:
        self._heads: list[Head] = []
        self._label = ""
        self._in_rows = False

    def meet(self, block: Block, page: Page) -> Unit | None:
        """The row as a unit; none for a head, and for a label that rows stand under."""
        said = _said(page, block)
        if block.kind is BlockKind.TABLE_HEAD:
            if self._in_rows:
                self._heads, self._label, self._in_rows = [], "", False
            self._heads.append(Head(page, block))
            return None
        self._in_rows = True
        if BETWEEN not in said and not _FIGURE.search(said):
            self._label = said
            return None
        named = " · ".join(dict.fromkeys(_said(*head) for head in self._heads))[:_LONGEST_CONTEXT]
        context = " · ".join(filter(None, (named, self._label)))
        return Unit(block.start, block.end, context, tuple(self._heads), self._label)


def _said(page: Page, block: Block) -> str:
    return " ".join(page.text[block.start : block.end].split())


def _begun(page: Page, before: Callable[[int], Page | None]) -> _Table:
    """The table that a page begins in, as it stands at the end of the page before."""
    pages = [page]
    while len(pages) <= _MOST_PAGES and _is_row(pages[0], 0):
        earlier = before(pages[0].number - 1)
        if earlier is None or not _is_row(earlier, -1):
            break
        pages.insert(0, earlier)
        if any(block.kind is BlockKind.TABLE_HEAD for block in earlier.blocks):
            break
    table = _Table()
    for each in pages[:-1]:
        for block in each.blocks:
            if block.kind in _ROWS:
                table.meet(block, each)
            elif block.kind is not BlockKind.MARGINAL:
                table = _Table()
    return table


def _is_row(page: Page, at: int) -> bool:
    """Whether a page's first or last text is the row of a table, what runs along it aside."""
    blocks = [block for block in page.blocks if block.kind is not BlockKind.MARGINAL]
    if not blocks or blocks[at].kind is not BlockKind.TABLE_ROW:
        return False
    row = blocks[at]
    outside = page.text[: row.start] if at == 0 else page.text[row.end :]
    running = sum(
        len(_said(page, block).replace(" ", ""))
        for block in page.blocks
        if block.kind is BlockKind.MARGINAL and (block.end <= row.start) == (at == 0)
    )
    return len("".join(outside.split())) <= running


def _sentences(page: Page, start: int, end: int) -> Iterator[Unit]:
    if start >= end:
        return
    text = page.text[start:end]
    for a, b in quotable(text, page.hidden, start):
        for first, last in units(text[a:b]):
            yield Unit(start + a + first, start + a + last)


def units(text: str) -> Iterator[tuple[int, int]]:
    """Spans of the sentences of a text; a stretch of table rows gives its rows."""
    for start, end in sentences(text):
        rows = _rows(text, start, end)
        if rows:
            yield from rows
        elif end - start >= _SHORTEST:
            yield start, end


def _rows(text: str, start: int, end: int) -> list[tuple[int, int]]:
    lines = []
    at = start
    for line in text[start:end].split("\n"):
        if line.strip():
            offset = at + len(line) - len(line.lstrip())
            lines.append((offset, at + len(line.rstrip())))
        at += len(line) + 1
    figures = sum(bool(_ROW_END.search(text[a:b])) for a, b in lines)
    if len(lines) < 3 or figures < 0.5 * len(lines):
        return []
    return [(a, b) for a, b in lines if b - a >= _SHORTEST and b - a <= _LONGEST_ROWS]
