from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from scripted import GONE, QWEN, SAMPLE, ScriptedAdapters, ScriptedTrainer, adapter
from scripted import Comparing as ComparingPart

from desktop.adapters.view import AdaptersView
from desktop.notices import Notices
from engine.model_facts import GgufFacts
from engine.models.entries import Fit, ModelEntry, ModelKind


def generator(name: str, parameters: int, **changes: Any) -> ModelEntry:
    facts = GgufFacts(
        name, "llama", parameters, "Q4_1", parameters * 7 // 10, 1, 8192, 30, 576, True,
        "apache-2.0", ("en",), parameters * 2,
    )  # fmt: skip
    place = f"/models/{name}.gguf"
    return ModelEntry(ModelKind.GENERATOR, name, place, False, facts=facts, fit=Fit.FITS, **changes)


@pytest.fixture
def library(tmp_path: Path, make_library: Any) -> Any:
    return make_library(tmp_path / "Matter.carrel")


@pytest.fixture
def make_library(request: pytest.FixtureRequest) -> Any:
    """What makes a library that can compare as well."""
    fake = request.getfixturevalue("library_class")

    class Lab(ComparingPart, fake):  # type: ignore[misc, valid-type]
        def __init__(self, path: Path) -> None:
            fake.__init__(self, path)
            ComparingPart.__init__(self)

        def stop_children(self) -> None:
            fake.stop_children(self)
            self.step.set()

    return Lab


@pytest.fixture
def adapters() -> ScriptedAdapters:
    return ScriptedAdapters(SAMPLE, adapter("House style"), QWEN, GONE)


@pytest.fixture
def trainer() -> Iterator[ScriptedTrainer]:
    trainer = ScriptedTrainer()
    yield trainer
    trainer.go.set()


@pytest.fixture
def catalogue() -> Any:
    """Two models that write, and one that is too large."""
    models = (
        generator("Larger", 4_020_000_000),
        generator("Starter", 134_515_008, shipped=True),
        generator("Huge", 70_000_000_000, problem="It does not fit into memory."),
    )
    return SimpleNamespace(entries=lambda: models)


@pytest.fixture
def notices(qtbot: Any) -> Notices:
    notices = Notices()
    qtbot.addWidget(notices)
    return notices


@pytest.fixture
def view(
    qtbot: Any,
    bridge: Any,
    adapters: ScriptedAdapters,
    trainer: ScriptedTrainer,
    catalogue: Any,
    applying: Any,
    notices: Notices,
) -> AdaptersView:
    view = AdaptersView(bridge, adapters, trainer, catalogue, applying, notices)  # type: ignore[arg-type]
    qtbot.addWidget(view)
    view.resize(1000, 700)
    view.show()
    view.activateWindow()
    qtbot.waitUntil(lambda: len(view.listing.rows) == len(adapters.list))
    return view
