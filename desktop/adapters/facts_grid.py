"""Labels with their values, one or two beside each other."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from desktop.plain import ElidedLabel, plain_label
from desktop.theme import SPACE

_LONG = 60  # characters without a space, from which on a value is elided


class FactsGrid(QWidget):
    """As high as its facts need."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._facts: tuple[tuple[str, str], ...] = ()
        self._columns = 1
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(SPACE * 2)
        self._grid.setVerticalSpacing(SPACE // 2)
        self._grid.setColumnStretch(1, 1)

    def show_facts(self, facts: Sequence[tuple[str, str]], columns: int) -> None:
        """``columns`` facts stand beside each other."""
        if (tuple(facts), columns) == (self._facts, self._columns):
            return
        self._facts, self._columns = tuple(facts), columns
        self._grid.setColumnStretch(3, columns - 1)
        while item := self._grid.takeAt(0):
            if widget := item.widget():
                widget.hide()
                widget.deleteLater()
        for number, (label, value) in enumerate(facts):
            row, column = number // columns, number % columns * 2
            name = plain_label(label, self)
            name.setProperty("look", "muted")
            name.style().polish(name)
            long = len(value) >= _LONG and " " not in value
            said: QWidget = (
                ElidedLabel(value, self, Qt.TextElideMode.ElideMiddle)
                if long
                else plain_label(value, self, wrap=True)
            )
            self._grid.addWidget(name, row, column, Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(said, row, column + 1, Qt.AlignmentFlag.AlignTop)
            for part in (name, said):  # else they count for nothing until Qt comes to it
                part.show()
