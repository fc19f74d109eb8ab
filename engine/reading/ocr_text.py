"""What was read in a picture, as a page's text with the place of every word.

From here on a scanned page goes the way of a PDF's: words that a line's end cuts are joined and
tables of figures found by the same modules, on the page turned straight.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.reading.ocr_order import Paragraph, paragraphs
from engine.reading.ocr_picture import Found
from engine.reading.pdf_headings import PageLines
from engine.reading.pdf_lines import BLANK, LINE, SPACE
from engine.reading.pdf_tables import tables, with_headings
from engine.reading.pdf_words import WordJoiner
from engine.records import Block, BlockKind

_LARGER, _LARGEST = 1.35, 1.8  # times the height of most text
_HEADING_ROWS, _HEADING_CHARACTERS = 3, 110
_EDGE = 0.08  # of the height of what was read, at its top and bottom
_PAGE_NUMBER = re.compile(
    r"\W*(?:page|seite|p\.)?\W*(?:\d{1,4}|[ivxlc]{1,7})\W*(?:(?:of|von)?\W*\d{1,4}\W*)?", re.I
)


@dataclass(frozen=True, slots=True, eq=False)
class PictureText:
    """``spans`` (n, 2) of the words in ``text``, ``boxes`` (n, 4) in points as the picture lies;
    ``score`` (0 to 1) is how sure the models are."""

    text: str
    blocks: tuple[Block, ...]
    spans: NDArray[np.int64]
    boxes: NDArray[np.float64]
    score: float


NO_WORDS = PictureText("", (), np.empty((0, 2), np.int64), np.empty((0, 4)), 0.0)


def compose(found: Found, scale: float, left: float = 0.0, top: float = 0.0) -> PictureText:
    """The lines in reading order. ``scale`` is pixels a point; the picture's corner stands at
    ``left``, ``top`` of its page."""
    quads = found.quads / scale + (left, top)
    if not len(quads):
        return NO_WORDS
    straight = _straightened(quads)
    lines = np.concatenate([straight.min(axis=1), straight.max(axis=1)], axis=1)
    parts = paragraphs(lines)
    words: list[str] = []
    as_shown: list[NDArray[np.float64]] = []
    as_straight: list[NDArray[np.float64]] = []
    gaps: list[int] = []
    begins: list[int] = []  # of each part, in words
    blocks: list[int] = []
    rows: list[int] = []
    line_number = 0
    for number, part in enumerate(parts):
        begins.append(len(words))
        for row in part.rows:
            for line in row:
                text = found.lines[line].text
                for start, end, first, last in found.lines[line].words:
                    words.append(text[start:end])
                    as_shown.append(_part(quads[line], first, last))
                    as_straight.append(_part(straight[line], first, last))
                    gaps.append(SPACE)
                    blocks.append(number)
                    rows.append(line_number)
            gaps[-1] = LINE
            line_number += 1
        gaps[-1] = BLANK
    joined = WordJoiner().text(words, np.array(gaps[:-1], dtype=np.int64))
    laid = PageLines(
        1,
        joined.text,
        joined.spans,
        np.array(as_straight),
        np.array(gaps[:-1], dtype=np.int64),
        np.array(blocks),
        np.array(rows),
    )
    ends = [*begins[1:], len(words)]
    spans = [
        (int(joined.spans[a, 0]), int(joined.spans[b - 1, 1]))
        for a, b in zip(begins, ends, strict=True)
    ]
    special = _special(parts, spans, joined.text, lines)
    return PictureText(
        joined.text,
        with_headings(tables(laid), special),
        joined.spans,
        np.array(as_shown),
        found.score,
    )


def _straightened(quads: NDArray[np.float64]) -> NDArray[np.float64]:
    """The corners after the page was turned so that its lines run to the right."""
    x, y = (quads[:, 1] - quads[:, 0]).sum(axis=0)  # long lines count for more
    length = max(math.hypot(x, y), 1e-9)
    straight: NDArray[np.float64] = quads @ (np.array([(x, -y), (y, x)]) / length)
    return straight


def _part(quad: NDArray[np.float64], first: float, last: float) -> NDArray[np.float64]:
    """The box around the part of a line from ``first`` to ``last``, shares of its length."""
    upper, lower = quad[1] - quad[0], quad[2] - quad[3]
    corners = np.array(
        [
            quad[0] + first * upper,
            quad[0] + last * upper,
            quad[3] + first * lower,
            quad[3] + last * lower,
        ]
    )
    return np.concatenate([corners.min(axis=0), corners.max(axis=0)])


def _special(
    parts: Sequence[Paragraph],
    spans: Sequence[tuple[int, int]],
    text: str,
    lines: NDArray[np.float64],
) -> list[Block]:
    """Headings, by their size, and page numbers, by their place."""
    body = _body(parts, spans)
    highest, lowest = lines[:, 1].min(), lines[:, 3].max()
    margin = _EDGE * (lowest - highest)
    found = []
    for part, (start, end) in zip(parts, spans, strict=True):
        box = lines[[n for row in part.rows for n in row]]
        at_edge = box[:, 3].max() < highest + margin or box[:, 1].min() > lowest - margin
        if at_edge and len(parts) > 2 and _PAGE_NUMBER.fullmatch(text[start:end]):
            found.append(Block(start, end, BlockKind.MARGINAL))
        elif part.height > _LARGER * body and _could_be_heading(part, text[start:end]):
            level = 1 if part.height > _LARGEST * body else 2
            found.append(Block(start, end, BlockKind.HEADING, level))
    return found


def _could_be_heading(part: Paragraph, text: str) -> bool:
    short = len(part.rows) <= _HEADING_ROWS and len(text) <= _HEADING_CHARACTERS
    return short and sum(map(str.isalpha, text)) >= 3 and all(len(row) == 1 for row in part.rows)


def _body(parts: Sequence[Paragraph], spans: Sequence[tuple[int, int]]) -> float:
    """The height of the lines in which most of the text is written."""
    sizes = sorted(
        (part.height, end - start) for part, (start, end) in zip(parts, spans, strict=True)
    )
    half, total = sum(size for _, size in sizes) / 2, 0
    for height, size in sizes:
        total += size
        if total >= half:
            return height
    return 0.0
