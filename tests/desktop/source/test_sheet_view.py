"""Sheets as tables: heads that stay, rows that light up, words in their cells."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from paging import page, span
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from desktop import theme
from desktop.source.cells import Row
from desktop.source.finding import found_spans
from desktop.source.sheet import Sheet, sheet_of
from desktop.source.sheet_view import SheetView
from desktop.source.styles import tint
from desktop.source.table_heads import head_before
from engine.records import BlockKind, Page

K = BlockKind


def orders(count: int, label: str = "") -> Page:
    return page(
        (K.TABLE_HEAD, "Day | Customer 🦉 | Price"),
        (K.TABLE_HEAD, "|  | EUR"),
        *((K.TABLE_ROW, f"Day {n} | Customer {n} | {n}.50") for n in range(1, count + 1)),
        label=label,
    )


def made(of: Page) -> Sheet:
    sheet = sheet_of(of)
    assert sheet is not None
    return sheet


@pytest.fixture
def view(qtbot: Any) -> SheetView:
    view = SheetView()
    qtbot.addWidget(view)
    view.resize(500, 400)
    view.show()
    return view


def test_a_page_of_rows_is_a_sheet() -> None:
    sheet = made(orders(20))
    assert len(sheet.head) == 2
    assert len(sheet.rows) == 20
    assert sheet.columns == 3
    assert sheet.figures == (False, False, True)


def test_a_page_with_a_small_table_is_none() -> None:
    few = ((K.TABLE_ROW, f"a | {n}") for n in range(10))
    assert sheet_of(page((K.PARAGRAPH, "Prose. " * 100), *few)) is None
    assert sheet_of(page((K.PARAGRAPH, "Prose."))) is None
    assert sheet_of(page((K.TABLE_ROW, "a | b"), (K.TABLE_ROW, "c | d"))) is None


def test_many_cells_are_a_sheet_whatever_stands_around_them() -> None:
    many = ((K.TABLE_ROW, "a | b | c | d") for _ in range(60))
    sheet = made(page((K.PARAGRAPH, "Prose. " * 300), *many))
    assert sheet.across == (0,)


def test_rows_have_their_numbers_where_the_label_counts_them(view: SheetView) -> None:
    assert made(orders(20, "Orders, rows 3–22")).numbers == range(3, 23)
    assert made(orders(20, "Orders, rows 1–22")).numbers == range(3, 23)  # with its two heads
    assert made(orders(20, "rows 1,003–1,022")).numbers == range(1003, 1023)
    assert not made(orders(20, "Orders, rows 3–40")).numbers  # some were left out
    view.show_sheet(made(orders(20, "Orders, rows 3–22")))
    assert view.verticalHeader().isVisible()
    assert view.model().headerData(19, Qt.Orientation.Vertical) == "22"
    rows = [(K.TABLE_ROW, f"a{n} | b") for n in range(10)]
    view.show_sheet(made(page((K.HEADING, "Orders", 1), *rows, label="Orders, rows 4–13")))
    said = [view.model().headerData(row, Qt.Orientation.Vertical) for row in (0, 1, 10)]
    assert said == ["", "4", "13"]
    view.show_sheet(made(orders(20)))
    assert not view.verticalHeader().isVisible()


def test_heads_stay_and_are_no_rows(view: SheetView) -> None:
    view.show_sheet(made(orders(200)))
    view.scroll_to_end()
    assert view.horizontalHeader().isVisible()
    assert view.model().headerData(2, Qt.Orientation.Horizontal) == "Price\u2028EUR"
    assert view.model().index(0, 0).data() == "Day 1"
    headless = page(*((K.TABLE_ROW, f"a | {n}") for n in range(20)))
    view.show_sheet(made(headless))
    assert not view.horizontalHeader().isVisible()


def test_a_cited_row_is_lit_and_brought_into_view(view: SheetView) -> None:
    of = orders(500)
    view.show_sheet(made(of), (), span(of, "Customer 321 | 321.50"))
    assert view.lit_text() == ["Customer 321", "321.50"]
    assert view.lit_rows() == [320]
    rect = view.visualRect(view.model().index(320, 1))
    assert view.viewport().rect().contains(rect)
    shown = view.viewport().grab().toImage()
    assert shown.pixelColor(rect.left() + 2, rect.top() + 2) == tint(theme.colours().base)
    other = view.visualRect(view.model().index(321, 1))
    assert shown.pixelColor(other.left() + 2, other.top() + 2) == theme.colours().base


def test_words_are_lit_at_code_points_in_heads_too(view: SheetView) -> None:
    of = orders(10)
    view.show_sheet(made(of), (), span(of, "🦉"))
    assert view.lit_text() == ["🦉"]
    words, marks = view._cells.marks.words([span(of, "Customer 🦉")])
    assert words == "Customer 🦉"
    assert [(mark.first, mark.last) for mark in marks] == [(9, 11)]


def test_finding_goes_to_the_cell(view: SheetView) -> None:
    of = orders(500)
    view.show_sheet(made(of))
    spans = found_spans(of.text, "customer 40")
    view.set_found(spans, 3)
    assert len(view.lit_text()) == len(spans) == 11
    row = next(n for n, r in enumerate(made(of).rows) if r.block.start > spans[3][0]) - 1
    assert view.viewport().rect().intersects(view.visualRect(view.model().index(row, 1)))


def test_long_words_wrap_in_their_cell(view: SheetView) -> None:
    rows = [(K.TABLE_ROW, f"{n} | short") for n in range(12)]
    rows[5] = (K.TABLE_ROW, "5 | " + "a rather long remark " * 20)
    view.show_sheet(made(page(*rows)))
    assert view.rowHeight(5) > 3 * view.rowHeight(4)
    rows[5] = (K.TABLE_ROW, "5 | short again")
    view.show_sheet(made(page(*rows)))
    assert view.rowHeight(5) == view.rowHeight(4)


def test_prose_goes_across_the_columns(view: SheetView) -> None:
    of = page((K.HEADING, "Orders", 1), *((K.TABLE_ROW, f"a{n} | b | c") for n in range(12)))
    view.show_sheet(made(of), (), span(of, "Orders"))
    assert view.columnSpan(0, 0) == 3
    assert view.lit_text() == ["Orders"]


def test_long_lines_of_prose_take_the_width_of_the_view(view: SheetView) -> None:
    prose = (K.PARAGRAPH, "The owls were counted in three barns. " * 6)
    of = page(prose, *((K.TABLE_ROW, f"{n} | {n}") for n in range(200)))
    view.show_sheet(made(of))
    assert view.columnSpan(0, 0) == 2
    widths = view.columnWidth(0) + view.columnWidth(1)
    assert widths >= view.viewport().width() - 1
    narrow = view.rowHeight(0)
    assert narrow < 8 * view.rowHeight(1)
    view.resize(900, 400)
    assert view.rowHeight(0) < narrow
    view.show_sheet(made(page(*((K.TABLE_ROW, f"{n} | {n}") for n in range(200)))))
    assert view.columnWidth(0) + view.columnWidth(1) < view.viewport().width()


def test_hidden_words_are_marked(view: SheetView) -> None:
    of = orders(10)
    secret = span(of, "Customer 7")
    view.show_sheet(made(of), (secret,))
    _, marks = view._cells.marks.words([secret])
    assert "answers leave it out" in marks[0].style.toolTip()


def test_keys(view: SheetView, qtbot: Any) -> None:
    view.show_sheet(made(orders(100)))
    view.selectRow(1)
    qtbot.keyClick(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "Day 2\tCustomer 2\t2.50"
    view.scroll_to_end()
    with qtbot.waitSignal(view.page_stepped) as stepped:
        qtbot.keyClick(view, Qt.Key.Key_PageDown)
    assert stepped.args == [1]
    before = view.rowHeight(0)
    qtbot.keyClick(view, Qt.Key.Key_Plus)
    qtbot.keyClick(view, Qt.Key.Key_Plus)
    assert view.zoom > 1.1
    view.verticalScrollBar().setValue(0)
    assert view.rowHeight(0) > before
    qtbot.keyClick(view, Qt.Key.Key_0)
    assert view.zoom == 1.0


def test_a_row_too_long_to_keep_is_a_page_with_every_offset(view: SheetView) -> None:
    of = page(*((K.TABLE_ROW, f"{n} | " + "word " * 2500 + "end") for n in range(10)))
    last = of.text.rindex("end")
    view.show_sheet(made(of), (), (last, last + 3))
    assert view.lit_text() == ["end"]


# --- heads from an earlier page -----------------------------------------------------------------


def shelf_of(pages: int, head_on: int = 1, prose_on: int = 0) -> list[Page]:
    """Pages of rows of one sheet, numbered from 1; before page 1 stands nothing."""
    made_pages = []
    for number in range(1, pages + 1):
        parts: list[tuple[Any, ...]] = [(K.TABLE_ROW, f"{number}.{n} | x") for n in range(12)]
        if number == head_on:
            parts[0] = (K.TABLE_HEAD, "Number | Sign")
        if number == prose_on:
            parts.append((K.PARAGRAPH, "The end of the table."))
        label = f"Owls, rows {number}"
        made_pages.append(replace(page(*parts, label=label), number=number))
    return made_pages


@pytest.mark.parametrize("count", [2, 20, 26, 27, 300])
def test_a_table_that_goes_on_keeps_its_head(count: int) -> None:
    pages = shelf_of(count)
    read: list[int] = []

    def page_at(number: int) -> Page:
        read.append(number)
        return pages[number - 1]

    (head,) = head_before(pages[-1], page_at)
    assert [head.text[a:b] for a, b in head.cells] == ["Number", "Sign"]
    assert len(read) < 40


def test_a_head_belongs_to_its_own_table_only() -> None:
    pages = shelf_of(5, prose_on=3)
    assert head_before(pages[4], lambda number: pages[number - 1]) == ()
    assert head_before(pages[0], lambda number: pages[number - 1]) == ()
    pages = shelf_of(5, head_on=4)
    assert head_before(pages[2], lambda number: pages[number - 1]) == ()


def test_a_borrowed_head_is_shown_and_never_lit(view: SheetView) -> None:
    pages = shelf_of(3)
    of = pages[2]
    sheet = sheet_of(of, lambda: head_before(of, lambda number: pages[number - 1]))
    assert sheet is not None
    assert sheet.borrowed
    view.show_sheet(sheet, (), (0, len(of.text)))
    assert view.horizontalHeader().isVisible()
    assert view.model().headerData(0, Qt.Orientation.Horizontal) == "Number"
    assert view._heads.words(1) == "Sign"
    assert not view._cells.marks.head_is_lit
    assert view.lit_text()[:2] == ["3.0", "x"]
    wide = page((K.TABLE_HEAD, "a | b | c"), (K.TABLE_ROW, "1 | 2"))
    sheet = sheet_of(of, lambda: (Row(wide.text, wide.blocks[0]),))
    assert sheet is not None
    assert sheet.columns == 3  # the last column is empty on this page
