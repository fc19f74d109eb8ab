"""Running headers, footers and page numbers: what stands at the edge of page after page.

A line at the top or bottom is one where the pages around it have the same line at the same height,
its figures aside. A number alone at the edge is the page's.
"""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from engine.reading.pdf_headings import PageLines
from engine.records import Block, BlockKind

AHEAD = 2
"""Pages that must be known before one is judged: left and right pages differ."""

_TOP, _BOTTOM = 0.085, 0.915  # of the page's height: where the edges end
_NUMBERED = 0.8  # below stands no last line but a page number
_MOST_LINES = 4  # at each edge
_STEP = 4.0  # points that a line may stand higher or lower
_OTHERS = 1  # page with the same line
_FIGURES = re.compile(r"\d+|\b[ivxlc]+\b")
_NUMBER = re.compile(
    r"[-–—|\s]*(?:(?:page|seite|p\.)\s*)?(?:[A-Z]{1,2}[-–])?(?:\d{1,4}|[ivxlc]{1,7})"
    r"(?:\s*(?:/|of|von)\s*\d{1,4})?[-–—|\s]*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Edge:
    """A line at the top or bottom of a page: ``text[start:end]``, with what it is known by."""

    start: int
    end: int
    key: tuple[str, int]
    is_number: bool


def edges(page: PageLines, height: float) -> tuple[Edge, ...]:
    """The page's first and last lines, if they stand at its edges."""
    boxes = page.boxes
    outside = (boxes[:, 3] < _TOP * height) | (boxes[:, 1] > _BOTTOM * height)
    lasts = np.append(np.flatnonzero(page.gaps), len(boxes) - 1)
    firsts = np.append(0, lasts[:-1] + 1)
    candidates = outside[firsts] & outside[lasts]
    candidates[-1] |= boxes[firsts[-1], 1] > _NUMBERED * height
    found = []
    for line in np.flatnonzero(candidates).tolist():
        first, last = int(firsts[line]), int(lasts[line])
        ends_page = last + 1 == len(boxes) and boxes[first, 1] > _NUMBERED * height
        if not ends_page and not outside[first : last + 1].all():
            continue
        start, end = int(page.spans[first, 0]), int(page.spans[last, 1])
        text = page.text[start:end]
        if ends_page and not outside[first] and not _NUMBER.fullmatch(text):
            continue
        key = (_FIGURES.sub("#", " ".join(text.lower().split())), round(boxes[first, 1] / _STEP))
        found.append(Edge(start, end, key, _NUMBER.fullmatch(text) is not None))
    return tuple(dict.fromkeys((*found[:_MOST_LINES], *found[-_MOST_LINES:])))


class RunningLines:
    """Judges the edges of one document's pages, in order."""

    def __init__(self) -> None:
        self._met: Counter[tuple[str, int]] = Counter()
        self._pages: deque[tuple[Edge, ...]] = deque()

    def meet(self, page: tuple[Edge, ...]) -> None:
        """The edges of the next page; met ``AHEAD`` pages before it is judged."""
        self._met.update({edge.key for edge in page})
        self._pages.append(page)

    def next(self) -> tuple[Block, ...]:
        """The marginals of the first page that was met and not judged yet."""
        return tuple(self._marginals(self._pages.popleft()))

    def _marginals(self, page: tuple[Edge, ...]) -> Iterator[Block]:
        for edge in page:
            text, step = edge.key
            others = sum(self._met[text, near] for near in (step - 1, step, step + 1)) - 1
            if edge.is_number or others >= _OTHERS:
                yield Block(edge.start, edge.end, BlockKind.MARGINAL)
