"""Which words of a text another does not have."""

from __future__ import annotations

import re
from difflib import SequenceMatcher

_WORD = re.compile(r"\w+(?:[’'.-]\w+)*")
_MOST = 2000  # words that are compared: more would keep the window waiting


def new_words(before: str, after: str) -> tuple[tuple[int, int], ...]:
    """Spans of ``after`` whose words do not stand in ``before`` in this order; words that follow
    each other are one span. Case and punctuation make no difference."""
    old = [word[0].casefold() for word in _WORD.finditer(before)][:_MOST]
    places = list(_WORD.finditer(after))[:_MOST]
    new = [word[0].casefold() for word in places]
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    return tuple(
        (places[first].start(), places[last - 1].end())
        for kind, _, _, first, last in matcher.get_opcodes()
        if kind in ("insert", "replace") and first < last
    )
