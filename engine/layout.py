"""Where the words of a page stand: character spans with boxes, packed small.

A page of 500 words takes about 3 kB. The packing is columns of 32-bit integers (start, length,
and the box in twentieths of a point), each column as differences, deflated.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.records import Box

_UNIT = 20.0
_LIMIT = 2**31 - 1
_HEADER = struct.Struct("<I")
_MAX_WORDS = 4_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """``spans`` is (n, 2) int64, start and end offsets in rising order; ``boxes`` (n, 4) float."""

    spans: NDArray[np.int64]
    boxes: NDArray[np.float64]

    @classmethod
    def of_words(cls, words: Sequence[tuple[int, int, Sequence[float]]]) -> Layout:
        """From ``(start, end, (x0, y0, x1, y1))`` in the order of the text."""
        spans = np.array([(start, end) for start, end, _ in words], dtype=np.int64)
        boxes = np.array([tuple(box) for _, _, box in words], dtype=np.float64)
        return cls(spans.reshape(-1, 2), boxes.reshape(-1, 4))

    def encode(self) -> bytes:
        if not len(self.spans):
            return b""
        table = np.empty((6, len(self.spans)), dtype=np.int64)
        table[0] = self.spans[:, 0]
        table[1] = self.spans[:, 1] - self.spans[:, 0]
        boxes = self.boxes * _UNIT
        if not np.isfinite(boxes).all():
            boxes = np.nan_to_num(boxes)
        table[2:] = np.clip(boxes, -_LIMIT, _LIMIT).round().T
        table[0, 1:] -= table[0, :-1].copy()
        table[2:, 1:] -= table[2:, :-1].copy()
        packed = np.clip(table, -_LIMIT, _LIMIT).astype("<i4").tobytes()
        return _HEADER.pack(len(self.spans)) + zlib.compress(packed, 1)

    @classmethod
    def decode(cls, data: bytes) -> Layout:
        """Raises ``ValueError`` where ``data`` is not what :meth:`encode` made."""
        if not data:
            return cls(np.empty((0, 2), np.int64), np.empty((0, 4), np.float64))
        try:
            (count,) = _HEADER.unpack_from(data)
            if count > _MAX_WORDS:
                raise ValueError("too many words")
            size = count * 6 * 4
            packed = zlib.decompressobj().decompress(data[_HEADER.size :], size)
            table = np.frombuffer(packed, "<i4").astype(np.int64).reshape(6, count)
        except (struct.error, zlib.error, ValueError) as error:
            raise ValueError(f"damaged page layout: {error}") from error
        starts = np.cumsum(table[0])
        boxes = np.cumsum(table[2:], axis=1).T / _UNIT
        return cls(np.stack([starts, starts + table[1]], axis=1), boxes)

    def boxes_for(self, start: int, end: int) -> tuple[Box, ...]:
        """One box a line for ``text[start:end]``, in reading order; none where nothing stands."""
        inside = np.flatnonzero((self.spans[:, 1] > start) & (self.spans[:, 0] < end))
        if not len(inside):
            return ()
        boxes = self.boxes[inside]
        for at in {0, len(inside) - 1}:  # only these can reach beyond the span
            boxes[at] = _part(self.spans[inside[at]].tolist(), boxes[at].tolist(), start, end)
        begins = np.flatnonzero(np.r_[True, ~_on_one_line(boxes[:-1], boxes[1:])])
        corners = (
            *np.minimum.reduceat(boxes[:, :2], begins).T,
            *np.maximum.reduceat(boxes[:, 2:], begins).T,
        )
        return tuple(map(Box._make, np.stack(corners, axis=1).tolist()))


def _part(span: Sequence[int], box: Sequence[float], start: int, end: int) -> Sequence[float]:
    """A word's box, cut to the share of its characters inside (matters where words are
    whole lines, as in Chinese and Japanese)."""
    first, last = span
    x0, y0, x1, y1 = box
    if (start <= first and last <= end) or last <= first or x1 - x0 < y1 - y0:
        return box
    per_character = (x1 - x0) / (last - first)
    left = x0 + max(0, start - first) * per_character
    right = x1 - max(0, last - end) * per_character
    return round(left, 2), y0, round(right, 2), y1


def _on_one_line(before: NDArray[np.float64], after: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether each word goes on the line of the one before it; a wide gap (a table's columns)
    keeps them apart."""
    overlap = np.minimum(before[:, 3], after[:, 3]) - np.maximum(before[:, 1], after[:, 1])
    gap = np.maximum(before[:, 0], after[:, 0]) - np.minimum(before[:, 2], after[:, 2])
    heights = before[:, 3] - before[:, 1], after[:, 3] - after[:, 1]
    return (overlap > 0.5 * np.minimum(*heights)) & (gap < 1.5 * np.maximum(*heights))
