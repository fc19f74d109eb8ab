"""While an answer is on its way: what is going on, how far it is, and Stop."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QWidget

from desktop.ask.labels import TextButton
from desktop.plain import ElidedLabel

_BAR = 96  # pixels


class ProgressLine(QWidget):
    """Says one thing at a time. The bar is there once it is known how far."""

    stop_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._stop = TextButton("Stop", "stop")
        self._stop.setAccessibleName("Stop this answer")
        self._stop.clicked.connect(self.stop_wanted)
        self._bar = QProgressBar()
        self._bar.setProperty("look", "slim")
        self._bar.setTextVisible(False)
        self._bar.setFixedWidth(_BAR)
        self._bar.setRange(0, 1000)
        self._bar.setAccessibleName("Progress")
        self._bar.hide()
        self._words = ElidedLabel()
        self._words.setProperty("look", "muted")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        row.addWidget(self._stop)
        row.addWidget(self._bar, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self._words, 1)

    @property
    def text(self) -> str:
        return self._words.text()

    def say(self, words: str, share: float | None = None) -> None:
        """``share`` of the work that is done, from 0 to 1."""
        self._words.set_text(words)
        self._bar.setVisible(share is not None)
        self._bar.setValue(round(1000 * min(1.0, max(0.0, share or 0.0))))

    def allow_stop(self, allowed: bool) -> None:
        self._stop.setEnabled(allowed)
