"""The frame around the rows of a list."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from desktop import theme
from desktop.theme import SPACE

_RADIUS = 10.0


class RowFrame(QFrame):
    """A rounded border with a line between the parts."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(1, 1, 1, 1)
        self._column.setSpacing(0)

    def insert(self, index: int, widget: QWidget) -> None:
        self._column.insertWidget(index, widget)
        widget.show()

    def drop(self, widget: QWidget) -> None:
        self._column.removeWidget(widget)
        widget.hide()
        widget.deleteLater()

    def paintEvent(self, event: QPaintEvent) -> None:
        tones = theme.colours()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(tones.border, 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(
            QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), _RADIUS, _RADIUS
        )
        for index in range(1, self._column.count()):
            item = self._column.itemAt(index)
            top = (item.geometry().top() if item is not None else 0) + 0.5
            painter.drawLine(QPointF(SPACE * 2, top), QPointF(self.width() - SPACE * 2, top))
