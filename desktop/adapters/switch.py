"""A switch, on or off, drawn as a track with a knob."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from desktop import theme

_WIDTH = 1.75  # of its height


def size(line: int) -> tuple[float, float]:
    """Width and height beside a line of text that is ``line`` pixels high."""
    height = float(round(line * 0.95))
    return round(height * _WIDTH), height


def paint(painter: QPainter, room: QRectF, *, on: bool, enabled: bool) -> None:
    """Draw it as large as ``room``, in the theme's colours."""
    tones = theme.colours()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    track = room.adjusted(0.5, 0.5, -0.5, -0.5)
    radius = track.height() / 2
    if on and enabled:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(tones.accent)
    else:
        painter.setPen(QPen(tones.muted if enabled else tones.border, 1.2))
        painter.setBrush(tones.base)
    painter.drawRoundedRect(track, radius, radius)
    knob = radius - 3
    x = track.right() - radius if on else track.left() + radius
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(
        tones.on_accent if on and enabled else tones.muted if enabled else tones.border
    )
    painter.drawEllipse(QPointF(x, track.center().y()), knob, knob)
