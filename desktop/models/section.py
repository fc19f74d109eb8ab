"""One kind of models: what it is for, and the list to choose from."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from desktop import theme
from desktop.models.offers import Offer
from desktop.models.row import ModelRow
from desktop.plain import plain_label
from desktop.theme import SPACE

_RADIUS = 10.0


class Section(QWidget):
    """A heading, a sentence, and rows in a frame. Rows keep their place while they are renewed;
    ``joined`` is called with every new row."""

    def __init__(
        self,
        heading: str,
        sentence: str,
        joined: Callable[[ModelRow], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(heading)
        self._joined = joined
        self._heading = plain_label(heading, self, wrap=True)
        self._sentence = plain_label(sentence, self, wrap=True)
        self._sentence.setProperty("look", "muted")
        self._frame = RowFrame(self)
        self.rows: list[ModelRow] = []
        column = self._column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE // 2)
        column.addWidget(self._heading)
        column.addWidget(self._sentence)
        column.addSpacing(SPACE // 2)
        column.addWidget(self._frame)
        self._scale()

    def show_offers(self, offers: Sequence[Offer], room: int) -> None:
        """List ``offers``; ``room`` is this computer's memory in bytes."""
        old = {row.offer.key: row for row in self.rows}
        if [offer.key for offer in offers] != [row.offer.key for row in self.rows]:
            self.rows = [
                old.pop(offer.key) if offer.key in old else self._new_row(offer) for offer in offers
            ]
            for row in old.values():
                self._frame.drop(row)
            for index, row in enumerate(self.rows):
                self._frame.insert(index, row)
        for row, offer in zip(self.rows, offers, strict=True):
            row.show_offer(offer, room)

    def add_note(self, note: QWidget) -> None:
        """Put something to know under the list."""
        self._column.addWidget(note)

    def _new_row(self, offer: Offer) -> ModelRow:
        row = ModelRow(offer, self._frame)
        self._joined(row)
        return row

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "_frame"):
            self._scale()

    def _scale(self) -> None:
        self._heading.setFont(theme.scaled(self.font(), 1.15, bold=True))


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
