"""A catalogue that does what the test says: it decides when adding and measuring end."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from engine.errors import CarrelError
from engine.models.entries import Fit, GgufFacts, ModelEntry, ModelKind, Speed

SPEED = Speed(prefill=560.0, decode=80.0, load=0.4, threads=2, gpu_layers=0)


def facts(**changes: Any) -> GgufFacts:
    made = GgufFacts(
        "Small", "llama", 134_515_008, "Q4_1", 98_000_000, 1, 8192, 30, 576, True, "apache-2.0",
        ("en",), 415_000_000,
    )  # fmt: skip
    return replace(made, **changes)


def generator(name: str, **changes: Any) -> ModelEntry:
    made = ModelEntry(
        ModelKind.GENERATOR, name, f"/models/{name}.gguf", False, facts=facts(), fit=Fit.FITS
    )
    return replace(made, **changes)


def embedder(name: str, **changes: Any) -> ModelEntry:
    made = ModelEntry(ModelKind.EMBEDDER, name, f"/models/{name}", False, dimension=384)
    return replace(made, **changes)


def reranker(name: str, **changes: Any) -> ModelEntry:
    return replace(ModelEntry(ModelKind.RERANKER, name, f"/models/{name}", False), **changes)


class ScriptedCatalogue:
    """``go`` lets adding and measuring end; ``steps`` are what a copy tells of before that.
    ``broken`` is raised by whatever is asked next."""

    def __init__(self) -> None:
        self.models: list[ModelEntry] = [
            generator("Starter", chosen=True, shipped=True),
            generator("Larger", facts=facts(parameters=4_020_000_000, size=2_500_000_000)),
            embedder("MiniLM", place="", shipped=True, dimension=0),
            embedder("Granite"),
            reranker("Cross"),
        ]
        self.go = threading.Event()
        self.began = threading.Event()
        self.steps: list[tuple[int, int]] = []
        self.broken: CarrelError | None = None
        self.refused: CarrelError | None = None
        self.unreadable: Exception | None = None
        self.added: list[tuple[Path, bool]] = []
        self.cancelled = 0

    def entries(self) -> tuple[ModelEntry, ...]:
        if self.unreadable is not None:
            raise self.unreadable
        return tuple(self.models)

    def choose(self, place: str, kind: ModelKind = ModelKind.GENERATOR) -> None:
        if self.refused is not None:
            raise self.refused
        self.models = [
            replace(model, chosen=model.place == place) if model.kind is kind else model
            for model in self.models
        ]

    def add(
        self,
        path: Path,
        *,
        copy: bool = False,
        on_progress: Callable[[int, int], None] | None = None,
        cancel: Any = None,
    ) -> ModelEntry:
        self.added.append((path, copy))
        for step in self.steps:
            assert on_progress is not None
            on_progress(*step)
        self._wait(cancel)
        entry = generator(path.stem, place=str(path), copied=copy)
        self.models = [
            entry,
            *(model for model in self.models if model.place != entry.place),
        ]
        return entry

    def remove(self, place: str) -> None:
        self.models = [model for model in self.models if model.place != place]

    def measure(self, place: str, cancel: Any = None) -> ModelEntry:
        self._wait(cancel)
        self.models = [
            replace(model, speed=SPEED) if model.place == place else model for model in self.models
        ]
        return next(model for model in self.models if model.place == place)

    def digest(self, path: Path, cancel: Any = None) -> str:
        self._wait(cancel)
        self.models = [
            replace(model, digest="ab" * 32) if model.place == str(path) else model
            for model in self.models
        ]
        return "ab" * 32

    def _wait(self, cancel: Any) -> None:
        self.began.set()
        while not self.go.wait(0.005):
            if cancel.cancelled:
                self.cancelled += 1
            cancel.check()
        if self.broken is not None:
            raise self.broken
