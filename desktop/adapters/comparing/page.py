"""Comparing: one question or a set of them."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedLayout, QWidget

from desktop.adapters.comparing.many_page import ManyPage
from desktop.adapters.comparing.one_page import OnePage
from desktop.applying import Applying
from desktop.bridge import Bridge
from desktop.notices import Notices
from engine.comparisons import Comparison


class ComparePage(QWidget):
    """Goes from one to the other and back."""

    citation_opened = Signal(object)  # Citation
    comparison_exported = Signal(object, str)  # Comparison, a format's name
    table_exported = Signal(object, str)  # ComparisonTable, a format's name

    def __init__(
        self, bridge: Bridge, applying: Applying, notices: Notices, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName("Compare")
        self._bridge, self._applying, self._notices = bridge, applying, notices
        self.one = OnePage(bridge, applying, notices, self)
        self._from_table = False
        self._place = ""  # of the adapter that was chosen here
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self.one)
        self.one.citation_opened.connect(self.citation_opened)
        self.one.export_requested.connect(self.comparison_exported)
        self.one.many_requested.connect(self.show_many)
        self.one.closed.connect(self._closed)

    @cached_property
    def many(self) -> ManyPage:
        """Made when it is first wanted."""
        page = ManyPage(self._bridge, self._applying, self._notices, self)
        page.choosing.choose(self._place)
        page.choosing.refresh()
        page.back_requested.connect(self.show_one)
        page.comparison_opened.connect(self._open)
        page.export_requested.connect(self.table_exported)
        self._stack.addWidget(page)
        return page

    @property
    def _shows_many(self) -> bool:
        return self._stack.currentWidget() is not self.one

    def refresh(self) -> None:
        self.one.refresh()
        if self._shows_many:
            self.many.refresh()

    def choose(self, place: str) -> None:
        """Compare this adapter."""
        self._place = place
        self.show_one()
        self.one.choosing.choose(place)

    def show_many(self) -> None:
        self._stack.setCurrentWidget(self.many)
        self.many.focus()

    def show_one(self) -> None:
        self._from_table = False
        self._stack.setCurrentWidget(self.one)
        self.one.focus()

    def take(self, path: Path) -> None:
        """A file of questions that was dropped."""
        self._stack.setCurrentWidget(self.many)
        self.many.take(path)

    def focus(self) -> None:
        (self.many if self._shows_many else self.one).focus()

    def stop(self) -> bool:
        """Whether there was anything to stop."""
        return self.one.stop() or (self._shows_many and self.many.stop())

    def _open(self, comparison: Comparison) -> None:
        """One of a table: closing it leads back there."""
        self._stack.setCurrentWidget(self.one)
        self.one.show_comparison(comparison)
        self._from_table = True

    def _closed(self) -> None:
        if self._from_table:
            self._from_table = False
            self.show_many()
