"""One model in its list: a radio button as wide as the list, with what matters written on it."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from desktop import theme
from desktop.lists.row import ListedRow, coloured
from desktop.models import wording
from desktop.models.offers import Offer
from desktop.plain import ElidedLabel, plain_label, tooltip
from desktop.theme import SPACE
from engine.models.entries import Fit

_BUTTON_EDGE = 5  # between the edge of a button that looks like a link and its words


class ModelRow(ListedRow):
    """Its mark is a radio button's."""

    choose_requested = Signal()
    measure_requested = Signal()
    stop_requested = Signal()

    def __init__(self, offer: Offer, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.offer = offer
        self._room = 0
        self.there = True
        self._measuring = ""
        self._unwell = ""
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
        self._measure = self.link("Measure speed", self.measure_requested.emit)
        self._stop = self.link("Cancel", self.stop_requested.emit)
        self._locate = self.link("Locate…", self.locate_requested.emit)
        self._remove = self.link("Remove", self.remove_requested.emit)
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
        self.refresh()

    @property
    def removable(self) -> bool:
        return self.offer.removable

    def parts(self) -> list[QWidget]:
        return [self, *self._buttons()]

    def set_measuring(self, words: str, failure: str = "") -> None:
        """Say that it is being measured, or waits for it, or why that failed; both are empty
        when there is nothing to say."""
        if (words, failure) != (self._measuring, self._unwell):
            self._measuring, self._unwell = words, failure
            self.refresh()

    def set_there(self, there: bool) -> None:
        """Whether its file or folder is where it was, whatever else may be wrong with it."""
        if there != self.there:
            self.there = there
            self.refresh()

    # --- what it says -------------------------------------------------------------------------

    def refresh(self) -> None:
        offer, entry = self.offer, self.offer.entry
        speed = entry.speed if entry is not None else None
        problem = offer.problem or self._unwell
        note = problem or offer.note or (entry.remark if entry is not None else "")
        self._name.set_text(offer.name)
        theme.enlarge(self._name, 1.0, bold=True)
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
        self.describe(note, offer.summary, self._fit.text(), self._pace.text())

    def tint(self) -> None:
        tones = theme.colours()
        size = theme.icon_size(self, 0.95)
        if self.offer.fit is not None:
            words = wording.FITS[self.offer.fit]
            self._fit_icon.setPixmap(
                theme.icon(words.icon, colour=words.colour(tones)).pixmap(size)
            )
        entry, bad = self.offer.entry, bool(self.offer.problem or self._unwell)
        wary = entry is not None and bool(entry.remark) and not self.offer.note
        coloured(self._note, tones.danger if bad else tones.warning if wary else tones.muted)
        coloured(self._tag, tones.accent if self.offer.lit else tones.muted)

    # --- making it ----------------------------------------------------------------------------

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
        self.begin(self._name, self._tag, self._summary, self._note, self._bar)

    # --- the radio button ---------------------------------------------------------------------

    def mark(self) -> QRectF:
        side = round(self.fontMetrics().height() * 0.95)
        return QRectF(SPACE * 3 // 2, SPACE * 5 // 4 + 1, side, side)

    def use(self) -> None:
        if not self.offer.chosen and not self.offer.problem:
            self.choose_requested.emit()

    def paint_mark(self, painter: QPainter) -> None:
        tones = theme.colours()
        mark = self.mark().adjusted(1, 1, -1, -1)
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
