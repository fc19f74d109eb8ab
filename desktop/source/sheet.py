"""A page that is a table more than anything else: a sheet's rows, a file of values."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice, takewhile

from desktop.source import cells
from desktop.source.blocks import covering
from desktop.source.cells import Row, Span
from desktop.source.inert import inert
from desktop.source.offsets import Utf16Offsets
from engine.records import Block, BlockKind, Page

_SHARE = 0.6  # of the text that stands in rows
_FEWEST_ROWS = 8  # below which a table stands better in its text
_MOST_CELLS = 120  # that are laid out in a text soon enough
_MOST_COLUMNS = 1024
_MOST_ACROSS = 1000  # lines that go across all columns
_SAMPLED = 200  # rows, to tell which columns hold figures
_RANGE = re.compile(r"\brows? (\d[\d,.\u202f]*)(?:\s?[-–]\s?(\d[\d,.\u202f]*))?")


@dataclass(frozen=True, slots=True)
class Sheet:
    """``text`` is the page's, as it is shown. ``head`` are the rows that name the columns and
    stay in sight, ``borrowed`` where they stand on an earlier page; among ``rows`` are also lines
    of other kinds. Such lines, and rows of one cell, go ``across`` all columns. ``numbers`` are
    those of the rows in their file, from the last one back, where the page's label says so."""

    text: str
    head: tuple[Row, ...]
    rows: tuple[Row, ...]
    columns: int
    figures: tuple[bool, ...]
    across: tuple[int, ...]
    numbers: range
    units: Utf16Offsets
    borrowed: bool = False

    def spans(self, row: Row) -> tuple[Span, ...]:
        """Where its cells are; a line that is no row is one."""
        if row.block.kind in cells.ROWS:
            return row.cells
        return ((row.block.start, row.block.end),)


def sheet_of(page: Page, before: Callable[[], tuple[Row, ...]] = tuple) -> Sheet | None:
    """The page as a table; None where it is no such page. ``before`` gives the head from an earlier
    page, for a page that has none. Takes a while for a long one."""
    if not any(block.kind in cells.ROWS for block in page.blocks):
        return None
    text = inert(page.text, page.hidden)
    blocks = list(covering(page))
    rows = [block for block in blocks if block.kind in cells.ROWS]
    counts = [cells.count(text, block) for block in rows]
    columns = max(counts)
    held = sum(block.end - block.start for block in rows)
    all_held = sum(block.end - block.start for block in blocks)
    mostly = held >= _SHARE * all_held and len(rows) >= _FEWEST_ROWS
    if not 1 < columns <= _MOST_COLUMNS or not (mostly or sum(counts) > _MOST_CELLS):
        return None
    first_head = next((n for n, b in enumerate(blocks) if b.kind in cells.ROWS), 0)
    last_head = first_head
    while last_head < len(blocks) and blocks[last_head].kind is BlockKind.TABLE_HEAD:
        last_head += 1
    head = tuple(Row(text, block) for block in blocks[first_head:last_head])
    others = (*blocks[:first_head], *blocks[last_head:])
    body = tuple(Row(text, block) for block in others)
    borrowed = () if head else before()
    columns = max(columns, *(len(row.cells) for row in borrowed), 0)
    figures = cells.figures(body[:: max(1, len(body) // _SAMPLED)], columns)
    across = (n for n, block in enumerate(others) if _is_across(text, block))
    numbers = _numbers(page.label, len(head), others)
    wide = tuple(islice(across, _MOST_ACROSS))
    return Sheet(
        text,
        head or borrowed,
        body,
        columns,
        tuple(figures),
        wide,
        numbers,
        Utf16Offsets(text),
        bool(borrowed),
    )


def _is_across(text: str, block: Block) -> bool:
    return block.kind not in cells.ROWS or cells.count(text, block) == 1


def _numbers(label: str, head: int, rows: Sequence[Block]) -> range:
    """Only where the label counts as many rows as there are, with or without the ``head``: else
    some were left out. Lines before the first row have none."""
    found = _RANGE.search(label)
    lead = sum(1 for _ in takewhile(lambda block: block.kind not in cells.ROWS, rows))
    count = len(rows) - lead
    if found is None or any(block.kind not in cells.ROWS for block in rows[lead:]):
        return range(0)
    first, last = (int(re.sub(r"\D", "", part or found[1])) for part in found.groups())
    return range(last - count + 1, last + 1) if last - first + 1 - count in (0, head) else range(0)
