"""The embedder and the reranker as the app sees them: texts in, unit vectors or scores out."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.models.messages import (
    Describe,
    Embed,
    Embedded,
    EmbedderFacts,
    EmbedderReply,
    Inspect,
    ModelFound,
    Score,
    Scored,
    Unprepared,
)
from engine.workers import CancelToken, ChildProcess, Limits

SHIPPED = ""  # the folder of the embedder that comes with Carrel
_START = 900.0  # a large model is prepared in minutes, once
_STOP = 0.3
_BACKGROUND = 5  # a nice value: three quarters of a wanted core are somebody else's


@dataclass(frozen=True, slots=True)
class QueryVector:
    """A query as a unit vector, with the facts of the embedder that made it."""

    facts: EmbedderFacts
    vector: NDArray[np.float32]


class Embedder:
    """One embedder child for one model folder at a time.

    A library has two: one for questions, and one ``background`` that fills in vectors with a
    lesser claim on the processor, so that a question never waits behind documents.
    """

    def __init__(self, folder: str = SHIPPED, *, background: bool = False) -> None:
        limits = Limits(nice=_BACKGROUND if background else 0)
        self._child: ChildProcess[EmbedderReply] = ChildProcess(
            "embedder", EmbedderReply, limits=limits
        )
        # preparing a model takes much memory and a child's whole attention, once
        self._preparing: ChildProcess[EmbedderReply] = ChildProcess("embedder", EmbedderReply)
        self._background = background
        self._folder = folder
        self._facts: EmbedderFacts | None = None
        self._lock = threading.Lock()

    @property
    def ready(self) -> bool:
        """Whether vectors can be had without waiting for the child to start."""
        return self._facts is not None

    def use(self, folder: str) -> None:
        """Another model folder from the next call on; nothing where it is that one."""
        with self._lock:
            if folder != self._folder:
                self._folder, self._facts = folder, None

    def facts(self, cancel: CancelToken | None = None) -> EmbedderFacts:
        """Starts the child at the first call (a second; half a minute where the model is met for
        the first time). Raises ``ChildError``, and ``CancelledError`` where someone else is
        starting it and ``cancel`` says to wait no longer."""
        with self._held(cancel):
            return self._described(cancel)

    def query(self, text: str, cancel: CancelToken | None = None) -> QueryVector:
        """Raises as :meth:`facts`."""
        with self._held(cancel):
            facts = self._described(cancel)
            # not cancelled half-way: it is short, and a killed embedder costs a second
            rows = self._rows(facts, Embed(self._folder, (text,), queries=True), None)
        return QueryVector(facts, rows[0])

    def embed(self, texts: Sequence[str], cancel: CancelToken | None = None) -> NDArray[np.float32]:
        """Texts that are looked through: (n, dimension), rows of unit length. Raises as
        :meth:`facts`; cancelled between two batches inside the child."""
        with self._held(cancel):
            facts = self._described(cancel)
            if not texts:
                return np.empty((0, facts.dimension), np.float32)
            return self._rows(facts, Embed(self._folder, tuple(texts), queries=False), cancel)

    def rest(self) -> None:
        """Give the child's memory back; the next call starts a new one."""
        self._child.rest()

    def close(self) -> None:
        self._child.close()
        self._preparing.close()

    def _described(self, cancel: CancelToken | None) -> EmbedderFacts:
        if self._facts is None:
            reply = self._child.ask(Describe(self._folder), silence=_START)
            if isinstance(reply, Unprepared):
                self._prepare(cancel)
                reply = self._child.ask(Describe(self._folder, prepare=True), silence=_START)
            assert isinstance(reply, EmbedderFacts)
            self._facts = reply
        return self._facts

    def _prepare(self, cancel: CancelToken | None) -> None:
        try:
            self._preparing.ask(
                Inspect(self._folder),
                silence=_START,
                # one question that is typed on should not undo what the next one needs
                cancel=cancel if self._background else None,
                patience=_STOP,
            )
        finally:
            self._preparing.rest()

    def _rows(
        self, facts: EmbedderFacts, request: Embed, cancel: CancelToken | None
    ) -> NDArray[np.float32]:
        reply = self._child.ask(request, silence=_START, cancel=cancel)
        assert isinstance(reply, Embedded)
        return np.frombuffer(reply.vectors, "<f4").reshape(len(request.texts), facts.dimension)

    @contextlib.contextmanager
    def _held(self, cancel: CancelToken | None) -> Iterator[None]:
        while not self._lock.acquire(timeout=0.05 if cancel is not None else -1):
            if cancel is not None:
                cancel.check()
        try:
            if cancel is not None:
                cancel.check()
            yield
        finally:
            self._lock.release()


class Reranker:
    """A cross-encoder in a child of its own."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._child: ChildProcess[EmbedderReply] = ChildProcess("reranker", EmbedderReply)

    def score(
        self, query: str, texts: Sequence[str], cancel: CancelToken | None = None
    ) -> list[float]:
        """How well each text answers the query: the model's logits, comparable with each other
        only. Starts the child at the first call. Raises ``ChildError`` and ``CancelledError``."""
        request = Score(self._folder, query, tuple(texts))
        reply = self._child.ask(request, silence=_START, cancel=cancel)
        assert isinstance(reply, Scored)
        return list(reply.scores)

    def rest(self) -> None:
        """Give the child's memory back; the next call starts a new one."""
        self._child.rest()

    def close(self) -> None:
        self._child.close()


def inspect(folder: str, cancel: CancelToken | None = None) -> ModelFound:
    """What the model folder holds, found out and prepared in a child of its own. Raises
    ``ChildError`` with the reason where Carrel cannot use it."""
    child: ChildProcess[EmbedderReply] = ChildProcess("embedder", EmbedderReply)
    try:
        reply = child.ask(Inspect(folder), silence=_START, cancel=cancel)
    finally:
        child.close()
    assert isinstance(reply, ModelFound)
    return reply
