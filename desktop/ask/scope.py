"""Where to look: everything, some folders, or the documents whose path matches a pattern."""

from __future__ import annotations

from pathlib import PurePath

from PySide6.QtCore import QEvent, QSize, QStringListModel, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QCompleter,
    QMenu,
    QToolButton,
    QVBoxLayout,
    QWidget,
    QWidgetAction,
)

from desktop import theme
from desktop.ask.choices import Choices
from desktop.ask.labels import Field, Label, scaled_font
from desktop.plain import menu_text, one_line, tooltip
from engine.records import Scope

_LONGEST = 28  # characters of a chip's text


class Chip(QToolButton):
    """A small rounded button that names a choice."""

    def __init__(self, icon: str, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon, self._name = icon, name
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._restyle()

    def show_choice(self, text: str, tip: str) -> None:
        text = one_line(text)
        cut = text if len(text) <= _LONGEST else text[: _LONGEST - 1].rstrip() + "…"
        self.setText(menu_text(f"{cut} ▾" if self.menu() is not None else cut))
        self.setToolTip(tooltip(tip))
        self.setAccessibleName(f"{self._name}: {text}")

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (
            QEvent.Type.PaletteChange,
            QEvent.Type.FontChange,
        ):
            self._restyle()

    def _restyle(self) -> None:
        c = theme.colours()
        self.setFont(scaled_font(0.9))
        sheet = (
            f"QToolButton {{ color: {c.muted.name()}; background: transparent; border: 1px solid"
            f" {c.border.name()}; border-radius: 8px; padding: 3px 3px 3px 7px; }}"
            f"QToolButton:hover, QToolButton:pressed {{ background: {c.accent_soft.name()};"
            f" color: {c.text.name()}; }}"
            f"QToolButton:focus {{ border: 1px solid {c.accent.name()}; }}"
            "QToolButton::menu-indicator { image: none; width: 0; }"
        )
        if sheet != self.styleSheet():
            self.setStyleSheet(sheet)
        side = round(self.fontMetrics().height() * 0.95)
        self.setIconSize(QSize(side, side))
        self.setIcon(theme.icon(self._icon, colour=c.muted))


class ScopeChip(Chip):
    """Holds the scope. Folders add up; a document filter narrows what they hold."""

    changed = Signal(object)  # Scope

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("folder-outline", "Where to look", parent)
        self._choices = Choices()
        self._chosen: set[int] = set()
        self._filter = ""
        self._menu = QMenu(self)
        self._menu.aboutToShow.connect(self._fill)
        self._everything = QAction("Everything", self)
        self._everything.setCheckable(True)
        self._everything.triggered.connect(self.clear)
        self._edit = Field(
            "Only documents whose path matches", "A name, or a pattern such as *.pdf"
        )
        self._edit.setClearButtonEnabled(True)
        self._edit.returnPressed.connect(self._apply_filter)
        # The matches are looked up here: with 100,000 documents, a list of them all would hold
        # the window up whenever it changes.
        self._matches = QStringListModel(self)
        completer = QCompleter(self._matches, self._edit)
        completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        self._edit.textEdited.connect(self._look_up)
        self._edit.setCompleter(completer)
        self._edit_action = self._framed(self._edit)
        self.setMenu(self._menu)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._describe()

    def offer(self, choices: Choices) -> None:
        """What there is to choose from; choices that are gone are forgotten."""
        self._choices = choices
        self._choose(self._chosen & set(choices.folders), self._filter)

    def _look_up(self, words: str) -> None:
        self._matches.setStringList(self._choices.matching(words.strip()))

    @property
    def scope(self) -> Scope:
        folders = tuple(sorted(self._chosen))
        document = self._choices.documents.get(self._filter)
        if document is not None:
            return Scope(folder_ids=folders, document_ids=(document,))
        return Scope(document=_glob(self._filter), folder_ids=folders)

    def clear(self) -> None:
        self._choose(set(), "")

    def toggle_folder(self, folder_id: int) -> None:
        self._choose(self._chosen ^ {folder_id}, self._filter)

    def set_filter(self, text: str) -> None:
        self._choose(self._chosen, text.strip())

    def _choose(self, folders: set[int], words: str) -> None:
        before = self.scope
        self._chosen, self._filter = folders, words
        self._describe()
        if self.scope != before:
            self.changed.emit(self.scope)

    def _apply_filter(self) -> None:
        self._menu.close()
        self.set_filter(self._edit.text())

    def _describe(self) -> None:
        names = [PurePath(self._choices.folders[i]).name for i in sorted(self._chosen)]
        words = names[0] if len(names) == 1 else f"{len(names)} folders" if names else ""
        if self._filter:
            shown = PurePath(self._filter).name or self._filter
            words = f"{shown} in {words}" if words else shown
        tip = "Answers come from all documents" if not words else f"Answers come only from {words}"
        self.show_choice(words or "Everything", tip)

    def _fill(self) -> None:
        self._menu.clear()
        self._everything.setChecked(not self.scope)
        self._menu.addAction(self._everything)
        if self._choices.folders:
            self._menu.addSeparator()
        for folder_id, path in self._choices.folders.items():
            action = self._menu.addAction(menu_text(PurePath(path).name or path))
            action.setToolTip(tooltip(path))
            action.setCheckable(True)
            action.setChecked(folder_id in self._chosen)
            action.triggered.connect(lambda _=False, i=folder_id: self.toggle_folder(i))
        self._menu.addSeparator()
        self._edit.setText(self._filter)
        self._menu.addAction(self._edit_action)

    def _framed(self, edit: Field) -> QWidgetAction:
        frame = QWidget()
        column = QVBoxLayout(frame)
        column.setContentsMargins(10, 6, 10, 8)
        column.setSpacing(4)
        caption = Label("Only documents that match", size=0.9, ink="muted")
        caption.setBuddy(edit)
        column.addWidget(caption)
        column.addWidget(edit)
        edit.setMinimumWidth(260)
        action = QWidgetAction(self)
        action.setDefaultWidget(frame)
        return action


def _glob(text: str) -> str:
    """What was typed as a glob: a word without wildcards matches anywhere in a path."""
    return text if not text or any(sign in text for sign in "*?[") else f"*{text}*"
