"""A button that cuts its words with an ellipsis where it has too little room."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import (
    QSizePolicy,
    QStyle,
    QStyleOptionToolButton,
    QStylePainter,
    QToolButton,
    QWidget,
)

from desktop import theme
from desktop.plain import menu_text, one_line

_LONGEST = 28  # characters, however much room there is
_SHORTEST = 10


class ShrinkingButton(QToolButton):
    """``words`` are what it says when there is room."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.words = ""
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)

    def say(self, text: str, sign: str = "") -> None:
        """``sign`` follows the words and is never cut off."""
        text = one_line(text)
        cut = text if len(text) <= _LONGEST else text[: _LONGEST - 1].rstrip() + "…"
        self.words = f"{cut}{sign}"
        self.setText(menu_text(self.words))

    def minimumSizeHint(self) -> QSize:
        hint = self.sizeHint()
        return QSize(min(hint.width(), theme.ems(self, _SHORTEST)), hint.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        option = QStyleOptionToolButton()
        self.initStyleOption(option)
        missing = self.sizeHint().width() - self.width()
        if missing > 0:
            metrics = self.fontMetrics()
            room = metrics.horizontalAdvance(self.words) - missing
            shown = metrics.elidedText(self.words, Qt.TextElideMode.ElideRight, max(0, room))
            option.text = menu_text(shown)
        QStylePainter(self).drawComplexControl(QStyle.ComplexControl.CC_ToolButton, option)
