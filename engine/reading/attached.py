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


@contextlib.contextmanager
def opened(
    way: Way, cancelled: Callable[[], bool], read: Callable[[Source], Reading]
) -> Iterator[tuple[Source, bytes | None]]:
    """The file at the end of the way, as a source, and its bytes where it is an attachment; it
    lies in a folder that goes away with the block. Raises ``NotReadError`` or ``OSError``."""
    source = Source(way.path, way.passphrases[0], cancelled)
    if not way.inside:
        yield source, None
        return
    with tempfile.TemporaryDirectory(prefix="carrel-") as folder:
        for depth, name in enumerate(way.inside):
            content = _content(read(source), name)
            # one level has one file, whose name need not differ from the others'
            place = Path(folder) / str(depth) / _file_name(name)
            place.parent.mkdir()
            place.write_bytes(content)
            source = Source(place, way.passphrases[depth + 1], cancelled)
        yield source, content


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
