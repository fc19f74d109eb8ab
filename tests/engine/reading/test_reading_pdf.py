"""PDF: exact spans and boxes, labels, headings, and honest words about what was not read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pymupdf
import pytest

from engine.errors import CarrelError
from engine.layout import Layout
from engine.reading.messages import Rendered, RenderPage
from engine.reading.pdf import MOST_PIXELS
from engine.reading.service import create
from engine.records import BlockKind, Box, DocumentState, Page, PageImage, PageState

Read = Callable[..., Any]
Make = Callable[..., Path]

PROSE = "Revenue rose by twelve per cent while the cost of freight fell sharply in autumn. "


def box_of(page: Page, word: str) -> Box:
    start = page.text.index(word)
    (box,) = Layout.decode(page.layout).boxes_for(start, start + len(word))
    return box


def drawn(path: Path, number: int = 1, scale: float = 1.0, passphrase: str = "") -> PageImage:
    replies: list[Any] = []

    class Exchange:
        cancelled = False

        def reply(self, message: Any) -> None:
            replies.append(message)

    create().handle(RenderPage(str(path), number, scale, passphrase), Exchange())
    (rendered,) = replies
    assert isinstance(rendered, Rendered)
    return rendered.image


def darkness(image: PageImage) -> np.ndarray:
    rows = np.frombuffer(image.samples, np.uint8).reshape(image.height, image.stride)
    return rows[:, : image.width * 3].reshape(image.height, image.width, 3).min(axis=2) < 128


def test_words_have_exact_spans_and_boxes(make_pdf: Make, read: Read) -> None:
    path = make_pdf(PROSE * 5 + "The keyword chrysanthemum stands here.")
    (page,) = read(path).pages
    layout = Layout.decode(page.layout)
    words = [page.text[start:end] for start, end in layout.spans]
    assert words == page.text.split()
    with pymupdf.open(path) as document:
        (found,) = document[0].search_for("chrysanthemum")
    assert box_of(page, "chrysanthemum") == pytest.approx(tuple(found), abs=0.1)
    assert (page.width, page.height) == pytest.approx((595, 842))


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_boxes_are_where_the_page_shows_the_word(tmp_path: Path, read: Read, rotation: int) -> None:
    document = pymupdf.open()
    page = document.new_page(width=400, height=600)
    page.insert_text((50, 100), "alone", fontsize=20)
    page.set_cropbox(pymupdf.Rect(20, 30, 380, 590))
    page.set_rotation(rotation)
    path = tmp_path / "turned.pdf"
    document.save(path)

    (read_page,) = read(path).pages
    image = drawn(path)
    assert (image.width, image.height) == (round(read_page.width), round(read_page.height))
    ink_y, ink_x = np.nonzero(darkness(image))
    box = box_of(read_page, "alone")
    assert box.x0 - 1 <= ink_x.min() <= ink_x.max() <= box.x1 + 1
    assert box.y0 - 1 <= ink_y.min() <= ink_y.max() <= box.y1 + 1
    # and not much larger than the word
    assert (box.x1 - box.x0) * (box.y1 - box.y0) < 3 * np.ptp(ink_x) * np.ptp(ink_y)


def test_a_row_of_a_table_is_one_line(tmp_path: Path, read: Read) -> None:
    document = pymupdf.open()
    page = document.new_page()
    for row in range(6):
        for column, cell in enumerate([f"Item number {row}", f"{row * 1111:,}", f"({row}.5)"]):
            page.insert_text((72 + 170 * column, 100 + 14 * row), cell)
    path = tmp_path / "table.pdf"
    document.save(path)
    lines = [line for line in read(path).pages[0].text.split("\n") if line]
    assert lines == [f"Item number {row} {row * 1111:,} ({row}.5)" for row in range(6)]


def test_page_labels_and_title(make_pdf: Make, read: Read, tmp_path: Path) -> None:
    with pymupdf.open(make_pdf("one", "two", "three", name="plain.pdf")) as document:
        document.set_page_labels(
            [
                {"startpage": 0, "prefix": "", "style": "r", "firstpagenum": 3},
                {"startpage": 2, "prefix": "A-", "style": "D", "firstpagenum": 1},
            ]
        )
        document.set_metadata({"title": " Annual\n Report "})
        document.save(tmp_path / "labelled.pdf")
    result = read(tmp_path / "labelled.pdf")
    assert [page.label for page in result.pages] == ["iii", "iv", "A-1"]
    assert result.facts.title == "Annual Report"
    assert [page.label for page in read(tmp_path / "plain.pdf").pages] == ["1", "2", "3"]


@pytest.mark.parametrize("title", ["Microsoft Word - x.doc", "untitled", "", "report_v3.pdf", "- "])
def test_titles_that_programs_made_up_are_no_titles(
    make_pdf: Make, read: Read, tmp_path: Path, title: str
) -> None:
    with pymupdf.open(make_pdf("text")) as document:
        document.set_metadata({"title": title})
        document.save(tmp_path / "titled.pdf")
    assert read(tmp_path / "titled.pdf").facts.title == ""


def test_outline_and_large_type_make_headings(tmp_path: Path, read: Read) -> None:
    document = pymupdf.open()
    for chapter in (1, 2):
        page = document.new_page()
        page.insert_text((72, 80), f"Chapter {chapter}: Findings", fontsize=11)
        page.insert_textbox(pymupdf.Rect(72, 100, 520, 300), PROSE * 6, fontsize=11)
        page.insert_text((72, 330), f"A larger line {chapter}", fontsize=16)
        page.insert_textbox(pymupdf.Rect(72, 350, 520, 600), PROSE * 6, fontsize=11)
    document.set_toc([[1, "Chapter 1: Findings", 1], [1, "Chapter 2: Findings", 2]])
    path = tmp_path / "outlined.pdf"
    document.save(path)
    result = read(path)
    headings = [
        (page.number, block.level, page.text[block.start : block.end])
        for page in result.pages
        for block in page.blocks
    ]
    assert [(n, text) for n, _, text in headings] == [
        (1, "Chapter 1: Findings"),
        (1, "A larger line 1"),
        (2, "Chapter 2: Findings"),
        (2, "A larger line 2"),
    ]
    assert {level for _, level, text in headings if text.startswith("Chapter")} == {1}
    assert result.passages[-1].heading == "Chapter 2: Findings › A larger line 2"


def test_bold_lines_over_prose_are_headings_and_plain_ones_are_not(
    tmp_path: Path, read: Read
) -> None:
    document = pymupdf.open()
    page = document.new_page()
    page.insert_text((72, 80), "Legal Proceedings", fontsize=11, fontname="hebo")
    page.insert_textbox(pymupdf.Rect(72, 100, 520, 300), PROSE * 6, fontsize=11)
    page.insert_text((72, 330), "Just a short line", fontsize=11)
    page.insert_textbox(pymupdf.Rect(72, 350, 520, 600), PROSE * 6, fontsize=11)
    path = tmp_path / "bold.pdf"
    document.save(path)
    (read_page,) = read(path).pages
    (heading,) = read_page.blocks
    assert heading.kind is BlockKind.HEADING
    assert read_page.text[heading.start : heading.end] == "Legal Proceedings"


def test_encrypted(make_pdf: Make, read: Read) -> None:
    encryption = {"encryption": pymupdf.PDF_ENCRYPT_AES_256, "owner_pw": "owner"}
    path = make_pdf("Kept secret.", user_pw="sesame", **encryption)
    locked = read(path)
    assert (locked.state, locked.facts) == (DocumentState.LOCKED, None)
    assert locked.reason == "The file is protected with a passphrase."
    wrong = read(path, "open barley")
    assert wrong.state is DocumentState.LOCKED
    assert "does not open" in wrong.reason
    right = read(path, "sesame")
    assert (right.state, right.text) == (DocumentState.INDEXED, "Kept secret.")
    assert drawn(path, passphrase="sesame").width == 595
    with pytest.raises(CarrelError, match="protected"):
        drawn(path)

    unlocked = read(make_pdf("Owner only.", name="owner.pdf", user_pw="", **encryption))
    assert (unlocked.state, unlocked.text) == (DocumentState.INDEXED, "Owner only.")


def test_images_without_text_are_no_loss(make_pdf: Make, read: Read) -> None:
    result = read(make_pdf(None, None))
    assert result.state is DocumentState.INDEXED
    assert result.reason == "All 2 pages hold only images in which Carrel found no text."
    assert [page.state for page in result.pages] == [PageState.EMPTY] * 2
    assert all("image" in page.note for page in result.pages)


def test_images_beside_text_are_told_of(make_pdf: Make, read: Read) -> None:
    result = read(make_pdf("Text.", None, "", "More."))
    assert result.state is DocumentState.INDEXED
    assert result.reason == "1 of 4 pages holds only an image in which Carrel found no text."
    assert [page.state for page in result.pages] == [
        PageState.TEXT, PageState.EMPTY, PageState.EMPTY, PageState.TEXT,
    ]  # fmt: skip
    assert result.pages[2].note == ""


def test_blank_pages_are_no_loss(make_pdf: Make, read: Read) -> None:
    assert read(make_pdf("Text.", "")).ended == read(make_pdf("Text.")).ended
    blank = read(make_pdf("", name="blank.pdf"))
    assert (blank.state, blank.reason) == (DocumentState.INDEXED, "The file holds no text.")


@pytest.mark.parametrize(
    "instead", ["<</Type/Pages/Kids[{0} 0 R]/Count 1>>", "42", "<</Type/Page/Contents 9999 0 R>>"]
)
def test_a_damaged_page_does_not_cost_the_others(
    make_pdf: Make, read: Read, tmp_path: Path, instead: str
) -> None:
    with pymupdf.open(make_pdf("first", "second", "third")) as document:
        broken = document.page_xref(1)
        document.update_object(broken, instead.format(broken))
        document.save(tmp_path / "broken.pdf")
    result = read(tmp_path / "broken.pdf")
    assert result.state is DocumentState.PARTIAL
    assert result.reason == "1 of 3 pages could not be read."
    assert [page.state for page in result.pages] == [
        PageState.TEXT, PageState.FAILED, PageState.TEXT,
    ]  # fmt: skip
    assert "damaged" in result.pages[1].note


def test_a_truncated_file_gives_what_is_left_or_says_why_not(
    make_pdf: Make, read: Read, tmp_path: Path
) -> None:
    data = make_pdf(*[PROSE * 3] * 5).read_bytes()
    for share in (0.02, 0.3, 0.6, 0.95):
        path = tmp_path / "cut.pdf"
        path.write_bytes(data[: int(len(data) * share)])
        result = read(path)
        assert result.state in (
            DocumentState.INDEXED,
            DocumentState.PARTIAL,
            DocumentState.FAILED,
        )
        assert result.state is DocumentState.INDEXED or result.reason
    path.write_bytes(b"%PDF-1.7\nnothing else")
    damaged = read(path)
    assert damaged.state is DocumentState.FAILED
    assert "damaged" in damaged.reason


def test_drawing_is_bounded(make_pdf: Make, tmp_path: Path) -> None:
    path = make_pdf("Text.")
    image = drawn(path, scale=2)
    assert (image.width, image.height, image.scale) == (1190, 1684, 2)
    assert darkness(image).any()
    huge = drawn(path, scale=1000)
    assert 0.9 * MOST_PIXELS < huge.width * huge.height < 1.01 * MOST_PIXELS
    assert huge.scale < 10
    for number, scale in ((0, 1.0), (2, 1.0), (1, 0.0), (1, float("nan"))):
        with pytest.raises(CarrelError):
            drawn(path, number, scale)
    text = tmp_path / "plain.txt"
    text.write_text("no picture")
    with pytest.raises(CarrelError, match="shown as text"):
        drawn(text)
