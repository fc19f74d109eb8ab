"""What the window remembers between starts, over the settings file.

A settings folder that cannot be written costs the memory, never the work.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QByteArray

from engine.records import OcrWish
from engine.settings import Settings, SettingsFile

log = logging.getLogger(__name__)

_MOST_RECENT = 8


class Remembered:
    """Geometry and other state of Qt's (base64), the theme, and the libraries used lately."""

    def __init__(self, file: SettingsFile) -> None:
        self._file = file
        self._settings = file.load()

    def state(self, name: str) -> QByteArray:
        """A widget's saved state; empty where there is none."""
        text = self._settings.window.get(name, "")
        return QByteArray.fromBase64(text.encode("ascii", "ignore"))

    def word(self, name: str, default: str = "") -> str:
        return self._settings.window.get(name, default)

    def keep(self, **values: QByteArray | str) -> None:
        """Remember states and words by name."""
        texts = {
            name: value if isinstance(value, str) else bytes(value.toBase64().data()).decode()
            for name, value in values.items()
        }
        self._change(lambda old: replace(old, window=old.window | texts))

    @property
    def theme(self) -> str:
        return self._settings.theme

    @theme.setter
    def theme(self, theme: str) -> None:
        self._change(lambda old: replace(old, theme=theme))

    @property
    def patience(self) -> float:
        """Seconds that a person waits for the first word of an answer."""
        return self._settings.patience_s

    @patience.setter
    def patience(self, seconds: float) -> None:
        self._change(lambda old: replace(old, patience_s=seconds))

    @property
    def ocr(self) -> OcrWish:
        """How pictures are read."""
        return self._settings.ocr

    @ocr.setter
    def ocr(self, wish: OcrWish) -> None:
        self._change(lambda old: replace(old, ocr=wish))

    @property
    def file(self) -> Path:
        return self._file.path

    @property
    def last_library(self) -> Path | None:
        return Path(self._settings.last_library) if self._settings.last_library else None

    @property
    def recent(self) -> list[Path]:
        """Libraries by last use, newest first."""
        return [Path(name) for name in self._settings.recent]

    def used(self, library: Path) -> None:
        """``library`` was opened just now."""
        name = str(library)

        def first(old: Settings) -> Settings:
            others = tuple(other for other in old.recent if other != name)
            return replace(old, last_library=name, recent=(name, *others)[:_MOST_RECENT])

        self._change(first)

    def _change(self, change: Callable[[Settings], Settings]) -> None:
        try:
            self._settings = self._file.edit(change)
        except OSError:
            log.warning("settings could not be written", exc_info=True)
            self._settings = change(self._settings)
