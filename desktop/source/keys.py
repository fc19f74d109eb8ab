"""What keys and the wheel do in every view of a page: zoom, and turn the page at its end."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import Qt, SignalInstance
from PySide6.QtGui import QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QScrollBar


class View(Protocol):
    @property
    def page_stepped(self) -> SignalInstance: ...

    def zoom_in(self) -> None: ...

    def zoom_out(self) -> None: ...

    def fit_width(self) -> None: ...

    def verticalScrollBar(self) -> QScrollBar: ...


def pressed(view: View, event: QKeyEvent) -> bool:
    """Do what a key is for; False where it is for something else. Escape is left to whoever
    holds the view."""
    key, bar = event.key(), view.verticalScrollBar()
    if key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
        view.zoom_in()
    elif key == Qt.Key.Key_Minus:
        view.zoom_out()
    elif key == Qt.Key.Key_0:
        view.fit_width()
    elif key == Qt.Key.Key_PageDown and bar.value() >= bar.maximum():
        view.page_stepped.emit(1)
    elif key == Qt.Key.Key_PageUp and bar.value() <= bar.minimum():
        view.page_stepped.emit(-1)
    elif key == Qt.Key.Key_Escape:
        event.ignore()
    else:
        return False
    return True


def zoomed(view: View, event: QWheelEvent) -> bool:
    """Zoom by the wheel while Ctrl is held; False where it is to scroll."""
    if not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
        return False
    if event.angleDelta().y() > 0:
        view.zoom_in()
    else:
        view.zoom_out()
    event.accept()
    return True
