from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from scripted_catalogue import ScriptedCatalogue

from desktop.models.view import ModelsView
from desktop.notices import Notices
from engine.errors import ModelError
from engine.records import EmbedderState


@pytest.fixture
def models() -> ScriptedCatalogue:
    return ScriptedCatalogue()


@pytest.fixture
def states(library: Any) -> list[EmbedderState]:
    """What the library does with its embedders; to be changed by the test."""
    found = [EmbedderState("", True, True, 0), EmbedderState("/models/Granite", False, False, 0)]
    library.embedders = lambda known: list(found)
    return found


@pytest.fixture
def notices(qtbot: Any) -> Notices:
    notices = Notices()
    qtbot.addWidget(notices)
    return notices


@pytest.fixture
def view(
    qtbot: Any, bridge: Any, models: ScriptedCatalogue, states: Any, notices: Any
) -> Iterator[ModelsView]:
    view = ModelsView(bridge, models, notices)  # type: ignore[arg-type]
    qtbot.addWidget(view)
    view.resize(1000, 700)
    view.show()
    view.activateWindow()
    qtbot.waitUntil(lambda: bool(view.rows()))
    yield view
    models.go.set()


@pytest.fixture
def refusal() -> ModelError:
    return ModelError("“broken.gguf” is incomplete: 190 MB of 250 MB are missing.")
