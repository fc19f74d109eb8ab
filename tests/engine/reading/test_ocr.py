"""Scans are read by OCR, with the place of every word; text that is there is kept."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pymupdf
import pytest
from PIL import Image
from scans import add_scan, picture_of, save_scan

from engine.layout import Layout
from engine.reading import ocr
from engine.reading.document import MODELS_MISSING, OCR_IS_OFF, OUT_OF_MEMORY, OUT_OF_PAGES
from engine.reading.messages import PageRead, ReaderReply, ReadFile
from engine.reading.service import create
from engine.records import Box, DocumentState, OcrWish, Page, PageState
from engine.workers import ChildProcess, Limits

Read = Callable[..., Any]

WORDS = (
    "The keeper of the lighthouse wrote down every ship that passed, and his daughter "
    "counted the chrysanthemums."
)


def box_of(page: Page, word: str) -> Box:
    start = page.text.index(word)
    (box,) = Layout.decode(page.layout).boxes_for(start, start + len(word))
    return box


def place_of(word: str) -> Box:
    """Where the word stands in the picture before it is turned, in points."""
    with pymupdf.open() as document:
        page = document.new_page(width=420, height=300)
        page.insert_htmlbox(
            pymupdf.Rect(30, 30, page.rect.x1 - 30, page.rect.y1 - 30), f"<p>{WORDS}</p>"
        )
        (found,) = page.search_for(word)
    return Box(*found)


def is_near(found: Box, expected: Box) -> bool:
    return all(abs(a - b) < 6 for a, b in zip(found, expected, strict=True))


@pytest.mark.model
def test_a_scan_is_read_with_boxes(tmp_path: Path, read: Read) -> None:
    result = read(save_scan(tmp_path / "scan.pdf", picture_of(f"<p>{WORDS}</p>")))
    (page,) = result.pages
    assert page.state is PageState.OCR
    assert " ".join(page.text.split()) == WORDS
    assert is_near(box_of(page, "lighthouse"), place_of("lighthouse"))
    assert result.state is DocumentState.INDEXED
    assert result.reason == "Its only page was read by OCR."
    assert result.passages


@pytest.mark.model
@pytest.mark.parametrize("turn", [90, 180, 270])
def test_scans_that_lie_wrong_are_read(tmp_path: Path, read: Read, turn: int) -> None:
    image = picture_of(f"<p>{WORDS}</p>").rotate(turn, expand=True)
    (page,) = read(save_scan(tmp_path / "turned.pdf", image)).pages
    assert " ".join(page.text.split()) == WORDS
    x0, y0, x1, y1 = place_of("lighthouse")
    expected = {
        90: Box(y0, 420 - x1, y1, 420 - x0),
        180: Box(420 - x1, 300 - y1, 420 - x0, 300 - y0),
        270: Box(300 - y1, x0, 300 - y0, x1),
    }[turn]
    assert is_near(box_of(page, "lighthouse"), expected)


@pytest.mark.model
def test_a_skewed_scan_is_read(tmp_path: Path, read: Read) -> None:
    image = picture_of(f"<p>{WORDS}</p>", skew=3)
    (page,) = read(save_scan(tmp_path / "skewed.pdf", image)).pages
    assert " ".join(page.text.split()) == WORDS


@pytest.mark.model
def test_a_stamped_header_does_not_hide_the_scan_below_it(tmp_path: Path, read: Read) -> None:
    path = tmp_path / "stamped.pdf"
    with pymupdf.open() as document:
        page = add_scan(document, picture_of(f"<p>{WORDS}</p>"))
        page.insert_text((30, 20), "EXHIBIT 12", fontsize=10)
        document.save(path)
    (found,) = read(path).pages
    assert found.state is PageState.OCR
    assert found.text.startswith("EXHIBIT 12\n\nThe keeper")
    assert found.text.count("EXHIBIT") == 1
    assert is_near(box_of(found, "lighthouse"), place_of("lighthouse"))


@pytest.mark.model
def test_a_font_that_lies_is_seen_through(tmp_path: Path, read: Read) -> None:
    path = tmp_path / "lying.pdf"
    with pymupdf.open() as document:
        page = document.new_page(width=420, height=300)
        page.insert_textbox(
            pymupdf.Rect(30, 30, page.rect.x1 - 30, page.rect.y1 - 30), WORDS, fontname="helv"
        )
        (font,) = (xref for xref, *_ in page.get_fonts())
        shifted = "\n".join(f"<{code:02x}> <{code + 3:04x}>" for code in range(32, 123))
        table = document.get_new_xref()
        document.update_object(table, "<<>>")
        document.update_stream(
            table,
            b"/CIDInit /ProcSet findresource begin begincmap\n"
            b"1 begincodespacerange <00> <ff> endcodespacerange\n"
            b"91 beginbfchar\n" + shifted.encode() + b"\nendbfchar endcmap end",
        )
        document.xref_set_key(font, "ToUnicode", f"{table} 0 R")
        document.save(path)
    with pymupdf.open(path) as document:
        assert "lighthouse" not in document[0].get_text()
    (found,) = read(path).pages
    assert found.state is PageState.OCR
    assert " ".join(found.text.split()) == WORDS


def test_text_that_ocr_put_under_a_picture_is_text(
    tmp_path: Path, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "searchable.pdf"
    with pymupdf.open() as document:
        page = add_scan(document, picture_of(f"<p>{WORDS}</p>"))
        page.insert_text((30, 100), "What OCR found long ago.", render_mode=3)
        document.save(path)
    monkeypatch.setattr(ocr.Pictures, "_read", _never)
    (found,) = read(path).pages
    assert (found.state, found.text) == (PageState.TEXT, "What OCR found long ago.")


def test_no_model_is_loaded_without_a_picture(make_pdf: Callable[..., Path]) -> None:
    path = make_pdf("Nothing but text. " * 20, "")
    code = (
        "import sys; from engine.reading.service import create\n"
        "from engine.reading.messages import ReadFile\n"
        "class E:\n cancelled = False\n def reply(self, message): pass\n"
        f"create().handle(ReadFile({str(path)!r}), E())\n"
        "print([m for m in ('rapidocr', 'cv2', 'PIL') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def _never(*_args: Any) -> Any:
    raise AssertionError("a picture was read")


class Exchange:
    def __init__(self) -> None:
        self.replies: list[Any] = []
        self.cancelled = False

    def reply(self, message: Any) -> None:
        self.replies.append(message)


def read_as_wished(path: Path, wish: OcrWish) -> tuple[list[Page], Any]:
    exchange = Exchange()
    create().handle(ReadFile(str(path), ocr=wish), exchange)
    pages = [reply.page for reply in exchange.replies if isinstance(reply, PageRead)]
    return pages, exchange.replies[-1]


def test_it_can_be_switched_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ocr.Pictures, "_read", _never)
    path = save_scan(tmp_path / "scan.pdf", picture_of("<p>Some text.</p>"))
    (page,), ended = read_as_wished(path, OcrWish(on=False))
    assert page.state is PageState.EMPTY
    assert page.note == f"This page holds only an image. {OCR_IS_OFF}"
    assert ended.state is DocumentState.FAILED
    assert ended.reason == (
        "Its only page holds only an image; reading them by OCR is switched off in Settings."
    )


@pytest.mark.model
def test_pages_beyond_the_limit_are_told_of(tmp_path: Path) -> None:
    image = picture_of("<p>Lighthouse</p>", size=(200, 100))
    path = save_scan(tmp_path / "scans.pdf", image, image, image)
    pages, ended = read_as_wished(path, OcrWish(pages=1))
    assert [page.state for page in pages] == [PageState.OCR, PageState.EMPTY, PageState.EMPTY]
    assert pages[2].note.endswith(OUT_OF_PAGES)
    assert ended.state is DocumentState.PARTIAL
    assert ended.reason == (
        "2 of 3 pages hold only images; OCR stopped at the limit of pages for one document; "
        "raise it in Settings. 1 of 3 pages was read by OCR."
    )


def test_missing_models_are_told_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ocr, "_is_loaded", lambda: False)
    path = save_scan(tmp_path / "scan.pdf", picture_of("<p>Some text.</p>"))
    (page,), ended = read_as_wished(path, OcrWish())
    assert page.note.endswith(MODELS_MISSING)
    assert "install Carrel again" in ended.reason


@pytest.mark.model
def test_a_child_with_its_limits_and_no_network_reads_scans(tmp_path: Path) -> None:
    limits = Limits(memory=4 << 30, cpu=1800, file_size=512 << 20)
    child: ChildProcess[ReaderReply] = ChildProcess("reader", ReaderReply, limits=limits)
    path = save_scan(tmp_path / "scan.pdf", picture_of(f"<p>{WORDS}</p>"))
    try:
        replies = list(child.request(ReadFile(str(path))))
    finally:
        child.close()
    (page,) = (reply.page for reply in replies if isinstance(reply, PageRead))
    assert "lighthouse" in page.text


@pytest.mark.model
def test_tables_of_a_scan_are_tables(tmp_path: Path, read: Read) -> None:
    rows = [("Item", "2018", "2017"), ("Revenue", "1,577", "1,204"), ("Costs", "903", "811"),
            ("Profit", "674", "393")]  # fmt: skip
    with pymupdf.open() as document:
        page = document.new_page(width=420, height=200)
        for n, row in enumerate(rows):
            for text, x in zip(row, (40, 220, 320), strict=True):
                page.insert_text((x, 50 + 20 * n), text, fontsize=11)
        pixmap = page.get_pixmap(dpi=150)
    stored = io.BytesIO(pixmap.tobytes("png"))
    (page,) = read(save_scan(tmp_path / "table.pdf", Image.open(stored))).pages
    kinds = {page.text[b.start : b.end]: b.kind.value for b in page.blocks}
    assert kinds.get("Revenue 1,577 1,204") == "table row"
    assert kinds.get("Profit 674 393") == "table row"


def test_a_picture_that_takes_too_much_memory_is_left_out(
    tmp_path: Path, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*args: Any, **how: Any) -> None:
        raise RuntimeError("[ONNXRuntimeError] : 1 : FAIL : std::bad_alloc")

    monkeypatch.setattr(ocr.ocr_picture, "read", full)
    result = read(save_scan(tmp_path / "scan.pdf", picture_of("<p>Some text of a page.</p>")))
    (page,) = result.pages
    assert page.state is PageState.EMPTY
    assert page.note.endswith(OUT_OF_MEMORY)
    assert "takes more memory than one file may have" in result.reason
