"""What the app and its reader child say to each other."""

from __future__ import annotations

import msgspec

from engine.records import DocumentFacts, DocumentState, OcrWish, Page, PageImage, Passage


class ReadFile(msgspec.Struct, frozen=True, tag="read"):
    """Read one file: ``Opened``, then ``PageRead`` for each page, then ``ReadEnded``.

    A file that cannot be opened gives ``ReadEnded`` alone. ``inside`` leads to an attachment by
    its name, or by the names of those around it and its own: then ``Extracted`` comes first, and
    where its digest is ``known``, nothing else but the end. ``around`` are the passphrases of
    the files around it, in the same order; ``passphrase`` is its own.
    """

    path: str
    passphrase: str = ""
    ocr: OcrWish = OcrWish()
    inside: tuple[str, ...] = ()
    around: tuple[str, ...] = ()
    known: str = ""


class RenderPage(msgspec.Struct, frozen=True, tag="render"):
    """Draw one page at ``scale`` pixels a point: ``Rendered``, or a failure with a sentence.
    For ``inside`` and ``around``, see :class:`ReadFile`."""

    path: str
    number: int
    scale: float
    passphrase: str = ""
    inside: tuple[str, ...] = ()
    around: tuple[str, ...] = ()


ReaderRequest = ReadFile | RenderPage


class Extracted(msgspec.Struct, frozen=True, tag="extracted"):
    """An attachment was taken out; ``digest`` is the SHA-256 of its bytes, in hexadecimal."""

    size: int
    digest: str


class Opened(msgspec.Struct, frozen=True, tag="opened"):
    """``attachments`` are the names of the files in it that can be read in their turn."""

    facts: DocumentFacts
    attachments: tuple[str, ...] = ()


class PageRead(msgspec.Struct, frozen=True, tag="page"):
    """A page with its passages."""

    page: Page
    passages: tuple[Passage, ...]


class ReadEnded(msgspec.Struct, frozen=True, tag="ended"):
    """What became of the file, with a reason a person understands where it is not INDEXED.
    ``again``: the fault is not the file's, and another time may do. ``later``: there are pictures
    that were left for later, as was wished."""

    state: DocumentState
    reason: str = ""
    again: bool = False
    later: bool = False


class Rendered(msgspec.Struct, frozen=True, tag="rendered"):
    image: PageImage


ReaderReply = Extracted | Opened | PageRead | ReadEnded | Rendered
