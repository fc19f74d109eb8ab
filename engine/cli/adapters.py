"""``carrel adapters``: all that are there, and checking, converting, adding, renaming and removing
one."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import Any

from engine.adapter_facts import AdapterEntry, AdapterFacts, AdapterForm, AdapterMatch
from engine.adapters.catalogue import Adapters
from engine.cli import output
from engine.cli.asking import model_named
from engine.errors import ModelError
from engine.exporting.writing import refuse_existing
from engine.models.catalogue import Catalogue
from engine.settings import SettingsFile
from engine.workers import CancelToken


def show(options: argparse.Namespace, cancel: CancelToken) -> int:
    entries = _adapters().entries()
    if options.json:
        output.print_json({"adapters": [_row(entry) for entry in entries]})
        return 0
    for entry in entries:
        print(_text(entry))
    return 0


def check(options: argparse.Namespace, cancel: CancelToken) -> int:
    """Not 0 where it does not fit the model, with the reason."""
    found = _adapters().check(options.path, model_named(options.model), cancel)
    if options.json:
        fields = {"adapter": asdict(found.facts), "match": _match_row(found.match)}
        output.print_json(fields)
    else:
        _print_lines(output.shown(found.facts.name), _facts(found.facts), _fits(found.match))
    if found.match is not None and not found.match.fits:
        raise ModelError(" ".join(found.match.problems))
    return 0


def convert(options: argparse.Namespace, cancel: CancelToken) -> int:
    out = options.out or _beside(options.path)
    if not options.force:
        refuse_existing(out)
    model = model_named(options.model)
    facts = _adapters().convert(options.path, out, model=model, cancel=cancel)
    if options.json:
        output.print_json({"file": str(out), "adapter": asdict(facts)})
    else:
        _print_lines(f"Written to {output.shown(str(out))}.", _facts(facts))
    return 0


def add(options: argparse.Namespace, cancel: CancelToken) -> int:
    model = model_named(options.model)
    adapters = _adapters()
    place = adapters.add(options.path, model=model, name=options.name, cancel=cancel).place
    entry = next(entry for entry in adapters.entries(model) if entry.place == place)
    name = output.shown(entry.name)
    return _say(options, entry, f"Added {name}.", _facts(entry.facts), _fits(entry.match))


def rename(options: argparse.Namespace, cancel: CancelToken) -> int:
    adapters = _adapters()
    place = adapters.named(options.name).place
    adapters.rename(place, options.new)
    entry = adapters.entry(place)
    return _say(options, entry, f"It is called {output.shown(entry.name)} now.")


def remove(options: argparse.Namespace, cancel: CancelToken) -> int:
    adapters = _adapters()
    entry = adapters.named(options.name)
    adapters.remove(entry.place)
    files = "Carrel's copy was deleted" if entry.copied else "its file stays where it is"
    name = output.shown(entry.name)
    return _say(options, entry, f"{name} was removed from the list; {files}.")


def _adapters() -> Adapters:
    settings = SettingsFile()
    return Adapters(settings, Catalogue(settings))


def _say(options: argparse.Namespace, entry: AdapterEntry, *lines: str) -> int:
    if options.json:
        output.print_json(_row(entry))
    else:
        _print_lines(*lines)
    return 0


def _print_lines(*lines: str) -> None:
    for line in lines:
        if line:
            print(line)


def _beside(path: Path) -> Path:
    place = path.expanduser().resolve()
    name = place.stem if place.suffix.lower() == ".zip" else place.name
    return place.with_name(f"{name}.gguf")


def _row(entry: AdapterEntry) -> dict[str, Any]:
    return {
        "name": entry.name,
        "file": entry.place,
        "origin": entry.origin,
        "shipped": entry.shipped,
        "copied": entry.copied,
        "problem": entry.problem,
        "match": _match_row(entry.match),
        "facts": asdict(entry.facts),
        "digest": entry.digest,
    }


def _match_row(match: AdapterMatch | None) -> dict[str, Any] | None:
    return None if match is None else {"fits": match.fits, **asdict(match)}


def _text(entry: AdapterEntry) -> str:
    where = "ships with Carrel" if entry.shipped else output.shown(entry.place)
    more = [_facts(entry.facts), entry.problem or _fits(entry.match)]
    head = f"{output.shown(entry.name)}  ({where})"
    return "\n  ".join([head, *(line for line in more if line)])


def _facts(facts: AdapterFacts) -> str:
    ranks = ", ".join(str(rank) for rank in facts.ranks)
    stabilised = ", rank-stabilised" if facts.rank_stabilised else ""
    parts = [
        "GGUF" if facts.form is AdapterForm.GGUF else "from PEFT",
        f"made for {facts.base}" if facts.base else "does not say what it was made for",
        facts.architecture,
        f"{facts.layers} layers of width {facts.width}" if facts.width else "",
        f"rank {ranks}, alpha {facts.alpha:g}{stabilised}",
        f"changes {', '.join(facts.targets)}",
        f"{facts.parameters / 1e6:.3g} million parameters",
        f"licence {facts.licence}" if facts.licence else "",
    ]
    return ", ".join(part for part in parts if part)


def _fits(match: AdapterMatch | None) -> str:
    if match is None:
        return ""
    if not match.fits:
        return f"Does not fit {match.model}. {' '.join(match.problems)}"
    return " ".join((f"Fits {match.model}.", *match.remarks))
