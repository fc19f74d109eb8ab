"""MIME: a message as a tree of parts, by offsets into its bytes.

The tree is cut without decoding anything, so that a message of many megabytes costs one search
for its boundaries; depth, number of parts and length of headers are bounded. A message inside a
message is a leaf: its bytes stay as they are.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import policy
from email.message import Message
from email.parser import BytesHeaderParser
from mmap import mmap

from engine.reading.encoding import decode

DEEPEST = 30
MOST_PARTS = 2000

_MOST_HEAD = 256 * 1024
_MOST_HEADERS = 500
_LONGEST_HEADER = 8000
_LONGEST_BOUNDARY = 200

_BLANK = re.compile(rb"\r?\n[ \t]*\r?\n|\r\r")
_WORD = re.compile(r"=\?([\w.:-]{1,40})(?:\*[\w-]{0,20})?\?([bBqQ])\?([^?\r\n]{0,2000})\?=")
_NOT_BASE64 = bytes(
    set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
)
# Written in ASCII alone, so that they would pass for UTF-8.
_SHIFTING = ("iso-2022", "iso2022", "utf-7", "hz")

Bytes = bytes | mmap


@dataclass(frozen=True, slots=True)
class Part:
    """A part with its headers; its body is ``data[start:end]``, still encoded. ``children`` are
    those of a multipart; ``cut`` says that it has some which were left out."""

    headers: Message
    data: Bytes
    start: int
    end: int
    children: tuple[Part, ...] = ()
    cut: bool = False

    @property
    def kind(self) -> str:
        """The content type in small letters, such as "text/plain"."""
        return self.headers.get_content_type()

    @property
    def name(self) -> str:
        """The file name that the part asks for; empty where it has none."""
        try:
            return decoded(self.headers.get_filename("") or "")
        except (ValueError, LookupError, TypeError):
            return ""

    @property
    def disposition(self) -> str:
        return (self.headers.get_content_disposition() or "").strip()

    @property
    def size(self) -> int:
        """Bytes of the content, about."""
        coded = self._coding() == "base64"
        return (self.end - self.start) * 3 // 4 if coded else self.end - self.start

    def header(self, name: str) -> str:
        return header(self.headers, name)

    def parameter(self, name: str) -> str:
        """A parameter of the content type."""
        return _parameter(self.headers, name)

    def content(self) -> bytes:
        """The body as it was before it was encoded for its travel."""
        raw = bytes(self.data[self.start : self.end])
        match self._coding():
            case "base64":
                letters = raw.translate(None, _NOT_BASE64)
                letters = letters[: len(letters) - (len(letters) % 4 == 1)]
                return binascii.a2b_base64(letters + b"=" * (-len(letters) % 4))
            case "quoted-printable":
                return binascii.a2b_qp(raw)
        return raw

    def text(self) -> str:
        """The body as text, with line ends of one kind."""
        text = decoded_text(self.content(), self.parameter("charset"))
        return text.replace("\r\n", "\n").replace("\r", "\n")

    def leaves(self) -> Iterator[Part]:
        """The parts that are no multiparts, in order."""
        if not self.children:
            yield self
        for child in self.children:
            yield from child.leaves()

    def _coding(self) -> str:
        return self.header("Content-Transfer-Encoding").strip().lower()


def parsed(data: Bytes, start: int = 0, end: int | None = None) -> Part:
    """The message in ``data[start:end]``."""
    return _part(data, start, len(data) if end is None else end, "text/plain", 0, [MOST_PARTS])


def header(headers: Message, name: str) -> str:
    """A header as a person reads it, on one line; an empty string for none."""
    wanted = name.lower()
    for known, value in headers.raw_items():
        if known.lower() == wanted:
            return decoded(str(value), _parameter(headers, "charset"))
    return ""


def decoded(text: str, charset: str = "") -> str:
    """A header's text with its encoded words, and bytes in ``charset``, made characters."""
    if not text.isascii():
        text = decode(text.encode("utf-8", "surrogateescape"), charset or "cp1252")
    text = " ".join(text.split())
    parts: list[str] = []
    at, coded, pending = 0, "", b""
    for word in _WORD.finditer(text):
        between = text[at : word.start()]
        # a character may be cut in two by the end of a word
        if pending and (between.strip() or word[1].lower() != coded):
            parts.append(decoded_text(pending, coded))
            pending = b""
        if between.strip() or not at:
            parts.append(between)
        coded = word[1].lower()
        pending += _word(word[2], word[3])
        at = word.end()
    if pending:
        parts.append(decoded_text(pending, coded))
    return "".join([*parts, text[at:]])


def _parameter(headers: Message, name: str) -> str:
    try:
        value = headers.get_param(name, "")
    except (ValueError, LookupError, TypeError):
        return ""
    return value if isinstance(value, str) else ""


def decoded_text(data: bytes, charset: str) -> str:
    if charset.lower().startswith(_SHIFTING):
        try:
            return data.decode(charset, "replace")
        except (LookupError, ValueError):
            pass
    return decode(data, charset)


def _word(coding: str, text: str) -> bytes:
    raw = text.encode("utf-8", "replace")
    if coding in "qQ":
        return binascii.a2b_qp(raw, header=True)
    letters = raw.translate(None, _NOT_BASE64)
    letters = letters[: len(letters) - (len(letters) % 4 == 1)]
    return binascii.a2b_base64(letters + b"=" * (-len(letters) % 4))


def _part(data: Bytes, start: int, end: int, default: str, depth: int, left: list[int]) -> Part:
    """``left`` is how many parts the message may still have."""
    left[0] -= 1
    headers, body = _headers(data, start, end, default)
    if headers.get_content_maintype() != "multipart":
        return Part(headers, data, body, end)
    boundary = _boundary(headers)
    spans = list(_spans(data, body, end, boundary, left[0])) if boundary else []
    if not spans:
        return Part(headers, data, body, end)
    if depth >= DEEPEST:
        return Part(headers, data, end, end, cut=True)
    inside = "message/rfc822" if headers.get_content_subtype() == "digest" else "text/plain"
    children = []
    for first, last in spans:
        if left[0] <= 0:
            break
        children.append(_part(data, first, last, inside, depth + 1, left))
    return Part(headers, data, body, end, tuple(children), cut=left[0] <= 0)


def _headers(data: Bytes, start: int, end: int, default: str) -> tuple[Message, int]:
    """A part's headers, and where its body begins."""
    if data[start : start + 1] == b"\n" or data[start : start + 2] == b"\r\n":
        head, body = b"", start + 1
    else:
        blank = _BLANK.search(data, start, end)
        body = blank.end() if blank else end
        head = data[start : min(blank.start() if blank else end, start + _MOST_HEAD)]
    headers: Message = Message(policy=policy.compat32)
    headers.set_default_type(default)
    for name, value in BytesHeaderParser(policy=policy.compat32).parsebytes(head).raw_items():
        if len(headers) >= _MOST_HEADERS:
            break
        headers[name] = str(value)[:_LONGEST_HEADER]
    return headers, body


def _boundary(headers: Message) -> bytes:
    try:
        boundary = headers.get_boundary("")
    except (ValueError, LookupError, TypeError):
        return b""
    return (boundary or "").encode("utf-8", "surrogateescape")[:_LONGEST_BOUNDARY]


def _spans(
    data: Bytes, start: int, end: int, boundary: bytes, most: int
) -> Iterator[tuple[int, int]]:
    """Where the parts of a multipart begin and end: between lines that hold its boundary."""
    mark = b"--" + boundary
    first, at = -1, start
    while most >= 0 and (found := data.find(mark, at, end)) >= 0:
        at = found + len(mark)
        if found > start and data[found - 1 : found] not in (b"\n", b"\r"):
            continue
        closes = data[at : at + 2] == b"--"
        line_end = data.find(b"\n", at, end)
        line_end = end if line_end < 0 else line_end
        if line_end - at > 100 or data[at + 2 * closes : line_end].strip():
            continue
        if first >= 0:
            yield first, max(first, found - 1 - (data[found - 2 : found] == b"\r\n"))
            most -= 1
        first, at = min(line_end + 1, end), line_end
        if closes:
            return
    if 0 <= first < end and most >= 0:
        yield first, end
