"""Hangul documents (HWP 5), after Hancom's published description of the format (revision 1.3):
paragraphs and tables. Scripts and links are not looked at. Older ones (HWP 3) go through
LibreOffice, which in turn does not know these.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

import olefile

from engine.reading import old_office
from engine.reading.archive import FAULTS, damaged, locked
from engine.reading.document import NotReadError, Reading, Source
from engine.reading.flow import Flow, unmarked
from engine.reading.table_heads import heads
from engine.records import BlockKind, DocumentFacts, DocumentState

_COMPRESSED, _LOCKED, _DISTRIBUTED = 1, 2, 4
_TEXT, _CONTROL, _LIST = 67, 71, 72
_CELL = 34  # bytes of a list that is a cell, at least
_MOST_UNPACKED = 200_000_000
_LARGE = range(1, 24)  # controls of eight units, but for the next ones
_SMALL = frozenset((10, 13))
_BLANKS = {9: "\t", 10: "\n", 24: "-", 30: "\u00a0", 31: " "}


def read(source: Source) -> Reading:
    """Raises ``NotReadError`` where the file is locked or damaged."""
    if not olefile.isOleFile(str(source.path)):
        return old_office.read(source)
    flow = Flow()
    try:
        with olefile.OleFileIO(str(source.path)) as container:
            (flags,) = struct.unpack_from("<I", container.openstream("FileHeader").read(40), 36)
            if flags & _LOCKED:
                raise locked()
            if flags & _DISTRIBUTED:
                raise NotReadError(
                    DocumentState.UNSUPPORTED,
                    "The file was made to be read in Hangul alone; save a copy as .docx or PDF.",
                )
            sections = sorted(
                (entry for entry in container.listdir() if entry[0] == "BodyText"),
                key=lambda entry: (len(entry[-1]), entry[-1]),
            )
            left = _MOST_UNPACKED
            for section in sections:
                data = container.openstream(section).read()
                if flags & _COMPRESSED:
                    data = zlib.decompressobj(-15).decompress(data, left)
                left -= len(data)
                _Section(flow).run(data)
                if left <= 0:
                    break
    except (OSError, struct.error, *FAULTS) as error:
        raise damaged("a Hangul document") from error
    pages = flow.pages()
    omitted = f"Only its first {_MOST_UNPACKED // 1_000_000} MB were read." if left <= 0 else ""
    return Reading(DocumentFacts("hwp", "", len(pages)), iter(pages), omitted)


@dataclass(slots=True)
class _Section:
    """One pass over a section's records. ``depth`` is the level of the table that the place is
    in, -1 for none; tables in tables are text of the outer one's cell."""

    flow: Flow
    depth: int = -1
    rows: dict[int, list[list[str]]] = field(default_factory=dict)
    row: int = 0
    in_cell: bool = False

    def run(self, data: bytes) -> None:
        for tag, level, content in _records(data):
            if self.depth >= 0 and level <= self.depth:
                self._end_table()
            if tag == _CONTROL and content[:4] == b" lbt" and self.depth < 0:
                self.depth = level
            elif tag == _LIST and self.depth >= 0 and level == self.depth + 1:
                # a list that is no cell is the table's caption
                row = struct.unpack_from("<H", content, 10)[0] if len(content) >= _CELL else -1
                self.in_cell = row >= 0
                if self.in_cell:
                    self.rows.setdefault(row, []).append([])
                    self.row = row
            elif tag == _TEXT:
                self._text(unmarked(_characters(content)))
        self._end_table()

    def _text(self, text: str) -> None:
        if not text.strip():
            return
        if self.depth >= 0 and self.in_cell:
            self.rows[self.row][-1].append(" ".join(text.split()))
        else:
            self.flow.add(text, BlockKind.CAPTION if self.depth >= 0 else BlockKind.PARAGRAPH)

    def _end_table(self) -> None:
        lines = [[" ".join(cell) for cell in self.rows[row]] for row in sorted(self.rows)]
        for line, head in zip(lines, heads(lines, [False] * len(lines)), strict=True):
            kind = BlockKind.TABLE_HEAD if head else BlockKind.TABLE_ROW
            self.flow.add(" | ".join(line).rstrip(" |"), kind)
        self.rows, self.depth, self.in_cell = {}, -1, False


def _records(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Tag, level and content of each."""
    at = 0
    while at + 4 <= len(data):
        (head,) = struct.unpack_from("<I", data, at)
        at += 4
        size = head >> 20
        if size == 0xFFF:
            if at + 4 > len(data):
                return
            (size,) = struct.unpack_from("<I", data, at)
            at += 4
        yield head & 0x3FF, head >> 10 & 0x3FF, data[at : at + size]
        at += size


def _characters(content: bytes) -> str:
    """The text of a paragraph; what stands for pictures, tables and the like is left out."""
    units = memoryview(content[: len(content) // 2 * 2]).cast("H")
    parts: list[int] = []
    at = 0
    while at < len(units):
        unit = units[at]
        if unit >= 32:
            parts.append(unit)
        elif unit in _BLANKS:
            parts.append(ord(_BLANKS[unit]))
        at += 8 if unit in _LARGE and unit not in _SMALL else 1
    return struct.pack(f"<{len(parts)}H", *parts).decode("utf-16-le", "replace")
