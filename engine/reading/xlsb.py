"""Binary Excel workbooks (XLSB) by calamine, which is quick and gives values without formats."""

from __future__ import annotations

from collections.abc import Iterator

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from engine.reading.archive import FAULTS, damaged, opened
from engine.reading.document import Reading, Source
from engine.reading.number_forms import plain
from engine.reading.old_office import read_workbook
from engine.reading.sheets import Allowance, Merge, Row, Sheet, reading


def read(source: Source) -> Reading:
    """Raises ``NotReadError`` where the file is not a workbook, damaged, locked or a bomb."""
    allowance = Allowance()
    with opened(source.path, "a spreadsheet") as archive:
        title = archive.office_title()
    try:
        book = CalamineWorkbook.from_path(str(source.path))
        return reading(source, "spreadsheet", title, _sheets(book, allowance), allowance)
    except BaseException as error:
        panicked = type(error).__name__ == "PanicException"  # Rust's, which is no Exception
        if not panicked and not isinstance(error, (CalamineError, OSError, *FAULTS)):
            raise
        found = read_workbook(source)
        if found is None:
            raise damaged("a spreadsheet") from error
        return found


def _sheets(book: CalamineWorkbook, allowance: Allowance) -> Iterator[Sheet]:
    for described in book.sheets_metadata:
        if described.typ is not SheetTypeEnum.WorkSheet:
            continue
        sheet = book.get_sheet_by_name(described.name)
        found = Sheet(
            described.name,
            hidden=described.visible is not SheetVisibleEnum.Visible,
            merges=[
                Merge(top + 1, bottom + 1, left, right)
                for (top, left), (bottom, right) in sheet.merged_cell_ranges or ()
            ],
        )
        top = sheet.start[0] + 1 if sheet.start else 1
        left = sheet.start[1] if sheet.start else 0
        for number, values in enumerate(sheet.iter_rows(), top):
            cells = {
                column: text
                for column, value in enumerate(values, left)
                if (text := plain(value).strip())
            }
            if not cells:
                continue
            if not allowance.take(len(cells)):
                break
            found.rows.append(Row(number, cells))
        yield found
