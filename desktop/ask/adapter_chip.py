"""The chip that says which adapters shape the next answer, and switches them."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QMenu, QToolButton

from desktop.applying import Applying, why_not
from desktop.ask.scope import Chip
from desktop.plain import menu_text, tooltip


class AdapterChip(Chip):
    """Shown where adapters are wanted or one is applied, and a model could write with them."""

    view_wanted = Signal()

    def __init__(self, applying: Applying) -> None:
        super().__init__("tune-variant", "Adapter")
        self._applying = applying
        self._wanted = self._model = False
        self._choices = QMenu(self)
        self._choices.setToolTipsVisible(True)
        self._choices.aboutToShow.connect(self._fill)
        self.setMenu(self._choices)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        applying.changed.connect(self._describe)
        self._describe()

    def want(self, wanted: bool) -> None:
        """Whether the person wants to have to do with adapters."""
        self._wanted = wanted
        self._describe()

    def offer_model(self, offered: bool) -> None:
        """Whether there is a model that writes."""
        self._model = offered
        self._describe()

    def _describe(self) -> None:
        applied = self._applying.applied
        names = [f"{self._applying.name_of(one)} ×{one.scale:g}" for one in applied]
        if not names:
            self.show_choice("No adapter", "The model writes as it comes")
        elif len(names) == 1:
            self.show_choice(names[0], f"Answers are written with the adapter {names[0]}")
        else:
            listed = ", ".join(names)
            self.show_choice(f"{len(names)} adapters", f"Answers are written with {listed}")
        self.setVisible(self._model and (self._wanted or bool(applied)))

    def _fill(self) -> None:
        self._choices.clear()
        for entry in self._applying.entries:
            scale = self._applying.scale(entry.place)
            words = menu_text(entry.name)
            action = self._choices.addAction(
                f"{words}   ×{scale:g}" if scale is not None else words
            )
            action.setCheckable(True)
            action.setChecked(scale is not None)
            why = why_not(entry)
            action.setEnabled(not why or scale is not None)
            action.setToolTip(tooltip(why))
            action.triggered.connect(lambda on, place=entry.place: self._applying.switch(place, on))
        if not self._applying.entries:
            self._choices.addAction("No adapter yet").setEnabled(False)
        self._choices.addSeparator()
        self._choices.addAction("Adapters…").triggered.connect(lambda: self.view_wanted.emit())
