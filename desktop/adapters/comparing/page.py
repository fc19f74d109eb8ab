"""Comparing: one question or a set of them."""

from __future__ import annotations

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
        self.one = OnePage(bridge, applying, notices, self)
        self.many = ManyPage(bridge, applying, notices, self)
        self._from_table = False
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self.one)
        self._stack.addWidget(self.many)
        self.one.citation_opened.connect(self.citation_opened)
        self.one.export_requested.connect(self.comparison_exported)
        self.one.many_requested.connect(self.show_many)
        self.one.closed.connect(self._closed)
        self.many.back_requested.connect(self.show_one)
        self.many.comparison_opened.connect(self._open)
        self.many.export_requested.connect(self.table_exported)

    def refresh(self) -> None:
        self.one.refresh()
        self.many.refresh()

    def choose(self, place: str) -> None:
        """Compare this adapter."""
        self.one.choosing.choose(place)
        self.many.choosing.choose(place)

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
        current = self._stack.currentWidget()
        (self.many if current is self.many else self.one).focus()

    def stop(self) -> bool:
        """Whether there was anything to stop."""
        return self.one.stop() or self.many.stop()

    def _open(self, comparison: Comparison) -> None:
        """One of a table: closing it leads back there."""
        self._stack.setCurrentWidget(self.one)
        self.one.show_comparison(comparison)
        self._from_table = True

    def _closed(self) -> None:
        if self._from_table:
            self._from_table = False
            self.show_many()
