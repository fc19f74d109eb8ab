"""How good a ranking is."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence


def ndcg(ranked: Sequence[str], relevant: Collection[str] | Mapping[str, float], k: int) -> float:
    """Normalised discounted cumulative gain of the first ``k``, between 0 and 1.

    ``relevant`` are the ids that should come first, all alike, or with a gain each (Järvelin,
    Kekäläinen: "Cumulated gain-based evaluation of IR techniques", 2002). 0 where none is.
    """
    gains = relevant if isinstance(relevant, Mapping) else dict.fromkeys(relevant, 1.0)
    found = [gains.get(name, 0.0) for name in dict.fromkeys(ranked)]
    best = sorted(gains.values(), reverse=True)
    ideal = _discounted(best[:k])
    return _discounted(found[:k]) / ideal if ideal else 0.0


def _discounted(gains: Sequence[float]) -> float:
    return sum(gain / math.log2(rank + 1) for rank, gain in enumerate(gains, 1))
