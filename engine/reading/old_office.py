"""Files of old programs, which LibreOffice turns into OpenDocument ones: Word, PowerPoint, Works,
WordPerfect, Hangul, Lotus 1-2-3, StarOffice, and Apple's Pages, Keynote and Numbers.
"""

from __future__ import annotations

import importlib
import zipfile
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from engine.reading import archive, containers, pdf
from engine.reading.document import NotReadError, Reading, Source
from engine.reading.legible import is_nonsense
from engine.reading.locked_office import unlocked
from engine.reading.sniff import HEAD
from engine.records import DocumentState
from engine.workers import libreoffice

SECONDS = 45.0
"""Less than the silence after which a reader is taken for stuck."""

_LARGEST = 200_000_000


@dataclass(frozen=True, slots=True)
class _Kind:
    """``what`` with its article; ``way_out`` is how a person helps themselves without
    LibreOffice; ``target`` and ``module`` are what it is turned into and who reads that."""

    what: str
    way_out: str
    target: str
    module: str
    format: str


def _text(what: str, way_out: str = "save the file as .docx", name: str = "word") -> _Kind:
    return _Kind(what, way_out, "odt", "opendocument", name)


def _slides(what: str, way_out: str = "save the file as .pptx") -> _Kind:
    return _Kind(what, way_out, "odp", "opendocument_slides", "presentation")


def _sheet(what: str, way_out: str = "save the file as .xlsx") -> _Kind:
    return _Kind(what, way_out, "ods", "opendocument_sheets", "spreadsheet")


_KINDS = {
    "word": _text("an old Word file"),
    "powerpoint": _slides("an old PowerPoint file"),
    "excel": _sheet("an old Excel file"),
    "works": _text("a Microsoft Works file"),
    "wordperfect": _text("a WordPerfect file"),
    "hwp": _text("a Hangul file (HWP)"),
    "star text": _text("a StarOffice text", "save the file as .odt"),
    "star sheet": _sheet("a StarOffice spreadsheet", "save the file as .ods"),
    "star slides": _slides("a StarOffice presentation", "save the file as .odp"),
}
_SUFFIXES = {
    ".pages": _text("an Apple Pages document", "export it as Word or PDF"),
    ".key": _slides("an Apple Keynote presentation", "export it as PowerPoint or PDF"),
    ".numbers": _sheet("an Apple Numbers spreadsheet", "export it as Excel or PDF"),
    **dict.fromkeys((".wpd", ".wp", ".wp5", ".wp6"), _KINDS["wordperfect"]),
    ".wps": _KINDS["works"],
    ".wks": _sheet("a Microsoft Works spreadsheet"),
    ".ppt": _KINDS["powerpoint"],
    ".pps": _KINDS["powerpoint"],
    ".pot": _KINDS["powerpoint"],
    ".xml": _text("a Word 2003 file"),
}
_LOTUS = _sheet("a Lotus 1-2-3 spreadsheet")
_OLD = _KINDS["word"]


def read(source: Source) -> Reading:
    """Raises ``NotReadError`` where LibreOffice is missing, fails, or takes too long."""
    with source.path.open("rb") as file:
        kind = _kind_of(source.path, file.read(HEAD))
    if (preview := _preview(source, kind)) is not None:
        return preview
    with unlocked(source) as open_source:
        found = converted(open_source, kind)
    if found is None:
        raise NotReadError(
            DocumentState.FAILED,
            f"This is {kind.what}, and LibreOffice cannot open it; {kind.way_out} to index it.",
        )
    return found


def _preview(source: Source, kind: _Kind) -> Reading | None:
    """The PDF that Apple's programs leave in a document for others to look at: the pages as they
    are, which is more than LibreOffice knows of them."""
    if not zipfile.is_zipfile(source.path):
        return None
    with archive.opened(source.path, kind.what) as opened, TemporaryDirectory() as folder:
        if not (data := opened.read("QuickLook/Preview.pdf")):
            return None
        made = Path(folder, "preview.pdf")
        made.write_bytes(data)
        try:
            reading = pdf.read(Source(made, cancelled=source.cancelled))
            facts = replace(reading.facts, format=kind.format)
            return replace(reading, facts=facts, pages=iter(list(reading.pages)))
        except NotReadError:
            return None


def read_workbook(source: Source) -> Reading | None:
    """A workbook that its own reader does not understand; None where LibreOffice is not there or
    does not understand it either."""
    return converted(source, _KINDS["excel"]) if libreoffice.program() is not None else None


def converted(source: Source, kind: _Kind) -> Reading | None:
    """What the module for ``kind.target`` reads; None where LibreOffice cannot open the file."""
    if libreoffice.program() is None:
        raise NotReadError(
            DocumentState.UNSUPPORTED,
            f"This is {kind.what}. Carrel reads these through LibreOffice, which is not installed; "
            f"install it or {kind.way_out}.",
        )
    if source.path.stat().st_size > _LARGEST:
        raise NotReadError(
            DocumentState.FAILED,
            f"The file is larger than {_LARGEST // 1_000_000} MB; {kind.way_out} to index it.",
        )
    with TemporaryDirectory(prefix="carrel-office-", ignore_cleanup_errors=True) as folder:
        try:
            made = libreoffice.convert(
                source.path, kind.target, Path(folder), seconds=SECONDS, cancelled=source.cancelled
            )
        except libreoffice.TookTooLongError:
            raise NotReadError(
                DocumentState.FAILED,
                f"LibreOffice did not finish with this file in {SECONDS:.0f} seconds; "
                f"{kind.way_out} to index it.",
            ) from None
        if made is None:
            return None
        # all of it is read before this returns: the file does not outlive the folder
        reader = importlib.import_module(f"engine.reading.{kind.module}")
        reading: Reading = reader.read(Source(made, cancelled=source.cancelled))
        pages = list(reading.pages)
        if is_nonsense("\n".join(page.text for page in pages)):
            raise NotReadError(
                DocumentState.FAILED,
                f"By its name this is {kind.what}, but LibreOffice finds no sense in it; the file "
                "is damaged, or another program's.",
            )
        facts = replace(reading.facts, format=kind.format)
        return replace(reading, facts=facts, pages=iter(pages))


def _kind_of(path: Path, head: bytes) -> _Kind:
    found = containers.kind_of(path, head)
    if found in _KINDS:
        return _KINDS[found]
    if containers.is_wordperfect(path, head):
        return _KINDS["wordperfect"]
    if containers.is_hwp(path, head):
        return _KINDS["hwp"]
    if containers.is_lotus(path, head):
        return _LOTUS
    if containers.is_old_xml(path, head):
        return _sheet("an Excel 2003 file") if b"Excel" in head[:1024] else _SUFFIXES[".xml"]
    return _SUFFIXES.get(path.suffix.lower(), _OLD)
