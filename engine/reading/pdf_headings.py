"""Which lines of a PDF page are headings: those the outline names, and short lines that are
clearly larger than the text around them, or bold above text that is not.

PDF does not say what a heading is. A heading that is missed costs little; one that is made up
stands above every passage that follows. So in doubt a line is none.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.reading.pdf_letters import Weight
from engine.records import Block, BlockKind

_MOST_WORDS = 14
_MOST_CHARACTERS = 110
_LARGER = 1.18
_NOT_SMALLER = 0.94
_BOLD_LEVEL = 6
_STEPS = 2  # a point, of a word's height
_DIGITS = re.compile(r"\d+")
_WORDS = re.compile(r"[^\W_]+")
_SHAPE = re.compile(r"[\"'“‘(\[]?(?:[A-ZÀ-ÖØ-ÞΑ-ΩА-Я\d§]|[^\W\d_a-zß-öø-ÿ])")


@dataclass(frozen=True, slots=True, eq=False)
class PageLines:
    """A page's words as columns: ``spans`` (n, 2) into ``text``, ``boxes`` (n, 4), ``gaps``
    (n - 1) what stands between (0 a space, 1 a line end, 2 a blank line), MuPDF's numbers."""

    number: int
    text: str
    spans: NDArray[np.int64]
    boxes: NDArray[np.float64]
    gaps: NDArray[np.int64]
    blocks: NDArray[np.int64]
    lines: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Line:
    start: int
    end: int
    first: int
    words: int
    size: float


class HeadingFinder:
    """Finds headings page by page; learns the document's body size and its running headers."""

    def __init__(self, outline: Iterable[tuple[int, str, int]]) -> None:
        self._outline: dict[int, dict[str, int]] = {}
        for level, title, page in outline:
            if key := _key(title):
                self._outline.setdefault(page, {})[key] = level
        self._deepest = max(
            (level for titles in self._outline.values() for level in titles.values()), default=0
        )
        self._sizes = np.zeros(200 * _STEPS)
        self._seen: Counter[str] = Counter()

    def find(
        self, page: PageLines, height: float, weights: Callable[[], list[Weight]]
    ) -> tuple[Block, ...]:
        """The page's headings as blocks. ``weights`` tells how bold its lines are; it is asked
        only where a bold line might be a heading."""
        body = self._body_size(page)
        named = self._outline.get(page.number, {})
        found: list[Block] = []
        maybe_bold: list[_Line] = []
        for line in _short_lines(page):
            text = page.text[line.start : line.end]
            if named and (level := named.get(_key(text))):
                found.append(_heading(line, level))
                continue
            if line.size < _NOT_SMALLER * body or not _is_titular(text):
                continue
            larger = line.size >= _LARGER * body
            if not larger and (line.words < 2 or not _leads(page, line)):
                continue
            if self._is_running(page, line, text, height):
                continue
            if larger:
                found.append(_heading(line, self._deepest + _level(line.size / body)))
            else:
                maybe_bold.append(line)
        if maybe_bold:
            found.extend(self._bold(page, maybe_bold, weights()))
        return tuple(_in_order(found))

    def _body_size(self, page: PageLines) -> float:
        """The commonest height of a word, by characters, on the pages up to this one."""
        heights = (page.boxes[:, 3] - page.boxes[:, 1]) * _STEPS
        if not np.isfinite(heights).all():
            heights = np.nan_to_num(heights)
        steps = np.clip(np.rint(heights), 1, len(self._sizes) - 1).astype(np.int64)
        lengths = page.spans[:, 1] - page.spans[:, 0]
        self._sizes += np.bincount(steps, lengths, len(self._sizes))
        return int(self._sizes.argmax()) / _STEPS

    def _is_running(self, page: PageLines, line: _Line, text: str, height: float) -> bool:
        """Whether this is a header or footer that has stood on other pages already."""
        box = page.boxes[line.first]
        if 0.09 * height < box[1] and box[3] < 0.92 * height:
            return False
        mark = _DIGITS.sub("", _key(text))
        self._seen[mark] += 1
        return self._seen[mark] > 1

    def _bold(self, page: PageLines, lines: list[_Line], weights: list[Weight]) -> Iterable[Block]:
        numbers = page.blocks * 100_000 + page.lines
        begins = np.flatnonzero(np.r_[True, np.diff(numbers) != 0])
        if len(weights) != len(begins):  # nothing is bold, or it cannot be told which line is
            return
        heavy = sum(weight.length for weight in weights if weight.some)
        if heavy > 0.35 * sum(weight.length for weight in weights):
            return
        for line in lines:
            if weights[int(begins.searchsorted(line.first, "right")) - 1].all:
                capitals = page.text[line.start : line.end].isupper()
                yield _heading(line, self._deepest + _BOLD_LEVEL - capitals)


def _short_lines(page: PageLines) -> Iterable[_Line]:
    """The lines that a blank line or a line end parts from their neighbours, if short and not
    rows of a table."""
    ends = np.append(np.nonzero(page.gaps)[0], len(page.spans) - 1)
    firsts = np.append(0, ends[:-1] + 1)
    starts, stops = page.spans[firsts, 0], page.spans[ends, 1]
    one_line = (page.blocks[firsts] == page.blocks[ends]) & (page.lines[firsts] == page.lines[ends])
    heights = page.boxes[:, 3] - page.boxes[:, 1]
    short = (ends - firsts < _MOST_WORDS) & (stops - starts <= _MOST_CHARACTERS) & one_line
    for index in np.nonzero(short)[0].tolist():
        first, last = int(firsts[index]), int(ends[index])
        size = sorted(heights[first : last + 1].tolist())[(last - first) // 2]
        yield _Line(int(starts[index]), int(stops[index]), first, last - first + 1, size)


def _leads(page: PageLines, line: _Line) -> bool:
    """Whether longer text, or another such line, follows below; a table's column head has only
    its column's cells there."""
    last = line.first + line.words - 1
    if last + 1 >= len(page.spans):
        return False
    gap = int(page.gaps[last])
    opens = line.first == 0 or page.gaps[line.first - 1] == 2 or gap == 2
    following = page.text[line.end : line.end + 400].lstrip().split("\n", 1)[0]
    box, below = page.boxes[line.first], page.boxes[last + 1]
    left_of_it = bool(box[0] <= below[0] + 40) or abs(box[0] - below[0]) < 120
    return opens and left_of_it and bool(below[1] >= box[1]) and len(following.split()) >= 5


def _level(ratio: float) -> int:
    return 1 if ratio >= 1.9 else 2 if ratio >= 1.5 else 3 if ratio >= 1.3 else 4


def _heading(line: _Line, level: int) -> Block:
    return Block(line.start, line.end, BlockKind.HEADING, min(max(level, 1), 9))


def _in_order(blocks: list[Block]) -> Iterable[Block]:
    at = 0
    for block in sorted(blocks, key=lambda block: block.start):
        if block.start >= at:
            yield block
            at = block.end


def _is_titular(text: str) -> bool:
    """Whether the words look like a title's: a capital or a number first, mostly letters, and
    no mark at the end that promises more."""
    if text[-1] in ".,;:" or not _SHAPE.match(text):
        return False
    letters = sum(map(str.isalpha, text))
    return letters >= 3 and letters >= 0.55 * len(text.replace(" ", ""))


def _key(text: str) -> str:
    return " ".join(_WORDS.findall(text)).casefold()
