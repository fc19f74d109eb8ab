"""What a second Carrel was asked to do, done by the one that has the library open.

“Open with Carrel” starts another process each time. It cannot open a library that is open already,
so it leaves a note in a folder of that library's window, and ends once the note is taken. Notes are
files in the person's own state folder: there is no socket that anybody could connect to.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec
from PySide6.QtCore import QFileSystemWatcher, QObject, QTimer, Signal

from engine.paths import lock_file

_PATIENCE = 3.0  # seconds; the window may be busy, but it is never held up for long
_STEP = 0.05
_MOST = 100_000  # bytes of a note
_SUFFIX = ".json"


class Inbox(QObject):
    """Takes the notes for a library's window as long as it lives."""

    asked = Signal(list)  # of Path: folders to follow; none to show the window

    def __init__(self, library: Path, parent: QObject) -> None:
        super().__init__(parent)
        self._folder = _folder_of(library)
        with contextlib.suppress(OSError):
            shutil.rmtree(self._folder, ignore_errors=True)  # of a Carrel that was killed
            self._folder.mkdir(mode=0o700)
        self._watcher = QFileSystemWatcher([str(self._folder)], self)
        self._watcher.directoryChanged.connect(self._look)
        QTimer.singleShot(0, self, self._look)

    def close(self) -> None:
        self._watcher.deleteLater()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _look(self, _folder: str = "") -> None:
        with contextlib.suppress(OSError):
            for note in sorted(self._folder.glob(f"*{_SUFFIX}")):
                data = note.read_bytes()[:_MOST]
                note.unlink()
                with contextlib.suppress(msgspec.MsgspecError):
                    self.asked.emit(list(map(Path, msgspec.json.decode(data, type=list[str]))))


def hand_over(library: Path, folders: Sequence[Path]) -> bool:
    """Ask the window that has ``library`` open to come forward and follow ``folders``; whether it
    heard. Waits some seconds for it, so not for the UI thread."""
    inbox = _folder_of(library)
    try:
        handle, name = tempfile.mkstemp(dir=inbox, suffix=".part")
        with os.fdopen(handle, "wb") as file:
            file.write(msgspec.json.encode([str(folder) for folder in folders]))
        note = Path(name).replace(Path(name).with_suffix(_SUFFIX))
    except OSError:
        return False
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        if not note.exists():
            return True
        time.sleep(_STEP)
    with contextlib.suppress(OSError):
        note.unlink()
        return False
    return True  # taken at the last moment


def _folder_of(library: Path) -> Path:
    return lock_file(library).with_suffix(".inbox")
