"""How an answer came about, in words: what the model was given, how long it took, with what."""

from __future__ import annotations

from pathlib import PurePath

from engine.answers import Answer, ContextUse, MapProgress, PromptRead
from engine.exporting.wording import model_name

_LEAST_SECONDS = 0.05  # of writing, below which a speed says nothing


def counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def context_used(use: ContextUse) -> str:
    """Such as "1,240 of 8,192 tokens · 3 quotes · 1 earlier question"."""
    parts = [f"{use.prompt:,} of {use.room:,} tokens"]
    if use.quotes:
        parts.append(counted(use.quotes, "quote"))
    if use.turns:
        parts.append(counted(use.turns, "earlier question"))
    return " · ".join(parts)


def context_left(use: ContextUse) -> str:
    """Such as "2 quotes left out"; empty where everything was in."""
    left = []
    if use.quotes_left:
        left.append(counted(use.quotes_left, "quote"))
    if use.turns_left:
        left.append(counted(use.turns_left, "earlier question"))
    return f"{' and '.join(left)} left out" if left else ""


def seconds(milliseconds: float) -> str:
    span = milliseconds / 1000
    if span < 0.1:
        return f"{span:.2f} s"
    if span < 10:
        return f"{span:.1f} s"
    if span < 60:
        return f"{span:.0f} s"
    return f"{int(span // 60)} min {int(span % 60)} s"


def words_per_second(answer: Answer) -> float:
    """Of the text, from its first word to its last; 0 where that cannot be said."""
    t = answer.timings
    span = (t.total_ms - t.first_token_ms) / 1000
    if not answer.model or t.first_token_ms <= 0 or span < _LEAST_SECONDS:
        return 0.0
    return len(answer.text.split()) / span


def pace(answer: Answer) -> str:
    """Such as "0.8 s to the first word, 52 words/s"; where no model wrote, how long it all
    took."""
    t = answer.timings
    parts = []
    if not answer.model and answer.text and t.total_ms > 0:
        parts.append(f"Done in {seconds(t.total_ms)}")
    elif answer.model and t.first_token_ms > 0:
        parts.append(f"{seconds(t.first_token_ms)} to the first word")
        speed = words_per_second(answer)
        if speed > 0:
            parts.append(f"{speed:.0f} words/s")
    elif t.retrieve_ms > 0:
        parts.append(f"{'Searched' if answer.refused else 'Found'} in {seconds(t.retrieve_ms)}")
    return ", ".join(parts)


def details(answer: Answer) -> list[tuple[str, str]]:
    """(name, value) of everything worth knowing about how an answer was made."""
    t, made = answer.timings, answer.provenance
    rows = []
    if t.retrieve_ms > 0:
        rows.append(("Sources found after", seconds(t.retrieve_ms)))
    if answer.model and t.first_token_ms > 0:
        rows.append(("First word after", seconds(t.first_token_ms)))
    if t.total_ms > 0 and answer.text:
        rows.append(("Done after", seconds(t.total_ms)))
    speed = words_per_second(answer)
    if speed > 0:
        tokens = f" ({t.tokens_per_s:,.0f} tokens/s)" if t.tokens_per_s else ""
        rows.append(("Writing", f"{speed:.0f} words/s{tokens}"))
    if answer.context is not None:
        rows.append(("Context", context_used(answer.context)))
        left = context_left(answer.context)
        if left:
            rows.append(("Left out", left.removesuffix(" left out")))
    elif t.prompt_tokens:
        rows.append(("Prompt", counted(t.prompt_tokens, "token")))
    if t.reused_tokens:
        rows.append(("Already read", counted(t.reused_tokens, "token")))
    if answer.model:
        rows.append(("Model", model_name(answer.model)))
    shaped = adapters(answer)
    if shaped:
        rows.append(("Adapter" if len(shaped) == 1 else "Adapters", ", ".join(shaped)))
    if made is not None and answer.text:
        held = ", held to the words of the sources" if made.held else ""
        rows.append(("Temperature", f"{made.temperature:g}{held}"))
        rows.append(("Seed", str(made.seed)))
    return rows


def adapters(answer: Answer) -> list[str]:
    """Those that shaped its words, such as "Findings ×0.8"."""
    made = answer.provenance
    if made is not None and made.adapters:
        return [f"{one.name} ×{one.scale:g}" for one in made.adapters]
    return [PurePath(answer.adapter).name] if answer.adapter else []


def reading(read: PromptRead) -> str:
    """While the model takes in its prompt."""
    if read.total <= 0 or read.done >= read.total:
        return "Reading the sources…"
    return f"Reading the sources, {100 * read.done // read.total} %"


def mapping(progress: MapProgress, unit: str, left: str) -> str:
    """Such as "Section 3 of 12 · Liability · about 2 minutes left"."""
    number = min(progress.done + 1, progress.total)
    place = f"{unit} {number:,} of {progress.total:,}" if progress.total else f"{unit}s"
    return " · ".join(part for part in (place, progress.current, left) if part)
