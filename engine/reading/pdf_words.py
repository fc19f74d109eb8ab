"""The words of a PDF page as text: one spelling for each letter, and words that a line's end cuts
put together again.

A hyphen at a line's end belongs to the word ("long-term") or to the line ("invest-ment"). It is
the word's where the document writes the word with it elsewhere, or both halves are words of the
document; else it goes.
"""

from __future__ import annotations

import unicodedata
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from engine.reading.document import clean
from engine.reading.pdf_lines import BLANK, LINE

_SEPARATORS = (" ", "\n", "\n\n")
_SOFT = "\u00ad"
_HYPHENS = ("-", "\u2010", _SOFT)
_REMEMBERED = 60  # pages
_AROUND = "\"'“”‘’«»()[].,;:!?"


@dataclass(frozen=True, slots=True, eq=False)
class PageText:
    """``spans`` (n, 2) are where the words stand in ``text``; halves of one word touch."""

    text: str
    spans: NDArray[np.int64]


class WordJoiner:
    """Puts pages together, one after the other; learns the document's words where it needs them,
    from the pages before."""

    def __init__(self) -> None:
        self._known: set[str] = set()
        self._unlearnt: deque[Sequence[str]] = deque(maxlen=_REMEMBERED)

    def text(self, words: Sequence[str], gaps: NDArray[np.int64]) -> PageText:
        """``gaps`` (n - 1) say what stands after each word but the last; see ``pdf_lines``."""
        joined = "".join(words)
        plain = joined.isascii()
        said = list(words)
        if not plain and not unicodedata.is_normalized("NFC", joined):
            # in composed letters: a letter and its accent as one
            said = [w if w.isascii() else unicodedata.normalize("NFC", w) for w in words]
        self._unlearnt.append(tuple(said))
        joints = [_SEPARATORS[gap] for gap in gaps.tolist()]
        for at in np.flatnonzero((gaps == LINE) | (gaps == BLANK)).tolist():
            first, second = said[at], said[at + 1]
            if first.endswith(_HYPHENS) and first[-2:-1].isalpha() and second[:1].islower():
                joints[at] = ""
                if not self._is_compound(first, second):
                    said[at] = first[:-1]
        if _SOFT in joined:  # a soft hyphen that no line's end follows is nothing
            said = [word.replace(_SOFT, "") if _SOFT in word else word for word in said]
        joints.append("")
        lengths = np.fromiter(map(len, said), dtype=np.int64, count=len(said))
        steps = lengths + np.fromiter(map(len, joints), dtype=np.int64, count=len(joints))
        starts = np.cumsum(steps) - steps
        text = clean("".join(chain.from_iterable(zip(said, joints, strict=True))))
        return PageText(text, np.stack([starts, starts + lengths], axis=1))

    def _is_compound(self, first: str, second: str) -> bool:
        if first[-1] == _SOFT:
            return False
        while self._unlearnt:
            page = self._unlearnt.popleft()
            self._known.update([word.strip(_AROUND).lower() for word in set(page)])
        left = first[:-1].strip(_AROUND).lower()
        right = second.strip(_AROUND).lower()
        if f"{left}-{right}" in self._known:
            return True
        if left + right in self._known:
            return False
        return left.rpartition("-")[2] in self._known and right.partition("-")[0] in self._known
