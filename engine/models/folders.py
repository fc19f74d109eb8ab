"""A folder with a sentence-transformers model, looked at before anything in it is loaded.

The folder is somebody else's: what could run code of its own (pickled weights, classes named by
their import path) is refused here, with the reason.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePosixPath
from typing import Any

import msgspec

from engine.errors import ModelError

_LARGEST_CONFIG = 4 << 20
_MODULES = {"Transformer", "Pooling", "Dense", "Normalize", "LayerNorm", "Dropout"}
_PICKLES = {".bin", ".pt", ".pth", ".pkl", ".pickle", ".ckpt"}
_DECIDING = (
    "*.safetensors", "*config*.json", "modules.json", "tokenizer.json", "vocab.*", "*.model",
)  # fmt: skip


class Kind(StrEnum):
    EMBEDDER = "embedder"
    RERANKER = "reranker"


@dataclass(frozen=True, slots=True)
class Module:
    """One step of an embedder: ``type`` is the class's bare name, ``path`` its folder."""

    type: str
    path: str
    config: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """A model folder that may be loaded. ``prompts`` go before a text: keys "query" and
    "document", empty where the model has none."""

    path: Path
    kind: Kind
    name: str
    modules: tuple[Module, ...]
    prompts: dict[str, str]

    def signature(self) -> str:
        """Changes with every file that matters; costs a look at sizes and dates."""
        digest = hashlib.sha256(str(self.path).encode())
        for file in _deciding_files(self.path):
            info = file.stat()
            line = f"{file.relative_to(self.path)}\0{info.st_size}\0{info.st_mtime_ns}\n"
            digest.update(line.encode())
        return digest.hexdigest()

    def fingerprint(self) -> str:
        """Names the weights and what is done with them, wherever the folder lies: equal
        fingerprints give comparable vectors."""
        digest = hashlib.sha256()
        for file in _deciding_files(self.path):
            digest.update(file.relative_to(self.path).as_posix().encode() + b"\0")
            with file.open("rb") as stream:
                digest.update(hashlib.file_digest(stream, "sha256").digest())
        return digest.hexdigest()


def look(path: Path) -> ModelFolder:
    """What the folder holds. Raises ``ModelError`` where it is no model that Carrel can use."""
    if path.is_file():
        raise ModelError(
            f"{path.name} is a file. An embedder or a reranker is a folder, as "
            "sentence-transformers saves it: add that folder."
        )
    if not path.is_dir():
        raise ModelError(f"The folder {path} is not there. Was it moved, or is its disk not in?")
    config = _object(path / "config.json") if (path / "config.json").is_file() else {}
    modules_file = path / "modules.json"
    architectures = config.get("architectures") or []
    if any(str(name).endswith("ForSequenceClassification") for name in architectures):
        _check_reranker(path, config)
        if modules_file.is_file():
            for entry in _list(modules_file):
                _module(path, entry)
        return ModelFolder(path, Kind.RERANKER, _name(path), (), {"query": "", "document": ""})
    if (path / "adapter_config.json").is_file():
        raise ModelError(
            f"{path} holds an adapter (LoRA) for a model, not a model: add it under Adapters."
        )
    if not modules_file.is_file():
        raise ModelError(
            f"{path} is not a folder of a sentence-transformers model: it has no modules.json, and "
            "its config.json names no reranker (…ForSequenceClassification)."
        )
    modules = tuple(_module(path, entry) for entry in _list(modules_file))
    if not modules or modules[0].type != "Transformer":
        raise ModelError(f"The embedder in {path} does not begin with a Transformer.")
    return ModelFolder(path, Kind.EMBEDDER, _name(path), modules, _prompts(path))


def _check_reranker(path: Path, config: dict[str, Any]) -> None:
    labels = config.get("num_labels") or len(config.get("id2label") or {0: "", 1: ""})
    if labels != 1:
        raise ModelError(
            f"{path} sorts texts into {labels} classes. A reranker gives one number: choose a "
            "cross-encoder with a single label."
        )
    _check_code(path, config)
    _check_weights(path)
    named = (config.get("sentence_transformers") or {}).get("activation_fn") or config.get(
        "sbert_ce_default_activation_function"
    )
    _check_activation(named)


def _module(root: Path, entry: Any) -> Module:
    kind = str(entry.get("type", "")) if isinstance(entry, dict) else ""
    library, _, name = kind.rpartition(".")
    if library.split(".")[0] != "sentence_transformers" or name not in _MODULES:
        raise ModelError(
            f"The embedder in {root} uses “{kind}”, which Carrel does not run. It knows "
            f"{', '.join(sorted(_MODULES))}."
        )
    where = str(entry.get("path", ""))
    inside = PurePosixPath(where.replace("\\", "/"))
    if inside.is_absolute() or ".." in inside.parts or ":" in where:
        raise ModelError(f"The embedder in {root} names a folder outside itself: {where}.")
    folder = root / inside
    file = folder / "config.json"
    config = _object(file) if file.is_file() else {}
    _check_code(root, config)
    _check_activation(config.get("activation_function"))
    if name in ("Transformer", "Dense", "LayerNorm"):
        _check_weights(folder)
    return Module(name, where, config)


def _check_weights(folder: Path) -> None:
    """safetensors only: a pickle runs whatever its maker put in."""
    if (folder / "model.safetensors").is_file() or (
        folder / "model.safetensors.index.json"
    ).is_file():
        return
    pickled = sorted(file.name for file in folder.iterdir() if file.suffix in _PICKLES)
    if pickled:
        raise ModelError(
            f"The weights in {folder} are pickled ({pickled[0]}), and such a file can run any "
            "program. Carrel loads safetensors only: look for the model in that form."
        )
    raise ModelError(f"There are no weights (model.safetensors) in {folder}.")


def _check_code(root: Path, config: dict[str, Any]) -> None:
    if config.get("auto_map"):
        raise ModelError(
            f"The model in {root} brings program code of its own (auto_map), which Carrel does "
            "not run. Choose a model of a known kind."
        )


def _check_activation(name: Any) -> None:
    if name is not None and not str(name).startswith("torch.nn.modules."):
        raise ModelError(f"The model names an activation that Carrel does not run: {name}.")


def _prompts(path: Path) -> dict[str, str]:
    """As ``SentenceTransformer.encode_query`` and ``encode_document`` choose them."""
    file = path / "config_sentence_transformers.json"
    config = _object(file) if file.is_file() else {}
    given = config.get("prompts")
    prompts = given if isinstance(given, dict) else {}
    default = prompts.get(config.get("default_prompt_name"))

    def first(names: Sequence[str]) -> str:
        found = next((prompts[name] for name in names if name in prompts), default)
        return found if isinstance(found, str) else ""

    return {"query": first(("query",)), "document": first(("document", "passage", "corpus"))}


def _name(path: Path) -> str:
    """What a person would call it, also where it lies in a package or in a hub's cache."""
    if path.parent.name == "snapshots":
        return path.parent.parent.name.rpartition("--")[2]
    return path.parent.name if path.name == "model" else path.name


def _deciding_files(path: Path) -> list[Path]:
    return sorted({file for pattern in _DECIDING for file in path.rglob(pattern) if file.is_file()})


def _object(file: Path) -> dict[str, Any]:
    return _decoded(file, dict[str, Any])  # type: ignore[no-any-return]


def _list(file: Path) -> list[Any]:
    return _decoded(file, list[Any])  # type: ignore[no-any-return]


def _decoded(file: Path, form: Any) -> Any:
    try:
        if file.stat().st_size > _LARGEST_CONFIG:
            raise ModelError(f"{file} is too large to be a configuration.")
        return msgspec.json.decode(file.read_bytes(), type=form)
    except (OSError, msgspec.MsgspecError) as error:
        raise ModelError(f"{file} cannot be read: {error}") from error
