"""What stands beside a PDF page's text: captions of figures and tables, and footnotes.

A caption says what it is in its first words. A footnote is a paragraph in small letters in the
lower part of the page that begins with its mark.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from engine.reading.pdf_headings import PageLines
from engine.reading.pdf_lines import BLANK, median
from engine.records import Block, BlockKind

_CAPTION = re.compile(
    r"(?:figure|fig\.|table|tab\.|chart|exhibit|plate|scheme|abbildung|abb\.|tabelle|figura|"
    r"tableau|graphique)\s*[A-Z]?\d+(?:[.\-]\d+)*\s*(?:[.:|–—-]\s*\S|\s[A-ZÀ-Þ])"
    r"|[图表図圖]\s*\d+",
    re.IGNORECASE,
)
_MARK = re.compile(r"(?:\d{1,3}|[*†‡§¶]{1,3}|\(?[a-z\d]{1,2}\))\s?\S")
_SMALL = 0.92  # of the page's usual letters
_LOWER = 0.5  # of the page's height: where footnotes begin, at the earliest
_LONGEST = 1200  # characters of a caption


def asides(page: PageLines, height: float, taken: Sequence[Block]) -> tuple[Block, ...]:
    """Captions and footnotes, in order; nothing that one of the blocks ``taken``
    (in order, apart from each other) holds."""
    starts = [block.start for block in taken]
    found = []
    for block in _found(page, height):
        before = bisect_left(starts, block.end) - 1
        if before < 0 or taken[before].end <= block.start:
            found.append(block)
    return tuple(found)


def _found(page: PageLines, height: float) -> Iterator[Block]:
    heights = page.boxes[:, 3] - page.boxes[:, 1]
    lengths = page.spans[:, 1] - page.spans[:, 0]
    usual = _weighted_median(heights, lengths)
    ends = [*np.flatnonzero(page.gaps == BLANK).tolist(), len(page.spans) - 1]
    first = 0
    for last in ends:
        start, end = int(page.spans[first, 0]), int(page.spans[last, 1])
        if end - start <= _LONGEST and _CAPTION.match(page.text, start, end):
            yield Block(start, end, BlockKind.CAPTION)
        elif (
            page.boxes[first, 1] > _LOWER * height
            and _MARK.match(page.text, start, end)
            and median(heights[first : last + 1]) < _SMALL * usual
        ):
            yield Block(start, end, BlockKind.FOOTNOTE)
        first = last + 1


def _weighted_median(values: NDArray[np.float64], weights: NDArray[np.int64]) -> float:
    order = np.argsort(values)
    sums = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(sums, sums[-1] / 2)])
