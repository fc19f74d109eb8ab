"""What was read in a picture, as a page's text with the place of every word."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.reading.document import clean
from engine.reading.ocr_order import Paragraph, paragraphs
from engine.reading.ocr_picture import Found
from engine.records import Block, BlockKind

_CELLS = " | "
_LARGER = 1.35
_HEADING_ROWS, _HEADING_CHARACTERS = 3, 110
_EDGE = 0.08  # of the page's height, at its top and bottom
_PAGE_NUMBER = re.compile(r"\W*(?:page|seite|p\.)?\W*(?:\d{1,4}|[ivxlc]{1,7})\W*(?:(?:of|von|/)\W*\d+)?\W*", re.I)
_BROKEN = re.compile(r"[^\W\d_][-‐‑¬]$")


@dataclass(frozen=True, slots=True, eq=False)
class PictureText:
    """``spans`` (n, 2) of the words in ``text``, ``boxes`` (n, 4) in the unit of the quads they
    were made of, as the picture lies; ``score`` (0 to 1) is how sure the models are."""

    text: str
    blocks: tuple[Block, ...]
    spans: NDArray[np.int64]
    boxes: NDArray[np.float64]
    score: float


def compose(found: Found, height: float) -> PictureText:
    """The lines in reading order. ``height`` of the picture, in pixels."""
    straight = _straightened(found.quads)
    made = _Text(found, straight, height)
    parts = paragraphs(straight)
    body = _body(parts, found)
    for part in parts:
        made.add(part, body)
    return made.done()


def _straightened(quads: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n, 4) boxes around the lines, after the page was turned so that they run to the right."""
    along = quads[:, 1] - quads[:, 0]
    x, y = along.sum(axis=0)  # long lines count for more
    length = max(math.hypot(x, y), 1e-9)
    turn = np.array([(x, -y), (y, x)]) / length
    turned = quads @ turn
    return np.concatenate([turned.min(axis=1), turned.max(axis=1)], axis=1)


def _body(parts: list[Paragraph], found: Found) -> float:
    """The height of the lines in which most of the text is written."""
    sizes = [sum(len(found.lines[n].text) for row in p.rows for n in row) for p in parts]
    order = sorted(zip((p.height for p in parts), sizes, strict=True))
    half, total = sum(sizes) / 2, 0
    for height, size in order:
        total += size
        if total >= half:
            return height
    return 0.0


class _Text:
    def __init__(self, found: Found, straight: NDArray[np.float64], height: float) -> None:
        self._found = found
        self._straight = straight
        top, bottom = straight[:, 1].min(), straight[:, 3].max()
        margin = _EDGE * max(height, bottom - top)
        self._inner = top + margin, bottom - margin
        self._text: list[str] = []
        self._at = 0
        self._blocks: list[Block] = []
        self._words: list[tuple[int, int, NDArray[np.float64]]] = []

    def add(self, part: Paragraph, body: float) -> None:
        if self._at:
            self._put("\n\n")
        start = self._at
        for number, row in enumerate(part.rows):
            if number and not self._mended(row[0]):
                self._put("\n")
            begun = self._at
            for cell, line in enumerate(row):
                if cell:
                    self._put(_CELLS if part.table else " ")
                self._line(line)
            if part.table:
                self._blocks.append(Block(begun, self._at, BlockKind.TABLE_ROW))
        if not part.table:
            self._blocks.append(self._block(part, start, body))

    def done(self) -> PictureText:
        text = clean("".join(self._text))
        spans = np.array([word[:2] for word in self._words], dtype=np.int64).reshape(-1, 2)
        boxes = np.array([word[2] for word in self._words], dtype=np.float64).reshape(-1, 4)
        return PictureText(text, tuple(self._blocks), spans, boxes, self._found.score)

    def _put(self, text: str) -> None:
        self._text.append(text)
        self._at += len(text)

    def _line(self, number: int) -> None:
        line, quad = self._found.lines[number], self._found.quads[number]
        for at, (start, end, left, right) in enumerate(line.words):
            if at:
                self._put(" ")
            self._words.append((self._at, self._at + end - start, _part(quad, left, right)))
            self._put(line.text[start:end])

    def _mended(self, following: int) -> bool:
        """Undo the hyphenation at the end of a line, if the next one goes on with a small
        letter; whether that was so."""
        before, after = self._text[-1], self._found.lines[following].text.lstrip()
        if not after[:1].islower() or _BROKEN.search(before) is None or len(before) < 3:
            return False
        self._text[-1] = before[:-1]
        self._at -= 1
        start, end, box = self._words[-1]
        self._words[-1] = start, end - 1, box
        return True

    def _block(self, part: Paragraph, start: int, body: float) -> Block:
        text = "".join(self._text)[start : self._at]
        box = self._straight[[n for row in part.rows for n in row]]
        outside = box[:, 3].max() < self._inner[0] or box[:, 1].min() > self._inner[1]
        if outside and _PAGE_NUMBER.fullmatch(text):
            return Block(start, self._at, BlockKind.MARGINAL)
        if (
            part.height > _LARGER * body
            and len(part.rows) <= _HEADING_ROWS
            and len(text) <= _HEADING_CHARACTERS
            and sum(map(str.isalpha, text)) >= 3
        ):
            return Block(start, self._at, BlockKind.HEADING, 1 if part.height > 1.8 * body else 2)
        return Block(start, self._at)


def _part(quad: NDArray[np.float64], left: float, right: float) -> NDArray[np.float64]:
    """The box around the part of a line from ``left`` to ``right``, shares of its length."""
    top, bottom = quad[1] - quad[0], quad[2] - quad[3]
    corners = np.array(
        [
            quad[0] + left * top,
            quad[0] + right * top,
            quad[3] + left * bottom,
            quad[3] + right * bottom,
        ]
    )
    return np.concatenate([corners.min(axis=0), corners.max(axis=0)])
