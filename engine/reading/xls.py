"""Old Excel workbooks (XLS, from Excel 2 on) by xlrd, which tells formats and what is hidden.

xlrd reads the results of formulas and neither macros nor other workbooks.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator

import xlrd
from xlrd.biffh import error_text_from_code
from xlrd.compdoc import CompDocError

from engine.reading.archive import FAULTS, damaged, locked
from engine.reading.document import NotReadError, Reading, Source
from engine.reading.locked_office import unlocked
from engine.reading.number_forms import GENERAL, shown
from engine.reading.old_office import read_workbook
from engine.reading.sheets import Allowance, Merge, Row, Sheet, reading
from engine.records import DocumentState

_FAULTS = (
    *FAULTS,
    xlrd.XLRDError,
    CompDocError,
    struct.error,
    AssertionError,
    OverflowError,
)
_MOST_BYTES = 256_000_000


def read(source: Source) -> Reading:
    """Raises ``NotReadError`` where the file is not a workbook, damaged or locked."""
    if source.path.stat().st_size > _MOST_BYTES:
        raise NotReadError(
            DocumentState.FAILED,
            f"The file is larger than {_MOST_BYTES // 1_000_000} MB; save it as .xlsx to index it.",
        )
    with unlocked(source) as opened:
        return _read(opened)


def _read(source: Source) -> Reading:
    allowance = Allowance()
    try:
        book = xlrd.open_workbook(
            str(source.path), logfile=io.StringIO(), formatting_info=True, on_demand=True,
            ragged_rows=True,
        )  # fmt: skip
        return reading(source, "spreadsheet", "", _sheets(book, allowance), allowance)
    except _FAULTS as error:
        if "encrypted" in str(error) or "password" in str(error):
            raise locked() from error
        found = read_workbook(source)
        if found is None:
            raise damaged("a spreadsheet") from error
        return found


def _sheets(book: xlrd.Book, allowance: Allowance) -> Iterator[Sheet]:
    for index in range(book.nsheets):
        sheet = book.sheet_by_index(index)
        found = Sheet(
            sheet.name,
            hidden=sheet.visibility != 0,
            hidden_columns=frozenset(
                column for column, info in sheet.colinfo_map.items() if info.hidden
            ),
            merges=[
                Merge(top + 1, bottom, left, right - 1)
                for top, bottom, left, right in sheet.merged_cells
            ],
        )
        for number in range(sheet.nrows):
            cells = {}
            for column, cell in enumerate(sheet.row(number)):
                if text := _text(book, cell):
                    cells[column] = text
            if not cells:
                continue
            if not allowance.take(len(cells)):
                break
            info = sheet.rowinfo_map.get(number)
            found.rows.append(Row(number + 1, cells, info is not None and bool(info.hidden)))
        found.notes += [
            f"{xlrd.cellname(*place)}: {' '.join(note.text.split())}"
            for place, note in sorted(sheet.cell_note_map.items())
            if note.text.strip()
        ]
        yield found
        book.unload_sheet(index)


def _text(book: xlrd.Book, cell: xlrd.sheet.Cell) -> str:
    match cell.ctype:
        case xlrd.XL_CELL_TEXT:
            return str(cell.value).strip()
        case xlrd.XL_CELL_NUMBER | xlrd.XL_CELL_DATE:
            return shown(float(cell.value), _code(book, cell), since_1904=book.datemode == 1)
        case xlrd.XL_CELL_BOOLEAN:
            return "TRUE" if cell.value else "FALSE"
        case xlrd.XL_CELL_ERROR:
            return str(error_text_from_code.get(cell.value, ""))
    return ""


def _code(book: xlrd.Book, cell: xlrd.sheet.Cell) -> str:
    if cell.xf_index is None or not 0 <= cell.xf_index < len(book.xf_list):
        return GENERAL
    found = book.format_map.get(book.xf_list[cell.xf_index].format_key)
    return (found.format_str or GENERAL) if found is not None else GENERAL
