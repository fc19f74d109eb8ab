"""macOS says by an event, not by arguments, what was double-clicked or dropped on the icon."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtWidgets import QApplication


class FileOpening(QObject):
    """Passes the wish on, for as long as it lives."""

    wished = Signal(object)  # Path

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        app.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not isinstance(event, QFileOpenEvent):
            return False
        if event.url().isLocalFile():
            self.wished.emit(Path(event.file()))
        return True
