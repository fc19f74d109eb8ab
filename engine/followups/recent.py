"""Which earlier turns still fit into a prompt."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice

from engine.answers import Answer
from engine.sentences import sentences
from engine.untrusted import as_data, is_order

_COUNTED_AT_ONCE = 4


@dataclass(frozen=True, slots=True)
class RecentTurns:
    """``turns`` go in, the oldest first, and take ``tokens``; ``left`` older ones do not."""

    turns: tuple[Answer, ...]
    tokens: int
    left: int


def said(answer: Answer) -> str:
    """What an answer told: the model's text, or why there is none, or else the best quotes. It is
    for a prompt: what documents say in it is data on one line, without their orders."""
    if answer.refused or answer.text:
        return " ".join(filter(None, map(_plain, (answer.text or answer.reason).splitlines())))
    quotes = {citation.n: citation.quote for citation in answer.citations}
    found = (quotes[n] for n in answer.quotes if n in quotes)
    return " ".join(filter(None, map(_plain, found)))


def _plain(text: str) -> str:
    parts = [text[start:end] for start, end in sentences(text)]
    kept = [part for part in parts if not is_order(part)]
    if len(kept) == len(parts) and is_order(text):
        return ""  # sentences that are an order only together
    return as_data(" ".join(kept))


def recent_turns(
    turns: Sequence[Answer],
    count_tokens: Callable[[Sequence[Sequence[str]]], Sequence[int]],
    room: int,
) -> RecentTurns:
    """The newest of ``turns`` (oldest first) whose questions and answers fit into ``room`` tokens:
    whole ones, none passed over. ``count_tokens`` gives the tokens of each (question, answer) as
    they are in the prompt; it is asked for no more turns than are needed."""
    kept: list[Answer] = []
    tokens = 0
    newest = iter(reversed(turns))
    while some := list(islice(newest, _COUNTED_AT_ONCE)):
        counts = count_tokens([(answer.question, said(answer)) for answer in some])
        for answer, count in zip(some, counts, strict=True):
            if tokens + count > room:
                return RecentTurns(tuple(reversed(kept)), tokens, len(turns) - len(kept))
            kept.append(answer)
            tokens += count
    return RecentTurns(tuple(reversed(kept)), tokens, 0)
