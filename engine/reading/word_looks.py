"""How the text of a Word document looks, as far as that says whether anybody sees it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from docx.oxml.ns import qn
from docx.parts.document import DocumentPart

_TBL, _TC = qn("w:tbl"), qn("w:tc")
_RPR, _PPR = qn("w:rPr"), qn("w:pPr")
_VALUE, _TYPE = qn("w:val"), qn("w:type")
_ALIKE = 16  # of 255


@dataclass(frozen=True, slots=True)
class Look:
    """What properties of text say of how it looks; None where they say nothing. ``size`` is in
    half points, colours as Word writes them."""

    vanish: bool | None = None
    colour: str | None = None
    size: float | None = None
    ground: str | None = None


def look_of(properties: Any) -> Look:
    if properties is None:
        return Look()
    vanish, colour = properties.find(qn("w:vanish")), properties.find(qn("w:color"))
    size, shading = properties.find(qn("w:sz")), properties.find(qn("w:shd"))
    marked = properties.find(qn("w:highlight"))
    filled = shading.get(qn("w:fill")) if shading is not None else None
    if marked is not None:
        filled = marked.get(_VALUE)
    digits = (size.get(_VALUE) or "") if size is not None else ""
    return Look(
        None if vanish is None else vanish.get(_VALUE) not in ("0", "false", "off"),
        None if colour is None else (colour.get(_VALUE) or "auto"),
        float(digits) if digits.isdecimal() else None,
        None if filled is None or is_white(filled) or filled == "auto" else filled,
    )


def looks_of(part: DocumentPart) -> tuple[dict[str, Look], str]:
    """By style id, with what each takes over from the one that it is based on; and the id of
    the paragraphs' default style."""
    own: dict[str, Look] = {}
    based: dict[str, str] = {}
    default = ""
    try:
        elements = part.styles.element.findall(qn("w:style"))
    except (KeyError, AttributeError, ValueError):
        return own, default
    for element in elements:
        style_id = element.get(qn("w:styleId")) or ""
        own[style_id] = look_of(element.find(_RPR))
        based[style_id] = named(element, qn("w:basedOn"))
        if element.get(qn("w:default")) in ("1", "true") and element.get(_TYPE) == "paragraph":
            default = style_id
    found: dict[str, Look] = {}
    for style_id in own:
        look, at, steps = own[style_id], based.get(style_id, ""), 0
        while at in own and steps < 20:
            above = own[at]
            look = Look(
                above.vanish if look.vanish is None else look.vanish,
                above.colour if look.colour is None else look.colour,
                above.size if look.size is None else look.size,
                above.ground if look.ground is None else look.ground,
            )
            at, steps = based.get(at, ""), steps + 1
        found[style_id] = look
    return found, default


def named(properties: Any, tag: str) -> str:
    element = properties.find(tag) if properties is not None else None
    return (element.get(_VALUE) or "") if element is not None else ""


def is_white(colour: str) -> bool:
    """Whether a colour is white, or so near that nobody tells it from paper."""
    if colour.lower() == "white":
        return True
    if not re.fullmatch(r"[0-9A-Fa-f]{6}", colour):
        return False
    return all(int(colour[at : at + 2], 16) >= 255 - _ALIKE for at in (0, 2, 4))


def is_shaded(paragraph: Any) -> bool:
    """Whether a paragraph, or the cell, table or drawing that it stands in, has a background."""
    properties = paragraph.find(_PPR)
    if properties is not None and look_of(properties).ground is not None:
        return True
    paper = paragraph.getroottree().getroot().find(qn("w:background"))
    if paper is not None and not is_white(paper.get(qn("w:color")) or "FFFFFF"):
        return True
    for above in paragraph.iterancestors():
        if above.tag == qn("w:txbxContent"):
            return True  # boxes have fills of many kinds
        if above.tag == _TBL:
            style = above.find(f"{qn('w:tblPr')}/{qn('w:tblStyle')}")
            if style is not None:
                return True  # table styles shade their rows
        if above.tag in (_TC, _TBL):
            inner = above.find(qn("w:tcPr" if above.tag == _TC else "w:tblPr"))
            if inner is not None and look_of(inner).ground is not None:
                return True
    return False
