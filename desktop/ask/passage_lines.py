"""A passage laid out on a few lines, its matched words in bold."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QFont, QTextCharFormat, QTextLayout, QTextOption

from desktop.ask.labels import scaled_font
from desktop.ask.matches import Snippet
from engine.exporting.wording import reads_from_right

_LINES = 2
_LEADING = 1.1


def laid_out(
    shown: Snippet, width: float, size: float = 1.0, lines: int = _LINES, leading: float = _LEADING
) -> QTextLayout:
    """Up to so many ``lines``, the last cut with an ellipsis, matched words bold, in a font
    ``size`` times the system's, lines ``leading`` times its height apart. Text that is written
    from the right begins there."""
    text = shown.text
    layout = _broken(text, shown, width, lines + 1, size, leading)
    if layout.lineCount() > lines:
        last = layout.lineAt(lines - 1)
        units = text.encode("utf-16-le")
        cut = units[: 2 * (last.textStart() + last.textLength())].decode("utf-16-le", "ignore")
        text = _without_last_word(cut.removesuffix(" …")) + " …"
        layout = _broken(text, shown, width, lines, size, leading)
    return layout


def _without_last_word(text: str) -> str:
    words = text.rsplit(maxsplit=1)
    return words[0] if len(words) > 1 else text[:-2]  # a script without spaces


def _broken(
    text: str, shown: Snippet, width: float, most: int, size: float, leading: float
) -> QTextLayout:
    layout = QTextLayout(text, scaled_font(size))
    layout.setCacheEnabled(True)  # it is drawn right away, and again for the next keys
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    if reads_from_right(text):
        option.setTextDirection(Qt.LayoutDirection.RightToLeft)
        option.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignAbsolute)
    layout.setTextOption(option)
    layout.setFormats([_bold(text, a, b) for a, b in shown.matches if b <= len(text)])
    layout.beginLayout()
    y = 0.0
    for _ in range(most):
        line = layout.createLine()
        if not line.isValid():
            break
        line.setLineWidth(max(60.0, width))
        line.setPosition(QPointF(0, y))
        y += line.height() * leading
    layout.endLayout()
    return layout


def _bold(text: str, start: int, end: int) -> QTextLayout.FormatRange:
    span = QTextLayout.FormatRange()
    span.start = len(text[:start].encode("utf-16-le")) // 2
    span.length = len(text[start:end].encode("utf-16-le")) // 2
    style = QTextCharFormat()
    style.setFontWeight(QFont.Weight.Bold)
    span.format = style
    return span
