"""How each page of a document was read."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QKeyEvent
from PySide6.QtWidgets import QListView, QWidget

from desktop import theme
from desktop.documents.wording import how_read
from desktop.plain import one_line, tooltip
from engine.records import PageEntry, PageState

_ROOT = QModelIndex()
_ROWS = 6  # in sight at once
_ICONS = {
    PageState.TEXT: ("check", "muted"),
    PageState.OCR: ("text-recognition", "muted"),
    PageState.EMPTY: ("minus", "muted"),
    PageState.FAILED: ("alert-circle-outline", "danger"),
}
Index = QModelIndex | QPersistentModelIndex


class _Pages(QAbstractListModel):
    """A line a page, worked out when it is seen."""

    def __init__(self) -> None:
        super().__init__()
        self.pages: Sequence[PageEntry] = ()
        self.line = 20  # pixels
        self._icons: dict[PageState, QIcon] = {}

    def show(self, pages: Sequence[PageEntry]) -> None:
        self.beginResetModel()
        self.pages = pages
        ink = theme.colours()
        self._icons = {
            state: theme.icon(name, colour=getattr(ink, tone))
            for state, (name, tone) in _ICONS.items()
        }
        self.endResetModel()

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.pages)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        page = self.pages[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            label = one_line(page.label)
            named = f" ({label})" if label and label != str(page.number) else ""
            return f"Page {page.number:,}{named}: {how_read(page)}"
        if role == Qt.ItemDataRole.DecorationRole:
            return self._icons[page.state]
        if role == Qt.ItemDataRole.ToolTipRole:
            return tooltip(how_read(page))
        if role == Qt.ItemDataRole.ForegroundRole:
            return self._ink(page)
        if role == Qt.ItemDataRole.SizeHintRole:
            return QSize(0, self.line)
        return None

    def _ink(self, page: PageEntry) -> QColor:
        ink = theme.colours()
        if page.state is PageState.FAILED:
            return ink.danger
        if page.hidden or (page.state is PageState.EMPTY and page.note):
            return ink.warning
        return ink.text


class PageList(QListView):
    """Enter or a double click opens a page."""

    opened = Signal(int)  # a page's number

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pages = _Pages()
        self.setModel(self._pages)
        self.setAccessibleName("How each page was read")
        self.setProperty("look", "plain")
        self.setUniformItemSizes(True)
        self.setIconSize(theme.icon_size(self, 0.9))
        self.setTabKeyNavigation(False)
        self.activated.connect(lambda index: self._open(index.row()))

    def show_pages(self, pages: Sequence[PageEntry]) -> None:
        line = self._pages.line = round(self.fontMetrics().height() * 1.4)
        self._pages.show(pages)
        self.setFixedHeight(line * min(_ROWS, max(1, len(pages))) + 2 * self.frameWidth() + 4)
        self.scrollTo(self._pages.index(self._first_problem(pages)))

    def _first_problem(self, pages: Sequence[PageEntry]) -> int:
        wrong = (n for n, page in enumerate(pages) if page.state is PageState.FAILED or page.note)
        return next(wrong, 0)

    def _open(self, row: int) -> None:
        if 0 <= row < len(self._pages.pages):
            self.opened.emit(self._pages.pages[row].number)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._open(self.currentIndex().row())
            return
        super().keyPressEvent(event)
