"""A comparison in the form that every format is written from: four titled answers with their
sources, and what each of them took."""

from __future__ import annotations

from dataclasses import replace

from engine.answers import Answer
from engine.applied import described
from engine.comparisons import Comparison, Variant, judged
from engine.exporting.content import Content, Turn, content
from engine.exporting.wording import date, model_name, one_line

TITLES = {
    Variant.PLAIN: "Plain model",
    Variant.ADAPTER: "With the adapter",
    Variant.DOCUMENTS: "With the documents",
    Variant.BOTH: "With both",
}


def compared(comparison: Comparison, *, exported: float) -> Content:
    """``exported`` is now, in Unix seconds."""
    titled = [
        replace(answer, question=TITLES[variant])
        for variant, answer in zip(comparison.variants, comparison.answers, strict=True)
    ]
    whole = content(titled, title=comparison.question, exported=exported)
    turns = tuple(
        _measured(turn, answer)
        for turn, answer in zip(whole.turns, comparison.answers, strict=True)
    )
    about = (_setting(comparison), *whole.about)
    return replace(whole, turns=turns, about=tuple(map(one_line, about)))


def _measured(turn: Turn, answer: Answer) -> Turn:
    t = answer.timings
    supported, stated = judged(answer)
    notes = [f"It took {t.total_ms / 1000:.1f} s and {t.output_tokens} tokens."]
    if stated:
        of = "1 claim is" if stated == 1 else f"{stated} claims are"
        notes.insert(0, f"{supported} of {of} supported by the documents.")
    return replace(turn, notes=(*turn.notes, *notes))


def _setting(comparison: Comparison) -> str:
    adapters = described(comparison.adapters)
    stopped = " Stopped before all four were written." if comparison.stopped else ""
    return (
        f"One question, answered by {model_name(comparison.model)} in each way with the same seed "
        f"({comparison.seed}); adapter: {adapters}; {date(comparison.made)}.{stopped}"
    )
