"""Words of a PDF page in the order in which they are read, where the file has them in another.

Most files tell a page's columns one after the other, and their order is kept. Some tell it line by
line, across the columns: there an empty strip runs down the page with sentences on both sides, and
what follows in the file stands on one side and the other in turn. Such a page is cut along the
strip (an XY cut: Nagy and Seth, "Hierarchical representation of optically scanned documents",
1984), between the lines that go across it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_FEWEST_TURNS = 6  # from one side of the strip to the other
_PROSE = 4  # words beside the strip; labels and figures of a table are fewer
_WIDE = 0.9  # of a line's height: a gap between two columns, at least
_ALIKE = 0.6  # how wide the narrower column is, of the wider
_MOST_ACROSS = 0.25  # of the stretches
_MIDDLE = (0.25, 0.75)  # of the page's text: where the strip may run


@dataclass(frozen=True, slots=True, eq=False)
class _Stretches:
    """Words side by side without a wide gap: where each begins among the words, its edges (n,)
    in points, and how many words it has."""

    firsts: NDArray[np.intp]
    x0: NDArray[np.float64]
    x1: NDArray[np.float64]
    top: NDArray[np.float64]
    words: NDArray[np.int64]

    @classmethod
    def of(cls, boxes: NDArray[np.float64]) -> _Stretches:
        before, after = boxes[:-1], boxes[1:]
        heights = before[:, 3] - before[:, 1]
        overlap = np.minimum(before[:, 3], after[:, 3]) - np.maximum(before[:, 1], after[:, 1])
        gap = after[:, 0] - before[:, 2]
        parted = (overlap < 0.5 * heights) | (gap > _WIDE * heights) | (gap < -heights)
        firsts = np.flatnonzero(np.r_[True, parted])
        return cls(
            firsts,
            np.minimum.reduceat(boxes[:, 0], firsts),
            np.maximum.reduceat(boxes[:, 2], firsts),
            np.minimum.reduceat(boxes[:, 1], firsts),
            np.diff(np.r_[firsts, len(boxes)]),
        )


def order(boxes: NDArray[np.float64]) -> NDArray[np.int64] | None:
    """The numbers of the words in reading order; None where the file's own order is to be kept.
    ``boxes`` is (words, 4) in points, in the file's order."""
    if len(boxes) < _PROSE * 2 * _FEWEST_TURNS or not _jumps(boxes):
        return None
    stretches = _Stretches.of(boxes)
    strip = _strip(stretches)
    if strip is None:
        return None
    side = np.where(stretches.x1 <= strip, -1, np.where(stretches.x0 >= strip, 1, 0))
    turns = np.count_nonzero(side[1:] * side[:-1] < 0)
    if turns < _FEWEST_TURNS or np.count_nonzero(side == 0) > _MOST_ACROSS * len(side):
        return None
    return _read(stretches, side, len(boxes))


def _jumps(boxes: NDArray[np.float64]) -> bool:
    """Whether the file goes on to the right of a wide gap often enough for two columns."""
    gap = boxes[1:, 0] - boxes[:-1, 2]
    heights = boxes[:-1, 3] - boxes[:-1, 1]
    beside = boxes[1:, 1] < boxes[:-1, 3]
    above = boxes[1:, 3] > boxes[:-1, 1]
    return int(np.count_nonzero((gap > _WIDE * heights) & beside & above)) >= _FEWEST_TURNS // 2


def _strip(stretches: _Stretches) -> float | None:
    """Where an empty strip parts the page's sentences, if one does."""
    prose = stretches.words >= _PROSE
    if np.count_nonzero(prose) < 2 * _FEWEST_TURNS:
        return None
    x0, x1 = stretches.x0[prose], stretches.x1[prose]
    left, width = float(x0.min()), float(x1.max() - x0.min())
    places = left + width * np.linspace(*_MIDDLE, 41)
    crossing = ((x0[:, None] < places) & (x1[:, None] > places)).sum(axis=0)
    on_left = (x1[:, None] <= places).sum(axis=0)
    on_right = (x0[:, None] >= places).sum(axis=0)
    balanced = np.where(crossing <= _MOST_ACROSS * len(x0), np.minimum(on_left, on_right), 0)
    best = int(balanced.argmax())
    if balanced[best] < _FEWEST_TURNS:
        return None
    strip = float(places[best])
    widths = [float(np.median((x1 - x0)[chosen])) for chosen in (x1 <= strip, x0 >= strip)]
    return strip if min(widths) >= _ALIKE * max(widths) else None


def _read(stretches: _Stretches, side: NDArray[np.int64], words: int) -> NDArray[np.int64]:
    """Between the lines that go across: the left column from top to bottom, then the right."""
    across = np.sort(stretches.top[side == 0])
    band = np.searchsorted(across, stretches.top, "right")
    ordered = np.lexsort((stretches.x0, stretches.top, side + (side == 0) * -1, band))
    ends = np.r_[stretches.firsts[1:], words]
    return np.concatenate([np.arange(stretches.firsts[at], ends[at]) for at in ordered])
