"""Word documents (DOCX, DOTX and their macro kin): text in the order of the document.

Pages are Word's own where the file remembers them; other programs do not write that down, and
then chapters and lengths make the pages.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from docx.document import Document
from docx.opc.constants import CONTENT_TYPE
from docx.opc.exceptions import OpcError
from docx.opc.part import PartFactory
from docx.oxml.ns import qn
from docx.package import Package
from docx.parts.document import DocumentPart
from lxml import etree

from engine.reading import drawings, html, mhtml, running
from engine.reading.archive import Archive, Relation, below, damaged, local, opened, parsed
from engine.reading.document import NotReadError, Reading, Source, sensible_title
from engine.reading.encoding import decode
from engine.reading.flow import Flow, hiding, unmarked
from engine.reading.illustrations import packed, with_pictures
from engine.reading.mime import parsed as parsed_mail
from engine.reading.table_heads import heads
from engine.reading.word_looks import Look, is_shaded, is_white, look_of, looks_of, named
from engine.records import BlockKind, DocumentFacts, DocumentState

# python-docx opens plain documents only; templates and macro documents have the same insides.
for _content_type in (
    "application/vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml",
    "application/vnd.ms-word.document.macroEnabled.main+xml",
    "application/vnd.ms-word.template.macroEnabledTemplate.main+xml",
    CONTENT_TYPE.WML_DOCUMENT_MAIN,
):
    PartFactory.part_type_for[_content_type] = DocumentPart

# What python-docx raises on damaged packages, besides its own errors.
_FAULTS = (
    OpcError,
    etree.LxmlError,
    zipfile.BadZipFile,
    zlib.error,
    LookupError,
    ValueError,
    AttributeError,
    TypeError,
    AssertionError,
    RuntimeError,
    EOFError,
)
_HEADING_STYLE = re.compile(r"heading (\d)", re.IGNORECASE)
_P, _R, _T, _TBL, _TR, _TC = (qn(f"w:{name}") for name in ("p", "r", "t", "tbl", "tr", "tc"))
_RPR, _PPR, _RSTYLE, _PSTYLE = (qn(f"w:{name}") for name in ("rPr", "pPr", "rStyle", "pStyle"))
_TINY = 2  # half points
_VALUE, _ID, _TYPE = qn("w:val"), qn("w:id"), qn("w:type")
_RELATION = qn("r:id")
_PAGE = "\f"
_SOFT_PAGE = "\v"
_CHARACTERS = {
    qn("w:tab"): "\t",
    qn("w:cr"): "\n",
    qn("w:noBreakHyphen"): "-",
    qn("w:lastRenderedPageBreak"): _SOFT_PAGE,
}
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_UNSHOWN = "pPr rPr del moveFrom instrText delText sectPr drawing pict object"
_PICTURES = ("{*}blip", "{*}imagedata")  # of today, and of before 2007
_CHUNK = qn("w:altChunk")
_RUNNING = (qn("w:headerReference"), qn("w:footerReference"))
_NOTES = {
    "footnotes": qn("w:footnoteReference"),
    "endnotes": qn("w:endnoteReference"),
    "comments": qn("w:commentReference"),
}
_SKIPPED = frozenset([*(qn(f"w:{name}") for name in _UNSHOWN.split()), _FALLBACK])


def read(source: Source) -> Reading:
    """Raises ``NotReadError`` where the file is not a Word document, damaged or a zip bomb."""
    with opened(source.path, "a Word document") as archive:
        try:
            part = Package.open(str(source.path)).main_document_part
            if not isinstance(part, DocumentPart):
                raise NotReadError(DocumentState.FAILED, "The file is not a Word document.")
            flow = Flow(chapter_level=1)
            looks, default = looks_of(part)
            relations = archive.relations(str(part.partname).lstrip("/"))
            walk = _Walk(
                flow, _styles(part), _notes(part), looks, archive, relations, default=default
            )
            walk.body(part.element.body)
            walk.running(part)
            title = sensible_title(_title(part.document))
        except _FAULTS as error:
            raise damaged("a Word document") from error
    pages = flow.illustrated()
    facts = DocumentFacts("word", title, len(pages))
    return Reading(facts, with_pictures(pages, packed(source.path), source))


def _title(document: Document) -> str:
    try:
        return str(document.core_properties.title or "")
    except (KeyError, ValueError, AttributeError, etree.LxmlError):
        return ""


@dataclass(frozen=True, slots=True)
class _Style:
    heading: int = 0
    item: bool = False
    caption: bool = False


def _styles(part: DocumentPart) -> dict[str, _Style]:
    """What the paragraph styles mean, by their ids; a style inherits from the one it is based
    on."""
    found: dict[str, _Style] = {}
    based: dict[str, str] = {}
    try:
        elements = part.styles.element.findall(qn("w:style"))
    except (KeyError, AttributeError, ValueError):
        return found
    for element in elements:
        style_id = element.get(qn("w:styleId")) or ""
        name_element, base = element.find(qn("w:name")), element.find(qn("w:basedOn"))
        name = (name_element.get(_VALUE) or "") if name_element is not None else ""
        if base is not None:
            based[style_id] = base.get(_VALUE) or ""
        outline = element.find(f"{qn('w:pPr')}/{qn('w:outlineLvl')}")
        heading = _HEADING_STYLE.fullmatch(name)
        if heading:
            found[style_id] = _Style(heading=int(heading.group(1)) or 1)
        elif name.lower() == "title":
            found[style_id] = _Style(heading=1)
        elif name.lower() == "caption":
            found[style_id] = _Style(caption=True)
        elif outline is not None and (outline.get(_VALUE) or "9") in "012345678":
            found[style_id] = _Style(heading=int(outline.get(_VALUE)) + 1)
        elif (
            name.lower().startswith("list ")
            or element.find(f"{qn('w:pPr')}/{qn('w:numPr')}") is not None
        ):
            found[style_id] = _Style(item=True)
    for style_id in based:
        above, steps = style_id, 0
        while above not in found and above in based and steps < 20:
            above, steps = based[above], steps + 1
        if above in found:
            found.setdefault(style_id, found[above])
    return found


def _notes(part: DocumentPart) -> dict[str, str]:
    """Footnotes, endnotes and comments, by the names of the references to them."""
    notes: dict[str, str] = {}
    for relation in part.rels.values():
        kind = _NOTES.get(relation.reltype.rpartition("/")[2])
        if relation.is_external or kind is None:
            continue
        for note in parsed(relation.target_part.blob):
            text = " ".join("".join(t.text or "" for t in note.iter(_T)).split())
            if text and note.get(_TYPE) in (None, "normal"):
                notes[f"{kind}{note.get(_ID)}"] = text
    return notes


@dataclass(slots=True)
class _Walk:
    """One pass over the document's body."""

    flow: Flow
    styles: dict[str, _Style]
    notes: dict[str, str]
    looks: dict[str, Look]
    archive: Archive
    relations: dict[str, Relation]
    default: str = ""
    pending: list[str] = field(default_factory=list)

    def body(self, body: Any) -> None:
        for element in _contents(body):
            if element.tag == _P:
                self._paragraph(element)
            elif element.tag == _CHUNK:
                self._chunk(element)
            else:
                self._table(element)
        self._add_notes()

    def running(self, part: DocumentPart) -> None:
        """The headers and footers of all sections."""
        names = [each.get(_RELATION) for each in part.element.body.iter(*_RUNNING)]
        found = [part.rels[name] for name in dict.fromkeys(names) if name in part.rels]
        roots = [parsed(each.target_part.blob) for each in found if not each.is_external]
        lines = (self._cell_text(p) for root in roots for p in root.iter(_P))
        running.add(self.flow, lines)

    def _paragraph(self, element: Any) -> None:
        style, breaks_before = self._style(element)
        if breaks_before:
            self._break(hard=True)
        text = self._text(element)
        kind = BlockKind.PARAGRAPH
        if style.heading:
            kind = BlockKind.HEADING
        elif style.caption:
            kind = BlockKind.CAPTION
        elif style.item:
            kind = BlockKind.LIST_ITEM
        for part in re.split(f"([{_PAGE}{_SOFT_PAGE}])", text):
            if part in (_PAGE, _SOFT_PAGE):
                self._break(hard=part == _PAGE)
            elif kind is BlockKind.HEADING:
                self.flow.add(" ".join(part.split()), kind, style.heading)
            else:
                self.flow.add(part, kind)
        for box in _text_boxes(element):
            for paragraph in _contents(box):
                if paragraph.tag == _P:
                    self.flow.add(self._text(paragraph).replace(_PAGE, "").replace(_SOFT_PAGE, ""))
                elif paragraph.tag == _TBL:
                    self._table(paragraph)
        self._graphics(element)
        section = element.find(f"{qn('w:pPr')}/{qn('w:sectPr')}")
        if section is not None:
            kind_of_break = section.find(_TYPE)
            if kind_of_break is None or kind_of_break.get(_VALUE) != "continuous":
                self._break(hard=True)

    def _style(self, element: Any) -> tuple[_Style, bool]:
        properties = element.find(qn("w:pPr"))
        if properties is None:
            return _Style(), False
        before = properties.find(qn("w:pageBreakBefore"))
        breaks = before is not None and before.get(_VALUE) not in ("0", "false", "off")
        styled = properties.find(qn("w:pStyle"))
        style = (
            self.styles.get(styled.get(_VALUE) or "", _Style()) if styled is not None else _Style()
        )
        if not style.heading and properties.find(qn("w:numPr")) is not None:
            style = _Style(item=True)
        return style, breaks

    def _text(self, paragraph: Any) -> str:
        parts: list[str] = []
        stack = [iter(paragraph)]
        while stack:
            element = next(stack[-1], None)
            if element is None:
                stack.pop()
                continue
            tag = element.tag
            if tag in _SKIPPED or not isinstance(tag, str):
                continue
            if tag == _T:
                text = unmarked(_visible(element.text))
                parts.append(hiding(text) if self._is_unseen(element, paragraph) else text)
            elif tag in _CHARACTERS:
                parts.append(_CHARACTERS[tag])
            elif tag == qn("w:br"):
                parts.append(_PAGE if element.get(_TYPE) == "page" else "\n")
            elif tag in _NOTES.values():
                if note := self.notes.pop(f"{tag}{element.get(_ID)}", ""):
                    self.pending.append(note)
            else:
                stack.append(iter(element))
        return "".join(parts)

    def _is_unseen(self, text: Any, paragraph: Any) -> bool:
        """Whether the run around a text is hidden, white on white, or next to nothing in size;
        what it does not say itself, its styles do."""
        run = text.getparent()
        properties = run.find(_RPR) if run is not None and run.tag == _R else None
        style = named(properties, _RSTYLE)
        above = paragraph.find(_PPR)
        looks = [
            look_of(properties),
            self.looks.get(style, Look()),
            self.looks.get(named(above, _PSTYLE) or self.default, Look()),
        ]
        vanish = next((look.vanish for look in looks if look.vanish is not None), False)
        colour = next((look.colour for look in looks if look.colour is not None), "")
        size = next((look.size for look in looks if look.size is not None), 20)
        if vanish or size <= _TINY:
            return True
        if not is_white(colour):
            return False
        ground = next((look.ground for look in looks if look.ground is not None), None)
        return ground is None and not is_shaded(paragraph)

    def _graphics(self, paragraph: Any) -> None:
        """What diagrams and charts say."""
        for drawing in paragraph.iter(qn("w:drawing")):
            for diagram in below(drawing, "relIds"):
                for text in drawings.diagram(self.archive, self._related(diagram, "dm")):
                    self.flow.add(unmarked(text), BlockKind.LIST_ITEM)
            for chart in below(drawing, "chart"):
                titles, table = drawings.chart(self.archive, self._related(chart, "id"))
                for text in titles:
                    self.flow.add(unmarked(text), BlockKind.CAPTION)
                for number, row in enumerate(table):
                    kind = BlockKind.TABLE_ROW if number else BlockKind.TABLE_HEAD
                    self.flow.add(unmarked(" | ".join(row)), kind)
        self._pictures(paragraph)

    def _pictures(self, element: Any) -> None:
        for picture in element.iter(*_PICTURES):
            name = "embed" if local(picture) == "blip" else "id"
            self.flow.add_picture(self._related(picture, name))

    def _related(self, element: Any, name: str) -> str:
        key = next((v for k, v in element.attrib.items() if k.endswith("}" + name)), "")
        return self.relations.get(key, Relation("", "")).target

    def _chunk(self, chunk: Any) -> None:
        """A piece of a web page that Word has yet to take in."""
        part = self._related(chunk, "id")
        data = self.archive.read(part)
        if data and part.lower().endswith((".htm", ".html", ".xhtml")):
            root, _ = html.parse(decode(data))
            html.add(root, self.flow)
        elif data and part.lower().endswith((".mht", ".mhtml")):
            mhtml.add(parsed_mail(data), self.flow)

    def _table(self, table: Any) -> None:
        rows = list(_rows(table))
        lines = [[self._cell(cell) for cell in _cells(row)] for row in rows]
        told = [_is_head(row) for row in rows]
        for row, line, head in zip(rows, lines, heads(lines, told), strict=True):
            if row.find(f".//{qn('w:lastRenderedPageBreak')}") is not None:
                self._break(hard=False)
            kind = BlockKind.TABLE_HEAD if head else BlockKind.TABLE_ROW
            self.flow.add(" | ".join(filter(None, line)), kind)
        self._pictures(table)

    def _cell(self, cell: Any) -> str:
        lines = (self._cell_text(p) for p in cell.iter(_P))
        return " ".join(line for line in lines if line)

    def _cell_text(self, paragraph: Any) -> str:
        return " ".join(self._text(paragraph).replace(_PAGE, " ").replace(_SOFT_PAGE, " ").split())

    def _break(self, *, hard: bool) -> None:
        self._add_notes()
        self.flow.page_break(hard=hard)

    def _add_notes(self) -> None:
        for note in self.pending:
            self.flow.add(note, BlockKind.FOOTNOTE)
        self.pending.clear()


def _contents(parent: Any) -> Iterator[Any]:
    """Paragraphs and tables, also inside content controls and custom markup."""
    stack = [iter(parent)]
    while stack:
        element = next(stack[-1], None)
        if element is None:
            stack.pop()
        elif element.tag in (_P, _TBL, _CHUNK):
            yield element
        elif isinstance(element.tag, str) and element.tag not in _SKIPPED:
            stack.append(iter(element))


def _is_head(row: Any) -> bool:
    properties = row.find(qn("w:trPr"))
    told = properties.find(qn("w:tblHeader")) if properties is not None else None
    return told is not None and told.get(_VALUE) not in ("0", "false", "off")


def _rows(table: Any) -> Iterator[Any]:
    return (row for row in table.iter(_TR) if next(row.iterancestors(_TBL)) is table)


def _cells(row: Any) -> Iterator[Any]:
    return (cell for cell in row.iter(_TC) if next(cell.iterancestors(_TR)) is row)


def _text_boxes(paragraph: Any) -> Iterator[Any]:
    for box in paragraph.iter(qn("w:txbxContent")):
        if next(box.iterancestors(_FALLBACK), None) is None:
            yield box


def _visible(text: str | None) -> str:
    return (text or "").replace(_PAGE, " ").replace(_SOFT_PAGE, " ")
