"""How an adapter is trained, for those who want to say: good values until then."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtGui import QIntValidator
from PySide6.QtWidgets import QComboBox, QGridLayout, QLineEdit, QWidget

from desktop import theme
from desktop.ask.labels import Label
from desktop.theme import SPACE
from engine.training_facts import TrainingWish

_ROUNDS = (1, 2, 3, 4, 5, 8, 10)
_ALPHAS = (4, 8, 16, 32, 64, 128)
_RATES = (5e-5, 1e-4, 2e-4, 5e-4, 1e-3)
_RANKS = (4, 8, 16, 32, 64)
_HELD = (0.05, 0.1, 0.2, 0.3)


class Parameters(QWidget):
    """A grid of names, values and what each means."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        plain = TrainingWish("", "", "")
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(SPACE * 2)
        self._grid.setVerticalSpacing(SPACE)
        self._grid.setColumnStretch(2, 1)
        self.epochs = self._choice(
            "Rounds",
            {str(count): count for count in _ROUNDS},
            plain.epochs,
            "How often each example is seen",
        )
        self.rank = self._choice(
            "Rank",
            {str(rank): rank for rank in _RANKS},
            plain.rank,
            "How much can be learnt. A higher one needs more examples",
        )
        self.alpha = self._choice(
            "Alpha",
            {str(alpha): alpha for alpha in _ALPHAS},
            plain.alpha,
            "How strongly it weighs. Twice the rank is usual",
        )
        self.rate = self._choice(
            "Learning rate",
            {f"{rate:.0e}".replace("e-0", "e-"): rate for rate in _RATES},
            plain.learning_rate,
            "How large the steps are. Lower is safer and slower",
        )
        self.held_out = self._choice(
            "Held out",
            {f"{share:.0%}".replace("%", " %"): share for share in _HELD},
            plain.held_out,
            "Examples kept aside, to measure with",
        )
        self.seed = QLineEdit(str(plain.seed), self)
        self.seed.setProperty("look", "field")
        self.seed.setValidator(QIntValidator(0, 999_999, self.seed))
        self._add("Seed", self.seed, "The same one trains the same way")

    def in_wish(self, wish: TrainingWish) -> TrainingWish:
        """``wish`` with what is chosen here."""
        return replace(
            wish,
            epochs=self.epochs.currentData(),
            rank=self.rank.currentData(),
            alpha=self.alpha.currentData(),
            learning_rate=self.rate.currentData(),
            held_out=self.held_out.currentData(),
            seed=int(self.seed.text() or 0),
        )

    def _choice(self, name: str, values: dict[str, float], value: float, meaning: str) -> QComboBox:
        box = QComboBox(self)
        for words, data in values.items():
            box.addItem(words, data)
        box.setCurrentIndex(list(values.values()).index(value))
        self._add(name, box, meaning)
        return box

    def _add(self, name: str, box: QWidget, meaning: str) -> None:
        row = self._grid.rowCount()
        box.setAccessibleName(name)
        box.setAccessibleDescription(meaning)
        label = Label(name)
        label.setBuddy(box)
        middle = Qt.AlignmentFlag.AlignVCenter
        self._grid.addWidget(label, row, 0, middle)
        box.setMaximumWidth(theme.ems(self, 14))
        self._grid.addWidget(box, row, 1, middle)
        self._grid.addWidget(Label(meaning, size=0.92, ink="muted", wrap=True), row, 2, middle)
