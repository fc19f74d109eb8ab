"""What is on its way into a list: how far each is, and why one could not come."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from desktop import theme
from desktop.plain import ElidedLabel, plain_label
from desktop.theme import SPACE


class Pending(QFrame):
    """One thing that is being checked or copied; a failure stays until it is dismissed."""

    cancelled = Signal()
    dismissed = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.name = name
        self.setAccessibleName(f"Adding {name}")
        self._failed = False
        self._icon = QLabel(self)
        self._title = ElidedLabel(name, self, Qt.TextElideMode.ElideMiddle)
        theme.enlarge(self._title, 1.0, bold=True)
        self._words = plain_label("Waiting…", self, wrap=True)
        self._words.setProperty("look", "muted")
        self._bar = QProgressBar(self)
        self._bar.setProperty("look", "slim")
        self._bar.setTextVisible(False)
        self._bar.setRange(0, 0)
        self._bar.setAccessibleName(f"Progress of adding {name}")
        self._button = QPushButton("Cancel", self)
        self._button.setAccessibleName(f"Cancel adding {name}")
        self._button.clicked.connect(self._pressed)
        words = QVBoxLayout()
        words.setSpacing(SPACE // 2)
        words.addWidget(self._title)
        words.addWidget(self._words)
        words.addWidget(self._bar)
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE * 3 // 2, SPACE, SPACE * 3 // 2, SPACE)
        row.setSpacing(SPACE * 3 // 2)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        row.addWidget(self._button, 0, Qt.AlignmentFlag.AlignVCenter)
        self._tint()

    @property
    def failed(self) -> bool:
        return self._failed

    def text(self) -> str:
        return self._words.text()

    def say(self, words: str, share: int | None) -> None:
        """``share`` is in thousandths, None where it is not known."""
        if self._failed:
            return
        self._words.setText(words)
        self._bar.setRange(0, 0 if share is None else 1000)
        self._bar.setValue(share or 0)

    def fail(self, reason: str) -> None:
        self._failed = True
        self._words.setText(reason)
        self._bar.hide()
        self._button.setText("Dismiss")
        self._button.setAccessibleName(f"Dismiss the message about {self.name}")
        self._button.setEnabled(True)
        self.setAccessibleName(f"{self.name} was not added: {reason}")
        self._words.setProperty("look", "")
        self._words.style().polish(self._words)
        self._tint()
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_button"):
            self._tint()

    def paintEvent(self, event: QPaintEvent) -> None:
        tones = theme.colours()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(tones.danger if self._failed else tones.border, 1))
        painter.setBrush(tones.raised)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 10, 10)

    def _tint(self) -> None:
        tones = theme.colours()
        name, colour = (
            ("alert-circle-outline", tones.danger)
            if self._failed
            else ("tray-arrow-down", tones.accent)
        )
        self._icon.setPixmap(theme.icon(name, colour=colour).pixmap(theme.icon_size(self, 1.2)))

    def _pressed(self) -> None:
        if self._failed:
            self.dismissed.emit()
            return
        self._button.setEnabled(False)
        self._words.setText("Stopping…")
        self.cancelled.emit()
