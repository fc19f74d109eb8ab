"""The four answers to a question: plain model, adapter, documents, and both.

All are written by the same model with the same seed and sampling, in the model's own words, and
all are checked in the same way. They are made in an order that switches adapters least and lets
prompts with a common beginning follow each other, whatever the order in which they are shown.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.answering import Answerer
from engine.answering.verifying import Verifier
from engine.answers import Answer, AnswerEvent, AppliedAdapter
from engine.applied import in_effect
from engine.comparing.pace import Pace
from engine.comparing.sums import sums
from engine.comparisons import (
    ComparingProgress,
    Comparison,
    ComparisonTable,
    Variant,
    VariantBegun,
    VariantDone,
)
from engine.errors import CancelledError, CarrelError, ChildError, ModelError
from engine.models.generator import Generator
from engine.records import Scope
from engine.workers import CancelToken

Listener = Callable[[VariantBegun | AnswerEvent | VariantDone], None]
ProgressListener = Callable[[ComparingProgress], None]

_ORDER = (Variant.DOCUMENTS, Variant.PLAIN, Variant.ADAPTER, Variant.BOTH)
_FROM_DOCUMENTS = (Variant.DOCUMENTS, Variant.BOTH)
_ADAPTED = (Variant.ADAPTER, Variant.BOTH)


@dataclass(frozen=True, slots=True)
class _Setting:
    """What all four have in common."""

    model: Path
    adapters: tuple[AppliedAdapter, ...]
    scope: Scope | None
    seed: int
    cancel: CancelToken


class Comparer:
    """Compares over one library. One question at a time."""

    def __init__(self, answerer: Answerer, verifier: Verifier, generator: Generator) -> None:
        self._answerer = answerer
        self._verifier = verifier
        self._generator = generator

    def compare(
        self,
        question: str,
        adapters: Sequence[AppliedAdapter],
        *,
        model: Path | None,
        scope: Scope | None = None,
        seed: int = 0,
        on_event: Listener | None = None,
        cancel: CancelToken | None = None,
    ) -> Comparison:
        """The answers; ``on_event`` hears which is begun, of its quotes and text as they come,
        and of it when it is done. Cancelling gives those that are done; before the first is, it
        raises ``CancelledError``. Raises ``ModelError`` where there is no model, no adapter, or
        one of them cannot be used."""
        setting = self._setting(adapters, model, scope, seed, cancel)
        self._get_ready(question, setting)
        done = dict(self._answers(question, setting, _ORDER, on_event or _nobody))
        if not done:
            raise CancelledError("Stopped.")
        return _comparison(question, setting, done)

    def compare_all(
        self,
        questions: Sequence[str],
        adapters: Sequence[AppliedAdapter],
        *,
        model: Path | None,
        scope: Scope | None = None,
        seed: int = 0,
        on_progress: ProgressListener | None = None,
        cancel: CancelToken | None = None,
    ) -> ComparisonTable:
        """Each question in the four ways, and what each way came to. A question that cannot be
        asked is told of, and left out. Cancelling gives what is done. Raises ``ModelError`` as
        :meth:`compare` does."""
        if not questions:
            raise CarrelError("There is no question to compare. Give one on each line.")
        setting = self._setting(adapters, model, scope, seed, cancel)
        tell = on_progress or _nobody_asks
        pace = Pace(len(questions))
        made: list[Comparison] = []
        failures: list[tuple[str, str]] = []
        self._get_ready(questions[0], setting)
        order = _ORDER
        for question in questions:
            if setting.cancel.cancelled:
                break
            done: dict[Variant, Answer] = {}
            tell(pace.progress(question))
            pace.begin()
            try:
                for variant, answer in self._answers(question, setting, order, _nobody):
                    done[variant] = answer
                    pace.done(variant)
                    tell(pace.progress(question))
            except CarrelError as error:
                failures.append((question, str(error)))
                pace.left_out(len(done))
                continue
            if done:
                made.append(_comparison(question, setting, done))
                order = order[::-1]  # goes on with what is applied
        stopped = setting.cancel.cancelled
        return ComparisonTable(tuple(made), sums(made), stopped, tuple(failures))

    def _setting(
        self,
        adapters: Sequence[AppliedAdapter],
        model: Path | None,
        scope: Scope | None,
        seed: int,
        cancel: CancelToken | None,
    ) -> _Setting:
        if model is None:
            raise ModelError("A comparison needs a model that writes; none is chosen.")
        if not adapters:
            raise ModelError("Choose an adapter first: without one there is nothing to compare.")
        in_effect(adapters)
        return _Setting(model, tuple(adapters), scope, seed, cancel or CancelToken())

    def _get_ready(self, question: str, setting: _Setting) -> None:
        """What the first answer alone would have to wait for. Raises ``ModelError`` where the
        model or an adapter cannot be used: nobody is to wait for that."""
        try:
            self._generator.load(setting.model, setting.cancel, in_effect(setting.adapters))
            self._verifier.about(question, setting.scope, setting.cancel)
            self._answerer.warm(None)
        except (CancelledError, ChildError):
            return  # what is missing is said, or made, when it is needed
        except ModelError:
            raise
        except CarrelError:  # of this question, when it is asked
            return

    def _answers(
        self,
        question: str,
        setting: _Setting,
        order: Sequence[Variant],
        tell: Listener,
    ) -> Iterator[tuple[Variant, Answer]]:
        """Each as it is done; none after it was stopped."""
        try:
            about = self._verifier.about(question, setting.scope, setting.cancel)
            for variant in order:
                tell(VariantBegun(variant))
                answer = self._answerer.ask(
                    question,
                    model=setting.model,
                    scope=setting.scope,
                    use_documents=variant in _FROM_DOCUMENTS,
                    adapters=setting.adapters if variant in _ADAPTED else (),
                    freely=True,
                    seed=setting.seed,
                    on_event=tell,
                    cancel=setting.cancel,
                )
                if answer.stopped:  # half an answer cannot be compared
                    return
                answer = self._verifier.verified(answer, about, setting.scope, setting.cancel)
                tell(VariantDone(variant, answer))
                yield variant, answer
        except CancelledError:
            return


def _comparison(question: str, setting: _Setting, done: dict[Variant, Answer]) -> Comparison:
    variants = tuple(variant for variant in Variant if variant in done)
    return Comparison(
        question=question.strip(),
        answers=tuple(done[variant] for variant in variants),
        model=setting.model.stem,
        adapters=setting.adapters,
        seed=setting.seed,
        made=time.time(),
        variants=variants,
    )


def _nobody(event: VariantBegun | AnswerEvent | VariantDone) -> None:
    """Listens to nothing."""


def _nobody_asks(progress: ComparingProgress) -> None:
    """Listens to nothing."""
