"""A page as an image, at any zoom, with passages lit on it.

Two systems of coordinates: points of the page (1/72 inch from its top left) and pixels of the
viewport. ``zoom`` is pixels of the widget a point; what is rendered has ``device_scale`` pixels a
point, which counts the screen's own ratio.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

from PySide6.QtCore import (
    QEasingCurve,
    QPoint,
    QPointF,
    QPropertyAnimation,
    QRectF,
    QSize,
    QSizeF,
    Qt,
    QTimer,
    QVariantAnimation,
    Signal,
)
from PySide6.QtGui import (
    QColor,
    QImage,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from desktop import theme
from desktop.source import keys
from desktop.source.styles import CURRENT, FOUND
from engine.records import Box

MARGIN = 16  # pixels around the page
LEAST_ZOOM, MOST_ZOOM = 0.2, 6.0
READABLE = 1.0  # the zoom below which margins are given up for larger letters
_STEP = 1.2
_BESIDE = 12.0  # points left free beside the text then
_MOST_PIXELS = 24_000_000
_SETTLE_MS = 150
_SLOW_MS = 250
_LIGHT_MS = 420
_SCROLL_MS = 260


class PageView(QAbstractScrollArea):
    """Shows one page. It asks for an image by ``scale_wanted`` and stretches the one it has
    until a sharper one arrives."""

    scale_wanted = Signal(float)  # rendered pixels a point
    zoom_changed = Signal(float)
    page_stepped = Signal(int)  # +1 or -1, past an end

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._points = QSizeF()
        self._sides: tuple[float, float] | None = None
        self._image = QImage()
        self._boxes: tuple[Box, ...] = ()
        self._found: tuple[tuple[Box, ...], ...] = ()
        self._current = -1
        self._fits = True
        self._zoom = 1.0
        self._light = 0.0
        self._reveal_after_fit = False
        self._wheel = 0
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Page")
        self.viewport().setBackgroundRole(QPalette.ColorRole.NoRole)
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(_SETTLE_MS)
        self._settle.timeout.connect(self.want_image)
        self._slow = False
        self._drawing = QTimer(self)
        self._drawing.setSingleShot(True)
        self._drawing.setInterval(_SLOW_MS)
        self._drawing.timeout.connect(self._say_drawing)
        self._lighting = QVariantAnimation(self)
        self._lighting.setDuration(_LIGHT_MS)
        self._lighting.setEasingCurve(QEasingCurve.Type.OutCubic)
        self._lighting.setStartValue(0.0)
        self._lighting.setEndValue(1.0)
        self._lighting.valueChanged.connect(self._lit)
        self._gliding = QPropertyAnimation(self.verticalScrollBar(), b"value", self)
        self._gliding.setDuration(_SCROLL_MS)
        self._gliding.setEasingCurve(QEasingCurve.Type.InOutCubic)

    # --- what is shown ----------------------------------------------------------------------

    def show_page(
        self,
        width: float,
        height: float,
        boxes: Sequence[Box] = (),
        sides: tuple[float, float] | None = None,
    ) -> None:
        """A new page of this size in points, its image still to come. ``sides`` are where its
        text begins and ends from the left: all that must be seen of it at once."""
        self._points = QSizeF(width, height)
        self._sides = sides
        self._image = QImage()
        self._slow = False
        self._drawing.start()
        self._found, self._current = (), -1
        self._gliding.stop()
        self._fit()
        self._measure()
        self._align()
        self.verticalScrollBar().setValue(0)
        self.light(boxes)
        self.want_image()

    def set_image(self, image: QImage) -> None:
        first = self._image.isNull()
        self._image = image
        self._drawing.stop()
        self._slow = False
        if first and self._boxes:
            self._lighting.start()
        if self._points.isEmpty() and not image.isNull():
            self._points = QSizeF(image.size())
            self._fit()
            self._measure()
            self._align()
        self.viewport().update()

    def light(self, boxes: Sequence[Box]) -> None:
        """Light a passage and bring it into view."""
        self._boxes = tuple(boxes)
        self._lighting.stop()
        self._light = 0.0
        if self._boxes:
            if not self._image.isNull():
                self._lighting.start()
            self._reveal(self._boxes)
        self.viewport().update()

    def set_found(self, found: Sequence[tuple[Box, ...]], current: int) -> None:
        """What find in page has found, and which of it is looked at."""
        self._found, self._current = tuple(found), current
        if 0 <= current < len(self._found) and self._found[current]:
            self._reveal(self._found[current])
        self.viewport().update()

    # --- coordinates ------------------------------------------------------------------------

    def page_rect(self) -> QRectF:
        """Where the page lies on the viewport."""
        size = self._points * self._zoom
        view = self.viewport().size()
        x = max(float(MARGIN), (view.width() - size.width()) / 2)
        y = max(float(MARGIN), (view.height() - size.height()) / 2)
        if size.width() + 2 * MARGIN > view.width():
            x = MARGIN - self.horizontalScrollBar().value()
        if size.height() + 2 * MARGIN > view.height():
            y = MARGIN - self.verticalScrollBar().value()
        return QRectF(QPointF(x, y), size)

    def to_view(self, box: Box) -> QRectF:
        """A box in points, on the viewport."""
        origin = self.page_rect().topLeft()
        return QRectF(
            origin.x() + box.x0 * self._zoom,
            origin.y() + box.y0 * self._zoom,
            (box.x1 - box.x0) * self._zoom,
            (box.y1 - box.y0) * self._zoom,
        )

    @property
    def device_scale(self) -> float:
        """Pixels a point to render at, within what memory allows."""
        scale = self._zoom * self.devicePixelRatioF()
        area = self._points.width() * self._points.height()
        if area * scale * scale > _MOST_PIXELS:
            scale = (_MOST_PIXELS / area) ** 0.5
        return round(scale, 3)

    # --- zoom -------------------------------------------------------------------------------

    @property
    def zoom(self) -> float:
        return self._zoom

    @property
    def fits_width(self) -> bool:
        return self._fits

    def zoom_in(self) -> None:
        self.set_zoom(self._zoom * _STEP)

    def zoom_out(self) -> None:
        self.set_zoom(self._zoom / _STEP)

    def fit_width(self) -> None:
        self._fits = True
        self._fit()
        self._zoomed()

    def set_zoom(self, zoom: float, anchor: QPointF | None = None) -> None:
        """Zoom so that the point under ``anchor`` (or the middle) stays where it is."""
        zoom = min(MOST_ZOOM, max(LEAST_ZOOM, zoom))
        anchor = anchor or QPointF(self.viewport().rect().center())
        held = (anchor - self.page_rect().topLeft()) / self._zoom
        self._fits = False
        self._zoom = zoom
        self._measure()
        moved = self.page_rect().topLeft() + held * zoom - anchor
        self.horizontalScrollBar().setValue(self.horizontalScrollBar().value() + round(moved.x()))
        self.verticalScrollBar().setValue(self.verticalScrollBar().value() + round(moved.y()))
        self._zoomed()

    def _zoomed(self) -> None:
        self._measure()
        self._align()
        self.viewport().update()
        self.zoom_changed.emit(self._zoom)
        self._settle.start()

    def _fit(self) -> None:
        if self._fits and self._points.width() > 0:
            # The bar's width is always left free: else fitting could make it come and go.
            bar = self.verticalScrollBar().sizeHint().width()
            full = self.width() - 2 * self.frameWidth() - bar
            zoom = (full - 2 * MARGIN) / self._points.width()
            if self._sides is not None:
                left, right = self._sides
                zoom = max(zoom, min(READABLE, full / (right - left + 2 * _BESIDE)))
            zoom = min(MOST_ZOOM, max(LEAST_ZOOM, zoom))
            if zoom != self._zoom:
                self._zoom = zoom
                self.zoom_changed.emit(zoom)

    def _align(self) -> None:
        """With the width fitted, nothing but margin is out of sight: no bar, text in the middle."""
        policy = Qt.ScrollBarPolicy
        fits = self._fits
        self.setHorizontalScrollBarPolicy(
            policy.ScrollBarAlwaysOff if fits else policy.ScrollBarAsNeeded
        )
        if fits and self._sides is not None:
            middle = MARGIN + sum(self._sides) / 2 * self._zoom
            self.horizontalScrollBar().setValue(round(middle - self.viewport().width() / 2))

    def want_image(self) -> None:
        """Ask for the page at the present scale, unless that is what is there."""
        self._settle.stop()
        if self._points.isEmpty():
            self.scale_wanted.emit(self.devicePixelRatioF())
            return
        wanted = self.device_scale
        if self._image.isNull() or abs(self._image.width() - self._points.width() * wanted) > 2:
            self.scale_wanted.emit(wanted)

    def _measure(self) -> None:
        size = self._points * self._zoom
        view = self.viewport().size()
        for bar, whole, part in (
            (self.horizontalScrollBar(), size.width(), view.width()),
            (self.verticalScrollBar(), size.height(), view.height()),
        ):
            bar.setRange(0, max(0, ceil(whole + 2 * MARGIN) - part))
            bar.setPageStep(part)
            bar.setSingleStep(40)

    def _reveal(self, boxes: Sequence[Box]) -> None:
        """Glide to the passage: whole where it fits, a third down the view."""
        tops = [self.to_view(box) for box in boxes]
        top = min(rect.top() for rect in tops)
        bottom = max(rect.bottom() for rect in tops)
        height = self.viewport().height()
        if top >= MARGIN and bottom <= height - MARGIN:
            return
        bar = self.verticalScrollBar()
        lead = max(float(MARGIN), min(height / 3, (height - (bottom - top)) / 2))
        goal = min(bar.maximum(), max(0, round(bar.value() + top - lead)))
        self._gliding.stop()
        if self.isVisible() and not self._image.isNull():
            self._gliding.setStartValue(bar.value())
            self._gliding.setEndValue(goal)
            self._gliding.start()
        else:
            bar.setValue(goal)

    def _say_drawing(self) -> None:
        self._slow = True
        self.viewport().update()

    def _lit(self, value: float) -> None:
        self._light = float(value)
        self.viewport().update()

    # --- Qt ---------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        c = theme.colours()
        painter = QPainter(self.viewport())
        painter.fillRect(self.viewport().rect(), c.surface)
        rect = self.page_rect()
        if rect.isEmpty():
            return
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.fillRect(rect, QColor("white"))
        if not self._image.isNull():
            painter.drawImage(rect, self._image)
        elif self._slow:
            painter.setPen(theme.LIGHT.muted)
            view = rect.intersected(QRectF(self.viewport().rect()))
            painter.drawText(view, Qt.AlignmentFlag.AlignCenter, "Drawing the page…")
        painter.setPen(QPen(c.border, 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(rect)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Multiply)
        self._paint_boxes(painter, self._boxes, _faded(theme.LIGHT.lit, self._light))
        for number, boxes in enumerate(self._found):
            strong = CURRENT if number == self._current else FOUND
            self._paint_boxes(painter, boxes, strong)

    def _paint_boxes(self, painter: QPainter, boxes: Sequence[Box], ink: QColor) -> None:
        painter.setBrush(ink)
        for box in boxes:
            painter.drawRoundedRect(self.to_view(box).adjusted(-2, -1, 2, 1), 2.5, 2.5)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._fits:
            # Keep the same part of the page in view while the width changes.
            bar = self.verticalScrollBar()
            share = bar.value() / bar.maximum() if bar.maximum() else 0.0
            self._fit()
            self._measure()
            self._align()
            bar.setValue(round(share * bar.maximum()))
            self._settle.start()
        else:
            self._measure()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            turns = event.angleDelta().y() / 120
            self.set_zoom(self._zoom * _STEP**turns, event.position())
            event.accept()
            return
        bar, turned = self.verticalScrollBar(), event.angleDelta().y()
        at_end = bar.value() >= bar.maximum() if turned < 0 else bar.value() <= bar.minimum()
        if not at_end or not turned:
            self._wheel = 0
            super().wheelEvent(event)
            return
        # Two notches past the end: turning the page should not happen by accident.
        self._wheel += turned
        if abs(self._wheel) >= 240:
            self.page_stepped.emit(1 if self._wheel < 0 else -1)
            self._wheel = 0
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not keys.pressed(self, event):
            super().keyPressEvent(event)

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        self.viewport().update()

    def sizeHint(self) -> QSize:
        return QSize(480, 640)

    def scroll_to_end(self) -> None:
        """For paging back: the page before is entered at its foot."""
        self.verticalScrollBar().setValue(self.verticalScrollBar().maximum())

    def centre(self) -> QPoint:
        return self.viewport().rect().center()


def _faded(ink: QColor, strength: float) -> QColor:
    """Between white, which multiplies to nothing, and ``ink``."""
    return QColor(
        *(round(255 - (255 - part) * strength) for part in (ink.red(), ink.green(), ink.blue()))
    )
