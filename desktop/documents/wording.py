"""What the ledger's states are called, and what a person can do about them."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtGui import QColor

from desktop.plain import one_line
from desktop.theme import Colours
from engine.records import DocumentState, LedgerEntry, PageEntry, PageState


@dataclass(frozen=True, slots=True)
class StateWords:
    """``short`` for the list, ``advice`` for the details (empty where there is nothing to do),
    ``icon`` by its name, ``tone`` the name of a colour in the theme."""

    short: str
    advice: str
    icon: str
    tone: str

    def colour(self, tones: Colours) -> QColor:
        colour: QColor = getattr(tones, self.tone)
        return colour


STATES = {
    DocumentState.INDEXED: StateWords("Read", "", "check-circle-outline", "good"),
    DocumentState.PARTIAL: StateWords(
        "Read in part",
        "What was read can be searched and cited. The list of pages says which were not; look at "
        "those in the file itself.",
        "circle-half-full",
        "warning",
    ),
    DocumentState.FAILED: StateWords(
        "Not read",
        "Open the file in its own program to see whether it is whole. Once it is mended, choose "
        "Check for changes.",
        "alert-circle-outline",
        "danger",
    ),
    DocumentState.LOCKED: StateWords(
        "Locked",
        "Enter its passphrase, once, and Carrel reads it; or save a copy without a passphrase in "
        "the same folder.",
        "lock-outline",
        "warning",
    ),
    DocumentState.UNSUPPORTED: StateWords(
        "Type not read",
        "If it holds text, save it as PDF, Word or plain text in the same folder.",
        "file-question-outline",
        "muted",
    ),
    DocumentState.DUPLICATE: StateWords(
        "Duplicate",
        "Nothing to do: another file has the same content, and that one is searched and cited.",
        "content-duplicate",
        "muted",
    ),
}

_PROBLEMS = {
    DocumentState.PARTIAL,
    DocumentState.FAILED,
    DocumentState.LOCKED,
    DocumentState.UNSUPPORTED,
}
_READ = {DocumentState.INDEXED, DocumentState.PARTIAL, DocumentState.DUPLICATE}


def is_problem(state: DocumentState) -> bool:
    """Whether a person may want to do something about it."""
    return state in _PROBLEMS


def is_read(state: DocumentState) -> bool:
    """Whether its content can be found and cited."""
    return state in _READ


UNSEEN = "text that cannot be seen"
"""As the engine says in a document's reason that it hides something."""

GONE = "The folder is not available now. What was read from it can still be searched and cited."

PAGE_STATES = {
    PageState.TEXT: "Read",
    PageState.OCR: "Read by OCR",
    PageState.EMPTY: "No text",
    PageState.FAILED: "Not read",
}


def is_unread(state: DocumentState) -> bool:
    """Whether nothing of it can be found."""
    return state in _PROBLEMS and state not in _READ


def can_be_first(entry: LedgerEntry) -> bool:
    """Whether there is anything left to do with it before others."""
    if not entry.available or entry.state in (DocumentState.DUPLICATE, DocumentState.LOCKED):
        return False
    return is_unread(entry.state) or entry.embedded < entry.passages


def hides(entry: LedgerEntry) -> bool:
    """Whether it holds text that a reader of the document does not see."""
    return UNSEEN in entry.reason


def how_read(page: PageEntry) -> str:
    """How a page was read, and what there is to know of it."""
    said = PAGE_STATES[page.state]
    if page.note:
        said += f": {one_line(page.note)}"
    return f"{said}; holds {UNSEEN}" if page.hidden else said


def file_name(entry: LedgerEntry) -> str:
    return entry.path.rsplit("/", 1)[-1]


def title(entry: LedgerEntry) -> str:
    """What a person would call the document."""
    return entry.title or file_name(entry)


def kind_of(entry: LedgerEntry) -> str:
    """As file managers tell it: "XLSX"; by its content where its name does not say."""
    _, dot, suffix = file_name(entry).rpartition(".")
    return (suffix if dot and len(suffix) <= 5 else entry.format).upper()


def file_size(size: int) -> str:
    """In decimal units, as file managers show it."""
    amount = float(size)
    for unit in ("bytes", "kB", "MB", "GB"):
        if amount < 1000:
            return f"{amount:.0f} {unit}" if unit == "bytes" else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.1f} TB"
