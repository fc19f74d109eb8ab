"""Writes a page's blocks into a text document, and notes where each stretch has come to stand.

Text in, never markup: everything is inserted with formats. What the document holds besides the
text (list marks, the frames of cells) lies between the pieces.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from PySide6.QtGui import QTextBlockFormat, QTextCharFormat, QTextCursor, QTextDocument, QTextTable

from desktop.source import cells
from desktop.source.cells import Row, Span
from desktop.source.inert import LINE_END
from desktop.source.mail_head import MailHead, mail_head
from desktop.source.styles import Styles, seen_through
from engine.hidden import Spans
from engine.records import Block, BlockKind

_MARKED = re.compile(r"\s*(?:[-–—*+•▪◦‣·]|\(?[0-9A-Za-z]{1,4}[.)])\s")
_BULLET = "•\u2002"
_WIDEST = 48  # columns a table may have before it is better read as lines


@dataclass(frozen=True, slots=True)
class Piece:
    """``text[start:end]`` begins at ``position`` of the document, in UTF-16 units."""

    start: int
    end: int
    position: int


class Typesetter:
    """``text`` is a page's text as :func:`desktop.source.inert.inert` gives it, ``raw`` as it is
    stored; ``hidden`` are the spans to mark."""

    def __init__(
        self, document: QTextDocument, text: str, raw: str, hidden: Spans, styles: Styles
    ) -> None:
        self._document = document
        self._cursor = QTextCursor(document)
        self._text, self._raw = text, raw
        self._hidden, self._styles = hidden, styles
        self._pieces: list[Piece] = []
        self._lit: Span | None = None
        self._fresh = True  # the block at the cursor holds nothing yet

    def write(
        self, blocks: Sequence[Block], *, first: bool, lit: Span | None = None
    ) -> list[Piece]:
        """``first``: they are the page's first ones, where a mail has its head. Rows of tables in
        ``lit`` are tinted."""
        self._lit = lit
        self._cursor.beginEditBlock()
        head = mail_head(self._raw, blocks) if first else None
        if head is None:
            self._write(blocks)
        else:
            self._write(blocks[: head.first])
            self._write_fields(head)
            self._write(blocks[head.last :])
        self._cursor.endEditBlock()
        return self._pieces

    def _write(self, blocks: Sequence[Block]) -> None:
        before: BlockKind | None = None
        for _, run in groupby(blocks, self._look):
            group = list(run)
            kind = group[0].kind
            if kind in cells.ROWS:
                for table in cells.tables(group):
                    self._write_rows(table)
            elif kind is BlockKind.CODE or self._is_quote(group[0]):
                self._write_box(group, quote=kind is not BlockKind.CODE)
            else:
                for block in group:
                    self._write_block(block, before)
                    before = block.kind
            before = kind

    def _look(self, block: Block) -> str:
        """Blocks of one look belong together."""
        if block.kind in cells.ROWS:
            return "row"
        return "quote" if self._is_quote(block) else block.kind

    def _is_quote(self, block: Block) -> bool:
        """Mails and plain text begin each line of somebody else's with a mark."""
        return block.kind is BlockKind.PARAGRAPH and self._text.startswith(">", block.start)

    def _write_block(self, block: Block, before: BlockKind | None, *, quoted: bool = False) -> None:
        outer, style = self._styles.of_block(block, quoted=quoted, after=before)
        mark = ""
        if block.kind is BlockKind.LIST_ITEM:
            own = _MARKED.match(self._raw, block.start)
            mark = "" if own else _BULLET
            self._styles.hang(outer, own.group() if own else mark)
        self._begin(outer, style)
        self._cursor.insertText(mark, style)
        self._put((block.start, block.end), style)

    def _begin(self, outer: QTextBlockFormat, style: QTextCharFormat) -> None:
        if self._fresh:
            self._cursor.setBlockFormat(outer)
        else:
            self._cursor.insertBlock(outer, style)
        self._fresh = False

    def _put(self, span: Span, style: QTextCharFormat) -> None:
        """Write ``text[start:end]`` at the cursor, marked where it is hidden."""
        start, end = span
        self._pieces.append(Piece(start, end, self._cursor.position()))
        at = start
        for a, b in cells.inside(self._hidden, start, end):
            self._cursor.insertText(self._text[at:a], style)
            self._cursor.insertText(self._text[a:b], seen_through(style))
            at = b
        self._cursor.insertText(self._text[at:end], style)

    # --- tables -----------------------------------------------------------------------------

    def _write_rows(self, blocks: Sequence[Block]) -> None:
        columns = max(cells.count(self._text, block) for block in blocks)
        if 1 < columns <= _WIDEST:
            self._write_table([Row(self._text, block) for block in blocks], columns)
        else:
            for block in blocks:
                self._write_block(block, None)

    def _write_box(self, blocks: Sequence[Block], *, quote: bool) -> None:
        table = self._cursor.insertTable(1, 1, self._styles.full())
        cell = table.cellAt(0, 0)
        cell.setFormat(self._styles.box(quote=quote))
        self._cursor = cell.firstCursorPosition()
        self._fresh = True
        end = blocks[0].start
        for block in blocks:
            self._write_gap(end, block.start)
            self._write_block(block, None, quoted=quote)
            end = block.end
        self._leave(table)

    def _write_gap(self, start: int, end: int) -> None:
        """The empty lines between two blocks, which make a difference to code."""
        self._cursor.insertText(LINE_END * (self._text.count(LINE_END, start, end) - 1))

    def _write_table(self, rows: Sequence[Row], columns: int) -> None:
        figures = cells.figures((r for r in rows if r.block.kind is BlockKind.TABLE_ROW), columns)
        table = self._cursor.insertTable(len(rows), columns, self._styles.table())
        plain, strong = self._styles.letters(), self._styles.letters(0.95, bold=True, ink="muted")
        heads = 0
        for number, row in enumerate(rows):
            head = row.block.kind is BlockKind.TABLE_HEAD
            heads += head
            alone = len(row.cells) == 1
            if alone:
                table.mergeCells(number, 0, 1, columns)
            frame = self._styles.cell(head=head, lit=self._is_lit(row.block))
            for column in range(1 if alone else columns):
                table.cellAt(number, column).setFormat(frame)
            for column, (start, end) in enumerate(row.cells):
                figure = figures[column] if head else cells.is_number(self._text[start:end])
                self._fill(table, number, column, (start, end), strong if head else plain, figure)
        outer = table.format()
        outer.setHeaderRowCount(heads)
        table.setFormat(outer)
        self._leave(table)

    def _is_lit(self, block: Block) -> bool:
        return self._lit is not None and block.start < self._lit[1] and self._lit[0] < block.end

    def _write_fields(self, head: MailHead) -> None:
        names = (self._text[start:end] for (start, end), _ in head.fields)
        table = self._cursor.insertTable(len(head.fields), 2, self._styles.fields(names))
        muted, plain = self._styles.letters(ink="muted"), self._styles.letters()
        frame = self._styles.cell(ruled=False)
        for number, (name, value) in enumerate(head.fields):
            for column in range(2):
                table.cellAt(number, column).setFormat(frame)
            self._fill(table, number, 0, name, muted, False)
            self._fill(table, number, 1, value, plain, False)
        self._leave(table)

    def _fill(
        self,
        table: QTextTable,
        row: int,
        column: int,
        span: Span,
        style: QTextCharFormat,
        figure: bool,
    ) -> None:
        self._cursor = table.cellAt(row, column).firstCursorPosition()
        if figure:
            self._cursor.setBlockFormat(self._styles.in_cell(figure=True))
        self._put(span, style)

    def _leave(self, table: QTextTable) -> None:
        """To the block that Qt keeps behind every table."""
        self._cursor = table.lastCursorPosition()
        self._cursor.movePosition(QTextCursor.MoveOperation.NextBlock)
        self._fresh = True
