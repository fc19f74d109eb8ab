"""When the documents do not hold the answer: why, and what to try next."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from desktop import theme
from desktop.ask.flowing import Flow
from desktop.ask.labels import Label, TextButton


@dataclass(frozen=True, slots=True)
class Ways:
    """What can be tried: ``words`` to search for, ``wider`` where the question was narrowed to some
    documents, ``model`` where there is one to ask; ``unread`` documents may hold the answer,
    beside ``read`` ones, ``partly`` of which were not read to the end."""

    words: bool = True
    wider: bool = False
    model: bool = False
    unread: int = 0
    read: int = 0
    partly: int = 0

    @property
    def coverage(self) -> str:
        """What was read and what was not; empty where all was."""
        if not (self.unread or self.partly):
            return ""
        noun = "document" if self.read == 1 else "documents"
        part = f", {self.partly:,} of them in part" if self.partly else ""
        rest = f"; {self.unread:,} could not" if self.unread else ""
        return f"{self.read:,} {noun} could be read{part}{rest}"


class Refusal(QWidget):
    """Hidden until there is something to say."""

    wider_wanted = Signal()
    words_wanted = Signal()
    model_wanted = Signal()
    unread_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._built = False
        self.hide()

    def _build(self) -> None:
        """Most answers are no refusals, and these are many widgets."""
        self._built = True
        self._sign = QLabel()
        self._reason = Label(size=1.08, wrap=True, selectable=True)
        self._unread = TextButton("", link=True)
        self._unread.clicked.connect(self.unread_wanted)
        self._wider = TextButton("Ask all documents", "folder-open-outline")
        self._wider.clicked.connect(self.wider_wanted)
        self._words = TextButton("Search for the words", "magnify")
        self._words.clicked.connect(self.words_wanted)
        self._model = TextButton("Ask the model without documents", "pencil-outline")
        self._model.setToolTip("What the model has learnt. It cannot be checked here.")
        self._model.clicked.connect(self.model_wanted)
        top = QHBoxLayout()
        top.setSpacing(10)
        top.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self._reason)
        words.addWidget(self._unread, 0, Qt.AlignmentFlag.AlignLeft)
        top.addLayout(words, 1)
        self._ways = Flow((self._wider, self._words, self._model))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 2, 0, 8)
        column.setSpacing(12)
        column.addLayout(top)
        column.addWidget(self._ways)

    @property
    def text(self) -> str:
        return "" if self.isHidden() else self._reason.text()

    def say(self, reason: str, ways: Ways) -> None:
        if not self._built:
            self._build()
        self._reason.setText(reason)
        self.setAccessibleName(reason)
        some = "the document" if ways.unread == 1 else f"the {ways.unread:,} documents"
        self._unread.setText(f"Show {some} that could not be read")
        self._unread.setVisible(ways.unread > 0)
        self._wider.setVisible(ways.wider)
        self._words.setVisible(ways.words)
        self._model.setVisible(ways.model)
        self._restyle()
        self.show()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        changes = (QEvent.Type.PaletteChange, QEvent.Type.FontChange)
        if event.type() in changes and self._built:
            self._restyle()

    def _restyle(self) -> None:
        side = round(self._reason.fontMetrics().height() * 1.1)
        icon = theme.icon("text-search", colour=theme.colours().muted)
        self._sign.setPixmap(icon.pixmap(side, side))
