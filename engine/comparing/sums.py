"""What each of the four ways came to over many questions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import median

from engine.answers import Answer, Support
from engine.comparisons import Comparison, Variant, VariantSum, judged


def sums(comparisons: Iterable[Comparison]) -> tuple[VariantSum, ...]:
    """In the order of :class:`Variant`, over the same questions for each: those that were answered
    in all four ways. An answer that the model failed to write is none."""
    whole = [
        {variant: comparison.answer(variant) for variant in Variant}
        for comparison in comparisons
        if not comparison.stopped
    ]
    return tuple(
        _sum(variant, [answer for each in whole if (answer := each[variant]) is not None])
        for variant in Variant
    )


def is_refusal(answer: Answer) -> bool:
    """Whether it says that there is no answer, and nothing else."""
    if answer.refused:
        return True
    return bool(answer.claims) and all(c.support is Support.UNCHECKED for c in answer.claims)


def _sum(variant: Variant, answers: Sequence[Answer]) -> VariantSum:
    given = [answer for answer in answers if answer.text or answer.refused]
    written = [answer for answer in given if answer.text]
    counts = [judged(answer) for answer in given]
    return VariantSum(
        variant=variant,
        answers=len(given),
        claims=sum(stated for _, stated in counts),
        supported=sum(supported for supported, _ in counts),
        refused=sum(map(is_refusal, given)),
        words=_median([len(answer.text.split()) for answer in written]),
        seconds=_median([answer.timings.total_ms / 1000 for answer in written]),
        tokens=_median([answer.timings.output_tokens for answer in written]),
    )


def _median(values: Sequence[float]) -> float:
    return float(median(values)) if values else 0.0
