"""Pictures in Word documents, presentations and OpenDocument files are read by OCR."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from PIL import Image
from pptx import Presentation
from pptx.util import Inches
from scans import picture_of

from engine.reading.document import ODD_PICTURES, OUT_OF_PAGES
from engine.records import BlockKind, DocumentState, OcrWish, PageState

Read = Callable[..., Any]

WORDS = "The lantern room was painted green in 1887."
OTHERS = "The oil was measured every morning."


def stored(image: Image.Image, kind: str = "PNG") -> io.BytesIO:
    data = io.BytesIO()
    image.save(data, kind)
    data.seek(0)
    return data


def picture(words: str, kind: str = "PNG") -> io.BytesIO:
    return stored(picture_of(f"<p>{words}</p>", size=(420, 160)), kind)


def plain(text: str) -> str:
    return " ".join(text.split())


def packed(path: Path, body: str, kind: str, **pictures: bytes) -> Path:
    names = " ".join(
        f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for short, name in (("office", "office"), ("text", "text"), ("draw", "drawing"))
    )
    links = 'xmlns:xlink="http://www.w3.org/1999/xlink"'
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", f"application/vnd.oasis.opendocument.{kind}")
        archive.writestr(
            "content.xml",
            f"<office:document-content {names} {links}><office:body><office:{kind}>{body}"
            f"</office:{kind}></office:body></office:document-content>",
        )
        for name, data in pictures.items():
            archive.writestr(f"Pictures/{name}.png", data)
    return path


@pytest.mark.model
def test_a_picture_in_a_word_document_stands_below_its_page(tmp_path: Path, read: Read) -> None:
    document = Document()
    document.add_heading("Maintenance", 1)
    document.add_paragraph("What the keeper wrote:")
    document.add_picture(picture(f"<b style='font-size:30px'>Log</b><br>{WORDS}"))
    document.add_page_break()
    document.add_picture(picture(OTHERS, "JPEG"))
    document.save(path := tmp_path / "made.docx")
    result = read(path)
    first, second = result.pages
    assert first.text.startswith("Maintenance\n\nWhat the keeper wrote:\n\n")
    assert plain(first.text).endswith(WORDS)
    assert first.state is PageState.OCR
    assert "read by OCR" in first.note
    assert [b.kind for b in first.blocks].count(BlockKind.HEADING) == 1
    assert plain(second.text) == OTHERS
    assert result.state is DocumentState.INDEXED
    assert (
        result.reason == "1 of 2 pages was read by OCR. Pictures on 1 of 2 pages were read by OCR."
    )
    assert any(WORDS in plain(first.text[p.start : p.end]) for p in result.passages if p.page == 1)


@pytest.mark.model
def test_pictures_in_cells_are_read_and_logos_only_once(tmp_path: Path, read: Read) -> None:
    document = Document()
    cell = document.add_table(1, 1).cell(0, 0)
    cell.text = "In a cell"
    cell.paragraphs[0].add_run().add_picture(picture(WORDS))
    document.add_page_break()
    document.add_paragraph("Again:").add_run().add_picture(picture(WORDS))
    document.save(path := tmp_path / "made.docx")
    first, second = read(path).pages
    assert plain(first.text) == f"In a cell {WORDS}"
    assert second.text == "Again:"


@pytest.mark.model
def test_pictures_on_slides_are_read(tmp_path: Path, read: Read) -> None:
    deck = Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[5])
    slide.shapes.title.text = "Finds"
    slide.shapes.add_picture(picture(WORDS), Inches(1), Inches(2))
    scan = deck.slides.add_slide(deck.slide_layouts[6])
    scan.shapes.add_picture(picture(OTHERS), Inches(1), Inches(2))
    off = deck.slides.add_slide(deck.slide_layouts[6])
    off.shapes.add_picture(picture("Nobody sees this one."), Inches(40), Inches(2))
    deck.save(path := tmp_path / "made.pptx")
    result = read(path)
    assert [plain(page.text) for page in result.pages] == [f"Finds {WORDS}", OTHERS, ""]
    assert "Pictures on 1 of 3 pages were read by OCR." in result.reason


@pytest.mark.model
def test_a_slide_of_nothing_but_a_picture_seen_before_is_no_loss(
    tmp_path: Path, read: Read
) -> None:
    deck = Presentation()
    for _ in range(2):
        slide = deck.slides.add_slide(deck.slide_layouts[6])
        slide.shapes.add_picture(picture(WORDS), Inches(1), Inches(2))
    deck.save(path := tmp_path / "made.pptx")
    result = read(path)
    assert [plain(page.text) for page in result.pages] == [WORDS, ""]
    assert result.state is DocumentState.INDEXED
    assert "does not read" not in result.reason


@pytest.mark.model
def test_pictures_in_opendocument_files_are_read(tmp_path: Path, read: Read) -> None:
    frame = '<draw:frame><draw:image xlink:href="{}"/></draw:frame>'
    text = packed(
        tmp_path / "made.odt",
        f"<text:p>Look: {frame.format('Pictures/one.png')}</text:p>",
        "text",
        one=picture(WORDS).getvalue(),
    )
    (page,) = read(text).pages
    assert plain(page.text) == f"Look: {WORDS}"
    slides = packed(
        tmp_path / "made.odp",
        f"<draw:page>{frame.format('./Pictures/one.png')}</draw:page>"
        f"<draw:page>{frame.format('http://example.org/one.png')}</draw:page>",
        "presentation",
        one=picture(OTHERS).getvalue(),
    )
    scan, linked = read(slides).pages
    assert plain(scan.text) == OTHERS
    assert (linked.text, linked.note) == ("", ODD_PICTURES)


def test_pictures_wait_for_the_text(tmp_path: Path, read: Read) -> None:
    document = Document()
    document.add_paragraph("Text at once.")
    document.add_picture(picture(WORDS))
    document.add_picture(picture(OTHERS))
    document.save(path := tmp_path / "made.docx")
    result = read(path, ocr=OcrWish(later=True))
    (page,) = result.pages
    assert page.text == "Text at once."
    assert result.ended.later
    assert page.note.count("read when the rest has been") == 1
    off = read(path, ocr=OcrWish(on=False))
    assert (off.pages[0].text, off.reason) == ("Text at once.", "")


@pytest.mark.model
def test_pictures_of_which_nothing_comes_are_told_of(tmp_path: Path, read: Read) -> None:
    scans = Document()
    for words in (WORDS, OTHERS):
        scans.add_picture(picture(words))
        scans.add_page_break()
    scans.save(path := tmp_path / "scans.docx")
    few = read(path, ocr=OcrWish(pages=1))
    assert [bool(page.text) for page in few.pages[:2]] == [True, False]
    assert few.pages[1].note.endswith(OUT_OF_PAGES)
    assert few.state is DocumentState.PARTIAL

    plain_one = Document()
    plain_one.add_picture(stored(Image.new("RGB", (400, 300), "white")))
    plain_one.save(path := tmp_path / "plain.docx")
    assert read(path).reason == "Carrel found no text in this picture."

    damaged = tmp_path / "damaged.docx"
    with zipfile.ZipFile(path) as good, zipfile.ZipFile(damaged, "w") as bad:
        for name in good.namelist():
            data = good.read(name)
            bad.writestr(name, data[:60] if "media/" in name else data)
    result = read(damaged)
    assert result.state is DocumentState.FAILED
    assert "Carrel does not read images of that kind" in result.reason
