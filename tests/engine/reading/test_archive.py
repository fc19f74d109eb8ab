"""Zips that mean harm, and XML that does."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.reading import archive
from engine.reading.document import NotReadError
from engine.records import DocumentState

Read = Callable[..., Any]
SUFFIXES = (".docx", ".pptx", ".xlsx", ".odt", ".ods", ".odp")

MAIN = {
    ".docx": ("word/document.xml", "wordprocessingml.document.main+xml"),
    ".pptx": ("ppt/presentation.xml", "presentationml.presentation.main+xml"),
    ".xlsx": ("xl/workbook.xml", "spreadsheetml.sheet.main+xml"),
}


def package(path: Path, content: bytes) -> Path:
    """A package whose main part is ``content``."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        if path.suffix not in MAIN:
            made.writestr("mimetype", "application/vnd.oasis.opendocument.text")
            made.writestr("content.xml", content)
            return path
        part, kind = MAIN[path.suffix]
        made.writestr(
            "[Content_Types].xml",
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override '
            f'PartName="/{part}" ContentType="application/vnd.openxmlformats-officedocument.{kind}"'
            "/></Types>",
        )
        made.writestr(
            "_rels/.rels",
            '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            '<Relationship Id="r1" Target="' + part + '" Type="http://schemas.openxmlformats.org/'
            'officeDocument/2006/relationships/officeDocument"/></Relationships>',
        )
        made.writestr(part, content)
    return path


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_bomb_is_left_closed(tmp_path: Path, read: Read, suffix: str) -> None:
    path = package(tmp_path / f"bomb{suffix}", b" " * 60_000_000)
    assert path.stat().st_size < 100_000
    result = read(path)
    assert result.state is DocumentState.FAILED
    assert "only files made to do harm do" in result.reason


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_size_is_bounded_however_it_is_packed(
    tmp_path: Path, read: Read, suffix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "MOST_UNPACKED", 1_000_000)
    result = read(package(tmp_path / f"large{suffix}", b" " * 2_000_000))
    assert "unpacks to more than 1 MB" in result.reason


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_entities_are_neither_expanded_nor_loaded(tmp_path: Path, read: Read, suffix: str) -> None:
    (tmp_path / "secret.txt").write_text("secret of the neighbour")
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    path = package(
        tmp_path / f"laughs{suffix}",
        f'<!DOCTYPE x [<!ENTITY l0 "ha">{levels}<!ENTITY file SYSTEM "secret.txt"><!ENTITY far '
        'SYSTEM "http://127.0.0.1:9/x">]><x xmlns="urn:oasis:names:tc:opendocument:xmlns:office:'
        '1.0"><body><text><p>&l11;&file;&far;</p></text></body></x>'.encode(),
    )
    result = read(path)
    assert "haha" not in result.text
    assert "secret of" not in result.text


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_deep_nesting_is_refused(tmp_path: Path, read: Read, suffix: str) -> None:
    result = read(package(tmp_path / f"deep{suffix}", b"<a>" * 200_000))
    assert result.state is DocumentState.FAILED
    assert "nested too deeply" in result.reason or "damaged" in result.reason


def test_a_locked_zip(tmp_path: Path) -> None:
    path = package(tmp_path / "made.odt", b"<a/>")
    data = bytearray(path.read_bytes())
    for mark, at in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        data[data.find(mark) + at] |= 1
    path.write_bytes(data)
    with pytest.raises(NotReadError, match="password"), archive.opened(path, "a text"):
        pass


def test_relations_stay_inside_the_package(tmp_path: Path) -> None:
    path = tmp_path / "made.zip"
    with zipfile.ZipFile(path, "w") as made:
        made.writestr(
            "a/_rels/b.xml.rels",
            '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            '<Relationship Id="out" Type="x/image" Target="http://x/y" TargetMode="External"/>'
            '<Relationship Id="up" Type="x/image" Target="../../../etc/passwd"/>'
            '<Relationship Id="in" Type="x/chart" Target="../c/d.xml"/></Relationships>',
        )
    with archive.opened(path, "a text") as opened:
        found = {key: relation.target for key, relation in opened.relations("a/b.xml").items()}
    assert found == {"up": "etc/passwd", "in": "c/d.xml"}
