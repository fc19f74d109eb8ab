"""All that is known of the selected adapter, and what can be done with it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from desktop import theme
from desktop.adapters import wording
from desktop.adapters.facts_grid import FactsGrid
from desktop.applying import why_not
from desktop.models.wording import short_path
from desktop.plain import ElidedLabel, one_line, plain_label
from desktop.theme import SPACE
from engine.adapter_facts import AdapterEntry


class Details(QFrame):
    """Beside the list where there is room, else below it."""

    switch_requested = Signal(bool)
    compare_requested = Signal()
    rename_requested = Signal()
    copy_requested = Signal()
    show_requested = Signal()  # in the file manager
    remove_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Details of the selected adapter")
        self._entry: AdapterEntry | None = None
        self._on = self._beside = False
        self._columns = 2
        self._name = plain_label("", self, wrap=True)
        self._place = ElidedLabel("", self, Qt.TextElideMode.ElideMiddle)
        self._place.setProperty("look", "muted")
        self._note = plain_label("", self, wrap=True)
        self._facts = FactsGrid(self)
        self._switch = self._button(
            "Switch on", "primary", lambda: self.switch_requested.emit(not self._on)
        )
        self._compare = self._button("Compare…", "", self.compare_requested.emit)
        self._rename = self._button("Rename…", "", self.rename_requested.emit)
        self._copy = self._button("Copy facts", "link", self.copy_requested.emit)
        self._show = self._button("Show in folder", "link", self.show_requested.emit)
        self._remove = self._button("Remove…", "", self.remove_requested.emit)
        self._arrange()
        self._scale()

    def set_place(self, beside: bool, columns: int) -> None:
        """Whether it stands beside the list, with its buttons below, or below it, with its
        buttons to the right; and how many facts have room beside each other."""
        if (beside, columns) == (self._beside, self._columns):
            return
        self._beside, self._columns = beside, columns
        directions = QBoxLayout.Direction
        self._halves.setDirection(directions.TopToBottom if beside else directions.LeftToRight)
        if self._entry is not None:
            self._fill(self._entry)

    def wanted_height(self) -> int:
        """Pixels in which everything can be read, as wide as it is now."""
        self._page.ensurePolished()
        layout, buttons = self._page.layout(), self._buttons
        assert layout is not None
        layout.activate()
        width = max(1, self.width() - buttons.sizeHint().width() - 1)
        return max(layout.totalHeightForWidth(width), buttons.sizeHint().height()) + 2

    def show_entry(self, entry: AdapterEntry | None, *, on: bool) -> None:
        """``on`` says that it is applied. Without an entry there is nothing to say."""
        if (entry, on) == (self._entry, self._on) and entry is not None:
            return
        self._entry, self._on = entry, on
        self.setVisible(entry is not None)
        if entry is not None:
            self._fill(entry)

    # --- showing ------------------------------------------------------------------------------

    def _fill(self, entry: AdapterEntry) -> None:
        self._name.setText(one_line(entry.name))
        self._scale()
        self._place.set_text(short_path(Path(entry.place)))
        note = wording.note(entry)
        self._note.setText(note)
        self._note.setVisible(bool(note))
        self._facts.show_facts(wording.facts(entry), self._columns)
        usable = not why_not(entry)
        self._switch.setText("Switch off" if self._on else "Switch on")
        self._switch.setProperty("look", "" if self._on else "primary")
        self._switch.style().polish(self._switch)
        self._switch.setVisible(usable or self._on)
        self._compare.setVisible(usable)
        self._show.setVisible(not entry.shipped)
        self._rename.setVisible(not entry.shipped)
        self._remove.setVisible(not entry.shipped)
        self._tint()

    def _button(self, words: str, look: str, act: object) -> QPushButton:
        button = QPushButton(words, self)
        if look:
            button.setProperty("look", look)
        button.clicked.connect(act)
        return button

    def _arrange(self) -> None:
        page = self._page = QWidget(self)
        where = QHBoxLayout()
        where.setSpacing(SPACE // 2)
        where.addWidget(self._place, 1)
        where.addWidget(self._show)
        column = QVBoxLayout(page)
        column.setContentsMargins(SPACE * 2, SPACE * 3 // 2, SPACE * 2, SPACE)
        column.setSpacing(SPACE // 2)
        column.addWidget(self._name)
        column.addLayout(where)
        column.addWidget(self._note)
        column.addSpacing(SPACE)
        column.addWidget(self._facts)
        column.addWidget(self._copy, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch(1)
        scroll = QScrollArea(self)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(page)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        buttons = self._buttons = QVBoxLayout()
        buttons.setContentsMargins(SPACE * 2, SPACE * 3 // 2, SPACE * 2, SPACE * 3 // 2)
        buttons.setSpacing(SPACE)
        for button in (self._switch, self._compare, self._rename, self._remove):
            buttons.addWidget(button)
        buttons.addStretch(1)
        self._halves = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._halves.setContentsMargins(1, 1, 0, 0)  # of the line that is painted
        self._halves.setSpacing(0)
        self._halves.addWidget(scroll, 1)
        self._halves.addLayout(buttons)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if not hasattr(self, "_halves"):
            return
        if event.type() == QEvent.Type.PaletteChange:
            self._tint()
        elif event.type() == QEvent.Type.FontChange:
            self._scale()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(theme.colours().border)
        edge = self.rect()
        painter.drawLine(edge.topLeft(), edge.bottomLeft() if self._beside else edge.topRight())

    def _scale(self) -> None:
        self._name.setFont(theme.scaled(self.font(), 1.15, bold=True))

    def _tint(self) -> None:
        if self._entry is None:
            return
        tones = theme.colours()
        palette = self._note.palette()
        palette.setColor(self._note.foregroundRole(), wording.state(self._entry).colour(tones))
        if not why_not(self._entry):
            palette.setColor(self._note.foregroundRole(), tones.muted)
        self._note.setPalette(palette)
