"""What an adapter is, for whoever has none yet: what it changes, what it cannot, where to drop."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from desktop import theme
from desktop.plain import plain_label
from desktop.theme import SPACE

_DOES = (
    "Tone and form: terse, numbered, formal",
    "The words of a field, used as its people use them",
    "Instructions you would otherwise repeat in every question",
)
_DOES_NOT = (
    "Know what your documents say: they do that",
    "Add facts that can be relied on",
    "Cite. Only documents can be opened at a page",
)
_TWO = 70  # from this many average characters on, the two lists stand beside each other


class Introduction(QFrame):
    """A drop target that explains. (The window takes the drop itself.)"""

    file_requested = Signal()
    folder_requested = Signal()
    advice_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "drop")
        self._icon = QLabel(self)
        self._icon.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._heading = plain_label("Drop an adapter here", self, wrap=True)
        self._story = plain_label(
            "An adapter is a small file that changes how a model writes. It is applied on top of "
            "the model, as strongly as you like, and taken off again at once.",
            self,
            wrap=True,
        )
        self._kinds = plain_label(
            "A GGUF LoRA, or a PEFT folder or zip with safetensors, which Carrel converts. "
            "Nothing in it is ever run.",
            self,
            wrap=True,
        )
        self._kinds.setProperty("look", "muted")
        for label in (self._heading, self._story, self._kinds):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._lists = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._lists.setSpacing(SPACE * 4)
        self._lists.addStretch(1)
        self._does = _Points("It changes", _DOES, "check", "good", self)
        self._does_not = _Points("It does not", _DOES_NOT, "close", "danger", self)
        self._lists.addWidget(self._does)
        self._lists.addWidget(self._does_not)
        self._lists.addStretch(1)
        file = QPushButton("Add file…", self)
        file.setProperty("look", "primary")
        file.setAccessibleDescription("A GGUF file or a zip")
        file.clicked.connect(self.file_requested)
        folder = QPushButton("Add folder…", self)
        folder.setAccessibleDescription("A folder as PEFT saves it")
        folder.clicked.connect(self.folder_requested)
        advice = QPushButton("Do I need one?", self)
        advice.setProperty("look", "link")
        advice.clicked.connect(self.advice_requested)
        buttons = QHBoxLayout()
        buttons.setSpacing(SPACE)
        buttons.addStretch(1)
        for button in (file, folder, advice):
            buttons.addWidget(button)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE * 4, SPACE * 3, SPACE * 4, SPACE * 3)
        column.setSpacing(SPACE * 3 // 2)
        column.addWidget(self._icon)
        column.addWidget(self._heading)
        column.addLayout(_narrow(self._story))
        column.addSpacing(SPACE // 2)
        column.addLayout(self._lists)
        column.addSpacing(SPACE // 2)
        column.addLayout(buttons)
        column.addLayout(_narrow(self._kinds))
        self._restyle()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        room = max(0, self.width() - SPACE * 8 - 4)
        beside = room >= theme.ems(self, _TWO)
        directions = QBoxLayout.Direction
        self._lists.setDirection(directions.LeftToRight if beside else directions.TopToBottom)
        self._lists.setSpacing(SPACE * 4 if beside else SPACE * 2)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if not hasattr(self, "_does_not"):
            return
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            self._restyle()
            self._fit()

    def _restyle(self) -> None:
        icon = theme.icon("tune-variant", colour=theme.colours().accent)
        self._icon.setPixmap(icon.pixmap(theme.icon_size(self, 2.4)))
        theme.enlarge(self._heading, 1.5, bold=True)


def _narrow(label: QLabel) -> QHBoxLayout:
    """In the middle, and not as wide as there is room."""
    row = QHBoxLayout()
    row.addStretch(1)
    row.addWidget(label, 8)
    row.addStretch(1)
    return row


class _Points(QWidget):
    """A heading over some lines, each with the same sign."""

    def __init__(
        self, heading: str, points: tuple[str, ...], icon: str, tone: str, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._icon, self._tone = icon, tone
        self._signs: list[QLabel] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE // 2)
        self._heading = plain_label(heading, self)
        column.addWidget(self._heading)
        for point in points:
            sign = QLabel(self)
            self._signs.append(sign)
            row = QHBoxLayout()
            row.setSpacing(SPACE)
            row.addWidget(sign, 0, Qt.AlignmentFlag.AlignTop)
            row.addWidget(plain_label(point, self, wrap=True), 1)
            column.addLayout(row)
        column.addStretch(1)
        self._restyle()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        kinds = (QEvent.Type.PaletteChange, QEvent.Type.FontChange)
        if event.type() in kinds and hasattr(self, "_heading"):
            self._restyle()

    def _restyle(self) -> None:
        theme.enlarge(self._heading, 1.0, bold=True)
        self.setMinimumWidth(theme.ems(self, 32))
        size = theme.icon_size(self, 1.0)
        ink = getattr(theme.colours(), self._tone)
        for sign in self._signs:
            sign.setPixmap(theme.icon(self._icon, colour=ink).pixmap(size))
