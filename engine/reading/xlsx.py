"""Excel workbooks (XLSX, XLSM and their templates), read row by row.

Own code rather than openpyxl's: that one forgets hidden rows and merged cells when it streams,
and holds whole workbooks in memory when it does not. Formulas are shown by their last results,
macros are not looked at, and other workbooks that a cell names are not opened.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from lxml import etree

from engine.reading import drawings
from engine.reading.archive import (
    Archive,
    Relation,
    attribute,
    below,
    child,
    children,
    damaged,
    local,
    opened,
)
from engine.reading.document import Reading, Source
from engine.reading.number_forms import BUILT_IN, GENERAL, shown
from engine.reading.sheets import Allowance, Merge, Row, Sheet, reading

_MOST_STRINGS = 4_000_000
_MOST_CHARACTERS = 200_000_000
_LAST_ROW, _LAST_COLUMN = 1_048_576, 16_384
_REFERENCE = re.compile(r"\$?([A-Za-z]{1,3})\$?(\d{1,7})")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


def read(source: Source) -> Reading:
    """Raises ``NotReadError`` where the file is not a workbook, damaged, locked or a bomb."""
    allowance = Allowance()
    with opened(source.path, "a spreadsheet") as archive:
        book = _Book(archive, allowance)
        return reading(source, "spreadsheet", archive.office_title(), book.sheets(), allowance)


@dataclass(slots=True)
class _Book:
    archive: Archive
    allowance: Allowance
    strings: list[str] = field(default_factory=list)
    formats: list[str] = field(default_factory=list)
    unseen: frozenset[str] = frozenset()
    since_1904: bool = False

    def sheets(self) -> Iterator[Sheet]:
        part = next(
            (r.target for r in self.archive.relations("").values() if r.kind == "officeDocument"),
            "xl/workbook.xml",
        )
        root = self.archive.needed(part)
        if local(root) != "workbook":
            raise damaged("a spreadsheet")
        relations = self.archive.relations(part)
        for relation in relations.values():
            if relation.kind == "sharedStrings":
                self.strings = _strings(self.archive, relation.target)
            elif relation.kind == "styles":
                styles = self.archive.tree(relation.target)
                self.formats, self.unseen = _formats(styles), _unseen(styles)
        properties = child(root, "workbookPr")
        self.since_1904 = properties is not None and _is_on(properties.get("date1904"))
        listed = child(root, "sheets")
        for entry in children(listed, "sheet") if listed is not None else ():
            relation = relations.get(_relation_id(entry), Relation("", ""))
            sheet = Sheet(
                entry.get("name") or "",
                hidden=(entry.get("state") or "visible") != "visible",
            )
            if relation.kind == "worksheet" and relation.target in self.archive.names:
                self._fill(sheet, relation.target)
            self._add_drawings(sheet, relation.target)
            yield sheet

    def _fill(self, sheet: Sheet, part: str) -> None:
        hidden_columns: set[int] = set()
        hidden_by_default = False
        number = 0
        with self.archive.stream(part) as stream:
            for element in _walk(stream):
                name = local(element)
                if name == "row":
                    given = element.get("r") or ""
                    number = min(int(given) if given.isdecimal() else number + 1, _LAST_ROW)
                    hidden = element.get("hidden")
                    unseen = _is_on(hidden) if hidden is not None else hidden_by_default
                    cells, unseen_cells = self._cells(element)
                    _forget(element)
                    if cells and not self.allowance.take(len(cells)):
                        break
                    if cells:
                        sheet.rows.append(Row(number, cells, unseen, unseen_cells))
                elif name == "col":
                    hidden_columns |= _hidden_columns(element)
                elif name == "sheetFormatPr":
                    hidden_by_default = _is_on(element.get("zeroHeight"))
                elif (merge := _merge(element.get("ref") or "")) is not None:
                    sheet.merges.append(merge)
        sheet.rows.sort(key=lambda row: row.number)
        sheet.hidden_columns = frozenset(hidden_columns)

    def _cells(self, row: Any) -> tuple[dict[int, str], frozenset[int]]:
        """The cells of a row, and which of them nobody sees. Half a million cells make a
        document: what is asked here is asked once a cell."""
        space = row.tag[: -len("row")]
        cell, value = f"{space}c", f"{space}v"
        found: dict[int, str] = {}
        unseen: list[int] = []
        column = -1
        for element in row:
            if element.tag != cell:
                continue
            reference = element.get("r")
            column = _column(reference.rstrip("0123456789")) if reference else column + 1
            if not 0 <= column < _LAST_COLUMN:
                continue
            kind = element.get("t") or "n"
            text = element.findtext(value)
            if kind == "inlineStr":
                inline = child(element, "is")
                shown_text = _text_of(inline).strip() if inline is not None else ""
            elif text:
                shown_text = self._shown(text.strip(), kind, element.get("s") or "")
            else:
                continue
            if shown_text:
                found[column] = shown_text
                if self.unseen and element.get("s") in self.unseen:
                    unseen.append(column)
        return found, frozenset(unseen)

    def _shown(self, text: str, kind: str, style: str) -> str:
        match kind:
            case "n":
                return self._number(text, style)
            case "s":
                at = int(text) if text.isdecimal() else -1
                return self.strings[at].strip() if 0 <= at < len(self.strings) else ""
            case "d":
                return text.removesuffix("Z").removesuffix("T00:00:00")
            case "b":
                return "TRUE" if text == "1" else "FALSE"
        return _unescaped(text)

    def _number(self, text: str, style: str) -> str:
        try:
            value = float(text)
        except ValueError:
            return text
        at = int(style) if style.isdecimal() else 0
        code = self.formats[at] if at < len(self.formats) else GENERAL
        return shown(value, code, since_1904=self.since_1904)

    def _add_drawings(self, sheet: Sheet, part: str) -> None:
        for relation in self.archive.relations(part).values():
            match relation.kind:
                case "comments" | "threadedComment":
                    sheet.notes += _comments(self.archive, relation.target)
                case "drawing":
                    root = self.archive.tree(relation.target)
                    for body in below(root, "txBody") if root is not None else ():
                        sheet.notes += drawings.paragraphs(body)
                    for inner in self.archive.relations(relation.target).values():
                        if inner.kind == "chart":
                            titles, table = drawings.chart(self.archive, inner.target)
                            sheet.notes += titles
                            sheet.tables += table
                        elif inner.kind == "diagramData":
                            sheet.notes += drawings.diagram(self.archive, inner.target)


def _walk(stream: Any, *names: str) -> Iterator[Any]:
    """Elements of these names as they end, or those of a sheet."""
    names = names or ("row", "col", "sheetFormatPr", "mergeCell")
    # a strict file has another namespace
    walk = etree.iterparse(
        stream,
        events=("end",),
        tag=[f"{{*}}{name}" for name in names],
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    return (element for _, element in walk)


def _forget(element: Any) -> None:
    """Give back the memory of what was read."""
    element.clear()
    while element.getprevious() is not None:
        del element.getparent()[0]


def _strings(archive: Archive, part: str) -> list[str]:
    if part not in archive.names:
        return []
    found: list[str] = []
    characters = 0
    with archive.stream(part) as stream:
        for element in _walk(stream, "si"):
            found.append(_text_of(element))
            characters += len(found[-1])
            _forget(element)
            if len(found) >= _MOST_STRINGS or characters > _MOST_CHARACTERS:
                break
    return found


def _text_of(element: Any) -> str:
    """Of a string in plain or rich text, without the hints on how to say it."""
    parts: list[str] = []
    for part in element:
        if local(part) == "t":
            parts.append(part.text or "")
        elif local(part) == "r":
            parts += [text.text or "" for text in children(part, "t")]
    return _unescaped("".join(parts))


def _unescaped(text: str) -> str:
    if "_x" not in text:
        return text
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)


def _formats(root: Any) -> list[str]:
    """The format codes of the cell styles, by their numbers."""
    if root is None:
        return []
    codes = dict(BUILT_IN)
    own = child(root, "numFmts")
    for entry in children(own, "numFmt") if own is not None else ():
        number = entry.get("numFmtId") or ""
        if number.isdecimal():
            codes[int(number)] = entry.get("formatCode") or GENERAL
    styles = child(root, "cellXfs")
    found: list[str] = []
    for style in children(styles, "xf") if styles is not None else ():
        number = style.get("numFmtId") or "0"
        found.append(codes.get(int(number), GENERAL) if number.isdecimal() else GENERAL)
    return found


def _unseen(root: Any) -> frozenset[str]:
    """The numbers of the cell styles that write white on no ground of their own."""
    fonts, fills, styles = (child(root, name) for name in ("fonts", "fills", "cellXfs"))
    if fonts is None or fills is None or styles is None:
        return frozenset()
    white = {
        str(number)
        for number, font in enumerate(children(fonts, "font"))
        if (colour := child(font, "color")) is not None
        and (colour.get("rgb") or "").upper() in ("FFFFFFFF", "00FFFFFF")
    }
    bare = {
        str(number)
        for number, fill in enumerate(children(fills, "fill"))
        if (pattern := child(fill, "patternFill")) is not None
        and (pattern.get("patternType") or "none") == "none"
    }
    return frozenset(
        str(number)
        for number, style in enumerate(children(styles, "xf"))
        if (style.get("fontId") or "0") in white and (style.get("fillId") or "0") in bare
    )


def _comments(archive: Archive, part: str) -> list[str]:
    root = archive.tree(part)
    found: list[str] = []
    for name in ("comment", "threadedComment"):
        for comment in below(root, name) if root is not None else ():
            text = " ".join("".join(t.text or "" for t in below(comment, "t")).split())
            text = text or " ".join((comment.findtext("{*}text") or "").split())
            if text:
                found.append(f"{comment.get('ref') or ''}: {text}".removeprefix(": "))
    return found


def _relation_id(element: Any) -> str:
    return next((v for k, v in element.attrib.items() if k.endswith("}id")), "")


def _is_on(value: str | None) -> bool:
    return value in ("1", "true", "on")


@lru_cache(20_000)
def _column(letters: str) -> int:
    """The 0-based column that is called so; -1 for none."""
    number = 0
    for letter in letters.upper()[:4]:
        if not "A" <= letter <= "Z":
            return -1
        number = number * 26 + ord(letter) - 64
    return number - 1


def _merge(reference: str) -> Merge | None:
    first, _, last = reference.partition(":")
    start, end = _REFERENCE.fullmatch(first), _REFERENCE.fullmatch(last)
    if start is None or end is None:
        return None
    return Merge(int(start[2]), int(end[2]), _column(start[1]), _column(end[1]))


def _hidden_columns(element: Any) -> set[int]:
    first, last = attribute(element, "min"), attribute(element, "max")
    if not _is_on(element.get("hidden")) or not (first.isdecimal() and last.isdecimal()):
        return set()
    return set(range(int(first) - 1, min(int(last), _LAST_COLUMN)))
