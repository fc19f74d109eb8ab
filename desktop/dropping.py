"""Files and folders dropped anywhere on the window.

Text boxes would take a dropped path as text, so drops of local files are met at the native
window, before Qt looks for the widget below the pointer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QObject, Qt, Signal
from PySide6.QtGui import QColor, QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QLabel, QWidget

from desktop import theme


def local_paths(mime: QMimeData) -> list[Path]:
    return [Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile()]


class Drops(QObject):
    """Watches a window for dropped files; while they hover, a veil says what will happen, in the
    words that ``explain`` has for them."""

    dropped = Signal(list)  # of Path

    def __init__(self, window: QWidget, explain: Callable[[Sequence[Path]], str]) -> None:
        super().__init__(window)
        self._window = window
        self._explain = explain
        self._veil = _Veil(window)
        window.setAcceptDrops(True)
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind == QEvent.Type.Show and watched is self._window:
            handle = self._window.windowHandle()
            if handle is not None:
                handle.removeEventFilter(self)
                handle.installEventFilter(self)
        elif isinstance(event, (QDragEnterEvent, QDragMoveEvent)):
            if paths := local_paths(event.mimeData()):
                event.setDropAction(Qt.DropAction.CopyAction)
                event.accept()
                if self._veil.isHidden():
                    self._veil.lower_over(self._window, self._explain(paths))
                return True
        elif isinstance(event, QDropEvent):
            self._veil.hide()
            if paths := local_paths(event.mimeData()):
                event.setDropAction(Qt.DropAction.CopyAction)
                event.accept()
                self.dropped.emit(paths)
                return True
        elif kind == QEvent.Type.DragLeave:
            self._veil.hide()
        return False


class _Veil(QLabel):
    """Lies over the window while something is dragged over it."""

    def __init__(self, window: QWidget) -> None:
        super().__init__("", window)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        theme.enlarge(self, 1.5, bold=True)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAutoFillBackground(True)
        self.hide()

    def lower_over(self, window: QWidget, words: str) -> None:
        self.setText(words)
        tones = theme.colours()
        palette = self.palette()
        shade = QColor(tones.accent_soft)
        shade.setAlpha(235)
        palette.setColor(self.backgroundRole(), shade)
        palette.setColor(self.foregroundRole(), tones.text)
        self.setPalette(palette)
        self.setGeometry(window.rect())
        self.show()
        self.raise_()
