"""One adapter in the list: a switch as wide as the list, with what matters written on it."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from desktop import theme
from desktop.adapters import switch, wording
from desktop.adapters.strength import Strength
from desktop.applying import why_not
from desktop.lists.row import ListedRow, coloured
from desktop.plain import ElidedLabel, plain_label
from desktop.theme import SPACE
from engine.adapter_facts import AdapterEntry


class AdapterRow(ListedRow):
    """Its mark is a switch."""

    switched = Signal(bool)
    scaled = Signal(float)
    rename_requested = Signal()

    def __init__(self, entry: AdapterEntry, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.entry = entry
        self.scale: float | None = None
        self._name = ElidedLabel("", self)
        self._tag = plain_label("", self)
        self._summary = ElidedLabel("", self)
        self._summary.setProperty("look", "muted")
        self._note = plain_label("", self, wrap=True)
        self.strength = Strength(self)
        self._state = plain_label("", self)
        self._sign = QLabel(self)
        self._locate = self.link("Locate…", self.locate_requested.emit)
        self._remove = self.link("Remove", self.remove_requested.emit)
        self.strength.changed.connect(self.scaled)
        self._arrange()
        self.show_entry(entry, None)

    def show_entry(self, entry: AdapterEntry, scale: float | None) -> None:
        """``scale`` is how strongly it is applied, None where it is not."""
        if (entry, scale) == (self.entry, self.scale) and self._name.text():
            return
        self.entry, self.scale = entry, scale
        self.setChecked(scale is not None)
        self.refresh()

    @property
    def removable(self) -> bool:
        return not self.entry.shipped

    def parts(self) -> list[QWidget]:
        return [self, self.strength.slider, self._locate, self._remove]

    # --- what it says -------------------------------------------------------------------------

    def refresh(self) -> None:
        entry, state = self.entry, wording.state(self.entry)
        note = wording.note(entry)
        self._name.set_text(entry.name)
        theme.enlarge(self._name, 1.0, bold=True)
        self._tag.setText("Comes with Carrel" if entry.shipped else "")
        self._tag.setVisible(entry.shipped)
        summary = wording.summary(entry)
        self._summary.set_text(summary)
        self._summary.setVisible(bool(summary))
        self._note.setText(note)
        self._note.setVisible(bool(note))
        self._state.setText(state.words)
        on = self.scale is not None
        self.strength.setVisible(on)
        if self.scale is not None:
            self.strength.show_scale(self.scale)
        self.strength.name(entry.name)
        unusable = bool(entry.problem) and not entry.shipped
        for button, words in ((self._locate, "Locate"), (self._remove, "Remove")):
            button.setVisible(unusable)
            button.setAccessibleName(f"{words} {entry.name}")
        self.setContentsMargins(
            round(switch.size(self.fontMetrics().height())[0]) + SPACE * 3,
            SPACE * 5 // 4,
            SPACE * 3 // 2,
            SPACE,
        )
        self.setAccessibleName(entry.name)
        self.describe(self._state.text(), note, summary)

    def tint(self) -> None:
        tones, state = theme.colours(), wording.state(self.entry)
        size = theme.icon_size(self, 0.95)
        self._sign.setPixmap(theme.icon(state.icon, colour=state.colour(tones)).pixmap(size))
        ink = tones.danger if self.entry.problem else tones.muted
        coloured(self._note, ink)
        coloured(self._tag, tones.muted)

    # --- making it ----------------------------------------------------------------------------

    def _arrange(self) -> None:
        title = QHBoxLayout()
        title.setSpacing(SPACE)
        self._name.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        title.addWidget(self._name)
        title.addWidget(self._tag)
        title.addStretch(1)
        title.addWidget(self._sign)
        title.addWidget(self._state)
        buttons = QHBoxLayout()
        buttons.setSpacing(SPACE)
        buttons.addWidget(self._locate)
        buttons.addWidget(self._remove)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(title)
        column.addWidget(self._summary)
        column.addWidget(self._note)
        column.addWidget(self.strength)
        column.addLayout(buttons)
        self.begin(
            self._name, self._tag, self._summary, self._note, self._state, self._sign
        )  # fmt: skip

    # --- the switch ---------------------------------------------------------------------------

    def mark(self) -> QRectF:
        width, height = switch.size(self.fontMetrics().height())
        return QRectF(SPACE * 3 // 2, SPACE * 5 // 4 + 1, width, height)

    def paint_mark(self, painter: QPainter) -> None:
        usable = self.isChecked() or not why_not(self.entry)
        switch.paint(painter, self.mark(), on=self.isChecked(), enabled=usable)

    def use(self) -> None:
        if self.isChecked() or not why_not(self.entry):
            self.switched.emit(not self.isChecked())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_F2:
            self.rename_requested.emit()
        else:
            super().keyPressEvent(event)
