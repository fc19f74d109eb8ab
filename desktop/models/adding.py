"""Bringing models in: what was dropped or chosen, where it shall live, and its way here."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QVBoxLayout, QWidget

from desktop.bridge import Bridge, Job
from desktop.lists.incoming import Incoming
from desktop.lists.pending import Pending
from desktop.models.add_dialog import AddDialog
from desktop.models.wording import file_size
from desktop.plain import one_line
from engine.errors import CarrelError
from engine.models.catalogue import Catalogue
from engine.models.entries import ModelEntry
from engine.models.gguf_facts import parts
from engine.models.gguf_header import GGUF
from engine.paths import copied_models_dir

_MARKS = ("config.json", "modules.json")


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something that may be a model; ``size`` in bytes, all parts together. ``problem`` says why
    it cannot even be tried."""

    path: Path
    name: str
    size: int = 0
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """``free`` is the space for copies in bytes."""

    candidates: tuple[Candidate, ...]
    free: int


def look(paths: Sequence[Path]) -> Found:
    """What of ``paths`` may be models. Asks the disk, so not for the UI thread."""
    found: dict[Path, Candidate] = {}
    for path in paths:
        try:
            candidates = _candidates(path)
        except OSError as error:
            problem = f"It cannot be read: {error.strerror or error}."
            candidates = [Candidate(path, path.name, problem=problem)]
        for candidate in candidates:
            found.setdefault(candidate.path, candidate)
    return Found(tuple(found.values()), _free(copied_models_dir()))


def _candidates(path: Path) -> list[Candidate]:
    if not path.is_dir():
        return [_file(path)]
    if any((path / mark).is_file() for mark in _MARKS):
        size = sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
        return [Candidate(path, path.name, size)]
    files = sorted(file for file in path.iterdir() if file.suffix.lower() == GGUF)
    if files:
        return [_file(file) for file in files]
    return [
        Candidate(
            path,
            path.name,
            problem="This folder holds no model: no GGUF file, and no config.json of an embedder "
            "or reranker. To add documents, drop them onto Documents.",
        )
    ]


def _file(path: Path) -> Candidate:
    if path.suffix.lower() != GGUF:
        return Candidate(
            path,
            path.name,
            problem="This file is no model. Carrel takes GGUF files, and folders of embedders and "
            "rerankers.",
        )
    try:
        files = parts(path)
        return Candidate(files[0], files[0].name, sum(file.stat().st_size for file in files))
    except (CarrelError, OSError) as error:
        return Candidate(path, path.name, problem=str(error))


def _free(folder: Path) -> int:
    for place in (folder, *folder.parents):
        try:
            return shutil.disk_usage(place).free
        except OSError:
            continue
    return 0


class Adding(Incoming):
    """Asks where models shall live, then lets each in; what goes wrong is said in its place."""

    def __init__(
        self, bridge: Bridge, catalogue: Catalogue, place: QVBoxLayout, window: QWidget
    ) -> None:
        super().__init__(bridge, place, window)
        self._catalogue = catalogue

    def choose_file(self) -> None:
        """Let the person pick files."""
        dialog = self.dialog("Add a model", QFileDialog.FileMode.ExistingFiles)
        dialog.setNameFilters([f"GGUF models (*{GGUF})", "All files (*)"])
        dialog.open()

    def choose_folder(self) -> None:
        """Let the person pick the folder of an embedder or reranker."""
        self.dialog("Add an embedder or a reranker", QFileDialog.FileMode.Directory).open()

    def take(self, paths: Sequence[Path]) -> None:
        self.bridge.run(self, lambda: look(paths), self._ask)

    def bring(
        self, path: Path, name: str, *, copy: bool, then: Callable[[ModelEntry], None] | None = None
    ) -> None:
        """Let one model in, showing how far it is; ``then`` is called with it."""

        def work(job: Job) -> ModelEntry:
            job.tell(None)
            return self._catalogue.add(
                path,
                copy=copy,
                on_progress=lambda done, total: job.tell((done, total)),
                cancel=job.token,
            )

        self.start(name, work, _show, then)

    # --- steps --------------------------------------------------------------------------------

    def _ask(self, found: Found) -> None:
        for candidate in found.candidates:
            if candidate.problem:
                self.refuse(candidate.name, candidate.problem)
        models = [candidate for candidate in found.candidates if not candidate.problem]
        if not models:
            return
        dialog = AddDialog(
            [(one_line(model.name), model.size) for model in models],
            models[0].path.parent,
            copied_models_dir(),
            found.free,
            self.window,
        )
        dialog.decided.connect(lambda copy: self._bring_all(models, copy))
        dialog.open()

    def _bring_all(self, models: Sequence[Candidate], copy: bool) -> None:
        for model in models:
            self.bring(model.path, model.name, copy=copy)


def _show(pending: Pending, how_far: tuple[int, int] | None) -> None:
    if how_far is None:
        pending.say("Checking that it is whole and runs here…", None)
        return
    done, total = how_far
    pending.say(
        f"Copying: {file_size(done)} of {file_size(total)}",
        round(1000 * done / total) if total else None,
    )
