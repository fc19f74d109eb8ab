"""Spreadsheets of all kinds: what a person sees of them, and where."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill

from engine.hidden import without
from engine.reading import sheets
from engine.reading.delimited import delimiter_of
from engine.records import BlockKind, DocumentState

Read = Callable[..., Any]
HEAD, ROW = BlockKind.TABLE_HEAD, BlockKind.TABLE_ROW


def blocks(page: Any) -> list[tuple[BlockKind, str]]:
    return [(block.kind, page.text[block.start : block.end]) for block in page.blocks]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "made.xlsx"


def test_a_workbook_as_it_looks(path: Path, read: Read) -> None:
    book = openpyxl.Workbook()
    book.properties.title = "Capital plan"
    sheet = book.active
    sheet.title = "Sales"
    sheet.append(["Capital expenditures"])
    sheet.append(["(in USD millions)"])
    sheet.append(["Item", "2018", "Share", "Paid"])
    sheet.append(["Plants", 1577.4, 0.253, datetime(2018, 3, 4)])
    sheet.append(["Offices", None, 0.1, datetime(2018, 3, 5)])
    for row in (4, 5):
        sheet.cell(row, 2).number_format = "#,##0"
        sheet.cell(row, 3).number_format = "0.0%"
    sheet["A4"].comment = Comment("New ones alone.", "Ada")
    book.create_sheet("Empty")
    book.save(path)
    result = read(path)
    assert result.state is DocumentState.INDEXED
    assert (result.facts.format, result.facts.title) == ("spreadsheet", "Capital plan")
    (page,) = result.pages
    assert page.label == "Sales, rows 1–5"
    assert blocks(page) == [
        (BlockKind.HEADING, "Sales"),
        (BlockKind.PARAGRAPH, "Capital expenditures"),
        (HEAD, "(in USD millions)"),
        (HEAD, "Item | 2018 | Share | Paid"),
        (ROW, "Plants | 1,577 | 25.3% | 2018-03-04"),
        (ROW, "Offices |  | 10.0% | 2018-03-05"),
        (BlockKind.FOOTNOTE, "A4: New ones alone."),
    ]
    rows = next(p for p in result.passages if "Plants" in page.text[p.start : p.end])
    assert rows.heading == "Sales › (in USD millions) · Item | 2018 | Share | Paid"


def test_long_sheets_have_pages_and_keep_their_head(path: Path, read: Read) -> None:
    book = openpyxl.Workbook()
    book.active.append(["Number", "Square"])
    for number in range(1, 150):
        book.active.append([number, number**2])
    book.save(path)
    result = read(path)
    labels = ["Sheet, rows 1–60", "Sheet, rows 61–120", "Sheet, rows 121–150"]
    assert [page.label for page in result.pages] == labels
    assert {p.heading for p in result.passages if p.page == 3} == {"Number | Square"}


def test_what_a_sheet_hides_is_hidden(path: Path, read: Read) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["shown", "secret column", "also shown"])
    sheet.append(["secret row", "x", "y"])
    sheet.append(["secretly white", "x", "white on blue"])
    sheet["A3"].font = sheet["C3"].font = Font(color="FFFFFFFF")
    sheet["C3"].fill = PatternFill("solid", fgColor="FF0000FF")
    sheet.column_dimensions["B"].hidden = True
    sheet.row_dimensions[2].hidden = True
    other = book.create_sheet("Secret sheet")
    other.append(["secret cell"])
    other.sheet_state = "veryHidden"
    book.save(path)
    result = read(path)
    seen = " ".join(without(page.text, page.hidden) for page in result.pages)
    assert "secret" not in seen.lower()
    assert "also shown" in seen
    assert "white on blue" in seen
    assert "secret row" in result.text
    assert result.pages[1].label == "Secret sheet, row 1 (hidden sheet)"
    assert "2 pages hold text that cannot be seen" in result.reason


def test_merged_cells_speak_for_all_that_they_cover(path: Path, read: Read) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["", "2018", None, "2017", None])
    sheet.append(["", "Q1", "Q2", "Q1", "Q2"])
    sheet.append(["Europe", 1, 2, 3, 4])
    sheet.append([None, 5, 6, 7, 8])
    for span in ("B1:C1", "D1:E1", "A3:A4"):
        sheet.merge_cells(span)
    book.save(path)
    (page,) = read(path).pages
    assert blocks(page)[:4] == [
        (HEAD, "| 2018 | 2018 | 2017 | 2017"),
        (HEAD, "| Q1 | Q2 | Q1 | Q2"),
        (ROW, "Europe | 1 | 2 | 3 | 4"),
        (ROW, "Europe | 5 | 6 | 7 | 8"),
    ]


def test_charts_say_their_numbers(path: Path, read: Read) -> None:
    book = openpyxl.Workbook()
    book.active.append(["only", "cells"])
    chart = BarChart()
    chart.title = "Growth"
    chart.add_data(Reference(book.active, min_col=1, min_row=1, max_row=1))
    book.active.add_chart(chart, "E5")
    book.save(path)
    assert "Growth" in read(path).text


def test_a_million_cells_are_bounded(
    path: Path, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheets.Allowance.__init__, "__defaults__", (100,))
    book = openpyxl.Workbook()
    for number in range(200):
        book.active.append([number, "x"])
    book.save(path)
    result = read(path)
    assert result.state is DocumentState.PARTIAL
    assert "more than 100 filled cells" in result.reason
    assert "49 | x" in result.text
    assert "50 | x" not in result.text


def test_references_beyond_any_sheet_do_no_harm(path: Path, read: Read) -> None:
    book = openpyxl.Workbook()
    book.active.append(["a"])
    book.save(path)
    rewritten(
        path,
        "xl/worksheets/sheet1.xml",
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><cols>'
        b'<col min="1" max="999999999" hidden="1"/></cols><sheetData>'
        b'<row r="99999999999"><c r="ZZZ99" t="inlineStr"><is><t>far</t></is></c>'
        b'<c r="B2" t="inlineStr"><is><t>near</t></is></c><c t="s"><v>77777</v></c>'
        b'<c t="n"><v>NaN</v></c><c t="n" s="4711"><v>12</v></c></row></sheetData>'
        b'<mergeCells><mergeCell ref="A1:XFD1048576"/><mergeCell ref="?"/></mergeCells>'
        b"</worksheet>",
    )
    result = read(path)
    assert "near" in result.text
    assert "far" not in result.text


def test_an_old_workbook(tmp_path: Path, read: Read) -> None:
    def record(kind: int, data: bytes) -> bytes:
        return struct.pack("<HH", kind, len(data)) + data

    def label(row: int, column: int, text: bytes) -> bytes:
        return record(4, struct.pack("<HH3xB", row, column, len(text)) + text)

    # Excel 2: no container, a record for each cell
    path = tmp_path / "made.xls"
    path.write_bytes(
        record(9, struct.pack("<HH", 2, 16))
        + label(0, 0, b"Item")
        + label(0, 1, b"Amount")
        + label(1, 0, b"Plants")
        + record(3, struct.pack("<HH3xd", 1, 1, 1577.0))
        + record(10, b"")
    )
    result = read(path)
    assert result.state is DocumentState.INDEXED
    assert blocks(result.pages[0]) == [(HEAD, "Item | Amount"), (ROW, "Plants | 1577")]


@pytest.mark.parametrize("name", ["made.xlsx", "made.xlsb", "made.ods", "made.xls"])
def test_damage_is_told(
    tmp_path: Path, read: Read, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.workers.libreoffice.program", lambda: None)
    path = tmp_path / name
    for content in (
        b"PK\3\4" + b"x" * 900,
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(3000),
        b"\1\2",
    ):
        path.write_bytes(content)
        result = read(path)
        assert result.state is DocumentState.FAILED
        assert "damaged" in result.reason


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ("a,b\n1,2\n", ","),
        ("a;b\n1,5;2,5\n3,0;4,0\n", ";"),
        ("a\tb\n1\t2\n", "\t"),
        ("a|b|c\n1|2|3\n", "|"),
        ("sep=;\n1,2;3\n", ";"),
        ('"a, b",c\n"d, e",f\n', ","),
        ("one line of prose\nand another line of it\n", ""),
        ("", ""),
    ],
)
def test_delimiters_are_found(text: str, delimiter: str) -> None:
    assert delimiter_of(text) == delimiter


def test_a_table_in_plain_text(tmp_path: Path, read: Read) -> None:
    path = tmp_path / "made.csv"
    path.write_bytes("Käufer;Betrag\n\nMüller;1.577,40\n".encode("cp1252"))
    result = read(path)
    assert result.facts.format == "spreadsheet"
    (page,) = result.pages
    assert page.label == "rows 1–3"
    assert "Käufer | Betrag" in page.text
    assert (ROW, "Müller | 1.577,40") in blocks(page)


def test_a_csv_without_delimiters_is_text(tmp_path: Path, read: Read) -> None:
    path = tmp_path / "made.csv"
    path.write_text("just some words\non two lines\n")
    assert read(path).text == "just some words\non two lines"


def test_endless_fields_and_quotation_marks(tmp_path: Path, read: Read) -> None:
    path = tmp_path / "made.csv"
    path.write_text("a,b\n" + '1,"' + "x" * 300_000 + "\n2,3\n")
    assert read(path).state is DocumentState.INDEXED


ODS = """<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"
 xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"><office:automatic-styles>
<style:style style:name="off"><style:table-properties table:display="false"/></style:style>
</office:automatic-styles><office:body><office:spreadsheet>{}</office:spreadsheet></office:body>
</office:document-content>"""


def ods(path: Path, tables: str) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", ODS.format(tables))
    return path


def cell(text: str, more: str = "") -> str:
    return f"<table:table-cell {more}><text:p>{text}</text:p></table:table-cell>"


def test_an_opendocument_sheet(tmp_path: Path, read: Read) -> None:
    day = 'office:value-type="date" office:date-value="2018-03-04T00:00:00"'
    path = ods(
        tmp_path / "made.ods",
        f'<table:table table:name="Costs"><table:table-row>{cell("Item")}{cell("Paid")}'
        f"</table:table-row><table:table-row>{cell('Plants')}{cell('3/4/18', day)}"
        "</table:table-row><table:table-row table:number-rows-repeated='1000000'/>"
        f"<table:table-row table:visibility='collapse'>{cell('secret row')}</table:table-row>"
        f"</table:table><table:table table:name='Off' table:style-name='off'><table:table-row>"
        f"{cell('secret sheet')}</table:table-row></table:table>",
    )
    result = read(path)
    first, second = result.pages
    assert (HEAD, "Item | Paid") in blocks(first)
    assert (ROW, "Plants | 2018-03-04") in blocks(first)
    assert "secret" not in without(first.text, first.hidden)
    assert first.label == "Costs, rows 1–1,000,003"
    assert not without(second.text, second.hidden)


def test_repetition_is_bounded(tmp_path: Path, read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets.Allowance.__init__, "__defaults__", (50_000,))
    path = ods(
        tmp_path / "made.ods",
        "<table:table><table:table-row table:number-rows-repeated='999999999'>"
        f"{cell('x', 'table:number-columns-repeated=' + repr('999999999'))}"
        "</table:table-row></table:table>",
    )
    result = read(path)
    assert "more than 50,000 filled cells" in result.reason


def rewritten(path: Path, name: str, content: bytes) -> None:
    """Replaces a part of a zip."""
    with zipfile.ZipFile(path) as archive:
        parts = {entry: archive.read(entry) for entry in archive.namelist()}
    parts[name] = content
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry, data in parts.items():
            archive.writestr(entry, data)
