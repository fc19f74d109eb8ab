"""The adapters view: the list, comparing, advice and making, of which one is shown."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
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
        self._bridge, self._adapters, self._trainer = bridge, adapters, trainer
        self._catalogue, self._applying, self._notices = catalogue, applying, notices
        self.parts = Segments(_PARTS, self)
        self.parts.setAccessibleName("Parts of the adapters view")
        self._add = self._make_add()
        self._stack = QStackedWidget(self)
        self._renewing = QTimer(self)  # files may come and go
        self._renewing.setInterval(_RENEW_MS)
        self._renewing.timeout.connect(applying.refresh)
        self.parts.chosen.connect(self.show_part)
        self._arrange()
        self._tint()
        self.show_part(LIST)

    # --- its parts, each made when it is first wanted -----------------------------------------

    @cached_property
    def listing(self) -> ListPage:
        page = ListPage(self._bridge, self._adapters, self._applying, self._notices, self)
        page.advice_requested.connect(lambda: self._go(ADVICE))
        page.compare_requested.connect(self._compare)
        return page

    @cached_property
    def compare(self) -> ComparePage:
        page = ComparePage(self._bridge, self._applying, self._notices, self)
        page.citation_opened.connect(self.citation_opened)
        page.comparison_exported.connect(self.comparison_exported)
        page.table_exported.connect(self.table_exported)
        return page

    @cached_property
    def make(self) -> MakePage:
        page = MakePage(self._bridge, self._trainer, self._catalogue, self._notices, self)
        page.made.connect(self.listing.show_added)
        page.switch_requested.connect(self._switch)
        page.compare_requested.connect(self._compare)
        return page

    @cached_property
    def advice(self) -> AdvicePage:
        page = AdvicePage(self)
        page.step_requested.connect(self._step)
        return page

    def _page(self, key: str) -> ListPage | ComparePage | MakePage | AdvicePage:
        if key == COMPARE:
            return self.compare
        if key == MAKE:
            return self.make
        return self.advice if key == ADVICE else self.listing

    # --- what the window asks for -------------------------------------------------------------

    def show_part(self, key: str) -> None:
        """One of LIST, COMPARE, MAKE and ADVICE."""
        page = self._page(key)
        if self._stack.indexOf(page) < 0:
            self._stack.addWidget(page)
        self.parts.show_choice(key)
        self._stack.setCurrentWidget(page)
        self._add.setVisible(key == LIST)
        if self.isVisible():
            self._refresh_shown()

    def show_advice(self) -> None:
        """The questions that tell whether one is needed."""
        self._go(ADVICE)

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
            self.listing.take(paths)

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
        self._page(self.part).focus()

    def stop(self) -> bool:
        """Stop the comparison on screen; whether there was one."""
        return self.part == COMPARE and self.compare.stop()

    # --- joining ------------------------------------------------------------------------------

    def _go(self, key: str) -> None:
        self.show_part(key)
        self.focus()

    def _compare(self, place: str) -> None:
        self.compare.choose(place)
        self._go(COMPARE)

    def _switch(self, place: str) -> None:
        self._applying.switch(place, True)
        self.listing.show_added(place)
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
            self.listing.adding.choose_file()

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
        menu.addAction("GGUF file or zip…", lambda: self.listing.adding.choose_file())
        menu.addAction("PEFT folder…", lambda: self.listing.adding.choose_folder())
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

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """The words of the button give way to those of the parts."""
        styles = Qt.ToolButtonStyle
        needed = self.parts.sizeHint().width() + theme.ems(self, 14) + SPACE * 4
        roomy = self.width() >= needed
        self._add.setToolButtonStyle(
            styles.ToolButtonTextBesideIcon if roomy else styles.ToolButtonIconOnly
        )

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._renewing.start()
        self._refresh_shown()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._renewing.stop()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if not hasattr(self, "_add"):
            return
        if event.type() == QEvent.Type.PaletteChange:
            self._tint()
        elif event.type() == QEvent.Type.FontChange:
            self._fit()

    def _tint(self) -> None:
        self._add.setIcon(theme.icon("plus"))
