"""Puts what was made into a file: whole or not at all, and never over another by accident."""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from pathlib import Path

from engine.errors import CarrelError


def refuse_existing(file: Path) -> None:
    """Raises ``CarrelError`` where there is a file of this name."""
    if os.path.lexists(file):
        raise CarrelError(
            f"There is a file {file} already. Choose another name, or allow it to be overwritten "
            "(--force)."
        )


def save(data: bytes, file: Path, *, overwrite: bool = False) -> None:
    """Raises ``CarrelError`` where the file is there already, unless it may be overwritten, and
    where it cannot be written."""
    try:
        made = _reserve(file, overwrite=overwrite)
    except FileExistsError as error:
        refuse_existing(file)
        raise _unwritable(file, error) from error
    except OSError as error:
        raise _unwritable(file, error) from error
    try:
        _replace(data, file)
    except OSError as error:
        if made:
            with contextlib.suppress(OSError):
                file.unlink()
        raise _unwritable(file, error) from error


def _reserve(file: Path, *, overwrite: bool) -> bool:
    """Make the file, empty, so that nobody else makes it meanwhile; whether it was made. Links
    are not followed: what they point to is not what was named."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    try:
        os.close(os.open(file, flags, 0o666))
    except FileExistsError:
        if not overwrite or not stat.S_ISREG(file.lstat().st_mode):
            raise
        return False
    return True


def _replace(data: bytes, file: Path) -> None:
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=".carrel-", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).chmod(stat.S_IMODE(file.stat().st_mode))
        Path(name).replace(file)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise


def _unwritable(file: Path, error: OSError) -> CarrelError:
    reason = error.strerror or type(error).__name__
    return CarrelError(f"{file} cannot be written: {reason}. Choose another place or name.")
