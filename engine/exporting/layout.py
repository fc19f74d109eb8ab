"""Lays HTML out as a PDF with MuPDF: pages, their numbers, links between them, an outline.

Fonts are MuPDF's own, which have the letters of most scripts; only those used go into the file.
Runs in the exporter child.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

import pymupdf
from pymupdf import mupdf

from engine.exporting.letters import Letters, mend, noted
from engine.exporting.messages import MakePdf
from engine.exporting.wording import has_letters_from_right

_PAPER = "a4"
_MARGINS = (62.0, 60.0, -62.0, -68.0)  # points
_FOOT = 36.0  # points from the lower edge
_FOOT_SIZE = 8.0
_TRIES, _STEP, _TOLERANCE = 200, 1.5, 0.5
_GREY = (0.36, 0.37, 0.4)

pymupdf.TOOLS.mupdf_display_errors(False)
pymupdf.TOOLS.mupdf_display_warnings(False)


def make(request: MakePdf) -> bytes:
    laid = _pages(request)
    document, targets = pymupdf.open("pdf", laid.data), laid.targets
    if laid.letters:
        mend(document, laid.letters)
    document.set_metadata({"title": request.title, "creator": "Carrel"})
    for page in document:
        _number(page, document.page_count)
    for at, area, name in laid.links:
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


@dataclass(frozen=True, slots=True)
class _Laid:
    """A PDF without links; where each id stands and the links to ids (0-based pages, points from
    the top left); and each page's letters, where these cannot be told from the PDF."""

    data: bytes
    targets: dict[str, tuple[int, Any]]
    links: list[tuple[int, Any, str]]
    letters: list[Letters]


def _pages(request: MakePdf) -> _Laid:
    story = pymupdf.Story(f"<html><body>{request.body}</body></html>", user_css=request.style)
    file = io.BytesIO()
    writer = pymupdf.DocumentWriter(file)
    paper = pymupdf.paper_rect(_PAPER)
    targets: dict[str, tuple[int, Any]] = {}
    links: list[tuple[int, Any, str]] = []
    letters: list[Letters] = []
    joined = has_letters_from_right(request.body)
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
        if joined:
            letters.append(_draw_noting(story, device, paper))
        else:
            story.draw(device)
        writer.end_page()
        number += 1
    writer.close()
    return _Laid(file.getvalue(), targets, links, letters)


def _draw_noting(story: Any, device: Any, paper: Any) -> Letters:
    """Draw the page by way of a list, which knows the letters."""
    display = mupdf.FzDisplayList(mupdf.FzRect(*paper))
    recorder = mupdf.fz_new_list_device(display)
    story.draw(pymupdf.DeviceWrapper(recorder))
    mupdf.fz_close_device(recorder)
    mupdf.fz_run_display_list(
        display, device.this, mupdf.FzMatrix(), mupdf.FzRect(*paper), mupdf.FzCookie()
    )
    return noted(display)


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
