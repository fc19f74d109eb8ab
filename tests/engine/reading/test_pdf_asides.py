"""Captions and footnotes of PDF pages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pymupdf
import pytest

from engine.records import BlockKind, Page

Read = Callable[..., Any]
BODY = "The harbour was surveyed in spring, and again in the autumn of the same year, by boat."


@pytest.fixture
def page_of(tmp_path: Path, read: Read) -> Callable[..., Page]:
    """A page with paragraphs: text, height on the page, size of its letters."""

    def make(*paragraphs: tuple[str, float, float]) -> Page:
        document = pymupdf.open()
        page = document.new_page()
        for text, y, size in paragraphs:
            page.insert_textbox(pymupdf.Rect(72, y, 500, y + 90), text, fontsize=size)
        path = tmp_path / "asides.pdf"
        document.save(path)
        (found,) = read(path).pages
        return found

    return make


def texts(page: Page, kind: BlockKind) -> list[str]:
    return [" ".join(page.text[b.start : b.end].split()) for b in page.blocks if b.kind is kind]


def test_a_caption_says_what_it_is(page_of: Callable[..., Page]) -> None:
    page = page_of(
        (BODY, 80, 11),
        ("Figure 2. Depth of the harbour along its northern pier.", 250, 11),
        ("Figures of speech are many in this report, and figure 2 shows them.", 400, 11),
    )
    assert texts(page, BlockKind.CAPTION) == [
        "Figure 2. Depth of the harbour along its northern pier."
    ]


def test_a_footnote_is_small_and_low_and_begins_with_its_mark(
    page_of: Callable[..., Page],
) -> None:
    page = page_of(
        (BODY, 80, 11),
        ("3 Small letters at the top are none.", 200, 8),
        (BODY, 300, 11),
        ("4 Measured at low tide by the harbour master.", 640, 8),
        ("5 kilometres of cable lie there in large letters.", 700, 11),
    )
    assert texts(page, BlockKind.FOOTNOTE) == ["4 Measured at low tide by the harbour master."]
