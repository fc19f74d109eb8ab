"""What is known of the selected document, below the list."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from desktop import theme
from desktop.activity import plural
from desktop.documents.wording import STATES, file_size, is_read, title
from desktop.plain import ElidedLabel, one_line, plain_label
from desktop.theme import SPACE
from engine.records import LedgerEntry


class Details(QFrame):
    """Title, state with its reason, what to do about it, and the document in numbers."""

    open_requested = Signal(object)  # LedgerEntry

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._entry: LedgerEntry | None = None
        self.setAccessibleName("Details of the selected document")
        self._title = ElidedLabel("", self)
        self._title.setFont(theme.scaled(self.font(), 1.1, bold=True))
        self._path = ElidedLabel("", self, Qt.TextElideMode.ElideMiddle)
        self._path.setProperty("look", "muted")
        self._icon = QLabel(self)
        self._state = plain_label("", self, wrap=True)
        self._advice = plain_label("", self, wrap=True)
        self._numbers = plain_label("", self, wrap=True)
        self._numbers.setProperty("look", "muted")
        self._open = QPushButton("Show pages", self)
        self._open.clicked.connect(self._opened)

        state = QHBoxLayout()
        state.setSpacing(SPACE)
        state.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        state.addWidget(self._state, 1)
        words = QVBoxLayout()
        words.setSpacing(SPACE // 2)
        words.addWidget(self._title)
        words.addWidget(self._path)
        words.addLayout(state)
        words.addWidget(self._advice)
        words.addWidget(self._numbers)
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE * 2, SPACE * 3 // 2, SPACE * 2, SPACE * 3 // 2)
        row.setSpacing(SPACE * 2)
        row.addLayout(words, 1)
        row.addWidget(self._open, 0, Qt.AlignmentFlag.AlignTop)

    def show_entries(self, entries: Sequence[LedgerEntry], folder: str) -> None:
        """Show the one selected document, or the sum of several; hide where there is none."""
        self._entry = entries[0] if len(entries) == 1 else None
        self.setVisible(bool(entries))
        if self._entry is not None:
            self._show_one(self._entry, folder)
        elif entries:
            self._show_several(entries)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and getattr(self, "_entry", None):
            self._tint()

    def _show_one(self, entry: LedgerEntry, folder: str) -> None:
        words = STATES[entry.state]
        self._title.set_text(title(entry))
        self._path.set_text(f"{folder}/{entry.path}" if folder else entry.path)
        self._path.show()
        self._state.setText(
            f"{words.short}. {one_line(entry.reason)}" if entry.reason else f"{words.short}."
        )
        self._state.show()
        self._icon.show()
        self._advice.setText(words.advice)
        self._advice.setVisible(bool(words.advice))
        self._numbers.setText(numbers(entry))
        self._open.setVisible(is_read(entry.state) and entry.pages > 0)
        self._open.setAccessibleName(f"Show the pages of {title(entry)}")
        self._tint()

    def _show_several(self, entries: Sequence[LedgerEntry]) -> None:
        self._title.set_text(f"{len(entries):,} documents selected")
        for widget in (self._path, self._state, self._icon, self._advice, self._open):
            widget.hide()
        pages = sum(entry.pages for entry in entries)
        size = file_size(sum(entry.size for entry in entries))
        self._numbers.setText(f"{plural(pages, 'page')} · {size}")

    def _tint(self) -> None:
        if self._entry is not None:
            words = STATES[self._entry.state]
            icon = theme.icon(words.icon, colour=words.colour(theme.colours()))
            self._icon.setPixmap(icon.pixmap(theme.icon_size(self, 1.0)))

    def _opened(self) -> None:
        if self._entry is not None:
            self.open_requested.emit(self._entry)


def numbers(entry: LedgerEntry) -> str:
    """Pages by state, passages and how many of them have vectors, in words."""
    if not entry.pages:
        return ""
    parts = [plural(entry.pages, "page")]
    failed = entry.pages - entry.pages_text - entry.pages_ocr - entry.pages_empty
    parts += [
        f"{count:,} {what}"
        for count, what in (
            (entry.pages_ocr, "read by OCR"),
            (entry.pages_empty, "without text"),
            (failed, "not read"),
        )
        if count > 0
    ]
    parts.append(plural(entry.passages, "passage"))
    if entry.embedded < entry.passages:
        parts.append(f"{entry.embedded:,} of them found by meaning so far")
    return " · ".join(parts)
