"""The comparisons that were kept in the library, latest first."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import (
    QListWidget,
    QListWidgetItem,
    QMenu,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from desktop import theme
from desktop.adapters.comparing.wording import applied
from desktop.ask.labels import scaled_font
from desktop.plain import one_line
from engine.comparisons import Comparison
from engine.exporting.wording import date, model_name

_ROWS = 8  # at most before it scrolls
_WHAT = Qt.ItemDataRole.UserRole
_PAD = 9
_SMALL = 0.9


class KeptList(QListWidget):
    """Enter or a press opens one, Delete deletes it."""

    opened = Signal(object)  # Comparison
    delete_requested = Signal(object)  # Comparison

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._comparisons: list[Comparison] = []
        self.setAccessibleName("Kept comparisons")
        self.setProperty("look", "plain")
        self.setFrameShape(QListWidget.Shape.NoFrame)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setItemDelegate(_TwoLines(self))
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._show_menu)
        self.itemClicked.connect(self._open)

    def show_comparisons(self, comparisons: Sequence[Comparison]) -> None:
        at = self.currentRow()
        self._comparisons = list(comparisons)
        self.clear()
        for comparison in self._comparisons:
            what = " · ".join(
                part
                for part in (
                    one_line(applied(comparison.adapters)),
                    model_name(comparison.model),
                    date(comparison.made),
                )
                if part
            )
            item = QListWidgetItem(one_line(comparison.question))
            item.setData(_WHAT, what)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{comparison.question}, {what}")
            self.addItem(item)
        if self._comparisons:
            self.setCurrentRow(min(max(at, 0), len(self._comparisons) - 1))
        self._fit()

    def _fit(self) -> None:
        line = self.sizeHintForRow(0) if self._comparisons else 0
        self.setFixedHeight(line * min(_ROWS, len(self._comparisons)) + 2)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        item = self.currentItem()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and item is not None:
            self._open(item)
        elif event.key() == Qt.Key.Key_Delete and item is not None:
            self.delete_requested.emit(self._comparisons[self.row(item)])
        else:
            super().keyPressEvent(event)

    def _open(self, item: QListWidgetItem) -> None:
        self.opened.emit(self._comparisons[self.row(item)])

    def _show_menu(self, at: QPoint) -> None:
        item = self.itemAt(at)
        if item is None:
            return
        comparison = self._comparisons[self.row(item)]
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Open").triggered.connect(lambda: self.opened.emit(comparison))
        menu.addAction("Delete").triggered.connect(lambda: self.delete_requested.emit(comparison))
        menu.popup(self.viewport().mapToGlobal(at))


class _TwoLines(QStyledItemDelegate):
    """The question, and below it in small what it was compared with."""

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        first = QFontMetricsF(scaled_font()).height()
        second = QFontMetricsF(scaled_font(_SMALL)).height()
        return QSize(100, round(first + second + 2 * _PAD + 2))

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        tones = theme.colours()
        room = QRectF(option.rect)
        state = option.state
        focused = bool(state & QStyle.StateFlag.State_HasFocus)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if focused or state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(QPen(tones.accent, 1) if focused else Qt.PenStyle.NoPen)
            painter.setBrush(tones.accent_soft if focused else tones.raised)
            painter.drawRoundedRect(room.adjusted(0.5, 1.5, -0.5, -1.5), 7, 7)
        else:
            painter.setPen(QPen(tones.border, 1))
            painter.drawLine(room.bottomLeft(), room.bottomRight())
        inner = room.adjusted(_PAD, _PAD, -_PAD, -_PAD)
        for words, font, ink in (
            (index.data(), scaled_font(), tones.text),
            (index.data(_WHAT), scaled_font(_SMALL), tones.muted),
        ):
            metrics = QFontMetricsF(font)
            painter.setFont(font)
            painter.setPen(ink)
            shown = metrics.elidedText(words, Qt.TextElideMode.ElideRight, inner.width())
            painter.drawText(inner, int(Qt.AlignmentFlag.AlignTop), shown)
            inner.adjust(0, metrics.height() + 2, 0, 0)
        painter.restore()
