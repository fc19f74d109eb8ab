"""Which format a file is in, by what is inside it."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from old_containers import ole

from engine.reading.document import NotReadError
from engine.reading.formats import choose
from engine.records import DocumentState
from engine.workers import libreoffice

TYPES = '<Types xmlns="x"><Override ContentType="application/vnd.{}"/></Types>'


def zipped(path: Path, **parts: str) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def module(path: Path) -> str:
    return choose(path, path.read_bytes()[:8192]).module


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ({"[Content_Types].xml": TYPES.format("ms-excel.sheet.macroEnabled.main+xml")}, "xlsx"),
        ({"[Content_Types].xml": TYPES.format("ms-excel.sheet.binary.macroEnabled.main")}, "xlsb"),
        (
            {
                "[Content_Types].xml": TYPES.format(
                    "openxmlformats-officedocument.presentationml.slideshow.main+xml"
                )
            },
            "slides",
        ),
        ({"mimetype": "application/vnd.oasis.opendocument.text-template"}, "opendocument"),
        ({"mimetype": "application/vnd.oasis.opendocument.graphics"}, "opendocument_slides"),
        (
            {"META-INF/manifest.xml": "application/vnd.oasis.opendocument.spreadsheet"},
            "opendocument_sheets",
        ),
        ({"mimetype": "application/vnd.sun.xml.writer"}, "old_office"),
        ({"index.apxl": "<x/>"}, "old_office"),
        ({"Index/Document.iwa": "x"}, "old_office"),
    ],
)
def test_zips(tmp_path: Path, parts: dict[str, str], expected: str) -> None:
    assert module(zipped(tmp_path / "made.bin", **parts)) == expected


@pytest.mark.parametrize(
    ("stream", "expected"),
    [
        ("WordDocument", "old_office"),
        ("WORKBOOK", "xls"),
        ("Book", "xls"),
        ("PowerPoint Document", "old_office"),
        ("EncryptedPackage", "locked_office"),
        ("MatOST", "old_office"),
    ],
)
def test_old_containers(tmp_path: Path, stream: str, expected: str) -> None:
    path = tmp_path / "made.bin"
    path.write_bytes(ole({stream: b"x" * 5000}))
    assert module(path) == expected


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        (b"{\\rtf1 x}", "rtf"),
        (b"\xffWPC\x10\0\0\0", "old_office"),
        (b"HWP Document File V3.00 \x1a\1", "hwp"),
        (b'<?xml version="1.0"?><?mso-application progid="Word.Document"?><w/>', "old_office"),
        (struct.pack("<HHHH", 9, 4, 2, 16), "xls"),
    ],
)
def test_marks(tmp_path: Path, start: bytes, expected: str) -> None:
    path = tmp_path / "made.bin"
    path.write_bytes(start)
    assert module(path) == expected


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"ITSF\3\0\0\0", "Windows help file"),
        (ole({"VisioDocument": b"x" * 5000}), "Visio drawing"),
        (ole({"Something": b"x" * 5000}), "does not know"),
    ],
)
def test_what_is_known_and_not_read_is_named(tmp_path: Path, content: bytes, sentence: str) -> None:
    path = tmp_path / "made.bin"
    path.write_bytes(content)
    with pytest.raises(NotReadError, match=sentence) as error:
        module(path)
    assert error.value.state is DocumentState.UNSUPPORTED


def test_any_program_may_call_its_text_doc(tmp_path: Path, read: Callable[..., Any]) -> None:
    path = tmp_path / "graph.dot"
    path.write_text("digraph { a -> b }")
    assert read(path).facts.format == "text"


@pytest.mark.parametrize(
    ("name", "stream", "sentence"),
    [
        (
            "made.doc",
            "WordDocument",
            "This is an old Word file. Carrel reads these through LibreOffice, which is not "
            "installed; install it or save the file as .docx.",
        ),
        ("made.ppt", "PowerPoint Document", "an old PowerPoint file"),
        ("made.wps", "MatOST", "a Microsoft Works file"),
    ],
)
def test_without_libreoffice_the_ledger_says_so(
    tmp_path: Path,
    read: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    stream: str,
    sentence: str,
) -> None:
    monkeypatch.setattr(libreoffice, "program", lambda: None)
    path = tmp_path / name
    path.write_bytes(ole({stream: b"x" * 5000}))
    result = read(path)
    assert result.state is DocumentState.UNSUPPORTED
    assert sentence in result.reason


def test_apple_documents_show_the_preview_they_hold(
    tmp_path: Path,
    read: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
    make_pdf: Callable[..., Path],
) -> None:
    monkeypatch.setattr(libreoffice, "program", lambda: None)
    path = tmp_path / "letter.pages"
    parts = {"index.xml": "<x/>", "buildVersionHistory.plist": "x"}
    assert "an Apple Pages document" in read(zipped(path, **parts)).reason
    preview = make_pdf("Dear Ada,", "Yours.").read_bytes()
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("QuickLook/Preview.pdf", preview)
    result = read(path)
    assert (result.state, result.facts.format) == (DocumentState.INDEXED, "word")
    assert [page.text.strip() for page in result.pages] == ["Dear Ada,", "Yours."]
