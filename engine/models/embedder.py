"""The embedder as the app sees it: texts in, unit vectors out, questions before documents."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from engine.models.messages import (
    Describe,
    Embed,
    Embedded,
    EmbedderFacts,
    EmbedderReply,
)
from engine.workers import CancelToken, ChildProcess, Limits

_START = 180.0


class Embedder:
    """One embedder child. A person who waits goes first: background batches are small, and
    between two of them whoever is urgent gets the child."""

    def __init__(self) -> None:
        self._child: ChildProcess[EmbedderReply] = ChildProcess(
            "embedder", EmbedderReply, limits=Limits(nice=10)
        )
        self._facts: EmbedderFacts | None = None
        self._turns = threading.Condition()
        self._urgent = 0
        self._busy = False

    def facts(self, cancel: CancelToken | None = None) -> EmbedderFacts:
        """Starts the child at the first call (seconds). Raises ``ChildError``, and
        ``CancelledError`` where someone else is starting it and ``cancel`` says to wait no
        longer."""
        if self._facts is None:
            with self._turn(urgent=True, cancel=cancel):
                if self._facts is None:
                    reply = self._child.ask(Describe(), silence=_START)
                    assert isinstance(reply, EmbedderFacts)
                    self._facts = reply
        return self._facts

    @property
    def ready(self) -> bool:
        """Whether vectors can be had without waiting for the child to start."""
        return self._facts is not None

    def embed(
        self, texts: Sequence[str], *, urgent: bool, cancel: CancelToken | None = None
    ) -> NDArray[np.float32]:
        """(n, dimension), rows of unit length."""
        facts = self.facts(cancel)
        if not texts:
            return np.empty((0, facts.dimension), np.float32)
        with self._turn(urgent=urgent, cancel=cancel):
            # not cancelled half-way: a batch is short, and a killed embedder costs seconds
            reply = self._child.ask(Embed(tuple(texts)), silence=_START)
        assert isinstance(reply, Embedded)
        return np.frombuffer(reply.vectors, "<f4").reshape(len(texts), facts.dimension)

    def close(self) -> None:
        self._child.close()

    @contextlib.contextmanager
    def _turn(self, *, urgent: bool, cancel: CancelToken | None) -> Iterator[None]:
        with self._turns:
            self._urgent += urgent
            try:
                while self._busy or (self._urgent and not urgent):
                    self._turns.wait(None if cancel is None else 0.1)
                    if cancel is not None:
                        cancel.check()
                if cancel is not None:
                    cancel.check()
                self._busy = True
            finally:
                self._urgent -= urgent
        try:
            yield
        finally:
            with self._turns:
                self._busy = False
                self._turns.notify_all()
