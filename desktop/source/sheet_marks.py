"""What is lit, found and hidden in a sheet."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence

from PySide6.QtGui import QColor, QTextCharFormat

from desktop import theme
from desktop.source import cells, words_in_box
from desktop.source.cells import Row, Span
from desktop.source.inert import LINE_END
from desktop.source.sheet import Sheet
from desktop.source.styles import CURRENT, FOUND, seen_through
from desktop.source.words_in_box import Mark
from engine.hidden import Spans


class SheetMarks:
    """Spans are offsets into the page's text."""

    def __init__(self, sheet: Sheet, hidden: Spans = (), lit: Span | None = None) -> None:
        self.sheet = sheet
        self.lit = lit
        self._hidden = hidden
        self._found: tuple[Span, ...] = ()
        self._current = -1
        self._units = sheet.units

    def set_found(self, spans: Sequence[Span], current: int) -> None:
        self._found, self._current = tuple(spans), current

    def is_lit(self, row: Row) -> bool:
        lit = self.lit
        return lit is not None and row.block.start < lit[1] and lit[0] < row.block.end

    def words(self, spans: Sequence[Span]) -> tuple[str, list[Mark]]:
        """What stands in a cell, a line for each span, and what of it is marked."""
        lines: list[str] = []
        marks: list[Mark] = []
        at = 0
        for start, end in spans:
            shift = at - self._units(start)
            for a, b, style in self._styled(start, end):
                marks.append(Mark(self._units(a) + shift, self._units(b) + shift, style))
            lines.append(self.sheet.text[start:end])
            at += self._units(end) - self._units(start) + 1
        return LINE_END.join(lines), marks

    def _styled(self, start: int, end: int) -> Iterator[tuple[int, int, QTextCharFormat]]:
        for a, b in cells.inside(self._hidden, start, end):
            yield a, b, seen_through(QTextCharFormat())
        if self.lit is not None:
            for a, b in cells.inside([self.lit], start, end):
                yield a, b, _filled(theme.colours().lit)
        first = bisect_right(self._found, start, key=lambda span: span[1])
        for number, (a, b) in enumerate(cells.inside(self._found, start, end), first):
            yield a, b, _filled(CURRENT if number == self._current else FOUND)

    @property
    def head_is_lit(self) -> bool:
        return not self.sheet.borrowed and any(map(self.is_lit, self.sheet.head))

    def head(self, column: int) -> tuple[str, list[Mark]]:
        """What a column is called, like :meth:`words`."""
        cut = [(row, row.cells[column]) for row in self.sheet.head if column < len(row.cells)]
        held = [(row, span) for row, span in cut if span[0] < span[1]]
        if self.sheet.borrowed:
            return LINE_END.join(row.text[start:end] for row, (start, end) in held), []
        return self.words([span for _, span in held])

    def lit_text(self) -> list[str]:
        """The words that are lit or found, cell by cell."""
        spans = ([self.lit] if self.lit is not None else []) + list(self._found)
        return [
            self.sheet.text[a:b]
            for span in spans
            for row in (*(() if self.sheet.borrowed else self.sheet.head), *self.sheet.rows)
            for cell in self.sheet.spans(row)
            for a, b in cells.inside([span], *cell)
            if a < b
        ]


def _filled(ink: QColor) -> QTextCharFormat:
    return words_in_box.filled(ink, theme.LIGHT.text)  # lit is light in either theme
