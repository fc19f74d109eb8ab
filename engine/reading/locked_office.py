"""Office files under a password, old and new. Files that Excel locked with its own well-known
password, and opens without asking, are opened likewise.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import msoffcrypto
from msoffcrypto.exceptions import DecryptionError, FileFormatError, InvalidKeyError, ParseError

from engine.reading.document import NotReadError, Reading, Source
from engine.reading.formats import choose
from engine.reading.sniff import HEAD
from engine.records import DocumentState

_OF_EXCEL = "VelvetSweatshop"  # ECMA-376 and MS-OFFCRYPTO 2.4.2
_LARGEST = 200_000_000
_FAULTS = (
    FileFormatError,
    ParseError,
    DecryptionError,
    struct.error,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    OSError,
    NotImplementedError,
    AssertionError,
)


def read(source: Source) -> Reading:
    """Raises ``NotReadError`` where the passphrase is missing or wrong."""
    with unlocked(source) as opened:
        if opened is source:
            raise NotReadError(
                DocumentState.LOCKED,
                "The file is protected in a way that Carrel does not know; save a copy without a "
                "password to index it.",
            )
        with opened.path.open("rb") as file:
            known = choose(opened.path, file.read(HEAD))
        return known.reader().read(opened)


@contextmanager
def unlocked(source: Source) -> Iterator[Source]:
    """``source`` itself, or where it is locked and its passphrase fits, a copy that is not, for
    as long as the block lasts. Raises ``NotReadError``, LOCKED, where it does not fit."""
    if source.path.stat().st_size > _LARGEST:
        yield source
        return
    with TemporaryDirectory(prefix="carrel-", ignore_cleanup_errors=True) as folder:
        made = Path(folder, f"document{source.path.suffix}")
        yield replace(source, path=made) if _unlock(source, made) else source


def _unlock(source: Source, made: Path) -> bool:
    """Whether the file was locked, and now lies open as ``made``."""
    with source.path.open("rb") as locked:
        try:
            office = msoffcrypto.OfficeFile(locked)
            if not office.is_encrypted():
                return False
        except _FAULTS:
            return False
        tries = [source.passphrase] if source.passphrase else []
        for passphrase in [*tries, _OF_EXCEL]:
            try:
                with made.open("wb") as opened:
                    office.load_key(password=passphrase)
                    office.decrypt(opened)
                return True
            except (InvalidKeyError, *_FAULTS):
                continue
    raise NotReadError(
        DocumentState.LOCKED,
        "The passphrase does not open this file."
        if source.passphrase
        else "The file is protected with a passphrase.",
    )
