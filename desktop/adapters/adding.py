"""Bringing adapters in: what was dropped or chosen, checked, converted where that is needed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QStandardPaths, Qt, Signal
from PySide6.QtWidgets import QFileDialog, QVBoxLayout, QWidget

from desktop.bridge import Bridge, Job
from desktop.models.pending import Pending
from engine.adapter_facts import AdapterEntry
from engine.errors import CancelledError, CarrelError

if TYPE_CHECKING:
    from engine.adapters.catalogue import Adapters

GGUF = ".gguf"
_FILTERS = ["Adapters (*.gguf *.zip adapter_config.json *.safetensors)", "All files (*)"]
_OF_A_FOLDER = ("adapter_config.json", "adapter_model.safetensors")


class Adding(QObject):
    """Lets each in by itself; what goes wrong is said in its place."""

    added = Signal(object)  # AdapterEntry
    listed = Signal()  # one more is shown on its way, or one less

    def __init__(
        self, bridge: Bridge, adapters: Adapters, place: QVBoxLayout, window: QWidget
    ) -> None:
        super().__init__(window)
        self._bridge, self._adapters = bridge, adapters
        self._place, self._window = place, window

    def choose_file(self) -> None:
        """Let the person pick GGUF files or zips."""
        dialog = self._dialog("Add an adapter", QFileDialog.FileMode.ExistingFiles)
        dialog.setNameFilters(_FILTERS)
        dialog.open()

    def choose_folder(self) -> None:
        """Let the person pick a folder as PEFT saves it."""
        dialog = self._dialog("Add the folder of an adapter", QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.open()

    def take(self, paths: Sequence[Path]) -> None:
        """Adapters that were dropped or chosen. A file out of a PEFT folder stands for that."""
        whole = dict.fromkeys(path.parent if path.name in _OF_A_FOLDER else path for path in paths)
        for path in whole:
            self.bring(path)

    def bring(
        self, path: Path, name: str = "", then: Callable[[AdapterEntry], None] | None = None
    ) -> None:
        """Let one in, under ``name`` if one is given; ``then`` is called with it."""
        pending = self._pending(name or path.name)
        adapters = self._adapters

        def work(job: Job) -> AdapterEntry:
            job.tell(None)
            return adapters.add(path, name=name, cancel=job.token)

        job = self._bridge.start(work)
        begun: list[object] = []
        job.progressed.connect(begun.append)
        job.progressed.connect(lambda _now: pending.say(_doing(path), None))

        def cancelled() -> None:
            job.stop()
            if not begun:  # its turn has not come, and need not be waited for
                self._drop(pending)

        def finished(entry: AdapterEntry) -> None:
            self._drop(pending)
            (then or self.added.emit)(entry)

        def failed(error: Exception) -> None:
            if isinstance(error, CancelledError):
                if begun:
                    self._drop(pending)
            elif isinstance(error, CarrelError):
                pending.fail(str(error))
            else:
                self._drop(pending)
                self._bridge.failed.emit(error)

        pending.cancelled.connect(cancelled)
        job.finished.connect(finished)
        job.failed.connect(failed)

    def pending(self) -> list[Pending]:
        """What is on its way, or failed and not dismissed yet."""
        items = (self._place.itemAt(index) for index in range(self._place.count()))
        widgets = (item.widget() for item in items if item is not None)
        return [widget for widget in widgets if isinstance(widget, Pending)]

    # --- steps --------------------------------------------------------------------------------

    def _dialog(self, title: str, mode: QFileDialog.FileMode) -> QFileDialog:
        dialog = QFileDialog(self._window, title)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(mode)
        downloads = QStandardPaths.StandardLocation.DownloadLocation
        dialog.setDirectory(QStandardPaths.writableLocation(downloads))
        dialog.filesSelected.connect(lambda names: self.take([Path(name) for name in names]))
        return dialog

    def _pending(self, name: str) -> Pending:
        for old in self.pending():
            if old.failed and old.name == name:
                self._drop(old)
        pending = Pending(name)
        pending.dismissed.connect(lambda: self._drop(pending))
        self._place.addWidget(pending)
        pending.show()
        self.listed.emit()
        return pending

    def _drop(self, pending: Pending) -> None:
        self._place.removeWidget(pending)
        pending.hide()
        pending.deleteLater()
        self.listed.emit()


def _doing(path: Path) -> str:
    if path.suffix.lower() == GGUF:
        return "Checking that it is whole, and which model it was made for…"
    return "Checking it, and converting it from PEFT to what llama.cpp reads…"
