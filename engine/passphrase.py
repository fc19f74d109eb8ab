"""Passphrases from files, for those who start Carrel from a script."""

from __future__ import annotations

from pathlib import Path

from engine.errors import CarrelError


def read_passphrase(file: Path) -> str:
    """The file's text without its last line end. Raises ``CarrelError`` where there is none: an
    empty passphrase must not quietly make a library that is not encrypted."""
    try:
        text = file.read_text(encoding="utf-8").rstrip("\r\n")
    except OSError as error:
        raise CarrelError(
            f"The passphrase file {file} cannot be read: {error.strerror}."
        ) from error
    except UnicodeDecodeError:
        raise CarrelError(f"The passphrase file {file} does not hold text.") from None
    if not text:
        raise CarrelError(f"The passphrase file {file} is empty.")
    return text
