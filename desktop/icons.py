"""The icons: drawings of the Material Design set, in any colour and at any size."""

from __future__ import annotations

from functools import cache, cached_property

from PySide6.QtCore import QByteArray, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QIconEngine, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from engine.paths import resource


def material_icon(name: str, ink: QColor, faint: QColor) -> QIcon:
    """The icon of that name, in ``faint`` where it is disabled. The drawings that Carrel uses are
    in ``resources/icons/material``; raises ``FileNotFoundError`` for any other."""
    return QIcon(_Drawn(_drawing(name), ink, faint))


@cache
def _drawing(name: str) -> str:
    return resource("icons", "material", f"{name}.svg").read_text(encoding="utf-8")


_AIR = 1 / 16  # left free around a drawing, between it and the words beside it
_clones: list[QIconEngine] = []  # Qt owns them, but Python would take them away from it


class _Drawn(QIconEngine):
    """One drawing in two colours."""

    def __init__(self, drawing: str, ink: QColor, faint: QColor) -> None:
        super().__init__()
        self._drawing, self._ink, self._faint = drawing, ink, faint

    @cached_property
    def _enabled(self) -> QSvgRenderer:
        return self._in(self._ink)

    @cached_property
    def _disabled(self) -> QSvgRenderer:
        return self._in(self._faint)

    def _in(self, colour: QColor) -> QSvgRenderer:
        fill = f'<path fill="{colour.name()}" fill-opacity="{colour.alphaF():.3f}"'
        return QSvgRenderer(QByteArray(self._drawing.replace("<path", fill).encode()))

    # --- QIconEngine --------------------------------------------------------------------------

    def clone(self) -> QIconEngine:
        copy = _Drawn(self._drawing, self._ink, self._faint)
        _clones.append(copy)
        return copy

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, _state: QIcon.State) -> None:
        renderer = self._disabled if mode == QIcon.Mode.Disabled else self._enabled
        air = rect.height() * _AIR
        renderer.render(painter, QRectF(rect).adjusted(air, air, -air, -air))

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        drawn = QPixmap(size)
        drawn.fill(Qt.GlobalColor.transparent)
        painter = QPainter(drawn)
        self.paint(painter, QRect(QPoint(0, 0), size), mode, state)
        painter.end()
        return drawn
