"""What the settings remember of models, as entries of the list: with what has become of their
files since, and whether they fit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol, TypeVar

import psutil

from engine.errors import ModelError
from engine.model_facts import GgufFacts
from engine.models import gguf_facts
from engine.models.entries import Fit, ModelEntry, ModelKind
from engine.settings import AddedModel, KnownGenerator, Settings

_SYSTEM_SHARE = 0.1  # of the memory, for the computer itself


class Named(Protocol):
    @property
    def name(self) -> str: ...


Entry = TypeVar("Entry", bound=Named)


def named(
    entries: Sequence[Entry], name: str, places: Callable[[Entry], tuple[str, ...]]
) -> Entry | None:
    """The one that a person calls ``name``: by its name, else by one of its ``places``."""
    try:
        place = str(Path(name).expanduser().resolve())
    except (OSError, RuntimeError):
        place = name
    for wanted in (name, place):
        for entry in entries:
            if wanted and wanted in (entry.name, *places(entry)):
                return entry
    return None


def generator_entry(known: KnownGenerator, settings: Settings, total: int, free: int) -> ModelEntry:
    """``total`` and ``free`` are this computer's memory in bytes."""
    starter = not known.added
    fit = _fit(known.facts.memory, total, free)
    return ModelEntry(
        ModelKind.GENERATOR,
        known.name,
        known.file,
        settings.model == known.file or (starter and not settings.model),
        shipped=starter,
        copied=known.copied,
        problem=_problem(known, fit),
        remark=known.remark,
        facts=known.facts,
        fit=fit,
        speed=known.speed,
        digest=known_digest(settings, Path(known.file)),
    )


def folder_entry(model: AddedModel, settings: Settings, copies: Path) -> ModelEntry:
    return ModelEntry(
        ModelKind(model.kind),
        model.name,
        model.folder,
        chosen=model.kind == ModelKind.RERANKER and model.folder == settings.reranker,
        copied=copies.resolve() in Path(model.folder).parents,
        problem="" if Path(model.folder).is_dir() else "Its folder is not there. Was it moved?",
        dimension=model.dimension,
    )


def known_generator(settings: Settings, place: str) -> KnownGenerator | None:
    return next((known for known in settings.generators if known.file == place), None)


def with_generator(settings: Settings, known: KnownGenerator) -> Settings:
    """The settings with one generator put in its place, or added at the end."""
    if known_generator(settings, known.file) is None:
        return replace(settings, generators=(*settings.generators, known))
    kept = tuple(known if g.file == known.file else g for g in settings.generators)
    return replace(settings, generators=kept)


def unchanged(known: KnownGenerator) -> bool:
    """Whether its first file is as it was when it was looked into."""
    try:
        stat = Path(known.file).stat()
    except OSError:
        return False
    return (stat.st_size, stat.st_mtime_ns) == (known.size, known.modified_ns)


def _problem(known: KnownGenerator, fit: Fit) -> str:
    file = Path(known.file)
    if not file.is_file():
        return "Its file is not there. Was it moved or renamed?"
    if known.facts.parts > 1:
        try:
            gguf_facts.parts(file)
        except ModelError as error:
            return str(error)
    if not unchanged(known):
        return "Its file has changed since it was added. Add it again."
    if fit is Fit.TOO_LARGE:
        return "It needs more memory than this computer has. Look for a smaller quantisation of it."
    return ""


def _fit(needed: int, total: int, free: int) -> Fit:
    if needed > total * (1 - _SYSTEM_SHARE):
        return Fit.TOO_LARGE
    return Fit.TIGHT if needed > free else Fit.FITS


def memory_here() -> tuple[int, int]:
    """This computer's memory in bytes: in all, and free."""
    memory = psutil.virtual_memory()
    return int(memory.total), int(memory.available)


def stamp_of(files: Iterable[Path]) -> tuple[int, int]:
    """The size of all and the time of the latest change."""
    stats = [file.stat() for file in files]
    return sum(stat.st_size for stat in stats), max(stat.st_mtime_ns for stat in stats)


def known_digest(settings: Settings, path: Path) -> str:
    """Empty where it was not computed, or the file is another since."""
    try:
        files = gguf_facts.parts(path)
        known = settings.digests.get(str(files[0]))
        true = known is not None and stamp_of(files) == (known.size, known.modified_ns)
    except (OSError, ModelError):
        return ""
    return known.sha256 if known is not None and true else ""


def free_name(facts: GgufFacts, taken: set[str]) -> str:
    """Its own name, or one that tells it from those ``taken``."""
    name = facts.name
    return numbered(name if name not in taken else f"{name} {facts.quantisation}", taken)


def numbered(name: str, taken: set[str]) -> str:
    free, number = name, 2
    while free in taken:
        free, number = f"{name} {number}", number + 1
    return free
