"""Notices what happens in the folders that a library follows.

The operating system tells of changes (``watchdog``; links are not followed). Where it cannot, on
network drives and where it has no room for more watches, the folder is looked through now and
then instead. A folder that goes away, comes back or is emptied is noticed within seconds, as a
drive that is unplugged is. What exactly changed is found out by the next scan.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import psutil
from watchdog.events import (
    EVENT_TYPE_CLOSED_NO_WRITE,
    EVENT_TYPE_OPENED,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer

from engine.errors import CarrelError
from engine.scanning import passed_over, scan
from engine.workers import CancelToken, Lane

_QUIET = 0.7  # seconds without another change before the first is told
_LONGEST = 5.0  # seconds after which it is told anyhow
_STEP = 0.1
_LOOK = 2.0  # seconds between two looks whether the folders are there
_POLL = 15.0  # seconds between two looks through a folder, at least …
_SHARE = 20  # … and so many times as long as it takes
_ELSEWHERE = (
    "nfs", "cifs", "smb", "sshfs", "rclone", "gvfs", "dav", "9p", "afp", "afs", "vboxsf", "drvfs",
)  # fmt: skip

_Presence = tuple[int, int, bool] | None  # device, inode, empty; None where it is not there


class Watch:
    """Watches the folders that ``folders`` names, whichever these are at the time, and calls
    ``on_change`` on a thread of its own until it is closed."""

    def __init__(
        self,
        folders: Callable[[], Iterable[Path]],
        on_change: Callable[[], None],
        *,
        polled: Callable[[Path], bool] | None = None,
        poll: float = _POLL,
    ) -> None:
        """``polled`` says of which folders the system does not tell changes; ``poll`` is the
        time in seconds between two looks through one of those."""
        self._folders = folders
        self._on_change = on_change
        self._polled = polled or is_elsewhere
        self._poll = poll
        self._noticed = threading.Event()
        self._stop = CancelToken()
        self._watched: dict[Path, _Watched] = {}
        self._lane = Lane("watch")
        self._lane.submit(self._run)

    def close(self) -> None:
        """Stop watching."""
        self._stop.cancel()
        self._lane.close()

    def _run(self) -> None:
        try:
            self._look(first=True)
            looked = time.monotonic()
            while not self._stop.wait(_STEP):
                if self._noticed.is_set() and self._settled():
                    with contextlib.suppress(CarrelError):
                        self._on_change()
                if time.monotonic() - looked >= _LOOK:
                    self._look()
                    looked = time.monotonic()
        finally:
            for watched in self._watched.values():
                watched.close()

    def _settled(self) -> bool:
        """Wait until no more changes come; whether anybody still wants to know."""
        began = last = time.monotonic()
        while (now := time.monotonic()) - last < _QUIET and now - began < _LONGEST:
            if self._noticed.is_set():
                self._noticed.clear()
                last = now
            if self._stop.wait(_STEP):
                return False
        self._noticed.clear()
        return True

    def _look(self, *, first: bool = False) -> None:
        with contextlib.suppress(CarrelError):  # the library is closing, or busy for a moment
            paths = list(self._folders())
            for path in self._watched.keys() - set(paths):
                self._watched.pop(path).close()
            for path in paths:
                if path not in self._watched:
                    how = self._poll if self._polled(path) else None
                    self._watched[path] = _Watched(path, self._noticed.set, how)
                    if not first:
                        self._noticed.set()
                elif self._watched[path].changed():
                    self._noticed.set()


class _Watched(FileSystemEventHandler):
    """One folder."""

    def __init__(self, path: Path, notice: Callable[[], None], poll: float | None) -> None:
        self._path = path
        self._notice = notice
        self._poll = poll
        self._observer = None if poll is not None else Observer()
        self._presence = _presence(path)
        self._content = self._read() if poll is not None else 0
        self._next = time.monotonic() + (poll or 0.0)
        self._begin()

    def changed(self) -> bool:
        """Whether there is something that the system does not tell."""
        presence = _presence(self._path)
        if presence != self._presence:
            moved = presence is None or self._presence is None or presence[:2] != self._presence[:2]
            self._presence = presence
            if moved and self._poll is None:
                self.close()
                self._observer = Observer()
                self._begin()
            return True
        if self._poll is None or presence is None or time.monotonic() < self._next:
            return False
        began = time.monotonic()
        content = self._read()
        took = time.monotonic() - began
        self._next = began + took + max(self._poll, _SHARE * took)
        changed, self._content = content != self._content, content
        return changed

    def on_any_event(self, event: FileSystemEvent) -> None:
        if event.event_type in (EVENT_TYPE_OPENED, EVENT_TYPE_CLOSED_NO_WRITE):
            return
        if event.is_directory and event.event_type not in ("created", "moved", "deleted"):
            return
        paths = [path for path in (event.src_path, event.dest_path) if path]
        if any(self._concerns(os.fsdecode(path)) for path in paths):
            self._notice()

    def close(self) -> None:
        if self._observer is not None and self._observer.is_alive():
            self._observer.stop()
            self._observer.join(_LOOK)

    def _begin(self) -> None:
        if self._observer is None or self._presence is None:
            return
        try:
            self._observer.schedule(self, str(self._path), recursive=True)
            self._observer.start()
        except OSError:  # too many watches, or a file system without any
            self._observer = None
            self._poll = _POLL
            self._content = self._read()

    def _concerns(self, path: str) -> bool:
        with contextlib.suppress(ValueError):
            return not any(map(passed_over, Path(path).relative_to(self._path).parts))
        return False

    def _read(self) -> int:
        """A number that is another one once the folder holds something else."""
        try:
            return hash(tuple((f.path, f.size, f.modified_ns) for f in scan(self._path)))
        except OSError:
            return 0


def is_elsewhere(path: Path) -> bool:
    """Whether the folder is on another computer, whose changes this one does not hear of."""
    best, found = -1, False
    with contextlib.suppress(OSError):
        for part in psutil.disk_partitions(all=True):
            if len(part.mountpoint) > best and path.is_relative_to(part.mountpoint):
                best = len(part.mountpoint)
                kind = part.fstype.lower()
                found = "remote" in part.opts or any(name in kind for name in _ELSEWHERE)
    return found


def _presence(path: Path) -> _Presence:
    try:
        info = path.stat()
        with os.scandir(path) as listing:
            return info.st_dev, info.st_ino, next(listing, None) is None
    except OSError:
        return None
