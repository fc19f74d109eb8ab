"""A page of a format without pages as they look: its text, laid out from its blocks.

Of a very long page only a stretch is laid out, which moves along as it is scrolled or searched.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint, QUrl, Signal
from PySide6.QtGui import (
    QFontMetricsF,
    QKeyEvent,
    QPalette,
    QResizeEvent,
    QTextCharFormat,
    QTextCursor,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QTextBrowser, QTextEdit, QWidget

from desktop import theme
from desktop.ask.labels import scaled_font
from desktop.source import keys
from desktop.source.blocks import WINDOW, around, covering
from desktop.source.cells import ROWS
from desktop.source.inert import inert
from desktop.source.offsets import Utf16Offsets
from desktop.source.styles import CURRENT, FOUND, SIZE, Styles
from desktop.source.typesetting import Piece, Typesetter
from engine.records import Block, Page

_STEP = 1.1
_LEAST, _MOST = 0.6, 3.0
_MOST_MARKS = 300  # of what was found; those nearest to the one looked at
_MARGIN = 24
_MEASURE = 92  # average characters in a line of prose, at most


class TextView(QTextBrowser):
    """Text in, never markup: everything is inserted with formats."""

    page_stepped = Signal(int)
    zoom_changed = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._looks = theme.looks()
        self._page: Page | None = None
        self._blocks: list[Block] = []
        self._shown = range(0)  # which of the blocks are laid out
        self._pieces: list[Piece] = []
        self._moving = False
        self._text = ""  # the page's, as it is shown
        self._units = Utf16Offsets("")
        self._lit: tuple[int, int] | None = None
        self._found: tuple[tuple[int, int], ...] = ()
        self._current = -1
        self._zoom = 1.0
        self._prose = True
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setOpenLinks(False)
        self.setOpenExternalLinks(False)
        self.setUndoRedoEnabled(False)
        self.setAccessibleName("Page")
        self.verticalScrollBar().valueChanged.connect(self._scrolled)
        self._restyle()

    # --- what is shown ----------------------------------------------------------------------

    def show_page(self, page: Page, lit: tuple[int, int] | None = None) -> None:
        """``lit`` is the span of ``page.text`` to light and to bring into view."""
        self._page, self._lit = page, lit
        self._found, self._current = (), -1
        self._text = inert(page.text, page.hidden)
        self._units = Utf16Offsets(self._text)
        self._blocks = list(covering(page))
        self._prose = not any(block.kind in ROWS for block in self._blocks)
        self._lay_out(0 if lit is None else lit[0])
        if lit is None:
            self.verticalScrollBar().setValue(0)
        else:
            self._bring(lit)

    def set_found(self, spans: Sequence[tuple[int, int]], current: int) -> None:
        self._found, self._current = tuple(spans), current
        self._mark()
        if 0 <= current < len(self._found):
            self._bring(self._found[current])

    def go_to(self, span: tuple[int, int]) -> None:
        """Bring a span of the page's text into view."""
        self._bring(span)

    def ranges(self, start: int, end: int) -> list[tuple[int, int]]:
        """Where ``text[start:end]`` stands in the document, in UTF-16 units; several where it
        crosses blocks."""
        found = []
        first_piece = bisect_right(self._pieces, start, key=lambda piece: piece.end)
        for piece in self._pieces[first_piece:]:
            if piece.start >= end:
                break
            first, last = max(start, piece.start), min(end, piece.end)
            if first < last:  # an empty cell has nothing to light
                shift = piece.position - self._units(piece.start)
                found.append((self._units(first) + shift, self._units(last) + shift))
        return found

    # --- laying out -------------------------------------------------------------------------

    def _lay_out(self, offset: int) -> None:
        """Lay out the stretch around an offset of the text."""
        self._shown = self._stretch(offset)
        self._build()

    def _stretch(self, offset: int) -> range:
        """Which blocks to lay out: never fewer than a few screens of them."""
        metrics, port = self.fontMetrics(), self.viewport()
        held = port.width() * port.height() / (metrics.averageCharWidth() * metrics.height())
        return around(self._blocks, offset, max(WINDOW, round(4 * held / self._zoom**2)))

    def _scrolled(self, value: int) -> None:
        """Near the end of what is laid out: move the stretch along, with every line in place."""
        bar = self.verticalScrollBar()
        more_above = self._shown.start > 0 and value < bar.pageStep()
        more_below = self._shown.stop < len(self._blocks) and value > bar.maximum() - bar.pageStep()
        if self._moving or not (more_above or more_below):
            return
        cursor = self.cursorForPosition(QPoint(0, 0))
        number = bisect_right(self._pieces, cursor.position(), key=lambda piece: piece.position)
        piece = self._pieces[max(0, number - 1)]
        if self._stretch(piece.start) == self._shown:
            return
        top = self._top_of(piece.position)
        self._lay_out(piece.start)
        same = next(p for p in self._pieces if p.start == piece.start)
        self._moving = True
        bar.setValue(bar.value() + self._top_of(same.position) - top)
        self._moving = False

    def _top_of(self, position: int) -> int:
        cursor = QTextCursor(self.document())
        cursor.setPosition(position)
        return self.cursorRect(cursor).top()

    def _build(self) -> None:
        self._moving = True  # scrolling, while the old text goes and the new one comes, is none
        try:
            self.clear()
            self._pieces = []
            if self._page is not None:
                self._insert(self._page)
                self._keep_measure()
            # Qt would lay it out bit by bit, and the scroll bar go by an estimate until then.
            layout = self.document().documentLayout()
            layout.documentSizeChanged.emit(layout.documentSize())
        finally:
            self._moving = False
        self._mark()

    def _insert(self, page: Page) -> None:
        styles = Styles(self._zoom)
        setter = Typesetter(self.document(), self._text, page.text, page.hidden, styles)
        shown = self._shown
        self._pieces = setter.write(
            self._blocks[shown.start : shown.stop], first=not shown.start, lit=self._lit
        )

    def _keep_measure(self) -> None:
        """Lines of prose no longer than can be read; tables take what there is."""
        spare = 0
        if self._prose:
            metrics = QFontMetricsF(scaled_font(SIZE * self._zoom))
            spare = round(self.viewport().width() - metrics.averageCharWidth() * _MEASURE) // 2
        outer = self.document().rootFrame().frameFormat()
        margin = max(_MARGIN, spare)
        if outer.leftMargin() != margin:
            outer.setMargin(_MARGIN)
            outer.setLeftMargin(margin)
            outer.setRightMargin(margin)
            self.document().rootFrame().setFrameFormat(outer)

    def _mark(self) -> None:
        marks = [] if self._lit is None else [(self._lit, theme.colours().lit)]
        nearest = max(0, min(self._current, len(self._found)) - _MOST_MARKS // 2)
        for number, span in enumerate(self._found[nearest : nearest + _MOST_MARKS], nearest):
            ink = CURRENT if number == self._current else FOUND
            marks.append((span, ink))
        selections = []
        for (start, end), ink in marks:
            for first, last in self.ranges(start, end):
                selection = QTextEdit.ExtraSelection()
                cursor = QTextCursor(self.document())
                cursor.setPosition(first)
                cursor.setPosition(last, QTextCursor.MoveMode.KeepAnchor)
                selection.cursor = cursor
                style = QTextCharFormat()
                style.setBackground(ink)
                style.setForeground(theme.LIGHT.text)  # lit is light in either theme
                selection.format = style
                selections.append(selection)
        self.setExtraSelections(selections)

    def lit_text(self) -> list[str]:
        """The words that are lit or found, as they stand in the document."""
        return [selection.cursor.selectedText() for selection in self.extraSelections()]

    def _bring(self, span: tuple[int, int]) -> None:
        ranges = self.ranges(*span)
        if not ranges and span[0] < span[1]:
            self._lay_out(span[0])
            ranges = self.ranges(*span)
        if not ranges:
            return
        cursor = QTextCursor(self.document())
        cursor.setPosition(ranges[0][0])
        self.setTextCursor(cursor)
        top = self.cursorRect(cursor).top()
        if not 0 <= top <= self.viewport().height() * 0.7:
            bar = self.verticalScrollBar()
            bar.setValue(bar.value() + top - self.viewport().height() // 3)

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
        bar = self.verticalScrollBar()
        share = bar.value() / bar.maximum() if bar.maximum() else 0.0
        self._zoom = min(_MOST, max(_LEAST, zoom))
        self._build()
        bar.setValue(round(share * bar.maximum()))
        self.zoom_changed.emit(self._zoom)

    # --- Qt ---------------------------------------------------------------------------------

    def loadResource(self, kind: int, name: QUrl | str) -> object:
        """Nothing is ever loaded for a document's text."""
        return None

    def wheelEvent(self, event: QWheelEvent) -> None:
        if not keys.zoomed(self, event):
            super().wheelEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not keys.pressed(self, event):
            super().keyPressEvent(event)

    def scroll_to_end(self) -> None:
        if self._blocks:
            self._lay_out(self._blocks[-1].end)
        self.verticalScrollBar().setValue(self.verticalScrollBar().maximum())

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._keep_measure()
        super().resizeEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        changes = (QEvent.Type.PaletteChange, QEvent.Type.FontChange)
        if event.type() in changes and theme.looks() != self._looks:
            self._restyle()
            self._build()

    def _restyle(self) -> None:
        self._looks = theme.looks()
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.Base, theme.colours().base)
        palette.setColor(QPalette.ColorRole.Text, theme.colours().text)
        self.setPalette(palette)
