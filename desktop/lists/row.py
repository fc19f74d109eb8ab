"""One row of a list: a check mark as wide as the list, with what matters written on it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QCheckBox, QLabel, QPushButton, QSizePolicy, QWidget

from desktop import theme
from desktop.theme import SPACE

_RADIUS = 7.0
_STEPS = {
    Qt.Key.Key_Up: -1,
    Qt.Key.Key_Down: 1,
    Qt.Key.Key_PageUp: -5,
    Qt.Key.Key_PageDown: 5,
    Qt.Key.Key_Home: -1000,
    Qt.Key.Key_End: 1000,
}


class ListedRow(QCheckBox):
    """Focus selects it, for the details; its mark, a double click, Enter or Space use it.

    What it says and draws, and what using it means, is for those that inherit. The mark shows
    what is so: using is a wish that others fulfil.
    """

    locate_requested = Signal()
    remove_requested = Signal()
    menu_requested = Signal(QPoint)
    entered = Signal()  # it has the focus now
    moved = Signal(int)  # rows to go down

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.current = False
        self._ready = False  # until its parts are there, Qt tells of changes in vain
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)

    # --- for those that inherit ---------------------------------------------------------------

    @property
    def removable(self) -> bool:
        raise NotImplementedError

    def parts(self) -> list[QWidget]:
        """What the tab key goes to while it is the current one, in order."""
        raise NotImplementedError

    def mark(self) -> QRectF:
        """Where the mark is drawn."""
        raise NotImplementedError

    def paint_mark(self, painter: QPainter) -> None:
        raise NotImplementedError

    def use(self) -> None:
        """A person wishes to use it, or to use it no more."""
        raise NotImplementedError

    def refresh(self) -> None:
        """Say what is so."""
        raise NotImplementedError

    def tint(self) -> None:
        """Take the colours of now."""
        raise NotImplementedError

    def begin(self, *labels: QWidget) -> None:
        """All parts are there; clicks on ``labels`` are clicks on the row."""
        for label in labels:
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._ready = True

    def link(self, words: str, act: object) -> QPushButton:
        """A button that looks like a link."""
        button = QPushButton(words, self)
        button.setProperty("look", "link")
        button.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        button.pressed.connect(self.entered)
        button.clicked.connect(act)
        button.hide()
        return button

    def describe(self, *said: str) -> None:
        """Tell assistive programs, and the layout around it, what it says now."""
        self.setAccessibleDescription(". ".join(part.rstrip(".") for part in said if part))
        self.tint()
        self.updateGeometry()
        self.update()

    # --- being one of several -----------------------------------------------------------------

    def set_current(self, current: bool) -> None:
        """Whether the details are of this one; only then are its parts on the way of Tab."""
        self.current = current
        way = Qt.FocusPolicy.StrongFocus if current else Qt.FocusPolicy.ClickFocus
        for part in self.parts():
            part.setFocusPolicy(way)
        self.update()

    # --- what Qt tells ------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        layout = self.layout()
        return layout.totalSizeHint() if layout is not None else super().sizeHint()

    def minimumSizeHint(self) -> QSize:
        layout = self.layout()
        return layout.totalMinimumSize() if layout is not None else super().minimumSizeHint()

    def nextCheckState(self) -> None:
        """A click does not change the mark."""

    def hitButton(self, at: QPoint) -> bool:
        return at.x() < self.mark().right() + SPACE

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        hit = self.isDown() and self.hitButton(event.position().toPoint())
        super().mouseReleaseEvent(event)
        if hit and event.button() == Qt.MouseButton.LeftButton:
            self.use()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        # on the mark, the two clicks have done what they do
        inside = not self.hitButton(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and inside:
            self.use()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.use()
        elif key in _STEPS:
            self.moved.emit(_STEPS[Qt.Key(key)])
        elif key == Qt.Key.Key_Delete and self.removable:
            self.remove_requested.emit()
        else:
            event.ignore()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        event.ignore()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.entered.emit()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        self.menu_requested.emit(event.globalPos())

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if not self._ready:
            return
        if event.type() == QEvent.Type.PaletteChange:
            self.tint()
        elif event.type() == QEvent.Type.FontChange:
            self.refresh()

    def paintEvent(self, event: QPaintEvent) -> None:
        tones = theme.colours()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        inside = QRectF(self.rect()).adjusted(3.5, 2.5, -3.5, -2.5)
        if self.current or self.underMouse():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(tones.accent_soft if self.current else tones.raised)
            painter.drawRoundedRect(inside, _RADIUS, _RADIUS)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(tones.accent, 1))
            painter.drawRoundedRect(inside, _RADIUS, _RADIUS)
        self.paint_mark(painter)


def coloured(label: QLabel, colour: QColor) -> None:
    """Let a label say its words in ``colour``."""
    palette = label.palette()
    palette.setColor(label.foregroundRole(), colour)
    label.setPalette(palette)
