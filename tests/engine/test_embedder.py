"""The embedder's queue: a person who waits goes before the documents."""

from __future__ import annotations

import threading
import time
from typing import Any

import numpy as np
import pytest
from making import DIMENSION, unit_vectors

from engine.errors import CancelledError, ChildCrashedError
from engine.models.embedder import Embedder
from engine.models.messages import Describe, Embed, Embedded, EmbedderFacts
from engine.workers import CancelToken


class SlowChild:
    """Answers one request at a time, slowly, and remembers in which order."""

    def __init__(self) -> None:
        self.order: list[str] = []
        self.inside = 0
        self.error: Exception | None = None

    def ask(self, message: Any, **how: Any) -> Any:
        if isinstance(message, Describe):
            return EmbedderFacts("fake", "f", DIMENSION, 256, "float32")
        assert isinstance(message, Embed)
        self.inside += 1
        assert self.inside == 1
        time.sleep(0.05)
        self.inside -= 1
        self.order.append(message.texts[0])
        if self.error is not None:
            raise self.error
        return Embedded(unit_vectors(message.texts).astype("<f4").tobytes())


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
    vectors = embedder.embed(["one", "two"], urgent=True)
    assert embedder.ready
    assert np.array_equal(vectors, unit_vectors(["one", "two"]))
    assert embedder.embed([], urgent=True).shape == (0, DIMENSION)


def test_a_question_waits_for_one_batch_at_most(embedder: Embedder, child: SlowChild) -> None:
    def index(name: str) -> None:
        for number in range(6):
            embedder.embed([f"{name}{number}"], urgent=False)

    threads = [threading.Thread(target=index, args=(name,), daemon=True) for name in "ab"]
    for thread in threads:
        thread.start()
    time.sleep(0.12)
    before = len(child.order)
    asking = [
        threading.Thread(target=embedder.embed, args=(["question"],), kwargs={"urgent": True})
        for _ in range(3)
    ]
    for thread in asking:
        thread.start()
    for thread in [*asking, *threads]:
        thread.join(10)
    assert child.order[before + 1 : before + 4] == ["question"] * 3
    assert len(child.order) == 15


def test_a_failure_lets_the_next_one_in(embedder: Embedder, child: SlowChild) -> None:
    child.error = ChildCrashedError("It crashed.")
    for urgent in (True, False):
        with pytest.raises(ChildCrashedError):
            embedder.embed(["x"], urgent=urgent)
    child.error = None
    assert embedder.embed(["x"], urgent=False).shape == (1, DIMENSION)


def test_who_no_longer_wants_it_is_not_served(embedder: Embedder, child: SlowChild) -> None:
    token = CancelToken()
    token.cancel()
    with pytest.raises(CancelledError):
        embedder.embed(["x"], urgent=False, cancel=token)
    assert child.order == []
    assert embedder.embed(["y"], urgent=False).shape == (1, DIMENSION)


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
        embedder.embed(["question"], urgent=True, cancel=cancel)
    assert time.monotonic() - begun < 0.5
    started.set()
    warming.join(5)
