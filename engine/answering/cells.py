"""What each figure of a table's row says: "Capital expenditures · 2018 · (1,577) · in millions".

A figure belongs to the heads that stand above it: of those at one height, to the one whose middle
is nearest. Where a page has no geometry, cells are counted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from engine.layout import Layout
from engine.records import Block, Page

BETWEEN = " | "  # as the readers join cells
_GAP = 0.95  # of a word's height; more parts two cells
_ONE_HEIGHT = 0.6  # of a word's height
_MARGIN = 40.0  # points
_FIGURE = re.compile(r"\d|^[—–-]+$")
_ENDED = re.compile(r"[\d)%—]$")
_NEXT_FIGURE = re.compile(r"[$€£¥]+\(?|\(?\d{1,3}(?:,\d{3})+\)?")
_CURRENCY = re.compile(r"[$€£¥]+\(?")


class Head(NamedTuple):
    """A line above a table's rows, on the page that the table begins on."""

    page: Page
    block: Block


@dataclass(frozen=True, slots=True)
class _Cell:
    text: str
    x0: float
    x1: float
    top: float
    height: float

    @property
    def middle(self) -> float:
        return (self.x0 + self.x1) / 2


def readings(page: Page, row: Block, heads: Sequence[Head], label: str) -> tuple[str, ...]:
    """One for each figure of the row, in order, the row's label first; ``label`` is one that
    several rows stand under. None where the row has no figures, or no heads that tell them
    apart."""
    if BETWEEN in page.text[row.start : row.end]:
        said = list(_counted(page.text, row, heads, label))
    else:
        said = list(_placed(page, row, heads, label))
    return tuple(said)


def _counted(text: str, row: Block, heads: Sequence[Head], label: str) -> Iterator[str]:
    cells = text[row.start : row.end].split(BETWEEN)
    named = [page.text[head.start : head.end].split(BETWEEN) for page, head in heads]
    for at, cell in enumerate(cells[1:], 1):
        above = [head[at] for head in named if len(head) == len(cells)]
        alone = [head[0] for head in named if len(head) == 1]
        if cell.strip() and above:
            yield _joined(label, cells[0], *above, cell, *alone)


def _placed(page: Page, row: Block, heads: Sequence[Head], label: str) -> Iterator[str]:
    pages = {id(each): each for each in (page, *(head.page for head in heads))}
    try:
        layouts = {key: Layout.decode(each.layout) for key, each in pages.items()}
    except ValueError:  # damaged: there are only the words
        return
    cells = _cells(page.text, layouts[id(page)], row)
    figures = [cell for cell in cells[1:] if _FIGURE.search(cell.text)]
    if not figures or not heads:
        return
    left = cells[0].x0 + _MARGIN  # what begins further to the left tells of all columns
    told = [_cells(above.text, layouts[id(above)], head) for above, head in heads]
    rows = _by_height([cell for head in told for cell in head])
    for figure in figures:
        above: list[str] = []
        beside: list[str] = []
        for line in rows:
            over = [cell for cell in line if cell.x0 > left]
            beside += [cell.text for cell in line if cell.x0 <= left]
            if over:
                above.append(min(over, key=lambda c: abs(c.middle - figure.middle)).text)
        yield _joined(label, cells[0].text, *above, figure.text, *beside)


def _cells(text: str, layout: Layout, block: Block) -> list[_Cell]:
    """The block's words in groups without wide gaps; a currency sign goes with its figure."""
    inside = np.flatnonzero((layout.spans[:, 1] > block.start) & (layout.spans[:, 0] < block.end))
    found: list[_Cell] = []
    for at in inside.tolist():
        x0, y0, x1, y1 = layout.boxes[at].tolist()
        a, b = layout.spans[at].tolist()
        word, height = text[a:b], max(y1 - y0, 1.0)
        last = found[-1] if found else None
        if last is not None and abs(last.top - y0) < _ONE_HEIGHT * height:
            near = -height < x0 - last.x1 <= _GAP * height
            near = near and not (_NEXT_FIGURE.fullmatch(word) and _ENDED.search(last.text))
            if near or _CURRENCY.fullmatch(last.text):
                found[-1] = _Cell(f"{last.text} {word}", last.x0, x1, last.top, height)
                continue
        elif last is not None and len(found) == 1:
            # a label that goes on in the next line
            found[-1] = _Cell(f"{last.text} {word}", min(last.x0, x0), x1, y0, height)
            continue
        found.append(_Cell(word, x0, x1, y0, height))
    return found


def _by_height(cells: Sequence[_Cell]) -> list[list[_Cell]]:
    rows: list[list[_Cell]] = []
    for cell in sorted(cells, key=lambda cell: cell.top):
        if rows and abs(cell.top - rows[-1][0].top) < _ONE_HEIGHT * cell.height:
            rows[-1].append(cell)
        else:
            rows.append([cell])
    return rows


def _joined(*parts: str) -> str:
    return " · ".join(dict.fromkeys(" ".join(part.split()) for part in parts if part.strip()))
