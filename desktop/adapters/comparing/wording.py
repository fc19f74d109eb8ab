"""What the four ways of answering are called, and how their figures read."""

from __future__ import annotations

from dataclasses import dataclass

from desktop.adapters.wording import briefly
from desktop.ask.measures import counted, seconds
from engine.answers import Answer, AppliedAdapter
from engine.applied import name_of
from engine.comparisons import Comparison, Variant, VariantSum, judged


@dataclass(frozen=True, slots=True)
class VariantWords:
    """``short`` heads a column, ``what`` says what the model was given."""

    name: str
    short: str
    what: str


WORDS = {
    Variant.PLAIN: VariantWords("Model alone", "Alone", "no adapter, no documents"),
    Variant.ADAPTER: VariantWords("Adapter", "Adapter", "without documents"),
    Variant.DOCUMENTS: VariantWords("Documents", "Documents", "without the adapter"),
    Variant.BOTH: VariantWords("Documents + adapter", "Both", "both together"),
}


def applied(adapters: tuple[AppliedAdapter, ...]) -> str:
    """Such as "Findings ×0.8 + Legal ×1"."""
    return " + ".join(f"{name_of(one)} {briefly(one.scale)}" for one in adapters)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What checking an answer came to: ``icon`` by its name, ``tone`` a colour's."""

    words: str
    icon: str
    tone: str


def verdict(answer: Answer) -> Verdict | None:
    """None where there is nothing that could be checked."""
    if answer.refused:
        return Verdict("Says that it does not know", "minus-circle-outline", "muted")
    good, claims = judged(answer)
    if not claims:
        return None
    words = f"{good} of {counted(claims, 'claim')} in your documents"
    if good == claims:
        return Verdict(words, "check-circle-outline", "good")
    if good:
        return Verdict(words, "circle-half-full", "warning")
    return Verdict(words, "close-circle-outline", "danger")


def cost(answer: Answer) -> str:
    """Such as "1.9 s · 34 words · 64 tokens"."""
    parts = []
    if answer.timings.total_ms > 0:
        parts.append(seconds(answer.timings.total_ms))
    if answer.text and not answer.refused:
        parts.append(counted(len(answer.text.split()), "word"))
    if answer.timings.output_tokens:
        parts.append(counted(answer.timings.output_tokens, "token"))
    return " · ".join(parts)


def share(of: VariantSum) -> float | None:
    """Of claims that are borne out; None where nothing was claimed."""
    return of.supported / of.claims if of.claims else None


def cell(comparison: Comparison, variant: Variant) -> str:
    """One answer in a table's cell: claims that hold, of those that were made."""
    answer = comparison.answer(variant)
    if answer is None:
        return ""
    if answer.refused:
        return "refused"
    good, claims = judged(answer)
    return f"{good} of {claims}" if claims else "no claim"
