from __future__ import annotations

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from collections.abc import Iterator
from typing import Any

import pytest
from shelf import Shelf

from desktop.bridge import Bridge
from desktop.source.pane import SourcePane


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def pane(qtbot: Any, shelf: Shelf) -> Iterator[SourcePane]:
    bridge = Bridge(shelf)  # type: ignore[arg-type]
    pane = SourcePane(bridge)
    qtbot.addWidget(pane)
    pane.resize(520, 640)
    pane.show()
    yield pane
    bridge.close()
