"""The generator as the app sees it: messages in, streamed text out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from engine.errors import ChildFailedError, ModelError
from engine.models.messages import (
    ChatMessage,
    CountTokens,
    Generate,
    Generated,
    GeneratorReply,
    LoadModel,
    ModelFacts,
    TokenCounts,
    TokenText,
)
from engine.workers import CancelToken, ChildProcess

_LOAD = 300.0
_SILENCE = 120.0
_STOP = 0.4


class Generator:
    """One generator child with at most one model loaded."""

    def __init__(self) -> None:
        self._child: ChildProcess[GeneratorReply] = ChildProcess("generator", GeneratorReply)
        self._facts: dict[Path, ModelFacts] = {}

    def load(self, model: Path, cancel: CancelToken | None = None) -> ModelFacts:
        """Load the model unless it is. Raises ``ModelError`` with what is wrong with it."""
        try:
            reply = self._child.ask(
                LoadModel(str(model)), silence=_LOAD, cancel=cancel, patience=_STOP
            )
        except ChildFailedError as error:
            raise ModelError(str(error)) from error
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
        request = CountTokens(str(model), tuple(tuple(c) for c in conversations))
        try:
            reply = self._child.ask(request, silence=_LOAD, cancel=cancel, patience=_STOP)
        except ChildFailedError as error:
            raise ModelError(str(error)) from error
        assert isinstance(reply, TokenCounts)
        return reply.counts

    def generate(
        self, request: Generate, cancel: CancelToken | None = None
    ) -> Iterator[TokenText | Generated]:
        """Text as it is written, then the end. Raises ``CancelledError`` within half a second
        of the wish; the model stays loaded where it listens in time."""
        try:
            for reply in self._child.request(
                request, silence=_SILENCE, cancel=cancel, patience=_STOP
            ):
                assert isinstance(reply, TokenText | Generated)
                yield reply
        except ChildFailedError as error:
            raise ModelError(str(error)) from error

    def close(self) -> None:
        self._child.close()
