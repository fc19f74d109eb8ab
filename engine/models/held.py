"""Writing held to the words of a source.

A small model invents where it should quote. Held, it may only say again what the source says,
from its beginning on; where to stop is the model's choice, at places that leave what was said as
true as it was: before a relative clause or an apposition at the end, and never before a condition,
an exception or a contrast.

Constrained decoding, as in Hokamp and Liu, "Lexically Constrained Decoding for Sequence
Generation Using Grid Beam Search" (ACL 2017), greedily and with a single sentence as constraint.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

_STOPPING = re.compile(r"(?<=[,;])\s+(?=(?:which|who|whose|where|including|such as)\b)|(?<=;)\s+")
_CHANGING = re.compile(
    r"\b(?:if|unless|except|only|provided|but|not|no|never|nor|without|until|although|though|"
    r"however|while|whereas|yet|otherwise|alleged\w*|deni\w+|false)\b",
    re.IGNORECASE,
)

Tokenize = Callable[[str], list[int]]


class HeldToSource:
    """Chooses the tokens of one text, greedily. ``ends`` says which tokens end a text."""

    def __init__(self, tokenize: Tokenize, ends: Callable[[int], bool], source: str) -> None:
        self._ends = ends
        self._tokens: list[int] = []
        self._stops: set[int] = set()
        text = " ".join(source.split())
        start = 0
        for stop in _STOPPING.finditer(text):
            if _CHANGING.search(text, stop.start()):
                continue
            self._tokens += tokenize(text[start : stop.start()])
            self._stops.add(len(self._tokens))
            start = stop.start()
        self._tokens += tokenize(text[start:]) if start < len(text) else []
        self._at = 0

    def choose(self, logits: npt.NDArray[np.float32]) -> int | None:
        """The next token, or None where the text ends."""
        if self._at >= len(self._tokens):
            return None
        token = self._tokens[self._at]
        if self._at in self._stops:
            top = int(logits.argmax())
            if self._ends(top) and logits[top] > logits[token]:
                return None
        self._at += 1
        return token
