"""The list of conversations: opened by a click or Enter, renamed in place, deleted with Delete."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPoint, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemDelegate, QAbstractItemView, QListView, QMenu, QWidget

from desktop.ask.export_menu import ExportMenu
from desktop.history.delegate import HistoryDelegate
from desktop.history.model import HistoryModel
from engine.answers import Conversation

_BATCH = 200
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class ConversationList(QListView):
    """Wishes out, conversations in. While a name is being typed the rows stay as they are."""

    opened = Signal(int)
    renamed = Signal(int, str)
    deleted = Signal(int)
    export_wanted = Signal(int, str)  # a format's name

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows = HistoryModel()
        self._rows.setParent(self)
        self._waiting: tuple[Sequence[Conversation], str] | None = None
        self._shown: int | None = None  # the conversation on screen
        self.setModel(self._rows)
        self.setItemDelegate(HistoryDelegate(self, self._rows))
        self.setAccessibleName("Conversations")
        self.setMouseTracking(True)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setLayoutMode(QListView.LayoutMode.Batched)  # thousands would hold the window up
        self.setBatchSize(_BATCH)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setEditTriggers(
            QAbstractItemView.EditTrigger.EditKeyPressed
            | QAbstractItemView.EditTrigger.DoubleClicked
        )
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._menu_at)
        self.clicked.connect(self._clicked)
        self._rows.renamed.connect(self.renamed)

    def show_conversations(self, conversations: Sequence[Conversation], query: str = "") -> None:
        """All of them, or those that were found for ``query``, best first."""
        if self.state() == QAbstractItemView.State.EditingState:
            self._waiting = (conversations, query)
            return
        self._waiting = None
        scrolled = self.verticalScrollBar().value() if query == self._rows.query else 0
        self._rows.show(conversations, query)
        self._mark()
        self.verticalScrollBar().setValue(scrolled)

    @property
    def conversations(self) -> list[Conversation]:
        """As they are listed."""
        return self._rows.conversations()

    @property
    def current(self) -> Conversation | None:
        return self._rows.conversation(self.currentIndex())

    def choose(self, conversation_id: int | None) -> None:
        """Mark the one that is on screen; None marks none."""
        self._shown = conversation_id
        self._mark()

    def enter(self) -> None:
        """Take the focus, on the first conversation unless one is marked."""
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        if self.current is None and self._rows.conversations():
            first = self._rows.row_of(self._rows.conversations()[0].id)
            self.setCurrentIndex(self._rows.index(first))

    def rename(self, conversation_id: int) -> None:
        """Begin to type another name for it."""
        index = self._rows.index(self._rows.row_of(conversation_id))
        if index.isValid():
            self.setCurrentIndex(index)
            self.edit(index)

    def menu_for(self, talk: Conversation) -> QMenu:
        """What can be done with a conversation."""
        menu = QMenu(self)
        menu.addAction("Open", lambda: self.opened.emit(talk.id))
        menu.addAction("Rename", lambda: self.rename(talk.id)).setShortcut(Qt.Key.Key_F2)
        export = ExportMenu(menu, "Export")
        export.chosen.connect(lambda form: self.export_wanted.emit(talk.id, form))
        menu.addMenu(export)
        menu.addSeparator()
        delete = menu.addAction("Delete", lambda: self.deleted.emit(talk.id))
        delete.setShortcut(Qt.Key.Key_Delete)
        return menu

    # --- Qt ---------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        talk, key = self.current, event.key()
        if talk is not None and key in _ENTER:
            self.opened.emit(talk.id)
        elif talk is not None and key == Qt.Key.Key_Delete:
            self.deleted.emit(talk.id)
        elif talk is not None and key == Qt.Key.Key_F2:
            self.rename(talk.id)
        else:
            super().keyPressEvent(event)

    def closeEditor(self, editor: QWidget, hint: QAbstractItemDelegate.EndEditHint) -> None:
        super().closeEditor(editor, hint)
        if self._waiting is not None:
            self.show_conversations(*self._waiting)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.scheduleDelayedItemsLayout()

    def _mark(self) -> None:
        row = self._rows.row_of(self._shown)
        with QSignalBlocker(self.selectionModel()):
            self.setCurrentIndex(self._rows.index(row) if row >= 0 else QModelIndex())
        self.viewport().update()

    def _clicked(self, index: QModelIndex) -> None:
        talk = self._rows.conversation(index)
        # the second click of two begins to rename
        if talk is not None and self.state() != QAbstractItemView.State.EditingState:
            self.opened.emit(talk.id)

    def _menu_at(self, at: QPoint) -> None:
        talk = self._rows.conversation(self.indexAt(at))
        if talk is not None:
            menu = self.menu_for(talk)
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.popup(self.viewport().mapToGlobal(at))
