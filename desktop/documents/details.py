"""What is known of the selected document, below the list."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from desktop import theme
from desktop.activity import plural
from desktop.documents.pages import PageList
from desktop.documents.wording import GONE, STATES, can_be_first, file_size, is_read, title
from desktop.plain import ElidedLabel, one_line, plain_label
from desktop.theme import SPACE
from engine.records import DocumentState, LedgerEntry, PageEntry


class Details(QFrame):
    """Title, state with its reason, what to do about it, the document in numbers, and page by
    page how it was read."""

    open_requested = Signal(object)  # LedgerEntry
    page_requested = Signal(object, int)  # LedgerEntry, a page's number
    unlock_requested = Signal(object)  # LedgerEntry
    first_requested = Signal(object)  # LedgerEntry
    pages_wanted = Signal(int)  # document id; show_pages() is the answer

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._entry: LedgerEntry | None = None
        self.setAccessibleName("Details of the selected document")
        self._title = ElidedLabel("", self)
        theme.enlarge(self._title, 1.1, bold=True)
        self._path = ElidedLabel("", self, Qt.TextElideMode.ElideMiddle)
        self._path.setProperty("look", "muted")
        self._icon = QLabel(self)
        self._state = plain_label("", self, wrap=True)
        self._advice = plain_label("", self, wrap=True)
        self._numbers = plain_label("", self, wrap=True)
        self._numbers.setProperty("look", "muted")
        self._open = self._button("Show pages", lambda entry: self.open_requested.emit(entry))
        self._unlock = self._button(
            "Enter passphrase…", lambda entry: self.unlock_requested.emit(entry)
        )
        self._asked: set[int] = set()  # ids of documents that are to come first
        self._first = self._button("Read this first", self._ask_first)
        self._how = self._button("Page by page", lambda _entry: self._show_how())
        self._how.setCheckable(True)
        self._how.setProperty("look", "segment")
        self._pages = PageList(self)
        self._pages.opened.connect(self._page_opened)
        self._pages.hide()

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
        words.addStretch(1)
        buttons = QVBoxLayout()
        buttons.setSpacing(SPACE // 2)
        for button in (self._unlock, self._open, self._first, self._how):
            buttons.addWidget(button)
        buttons.addStretch(1)
        row = QHBoxLayout()
        row.setSpacing(SPACE * 2)
        row.addLayout(words, 1)
        row.addLayout(buttons)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE * 2, SPACE * 3 // 2, SPACE * 2, SPACE * 3 // 2)
        column.setSpacing(SPACE)
        column.addLayout(row)
        column.addWidget(self._pages)

    def _button(self, words: str, act: Callable[[LedgerEntry], None]) -> QPushButton:
        button = QPushButton(words, self)
        button.clicked.connect(lambda: act(self._entry) if self._entry is not None else None)
        return button

    def show_entries(self, entries: Sequence[LedgerEntry], folder: str) -> None:
        """Show the one selected document, or the sum of several; hide where there is none."""
        before = self._entry
        self._entry = entries[0] if len(entries) == 1 else None
        self.setVisible(bool(entries))
        if self._entry is not None:
            self._show_one(self._entry, folder)
        elif entries:
            self._show_several(entries)
        if self._entry != before:
            self._show_how()

    def show_pages(self, document_id: int, pages: Sequence[PageEntry]) -> None:
        """How the pages of the document were read, if it is still the one selected."""
        if self._entry is not None and self._entry.document_id == document_id:
            self._pages.show_pages(pages)
            self._pages.setVisible(self._how.isChecked() and bool(pages))

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
        advice = words.advice if entry.available else GONE
        self._advice.setText(advice)
        self._advice.setVisible(bool(advice))
        self._numbers.setText(numbers(entry))
        self._numbers.setVisible(bool(self._numbers.text()))
        named = title(entry)
        for button, name, shown in (
            (self._open, f"Show the pages of {named}", is_read(entry.state) and entry.pages > 0),
            (
                self._unlock,
                f"Enter the passphrase of {named}",
                entry.state is DocumentState.LOCKED and entry.available,
            ),
            (self._first, f"Read {named} first", can_be_first(entry)),
            (self._how, f"How each page of {named} was read", entry.pages > 0),
        ):
            button.setAccessibleName(one_line(name))
            button.setVisible(shown)
        asked = entry.document_id in self._asked
        self._first.setText("Comes first" if asked else "Read this first")
        self._first.setEnabled(not asked)
        self._tint()

    def _show_several(self, entries: Sequence[LedgerEntry]) -> None:
        self._title.set_text(f"{len(entries):,} documents selected")
        for widget in (self._path, self._state, self._icon, self._advice):
            widget.hide()
        for button in (self._open, self._unlock, self._first, self._how):
            button.hide()
        pages = sum(entry.pages for entry in entries)
        size = file_size(sum(entry.size for entry in entries))
        self._numbers.setText(f"{plural(pages, 'page')} · {size}")
        self._numbers.show()

    def _ask_first(self, entry: LedgerEntry) -> None:
        self._asked.add(entry.document_id)
        self._first.setText("Comes first")
        self._first.setEnabled(False)
        self.first_requested.emit(entry)

    def _show_how(self) -> None:
        if self._entry is not None and self._entry.pages and self._how.isChecked():
            self.pages_wanted.emit(self._entry.document_id)
        else:
            self._pages.hide()

    def _page_opened(self, number: int) -> None:
        if self._entry is not None and is_read(self._entry.state):
            self.page_requested.emit(self._entry, number)

    def _tint(self) -> None:
        if self._entry is not None:
            words = STATES[self._entry.state]
            icon = theme.icon(words.icon, colour=words.colour(theme.colours()))
            self._icon.setPixmap(icon.pixmap(theme.icon_size(self, 1.0)))


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
