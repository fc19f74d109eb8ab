"""Asks which document is meant: a few letters of its name and Enter."""

from __future__ import annotations

from pathlib import PurePath

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from desktop import theme
from desktop.ask.choices import Choices
from desktop.ask.labels import Field
from desktop.plain import one_line, plain_label, tooltip
from desktop.theme import SPACE

_PATH = Qt.ItemDataRole.UserRole
_ROWS = 10


class DocumentPicker(QDialog):
    """Lists the first documents that match; typing narrows, arrows choose, Enter picks."""

    picked = Signal(int, str)  # document, what it is called

    def __init__(self, question: str, choices: Choices, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._choices = choices
        self.setWindowTitle(question.rstrip("?"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        heading = plain_label(question, self)
        theme.enlarge(heading, 1.15, bold=True)
        self._field = _Field(self)
        self._list = QListWidget(self)
        self._list.setProperty("look", "plain")
        self._list.setAccessibleName("Documents")
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self._list.itemActivated.connect(self._pick)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, self)
        self._go = buttons.addButton("Summarise", QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.accepted.connect(self._accepted)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE * 3, SPACE * 3, SPACE * 3, SPACE * 2)
        column.setSpacing(SPACE * 3 // 2)
        for widget in (heading, self._field, self._list, buttons):
            column.addWidget(widget)
        self._field.textChanged.connect(self._narrow)
        self._field.stepped.connect(self._step)
        self._list.currentRowChanged.connect(lambda row: self._go.setEnabled(row >= 0))
        self._narrow("")
        self.resize(theme.ems(self, 70), self._list.sizeHintForRow(0) * _ROWS + theme.ems(self, 28))

    def _narrow(self, words: str) -> None:
        self._list.clear()
        for path in self._choices.matching(words.strip()):
            item = QListWidgetItem(one_line(path), self._list)
            item.setData(_PATH, path)
            item.setToolTip(tooltip(path))
        self._list.setCurrentRow(0 if self._list.count() else -1)
        self._go.setEnabled(self._list.count() > 0)

    def _step(self, by: int) -> None:
        row = self._list.currentRow() + by
        self._list.setCurrentRow(max(0, min(self._list.count() - 1, row)))

    def _accepted(self) -> None:
        item = self._list.currentItem()
        if item is not None:
            self._pick(item)

    def _pick(self, item: QListWidgetItem) -> None:
        path: str = item.data(_PATH)
        self.picked.emit(self._choices.documents[path], PurePath(path).stem)
        self.accept()


class _Field(Field):
    """The arrow keys move the choice in the list below."""

    stepped = Signal(int)

    def __init__(self, parent: QWidget) -> None:
        super().__init__("Name of the document", "Part of its name")
        self.setParent(parent)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self.stepped.emit(1 if event.key() == Qt.Key.Key_Down else -1)
            return
        super().keyPressEvent(event)
