"""A list that scrolls, with the details of one of its rows."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QScrollArea, QWidget

from desktop import theme
from desktop.lists.details import DetailsPane
from desktop.theme import SPACE

_WIDEST = 112  # average characters of the list
_TWO = 72  # from this width on, two facts have room beside each other
_BESIDE = 118  # from this width on the details stand beside the list
_DETAILS = 46  # their width there
_ENDLESS = 16_777_215  # what Qt takes for no limit


class ListWithDetails(QWidget):
    """``details`` stand beside ``page`` where there is room, else below it and no higher than
    needed."""

    def __init__(self, page: QWidget, details: DetailsPane, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._page, self._details = page, details
        middle = QWidget(self)
        around = QHBoxLayout(middle)
        around.setContentsMargins(0, 0, 0, 0)
        around.addWidget(page, 1)
        self.area = QScrollArea(self)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setWidgetResizable(True)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.setWidget(middle)
        self._halves = QBoxLayout(QBoxLayout.Direction.TopToBottom, self)
        self._halves.setContentsMargins(0, 0, 0, 0)
        self._halves.setSpacing(0)
        self._halves.addWidget(self.area, 1)
        self._halves.addWidget(details)
        details.hide()  # until there is a row to speak of

    def reveal(self, row: QWidget, margin: int = SPACE) -> None:
        """Scroll to a row, once it has its place."""
        QTimer.singleShot(0, row, lambda: self.area.ensureWidgetVisible(row, 0, margin))

    def reveal_top(self) -> None:
        self.area.verticalScrollBar().setValue(0)

    def place_details(self) -> None:
        """To be called when they say something else."""
        self._page.setMaximumWidth(theme.ems(self, _WIDEST))
        beside = self.width() > theme.ems(self, _BESIDE)
        directions = QBoxLayout.Direction
        self._halves.setDirection(directions.LeftToRight if beside else directions.TopToBottom)
        two = not beside and self.width() > theme.ems(self, _TWO)
        details = self._details
        details.set_place(beside, 2 if two else 1)
        if beside:
            details.setFixedWidth(theme.ems(self, _DETAILS))
            details.setMinimumHeight(0)
            details.setMaximumHeight(_ENDLESS)
        else:
            details.setMinimumWidth(0)
            details.setMaximumWidth(_ENDLESS)
            details.resize(self.width(), details.height())
            details.setFixedHeight(min(details.wanted_height(), self.height() * 2 // 5))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.place_details()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "_halves"):
            self.place_details()
