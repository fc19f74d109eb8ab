"""Sheets of rows into pages: what the spreadsheet formats have in common.

A page is a stretch of a sheet's rows, and its label says which: "Sales, rows 1–60". Between its
cells stands " | "; a cell that is empty is kept empty, so that columns stay in line, but columns
without anything on a page are left out.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from engine.reading.document import Reading, Source
from engine.reading.flow import PAGE_CHARACTERS, Flow, hiding, unmarked
from engine.reading.table_heads import head_rows, is_unit
from engine.records import BlockKind, DocumentFacts, Page

MOST_CELLS = 500_000
"""Cells with something in them that are read of one file: some ten seconds of work, and far less
than the silence after which a reader is taken for stuck."""

_MOST_FILLED_IN = 200_000
_PAGE_ROWS = 60
_LONGEST_CELL = 32_767
_LONGEST_NAME = 40
_LOOKED_AT = 16
_MOST_LINES_ABOVE = 5
_NAMELESS = re.compile(
    r"(?:sheet|tabelle|feuil|hoja|foglio|blad|arkusz|list|planilha|лист|table)[\W_]*\d*",
    re.IGNORECASE,
)


@dataclass(slots=True)
class Row:
    """``number`` is 1-based, as the sheet shows it; cells are by their 0-based column, and those
    in ``unseen`` are written so that nobody sees them."""

    number: int
    cells: dict[int, str]
    hidden: bool = False
    unseen: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Merge:
    """A cell that stretches over others: 1-based rows, 0-based columns, ends inclusive."""

    top: int
    bottom: int
    left: int
    right: int


@dataclass(slots=True)
class Sheet:
    """A sheet in which empty rows are left out. ``notes`` are comments and texts of drawings;
    ``tables`` are those of its charts, head first."""

    name: str
    rows: list[Row] = field(default_factory=list)
    hidden: bool = False
    hidden_columns: frozenset[int] = frozenset()
    merges: list[Merge] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    tables: list[list[str]] = field(default_factory=list)


class Allowance:
    """How many cells may still be read; it counts for all sheets of a file together."""

    def __init__(self, most: int = MOST_CELLS) -> None:
        self._most = most
        self._taken = 0

    def take(self, cells: int) -> bool:
        """Whether there was room for so many more."""
        self._taken += cells
        return self._taken <= self._most

    @property
    def sentence(self) -> str:
        """What to say of it: empty where there was room for all."""
        if self._taken <= self._most:
            return ""
        return (
            f"The file holds more than {self._most:,} filled cells; what follows the first "
            f"{self._most:,} was left out."
        )


def reading(
    source: Source, name: str, title: str, sheets: Iterable[Sheet], allowance: Allowance
) -> Reading:
    """A document of the sheets, which are taken one after the other."""
    pages: list[Page] = []
    for sheet in sheets:
        if source.cancelled():
            break
        named = not _NAMELESS.fullmatch(sheet.name)
        for label, flow in _pages(sheet, named=named):
            pages.append(flow.page(len(pages) + 1, label or str(len(pages) + 1)))
    pages = pages or [Flow().page(1, "1")]
    facts = DocumentFacts(name, title, len(pages))
    return Reading(facts, iter(pages), allowance.sentence)


def _pages(sheet: Sheet, *, named: bool) -> Iterator[tuple[str, Flow]]:
    name = " ".join(sheet.name.split())[:_LONGEST_NAME]
    _fill_merged_downwards(sheet)
    heads = _heads(sheet)
    flow, first, last, size, count = Flow(), 0, 0, 0, 0
    pending: list[tuple[Row, BlockKind]] = []
    if named and name:
        flow.add(_seen(unmarked(sheet.name), sheet.hidden), BlockKind.HEADING, 1)

    def label() -> str:
        rows = f"rows {first:,}–{last:,}" if last > first else f"row {first:,}"
        shown = f"{name}, {rows}" if name else rows
        return f"{shown} (hidden sheet)" if sheet.hidden else shown

    for row in sheet.rows:
        length = sum(map(len, row.cells.values())) + 3 * len(row.cells)
        if pending and (count >= _PAGE_ROWS or size + length > PAGE_CHARACTERS):
            _add(pending, sheet, flow)
            yield label(), flow
            flow, first, size, count, pending = Flow(), 0, 0, 0, []
        first = first or row.number
        last = row.number
        pending.append((row, heads.get(row.number, BlockKind.TABLE_ROW)))
        size, count = size + length, count + 1
    _add(pending, sheet, flow)
    for table in sheet.tables:
        kind = BlockKind.TABLE_HEAD if table is sheet.tables[0] else BlockKind.TABLE_ROW
        flow.add(_seen(unmarked(" | ".join(table)), sheet.hidden), kind)
    for note in sheet.notes:
        flow.add(_seen(unmarked(note), sheet.hidden), BlockKind.FOOTNOTE)
    if pending:
        yield label(), flow
    elif sheet.notes or sheet.tables:
        yield name, flow


def _add(rows: Sequence[tuple[Row, BlockKind]], sheet: Sheet, flow: Flow) -> None:
    columns = sorted({column for row, _ in rows for column in row.cells})
    for row, kind in rows:
        if kind in (BlockKind.PARAGRAPH, BlockKind.HEADING):
            text = " ".join(_cell(sheet, row, column) for column in sorted(row.cells))
        else:
            text = " | ".join(_cell(sheet, row, column) for column in columns).rstrip(" |")
        level = 2 if kind is BlockKind.HEADING else 0
        flow.add(_seen(text, sheet.hidden or row.hidden), kind, level)


def _cell(sheet: Sheet, row: Row, column: int) -> str:
    text = " ".join(unmarked(row.cells.get(column, "")[:_LONGEST_CELL]).split())
    unseen = column in sheet.hidden_columns or column in row.unseen
    return _seen(text, unseen and not sheet.hidden and not row.hidden)


def _seen(text: str, hidden: bool) -> str:
    return hiding(text) if hidden else text


def _heads(sheet: Sheet) -> dict[int, BlockKind]:
    """By the numbers of rows, what is no plain row: the heads of each table of the sheet (an
    empty row ends one), and the lines above them."""
    found: dict[int, BlockKind] = {}
    at = 0
    while at < len(sheet.rows):
        end = at + 1
        while end < len(sheet.rows) and sheet.rows[end].number == sheet.rows[end - 1].number + 1:
            end += 1
        region = sheet.rows[at:end]
        above = _lines_above(region)
        for row in region[:above]:
            (text,) = row.cells.values()
            unit = is_unit(text) and above < len(region)
            found[row.number] = BlockKind.TABLE_HEAD if unit else BlockKind.PARAGRAPH
        first = region[above : above + _LOOKED_AT]
        columns = sorted({column for row in first for column in row.cells})
        lines = [[row.cells.get(column, "") for column in columns] for row in first]
        heads = first[: head_rows(lines, words_suffice=True)]
        _fill_merged_sideways(sheet, heads, columns)
        for row in heads:
            found[row.number] = BlockKind.TABLE_HEAD
        at = end
    return found


def _lines_above(region: Sequence[Row]) -> int:
    """How many of a region's first rows are lines of text above a table, or beside none."""
    count = 0
    for row in region:
        if len(row.cells) != 1 or not any(map(str.isalpha, *row.cells.values())):
            break
        count += 1
    return count if count <= _MOST_LINES_ABOVE else 0


def _fill_merged_downwards(sheet: Sheet) -> None:
    """A cell that spans rows says the same of each of them."""
    numbers = [row.number for row in sheet.rows]
    filled = 0
    for merge in sheet.merges:
        at = bisect.bisect_left(numbers, merge.top)
        if merge.bottom <= merge.top or at == len(numbers) or numbers[at] != merge.top:
            continue
        value = sheet.rows[at].cells.get(merge.left, "")
        if not value or len(sheet.rows[at].cells) == 1:
            continue
        for row in sheet.rows[at + 1 : bisect.bisect_right(numbers, merge.bottom)]:
            row.cells.setdefault(merge.left, value)
            filled += 1
            if filled > _MOST_FILLED_IN:
                return


def _fill_merged_sideways(sheet: Sheet, heads: Sequence[Row], columns: Sequence[int]) -> None:
    """A head that spans columns is the head of each of them."""
    by_number = {row.number: row for row in heads}
    for merge in sheet.merges if heads else ():
        row = by_number.get(merge.top)
        if row is not None and merge.left in row.cells:
            for column in range(merge.left + 1, min(merge.right, columns[-1]) + 1):
                row.cells.setdefault(column, row.cells[merge.left])
