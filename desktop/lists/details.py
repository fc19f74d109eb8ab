"""All that is known of the selected row, and what can be done with it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from desktop import theme
from desktop.lists.facts_grid import FactsGrid
from desktop.plain import ElidedLabel, one_line, plain_label
from desktop.theme import SPACE


class DetailsPane(QFrame):
    """A name, where it is, what to say of it, its facts, and buttons: below these where the pane
    stands beside the list, to their right where it stands below."""

    show_requested = Signal()  # in the file manager
    remove_requested = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self._beside = self._ready = False
        self._page = QWidget(self)
        self._title = plain_label("", self, wrap=True)
        self._place = ElidedLabel("", self, Qt.TextElideMode.ElideMiddle)
        self._place.setProperty("look", "muted")
        self._facts = FactsGrid(self)
        self._show = self.button("Show in folder", "link", self.show_requested.emit)
        self._remove = self.button("Remove…", "", self.remove_requested.emit)

    # --- for those that inherit ---------------------------------------------------------------

    def tint(self) -> None:
        """Take the colours of now."""
        raise NotImplementedError

    def button(self, words: str, look: str, act: object) -> QPushButton:
        button = QPushButton(words, self)
        if look:
            button.setProperty("look", look)
        button.clicked.connect(act)
        return button

    def arrange(
        self,
        notes: Sequence[QLabel],
        buttons: Sequence[QPushButton],
        below: QPushButton | None = None,
    ) -> None:
        """``notes`` stand above the facts, ``below`` under them. The button that removes is the
        last one of all."""
        where = QHBoxLayout()
        where.setSpacing(SPACE // 2)
        where.addWidget(self._place, 1)
        where.addWidget(self._show)
        column = QVBoxLayout(self._page)
        column.setContentsMargins(SPACE * 2, SPACE * 3 // 2, SPACE * 2, SPACE)
        column.setSpacing(SPACE // 2)
        column.addWidget(self._title)
        column.addLayout(where)
        for note in notes:
            column.addWidget(note)
        column.addSpacing(SPACE)
        column.addWidget(self._facts)
        if below is not None:
            column.addWidget(below, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch(1)
        scroll = QScrollArea(self)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(self._page)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._buttons = QVBoxLayout()
        self._buttons.setContentsMargins(SPACE * 2, SPACE * 3 // 2, SPACE * 2, SPACE * 3 // 2)
        self._buttons.setSpacing(SPACE)
        for button in (*buttons, self._remove):
            self._buttons.addWidget(button)
        self._buttons.addStretch(1)
        self._halves = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._halves.setContentsMargins(1, 1, 0, 0)  # of the line that is painted
        self._halves.setSpacing(0)
        self._halves.addWidget(scroll, 1)
        self._halves.addLayout(self._buttons)
        self._ready = True
        self._scale()

    def show_name(self, name: str, place: str) -> None:
        """``place`` is empty for what is in no file or folder."""
        self._title.setText(one_line(name))
        self._scale()
        self._place.set_text(place)
        self._place.setVisible(bool(place))

    # --- where it stands ----------------------------------------------------------------------

    def set_place(self, beside: bool, columns: int) -> None:
        """Whether it stands beside the list or below it, and how many facts have room beside
        each other."""
        self._facts.set_columns(columns)
        if beside != self._beside:
            self._beside = beside
            directions = QBoxLayout.Direction
            self._halves.setDirection(directions.TopToBottom if beside else directions.LeftToRight)
            self.update()

    def wanted_height(self) -> int:
        """Pixels in which everything can be read, as wide as it is now."""
        self._page.ensurePolished()
        layout, buttons = self._page.layout(), self._buttons
        assert layout is not None
        layout.activate()
        width = max(1, self.width() - buttons.sizeHint().width() - 1)
        return max(layout.totalHeightForWidth(width), buttons.sizeHint().height()) + 2

    # --- what Qt tells ------------------------------------------------------------------------

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if not self._ready:
            return
        if event.type() == QEvent.Type.PaletteChange:
            self.tint()
        elif event.type() == QEvent.Type.FontChange:
            self._scale()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(theme.colours().border)
        edge = self.rect()
        painter.drawLine(edge.topLeft(), edge.bottomLeft() if self._beside else edge.topRight())

    def _scale(self) -> None:
        theme.enlarge(self._title, 1.15, bold=True)
