"""OpenDocument presentations and drawings (ODP, ODG): a slide is a page."""

from __future__ import annotations

from typing import Any

from engine.reading import running
from engine.reading.archive import attribute, below, child, children, local
from engine.reading.document import Reading, Source
from engine.reading.flow import Flow, Illustrated
from engine.reading.illustrations import packed, with_pictures
from engine.reading.opendocument import Styles, Walk, document
from engine.records import BlockKind, DocumentFacts

MOST_SLIDES = 5_000
_TITLES = ("title",)


def read(source: Source) -> Reading:
    """Raises ``NotReadError`` where the file is no presentation, damaged, locked or a bomb."""
    with document(source, "a presentation") as opened:
        slides = list(children(opened.body, "page"))
        masters = dict(opened.masters)
        pages = [
            _page(number, slide, opened.styles, masters)
            for number, slide in enumerate(slides[:MOST_SLIDES], 1)
        ]
        title = opened.title
    omitted = ""
    if len(slides) > MOST_SLIDES:
        omitted = f"Only the first {MOST_SLIDES:,} of {len(slides):,} slides were read."
    facts = DocumentFacts("presentation", title, len(pages))
    pages = pages or [(Flow().page(1, "1"), ())]
    return Reading(facts, with_pictures(pages, packed(source.path), source), omitted)


def _page(number: int, slide: Any, styles: Styles, masters: dict[str, Any]) -> Illustrated:
    """``masters`` are those whose text was on no slide before."""
    hidden = styles.is_switched_off(attribute(slide, "style-name"))
    flow = Flow()
    walk = Walk(styles, flow, hidden)
    shapes = [shape for shape in slide if local(shape) not in ("", "notes", "forms", "animations")]
    shapes.sort(key=lambda shape: attribute(shape, "class") not in _TITLES)
    for shape in shapes:
        _shape(shape, walk)
    walk.end()
    if not hidden:
        master = masters.pop(attribute(slide, "master-page-name"), ())
        shown = (shape for shape in master if attribute(shape, "placeholder") != "true")
        own = (shape for shape in shown if local(shape) not in ("", "notes", "forms"))
        running.add(flow, (walk.text(p, []) for shape in own for p in below(shape, "p")))
    notes = child(slide, "notes")
    for frame in children(notes, "frame") if notes is not None else ():
        if attribute(frame, "class") == "notes":
            Walk(styles, flow).blocks(frame, kind=BlockKind.FOOTNOTE)
    return flow.illustrated_page(number, f"{number} (hidden slide)" if hidden else str(number))


def _shape(shape: Any, walk: Walk) -> None:
    match attribute(shape, "class"):
        case "title":
            texts = [walk.text(paragraph, []) for paragraph in below(shape, "p")]
            walk.flow.add(" ".join(" ".join(texts).split()), BlockKind.HEADING, 1)
        case "date-time" | "footer" | "header" | "page-number":
            walk.blocks(shape, kind=BlockKind.MARGINAL)
        case _ if local(shape) == "annotation":
            walk.blocks(shape, kind=BlockKind.FOOTNOTE)
        case _:
            walk.blocks([shape] if local(shape) == "table" else shape)
