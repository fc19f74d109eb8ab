"""What is done with an adapter of the list: renaming, locating, showing, copying, removing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QFileDialog, QInputDialog, QMessageBox, QWidget

from desktop.adapters import wording
from desktop.adapters.adding import Adding
from desktop.applying import Applying, why_not
from desktop.bridge import Bridge
from desktop.models.wording import file_size
from desktop.notices import Action, Notices
from desktop.plain import one_line
from engine.adapter_facts import AdapterEntry
from engine.models.gguf_header import GGUF

if TYPE_CHECKING:
    from engine.adapters.catalogue import Adapters


class Acting(QObject):
    """Does it off the UI thread and tells when the list is another one."""

    changed = Signal()

    def __init__(
        self,
        bridge: Bridge,
        adapters: Adapters,
        applying: Applying,
        adding: Adding,
        notices: Notices,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._bridge, self._adapters, self._applying = bridge, adapters, applying
        self._adding, self._notices, self._window = adding, notices, window

    def tell_added(self, entry: AdapterEntry) -> None:
        """Say what came of adding, and offer to switch it on where that helps."""
        came = "was converted from PEFT and added" if _converted(entry) else "was added"
        if why := why_not(entry):
            self._notices.warning(f"“{one_line(entry.name)}” {came}. {why}")
            return
        use = Action("Switch it on", lambda: self._applying.switch(entry.place, True))
        self._notices.info(f"“{one_line(entry.name)}” {came}.", use)

    def rename(self, entry: AdapterEntry) -> None:
        """Ask what it shall be called. What comes with Carrel keeps its name."""
        if entry.shipped:
            return
        dialog = QInputDialog(self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setWindowTitle("Rename adapter")
        dialog.setLabelText("Name")
        dialog.setTextValue(entry.name)
        dialog.setOkButtonText("Rename")
        dialog.textValueSelected.connect(lambda name: self._rename(entry, name.strip()))
        dialog.open()

    def _rename(self, entry: AdapterEntry, name: str) -> None:
        if not name or name == entry.name:
            return
        adapters = self._adapters
        self._bridge.run(
            self,
            lambda: adapters.rename(entry.place, name),
            lambda _nothing: self.changed.emit(),
            self._failed,
        )

    def show(self, entry: AdapterEntry) -> None:
        """Let the system show where it is."""
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(Path(entry.place).parent)))

    def copy_facts(self, entry: AdapterEntry) -> None:
        QGuiApplication.clipboard().setText(wording.as_text(entry))

    # --- files that have gone -----------------------------------------------------------------

    def locate(self, entry: AdapterEntry) -> None:
        """Let the person say where the file of an adapter went."""
        dialog = QFileDialog(self._window, f"Where is “{one_line(entry.name)}”?")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilters([f"GGUF adapters (*{GGUF})", "All files (*)"])
        dialog.fileSelected.connect(lambda name: self._moved(entry, Path(name)))
        dialog.open()

    def _moved(self, old: AdapterEntry, place: Path) -> None:
        adapters = self._adapters

        def found(new: AdapterEntry) -> None:
            def operation() -> None:
                if new.place != old.place:
                    adapters.remove(old.place)

            self._bridge.run(self, operation, lambda _: self.changed.emit(), self._failed)

        self._adding.bring(place, old.name, found)

    # --- removing -----------------------------------------------------------------------------

    def remove(self, entry: AdapterEntry) -> None:
        """Take it out of the list: asked first where its only file is deleted, with a way back
        otherwise."""
        if entry.shipped:
            return
        if not entry.copied or entry.problem:
            self._remove(entry)
            return
        box = QMessageBox(self._window)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setIcon(QMessageBox.Icon.Question)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setWindowTitle("Delete adapter")
        box.setText(f"Delete “{one_line(entry.name)}”?")
        size = f", {file_size(entry.facts.size)}," if entry.facts.size else ""
        box.setInformativeText(
            f"Carrel’s own file{size} is deleted from this computer. "
            + (
                "What it was converted from stays where it is."
                if _converted(entry)
                else "It cannot be brought back."
            )
        )
        delete = box.addButton("Delete", QMessageBox.ButtonRole.DestructiveRole)
        box.setDefaultButton(box.addButton(QMessageBox.StandardButton.Cancel))
        delete.clicked.connect(lambda: self._remove(entry))
        box.open()

    def _remove(self, entry: AdapterEntry) -> None:
        adapters, scale = self._adapters, self._applying.scale(entry.place)
        self._applying.switch(entry.place, False)

        def removed(_nothing: None) -> None:
            self.changed.emit()
            name = f"“{one_line(entry.name)}”"
            if entry.copied:
                self._notices.info(f"{name} was deleted.")
            elif entry.problem:
                self._notices.info(f"{name} is no longer in the list.")
            else:
                undo = Action("Undo", lambda: self._bring_back(entry, scale))
                self._notices.info(
                    f"{name} is no longer in the list. Its file stays where it is.", undo
                )

        self._bridge.run(self, lambda: adapters.remove(entry.place), removed, self._failed)

    def _bring_back(self, entry: AdapterEntry, scale: float | None) -> None:
        def back(new: AdapterEntry) -> None:
            if scale is not None:
                self._applying.switch(new.place, True)
            self.changed.emit()

        self._adding.bring(Path(entry.origin or entry.place), entry.name, back)

    def _failed(self, error: Exception) -> None:
        self.changed.emit()
        self._notices.failure(error)


def _converted(entry: AdapterEntry) -> bool:
    return bool(entry.origin) and entry.origin != entry.place
