"""The folders a library follows, beside the documents."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

from desktop import theme
from desktop.plain import one_line, tooltip
from engine.records import Folder

_ID = Qt.ItemDataRole.UserRole


class FolderList(QListWidget):
    """ "All folders", then each by its name; the whole path is in the tool tip."""

    chosen = Signal(object)  # folder id, or None for all

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Folders")
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setProperty("look", "plain")
        self.setIconSize(theme.icon_size(self))
        self.setMinimumWidth(theme.ems(self, 14))
        self._folders: Sequence[Folder] | None = None
        self.currentRowChanged.connect(lambda _row: self.chosen.emit(self.folder_id))

    @property
    def folder_id(self) -> int | None:
        item = self.currentItem()
        number: int | None = item.data(_ID) if item is not None else None
        return number

    def folder(self) -> Folder | None:
        """The chosen one; None while all are."""
        return next((f for f in self._folders or () if f.id == self.folder_id), None)

    def show_folders(self, folders: Sequence[Folder]) -> None:
        """List ``folders``; the chosen one stays so, while it is there."""
        if folders == self._folders:
            return
        self._folders = folders
        chosen = self.folder_id
        self.blockSignals(True)
        self.clear()
        self._add("All folders", "", None)
        for folder in folders:
            self._add(Path(folder.path).name or folder.path, folder.path, folder.id)
        rows = (row for row in range(self.count()) if self.item(row).data(_ID) == chosen)
        self.setCurrentRow(next(rows, 0))
        self.blockSignals(False)
        self.tint()
        if self.folder_id != chosen:
            self.chosen.emit(self.folder_id)

    def tint(self) -> None:
        tones = theme.colours()
        for row in range(self.count()):
            name = "folder-outline" if row else "folder-multiple-outline"
            self.item(row).setIcon(theme.icon(name, colour=tones.muted))

    def _add(self, name: str, path: str, folder_id: int | None) -> None:
        item = QListWidgetItem(one_line(name), self)
        item.setData(_ID, folder_id)
        item.setToolTip(tooltip(path))
        item.setSizeHint(QSize(0, round(self.fontMetrics().height() * 1.8)))
