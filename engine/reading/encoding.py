"""Bytes into characters: which encoding a file is in, and how much of it is read."""

from __future__ import annotations

import codecs
from pathlib import Path

from engine.reading.sniff import wide

MOST_BYTES = 64_000_000

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SAMPLE = 128 * 1024


def first_bytes(path: Path, most: int = MOST_BYTES) -> tuple[bytes, str]:
    """The file, or its first ``most`` bytes and a sentence that says so."""
    with path.open("rb") as file:
        data = file.read(most)
    size = path.stat().st_size
    if size <= len(data):
        return data, ""
    return data, (
        f"The file is {size / 1e6:,.0f} MB; only its first {len(data) / 1e6:,.0f} MB were read."
    )


def decode(data: bytes, declared: str = "", *, whole: bool = True) -> str:
    """The text: by its byte order mark, else as UTF-8, else as ``declared``, else as what it
    looks like. Bytes that fit nothing become U+FFFD. Where ``data`` is not the ``whole`` file,
    its last character may be incomplete and is left out."""
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return _decoded(data[len(mark) :], encoding, whole)
    if encoding := wide(data[:8192]):
        return _decoded(data, encoding, whole)
    try:
        return codecs.getincrementaldecoder("utf-8")("strict").decode(data, whole)
    except UnicodeDecodeError:
        pass
    if declared and _is_text_encoding(declared):
        return _decoded(data, declared, whole)
    return _decoded(data, _guess(data[:_SAMPLE]), whole)


def _decoded(data: bytes, encoding: str, whole: bool) -> str:
    return codecs.getincrementaldecoder(encoding)("replace").decode(data, whole)


def _is_text_encoding(name: str) -> bool:
    try:
        info = codecs.lookup(name)
        return (
            bool(getattr(info, "_is_text_encoding", True)) and info.incrementaldecoder is not None
        )
    except (LookupError, ValueError):
        return False


def _guess(sample: bytes) -> str:
    import charset_normalizer

    best = charset_normalizer.from_bytes(sample).best()
    if best is not None and _is_text_encoding(best.encoding) and best.encoding != "ascii":
        return best.encoding
    return "cp1252"
