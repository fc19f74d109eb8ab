"""The adapters view: the list, comparing, advice and making, of which one is shown."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QMenu,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from desktop import theme
from desktop.adapters.advising.advice import Step
from desktop.adapters.advising.page import AdvicePage
from desktop.adapters.comparing.page import ComparePage
from desktop.adapters.list_page import ListPage
from desktop.adapters.making.page import MakePage
from desktop.adapters.segments import Segments
from desktop.applying import Applying
from desktop.bridge import Bridge
from desktop.notices import Notices
from desktop.theme import SPACE
from engine.models.catalogue import Catalogue

if TYPE_CHECKING:
    from engine.adapters.catalogue import Adapters
    from engine.training.trainer import Trainer

LIST, COMPARE, MAKE, ADVICE = "list", "compare", "make", "advice"
_PARTS = {
    LIST: "Adapters",
    COMPARE: "Compare",
    MAKE: "Make one",
    ADVICE: "Which do I need?",
}
_QUESTIONS = (".txt", ".csv", ".tsv")
_EXAMPLES = (".jsonl", ".json", ".ndjson")
_NARROWEST = 52  # average characters
_RENEW_MS = 3000


class AdaptersView(QWidget):
    """Joins its parts; none of them knows another."""

    citation_opened = Signal(object)  # Citation
    ask_requested = Signal()
    comparison_exported = Signal(object, str)  # Comparison, a format's name
    table_exported = Signal(object, str)  # ComparisonTable, a format's name

    def __init__(
        self,
        bridge: Bridge,
        adapters: Adapters,
        trainer: Trainer,
        catalogue: Catalogue,
        applying: Applying,
        notices: Notices,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName("Adapters")
        self._applying = applying
        self.list = ListPage(bridge, adapters, applying, notices, self)
        self.compare = ComparePage(bridge, applying, notices, self)
        self.make = MakePage(bridge, trainer, catalogue, notices, self)
        self.advice = AdvicePage(self)
        self._pages: dict[str, ListPage | ComparePage | MakePage | AdvicePage] = {
            LIST: self.list,
            COMPARE: self.compare,
            MAKE: self.make,
            ADVICE: self.advice,
        }
        self.parts = Segments(_PARTS, self)
        self.parts.setAccessibleName("Parts of the adapters view")
        self._add = self._make_add()
        self._stack = QStackedWidget(self)
        for page in self._pages.values():
            self._stack.addWidget(page)
        self._renewing = QTimer(self)  # files may come and go
        self._renewing.setInterval(_RENEW_MS)
        self._renewing.timeout.connect(applying.refresh)
        self._arrange()
        self._connect()
        self._tint()

    # --- what the window asks for -------------------------------------------------------------

    def show_part(self, key: str) -> None:
        """One of LIST, COMPARE, MAKE and ADVICE."""
        self.parts.show_choice(key)
        self._stack.setCurrentWidget(self._pages[key])
        self._add.setVisible(key == LIST)
        if self.isVisible():
            self._refresh_shown()

    @property
    def part(self) -> str:
        return self.parts.choice

    def take(self, paths: Sequence[Path]) -> None:
        """What was dropped: questions and examples where those are asked for, else adapters."""
        kind = paths[0].suffix.lower() if paths else ""
        if self.part == COMPARE and kind in (*_QUESTIONS, *_EXAMPLES):
            self.compare.take(paths[0])
        elif kind in _EXAMPLES and paths[0].name != "adapter_config.json":
            self.show_part(MAKE)
            self.make.take(paths[0])
        else:
            self.show_part(LIST)
            self.list.take(paths)

    def drop_words(self, paths: Sequence[Path]) -> str:
        """What would come of dropping these."""
        kind = paths[0].suffix.lower() if paths else ""
        if self.part == COMPARE and kind in (*_QUESTIONS, *_EXAMPLES):
            return "Drop to compare these questions"
        if kind in _EXAMPLES and paths[0].name != "adapter_config.json":
            return "Drop to train on these examples"
        return "Drop to add the adapter" if len(paths) == 1 else "Drop to add the adapters"

    def focus(self) -> None:
        """Put the focus where reading or choosing goes on."""
        self._pages[self.part].focus()

    def stop(self) -> bool:
        """Stop a comparison; whether there was one."""
        return self.compare.stop()

    # --- joining ------------------------------------------------------------------------------

    def _connect(self) -> None:
        self.parts.chosen.connect(self.show_part)
        self.list.advice_requested.connect(lambda: self._go(ADVICE))
        self.list.compare_requested.connect(self._compare)
        self.compare.citation_opened.connect(self.citation_opened)
        self.compare.comparison_exported.connect(self.comparison_exported)
        self.compare.table_exported.connect(self.table_exported)
        self.make.made.connect(self.list.show_added)
        self.make.switch_requested.connect(self._switch)
        self.make.compare_requested.connect(self._compare)
        self.advice.step_requested.connect(self._step)

    def _go(self, key: str) -> None:
        self.show_part(key)
        self.focus()

    def _compare(self, place: str) -> None:
        self.compare.choose(place)
        self._go(COMPARE)

    def _switch(self, place: str) -> None:
        self._applying.switch(place, True)
        self.list.show_added(place)
        self._go(LIST)

    def _step(self, step: Step) -> None:
        if step is Step.ASK:
            self.ask_requested.emit()
        elif step is Step.MAKE:
            self._go(MAKE)
        elif step is Step.COMPARE:
            self._go(COMPARE)
        else:
            self._go(LIST)
            self.list.adding.choose_file()

    def _refresh_shown(self) -> None:
        self._applying.refresh()
        if self.part == COMPARE:
            self.compare.refresh()
        elif self.part == MAKE:
            self.make.refresh()

    # --- making it ----------------------------------------------------------------------------

    def _make_add(self) -> QToolButton:
        add = QToolButton(self)
        add.setText("Add…")
        add.setAccessibleName("Add an adapter")
        add.setAccessibleDescription("Opens a menu")
        add.setProperty("look", "quiet")
        add.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        add.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        add.setIconSize(theme.icon_size(self))
        menu = QMenu(add)
        menu.addAction("GGUF file or zip…", lambda: self.list.adding.choose_file())
        menu.addAction("PEFT folder…", lambda: self.list.adding.choose_folder())
        add.clicked.connect(lambda: menu.popup(add.mapToGlobal(add.rect().bottomLeft())))
        return add

    def _arrange(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(SPACE * 2, SPACE, SPACE, SPACE // 2)
        head.addWidget(self.parts)
        head.addStretch(1)
        head.addWidget(self._add)
        line = QFrame(self)
        line.setProperty("look", "line")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(line)
        column.addWidget(self._stack, 1)

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.ems(self, _NARROWEST), super().minimumSizeHint().height())

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._renewing.start()
        self._refresh_shown()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._renewing.stop()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_add"):
            self._tint()

    def _tint(self) -> None:
        self._add.setIcon(theme.icon("plus"))
