"""The one place that speaks to the person: slim notices above the view, never in the way."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from enum import StrEnum

from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QAccessible, QAccessibleEvent, QFontDatabase, QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from desktop import theme
from desktop.plain import plain_label
from desktop.theme import SPACE
from engine.errors import CancelledError, CarrelError

_MOST = 3
_INFO_MS = 8000


class Rank(StrEnum):
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


_ICONS = {
    Rank.INFO: "information-outline",
    Rank.WARNING: "alert-outline",
    Rank.ERROR: "alert-circle-outline",
}


class Action:
    """A button on a notice: its words, and what it does."""

    def __init__(self, words: str, act: Callable[[], object]) -> None:
        self.words, self.act = words, act


class Notice(QFrame):
    """One sentence with an icon, an optional action and a button that dismisses it."""

    def __init__(self, rank: Rank, text: str, action: Action | None, parent: QWidget) -> None:
        super().__init__(parent)
        self.rank, self.text = rank, text
        self.setProperty("look", "notice")
        self.setProperty("rank", rank.value)
        self.setAccessibleName(f"{rank.value}: {text}")
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE * 2, SPACE // 2, SPACE, SPACE // 2)
        row.setSpacing(SPACE)
        self._icon = QLabel(self)
        row.addWidget(self._icon)
        label = plain_label(text, self, wrap=True)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        row.addWidget(label, 1)
        if action is not None:
            button = QPushButton(action.words, self)
            button.clicked.connect(action.act)
            button.clicked.connect(self.deleteLater)
            row.addWidget(button)
        self._dismiss = QToolButton(self)
        self._dismiss.setProperty("look", "quiet")
        self._dismiss.setIconSize(theme.icon_size(self))
        self._dismiss.setAccessibleName("Dismiss this notice")
        self._dismiss.setToolTip("Dismiss")
        self._dismiss.clicked.connect(self.deleteLater)
        row.addWidget(self._dismiss)
        self._tint()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_dismiss"):
            self._tint()

    def _tint(self) -> None:
        tones = theme.colours()
        colour = {
            Rank.INFO: tones.accent,
            Rank.WARNING: tones.warning,
            Rank.ERROR: tones.danger,
        }[self.rank]
        self._icon.setPixmap(
            theme.icon(_ICONS[self.rank], colour=colour).pixmap(theme.icon_size(self))
        )
        self._dismiss.setIcon(theme.icon("close", colour=tones.muted))


class Notices(QWidget):
    """A short stack of notices. The same sentence is not said twice."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._stack = QVBoxLayout(self)
        self._stack.setContentsMargins(0, 0, 0, 0)
        self._stack.setSpacing(0)

    def shown(self) -> list[Notice]:
        items = (self._stack.itemAt(i) for i in range(self._stack.count()))
        widgets = (item.widget() for item in items if item is not None)
        return [widget for widget in widgets if isinstance(widget, Notice)]

    def info(self, text: str, action: Action | None = None) -> None:
        """Something good to know; it leaves by itself."""
        notice = self._show(Rank.INFO, text, action)
        QTimer.singleShot(_INFO_MS, notice, notice.deleteLater)

    def warning(self, text: str, action: Action | None = None) -> None:
        self._show(Rank.WARNING, text, action)

    def error(self, text: str, action: Action | None = None) -> None:
        self._show(Rank.ERROR, text, action)

    def failure(self, error: Exception) -> None:
        """An error the person can act on says so; any other one is owned up to, with details."""
        if isinstance(error, CancelledError):
            return
        if isinstance(error, CarrelError):
            self.error(str(error))
            return
        details = "".join(traceback.format_exception(error))
        self.error(
            "Something went wrong. Your documents and your library are untouched.",
            Action("Details…", lambda: show_details(self.window(), details)),
        )

    def clear(self) -> None:
        for notice in self.shown():
            self._remove(notice)

    def _show(self, rank: Rank, text: str, action: Action | None) -> Notice:
        for notice in self.shown():
            if notice.text == text:
                self._remove(notice)
        while len(shown := self.shown()) >= _MOST:
            self._remove(min(shown, key=lambda notice: list(Rank).index(notice.rank)))
        notice = Notice(rank, text, action, self)
        self._stack.addWidget(notice)
        notice.show()
        QAccessible.updateAccessibility(QAccessibleEvent(notice, QAccessible.Event.Alert))
        return notice

    def _remove(self, notice: Notice) -> None:
        self._stack.removeWidget(notice)
        notice.hide()
        notice.deleteLater()


class DetailsDialog(QDialog):
    """The technical side of a failure, to read and to copy."""

    def __init__(self, details: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("What went wrong")
        column = QVBoxLayout(self)
        column.addWidget(
            plain_label(
                "Something unexpected happened. Carrel goes on; if it happens again, restart it. "
                "These details help whoever looks into it. They stay on this computer unless you "
                "copy them.",
                self,
                wrap=True,
            )
        )
        text = QPlainTextEdit(details, self)
        text.setReadOnly(True)
        text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        text.setAccessibleName("Details")
        column.addWidget(text, 1)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        copy = buttons.addButton("Copy details", QDialogButtonBox.ButtonRole.ActionRole)
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(details))
        buttons.rejected.connect(self.reject)
        column.addWidget(buttons)
        self.resize(theme.ems(self, 90), theme.ems(self, 50))


def show_details(parent: QWidget | None, details: str) -> DetailsDialog:
    """Show :class:`DetailsDialog` without waiting for it."""
    dialog = DetailsDialog(details, parent)
    # The connection keeps a dialog without a parent until it is closed.
    dialog.finished.connect(lambda _result: dialog.deleteLater())
    dialog.show()
    return dialog
