"""Tells a PDF which letters its joined glyphs stand for, so that they can be searched and copied.

MuPDF writes what a font's own table says of a glyph. That table is silent about many forms and
ligatures of Arabic, and calls the others by codes that no keyboard has. Here the letters are noted
as they are laid out, by their place, and given to the glyphs that were painted there.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Any

import pymupdf

from engine.exporting.wording import has_letters_from_right

# what a font's table says of forms and ligatures, or of what it does not know
_FORM = re.compile("[\ufb1d-\ufdff\ufe70-\ufefc\ufffd]")
_MOST_IN_SECTION = 100  # as the CMap format has it

_Place = tuple[int, int]
Letters = dict[_Place, str]


def noted(display: Any) -> Letters:
    """The letters of a page, in reading order, by where they begin."""
    found: dict[_Place, str] = defaultdict(str)
    page = pymupdf.TextPage(pymupdf.DisplayList(display).get_textpage(0))
    for block in page.extractRAWDICT()["blocks"]:
        for line in block["lines"]:
            for span in line["spans"]:
                for char in span["chars"]:
                    found[_place(char["origin"])] += char["c"]
    return dict(found)


def mend(document: Any, pages: list[Letters]) -> None:
    """Write what was ``noted`` of each page into the fonts of the document."""
    by_font: dict[int, dict[int, str]] = defaultdict(dict)
    for page, letters in zip(document, pages, strict=True):
        fonts = {_name(font[3]): font[0] for font in page.get_fonts()}
        painted: dict[_Place, list[tuple[int | None, int, int]]] = defaultdict(list)
        for span in page.get_texttrace():
            font = fonts.get(_name(span["font"]))
            for code, glyph, origin, _ in span["chars"]:
                painted[_place(origin)].append((font, glyph, code))
        for place, glyphs in painted.items():
            for (font, glyph, code), text in zip(
                glyphs, _shared(letters.get(place, ""), len(glyphs)), strict=True
            ):
                if font and _FORM.match(chr(code)) and has_letters_from_right(text):
                    by_font[font].setdefault(glyph, text)
    for number, known in by_font.items():
        _write(document, number, known)


def _shared(letters: str, glyphs: int) -> list[str]:
    """One letter for each glyph at a place, and to the last what is left: written from the
    right, all letters of a ligature are noted where its glyph is."""
    alone = letters[: glyphs - 1]
    return [*alone, letters[len(alone) :], *[""] * (glyphs - 1 - len(alone))]


def _write(document: Any, font: int, glyphs: dict[int, str]) -> None:
    kind, value = document.xref_get_key(font, "ToUnicode")
    if kind != "xref":
        return
    stream = int(value.split()[0])
    cmap = document.xref_stream(stream).decode("latin-1")
    lines = [f"<{glyph:04x}> <{text.encode('utf-16-be').hex()}>" for glyph, text in glyphs.items()]
    sections = []
    for start in range(0, len(lines), _MOST_IN_SECTION):
        part = lines[start : start + _MOST_IN_SECTION]
        sections.append("\n".join([f"{len(part)} beginbfchar", *part, "endbfchar\n"]))
    before, end, rest = cmap.rpartition("endcmap")
    document.update_stream(stream, "".join([before, *sections, end, rest]).encode("latin-1"))


def _place(origin: tuple[float, float]) -> _Place:
    return round(origin[0] * 4), round(origin[1] * 4)


def _name(font: str) -> str:
    """Without a subset's prefix and what writers leave out."""
    return "".join(c for c in font.rpartition("+")[2].lower() if c.isalnum())
