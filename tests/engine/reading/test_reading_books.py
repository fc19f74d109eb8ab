"""EPUB, FB2, MOBI and XPS: chapters, what they are called, locks and bombs."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pymupdf
import pytest

from engine.reading import book_parts, xps
from engine.reading.document import Source
from engine.records import BlockKind, DocumentState

Read = Callable[..., Any]

CONTAINER = (
    '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
    '<rootfile full-path="OEBPS/content.opf"/></rootfiles></container>'
)
NAV = """<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops"><body>
<nav epub:type="toc"><ol><li><a href="text/one.xhtml">The first</a></li>
<li><a href="text/three.xhtml#a">Third, a</a></li><li><a href="text/three.xhtml#b">Third, b</a>
</li></ol></nav></body></html>"""


def chapter(body: str, head: str = "<title/>") -> str:
    return (
        '<?xml version="1.0" encoding="utf-8"?><!DOCTYPE html><html xmlns="http://www.w3.org/1999/'
        f'xhtml"><head>{head}</head><body>{body}</body></html>'
    )


PARTS = {
    "text/two.xhtml": chapter("<p>Second comes before&nbsp;first.</p>"),
    "text/one.xhtml": chapter("<h1>I</h1><p>The <i>first</i> text.</p><script/><p>More.</p>"),
    "text/three.xhtml": chapter(
        "<h2 id='a'>Third, a</h2><p>A.</p><h2 id='b'>Third, b</h2><p>B.</p>"
        "<p style='color:#fff'>Unseen words.</p>"
    ),
}


@pytest.fixture
def make_epub(tmp_path: Path) -> Callable[..., Path]:
    """Writes a book of ``parts`` in their order; ``extra`` files stand beside them."""

    def make(parts: dict[str, str], extra: dict[str, str | bytes] | None = None) -> Path:
        path = tmp_path / "book.epub"
        items = "".join(
            f'<item id="i{n}" href="{name}" media-type="application/xhtml+xml"/>'
            for n, name in enumerate(parts)
        )
        spine = "".join(f'<itemref idref="i{n}"/>' for n in range(len(parts)))
        package = (
            '<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/'
            f'1.1/"><metadata><dc:title>A book</dc:title></metadata><manifest>{items}<item '
            'id="nav" href="nav.xhtml" properties="nav" '
            'media-type="application/xhtml+xml"/></manifest>'
            f'<spine><itemref idref="nav"/>{spine}</spine></package>'
        )
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("mimetype", "application/epub+zip", zipfile.ZIP_STORED)
            archive.writestr("META-INF/container.xml", CONTAINER)
            archive.writestr("OEBPS/content.opf", package)
            archive.writestr("OEBPS/nav.xhtml", NAV)
            for name, content in parts.items():
                archive.writestr(f"OEBPS/{name}", content)
            for name, content in (extra or {}).items():
                archive.writestr(name, content)
        return path

    return make


# --- EPUB ----------------------------------------------------------------------------------


def test_chapters_come_in_the_order_of_the_spine(
    make_epub: Callable[..., Path], read: Read
) -> None:
    result = read(make_epub(PARTS))
    assert (result.state, result.facts.format, result.facts.title) == (
        DocumentState.INDEXED, "epub", "A book",
    )  # fmt: skip
    assert [(page.label, page.text) for page in result.pages] == [
        ("1", "Second comes before\u00a0first."),
        ("The first", "I\n\nThe first text.\n\nMore."),
        ("Third, a", "Third, a\n\nA."),
        ("Third, b", "Third, b\n\nB.\n\nUnseen words."),
    ]
    last = result.pages[-1]
    assert [last.text[a:b] for a, b in last.hidden] == ["Unseen words."]


def test_a_long_chapter_has_several_pages_of_one_name(
    make_epub: Callable[..., Path], read: Read
) -> None:
    long = chapter("<h1>I</h1>" + "<p>Some words that go on. </p>" * 1000)
    pages = read(make_epub({"text/one.xhtml": long})).pages
    assert len(pages) > 3
    assert {page.label for page in pages} == {"The first"}


def test_pages_that_are_no_xml_are_read_all_the_same(
    make_epub: Callable[..., Path], read: Read
) -> None:
    part = "<html><head><title/><style/></head><body><p>One<br>two &mdash; <p>three</body>"
    assert read(make_epub({"text/one.xhtml": part})).text == "One\ntwo —\n\nthree"


def test_a_locked_book_is_told_from_scrambled_fonts(
    make_epub: Callable[..., Path], read: Read
) -> None:
    def encryption(method: str, part: str) -> dict[str, str]:
        return {
            "META-INF/encryption.xml": '<encryption xmlns:e="http://www.w3.org/2001/04/xmlenc#">'
            f'<e:EncryptedData><e:EncryptionMethod Algorithm="{method}"/><e:CipherData>'
            f'<e:CipherReference URI="{part}"/></e:CipherData></e:EncryptedData></encryption>'
        }

    fonts = encryption("http://www.idpf.org/2008/embedding", "OEBPS/font.otf")
    assert read(make_epub(PARTS, fonts)).state is DocumentState.INDEXED
    locked = encryption("http://www.w3.org/2001/04/xmlenc#aes128-cbc", "OEBPS/text/one.xhtml")
    result = read(make_epub(PARTS, locked))
    assert (result.state, "DRM" in result.reason) == (DocumentState.LOCKED, True)


def test_a_missing_chapter_is_told(make_epub: Callable[..., Path], read: Read) -> None:
    path = make_epub(PARTS)
    whole = zipfile.ZipFile(path)
    kept = {n: whole.read(n) for n in whole.namelist() if not n.endswith("two.xhtml")}
    whole.close()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in kept.items():
            archive.writestr(name, content)
    result = read(path)
    assert result.state is DocumentState.PARTIAL
    assert result.reason.startswith("One chapter is missing or damaged.")
    assert len(result.pages) == 3


def test_hostile_books(make_epub: Callable[..., Path], read: Read, tmp_path: Path) -> None:
    entities = '<!DOCTYPE html [<!ENTITY a "aaaaaaaaaa">' + "".join(
        f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    laughs = (
        entities + "]><html xmlns='http://www.w3.org/1999/xhtml'><body>&i;<p>x</p></body></html>"
    )
    result = read(make_epub({"text/one.xhtml": laughs}))
    assert result.state in (DocumentState.INDEXED, DocumentState.FAILED)
    assert len(result.text) < 1000
    outside = (
        "<!DOCTYPE html [<!ENTITY f SYSTEM 'file:///etc/passwd'>]>"
        "<html xmlns='http://www.w3.org/1999/xhtml'><body><p>&f;</p><p>x</p></body></html>"
    )
    assert "root:" not in read(make_epub({"text/one.xhtml": outside})).text
    for name in ("../../../etc/passwd", "/etc/passwd", "text/%2e%2e/one.xhtml"):
        assert read(make_epub({name: chapter("<p>x</p>")})).state is not None
    deep = chapter("<p>first</p>" + "<div>" * 50_000)
    assert "first" in read(make_epub({"text/one.xhtml": deep})).text
    damaged = tmp_path / "book.epub"
    damaged.write_bytes(make_epub(PARTS).read_bytes()[:900])
    assert read(damaged).state is DocumentState.FAILED


def test_a_book_that_is_a_bomb(
    make_epub: Callable[..., Path], read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(book_parts, "MOST_UNPACKED", 3_000_000)
    result = read(make_epub(PARTS, {"OEBPS/zero.bin": bytes(4_000_000)}))
    assert (result.state, result.pages) == (DocumentState.FAILED, [])
    assert "unpacks to more than 3 MB" in result.reason


@pytest.mark.parametrize("missing", ["META-INF/container.xml", "OEBPS/content.opf"])
def test_a_book_without_its_contents(
    make_epub: Callable[..., Path], read: Read, missing: str
) -> None:
    path = make_epub(PARTS)
    with zipfile.ZipFile(path) as whole:
        kept = {name: whole.read(name) for name in whole.namelist() if name != missing}
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in kept.items():
            archive.writestr(name, content)
    result = read(path)
    assert (result.state, "damaged" in result.reason) == (DocumentState.FAILED, True)


# --- FB2 -----------------------------------------------------------------------------------

FICTION = """<?xml version="1.0" encoding="{0}"?>
<FictionBook xmlns="http://www.gribuser.ru/xml/fictionbook/2.0">
<description><title-info><book-title>Война и мир</book-title></title-info></description>
<body><title><p>Том</p><p>первый</p></title>
<section><title><p>Глава I</p></title><epigraph><p>Эпиграф</p></epigraph><p>Первый <emphasis>
текст</emphasis><a href="#n1" type="note">[1]</a>.</p><poem><stanza><v>Строка</v><v>вторая</v>
</stanza></poem></section>
<section><title><p>Глава II</p></title><section><title><p>Часть</p></title><p>Второй.</p></section>
</section></body>
<body name="notes"><section id="n1"><title><p>1</p></title><p>Сноска.</p></section></body>
<binary id="a.png" content-type="image/png">iVBORw0KGgo=</binary></FictionBook>"""


@pytest.mark.parametrize("encoding", ["utf-8", "windows-1251", "utf-16"])
def test_fiction_book(tmp_path: Path, read: Read, encoding: str) -> None:
    path = tmp_path / "book.fb2"
    path.write_bytes(FICTION.format(encoding).encode(encoding))
    result = read(path)
    assert (result.state, result.facts.title) == (DocumentState.INDEXED, "Война и мир")
    assert result.pages[0].text == (
        "Том первый\n\nГлава I\n\nЭпиграф\n\nПервый текст[1].\n\nСтрока\n\nвторая"
    )
    assert result.pages[0].blocks[0].kind is BlockKind.HEADING
    assert [page.label for page in result.pages] == ["Глава I", "Часть", "1"]
    assert "iVBOR" not in result.text


def test_a_book_with_entities_of_its_own(tmp_path: Path, read: Read) -> None:
    path = tmp_path / "book.fb2"
    path.write_text(
        "<!DOCTYPE FictionBook [<!ENTITY f SYSTEM 'file:///etc/passwd'>]><FictionBook><body>"
        "<section><p>Text &f; &eacute;.</p></section></body></FictionBook>"
    )
    result = read(path)
    assert "root:" not in result.text
    assert "Text" in result.text
    path.write_text("<FictionBook><body><p>cut in the mid")
    assert read(path).text == "cut in the mid"
    path.write_text("plain text")
    assert read(path).state is DocumentState.FAILED


# --- MOBI ----------------------------------------------------------------------------------


def mobi(text: str, *, packing: int = 1, encryption: int = 0) -> bytes:
    """A book of one record for each 4,096 bytes of its text; ``packing`` 2 is PalmDOC's."""
    raw = text.encode()
    pieces = [raw[at : at + 4096] for at in range(0, len(raw), 4096)]
    packed = [_packed(piece) for piece in pieces] if packing == 2 else pieces
    header = bytearray(232)
    header[:4] = b"MOBI"
    struct.pack_into(">IIII", header, 4, 232, 2, 65001, 0)
    struct.pack_into(">II", header, 68, 16 + 232, 11)
    first = struct.pack(">HHIHHHH", packing, 0, len(raw), len(packed), 4096, encryption, 0)
    records = [first + bytes(header) + b"A mobi book" + b"\0\0", *packed]
    head = b"A_mobi_book".ljust(60, b"\0") + b"BOOKMOBI" + struct.pack(">IIH", 0, 0, len(records))
    at = len(head) + 8 * len(records)
    table = b""
    for number, record in enumerate(records):
        table += struct.pack(">II", at, number)
        at += len(record)
    return head + table + b"".join(records)


def _packed(data: bytes) -> bytes:
    """PalmDOC's scheme, with each of its four codes where it can be."""
    result, at = bytearray(), 0
    while at < len(data):
        found = data.rfind(data[at : at + 8], max(0, at - 2047), at)
        if found >= 0 and at + 8 <= len(data):
            pair = 0x8000 | (at - found) << 3 | 5
            result += pair.to_bytes(2, "big")
            at += 8
        elif data[at] == 0x20 and at + 1 < len(data) and 0x40 <= data[at + 1] < 0x80:
            result.append(data[at + 1] ^ 0x80)
            at += 2
        elif data[at] < 9 or data[at] >= 0x80:
            result += bytes((1, data[at]))
            at += 1
        else:
            result.append(data[at])
            at += 1
    return bytes(result)


STORY = (
    "<html><head><guide></guide></head><body><h1>One</h1><p>Größe &amp; more text.</p>"
    "<mbp:pagebreak/><h2>Two</h2>"
    + "<p>The same words again and again.</p>" * 40
    + "</body></html>"
)


@pytest.mark.parametrize("packing", [1, 2])
def test_mobi(tmp_path: Path, read: Read, packing: int) -> None:
    path = tmp_path / "book.mobi"
    path.write_bytes(mobi(STORY, packing=packing))
    result = read(path)
    assert (result.state, result.facts.title) == (DocumentState.INDEXED, "A mobi book")
    assert [page.label for page in result.pages] == ["One", "Two"]
    assert result.pages[0].text == "One\n\nGröße & more text."
    assert result.pages[1].text.count("The same words again and again.") == 40


def test_locked_and_damaged_mobi(tmp_path: Path, read: Read) -> None:
    path = tmp_path / "book.mobi"
    path.write_bytes(mobi(STORY, encryption=2))
    result = read(path)
    assert (result.state, "DRM" in result.reason) == (DocumentState.LOCKED, True)
    whole = mobi(STORY, packing=2)
    for size in (70, 100, 400, len(whole) - 100):
        path.write_bytes(whole[:size])
        assert read(path).state in (DocumentState.FAILED, DocumentState.INDEXED)
    path.write_bytes(mobi(STORY, packing=17480))
    assert read(path).state in (DocumentState.FAILED, DocumentState.INDEXED)


# --- XPS -----------------------------------------------------------------------------------

_RELATIONS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="r" Type="http://schemas.microsoft.com/xps/2005/06/{0}" Target="{1}"/>'
    "</Relationships>"
)
_XPS = 'xmlns="http://schemas.microsoft.com/xps/2005/06"'


@pytest.fixture
def xps_file(tmp_path: Path) -> Path:
    font = pymupdf.Font("helv").buffer
    path = tmp_path / "printed.xps"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("_rels/.rels", _RELATIONS.format("fixedrepresentation", "/a.fdseq"))
        archive.writestr(
            "a.fdseq",
            f'<FixedDocumentSequence {_XPS}><DocumentReference Source="/a.fdoc"/>'
            "</FixedDocumentSequence>",
        )
        pages = "".join(f'<PageContent Source="/{n}.fpage"/>' for n in (1, 2))
        archive.writestr("a.fdoc", f"<FixedDocument {_XPS}>{pages}</FixedDocument>")
        archive.writestr("f.ttf", font)
        for number, text in ((1, "The first page"), (2, "Another page")):
            archive.writestr(
                f"{number}.fpage",
                f'<FixedPage {_XPS} Width="816" Height="1056" xml:lang="en"><Glyphs Fill="#000000" '
                f'FontUri="/f.ttf" FontRenderingEmSize="16" OriginX="96" OriginY="96" '
                f'UnicodeString="{text}"/></FixedPage>',
            )
    return path


def test_xps_is_read_and_drawn_like_a_pdf(xps_file: Path, read: Read) -> None:
    result = read(xps_file)
    assert (result.state, result.facts.format) == (DocumentState.INDEXED, "xps")
    assert [page.text for page in result.pages] == ["The first page", "Another page"]
    page = result.pages[0]
    assert (page.width, page.height) == (612, 792)
    assert page.layout
    drawn = xps.render(Source(xps_file), 2, 1.0)
    assert (drawn.width, drawn.height) == (612, 792)
    assert min(drawn.samples) < 128


def test_damaged_xps(xps_file: Path, read: Read) -> None:
    xps_file.write_bytes(xps_file.read_bytes()[:3000])
    result = read(xps_file)
    assert (result.state, "XPS" in result.reason) == (DocumentState.FAILED, True)
