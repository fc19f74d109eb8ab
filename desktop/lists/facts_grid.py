"""Labels with their values, one or two beside each other."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from desktop.plain import ElidedLabel, plain_label
from desktop.theme import SPACE

_LONG = 60  # characters without a space, from which on a value is elided
Fact = tuple[str, str | QWidget]


class FactsGrid(QWidget):
    """As high as its facts need."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._facts: tuple[Fact, ...] = ()
        self._shown: list[tuple[QWidget, QWidget]] = []
        self._columns = 1
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(SPACE * 2)
        self._grid.setVerticalSpacing(SPACE // 2)
        self._grid.setColumnStretch(1, 1)

    def show_facts(self, facts: Sequence[Fact]) -> None:
        """A value is text, or a part that shows it."""
        if tuple(facts) == self._facts:
            return
        self._facts = tuple(facts)
        for old in (part for pair in self._shown for part in pair):
            self._grid.removeWidget(old)
            old.hide()
            old.deleteLater()
        self._shown = [(self._name(label), self._value(value)) for label, value in facts]
        self._lay()

    def set_columns(self, columns: int) -> None:
        """So many facts stand beside each other."""
        if columns != self._columns:
            self._columns = columns
            self._grid.setColumnStretch(3, columns - 1)
            self._lay()

    def _lay(self) -> None:
        for number, pair in enumerate(self._shown):
            row, column = number // self._columns, number % self._columns * 2
            for part in pair:
                self._grid.removeWidget(part)
                self._grid.addWidget(part, row, column, Qt.AlignmentFlag.AlignTop)
                part.show()  # else it counts for nothing until Qt comes to it
                column += 1

    def _name(self, label: str) -> QWidget:
        name = plain_label(label, self)
        name.setProperty("look", "muted")
        name.style().polish(name)
        return name

    def _value(self, value: str | QWidget) -> QWidget:
        if isinstance(value, QWidget):
            return value
        if len(value) >= _LONG and " " not in value:
            return ElidedLabel(value, self, Qt.TextElideMode.ElideMiddle)
        return plain_label(value, self, wrap=True)
