"""What every format's module takes and gives, and what becomes of the document in the end."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from engine.errors import CarrelError
from engine.reading.messages import ReadEnded
from engine.records import DocumentFacts, DocumentState, Page, PageState

_FORBIDDEN = re.compile("[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_NAMELESS = re.compile(
    r"(?:untitled|no title|title|document|unknown|none|null|slide|sheet|index|page|blank)\W*\d*"
    r"|.*\.(?:docx?|dotx?|pdf|xlsx?|pptx?|rtf|odt|txt|html?|indd|qxd|wpd|tmp|fm|tex|dvi|p65|ai|eps)"
    r"|[\W\d_]*|(?:microsoft \w+|powerpoint[\w ]*)(?:\s+-.*)?",
    re.IGNORECASE,
)
_LONGEST_TITLE = 300


class NotReadError(CarrelError):
    """The file cannot be read; ``state`` says what its line in the ledger becomes."""

    def __init__(self, state: DocumentState, reason: str) -> None:
        super().__init__(reason)
        self.state = state


@dataclass(frozen=True, slots=True)
class Source:
    """The file to read, a passphrase to try, and whether anybody still wants it."""

    path: Path
    passphrase: str = ""
    cancelled: Callable[[], bool] = lambda: False


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file inside another one. ``name`` is the last part of its path in the library: unique
    among its siblings, and no more than a name (no separators, not ``..``). ``content`` can be
    called for as long as the reading is kept, before its pages and after them."""

    name: str
    content: Callable[[], bytes]


@dataclass(frozen=True, slots=True)
class Reading:
    """An opened document. ``pages`` is read once; ``omitted`` says what was left out, if any.
    ``attachments`` become documents of their own."""

    facts: DocumentFacts
    pages: Iterator[Page]
    omitted: str = ""
    attachments: tuple[Attachment, ...] = ()


@dataclass(slots=True)
class Tally:
    """Counts a document's pages as they pass, and knows what to say of it at the end.

    An EMPTY page with a note holds something that could not be read (an image, say); one without
    a note is blank, and a blank page is no loss. So a document of blank pages alone is INDEXED
    (with a reason that says so), and one whose pages all hold only images has FAILED.
    """

    pages: int = 0
    read: int = 0
    unread: int = 0
    failed: int = 0
    images: int = 0
    hiding: int = 0

    def add(self, page: Page) -> None:
        self.pages += 1
        self.read += page.state in (PageState.TEXT, PageState.OCR)
        self.failed += page.state is PageState.FAILED
        unread = page.state is PageState.EMPTY and bool(page.note)
        self.unread += unread
        self.images += unread and "image" in page.note
        self.hiding += bool(page.hidden)

    def ending(self, omitted: str = "") -> ReadEnded:
        reasons = [omitted] if omitted else []
        if self.unread:
            which = _of("hold", self.unread, self.pages)
            what = _images(self.unread) if self.images == self.unread else "images or drawings"
            reasons.append(f"{which} only {what}; Carrel cannot read those yet.")
        if self.failed:
            reasons.append(f"{_of('', self.failed, self.pages)} could not be read.")
        state = DocumentState.INDEXED
        if reasons:
            state = DocumentState.PARTIAL if self.read else DocumentState.FAILED
        elif not self.read:
            reasons.append("The file holds no text.")
        if self.hiding:
            which = _of("hold", self.hiding, self.pages)
            reasons.append(f"{which} text that cannot be seen; answers leave it out.")
        return ReadEnded(state, " ".join(reasons))


def _images(count: int) -> str:
    return "an image" if count == 1 else "images"


def _of(verb: str, count: int, total: int) -> str:
    verb = f" {verb}s" if verb and count == 1 else f" {verb}" if verb else ""
    if count == total:
        return (f"Its only page{verb}") if total == 1 else f"All {total:,} pages{verb}"
    return f"{count:,} of {total:,} pages{verb}"


def clean(text: str) -> str:
    """The text with what no record can hold (NUL, lone surrogates, control characters) made
    U+FFFD, one for one, so that offsets stay."""
    return _FORBIDDEN.sub("\ufffd", text)


def sensible_title(title: str | None) -> str:
    """A title as a person would give it, or an empty string for what programs put there."""
    title = " ".join(clean(title or "").replace("\ufffd", " ").split())[:_LONGEST_TITLE]
    return "" if _NAMELESS.fullmatch(title) else title
