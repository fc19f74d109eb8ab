"""Files inside other files: the way to one, and what of them is read."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from engine.reading.document import NotReadError, Reading, Source
from engine.records import DocumentState

DEEPEST = 5
"""Files around an attachment, at most."""

MOST = 500
"""Attachments of one file."""

_LONGEST_NAME = 240  # bytes


@dataclass(frozen=True, slots=True)
class Way:
    """To a file: ``inside`` names the attachments that lead to it, and ``passphrases`` are those
    of the files on the way, then its own."""

    path: Path
    inside: tuple[str, ...]
    passphrases: tuple[str, ...]


class Attached:
    """Takes attachments out. The file that the last one was in stays open, for a mail box with
    a thousand of them is not to be read a thousand times."""

    def __init__(self, read: Callable[[Source], Reading]) -> None:
        self._read = read
        self._holder: Reading | None = None
        self._key: tuple[object, ...] = ()

    @contextlib.contextmanager
    def opened(
        self, way: Way, cancelled: Callable[[], bool] = lambda: False
    ) -> Iterator[tuple[Source, bytes | None]]:
        """The file at the end of the way, as a source, and its bytes where it is an attachment;
        it lies in a folder that goes away with the block. Raises ``NotReadError`` or
        ``OSError``."""
        source = Source(way.path, way.passphrases[0], cancelled)
        if not way.inside:
            self._holder = None
            yield source, None
            return
        with tempfile.TemporaryDirectory(prefix="carrel-") as folder:
            content = _content(self._kept_open(source), way.inside[0])
            for depth, name in enumerate(way.inside, 1):
                place = Path(folder) / str(depth) / _file_name(name)
                place.parent.mkdir()
                place.write_bytes(content)
                source = Source(place, way.passphrases[depth], cancelled)
                if depth < len(way.inside):
                    content = _content(self._read(source), way.inside[depth])
            yield source, content

    def _kept_open(self, source: Source) -> Reading:
        info = source.path.stat()
        key = (source.path, source.passphrase, info.st_size, info.st_mtime_ns)
        if self._holder is None or key != self._key:
            self._holder = None  # closed before another is opened
            self._holder = self._read(source)
            self._key = key
        return self._holder


def listed(reading: Reading, depth: int) -> tuple[tuple[str, ...], str]:
    """Names of the attachments to read, of a file that has ``depth`` others around it, and what
    to say of the rest."""
    count = len(reading.attachments)
    if not count:
        return (), ""
    if depth >= DEEPEST:
        return (), f"{_files(count)} inside it were not read: they lie too deep in other files."
    names = [each.name for each in reading.attachments if _is_name(each.name)]
    names = list(dict.fromkeys(names))[:MOST]
    if len(names) < count:
        return tuple(names), f"{_files(count - len(names))} of {count:,} inside it were not read."
    return tuple(names), ""


def _content(reading: Reading, name: str) -> bytes:
    for attachment in reading.attachments:
        if attachment.name == name:
            return attachment.content()
    raise NotReadError(DocumentState.FAILED, "It is no longer in the file that held it.")


def _is_name(name: str) -> bool:
    return (
        name not in ("", ".", "..")
        and not set(name) & set("/\\\x00")
        and len(name.encode("utf-8", "replace")) <= _LONGEST_NAME
    )


def _file_name(name: str) -> str:
    """The name on disk: a reader goes by its suffix only, and not every system takes any name."""
    suffix = Path(name).suffix
    return f"file{suffix}" if suffix.isascii() and suffix[1:].isalnum() else "file"


def _files(count: int) -> str:
    return "1 file" if count == 1 else f"{count:,} files"
