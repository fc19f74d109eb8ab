"""A sheet as Qt's table views want it."""

from __future__ import annotations

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from desktop.source.inert import LINE_END
from desktop.source.sheet import Sheet

_ROOT = QModelIndex()
Index = QModelIndex | QPersistentModelIndex


class SheetModel(QAbstractTableModel):
    """Cells are cut out of the text when they are seen."""

    def __init__(self) -> None:
        super().__init__()
        self.sheet: Sheet | None = None

    def show(self, sheet: Sheet) -> None:
        self.beginResetModel()
        self.sheet = sheet
        self.endResetModel()

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() or self.sheet is None else len(self.sheet.rows)

    def columnCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() or self.sheet is None else self.sheet.columns

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        sheet = self.sheet
        if sheet is None or not index.isValid() or role != Qt.ItemDataRole.DisplayRole:
            return None
        spans = sheet.spans(sheet.rows[index.row()])
        start, end = spans[index.column()] if index.column() < len(spans) else (0, 0)
        return sheet.text[start:end]

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> object:
        sheet = self.sheet
        if sheet is None or role != Qt.ItemDataRole.DisplayRole:
            return None
        if orientation == Qt.Orientation.Vertical:
            number = section - len(sheet.rows) + len(sheet.numbers)
            return f"{sheet.numbers[number]:,}" if number >= 0 and sheet.numbers else ""
        spans = ((row.text, row.cells[section]) for row in sheet.head if section < len(row.cells))
        return LINE_END.join(text[start:end] for text, (start, end) in spans if start < end)
