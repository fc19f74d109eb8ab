"""Makes the container of old Office files (MS-CFB, version 3) for tests."""

from __future__ import annotations

import struct

_SECTOR = 512
_END, _FREE, _FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD


def ole(streams: dict[str, bytes]) -> bytes:
    """A container of ``streams``, each at least 4,096 bytes long, for smaller ones live
    elsewhere. ``A/B`` is a stream B, the only one in the storage A."""
    fat = [_FAT]
    body = b""
    entries = [_entry("Root Entry", 5, _END, 0, child=1)]
    for number, (path, data) in enumerate(streams.items(), 1):
        assert len(data) >= 4096
        storage, _, name = path.rpartition("/")
        start, count = len(fat), -(-len(data) // _SECTOR)
        fat += [*range(start + 1, start + count), _END]
        body += data.ljust(count * _SECTOR, b"\0")
        here = len(entries)
        right = here + 1 + bool(storage) if number < len(streams) else _FREE
        if storage:
            entries.append(_entry(storage, 1, 0, 0, right=right, child=here + 1))
            right = _FREE
        entries.append(_entry(name, 2, start, len(data), right=right))
    directory = len(fat)
    listing = b"".join(entries)
    count = -(-len(listing) // _SECTOR)
    fat += [*range(directory + 1, directory + count), _END]
    assert len(fat) <= _SECTOR // 4
    table = b"".join(struct.pack("<I", n) for n in fat).ljust(_SECTOR, b"\xff")
    header = (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
        + bytes(16)
        + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6)
        + bytes(6)
        + struct.pack("<IIIIIIIII", 0, 1, directory, 0, 4096, _END, 0, _END, 0)
        + struct.pack("<I", 0)
    ).ljust(_SECTOR, b"\xff")
    return header + table + body + listing.ljust(count * _SECTOR, b"\0")


def _entry(
    name: str, kind: int, start: int, size: int, *, right: int = _FREE, child: int = _FREE
) -> bytes:
    encoded = (name + "\0").encode("utf-16-le")
    return (
        encoded.ljust(64, b"\0")
        + struct.pack("<HBBIII", len(encoded), kind, 1, _FREE, right, child)
        + bytes(36)
        + struct.pack("<IQ", start, size)
    )
