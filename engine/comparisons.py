"""The frozen records of comparing: one question answered in four ways, and many of them in sum."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from engine.answers import Answer, AppliedAdapter, Support


class Variant(StrEnum):
    """The four ways, in the order in which they are shown."""

    PLAIN = "plain"
    ADAPTER = "adapter"
    DOCUMENTS = "documents"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class Comparison:
    """One question, with the same model, seed and sampling. Every answer's claims are checked
    against the library, those of the answers that were written without it too. ``answers`` are
    in the order of :class:`Variant`, and ``variants`` says which of them each is: fewer than all
    where it was stopped. ``made`` in Unix seconds; ``id`` is 0 until it is kept."""

    question: str
    answers: tuple[Answer, ...]
    model: str
    adapters: tuple[AppliedAdapter, ...]
    seed: int
    made: float
    id: int = 0
    variants: tuple[Variant, ...] = tuple(Variant)

    def answer(self, variant: Variant) -> Answer | None:
        """None where it was stopped before."""
        return dict(zip(self.variants, self.answers, strict=False)).get(variant)

    @property
    def stopped(self) -> bool:
        return len(self.answers) < len(Variant)


@dataclass(frozen=True, slots=True)
class VariantSum:
    """What one way came to over all questions: ``supported`` of ``claims`` were borne out by the
    library, ``refused`` of ``answers`` were refusals or said that there is no answer; ``words``,
    ``seconds`` and ``tokens`` are of the median text that the model wrote."""

    variant: Variant
    answers: int
    claims: int
    supported: int
    refused: int
    words: float
    seconds: float
    tokens: float


@dataclass(frozen=True, slots=True)
class ComparisonTable:
    """Many questions, each answered in the four ways. ``sums`` are in the order of
    :class:`Variant`, over the questions that were answered in all four. ``failures`` are
    (question, why) of those that could not be asked."""

    comparisons: tuple[Comparison, ...]
    sums: tuple[VariantSum, ...]
    stopped: bool = False
    failures: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class VariantBegun:
    """The answer that comes next is of this way; its events follow."""

    variant: Variant


@dataclass(frozen=True, slots=True)
class VariantDone:
    variant: Variant
    answer: Answer


@dataclass(frozen=True, slots=True)
class ComparingProgress:
    """``done`` of ``total`` answers of a table; ``seconds_left`` is None until it can be said
    honestly."""

    done: int
    total: int
    question: str
    seconds_left: float | None = None


def judged(answer: Answer) -> tuple[int, int]:
    """How many of its claims are supported, and how many there are that state something."""
    stated = [claim.support for claim in answer.claims if claim.support is not Support.UNCHECKED]
    return sum(support is Support.SUPPORTED for support in stated), len(stated)
