"""OpenDocument texts (ODT, their templates, and FODT, the same in one XML file), and what the
other OpenDocument formats share with them. Scripts are not looked at; nothing linked is opened.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from engine.reading import running
from engine.reading.archive import (
    MOST_OF_A_TREE,
    attribute,
    below,
    child,
    children,
    damaged,
    local,
    locked,
    opened,
    parsed,
)
from engine.reading.document import NotReadError, Reading, Source, sensible_title
from engine.reading.flow import Flow, hiding, unmarked
from engine.reading.illustrations import packed, with_pictures
from engine.reading.table_heads import heads
from engine.records import BlockKind, DocumentFacts, DocumentState

_CAPTION = re.compile(r"(?:caption|illustration|figure|table|drawing|text)$", re.IGNORECASE)
_TITLES = ("Title", "Subtitle")
_SKIPPED = frozenset(
    "tracked-changes forms sequence-decls variable-decls user-field-decls change-start change-end "
    "change bookmark bookmark-start bookmark-end event-listeners desc title object "
    "object-ole image alphabetical-index-auto-mark-file ruby-text".split()
)
_FIRST_MASTER = "Standard"
_LARGEST_STEP = 1_000
_TINY = 1.0  # points


@dataclass(frozen=True, slots=True)
class OpenDocument:
    """``body`` is what the kind of document has of its own, such as ``office:text``. ``masters``
    are its master pages, by their names: what stands on all pages that are made after them."""

    body: Any
    title: str
    styles: Styles
    masters: dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Style:
    parent: str
    breaks: bool
    unseen: bool | None
    invisible: bool  # a sheet or slide that is switched off
    level: int
    master: str


class Styles:
    """What the styles of a document say, with what each takes over from its parent."""

    def __init__(self, *roots: Any) -> None:
        self._styles: dict[str, _Style] = {}
        for root in roots:
            for style in below(root, "style"):
                self._styles[attribute(style, "name")] = _style(style)

    def lineage(self, name: str) -> Iterator[str]:
        """A style's name and those of the ones it is based on."""
        for _ in range(20):
            if not name:
                return
            yield name
            style = self._styles.get(name)
            name = style.parent if style is not None else ""

    def breaks(self, name: str) -> bool:
        style = self._styles.get(name)
        return style is not None and style.breaks

    def masters(self) -> Iterator[str]:
        """The names of the master pages that some paragraph begins a page of."""
        return (style.master for style in self._styles.values() if style.master)

    def is_switched_off(self, name: str) -> bool:
        style = self._styles.get(name)
        return style is not None and style.invisible

    def unseen(self, name: str) -> bool | None:
        """Whether text of the style cannot be seen; None where it does not say."""
        for above in self.lineage(name):
            style = self._styles.get(above)
            if style is not None and style.unseen is not None:
                return style.unseen
        return None

    def level(self, name: str) -> int:
        """The heading level of a style; 0 for none."""
        for above in self.lineage(name):
            style = self._styles.get(above)
            if above in _TITLES or (style is not None and style.level):
                return style.level if style is not None and style.level else 1
        return 0


def _style(style: Any) -> _Style:
    paragraph, text = child(style, "paragraph-properties"), child(style, "text-properties")
    before = attribute(paragraph, "break-before") if paragraph is not None else ""
    after_page = attribute(style, "master-page-name")
    unseen: bool | None = None
    if text is not None:
        size = attribute(text, "font-size")
        colour, ground = attribute(text, "color"), attribute(text, "background-color")
        backed = paragraph is not None and attribute(paragraph, "background-color") not in (
            "",
            "transparent",
            "#ffffff",
        )
        if attribute(text, "display") == "none" or _points(size) <= _TINY:
            unseen = True
        elif colour:
            unseen = colour.lower() == "#ffffff" and ground in ("", "transparent") and not backed
    sheet, slide = child(style, "table-properties"), child(style, "drawing-page-properties")
    off = (sheet is not None and attribute(sheet, "display") == "false") or (
        slide is not None and attribute(slide, "visibility") == "hidden"
    )
    level = attribute(style, "default-outline-level")
    return _Style(
        attribute(style, "parent-style-name"),
        before == "page" or bool(after_page),
        unseen,
        off,
        int(level) if level.isdecimal() else 0,
        after_page,
    )


def _points(size: str) -> float:
    match = re.fullmatch(r"([\d.]+)pt", size)
    try:
        return float(match[1]) if match else 99.0
    except ValueError:
        return 99.0


@contextmanager
def document(source: Source, kind: str) -> Iterator[OpenDocument]:
    """The document in a package, or in a flat file. Raises ``NotReadError``, for what the block
    meets too."""
    with source.path.open("rb") as file:
        flat = file.read(4) != b"PK\x03\x04"
        if flat:
            file.seek(0)
            data = file.read(MOST_OF_A_TREE + 1)
    if flat:
        try:
            if len(data) > MOST_OF_A_TREE:
                raise NotReadError(
                    DocumentState.FAILED,
                    f"The file is larger than {MOST_OF_A_TREE // 1_000_000} MB in one piece of "
                    "XML; save it in the packed form to index it.",
                )
            root = parsed(data)
            yield OpenDocument(_body(root), _title(root), Styles(root), _masters(root))
        except (etree.LxmlError, LookupError, ValueError) as error:
            raise damaged(kind) from error
        return
    with opened(source.path, kind) as archive:
        if b"encryption-data" in archive.read("META-INF/manifest.xml"):
            raise locked()
        root = archive.needed("content.xml")
        shared = archive.tree("styles.xml")
        title = _title(archive.tree("meta.xml"))
        parts = [part for part in (shared, root) if part is not None]
        yield OpenDocument(_body(root), title, Styles(*parts), _masters(*parts))


def _body(root: Any) -> Any:
    body = child(root, "body")
    inner = [element for element in body if local(element)] if body is not None else []
    if not inner:
        raise KeyError("office:body")
    return inner[0]


def _masters(*roots: Any) -> dict[str, Any]:
    return {
        attribute(master, "name"): master for root in roots for master in below(root, "master-page")
    }


def _title(root: Any) -> str:
    found = next(below(root, "title"), None) if root is not None else None
    if found is None or "dc/elements" not in str(found.tag):
        return ""
    return sensible_title(found.text)


def read(source: Source) -> Reading:
    """Raises ``NotReadError`` where the file is no such text, damaged, locked or a bomb."""
    with document(source, "an OpenDocument text") as opened_document:
        flow = Flow(chapter_level=1)
        walk = Walk(opened_document.styles, flow)
        walk.blocks(opened_document.body)
        walk.end()
        running.add(flow, _running(opened_document))
        title = opened_document.title
    title = title or next((text for level, text in flow.headings() if level == 1), "")
    pages = flow.illustrated()
    facts = DocumentFacts("opendocument", title, len(pages))
    return Reading(facts, with_pictures(pages, packed(source.path), source))


def _running(opened_document: OpenDocument) -> Iterator[str]:
    """The headers and footers of the pages that the text is set on."""
    walk = Walk(opened_document.styles, Flow())
    for name in (_FIRST_MASTER, *opened_document.styles.masters()):
        for part in opened_document.masters.get(name, ()):
            if local(part).startswith(("header", "footer")) and not _is_off(part):
                yield from (walk.text(paragraph, []) for paragraph in part.iter("{*}p", "{*}h"))


def _is_off(part: Any) -> bool:
    return attribute(part, "display") == "false"


@dataclass(slots=True)
class Walk:
    """One pass over a text. A parser that is not told to bear huge trees lets none be nested
    deeper than 256, so what calls itself here stays within Python's bounds."""

    styles: Styles
    flow: Flow
    hidden: bool = False
    notes: list[str] = field(default_factory=list)
    begun: bool = False

    def blocks(self, parent: Any, *, item: bool = False, kind: BlockKind | None = None) -> None:
        for element in parent:
            name = local(element)
            match name:
                case "" | "note" | "annotation":
                    continue
                case "h" | "p":
                    self._paragraph(element, item=item, kind=kind)
                    item = item and name == "h"
                case "list":
                    for entry in element:
                        self.blocks(entry, item=local(entry) == "list-item")
                case "table":
                    self.table(element)
                case "soft-page-break":
                    self._break(hard=False)
                case "image":
                    self.picture(element)
                case _ if name not in _SKIPPED:
                    self.blocks(element, item=item, kind=kind)

    def end(self) -> None:
        for note in self.notes:
            self.flow.add(hiding(note) if self.hidden else note, BlockKind.FOOTNOTE)
        self.notes.clear()

    def _break(self, *, hard: bool) -> None:
        self.end()
        self.flow.page_break(hard=hard)

    def _paragraph(self, element: Any, *, item: bool, kind: BlockKind | None) -> None:
        style = attribute(element, "style-name")
        if self.begun and self.styles.breaks(style):
            self._break(hard=True)
        self.begun = True
        boxes: list[Any] = []
        text = self.text(element, boxes)
        level = 0
        if kind is None:
            kind = BlockKind.LIST_ITEM if item else BlockKind.PARAGRAPH
            if local(element) == "h":
                told = attribute(element, "outline-level")
                level = int(told) if told.isdecimal() else 1
            elif not item:
                level = self.styles.level(style)
            if level:
                kind, text = BlockKind.HEADING, " ".join(text.split())
            elif _is_caption(self.styles, style):
                kind = BlockKind.CAPTION
        # a soft break amid a paragraph: where it began, the page had not ended yet
        for number, part in enumerate(text.split("\f")):
            if number:
                self._break(hard=False)
            self.flow.add(hiding(part) if self.hidden else part, kind, level)
        for box in boxes:
            self.blocks(box)

    def text(self, element: Any, boxes: list[Any]) -> str:
        """The text of a paragraph; frames with text of their own go to ``boxes``, notes to the
        end of the page."""
        unseen = bool(self.styles.unseen(attribute(element, "style-name")))
        parts: list[str] = []
        self._runs(element, unseen, parts, boxes)
        return "".join(parts)

    def _runs(self, element: Any, unseen: bool, parts: list[str], boxes: list[Any]) -> None:
        self._say(element.text, unseen, parts)
        for inner in element:
            match local(inner):
                case "s":
                    count = attribute(inner, "c")
                    spaces = int(count) if count.isdecimal() else 1
                    parts.append(" " * min(spaces, _LARGEST_STEP))
                case "tab":
                    parts.append("\t")
                case "line-break":
                    parts.append("\n")
                case "soft-page-break":
                    parts.append("\f")
                case "note" | "annotation":
                    self._note(inner)
                case "hidden-text":
                    self._say(attribute(inner, "string-value"), True, parts)
                case "frame" | "custom-shape" | "text-box" | "g":
                    boxes.append(inner)
                case name if name and name not in _SKIPPED:
                    own = self.styles.unseen(attribute(inner, "style-name"))
                    self._runs(inner, unseen if own is None else own, parts, boxes)
            self._say(inner.tail, unseen, parts)

    @staticmethod
    def _say(text: str | None, unseen: bool, parts: list[str]) -> None:
        if text:
            # white space of the XML is no more than a space
            shown = re.sub(r"[ \t\r\n\f]+", " ", unmarked(text))
            parts.append(hiding(shown) if unseen else shown)

    def _note(self, note: Any) -> None:
        body = child(note, "note-body")
        texts = [self.text(p, []) for p in below(body if body is not None else note, "p")]
        if shown := " ".join(" ".join(texts).split()):
            self.notes.append(shown)

    def table(self, table: Any) -> None:
        rows = [row for row in below(table, "table-row") if _table_of(row) is table]
        lines = [self._cells(row) for row in rows]
        told = [local(row.getparent()) == "table-header-rows" for row in rows]
        for line, head in zip(lines, heads(lines, told), strict=True):
            text = " | ".join(line).rstrip(" |")
            kind = BlockKind.TABLE_HEAD if head else BlockKind.TABLE_ROW
            self.flow.add(hiding(text) if self.hidden else text, kind)
        for image in below(table, "image"):
            self.picture(image)

    def picture(self, image: Any) -> None:
        if not self.hidden:
            self.flow.add_picture(attribute(image, "href").removeprefix("./"))

    def _cells(self, row: Any) -> list[str]:
        cells = []
        for cell in children(row, "table-cell"):
            texts: list[str] = []
            for paragraph in cell.iter("{*}p", "{*}h"):
                if local(paragraph.getparent()) not in ("note-body", "annotation"):
                    texts.append(self.text(paragraph, []))
            cells.append(" ".join(" ".join(texts).split()))
        return cells


def _table_of(row: Any) -> Any:
    return next((above for above in row.iterancestors("{*}table")), None)


def _is_caption(styles: Styles, style: str) -> bool:
    return any(_CAPTION.match(name) for name in styles.lineage(style))
