"""The embedder as the app holds it: one child, one at a time, nobody kept waiting for nothing."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from making import DIMENSION, unit_vectors

from engine.errors import CancelledError, ChildCrashedError
from engine.models.embedder import Embedder
from engine.models.messages import (
    Describe,
    Embed,
    Embedded,
    EmbedderFacts,
    Inspect,
    ModelFound,
    Unprepared,
)
from engine.workers import CancelToken


class SlowChild:
    """Answers one request at a time, slowly, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Any] = []
        self.inside = self.rests = 0
        self.prepared = True
        self.error: Exception | None = None

    def ask(self, message: Any, **how: Any) -> Any:
        self.asked.append(message)
        if isinstance(message, Inspect):
            return ModelFound("embedder", "fake", DIMENSION, 256, "float32")
        if isinstance(message, Describe):
            if not self.prepared and not message.prepare:
                return Unprepared()
            return EmbedderFacts("fake", "f", DIMENSION, 256, "float32")
        assert isinstance(message, Embed)
        self.inside += 1
        assert self.inside == 1
        time.sleep(0.02)
        self.inside -= 1
        if self.error is not None:
            raise self.error
        return Embedded(unit_vectors(message.texts).astype("<f4").tobytes())

    def rest(self) -> None:
        self.rests += 1


@pytest.fixture
def child() -> SlowChild:
    return SlowChild()


@pytest.fixture
def embedder(child: SlowChild) -> Embedder:
    embedder = Embedder()
    embedder._child = child  # type: ignore[assignment]
    return embedder


def test_vectors_come_in_the_order_of_the_texts(embedder: Embedder) -> None:
    assert not embedder.ready
    vectors = embedder.embed(["one", "two"])
    assert embedder.ready
    assert np.array_equal(vectors, unit_vectors(["one", "two"]))
    assert embedder.embed([]).shape == (0, DIMENSION)


def test_a_query_is_told_from_what_is_looked_through(embedder: Embedder, child: SlowChild) -> None:
    asked = embedder.query("one")
    assert asked.facts.dimension == DIMENSION
    assert np.array_equal(asked.vector, unit_vectors(["one"])[0])
    embedder.embed(["two"])
    assert [m.queries for m in child.asked if isinstance(m, Embed)] == [True, False]


def test_several_may_ask_at_once(embedder: Embedder, child: SlowChild) -> None:
    threads = [threading.Thread(target=embedder.query, args=(f"q{i}",)) for i in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    asked = [message.texts[0] for message in child.asked if isinstance(message, Embed)]
    assert sorted(asked) == [f"q{i}" for i in range(6)]
    assert sum(isinstance(message, Describe) for message in child.asked) == 1


def test_a_failure_lets_the_next_one_in(embedder: Embedder, child: SlowChild) -> None:
    child.error = ChildCrashedError("It crashed.")
    for ask in (lambda: embedder.query("x"), lambda: embedder.embed(["x"])):
        with pytest.raises(ChildCrashedError):
            ask()
    child.error = None
    assert embedder.embed(["x"]).shape == (1, DIMENSION)


def test_who_no_longer_wants_it_is_not_served(embedder: Embedder, child: SlowChild) -> None:
    token = CancelToken()
    token.cancel()
    with pytest.raises(CancelledError):
        embedder.embed(["x"], token)
    assert child.asked == []
    assert embedder.embed(["y"]).shape == (1, DIMENSION)


def test_a_model_is_prepared_in_a_child_for_that_alone(
    embedder: Embedder, child: SlowChild
) -> None:
    other = SlowChild()
    embedder._preparing = other  # type: ignore[assignment]
    child.prepared = False
    embedder.use("/models/new")
    embedder.embed(["x"])
    embedder.query("y")
    assert other.asked == [Inspect("/models/new")]
    assert other.rests == 1
    assert [m.prepare for m in child.asked if isinstance(m, Describe)] == [False, True]


def test_another_folder_is_described_anew(embedder: Embedder, child: SlowChild) -> None:
    embedder.query("x")
    embedder.use("")
    assert embedder.ready
    embedder.use("/models/other")
    assert not embedder.ready
    embedder.query("y")
    folders = [message.folder for message in child.asked]
    assert folders == ["", "", "/models/other", "/models/other"]


def test_stopping_does_not_wait_for_the_child_to_start(
    embedder: Embedder, child: SlowChild
) -> None:
    starting, started = threading.Event(), threading.Event()
    describe = child.ask

    def slow_start(message: Any, **how: Any) -> Any:
        starting.set()
        started.wait(10)
        return describe(message)

    child.ask = slow_start  # type: ignore[method-assign]
    warming = threading.Thread(target=embedder.facts)
    warming.start()
    assert starting.wait(5)
    cancel = CancelToken()
    threading.Timer(0.1, cancel.cancel).start()
    begun = time.monotonic()
    with pytest.raises(CancelledError):
        embedder.query("question", cancel)
    assert time.monotonic() - begun < 0.5
    started.set()
    warming.join(5)


@pytest.mark.model
def test_closing_ends_a_preparation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))  # where nothing is prepared yet
    embedder = Embedder()
    errors: list[Exception] = []

    def start() -> None:
        try:
            embedder.facts()
        except CancelledError as error:
            errors.append(error)

    starting = threading.Thread(target=start)
    starting.start()
    until = time.monotonic() + 60
    while embedder._preparing._process is None and time.monotonic() < until:
        time.sleep(0.05)
    embedder.close()
    starting.join(5)
    assert not starting.is_alive()
    assert len(errors) == 1
