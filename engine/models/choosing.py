"""Choosing the next token from what the model computed for each.

llama.cpp's own chain of samplers copies the whole vocabulary into records for every token, which
takes a thirtieth of the time that a small model needs to compute one; the few tokens that matter
are found faster where the numbers lie.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

_REPEAT_WINDOW = 64
_REPEAT_PENALTY = 1.1
_TOP_K = 40
_TOP_P = 0.95


Choose = Callable[[NDArray[np.float32]], int | None]


class Chooser:
    """``temperature`` 0 takes the likeliest; above it one of the likeliest is drawn, always the
    same for one ``seed``. What was chosen lately becomes less likely (Keskar et al. 2019, CTRL)."""

    def __init__(self, temperature: float, seed: int) -> None:
        self._temperature = temperature
        self._random = np.random.default_rng(seed)
        self._lately: deque[int] = deque(maxlen=_REPEAT_WINDOW)

    def choose(self, logits: NDArray[np.float32]) -> int:
        """``logits`` are one for each token of the vocabulary, and are changed."""
        if self._lately:
            tokens = np.fromiter(set(self._lately), np.intp)
            again = logits[tokens]
            logits[tokens] = np.where(again > 0, again / _REPEAT_PENALTY, again * _REPEAT_PENALTY)
        token = int(logits.argmax()) if self._temperature <= 0 else self._drawn(logits)
        self._lately.append(token)
        return token

    def _drawn(self, logits: NDArray[np.float32]) -> int:
        best = np.argpartition(logits, -min(_TOP_K, len(logits)))[-_TOP_K:]
        best = best[np.argsort(-logits[best], kind="stable")]
        chances = np.exp((logits[best] - logits[best[0]]).astype(np.float64))
        chances /= chances.sum()
        best = best[: int(np.searchsorted(np.cumsum(chances), _TOP_P)) + 1]
        weights = np.exp((logits[best] - logits[best[0]]).astype(np.float64) / self._temperature)
        at = np.searchsorted(np.cumsum(weights), self._random.random() * weights.sum())
        return int(best[min(int(at), len(best) - 1)])
