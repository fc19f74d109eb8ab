"""Paints a conversation's title with the place where it was found, and the days between."""

from __future__ import annotations

from PySide6.QtCore import (
    QAbstractItemModel,
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QFontMetrics, QPainter, QPen, QTextLayout
from PySide6.QtWidgets import (
    QApplication,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from desktop import theme
from desktop.ask.labels import Field, scaled_font
from desktop.ask.matches import snippet
from desktop.ask.passage_lines import laid_out
from desktop.history.model import HistoryModel
from engine.answers import Conversation
from engine.exporting.wording import reads_from_right

_Index = QModelIndex | QPersistentModelIndex
_SIDE, _PAD, _GAP = 8, 5, 2
_SMALL = 0.88
_LONGEST = 300  # characters of a title that can be typed


class HistoryDelegate(QStyledItemDelegate):
    """Rows of one line, of up to three where a place was found."""

    def __init__(self, view: QListView, model: HistoryModel) -> None:
        super().__init__(view)
        self._view, self._model = view, model
        self._lines: dict[tuple[str, float], int] = {}  # heights, by font and its scale

    def _line(self, scale: float = 1.0) -> int:
        key = QApplication.font().key(), scale
        if key not in self._lines:
            self._lines[key] = QFontMetrics(scaled_font(scale)).height()
        return self._lines[key]

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        width = self._view.viewport().width()
        talk = self._model.conversation(index)
        if talk is None:
            above = 0 if index.row() == 0 else _PAD * 2
            return QSize(width, self._line(_SMALL) + _PAD + above)
        height = self._line() + 2 * _PAD
        if talk.found:
            height += round(self._excerpt(talk, width).boundingRect().height()) + _GAP
        return QSize(width, height)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        c = theme.colours()
        rect: QRect = option.rect
        inner = rect.adjusted(_SIDE, _PAD, -_SIDE, -_PAD)
        rightwards = self._view.isRightToLeft()
        side = Qt.AlignmentFlag.AlignAbsolute | (
            Qt.AlignmentFlag.AlignRight if rightwards else Qt.AlignmentFlag.AlignLeft
        )
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        talk = self._model.conversation(index)
        if talk is None:
            painter.setFont(scaled_font(_SMALL, bold=True))
            painter.setPen(c.muted)
            painter.drawText(
                rect.adjusted(_SIDE, 0, -_SIDE, -_PAD // 2),
                int(side | Qt.AlignmentFlag.AlignBottom),
                str(index.data()),
            )
            painter.restore()
            return
        state = QStyle.StateFlag
        chosen = bool(option.state & state.State_Selected)
        if chosen or option.state & state.State_MouseOver:
            focused = bool(option.state & state.State_HasFocus) and self._view.hasFocus()
            painter.setPen(QPen(c.accent, 1) if focused else Qt.PenStyle.NoPen)
            painter.setBrush(c.accent_soft if chosen else c.raised)
            painter.drawRoundedRect(QRectF(rect).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        painter.setFont(scaled_font())
        painter.setPen(c.text)
        # a title reads in its own direction, on the side where all titles begin
        painter.setLayoutDirection(
            Qt.LayoutDirection.RightToLeft
            if reads_from_right(str(index.data()))
            else Qt.LayoutDirection.LeftToRight
        )
        metrics = painter.fontMetrics()
        title = metrics.elidedText(str(index.data()), Qt.TextElideMode.ElideRight, inner.width())
        painter.drawText(inner, int(side | Qt.AlignmentFlag.AlignTop), title)
        if talk.found:
            painter.setPen(c.muted)
            below = QPointF(inner.left(), inner.top() + metrics.height() + _GAP)
            self._excerpt(talk, rect.width()).draw(painter, below)
        painter.restore()

    def _excerpt(self, talk: Conversation, width: int) -> QTextLayout:
        return laid_out(snippet(talk.found, self._model.query), width - 2 * _SIDE, _SMALL)

    # --- renaming in place ------------------------------------------------------------------

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: _Index) -> QWidget:
        field = Field("Name of the conversation")
        field.setParent(parent)
        field.setMaxLength(_LONGEST)
        return field

    def setEditorData(self, editor: QWidget, index: _Index) -> None:
        assert isinstance(editor, QLineEdit)
        talk = self._model.conversation(index)
        editor.setText(" ".join(talk.title.split()) if talk is not None else "")
        editor.selectAll()

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: _Index) -> None:
        assert isinstance(editor, QLineEdit)
        model.setData(index, editor.text())

    def updateEditorGeometry(
        self, editor: QWidget, option: QStyleOptionViewItem, index: _Index
    ) -> None:
        height = editor.sizeHint().height()
        line = self._line() + 2 * _PAD
        rect: QRect = option.rect
        editor.setGeometry(rect.left(), rect.top() + (line - height) // 2, rect.width(), height)
