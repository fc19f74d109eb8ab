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
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_CONTROL = bytes(sorted(set(range(32)) - set(b"\t\n\r\f\v\b\x1a\x1b")))
_FICTION = re.compile(rb"\s*+(?:<\?xml[^>]*+>\s*+)?<FictionBook\b")
_FIELD = re.compile(rb"[!-9;-~]{1,80}[ \t]*:")
_ENVELOPE = re.compile(rb">?From [^\r\n]{1,300}\r?")
_MAIL_FIELDS = (
    b"from:", b"to:", b"subject:", b"date:", b"received:", b"return-path:", b"message-id:",
    b"mime-version:", b"content-type:", b"delivered-to:", b"newsgroups:", b"reply-to:",
)  # fmt: skip
_PICTURES = (
    b"\x89PNG\r\n\x1a\n",
    b"\xff\xd8\xff",
    b"GIF87a",
    b"GIF89a",
    b"II*\0",
    b"MM\0*",
    b"II+\0",
    b"MM\0+",
)
_BITMAP_HEADERS = (12, 40, 52, 56, 64, 108, 124)
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
    if at < 0 or head.startswith((_OLE, b"PK\x03\x04")):  # a PDF in a box is the box's matter
        return False
    # A text about PDFs may name the mark; a real PDF has at most some junk before it.
    return path.suffix.lower() == ".pdf" or not head[:at].strip() or not is_text(head)


def is_image(_path: Path, head: bytes) -> bool:
    if head.startswith(b"RIFF"):
        return head[8:12] == b"WEBP"
    if head.startswith(b"BM"):  # two letters alone may begin any text
        return len(head) > 18 and int.from_bytes(head[14:18], "little") in _BITMAP_HEADERS
    return head.startswith(_PICTURES)


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


def is_xps(path: Path, head: bytes) -> bool:
    return _holds(path, head, ".fdseq")


def is_epub(path: Path, head: bytes) -> bool:
    if head[30:58] == b"mimetypeapplication/epub+zip":
        return True
    return _holds(path, head, "META-INF/container.xml") and _holds(path, head, ".opf")


def is_fb2(_path: Path, head: bytes) -> bool:
    return _FICTION.match(_ascii(head)) is not None


def is_mobi(_path: Path, head: bytes) -> bool:
    return head[60:68] in (b"BOOKMOBI", b"TEXtREAd")


def is_outlook(path: Path, head: bytes) -> bool:
    if not head.startswith(_OLE):
        return False
    mark = "__properties_version1.0".encode("utf-16-le")
    with path.open("rb") as file:
        return mark in file.read(_MOST_TYPES) or mark in _tail(path)


def is_mhtml(path: Path, head: bytes) -> bool:
    if not is_mail(path, head):
        return False
    lowered = head.lower()
    return (
        path.suffix.lower() in (".mht", ".mhtml")
        or b"\nsnapshot-content-location:" in lowered
        or b"from: <saved by " in lowered
    )


def is_mbox(path: Path, head: bytes) -> bool:
    first, _, rest = head.lstrip(b"\r\n").partition(b"\n")
    if not _ENVELOPE.fullmatch(first):
        return False
    return path.suffix.lower() != ".eml" and _FIELD.match(rest) is not None


def is_mail(path: Path, head: bytes) -> bool:
    """Whether headers of mail stand at the beginning: one of them is enough where the name says
    so, too."""
    head = head.removeprefix(_BOMS[0]).lstrip(b"\r\n")
    if _ENVELOPE.fullmatch(head.partition(b"\n")[0]):
        head = head.partition(b"\n")[2]
    if not _FIELD.match(head):
        return False
    top = re.split(rb"\r?\n[ \t]*\r?\n", head, maxsplit=1)[0].lower()
    known = len([name for name in _MAIL_FIELDS if top.startswith(name) or b"\n" + name in top])
    named = path.suffix.lower() in (".eml", ".mht", ".mhtml", ".mail", ".nws")
    return known >= 1 if named else known >= 3 and b"\0" not in head[:512]


def _holds(path: Path, head: bytes, end: str) -> bool:
    """Whether this is a zip with a part whose name ends so."""
    if not head.startswith(b"PK\x03\x04"):
        return False
    try:
        with zipfile.ZipFile(path) as archive:
            return any(name.endswith(end) for name in archive.NameToInfo)
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, ValueError):
        return False


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


def _tail(path: Path) -> bytes:
    with path.open("rb") as file:
        file.seek(0, 2)
        file.seek(max(0, file.tell() - _MOST_TYPES))
        return file.read()


def _ascii(head: bytes) -> bytes:
    encoding = "utf-16" if head.startswith(_BOMS[1:]) else wide(head)
    if encoding:
        return head.decode(encoding, "ignore").encode("ascii", "replace")
    return head.removeprefix(_BOMS[0])
