"""How each kind of block looks, in the theme's colours and the system's font."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFont,
    QFontDatabase,
    QFontMetricsF,
    QTextBlockFormat,
    QTextCharFormat,
    QTextFrameFormat,
    QTextLength,
    QTextTableCellFormat,
    QTextTableFormat,
)

from desktop import theme
from desktop.ask.labels import scaled_font
from engine.records import Block, BlockKind

SIZE = 1.05  # of the system's font
FOUND, CURRENT = QColor("#bcdcf5"), QColor("#ffb347")
"""Behind what find in page has found, and behind the one that is looked at."""

_PROPORTIONAL = QTextBlockFormat.LineHeightTypes.ProportionalHeight.value
_HEADINGS = {1: 1.5, 2: 1.3, 3: 1.15}
_SMALL = {BlockKind.CAPTION: 0.95, BlockKind.FOOTNOTE: 0.9, BlockKind.MARGINAL: 0.85}
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignAbsolute


def seen_through(style: QTextCharFormat) -> QTextCharFormat:
    """The same letters, marked as what a reader of the document does not see."""
    ink = theme.colours()
    marked = QTextCharFormat(style)
    marked.setForeground(ink.muted)
    marked.setBackground(ink.surface)
    marked.setUnderlineStyle(QTextCharFormat.UnderlineStyle.DashUnderline)
    marked.setUnderlineColor(ink.warning)
    marked.setToolTip("Cannot be seen in the document; answers leave it out.")
    return marked


def tint(base: QColor) -> QColor:
    """Behind a lit row: dark letters stay readable on it in the light, light ones in the dark."""
    share = 0.22 if theme.is_dark() else 0.45
    over = theme.colours().lit
    pairs = ((base.red(), over.red()), (base.green(), over.green()), (base.blue(), over.blue()))
    return QColor(*(round(a + (b - a) * share) for a, b in pairs))


class Styles:
    """Formats of blocks, cells and letters at one ``zoom``."""

    def __init__(self, zoom: float) -> None:
        self._zoom = zoom
        self._ink = theme.colours()
        self._metrics = QFontMetricsF(scaled_font(SIZE * zoom))
        self.line = self._metrics.height() * 0.6

    def letters(
        self, scale: float = 1.0, *, bold: bool = False, ink: str = "text"
    ) -> QTextCharFormat:
        """``ink`` is the name of a colour in the theme."""
        style = QTextCharFormat()
        style.setFont(scaled_font(scale * SIZE * self._zoom, bold=bold))
        style.setForeground(getattr(self._ink, ink))
        return style

    # --- blocks -----------------------------------------------------------------------------

    def of_block(
        self, block: Block, *, quoted: bool, after: BlockKind | None
    ) -> tuple[QTextBlockFormat, QTextCharFormat]:
        """Of a block that follows one of the kind ``after``; ``quoted`` where somebody else
        speaks in it."""
        line, kind = self.line, block.kind
        outer = QTextBlockFormat()
        outer.setLineHeight(135, _PROPORTIONAL)
        outer.setTopMargin(line * 0.6)
        outer.setBottomMargin(line * 0.6)
        style = self.letters(
            _SMALL.get(kind, 1.0), ink="muted" if kind in _SMALL or quoted else "text"
        )
        if kind is BlockKind.HEADING:
            style = self.letters(_HEADINGS.get(block.level, 1.08), bold=True)
            outer.setTopMargin(line * 1.1)
            outer.setHeadingLevel(min(6, max(1, block.level)))
        elif kind is BlockKind.LIST_ITEM:
            outer.setTopMargin(line * 0.25)
            outer.setBottomMargin(line * 0.25)
        elif kind is BlockKind.CODE:
            self._set_code(outer, style)
        elif kind is BlockKind.FOOTNOTE:
            outer.setTopMargin(line * (0.2 if after is kind else 1.2))
            outer.setBottomMargin(line * 0.2)
            outer.setLineHeight(120, _PROPORTIONAL)
        elif kind is BlockKind.MARGINAL:
            outer.setTopMargin(line * 0.2)
            outer.setBottomMargin(line * 0.2)
        return outer, style

    def _set_code(self, outer: QTextBlockFormat, style: QTextCharFormat) -> None:
        family = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont).family()
        style.setFontFamilies([family])
        style.setFontStyleHint(QFont.StyleHint.Monospace)
        style.setFontFixedPitch(True)
        outer.setTopMargin(0)
        outer.setBottomMargin(0)
        outer.setLineHeight(115, _PROPORTIONAL)

    def hang(self, outer: QTextBlockFormat, mark: str) -> None:
        """Let a list item's later lines begin where its words do, after ``mark``."""
        wide = self._metrics.horizontalAdvance(mark)
        outer.setLeftMargin(self.line * 0.8 + wide)
        outer.setTextIndent(-wide)

    # --- tables -----------------------------------------------------------------------------

    def table(self) -> QTextTableFormat:
        """Lines between the rows only."""
        outer = QTextTableFormat()
        outer.setBorder(0)
        outer.setCellSpacing(0)
        outer.setCellPadding(0)
        outer.setTopMargin(self.line * 0.6)
        outer.setBottomMargin(self.line * 1.1)  # the only one: what follows has none at its top
        return outer

    def fields(self, names: Iterable[str]) -> QTextTableFormat:
        """Names beside values, set apart from what follows."""
        outer = self.table()
        outer.setBottomMargin(self.line * 1.6)
        longest = max(map(self._metrics.horizontalAdvance, names), default=0.0)
        outer.setColumnWidthConstraints(
            [
                QTextLength(QTextLength.Type.FixedLength, longest + self.line * 1.8),
                QTextLength(QTextLength.Type.PercentageLength, 100),
            ]
        )
        return outer

    def full(self) -> QTextTableFormat:
        """A table as wide as the page."""
        outer = self.table()
        outer.setWidth(QTextLength(QTextLength.Type.PercentageLength, 100))
        return outer

    def box(self, *, quote: bool) -> QTextTableCellFormat:
        """Around code, or beside the words of somebody else."""
        cell = QTextTableCellFormat()
        cell.setPadding(self.line * 0.7)
        if quote:
            cell.setTopPadding(0)
            cell.setBottomPadding(0)
            cell.setLeftPadding(self.line)
            cell.setLeftBorder(3)
            cell.setLeftBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
            cell.setLeftBorderBrush(QBrush(self._ink.border))
        else:
            cell.setBackground(self._ink.surface)
        return cell

    def cell(
        self, *, head: bool = False, ruled: bool = True, lit: bool = False
    ) -> QTextTableCellFormat:
        cell = QTextTableCellFormat()
        cell.setPadding(self.line * 0.45)
        cell.setLeftPadding(self.line * 0.7)
        cell.setRightPadding(self.line * 0.7)
        if ruled:
            cell.setBottomBorder(1)
            cell.setBottomBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
            cell.setBottomBorderBrush(QBrush(self._ink.handle if head else self._ink.border))
        if head or not ruled:
            cell.setBackground(self._ink.surface)
        if lit:
            cell.setBackground(tint(self._ink.surface if head else self._ink.base))
        return cell

    def in_cell(self, *, figure: bool) -> QTextBlockFormat:
        inner = QTextBlockFormat()
        if figure:
            inner.setAlignment(_RIGHT)
        return inner
