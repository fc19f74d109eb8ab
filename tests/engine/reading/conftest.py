"""A reader in this process, a real one in a child, and a PDF maker."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pymupdf
import pytest

from engine.reading.messages import Opened, PageRead, ReadEnded, ReaderReply, ReadFile
from engine.reading.service import create
from engine.records import DocumentFacts, DocumentState, OcrWish, Page, Passage
from engine.workers import ChildProcess, Limits


@dataclass
class Result:
    """All that came back for one file."""

    ended: ReadEnded
    facts: DocumentFacts | None
    pages: list[Page]
    passages: list[Passage]

    @property
    def state(self) -> DocumentState:
        return self.ended.state

    @property
    def reason(self) -> str:
        return self.ended.reason

    @property
    def text(self) -> str:
        return "\n\n".join(page.text for page in self.pages)


@dataclass
class Collected:
    """Stands for the exchange with the parent; asks to stop after ``stop_after`` replies."""

    stop_after: int | None = None
    replies: list[Any] = field(default_factory=list)

    def reply(self, message: Any) -> None:
        self.replies.append(message)

    @property
    def cancelled(self) -> bool:
        return self.stop_after is not None and len(self.replies) >= self.stop_after


def gathered(replies: list[Any]) -> Result:
    """Checks the order that the protocol promises, and that passages hold the pages' text."""
    *first, ended = replies
    assert isinstance(ended, ReadEnded)
    facts = None
    if first:
        assert isinstance(first[0], Opened)
        facts = first[0].facts
    pages = [reply.page for reply in first[1:] if isinstance(reply, PageRead)]
    assert len(pages) == max(0, len(first) - 1)
    assert [page.number for page in pages] == list(range(1, len(pages) + 1))
    passages = [passage for reply in first[1:] for passage in reply.passages]
    for page in pages:
        page.text.encode("utf-8")
        assert all(page.text[b.start : b.end].strip() for b in page.blocks)
    return Result(ended, facts, pages, passages)


@pytest.fixture
def read() -> Callable[..., Result]:
    """Reads a file with the service, in this process."""

    def run(path: Path, passphrase: str = "", ocr: OcrWish | None = None) -> Result:
        exchange = Collected()
        create().handle(ReadFile(str(path), passphrase, ocr=ocr or OcrWish()), exchange)
        return gathered(exchange.replies)

    return run


@pytest.fixture(scope="session")
def reader() -> Iterator[ChildProcess[ReaderReply]]:
    """A reader child with the limits of the app."""
    child: ChildProcess[ReaderReply] = ChildProcess(
        "reader", ReaderReply, limits=Limits(memory=2 * 1024**3)
    )
    yield child
    child.close()


@pytest.fixture
def make_pdf(tmp_path: Path) -> Callable[..., Path]:
    """Writes a PDF with one page for each text; ``None`` is a page that is only a picture."""

    def make(*texts: str | None, name: str = "made.pdf", **save: Any) -> Path:
        document = pymupdf.open()
        for text in texts:
            page = document.new_page()
            if text is None:
                page.insert_image(page.rect, pixmap=picture(), keep_proportion=False)
            elif text:
                page.insert_textbox(pymupdf.Rect(72, 72, 523, 770), text, fontsize=11)
        path = tmp_path / name
        document.save(path, **save)
        return path

    return make


def picture() -> pymupdf.Pixmap:
    pixmap = pymupdf.Pixmap(pymupdf.csRGB, pymupdf.IRect(0, 0, 40, 40))
    pixmap.clear_with(120)
    return pixmap
