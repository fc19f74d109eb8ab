"""Which lines of a PDF page belong together.

MuPDF takes lines that stand far apart (a manuscript in double spacing, a contract) for blocks of
their own, and columns of a table for lines of their own. Both would tear sentences and rows.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

SPACE, LINE, BLANK = 0, 1, 2

_WIDEST_STEP = 3.0  # from one line's top to the next, in line heights
_SAME_STEP = 1.2
_MOST_LINES = 2000  # all of a page's lines are compared with each other


def gaps(
    boxes: NDArray[np.float64], blocks: NDArray[np.int64], lines: NDArray[np.int64]
) -> NDArray[np.int64]:
    """What stands after each word but the last: a space, a line end, or a blank line.

    ``boxes`` is (words, 4) in points; ``blocks`` and ``lines`` are MuPDF's numbers.
    """
    before, after = boxes[:-1], boxes[1:]
    new_block = blocks[1:] != blocks[:-1]
    new_line = new_block | (lines[1:] != lines[:-1])
    overlap = np.minimum(before[:, 3], after[:, 3]) - np.maximum(before[:, 1], after[:, 1])
    lower = np.minimum(before[:, 3] - before[:, 1], after[:, 3] - after[:, 1])
    beside = (overlap > 0.6 * lower) & (after[:, 0] >= before[:, 2] - 0.2 * lower)
    found: NDArray[np.int64] = np.where(new_line & ~beside, np.where(new_block, BLANK, LINE), SPACE)
    ends = np.nonzero(found)[0]
    if np.any(found == BLANK) and len(ends) <= _MOST_LINES:
        found[ends[_wrapped(boxes, ends, found[ends] == LINE)]] = LINE
    return found


def _wrapped(
    boxes: NDArray[np.float64], ends: NDArray[np.int64], joined: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Whether the line that ends at each of ``ends`` goes on in the next: they are aligned, of
    one size, no further apart than the page's lines are, and the next line's first word would
    not have fitted any more."""
    firsts = np.concatenate(([0], ends + 1))
    x0 = np.minimum.reduceat(boxes[:, 0], firsts)
    x1 = np.maximum.reduceat(boxes[:, 2], firsts)
    top = np.minimum.reduceat(boxes[:, 1], firsts)
    height = np.maximum.reduceat(boxes[:, 3], firsts) - top
    tall = np.maximum(np.minimum(height[:-1], height[1:]), 0.1)
    step = top[1:] - top[:-1]
    indent = (x0[:-1] - x0[1:]) / tall
    alike = (np.abs(height[1:] - height[:-1]) < 0.2 * tall) & (indent > -0.5) & (indent < 3.5)
    alike &= (step > 0.5 * tall) & (step < _WIDEST_STEP * tall)
    # the right edge of the column: of all lines that begin where this one does
    near = np.abs(x0[:, None] - x0[None, 1:]) < 3.5 * tall[None, :]
    right = np.where(near, x1[:, None], -np.inf).max(axis=0)
    word = boxes[firsts[1:], 2] - boxes[firsts[1:], 0]
    full = x1[:-1] + 0.2 * tall + word > right
    candidates: NDArray[np.bool_] = alike & full & ~joined
    steps = step[alike & (joined | candidates)]
    if not len(steps):
        return candidates
    near_enough: NDArray[np.bool_] = step <= _SAME_STEP * median(steps)
    return candidates & near_enough


def median(values: NDArray[np.float64]) -> float:
    """NumPy's own takes ten times as long on the few values of a page."""
    ordered = np.sort(values)
    half = len(ordered) // 2
    return float(ordered[half] + ordered[~half]) / 2
