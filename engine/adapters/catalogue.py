"""The adapters on this computer: those that ship, and those that a person has added.

A GGUF is used where it lies; what PEFT saved is converted, and the result is Carrel's own. What was
found out about them is kept in the settings, so that the list with what fits the model can be shown
at once and without a child process.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from engine.adapter_facts import AdapterCheck, AdapterEntry, AdapterFacts, AdapterMatch
from engine.errors import CarrelError, ModelError
from engine.models import gguf_lora
from engine.models.catalogue import Catalogue
from engine.models.copying import new_folder, remove_copy
from engine.models.entries import ModelEntry, ModelKind
from engine.models.gguf_facts import plain_line
from engine.models.gguf_header import is_gguf
from engine.models.listing import memory_here, named, numbered
from engine.models.trying import try_adapter
from engine.paths import converted_adapters_dir, shipped_adapters
from engine.settings import KnownAdapter, Settings, SettingsFile
from engine.workers import CancelToken

_LONGEST_NAME = 60
"""Letters of a name that a person gives."""


class Adapters:
    """Every method may be called from any thread. Those that take a ``cancel`` may take seconds
    and raise ``CancelledError``; the others look at the files' dates at most. ``model`` is a GGUF
    to match with; without one it is the model that answers."""

    def __init__(
        self,
        settings: SettingsFile,
        catalogue: Catalogue,
        *,
        copies: Path | None = None,
        shipped: Callable[[], tuple[Path, ...]] = shipped_adapters,
        memory: Callable[[], tuple[int, int]] = memory_here,
    ) -> None:
        """``copies`` is the folder of Carrel's own files; ``shipped`` tells those that come with
        it, ``memory`` this computer's bytes, in all and free."""
        self._settings = settings
        self._catalogue = catalogue
        self._copies = copies or converted_adapters_dir()
        self._shipped = shipped
        self._memory = memory
        self._adding = threading.Lock()
        self._own: dict[Path, KnownAdapter] = {}

    # --- looking ----------------------------------------------------------------------------

    def entries(self, model: Path | None = None) -> tuple[AdapterEntry, ...]:
        """All adapters, those that ship first."""
        wanted = self._model(model)
        known = self._settings.load().adapters
        own = self._own_ones()
        shipped = {one.file for one in own}
        return tuple(self._entry(one, wanted, one.file in shipped) for one in (*own, *known))

    def entry(self, place: str) -> AdapterEntry:
        """By its place. Raises ``CarrelError`` where there is none."""
        for entry in self.entries():
            if entry.place == place:
                return entry
        raise CarrelError("This adapter is no longer in the list.")

    def named(self, name: str) -> AdapterEntry:
        """By its name, its file, or what was added. Raises ``CarrelError`` where there is none."""
        entries = self.entries()
        found = named(entries, name, lambda entry: (entry.place, entry.origin))
        if found is not None:
            return found
        known = ", ".join(entry.name for entry in entries)
        raise CarrelError(
            f"There is no adapter “{name}”. {f'Known are: {known}. ' if known else ''}"
            "Add one with: carrel adapters add FILE or FOLDER"
        )

    def check(
        self, path: Path, model: Path | None = None, cancel: CancelToken | None = None
    ) -> AdapterCheck:
        """Look into a GGUF, or a PEFT folder or zip, in a child process. Raises ``ModelError`` with
        why it is none that can be used with any model."""
        from engine.adapters.looking import look_into

        models = self._models(model, only=True)
        found = look_into(_there(path), models, cancel)
        return AdapterCheck(found.facts, _first(found.matches, models))

    # --- changing ---------------------------------------------------------------------------

    def add(
        self,
        path: Path,
        *,
        model: Path | None = None,
        name: str = "",
        cancel: CancelToken | None = None,
    ) -> AdapterEntry:
        """Look into an adapter and remember it; what PEFT saved is converted first, for ``model``,
        or the model that answers, or another of the list that it fits. Where one of them does, it
        is tried on that. Raises ``ModelError`` with why it cannot be used."""
        place = _there(path)
        with self._adding:
            for entry in self.entries():
                if entry.place == str(place) and entry.shipped:
                    return entry
            if place.is_file() and is_gguf(place):
                return self._add_gguf(place, model, name, cancel)
            return self._add_converted(place, model, name, cancel)

    def convert(
        self,
        path: Path,
        out: Path,
        *,
        model: Path | None = None,
        cancel: CancelToken | None = None,
    ) -> AdapterFacts:
        """Write what PEFT saved as a GGUF to ``out``, and try it where there is a model that it
        fits. Raises ``ModelError``, also where ``model`` is given and it does not fit that."""
        if model is not None:
            match = self.check(path, model, cancel).match
            if match is not None and match.problems:
                raise ModelError(" ".join(match.problems))
        return self._convert(_there(path), out, model, "", cancel)

    def rename(self, place: str, name: str) -> None:
        """Raises ``CarrelError`` where there is no such adapter, or the name is another's."""
        entry = self.entry(place)
        wanted = plain_line(name, _LONGEST_NAME)
        if not wanted:
            raise CarrelError("An adapter needs a name.")
        if entry.shipped:
            raise CarrelError(f"{entry.name} is a part of Carrel and keeps its name.")
        if any(other.name == wanted for other in self.entries() if other.place != place):
            raise CarrelError(f"There is an adapter “{wanted}” already. Choose another name.")

        def change(settings: Settings) -> Settings:
            kept = (replace(a, name=wanted) if a.file == place else a for a in settings.adapters)
            return replace(settings, adapters=tuple(kept))

        self._settings.edit(change)

    def remove(self, place: str) -> None:
        """Forget an adapter. Its file stays untouched, unless it is Carrel's own. Raises
        ``CarrelError`` where it cannot be removed."""
        entry = self.entry(place)
        if entry.shipped:
            raise CarrelError(f"{entry.name} is a part of Carrel and cannot be removed.")

        def forget(settings: Settings) -> Settings:
            digests = {file: known for file, known in settings.digests.items() if file != place}
            kept = tuple(a for a in settings.adapters if a.file != place)
            return replace(settings, adapters=kept, digests=digests)

        self._settings.edit(forget)
        if entry.copied:
            remove_copy(Path(place), self._copies)

    # --- parts ------------------------------------------------------------------------------

    def _add_gguf(
        self, place: Path, model: Path | None, name: str, cancel: CancelToken | None
    ) -> AdapterEntry:
        from engine.adapters.looking import look_into

        models = self._models(model)
        found = look_into(place, models, cancel)
        self._try(place, found.matches, models, cancel)
        return self._remember(place, found.facts, name, origin=place)

    def _add_converted(
        self, origin: Path, model: Path | None, name: str, cancel: CancelToken | None
    ) -> AdapterEntry:
        """The one that was made of the same before gives way to the new one."""
        before = [one for one in self._settings.load().adapters if one.origin == str(origin)]
        wanted = plain_line(name, _LONGEST_NAME) or (before[0].name if before else "")
        folder = new_folder(self._copies, origin.stem)
        try:
            out = folder / f"{folder.name}.gguf"
            facts = self._convert(origin, out, model, wanted, cancel)
        except BaseException:
            remove_copy(folder / "none", self._copies)
            raise
        for one in before:
            if one.copied:
                self.remove(one.file)
        return self._remember(out, facts, wanted, origin=origin, copied=True)

    def _convert(
        self,
        path: Path,
        out: Path,
        model: Path | None,
        name: str,
        cancel: CancelToken | None,
    ) -> AdapterFacts:
        from engine.adapters.looking import convert

        models = self._models(model)
        found = convert(path, out, models, name=name, cancel=cancel)
        try:
            self._try(out, found.matches, models, cancel)
        except BaseException:
            out.unlink(missing_ok=True)
            raise
        return found.facts

    def _try(
        self,
        adapter: Path,
        matches: tuple[AdapterMatch | None, ...],
        models: list[tuple[Path, str]],
        cancel: CancelToken | None,
    ) -> None:
        """On the first model that it fits and that this computer can hold."""
        total, _ = self._memory()
        for match, (file, _) in zip(matches, models, strict=True):
            if match is not None and match.fits:
                known = self._model(file)
                if known is None or known.facts is None or known.facts.memory <= total:
                    try_adapter(adapter, file, cancel)
                    return

    def _remember(
        self,
        file: Path,
        facts: AdapterFacts,
        name: str,
        *,
        origin: Path,
        copied: bool = False,
    ) -> AdapterEntry:
        place, stat = str(file), file.stat()
        facts = replace(facts, size=stat.st_size)

        def keep(settings: Settings) -> Settings:
            others = tuple(one for one in settings.adapters if one.file != place)
            before = next((one.name for one in settings.adapters if one.file == place), "")
            taken = {one.name for one in (*others, *self._own_ones())}
            wanted = plain_line(name, _LONGEST_NAME) or before or facts.name
            known = KnownAdapter(
                place,
                numbered(wanted, taken),
                stat.st_size,
                stat.st_mtime_ns,
                facts,
                origin=str(origin),
                copied=copied,
            )
            return replace(settings, adapters=(*others, known))

        self._settings.edit(keep)
        return self.entry(place)

    def _models(self, model: Path | None, *, only: bool = False) -> list[tuple[Path, str]]:
        """Models to match with: ``model``, else the one that answers, and unless ``only`` that
        one is wanted, all others of the list."""
        first = model or self._catalogue.chosen_generator()
        known = {
            Path(entry.place): entry.name
            for entry in self._catalogue.entries()
            if entry.kind is ModelKind.GENERATOR and not entry.problem
        }
        found: list[tuple[Path, str]] = []
        if first is not None:
            first = first.expanduser().resolve() if first not in known else first
            found.append((first, known.get(first, "")))
        if model is None and not only:
            found += [(file, name) for file, name in known.items() if file != first]
        return found

    def _model(self, model: Path | None) -> ModelEntry | None:
        """What is known of a model, or of the one that answers."""
        wanted = model or self._catalogue.chosen_generator()
        for entry in self._catalogue.entries():
            if entry.kind is ModelKind.GENERATOR and entry.place == str(wanted):
                return entry
        return None

    def _entry(self, known: KnownAdapter, model: ModelEntry | None, shipped: bool) -> AdapterEntry:
        match = None
        if model is not None and model.facts is not None:
            from engine.adapters.matching import match as matched

            match = matched(known.facts, model.facts, model.name)
        return AdapterEntry(
            name=known.name,
            place=known.file,
            origin=known.origin,
            facts=known.facts,
            match=match,
            shipped=shipped,
            copied=known.copied,
            problem=_problem(known),
            digest=self._catalogue.known_digest(Path(known.file)),
        )

    def _own_ones(self) -> tuple[KnownAdapter, ...]:
        """Those that ship. Their files are Carrel's own, so they are looked into right here."""
        found = []
        for file in self._shipped():
            stat = file.stat()
            known = self._own.get(file)
            if known is None or (known.size, known.modified_ns) != (stat.st_size, stat.st_mtime_ns):
                facts = gguf_lora.inspect(file)
                known = KnownAdapter(
                    str(file), facts.name, stat.st_size, stat.st_mtime_ns, facts, origin=str(file)
                )
                self._own[file] = known
            found.append(known)
        return tuple(found)


def _there(path: Path) -> Path:
    place = path.expanduser().resolve()
    if not place.exists():
        raise ModelError(f"There is no file or folder {path}.")
    return place


def _first(
    matches: tuple[AdapterMatch | None, ...], models: list[tuple[Path, str]]
) -> AdapterMatch | None:
    if not models:
        return None
    if matches[0] is None:
        name = plain_line(models[0][0].name)
        raise ModelError(f"“{name}” is no model that Carrel can match an adapter with.")
    return matches[0]


def _problem(known: KnownAdapter) -> str:
    file = Path(known.file)
    try:
        stat = file.stat()
    except OSError:
        if known.copied:
            return "Carrel's converted file is gone. Add the adapter again."
        return "Its file is not there. Was it moved or deleted?"
    if (stat.st_size, stat.st_mtime_ns) != (known.size, known.modified_ns):
        return "Its file has changed since it was added. Add it again."
    return ""
