"""A quote with its number, document and page: press it and the page opens."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAction,
    QFontMetricsF,
    QGuiApplication,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QTextLayout,
)
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from desktop import theme
from desktop.ask.citing import quoted
from desktop.ask.labels import scaled_font
from desktop.ask.matches import Snippet
from desktop.ask.passage_lines import laid_out
from desktop.plain import one_line, tooltip
from engine.answers import Citation
from engine.exporting.wording import place, title_of

_PAD = 12
_LINES = 3
_LEADING = 1.25  # line height, in heights of the font


class QuoteCard(QAbstractButton):
    """Shows up to three lines of the quote; the tooltip holds all of it. A ``faint`` one is no
    answer, only close to the question."""

    opened = Signal(object)  # Citation

    def __init__(
        self, citation: Citation, parent: QWidget | None = None, *, faint: bool = False
    ) -> None:
        super().__init__(parent)
        self._faint = faint
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        copy = QAction("Copy quote", self)
        copy.triggered.connect(lambda: QGuiApplication.clipboard().setText(self.citation.quote))
        self.addAction(copy)
        self.clicked.connect(lambda: self.opened.emit(self.citation))
        self.show_citation(citation)

    def show_citation(self, citation: Citation) -> None:
        """Show this one instead."""
        self.citation = citation
        self._title = one_line(title_of(citation))
        self._place = one_line(place(citation.page, citation.label, citation.title))
        self._quote = one_line(citation.quote)
        self._context = one_line(citation.context)
        self._laid_out: tuple[int, QTextLayout] | None = None
        self.setAccessibleName(f"Source {citation.n}: {self._title}, {self._place}")
        self.setAccessibleDescription(" ".join(filter(None, (self._context, self._quote))))
        self.setToolTip(tooltip(quoted(citation)))
        self.updateGeometry()
        self.update()

    def set_faint(self, faint: bool) -> None:
        self._faint = faint
        self.update()

    # --- size -------------------------------------------------------------------------------

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        lines = self._words(width).lineCount()
        line = self._line_height()
        return round(_PAD * 2 + self._head_height() + 4 + self._context_height() + lines * line)

    def sizeHint(self) -> QSize:
        return QSize(480, self.heightForWidth(480))

    def minimumSizeHint(self) -> QSize:
        words = self._context_height() + self._line_height()
        return QSize(200, round(_PAD * 2 + self._head_height() + 4 + words))

    def _head_height(self) -> float:
        return QFontMetricsF(scaled_font(0.92, bold=True)).height() + 2

    def _context_height(self) -> float:
        """Of the line that says what a table's row is about; none for a sentence."""
        return self._head_height() if self._context else 0.0

    def _line_height(self) -> float:
        return QFontMetricsF(scaled_font()).height() * _LEADING

    def _words(self, width: int) -> QTextLayout:
        """The quote broken to ``width``, the last line with an ellipsis where there is more."""
        inner = width - 2 * _PAD - self._number_width() - _PAD
        if self._laid_out is None or self._laid_out[0] != inner:
            whole = Snippet(self._quote, ())
            self._laid_out = inner, laid_out(whole, max(40, inner), 1.0, _LINES, _LEADING)
        return self._laid_out[1]

    def _number_width(self) -> int:
        metrics = QFontMetricsF(scaled_font(0.86, bold=True))
        return round(
            max(metrics.height() * 1.3, metrics.horizontalAdvance(str(self.citation.n)) + 10)
        )

    # --- Qt ---------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
            return
        super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._laid_out = None
            self.updateGeometry()

    def paintEvent(self, event: QPaintEvent) -> None:
        c = theme.colours()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setLayoutDirection(Qt.LayoutDirection.LeftToRight)  # words follow their own
        frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        focused = self.hasFocus()
        edge = c.accent if focused or self.underMouse() else c.border
        if focused:
            frame.adjust(0.5, 0.5, -0.5, -0.5)
        pen = QPen(edge, 2 if focused else 1)
        if self._faint and not focused:
            pen.setStyle(Qt.PenStyle.DashLine)
        painter.setPen(pen)
        resting = c.base if self._faint else c.raised
        painter.setBrush(c.accent_soft if self.isDown() else resting)
        painter.drawRoundedRect(frame, 8, 8)
        self._paint_number(painter)
        self._paint_words(painter)

    def _paint_number(self, painter: QPainter) -> None:
        c = theme.colours()
        font = scaled_font(0.86, bold=True)
        height = QFontMetricsF(font).height() + 2
        pill = QRectF(_PAD, _PAD, self._number_width(), height)
        if not self._faint:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(c.accent_soft)
            painter.drawRoundedRect(pill, height / 3, height / 3)
        painter.setPen(c.muted if self._faint else c.accent)
        painter.setFont(font)
        painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, str(self.citation.n))

    def _paint_words(self, painter: QPainter) -> None:
        c = theme.colours()
        left = _PAD + self._number_width() + _PAD
        inner = self.width() - left - _PAD
        head = QRect(left, _PAD, inner, round(self._head_height()))
        painter.setFont(scaled_font(0.92))
        place_width = min(
            painter.fontMetrics().horizontalAdvance(self._place) + 4, round(inner * 0.45)
        )
        painter.setPen(c.muted)
        where = painter.fontMetrics().elidedText(
            self._place, Qt.TextElideMode.ElideRight, place_width
        )
        side = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(head, Qt.AlignmentFlag.AlignRight | side, where)
        painter.setFont(scaled_font(0.92, bold=True))
        painter.setPen(c.muted if self._faint else c.text)
        title = painter.fontMetrics().elidedText(
            self._title, Qt.TextElideMode.ElideMiddle, inner - place_width - _PAD
        )
        painter.drawText(head, Qt.AlignmentFlag.AlignLeft | side, title)
        if self._context:
            painter.setFont(scaled_font(0.92))
            painter.setPen(c.muted)
            line = head.translated(0, head.height() + 3)
            context = painter.fontMetrics().elidedText(
                self._context, Qt.TextElideMode.ElideMiddle, inner
            )
            painter.drawText(line, Qt.AlignmentFlag.AlignLeft | side, context)
        painter.setFont(scaled_font())
        painter.setPen(c.muted if self._faint else c.text)
        drop = self._line_height() * (1 - 1 / _LEADING) / 2
        top = _PAD + self._head_height() + 4 + self._context_height() + drop
        self._words(self.width()).draw(painter, QPointF(left, top))
