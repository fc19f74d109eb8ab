"""Hangul documents."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from old_containers import ole

from engine.records import BlockKind, DocumentState
from engine.workers import libreoffice

Read = Callable[..., Any]


def record(tag: int, level: int, content: bytes) -> bytes:
    return struct.pack("<I", tag | level << 10 | len(content) << 20) + content


def paragraph(text: str, level: int = 1) -> bytes:
    return record(67, level, (text + "\r").encode("utf-16-le"))


def cell(row: int, column: int, text: str) -> bytes:
    head = struct.pack("<HIHHH", 1, 0, 0, column, row).ljust(47, b"\0")
    return record(72, 2, head) + paragraph(text, 3)


def hwp(path: Path, body: bytes, flags: int = 1) -> Path:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(body) + packer.flush()
    header = b"HWP Document File".ljust(32, b"\0") + struct.pack("<II", 0x05000300, flags)
    path.write_bytes(
        ole(
            {
                "FileHeader": header.ljust(5000, b"\0"),
                "BodyText/Section0": packed.ljust(5000, b"\0"),
            }
        )
    )
    return path


def test_paragraphs_and_tables(tmp_path: Path, read: Read) -> None:
    inline = "\x0b" + "xxxxxx" + "\x0b"  # a control of eight units, whatever is in it
    body = (
        paragraph(f"한글{inline} 문서\tyyyyyyy1")
        + record(71, 1, b" lbt" + bytes(20))
        + record(77, 2, bytes(20))
        + cell(0, 0, "Item")
        + cell(0, 1, "2018")
        + cell(1, 0, "Tea")
        + cell(1, 1, "1,577")
        + paragraph("after", 0)
    )
    result = read(hwp(tmp_path / "made.hwp", body))
    assert result.state is DocumentState.INDEXED
    (page,) = result.pages
    assert [(b.kind, page.text[b.start : b.end]) for b in page.blocks] == [
        (BlockKind.PARAGRAPH, "한글 문서\t1"),
        (BlockKind.TABLE_HEAD, "Item | 2018"),
        (BlockKind.TABLE_ROW, "Tea | 1,577"),
        (BlockKind.PARAGRAPH, "after"),
    ]


def test_locked_and_damaged_ones(tmp_path: Path, read: Read) -> None:
    assert read(hwp(tmp_path / "locked.hwp", paragraph("x"), 3)).state is DocumentState.LOCKED
    result = read(hwp(tmp_path / "bound.hwp", paragraph("x"), 5))
    assert (result.state, "Hangul alone" in result.reason) == (DocumentState.UNSUPPORTED, True)
    path = hwp(tmp_path / "broken.hwp", b"\xff" * 300)
    assert read(path).state is DocumentState.INDEXED  # records that end too early
    data = path.read_bytes()
    path.write_bytes(data[:2000])
    assert "damaged" in read(path).reason


def test_a_bomb_is_bounded(tmp_path: Path, read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.reading.hwp._MOST_UNPACKED", 1_000_000)
    result = read(hwp(tmp_path / "bomb.hwp", paragraph("x") * 1_000_000))
    assert result.state is DocumentState.PARTIAL
    assert "first 1 MB" in result.reason


def test_older_ones_need_libreoffice(
    tmp_path: Path, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(libreoffice, "program", lambda: None)
    path = tmp_path / "made.hwp"
    path.write_bytes(b"HWP Document File V3.00 \x1a\1\2\3\4\5" + bytes(900))
    result = read(path)
    assert result.state is DocumentState.UNSUPPORTED
    assert "a Hangul file (HWP)" in result.reason
