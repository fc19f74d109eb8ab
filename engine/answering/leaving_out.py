"""Whether a claim that leaves out some of its source still says the same."""

from __future__ import annotations

from engine.answering.aligning import Alignment, Sort

_CONDITIONS = frozenset("if unless only except provided until".split())


def left_out(laid: Alignment, number: int, last: int) -> str:
    """Whether leaving out what stands in the source's gap ``number`` (of ``last``) changes what
    is said: a condition, a unit or "less than" beside a figure, or what something is said of."""
    start = laid.pairs[number - 1][1] + 1 if number else 0
    end = laid.pairs[number][1] if number < last else len(laid.source)
    skipped = laid.source[start:end]
    here = laid.source[start - 1].clause if number else 0
    if any(t.hedge in _CONDITIONS and t.clause <= here + 1 for t in skipped):
        return "the source makes it depend on something"
    before = laid.source[start - 1] if number else None
    after = laid.source[end] if number < last else None
    if before is not None and before.sort is Sort.FIGURE and skipped[0].sort is Sort.UNIT:
        return f"the source says {before.word} {skipped[0].word}"
    if after is not None and after.sort is Sort.FIGURE and skipped[-1].sort is Sort.AMOUNT:
        return f"the source says “{skipped[-1].word}” {after.word}"
    if before is None or after is None:
        return ""
    if any(t.sort is Sort.FIGURE for t in skipped) and Sort.FIGURE in {
        t.sort for t in laid.source[end:]
    } & {laid.claim[i].sort for i, _ in laid.pairs[number:]}:
        return "it joins what the source says of different things"
    set_apart = before.clause != skipped[0].clause and skipped[-1].clause != after.clause
    if any(t.sort is Sort.NAME for t in skipped) and not set_apart:
        return "it joins what the source says of different things"
    return ""


def breaks(laid: Alignment) -> bool:
    """Whether the claim goes over from one sentence to the next and leaves out what that one is
    about."""
    seen: set[int] = set()
    at = 0
    for _, j in laid.pairs:
        sentence = laid.source[j].sentence
        if sentence not in seen and seen:
            left_out = [t for t in laid.source[at:j] if t.sentence == sentence]
            if left_out:
                return True
        seen.add(sentence)
        at = j + 1
    return False
