"""Zips that mean harm, and XML that does."""

from __future__ import annotations

import random
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pytest
from pptx import Presentation

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


def test_damage_in_the_list_of_types_is_no_crash(tmp_path: Path, read: Read) -> None:
    path = package(tmp_path / "made.docx", b"<a/>")
    data = bytearray(path.read_bytes())
    at = data.find(b"[Content_Types].xml") + len(b"[Content_Types].xml")
    data[at : at + 40] = bytes(range(200, 240))
    path.write_bytes(data)
    assert "damaged" in read(path).reason


def test_damage_in_any_part_ends_in_a_sentence(tmp_path: Path, read: Read) -> None:
    random.seed(11)
    book, deck, text = openpyxl.Workbook(), Presentation(), docx.Document()
    book.active.append(["a", 1])
    deck.slides.add_slide(deck.slide_layouts[1]).shapes.title.text = "a"
    text.add_paragraph("a")
    for suffix, made in ((".xlsx", book), (".pptx", deck), (".docx", text)):
        whole = tmp_path / f"whole{suffix}"
        made.save(str(whole))
        with zipfile.ZipFile(whole) as parts:
            contents = {name: parts.read(name) for name in parts.namelist()}
        names = [name for name in contents if name.endswith((".xml", ".rels")) and contents[name]]
        for trial in range(40):
            name = random.choice(names)
            damaged = bytearray(contents[name])
            for _ in range(random.randint(1, 6)):
                at = random.randrange(len(damaged))
                damaged[at : at + random.choice((0, 1, 30))] = (
                    random.choice(
                        (b"-1", b"99999999999", b"<a>", b"</a>", b'"', b"NaN", b"\xff", b"")
                    )
                    or b"x"
                )
            path = tmp_path / f"damaged{trial}{suffix}"
            with zipfile.ZipFile(path, "w") as parts:
                for entry, content in contents.items():
                    parts.writestr(entry, bytes(damaged) if entry == name else content)
            result = read(path)
            assert result.reason or result.state is DocumentState.INDEXED
