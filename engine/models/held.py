"""Writing held to the words of a source.

A small model invents where it should quote. Held, it may only say again what the source says, in
its order: which clauses to leave out, and where to stop, is the model's choice; every word is the
source's. Such a text can still miss the question, but not the facts.

Constrained decoding, as in Hokamp and Liu, "Lexically Constrained Decoding for Sequence
Generation Using Grid Beam Search" (ACL 2017), greedily and with clauses as the constraints.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

_CLAUSE = re.compile(r"(?<=[,;:])\s+|\s+(?=[(–—])")
_GOING_ON = 1.0  # logits: to go on as the source does is preferred to leaving out

Tokenize = Callable[[str], list[int]]


class HeldToSource:
    """Chooses the tokens of one text, greedily. ``ends`` says which tokens end a text."""

    def __init__(self, tokenize: Tokenize, ends: Callable[[int], bool], source: str) -> None:
        self._ends = ends
        self._tokens: list[int] = []
        self._beginnings: list[int] = []
        for number, clause in enumerate(_clauses(source)):
            self._beginnings.append(len(self._tokens))
            self._tokens += tokenize(f" {clause}" if number else clause)
        self._at = 0

    def choose(self, logits: npt.NDArray[np.float32]) -> int | None:
        """The next token, or None where the text ends."""
        if self._at >= len(self._tokens):
            return None
        if self._at in self._beginnings[1:]:
            places = [at for at in self._beginnings if at >= self._at]
            values = logits[[self._tokens[at] for at in places]].astype(np.float64)
            values[0] += _GOING_ON
            top = int(logits.argmax())
            if self._ends(top) and float(logits[top]) >= values.max():
                return None
            self._at = places[int(values.argmax())]
        token = self._tokens[self._at]
        self._at += 1
        return token


def _clauses(source: str) -> Sequence[str]:
    return [clause for clause in _CLAUSE.split(" ".join(source.split())) if clause]
