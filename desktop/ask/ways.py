"""Other ways to ask what is typed than looking for its answer in some passages."""

from __future__ import annotations

from enum import Enum
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QToolButton

from desktop.ask.labels import IconButton


class Way(Enum):
    """What the person would rather have."""

    EVERY_DOCUMENT = "every document"
    WITHOUT_DOCUMENTS = "without documents"
    SUMMARY = "summary"


_WORDS = {
    Way.EVERY_DOCUMENT: "Ask every document",
    Way.WITHOUT_DOCUMENTS: "Ask the model without documents",
    Way.SUMMARY: "Summarise a document…",
}
_TIPS = {
    Way.EVERY_DOCUMENT: "What each document says about it, one after the other. It takes longer.",
    Way.WITHOUT_DOCUMENTS: "What the model has learnt. It cannot be checked here.",
    Way.SUMMARY: "The whole of one document, section by section.",
}


class WaysButton(IconButton):
    """Opens the menu. What is chosen applies to the question in the box."""

    chosen = Signal(object)  # Way

    def __init__(self) -> None:
        super().__init__("dots-horizontal", "Other ways to ask")
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        self._actions: dict[Way, QAction] = {}
        for way, words in _WORDS.items():
            if way is Way.SUMMARY:
                menu.addSeparator()
            action = self._actions[way] = menu.addAction(words)
            action.setToolTip(_TIPS[way])
            action.triggered.connect(partial(self._choose, way))
        # The box itself listens to these keys; here they are only shown.
        keys = Qt.Modifier.CTRL | Qt.Modifier.SHIFT | Qt.Key.Key_Return
        self._actions[Way.EVERY_DOCUMENT].setShortcut(QKeySequence(keys))
        self._actions[Way.EVERY_DOCUMENT].setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        self.setMenu(menu)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setStyleSheet("QToolButton::menu-indicator { image: none; width: 0; }")

    def offer(self, way: Way, offered: bool) -> None:
        self._actions[way].setVisible(offered)

    def _choose(self, way: Way, _checked: bool = False) -> None:
        self.chosen.emit(way)
