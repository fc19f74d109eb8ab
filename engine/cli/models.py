"""``carrel models``: the embedders and rerankers, adding one, and choosing one."""

from __future__ import annotations

import argparse
from pathlib import Path

from engine.cli import output
from engine.library import Library
from engine.models.added import AddedModels
from engine.settings import AddedModel, SettingsFile
from engine.workers import CancelToken


def show(library: Library, options: argparse.Namespace, cancel: CancelToken) -> int:
    settings = SettingsFile()
    models = AddedModels(settings).all()
    reranker = settings.load().reranker
    use = {state.folder: state for state in library.embedders(models)}
    rows = []
    for model in models:
        state = use.get(model.folder)
        rows.append(
            {
                "name": model.name,
                "kind": model.kind,
                "folder": model.folder,
                "present": not model.folder or Path(model.folder).is_dir(),
                "serves": state.serves if state else model.folder == reranker,
                "wanted": state.wanted if state else model.folder == reranker,
                "embedded": state.embedded if state else 0,
            }
        )
    if options.json:
        output.print_json({"models": rows, "passages": library.status().passages})
        return 0
    for row in rows:
        print(_line(row, library.status().passages))
    return 0


def add(library: Library, options: argparse.Namespace, cancel: CancelToken) -> int:
    added = AddedModels(SettingsFile()).add(options.folder, cancel)
    if options.json:
        output.print_json(_json(added))
    else:
        print(f"Added the {added.kind} {added.name}. Use it with: carrel models use “{added.name}”")
    return 0


def use(library: Library, options: argparse.Namespace, cancel: CancelToken) -> int:
    settings = SettingsFile()
    if options.name == "none":
        settings.update(reranker="")
        print("Passages stay in the order that the search gives them: no reranker is used.")
        return 0
    model = AddedModels(settings).named(options.name)
    if model.kind == "reranker":
        settings.update(reranker=model.folder)
        said = f"{model.name} puts the best passages in order from now on."
    else:
        library.use_embedder(Path(model.folder) if model.folder else None)
        serves = any(
            state.serves for state in library.embedders([model]) if state.folder == model.folder
        )
        said = (
            f"{model.name} serves this library."
            if serves
            else f"{model.name} takes over once it has read all passages: carrel index does that, "
            "and the embedder before answers until then."
        )
    if options.json:
        output.print_json(_json(model))
    else:
        print(said)
    return 0


def _json(model: AddedModel) -> dict[str, object]:
    return {"name": model.name, "kind": model.kind, "folder": model.folder}


def _line(row: dict[str, object], passages: int) -> str:
    where = row["folder"] or "ships with Carrel"
    state = "serves" if row["serves"] else ""
    if row["wanted"] and not row["serves"]:
        state = f"to take over: {row['embedded']:,} of {passages:,} passages"
    if not row["present"]:
        state = f"{state + '; ' if state else ''}its folder is not there"
    return f"{row['name']}  ({row['kind']}, {where}){'  ' + state if state else ''}"
