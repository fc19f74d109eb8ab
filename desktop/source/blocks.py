"""A page's text as blocks to lay out; of a very long page, those around a place in it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence

from engine.records import Block, Page

WINDOW = 20_000  # characters laid out at once: what a screen or two holds, many times over
_LONGEST = 8_000


def covering(page: Page) -> Iterable[Block]:
    """The blocks in order, with plain paragraphs for text that no block covers. Blocks that are
    longer than a few screens are cut between words."""
    position = 0
    for block in sorted(page.blocks, key=lambda block: (block.start, block.end)):
        start, end = max(block.start, position), min(block.end, len(page.text))
        if start >= end:
            continue
        yield from _paragraphs(page.text, position, start)
        yield from _cut(page.text, Block(start, end, block.kind, block.level))
        position = end
    yield from _paragraphs(page.text, position, len(page.text))


def around(blocks: Sequence[Block], offset: int, room: int) -> range:
    """Which of ``blocks`` to lay out so that there is as much text before ``offset`` as after it,
    ``room`` characters in all; beside an end of the page, more on the other side."""
    if not blocks:
        return range(0)
    first, last = blocks[0].start, blocks[-1].end
    start = max(first, min(offset - room // 2, last - room))
    end = start + room
    low = bisect_right(blocks, start, key=lambda block: block.end)
    return range(min(low, len(blocks) - 1), bisect_left(blocks, end, key=lambda block: block.start))


def _paragraphs(text: str, start: int, end: int) -> Iterable[Block]:
    """The lines of an uncovered stretch that hold anything."""
    position = start
    for line in text[start:end].splitlines(keepends=True):
        stripped = line.strip()
        if stripped:
            first = position + line.index(stripped)
            yield from _cut(text, Block(first, first + len(stripped)))
        position += len(line)


def _cut(text: str, block: Block) -> Iterable[Block]:
    start = block.start
    while block.end - start > _LONGEST:
        space = text.rfind(" ", start + _LONGEST // 2, start + _LONGEST)
        end = space + 1 if space >= 0 else start + _LONGEST
        yield Block(start, end, block.kind, block.level)
        start = end
    yield Block(start, block.end, block.kind, block.level)
