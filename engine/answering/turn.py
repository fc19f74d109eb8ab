"""One question on its way: who listens, the wish to stop, and the clock."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from engine.answers import AnswerEvent, AppliedAdapter, Timings
from engine.applied import in_effect
from engine.models.messages import Generated
from engine.workers import CancelToken

Listener = Callable[[AnswerEvent], None]


class Turn:
    """``question`` is what the person typed, ``searched`` what it means after the turns before,
    ``words`` that without the operators that narrow where to look. ``adapters`` are those that
    change anything."""

    def __init__(
        self,
        question: str,
        model: Path | None,
        tell: Listener | None,
        cancel: CancelToken | None,
        seed: int,
        adapters: Sequence[AppliedAdapter],
    ) -> None:
        self.question = self.searched = self.words = question
        self.model = model
        self.tell = tell or _nobody
        self.cancel = cancel or CancelToken()
        self.seed = seed
        self.adapters = in_effect(adapters)
        self._started = time.perf_counter()
        self._retrieve = self._first = 0.0
        self._generated: Generated | None = None

    @property
    def follows(self) -> str:
        """What a follow-up was taken to mean; empty where the question speaks for itself."""
        return self.searched if self.searched != self.question else ""

    def retrieved(self) -> None:
        """The first sources are known; later ones only mend them."""
        self._retrieve = self._retrieve or self._elapsed()

    def first_token(self) -> None:
        self._first = self._first or self._elapsed()

    def wrote(self, generated: Generated) -> None:
        self._generated = generated

    def timings(self) -> Timings:
        done = self._generated
        seconds = done.total_s - done.first_token_s if done is not None else 0.0
        return Timings(
            retrieve_ms=round(self._retrieve, 1),
            first_token_ms=round(self._first, 1),
            total_ms=round(self._elapsed(), 1),
            prompt_tokens=done.prompt_tokens if done is not None else 0,
            output_tokens=done.output_tokens if done is not None else 0,
            tokens_per_s=round((done.output_tokens - 1) / seconds, 1)
            if done is not None and seconds > 0 and done.output_tokens > 1
            else 0.0,
            reused_tokens=done.reused_tokens if done is not None else 0,
        )

    def _elapsed(self) -> float:
        return (time.perf_counter() - self._started) * 1000


def _nobody(event: AnswerEvent) -> None:
    """Listens to nothing."""
