"""The left side: which library, which view, the conversations, and the activity at the foot."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from desktop import theme
from desktop.activity import Activity
from desktop.bridge import Bridge
from desktop.history.panel import HistoryPanel
from desktop.plain import ElidedLabel
from desktop.theme import SPACE

VIEWS = {
    "ask": ("Ask", "comment-question-outline"),
    "documents": ("Documents", "file-document-multiple-outline"),
    "models": ("Models", "cube-outline"),
    "adapters": ("Adapters", "tune-variant"),
}


class Sidebar(QFrame):
    """Navigation. What it asks for, the window does."""

    view_chosen = Signal(str)  # a key of VIEWS

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        encrypted = bridge.library.encrypted
        self.setObjectName("sidebar")
        self.setAutoFillBackground(True)
        self._encrypted = encrypted
        self._icon = QLabel(self)
        name = ElidedLabel(bridge.library.name, self)
        theme.enlarge(name, 1.1, bold=True)
        name.setAccessibleName(
            f"Library {bridge.library.name}, {'encrypted' if encrypted else 'not encrypted'}"
        )
        self._icon.setToolTip(
            "This library is encrypted with a passphrase" if encrypted else "Library"
        )
        self._group = QButtonGroup(self)
        self._views = {key: self._view_button(key) for key in VIEWS}
        self.history = HistoryPanel(bridge, self)
        self.activity = Activity(bridge, self)
        line = QFrame(self)
        line.setProperty("look", "line")

        title = QHBoxLayout()
        title.setContentsMargins(SPACE * 3 // 2, SPACE * 3 // 2, SPACE * 3 // 2, SPACE)
        title.setSpacing(SPACE)
        title.addWidget(self._icon)
        title.addWidget(name, 1)
        views = QVBoxLayout()
        views.setContentsMargins(SPACE, 0, SPACE, SPACE)
        views.setSpacing(2)
        for button in self._views.values():
            views.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(title)
        column.addLayout(views)
        column.addWidget(self.history, 1)
        column.addWidget(line)
        column.addWidget(self.activity)
        self.setMinimumWidth(theme.ems(self, 26))
        self._tint()

    def offer(self, key: str, offered: bool) -> None:
        """Whether there is a way to this view."""
        self._views[key].setVisible(offered)

    def show_view(self, key: str) -> None:
        self._views[key].setChecked(True)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "activity"):
            self._tint()

    def _view_button(self, key: str) -> QPushButton:
        button = QPushButton(VIEWS[key][0], self)
        button.setCheckable(True)
        button.setProperty("look", "quiet")
        button.clicked.connect(lambda: self.view_chosen.emit(key))
        self._group.addButton(button)
        return button

    def _tint(self) -> None:
        tones = theme.colours()
        size = theme.icon_size(self, 1.2)
        icon = theme.icon("lock-outline" if self._encrypted else "bookshelf", colour=tones.accent)
        self._icon.setPixmap(icon.pixmap(size))
        for key, button in self._views.items():
            button.setIcon(theme.icon(VIEWS[key][1]))
            button.setIconSize(size)
