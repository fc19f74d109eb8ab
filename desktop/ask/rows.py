"""The rows of the live list: titles, passages, suggestions and an action, and how they look."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import (
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QFontMetrics, QFontMetricsF, QPainter, QStandardItem, QTextLayout
from PySide6.QtWidgets import (
    QApplication,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from desktop import theme
from desktop.ask.completing import Suggestion
from desktop.ask.labels import scaled_font
from desktop.ask.matches import Snippet, snippet, without_headings
from desktop.ask.passage_lines import laid_out
from desktop.plain import one_line
from engine.exporting.wording import place
from engine.records import Hit

PAD = 10
_CHOICE = int(Qt.ItemDataRole.UserRole)
_SNIPPET = _CHOICE + 1
_KEPT_LAYOUTS = 64
_TIP = 5  # pixels above and below what a row says
_TITLE_SIZE = _PLACE_SIZE = 0.92  # of the application's font


@dataclass(frozen=True, slots=True)
class Unread:
    """The row that leads to the documents that could not be read."""

    documents: int


Choice = Hit | Suggestion | Unread


def heading(hit: Hit) -> QStandardItem:
    title = one_line(hit.title or hit.document)
    item = QStandardItem(title)
    item.setFlags(Qt.ItemFlag.ItemIsEnabled)
    item.setData(title, int(Qt.ItemDataRole.AccessibleTextRole))
    return item


def passage(hit: Hit, words: str) -> QStandardItem:
    shown = snippet(without_headings(hit.text, hit.title, hit.label), words)
    item = QStandardItem(shown.text)
    item.setData(hit, _CHOICE)
    item.setData(shown, _SNIPPET)
    spoken = f"{place(hit.page, hit.label, hit.title)}: {shown.text}"
    item.setData(spoken, int(Qt.ItemDataRole.AccessibleTextRole))
    return item


def suggestion(offered: Suggestion) -> QStandardItem:
    item = QStandardItem(one_line(offered.shown))
    item.setData(offered, _CHOICE)
    spoken = f"{one_line(offered.shown)}, {one_line(offered.note)}".rstrip(", ")
    item.setData(spoken, int(Qt.ItemDataRole.AccessibleTextRole))
    return item


def unread(documents: int) -> QStandardItem:
    text = "Show it in Documents" if documents == 1 else f"Show the {documents:,} in Documents"
    item = QStandardItem(text)
    item.setData(Unread(documents), _CHOICE)
    item.setData(text, int(Qt.ItemDataRole.AccessibleTextRole))
    return item


def choice(item: QStandardItem | None) -> Choice | None:
    """What choosing the row means; nothing for a title."""
    found = item.data(_CHOICE) if item is not None else None
    return found if isinstance(found, Hit | Suggestion | Unread) else None


@dataclass(frozen=True, slots=True)
class _Laid:
    """A passage's row at some width; ``where`` is what stands at its right."""

    text: QTextLayout
    where: str
    height: int


class RowDelegate(QStyledItemDelegate):
    """Paints a document's name; two lines of a passage with its page at the right; a suggestion
    with its note; an action with where it leads."""

    def __init__(self, parent: QListView) -> None:
        super().__init__(parent)
        # a row is measured several times before it is painted, and often stays for the next key
        self._laid: dict[tuple[object, ...], _Laid] = {}
        self._heights: dict[tuple[float, str], int] = {}

    def height(self, index: QModelIndex | QPersistentModelIndex, width: int) -> int:
        """Pixels of a row in a list whose rows are ``width`` pixels wide."""
        found = index.data(_CHOICE)
        if isinstance(found, Hit):
            return self._lay(found, index.data(_SNIPPET), width).height
        kind = _TITLE_SIZE if found is None else 1.0, QApplication.font().key()
        if kind not in self._heights:
            line = QFontMetricsF(scaled_font(kind[0])).height()
            self._heights[kind] = round(line + 2 * _TIP)
        return self._heights[kind]

    def _lay(self, hit: Hit, shown: Snippet, width: int) -> _Laid:
        key = (shown, hit.page, hit.label, hit.title, width, QApplication.font().key())
        if key not in self._laid:
            if len(self._laid) >= _KEPT_LAYOUTS:
                self._laid.clear()
            where = one_line(place(hit.page, hit.label, hit.title))
            metrics = QFontMetrics(scaled_font(_PLACE_SIZE))
            # the page's name takes at most a third of the row
            room = min(metrics.horizontalAdvance(where) + 2, width // 3)
            text = laid_out(shown, width - 4 * PAD - room)
            self._laid[key] = _Laid(
                text,
                metrics.elidedText(where, Qt.TextElideMode.ElideRight, room),
                round(text.boundingRect().height() + 2 * _TIP),
            )
        return self._laid[key]

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        view = self.parent()
        width = view.viewport().width() if isinstance(view, QListView) else 400
        return QSize(width, self.height(index, width))

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        c = theme.colours()
        rect: QRect = option.rect
        inner = rect.adjusted(PAD, _TIP, -PAD, 0)
        found = index.data(_CHOICE)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        state = QStyle.StateFlag
        if found is not None and option.state & (state.State_Selected | state.State_MouseOver):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(c.accent_soft)
            painter.drawRoundedRect(QRectF(rect).adjusted(4, 1, -4, -1), 6, 6)
        if isinstance(found, Hit):
            laid = self._lay(found, index.data(_SNIPPET), rect.width())
            painter.setPen(c.text)
            laid.text.draw(painter, QPointF(inner.topLeft()))
            _write_at_right(painter, inner, laid.where)
        elif isinstance(found, Suggestion):
            painter.setPen(c.text)
            painter.setFont(scaled_font())
            used = _write(painter, inner, str(index.data()), inner.width() * 2 // 3)
            room = max(0, inner.width() - used - 2 * PAD)
            metrics = QFontMetrics(scaled_font(_PLACE_SIZE))
            note = metrics.elidedText(one_line(found.note), Qt.TextElideMode.ElideRight, room)
            _write_at_right(painter, inner, note)
        elif isinstance(found, Unread):
            painter.setPen(c.accent)
            painter.setFont(scaled_font())
            _write(painter, inner, f"{index.data()}  →", inner.width())
        else:
            painter.setFont(scaled_font(_TITLE_SIZE, bold=True))
            painter.setPen(c.muted)
            _write(painter, inner, str(index.data()), inner.width())
        painter.restore()


def _write(painter: QPainter, inner: QRect, text: str, width: int) -> int:
    """At the left, with an ellipsis where it does not fit; the pixels that it takes."""
    metrics = painter.fontMetrics()
    shown = metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, width)
    painter.drawText(inner, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop), shown)
    return metrics.horizontalAdvance(shown)


def _write_at_right(painter: QPainter, inner: QRect, text: str) -> None:
    painter.setFont(scaled_font(_PLACE_SIZE))
    painter.setPen(theme.colours().muted)
    painter.drawText(inner, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop), text)
