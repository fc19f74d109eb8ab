"""The generator as the app sees it: messages in, streamed text out."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec

from engine.answers import AppliedAdapter
from engine.errors import CancelledError, ChildFailedError, ModelError
from engine.model_facts import Speed
from engine.models.messages import (
    ChatMessage,
    CountTokens,
    Generate,
    Generated,
    GeneratorReply,
    LoadModel,
    ModelFacts,
    Primed,
    PrimeModel,
    PromptProgress,
    TokenCounts,
    TokenText,
)
from engine.workers import CancelToken, ChildProcess, EitherToken

_LOAD = 300.0
_SILENCE = 120.0
_STOP = 0.4
_PRIMING_STOP = 2.0  # a prompt is worth waiting a little for a model that is loaded
_TELLING = 24  # tokens that must have been read for their speed to say something
_NEWEST = 0.5  # the share of the latest reading in the speed that is known


class Generator:
    """One generator child with at most one model loaded. ``speed_of`` tells what was measured of
    a model, if anything was. Safe from several threads; one request at a time is served."""

    def __init__(self, speed_of: Callable[[Path], Speed | None] | None = None) -> None:
        self._child: ChildProcess[GeneratorReply] = ChildProcess("generator", GeneratorReply)
        self._speed_of = speed_of or _unmeasured
        self._facts: dict[Path, ModelFacts] = {}
        self._reading: dict[Path, float] = {}
        self._lock = threading.Lock()
        self._priming: CancelToken | None = None

    def load(
        self,
        model: Path,
        cancel: CancelToken | None = None,
        adapters: Sequence[AppliedAdapter] = (),
    ) -> ModelFacts:
        """Load the model unless it is, and the adapters that are to be applied to it. Raises
        ``ModelError`` with what is wrong with it or them."""
        request = LoadModel(str(model), self._threads(model), tuple(adapters))
        with self._held(cancel):
            reply = self._ask(request, cancel)
        assert isinstance(reply, ModelFacts)
        self._facts[model] = reply
        return reply

    def facts(self, model: Path, cancel: CancelToken | None = None) -> ModelFacts:
        return self._facts.get(model) or self.load(model, cancel)

    def count(
        self,
        model: Path,
        conversations: Sequence[Sequence[ChatMessage]],
        cancel: CancelToken | None = None,
    ) -> tuple[int, ...]:
        """Tokens of each whole conversation, the template's own included."""
        each = tuple(tuple(conversation) for conversation in conversations)
        request = CountTokens(str(model), each, self._threads(model))
        with self._held(cancel):
            reply = self._ask(request, cancel)
        assert isinstance(reply, TokenCounts)
        return reply.counts

    def prime(
        self,
        model: Path,
        messages: Sequence[ChatMessage],
        cancel: CancelToken | None = None,
        adapters: Sequence[AppliedAdapter] = (),
    ) -> bool:
        """Read the beginning that the next prompts share (``messages``, and the template up to
        where a person's text begins) ahead of the question. Whether it was done: nothing is where
        the generator is busy, and a request that comes meanwhile ends it. Raises ``ModelError``.
        """
        if not self._lock.acquire(blocking=False):
            return False
        token = self._priming = EitherToken(lambda: cancel is not None and cancel.cancelled)
        try:
            threads = self._threads(model)
            request = PrimeModel(str(model), tuple(messages), tuple(adapters), threads)
            reply = self._ask(request, token, _PRIMING_STOP)
        except CancelledError:
            return False
        finally:
            self._priming = None
            self._lock.release()
        assert isinstance(reply, Primed)
        self._learn(model, reply.read, reply.seconds)
        return True

    def reading_speed(self, model: Path) -> float | None:
        """Tokens of a prompt read in a second: as it was lately, else as it was measured; None
        where neither is known."""
        learned = self._reading.get(model)
        if learned is not None:
            return learned
        speed = self._speed_of(model)
        return speed.prefill if speed is not None else None

    def generate(
        self,
        request: Generate,
        cancel: CancelToken | None = None,
        on_read: Callable[[int, int], None] | None = None,
    ) -> Iterator[TokenText | Generated]:
        """Text as it is written, then the end. ``on_read`` hears how many tokens of the prompt
        are read, and of how many. Raises ``CancelledError`` within half a second of the wish; the
        model stays loaded where it listens in time."""
        model = Path(request.path)
        request = msgspec.structs.replace(request, threads=self._threads(model))
        with self._held(cancel):
            try:
                for reply in self._child.request(
                    request, silence=_SILENCE, cancel=cancel, patience=_STOP
                ):
                    if isinstance(reply, PromptProgress):
                        if on_read is not None:
                            on_read(reply.done, reply.total)
                        continue
                    assert isinstance(reply, TokenText | Generated)
                    if isinstance(reply, Generated):
                        read = reply.prompt_tokens - reply.reused_tokens
                        self._learn(model, read, reply.read_s)
                    yield reply
            except ChildFailedError as error:
                raise ModelError(str(error)) from error

    def rest(self) -> None:
        """Give the model's memory back; the next request loads it again."""
        self._child.rest()

    def close(self) -> None:
        self._child.close()

    def _ask(
        self,
        request: LoadModel | CountTokens | PrimeModel,
        cancel: CancelToken | None,
        patience: float = _STOP,
    ) -> GeneratorReply:
        try:
            return self._child.ask(request, silence=_LOAD, cancel=cancel, patience=patience)
        except ChildFailedError as error:
            raise ModelError(str(error)) from error

    def _threads(self, model: Path) -> int:
        """The number found best for the model, 0 where none was."""
        speed = self._speed_of(model)
        return speed.threads if speed is not None else 0

    def _learn(self, model: Path, tokens: int, seconds: float) -> None:
        if tokens < _TELLING or seconds <= 0:
            return
        speed = tokens / seconds
        before = self._reading.get(model, speed)
        self._reading[model] = before + _NEWEST * (speed - before)

    @contextlib.contextmanager
    def _held(self, cancel: CancelToken | None) -> Iterator[None]:
        """Wait for the child, but no longer than the person does."""
        while not self._lock.acquire(timeout=0.05):
            priming = self._priming
            if priming is not None:
                priming.cancel()
            if cancel is not None:
                cancel.check()
        try:
            yield
        finally:
            self._lock.release()


def _unmeasured(model: Path) -> Speed | None:
    return None
