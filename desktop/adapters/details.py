"""All that is known of the selected adapter, and what can be done with it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from desktop import theme
from desktop.adapters import wording
from desktop.applying import why_not
from desktop.lists.details import DetailsPane
from desktop.lists.row import coloured
from desktop.models.wording import short_path
from desktop.plain import plain_label
from engine.adapter_facts import AdapterEntry


class Details(DetailsPane):
    """Of an adapter."""

    switch_requested = Signal(bool)
    compare_requested = Signal()
    rename_requested = Signal()
    copy_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Details of the selected adapter", parent)
        self._entry: AdapterEntry | None = None
        self._on = False
        self._note = plain_label("", self, wrap=True)
        self._switch = self.button(
            "Switch on", "primary", lambda: self.switch_requested.emit(not self._on)
        )
        self._compare = self.button("Compare…", "", self.compare_requested.emit)
        self._rename = self.button("Rename…", "", self.rename_requested.emit)
        self._copy = self.button("Copy facts", "link", self.copy_requested.emit)
        self.arrange([self._note], [self._switch, self._compare, self._rename], self._copy)

    def show_entry(self, entry: AdapterEntry | None, *, on: bool) -> None:
        """``on`` says that it is applied. Without an entry there is nothing to say."""
        if (entry, on) == (self._entry, self._on) and entry is not None:
            return
        self._entry, self._on = entry, on
        self.setVisible(entry is not None)
        if entry is not None:
            self._fill(entry)

    def _fill(self, entry: AdapterEntry) -> None:
        self.show_name(entry.name, short_path(Path(entry.place)))
        note = wording.note(entry)
        self._note.setText(note)
        self._note.setVisible(bool(note))
        self._facts.show_facts(wording.facts(entry))
        usable = not why_not(entry)
        self._switch.setText("Switch off" if self._on else "Switch on")
        self._switch.setProperty("look", "" if self._on else "primary")
        self._switch.style().polish(self._switch)
        self._switch.setVisible(usable or self._on)
        self._compare.setVisible(usable)
        self._show.setVisible(not entry.shipped)
        self._rename.setVisible(not entry.shipped)
        self._remove.setVisible(not entry.shipped)
        self.tint()

    def tint(self) -> None:
        if self._entry is None:
            return
        tones = theme.colours()
        wary = bool(why_not(self._entry))
        coloured(self._note, wording.state(self._entry).colour(tones) if wary else tones.muted)
