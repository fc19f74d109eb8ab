"""The sidebar's conversations: a heading with a button for a new one, a search field, the list."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QToolButton, QVBoxLayout, QWidget

from desktop import theme
from desktop.ask.labels import Field
from desktop.bridge import Bridge
from desktop.history.list import ConversationList
from desktop.plain import ElidedLabel, plain_label
from desktop.theme import SPACE
from engine.answers import Conversation

_TYPING_MS = 80


class HistoryPanel(QWidget):
    """Keeps the list in step with the library and with what is typed. What is deleted can be
    restored for a while; offering that is the window's to do."""

    opened = Signal(int)
    new_wanted = Signal()
    deleted = Signal(int, str)  # conversation, its title
    export_wanted = Signal(int, str)  # conversation, a format's name

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._request = 0
        self._first_wanted = False  # open what is found first
        heading = ElidedLabel("Conversations", self)
        heading.setProperty("look", "muted")
        self._new = QToolButton(self)
        self._new.setProperty("look", "quiet")
        self._new.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._new.setAccessibleName("New conversation")
        self._new.setToolTip("New conversation (Ctrl+N)")
        self._new.clicked.connect(self.new_wanted)
        self.field = _SearchField()
        self.list = ConversationList(self)
        self._nothing = plain_label("", self, wrap=True)
        self._nothing.setProperty("look", "muted")
        self._nothing.setContentsMargins(SPACE, SPACE // 2, SPACE, 0)
        self._nothing.hide()
        over = QHBoxLayout()
        over.setContentsMargins(SPACE * 2, SPACE, SPACE, 0)
        over.addWidget(heading, 1)
        over.addWidget(self._new)
        below = QVBoxLayout()
        below.setContentsMargins(SPACE, SPACE // 2, SPACE, SPACE)
        below.setSpacing(SPACE)
        below.addWidget(self.field)
        below.addWidget(self._nothing)
        below.addWidget(self.list, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(over)
        column.addLayout(below, 1)

        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(_TYPING_MS)
        self._typing.timeout.connect(self.refresh)
        self.field.textChanged.connect(lambda _text: self._typing.start())
        self.field.left.connect(self.list.enter)
        self.field.returnPressed.connect(self._open_first)
        self.list.opened.connect(self.opened)
        self.list.renamed.connect(self._rename)
        self.list.deleted.connect(self._delete)
        self.list.export_wanted.connect(self.export_wanted)
        self._tint()

    # --- for the window ---------------------------------------------------------------------

    def refresh(self) -> None:
        """Look again at what the library holds."""
        self._request += 1
        request, query = self._request, self.field.text().strip()
        library = self._bridge.library

        def show(found: Sequence[Conversation]) -> None:
            if request == self._request:
                self._show(found, query)

        self._bridge.run(self, lambda: library.conversations(query), show)

    def choose(self, conversation_id: int | None) -> None:
        """Mark the one that is on screen; None marks none."""
        self.list.choose(conversation_id)

    def title_of(self, conversation_id: int) -> str:
        """Empty where it is not listed."""
        titles = {talk.id: talk.title for talk in self.list.conversations}
        return titles.get(conversation_id, "")

    def focus_search(self) -> None:
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()

    def restore(self, conversation_id: int) -> None:
        """Bring back what was deleted."""
        library = self._bridge.library
        self._bridge.run(
            self, lambda: library.restore_conversation(conversation_id), lambda _: self.refresh()
        )

    # --- what the list wants ----------------------------------------------------------------

    def _rename(self, conversation_id: int, title: str) -> None:
        library = self._bridge.library
        self._bridge.run(
            self,
            lambda: library.rename_conversation(conversation_id, title),
            lambda _: self.refresh(),
        )

    def _delete(self, conversation_id: int) -> None:
        library = self._bridge.library
        title = self.title_of(conversation_id)

        def gone(_nothing: None) -> None:
            self.refresh()
            self.deleted.emit(conversation_id, title)

        self._bridge.run(self, lambda: library.delete_conversation(conversation_id), gone)

    def _open_first(self) -> None:
        """What was typed may be ahead of the list: then as soon as it is found."""
        if self.field.text().strip():
            self._typing.stop()
            self._first_wanted = True
            self.refresh()

    def _show(self, found: Sequence[Conversation], query: str) -> None:
        if self._first_wanted and query and found:
            self.opened.emit(found[0].id)
        self._first_wanted = False
        self.list.show_conversations(found, query)
        self._nothing.setText("No conversation holds these words." if query else "")
        self._nothing.setVisible(bool(query) and not found)

    # --- looks ------------------------------------------------------------------------------

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_typing"):
            self._tint()

    def _tint(self) -> None:
        muted = theme.colours().muted
        self._new.setIconSize(theme.icon_size(self))
        self._new.setIcon(theme.icon("plus", colour=muted))
        self.field.tint()


class _SearchField(Field):
    """Esc empties it, the down key leads to what was found."""

    left = Signal()

    def __init__(self) -> None:
        super().__init__("Search conversations", "Search")
        self._sign = QAction(self)
        self.addAction(self._sign, QLineEdit.ActionPosition.LeadingPosition)
        self.setClearButtonEnabled(True)

    def tint(self) -> None:
        self._sign.setIcon(theme.icon("magnify", colour=theme.colours().muted))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Down:
            self.left.emit()
        elif event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
        else:
            super().keyPressEvent(event)
