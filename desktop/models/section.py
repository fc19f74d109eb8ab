"""One kind of models: what it is for, and the list to choose from."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop import theme
from desktop.lists.frame import RowFrame
from desktop.models.offers import Offer
from desktop.models.row import ModelRow
from desktop.plain import plain_label
from desktop.theme import SPACE


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
        theme.enlarge(self._heading, 1.15, bold=True)
