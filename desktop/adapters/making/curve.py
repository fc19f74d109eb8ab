"""The loss as training goes on: a line for what is trained on, points for what is held out."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, floor, log10

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop import theme
from desktop.ask.labels import scaled_font

_SMOOTH = 12  # a line is drawn through averages of this share of the points
_SIZE = 0.85  # of the figures
Points = Sequence[tuple[int, float]]


class LossCurve(QWidget):
    """``steps`` is where the axis ends. Lower is better, and the axis says so."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._steps = 1
        self._losses: list[tuple[int, float]] = []
        self._held: list[tuple[int, float]] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.setAccessibleName("Loss curve")

    def show_points(self, losses: Points, held_out: Points, steps: int) -> None:
        self._losses, self._held = list(losses), list(held_out)
        self._steps = max(1, steps)
        said = []
        if self._losses:
            said.append(f"loss {self._losses[-1][1]:.2f} at step {self._losses[-1][0]}")
        if self._held:
            said.append(f"held out {self._held[0][1]:.2f} at first, {self._held[-1][1]:.2f} now")
        self.setAccessibleDescription("; ".join(said))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme.ems(self, 60), round(self.fontMetrics().height() * 22))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.ems(self, 26), round(self.fontMetrics().height() * 11))

    # --- drawing ------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        tones = theme.colours()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(scaled_font(_SIZE))
        metrics = QFontMetricsF(painter.font())
        ticks = _ticks([loss for _, loss in (*self._losses, *self._held)])
        left = max(metrics.horizontalAdvance(_figure(tick, ticks)) for tick in ticks) + 10
        line = metrics.height()
        area = QRectF(left, line * 1.9, self.width() - left - 8, self.height() - line * 4.3)
        self._paint_grid(painter, area, ticks, metrics)
        self._paint_legend(painter, area, metrics)
        if not self._losses:
            painter.setPen(tones.muted)
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter, "The first steps are on their way")
            return
        span = (ticks[0], ticks[-1])
        faint = QColor(tones.accent)
        faint.setAlpha(70)
        self._paint_line(painter, area, self._losses, span, QPen(faint, 1))
        self._paint_line(painter, area, _smoothed(self._losses), span, QPen(tones.accent, 2))
        dashes = QPen(tones.warning, 1.2, Qt.PenStyle.DashLine)
        self._paint_line(painter, area, self._held, span, dashes)
        painter.setPen(QPen(tones.base, 1.5))
        painter.setBrush(tones.warning)
        for step, loss in self._held:
            painter.drawEllipse(self._at(area, step, loss, span), 4.5, 4.5)

    def _at(self, area: QRectF, step: int, loss: float, span: tuple[float, float]) -> QPointF:
        low, high = span
        x = area.left() + area.width() * min(1.0, step / self._steps)
        return QPointF(x, area.bottom() - area.height() * (loss - low) / (high - low))

    def _paint_line(
        self, painter: QPainter, area: QRectF, points: Points, span: tuple[float, float], pen: QPen
    ) -> None:
        if len(points) < 2:
            return
        path = QPainterPath(self._at(area, *points[0], span))
        for point in points[1:]:
            path.lineTo(self._at(area, *point, span))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(pen)
        painter.drawPath(path)

    def _paint_grid(
        self, painter: QPainter, area: QRectF, ticks: list[float], metrics: QFontMetricsF
    ) -> None:
        tones = theme.colours()
        line = metrics.height()
        for tick in ticks:
            share = (tick - ticks[0]) / (ticks[-1] - ticks[0])
            y = area.bottom() - area.height() * share
            painter.setPen(QPen(tones.border, 1))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            painter.setPen(tones.muted)
            label = QRectF(0, y - line / 2, area.left() - 8, line)
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(label, int(right), _figure(tick, ticks))
        marks = sorted({0, self._steps // 2, self._steps})
        for step in marks:
            x = area.left() + area.width() * step / self._steps
            width = metrics.horizontalAdvance(f"{step:,}") + 4
            at = min(max(x - width / 2, area.left()), area.right() - width)
            label = QRectF(at, area.bottom() + 4, width, line)
            painter.drawText(label, Qt.AlignmentFlag.AlignCenter, f"{step:,}")
        under = QRectF(area.left(), area.bottom() + 4 + line * 0.95, area.width(), line)
        painter.drawText(under, Qt.AlignmentFlag.AlignHCenter, "Step")

    def _paint_legend(self, painter: QPainter, area: QRectF, metrics: QFontMetricsF) -> None:
        tones = theme.colours()
        line = metrics.height()
        middle = line * 0.6
        painter.setPen(tones.muted)
        title = "Loss, nats a token (lower is better)"
        painter.drawText(
            QRectF(0, 0, self.width(), line * 1.2), Qt.AlignmentFlag.AlignVCenter, title
        )
        parts = (("held out", tones.warning), ("trained on", tones.accent))
        x = area.right()
        room = area.right() - metrics.horizontalAdvance(title) - 24
        if room < sum(metrics.horizontalAdvance(words) + 38 for words, _ in parts):
            return
        for words, ink in parts:
            x -= metrics.horizontalAdvance(words)
            painter.setPen(tones.muted)
            painter.drawText(QPointF(x, middle + metrics.ascent() / 2 - 1), words)
            x -= 22
            painter.setPen(QPen(ink, 2))
            painter.drawLine(QPointF(x, middle), QPointF(x + 16, middle))
            if words == "held out":
                painter.setPen(QPen(tones.base, 1.5))
                painter.setBrush(ink)
                painter.drawEllipse(QPointF(x + 8, middle), 4.5, 4.5)
            x -= 16


def _smoothed(points: Points) -> list[tuple[int, float]]:
    """Each point with the average of those around it."""
    reach = len(points) // _SMOOTH
    made = []
    for at, (step, _) in enumerate(points):
        around = [loss for _, loss in points[max(0, at - reach) : at + reach + 1]]
        made.append((step, sum(around) / len(around)))
    return made


def _ticks(values: Sequence[float]) -> list[float]:
    """Three to six round figures that hold all the values between them."""
    low, high = (min(values), max(values)) if values else (0.0, 4.0)
    if high - low < 0.2:
        low, high = low - 0.1, high + 0.1
    rough = (high - low) / 4
    unit = 10 ** floor(log10(rough))
    step = next(unit * factor for factor in (1, 2, 5, 10) if unit * factor >= rough)
    first, last = floor(low / step), ceil(high / step)
    return [number * step for number in range(first, last + 1)]


def _figure(tick: float, ticks: Sequence[float]) -> str:
    step = ticks[1] - ticks[0]
    digits = max(0, -floor(log10(step) + 1e-9))
    return f"{tick:.{digits}f}"
