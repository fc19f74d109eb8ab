"""Lays HTML out as a PDF with MuPDF: pages, their numbers, links between them, an outline.

Fonts are MuPDF's own, which have the letters of most scripts; only those used go into the file.
Runs in the exporter child.
"""

from __future__ import annotations

import io
from typing import Any

import pymupdf

from engine.exporting.messages import MakePdf

_PAPER = "a4"
_MARGINS = (62.0, 60.0, -62.0, -68.0)  # points
_FOOT = 36.0  # points from the lower edge
_FOOT_SIZE = 8.0
_TRIES, _STEP, _TOLERANCE = 200, 1.5, 0.5
_GREY = (0.36, 0.37, 0.4)

pymupdf.TOOLS.mupdf_display_errors(False)
pymupdf.TOOLS.mupdf_display_warnings(False)


def make(request: MakePdf) -> bytes:
    data, targets, links = _pages(request)
    document = pymupdf.open("pdf", data)
    document.set_metadata({"title": request.title, "creator": "Carrel"})
    for page in document:
        _number(page, document.page_count)
    for at, area, name in links:
        if name in targets:
            to, point = targets[name]
            document[at].insert_link(
                {"kind": pymupdf.LINK_GOTO, "from": area, "page": to, "to": point}
            )
    document.set_toc(
        [
            [1, name, targets[anchor][0] + 1, targets[anchor][1].y]
            for anchor, name in request.outline
            if anchor in targets
        ]
    )
    document.subset_fonts(fallback=False)
    made: bytes = document.tobytes(garbage=3, deflate=True, use_objstms=1)
    document.close()
    return made


_Target = tuple[int, Any]
_Link = tuple[int, Any, str]


def _pages(request: MakePdf) -> tuple[bytes, dict[str, _Target], list[_Link]]:
    """The PDF without links, where each id stands, and the links to ids: 0-based pages, points
    from the top left."""
    story = pymupdf.Story(f"<html><body>{request.body}</body></html>", user_css=request.style)
    file = io.BytesIO()
    writer = pymupdf.DocumentWriter(file)
    paper = pymupdf.paper_rect(_PAPER)
    targets: dict[str, _Target] = {}
    links: list[_Link] = []
    number = 0

    def note(position: Any) -> None:
        if not position.open_close & 1:
            return
        area = pymupdf.Rect(position.rect)
        if position.id:
            targets.setdefault(position.id, (number, area.tl))
        if position.href and position.href.startswith("#") and not area.is_empty:
            links.append((number, area, position.href[1:]))

    more = True
    while more:
        device = writer.begin_page(paper)
        more = _place(story, paper + _MARGINS)
        story.element_positions(note)
        story.draw(device)
        writer.end_page()
        number += 1
    writer.close()
    return file.getvalue(), targets, links


def _place(story: Any, area: Any) -> bool:
    """Fill the next page; whether more is to come.

    Now and then MuPDF puts lines below the end of the area, where nobody sees them: up to a
    whole page of them. A slightly shorter area breaks elsewhere.
    """
    for _ in range(_TRIES):
        more, filled = story.place(area)
        if filled[3] <= area.y1 + _TOLERANCE:
            return bool(more)
        area.y1 -= _STEP
    raise ValueError("a page would have lost lines")


def _number(page: Any, count: int) -> None:
    text = f"{page.number + 1} / {count}"
    width = pymupdf.get_text_length(text, "helv", _FOOT_SIZE)
    at = pymupdf.Point((page.rect.width - width) / 2, page.rect.height - _FOOT)
    page.insert_text(at, text, fontname="helv", fontsize=_FOOT_SIZE, color=_GREY)
