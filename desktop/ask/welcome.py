"""What is there before the first question: what to do next, in a few words."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from desktop import theme
from desktop.ask.labels import Label, TextButton

_STEPS = (
    ("folder-outline", "Add a folder. Carrel reads what is in it and leaves the files untouched."),
    ("comment-question-outline", "Ask in your own words."),
    ("file-search-outline", "Every claim opens the page it came from."),
)
_HINTS = (
    ("magnify", "Matching passages appear while you type"),
    ("file-search-outline", "Every claim opens the page it came from"),
    ("lock-outline", "Nothing leaves this computer"),
)


class _IconLine(QWidget):
    def __init__(self, icon: str, text: str, ink: str = "text") -> None:
        super().__init__()
        self._icon = icon
        self._sign = QLabel()
        self._words = Label(text, ink=ink, wrap=ink == "text")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        row.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._words, 1)
        self._restyle()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._restyle()

    def _restyle(self) -> None:
        side = self._words.fontMetrics().height()
        self._sign.setPixmap(
            theme.icon(self._icon, colour=theme.colours().muted).pixmap(side, side)
        )


class EmptyLibrary(QWidget):
    """No documents yet."""

    folder_requested = Signal()
    sample_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        title = Label("Ask your own documents", size=1.7, bold=True)
        words = Label(
            "Carrel answers from the files you give it, on this computer. Nothing leaves it.",
            size=1.08,
            ink="muted",
            wrap=True,
        )
        add = self.add = TextButton("Add a folder…", "folder-plus-outline", primary=True)
        add.clicked.connect(self.folder_requested)
        sample = self.sample = TextButton("Try it with the sample documents")
        sample.clicked.connect(self.sample_requested)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(add)
        buttons.addWidget(sample)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addStretch(2)
        column.addWidget(title)
        column.addWidget(words)
        column.addSpacing(14)
        for icon, text in _STEPS:
            column.addWidget(_IconLine(icon, text))
        column.addSpacing(18)
        column.addLayout(buttons)
        column.addStretch(3)


class Greeting(QWidget):
    """Above the centred box, once there are documents."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._line = Label("Ask anything about your documents", size=1.6, bold=True, wrap=True)
        self._line.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 12)
        column.addStretch(1)
        column.addWidget(self._line)

    @property
    def text(self) -> str:
        return self._line.text()

    def count(self, documents: int) -> None:
        """``documents`` can be asked about; none yet is not worth a number."""
        many = f"{documents:,} documents" if documents else "documents"
        self._line.setText(f"Ask anything about your {'document' if documents == 1 else many}")


class Hints(QWidget):
    """Below the centred box."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        lines = QVBoxLayout()
        lines.setSpacing(8)
        for icon, text in _HINTS:
            lines.addWidget(_IconLine(icon, text, "muted"))
        row = QHBoxLayout()
        row.addStretch(1)
        row.addLayout(lines)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 18, 0, 0)
        column.addLayout(row)
        column.addStretch(1)
