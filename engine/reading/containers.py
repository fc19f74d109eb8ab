"""What is inside a file that holds other files: a zip, or the OLE container of old Office.

Names of parts tell the program; suffixes are often wrong.
"""

from __future__ import annotations

import functools
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import olefile

from engine.reading.sniff import ZIP_FAULTS

Sniffer = Callable[[Path, bytes], bool]

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_MOST_TYPES = 4 * 1024 * 1024

# the first that is there counts: a document may hold others
_STREAMS = (
    ("encryptedpackage", "encrypted"),
    ("worddocument", "word"),
    ("workbook", "excel"),
    ("book", "excel"),
    ("powerpoint document", "powerpoint"),
    ("__properties_version1.0", "outlook"),
    ("bodytext", "hwp"),
    ("viewtext", "hwp"),
    ("perfectoffice_main", "wordperfect"),
    ("matost", "works"),
    ("mm", "works"),
    ("visiodocument", "visio"),
    ("quill", "publisher"),
    ("starwriterdocument", "star text"),
    ("starcalcdocument", "star sheet"),
    ("stardrawdocument3", "star slides"),
    ("stardrawdocument", "star slides"),
    ("nativecontent_main", "lotus"),
)
_OFFICE_TYPES = (
    (re.compile(rb"spreadsheetml\.\w+(?:\.\w+)?\.main\+xml|ms-excel\.\w+\.macroEnabled"), "xlsx"),
    (re.compile(rb"ms-excel\.sheet\.binary"), "xlsb"),
    (re.compile(rb"(?:presentationml|ms-powerpoint)\.\w+(?:\.\w+)?\.main\+xml"), "pptx"),
)
_ODF = re.compile(
    rb"application/vnd\.oasis\.opendocument\.(text|spreadsheet|presentation|graphics)"
)
_STAR = re.compile(rb"application/vnd\.sun\.xml\.(writer|calc|impress|draw)")
_STAR_NAMES = ("star text", "star sheet", "star slides")
_STAR_KINDS = {b"writer": "star text", b"calc": "star sheet"}
_SENTENCES = (
    ("hwpx", "This is a Hangul file (HWPX), which Carrel does not read; save it as .docx or PDF."),
    ("visio", "This is a Visio drawing, which Carrel does not read; save it as PDF to index it."),
    ("publisher", "This is a Publisher file, which Carrel does not read; save it as PDF."),
    ("ole", "This is a file of an Office program that Carrel does not know; save it as PDF."),
)
_OLD_EXCEL = (b"\x09\x00\x04\x00", b"\x09\x02\x06\x00", b"\x09\x04\x06\x00", b"\x09\x08\x08\x00")


def kind_of(path: Path, head: bytes) -> str:
    """What a container holds, such as "word", "xlsx", "odf text" or "encrypted"; empty for what
    is no container or holds nothing known."""
    if not head.startswith((_OLE, *_ZIP)):
        return ""
    try:
        info = path.stat()
        return _kind(path, head.startswith(_OLE), info.st_size, info.st_mtime_ns)
    except OSError:
        return ""


@functools.lru_cache(maxsize=4)
def _kind(path: Path, is_ole: bool, _size: int, _modified: int) -> str:
    return _in_ole(path) if is_ole else _in_zip(path)


def _in_ole(path: Path) -> str:
    try:
        with olefile.OleFileIO(str(path)) as container:
            top = [entry[0].lower() for entry in container.listdir(streams=True, storages=True)]
    except (OSError, ValueError, IndexError, TypeError, AttributeError, RecursionError):
        return ""
    present = frozenset(top)
    return next((kind for name, kind in _STREAMS if name in present), "ole")


def _in_zip(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.NameToInfo
            if "[Content_Types].xml" in names:
                with archive.open("[Content_Types].xml") as part:
                    types = part.read(_MOST_TYPES)
                for pattern, kind in _OFFICE_TYPES[1:] + _OFFICE_TYPES[:1]:
                    if pattern.search(types):
                        return kind
            for name in ("mimetype", "META-INF/manifest.xml"):
                if name in names:
                    with archive.open(name) as part:
                        said = part.read(_MOST_TYPES)
                    if found := _ODF.search(said):
                        return f"odf {found[1].decode()}"
                    if old := _STAR.search(said):
                        return _STAR_KINDS.get(old[1], "star slides")
            if any(name.endswith(".iwa") for name in names) or "Index.zip" in names:
                return "apple"
            if "index.apxl" in names:
                return "apple"
            if "index.xml" in names and "buildVersionHistory.plist" in names:
                return "apple"
            if "Contents/section0.xml" in names and "Contents/header.xml" in names:
                return "hwpx"
    except ZIP_FAULTS:
        return ""
    return ""


def is_kind(*kinds: str) -> Sniffer:
    """A sniffer for formats that containers of some kinds hold."""

    def sniff(path: Path, head: bytes) -> bool:
        return kind_of(path, head) in kinds

    return sniff


def is_opendocument(*kinds: str) -> Sniffer:
    """A sniffer for OpenDocument formats, packed or in one XML file."""
    packed = frozenset(f"odf {kind}" for kind in kinds)
    marks = [b"application/vnd.oasis.opendocument." + kind.encode() for kind in kinds]

    def sniff(path: Path, head: bytes) -> bool:
        flat = b"<office:document" in head and any(mark in head for mark in marks)
        return flat or kind_of(path, head) in packed

    return sniff


def is_xls(path: Path, head: bytes) -> bool:
    return kind_of(path, head) == "excel" or head.startswith(_OLD_EXCEL)


def is_rtf(_path: Path, head: bytes) -> bool:
    return head[:64].lstrip(b"\xef\xbb\xbf \t\r\n\0").startswith((b"{\\rtf", b"{\\urtf"))


def is_old_xml(_path: Path, head: bytes) -> bool:
    """Whether this is one of the XML files that Word and Excel wrote in 2003."""
    return b"<?mso-application" in head[:1024] and b"progid" in head[:1024]


def is_wordperfect(_path: Path, head: bytes) -> bool:
    return head.startswith(b"\xffWPC")


def is_hwp(path: Path, head: bytes) -> bool:
    return head.startswith(b"HWP Document File") or kind_of(path, head) == "hwp"


def is_lotus(_path: Path, head: bytes) -> bool:
    return head.startswith((b"\0\0\x1a\0", b"\0\0\2\0\4\4", b"\0\0\2\0\6\4"))


def is_of_an_old_program(path: Path, head: bytes) -> bool:
    """Whether LibreOffice may know the file, and nothing else here does."""
    if kind_of(path, head) in ("works", "wordperfect", "apple", *_STAR_NAMES):
        return True
    return any(asks(path, head) for asks in (is_wordperfect, is_lotus, is_old_xml))


def specific(path: Path, head: bytes) -> str:
    """A sentence about what Carrel knows and does not read; empty for all else."""
    if head.startswith(b"ITSF"):
        return (
            "This is a Windows help file (CHM), which Carrel does not read; save its pages as "
            "HTML or PDF to index them."
        )
    found = kind_of(path, head)
    return next((sentence for kind, sentence in _SENTENCES if kind == found), "")
