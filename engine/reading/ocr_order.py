"""The lines of a scanned page in the order in which a person reads them, and as paragraphs.

What the models find are stretches of text with a gap before and after them: whole lines of a
column, or cells of a table. Side by side, they are columns of text where each is about as long as
a line of text, with white between them all the way down; otherwise cells of one row.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Boxes = NDArray[np.float64]
"""(n, 4): left, top, right, bottom, of a page that stands straight."""

Row = list[int]
"""Indices of the stretches that stand on one line, from left to right."""

_GUTTER = 0.8  # heights of a line: how wide the white between columns is at least
_COLUMN = 8.0  # likewise, how wide most lines of a column are
_FEWEST = 3  # lines of a column
_BESIDE = 0.5  # of the lower one's height
_MOST_COLUMNS, _MOST_ROWS = 4, 300
_STEP = 1.45  # times the usual step from line to line
_ALIKE = 1.3  # times as high, at most, are lines of one paragraph
_INDENT = 1.0  # heights
_SHORT = 4.0  # heights


@dataclass(frozen=True, slots=True)
class Paragraph:
    """``rows`` in order; ``height`` of its lines, in the unit of the boxes."""

    rows: list[Row]
    height: float


def paragraphs(boxes: Boxes) -> list[Paragraph]:
    """All of the stretches, each once, in reading order."""
    found: list[Paragraph] = []
    for column in _columns(boxes, list(range(len(boxes)))):
        found += _split(boxes, column)
    return found


def _columns(boxes: Boxes, members: list[int], depth: int = 0) -> Iterator[list[Row]]:
    """Rows that are read one after the other, from one column to the next."""
    rows = _rows(boxes, members)
    if depth > _MOST_COLUMNS or len(rows) > _MOST_ROWS:
        yield rows
        return
    plain: list[Row] = []
    at = 0
    while at < len(rows):
        end, white = _run(boxes, rows, at)
        if white is None:
            plain.append(rows[at])
            at += 1
            continue
        if plain:
            yield plain
            plain = []
        inside = [n for row in rows[at:end] for n in row]
        middle = sum(white) / 2
        left = [n for n in inside if boxes[n, 0] + boxes[n, 2] < 2 * middle]
        yield from _columns(boxes, left, depth + 1)
        yield from _columns(boxes, [n for n in inside if n not in set(left)], depth + 1)
        at = end
    if plain:
        yield plain


def _rows(boxes: Boxes, members: list[int]) -> list[Row]:
    """The stretches by line, from the top."""
    rows: list[Row] = []
    for n in sorted(members, key=lambda n: float(boxes[n, 1] + boxes[n, 3])):
        if rows and all(_beside(boxes[n], boxes[other]) for other in rows[-1]):
            rows[-1].append(n)
        else:
            rows.append([n])
    for row in rows:
        row.sort(key=lambda n: float(boxes[n, 0]))
    return rows


def _beside(a: NDArray[np.float64], b: NDArray[np.float64]) -> bool:
    overlap = min(a[3], b[3]) - max(a[1], b[1])
    apart = max(a[0], b[0]) - min(a[2], b[2])
    lower = min(a[3] - a[1], b[3] - b[1])
    return bool(overlap > _BESIDE * lower and apart > -0.5 * lower)


def _run(boxes: Boxes, rows: list[Row], at: int) -> tuple[int, tuple[float, float] | None]:
    """How far rows from ``at`` on share white between two columns, and where that is; None
    where they have none."""
    least = _GUTTER * float(np.median(boxes[:, 3] - boxes[:, 1]))
    whites: list[tuple[float, float]] = [(-np.inf, np.inf)]
    end = at
    while end < len(rows):
        left = [gap for gap in _less(whites, boxes, rows[end]) if gap[1] - gap[0] >= least]
        if not left or (_inner(whites) and not _inner(left)):
            break
        whites = left
        end += 1
    members = [n for row in rows[at:end] for n in row]
    for white in sorted(_inner(whites), key=lambda gap: gap[0] - gap[1]):
        middle = sum(white) / 2
        left_side = [n for n in members if boxes[n, 2] <= middle]
        right_side = [n for n in members if boxes[n, 0] >= middle]
        if _is_column(boxes, left_side) and _is_column(boxes, right_side):
            return end, white
    return at, None


def _inner(whites: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Those with text on both sides."""
    return [white for white in whites if np.isfinite(white).all()]


def _less(whites: list[tuple[float, float]], boxes: Boxes, row: Row) -> list[tuple[float, float]]:
    """What is left of the white stretches when the row's text is taken out of them."""
    for n in row:
        x0, x1 = float(boxes[n, 0]), float(boxes[n, 2])
        whites = [
            part
            for a, b in whites
            for part in ((a, min(b, x0)), (max(a, x1), b))
            if part[0] < part[1]
        ]
    return whites


def _is_column(boxes: Boxes, members: list[int]) -> bool:
    if len(members) < _FEWEST:
        return False
    inside = boxes[members]
    wide = np.median(inside[:, 2] - inside[:, 0])
    return bool(wide >= _COLUMN * np.median(inside[:, 3] - inside[:, 1]))


def _split(boxes: Boxes, rows: list[Row]) -> list[Paragraph]:
    """A column's rows as paragraphs and tables."""
    sides = np.array([(*boxes[row, :2].min(axis=0), *boxes[row, 2:].max(axis=0)) for row in rows])
    heights = np.array([np.median(boxes[row, 3] - boxes[row, 1]) for row in rows])
    steps = np.diff((sides[:, 1] + sides[:, 3]) / 2)
    usual = float(np.median(steps)) if len(steps) else 0.0
    right = np.percentile(sides[:, 2], 90)
    found: list[Paragraph] = []
    first = 0
    for n in range(1, len(rows) + 1):
        if n < len(rows):
            cells = len(rows[n - 1]), len(rows[n])
            if _goes_on(sides[n - 1 : n + 1], heights[n - 1 : n + 1], cells, usual, right):
                continue
        found.append(Paragraph(rows[first:n], float(np.median(heights[first:n]))))
        first = n
    return found


def _goes_on(
    sides: Boxes,
    heights: NDArray[np.float64],
    cells: tuple[int, int],
    usual: float,
    right: float,
) -> bool:
    """Whether the second of two rows belongs to the paragraph of the first."""
    before, row = sides
    low, high = sorted(heights.tolist())
    step = (row[1] + row[3] - before[1] - before[3]) / 2
    if step > max(_STEP * usual, 1.2 * high) and step > 1.6 * low:
        return False
    if high > _ALIKE * low:
        return False
    if max(cells) > 1:
        return min(cells) > 1
    ended_early = before[2] < right - _SHORT * low
    return not (ended_early and row[0] - before[0] > _INDENT * low)
