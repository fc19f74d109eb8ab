"""What every test needs: a home of its own, so that none touches this user's settings or locks."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with real models first: they take longest, and none should be left to one core."""
    slow = {item.path for item in items if item.get_closest_marker("model")}
    items.sort(key=lambda item: item.path not in slow)


@pytest.fixture(scope="session", autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    home = tmp_path_factory.mktemp("home")
    names = ("CONFIG_HOME", "DATA_HOME", "STATE_HOME", "CACHE_HOME", "RUNTIME_DIR")
    before = {f"XDG_{name}": os.environ.get(f"XDG_{name}") for name in names}
    for name in names:
        folder = home / name.lower()
        if name == "CACHE_HOME" and "PYTEST_XDIST_WORKER" in os.environ:
            # one for all who test side by side: to prepare the embedder takes half a minute
            folder = tmp_path_factory.getbasetemp().parent / name.lower()
        folder.mkdir(mode=0o700, exist_ok=True)  # Qt refuses one that others may read
        os.environ[f"XDG_{name}"] = str(folder)
    yield home
    for name, value in before.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
