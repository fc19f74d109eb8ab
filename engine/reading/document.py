"""What every format's module takes and gives, and what becomes of the document in the end."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from engine.errors import CarrelError
from engine.reading.messages import ReadEnded
from engine.records import DocumentFacts, DocumentState, OcrWish, Page, PageState

_FORBIDDEN = re.compile("[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_NAMELESS = re.compile(
    r"(?:untitled|no title|title|document|unknown|none|null|slide|sheet|index|page|blank)\W*\d*"
    r"|.*\.(?:docx?|dotx?|pdf|xlsx?|pptx?|rtf|odt|txt|html?|indd|qxd|wpd|tmp|fm|tex|dvi|p65|ai|eps)"
    r"|[\W\d_]*|(?:microsoft \w+|powerpoint[\w ]*)(?:\s+-.*)?",
    re.IGNORECASE,
)
_LONGEST_TITLE = 300

# What a page's note says of pictures on it that were not read as text
NO_TEXT = "Carrel found no text in this picture."
ILLEGIBLE = "Carrel found text in this picture, but could not read it."
PART_READ = "Its pictures were read by OCR; letters in them may be wrong."
LATER = "What its pictures say is read when the rest has been."
OCR_IS_OFF = "Reading pictures by OCR is switched off."
OUT_OF_PAGES = "It was left out: the limit of pages for OCR in one document was reached."
OUT_OF_TIME = "It was left out: OCR of this document took too long."
PICTURES_ONLY = "It holds only images, which Carrel does not read in this kind of file."
ODD_PICTURES = "It holds only images of a kind that Carrel does not read."
OUT_OF_MEMORY = "It was left out: reading it takes more memory than one file may have."
MODELS_MISSING = "The models for OCR are missing from this installation."

_OCR_ADVICE = {
    PICTURES_ONLY: "Carrel does not read those in this kind of file",
    ODD_PICTURES: "Carrel does not read images of that kind",
    ILLEGIBLE: "the writing in them is of a kind that Carrel cannot read: its OCR knows the Latin "
    "and Greek alphabets, Chinese and Japanese",
    OCR_IS_OFF: "reading them by OCR is switched off in Settings",
    OUT_OF_PAGES: "OCR stopped at the limit of pages for one document; raise it in Settings",
    OUT_OF_TIME: "OCR stopped because it took too long",
    OUT_OF_MEMORY: "reading them takes more memory than one file may have",
    MODELS_MISSING: "the models for OCR are missing; install Carrel again",
}


LEFT_UNREAD = (
    _OCR_ADVICE[OCR_IS_OFF],
    _OCR_ADVICE[OUT_OF_PAGES],
    "Carrel cannot read those yet",  # what the ledger said before there was OCR
)
"""Parts of the reasons of documents in which more can be read once a person wishes it."""


class NotReadError(CarrelError):
    """The file cannot be read; ``state`` says what its line in the ledger becomes."""

    def __init__(self, state: DocumentState, reason: str) -> None:
        super().__init__(reason)
        self.state = state


@dataclass(frozen=True, slots=True)
class Source:
    """The file to read, a passphrase to try, how pictures in it are read, and whether anybody
    still wants it."""

    path: Path
    passphrase: str = ""
    cancelled: Callable[[], bool] = lambda: False
    ocr: OcrWish = field(default_factory=OcrWish)


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

    An EMPTY page with a note holds something that could not be read (an image that was left
    out, say); one without a note is blank, and a blank page is no loss, and neither is a picture
    in which there is no text. So a document of blank pages alone is INDEXED (with a reason that
    says so), and one whose pages were all left out has FAILED.
    """

    pages: int = 0
    read: int = 0
    ocr: int = 0
    pictured: int = 0
    textless: int = 0
    later: int = 0
    left: Counter[str] = field(default_factory=Counter)
    undecoded: int = 0
    failed: int = 0
    hiding: int = 0

    def add(self, page: Page) -> None:
        self.pages += 1
        self.read += page.state in (PageState.TEXT, PageState.OCR)
        part = page.state is PageState.OCR and page.note == PART_READ
        self.pictured += part
        self.ocr += page.state is PageState.OCR and not part
        self.failed += page.state is PageState.FAILED
        self.hiding += bool(page.hidden)
        if page.note.endswith(LATER):
            self.later += 1
        elif page.state is PageState.EMPTY and page.note:
            why = next((why for why in _OCR_ADVICE if page.note.endswith(why)), "")
            if why:
                self.left[why] += 1
            elif page.note.endswith(NO_TEXT):
                self.textless += 1
            else:
                self.undecoded += 1

    def ending(self, omitted: str = "") -> ReadEnded:
        reasons = [omitted] if omitted else []
        for why, count in self.left.items():
            which = _of("hold", count, self.pages)
            reasons.append(f"{which} only {_images(count)}; {_OCR_ADVICE[why]}.")
        if self.undecoded:
            reasons.append(
                f"{_of('hold', self.undecoded, self.pages)} text that cannot be decoded."
            )
        if self.failed:
            reasons.append(f"{_of('', self.failed, self.pages)} could not be read.")
        state = DocumentState.INDEXED
        if reasons:
            state = DocumentState.PARTIAL if self.read else DocumentState.FAILED
        elif not self.read and not self.textless and not self.later:
            reasons.append("The file holds no text.")
        if self.later:
            reasons.append(f"{_of('hold', self.later, self.pages)} pictures that are read soon.")
            state = DocumentState.PARTIAL
        if self.textless:
            which = _of("hold", self.textless, self.pages)
            what = f"{which} only {_images(self.textless)} in which Carrel found no text."
            reasons.append(NO_TEXT if self.pages == 1 else what)
        if self.ocr:
            was = "was" if self.ocr == 1 else "were"
            reasons.append(f"{_of('', self.ocr, self.pages)} {was} read by OCR.")
        if self.pictured:
            which = _of("", self.pictured, self.pages)
            reasons.append(f"Pictures on {which[0].lower()}{which[1:]} were read by OCR.")
        if self.hiding:
            which = _of("hold", self.hiding, self.pages)
            reasons.append(f"{which} text that cannot be seen; answers leave it out.")
        return ReadEnded(state, " ".join(reasons), later=bool(self.later))


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
