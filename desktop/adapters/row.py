"""One adapter in the list: a switch as wide as the list, with what matters written on it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from desktop import theme
from desktop.adapters import switch, wording
from desktop.adapters.strength import Strength
from desktop.applying import why_not
from desktop.plain import ElidedLabel, plain_label
from desktop.theme import SPACE
from engine.adapter_facts import AdapterEntry

_RADIUS = 7.0
_STEPS = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_Home: -1000, Qt.Key.Key_End: 1000}


class AdapterRow(QCheckBox):
    """Focus selects it, for the details; its switch, a double click, Enter or Space switch it."""

    switched = Signal(bool)
    scaled = Signal(float)
    locate_requested = Signal()
    remove_requested = Signal()
    rename_requested = Signal()
    menu_requested = Signal(QPoint)
    entered = Signal()  # it has the focus now
    moved = Signal(int)  # rows to go down

    def __init__(self, entry: AdapterEntry, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.entry = entry
        self.scale: float | None = None
        self.current = False
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self._name = ElidedLabel("", self)
        self._tag = plain_label("", self)
        self._summary = ElidedLabel("", self)
        self._summary.setProperty("look", "muted")
        self._note = plain_label("", self, wrap=True)
        self.strength = Strength(self)
        self._state = plain_label("", self)
        self._sign = QLabel(self)
        self._locate = self._button("Locate…", self.locate_requested.emit)
        self._remove = self._button("Remove", self.remove_requested.emit)
        self.strength.changed.connect(self.scaled)
        self._arrange()
        self.show_entry(entry, None)

    def show_entry(self, entry: AdapterEntry, scale: float | None) -> None:
        """``scale`` is how strongly it is applied, None where it is not."""
        if (entry, scale) == (self.entry, self.scale) and self._name.text():
            return
        self.entry, self.scale = entry, scale
        self.setChecked(scale is not None)
        self._refresh()

    def set_current(self, current: bool) -> None:
        """Whether the details are of this one; only then are its parts on the way of Tab."""
        self.current = current
        way = Qt.FocusPolicy.StrongFocus if current else Qt.FocusPolicy.ClickFocus
        for part in (self, self.strength.slider, self._locate, self._remove):
            part.setFocusPolicy(way)
        self.update()

    def parts(self) -> list[QWidget]:
        """What the tab key goes to, in order."""
        return [self, self.strength.slider, self._locate, self._remove]

    # --- what it says -------------------------------------------------------------------------

    def _refresh(self) -> None:
        entry, state = self.entry, wording.state(self.entry)
        note = wording.note(entry)
        self._name.set_text(entry.name)
        self._name.setFont(theme.scaled(self.font(), 1.0, bold=True))
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
        said = (self._state.text(), note, summary)
        self.setAccessibleDescription(". ".join(part.rstrip(".") for part in said if part))
        self._tint()
        self.updateGeometry()
        self.update()

    def _tint(self) -> None:
        tones, state = theme.colours(), wording.state(self.entry)
        size = theme.icon_size(self, 0.95)
        self._sign.setPixmap(theme.icon(state.icon, colour=state.colour(tones)).pixmap(size))
        ink = tones.danger if self.entry.problem else tones.muted
        for label, colour in ((self._note, ink), (self._tag, tones.muted)):
            palette = label.palette()
            palette.setColor(label.foregroundRole(), colour)
            label.setPalette(palette)

    # --- making it ----------------------------------------------------------------------------

    def _button(self, words: str, act: object) -> QPushButton:
        button = QPushButton(words, self)
        button.setProperty("look", "link")
        button.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        button.pressed.connect(self.entered)
        button.clicked.connect(act)
        return button

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
        for part in (self._name, self._tag, self._summary, self._note, self._state, self._sign):
            part.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def sizeHint(self) -> QSize:
        layout = self.layout()
        return layout.totalSizeHint() if layout is not None else super().sizeHint()

    def minimumSizeHint(self) -> QSize:
        layout = self.layout()
        return layout.totalMinimumSize() if layout is not None else super().minimumSizeHint()

    # --- the switch ---------------------------------------------------------------------------

    def nextCheckState(self) -> None:
        """The mark shows what is so; switching is a wish that others fulfil."""

    def hitButton(self, at: QPoint) -> bool:
        return at.x() < self.mark().right() + SPACE

    def mark(self) -> QRectF:
        """Where the switch is drawn."""
        width, height = switch.size(self.fontMetrics().height())
        return QRectF(SPACE * 3 // 2, SPACE * 5 // 4 + 1, width, height)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        hit = self.isDown() and self.hitButton(event.position().toPoint())
        super().mouseReleaseEvent(event)
        if hit and event.button() == Qt.MouseButton.LeftButton:
            self._switch()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        inside = not self.hitButton(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and inside:
            self._switch()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._switch()
        elif key in _STEPS:
            self.moved.emit(_STEPS[Qt.Key(key)])
        elif key == Qt.Key.Key_Delete and not self.entry.shipped:
            self.remove_requested.emit()
        elif key == Qt.Key.Key_F2:
            self.rename_requested.emit()
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
        if not hasattr(self, "_remove"):
            return
        if event.type() == QEvent.Type.PaletteChange:
            self._tint()
        elif event.type() == QEvent.Type.FontChange:
            self._refresh()

    def _switch(self) -> None:
        if self.isChecked() or not why_not(self.entry):
            self.switched.emit(not self.isChecked())

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
        usable = self.isChecked() or not why_not(self.entry)
        switch.paint(painter, self.mark(), on=self.isChecked(), enabled=usable)
