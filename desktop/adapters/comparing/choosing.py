"""What is compared: which adapters, and where in the library to look."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QToolButton, QWidget

from desktop.adapters.comparing.wording import applied
from desktop.applying import Applying
from desktop.ask.choices import Choices
from desktop.ask.scope import Chip, ScopeChip
from desktop.bridge import Bridge
from desktop.plain import menu_text
from engine.answers import AppliedAdapter
from engine.records import Scope


class Choosing(QWidget):
    """Two chips. Unless told, what is applied to the conversation on screen is compared, else
    the first adapter that fits."""

    changed = Signal()

    def __init__(self, bridge: Bridge, applying: Applying, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge, self._applying = bridge, applying
        self._place = ""  # of the one that was chosen; empty for those that are applied
        self._chip = Chip("tune-variant", "Adapter")
        self._menu = QMenu(self._chip)
        self._menu.aboutToShow.connect(self._fill)
        self._chip.setMenu(self._menu)
        self._chip.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._scope = ScopeChip()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(self._chip)
        row.addWidget(self._scope)
        row.addWidget(self._scope.tokens)
        row.addStretch(1)
        applying.changed.connect(self._describe)
        self._describe()

    @property
    def adapters(self) -> tuple[AppliedAdapter, ...]:
        """Empty where there is none that fits."""
        usable = {entry.place: entry for entry in self._applying.usable()}
        on = tuple(one for one in self._applying.applied if one.path in usable)
        place = self._place if self._place in usable else ""
        if not place and on:
            return on
        place = place or next(iter(usable), "")
        if not place:
            return ()
        scale = self._applying.scale(place)
        return (AppliedAdapter(place, 1.0 if scale is None else scale, usable[place].name),)

    @property
    def scope(self) -> Scope:
        return self._scope.scope

    def choose(self, place: str) -> None:
        """Compare this adapter; with an empty place, those that are applied."""
        self._place = place
        self._describe()

    def refresh(self) -> None:
        """Ask the library anew for its folders and documents."""
        library = self._bridge.library
        self._bridge.run(
            self, lambda: Choices.of(library.folders(), library.ledger()), self._scope.offer
        )

    def _describe(self) -> None:
        adapters = self.adapters
        if adapters:
            self._chip.show_choice(applied(adapters), f"Compared with {applied(adapters)}")
        else:
            self._chip.show_choice("No adapter fits", "Add an adapter that fits the model first")
        self._chip.setEnabled(bool(self._applying.usable()))
        self.changed.emit()

    def _fill(self) -> None:
        self._menu.clear()
        on = self._applying.applied
        if on:
            both = self._menu.addAction(menu_text(f"Those switched on: {applied(on)}"))
            both.setCheckable(True)
            both.setChecked(self.adapters == on and not self._place)
            both.triggered.connect(partial(self._chosen, ""))
            self._menu.addSeparator()
        for entry in self._applying.usable():
            action = self._menu.addAction(menu_text(entry.name))
            action.setCheckable(True)
            action.setChecked([one.path for one in self.adapters] == [entry.place])
            action.triggered.connect(partial(self._chosen, entry.place))

    def _chosen(self, place: str, _checked: bool = False) -> None:
        self.choose(place)
