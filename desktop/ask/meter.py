"""A quiet line under an answer: how full the model's context was, and what was left out of it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QFrame, QGridLayout, QSizePolicy, QWidget

from desktop import theme
from desktop.ask import measures
from desktop.ask.labels import Label, scaled_font
from desktop.plain import tooltip
from engine.answers import Answer

_SIZE = 0.9
_GAP = 8
_PAD = 2  # around what is painted
_BAR = 44  # pixels at a line of 16


class ContextMeter(QAbstractButton):
    """Names what was in the context and how quickly the answer came; press it for the rest."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._answer: Answer | None = None
        self._words = self._left = ""
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setRetainSizeWhenHidden(True)  # what is below must not move when it is shown
        self.setSizePolicy(policy)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.clicked.connect(self._open)
        self.hide()

    def show_answer(self, answer: Answer) -> None:
        self._answer = answer
        use = answer.context
        pace = measures.pace(answer)
        self._words = measures.context_used(use) if use is not None else pace
        self._left = measures.context_left(use) if use is not None else ""
        said = [self._words, self._left, pace if use is not None else ""]
        sentence = "; ".join(part for part in said if part)
        self.setAccessibleName(f"How this answer was made: {sentence}")
        self.setToolTip(tooltip(f"{sentence}. Press for details."))
        self.setVisible(bool(sentence))
        self.update()

    @property
    def words(self) -> str:
        """What is painted, where there is room for it."""
        return f"{self._words}; {self._left}" if self._left else self._words

    # --- Qt ---------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(scaled_font(_SIZE))
        width = self._bar_width() + metrics.horizontalAdvance(self.words) + 2 * _GAP + 2 * _PAD
        return QSize(width, metrics.height() + 4 * _PAD)

    def minimumSizeHint(self) -> QSize:
        return QSize(self._bar_width() + 6 * _GAP, self.sizeHint().height())

    def _bar_width(self) -> int:
        if self._answer is None or self._answer.context is None:
            return 0
        return round(_BAR / 16 * self.fontMetrics().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._answer is None:
            return
        c = theme.colours()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setLayoutDirection(Qt.LayoutDirection.LeftToRight)  # figures read so everywhere
        inner = self.rect().adjusted(_PAD, 0, -_PAD, 0)
        if self.hasFocus():
            painter.setPen(QPen(c.accent, 1))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        bar = self._bar_width()
        if bar:
            self._paint_bar(painter, QRect(inner.left(), 0, bar, self.height()))
            inner.setLeft(inner.left() + bar + _GAP)
        painter.setFont(scaled_font(_SIZE))
        metrics = painter.fontMetrics()
        side = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
        # What was left out is said first to be shown and last to be cut.
        tail = metrics.horizontalAdvance(self._left)
        room = max(0, inner.width() - (tail + metrics.horizontalAdvance("; ") if tail else 0))
        shown = metrics.elidedText(self._words, Qt.TextElideMode.ElideRight, room)
        shown = f"{shown}; " if self._left else shown
        painter.setPen(c.text if self.underMouse() else c.muted)
        painter.drawText(inner, side, shown)
        if self._left:
            inner.setLeft(inner.left() + metrics.horizontalAdvance(shown))
            painter.setPen(c.warning)
            cut = metrics.elidedText(self._left, Qt.TextElideMode.ElideRight, inner.width())
            painter.drawText(inner, side, cut)

    def _paint_bar(self, painter: QPainter, room: QRect) -> None:
        assert self._answer is not None
        use = self._answer.context
        assert use is not None
        c = theme.colours()
        height = max(4, round(self.fontMetrics().height() / 4))
        track = QRectF(room.left(), (self.height() - height) / 2, room.width(), height)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(c.border)
        painter.drawRoundedRect(track, height / 2, height / 2)
        share = min(1.0, use.prompt / use.room) if use.room > 0 else 0.0
        filled = QRectF(track)
        filled.setWidth(max(height, track.width() * share))
        painter.setBrush(c.warning if self._left else c.accent)
        painter.drawRoundedRect(filled, height / 2, height / 2)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.updateGeometry()

    def _open(self) -> None:
        if self._answer is not None:
            DetailsPopover(self._answer, self).open_above(self)


class DetailsPopover(QFrame):
    """Names and values; Esc or a press elsewhere closes it."""

    def __init__(self, answer: Answer, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setObjectName("details")
        self.setAccessibleName("How this answer was made")
        c = theme.colours()
        self.setStyleSheet(
            f"#details {{ background: {c.raised.name()}; border: 1px solid {c.border.name()}; }}"
        )
        grid = QGridLayout(self)
        grid.setContentsMargins(14, 12, 16, 12)
        grid.setHorizontalSpacing(18)
        grid.setVerticalSpacing(5)
        self.rows = measures.details(answer)
        for row, (name, value) in enumerate(self.rows):
            ink = "warning" if name == "Left out" else "text"
            grid.addWidget(Label(name, size=_SIZE, ink="muted"), row, 0)
            grid.addWidget(Label(value, size=_SIZE, ink=ink, selectable=True), row, 1)

    def open_above(self, widget: QWidget) -> None:
        """Where it does not hide what it explains, inside the screen."""
        self.adjustSize()
        corner = widget.mapToGlobal(QPoint(0, -self.height() - 4))
        room = widget.screen().availableGeometry()
        x = min(max(corner.x(), room.left()), room.right() - self.width())
        y = corner.y()
        if y < room.top():
            y = widget.mapToGlobal(QPoint(0, widget.height() + 4)).y()
        self.move(x, y)
        self.show()
        self.setFocus(Qt.FocusReason.PopupFocusReason)
