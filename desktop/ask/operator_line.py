"""A quiet line that names the operators; a click writes one."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from desktop import theme
from desktop.ask.labels import Label
from desktop.plain import tooltip

_OPERATORS = (
    ("file:", "file:", "Only files whose name contains this, or matches it: file:*.pdf"),
    ("folder:", "folder:", "Only documents in folders of this name"),
    ("type:", "type:", "Only documents of this type: type:pdf, type:word"),
    ("before:", "before:", "Only files last changed before a year, a month or a day: before:2022"),
    ("after:", "after:", "Only files last changed since a year, a month or a day: after:2022-05"),
    ("“these words”", '"', "Only pages that hold these words one after the other"),
    ("-without", "-", "No passages that hold this word"),
)


class OperatorLine(QWidget):
    """Names as many as there is room for."""

    chosen = Signal(str)  # what to write

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        self._caption = Label("Narrow with", size=0.86, ink="muted")
        row.addWidget(self._caption)
        self._buttons: list[QToolButton] = []
        for name, written, meaning in _OPERATORS:
            button = QToolButton()
            button.setText(name)
            button.setToolTip(tooltip(meaning))
            button.setAccessibleName(meaning)
            button.setAutoRaise(True)
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # whoever types only has to type it
            button.setCursor(Qt.CursorShape.PointingHandCursor)
            button.clicked.connect(lambda _=False, words=written: self.chosen.emit(words))
            row.addWidget(button)
            self._buttons.append(button)
        row.addStretch(1)
        self._restyle()

    def minimumSizeHint(self) -> QSize:
        return QSize(self._caption.sizeHint().width(), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            self._restyle()

    def _fit(self) -> None:
        left = self.contentsRect().width() - self._caption.sizeHint().width()
        for button in self._buttons:
            left -= button.sizeHint().width() + 2
            button.setVisible(left >= 0)

    def _restyle(self) -> None:
        c = theme.colours()
        sheet = (
            f"QToolButton {{ color: {c.muted.name()}; background: transparent; border: none;"
            f" border-radius: 5px; padding: 1px 5px; }}"
            f"QToolButton:hover {{ color: {c.text.name()}; background: {c.accent_soft.name()}; }}"
        )
        for button in self._buttons:
            theme.enlarge(button, 0.86)
        if sheet != self.styleSheet():
            self.setStyleSheet(sheet)
        self._fit()
