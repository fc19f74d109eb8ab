"""Passages found while typing: grouped by document, matched words in bold.

The keyboard stays in the question box, which moves the selection here.
"""

from __future__ import annotations

from PySide6.QtCore import (
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QFont,
    QFontMetricsF,
    QPainter,
    QStandardItem,
    QStandardItemModel,
    QTextCharFormat,
    QTextLayout,
    QTextOption,
)
from PySide6.QtWidgets import (
    QFrame,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from desktop import theme
from desktop.ask.citing import place
from desktop.ask.labels import Label, Rule, scaled_font
from desktop.ask.matches import Snippet, snippet, without_headings
from desktop.plain import one_line
from engine.records import Hit, SearchResult

_HIT = int(Qt.ItemDataRole.UserRole)
_SNIPPET = _HIT + 1
_PAD = 10
_ABOVE, _BELOW = 5, 4  # pixels between the rows and the frame or the line
_LINES = 2


class LiveResults(QFrame):
    """A list over the view; hidden while it has nothing to show."""

    opened = Signal(object)  # Hit

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("live-results")
        self._model = QStandardItemModel(self)
        self._list = QListView()
        self._list.setModel(self._model)
        self._list.setItemDelegate(_PassageDelegate(self._list))
        self._list.setFrameShape(QFrame.Shape.NoFrame)
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._list.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self._list.setMouseTracking(True)
        self._list.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.setResizeMode(QListView.ResizeMode.Adjust)
        self._list.setAccessibleName("Matching passages")
        self._list.viewport().setCursor(Qt.CursorShape.PointingHandCursor)
        self._list.clicked.connect(self._clicked)
        self._foot = Label(size=0.86, ink="muted", wrap=True)
        self._foot.setContentsMargins(_PAD, 6, _PAD, 7)
        self._rule = Rule()
        column = QVBoxLayout(self)
        column.setContentsMargins(1, _ABOVE, 1, 1)
        column.setSpacing(0)
        column.addWidget(self._list, 1)
        column.addWidget(self._rule)
        column.addWidget(self._foot)
        self._restyle()
        self.hide()

    # --- what is shown ----------------------------------------------------------------------

    def show_result(self, result: SearchResult) -> None:
        """Replace the list; an empty result closes it."""
        self._model.clear()
        groups: dict[int, list[Hit]] = {}
        for hit in result.hits:
            groups.setdefault(hit.document_id, []).append(hit)
        for hits in groups.values():
            self._model.appendRow(_heading(hits[0]))
            for hit in hits:
                self._model.appendRow(_row(hit, result.query))
        keys = "Enter asks  ·  ↓ ↑ choose  ·  Ctrl+Enter opens the first"
        self._foot.setText(f"{result.notice}\n{keys}" if result.notice else keys)
        self._list.scrollToTop()
        self.setVisible(bool(result.hits))

    def close_list(self) -> None:
        self._model.clear()
        self.hide()

    def fitting_height(self, width: int, room: int) -> int:
        """Pixels for as many whole rows as ``room`` holds at this width; one at the least. The
        rest can be scrolled to."""
        foot = self._foot.heightForWidth(width - 2) + self._rule.height() + _ABOVE + _BELOW + 1
        policy = Qt.ScrollBarPolicy
        ends = self._row_ends(width, policy.ScrollBarAlwaysOff)
        if ends[-1] + foot <= room:
            return ends[-1] + foot
        ends = self._row_ends(width, policy.ScrollBarAlwaysOn)
        return max([end for end in ends if end + foot <= room], default=ends[0]) + foot

    def _row_ends(self, width: int, bar: Qt.ScrollBarPolicy) -> list[int]:
        """Where the list could end: below each passage, but not between a title and its first."""
        self._list.setVerticalScrollBarPolicy(bar)
        self._list.setFixedWidth(width - 2)
        ends, total = [], 0
        for row in range(self._model.rowCount()):
            total += self._list.sizeHintForRow(row)
            if self._hit(row) is not None:
                ends.append(total)
        self._list.setMinimumWidth(0)
        self._list.setMaximumWidth(16777215)
        return ends or [total]

    # --- choosing ---------------------------------------------------------------------------

    def step(self, by: int) -> None:
        """Move the selection to the next or previous passage; up from the first clears it."""
        rows = [row for row in range(self._model.rowCount()) if self._hit(row) is not None]
        if not rows:
            return
        current = self._list.currentIndex().row()
        if current not in rows:
            position = 0 if by > 0 else -1
        else:
            position = min(rows.index(current) + by, len(rows) - 1)
        if position < 0:
            self._list.setCurrentIndex(QModelIndex())
            self._list.clearSelection()
            return
        self._list.setCurrentIndex(self._model.index(rows[position], 0))
        if position == 0:
            self._list.scrollToTop()

    @property
    def selected(self) -> Hit | None:
        return self._hit(self._list.currentIndex().row())

    @property
    def first(self) -> Hit | None:
        return next((hit for row in range(self._model.rowCount()) if (hit := self._hit(row))), None)

    def _hit(self, row: int) -> Hit | None:
        item = self._model.item(row) if row >= 0 else None
        hit = item.data(_HIT) if item is not None else None
        return hit if isinstance(hit, Hit) else None

    def _clicked(self, index: QModelIndex) -> None:
        hit = self._hit(index.row())
        if hit is not None:
            self.opened.emit(hit)

    def changeEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        super().changeEvent(event)
        if event.type() == event.Type.PaletteChange:
            self._restyle()

    def _restyle(self) -> None:
        c = theme.colours()
        sheet = (
            f"#live-results {{ background: {c.base.name()}; border: 1px solid {c.border.name()};"
            f" border-radius: 10px; }} QListView {{ background: transparent; }}"
        )
        if sheet != self.styleSheet():
            self.setStyleSheet(sheet)


def _heading(hit: Hit) -> QStandardItem:
    title = one_line(hit.title or hit.document)
    item = QStandardItem(title)
    item.setFlags(Qt.ItemFlag.ItemIsEnabled)
    item.setData(title, int(Qt.ItemDataRole.AccessibleTextRole))
    return item


def _row(hit: Hit, query: str) -> QStandardItem:
    shown = snippet(without_headings(hit.text, hit.title, hit.label), query)
    item = QStandardItem(shown.text)
    item.setData(hit, _HIT)
    item.setData(shown, _SNIPPET)
    spoken = f"{place(hit.page, hit.label, hit.title)}: {shown.text}"
    item.setData(spoken, int(Qt.ItemDataRole.AccessibleTextRole))
    return item


class _PassageDelegate(QStyledItemDelegate):
    """Paints a document's name, or two lines of a passage with its page at the right."""

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        view = self.parent()
        width = view.viewport().width() if isinstance(view, QListView) else 400
        shown = index.data(_SNIPPET)
        if shown is None:
            return QSize(width, round(QFontMetricsF(scaled_font(0.92)).height() + 10))
        layout = _laid_out(shown, self._text_width(index.data(_HIT), width))
        return QSize(width, round(layout.boundingRect().height() + 10))

    def _text_width(self, hit: Hit, width: int) -> float:
        return width - 4 * _PAD - _place_width(hit, width)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        c = theme.colours()
        rect: QRect = option.rect
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        shown, hit = index.data(_SNIPPET), index.data(_HIT)
        if shown is None:
            painter.setFont(scaled_font(0.92, bold=True))
            painter.setPen(c.muted)
            inner = rect.adjusted(_PAD, 4, -_PAD, 0)
            title = painter.fontMetrics().elidedText(
                str(index.data()), Qt.TextElideMode.ElideMiddle, inner.width()
            )
            painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter, title)
        else:
            if option.state & (QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_MouseOver):
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(c.accent_soft)
                painter.drawRoundedRect(QRectF(rect).adjusted(4, 1, -4, -1), 6, 6)
            painter.setPen(c.text)
            layout = _laid_out(shown, self._text_width(hit, rect.width()))
            layout.draw(painter, QPointF(rect.left() + _PAD, rect.top() + 5))
            painter.setFont(scaled_font(0.92))
            painter.setPen(c.muted)
            where = painter.fontMetrics().elidedText(
                one_line(place(hit.page, hit.label, hit.title)),
                Qt.TextElideMode.ElideRight,
                _place_width(hit, rect.width()),
            )
            painter.drawText(
                rect.adjusted(0, 5, -_PAD, 0),
                Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop,
                where,
            )
        painter.restore()


def _place_width(hit: Hit, width: int) -> int:
    """What the page's name takes at the right, at most a third of the row."""
    name = one_line(place(hit.page, hit.label, hit.title))
    advance = QFontMetricsF(scaled_font(0.92)).horizontalAdvance(name)
    return min(round(advance) + 2, width // 3)


def _laid_out(shown: Snippet, width: float) -> QTextLayout:
    """Up to two lines, the second cut with an ellipsis, matched words bold."""
    text = shown.text
    layout = _broken(text, shown, width, _LINES + 1)
    if layout.lineCount() > _LINES:
        last = layout.lineAt(_LINES - 1)
        units = text.encode("utf-16-le")
        cut = units[: 2 * (last.textStart() + last.textLength())].decode("utf-16-le", "ignore")
        text = cut.removesuffix(" …").rsplit(maxsplit=1)[0] + " …"
        layout = _broken(text, shown, width, _LINES)
    return layout


def _broken(text: str, shown: Snippet, width: float, most: int) -> QTextLayout:
    layout = QTextLayout(text, scaled_font())
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
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
        y += line.height() * 1.1
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
