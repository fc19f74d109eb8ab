"""Documents of a few made-up pages, rendered as plain colour."""

from __future__ import annotations

import threading

from engine.errors import CarrelError
from engine.layout import Layout
from engine.records import Block, BlockKind, Page, PageImage, PageState, SourcePage

TEXT = "🦉 Owls\nThe owl 🦉 sees by night. <b>Owls</b> & mice."


def words_layout(text: str) -> bytes:
    """Every word ten points wide and high, a step of twenty to the right each."""
    words, position = [], 0
    for number, word in enumerate(text.split()):
        start = text.index(word, position)
        position = start + len(word)
        left = 20.0 + 60 * number
        words.append((start, position, (left, 700.0, left + 10, 712.0)))
    return Layout.of_words(words).encode()


class Shelf:
    """Document 1 has images, document 2 only text; ``hold`` keeps a page's rendering waiting."""

    def __init__(self) -> None:
        self.rendered: list[tuple[int, int, float]] = []
        self.hold: dict[int, threading.Event] = {}
        self.slow: dict[int, threading.Event] = {}
        self.error: Exception | None = None
        self.render_error: Exception | None = None
        self.available = True
        self.text = TEXT
        self.file = ""

    def source_page(self, document_id: int, number: int) -> SourcePage:
        if number in self.slow:
            self.slow[number].wait(5)
        if self.error is not None:
            raise self.error
        if not 1 <= number <= 3:
            raise CarrelError(f"There is no page {number}.")
        blocks = (Block(0, 6, BlockKind.HEADING, 1), Block(7, len(self.text)))
        image = document_id == 1
        page = Page(
            number, "", self.text, PageState.TEXT, blocks,
            595.0 if image else 0.0, 842.0 if image else 0.0,
            words_layout(self.text) if image else b"",
        )  # fmt: skip
        name = "Birds" if image else "Notes"
        return SourcePage(
            document_id, f"{name}.pdf", name, self.file, page, 3, image, self.available
        )

    def render_page(self, document_id: int, number: int, scale: float) -> PageImage:
        self.rendered.append((document_id, number, scale))
        if number in self.hold:
            self.hold[number].wait(5)
        if self.render_error is not None:
            raise self.render_error
        width, height = round(595 * scale), round(842 * scale)
        shade = bytes((10 * number, 20, 30))
        return PageImage(width, height, width * 3, shade * (width * height), scale)

    def stop_children(self) -> None:
        for event in (*self.hold.values(), *self.slow.values()):
            event.set()

    def close(self) -> None:
        pass
