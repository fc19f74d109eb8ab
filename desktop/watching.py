"""Notices what happens to files of the followed folders, and tells of it calmly."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import shiboken6
from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

if TYPE_CHECKING:
    from engine.library import Library
    from engine.watching import Watch

CALM_MS = 5000  # between two tellings; a file that is written all day would tell all day


class FolderWatch(QObject):
    """Watches the folders that the library follows, whichever these are at the time. What changes
    while it keeps calm is told of once, afterwards."""

    changed = Signal()
    _heard = Signal()

    def __init__(self, library: Library, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._library = library
        self._lock = threading.Lock()
        self._watch: Watch | None = None
        self._closed = False
        self._again = False
        self._calm = QTimer(self)
        self._calm.setSingleShot(True)
        self._calm.setInterval(CALM_MS)
        self._calm.timeout.connect(self._calmed)
        self._heard.connect(self._tell, Qt.ConnectionType.QueuedConnection)

    def begin(self) -> None:
        """Notice what happens from now on. Blocks; may be called from any thread."""
        with self._lock:
            if self._watch is None and not self._closed:
                self._watch = self._library.watch(self._hear)

    def close(self) -> None:
        """Notice nothing more. May be called from any thread."""
        with self._lock:
            self._closed = True
            if self._watch is not None:
                self._watch.close()

    def _hear(self) -> None:
        """Called by the engine, on a thread of its own."""
        if shiboken6.isValid(self):
            self._heard.emit()

    @Slot()
    def _tell(self) -> None:
        if self._calm.isActive():
            self._again = True
        elif not self._closed:
            self._calm.start()
            self.changed.emit()

    def _calmed(self) -> None:
        if self._again:
            self._again = False
            self._tell()
