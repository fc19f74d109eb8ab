"""The text of a message that Outlook kept as compressed RTF, without its looks.

Compression is that of [MS-OXRTFCP]. Where the RTF was made from HTML ([MS-OXRTFEX]), what stands
there for HTML's sake is skipped.
"""

from __future__ import annotations

import re
import struct

from engine.reading.mime import decoded_text

_MOST = 16_000_000
_START = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern "
    rb"\fscript \fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0"
    b"\r\n"
    rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx"
)
_TOKEN = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?\d{1,9})? ?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z'])|([{}])|[\r\n]+"
    rb"|[^\\{}\r\n]+|\\"
)
_UNSHOWN = frozenset(
    b"fonttbl colortbl stylesheet info pict object htmltag mhtmltag header footer themedata "
    b"colorschememapping listtable listoverridetable generator xmlnstbl latentstyles".split()
)
_SIGNS = {
    b"par": "\n", b"line": "\n", b"row": "\n", b"cell": "\t", b"tab": "\t", b"page": "\n",
    b"emdash": "—", b"endash": "–", b"bullet": "•", b"lquote": "‘", b"rquote": "’",
    b"ldblquote": "“", b"rdblquote": "”", b"emspace": " ", b"enspace": " ",
}  # fmt: skip
_SYMBOLS = {b"~": "\u00a0", b"_": "-", b"\n": "\n", b"\r": "\n"}


def plain_text(compressed: bytes, charset: str) -> str:
    """The text; an empty one where the data is damaged."""
    return _shown(unpacked(compressed), charset).strip()


def unpacked(data: bytes) -> bytes:
    """The RTF inside; what cannot be unpacked ends it."""
    if len(data) < 16:
        return b""
    _, size, kind = struct.unpack_from("<II4s", data)
    if kind == b"MELA":
        return data[16 : 16 + size]
    if kind != b"LZFu":
        return b""
    window = bytearray(4096)
    window[: len(_START)] = _START
    write, at = len(_START), 16
    result = bytearray()
    size = min(size, _MOST)
    while at < len(data) and len(result) < size:
        control, at = data[at], at + 1
        for bit in range(8):
            if not control >> bit & 1:
                piece, at = data[at : at + 1], at + 1
            else:
                if at + 2 > len(data):
                    return bytes(result)
                token, at = int.from_bytes(data[at : at + 2], "big"), at + 2
                start, length = token >> 4, (token & 15) + 2
                if start == write % 4096:
                    return bytes(result)
                piece = b""
                for step in range(length):
                    letter = window[(start + step) % 4096]
                    window[write % 4096] = letter
                    write += 1
                    result.append(letter)
                continue
            if not piece:
                break
            window[write % 4096] = piece[0]
            write += 1
            result += piece
    return bytes(result)


def _shown(rtf: bytes, charset: str) -> str:
    parts: list[str] = []
    pending = bytearray()
    stack: list[tuple[bool, bool, int]] = []
    skipped = undone = False  # inside a group of no text; what RTF adds to HTML
    fallback, owed, starred = 1, 0, False

    def flush() -> None:
        if pending:
            parts.append(decoded_text(bytes(pending), charset))
            pending.clear()

    for match in _TOKEN.finditer(rtf):
        word, number, code, symbol, brace = match.groups()
        if brace == b"{":
            stack.append((skipped, undone, fallback))
            starred = False
        elif brace:
            skipped, undone, fallback = stack.pop() if stack else (False, False, 1)
        elif symbol == b"*":
            starred = True
        elif word == b"htmlrtf":
            undone = number != b"0"
        elif word in _UNSHOWN or (word and starred):
            skipped, starred = True, False
        elif word == b"uc":
            fallback = int(number or 1)
        elif skipped or undone:
            continue
        elif word == b"u" and number:
            flush()
            point = int(number) % 65536
            parts.append(chr(point) if not 0xD800 <= point < 0xE000 else "\ufffd")
            owed = fallback
        elif word in _SIGNS:
            flush()
            parts.append(_SIGNS[word])
        elif symbol:
            flush()
            parts.append(
                _SYMBOLS.get(symbol, symbol.decode("latin-1") if symbol in b"\\{}" else "")
            )
        elif word is None:
            raw = bytes([int(code, 16)]) if code else match.group().strip(b"\r\n")
            raw, owed = raw[owed:], max(0, owed - len(raw))
            pending += raw
    flush()
    return "".join(parts)
