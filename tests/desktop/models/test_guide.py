"""The page that says which model to get: whole, plain and offline."""

from __future__ import annotations

import re

import pytest
from PySide6.QtCore import Qt, QUrl

from desktop.models.guide import GuidePage, as_html
from engine.paths import resource


@pytest.fixture
def page(qtbot):
    page = GuidePage()
    qtbot.addWidget(page)
    page.resize(900, 600)
    page.show()
    qtbot.waitUntil(lambda: bool(page.text()))
    return page


def test_it_says_what_there_is_to_know(page):
    text = page.text()
    for word in ("8 GB", "16 GB", "32 GB", "Q4_K_M", "Q5_K_M", "Q8_0", "downloads nothing",
                 "reranker", "embedder", "Apache-2.0", "Where to put the files"):  # fmt: skip
        assert word in text


def test_it_names_no_address_and_opens_none(page):
    source = resource("docs", "models.md").read_text("utf-8")
    assert not re.search(r"https?:|www\.|\]\(", source)
    assert "<a" not in page._text.toHtml()
    assert page._text.loadResource(2, QUrl("http://example.org/x.png")) is None


def test_markup_in_the_page_is_text():
    html = as_html("# T\n<script>x</script> [here](http://example.org) <http://example.org>\n")
    assert "<script" not in html
    assert "<a" not in html


def test_it_is_no_wider_than_the_window(qtbot, page):
    for width in (1000, 640):
        page.resize(width, 500)
        qtbot.wait(20)
        assert page._text.horizontalScrollBar().maximum() == 0


def test_escape_leads_back(qtbot, page):
    with qtbot.waitSignal(page.closed):
        qtbot.keyClick(page._text, Qt.Key.Key_Escape)


def test_the_view_shows_it_and_comes_back(qtbot, view):
    view.show_guide(True)
    assert view.guide.isVisible()
    assert view.guide_open
    view.guide.closed.emit()
    assert not view.guide_open
    assert view.sections["generator"].isVisible()
