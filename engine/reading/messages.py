"""What the app and its reader child say to each other."""

from __future__ import annotations

import msgspec

from engine.records import DocumentFacts, DocumentState, OcrWish, Page, PageImage, Passage


class ReadFile(msgspec.Struct, frozen=True, tag="read"):
    """Read one file: ``Opened``, then ``PageRead`` for each page, then ``ReadEnded``.

    A file that cannot be opened gives ``ReadEnded`` alone.
    """

    path: str
    passphrase: str = ""
    ocr: OcrWish = OcrWish()


class RenderPage(msgspec.Struct, frozen=True, tag="render"):
    """Draw one page at ``scale`` pixels a point: ``Rendered``, or a failure with a sentence."""

    path: str
    number: int
    scale: float
    passphrase: str = ""


ReaderRequest = ReadFile | RenderPage


class Opened(msgspec.Struct, frozen=True, tag="opened"):
    facts: DocumentFacts


class PageRead(msgspec.Struct, frozen=True, tag="page"):
    """A page with its passages."""

    page: Page
    passages: tuple[Passage, ...]


class ReadEnded(msgspec.Struct, frozen=True, tag="ended"):
    """What became of the file, with a reason a person understands where it is not INDEXED."""

    state: DocumentState
    reason: str = ""


class Rendered(msgspec.Struct, frozen=True, tag="rendered"):
    image: PageImage


ReaderReply = Opened | PageRead | ReadEnded | Rendered
