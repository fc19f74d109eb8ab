"""A few choices side by side in one frame, of which one holds: the parts of a view."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
    QStyle,
    QStyleOptionButton,
    QStylePainter,
    QWidget,
)

from desktop import theme

_EDGES = 30  # pixels around the words of a segment
_FEWEST = 5  # letters of it that are always shown


class Segments(QFrame):
    """The arrow keys go from one to the next, as in any group of radio buttons."""

    chosen = Signal(str)

    def __init__(self, choices: Mapping[str, str], parent: QWidget | None = None) -> None:
        """``choices`` are words by key."""
        super().__init__(parent)
        self.setObjectName("segments")
        self._group = QButtonGroup(self)
        self._buttons: dict[str, QPushButton] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(2, 2, 2, 2)
        row.setSpacing(2)
        for key, words in choices.items():
            button = self._buttons[key] = _Segment(words, self)
            button.clicked.connect(partial(self._pressed, key))
            self._group.addButton(button)
            row.addWidget(button)
        self._restyle()
        self.show_choice(next(iter(choices)))

    @property
    def choice(self) -> str:
        return next(key for key, button in self._buttons.items() if button.isChecked())

    def show_choice(self, key: str) -> None:
        """Without telling of it."""
        self._buttons[key].setChecked(True)
        for other, button in self._buttons.items():
            at = Qt.FocusPolicy.StrongFocus if other == key else Qt.FocusPolicy.ClickFocus
            button.setFocusPolicy(at)

    def focus(self) -> None:
        self._buttons[self.choice].setFocus(Qt.FocusReason.OtherFocusReason)

    def button(self, key: str) -> QPushButton:
        return self._buttons[key]

    def step(self, by: int) -> None:
        """To the next one, or the one before."""
        keys = list(self._buttons)
        key = keys[min(max(keys.index(self.choice) + by, 0), len(keys) - 1)]
        self._pressed(key)
        self.focus()

    def _pressed(self, key: str, _checked: bool = False) -> None:
        self.show_choice(key)
        self.chosen.emit(key)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_group"):
            self._restyle()

    def _restyle(self) -> None:
        c = theme.colours()
        sheet = (
            f"#segments {{ background: {c.surface.name()}; border: 1px solid {c.border.name()};"
            " border-radius: 8px; }"
            "#segments QPushButton { border: 1px solid transparent; border-radius: 6px;"
            f" padding: 3px 12px; background: transparent; color: {c.text.name()}; }}"
            f"#segments QPushButton:hover {{ background: {c.raised.name()}; }}"
            f"#segments QPushButton:checked {{ background: {c.base.name()};"
            f" border-color: {c.border.name()}; color: {c.accent.name()}; font-weight: 600; }}"
            f"#segments QPushButton:focus {{ border: 1px solid {c.accent.name()}; }}"
        )
        if sheet != self.styleSheet():
            self.setStyleSheet(sheet)


class _Segment(QPushButton):
    def __init__(self, words: str, segments: Segments) -> None:
        super().__init__(words, segments)
        self._segments = segments
        self.setCheckable(True)
        self.setAutoDefault(False)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """As wide chosen as not, though its words are heavier then."""
        hint = super().sizeHint()
        words = self._heavy().horizontalAdvance(self.text())
        return QSize(max(hint.width(), words + _EDGES), hint.height())

    def minimumSizeHint(self) -> QSize:
        room = self.fontMetrics().averageCharWidth() * _FEWEST
        return QSize(min(self.sizeHint().width(), room + _EDGES), self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The words end in an ellipsis where they do not fit; the whole is in the tool tip."""
        option = QStyleOptionButton()
        self.initStyleOption(option)
        option.text = self._shown()
        QStylePainter(self).drawControl(QStyle.ControlElement.CE_PushButton, option)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.setToolTip("" if self._shown() == self.text() else self.text())

    def _shown(self) -> str:
        room = self.width() - _EDGES
        return self._heavy().elidedText(self.text(), Qt.TextElideMode.ElideRight, room)

    def _heavy(self) -> QFontMetrics:
        """What the words are drawn with when it is chosen."""
        return QFontMetrics(theme.scaled(self.font(), 1.0, bold=True))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()), 0)
        if step:
            self._segments.step(step)
        else:
            super().keyPressEvent(event)
