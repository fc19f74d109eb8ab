"""Presentations: every slide a page, with what it shows and what it hides."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pymupdf
import pytest
from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches, Pt

from engine.hidden import without
from engine.reading import slides
from engine.records import BlockKind, DocumentState, PageState

Read = Callable[..., Any]


def blocks(page: Any) -> list[tuple[BlockKind, str]]:
    return [(block.kind, page.text[block.start : block.end]) for block in page.blocks]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "made.pptx"


def test_a_slide_is_a_page(path: Path, read: Read) -> None:
    deck = Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[1])
    slide.shapes.title.text = "Plan for\vthe year"
    slide.placeholders[1].text = "Grow\nSave"
    table = slide.shapes.add_table(2, 2, Inches(1), Inches(3), Inches(4), Inches(1)).table
    for at, text in enumerate(["Item", "2018", "Plants", "1,577"]):
        table.cell(at // 2, at % 2).text = text
    slide.notes_slide.notes_text_frame.text = "Say this slowly."
    deck.slides.add_slide(deck.slide_layouts[6])
    deck.save(path)
    result = read(path)
    assert result.state is DocumentState.INDEXED
    assert (result.facts.format, result.facts.title) == ("presentation", "Plan for the year")
    first, second = result.pages
    assert (first.label, second.label) == ("1", "2")
    assert second.state is PageState.EMPTY
    assert blocks(first) == [
        (BlockKind.HEADING, "Plan for the year"),
        (BlockKind.LIST_ITEM, "Grow"),
        (BlockKind.LIST_ITEM, "Save"),
        (BlockKind.TABLE_HEAD, "Item | 2018"),
        (BlockKind.TABLE_ROW, "Plants | 1,577"),
        (BlockKind.FOOTNOTE, "Say this slowly."),
    ]


def test_charts_and_groups_speak(path: Path, read: Read) -> None:
    deck = Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[6])
    data = CategoryChartData()
    data.categories = ["January", "May"]
    data.add_series("Sales", (3, 5))
    data.add_series("Costs", (2, 4))
    slide.shapes.add_chart(
        XL_CHART_TYPE.COLUMN_CLUSTERED, Inches(1), Inches(1), Inches(5), Inches(3), data
    )
    group = slide.shapes.add_group_shape()
    group.shapes.add_textbox(Inches(1), Inches(5), Inches(3), Inches(1)).text_frame.text = "Inside"
    deck.save(path)
    (page,) = read(path).pages
    assert (BlockKind.TABLE_HEAD, "| Sales | Costs") in blocks(page)
    assert [t for kind, t in blocks(page) if kind is BlockKind.TABLE_ROW] == [
        "January | 3 | 2",
        "May | 5 | 4",
    ]
    assert (BlockKind.PARAGRAPH, "Inside") in blocks(page)


def test_what_nobody_sees_is_hidden(path: Path, read: Read) -> None:
    deck = Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[6])
    for text, left in (("seen", Inches(1)), ("secret beside", Inches(30))):
        box = slide.shapes.add_textbox(left, Inches(1), Inches(3), Inches(1))
        box.text_frame.text = text
    tiny = slide.shapes.add_textbox(Inches(1), Inches(2), Inches(3), Inches(1)).text_frame
    tiny.text = "secret and tiny"
    tiny.paragraphs[0].runs[0].font.size = Pt(1)
    off = slide.shapes.add_textbox(Inches(1), Inches(3), Inches(3), Inches(1))
    off.text_frame.text = "secret switched off"
    off._element.nvSpPr.cNvPr.set("hidden", "1")
    other = deck.slides.add_slide(deck.slide_layouts[5])
    other.shapes.title.text = "secret slide"
    other._element.set("show", "0")
    deck.save(path)
    result = read(path)
    assert [page.label for page in result.pages] == ["1", "2 (hidden slide)"]
    assert [without(page.text, page.hidden) for page in result.pages] == ["seen", ""]
    assert result.text.count("secret") == 4


def test_a_slide_of_pictures_says_so(path: Path, read: Read, tmp_path: Path) -> None:
    pixmap = pymupdf.Pixmap(pymupdf.csRGB, pymupdf.IRect(0, 0, 20, 20))
    pixmap.clear_with(120)
    pixmap.save(tmp_path / "picture.png")
    deck = Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[6])
    slide.shapes.add_picture(str(tmp_path / "picture.png"), 0, 0)
    deck.save(path)
    result = read(path)
    assert result.state is DocumentState.INDEXED
    assert result.reason == "Carrel found no text in this picture."


def test_many_slides_and_a_missing_one(
    path: Path, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    deck = Presentation()
    for number in range(4):
        slide = deck.slides.add_slide(deck.slide_layouts[5])
        slide.shapes.title.text = f"Slide {number}"
    deck.save(path)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["ppt/slides/slide2.xml"] = b"<broken>"
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    result = read(path)
    assert "1 of 4 pages could not be read" in result.reason
    assert "Slide 3" in result.text
    monkeypatch.setattr(slides, "MOST_SLIDES", 3)
    result = read(path)
    assert "Only the first 3 slides were read" in result.reason


def test_what_the_master_says_is_told_once(path: Path, read: Read) -> None:
    deck = Presentation()
    bare, titled = deck.slide_layouts[6], deck.slide_layouts[5]
    for layout in (bare, titled, bare):
        deck.slides.add_slide(layout)
    for shapes, said in (
        (deck.slide_master.shapes, "For the board only"),
        (bare.shapes, "A quiet layout"),
    ):
        box = deck.slides[0].shapes.add_textbox(0, 0, Inches(2), Inches(1))
        box.text_frame.text = said
        shapes._spTree.append(box._element)
    deck.save(path)
    texts = [page.text for page in read(path).pages]
    assert texts == ["A quiet layout\n\nFor the board only", "", ""]
