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
from pathlib import Path
from typing import Any

from docx.document import Document
from docx.opc.constants import CONTENT_TYPE
from docx.opc.exceptions import OpcError
from docx.opc.part import PartFactory
from docx.oxml.ns import qn
from docx.package import Package
from docx.parts.document import DocumentPart
from lxml import etree

from engine.reading.document import NotReadError, Reading, Source, sensible_title
from engine.reading.flow import Flow, hiding, unmarked
from engine.records import BlockKind, DocumentFacts, DocumentState

MOST_UNPACKED = 500_000_000
"""Bytes; a file that unpacks to more is taken for a zip bomb."""

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
_ALIKE = 16  # of 255
_VALUE, _ID, _TYPE = qn("w:val"), qn("w:id"), qn("w:type")
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
_SKIPPED = frozenset([*(qn(f"w:{name}") for name in _UNSHOWN.split()), _FALLBACK])


def read(source: Source) -> Reading:
    """Raises ``NotReadError`` where the file is not a Word document, damaged or a zip bomb."""
    _check_size(source.path)
    try:
        part = Package.open(str(source.path)).main_document_part
        if not isinstance(part, DocumentPart):
            raise NotReadError(DocumentState.FAILED, "The file is not a Word document.")
        flow = Flow(chapter_level=1)
        looks, default = _looks(part)
        _Walk(flow, _styles(part), _footnotes(part), looks, default).body(part.element.body)
        title = sensible_title(_title(part.document))
    except _FAULTS as error:
        raise NotReadError(
            DocumentState.FAILED, "The file is damaged: it cannot be opened as a Word document."
        ) from error
    pages = flow.pages()
    return Reading(DocumentFacts("word", title, len(pages)), iter(pages))


def _check_size(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise NotReadError(
            DocumentState.FAILED, "The file is damaged: it cannot be opened as a Word document."
        ) from error
    if any(entry.flag_bits & 1 for entry in entries):
        raise NotReadError(DocumentState.LOCKED, "The file is protected with a password.")
    if sum(entry.file_size for entry in entries) > MOST_UNPACKED:
        raise NotReadError(
            DocumentState.FAILED,
            f"The file unpacks to more than {MOST_UNPACKED // 1_000_000:,} MB; it was left closed.",
        )


def _title(document: Document) -> str:
    try:
        return str(document.core_properties.title or "")
    except (KeyError, ValueError, AttributeError, etree.LxmlError):
        return ""


@dataclass(frozen=True, slots=True)
class _Style:
    heading: int = 0
    item: bool = False


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


@dataclass(frozen=True, slots=True)
class _Look:
    """What properties of text say of how it looks; None where they say nothing. ``size`` is in
    half points, colours as Word writes them."""

    vanish: bool | None = None
    colour: str | None = None
    size: float | None = None
    ground: str | None = None


def _look(properties: Any) -> _Look:
    if properties is None:
        return _Look()
    vanish, colour = properties.find(qn("w:vanish")), properties.find(qn("w:color"))
    size, shading = properties.find(qn("w:sz")), properties.find(qn("w:shd"))
    marked = properties.find(qn("w:highlight"))
    filled = shading.get(qn("w:fill")) if shading is not None else None
    if marked is not None:
        filled = marked.get(_VALUE)
    digits = (size.get(_VALUE) or "") if size is not None else ""
    return _Look(
        None if vanish is None else vanish.get(_VALUE) not in ("0", "false", "off"),
        None if colour is None else (colour.get(_VALUE) or "auto"),
        float(digits) if digits.isdecimal() else None,
        None if filled is None or _is_white(filled) or filled == "auto" else filled,
    )


def _looks(part: DocumentPart) -> tuple[dict[str, _Look], str]:
    """By style id, with what each takes over from the one that it is based on; and the id of
    the paragraphs' default style."""
    own: dict[str, _Look] = {}
    based: dict[str, str] = {}
    default = ""
    try:
        elements = part.styles.element.findall(qn("w:style"))
    except (KeyError, AttributeError, ValueError):
        return own, default
    for element in elements:
        style_id = element.get(qn("w:styleId")) or ""
        own[style_id] = _look(element.find(_RPR))
        based[style_id] = _named(element, qn("w:basedOn"))
        if element.get(qn("w:default")) in ("1", "true") and element.get(_TYPE) == "paragraph":
            default = style_id
    found: dict[str, _Look] = {}
    for style_id in own:
        look, at, steps = own[style_id], based.get(style_id, ""), 0
        while at in own and steps < 20:
            above = own[at]
            look = _Look(
                above.vanish if look.vanish is None else look.vanish,
                above.colour if look.colour is None else look.colour,
                above.size if look.size is None else look.size,
                above.ground if look.ground is None else look.ground,
            )
            at, steps = based.get(at, ""), steps + 1
        found[style_id] = look
    return found, default


def _named(properties: Any, tag: str) -> str:
    element = properties.find(tag) if properties is not None else None
    return (element.get(_VALUE) or "") if element is not None else ""


def _is_white(colour: str) -> bool:
    """Whether a colour is white, or so near that nobody tells it from paper."""
    if colour.lower() == "white":
        return True
    if not re.fullmatch(r"[0-9A-Fa-f]{6}", colour):
        return False
    return all(int(colour[at : at + 2], 16) >= 255 - _ALIKE for at in (0, 2, 4))


def _is_shaded(paragraph: Any) -> bool:
    """Whether a paragraph, or the cell, table or drawing that it stands in, has a background."""
    properties = paragraph.find(_PPR)
    if properties is not None and _look(properties).ground is not None:
        return True
    paper = paragraph.getroottree().getroot().find(qn("w:background"))
    if paper is not None and not _is_white(paper.get(qn("w:color")) or "FFFFFF"):
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
            if inner is not None and _look(inner).ground is not None:
                return True
    return False


def _footnotes(part: DocumentPart) -> dict[str, str]:
    notes: dict[str, str] = {}
    for relation in part.rels.values():
        if relation.is_external or not relation.reltype.endswith(("/footnotes", "/endnotes")):
            continue
        kind = "end" if relation.reltype.endswith("/endnotes") else "foot"
        parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
        root = etree.fromstring(relation.target_part.blob, parser)
        for note in root:
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
    looks: dict[str, _Look]
    default: str = ""
    pending: list[str] = field(default_factory=list)

    def body(self, body: Any) -> None:
        for element in _contents(body):
            if element.tag == _P:
                self._paragraph(element)
            else:
                self._table(element)
        self._add_notes()

    def _paragraph(self, element: Any) -> None:
        style, breaks_before = self._style(element)
        if breaks_before:
            self._break(hard=True)
        text = self._text(element)
        kind = BlockKind.PARAGRAPH
        if style.heading:
            kind = BlockKind.HEADING
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
                else:
                    self._table(paragraph)
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
        named = properties.find(qn("w:pStyle"))
        style = (
            self.styles.get(named.get(_VALUE) or "", _Style()) if named is not None else _Style()
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
            elif tag in (qn("w:footnoteReference"), qn("w:endnoteReference")):
                key = ("end" if tag.endswith("endnoteReference") else "foot") + (
                    element.get(_ID) or ""
                )
                if note := self.notes.pop(key, ""):
                    self.pending.append(note)
            else:
                stack.append(iter(element))
        return "".join(parts)

    def _is_unseen(self, text: Any, paragraph: Any) -> bool:
        """Whether the run around a text is hidden, white on white, or next to nothing in size;
        what it does not say itself, its styles do."""
        run = text.getparent()
        properties = run.find(_RPR) if run is not None and run.tag == _R else None
        style = _named(properties, _RSTYLE)
        above = paragraph.find(_PPR)
        looks = [
            _look(properties),
            self.looks.get(style, _Look()),
            self.looks.get(_named(above, _PSTYLE) or self.default, _Look()),
        ]
        vanish = next((look.vanish for look in looks if look.vanish is not None), False)
        colour = next((look.colour for look in looks if look.colour is not None), "")
        size = next((look.size for look in looks if look.size is not None), 20)
        if vanish or size <= _TINY:
            return True
        if not _is_white(colour):
            return False
        ground = next((look.ground for look in looks if look.ground is not None), None)
        return ground is None and not _is_shaded(paragraph)

    def _table(self, table: Any) -> None:
        for row in _rows(table):
            cells: list[str] = []
            for cell in _cells(row):
                lines = [self._cell_text(p) for p in cell.iter(_P)]
                shown = " ".join(line for line in lines if line)
                if shown:
                    cells.append(shown)
            if row.find(f".//{qn('w:lastRenderedPageBreak')}") is not None:
                self._break(hard=False)
            self.flow.add(" | ".join(cells), BlockKind.TABLE_ROW)

    def _cell_text(self, paragraph: Any) -> str:
        return " ".join(self._text(paragraph).replace(_PAGE, " ").replace(_SOFT_PAGE, " ").split())

    def _break(self, *, hard: bool) -> None:
        self._add_notes()
        self.flow.page_break(hard=hard)

    def _add_notes(self) -> None:
        for note in self.pending:
            self.flow.add(note)
        self.pending.clear()


def _contents(parent: Any) -> Iterator[Any]:
    """Paragraphs and tables, also inside content controls and custom markup."""
    stack = [iter(parent)]
    while stack:
        element = next(stack[-1], None)
        if element is None:
            stack.pop()
        elif element.tag in (_P, _TBL):
            yield element
        elif isinstance(element.tag, str) and element.tag not in _SKIPPED:
            stack.append(iter(element))


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
