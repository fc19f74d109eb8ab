"""PowerPoint presentations (PPTX, PPSX, their macro kin and templates): a slide is a page.

Own code on the zip rather than python-pptx, which unpacks every picture and film before it shows
the first slide, and knows no diagrams. Macros are not looked at, and nothing that a slide links to
is opened.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from engine.reading import drawings, running
from engine.reading.archive import (
    Archive,
    Relation,
    below,
    child,
    children,
    damaged,
    local,
    opened,
)
from engine.reading.document import Reading, Source
from engine.reading.flow import Flow, Illustrated, hiding, unmarked
from engine.reading.illustrations import packed, with_pictures
from engine.reading.table_heads import head_rows
from engine.records import BlockKind, DocumentFacts, Page, PageState

MOST_SLIDES = 5_000
_MOST_SHAPES = 20_000
_TINY = 100  # hundredths of a point
_MARGINAL = frozenset({"dt", "ftr", "hdr", "sldNum"})


def read(source: Source) -> Reading:
    """Raises ``NotReadError`` where the file is not a presentation, damaged, locked or a bomb."""
    with opened(source.path, "a presentation") as archive:
        deck = _Deck(archive)
        pages = list(deck.pages(source))
        title = archive.office_title() or deck.title
    facts = DocumentFacts("presentation", title, len(pages))
    omitted = ""
    if deck.left_out:
        omitted = f"Only the first {MOST_SLIDES:,} slides were read; there are more."
    elif deck.crowded:
        omitted = f"Of a slide with more than {_MOST_SHAPES:,} shapes, the rest was left out."
    pages = pages or [(Flow().page(1, "1"), ())]
    return Reading(facts, with_pictures(pages, packed(source.path), source), omitted)


class _Deck:
    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self.title = ""
        self._masters: set[str] = set()  # those whose text is on a slide already
        self.left_out = self.crowded = False

    def pages(self, source: Source) -> Iterator[Illustrated]:
        part = next(
            (r.target for r in self._archive.relations("").values() if r.kind == "officeDocument"),
            "ppt/presentation.xml",
        )
        root = self._archive.needed(part)
        if local(root) != "presentation":
            raise damaged("a presentation")
        relations = self._archive.relations(part)
        first, size = root.get("firstSlideNum") or "1", child(root, "sldSz")
        listed = child(root, "sldIdLst")
        slides = list(children(listed, "sldId")) if listed is not None else []
        self.left_out = len(slides) > MOST_SLIDES
        for number, entry in enumerate(slides[:MOST_SLIDES], 1):
            if source.cancelled():
                return
            printed = int(first) + number - 1 if first.isdecimal() else number
            key = next((v for k, v in entry.attrib.items() if k.endswith("}id")), "")
            yield self._page(number, printed, relations.get(key, Relation("", "")).target, size)

    def _page(self, number: int, printed: int, part: str, size: Any) -> Illustrated:
        root = self._archive.tree(part)
        if root is None:
            return Page(number, str(printed), "", PageState.FAILED), ()
        hidden = root.get("show") in ("0", "false")
        relations = self._archive.relations(part)
        slide = _Slide(self._archive, relations, Flow(), hidden, _extent(size))
        slide.add(child(root, "cSld", "spTree"))
        if not hidden:
            running.add(slide.flow, self._of_masters(root, relations))
        self.crowded |= slide.shapes > _MOST_SHAPES
        if number == 1:
            self.title = slide.title
        for relation in relations.values():
            if relation.kind == "notesSlide":
                slide.add_notes(self._archive.tree(relation.target))
        for relation in relations.values():
            if relation.kind == "comments":
                slide.add_comments(self._archive.tree(relation.target))
        label = f"{printed} (hidden slide)" if hidden else str(printed)
        return slide.flow.illustrated_page(number, label)

    def _of_masters(self, root: Any, relations: dict[str, Relation]) -> Iterator[str]:
        """What a slide's layout and master say on it, where no slide before has it. Their
        placeholders are there to be filled in, and say nothing."""
        for kind in ("slideLayout", "slideMaster"):
            part = next((r.target for r in relations.values() if r.kind == kind), "")
            if not part or root.get("showMasterSp") in ("0", "false"):
                return
            root, relations = self._archive.tree(part), self._archive.relations(part)
            if root is None:
                return
            if part not in self._masters:
                self._masters.add(part)
                for shape in _shapes(child(root, "cSld", "spTree")):
                    body = child(shape, "txBody")
                    if body is not None and not _role(shape):
                        yield from drawings.paragraphs(body)


@dataclass(slots=True)
class _Slide:
    """``extent`` is the slide's width and height, in the unit of its shapes' places."""

    archive: Archive
    relations: dict[str, Relation]
    flow: Flow
    hidden: bool
    extent: tuple[int, int]
    title: str = ""
    shapes: int = 0

    def add(self, tree: Any) -> None:
        shapes = list(_shapes(tree)) if tree is not None else []
        self.shapes = len(shapes)
        shapes = shapes[:_MOST_SHAPES]
        # a screen reader says the title first, too, wherever it comes in the file
        shapes.sort(key=lambda shape: _role(shape) not in ("title", "ctrTitle"))
        for shape in shapes:
            unseen = _is_unseen(shape, self.extent)
            match local(shape):
                case "sp" | "cxnSp":
                    self._text(shape, unseen)
                case "graphicFrame":
                    self._graphic(shape, unseen)
                case "pic" if not (unseen or self.hidden):
                    for blip in below(shape, "blip"):
                        self.flow.add_picture(self._related(blip, "embed"))

    def _say(self, text: str, kind: BlockKind, unseen: bool, level: int = 0) -> None:
        self.flow.add(hiding(text) if unseen or self.hidden else text, kind, level)

    def _text(self, shape: Any, unseen: bool) -> None:
        body, role = child(shape, "txBody"), _role(shape)
        if body is None:
            return
        if role in ("title", "ctrTitle"):
            text = " ".join(" ".join(drawings.paragraphs(body)).split())
            self.title = self.title or text
            self._say(unmarked(text), BlockKind.HEADING, unseen, 1)
            return
        kind = BlockKind.MARGINAL if role in _MARGINAL else BlockKind.PARAGRAPH
        paragraphs = [p for p in children(body, "p") if drawings.paragraph_text(p).strip()]
        for paragraph in paragraphs:
            listed = role in ("body", "obj") and len(paragraphs) > 1
            bullet = child(paragraph, "pPr", "buChar")
            number = child(paragraph, "pPr", "buAutoNum")
            plain = child(paragraph, "pPr", "buNone") is not None
            item = bullet is not None or number is not None or (listed and not plain)
            self._say(
                unmarked(drawings.paragraph_text(paragraph)),
                BlockKind.LIST_ITEM if item and kind is BlockKind.PARAGRAPH else kind,
                unseen or _is_tiny(paragraph),
            )

    def _graphic(self, frame: Any, unseen: bool) -> None:
        data = child(frame, "graphic", "graphicData")
        if data is None:
            return
        for element in data:
            match local(element):
                case "tbl":
                    self._table(element, unseen)
                case "chart":
                    titles, table = drawings.chart(self.archive, self._related(element, "id"))
                    for text in titles:
                        self._say(unmarked(text), BlockKind.CAPTION, unseen)
                    self._rows(table, 1, unseen)
                case "relIds":
                    for text in drawings.diagram(self.archive, self._related(element, "dm")):
                        self._say(unmarked(text), BlockKind.LIST_ITEM, unseen)

    def _related(self, element: Any, name: str) -> str:
        key = next((v for k, v in element.attrib.items() if k.endswith("}" + name)), "")
        return self.relations.get(key, Relation("", "")).target

    def _table(self, table: Any, unseen: bool) -> None:
        rows: list[list[str]] = []
        for row in children(table, "tr"):
            cells = []
            for cell in children(row, "tc"):
                body = child(cell, "txBody")
                text = " ".join(drawings.paragraphs(body)) if body is not None else ""
                cells.append(" ".join(text.split()))
            rows.append(cells)
        properties = child(table, "tblPr")
        told = properties is not None and properties.get("firstRow") in ("1", "true")
        self._rows(rows, int(told and len(rows) > 1) or head_rows(rows), unseen)

    def _rows(self, rows: list[list[str]], heads: int, unseen: bool) -> None:
        for number, row in enumerate(rows):
            kind = BlockKind.TABLE_HEAD if number < heads else BlockKind.TABLE_ROW
            self._say(unmarked(" | ".join(row).rstrip(" |")), kind, unseen)

    def add_notes(self, root: Any) -> None:
        tree = child(root, "cSld", "spTree") if root is not None else None
        for shape in _shapes(tree) if tree is not None else ():
            body = child(shape, "txBody")
            if body is not None and _role(shape) in ("body", ""):
                for text in drawings.paragraphs(body):
                    self._say(unmarked(text), BlockKind.FOOTNOTE, unseen=False)

    def add_comments(self, root: Any) -> None:
        for comment in below(root, "cm") if root is not None else ():
            told = child(comment, "text")
            body = child(comment, "txBody")
            texts = drawings.paragraphs(body) if body is not None else []
            if told is not None:
                texts.append(told.text or "")
            for text in texts:
                self._say(unmarked(text), BlockKind.FOOTNOTE, unseen=False)


def _shapes(tree: Any) -> Iterator[Any]:
    """The shapes of a tree, also those in groups, in the order in which they are drawn."""
    stack = [iter(tree)]
    while stack:
        element = next(stack[-1], None)
        if element is None:
            stack.pop()
            continue
        match local(element):
            case "grpSp":
                stack.append(iter(element))
            case "AlternateContent":
                choice = child(element, "Choice")
                stack.append(iter(choice if choice is not None else ()))
            case "sp" | "graphicFrame" | "cxnSp" | "pic":
                yield element


def _role(shape: Any) -> str:
    """What a placeholder stands for; empty for a shape of its own."""
    holder = child(shape, "nvSpPr", "nvPr", "ph")
    return (holder.get("type") or "obj") if holder is not None else ""


def _extent(size: Any) -> tuple[int, int]:
    if size is None:
        return 0, 0
    return _number(size.get("cx")), _number(size.get("cy"))


def _number(text: str | None) -> int:
    try:
        return int(text or "")
    except ValueError:
        return 0


def _is_unseen(shape: Any, extent: tuple[int, int]) -> bool:
    """Whether a shape is switched off, or lies off the slide."""
    for properties in below(shape, "cNvPr"):
        if properties.get("hidden") in ("1", "true"):
            return True
        break
    place = child(shape, "spPr", "xfrm")
    if place is None:
        place = child(shape, "xfrm")
    if place is None or local(shape.getparent()) == "grpSp" or not all(extent):
        return False
    start, size = child(place, "off"), child(place, "ext")
    if start is None or size is None:
        return False
    x, y = _number(start.get("x")), _number(start.get("y"))
    width, height = _number(size.get("cx")), _number(size.get("cy"))
    return x >= extent[0] or y >= extent[1] or x + width <= 0 or y + height <= 0


def _is_tiny(paragraph: Any) -> bool:
    sizes = [
        _number(properties.get("sz"))
        for run in children(paragraph, "r")
        if (properties := child(run, "rPr")) is not None and properties.get("sz")
    ]
    return len(sizes) == sum(1 for _ in children(paragraph, "r")) > 0 and max(sizes) <= _TINY
