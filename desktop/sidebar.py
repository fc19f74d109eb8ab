"""The left side: which library, which view, the conversations, and the activity at the foot."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QInputDialog,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QMessageBox,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from desktop import theme
from desktop.activity import Activity
from desktop.bridge import Bridge
from desktop.plain import ElidedLabel, one_line, plain_label, tooltip
from desktop.theme import SPACE
from engine.answers import Conversation

_ID = Qt.ItemDataRole.UserRole
VIEWS = {
    "ask": ("Ask", "comment-question-outline"),
    "documents": ("Documents", "file-document-multiple-outline"),
}


class ConversationList(QListWidget):
    """Conversations, newest first; rename and delete by context menu, F2 and Delete."""

    opened = Signal(int)
    renamed = Signal(int, str)
    deleted = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Conversations")
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._menu)
        self.itemClicked.connect(lambda item: self.opened.emit(item.data(_ID)))

    def show_conversations(self, conversations: Sequence[Conversation]) -> None:
        chosen = self.current_id
        self.clear()
        for talk in sorted(conversations, key=lambda talk: talk.updated, reverse=True):
            item = QListWidgetItem(one_line(talk.title) or "Untitled", self)
            item.setData(_ID, talk.id)
            item.setToolTip(tooltip(talk.title))
            if talk.id == chosen:
                self.setCurrentItem(item)

    @property
    def current_id(self) -> int | None:
        item = self.currentItem()
        number: int | None = item.data(_ID) if item is not None else None
        return number

    def choose(self, conversation_id: int | None) -> None:
        """Mark the one that is shown; None marks none."""
        for row in range(self.count()):
            if self.item(row).data(_ID) == conversation_id:
                self.setCurrentRow(row)
                return
        self.setCurrentRow(-1)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        item, key = self.currentItem(), event.key()
        if item is None:
            super().keyPressEvent(event)
        elif key == Qt.Key.Key_F2:
            self._rename(item)
        elif key == Qt.Key.Key_Delete:
            self._delete(item)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.opened.emit(item.data(_ID))
        else:
            super().keyPressEvent(event)

    def _menu(self, at: QPoint) -> None:
        item = self.itemAt(at)
        if item is None:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Rename…", lambda: self._rename(item))
        menu.addAction("Delete…", lambda: self._delete(item))
        menu.popup(self.viewport().mapToGlobal(at))

    def _rename(self, item: QListWidgetItem) -> None:
        number = item.data(_ID)
        dialog = QInputDialog(self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setWindowTitle("Rename conversation")
        dialog.setLabelText("Name:")
        dialog.setTextValue(item.text())

        def done(text: str) -> None:
            if text.strip():
                self.renamed.emit(number, text.strip())

        dialog.textValueSelected.connect(done)
        dialog.open()

    def _delete(self, item: QListWidgetItem) -> None:
        number = item.data(_ID)
        box = QMessageBox(self)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setIcon(QMessageBox.Icon.Question)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setWindowTitle("Delete conversation")
        box.setText(f"Delete “{item.text()}”?")
        box.setInformativeText("Its questions and answers go for good. Your documents stay.")
        delete = box.addButton("Delete", QMessageBox.ButtonRole.DestructiveRole)
        box.setDefaultButton(box.addButton(QMessageBox.StandardButton.Cancel))
        delete.clicked.connect(lambda: self.deleted.emit(number))
        box.open()


class Sidebar(QFrame):
    """Navigation. What it asks for, the window does."""

    view_chosen = Signal(str)  # a key of VIEWS
    new_conversation = Signal()

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        encrypted = bridge.library.encrypted
        self.setObjectName("sidebar")
        self.setAutoFillBackground(True)
        self._encrypted = encrypted
        self._icon = QLabel(self)
        name = ElidedLabel(bridge.library.name, self)
        name.setFont(theme.scaled(self.font(), 1.1, bold=True))
        name.setAccessibleName(
            f"Library {bridge.library.name}, {'encrypted' if encrypted else 'not encrypted'}"
        )
        self._icon.setToolTip(
            "This library is encrypted with a passphrase" if encrypted else "Library"
        )
        self._group = QButtonGroup(self)
        self._views = {key: self._view_button(key) for key in VIEWS}
        heading = plain_label("Conversations", self)
        heading.setProperty("look", "muted")
        self._new = QToolButton(self)
        self._new.setProperty("look", "quiet")
        self._new.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._new.setAccessibleName("New conversation")
        self._new.setToolTip("New conversation")
        self._new.clicked.connect(self.new_conversation)
        self.conversations = ConversationList(self)
        self.activity = Activity(bridge, self)
        line = QFrame(self)
        line.setProperty("look", "line")

        title = QHBoxLayout()
        title.setContentsMargins(SPACE * 3 // 2, SPACE * 3 // 2, SPACE * 3 // 2, SPACE)
        title.setSpacing(SPACE)
        title.addWidget(self._icon)
        title.addWidget(name, 1)
        views = QVBoxLayout()
        views.setContentsMargins(SPACE, 0, SPACE, SPACE)
        views.setSpacing(2)
        for button in self._views.values():
            views.addWidget(button)
        over = QHBoxLayout()
        over.setContentsMargins(SPACE * 2, SPACE, SPACE, 0)
        over.addWidget(heading, 1)
        over.addWidget(self._new)
        talks = QVBoxLayout()
        talks.setContentsMargins(SPACE, 0, SPACE, SPACE)
        talks.addWidget(self.conversations)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(title)
        column.addLayout(views)
        column.addLayout(over)
        column.addLayout(talks, 1)
        column.addWidget(line)
        column.addWidget(self.activity)
        self.setMinimumWidth(theme.ems(self, 26))
        self._tint()

    def show_view(self, key: str) -> None:
        self._views[key].setChecked(True)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "activity"):
            self._tint()

    def _view_button(self, key: str) -> QPushButton:
        button = QPushButton(VIEWS[key][0], self)
        button.setCheckable(True)
        button.setProperty("look", "quiet")
        button.clicked.connect(lambda: self.view_chosen.emit(key))
        self._group.addButton(button)
        return button

    def _tint(self) -> None:
        tones = theme.colours()
        size = theme.icon_size(self, 1.2)
        icon = theme.icon("lock-outline" if self._encrypted else "bookshelf", colour=tones.accent)
        self._icon.setPixmap(icon.pixmap(size))
        for key, button in self._views.items():
            button.setIcon(theme.icon(VIEWS[key][1]))
            button.setIconSize(size)
        self._new.setIconSize(theme.icon_size(self))
        self._new.setIcon(theme.icon("plus", colour=tones.muted))
