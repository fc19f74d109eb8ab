"""The table of documents: keeps its place and selection when its rows are renewed."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPoint, Qt, QUrl, Signal
from PySide6.QtGui import QAction, QDesktopServices, QGuiApplication, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QMenu, QTableView, QWidget

from desktop import theme
from desktop.documents.arranging import Column
from desktop.documents.model import DocumentsModel
from desktop.documents.wording import can_be_first, is_read
from engine.records import DocumentState, LedgerEntry

_WIDTHS = {Column.TYPE: 12, Column.PAGES: 11, Column.MODIFIED: 16, Column.SIZE: 15}
_ONE_WORD = 14
# Below so many average characters of width, a column makes room for the more telling ones.
_ROOM = {Column.SIZE: 110, Column.FILE: 100, Column.MODIFIED: 85, Column.TYPE: 70, Column.PAGES: 50}


class DocumentsTable(QTableView):
    """Selection by row; sorting is a wish (``header().sortIndicatorChanged``), done elsewhere."""

    selection_changed = Signal()
    open_requested = Signal(object)  # LedgerEntry
    summary_requested = Signal(object)  # LedgerEntry
    unlock_requested = Signal(object)  # LedgerEntry
    first_requested = Signal(object)  # LedgerEntry, to be read before all others

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.documents = DocumentsModel(self)
        self.setModel(self.documents)
        self.setAccessibleName("Documents")
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setIconSize(theme.icon_size(self, 1.0))
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setCornerButtonEnabled(False)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._menu)
        self.doubleClicked.connect(lambda index: self._open(index))
        self.selectionModel().selectionChanged.connect(lambda *_: self.selection_changed.emit())
        rows = self.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(round(self.fontMetrics().height() * 1.7))
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        # Headers ask which columns are selected, cell by cell; an empty answer is quick.
        header.setSelectionModel(QItemSelectionModel(self.documents, self))
        header.setSortIndicatorShown(True)
        header.setSortIndicator(Column.TITLE, Qt.SortOrder.AscendingOrder)
        header.setSectionsClickable(True)
        header.setMinimumSectionSize(theme.ems(self, 6))
        for column in Column:
            if column in _WIDTHS:
                header.setSectionResizeMode(column, QHeaderView.ResizeMode.Interactive)
                header.resizeSection(column, theme.ems(self, _WIDTHS[column]))
            else:
                header.setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)
        self.folder_paths: dict[int, str] = {}  # by folder id, for opening files

    def selected(self) -> list[LedgerEntry]:
        selection = self.selectionModel().selection()
        ranges = (selection.at(i) for i in range(selection.size()))
        return [
            self.documents.entry(row)
            for part in ranges
            for row in range(part.top(), part.bottom() + 1)
        ]

    def renew(self, rows: Sequence[LedgerEntry]) -> None:
        """Show other rows; what was selected and where one was stays, as far as it is there."""
        chosen = [entry.document_id for entry in self.selected()]
        current = self.currentIndex()
        current_id = self.documents.entry(current.row()).document_id if current.isValid() else None
        across, down = self.horizontalScrollBar().value(), self.verticalScrollBar().value()
        picker = self.selectionModel()
        picker.blockSignals(True)
        self.documents.show(rows)
        self._make_room(any(entry.reason for entry in rows))
        if current_id is not None:
            row = self.documents.selection_of([current_id])
            if row.size():
                picker.setCurrentIndex(
                    row.at(0).topLeft(), QItemSelectionModel.SelectionFlag.NoUpdate
                )
        if chosen:
            picker.select(
                self.documents.selection_of(chosen),
                QItemSelectionModel.SelectionFlag.ClearAndSelect,
            )
        picker.blockSignals(False)
        self.horizontalScrollBar().setValue(across)
        self.verticalScrollBar().setValue(down)
        self.viewport().update()
        self.selection_changed.emit()

    def _make_room(self, for_reasons: bool) -> None:
        """The state takes half of the room where there are reasons to read, else one word's."""
        header, mode = self.horizontalHeader(), QHeaderView.ResizeMode
        header.setSectionResizeMode(Column.STATE, mode.Stretch if for_reasons else mode.Fixed)
        if not for_reasons:
            header.resizeSection(Column.STATE, theme.ems(self, _ONE_WORD))

    def path_of(self, entry: LedgerEntry) -> str:
        """Where the file is on this computer; empty for a folder that is not known."""
        folder = self.folder_paths.get(entry.folder_id)
        return f"{folder.rstrip('/')}/{entry.path}" if folder else ""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self._open(self.currentIndex())
            return
        super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        room = self.viewport().width()
        for column, needed in _ROOM.items():
            self.setColumnHidden(column, room < theme.ems(self, needed))
        super().resizeEvent(event)

    def _open(self, index: QModelIndex) -> None:
        entry = self.documents.entry(index.row())
        if is_read(entry.state):
            self.open_requested.emit(entry)
        elif entry.state is DocumentState.LOCKED:
            self.unlock_requested.emit(entry)

    def menu_for(self, entry: LedgerEntry) -> QMenu:
        """What can be done with one document."""
        menu = QMenu(self)
        path = self.path_of(entry)
        attached = entry.parent_id is not None
        folder = self.folder_paths.get(entry.folder_id, "") if attached else path.rsplit("/", 1)[0]
        show = menu.addAction("Show pages")
        show.setEnabled(is_read(entry.state) and entry.pages > 0)
        show.triggered.connect(lambda: self.open_requested.emit(entry))
        summarise = menu.addAction("Summarise")
        summarise.setEnabled(is_read(entry.state) and entry.passages > 0)
        summarise.triggered.connect(lambda: self.summary_requested.emit(entry))
        if entry.state is DocumentState.LOCKED:
            unlock = menu.addAction("Enter passphrase…")
            unlock.triggered.connect(lambda: self.unlock_requested.emit(entry))
        if can_be_first(entry):
            first = menu.addAction("Read this first")
            first.triggered.connect(lambda: self.first_requested.emit(entry))
        # Files of other types may be programs, which the system would run, not show.
        opening = menu.addAction("Open in its own program")
        opening.setEnabled(bool(path) and is_read(entry.state) and not attached)
        opening.triggered.connect(lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(path)))
        reveal = menu.addAction("Show in file manager")
        reveal.triggered.connect(lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(folder)))
        menu.addSeparator()
        copy = QAction("Copy path", menu)
        copy.triggered.connect(lambda: QGuiApplication.clipboard().setText(path))
        menu.addAction(copy)
        for action in (reveal, copy):
            action.setEnabled(bool(path))
        return menu

    def _menu(self, at: QPoint) -> None:
        index = self.indexAt(at)
        if not index.isValid():
            index = self.currentIndex()  # the menu key has no place
        if index.isValid():
            menu = self.menu_for(self.documents.entry(index.row()))
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.popup(self.viewport().mapToGlobal(at))
