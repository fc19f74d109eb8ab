"""What is in a folder: every file, in a steady order, without ever leaving it.

Links to folders are not followed (they may lead out of the folder or round in a circle), and
pipes and devices are never opened; both are named, so that the ledger can say so. Hidden files
and Carrel's own are passed over.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from engine.paths import LIBRARY_SUFFIX

_LOCK_PREFIX = "~$"  # what Office leaves beside an open document
_SYSTEM_FILES = {"thumbs.db", "desktop.ini"}


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file as the scan met it. ``problem`` says why it cannot even be opened; such files have
    no size or date. ``unlisted`` is a folder whose files could not be seen: they may still be
    there. ``path`` is relative with "/", and readable text whatever the name's bytes. An
    attachment is ``inside`` the file: the names that lead to it; its size is that of the
    attachment, once it is known."""

    path: str
    file: Path
    size: int = 0
    modified_ns: int = 0
    problem: str = ""
    unlisted: bool = False
    inside: tuple[str, ...] = ()

    @property
    def suffix(self) -> str:
        """Without the dot, in small letters."""
        return PurePosixPath(self.path).suffix.lstrip(".").lower()


def scan(folder: Path) -> Iterator[FoundFile]:
    """All files below ``folder``, by name. Raises ``OSError`` where it cannot be listed; a
    folder inside that cannot be listed is a found file with a problem."""
    listings = [_listed(folder, "")]  # a stack of its own: folders can be nested very deep
    while listings:
        following = next(listings[-1], None)
        if following is None:
            listings.pop()
            continue
        entry, path = following
        file = Path(entry.path)
        try:
            if not entry.is_dir(follow_symlinks=False):
                yield _found(entry, path, file)
                continue
        except FileNotFoundError:
            if entry.is_symlink():
                yield FoundFile(path, file, problem="This is a link that leads nowhere.")
            continue
        except OSError as error:
            yield FoundFile(path, file, problem=f"It cannot be opened: {error.strerror}.")
            continue
        try:
            listings.append(_listed(file, path + "/"))
        except FileNotFoundError:
            continue  # it went away a moment ago
        except OSError as error:
            problem = f"This folder cannot be opened: {error.strerror}."
            yield FoundFile(path, file, problem=problem, unlisted=True)


def _listed(folder: Path, prefix: str) -> Iterator[tuple[os.DirEntry[str], str]]:
    """What is directly in a folder, by name, with its path from the top."""
    with os.scandir(folder) as listing:
        entries = sorted(listing, key=lambda entry: entry.name)
    return iter(
        [(entry, prefix + readable(entry.name)) for entry in entries if not passed_over(entry.name)]
    )


def _found(entry: os.DirEntry[str], path: str, file: Path) -> FoundFile:
    if entry.is_symlink() and entry.is_dir():
        return FoundFile(path, file, problem="This is a link to a folder; links are not followed.")
    info = entry.stat()
    if not stat.S_ISREG(info.st_mode):
        kind = "a pipe" if stat.S_ISFIFO(info.st_mode) else "a device or socket"
        return FoundFile(path, file, problem=f"This is {kind}, not a document.")
    if not _is_text(entry.path):
        problem = "Its name, or its folder's, is not valid text; rename it, and it can be read."
        return FoundFile(path, file, problem=problem)
    return FoundFile(path, file, info.st_size, info.st_mtime_ns)


def readable(name: str) -> str:
    """A name as text; bytes that are not valid text stand as ``\\xNN``."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def _is_text(name: str) -> bool:
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def passed_over(name: str) -> bool:
    """Whether nobody means a file or folder of this name when they speak of their documents."""
    lower = name.lower()
    return (
        name.startswith((".", _LOCK_PREFIX))
        or lower in _SYSTEM_FILES
        or lower.endswith((LIBRARY_SUFFIX, f"{LIBRARY_SUFFIX}-wal", f"{LIBRARY_SUFFIX}-shm"))
        or f"{LIBRARY_SUFFIX}.backup-v" in lower
    )
