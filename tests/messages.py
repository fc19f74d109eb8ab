"""Messages made for tests: mail as programs send it, and an Outlook file byte by byte."""

from __future__ import annotations

import struct
from email.message import EmailMessage
from pathlib import Path

Streams = dict[str, "bytes | Streams"]
"""A container of Outlook's: streams and storages by name."""

TEN_O_CLOCK = 132_856_740_000_000_000
"""3 January 2022, 9:00 UTC, as Outlook counts."""

_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_SECTOR, _MINI, _CUTOFF = 512, 64, 4096


def mail(subject: str = "The audit", **headers: str) -> EmailMessage:
    """A message with its headers and no text yet."""
    message = EmailMessage()
    message["From"] = headers.pop("From", "Ann Archer <ann@example.org>")
    message["To"] = "Bob Baker <bob@example.org>"
    message["Date"] = "Mon, 3 Jan 2022 10:00:00 +0100"
    message["Subject"] = subject
    for name, value in headers.items():
        message[name] = value
    return message


def outlook(
    subject: str,
    *,
    text: str = "",
    markup: str = "",
    rich: bytes = b"",
    kind: str = "IPM.Note",
    attached: dict[str, bytes | Streams] | None = None,
    header: int = 32,
) -> Streams:
    """The streams of a message. What is attached is bytes, or another message."""
    streams: Streams = {
        "__substg1.0_0037001F": subject.encode("utf-16-le"),
        "__substg1.0_001A001F": kind.encode("utf-16-le"),
        "__substg1.0_0C1A001F": "Ann Archer".encode("utf-16-le"),
        "__substg1.0_5D01001F": "ann@example.org".encode("utf-16-le"),
        "__substg1.0_0E04001F": "Bob Baker".encode("utf-16-le"),
        "__properties_version1.0": bytes(header)
        + fixed(0x00390040, TEN_O_CLOCK)
        + fixed(0x3FDE0003, 65001),
    }
    if text:
        streams["__substg1.0_1000001F"] = text.encode("utf-16-le")
    if markup:
        streams["__substg1.0_10130102"] = markup.encode()
    if rich:
        streams["__substg1.0_10090102"] = rich
    for number, (name, content) in enumerate((attached or {}).items()):
        file: Streams = {
            "__properties_version1.0": bytes(8) + fixed(0x37050003, 1),
            "__substg1.0_3707001F": name.encode("utf-16-le"),
        }
        if isinstance(content, bytes):
            file["__substg1.0_37010102"] = content
        else:
            file["__substg1.0_3701000D"] = content
        streams[f"__attach_version1.0_#{number:08X}"] = file
    return streams


def fixed(tag: int, value: int) -> bytes:
    """A property of fixed size, as it stands among the others."""
    return struct.pack("<IIQ", tag, 6, value)


def write_container(path: Path, streams: Streams) -> Path:
    """The streams as a compound file of version 3."""
    entries: list[list[object]] = [["Root Entry", 5, _FREE, _FREE, 0, 0]]
    large: list[tuple[int, bytes]] = []
    small: list[tuple[int, bytes]] = []

    def add(parent: int, children: Streams) -> None:
        before = None
        for name, content in children.items():
            number = len(entries)
            stream = isinstance(content, bytes)
            entries.append([name, 2 if stream else 1, _FREE, _FREE, _END, 0])
            if before is None:
                entries[parent][3] = number
            else:
                entries[before][2] = number
            before = number
            if isinstance(content, bytes):
                entries[number][5] = len(content)
                if content:
                    (large if len(content) >= _CUTOFF else small).append((number, content))
            else:
                add(number, content)

    add(0, streams)
    minis, mini_chain = b"", []
    for number, content in small:
        entries[number][4] = len(minis) // _MINI
        count = -(-len(content) // _MINI)
        first = len(mini_chain)
        mini_chain += [*range(first + 1, first + count), _END]
        minis += content.ljust(count * _MINI, b"\0")
    sectors, chain = [], []

    def store(data: bytes) -> int:
        if not data:
            return _END
        first, count = len(sectors), -(-len(data) // _SECTOR)
        for at in range(count):
            sectors.append(data[at * _SECTOR : (at + 1) * _SECTOR].ljust(_SECTOR, b"\0"))
        chain.extend([*range(first + 1, first + count), _END])
        return first

    for number, content in large:
        entries[number][4] = store(content)
    entries[0][4], entries[0][5] = store(minis), len(minis)
    mini_fat = store(b"".join(struct.pack("<I", at) for at in mini_chain))
    directory = store(b"".join(_entry(*each) for each in entries))
    fats = 1
    while -(-(len(sectors) + fats) // 128) > fats:
        fats += 1
    first_fat = len(sectors)
    chain.extend([_FAT] * fats)
    table = b"".join(struct.pack("<I", at) for at in chain).ljust(fats * _SECTOR, b"\xff")
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    head += struct.pack("<HHHHH6xIII", 0x3E, 3, 0xFFFE, 9, 6, 0, fats, directory)
    head += struct.pack("<IIIIII", 0, _CUTOFF, mini_fat, 1 if mini_chain else 0, _END, 0)
    head += b"".join(struct.pack("<I", first_fat + at) for at in range(fats))
    path.write_bytes(head.ljust(_SECTOR, b"\xff") + b"".join(sectors) + table)
    return path


def _entry(name: str, kind: int, right: int, child: int, start: int, size: int) -> bytes:
    letters = name.encode("utf-16-le") + b"\0\0"
    entry = letters.ljust(64, b"\0") + struct.pack("<HBB", len(letters), kind, 1)
    return entry + struct.pack("<III36xIQ", _FREE, right, child, start, size)
