"""A child's own temporary folder: empty at first, and gone with the child.

Whoever made the folder holds a lock beside it for as long as it lives. Folders whose lock nobody
holds were left by a Carrel that was killed; the next one to need a folder takes them away.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import tempfile
import time
from pathlib import Path

from filelock import FileLock, Timeout

_PREFIX = "carrel-child-"
_YOUNG = 10.0  # seconds: one that is just being made may not be locked yet


class OwnFolder:
    """Makes a folder that only this user may enter; ``path`` is the part for the child."""

    def __init__(self) -> None:
        sweep(Path(tempfile.gettempdir()))
        self._root = Path(tempfile.mkdtemp(prefix=_PREFIX))
        self._lock = _lock_in(self._root)
        self._lock.acquire(timeout=0)
        self.path = self._root / "files"
        self.path.mkdir(mode=0o700)

    def remove(self) -> None:
        """Take the folder away with all that is in it. Calling it again does nothing."""
        self._lock.release()
        _remove(self._root)


def sweep(parent: Path) -> None:
    """Take away what a killed Carrel of this user left in ``parent``."""
    with contextlib.suppress(OSError), os.scandir(parent) as entries:
        for entry in entries:
            if entry.name.startswith(_PREFIX) and _is_old_and_own(entry):
                lock = _lock_in(Path(entry.path))
                with contextlib.suppress(OSError, Timeout):
                    lock.acquire(timeout=0)
                    lock.release()
                    _remove(Path(entry.path))


def _lock_in(root: Path) -> FileLock:
    # a child may be started by one thread and ended by another
    return FileLock(root / "lock", thread_local=False)


def _is_old_and_own(entry: os.DirEntry[str]) -> bool:
    try:
        info = entry.stat(follow_symlinks=False)
    except OSError:
        return False
    own = not hasattr(os, "getuid") or info.st_uid == os.getuid()
    return own and stat.S_ISDIR(info.st_mode) and time.time() - info.st_mtime > _YOUNG


def _remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
