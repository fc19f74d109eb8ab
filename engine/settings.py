"""What Carrel remembers between starts: one small JSON file in the config folder.

A file that cannot be read is set aside, never overwritten: a person may want it back.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import msgspec

from engine.paths import config_dir


@dataclass(frozen=True, slots=True)
class AddedModel:
    """A model folder that a person has added: ``kind`` is "embedder" or "reranker"."""

    folder: str
    kind: str
    name: str
    dimension: int = 0


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything remembered. ``recent`` are libraries by last use, newest first; ``reranker`` is
    the folder of the one in use, empty for none; ``window`` holds Qt's own opaque state, base64
    text by name."""

    last_library: str = ""
    recent: tuple[str, ...] = ()
    model: str = ""
    added_models: tuple[AddedModel, ...] = ()
    reranker: str = ""
    theme: str = "system"
    window: dict[str, str] = field(default_factory=dict)


class SettingsFile:
    """Reads and replaces the settings file; writing is atomic."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or config_dir() / "settings.json"

    def load(self) -> Settings:
        try:
            return msgspec.json.decode(self.path.read_bytes(), type=Settings)
        except FileNotFoundError:
            return Settings()
        except (OSError, msgspec.MsgspecError):
            with contextlib.suppress(OSError):
                self.path.replace(self.path.with_suffix(".damaged.json"))
            return Settings()

    def update(self, **changes: Any) -> Settings:
        """Change some fields. Raises ``OSError`` where the folder cannot be written."""
        settings = replace(self.load(), **changes)
        self._write(settings)
        return settings

    def edit(self, change: Callable[[Settings], Settings]) -> Settings:
        settings = change(self.load())
        self._write(settings)
        return settings

    def _write(self, settings: Settings) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        data = msgspec.json.format(msgspec.json.encode(settings), indent=2)
        handle, name = tempfile.mkstemp(dir=self.path.parent, prefix=".settings-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(self.path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
