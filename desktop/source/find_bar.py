"""Find in page: a field, how many, next and previous."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from desktop.ask.labels import Field, IconButton, Label

_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class FindBar(QWidget):
    """Says what is looked for; somebody else looks and says how many."""

    searched = Signal(str)
    stepped = Signal(int)
    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._edit = Field("Find in this page", "Find in this page")
        self._edit.setClearButtonEnabled(True)
        self._edit.textChanged.connect(self.searched)
        self._edit.installEventFilter(self)
        self._count = Label(size=0.9, ink="muted")
        back = IconButton("chevron-up", "Previous match (Shift+Enter)")
        back.clicked.connect(lambda: self.stepped.emit(-1))
        on = IconButton("chevron-down", "Next match (Enter)")
        on.clicked.connect(lambda: self.stepped.emit(1))
        close = IconButton("close", "Close find (Esc)")
        close.clicked.connect(self.closed)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 4, 8, 6)
        row.setSpacing(4)
        row.addWidget(self._edit, 1)
        row.addWidget(self._count)
        row.addWidget(back)
        row.addWidget(on)
        row.addWidget(close)
        self.hide()

    @property
    def words(self) -> str:
        return self._edit.text() if not self.isHidden() else ""

    def open_bar(self) -> None:
        self.show()
        self._edit.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._edit.selectAll()
        self.searched.emit(self._edit.text())

    def say(self, current: int, count: int) -> None:
        """``current`` is 0-based."""
        if not self._edit.text().strip():
            self._count.setText("")
        else:
            self._count.setText(f"{current + 1} of {count:,}" if count else "None")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            # Taken before the window's own Esc, which would close the whole pane.
            if event.type() == QEvent.Type.ShortcutOverride:
                event.accept()
                return True
            if event.type() == QEvent.Type.KeyPress:
                self.closed.emit()
                return True
        if (
            event.type() == QEvent.Type.KeyPress
            and isinstance(event, QKeyEvent)
            and event.key() in _ENTER
        ):
            back = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
            self.stepped.emit(-1 if back else 1)
            return True
        return super().eventFilter(watched, event)
