"""What the letters of a PDF page look like, as far as it decides whether anybody sees them.

MuPDF tells it in two ways: its HTML of a page is made in no time and has colours and sizes, its
dictionary takes longer and knows of each stretch of letters how it is drawn, and where. A line is
numbered ``100,000 * block + line``, by MuPDF's numbers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import unescape
from typing import Any

import numpy as np
import pymupdf
from numpy.typing import NDArray

DARK = 110
"""Grey, of 255; letters darker than this are black for a first look."""

PALE = 180
"""Likewise; only lighter letters are looked for on pages that give no other reason."""

_mu = pymupdf.mupdf
_TINY = 1.0  # points
_FAINT = 26  # of 255: letters less opaque than this
_DRAWN = 16 | 32  # MuPDF: filled, stroked
_MOST_FORMS = 50
_TAG = re.compile(r"<[^>]*>")
_BOLD = re.compile(r"<b>.*?</b>")
_LOOKS = re.compile(r'font-size:([\d.]+)pt(?:;color:#([0-9a-f]{6}))?">')


@dataclass(frozen=True, slots=True)
class Style:
    """A stretch of a line whose letters look alike, if in any way unlike black ones."""

    box: tuple[float, float, float, float]
    colour: int
    unseen: bool
    grey: float


@dataclass(frozen=True, slots=True)
class Weight:
    """Of a line: its characters, and whether any or all of its letters are bold."""

    length: int
    some: bool
    all: bool


def weights(html: str) -> list[Weight]:
    """Of each line that holds more than space, in MuPDF's order."""
    found = []
    for line in html.split("</p>\n"):
        text = _text(line)
        if text.strip():
            some = "<b>" in line
            light = _text(_BOLD.sub("", line)).strip() if some else text.strip()
            # a space that is bold among letters that are not is no bold letter
            found.append(Weight(len(text), some and light != text.strip(), not light))
    return found


def light_lines(html: str, page: Any) -> list[float] | None:
    """How light the letters of each line are that holds more than space, in MuPDF's order; None
    where only the dictionary can tell: a line of several colours, or letters not simply drawn."""
    if _is_transparent(page):
        return None
    found = []
    for line in html.split("</p>\n"):
        if _text(line).strip():
            looks = set(_LOOKS.findall(line))
            if any(not colour or float(size) < _TINY for size, colour in looks):
                return None
            greys = {_grey(int(colour, 16)) for _, colour in looks}
            if len(greys) > 1 and max(greys) >= PALE:
                return None
            found.append(max(greys, default=0.0))
    return found


def _text(html: str) -> str:
    return unescape(_TAG.sub("", html))


def is_odd(html: str, page: Any) -> bool:
    """Whether any letters of a page are light, tiny, transparent or not drawn at all."""
    looks = set(_LOOKS.findall(html))
    if any(not colour or float(size) < _TINY for size, colour in looks):
        return True
    colours = {int(colour, 16) for _, colour in looks}
    if any(_grey(colour) >= PALE for colour in colours):
        return True
    # black letters that are transparent come without a colour, others with theirs
    return any(colours) and _is_transparent(page)


def _spans(blocks: Sequence[Any]) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, block in enumerate(blocks):
        for row, line in enumerate(block.get("lines", ())):
            for span in line["spans"]:
                yield number * 100_000 + row, span


def odd_styles(blocks: Sequence[Any]) -> dict[int, list[Style]]:
    """By line, what is not simply dark and drawn."""
    found: dict[int, list[Style]] = {}
    for line, span in _spans(blocks):
        if (
            span["color"]
            or span["alpha"] < _FAINT
            or span["size"] < _TINY
            or not span["char_flags"] & _DRAWN
        ):
            style = _styled(span)
            if style.unseen or style.grey >= DARK:
                found.setdefault(line, []).append(style)
    return found


def styles_of(blocks: Sequence[Any], wanted: NDArray[np.int64]) -> dict[int, list[Style]]:
    """By line, the looks of all letters of the wanted lines."""
    of = set(wanted.tolist())
    found: dict[int, list[Style]] = {}
    for line, span in _spans(blocks):
        if line in of:
            found.setdefault(line, []).append(_styled(span))
    return found


def _styled(span: dict[str, Any]) -> Style:
    colour, flags = span["color"], span["char_flags"]
    unseen = span["size"] < _TINY or not flags & _DRAWN or span["alpha"] < _FAINT
    return Style(span["bbox"], colour, unseen, _grey(colour))


def _grey(colour: int) -> float:
    return 0.299 * (colour >> 16 & 255) + 0.587 * (colour >> 8 & 255) + 0.114 * (colour & 255)


def _resources(page: Any) -> Any:
    return _mu.pdf_page_resources(_mu.pdf_page_from_fz_page(page.this))


def uses_objects(page: Any) -> bool:
    """Whether a page uses pictures or forms."""
    return bool(_mu.pdf_dict_len(_mu.pdf_dict_gets(_resources(page), "XObject")))


def holds_more(page: Any) -> bool:
    """Whether a page uses pictures, forms, patterns or shadings."""
    resources = _resources(page)
    return any(
        _mu.pdf_dict_len(_mu.pdf_dict_gets(resources, name))
        for name in ("XObject", "Pattern", "Shading")
    )


def _is_transparent(page: Any) -> bool:
    """Whether what a page uses has a graphics state that lets (almost) nothing be seen."""
    resources = [_resources(page)]
    for each in resources:
        states = _mu.pdf_dict_gets(each, "ExtGState")
        for number in range(_mu.pdf_dict_len(states)):
            state = _mu.pdf_dict_get_val(states, number)
            faint = _mu.pdf_dict_gets(state, "ca")
            if _mu.pdf_is_number(faint) and 255 * _mu.pdf_to_real(faint) < _FAINT:
                return True
            if _mu.pdf_is_dict(_mu.pdf_dict_gets(state, "SMask")):
                return True
        forms = _mu.pdf_dict_gets(each, "XObject")
        for number in range(_mu.pdf_dict_len(forms)):
            inner = _mu.pdf_dict_gets(_mu.pdf_dict_get_val(forms, number), "Resources")
            if _mu.pdf_is_dict(inner):
                resources.append(inner)
        if len(resources) > _MOST_FORMS:
            return True
    return False


def style_at(styles: Sequence[Style], box: Sequence[float]) -> Style | None:
    """The style in which the middle of the box is written."""
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    for style in styles:
        x0, y0, x1, y1 = style.box
        if x0 <= x <= x1 and y0 <= y <= y1:
            return style
    return None
