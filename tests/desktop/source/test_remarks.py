"""What the pane says of a page: how it was read, and that it hides something."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from paging import page
from shelf import Shelf

from desktop.source.pane import SourcePane
from engine.records import BlockKind, PageState, SourcePage


class Varied(Shelf):
    """Changes what the shelf gives."""

    def __init__(self) -> None:
        super().__init__()
        self.page: dict[str, Any] = {}

    def source_page(self, document_id: int, number: int) -> SourcePage:
        source = super().source_page(document_id, number)
        return replace(source, page=replace(source.page, **self.page))


@pytest.fixture
def shelf() -> Varied:
    return Varied()


def shown(pane: SourcePane, view: object) -> bool:
    return pane._body.currentWidget() is view


def test_pages_read_by_ocr_say_so(qtbot: Any, pane: SourcePane, shelf: Varied) -> None:
    shelf.page = {"state": PageState.OCR}
    pane.show_document(1)
    qtbot.waitUntil(lambda: shown(pane, pane._image))
    assert pane._how.isVisible()
    assert pane._how.text() == "Read by OCR; letters may be wrong."
    shelf.page = {}
    pane.show_document(1, 2)
    qtbot.waitUntil(lambda: pane._source.page.number == 2)
    assert not pane._how.isVisible()


@pytest.mark.parametrize(
    ("state", "note", "said"),
    [
        (PageState.EMPTY, "This page holds only an image.", "This page holds only an image."),
        (PageState.EMPTY, "", "This page holds no text."),
        (PageState.FAILED, "", "This page could not be read."),
    ],
)
def test_pages_without_text_say_why(
    qtbot: Any, pane: SourcePane, shelf: Varied, state: PageState, note: str, said: str
) -> None:
    shelf.page = {"state": state, "note": note, "text": "", "blocks": ()}
    pane.show_document(2)
    qtbot.waitUntil(lambda: pane._source is not None)
    assert pane._how.text() == said


def test_hidden_text_of_a_drawn_page_can_be_looked_at(
    qtbot: Any, pane: SourcePane, shelf: Varied
) -> None:
    start = shelf.text.index("mice")
    shelf.page = {"hidden": ((start, start + 4),)}
    pane.show_document(1)
    qtbot.waitUntil(lambda: shown(pane, pane._image))
    assert pane._hiding.text == "This page holds text that cannot be seen; answers leave it out."
    assert pane._hiding._button.text() == "Show it"
    pane._hiding._button.click()
    assert shown(pane, pane._text)
    assert "marked here" in pane._hiding.text
    pane._hiding._button.click()  # Show the page
    qtbot.waitUntil(lambda: shown(pane, pane._image))
    shelf.page = {}
    pane.show_document(1, 2)
    qtbot.waitUntil(lambda: pane._source.page.number == 2)
    assert pane._hiding.text == ""


def test_hidden_text_of_a_text_page_is_gone_to(qtbot: Any, pane: SourcePane, shelf: Varied) -> None:
    long = page(*((BlockKind.PARAGRAPH, f"Paragraph {n} of owls.") for n in range(200)))
    at = [long.text.index(f"Paragraph {n} ") for n in (150, 30)]
    hidden = tuple(sorted((a, a + 9) for a in at))
    shelf.page = {"text": long.text, "blocks": long.blocks, "hidden": hidden}
    pane.show_document(2)
    qtbot.waitUntil(lambda: shown(pane, pane._text))
    bar = pane._text.verticalScrollBar()
    places = [bar.value()]
    for _ in range(3):
        pane._hiding._button.click()
        places.append(bar.value())
    assert places[0] == 0 < places[1] < places[2]
    assert places[3] < places[2]  # round again


def test_a_sheet_is_shown_as_a_table(qtbot: Any, pane: SourcePane, shelf: Varied) -> None:
    of = page(*((BlockKind.TABLE_ROW, f"Owl {n} | {n}") for n in range(40)))
    shelf.page = {"text": of.text, "blocks": of.blocks, "label": "Owls, rows 1–40"}
    pane.show_document(2)
    qtbot.waitUntil(lambda: shown(pane, pane._sheet))
    assert pane._header._of.text() == "of 3 · Owls, rows 1–40"
    pane.find()
    pane._find._edit.setText("owl 12")
    assert pane._sheet.lit_text() == ["Owl 12"]
    pane._header._back.setFocus()
    zoom = pane._sheet.zoom
    pane._header.zoomed_in.emit()
    assert pane._sheet.zoom > zoom
