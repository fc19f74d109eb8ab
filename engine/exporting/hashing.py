"""Whether a file is still the one that was used. A split model's files are taken as one."""

from __future__ import annotations

from pathlib import Path

from engine.answers import UsedFile
from engine.errors import ModelError
from engine.models.copying import digest_of
from engine.models.gguf_facts import parts
from engine.workers import CancelToken


def sha256_of(path: Path, cancel: CancelToken) -> str:
    """In hex. Raises ``OSError`` where it cannot be read."""
    return digest_of(_files(path), cancel)


def size_of(path: Path) -> int:
    """In bytes. Raises ``OSError`` where it is not there."""
    return sum(file.stat().st_size for file in _files(path))


def unchanged(used: UsedFile) -> bool:
    """By size and time of change. Raises ``OSError`` where it is not there."""
    stats = [file.stat() for file in _files(Path(used.path))]
    size, latest = sum(s.st_size for s in stats), max(s.st_mtime_ns for s in stats)
    return (used.size, used.modified_ns) == (size, latest)


def _files(path: Path) -> tuple[Path, ...]:
    try:
        return parts(path)
    except ModelError as error:
        raise FileNotFoundError(str(error)) from error
