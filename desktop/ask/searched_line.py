"""What a follow-up was taken to mean, ready to be put right."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QStackedWidget, QWidget

from desktop.ask.labels import Field, IconButton
from desktop.plain import ElidedLabel, one_line


class SearchedLine(QWidget):
    """A quiet line; the pencil turns it into a field, Enter asks for what is in that."""

    asked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._searched = ""
        self._words = ElidedLabel()
        self._words.setProperty("look", "muted")
        self._words.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._change = IconButton("pencil-outline", "Change what was searched for, and ask again")
        self._change.clicked.connect(self.edit)
        self._field = _Field("What to search for")
        self._field.returnPressed.connect(self._submit)
        self._field.left.connect(self._leave)
        reading = QWidget()
        row = QHBoxLayout(reading)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self._words)
        row.addWidget(self._change)
        row.addStretch(1)
        self._sides = QStackedWidget()
        self._sides.addWidget(reading)
        self._sides.addWidget(self._field)
        column = QHBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._sides)
        self.hide()

    @property
    def text(self) -> str:
        return "" if self.isHidden() else self._words.text()

    def show_searched(self, searched: str) -> None:
        """Nothing is shown for a question that spoke for itself."""
        self._searched = one_line(searched)
        self._words.set_text(f"Searched for: {self._searched}")
        self.setVisible(bool(self._searched))

    def edit(self) -> None:
        self._field.setText(self._searched)
        self._sides.setCurrentWidget(self._field)
        self._field.setFocus(Qt.FocusReason.OtherFocusReason)
        self._field.selectAll()

    def _submit(self) -> None:
        wanted = self._field.text().strip()
        self._leave()
        if wanted and wanted != self._searched:
            self.asked.emit(wanted)

    def _leave(self) -> None:
        focused = self._field.hasFocus()
        self._sides.setCurrentIndex(0)
        if focused:
            self._change.setFocus(Qt.FocusReason.OtherFocusReason)


class _Field(Field):
    """Esc leaves it as it was."""

    left = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
            return
        super().keyPressEvent(event)
