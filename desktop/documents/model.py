"""The list of documents as Qt's table views want it. Rows are ledger entries, already arranged."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtCore import (
    QAbstractTableModel,
    QDateTime,
    QItemSelection,
    QItemSelectionRange,
    QLocale,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
)
from PySide6.QtGui import QColor, QIcon

from desktop import theme
from desktop.documents.arranging import Column
from desktop.documents.wording import STATES, UNSEEN, file_size, hides, kind_of, title
from desktop.plain import one_line, tooltip
from engine.records import DocumentState, LedgerEntry

_HEADINGS = {
    Column.TITLE: "Document",
    Column.FILE: "File",
    Column.STATE: "State",
    Column.TYPE: "Type",
    Column.PAGES: "Pages",
    Column.MODIFIED: "Changed",
    Column.SIZE: "Size",
}
_ATTACHED = "    ↳ "
_RIGHT = {Column.PAGES, Column.SIZE}
_ROOT = QModelIndex()
Index = QModelIndex | QPersistentModelIndex


class DocumentsModel(QAbstractTableModel):
    """Nothing is worked out before a row is seen, so that 100,000 rows cost what 30 do."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: Sequence[LedgerEntry] = ()
        self._icons: dict[DocumentState, QIcon] = {}
        self._inks: dict[DocumentState, QColor] = {}
        self._locale = QLocale()
        self.tint()

    def tint(self) -> None:
        """Take icons and colours from the theme as it is now."""
        tones = theme.colours()
        self._faint = tones.muted
        self._hides = theme.icon("eye-off-outline", colour=tones.warning)
        for state, words in STATES.items():
            self._inks[state] = words.colour(tones)
            self._icons[state] = theme.icon(words.icon, colour=self._inks[state])

    def show(self, rows: Sequence[LedgerEntry]) -> None:
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()

    def entry(self, row: int) -> LedgerEntry:
        return self._rows[row]

    def selection_of(self, document_ids: Iterable[int]) -> QItemSelection:
        """The rows of these documents as few ranges; those not listed are left out."""
        wanted = set(document_ids)
        rows = [row for row, entry in enumerate(self._rows) if entry.document_id in wanted]
        selection = QItemSelection()
        first = 0
        for position, row in enumerate(rows):
            if position + 1 == len(rows) or rows[position + 1] != row + 1:
                selection.append(
                    QItemSelectionRange(
                        self.index(rows[first], 0), self.index(row, len(Column) - 1)
                    )
                )
                first = position + 1
        return selection

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(Column)

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> object:
        if orientation == Qt.Orientation.Horizontal:
            if role == Qt.ItemDataRole.DisplayRole:
                return _HEADINGS[Column(section)]
            if role == Qt.ItemDataRole.TextAlignmentRole:
                return _alignment(Column(section))
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        entry, column = self._rows[index.row()], Column(index.column())
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(entry, column)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column)
        if role == Qt.ItemDataRole.ToolTipRole:
            full = entry.path if column is Column.TITLE else self._text(entry, column)
            return tooltip(full)
        if column is Column.TITLE:
            if role == Qt.ItemDataRole.DecorationRole and hides(entry):
                return self._hides
            if role == Qt.ItemDataRole.AccessibleDescriptionRole and hides(entry):
                return f"Holds {UNSEEN}"
            if role == Qt.ItemDataRole.ForegroundRole and not entry.available:
                return self._faint
        if column is Column.STATE:
            if role == Qt.ItemDataRole.DecorationRole:
                return self._icons[entry.state]
            if role == Qt.ItemDataRole.ForegroundRole and entry.state is not DocumentState.INDEXED:
                return self._inks[entry.state]
        return None

    def _text(self, entry: LedgerEntry, column: Column) -> str:
        match column:
            case Column.TITLE:
                named = one_line(title(entry))
                return f"{_ATTACHED}{named}" if entry.parent_id is not None else named
            case Column.FILE:
                return one_line(entry.path)
            case Column.STATE:
                short = STATES[entry.state].short
                return one_line(f"{short}: {entry.reason}" if entry.reason else short)
            case Column.TYPE:
                return kind_of(entry)
            case Column.PAGES:
                return f"{entry.pages:,}" if entry.pages else ""
            case Column.MODIFIED:
                if entry.modified <= 0:
                    return ""
                when = QDateTime.fromSecsSinceEpoch(int(entry.modified))
                return self._locale.toString(when.date(), QLocale.FormatType.ShortFormat)
            case Column.SIZE:
                return file_size(entry.size)


def _alignment(column: Column) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column in _RIGHT else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter
