"""One model in its list: a radio button as wide as the list, with what matters written on it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, Signal
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
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QRadioButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from desktop import theme
from desktop.models import wording
from desktop.models.offers import Offer
from desktop.plain import ElidedLabel, plain_label, tooltip
from desktop.theme import SPACE
from engine.models.entries import Fit

_RADIUS = 7.0
_BUTTON_EDGE = 5  # between the edge of a button that looks like a link and its words
_STEPS = {
    Qt.Key.Key_Up: -1,
    Qt.Key.Key_Down: 1,
    Qt.Key.Key_PageUp: -5,
    Qt.Key.Key_PageDown: 5,
    Qt.Key.Key_Home: -1000,
    Qt.Key.Key_End: 1000,
}


class ModelRow(QRadioButton):
    """Focus selects it, for the details; its mark, a double click, Enter or Space choose it."""

    choose_requested = Signal()
    measure_requested = Signal()
    stop_requested = Signal()
    locate_requested = Signal()
    remove_requested = Signal()
    menu_requested = Signal(QPoint)
    entered = Signal()  # it has the focus now
    moved = Signal(int)  # rows to go down

    def __init__(self, offer: Offer, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.offer = offer
        self._room = 0
        self._current = False
        self.there = True
        self._measuring = ""
        self._unwell = ""
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self._name = ElidedLabel("", self)
        self._tag = plain_label("", self)
        self._summary = ElidedLabel("", self)
        self._summary.setProperty("look", "muted")
        self._note = plain_label("", self, wrap=True)
        self._bar = QProgressBar(self)
        self._bar.setProperty("look", "slim")
        self._bar.setTextVisible(False)
        self._bar.setRange(0, 1000)
        self._bar.setAccessibleName("Progress")
        self._fit = plain_label("", self)
        self._fit_icon = QLabel(self)
        self._pace = ElidedLabel("", self)
        self._pace.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._pace.setProperty("look", "muted")
        self._measure = self._button("Measure speed", self.measure_requested.emit)
        self._stop = self._button("Cancel", self.stop_requested.emit)
        self._locate = self._button("Locate…", self.locate_requested.emit)
        self._remove = self._button("Remove", self.remove_requested.emit)
        self._arrange()
        self.show_offer(offer, 0)

    def show_offer(self, offer: Offer, room: int) -> None:
        """``room`` is this computer's memory in bytes, 0 where it is not known."""
        if (offer, room) == (self.offer, self._room) and self._name.text():
            return
        self.offer, self._room = offer, room
        self.setAutoExclusive(False)  # or it could not become unchecked
        self.setChecked(offer.chosen)
        self.setAutoExclusive(True)  # which makes it a radio button to assistive programs
        self._refresh()

    def set_current(self, current: bool) -> None:
        """Whether the details are of this one; only then are its buttons on the way of Tab."""
        self._current = current
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if current else Qt.FocusPolicy.ClickFocus)
        for button in self._buttons():
            button.setFocusPolicy(
                Qt.FocusPolicy.StrongFocus if current else Qt.FocusPolicy.ClickFocus
            )
        self.update()

    @property
    def current(self) -> bool:
        return self._current

    def set_measuring(self, words: str, failure: str = "") -> None:
        """Say that it is being measured, or waits for it, or why that failed; both are empty
        when there is nothing to say."""
        if (words, failure) != (self._measuring, self._unwell):
            self._measuring, self._unwell = words, failure
            self._refresh()

    def set_there(self, there: bool) -> None:
        """Whether its file or folder is where it was, whatever else may be wrong with it."""
        if there != self.there:
            self.there = there
            self._refresh()

    # --- what it says -------------------------------------------------------------------------

    def _refresh(self) -> None:
        offer, entry = self.offer, self.offer.entry
        speed = entry.speed if entry is not None else None
        problem = offer.problem or self._unwell
        note = problem or offer.note or (entry.remark if entry is not None else "")
        self._name.set_text(offer.name)
        self._name.setFont(theme.scaled(self.font(), 1.0, bold=True))
        self._tag.setText(offer.tag)
        self._tag.setVisible(bool(offer.tag))
        self._summary.set_text(offer.summary)
        self._summary.setVisible(bool(offer.summary))
        self._note.setText(note)
        self._note.setVisible(bool(note))
        self._bar.setVisible(offer.share is not None and not problem)
        self._bar.setValue(offer.share or 0)
        shown = offer.fit if offer.fit is Fit.TOO_LARGE or not offer.problem else None
        fit = wording.FITS[shown] if shown is not None else None
        self._fit.setText(fit.short if fit else "")
        self._fit.setVisible(fit is not None)
        self._fit_icon.setVisible(fit is not None)
        tip = ""
        if fit is not None and entry is not None:
            numbers = wording.memory(entry, self._room)
            tip = tooltip(f"{fit.meaning} It takes {numbers}." if numbers else fit.meaning)
        for part in (self._fit, self._fit_icon):
            part.setToolTip(tip)
        self._pace.set_text(self._measuring or (wording.pace(speed) if speed else ""))
        self._pace.setVisible(bool(self._pace.text()) and not offer.problem)
        self._measure.setVisible(offer.measurable and speed is None and not self._measuring)
        self._measure.setAccessibleName(f"Measure the speed of {offer.name}")
        self._stop.setVisible(bool(self._measuring))
        self._stop.setAccessibleName(f"Stop measuring {offer.name}")
        unusable = bool(offer.problem) and offer.removable
        self._locate.setVisible(unusable and offer.fit is not Fit.TOO_LARGE)
        self._locate.setText("Check again" if self.there else "Locate…")
        self._locate.setAccessibleName(f"{self._locate.text().rstrip('…')} {offer.name}")
        self._remove.setVisible(unusable)
        self._remove.setAccessibleName(f"Remove {offer.name}")
        edge = SPACE * 2 + theme.ems(self, 3)  # the mark is left of it
        self.setContentsMargins(edge, SPACE * 5 // 4, SPACE * 3 // 2, SPACE)
        self.setAccessibleName(f"{offer.name}{', in use' if offer.chosen else ''}")
        self.setAccessibleDescription(
            ". ".join(
                part.rstrip(".")
                for part in (
                    note, offer.summary, self._fit.text(), self._pace.text(),
                )
                if part
            )
        )  # fmt: skip
        self._tint()
        self.updateGeometry()
        self.update()

    def _tint(self) -> None:
        tones = theme.colours()
        size = theme.icon_size(self, 0.95)
        if self.offer.fit is not None:
            words = wording.FITS[self.offer.fit]
            self._fit_icon.setPixmap(
                theme.icon(words.icon, colour=words.colour(tones)).pixmap(size)
            )
        entry, bad = self.offer.entry, bool(self.offer.problem or self._unwell)
        wary = entry is not None and bool(entry.remark) and not self.offer.note
        for label, colour in (
            (self._note, tones.danger if bad else tones.warning if wary else tones.muted),
            (self._tag, tones.accent if self.offer.lit else tones.muted),
        ):
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
        button.hide()
        return button

    def _buttons(self) -> tuple[QPushButton, ...]:
        return self._measure, self._stop, self._locate, self._remove

    def _arrange(self) -> None:
        title = QHBoxLayout()
        title.setSpacing(SPACE)
        self._name.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        title.addWidget(self._name)
        title.addWidget(self._tag)
        title.addStretch(1)
        left = QVBoxLayout()
        left.setSpacing(2)
        left.addLayout(title)
        left.addWidget(self._summary)
        left.addWidget(self._note)
        left.addSpacing(2)
        left.addWidget(self._bar)
        left.addStretch(1)
        fit = QHBoxLayout()
        fit.setSpacing(SPACE // 2)
        fit.setContentsMargins(0, 0, _BUTTON_EDGE, 0)
        fit.addStretch(1)
        fit.addWidget(self._fit_icon)
        fit.addWidget(self._fit)
        pace = QHBoxLayout()
        pace.setSpacing(0)
        pace.addStretch(1)
        pace.addWidget(self._pace)
        pace.addSpacing(_BUTTON_EDGE)
        for button in self._buttons():
            pace.addWidget(button)
        right = QVBoxLayout()
        right.setSpacing(2)
        right.addLayout(fit)
        right.addLayout(pace)
        right.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE * 2)
        row.addLayout(left, 1)
        row.addLayout(right)
        for part in (self._name, self._tag, self._summary, self._note, self._bar):
            part.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def sizeHint(self) -> QSize:
        layout = self.layout()
        return layout.totalSizeHint() if layout is not None else super().sizeHint()

    def minimumSizeHint(self) -> QSize:
        layout = self.layout()
        return layout.totalMinimumSize() if layout is not None else super().minimumSizeHint()

    # --- the radio button ---------------------------------------------------------------------

    def nextCheckState(self) -> None:
        """The mark shows what is so; choosing is a wish that others fulfil."""

    def hitButton(self, at: QPoint) -> bool:
        return at.x() < self._mark().right() + SPACE

    def _mark(self) -> QRectF:
        side = round(self.fontMetrics().height() * 0.95)
        return QRectF(SPACE * 3 // 2, SPACE * 5 // 4 + 1, side, side)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        hit = self.isDown() and self.hitButton(event.position().toPoint())
        super().mouseReleaseEvent(event)
        if hit and event.button() == Qt.MouseButton.LeftButton:
            self._choose()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._choose()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._choose()
        elif key in _STEPS:
            self.moved.emit(_STEPS[Qt.Key(key)])
        elif key == Qt.Key.Key_Delete and self.offer.removable:
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
        if not hasattr(self, "_remove"):
            return
        if event.type() == QEvent.Type.PaletteChange:
            self._tint()
        elif event.type() == QEvent.Type.FontChange:
            self._refresh()

    def _choose(self) -> None:
        if not self.offer.chosen and not self.offer.problem:
            self.choose_requested.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        tones = theme.colours()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        inside = QRectF(self.rect()).adjusted(3.5, 2.5, -3.5, -2.5)
        if self._current or self.underMouse():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(tones.accent_soft if self._current else tones.raised)
            painter.drawRoundedRect(inside, _RADIUS, _RADIUS)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(tones.accent, 1))
            painter.drawRoundedRect(inside, _RADIUS, _RADIUS)
        self._paint_mark(painter)

    def _paint_mark(self, painter: QPainter) -> None:
        tones = theme.colours()
        mark = self._mark().adjusted(1, 1, -1, -1)
        if self.isChecked():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(tones.accent)
            painter.drawEllipse(mark)
            painter.setBrush(tones.on_accent)
            dot = mark.width() * 0.2
            painter.drawEllipse(QPointF(mark.center()), dot, dot)
            return
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(tones.border if self.offer.problem else tones.muted, 1.4))
        painter.drawEllipse(mark)
