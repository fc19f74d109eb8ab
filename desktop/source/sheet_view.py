"""A sheet as a table: column heads that stay, rows that light up.

Only what is in sight is measured and drawn, so that 100,000 rows cost what 30 do.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from PySide6.QtCore import QEvent, QModelIndex, Qt, Signal
from PySide6.QtGui import (
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QTableView, QWidget

from desktop import theme
from desktop.ask.labels import scaled_font
from desktop.source import keys, words_in_box
from desktop.source.cells import Span
from desktop.source.inert import LINE_END
from desktop.source.sheet import Sheet
from desktop.source.sheet_drawing import ACROSS, DOWN, Cells, Heads
from desktop.source.sheet_marks import SheetMarks
from desktop.source.sheet_model import SheetModel
from engine.hidden import Spans

_STEP = 1.1
_LEAST, _MOST = 0.6, 3.0
_NARROWEST, _WIDEST = 5, 44  # columns, in average characters
_MEASURED_LINES = 50
_SAMPLED = 400  # rows that the columns' widths go by


class SheetView(QTableView):
    """Shows one sheet; the exact words of a passage are lit, and their rows tinted."""

    page_stepped = Signal(int)
    zoom_changed = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sheet: Sheet | None = None
        self._marks: SheetMarks | None = None
        self._zoom = 1.0
        self._looks = theme.looks()
        self._measured: set[int] = set()
        self._widest = 0  # a column, and its least width where it takes what is left; else 0
        self._narrowest = 0
        self._model = SheetModel()
        self.setModel(self._model)
        self._cells, self._heads = Cells(self), Heads(self)
        self.setItemDelegate(self._cells)
        self.setHorizontalHeader(self._heads)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setWordWrap(True)
        self.setTabKeyNavigation(False)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setAccessibleName("Page, as a table")
        rows = self.verticalHeader()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)
        rows.setHighlightSections(False)
        rows.setMinimumSectionSize(1)
        self.verticalScrollBar().valueChanged.connect(self._measure)

    # --- what is shown ----------------------------------------------------------------------

    def show_sheet(self, sheet: Sheet, hidden: Spans = (), lit: Span | None = None) -> None:
        """``lit`` is the span of the page's text to light and to bring into view; what is
        ``hidden`` is marked."""
        self._sheet = sheet
        self._marks = self._cells.marks = self._heads.marks = SheetMarks(sheet, hidden, lit)
        self.clearSpans()
        self._model.show(sheet)
        for number in sheet.across:
            self.setSpan(number, 0, 1, sheet.columns)
        self._heads.setVisible(bool(sheet.head))
        self.verticalHeader().setVisible(bool(sheet.numbers))
        self._size()
        if lit is None:
            self.verticalScrollBar().setValue(0)
            self.horizontalScrollBar().setValue(0)
        else:
            self._bring(lit)

    def set_found(self, spans: Sequence[Span], current: int) -> None:
        if self._marks is not None:
            self._marks.set_found(spans, current)
        if 0 <= current < len(spans):
            self._bring(spans[current])
        self.viewport().update()
        self._heads.viewport().update()

    def go_to(self, span: Span) -> None:
        """Bring a span of the page's text into view."""
        self._bring(span)

    def lit_text(self) -> list[str]:
        """The words that are lit or found, cell by cell."""
        return [] if self._marks is None else self._marks.lit_text()

    def lit_rows(self) -> list[int]:
        """Which rows are tinted."""
        if self._marks is None or self._sheet is None:
            return []
        return [n for n, row in enumerate(self._sheet.rows) if self._marks.is_lit(row)]

    def scroll_to_end(self) -> None:
        self.scrollToBottom()
        self._measure()
        self.scrollToBottom()

    # --- sizes ------------------------------------------------------------------------------

    def _size(self) -> None:
        """Columns as wide as what they hold, within reason; rows are measured when seen."""
        sheet = self._sheet
        if sheet is None:
            return
        font = scaled_font(self._zoom)
        self.setFont(font)
        self.verticalHeader().setFont(font)
        self._cells.dress(font)
        self._heads.dress(font)
        step = max(1, len(sheet.rows) // _SAMPLED)
        longest = [""] * sheet.columns
        for row in sheet.rows[::step]:
            spans = sheet.spans(row)
            for column, (start, end) in enumerate(spans if len(spans) > 1 else ()):
                if end - start > len(longest[column]):
                    longest[column] = sheet.text[start:end]
        face, strong = self._cells.face, self._heads.face
        average = face.wide("0")
        for column, words in enumerate(longest):
            lines = [face.wide(line) for line in words.split(LINE_END)]
            lines += map(strong.wide, self._heads.words(column).split(LINE_END))
            width = max(lines) * 1.05 + 2 * ACROSS
            width = min(max(width, _NARROWEST * average), _WIDEST * average)
            self.setColumnWidth(column, round(width))
        self._widest = max(range(sheet.columns), key=self.columnWidth)
        self._narrowest = self.columnWidth(self._widest) if self._needs_room(sheet) else 0
        self._spread()
        self._heads.setFixedHeight(self._heads.sizeHint().height())
        self._forget_heights()

    def _needs_room(self, sheet: Sheet) -> bool:
        """Whether lines that go across are longer than the columns are wide, all together."""
        held = sum(self.columnWidth(column) for column in range(sheet.columns)) - 2 * ACROSS
        blocks = (sheet.rows[number].block for number in sheet.across[:_MEASURED_LINES])
        return any(self._cells.face.wide(sheet.text[b.start : b.end]) > held for b in blocks)

    def _spread(self) -> None:
        """Give the widest column what is left of the view, where lines that go across need it."""
        if self._narrowest:
            spare = self.viewport().width() - self._heads.length()
            width = self.columnWidth(self._widest) + spare
            self.setColumnWidth(self._widest, max(self._narrowest, width))

    def _forget_heights(self) -> None:
        line = round(self._cells.face.line) + 2 * DOWN
        self.verticalHeader().setDefaultSectionSize(line)
        for row in self._measured:  # also those of the sheet before, which Qt keeps
            if row < self._model.rowCount():
                self.setRowHeight(row, line)
        self._measured.clear()
        self._measure()

    def _measure(self) -> None:
        """The heights of the rows in sight; one that grows moves others out of it."""
        sheet = self._sheet
        if sheet is None or not sheet.rows:
            return
        row = max(0, self.rowAt(0))
        bottom = self.viewport().height()
        while row < len(sheet.rows) and self.rowViewportPosition(row) < bottom:
            if row not in self._measured:
                self._measured.add(row)
                needed = self._height(sheet, row)
                if needed > self.rowHeight(row):
                    self.setRowHeight(row, needed)
            row += 1

    def _height(self, sheet: Sheet, number: int) -> int:
        row = sheet.rows[number]
        widths = [self.columnWidth(column) for column in range(sheet.columns)]
        if len(sheet.spans(row)) == 1:
            widths = [min(sum(widths), self.viewport().width())]
        tallest = max(
            words_in_box.height(sheet.text[start:end], self._cells.face, width - 2 * ACROSS)
            for (start, end), width in zip(sheet.spans(row), widths, strict=False)
        )
        return round(tallest) + 2 * DOWN

    def _bring(self, span: Span) -> None:
        sheet = self._sheet
        if sheet is None:
            return
        number = bisect_right(sheet.rows, span[0], key=lambda row: row.block.end)
        if number >= len(sheet.rows) or sheet.rows[number].block.start >= span[1]:
            return  # in the head, which is in sight
        spans = sheet.spans(sheet.rows[number])
        column = min(bisect_left(spans, span[0] + 1, key=lambda cell: cell[1]), len(spans) - 1)
        index = self._model.index(number, max(0, column))
        for _ in range(2):  # rows that are measured on the way move it
            self.scrollTo(index, QAbstractItemView.ScrollHint.PositionAtCenter)
            self._measure()
        if column == 0:
            self.horizontalScrollBar().setValue(0)
        self.setCurrentIndex(QModelIndex())

    # --- zoom -------------------------------------------------------------------------------

    @property
    def zoom(self) -> float:
        return self._zoom

    def zoom_in(self) -> None:
        self.set_zoom(self._zoom * _STEP)

    def zoom_out(self) -> None:
        self.set_zoom(self._zoom / _STEP)

    def fit_width(self) -> None:
        self.set_zoom(1.0)

    def set_zoom(self, zoom: float) -> None:
        self._zoom = min(_MOST, max(_LEAST, zoom))
        self._size()
        self.zoom_changed.emit(self._zoom)

    # --- Qt ---------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self._copy()
        elif not keys.pressed(self, event):
            super().keyPressEvent(event)

    def _copy(self) -> None:
        """The chosen rows, as programs for sheets take them."""
        sheet = self._sheet
        if sheet is None:
            return
        chosen = sorted({index.row() for index in self.selectionModel().selectedRows()})
        lines = (
            "\t".join(sheet.text[start:end] for start, end in sheet.spans(sheet.rows[number]))
            for number in chosen
        )
        words = "\n".join(lines).replace(LINE_END, " ")
        if words:
            QGuiApplication.clipboard().setText(words)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if not keys.zoomed(self, event):
            super().wheelEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._narrowest:
            self._spread()
            self._forget_heights()
        else:
            self._measure()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        changes = (QEvent.Type.PaletteChange, QEvent.Type.FontChange)
        if event.type() in changes and theme.looks() != self._looks:
            self._looks = theme.looks()
            self._size()
