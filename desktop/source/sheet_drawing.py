"""How the cells and the column heads of a sheet are drawn."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter
from PySide6.QtWidgets import QHeaderView, QStyledItemDelegate, QStyleOptionViewItem, QTableView

from desktop import theme
from desktop.source import cells, words_in_box
from desktop.source.cells import Row
from desktop.source.sheet_marks import SheetMarks
from desktop.source.styles import tint
from desktop.source.words_in_box import Face
from engine.records import BlockKind

ACROSS, DOWN = 9, 5  # pixels around the words of a cell
_STRONG = (BlockKind.TABLE_HEAD, BlockKind.HEADING)
_MUTED = (BlockKind.TABLE_HEAD, BlockKind.CAPTION, BlockKind.MARGINAL)


class Cells(QStyledItemDelegate):
    """Draws what a cell of ``marks`` holds, and a tint behind a row that is lit."""

    def __init__(self, view: QTableView) -> None:
        super().__init__(view)
        self._view = view
        self.marks: SheetMarks | None = None
        self.dress(view.font())

    def dress(self, font: QFont) -> None:
        """Take the font, and the colours as they are now."""
        self.face, self._strong = Face(font), Face(theme.scaled(font, 1.0, bold=True))
        self._ink = theme.colours()
        self._tint = tint(self._ink.base)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        if self.marks is None:
            return
        ink, view, sheet = self._ink, self._view, self.marks.sheet
        row, rect, kind = sheet.rows[index.row()], option.rect, sheet.rows[index.row()].block.kind
        painter.fillRect(rect, self._fill(row, view.selectionModel().isSelected(index)))
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, ink.border)
        cut = sheet.spans(row)
        words, marks = self.marks.words(cut[index.column() : index.column() + 1])
        box = inner(rect)
        if len(cut) == 1:  # it goes across, but not out of sight
            box.setWidth(min(box.width(), view.viewport().width() - 2 * ACROSS))
        if words:
            painter.save()
            painter.setClipRect(rect)
            words_in_box.draw(
                painter,
                box,
                words,
                self._strong if kind in _STRONG else self.face,
                ink.muted if kind in _MUTED else ink.text,
                right=kind in cells.ROWS and cells.is_number(words),
                marks=marks,
            )
            painter.restore()
        if view.hasFocus() and index == view.currentIndex():
            painter.setPen(ink.accent)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(rect.adjusted(0, 0, -1, -2))

    def _fill(self, row: Row, chosen: bool) -> QColor:
        if self.marks is not None and self.marks.is_lit(row):
            return self._tint
        if chosen:
            return self._ink.accent_soft
        head = row.block.kind is BlockKind.TABLE_HEAD
        return self._ink.surface if head else self._ink.base


class Heads(QHeaderView):
    """The column heads: they stay when the rows are scrolled, and light up like them."""

    def __init__(self, view: QTableView) -> None:
        super().__init__(Qt.Orientation.Horizontal, view)
        self.marks: SheetMarks | None = None
        self.setSectionsClickable(False)
        self.setMinimumSectionSize(8)
        self.dress(view.font())

    def dress(self, font: QFont) -> None:
        """Take the font; the heads are bold."""
        self.face = Face(theme.scaled(font, 1.0, bold=True))

    def words(self, column: int) -> str:
        """What the column is called."""
        return "" if self.marks is None else self.marks.head(column)[0]

    def sizeHint(self) -> QSize:
        tallest = max(
            (
                words_in_box.height(self.words(n), self.face, self.sectionSize(n) - 2 * ACROSS)
                for n in range(self.count())
            ),
            default=0.0,
        )
        return QSize(super().sizeHint().width(), round(tallest) + 2 * DOWN + 1)

    def paintSection(self, painter: QPainter, rect: QRect, column: int) -> None:
        if self.marks is None:
            return
        ink, sheet = theme.colours(), self.marks.sheet
        lit = self.marks.head_is_lit
        words, marks = self.marks.head(column)
        painter.fillRect(rect, tint(ink.surface) if lit else ink.surface)
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, ink.handle)
        words_in_box.draw(
            painter,
            inner(rect),
            words,
            self.face,
            ink.text if lit else ink.muted,
            right=sheet.figures[column],
            marks=marks,
        )


def inner(rect: QRect) -> QRect:
    """What of a cell is for its words."""
    return rect.adjusted(ACROSS, DOWN, -ACROSS, -DOWN)
