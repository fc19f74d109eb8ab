"""Rows of a table as text: where their cells are, without moving a single offset."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from engine.records import Block, BlockKind

Span = tuple[int, int]

ROWS = (BlockKind.TABLE_ROW, BlockKind.TABLE_HEAD)
_BETWEEN = " | "  # as the readers join cells
_LONGEST_NUMBER = 40
_NUMBER = re.compile(
    r"[(\[<>~≈]*[-–−+±]?\s?(?:[A-Z]{1,3}\s?)?[$€£¥₹]?\s?[-–−+]?\d[\d.,'’\s\u00a0\u202f]*"
    r"(?:[eE][+-]?\d+)?\s?(?:%|‰|[$€£¥₹]|[A-Z]{3})?[)\]]*"
    r"|[-–—−]"
)


@dataclass(frozen=True)
class Row:
    """A row's block, and its cells' spans once somebody asks for them."""

    text: str
    block: Block

    @cached_property
    def cells(self) -> tuple[Span, ...]:
        return cells(self.text, self.block.start, self.block.end)


def cells(text: str, start: int, end: int) -> tuple[Span, ...]:
    """The cells of the row ``text[start:end]``, the empty ones too. Readers trim their blocks, so
    that of an empty cell at an end only the bar is left."""
    found: list[Span] = []
    at = start
    if text.startswith(_BETWEEN[1:], at, end):
        found.append((at, at))
        at += 2
    while (bar := text.find(_BETWEEN, at, end)) >= 0:
        found.append((at, bar))
        at = bar + len(_BETWEEN)
    if text.endswith(_BETWEEN[:-1], at, end):
        return (*found, (at, end - 2), (end, end))
    return (*found, (at, end))


def count(text: str, block: Block) -> int:
    """How many cells a row has."""
    bars = text.count(_BETWEEN, block.start, block.end)
    bars += text.startswith(_BETWEEN[1:], block.start, block.end)
    return 1 + bars + text.endswith(_BETWEEN[:-1], block.start, block.end)


def is_number(cell: str) -> bool:
    """Whether a cell holds a figure, or the dash that stands for none: set to the right."""
    cell = cell.strip()
    return len(cell) <= _LONGEST_NUMBER and _NUMBER.fullmatch(cell) is not None


def figures(rows: Iterable[Row], columns: int) -> list[bool]:
    """Of each column whether most of what it holds are figures: then its head goes right, too."""
    balance = [0] * columns
    for row in rows:
        for column, (start, end) in enumerate(row.cells[:columns]):
            if start < end:
                balance[column] += 1 if is_number(row.text[start:end]) else -1
    return [weight > 0 for weight in balance]


def inside(spans: Sequence[Span], start: int, end: int) -> Iterator[Span]:
    """What of ``spans``, which are in order and apart, lies in ``[start, end)``."""
    for a, b in spans[bisect_right(spans, start, key=lambda span: span[1]) :]:
        if a >= end:
            return
        yield max(a, start), min(b, end)


def tables(rows: Sequence[Block]) -> Iterator[Sequence[Block]]:
    """Rows that follow each other as tables: a head that comes after rows begins another one."""
    first = 0
    for number in range(1, len(rows) + 1):
        if number == len(rows) or (
            rows[number].kind is BlockKind.TABLE_HEAD
            and rows[number - 1].kind is BlockKind.TABLE_ROW
        ):
            yield rows[first:number]
            first = number
