"""A library file of one's own, open."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.store import Store


@pytest.fixture
def library_path(tmp_path: Path) -> Path:
    return tmp_path / "Matter.carrel"


@pytest.fixture
def store(library_path: Path) -> Iterator[Store]:
    store = Store(library_path)
    yield store
    store.close()
