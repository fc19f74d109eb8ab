"""What Carrel remembers between starts: one small JSON file in the config folder.

A file that cannot be read is set aside, never overwritten: a person may want it back.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import filelock
import msgspec

from engine.adapter_facts import AdapterFacts
from engine.model_facts import GgufFacts, Speed
from engine.paths import config_dir, lock_file
from engine.records import OcrWish

QUOTES_ONLY = "none"
_LOCK_PATIENCE = 5.0


PATIENCE = 2.0  # seconds


@dataclass(frozen=True, slots=True)
class AddedModel:
    """A model folder that a person has added: ``kind`` is "embedder" or "reranker"."""

    folder: str
    kind: str
    name: str
    dimension: int = 0


@dataclass(frozen=True, slots=True)
class KnownGenerator:
    """A GGUF that was looked into: ``file`` is its first part. ``size`` and ``modified_ns`` are
    that part's when it was; ``added`` says that a person did, ``copied`` that the files are
    Carrel's own."""

    file: str
    name: str
    size: int
    modified_ns: int
    facts: GgufFacts
    added: bool = True
    copied: bool = False
    remark: str = ""
    speed: Speed | None = None


@dataclass(frozen=True, slots=True)
class KnownAdapter:
    """An adapter that was looked into: ``file`` is the GGUF that is applied, with its ``size`` and
    ``modified_ns`` of then; ``origin`` is what was added, ``copied`` says that the file is
    Carrel's own."""

    file: str
    name: str
    size: int
    modified_ns: int
    facts: AdapterFacts
    origin: str = ""
    copied: bool = False


@dataclass(frozen=True, slots=True)
class FileDigest:
    """A file's SHA-256 in hex, of when it had this size and time of change."""

    size: int
    modified_ns: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything remembered. ``recent`` are libraries by last use, newest first; ``model`` is
    the GGUF that answers, empty for the starter and ``QUOTES_ONLY`` for none; ``reranker`` is
    the folder of the one in use, empty for none; ``digests`` are by file; ``patience_s`` is how
    many seconds a person waits for an answer's first word; ``ocr`` is how pictures are read;
    ``window`` holds Qt's own opaque state, base64 text by name."""

    last_library: str = ""
    recent: tuple[str, ...] = ()
    model: str = ""
    generators: tuple[KnownGenerator, ...] = ()
    added_models: tuple[AddedModel, ...] = ()
    reranker: str = ""
    digests: dict[str, FileDigest] = field(default_factory=dict)
    adapters: tuple[KnownAdapter, ...] = ()
    theme: str = "system"
    patience_s: float = PATIENCE
    ocr: OcrWish = field(default_factory=OcrWish)
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
        return self.edit(lambda settings: replace(settings, **changes))

    def edit(self, change: Callable[[Settings], Settings]) -> Settings:
        """Change what is there, with nobody else's change lost in between. Raises as
        :meth:`update`."""
        with self._held():
            settings = change(self.load())
            self._write(settings)
        return settings

    @contextlib.contextmanager
    def _held(self) -> Iterator[None]:
        """One writer at a time, also of the window and the command line together."""
        lock = filelock.FileLock(lock_file(self.path))
        try:
            lock.acquire(_LOCK_PATIENCE)
        except filelock.Timeout:  # a lost change is better than none being possible
            yield
            return
        try:
            yield
        finally:
            lock.release()

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
