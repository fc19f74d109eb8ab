"""What a file's first bytes say about it."""

from __future__ import annotations

import lzma
import re
import zipfile
import zlib
from pathlib import Path

HEAD = 8192
"""Bytes of a file's beginning that are looked at."""

# possessive, so that a file of nothing but comments is refused in one pass
_HTML = re.compile(
    rb"\s*+(?:(?:<\?xml[^>]*+>|<!--(?:(?!-->).)*+-->)\s*+)*+<(?:!doctype\s+html|html)\b",
    re.I | re.S,
)
_WORD = re.compile(rb"(?:wordprocessingml|ms-word)\.\w+(?:\.\w+)?\.main\+xml")
_BOMS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_CONTROL = bytes(sorted(set(range(32)) - set(b"\t\n\r\f\v\b\x1a\x1b")))
ZIP_FAULTS = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    LookupError,
    OSError,
    RuntimeError,
    ValueError,
)
"""What a damaged zip raises when it is opened, or a part of it read."""

_MOST_TYPES = 4 * 1024 * 1024


def is_pdf(path: Path, head: bytes) -> bool:
    at = head[:1024].find(b"%PDF-")
    if at < 0 or (at and head.startswith(b"PK\x03\x04")):  # a zip may hold one
        return False
    # A text about PDFs may name the mark; a real PDF has at most some junk before it.
    return path.suffix.lower() == ".pdf" or not head[:at].strip() or not is_text(head)


def is_word(path: Path, head: bytes) -> bool:
    if not head.startswith(b"PK\x03\x04"):
        return False
    try:
        with zipfile.ZipFile(path) as archive:
            if "word/document.xml" in archive.NameToInfo:
                return True
            with archive.open("[Content_Types].xml") as part:
                return _WORD.search(part.read(_MOST_TYPES)) is not None
    except ZIP_FAULTS:
        return False


def is_html(_path: Path, head: bytes) -> bool:
    return _HTML.match(_ascii(head)) is not None


def is_text(head: bytes) -> bool:
    """Whether these are characters: some encoding's, and not a program's or a picture's bytes."""
    if head.startswith(_BOMS) or wide(head):
        return True
    if b"\0" in head:
        return False
    return len(head.translate(None, _CONTROL)) >= 0.98 * len(head)


def wide(head: bytes) -> str:
    """The UTF-16 that the bytes look like, for lack of a byte order mark; empty for neither."""
    pairs = len(head) // 2
    if pairs < 4:
        return ""
    even, odd = head[0 : 2 * pairs : 2].count(0), head[1 : 2 * pairs : 2].count(0)
    if odd > 0.4 * pairs and even < 0.02 * pairs:
        return "utf-16-le"
    if even > 0.4 * pairs and odd < 0.02 * pairs:
        return "utf-16-be"
    return ""


def _ascii(head: bytes) -> bytes:
    encoding = "utf-16" if head.startswith(_BOMS[1:]) else wide(head)
    if encoding:
        return head.decode(encoding, "ignore").encode("ascii", "replace")
    return head.removeprefix(_BOMS[0])
