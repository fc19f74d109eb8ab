"""Which words of a PDF page nobody sees who looks at it.

A word is hidden when its letters are of the colour of what lies under them, transparent, drawn in
no way at all, smaller than a point, off the page, or painted over afterwards. What lies under is
found by drawing the page without its letters, and what was painted over by drawing it with them
and seeing nothing change: so white words on a dark heading are visible, and black ones on black
are not. Both are drawn small first; only what looks suspicious is looked at closely.

Drawing takes a third as long as reading. Every page is asked what its letters look like, and drawn
where any are light; the first pages of a document, those with pictures, forms or patterns and
those with words that an order would have are always drawn. Letters that are not light, on a later
page without such words, are taken for visible whatever plain shapes are painted over or under them.

Letters drawn in no way over a picture of the page are what OCR found in it, and are its text.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
import pymupdf
from numpy.typing import NDArray

from engine.reading.pdf_faults import FAULTS, check_memory
from engine.reading.pdf_letters import (
    DARK,
    PALE,
    Style,
    Weight,
    holds_more,
    is_odd,
    light_lines,
    odd_styles,
    style_at,
    styles_of,
    weights,
)

_mu = pymupdf.mupdf
_Pixels = NDArray[np.uint8]
_Flags = NDArray[np.bool_]

_SMALL = 0.25  # pixels a point, to find what is suspicious
_CLOSE = 3.0
_MOST_PIXELS = 400_000
_MOST_CLOSE_PIXELS = 6_000_000
_ALIKE = 24  # of 255, in each of red, green and blue: colours that the eye does not tell apart
_NEAR = 64  # likewise for what is only suspicious, in grey
_OPAQUE = 200  # of 255
_CHANGED = 2
_SCANNED = 0.5  # of the page, and of its words
_WHOLE_LINE = 0.8
_LONG = 3  # characters
_FAR = 3e4
_EVERYWHERE = (-_FAR, -_FAR, _FAR, _FAR)
_STRIPE, _STRIPES = 3, 12  # pixels, of a small drawing: how wide, and from one to the next


class Seen:
    """A page's words, to be asked which are hidden. ``boxes`` (n, 4) are in points as the
    display list has them, ``lengths`` (n,) in characters, ``blocks`` and ``lines``
    are MuPDF's numbers."""

    def __init__(
        self,
        page: Any,
        drawing: Any,
        text_page: Any,
        boxes: NDArray[np.float64],
        lengths: NDArray[np.int64],
        blocks: NDArray[np.int64],
        lines: NDArray[np.int64],
    ) -> None:
        self._file_page = page
        self._drawing = drawing
        self._text_page = text_page
        self._page = drawing.rect
        self._boxes = boxes if np.isfinite(boxes).all() else np.nan_to_num(boxes)
        self._lengths = lengths
        self._lines = blocks * 100_000 + lines
        self._odd: dict[int, list[Style]] = {}

    def hidden(self, *, thoroughly: bool) -> _Flags:
        """(n,) whether each word is hidden. Where not ``thoroughly``, the page is drawn only if
        the letters, or what else it holds, give a reason."""
        off = self._off_page()
        scanned = False
        unseen, grey = self._styled()
        if unseen.any():
            scanned = self._is_scan(unseen)
            if scanned:
                unseen[:] = False
        hidden: _Flags = off | unseen
        covers = not scanned and (thoroughly or holds_more(self._file_page))
        if covers or (grey >= PALE).any():
            try:
                hidden |= self._drowned(grey, ~hidden, covers=covers)
            except FAULTS as error:  # what cannot be drawn can still be read
                check_memory(error)
        return self._whole_lines(hidden) if hidden.any() else hidden

    def weights(self) -> list[Weight]:
        """How bold the page's lines are; none of them where no letter is."""
        return weights(self._html) if "<b>" in self._html else []

    @cached_property
    def _styles(self) -> Sequence[Any]:
        """MuPDF's dictionary of the text, which takes a while to make."""
        blocks: Sequence[Any] = self._text_page.extractDICT()["blocks"]
        return blocks

    @cached_property
    def _html(self) -> str:
        """Tells what the letters look like, and is made in no time."""
        return str(self._text_page.extractHTML())

    # --- without drawing --------------------------------------------------------------------

    def _off_page(self) -> _Flags:
        first, last = self._boxes[:, :2], self._boxes[:, 2:]
        page = self._page
        inside = np.minimum(last, (page.x1, page.y1)) - np.maximum(first, (page.x0, page.y0))
        off: _Flags = np.any(inside < 0.1 * (last - first), axis=1)
        return off

    def _styled(self) -> tuple[_Flags, NDArray[np.float64]]:
        """Which words are drawn in no way, and how light their letters are (0 to 255)."""
        unseen = np.zeros(len(self._boxes), dtype=np.bool_)
        grey = np.zeros(len(self._boxes))
        if not is_odd(self._html, self._file_page):
            return unseen, grey
        light = light_lines(self._html, self._file_page)
        begins = np.r_[True, np.diff(self._lines) != 0]
        if light is not None and len(light) == np.count_nonzero(begins):
            return unseen, np.array(light)[np.cumsum(begins) - 1]
        self._odd = odd_styles(self._styles)
        for word in np.flatnonzero(np.isin(self._lines, list(self._odd))).tolist():
            style = self._style(word)
            if style is not None:
                unseen[word], grey[word] = style.unseen, style.grey
        return unseen, grey

    def _style(self, word: int) -> Style | None:
        return style_at(self._odd.get(int(self._lines[word]), ()), self._boxes[word].tolist())

    def _is_scan(self, unseen: _Flags) -> bool:
        """Whether a picture of the page stands where the undrawn words are, and they are most
        of its text."""
        if unseen.mean() < _SCANNED:
            return False
        pictures = self._drawing.get_textpage(pymupdf.TEXT_PRESERVE_IMAGES)
        pictures = pymupdf.TextPage(pictures).extractIMGINFO()
        page = abs(self._page)
        return any(
            abs(pymupdf.Rect(each["bbox"]) & self._page) > _SCANNED * page for each in pictures
        )

    # --- by drawing -------------------------------------------------------------------------

    def _drowned(self, grey: NDArray[np.float64], asked: _Flags, *, covers: bool) -> _Flags:
        """Which of the words asked for do not stand out, or are painted over."""
        asked &= self._lengths >= _LONG  # a dash has too little ink; lines are taken whole
        if not covers:
            asked &= grey >= PALE
        found = np.zeros(len(grey), dtype=np.bool_)
        if not asked.any():
            return found
        scale = min(_SMALL, (_MOST_PIXELS / max(abs(self._page), 1.0)) ** 0.5)
        part = None if covers else self._around(np.flatnonzero(asked))
        bare = self._drawn(scale, [_EVERYWHERE], part=part, alpha=True)
        columns, rows = self._centres(scale, bare)
        opaque = bare[rows, columns, 1].astype(np.int64)
        under = bare[rows, columns, 0].astype(np.int64) + 255 - opaque  # on white paper
        painted = opaque > _OPAQUE
        like = np.where(grey < DARK, under < DARK + 40, np.abs(grey - under) < _NEAR)
        if (suspects := np.flatnonzero(asked & like)).size:
            found[suspects] = self._same_colour(suspects)
        painted &= asked & ~found
        if covers and painted.any():
            suspects = self._unchanged(np.flatnonzero(painted), scale, bare)
            if suspects.size:
                found[suspects] = self._covered(suspects)
        return found

    def _same_colour(self, words: NDArray[np.int64]) -> _Flags:
        """Which of the words have letters of the colour that lies under them."""
        clip, scale = self._close(words)
        bare = self._drawn(scale, [_EVERYWHERE], clip=clip, colour=True).astype(np.int64)
        alike = np.zeros(len(words), dtype=np.bool_)
        every = styles_of(self._styles, self._lines[words])
        for number, word in enumerate(words.tolist()):
            style = style_at(every.get(int(self._lines[word]), ()), self._boxes[word].tolist())
            colour = 0 if style is None else style.colour
            rgb = np.array([colour >> 16 & 255, colour >> 8 & 255, colour & 255])
            part = bare[self._inside(word, clip, scale)]
            alike[number] = part.size > 0 and bool(
                (np.abs(part - rgb).max(axis=2) <= _ALIKE).mean() > 0.9
            )
        return alike

    def _unchanged(
        self, words: NDArray[np.int64], scale: float, bare: _Pixels
    ) -> NDArray[np.int64]:
        """Those of the words of which some letters, drawn small, change nothing.

        Drawing letters is what takes long. So only those in narrow stripes are drawn, which are
        near enough to each other to meet every few words of every line.
        """
        width, period = _STRIPE / scale, _STRIPES / scale
        count = int(self._page.width / period) + 1
        x0, y0, x1, y1 = self._boxes[words].T
        x0, x1 = x0 - self._page.x0, x1 - self._page.x0
        at = np.ceil(x0 / period)
        probed = (at * period + width <= x1) & (y1 - y0 < 1.8 * width)
        gaps = [
            (self._page.x0 + n * period + width, -_FAR, self._page.x0 + (n + 1) * period, _FAR)
            for n in range(-1, count)
        ]
        inked = self._drawn(scale, [*gaps, *self._bands_without(words)], alpha=True)
        changed = np.abs(inked[..., 0].astype(np.int16) - bare[..., 0]) > _CHANGED
        total = np.zeros((changed.shape[0] + 1, changed.shape[1] + 1), dtype=np.int32)
        total[1:, 1:] = changed.cumsum(axis=0, dtype=np.int32).cumsum(axis=1)
        left = np.clip((at * _STRIPES).astype(np.int64), 0, changed.shape[1])
        right = np.clip(left + _STRIPE, 0, changed.shape[1])
        top, bottom = _pixels(y0 - self._page.y0, y1 - self._page.y0, scale, changed.shape[0])
        inside = total[bottom, right] - total[top, right] - total[bottom, left] + total[top, left]
        suspicious = np.unique(self._lines[words[probed & (inside == 0)]])
        large = y1 - y0 >= 1.8 * width
        found: NDArray[np.int64] = words[np.isin(self._lines[words], suspicious) | large]
        return found

    def _covered(self, words: NDArray[np.int64]) -> _Flags:
        """Likewise, looked at closely."""
        clip, scale = self._close(words)
        bare = self._drawn(scale, [_EVERYWHERE], clip=clip, colour=True).astype(np.int64)
        inked = self._drawn(scale, [], clip=clip, colour=True)
        changed = np.abs(inked - bare).max(axis=2)
        return np.array(
            [
                (part := changed[self._inside(word, clip, scale)]).size > 0 and part.max() <= _ALIKE
                for word in words.tolist()
            ]
        )

    def _drawn(
        self,
        scale: float,
        without: Sequence[tuple[float, float, float, float]],
        *,
        clip: Any = None,
        part: Any = None,
        alpha: bool = False,
        colour: bool = False,
    ) -> _Pixels:
        """The page, or what ``clip`` holds of it, as pixels (rows, columns, channels), without
        the letters in some places. Nothing need be drawn outside of ``part``."""
        area = (clip or self._page) * pymupdf.Matrix(scale, scale)
        box = _mu.fz_round_rect(_mu.FzRect(area.x0, area.y0, area.x1, area.y1))
        space = _mu.FzColorspace.Fixed_RGB if colour else _mu.FzColorspace.Fixed_GRAY
        pixmap = _mu.fz_new_pixmap_with_bbox(
            _mu.FzColorspace(space), box, _mu.FzSeparations(), int(alpha)
        )
        if alpha:
            _mu.fz_clear_pixmap(pixmap)
        else:
            _mu.fz_clear_pixmap_with_value(pixmap, 255)
        device = draw = _mu.fz_new_draw_device(_mu.FzMatrix(scale, 0, 0, scale, 0, 0), pixmap)
        if without:
            rectangles = _mu.vector_fz_rect()
            for each in without:
                rectangles.push_back(_mu.ll_fz_make_rect(*each))
            device = _mu.fz_new_culling_device_with_rects2(draw, rectangles)
        within = part or clip or self._page
        _mu.fz_run_display_list(
            self._drawing.this, device, _mu.FzMatrix(), _mu.FzRect(*within), _mu.FzCookie()
        )
        _mu.fz_close_device(device)
        if device is not draw:
            _mu.fz_close_device(draw)
        # a copy: the pixmap goes with this call
        pixels = np.array(_mu.fz_pixmap_samples_memoryview(pixmap), dtype=np.uint8)
        width, height, depth = pixmap.w(), pixmap.h(), pixmap.n()
        rows = pixels.reshape(height, pixmap.stride())[:, : width * depth]
        return rows.reshape(height, width, depth)

    # --- places -----------------------------------------------------------------------------

    def _centres(self, scale: float, pixels: _Pixels) -> tuple[NDArray[np.int64], ...]:
        x = (self._boxes[:, 0] + self._boxes[:, 2]) / 2 - self._page.x0
        y = (self._boxes[:, 1] + self._boxes[:, 3]) / 2 - self._page.y0
        columns = np.clip((x * scale).astype(np.int64), 0, pixels.shape[1] - 1)
        rows = np.clip((y * scale).astype(np.int64), 0, pixels.shape[0] - 1)
        return columns, rows

    def _bands_without(self, words: NDArray[np.int64]) -> list[tuple[float, float, float, float]]:
        """The stretches from top to bottom in which none of the words stands."""
        edges = sorted(zip(*self._boxes[words][:, [1, 3]].T.tolist(), strict=True))
        bands, at = [], -_FAR
        for top, bottom in edges:
            if top - at > 12:
                bands.append((-_FAR, at, 3e4, top))
            at = max(at, bottom)
        bands.append((-_FAR, at, 3e4, _FAR))
        return bands

    def _around(self, words: NDArray[np.int64]) -> Any:
        """The part of the page that holds the words."""
        boxes = self._boxes[words]
        return pymupdf.Rect(*boxes[:, :2].min(axis=0), *boxes[:, 2:].max(axis=0)) & self._page

    def _close(self, words: NDArray[np.int64]) -> tuple[Any, float]:
        """The part of the page that holds the words, and a scale to look at it closely."""
        clip = self._around(words)
        return clip, min(_CLOSE, (_MOST_CLOSE_PIXELS / max(abs(clip), 1.0)) ** 0.5)

    def _inside(self, word: int, clip: Any, scale: float) -> tuple[slice, slice]:
        """A word's pixels, without those that its neighbours may touch."""
        x0, y0, x1, y1 = self._boxes[word].tolist()
        high = 0.2 * (y1 - y0)
        left, top = round(clip.x0 * scale), round(clip.y0 * scale)
        rows = slice(
            max(0, int((y0 + high) * scale) - top), max(0, int((y1 - high) * scale) - top + 1)
        )
        return rows, slice(max(0, int(x0 * scale) - left), max(0, int(x1 * scale) - left + 1))

    def _whole_lines(self, hidden: _Flags) -> _Flags:
        """With the odd word of a line that otherwise is hidden, and the short ones that were not
        looked at."""
        long = self._lengths >= _LONG
        _, of = np.unique(self._lines, return_inverse=True)
        share = np.bincount(of, hidden & long) / np.maximum(np.bincount(of, long), 1)
        return hidden | (share[of] >= np.where(long, _WHOLE_LINE, 0.5))


def _pixels(
    start: NDArray[np.float64], end: NDArray[np.float64], scale: float, most: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The pixels that lie wholly inside, at least the one in the middle."""
    middle = np.clip(((start + end) / 2 * scale).astype(np.int64), 0, most - 1)
    first = np.minimum(np.ceil(start * scale).astype(np.int64), middle)
    last = np.maximum(np.floor(end * scale).astype(np.int64), middle + 1)
    return np.clip(first, 0, most - 1), np.clip(last, 1, most)
