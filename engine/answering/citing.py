"""Sources numbered in the order in which they are first cited."""

from __future__ import annotations

from collections.abc import Sequence

from engine.answering.grounding import CheckedClaim
from engine.answering.quotes import Sentence
from engine.answers import Citation, Claim
from engine.retrieval import Retriever


class Citations:
    """The citations of one answer, with the exact boxes of what they cite. ``known`` are those
    that it has already."""

    def __init__(self, retriever: Retriever, known: Sequence[Citation] = ()) -> None:
        self._retriever = retriever
        self._citations = list(known)
        self._numbers = {(c.document_id, c.page, c.start, c.end): c.n for c in known}

    def number(self, sentence: Sentence) -> int:
        hit = sentence.hit
        key = (hit.document_id, hit.page, sentence.start, sentence.end)
        if key not in self._numbers:
            self._numbers[key] = len(self._citations) + 1
            self._citations.append(sentence.cited(self._numbers[key], self._retriever.boxes))
        return self._numbers[key]

    def claim(self, checked: CheckedClaim) -> Claim:
        numbers = tuple(self.number(sentence) for sentence in checked.sources)
        return Claim(
            checked.text, checked.start, checked.end, checked.support, numbers, checked.why
        )

    def all(self) -> tuple[Citation, ...]:
        return tuple(self._citations)
