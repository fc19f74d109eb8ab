"""``carrel models``: all that are there, and adding, choosing, measuring and removing one."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from engine.cli import output
from engine.library import Library
from engine.models.catalogue import Catalogue
from engine.models.entries import Fit, ModelEntry, ModelKind
from engine.records import EmbedderState
from engine.settings import AddedModel, SettingsFile
from engine.workers import CancelToken

NONE, NO_RERANKER = "none", "no-reranker"


def show(library: Library, options: argparse.Namespace, cancel: CancelToken) -> int:
    entries = Catalogue(SettingsFile()).entries()
    use = _use(library, entries)
    passages = library.status().passages
    if options.json:
        rows = [_row(entry, use.get(entry.place)) for entry in entries]
        output.print_json({"models": rows, "passages": passages})
        return 0
    for entry in entries:
        print(_text(entry, use.get(entry.place), passages))
    return 0


def add(library: Library, options: argparse.Namespace, cancel: CancelToken) -> int:
    entry = Catalogue(SettingsFile()).add(
        options.path,
        copy=options.copy,
        on_progress=_shown() if options.copy else None,
        cancel=cancel,
    )
    if options.json:
        output.print_json(_row(entry, _use(library, (entry,)).get(entry.place)))
        return 0
    print(f"Added the {entry.kind} {entry.name}. Use it with: carrel models use “{entry.name}”")
    for said in (_facts(entry), entry.problem, entry.remark):
        if said:
            print(said)
    return 0


def use(library: Library, options: argparse.Namespace, cancel: CancelToken) -> int:
    catalogue = Catalogue(SettingsFile())
    if options.name == NONE:
        catalogue.choose("")
        return _say(options, None, "The best quotes answer from now on: no model writes.")
    if options.name == NO_RERANKER:
        catalogue.choose("", ModelKind.RERANKER)
        said = "Passages stay in the order that the search gives them: no reranker is used."
        return _say(options, None, said)
    entry = catalogue.named(options.name)
    if entry.kind is ModelKind.EMBEDDER:
        library.use_embedder(Path(entry.place) if entry.place else None)
        state = _use(library, (entry,))[entry.place]
        if state.serves:
            return _say(options, entry, f"{entry.name} serves this library.")
        later = "takes over once it has read all passages: carrel index does that, and the embedder"
        return _say(options, entry, f"{entry.name} {later} before answers until then.")
    catalogue.choose(entry.place)
    if entry.kind is ModelKind.GENERATOR:
        return _say(options, entry, f"{entry.name} answers from now on.")
    return _say(options, entry, f"{entry.name} puts the best passages in order from now on.")


def remove(library: Library, options: argparse.Namespace, cancel: CancelToken) -> int:
    catalogue = Catalogue(SettingsFile())
    entry = catalogue.named(options.name)
    catalogue.remove(entry.place)
    files = "Carrel's copy was deleted" if entry.copied else "its files stay where they are"
    return _say(options, entry, f"{entry.name} was removed from the list; {files}.")


def measure(library: Library, options: argparse.Namespace, cancel: CancelToken) -> int:
    catalogue = Catalogue(SettingsFile())
    entry = catalogue.measure(catalogue.named(options.name).place, cancel)
    return _say(options, entry, f"{entry.name}: {_speed(entry)}")


def _say(options: argparse.Namespace, entry: ModelEntry | None, said: str) -> int:
    if not options.json:
        print(said)
    elif entry is None:
        output.print_json({"name": options.name, "kind": None, "folder": None})
    else:
        output.print_json(_row(entry, None))
    return 0


def _use(library: Library, entries: tuple[ModelEntry, ...]) -> dict[str, EmbedderState]:
    embedders = [
        AddedModel(entry.place, entry.kind, entry.name, entry.dimension)
        for entry in entries
        if entry.kind is ModelKind.EMBEDDER
    ]
    return {state.folder: state for state in library.embedders(embedders)}


def _row(entry: ModelEntry, use: EmbedderState | None) -> dict[str, Any]:
    return {
        "name": entry.name,
        "kind": entry.kind.value,
        "folder": entry.place,
        "present": not entry.place or Path(entry.place).exists(),
        "serves": use.serves if use else entry.chosen,
        "wanted": use.wanted if use else entry.chosen,
        "embedded": use.embedded if use else 0,
        "shipped": entry.shipped,
        "copied": entry.copied,
        "problem": entry.problem,
        "remark": entry.remark,
        "fit": entry.fit.value if entry.fit else None,
        "facts": asdict(entry.facts) if entry.facts else None,
        "speed": asdict(entry.speed) if entry.speed else None,
        "digest": entry.digest,
        "dimension": entry.dimension,
    }


def _text(entry: ModelEntry, use: EmbedderState | None, passages: int) -> str:
    where = "ships with Carrel" if entry.shipped else entry.place
    state = "serves" if (use.serves if use else entry.chosen) else ""
    if use is not None and use.wanted and not use.serves:
        state = f"to take over: {use.embedded:,} of {passages:,} passages"
    head = f"{entry.name}  ({entry.kind}, {where}){'  ' + state if state else ''}"
    said = [part for part in (_facts(entry), _speed(entry)) if part]
    more = [", ".join(said), entry.problem, entry.remark]
    return "\n  ".join([head, *(line for line in more if line)])


def _facts(entry: ModelEntry) -> str:
    facts = entry.facts
    if facts is None:
        return ""
    fits = {
        Fit.FITS: "fits into memory",
        Fit.TIGHT: "fits into memory once other programs are closed",
        Fit.TOO_LARGE: "too large for this computer's memory",
    }
    parts = [
        f"{facts.parameters / 1e9:.2g} billion parameters"
        if facts.parameters >= 1e9
        else f"{facts.parameters / 1e6:.3g} million parameters",
        facts.quantisation,
        f"{facts.size / 1e6:,.0f} MB" + (f" in {facts.parts} parts" if facts.parts > 1 else ""),
        f"context {facts.context:,}" if facts.context else "",
        f"licence {facts.licence}" if facts.licence else "",
        f"languages {', '.join(facts.languages[:12])}" if facts.languages else "",
        fits[entry.fit] if entry.fit else "",
    ]
    return ", ".join(part for part in parts if part)


def _speed(entry: ModelEntry) -> str:
    speed = entry.speed
    if speed is None:
        return ""
    threads = "1 thread" if speed.threads == 1 else f"{speed.threads} threads"
    return (
        f"reads {speed.prefill:,.0f} and writes {speed.decode:,.1f} tokens a second with {threads}"
    )


def _shown() -> Callable[[int, int], None]:
    """Copying, in whole per cents on standard error."""
    last = -1

    def tell(done: int, total: int) -> None:
        nonlocal last
        percent = 100 * done // max(total, 1)
        if percent != last and sys.stderr.isatty():
            last = percent
            end = "\n" if done >= total else ""
            print(f"\rCopying: {percent} %", end=end, file=sys.stderr, flush=True)

    return tell
