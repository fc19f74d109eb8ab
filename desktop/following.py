"""Which folders the library follows: choosing, dropping and removing them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from desktop.bridge import Bridge
from desktop.notices import Notices
from desktop.plain import one_line
from engine.errors import CarrelError
from engine.paths import LIBRARY_SUFFIX, sample_documents
from engine.records import Folder


class Following(QObject):
    """Adds and removes folders for a window, asking where a person should decide."""

    library_dropped = Signal(object)  # Path of a .carrel file

    def __init__(self, bridge: Bridge, notices: Notices, window: QWidget) -> None:
        super().__init__(window)
        self._bridge, self._notices, self._window = bridge, notices, window

    def choose(self) -> None:
        """Let the person pick a folder."""
        dialog = QFileDialog(self._window, "Add a folder of documents")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.fileSelected.connect(lambda name: self.add([Path(name)]))
        dialog.open()

    def add_sample(self) -> None:
        self.add([sample_documents()])

    def take(self, paths: Sequence[Path]) -> None:
        """What was dropped: folders are followed; for files, their folder, once confirmed."""
        self._bridge.run(self, lambda: _sorted_out(paths), self._take)

    def add(self, folders: Sequence[Path]) -> None:
        """Follow ``folders`` and bring the index up to date."""
        library = self._bridge.library

        def operation() -> tuple[list[Folder], list[CarrelError]]:
            added, refused = [], []
            for path in folders:
                try:
                    added.append(library.add_folder(path))
                except CarrelError as error:
                    refused.append(error)
            return added, refused

        self._bridge.run(self, operation, self._added)

    def ask_removal(self, folder: Folder) -> None:
        """Stop following ``folder``, if the person says so."""
        box = self._question(
            "Remove folder",
            f"Stop following “{_name(folder.path)}”?",
            f"{one_line(folder.path)}\n\nIts files stay untouched on your disk. Carrel forgets "
            "what it read in them; answers that cite them keep their quotes.",
        )
        remove = box.addButton("Remove", QMessageBox.ButtonRole.DestructiveRole)
        box.setDefaultButton(box.addButton(QMessageBox.StandardButton.Cancel))
        remove.clicked.connect(lambda: self._remove(folder))
        box.open()

    def _remove(self, folder: Folder) -> None:
        library = self._bridge.library

        def removed(_nothing: None) -> None:
            self._bridge.library_changed.emit()
            self._notices.info(f"“{_name(folder.path)}” is no longer part of this library.")
            self._bridge.restart_indexing()

        # After a run that may be reading this very folder, which is asked to make way.
        if self._bridge.indexing:
            self._bridge.stop_indexing()
        self._bridge.run(self, lambda: library.remove_folder(folder.id), removed, lane="index")

    def _added(self, outcome: tuple[list[Folder], list[CarrelError]]) -> None:
        added, refused = outcome
        for error in refused:
            self._notices.error(str(error))
        if not added:
            return
        names = ", ".join(f"“{_name(folder.path)}”" for folder in added)
        self._notices.info(f"Reading {names}. You can search and ask while it goes on.")
        self._bridge.library_changed.emit()
        self._bridge.restart_indexing()
        self._bridge.library.warm()

    def _take(self, found: tuple[list[Path], list[Path], list[Path]]) -> None:
        folders, parents, libraries = found
        if libraries and not folders and not parents:
            self.library_dropped.emit(libraries[0])
            return
        if folders:
            self.add(folders)
        if parents:
            self._ask_parents(parents)

    def _ask_parents(self, parents: Sequence[Path]) -> None:
        names = " and ".join(f"“{_name(str(path))}”" for path in parents)
        which = "the folder" if len(parents) == 1 else "the folders"
        box = self._question(
            "Carrel follows folders",
            f"Add {which} {names}?",
            "Carrel follows whole folders, so that new and changed files are noticed. "
            f"Adding {which} of the dropped files reads everything inside:\n\n"
            + "\n".join(one_line(str(path)) for path in parents),
        )
        add = box.addButton("Add folder", QMessageBox.ButtonRole.AcceptRole)
        box.addButton(QMessageBox.StandardButton.Cancel)
        box.setDefaultButton(add)
        add.clicked.connect(lambda: self.add(parents))
        box.open()

    def _question(self, title: str, text: str, more: str) -> QMessageBox:
        box = QMessageBox(self._window)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setIcon(QMessageBox.Icon.Question)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setWindowTitle(title)
        box.setText(text)
        box.setInformativeText(more)
        return box


def _sorted_out(paths: Sequence[Path]) -> tuple[list[Path], list[Path], list[Path]]:
    """Folders, the folders of the other files, and libraries. Asks the disk, so not for the UI
    thread: a network share may take its time."""
    folders = [path for path in paths if path.is_dir()]
    files = [path for path in paths if path not in folders]
    libraries = [path for path in files if path.suffix == LIBRARY_SUFFIX]
    parents = dict.fromkeys(path.parent for path in files if path not in libraries)
    return folders, [path for path in parents if path not in folders], libraries


def _name(path: str) -> str:
    return one_line(Path(path).name or path)
