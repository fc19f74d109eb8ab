"""OpenDocument spreadsheets (ODS, FODS), whose cells keep the text that they show."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from engine.reading.archive import attribute, below, child, children, local
from engine.reading.document import Reading, Source
from engine.reading.opendocument import Styles, document
from engine.reading.sheets import Allowance, Merge, Row, Sheet, reading

_LAST_ROW, _LAST_COLUMN = 1_048_576, 16_384
_GROUPS = frozenset(
    "table-header-rows table-rows table-row-group table-columns table-header-columns "
    "table-column-group".split()
)


def read(source: Source) -> Reading:
    """Raises ``NotReadError`` where the file is no spreadsheet, damaged, locked or a bomb."""
    allowance = Allowance()
    with document(source, "a spreadsheet") as opened:
        sheets = _sheets(opened.body, opened.styles, allowance)
        return reading(source, "spreadsheet", opened.title, sheets, allowance)


def _sheets(body: Any, styles: Styles, allowance: Allowance) -> Iterator[Sheet]:
    for table in children(body, "table"):
        sheet = Sheet(
            attribute(table, "name"),
            hidden=styles.is_switched_off(attribute(table, "style-name")),
        )
        _fill(sheet, table, allowance)
        shapes = child(table, "shapes")
        for paragraph in below(shapes, "p") if shapes is not None else ():
            if text := _text(paragraph):
                sheet.notes.append(text)
        yield sheet


def _fill(sheet: Sheet, table: Any, allowance: Allowance) -> None:
    number, column = 1, 0
    hidden_columns: set[int] = set()
    for element in _parts(table):
        times = _times(element, "number-columns-repeated")
        unseen = attribute(element, "visibility") in ("collapse", "filter")
        if local(element) == "table-column":
            if unseen:
                hidden_columns |= set(range(column, min(column + times, _LAST_COLUMN)))
            column += times
            continue
        cells = _cells(sheet, element, number)
        for _ in range(_times(element, "number-rows-repeated")):
            if number > _LAST_ROW or not cells:
                break
            if not allowance.take(len(cells)):
                return
            sheet.rows.append(Row(number, dict(cells), unseen))
            number += 1
        else:
            continue
        if not cells:
            number += _times(element, "number-rows-repeated")
    sheet.hidden_columns = frozenset(hidden_columns)


def _parts(table: Any) -> Iterator[Any]:
    """Columns and rows, also those in groups."""
    stack = [iter(table)]
    while stack:
        element = next(stack[-1], None)
        if element is None:
            stack.pop()
        elif local(element) in _GROUPS:
            stack.append(iter(element))
        elif local(element) in ("table-row", "table-column"):
            yield element


def _cells(sheet: Sheet, row: Any, number: int) -> dict[int, str]:
    found: dict[int, str] = {}
    column = 0
    for cell in row:
        if local(cell) not in ("table-cell", "covered-table-cell"):
            continue
        times = _times(cell, "number-columns-repeated")
        text = _shown(cell) if local(cell) == "table-cell" else ""
        if text:
            for at in range(column, min(column + times, _LAST_COLUMN)):
                found[at] = text
            down, across = (
                _times(cell, "number-rows-spanned"),
                _times(cell, "number-columns-spanned"),
            )
            if down > 1 or across > 1:
                sheet.merges.append(Merge(number, number + down - 1, column, column + across - 1))
        for note in children(cell, "annotation"):
            said = " ".join(filter(None, (_text(p) for p in below(note, "p"))))
            if said:
                sheet.notes.append(said)
        column += times
    return found


def _shown(cell: Any) -> str:
    day = attribute(cell, "date-value")
    if day and attribute(cell, "value-type") == "date":
        return day.removesuffix("T00:00:00").replace("T", " ")
    return " ".join(filter(None, (_text(p) for p in children(cell, "p"))))


def _text(paragraph: Any) -> str:
    parts: list[str] = []
    for element in paragraph.iter():
        name = local(element)
        if name in ("s", "tab", "line-break"):
            parts.append(" ")
        elif name:
            parts.append(element.text or "")
        if element is not paragraph:
            parts.append(element.tail or "")
    return " ".join("".join(parts).split())


def _times(element: Any, name: str) -> int:
    """How often something is repeated, or how far it spans: once where nothing is said."""
    told = attribute(element, name)
    return min(int(told), _LAST_ROW) if told.isdecimal() and int(told) else 1
