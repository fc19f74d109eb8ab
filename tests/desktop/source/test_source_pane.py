"""The source pane: the right page, lit in the right place, and only the latest."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QImage, QTextTable, QWheelEvent
from PySide6.QtWidgets import QApplication, QToolButton
from shelf import TEXT, Shelf, words_layout

from desktop.source.blocks import covering
from desktop.source.finding import found_spans, located_quote
from desktop.source.offsets import Utf16Offsets
from desktop.source.page_view import MARGIN, PageView
from desktop.source.pane import SourcePane
from desktop.source.text_view import TextView
from engine.answers import Citation
from engine.errors import CarrelError
from engine.layout import Layout
from engine.records import Block, BlockKind, Box, Page, PageState


def cite(quote: str, document: int = 1, page: int = 1, boxes: tuple[Box, ...] = ()) -> Citation:
    start = TEXT.find(quote)
    if start < 0:
        start = 5
    return Citation(
        1, document, "Birds.pdf", "Birds", page, "", start, start + len(quote), quote, boxes
    )


def drawn(pane: SourcePane) -> bool:
    return pane._body.currentWidget() is pane._image and not pane._image._image.isNull()


def red(pane: SourcePane) -> int:
    return pane._image._image.pixelColor(2, 2).red()


# --- image pages ----------------------------------------------------------------------------


def test_a_citation_opens_its_page_with_its_boxes_lit(
    qtbot: Any, pane: SourcePane, shelf: Shelf
) -> None:
    box = Box(72, 600, 300, 612)
    pane.show_citation(cite("sees by night", page=2, boxes=(box,)))
    qtbot.waitUntil(lambda: drawn(pane))
    assert red(pane) == 20
    view = pane._image
    assert view._boxes == (box,)
    qtbot.waitUntil(lambda: view.viewport().rect().contains(view.to_view(box).toRect()))
    qtbot.waitUntil(lambda: view._light == 1.0)
    pixel = view.grab().toImage().pixelColor((view.to_view(box).center() + QPointF(0, 0)).toPoint())
    assert pixel.blue() < 30  # multiplied, not painted over
    assert pixel.red() == 20
    assert pane._notice.text == ""


def test_the_shown_document_can_be_summarised(qtbot: Any, pane: SourcePane, shelf: Shelf) -> None:
    summarise = next(
        found
        for found in pane.findChildren(QToolButton)
        if found.accessibleName() == "Summarise this document"
    )
    assert not summarise.isEnabled()
    with qtbot.waitSignal(pane.document_shown) as shown:
        pane.show_document(1, 2)
    with qtbot.waitSignal(pane.summary_wanted) as wanted:
        summarise.click()
    assert wanted.args[0] == shown.args[0] == 1
    assert wanted.args[1]


def test_boxes_come_from_the_layout_where_a_citation_has_none(qtbot: Any, pane: SourcePane) -> None:
    pane.show_citation(cite("owl 🦉"))
    qtbot.waitUntil(lambda: drawn(pane))
    start = TEXT.index("owl 🦉")
    expected = Layout.decode(words_layout(TEXT)).boxes_for(start, start + 5)
    assert pane._image._boxes == expected
    assert len(expected) > 0


def test_boxes_map_to_the_widget(qtbot: Any) -> None:
    view = PageView()
    qtbot.addWidget(view)
    view.resize(500, 400)
    view.show()
    view.show_page(200, 300)
    view.set_zoom(2.0)
    assert view.page_rect().size().toTuple() == (400.0, 600.0)
    view.verticalScrollBar().setValue(100)
    assert view.verticalScrollBar().value() == 100
    x = view.page_rect().left()
    assert x == (view.viewport().width() - 400) / 2
    assert view.to_view(Box(10, 20, 30, 50)) == QRectF(x + 20, MARGIN - 100 + 40, 40, 60)
    view.set_zoom(4.0)
    assert view.page_rect().width() == 800
    view.horizontalScrollBar().setValue(0)
    assert view.to_view(Box(0, 0, 1, 1)).left() == MARGIN


def test_zooming_holds_the_point_under_the_mouse(qtbot: Any) -> None:
    view = PageView()
    qtbot.addWidget(view)
    view.resize(500, 400)
    view.show()
    view.show_page(600, 800)
    view.set_zoom(1.5)
    view.verticalScrollBar().setValue(300)
    view.horizontalScrollBar().setValue(200)
    anchor = QPointF(120, 90)
    before = (anchor - view.page_rect().topLeft()) / view.zoom
    view.set_zoom(2.5, anchor)
    after = (anchor - view.page_rect().topLeft()) / view.zoom
    assert (after - before).manhattanLength() < 1


def test_zoom_by_keys_and_wheel_renders_again(qtbot: Any, pane: SourcePane, shelf: Shelf) -> None:
    pane.show_document(1, 1)
    qtbot.waitUntil(lambda: drawn(pane))
    view = pane._image
    fitted = view.zoom
    assert view.to_view(Box(20, 0, 595, 842)).width() <= view.viewport().width()  # its words
    qtbot.keyClick(view, Qt.Key.Key_Plus)
    assert view.zoom == pytest.approx(fitted * 1.2)
    assert not view._image.isNull()  # the old one, stretched
    qtbot.waitUntil(lambda: len(shelf.rendered) == 2)
    assert shelf.rendered[1][2] == pytest.approx(view.device_scale)
    qtbot.waitUntil(lambda: view._image.width() == round(595 * view.device_scale))
    wheel(view, 120, Qt.KeyboardModifier.ControlModifier)
    assert view.zoom == pytest.approx(fitted * 1.44)
    qtbot.keyClick(view, Qt.Key.Key_Minus)
    assert view.zoom == pytest.approx(fitted * 1.2)
    qtbot.keyClick(view, Qt.Key.Key_0)
    assert view.zoom == pytest.approx(fitted)
    qtbot.wait(200)
    assert len(shelf.rendered) == 2  # both scales were kept


@pytest.mark.parametrize("width", [320, 420, 500, 700, 1100])
def test_a_narrow_pane_gives_up_margins_for_larger_letters(qtbot: Any, width: int) -> None:
    view = PageView()
    qtbot.addWidget(view)
    view.resize(width, 500)
    view.show()
    view.show_page(612, 792, sides=(72.0, 540.0))
    port = view.viewport().rect()
    text = view.to_view(Box(72, 100, 540, 700))
    assert port.left() < text.left() < text.right() < port.right()
    assert abs(text.center().x() - port.center().x()) < 3
    whole = (view.width() - 2 * MARGIN - view.verticalScrollBar().sizeHint().width()) / 612
    assert view.zoom > whole or whole >= 1.0
    assert not view.horizontalScrollBar().isVisible()
    view.zoom_in()
    view.zoom_in()
    assert view.horizontalScrollBar().isVisible() == (
        view.page_rect().width() + 2 * MARGIN > view.viewport().width()
    )
    view.fit_width()
    assert view.to_view(Box(72, 100, 540, 700)).left() == pytest.approx(text.left(), abs=2)


def wheel(view: PageView, turn: int, modifiers: Any = Qt.KeyboardModifier.NoModifier) -> None:
    spot = QPointF(view.centre())
    event = QWheelEvent(
        spot, view.viewport().mapToGlobal(spot), QPointF(0, 0).toPoint(),
        QPointF(0, turn).toPoint(), Qt.MouseButton.NoButton, modifiers,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(view.viewport(), event)


def test_turning_pages(qtbot: Any, pane: SourcePane, shelf: Shelf) -> None:
    pane.show_document(1, 1)
    qtbot.waitUntil(lambda: drawn(pane))
    header, view = pane._header, pane._image

    def at(number: int) -> bool:
        return pane._source is not None and pane._source.page.number == number and drawn(pane)

    view.scroll_to_end()
    qtbot.keyClick(view, Qt.Key.Key_PageDown)
    qtbot.waitUntil(lambda: at(2))
    assert view.verticalScrollBar().value() == 0
    qtbot.keyClick(view, Qt.Key.Key_PageUp)
    qtbot.waitUntil(lambda: at(1))
    assert view.verticalScrollBar().value() == view.verticalScrollBar().maximum()
    wheel(view, -120)
    wheel(view, -120)
    qtbot.waitUntil(lambda: at(2))
    header._field.setText("3")
    qtbot.keyClick(header._field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: at(3))
    assert not header._on.isEnabled()
    assert header._of.text() == "of 3"
    header._back.click()
    qtbot.waitUntil(lambda: at(2))
    header._field.setText("9")
    qtbot.keyClick(header._field, Qt.Key.Key_Return)
    qtbot.wait(30)
    assert at(2)


def test_the_passage_is_lit_again_when_its_page_is_turned_back_to(
    qtbot: Any, pane: SourcePane
) -> None:
    pane.show_citation(cite("sees by night", boxes=(Box(1, 2, 3, 4),)))
    qtbot.waitUntil(lambda: drawn(pane))
    pane._header._on.click()
    qtbot.waitUntil(lambda: pane._source.page.number == 2)
    assert pane._image._boxes == ()
    pane._header._back.click()
    qtbot.waitUntil(lambda: pane._source.page.number == 1)
    assert pane._image._boxes == (Box(1, 2, 3, 4),)


def test_stale_renders_are_dropped(
    qtbot: Any, pane: SourcePane, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    shades = []
    show = pane._image.set_image

    def noted(image: QImage) -> None:
        shades.append(image.pixelColor(2, 2).red())
        show(image)

    monkeypatch.setattr(pane._image, "set_image", noted)
    shelf.hold[1] = threading.Event()
    pane.show_document(1, 1)
    qtbot.waitUntil(lambda: bool(shelf.rendered))
    pane.show_document(1, 2)
    qtbot.waitUntil(lambda: pane._source.page.number == 2)
    pane.show_document(1, 3)
    qtbot.waitUntil(lambda: pane._source.page.number == 3)
    shelf.hold[1].set()
    qtbot.waitUntil(lambda: drawn(pane))
    assert red(pane) == 30
    assert [number for _, number, _ in shelf.rendered] == [1, 3]  # 2 was never begun
    qtbot.wait(30)
    assert set(shades) == {30}


def test_stale_pages_are_dropped(qtbot: Any, pane: SourcePane, shelf: Shelf) -> None:
    shelf.slow[1] = threading.Event()
    pane.show_document(1, 1)
    pane.show_document(1, 2)
    qtbot.waitUntil(lambda: drawn(pane))
    shelf.slow[1].set()
    qtbot.wait(50)
    assert pane._source.page.number == 2
    assert red(pane) == 20


def test_loading_is_said_only_when_it_takes_long(
    qtbot: Any, pane: SourcePane, shelf: Shelf
) -> None:
    shelf.slow[1] = threading.Event()
    pane.show_document(1, 1)
    assert pane._blank.text() == ""
    qtbot.waitUntil(lambda: pane._blank.text() == "Opening the page…", timeout=1000)
    shelf.slow[1].set()
    qtbot.waitUntil(lambda: drawn(pane))


def test_a_page_that_cannot_be_drawn_is_shown_as_text(
    qtbot: Any, pane: SourcePane, shelf: Shelf
) -> None:
    shelf.render_error = CarrelError("The page is damaged.")
    pane.show_citation(cite("sees by night"))
    qtbot.waitUntil(lambda: pane._trouble.text != "")
    assert pane._trouble.text.startswith("The page is damaged.")
    assert pane._text.lit_text() == ["sees by night"]


def test_an_error_is_a_sentence_with_the_quote(qtbot: Any, pane: SourcePane, shelf: Shelf) -> None:
    shelf.error = CarrelError("This document is no longer in the library.")
    pane.show_citation(cite("sees by <b>night</b>"))
    qtbot.waitUntil(lambda: pane._trouble.text != "")
    assert "no longer in the library" in pane._trouble.text
    assert "“sees by <b>night</b>”" in pane._trouble.text
    shelf.error = None
    pane._trouble._button.click()
    qtbot.waitUntil(lambda: drawn(pane))
    assert pane._trouble.text == ""


def test_renders_kept_are_bounded(qtbot: Any, pane: SourcePane) -> None:
    for number in range(40):
        image = QImage(1000, 1500, QImage.Format.Format_RGB888)
        pane._renders._keep((1, number, 1.0), image)
    kept = pane._renders._kept
    assert sum(image.sizeInBytes() for image in kept.values()) <= 96 * 1024 * 1024
    assert (1, 39, 1.0) in kept
    assert (1, 0, 1.0) not in kept


# --- text pages -----------------------------------------------------------------------------


def test_text_is_lit_at_code_points(qtbot: Any, pane: SourcePane) -> None:
    pane.show_citation(cite("🦉 sees by night. <b>Owls</b>", document=2))
    qtbot.waitUntil(lambda: pane._body.currentWidget() is pane._text)
    assert pane._text.lit_text() == ["🦉 sees by night. <b>Owls</b>"]
    assert pane._text.toPlainText() == TEXT


def test_text_pages_are_never_drawn(qtbot: Any, pane: SourcePane, shelf: Shelf) -> None:
    pane.show_document(2, 1)
    qtbot.waitUntil(lambda: pane._body.currentWidget() is pane._text)
    pane.resize(600, 500)
    qtbot.wait(250)  # longer than a page waits after a change of size
    assert shelf.rendered == []


def test_a_span_over_blocks_is_lit_in_each(qtbot: Any) -> None:
    view = TextView()
    qtbot.addWidget(view)
    text = "🦉🦉 Head\r\n\r\nfirst 𝔸\nline <i>x</i>\n\nstray 🦉 words\nitem"
    first = text.index("first")
    item = text.index("item")
    blocks = (
        Block(0, 7, BlockKind.HEADING, 1),
        Block(first, text.index("\n\nstray"), BlockKind.CODE),
        Block(item, item + 4, BlockKind.LIST_ITEM),
    )
    page = Page(1, "", text, PageState.TEXT, blocks)
    view.show_page(page, (3, len(text)))
    assert view.lit_text() == ["Head", "first 𝔸\u2028line <i>x</i>", "stray 🦉 words", "item"]
    assert "<i>x</i>" in view.toPlainText()
    for words in ("Head", "𝔸", "stray", "words", "item"):
        start = text.index(words)
        view.show_page(page, (start, start + len(words)))
        assert view.lit_text() == [words]


def test_every_offset_of_wide_text() -> None:
    text = "a🦉b𝔸𝔸c"
    offsets = Utf16Offsets(text)
    for offset in range(len(text) + 1):
        assert offsets(offset) == len(text[:offset].encode("utf-16-le")) // 2


def test_odd_characters_take_one_place(qtbot: Any) -> None:
    view = TextView()
    qtbot.addWidget(view)
    text = "a\r\nb\u2029c\ufdd0d\x00e\u2028f END"
    page = Page(1, "", text, PageState.TEXT, (Block(0, len(text)),))
    start = text.index("END")
    view.show_page(page, (start, start + 3))
    assert view.lit_text() == ["END"]


def test_no_resource_is_ever_loaded(qtbot: Any) -> None:
    view = TextView()
    qtbot.addWidget(view)
    assert view.loadResource(2, QUrl("http://example.org/x.png")) is None


def test_a_file_that_is_gone_shows_its_stored_text(
    qtbot: Any, pane: SourcePane, shelf: Shelf
) -> None:
    shelf.available = False
    pane.show_citation(cite("sees by night"))
    qtbot.waitUntil(lambda: pane._body.currentWidget() is pane._text)
    assert "not where it was" in pane._notice.text
    assert pane._text.lit_text() == ["sees by night"]
    assert not pane._header._open.isEnabled()
    assert shelf.rendered == []


def test_a_changed_document_still_tells_the_quote(qtbot: Any, pane: SourcePane) -> None:
    pane.show_citation(cite("the cat slept", boxes=(Box(1, 2, 3, 4),)))
    qtbot.waitUntil(lambda: drawn(pane))
    assert pane._notice.text == ("This document has changed since; the quote was: “the cat slept”")
    assert pane._image._boxes == ()


def test_a_quote_that_moved_is_found_again() -> None:
    assert located_quote("xx the  owl\nsees", 0, 8, "the owl sees") == (3, 16)
    assert located_quote("the owl\nsees", 0, 12, "the owl sees") == (0, 12)
    assert located_quote("nothing", 0, 7, "the owl") is None


# --- finding and opening --------------------------------------------------------------------


def test_find_in_page(qtbot: Any, pane: SourcePane) -> None:
    pane.show_document(2, 1)
    qtbot.waitUntil(lambda: pane._body.currentWidget() is pane._text)
    pane.find()
    bar = pane._find
    qtbot.keyClicks(bar._edit, "OWL")
    assert bar._count.text() == "1 of 3"
    assert pane._text.lit_text() == ["Owl", "owl", "Owl"]
    qtbot.keyClick(bar._edit, Qt.Key.Key_Return)
    assert bar._count.text() == "2 of 3"
    qtbot.keyClick(bar._edit, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClick(bar._edit, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert bar._count.text() == "3 of 3"
    qtbot.keyClick(bar._edit, Qt.Key.Key_Escape)
    assert not bar.isVisible()
    assert pane._text.lit_text() == []
    with qtbot.waitSignal(pane.closed):
        qtbot.keyClick(pane._text, Qt.Key.Key_Escape)


def test_find_lights_boxes_of_an_image_page(qtbot: Any, pane: SourcePane) -> None:
    pane.show_document(1, 1)
    qtbot.waitUntil(lambda: drawn(pane))
    pane.find()
    qtbot.keyClicks(pane._find._edit, "mice")
    start = TEXT.index("mice")
    boxes = Layout.decode(words_layout(TEXT)).boxes_for(start, start + 4)
    assert pane._image._found == (boxes,)
    pane._find._edit.setText("whale")
    assert pane._find._count.text() == "None"


def test_found_spans_ignore_case_and_spacing() -> None:
    assert found_spans("Der ÄRGER der\n ärger", "der  ärger") == [(0, 9), (10, 20)]
    assert found_spans("a.b axb", "a.b") == [(0, 3)]
    assert found_spans("text", "  ") == []


def test_the_file_goes_to_the_systems_viewer_as_a_local_file(
    qtbot: Any, pane: SourcePane, shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url) or True)
    file = tmp_path / "http:#odd?.pdf"
    file.write_bytes(b"%PDF")
    shelf.file = str(file)
    pane.show_document(1, 1)
    qtbot.waitUntil(lambda: drawn(pane))
    pane._header._open.click()
    assert [url.toLocalFile() for url in opened] == [str(file)]
    assert opened[0].isLocalFile()
    file.unlink()
    pane._header._open.click()
    assert len(opened) == 1
    assert "could not be opened" in pane._trouble.text


def test_table_rows_stand_in_cells_and_keep_their_offsets(qtbot: Any) -> None:
    view = TextView()
    qtbot.addWidget(view)
    rows = ["Item 🦉 | Cost | Due", "Spade | 12.50 | 1 May"]
    text = "\n".join(rows)
    blocks = (
        Block(0, len(rows[0]), BlockKind.TABLE_ROW),
        Block(len(rows[0]) + 1, len(text), BlockKind.TABLE_ROW),
    )
    page = Page(1, "", text, PageState.TEXT, blocks)
    for words in ("Item 🦉", "Cost", "Due", "Spade", "12.50", "1 May"):
        start = text.index(words)
        view.show_page(page, (start, start + len(words)))
        assert view.lit_text() == [words]
    view.show()
    table = view.document().rootFrame().childFrames()[0]
    assert isinstance(table, QTextTable)
    assert (table.rows(), table.columns()) == (2, 3)

    def place(row: int, column: int) -> QRect:
        return view.cursorRect(table.cellAt(row, column).firstCursorPosition())

    assert place(0, 1).top() < place(1, 1).top()
    assert place(0, 2).left() == place(1, 2).left()
    figure = table.cellAt(1, 1).firstCursorPosition().blockFormat()
    assert figure.alignment() & Qt.AlignmentFlag.AlignRight
    wide = Page(1, "", "a" * 200 + " | b", PageState.TEXT, (Block(0, 204, BlockKind.TABLE_ROW),))
    view.show_page(wide)
    assert view.toPlainText().split() == ["a" * 200, "b"]


def test_list_items_get_a_mark_unless_they_have_one(qtbot: Any) -> None:
    view = TextView()
    qtbot.addWidget(view)
    text = "one\n2. two\n- three"
    item = BlockKind.LIST_ITEM
    page = Page(
        1, "", text, PageState.TEXT, (Block(0, 3, item), Block(4, 10, item), Block(11, 18, item))
    )
    view.show_page(page, (0, 3))
    assert view.lit_text() == ["one"]
    assert view.toPlainText().splitlines() == ["•\u2002one", "2. two", "- three"]


def long_page(words: int) -> Page:
    """One page of numbered words, ten to a line."""
    lines = [" ".join(f"w{n}" for n in range(i, i + 10)) for i in range(0, words, 10)]
    return Page(1, "", "\n".join(lines), PageState.TEXT)


def test_a_very_long_page_is_laid_out_in_stretches(qtbot: Any) -> None:
    view = TextView()
    qtbot.addWidget(view)
    view.resize(500, 600)
    view.show()
    page = long_page(40_000)
    middle = page.text.index("w20000 ")
    view.show_page(page, (middle, middle + 6))
    assert view.lit_text() == ["w20000"]
    assert len(view.toPlainText()) < 30_000
    view.set_found(found_spans(page.text, "w39999"), 0)
    assert view.lit_text() == ["w39999"]
    assert view.toPlainText().endswith("w39999")


@pytest.mark.parametrize("size", [(500, 600), (500, 2400)])
def test_scrolling_through_a_very_long_page_meets_every_line_once(
    qtbot: Any, size: tuple[int, int]
) -> None:
    view = TextView()
    qtbot.addWidget(view)
    view.resize(*size)
    view.show()
    page = long_page(16_000)
    view.show_page(page)
    bar = view.verticalScrollBar()
    met: list[str] = []
    for _ in range(4000):
        top = view.cursorForPosition(QPoint(30, 5)).block().text()
        if not met or met[-1] != top:
            met.append(top)
        if bar.value() == bar.maximum():
            break
        bar.setValue(bar.value() + 20)
    lines = page.text.split("\n")
    assert met == lines[: len(met)]
    assert view.toPlainText().endswith("w15999")
    bar.setValue(0)
    assert view._shown.start > 0  # it moved along, rather than jump to the beginning
    for _ in range(50):
        bar.setValue(0)
    assert view.toPlainText().startswith("w0 ")


@pytest.mark.parametrize("length", [10, 8_000, 8_001, 30_000])
def test_a_block_without_end_is_cut_where_nothing_is_lost(length: int) -> None:
    text = ("word " * length)[:length]
    page = Page(1, "", text, PageState.TEXT, (Block(0, length, BlockKind.CODE),))
    blocks = list(covering(page))
    assert "".join(text[block.start : block.end] for block in blocks) == text
    assert all(block.end - block.start <= 8_000 for block in blocks)
    assert {block.kind for block in blocks} == {BlockKind.CODE}
