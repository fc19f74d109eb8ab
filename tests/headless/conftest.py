"""The ``carrel`` command as a script sees it: a process, with a home of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from engine.paths import sample_documents
from tests.headless.ready import POSSIBLE, Ready

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Outcome:
    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def json_lines(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]


class Carrel:
    """Runs ``carrel`` without a display, its settings in ``home``."""

    def __init__(self, home: Path, ready: Ready | None) -> None:
        self.home, self._ready = home, ready

    def environment(self) -> dict[str, str]:
        hidden = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
        kept = {name: value for name, value in os.environ.items() if name not in hidden}
        folders = {f"XDG_{n}_HOME": str(self.home / n) for n in ("CONFIG", "DATA", "STATE")}
        return {**kept, **folders}

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "desktop", *arguments]

    def __call__(self, *arguments: str, feed: str | None = None, timeout: float = 120) -> Outcome:
        if self._ready is not None:
            environment = self.environment()
            return Outcome(*self._ready.run(arguments, environment, feed or "", timeout))
        done = subprocess.run(
            self.command(*arguments),
            input=feed,
            capture_output=True,
            text=True,
            cwd=ROOT,
            env=self.environment(),
            timeout=timeout,
            check=False,
        )
        return Outcome(done.returncode, done.stdout, done.stderr)

    def fails(self, *arguments: str, feed: str | None = None) -> str:
        """The one line that a failing command says."""
        outcome = self(*arguments, feed=feed)
        assert outcome.status not in (0, 130), outcome
        assert outcome.out == ""
        lines = outcome.err.splitlines()
        assert len(lines) == 1, outcome.err
        return lines[0]


@pytest.fixture(scope="session")
def ready() -> Iterator[Ready | None]:
    started = Ready() if POSSIBLE else None
    yield started
    if started is not None:
        started.close()


@pytest.fixture
def carrel(tmp_path: Path, ready: Ready | None) -> Carrel:
    return Carrel(tmp_path / "home", ready)


@dataclass(frozen=True)
class Sample:
    """The sample documents, indexed once with vectors; not to be changed."""

    carrel: Carrel
    library: Path
    report: Any

    def __call__(self, *arguments: str, feed: str | None = None) -> Outcome:
        return self.carrel(*arguments, "--library", str(self.library), feed=feed)


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory, ready: Ready | None) -> Sample:
    home = tmp_path_factory.mktemp("sample")
    carrel, library = Carrel(home, ready), home / "Sample.carrel"
    outcome = carrel("index", str(sample_documents()), "--library", str(library), "--json")
    assert outcome.status == 0, outcome.err
    return Sample(carrel, library, outcome.json)


def needs(keys: Sequence[str], value: dict[str, Any]) -> None:
    """The contract's fields are all there; more may be."""
    missing = [key for key in keys if key not in value]
    assert not missing, f"{missing} are missing in {sorted(value)}"
