"""What the pane is asked to show: a page and, where there is one, the passage to light."""

from __future__ import annotations

from dataclasses import dataclass

from engine.answers import Citation
from engine.layout import Layout
from engine.records import Box, Hit, Page


@dataclass(frozen=True, slots=True)
class Target:
    """``quote`` is empty where only the page is wanted; offsets and boxes as in a citation."""

    document_id: int
    page: int
    title: str = ""
    start: int = 0
    end: int = 0
    quote: str = ""
    boxes: tuple[Box, ...] = ()

    @classmethod
    def of_citation(cls, c: Citation) -> Target:
        return cls(c.document_id, c.page, c.title or c.document, c.start, c.end, c.quote, c.boxes)

    @classmethod
    def of_hit(cls, h: Hit) -> Target:
        return cls(h.document_id, h.page, h.title or h.document, h.start, h.end, h.text, h.boxes)


def boxes_of(page: Page, start: int, end: int) -> tuple[Box, ...]:
    """Where ``page.text[start:end]`` stands on the page; none where its format has no places."""
    try:
        return Layout.decode(page.layout).boxes_for(start, end)
    except ValueError:
        return ()


def text_sides(page: Page) -> tuple[float, float] | None:
    """Where the page's words begin and end from its left, in points; None where there are none."""
    try:
        boxes = Layout.decode(page.layout).boxes
    except ValueError:
        return None
    if not len(boxes):
        return None
    left = max(0.0, float(boxes[:, 0].min()))
    right = min(page.width, float(boxes[:, 2].max()))
    return (left, right) if right > left else None
