"""The folders a library follows, beside the documents."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QMenu, QWidget

from desktop import theme
from desktop.documents.wording import GONE
from desktop.plain import one_line, tooltip
from engine.records import Folder

_ID = Qt.ItemDataRole.UserRole


class FolderList(QListWidget):
    """ "All folders", then each by its name; the whole path is in the tool tip."""

    chosen = Signal(object)  # folder id, or None for all
    first_requested = Signal(object)  # Folder, to be read before all others

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Folders")
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setProperty("look", "plain")
        self.setIconSize(theme.icon_size(self))
        self.setMinimumWidth(theme.ems(self, 14))
        self._folders: Sequence[Folder] | None = None
        self._gone: Collection[int] = frozenset()
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._menu)
        self.currentRowChanged.connect(lambda _row: self.chosen.emit(self.folder_id))

    @property
    def folder_id(self) -> int | None:
        item = self.currentItem()
        number: int | None = item.data(_ID) if item is not None else None
        return number

    def folder(self) -> Folder | None:
        """The chosen one; None while all are."""
        return next((f for f in self._folders or () if f.id == self.folder_id), None)

    def show_folders(self, folders: Sequence[Folder], gone: Collection[int] = frozenset()) -> None:
        """List ``folders``; the chosen one stays so, while it is there. Those in ``gone`` are not
        available now."""
        if folders == self._folders and gone == self._gone:
            return
        self._folders, self._gone = folders, gone
        chosen = self.folder_id
        self.blockSignals(True)
        self.clear()
        self._add("All folders", "", None)
        for folder in folders:
            name, said = Path(folder.path).name or folder.path, folder.path
            if folder.id in gone:
                said = f"{said}. {GONE}"
            self._add(name, said, folder.id)
        rows = (row for row in range(self.count()) if self.item(row).data(_ID) == chosen)
        self.setCurrentRow(next(rows, 0))
        self.blockSignals(False)
        self.tint()
        if self.folder_id != chosen:
            self.chosen.emit(self.folder_id)

    def tint(self) -> None:
        tones = theme.colours()
        for row in range(self.count()):
            item = self.item(row)
            gone = item.data(_ID) in self._gone
            name = "folder-off-outline" if gone else "folder-outline"
            name = name if row else "folder-multiple-outline"
            item.setIcon(theme.icon(name, colour=tones.muted))
            item.setForeground(tones.muted if gone else tones.text)

    def _add(self, name: str, path: str, folder_id: int | None) -> None:
        gone = folder_id in self._gone
        item = QListWidgetItem(f"{one_line(name)}\nnot available" if gone else one_line(name), self)
        item.setData(_ID, folder_id)
        item.setToolTip(tooltip(path))
        item.setSizeHint(QSize(0, round(self.fontMetrics().height() * (2.6 if gone else 1.8))))

    def _menu(self, at: QPoint) -> None:
        item = self.itemAt(at) or self.currentItem()  # the menu key has no place
        wanted = item.data(_ID) if item is not None else None
        folder = next((f for f in self._folders or () if f.id == wanted), None)
        if folder is None:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        first = menu.addAction("Read this folder first")
        first.setEnabled(folder.id not in self._gone)
        first.triggered.connect(lambda: self.first_requested.emit(folder))
        menu.popup(self.viewport().mapToGlobal(at))
