"""What the ledger's states are called, and what a person can do about them."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtGui import QColor

from desktop.theme import Colours
from engine.records import DocumentState, LedgerEntry


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
        "What was read can be searched and cited. For the rest, open the file and look at the "
        "pages named here.",
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
        "Save a copy without a password in the same folder; then choose Check for changes.",
        "lock-outline",
        "warning",
    ),
    DocumentState.UNSUPPORTED: StateWords(
        "Type not read",
        "Carrel does not read files of this type. If it holds text, save it as PDF, Word or plain "
        "text in the same folder.",
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


def file_name(entry: LedgerEntry) -> str:
    return entry.path.rsplit("/", 1)[-1]


def title(entry: LedgerEntry) -> str:
    """What a person would call the document."""
    return entry.title or file_name(entry)


def file_size(size: int) -> str:
    """In decimal units, as file managers show it."""
    amount = float(size)
    for unit in ("bytes", "kB", "MB", "GB"):
        if amount < 1000:
            return f"{amount:.0f} {unit}" if unit == "bytes" else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.1f} TB"
