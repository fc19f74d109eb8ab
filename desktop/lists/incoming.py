"""Bringing things into a list: each on its way shows how far it is, or why it could not come."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QStandardPaths, Qt, Signal
from PySide6.QtWidgets import QFileDialog, QVBoxLayout, QWidget

from desktop.bridge import Bridge, Job
from desktop.lists.pending import Pending
from engine.errors import CancelledError, CarrelError


class Incoming(QObject):
    """Shows what is on its way in ``place``; dialogs belong to ``window``."""

    added = Signal(object)  # what came
    listed = Signal()  # one more is shown on its way

    def __init__(self, bridge: Bridge, place: QVBoxLayout, window: QWidget) -> None:
        super().__init__(window)
        self.bridge, self.window = bridge, window
        self._place = place

    def take(self, paths: Sequence[Path]) -> None:
        """What was dropped or chosen."""
        raise NotImplementedError

    def start(
        self,
        name: str,
        work: Callable[[Job], Any],
        say: Callable[[Pending, Any], None],
        then: Callable[[Any], None] | None = None,
    ) -> None:
        """Do ``work``, which has begun once it tells of itself; ``say`` shows what it tells, and
        ``then`` is called with what came in the place of ``added``."""
        pending = self._pending(name)
        job = self.bridge.start(work)
        begun: list[object] = []
        job.progressed.connect(begun.append)
        job.progressed.connect(lambda how_far: say(pending, how_far))

        def cancelled() -> None:
            job.stop()
            if not begun:  # its turn has not come, and need not be waited for
                self._drop(pending)

        def finished(came: object) -> None:
            self._drop(pending)
            (then or self.added.emit)(came)

        def failed(error: Exception) -> None:
            if isinstance(error, CancelledError):
                if begun:
                    self._drop(pending)
            elif isinstance(error, CarrelError):
                pending.fail(str(error))
            else:
                self._drop(pending)
                self.bridge.failed.emit(error)

        pending.cancelled.connect(cancelled)
        job.finished.connect(finished)
        job.failed.connect(failed)

    def refuse(self, name: str, reason: str) -> None:
        """Say why something cannot even be tried."""
        self._pending(name).fail(reason)

    def pending(self) -> list[Pending]:
        """What is on its way, or failed and not dismissed yet."""
        items = (self._place.itemAt(index) for index in range(self._place.count()))
        widgets = (item.widget() for item in items if item is not None)
        return [widget for widget in widgets if isinstance(widget, Pending)]

    @property
    def busy(self) -> bool:
        """Whether any are still on their way."""
        return any(not pending.failed for pending in self.pending())

    def dialog(self, title: str, mode: QFileDialog.FileMode) -> QFileDialog:
        """To choose what to bring, beginning where downloads are."""
        dialog = QFileDialog(self.window, title)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(mode)
        if mode is QFileDialog.FileMode.Directory:
            dialog.setOption(QFileDialog.Option.ShowDirsOnly)
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
