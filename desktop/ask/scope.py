"""Where to look: everything, or some folders, types, dates, or documents of a name."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial
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
from desktop.ask.choices import Choices, kind_name
from desktop.ask.filters import KindMenu, Period, PeriodMenu, Tokens
from desktop.ask.labels import Field, Label
from desktop.ask.shrinking import ShrinkingButton
from desktop.plain import menu_text, one_line, tooltip
from engine.records import Scope


class Chip(ShrinkingButton):
    """A small rounded button that names a choice."""

    def __init__(self, icon: str, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon, self._name = icon, name
        self._restyle()

    def show_choice(self, text: str, tip: str) -> None:
        self.say(text, " ▾" if self.menu() is not None else "")
        self.setToolTip(tooltip(tip))
        self.setAccessibleName(f"{self._name}: {one_line(text)}")

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (
            QEvent.Type.PaletteChange,
            QEvent.Type.FontChange,
        ):
            self._restyle()

    def _restyle(self) -> None:
        c = theme.colours()
        theme.enlarge(self, 0.9)
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
    """Holds the scope. Folders add up, and so do types; everything else narrows. What is chosen
    stands beside the chip in ``tokens``."""

    changed = Signal(object)  # Scope

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("folder-outline", "Where to look", parent)
        self._choices = Choices()
        self._folders: set[int] = set()
        self._filter = ""
        self._kinds: set[str] = set()
        self._period: Period | None = None
        self.tokens = Tokens()
        self.tokens.emptied.connect(self.setFocus)
        self._menu = QMenu(self)
        self._menu.aboutToShow.connect(self._fill)
        self._everything = QAction("Everything", self)
        self._everything.setCheckable(True)
        self._everything.triggered.connect(self.clear)
        self._kind_menu = KindMenu(self)
        self._kind_menu.toggled.connect(self.toggle_kind)
        self._period_menu = PeriodMenu(self)
        self._period_menu.chosen.connect(self._period_chosen)
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
        """What there is to choose from; folders that are gone are forgotten."""
        before, self._choices = self.scope, choices
        self._folders &= set(choices.folders)
        self._settle(before)

    def _look_up(self, words: str) -> None:
        self._matches.setStringList(self._choices.matching(words.strip()))

    @property
    def choices(self) -> Choices:
        return self._choices

    @property
    def scope(self) -> Scope:
        after, before = self._period.bounds(date.today()) if self._period else (None, None)
        document = self._choices.documents.get(self._filter)
        return Scope(
            document="" if document is not None else _glob(self._filter),
            folder_ids=tuple(sorted(self._folders)),
            document_ids=() if document is None else (document,),
            formats=tuple(sorted(self._kinds)),
            after=after,
            before=before,
        )

    def clear(self) -> None:
        before = self.scope
        self._folders, self._kinds = set(), set()
        self._filter, self._period = "", None
        self._settle(before)

    def toggle_folder(self, folder_id: int) -> None:
        before = self.scope
        self._folders ^= {folder_id}
        self._settle(before)

    def toggle_kind(self, kind: str) -> None:
        before = self.scope
        self._kinds ^= {kind}
        self._settle(before)

    def set_period(self, chosen: Period | None) -> None:
        before = self.scope
        self._period = chosen
        self._settle(before)

    def set_filter(self, text: str) -> None:
        before = self.scope
        self._filter = text.strip()
        self._settle(before)

    def _settle(self, before: Scope) -> None:
        self._describe()
        if self.scope != before:
            self.changed.emit(self.scope)

    def _apply_filter(self) -> None:
        self._menu.close()
        self.set_filter(self._edit.text())

    def _period_chosen(self, chosen: Period | None) -> None:
        self._menu.close()
        self.set_period(chosen)

    def _describe(self) -> None:
        narrowed = self._narrowed()
        self.tokens.show_tokens(narrowed)
        before: QWidget = self
        for token in self.tokens.tokens:
            if token.window() is self.window():
                QWidget.setTabOrder(before, token)
            before = token
        words = ", ".join(text for text, _, _ in narrowed)
        tip = f"Answers come only from: {words}" if words else "Answers come from all documents"
        self.show_choice("Only" if words else "Everything", tip)
        if words:
            self.setAccessibleName(f"Where to look: only {one_line(words)}")

    def _narrowed(self) -> list[tuple[str, str, Callable[[], None]]]:
        """(text, meaning, what removes it) of everything that narrows."""
        found: list[tuple[str, str, Callable[[], None]]] = []
        for folder_id in sorted(self._folders):
            path = self._choices.folders.get(folder_id, "")
            found.append(
                (
                    PurePath(path).name or path,
                    f"Only from the folder {path}",
                    partial(self.toggle_folder, folder_id),
                )
            )
        for kind in sorted(self._kinds):
            name = kind_name(kind)
            found.append((name, f"Only of type {name}", partial(self.toggle_kind, kind)))
        if self._period is not None:
            name = self._period.name
            found.append((name, f"Last changed: {name}", partial(self.set_period, None)))
        if self._filter:
            shown = PurePath(self._filter).name or self._filter
            meaning = f"Only documents that match {self._filter}"
            found.append((shown, meaning, partial(self.set_filter, "")))
        return found

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
            action.setChecked(folder_id in self._folders)
            action.triggered.connect(lambda _=False, i=folder_id: self.toggle_folder(i))
        self._menu.addSeparator()
        self._kind_menu.fill(self._choices.kinds, self._kinds)
        self._period_menu.fill(self._choices.years, self._period)
        self._menu.addMenu(self._kind_menu)
        self._menu.addMenu(self._period_menu)
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
        frame.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        frame.setFocusProxy(edit)  # the arrow keys lead here
        action = QWidgetAction(self)
        action.setDefaultWidget(frame)
        return action


def _glob(text: str) -> str:
    """What was typed as a glob: a word without wildcards matches anywhere in a path."""
    return text if not text or any(sign in text for sign in "*?[") else f"*{text}*"
