"""The list of adapters with the details of one: what is applied, how strongly, and what fits."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtWidgets import QMenu, QPushButton, QVBoxLayout, QWidget

from desktop import theme
from desktop.adapters.acting import Acting
from desktop.adapters.adding import Adding
from desktop.adapters.details import Details
from desktop.adapters.introduction import Introduction
from desktop.adapters.row import AdapterRow
from desktop.applying import Applying, why_not
from desktop.ask.labels import Label
from desktop.bridge import Bridge
from desktop.lists.frame import RowFrame
from desktop.lists.halves import ListWithDetails
from desktop.lists.row import coloured
from desktop.notices import Notices
from desktop.plain import plain_label
from desktop.theme import SPACE
from engine.adapter_facts import AdapterEntry

if TYPE_CHECKING:
    from engine.adapters.catalogue import Adapters


class ListPage(QWidget):
    """Rows, details and, for whoever has no adapter yet, what one is. What is applied is
    :class:`Applying`'s to know; what is done with an adapter, :class:`Acting` does."""

    advice_requested = Signal()
    compare_requested = Signal(str)  # a place

    def __init__(
        self,
        bridge: Bridge,
        adapters: Adapters,
        applying: Applying,
        notices: Notices,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName("Adapters")
        self._applying = applying
        self._current: AdapterRow | None = None
        self._wanted = ""
        self._focus_wanted = False
        self.rows: list[AdapterRow] = []
        self.introduction = Introduction(self)
        self._heading = Label("Applied to answers", size=1.15, bold=True, wrap=True)
        self._sentence = plain_label("", self, wrap=True)
        self._sentence.setProperty("look", "muted")
        self._frame = RowFrame(self)
        self._hint = plain_label(
            "Switched on together, adapters add up: what each changes is laid over the model at "
            "its strength. Documents stay what answers are drawn from and checked against.",
            self,
            wrap=True,
        )
        self._hint.setProperty("look", "muted")
        self._trouble = plain_label("", self, wrap=True)
        self._trouble.hide()
        self.details = Details(self)
        self._incoming = QVBoxLayout()
        self.adding = Adding(bridge, adapters, self._incoming, self)
        self.acting = Acting(bridge, adapters, applying, self.adding, notices, self)
        self._arrange()
        self._connect()
        self._tint()
        self._show()

    @property
    def current(self) -> AdapterEntry | None:
        """What the details are of."""
        return self._current.entry if self._current is not None else None

    def focus(self) -> None:
        """Put the focus where choosing goes on."""
        if self._current is not None:
            self._current.setFocus(Qt.FocusReason.OtherFocusReason)
        else:  # until the list is there
            self._focus_wanted = not self._applying.known
            first = self.introduction.findChild(QPushButton)
            if first is not None and self.introduction.isVisible():
                first.setFocus(Qt.FocusReason.OtherFocusReason)

    # --- showing ------------------------------------------------------------------------------

    def _show(self) -> None:
        self._trouble.hide()
        entries = self._applying.entries
        place = self.rows.index(self._current) if self._current in self.rows else 0
        had_focus = self._focus_wanted or (self._current is not None and self._current.hasFocus())
        self._focus_wanted = False
        self._place_rows(entries)
        own = any(not entry.shipped for entry in entries)
        self.introduction.setVisible(self._applying.known and not own)
        for part in (self._heading, self._sentence, self._frame, self._hint):
            part.setVisible(bool(entries))
        self._hint.setVisible(len(entries) > 1)
        self._sentence.setText(_whose(self._applying))
        wanted = next((row for row in self.rows if row.entry.place == self._wanted), None)
        if wanted is not None or self._current not in self.rows:
            self._select(wanted or (self.rows[min(place, len(self.rows) - 1)] if entries else None))
            self._wanted = ""
            if wanted is not None or had_focus:
                self.focus()
        self._order_tabs()
        self._tell_details()

    def _place_rows(self, entries: Sequence[AdapterEntry]) -> None:
        """Rows keep their place while they are renewed."""
        old = {row.entry.place: row for row in self.rows}
        if [entry.place for entry in entries] != list(old):
            self.rows = [old.pop(e.place) if e.place in old else self._new_row(e) for e in entries]
            for row in old.values():
                self._frame.drop(row)
            for index, row in enumerate(self.rows):
                self._frame.insert(index, row)
        for row, entry in zip(self.rows, entries, strict=True):
            row.show_entry(entry, self._applying.scale(entry.place))

    def _new_row(self, entry: AdapterEntry) -> AdapterRow:
        row = AdapterRow(entry, self._frame)
        applying, acting = self._applying, self.acting
        row.entered.connect(lambda: self._select(row))
        row.moved.connect(lambda steps: self._move(row, steps))
        row.switched.connect(lambda on: applying.switch(row.entry.place, on))
        row.scaled.connect(lambda scale: applying.set_scale(row.entry.place, scale))
        row.locate_requested.connect(lambda: acting.locate(row.entry))
        row.remove_requested.connect(lambda: acting.remove(row.entry))
        row.rename_requested.connect(lambda: acting.rename(row.entry))
        row.menu_requested.connect(lambda at: self._menu(row, at))
        return row

    def _select(self, row: AdapterRow | None) -> None:
        if self._current is not None and self._current is not row and self._current in self.rows:
            self._current.set_current(False)
        self._current = row
        if row is not None:
            row.set_current(True)
            self._halves.reveal(row)
        self._tell_details()

    def _tell_details(self) -> None:
        entry = self.current
        on = entry is not None and self._applying.scale(entry.place) is not None
        own = entry is not None and any(not one.shipped for one in self._applying.entries)
        self.details.show_entry(entry if own or on else None, on=on)
        self._halves.place_details()

    def _move(self, row: AdapterRow, steps: int) -> None:
        place = min(max(self.rows.index(row) + steps, 0), len(self.rows) - 1)
        self.rows[place].setFocus(Qt.FocusReason.TabFocusReason)

    def _menu(self, row: AdapterRow, at: QPoint) -> None:
        entry, acting = row.entry, self.acting
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        switch = menu.addAction("Switch off" if row.isChecked() else "Switch on")
        switch.setEnabled(row.isChecked() or not why_not(entry))
        switch.triggered.connect(lambda: self._applying.switch(entry.place, not row.isChecked()))
        compare = menu.addAction("Compare…")
        compare.setEnabled(not why_not(entry))
        compare.triggered.connect(lambda: self.compare_requested.emit(entry.place))
        menu.addSeparator()
        rename = menu.addAction("Rename…")
        rename.setEnabled(not entry.shipped)
        rename.triggered.connect(lambda: acting.rename(entry))
        menu.addAction("Copy facts").triggered.connect(lambda: acting.copy_facts(entry))
        menu.addAction("Show in folder").triggered.connect(lambda: acting.show(entry))
        menu.addSeparator()
        remove = menu.addAction("Remove…")
        remove.setEnabled(not entry.shipped)
        remove.triggered.connect(lambda: acting.remove(entry))
        menu.popup(at)

    def _order_tabs(self) -> None:
        """From top to bottom, then to the details."""
        chain: list[QWidget] = []
        for part in (*self.adding.pending(), self.introduction):
            chain += part.findChildren(QPushButton)
        for row in self.rows:
            chain += row.parts()
        chain += self.details.findChildren(QPushButton)
        chain = [part for part in chain if part.focusPolicy() is not Qt.FocusPolicy.NoFocus]
        for before, after in pairwise(chain):
            self.setTabOrder(before, after)

    # --- joining ------------------------------------------------------------------------------

    def _connect(self) -> None:
        self._applying.changed.connect(self._show)
        self._applying.unreadable.connect(self._unreadable)
        self.introduction.file_requested.connect(self.adding.choose_file)
        self.introduction.folder_requested.connect(self.adding.choose_folder)
        self.introduction.advice_requested.connect(self.advice_requested)
        self.adding.added.connect(self._added)
        self.adding.listed.connect(self._incoming_listed)
        self.acting.changed.connect(self._applying.refresh)
        details, acting = self.details, self.acting
        details.switch_requested.connect(
            lambda on: self._do(lambda entry: self._applying.switch(entry.place, on))
        )
        details.compare_requested.connect(
            lambda: self._do(lambda entry: self.compare_requested.emit(entry.place))
        )
        details.rename_requested.connect(lambda: self._do(acting.rename))
        details.copy_requested.connect(lambda: self._do(acting.copy_facts))
        details.show_requested.connect(lambda: self._do(acting.show))
        details.remove_requested.connect(lambda: self._do(acting.remove))

    def _do(self, act: object) -> None:
        entry = self.current
        if entry is not None and callable(act):
            act(entry)

    def _added(self, entry: AdapterEntry) -> None:
        self.show_added(entry.place)
        self.acting.tell_added(entry)

    def show_added(self, place: str) -> None:
        """Something new is in the list: select it once it is shown."""
        self._wanted = place
        self._applying.refresh()

    def _incoming_listed(self) -> None:
        self._order_tabs()
        self._halves.reveal_top()  # where it is to be seen

    def _unreadable(self, error: Exception) -> None:
        self._trouble.setText(f"The list of adapters cannot be read. {error}")
        self._trouble.show()

    # --- making it ----------------------------------------------------------------------------

    def _arrange(self) -> None:
        page = QWidget(self)
        self._incoming.setSpacing(SPACE)
        column = QVBoxLayout(page)
        column.setContentsMargins(SPACE * 2, SPACE * 2, SPACE * 2, SPACE * 3)
        column.setSpacing(SPACE // 2)
        column.addLayout(self._incoming)
        column.addWidget(self._trouble)
        column.addWidget(self.introduction)
        column.addSpacing(SPACE * 2)
        column.addWidget(self._heading)
        column.addWidget(self._sentence)
        column.addSpacing(SPACE // 2)
        column.addWidget(self._frame)
        column.addSpacing(SPACE // 2)
        column.addWidget(self._hint)
        column.addStretch(1)
        self._halves = ListWithDetails(page, self.details, self)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._halves)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_halves"):
            self._tint()

    def _tint(self) -> None:
        coloured(self._trouble, theme.colours().danger)

    def take(self, paths: Sequence[Path]) -> None:
        """Adapters that were dropped."""
        self.adding.take(paths)


def _whose(applying: Applying) -> str:
    if applying.conversation_id is None:
        return "What is switched on here holds for the next conversation, from its first question."
    return (
        "What is switched on here holds for the conversation that is open in Ask, from its next "
        "question. Others have their own."
    )
