"""Where two texts differ, by words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

_WORD = re.compile(r"\w+(?:['’.,:/-]\w+)*|[^\w\s]")

Spans = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Differences:
    """What each of two texts has and the other has not: ``(start, end)`` in each, in order.
    ``alike`` is the share of the words that they have in common, between 0 and 1."""

    first: Spans
    second: Spans
    alike: float


def differences(first: str, second: str) -> Differences:
    """Capitals and spaces make no difference; neighbouring words that differ are one span."""
    words = [list(_WORD.finditer(text)) for text in (first, second)]
    keys = [[word.group().casefold() for word in each] for each in words]
    matcher = SequenceMatcher(None, keys[0], keys[1], autojunk=False)
    spans: tuple[list[tuple[int, int]], list[tuple[int, int]]] = ([], [])
    for what, first_from, first_to, second_from, second_to in matcher.get_opcodes():
        if what == "equal":
            continue
        for side, start, end in ((0, first_from, first_to), (1, second_from, second_to)):
            if start < end:
                spans[side].append((words[side][start].start(), words[side][end - 1].end()))
    return Differences(tuple(spans[0]), tuple(spans[1]), matcher.ratio())
