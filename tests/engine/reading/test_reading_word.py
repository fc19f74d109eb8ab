"""Word documents, and what is refused."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.enum.text import WD_BREAK
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from msoffcrypto.format.ooxml import OOXMLFile

from engine.reading import archive
from engine.records import BlockKind, DocumentState

Read = Callable[..., Any]


def blocks(result: Any) -> list[tuple[int, BlockKind, int, str]]:
    return [
        (page.number, block.kind, block.level, page.text[block.start : block.end])
        for page in result.pages
        for block in page.blocks
    ]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "made.docx"


def test_headings_lists_and_tables_in_their_order(path: Path, read: Read) -> None:
    document = docx.Document()
    document.core_properties.title = "The agreement"
    document.add_heading("Agreement", 0)
    document.add_paragraph("Between the\tparties.")
    document.add_heading("Terms", 2)
    document.add_paragraph("first", style="List Number")
    document.add_paragraph("second", style="List Bullet")
    table = document.add_table(2, 2)
    for n, cell in enumerate(cell for row in table.rows for cell in row.cells):
        cell.text = f"cell {n}"
    table.cell(1, 1).add_table(1, 1).cell(0, 0).text = "inner"
    document.add_paragraph("After the table.")
    document.save(path)
    result = read(path)
    assert (result.facts.format, result.facts.title) == ("word", "The agreement")
    assert blocks(result) == [
        (1, BlockKind.HEADING, 1, "Agreement"),
        (1, BlockKind.PARAGRAPH, 0, "Between the\tparties."),
        (1, BlockKind.HEADING, 2, "Terms"),
        (1, BlockKind.LIST_ITEM, 0, "first"),
        (1, BlockKind.LIST_ITEM, 0, "second"),
        (1, BlockKind.TABLE_ROW, 0, "cell 0 | cell 1"),
        (1, BlockKind.TABLE_ROW, 0, "cell 2 | cell 3 inner"),
        (1, BlockKind.PARAGRAPH, 0, "After the table."),
    ]


def test_explicit_page_breaks(path: Path, read: Read) -> None:
    document = docx.Document()
    document.add_paragraph("one")
    document.add_page_break()
    document.add_paragraph("two").paragraph_format.page_break_before = False
    document.add_paragraph("three").paragraph_format.page_break_before = True
    document.save(path)
    assert [page.text for page in read(path).pages] == ["one", "two", "three"]


def test_page_breaks_that_word_remembers(path: Path, read: Read) -> None:
    document = docx.Document()
    run = document.add_paragraph("end of one, ").add_run("start of two")
    run._r.insert(0, OxmlElement("w:lastRenderedPageBreak"))
    document.add_paragraph("still two").add_run().add_break(WD_BREAK.PAGE)
    # Word marks the page that an explicit break began, too: that is one break, not two
    run = document.add_paragraph().add_run("three")
    run._r.insert(0, OxmlElement("w:lastRenderedPageBreak"))
    document.save(path)
    pages = read(path).pages
    assert [page.text for page in pages] == [
        "end of one,",
        "start of two\n\nstill two",
        "three",
    ]
    assert [page.label for page in pages] == ["1", "2", "3"]


def test_without_breaks_chapters_are_pages(path: Path, read: Read) -> None:
    document = docx.Document()
    for chapter in ("Alpha", "Beta"):
        document.add_heading(chapter, 1)
        document.add_paragraph("Text of the chapter.")
    for _ in range(60):
        document.add_paragraph("A paragraph of a chapter that is too long for one page. " * 3)
    document.save(path)
    pages = read(path).pages
    assert [page.label for page in pages[:2]] == ["Alpha", "Beta"]
    assert all(page.label == "Beta" and len(page.text) < 5000 for page in pages[1:])
    assert len(pages) > 3


def test_deleted_text_is_gone_and_inserted_text_is_there(path: Path, read: Read) -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("kept ")
    for tag, text_tag, text in (("w:ins", "w:t", "added"), ("w:del", "w:delText", "struck")):
        change, run, words = OxmlElement(tag), OxmlElement("w:r"), OxmlElement(text_tag)
        words.text = text
        run.append(words)
        change.append(run)
        paragraph._p.append(change)
    document.save(path)
    assert read(path).text == "kept added"


def test_text_in_content_controls(path: Path, read: Read) -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("inside a control")._p
    control, content = OxmlElement("w:sdt"), OxmlElement("w:sdtContent")
    paragraph.addprevious(control)
    control.append(content)
    content.append(paragraph)
    document.save(path)
    assert read(path).text == "inside a control"


def test_templates_are_read_too(path: Path, read: Read, tmp_path: Path) -> None:
    document = docx.Document()
    document.add_paragraph("a template")
    document.save(path)
    template = tmp_path / "made.dotx"
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(template, "w") as target:
        for name in source.namelist():
            data = source.read(name)
            if name == "[Content_Types].xml":
                data = data.replace(b"document.main+xml", b"template.main+xml")
            target.writestr(name, data)
    assert read(template).text == "a template"


def rewritten(path: Path, document_xml: bytes) -> Path:
    """The file with another main part."""
    docx.Document().save(path)
    with zipfile.ZipFile(path) as source:
        parts = {name: source.read(name) for name in source.namelist()}
    parts["word/document.xml"] = document_xml
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name, data in parts.items():
            target.writestr(name, data)
    return path


def test_entities_are_not_loaded(path: Path, read: Read, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("the secret")
    namespace = qn("w:x")[1:].split("}")[0]
    rewritten(
        path,
        f"""<?xml version="1.0"?><!DOCTYPE d [
        <!ENTITY a SYSTEM "{(tmp_path / "secret.txt").as_uri()}">
        <!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>
        <w:document xmlns:w="{namespace}"><w:body><w:p><w:r><w:t>x&a;&c;</w:t></w:r></w:p>
        </w:body></w:document>""".encode(),
    )
    result = read(path)
    assert "secret" not in result.text
    assert "bbb" not in result.text


def test_a_zip_bomb_is_left_closed(path: Path, read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    rewritten(path, b" " * 3_000_000)
    assert path.stat().st_size < 100_000
    monkeypatch.setattr(archive, "MOST_UNPACKED", 2_000_000)
    result = read(path)
    assert result.state is DocumentState.FAILED
    assert "unpacks to more than 2 MB" in result.reason


def test_damaged_documents_say_so(path: Path, read: Read) -> None:
    document = docx.Document()
    document.add_paragraph("text " * 3000)
    document.save(path)
    data = path.read_bytes()
    for broken in (data[:2000], data[: len(data) // 2], b"PK\x03\x04" + b"x" * 500, b"no zip"):
        path.write_bytes(broken)
        result = read(path)
        assert result.state is DocumentState.FAILED
        assert "damaged" in result.reason
    rewritten(path, b"<not><closed>")
    assert "damaged" in read(path).reason


def test_notes_captions_and_heads_are_told_apart(path: Path, read: Read) -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("Said.")
    document.add_comment(paragraph.runs[0], "Is it true?", author="Ada")
    table = document.add_table(3, 2)
    for n, text in enumerate(["Item", "2018", "Tea", "1,577", "Milk", "12"]):
        table.cell(n // 2, n % 2).text = text
    document.add_paragraph("Table 1: prices", style="Caption")
    document.save(path)
    assert [(kind, text) for _, kind, _, text in blocks(read(path))] == [
        (BlockKind.PARAGRAPH, "Said."),
        (BlockKind.TABLE_HEAD, "Item | 2018"),
        (BlockKind.TABLE_ROW, "Tea | 1,577"),
        (BlockKind.TABLE_ROW, "Milk | 12"),
        (BlockKind.CAPTION, "Table 1: prices"),
        (BlockKind.FOOTNOTE, "Is it true?"),
    ]


def test_a_row_that_repeats_on_each_page_is_a_head(path: Path, read: Read) -> None:
    document = docx.Document()
    table = document.add_table(2, 2)
    for n, cell in enumerate(cell for row in table.rows for cell in row.cells):
        cell.text = f"cell {n}"
    table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    document.save(path)
    assert [kind for _, kind, _, _ in blocks(read(path))] == [
        BlockKind.TABLE_HEAD,
        BlockKind.TABLE_ROW,
    ]


def test_protected_documents_ask_for_their_passphrase(
    path: Path, read: Read, tmp_path: Path
) -> None:
    document = docx.Document()
    document.add_paragraph("The secret text.")
    document.save(path)
    locked = tmp_path / "locked.docx"
    with path.open("rb") as plain, locked.open("wb") as out:
        OOXMLFile(plain).encrypt("open sesame", out)
    result = read(locked)
    assert (result.state, result.reason) == (
        DocumentState.LOCKED,
        "The file is protected with a passphrase.",
    )
    assert read(locked, "wrong").reason == "The passphrase does not open this file."
    result = read(locked, "open sesame")
    assert (result.state, result.text) == (DocumentState.INDEXED, "The secret text.")


def test_headers_and_footers_are_told_once(path: Path, read: Read) -> None:
    document = docx.Document()
    for number in range(3):
        section = document.sections[0] if not number else document.add_section()
        section.different_first_page_header_footer = not number
        document.add_paragraph(f"Text of part {number}.")
    first = document.sections[0]
    first.first_page_header.paragraphs[0].text = "Our file: K 27/1998"
    first.header.paragraphs[0].text = "Seagrass Ltd"
    first.footer.paragraphs[0].text = "Page 3 of 12"
    document.save(path)
    result = read(path)
    texts = [page.text for page in result.pages]
    assert texts == [
        "Text of part 0.",
        "Text of part 1.",
        "Text of part 2.\n\nOur file: K 27/1998\n\nSeagrass Ltd",
    ]


def test_a_page_that_was_put_in_as_a_web_archive(path: Path, read: Read, tmp_path: Path) -> None:
    mhtml = (
        "MIME-Version: 1.0\nContent-Type: multipart/related; boundary=b\n\n--b\n"
        "Content-Type: text/html; charset=windows-1252\n"
        "Content-Transfer-Encoding: quoted-printable\n\n"
        "<p>The caf=E9 of the harbour</p><table><tr><td>Tea</td><td>2.50</td></tr></table>\n"
        "--b\nContent-Type: image/png\n\nno picture\n--b--\n"
    )
    document = docx.Document()
    document.add_paragraph("Before.")
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/aFChunk"
    part = Part(PackURI("/word/page.mht"), "message/rfc822", mhtml.encode(), document.part.package)
    chunk = OxmlElement("w:altChunk")
    chunk.set(qn("r:id"), document.part.relate_to(part, kind))
    document.element.body.insert(1, chunk)
    document.save(path)
    assert read(path).pages[0].text == "Before.\n\nThe café of the harbour\n\nTea | 2.50"
