from __future__ import annotations

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from collections.abc import Iterator
from typing import Any

import pytest
from scripted_library import ScriptedLibrary

from desktop.applying import Applying
from desktop.ask.view import AskView
from desktop.bridge import Bridge


@pytest.fixture
def library() -> ScriptedLibrary:
    return ScriptedLibrary()


@pytest.fixture
def view(qtbot: Any, library: ScriptedLibrary, adapters: Any) -> Iterator[AskView]:
    bridge = Bridge(library)  # type: ignore[arg-type]
    view = AskView(bridge, Applying(bridge, adapters, bridge))
    qtbot.addWidget(view)
    view.resize(900, 760)
    view.show()
    view.set_library_empty(False)
    qtbot.waitUntil(lambda: view._model != "" or library.model_path is None)
    yield view
    bridge.close()
