"""The wire between Carrel and its children: length-prefixed frames of msgpack on pipes.

A frame is ``<u32 length> <u8 kind> <u32 request id> <payload>``. Payloads are decoded into
declared types and nothing else; nothing is ever unpickled.
"""

from __future__ import annotations

import struct
from enum import IntEnum
from typing import IO, NamedTuple

HEADER = struct.Struct("<IBI")
MAX_PAYLOAD = 160 * 1024 * 1024
"""Bytes: somewhat more than the largest picture of a page takes."""


class Kind(IntEnum):
    READY = 0
    REQUEST = 1
    CANCEL = 2
    REPLY = 3
    END = 4
    FAILURE = 5


class Frame(NamedTuple):
    kind: Kind
    request: int
    payload: bytes


def write_frame(stream: IO[bytes], kind: Kind, request: int, payload: bytes = b"") -> None:
    stream.write(HEADER.pack(len(payload), kind, request) + payload)
    stream.flush()


def read_frame(stream: IO[bytes]) -> Frame | None:
    """The next frame, or None at the end of the stream.

    Raises ``ValueError`` where the stream does not hold a frame.
    """
    header = _read(stream, HEADER.size)
    if header is None:
        return None
    length, kind, request = HEADER.unpack(header)
    if length > MAX_PAYLOAD:
        raise ValueError(f"a frame of {length} bytes is over the limit")
    payload = _read(stream, length)
    if payload is None:
        return None
    return Frame(Kind(kind), request, payload)


def _read(stream: IO[bytes], size: int) -> bytes | None:
    parts: list[bytes] = []
    missing = size
    while missing:
        part = stream.read(missing)
        if not part:
            return None
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)
