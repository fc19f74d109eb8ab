"""Conversations as rows: under the days on which they were used last, or as they were found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt, Signal

from desktop.plain import one_line, tooltip
from engine.answers import Conversation

_Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
UNTITLED = "Untitled"


class HistoryModel(QAbstractListModel):
    """A row is a conversation or, as plain text, a day. ``query`` is what was searched for."""

    renamed = Signal(int, str)  # conversation, its new title

    def __init__(self, parent: QAbstractListModel | None = None) -> None:
        super().__init__(parent)
        self._rows: list[Conversation | str] = []
        self.query = ""

    def show(self, conversations: Sequence[Conversation], query: str = "") -> None:
        """What was found for ``query``, in that order; without one, all by day."""
        self.beginResetModel()
        self.query = query
        self._rows = (
            [_without_echo(talk) for talk in conversations]
            if query
            else _by_day(conversations, date.today())
        )
        self.endResetModel()

    def conversation(self, index: _Index) -> Conversation | None:
        """None for a day."""
        row = self._rows[index.row()] if index.isValid() else None
        return row if isinstance(row, Conversation) else None

    def conversations(self) -> list[Conversation]:
        return [row for row in self._rows if isinstance(row, Conversation)]

    def row_of(self, conversation_id: int | None) -> int:
        """-1 where it is not listed."""
        for row, found in enumerate(self._rows):
            if isinstance(found, Conversation) and found.id == conversation_id:
                return row
        return -1

    # --- Qt ---------------------------------------------------------------------------------

    def rowCount(self, parent: _Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row = self._rows[index.row()]
        if isinstance(row, str):
            return row if role == Qt.ItemDataRole.DisplayRole else None
        title = one_line(row.title) or UNTITLED
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return title
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{title}. {one_line(row.found)}" if row.found else title
        if role == Qt.ItemDataRole.ToolTipRole:
            return tooltip(title)
        return None

    def setData(self, index: _Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        talk = self.conversation(index)
        title = one_line(str(value))
        if talk is None or role != Qt.ItemDataRole.EditRole or title == one_line(talk.title):
            return False
        self.renamed.emit(talk.id, title)
        return True

    def flags(self, index: _Index) -> Qt.ItemFlag:
        if self.conversation(index) is None:
            return Qt.ItemFlag.NoItemFlags
        flag = Qt.ItemFlag
        return (
            flag.ItemIsEnabled
            | flag.ItemIsSelectable
            | flag.ItemIsEditable
            | flag.ItemNeverHasChildren
        )


def _without_echo(talk: Conversation) -> Conversation:
    """Without a place that only says what the title says."""
    found = one_line(talk.found).strip("… ").casefold()
    return replace(talk, found="") if found in one_line(talk.title).casefold() else talk


def _by_day(conversations: Sequence[Conversation], today: date) -> list[Conversation | str]:
    rows: list[Conversation | str] = []
    heading = ""
    for talk in sorted(conversations, key=lambda talk: talk.updated, reverse=True):
        day = _day(talk.updated, today)
        if day != heading:
            heading = day
            rows.append(day)
        rows.append(talk)
    return rows


def _day(moment: float, today: date) -> str:
    used = date.fromtimestamp(moment)
    if used >= today:
        return "Today"
    return "Yesterday" if used == today - timedelta(days=1) else "Earlier"
