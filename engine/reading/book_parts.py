"""The parts of a book that is a ZIP archive, with bounds on what they may unpack to."""

from __future__ import annotations

import posixpath
import zipfile
import zlib
from pathlib import Path
from urllib.parse import unquote

from engine.reading.document import NotReadError
from engine.records import DocumentState

MOST_UNPACKED = 500_000_000
"""Bytes; a file that unpacks to more is taken for a zip bomb."""

_MOST_PARTS = 20_000
_FAULTS = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError)


class BookParts:
    """An opened archive; ``what`` is what its kind of document is called. Raises ``NotReadError``
    where it is damaged, locked with a password or would unpack to too much."""

    def __init__(self, path: Path, what: str) -> None:
        self._damaged = NotReadError(
            DocumentState.FAILED, f"The file is damaged: it cannot be opened as {what}."
        )
        try:
            self._zip = zipfile.ZipFile(path)
        except _FAULTS as error:
            raise self._damaged from error
        entries = self._zip.infolist()
        if any(entry.flag_bits & 1 for entry in entries):
            raise NotReadError(DocumentState.LOCKED, "The file is protected with a password.")
        unpacked = sum(entry.file_size for entry in entries)
        if unpacked > MOST_UNPACKED or len(entries) > _MOST_PARTS:
            size = f"{MOST_UNPACKED // 1_000_000:,} MB"
            raise NotReadError(
                DocumentState.FAILED, f"The file unpacks to more than {size}; it was left closed."
            )
        self._names = {entry.filename.lower(): entry.filename for entry in entries}

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._names

    def read(self, name: str, most: int) -> bytes | None:
        """The first ``most`` bytes of a part; None where it is missing or damaged."""
        known = self._names.get(name.lower())
        if known is None:
            return None
        try:
            with self._zip.open(known) as part:
                return part.read(most)
        except (*_FAULTS, KeyError, OSError):
            return None


def beside(part: str, address: str) -> str:
    """The part that an address in ``part`` means: its fragment is dropped, its escapes are
    undone, and it cannot lead out of the archive."""
    path = unquote(address.partition("#")[0])
    if not path:
        return part
    joined = posixpath.normpath(posixpath.join("/", posixpath.dirname(part), path))
    return joined.lstrip("/")
