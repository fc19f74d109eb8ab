"""Makes the library, the bridge and the window, joins them, and takes them apart again."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication, QProgressDialog

from desktop.bridge import Bridge
from desktop.courier import Courier
from desktop.failures import FailureHook, start_log
from desktop.file_opening import FileOpening
from desktop.garbage import GarbageCollector
from desktop.handing_over import Inbox, hand_over
from desktop.interrupts import Interrupts
from desktop.library_dialogs import (
    PassphraseDialog,
    TroubleDialog,
    choose_library,
    choose_new_library,
    present,
)
from desktop.main_window import MainWindow
from desktop.notices import show_details
from desktop.plain import one_line
from desktop.remembered import Remembered
from desktop.theme import Theme
from engine.adapters.catalogue import Adapters
from engine.errors import LibraryError, LibraryInUseError, LibraryLockedError
from engine.models.catalogue import Catalogue
from engine.paths import APP_ID, LIBRARY_SUFFIX, app_icon, default_library
from engine.settings import SettingsFile
from engine.training.trainer import Trainer

if TYPE_CHECKING:
    from engine.library import Library

_PATIENCE_MS = 600
_LAST_RESORT_MS = 8000
_SWITCH_INTERVAL = 0.0005
Opener = Callable[[Path, str | None], "Library"]


class Application(QObject):
    """One window at a time, each with its own library and bridge.

    Another library is opened before the present one is given up, so that a refusal costs nothing.
    """

    def __init__(
        self,
        app: QApplication,
        remembered: Remembered,
        theme: Theme,
        open_library: Opener,
        catalogue: Catalogue,
        adapters: Adapters,
        trainer: Trainer,
    ) -> None:
        super().__init__(app)
        self._app = app
        self._remembered = remembered
        self._theme = theme
        self._open_library = open_library
        self._catalogue = catalogue
        self._adapters, self._trainer = adapters, trainer
        self._courier = Courier({"library": 1}, self)
        self._courier.failed.connect(self._close_failed)
        self._last_resort = QTimer(self)
        self._last_resort.timeout.connect(lambda: os._exit(0))
        self._waiting: QProgressDialog | None = None
        self._inbox: Inbox | None = None
        self._folders: tuple[Path, ...] = ()
        self.window: MainWindow | None = None
        self.bridge: Bridge | None = None

    def start(
        self, wanted: Path | None, passphrase: str | None, folders: Sequence[Path] = ()
    ) -> None:
        """Open ``wanted`` (made when it is missing), else the library used last, and follow
        ``folders`` in it."""
        self._folders = tuple(folders)
        last = self._remembered.last_library
        if wanted is not None:
            self.open(wanted.absolute(), passphrase)
        elif last is None or last == default_library() or last.exists():
            self.open(last or default_library(), passphrase)
        else:
            self._trouble(last, _gone(last))

    # --- opening ------------------------------------------------------------------------------

    def open(self, path: Path, passphrase: str | None = None) -> None:
        """Open a library off the UI thread, then show its window; ask where it won't open."""
        if self.window is not None and path == self.window.library_path:
            self.window.activateWindow()
            return
        late = QTimer(self)
        late.setSingleShot(True)
        late.timeout.connect(lambda: self._show_waiting(path))
        late.start(_PATIENCE_MS)

        def settled() -> None:
            late.stop()
            late.deleteLater()
            if self._waiting is not None:
                self._waiting.close()
                self._waiting = None

        def opened(library: Library) -> None:
            settled()
            self._show(library)

        def failed(error: Exception) -> None:
            settled()
            if isinstance(error, LibraryLockedError):
                self._ask_passphrase(path, error)
            elif isinstance(error, LibraryInUseError):
                self._hand_over(path, error)
            elif isinstance(error, LibraryError):
                self._trouble(path, error)
            else:
                self._trouble(path, LibraryError(f"Carrel met an unexpected error: {error}"))
                raise error

        self._courier.run(
            self,
            lambda: self._open_library(path, passphrase),
            opened,
            failed,
            lane="library",
        )

    def _hand_over(self, path: Path, error: LibraryError) -> None:
        """To the Carrel that has it open, if there is one with a window."""
        folders = self._folders

        def heard(taken: bool) -> None:
            if not taken:
                self._trouble(path, error)
            elif self.window is None:
                self.quit()

        self._courier.run(self, lambda: hand_over(path, folders), heard, lane="library")

    def open_existing(self, path: Path) -> None:
        """Like :meth:`open`, for a file that should be there: it is not made anew."""
        if path.exists() or path == default_library():
            self.open(path)
        else:
            self._trouble(path, _gone(path))

    def _show(self, library: Library) -> None:
        old_window, old_bridge = self.window, self.bridge
        if old_window is not None:
            old_window.remember()
        self._remembered.used(library.path)
        bridge = self.bridge = Bridge(library, self)
        window = self.window = MainWindow(
            bridge, self._remembered, self._catalogue, self._adapters, self._trainer
        )
        window.new_library_requested.connect(self._new_library)
        window.open_library_requested.connect(self._other_library)
        window.library_chosen.connect(self.open_existing)
        window.theme_chosen.connect(self._choose_theme)
        window.closed.connect(self.quit)
        window.show()
        if self._inbox is not None:
            self._inbox.close()
        self._inbox = Inbox(library.path, self)
        self._inbox.asked.connect(self._asked)
        if old_window is not None and old_bridge is not None:
            old_window.hide()
            self._close(old_bridge, partial(_discard, old_window, old_bridge))
        bridge.run(window, library.folders, lambda folders: _begin(bridge) if folders else None)
        bridge.watch_folders()
        folders, self._folders = self._folders, ()
        if folders:
            window.following.add(folders)

    def take(self, path: Path) -> None:
        """The system wishes that ``path`` be opened: a library, or a folder to follow."""
        if path.suffix == LIBRARY_SUFFIX:
            self.open_existing(path)
        elif self.window is not None:
            self.window.following.take([path])
        else:  # not yet there, and will ask for it
            self._folders += (path,)

    def _asked(self, folders: list[Path]) -> None:
        """Another Carrel was started for this library."""
        if self.window is None:
            return
        self.window.setWindowState(self.window.windowState() & ~Qt.WindowState.WindowMinimized)
        self.window.raise_()
        self.window.activateWindow()
        if folders:
            self.window.following.add(folders)

    def _show_waiting(self, path: Path) -> None:
        self._waiting = QProgressDialog(f"Opening “{one_line(path.stem)}”…", "", 0, 0, self.window)
        self._waiting.setWindowTitle("Carrel")
        self._waiting.setCancelButton(None)
        self._waiting.setMinimumDuration(0)
        self._waiting.show()

    # --- asking -------------------------------------------------------------------------------

    def _ask_passphrase(self, path: Path, error: LibraryError) -> None:
        dialog = PassphraseDialog(str(error), self.window)
        dialog.given.connect(lambda passphrase: self.open(path, passphrase))
        dialog.rejected.connect(lambda: self._unless_window(path, error))
        present(dialog)

    def _unless_window(self, path: Path, error: LibraryError) -> None:
        if self.window is None:
            self._trouble(path, error)

    def _trouble(self, path: Path, error: LibraryError) -> None:
        last_way = "Quit" if self.window is None else f"Stay in “{self.window.library_path.stem}”"
        dialog = TroubleDialog(path, error, last_way=last_way, parent=self.window)
        back = partial(self._unless_window, path, error)
        dialog.retry.connect(lambda: self.open_existing(path))
        dialog.unlock.connect(lambda: self._ask_passphrase(path, error))
        dialog.open_other.connect(lambda: self._other_library(back))
        dialog.create_new.connect(lambda: self._new_library(back))
        dialog.rejected.connect(lambda: self.quit() if self.window is None else None)
        present(dialog)

    def _other_library(self, cancelled: Callable[[], None] | None = None) -> None:
        choose_library(self.window, self._near(), self.open_existing, cancelled)

    def _new_library(self, cancelled: Callable[[], None] | None = None) -> None:
        choose_new_library(self.window, self._near(), self.open, cancelled)

    def _near(self) -> Path:
        """The folder to begin looking in."""
        folder = (self._remembered.last_library or default_library()).parent
        return folder if folder.is_dir() else Path.home()

    def _choose_theme(self, choice: str) -> None:
        self._theme.choose(choice)
        self._remembered.theme = choice

    # --- the end ------------------------------------------------------------------------------

    def quit(self) -> None:
        """Hide at once, stop all work, then leave."""
        inbox, self._inbox = self._inbox, None
        if inbox is not None:
            inbox.close()
        window, bridge, self.bridge = self.window, self.bridge, None
        if window is not None and window.isVisible():
            window.remember()
            window.hide()
        if bridge is None:
            self._app.quit()
            return
        self._close(bridge, self._app.quit)
        # The library's journal makes this safe; a worker that does not listen is left behind.
        self._last_resort.start(_LAST_RESORT_MS)

    def _close(self, bridge: Bridge, then: Callable[[], None]) -> None:
        def close_failed(error: Exception) -> None:
            then()
            raise error

        self._courier.run(self, bridge.close, lambda _: then(), close_failed, lane="library")

    def _close_failed(self, error: Exception) -> None:
        raise error

    def release(self) -> None:
        """After the event loop: wait for the lane that opens and closes."""
        self._last_resort.stop()
        self._courier.close()


def _begin(bridge: Bridge) -> None:
    """Notice what changed in the folders, and make ready for the first question."""
    bridge.start_indexing()
    bridge.library.warm()


def _discard(window: MainWindow, bridge: Bridge) -> None:
    window.deleteLater()
    bridge.deleteLater()


def _gone(path: Path) -> LibraryError:
    return LibraryError(
        "The file is not where it was. If it is on another disk, connect that and try again; "
        "if it was moved, open it at its new place."
    )


def _opener(settings: SettingsFile, catalogue: Catalogue) -> Opener:
    def open_exclusively(path: Path, passphrase: str | None) -> Library:
        from engine.library import Library

        path.parent.mkdir(parents=True, exist_ok=True)
        return Library.open(
            path,
            passphrase=passphrase,
            exclusive=True,
            reranker=settings.load().reranker,
            patience=lambda: settings.load().patience_s,
            ocr=lambda: settings.load().ocr,
            catalogue=catalogue,
        )

    return open_exclusively


def run(library: Path | None, passphrase: str | None, folders: Sequence[Path]) -> int:
    """Show the window and stay until it is closed. Returns the exit status."""
    start_log()
    # A repaint takes Python's lock hundreds of times, and each time a busy worker may keep it for
    # this long: the default of 5 ms would be seen.
    sys.setswitchinterval(_SWITCH_INTERVAL)
    app = QApplication(sys.argv[:1])
    app.setApplicationName("Carrel")
    app.setDesktopFileName(APP_ID)
    app.setQuitOnLastWindowClosed(False)
    app.setAttribute(Qt.ApplicationAttribute.AA_DontShowIconsInMenus)
    settings = SettingsFile()
    remembered = Remembered(settings)
    chosen = Theme(app, remembered.theme)
    app.setWindowIcon(QIcon(str(app_icon())))
    garbage = GarbageCollector(app)
    catalogue = Catalogue(settings)
    adapters = Adapters(settings, catalogue)
    application = Application(
        app, remembered, chosen, _opener(settings, catalogue), catalogue, adapters,
        Trainer(adapters),
    )  # fmt: skip
    FailureHook(lambda text: show_details(application.window, text), app)
    if sys.platform == "darwin":  # a filter of all events, in Python, is felt
        FileOpening(app).wished.connect(application.take)
    interrupts = Interrupts(application.quit, app)
    QTimer.singleShot(0, application, lambda: application.start(library, passphrase, folders))
    status = app.exec()
    interrupts.release()
    application.release()
    garbage.release()
    return status
