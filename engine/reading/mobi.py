"""MOBI books: the HTML inside, with chapters where the book has its page breaks.

The container is the Palm database; its first records hold the text, plain or packed with PalmDOC's
scheme. What is packed with Huffman's is left to MuPDF, which has no page breaks but knows that.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass

import pymupdf

from engine.reading import html
from engine.reading.chapters import Chapters
from engine.reading.document import NotReadError, Reading, Source, sensible_title
from engine.reading.encoding import decode, first_bytes
from engine.reading.flow import Flow
from engine.reading.pdf_faults import FAULTS, check_memory
from engine.records import DocumentFacts, DocumentState, Page

_MOST_TEXT = 64_000_000
_MOST_RECORD = 65_536
_MOST_CHAPTERS = 5000
_PLAIN, _PALM = 1, 2
_PAGE_BREAK = re.compile(r"<mbp:pagebreak\b[^<>]*>", re.IGNORECASE)
_LOCKED = (
    "The book is locked by the shop it came from (DRM); Carrel cannot open it. "
    "A copy without that lock can be read."
)


def read(source: Source) -> Reading:
    """Raises ``NotReadError`` where the file is damaged or the book locked."""
    data, omitted = first_bytes(source.path)
    try:
        book = _Book.opened(data)
        if book.encryption:
            raise NotReadError(DocumentState.LOCKED, _LOCKED)
        text = book.text() if book.packing in (_PLAIN, _PALM) else ""
    except (struct.error, IndexError) as error:
        raise _damaged() from error
    chapters = Chapters()
    for piece in _PAGE_BREAK.split(text, maxsplit=_MOST_CHAPTERS):
        if piece.strip():
            chapters.add(_pages(piece), "")
    if not text:
        _add_drawn(source, chapters)
    pages = chapters.pages()
    return Reading(
        DocumentFacts("mobi", sensible_title(book.title), len(pages)), iter(pages), omitted
    )


@dataclass(frozen=True, slots=True)
class _Book:
    """The records, and what the first of them says."""

    records: tuple[bytes, ...]
    packing: int
    count: int
    encryption: int
    encoding: str
    trailers: int
    title: str

    @classmethod
    def opened(cls, data: bytes) -> _Book:
        """Raises ``struct.error`` where the file is cut short."""
        total = struct.unpack_from(">H", data, 76)[0]
        starts = [struct.unpack_from(">I", data, 78 + 8 * number)[0] for number in range(total)]
        records = tuple(
            data[start:end] for start, end in zip(starts, [*starts[1:], len(data)], strict=True)
        )
        first = records[0]
        packing, _, _, count, _, encryption = struct.unpack_from(">HHIHHH", first)
        encoding, trailers, title = "cp1252", 0, decode(data[:31].split(b"\0")[0])
        if first[16:20] == b"MOBI":
            length, _, code_page = struct.unpack_from(">III", first, 20)
            encoding = "utf-8" if code_page == 65001 else "cp1252"
            if length >= 228 and len(first) >= 244:
                trailers = struct.unpack_from(">H", first, 242)[0]
            at, size = struct.unpack_from(">II", first, 84)
            title = decode(first[at : at + min(size, 500)]) or title
        return cls(records, packing, count, encryption, encoding, trailers, title)

    def text(self) -> str:
        parts: list[bytes] = []
        size = 0
        for record in self.records[1 : 1 + self.count]:
            record = self._without_trailers(record)
            part = bytes(_unpacked(record)) if self.packing == _PALM else record
            parts.append(part)
            size += len(part)
            if size > _MOST_TEXT:
                break
        return decode(b"".join(parts).replace(b"\0", b""), self.encoding)

    def _without_trailers(self, record: bytes) -> bytes:
        """Entries behind the text, each with its length at its end; the last bit means bytes of
        a character that the next record repeats."""
        for bit in range(15, 0, -1):
            if self.trailers >> bit & 1:
                size = 0
                for shift, byte in enumerate(reversed(record[-4:])):
                    size |= (byte & 0x7F) << 7 * shift
                    if byte & 0x80:
                        break
                record = record[: max(0, len(record) - size)]
        if self.trailers & 1 and record:
            record = record[: max(0, len(record) - (record[-1] & 3) - 1)]
        return record


def _unpacked(record: bytes) -> bytearray:
    """PalmDOC's scheme: literals, runs of them, a space before a letter, and what came before."""
    result = bytearray()
    at = 0
    while at < len(record) and len(result) < _MOST_RECORD:
        code = record[at]
        at += 1
        if 1 <= code <= 8:
            result += record[at : at + code]
            at += code
        elif code < 0x80:
            result.append(code)
        elif code >= 0xC0:
            result += bytes((0x20, code ^ 0x80))
        elif at < len(record):
            pair = (code << 8 | record[at]) & 0x3FFF
            at += 1
            distance, length = pair >> 3, (pair & 7) + 3
            for _ in range(length if 0 < distance <= len(result) else 0):
                result.append(result[-distance])
    return result


def _pages(piece: str) -> list[Page]:
    flow = Flow(chapter_level=2)
    try:
        root, _ = html.parse(piece)
    except NotReadError:
        return []
    html.add(root, flow)
    return flow.pages()


def _add_drawn(source: Source, chapters: Chapters) -> None:
    try:
        with pymupdf.open(source.path, filetype="mobi") as document:
            flow = Flow(chapter_level=0)
            for page in document:
                for *_, text, _, kind in page.get_text("blocks"):
                    if kind == 0:
                        flow.add(" ".join(text.split()))
    except FAULTS as error:
        check_memory(error)
        raise _damaged() from error
    chapters.add(flow.pages(), "")


def _damaged() -> NotReadError:
    return NotReadError(
        DocumentState.FAILED, "The file is damaged: it cannot be opened as a MOBI book."
    )
