"""The head of a table that began on an earlier page."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable

from desktop.source.cells import Row
from desktop.source.inert import inert
from engine.records import BlockKind, Page

_BACK = 25  # pages that are looked at one by one


def head_before(page: Page, page_at: Callable[[int], Page]) -> tuple[Row, ...]:
    """Of a page that begins with rows: the last head before them, as long as nothing but rows
    stands between. ``page_at`` gives a document's pages by number. Where a table goes on for very
    long, it is that of the page on which its sheet begins."""
    if not page.blocks or page.blocks[0].kind is not BlockKind.TABLE_ROW:
        return ()
    for number in range(page.number - 1, max(0, page.number - 1 - _BACK), -1):
        before = page_at(number)
        head, goes_on = _last_head(before)
        if head or not goes_on:
            return head
    if page.number - 1 <= _BACK:
        return ()
    sheet = _sheet(page)
    earlier = range(1, page.number)
    first = bisect_left(earlier, True, key=lambda number: _sheet(page_at(number)) == sheet)
    return _last_head(page_at(earlier[first]))[0] if first < len(earlier) else ()


def _last_head(page: Page) -> tuple[tuple[Row, ...], bool]:
    """The head of the table at the page's end, and whether that table fills the page."""
    last = len(page.blocks)
    while last and page.blocks[last - 1].kind is BlockKind.TABLE_ROW:
        last -= 1
    first = last
    while first and page.blocks[first - 1].kind is BlockKind.TABLE_HEAD:
        first -= 1
    text = inert(page.text, page.hidden)
    head = tuple(Row(text, block) for block in page.blocks[first:last])
    return head, bool(page.blocks) and not last


def _sheet(page: Page) -> str:
    """What the labels of a sheet's pages have in common."""
    return page.label.rpartition("row")[0]
