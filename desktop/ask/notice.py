"""A bar inside a view that says one thing, with at most one button."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from desktop import theme
from desktop.ask.labels import Label, TextButton

_ICONS = {
    "muted": "information-outline",
    "warning": "alert-circle-outline",
    "danger": "alert-outline",
}


class Notice(QWidget):
    """Hidden until there is something to say. Tones: "muted", "warning", "danger"."""

    def __init__(self, around: tuple[int, int, int, int] = (0, 0, 0, 0)) -> None:
        """``around``: pixels kept free at the left, top, right and bottom while it is shown."""
        super().__init__()
        frame = QFrame()
        frame.setObjectName("notice")
        outer = QVBoxLayout(self)
        outer.setContentsMargins(*around)
        outer.addWidget(frame)
        self._tone = "muted"
        self._act: Callable[[], None] | None = None
        self._sign = QLabel()
        self._words = Label(wrap=True, selectable=True)
        self._button = TextButton("")
        self._button.clicked.connect(self._pressed)
        row = QHBoxLayout(frame)
        row.setContentsMargins(12, 8, 8, 8)
        row.setSpacing(10)
        row.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._words, 1, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._button, 0, Qt.AlignmentFlag.AlignTop)
        self.hide()

    @property
    def text(self) -> str:
        return self._words.text() if not self.isHidden() else ""

    def say(
        self,
        text: str,
        tone: str = "muted",
        button: str = "",
        act: Callable[[], None] | None = None,
    ) -> None:
        self._tone, self._act = tone, act
        self._words.setText(text)
        self._button.setText(button)
        self._button.setVisible(bool(button))
        # The first line and the sign stand level with the button.
        line = self._words.fontMetrics().height()
        drop = max(0, (self._button.sizeHint().height() - line) // 2) if button else 0
        self._words.setContentsMargins(0, drop, 0, 0)
        self._sign.setContentsMargins(0, drop, 0, 0)
        self.setAccessibleName(text)
        self._restyle()
        self.show()

    def _pressed(self) -> None:
        if self._act is not None:
            self._act()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._restyle()

    def _restyle(self) -> None:
        c = theme.colours()
        ink = getattr(c, self._tone)
        side = self._words.fontMetrics().height()
        self._sign.setPixmap(theme.icon(_ICONS[self._tone], colour=ink).pixmap(side, side))
        edge = c.border if self._tone == "muted" else ink
        sheet = (
            f"#notice {{ background: {c.surface.name()}; border: 1px solid {c.border.name()};"
            f" border-left: 3px solid {edge.name()}; border-radius: 6px; }}"
        )
        if sheet != self.styleSheet():
            self.setStyleSheet(sheet)
