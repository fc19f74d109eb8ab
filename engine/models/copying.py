"""Copying a model's files into Carrel's own folder, and telling files by their SHA-256."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from engine.errors import ModelError
from engine.workers import CancelToken

CopyProgress = Callable[[int, int], None]
_BLOCK = 1 << 22
_SPARE = 1 << 28  # bytes to leave free on the disk


def copy_files(
    files: Sequence[Path],
    folder: Path,
    on_progress: CopyProgress | None,
    cancel: CancelToken,
    *,
    root: Path | None = None,
) -> tuple[tuple[Path, ...], str]:
    """Copy ``files`` into a new folder inside ``folder``, named for ``root`` (whose tree is kept)
    or for the first file. The copies in the same order, and the SHA-256 of all bytes in that
    order, in hex. Nothing is left behind where it fails. Raises ``ModelError`` where the disk is
    too full, and ``CancelledError``.
    """
    base = root or files[0].parent
    total, done = sum(file.stat().st_size for file in files), 0
    target = new_folder(folder, root.name if root is not None else files[0].stem)
    sha256 = hashlib.sha256()
    copies = []
    try:
        if shutil.disk_usage(target).free < total + _SPARE:
            raise ModelError(
                "There is not enough space on the disk for a copy of this model. Make space, or "
                "use it where it lies."
            )
        for file in files:
            copy = target / file.relative_to(base)
            copy.parent.mkdir(parents=True, exist_ok=True)
            with file.open("rb") as source, copy.open("wb") as sink:
                while block := source.read(_BLOCK):
                    cancel.check()
                    sink.write(block)
                    sha256.update(block)
                    done += len(block)
                    if on_progress is not None:
                        on_progress(done, total)
                sink.flush()
                os.fsync(sink.fileno())
            copies.append(copy)
    except OSError as error:
        shutil.rmtree(target, ignore_errors=True)
        raise ModelError(f"The model could not be copied: {error.strerror or error}.") from error
    except BaseException:
        shutil.rmtree(target, ignore_errors=True)
        raise
    return tuple(copies), sha256.hexdigest()


def remove_copy(place: Path, folder: Path) -> None:
    """Delete the copy that holds ``place``: its own folder directly inside ``folder``."""
    inside = folder.resolve()
    for parent in (place, *place.parents):
        if parent.parent == inside:
            shutil.rmtree(parent, ignore_errors=True)
            with contextlib.suppress(OSError):
                folder.rmdir()
            return


def digest_of(files: Sequence[Path], cancel: CancelToken) -> str:
    """The SHA-256 of all files' bytes one after the other, in hex."""
    sha256 = hashlib.sha256()
    for file in files:
        with file.open("rb") as source:
            while block := source.read(_BLOCK):
                cancel.check()
                sha256.update(block)
    return sha256.hexdigest()


def new_folder(folder: Path, name: str) -> Path:
    """A new one inside ``folder``, called ``name`` or numbered."""
    folder = folder.resolve()
    for number in range(1, 10_000):
        target = folder / (name if number == 1 else f"{name} {number}")
        try:
            target.mkdir(parents=True)
        except FileExistsError:
            continue
        except OSError as error:
            raise ModelError(f"{folder} cannot be written: {error.strerror}.") from error
        return target
    raise ModelError(f"There are too many copies of “{name}” in {folder}.")
