"""Tables of figures on a PDF page: which lines are rows, and which tell what their columns hold.

PDF knows no tables. A row is a line whose words stand apart in cells, one of them a figure; rows
whose figures end at the same places belong together. Above them stand the heads of the columns:
years, dates, units, names. A label that takes two lines is one row with its figures.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice, pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.reading.pdf_headings import PageLines
from engine.records import Block, BlockKind

_FEWEST_FIGURES = 3  # on a page that may hold a table
_CELL_GAP = 0.95  # of a line's height; more parts two cells
_ALIGNED = 9.0  # points that two figures of one column may end apart
_CENTRED = 40.0  # points that a head may stand to the left of its figures
_FEWEST_ROWS = 2
_NEAR = 2.6  # line heights from one line of a table to the next
_MOST_HEADS = 24  # lines
_ANNOUNCING = 6  # words of a sentence that ends in a colon above a table
_HEAD_WORDS = 14  # of one cell
_LABEL_WORDS = 24
_LONGEST_FIGURE = 24
_INDENT = 30.0  # points
_BEGINS = re.compile(r"(?<!\S)[($€£¥]*\d")
_FIRST = frozenset("0123456789$€£¥(—–-−")
_FIGURE = re.compile(
    r"[(\[]?[-–—−+]?[$€£¥]?\s?[(]?\d[\d,.'’ ]*\d?[)\]]?(?:\s?(?:%|x|bps?|pts?))?[)\]]?%?"
    r"|[-–—−]|[$€£¥]\s?[-–—]|NM|N/?A|n/?[am]|nil",
)
_NEXT_FIGURE = re.compile(r"(?<=[\d)%—]) ([$€£¥](?= ?\(?[\d—])|\(?\d{1,3}(?:,\d{3})+\)?(?!\S))")
_CURRENCY = re.compile(r"[$€£¥]+\(?|(?:US|C|A)\$|USD|EUR|GBP")
_TAIL = re.compile(r"%|\)|\)%|\((?:[a-z]{1,2}|\d)\)|\*+|bps?|x")
_FAR_TAIL = re.compile(r"%|\)|\)%|\([a-z]\)|\*+|bps?|x")  # "(5)" far off is a figure
_YEAR = re.compile(r"(?:FY\s?)?(?:1[89]|20)\d\d[EA]?|Q[1-4]|[1-4]Q\d\d")
_DAY = re.compile(
    r"(?:\w+ )?(?:jan|feb|mar|apr|may|june?|july?|aug|sep|oct|nov|dec)\w*\.?,?(?: \d{1,2},?)?"
    r"(?: (?:19|20)\d\d)?",
    re.IGNORECASE,
)
_UNITS = re.compile(
    r"\(?.{0,40}\b(?:millions?|thousands?|billions?|dollars|percent)\b.{0,80}", re.I
)


@lru_cache(maxsize=20_000)
def _kind(text: str) -> tuple[bool, bool]:
    """Whether the text of a cell is a figure, and whether it is a time. Most of a document's
    figures come again and again, and so do its years."""
    time = _YEAR.fullmatch(text) or _DAY.fullmatch(text)
    return _FIGURE.fullmatch(text) is not None, time is not None


class _Cell(NamedTuple):
    """``ends`` are where a figure may be said to end: with the sign after it, and without."""

    text: str
    x0: float
    ends: tuple[float, ...]
    words: int
    is_figure: bool
    is_time: bool

    @classmethod
    def of(cls, text: str, x0: float, ends: tuple[float, ...], words: int) -> _Cell:
        figure, time = _kind(text) if len(text) <= _LONGEST_FIGURE else (False, False)
        return cls(text, x0, ends, words, figure, time)

    @property
    def x1(self) -> float:
        return self.ends[-1]

    @property
    def middle(self) -> float:
        return (self.x0 + self.x1) / 2


class _Line(NamedTuple):
    """A line of the page; ``figures`` are the cells after its label that hold a value."""

    start: int
    end: int
    top: float
    bottom: float
    cells: tuple[_Cell, ...]
    figures: tuple[_Cell, ...]
    is_row: bool

    @property
    def is_label(self) -> bool:
        return len(self.cells) == 1 and not self.is_row and self.cells[0].words <= _LABEL_WORDS

    @property
    def height(self) -> float:
        return max(self.bottom - self.top, 1.0)


@dataclass(slots=True)
class _Table:
    """Lines ``first`` to ``last``, the rows' columns by where they end."""

    first: int
    last: int
    ends: list[float]
    rows: int

    def takes(self, line: _Line) -> bool:
        return any(self._is_column(end) for figure in line.figures for end in figure.ends)

    def grow(self, at: int, line: _Line) -> None:
        self.last, self.rows = at, self.rows + 1
        for end in (end for figure in line.figures for end in figure.ends):
            if not self._is_column(end):
                self.ends.append(end)

    def _is_column(self, place: float) -> bool:
        return any(abs(place - end) <= _ALIGNED for end in self.ends)


def tables(page: PageLines) -> list[Block]:
    """The page's rows and heads, in order."""
    if sum(1 for _ in islice(_BEGINS.finditer(page.text), _FEWEST_FIGURES)) < _FEWEST_FIGURES:
        return []
    part = _near_figures(page)
    if part is None:
        return []
    lines = list(_lines(part))
    blocks: list[Block] = []
    after = 0  # lines before are another table's
    for table in _found(lines):
        first = _heads(lines, table, after)
        if table.rows < _FEWEST_ROWS and not _is_headed(lines[first : table.first], table):
            continue
        blocks += _blocks(lines, first, table)
        after = table.last + 1
    return blocks


def with_headings(rows: Sequence[Block], headings: Sequence[Block]) -> tuple[Block, ...]:
    """Tables and headings together, in order. Inside a table nothing is a heading; a heading that
    is the first of a table's heads stays one."""
    found = list(rows)
    starts = [block.start for block in rows]
    alone = []
    for heading in headings:
        after = bisect_left(starts, heading.end)
        first = after
        while first and rows[first - 1].end > heading.start:
            first -= 1
        if first == after:
            alone.append(heading)
            continue
        leads = not first or rows[first - 1].kind is not BlockKind.TABLE_HEAD
        if after - first == 1 and rows[first].kind is BlockKind.TABLE_HEAD and leads:
            found[first] = heading
    return tuple(sorted([*found, *alone], key=lambda block: block.start))


def _near_figures(page: PageLines) -> PageLines | None:
    """The stretch of the page in which figures stand apart from what is before them, with the
    lines above it that may tell what they are."""
    begins, begun = _begins(page)
    inner = np.flatnonzero(begun & ~begins)
    first = [page.text[start] in _FIRST for start in page.spans[inner, 0].tolist()]
    if not any(first):
        return None
    line = np.cumsum(begins) - 1
    rows = line[inner[first]]
    low, high = np.searchsorted(line, (rows[0] - _MOST_HEADS, rows[-1] + 1)).tolist()
    return replace(
        page,
        spans=page.spans[low:high],
        boxes=page.boxes[low:high],
        gaps=page.gaps[low : high - 1],
        blocks=page.blocks[low:high],
        lines=page.lines[low:high],
    )


def _begins(page: PageLines) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Of each word, whether it begins a line, and whether it begins a cell."""
    boxes = page.boxes
    begins = np.ones(len(boxes), dtype=np.bool_)
    begins[1:] = page.gaps != 0
    begun = begins.copy()
    begun[1:] |= boxes[1:, 0] - boxes[:-1, 2] > _CELL_GAP * (boxes[:-1, 3] - boxes[:-1, 1])
    # where columns stand close, a figure is parted from the next one's currency sign
    span = page.spans[0, 0], page.spans[-1, 1]
    signs = [match.start(1) for match in _NEXT_FIGURE.finditer(page.text, *map(int, span))]
    begun[np.searchsorted(page.spans[:, 0], signs)] = True
    return begins, begun


def _lines(page: PageLines) -> Iterator[_Line]:
    boxes = page.boxes
    begins, begun = _begins(page)
    cells = np.flatnonzero(begun)
    ends = [*(cells[1:] - 1).tolist(), len(boxes) - 1]
    firsts = np.flatnonzero(begins)
    tops = np.minimum.reduceat(boxes[:, 1], firsts).tolist()
    bottoms = np.maximum.reduceat(boxes[:, 3], firsts).tolist()
    places = boxes[:, [0, 2]].tolist()
    spans = page.spans.tolist()
    line: list[_Cell] = []
    number = 0
    starting = begins[cells].tolist()
    start = 0
    for at, (first, last) in enumerate(zip(cells.tolist(), ends, strict=True)):
        text = page.text[spans[first][0] : spans[last][1]]
        right = places[last][1]
        tailed = last > first and _TAIL.fullmatch(page.text, *spans[last])
        stops = (places[last - 1][1], right) if tailed else (right,)
        line.append(_Cell.of(text, places[first][0], stops, last - first + 1))
        if at + 1 == len(ends) or starting[at + 1]:
            yield _line(spans[start][0], spans[last][1], tops[number], bottoms[number], line)
            line, number, start = [], number + 1, last + 1


def _line(start: int, end: int, top: float, bottom: float, cells: Sequence[_Cell]) -> _Line:
    joined = _joined(cells) if len(cells) > 1 else tuple(cells)
    values = tuple(cell for cell in joined[1:] if cell.is_figure)
    if len(joined) > 1 and joined[0].is_figure and not joined[0].is_time:
        values = (joined[0], *values)
    real = any(not cell.is_time for cell in values)
    return _Line(start, end, top, bottom, joined, values, real)


def _joined(cells: Sequence[_Cell]) -> tuple[_Cell, ...]:
    """A currency sign goes with the figure after it, a sign after a figure with that, however far
    apart they are set."""
    found: list[_Cell] = []
    for cell in cells:
        before = found[-1] if found else None
        begins = before is not None and cell.is_figure and _CURRENCY.fullmatch(before.text)
        ends = before is not None and before.is_figure and _FAR_TAIL.fullmatch(cell.text)
        if before is not None and (begins or ends):
            stops = cell.ends if begins else (*before.ends, *cell.ends)
            text, words = f"{before.text} {cell.text}", before.words + cell.words
            found[-1] = _Cell.of(text, before.x0, stops, words)
        else:
            found.append(cell)
    return tuple(found)


def _found(lines: Sequence[_Line]) -> list[_Table]:
    """Runs of rows whose figures end at the same places, labels between them included."""
    found: list[_Table] = []
    current: _Table | None = None
    for at, line in enumerate(lines):
        if not line.is_row:
            continue
        if current is not None and current.takes(line) and _go_on(lines, current.last, at):
            current.grow(at, line)
            continue
        current = _Table(at, at, [end for figure in line.figures for end in figure.ends], 1)
        found.append(current)
    return found


def _go_on(lines: Sequence[_Line], last: int, at: int) -> bool:
    """Whether nothing but labels stands between two rows, and the second is below the first."""
    between = lines[last + 1 : at]
    if len(between) > 3 or lines[at].top < lines[last].top:
        return False
    heads = [line for line in between if not line.is_label]
    return not heads and all(
        low.top - high.top < 2 * _NEAR * high.height for high, low in pairwise(lines[last : at + 1])
    )


def _heads(lines: Sequence[_Line], table: _Table, after: int) -> int:
    """The first of the lines above the table that say what it and its columns hold; the table's
    own first line where there are none."""
    rows = [line for line in lines[table.first : table.last + 1] if line.is_row]
    left = min(figure.x0 for line in rows for figure in line.figures) - _CENTRED
    begin = min(line.cells[0].x0 for line in rows)
    end = max(line.cells[-1].x1 for line in rows)
    first = table.first
    top = lines[first].top
    for at in range(first - 1, max(after, first - 1 - _MOST_HEADS) - 1, -1):
        line = lines[at]
        tall = max(line.height, lines[at + 1].height)
        # cells of several lines are told column by column: up and down again
        beside = line.top < lines[table.first].top - 0.3 * tall
        if line.is_row or not beside or top - line.top > _NEAR * tall:
            break
        if any(cell.words > _HEAD_WORDS for cell in line.cells) and len(line.cells) > 1:
            break
        whole = line.cells[0]
        alone = len(line.cells) == 1
        if alone and whole.text.endswith(":") and whole.words >= _ANNOUNCING:
            return at
        if whole.words > _HEAD_WORDS or (whole.words > 3 and whole.text.endswith(".")):
            break
        over = any(cell.middle > left for cell in line.cells)
        middle = whole.middle - (begin + end) / 2
        centred = abs(middle) < 0.08 * (end - begin) and whole.x0 > begin + 20
        if over or centred or _UNITS.fullmatch(whole.text) or _is_times(line):
            first = at
        elif not (line.is_label and whole.x0 <= begin + _INDENT):
            break
        elif first < table.first and whole.text[:1].isupper() and whole.text[-1] not in ".;,":
            first = at  # the table's title
        # else a label between the heads and the first row, which it belongs to
        top = min(top, line.top)
    return first


def _is_headed(heads: Sequence[_Line], table: _Table) -> bool:
    """Whether what stands above a single row makes a table of it: several columns, and what
    tells when or in what they are counted."""
    told = [cell for line in heads for cell in line.cells]
    return len(table.ends) > 1 and any(
        cell.is_time or _UNITS.fullmatch(cell.text) is not None for cell in told
    )


def _is_times(line: _Line) -> bool:
    return all(cell.is_time for cell in line.cells)


def _blocks(lines: Sequence[_Line], first: int, table: _Table) -> Iterator[Block]:
    """Heads as they come, then rows: a label that goes on in the next line goes with it."""
    at = first
    while at < table.first and not _begins_rows(lines, at, table):
        yield Block(lines[at].start, lines[at].end, BlockKind.TABLE_HEAD)
        at += 1
    start: int | None = None
    while at <= table.last:
        line = lines[at]
        following = lines[at + 1] if at < table.last else None
        goes_on = (
            not line.is_row
            and following is not None
            and following.cells[0].text[:1].islower()
            and line.cells[-1].text[-1:] not in ":.;"
        )
        start = line.start if start is None else start
        if not goes_on:
            yield Block(start, line.end, BlockKind.TABLE_ROW)
            start = None
        at += 1


def _begins_rows(lines: Sequence[_Line], at: int, table: _Table) -> bool:
    """Whether only labels stand between here and the first row: they belong to the rows."""
    return (
        all(
            line.is_label and not _UNITS.fullmatch(line.cells[0].text) and not _is_times(line)
            for line in lines[at : table.first]
        )
        and lines[at].cells[0].x0 <= lines[table.first].cells[0].x0 + _INDENT
    )
