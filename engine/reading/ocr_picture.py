"""A picture's lines, whichever way up it lies.

Lines are found once, and each is cut out along its own direction; so a page that was laid on the
scanner askew needs no straightening. Whether it lies on its side is seen from its lines' shapes,
and which end is up from how well the longest of them read.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:  # it loads what only pictures need
    from engine.reading.ocr_engine import Engine, Line, Pixels, Quads

_TOGETHER = 6  # lines
_PROBED = 4
_SURE = 0.85
_DOUBTFUL = 0.6
_UPRIGHT = 1.5  # times as high as wide: a line on its side
_ON_SIDE = 0.6
_MOST_LINES = 1000


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """What was read: ``quads`` (n, 4, 2) in pixels, from the corner where the line begins, and
    the lines; in no particular order. ``illegible`` lines look like text and could not be read;
    ``whole`` is false where time ran out."""

    quads: Quads
    lines: tuple[Line, ...]
    illegible: int = 0
    whole: bool = True

    @property
    def score(self) -> float:
        """How sure the model is (0 to 1), by characters; 0 without any."""
        sizes = [len(line.text) for line in self.lines]
        total = sum(line.score * size for line, size in zip(self.lines, sizes, strict=True))
        return total / sum(sizes) if sizes else 0.0


NOTHING = Found(np.empty((0, 4, 2)), ())


def read(
    engine: Engine,
    image: Pixels,
    *,
    enough: Callable[[], bool],
    wanted: Callable[[Quads], NDArray[np.bool_]] | None = None,
) -> Found:
    """Read the lines of ``image``, or those that ``wanted`` says. ``enough`` is asked after
    every few lines, and ends the reading when it says so."""
    quads = engine.find(image)
    if wanted is not None and len(quads):
        quads = quads[wanted(quads)]
    if not len(quads):
        return NOTHING
    widths, heights = _sides(quads)
    quads = quads[np.argsort(-np.maximum(widths, heights))[:_MOST_LINES]]
    quads, probed = _turned(engine, image, quads)
    # lines of like shape are read together, for they are padded to the longest
    widths, heights = _sides(quads[len(probed) :])
    order = np.argsort(-widths / np.maximum(heights, 1.0)) + len(probed)
    quads = np.concatenate([quads[: len(probed)], quads[order]])
    lines = list(probed)
    while len(lines) < len(quads) and not enough():
        lines += engine.read(image, quads[len(lines) : len(lines) + _TOGETHER])
    kept = [n for n, line in enumerate(lines) if _is_text(line)]
    illegible = sum(line.score < _DOUBTFUL for line in lines)
    legible = tuple(lines[n] for n in kept)
    return Found(quads[kept], legible, illegible, whole=len(lines) == len(quads))


def _turned(engine: Engine, image: Pixels, quads: Quads) -> tuple[Quads, list[Line]]:
    """The lines, longest first, with their corners from where each begins; and the first few
    as they were read to find that out."""
    widths, heights = _sides(quads)
    sideways = heights > _UPRIGHT * widths
    long = np.maximum(widths, heights)
    turns = [0, 2]
    if long[sideways].sum() > _ON_SIDE * long.sum():
        turns = [1, 3, 0]
    best: tuple[float, Quads, list[Line]] | None = None
    for turn in turns:
        # a quarter turn begins a line at the next corner; short lines turn with the page
        candidate = np.roll(quads, -turn, axis=1)
        read = engine.read(image, candidate[:_PROBED])
        score = float(np.average([r.score for r in read], weights=[len(r.text) + 1 for r in read]))
        if best is None or score > best[0]:
            best = score, candidate, read
        if best[0] >= _SURE:
            break
    assert best is not None
    return best[1], best[2]


def _sides(quads: Quads) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(n,) along the line, and across it."""
    along = np.linalg.norm(quads[:, 1] - quads[:, 0], axis=1)
    across = np.linalg.norm(quads[:, 3] - quads[:, 0], axis=1)
    return along, across


def _is_text(line: Line) -> bool:
    return line.score >= _DOUBTFUL and any(map(str.isalnum, line.text))
