"""Words of a table's cell, wrapped in its box, some of them marked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRect, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QPainter,
    QTextCharFormat,
    QTextLayout,
    QTextOption,
)

from desktop.source.inert import LINE_END

_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop) | int(
    Qt.TextFlag.TextSingleLine
)
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop) | int(
    Qt.TextFlag.TextSingleLine
)


@dataclass(frozen=True, slots=True)
class Mark:
    """Letters ``first`` to ``last``, in UTF-16 units, in another look."""

    first: int
    last: int
    style: QTextCharFormat


class Face:
    """A font with its measures, which take a while to be had."""

    def __init__(self, font: QFont) -> None:
        self.font = font
        self._metrics = QFontMetricsF(font)
        self.line = self._metrics.height()

    def wide(self, text: str) -> float:
        """The width of ``text`` in one line."""
        return self._metrics.horizontalAdvance(text)

    def fits(self, text: str, width: float) -> bool:
        """Whether ``text`` needs no second line."""
        return LINE_END not in text and self._metrics.horizontalAdvance(text) <= width


def filled(ink: QColor, letters: QColor) -> QTextCharFormat:
    """A look for :class:`Mark`."""
    style = QTextCharFormat()
    style.setBackground(ink)
    style.setForeground(letters)
    return style


def draw(
    painter: QPainter,
    box: QRect,
    text: str,
    face: Face,
    ink: QColor,
    *,
    right: bool = False,
    marks: Sequence[Mark] = (),
) -> None:
    """At the top of ``box``, which is taken to be high enough."""
    painter.setFont(face.font)
    painter.setPen(ink)
    if not marks and face.fits(text, box.width()):
        painter.drawText(box, _RIGHT if right else _LEFT, text)
        return
    layout = _wrapped(text, face.font, box.width(), right, marks)
    layout.draw(painter, QPointF(box.topLeft()))


def height(text: str, face: Face, width: float) -> float:
    """Pixels that the text takes at this width."""
    if face.fits(text, width):
        return face.line
    return _wrapped(text, face.font, width, False, ()).boundingRect().height()


def _wrapped(
    text: str, font: QFont, width: float, right: bool, marks: Sequence[Mark]
) -> QTextLayout:
    layout = QTextLayout(text, font)
    option = QTextOption(Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft)
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    ranges = []
    for mark in marks:
        part = QTextLayout.FormatRange()
        part.start, part.length, part.format = mark.first, mark.last - mark.first, mark.style
        ranges.append(part)
    layout.setFormats(ranges)
    layout.beginLayout()
    top = 0.0
    while (line := layout.createLine()).isValid():
        line.setLineWidth(width)
        line.setPosition(QPointF(0, top))
        top += line.height()
    layout.endLayout()
    return layout
