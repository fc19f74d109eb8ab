"""The models on this computer: those that ship, and those that a person has added.

Models are used where they lie, unless a copy was asked for. What was found out about them is kept
in the settings, so that the list can be shown at once and without a child process.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from engine.errors import CarrelError, ChildError, ModelError
from engine.model_facts import Speed
from engine.models import gguf_facts
from engine.models.copying import CopyProgress, copy_files, digest_of, remove_copy
from engine.models.entries import ModelEntry, ModelKind
from engine.models.gguf_header import GGUF
from engine.models.listing import (
    folder_entry,
    free_name,
    generator_entry,
    known_digest,
    known_generator,
    memory_here,
    named,
    numbered,
    stamp_of,
    unchanged,
    with_generator,
)
from engine.models.trying import inspect_generator, measure_generator
from engine.paths import copied_models_dir, shipped_embedder, starter_model
from engine.settings import (
    QUOTES_ONLY,
    AddedModel,
    FileDigest,
    KnownGenerator,
    Settings,
    SettingsFile,
)
from engine.workers import CancelToken

SHIPPED_NAME = "all-MiniLM-L6-v2"
STARTER_NAME = "SmolLM2-135M-Instruct"
_KEPT_DIGESTS = 200


class Catalogue:
    """Every method may be called from any thread. Those that take a ``cancel`` may take seconds
    or minutes and raise ``CancelledError``; the others look at the files' dates at most."""

    def __init__(
        self,
        settings: SettingsFile,
        *,
        copies: Path | None = None,
        memory: Callable[[], tuple[int, int]] | None = None,
    ) -> None:
        """``copies`` is the folder of Carrel's own copies; ``memory`` tells this computer's bytes,
        in all and free."""
        self._settings = settings
        self._copies = copies or copied_models_dir()
        self._memory = memory or memory_here
        self._adding = threading.Lock()

    # --- looking ----------------------------------------------------------------------------

    def entries(self) -> tuple[ModelEntry, ...]:
        """All models: generators, embedders, rerankers, the shipped one of a kind first."""
        settings = self._settings.load()
        total, free = self._memory()
        entries = [
            generator_entry(known, settings, total, free)
            for known in sorted(self._generators(settings), key=lambda known: known.added)
        ]
        shipped = ModelEntry(ModelKind.EMBEDDER, SHIPPED_NAME, "", False, shipped=True)
        added = [folder_entry(model, settings, self._copies) for model in settings.added_models]
        folders = sorted(added, key=lambda entry: entry.kind is ModelKind.RERANKER)
        return (*entries, shipped, *folders)

    def entry(self, place: str) -> ModelEntry:
        """By its place. Raises ``CarrelError`` where there is none."""
        for entry in self.entries():
            if entry.place == place:
                return entry
        raise CarrelError("This model is no longer in the list.")

    def named(self, name: str) -> ModelEntry:
        """By its name, file or folder. Raises ``CarrelError`` where there is none."""
        entries = self.entries()
        found = named(entries, name, lambda entry: (entry.place,))
        if found is not None:
            return found
        known = ", ".join(entry.name for entry in entries)
        raise CarrelError(
            f"There is no model “{name}”. Known are: {known}. "
            "Add one with: carrel models add FILE or FOLDER"
        )

    def chosen_generator(self) -> Path | None:
        """The model that answers: the one chosen, else the starter where it is installed. None
        where the person wants quotes only, or there is no model."""
        model = self._settings.load().model
        if model == QUOTES_ONLY:
            return None
        if model:
            return Path(model)
        starter = starter_model()
        return starter if starter.is_file() else None

    def speed(self, model: Path) -> Speed | None:
        """What was measured, if it was."""
        known = known_generator(self._settings.load(), str(model))
        return known.speed if known is not None else None

    # --- changing ---------------------------------------------------------------------------

    def add(
        self,
        path: Path,
        *,
        copy: bool = False,
        on_progress: CopyProgress | None = None,
        cancel: CancelToken | None = None,
    ) -> ModelEntry:
        """Look into a GGUF (any part of a split one) or a folder of an embedder or reranker, in a
        child process, and remember it; with ``copy``, copy it first into Carrel's own folder and
        tell of bytes done and in all. Raises ``ModelError`` with why it cannot be used."""
        place = path.expanduser().resolve()
        if not place.exists():
            raise ModelError(f"There is no file or folder {path}.")
        token = cancel or CancelToken()
        with self._adding:
            if place == shipped_embedder().resolve():
                return self.entry("")
            if place == starter_model().resolve():
                return self.entry(str(starter_model()))
            if place.is_dir():
                return self._add_folder(place, copy, on_progress, token)
            return self._add_generator(place, copy, on_progress, token)

    def remove(self, place: str) -> None:
        """Forget a model. Its files stay untouched, unless they are Carrel's own copy. What was
        chosen gives way to what ships. Raises ``CarrelError`` where it cannot be removed."""
        entry = self.entry(place)
        if entry.shipped:
            raise CarrelError(f"{entry.name} is a part of Carrel and cannot be removed.")

        def forget(settings: Settings) -> Settings:
            digests = {file: known for file, known in settings.digests.items() if file != place}
            return replace(
                settings,
                generators=tuple(g for g in settings.generators if g.file != place),
                added_models=tuple(m for m in settings.added_models if m.folder != place),
                model="" if settings.model == place else settings.model,
                reranker="" if settings.reranker == place else settings.reranker,
                digests=digests,
            )

        self._settings.edit(forget)
        if entry.copied:
            remove_copy(Path(place), self._copies)

    def choose(self, place: str, kind: ModelKind = ModelKind.GENERATOR) -> None:
        """Use a generator or reranker from now on. An empty place is none of ``kind``: quotes
        only, or no reranker. An embedder is chosen for a library (``Library.use_embedder``)."""
        if place:
            entry = self.entry(place)
            kind = entry.kind
            if entry.problem:
                raise ModelError(f"{entry.name} cannot be used: {entry.problem}")
        if kind is ModelKind.EMBEDDER:
            raise CarrelError("An embedder is chosen for each library, not for all of them.")
        if kind is ModelKind.RERANKER:
            self._settings.update(reranker=place)
            return
        starter = place == str(starter_model())
        self._settings.update(model="" if starter else place or QUOTES_ONLY)

    def measure(self, place: str, cancel: CancelToken | None = None) -> ModelEntry:
        """Find out in a few seconds how fast a generator runs here, in a child of its own, and
        remember it."""
        entry = self.entry(place)
        if entry.kind is not ModelKind.GENERATOR:
            raise CarrelError("Only models that answer are measured.")
        if entry.problem:
            raise ModelError(f"{entry.name} cannot be measured: {entry.problem}")
        speed = measure_generator(Path(place), cancel)

        def keep(settings: Settings) -> Settings:
            known = next(g for g in self._generators(settings) if g.file == place)
            return with_generator(settings, replace(known, speed=speed))

        self._settings.edit(keep)
        return self.entry(place)

    def digest(self, path: Path, cancel: CancelToken | None = None) -> str:
        """The SHA-256, in hex, of a file or of all parts of a split one after the other. It is
        computed once and again when the file's size or time of change is another."""
        files = gguf_facts.parts(path)
        known = self.known_digest(path)
        if known:
            return known
        size, modified = stamp_of(files)
        found = digest_of(files, cancel or CancelToken())
        self._remember_digest(str(files[0]), FileDigest(size, modified, found))
        return found

    def known_digest(self, path: Path) -> str:
        """The digest if it was computed and is still true, else nothing; at once."""
        return known_digest(self._settings.load(), path)

    # --- parts ------------------------------------------------------------------------------

    def _add_generator(
        self, path: Path, copy: bool, on_progress: CopyProgress | None, cancel: CancelToken
    ) -> ModelEntry:
        if path.suffix.lower() != GGUF:
            name = gguf_facts.plain_line(path.name)
            raise ModelError(
                f"“{name}” is no GGUF file and no folder. Carrel uses models in the GGUF form."
            )
        files = gguf_facts.parts(path)
        copied = self._copies.resolve() in files[0].parents
        facts, remark = inspect_generator(files[0], self._memory()[0], cancel)
        if copy and not copied:
            files, sha256 = copy_files(files, self._copies, on_progress, cancel)
            copied = True
            size, modified = stamp_of(files)
            self._remember_digest(str(files[0]), FileDigest(size, modified, sha256))
        place = str(files[0])
        stat = files[0].stat()

        def keep(settings: Settings) -> Settings:
            before = known_generator(settings, place)
            name = before.name if before else free_name(facts, self._names(settings))
            known = KnownGenerator(
                place, name, stat.st_size, stat.st_mtime_ns, facts, True, copied, remark
            )
            if before is not None and unchanged(before):
                known = replace(known, speed=before.speed)
            return with_generator(settings, known)

        self._settings.edit(keep)
        return self.entry(place)

    def _add_folder(
        self, folder: Path, copy: bool, on_progress: CopyProgress | None, cancel: CancelToken
    ) -> ModelEntry:
        from engine.models import embedder  # brings numpy, which no window waits for

        try:
            found = embedder.inspect(str(folder), cancel)
            if copy and self._copies.resolve() not in folder.parents:
                files = tuple(sorted(file for file in folder.rglob("*") if file.is_file()))
                copies, _ = copy_files(files, self._copies, on_progress, cancel, root=folder)
                folder = copies[0].parents[len(files[0].relative_to(folder).parts) - 1]
                found = embedder.inspect(str(folder), cancel)
        except ChildError as error:
            raise ModelError(str(error)) from error
        place = str(folder)

        def keep(settings: Settings) -> Settings:
            others = tuple(m for m in settings.added_models if m.folder != place)
            before = next((m.name for m in settings.added_models if m.folder == place), None)
            wanted = gguf_facts.plain_line(found.name) or folder.name
            name = before or numbered(wanted, self._names(settings))
            added = AddedModel(place, found.kind, name, found.dimension)
            return replace(settings, added_models=(*others, added))

        self._settings.edit(keep)
        return self.entry(place)

    def _generators(self, settings: Settings) -> tuple[KnownGenerator, ...]:
        """Those in the settings, and the starter. Its file is Carrel's own, so it is looked into
        right here, and only where it is new."""
        starter = starter_model()
        if not starter.is_file():
            return tuple(g for g in settings.generators if g.added)
        before = known_generator(settings, str(starter))
        if before is not None and unchanged(before):
            return settings.generators
        stat = starter.stat()
        known = KnownGenerator(
            str(starter),
            STARTER_NAME,
            stat.st_size,
            stat.st_mtime_ns,
            gguf_facts.inspect(starter),
            added=False,
        )
        return (known, *(g for g in settings.generators if g.file != known.file))

    def _names(self, settings: Settings) -> set[str]:
        generators = {known.name for known in settings.generators}
        return {SHIPPED_NAME, STARTER_NAME, *generators, *(m.name for m in settings.added_models)}

    def _remember_digest(self, place: str, digest: FileDigest) -> None:
        def keep(settings: Settings) -> Settings:
            others = [item for item in settings.digests.items() if item[0] != place]
            return replace(settings, digests=dict([*others[1 - _KEPT_DIGESTS :], (place, digest)]))

        self._settings.edit(keep)
