"""The words of an answer: streamed plain, then as claims with clickable numbers.

Text goes in through a cursor with character formats; nothing that a document or a model wrote is
ever read as markup. Numbers are links ``citation:3``; their brackets are in the text (for copying
and for screen readers) but drawn invisible inside a rounded chip.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import ceil

from PySide6.QtCore import QEvent, QPoint, QRectF, QSize, Qt, QUrl, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QHelpEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QResizeEvent,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QSizePolicy, QTextBrowser, QTextEdit, QToolTip, QWidget

from desktop import theme
from desktop.ask.citing import MARKERS, by_number, chips_of, quoted, why_not
from desktop.ask.labels import scaled_font
from desktop.plain import tooltip
from engine.answers import Answer, Citation, Claim, Support

_RESERVED = 3  # lines
_LINE_HEIGHT = 135  # per cent: answers are read, not scanned


class AnswerText(QTextBrowser):
    """Grows with its text; the conversation around it scrolls."""

    citation_activated = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._looks = theme.looks()
        self._answer: Answer | None = None
        self._streamed = ""
        self._citations: dict[int, Citation] = {}
        self._chips: list[tuple[int, int]] = []
        self._claims: list[Claim] = []  # in the order in which they stand
        self._places: list[tuple[int, int]] = []  # offsets in the text, with those on screen
        self._marked: tuple[tuple[int, int], ...] = ()
        self._reserved = False
        self.headed = False  # lines between claims are headings
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setOpenLinks(False)
        self.setOpenExternalLinks(False)
        self.setUndoRedoEnabled(False)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Answer")
        self.document().setDocumentMargin(0)
        self.viewport().setAutoFillBackground(False)
        self._restyle()
        self.anchorClicked.connect(self._activate)
        self.document().documentLayout().documentSizeChanged.connect(self._fit)
        self._fit()

    # --- what is shown ----------------------------------------------------------------------

    def reserve(self) -> None:
        """Keep the room of a few lines, so that what is below stays put as they are written."""
        self._reserved = True
        self._fit()

    def append_text(
        self, text: str, claims: Sequence[Claim] = (), citations: Sequence[Citation] = ()
    ) -> None:
        """The next streamed piece, as it is, with those of its claims that are checked."""
        self._citations.update(by_number(citations))
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.beginEditBlock()
        if cursor.atStart():
            cursor.setBlockFormat(self._block_format())
        position, begin = 0, len(self._streamed)
        self._streamed += text
        for claim in claims:
            start, end = claim.start - begin, claim.end - begin
            self._insert_between(cursor, text[position:start])
            self._claims.append(claim)
            self._insert_claim(cursor, text[start:end], claim)
            position = end
        self._insert_between(cursor, text[position:])
        cursor.endEditBlock()

    def show_answer(self, answer: Answer) -> None:
        """The finished text: each claim followed by its numbers and, where its sources do not
        bear it out, a marker in words."""
        self._answer = answer
        self._citations = by_number(answer.citations)
        self._empty()
        cursor = QTextCursor(self.document())
        cursor.beginEditBlock()  # laid out once, at its end
        cursor.setBlockFormat(self._block_format())
        position = 0
        for claim in sorted(answer.claims, key=lambda claim: claim.start):
            self._places.append((position, cursor.position()))
            self._insert_between(cursor, answer.text[position : claim.start])
            self._claims.append(claim)
            self._places.append((claim.start, cursor.position()))
            self._insert_claim(cursor, answer.text[claim.start : claim.end], claim)
            position = claim.end
        self._places.append((position, cursor.position()))
        cursor.insertText(answer.text[position:].rstrip(), self._plain())
        cursor.endEditBlock()
        self.mark(self._marked)
        doubtful = sum(c.support in MARKERS for c in answer.claims)
        self.setAccessibleDescription(
            f"{len(answer.claims)} claims, {doubtful} of them not or only partly in your documents"
            if doubtful
            else f"{len(answer.claims)} claims"
        )

    def mark(self, spans: Sequence[tuple[int, int]]) -> None:
        """Light up these places of the finished text; none take the light away."""
        self._marked = tuple(spans)
        light = QTextCharFormat()
        ink = QColor(theme.colours().lit)
        ink.setAlpha(60 if theme.is_dark() else 150)
        light.setBackground(ink)
        selections = []
        for start, end in self._marked:
            for at, length in self._on_screen(start, end):
                selection = QTextEdit.ExtraSelection()
                selection.format = light
                selection.cursor = QTextCursor(self.document())
                selection.cursor.setPosition(at)
                selection.cursor.setPosition(at + length, QTextCursor.MoveMode.KeepAnchor)
                selections.append(selection)
        self.setExtraSelections(selections)

    def _on_screen(self, start: int, end: int) -> list[tuple[int, int]]:
        """Where a span of the text is, with its lengths: chips may stand in between."""
        text = self._answer.text if self._answer is not None else ""
        found = []
        for (begin, at), (until, _) in pairwise([*self._places, (len(text), 0)]):
            first, last = max(start, begin), min(end, until)
            if first < last:
                found.append((at + _units(text[begin:first]), _units(text[first:last])))
        return found

    def _empty(self) -> None:
        self.clear()
        self._streamed, self._chips, self._claims, self._places = "", [], [], []

    def _insert_between(self, cursor: QTextCursor, text: str) -> None:
        """What is no claim: in a summary, a line by itself is the heading of what follows."""
        for line in text.splitlines(keepends=True):
            heading = self.headed and line.endswith("\n") and line.strip()
            cursor.insertText(line, self._bold() if heading else self._plain())

    def _insert_claim(self, cursor: QTextCursor, text: str, claim: Claim) -> None:
        style = self._plain()
        if claim.support in MARKERS:
            c = theme.colours()
            weak = claim.support is Support.PARTLY
            style.setUnderlineStyle(
                QTextCharFormat.UnderlineStyle.DotLine
                if weak
                else QTextCharFormat.UnderlineStyle.DashUnderline
            )
            style.setUnderlineColor(c.warning if weak else c.danger)
        cursor.insertText(text, style)
        for n in chips_of(claim):
            if n in self._citations:
                cursor.insertText("\u00a0", self._plain())
                self._insert_chip(cursor, n)
        if claim.support in MARKERS:
            cursor.insertText(" ", self._plain())
            self._insert_marker(cursor, claim.support)

    def _insert_chip(self, cursor: QTextCursor, n: int) -> None:
        hidden = self._link(f"citation:{n}", QColor(0, 0, 0, 0))
        shown = self._link(f"citation:{n}", theme.colours().accent)
        start = cursor.position()
        cursor.insertText("[", hidden)
        cursor.insertText(str(n), shown)
        cursor.insertText("]", hidden)
        self._chips.append((start, cursor.position()))

    def _insert_marker(self, cursor: QTextCursor, support: Support) -> None:
        c = theme.colours()
        ink = c.danger if support is Support.UNSUPPORTED else c.warning
        style = self._link(f"why:{len(self._claims) - 1}", ink)
        style.setFontItalic(True)
        style.setFontWeight(QFont.Weight.Normal)
        cursor.insertText(f"({MARKERS[support]})".replace(" ", "\u00a0"), style)

    # --- formats ----------------------------------------------------------------------------

    def _plain(self) -> QTextCharFormat:
        style = QTextCharFormat()
        style.setFont(scaled_font(1.08))
        style.setForeground(theme.colours().text)
        return style

    def _bold(self) -> QTextCharFormat:
        style = self._plain()
        style.setFont(scaled_font(1.08, bold=True))
        return style

    def _link(self, href: str, ink: QColor) -> QTextCharFormat:
        style = QTextCharFormat()
        style.setFont(scaled_font(0.86, bold=True))
        style.setAnchor(True)
        style.setAnchorHref(href)
        style.setForeground(ink)
        style.setFontUnderline(False)
        return style

    def _block_format(self) -> QTextBlockFormat:
        style = QTextBlockFormat()
        style.setLineHeight(_LINE_HEIGHT, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
        return style

    # --- links ------------------------------------------------------------------------------

    def citation_at(self, point: QPoint) -> Citation | None:
        """The citation whose chip is at a point of the viewport."""
        return self._citations.get(_number(self.anchorAt(point)))

    def _activate(self, url: QUrl) -> None:
        number = _number(url.toString())
        if number in self._citations:
            self.citation_activated.emit(number)
        elif url.scheme() == "why":
            corner = self.cursorRect().bottomLeft()
            QToolTip.showText(
                self.viewport().mapToGlobal(corner), self._tip(url.toString()), self.viewport()
            )

    def _tip(self, href: str) -> str:
        citation = self._citations.get(_number(href))
        if citation is not None:
            return tooltip(quoted(citation))
        doubted = _number(href, "why")
        if 0 <= doubted < len(self._claims):
            return tooltip(why_not(self._claims[doubted]))
        return ""

    def loadResource(self, kind: int, name: QUrl | str) -> object:
        """Nothing is ever loaded for an answer."""
        return None

    # --- Qt ---------------------------------------------------------------------------------

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            tip = self._tip(self.anchorAt(event.pos()))
            if tip:
                QToolTip.showText(event.globalPos(), tip, self.viewport())
            else:
                QToolTip.hideText()
            return True
        return super().viewportEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colours().accent_soft)
        for start, end in self._chips:
            rect = self._chip_rect(start, end)
            painter.drawRoundedRect(rect, rect.height() / 3, rect.height() / 3)
        if self._reserved and not self._streamed and self._answer is None:
            self._paint_reserved(painter)
        painter.end()
        super().paintEvent(event)

    def _paint_reserved(self, painter: QPainter) -> None:
        """Faint lines where the words will be."""
        painter.setBrush(theme.colours().border)
        line = self.fontMetrics().lineSpacing() * _LINE_HEIGHT / 100
        width = self.viewport().width()
        painter.setOpacity(0.55)
        for row, share in enumerate((1.0, 0.94, 0.6)):
            left = width * (1 - share) if self.isRightToLeft() else 0.0
            bar = QRectF(left, row * line + line * 0.36, width * share, line * 0.32)
            painter.drawRoundedRect(bar, bar.height() / 2, bar.height() / 2)

    def _chip_rect(self, start: int, end: int) -> QRectF:
        cursor = QTextCursor(self.document())
        cursor.setPosition(start)
        left = self.cursorRect(cursor)
        cursor.setPosition(end)
        right = self.cursorRect(cursor)
        block = cursor.block()
        line = block.layout().lineForTextPosition(start - block.position())
        top = self.document().documentLayout().blockBoundingRect(block).top() + line.y()
        baseline = top + line.ascent() - self.verticalScrollBar().value()
        chip_height = QFontMetricsF(scaled_font()).ascent()
        return QRectF(
            left.left(),
            baseline - chip_height * 0.95,
            right.left() - left.left(),
            chip_height * 1.2,
        ).normalized()  # where the text runs from the right, its end is at the left

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        changes = (QEvent.Type.PaletteChange, QEvent.Type.FontChange)
        if event.type() in changes and theme.looks() != self._looks:
            self._restyle()
            if self._answer is not None:
                self.show_answer(self._answer)
            elif self._streamed:
                text, claims = self._streamed, tuple(self._claims)
                self._empty()
                self.append_text(text, claims)

    def sizeHint(self) -> QSize:
        return QSize(320, self.height())

    def _restyle(self) -> None:
        self._looks = theme.looks()
        theme.enlarge(self, 1.08)
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.Base, QColor(0, 0, 0, 0))
        self.setPalette(palette)

    def _fit(self) -> None:
        height = ceil(self.document().size().height()) + 2
        if self._reserved:
            line = self.fontMetrics().lineSpacing() * _LINE_HEIGHT / 100
            height = max(height, ceil(_RESERVED * line) + 2)
        if height != self.height():
            self.setFixedHeight(height)


def _units(text: str) -> int:
    """What Qt counts a text as."""
    return len(text.encode("utf-16-le")) // 2


def _number(href: str, kind: str = "citation") -> int:
    """The n of ``citation:n`` or of another kind of link, or -1."""
    digits = href.removeprefix(f"{kind}:")
    return int(digits) if digits != href and digits.isdecimal() else -1
