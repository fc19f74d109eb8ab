"""Plain text, Markdown and HTML: encodings, what is shown and what is not, pages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.reading import encoding, text
from engine.records import BlockKind, DocumentState, PageState

Read = Callable[..., Any]
GERMAN = "Die Prüfung der Bücher ergab größere Abweichungen für das Geschäftsjahr. " * 20


def blocks(result: Any) -> list[tuple[BlockKind, int, str]]:
    return [
        (block.kind, block.level, page.text[block.start : block.end])
        for page in result.pages
        for block in page.blocks
    ]


# --- plain text ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "mark"),
    [
        ("utf-8", b""),
        ("utf-8", b"\xef\xbb\xbf"),
        ("utf-16-le", b"\xff\xfe"),
        ("utf-16-be", b"\xfe\xff"),
        ("utf-16-le", b""),
        ("cp1252", b""),
    ],
)
def test_encodings(tmp_path: Path, read: Read, name: str, mark: bytes) -> None:
    path = tmp_path / "notes.txt"
    path.write_bytes(mark + GERMAN.encode(name))
    result = read(path)
    assert (result.state, result.text) == (DocumentState.INDEXED, GERMAN)


def test_line_ends_and_form_feeds(tmp_path: Path, read: Read) -> None:
    path = tmp_path / "report.txt"
    path.write_bytes(b"first\r\nline\r\r\n\fsecond page\n\f")
    pages = read(path).pages
    assert [(page.label, page.text) for page in pages] == [
        ("1", "first\nline"),
        ("2", "second page"),
    ]


def test_long_text_has_pages_that_name_their_lines(tmp_path: Path, read: Read) -> None:
    lines = [f"Line {n} of the log says nothing of interest." for n in range(1, 501)]
    path = tmp_path / "service.log"
    path.write_text("\n".join(lines))
    pages = read(path).pages
    assert len(pages) > 3
    assert "\n".join(page.text for page in pages).split("\n") == lines
    for page in pages:
        first, last = page.label.removeprefix("lines ").split("–")
        assert page.text.startswith(f"Line {first} of")
        assert page.text.split("\n")[-1].startswith(f"Line {last} of")
        assert len(page.text) <= 5000


def test_binary_content_is_no_text_whatever_its_name(tmp_path: Path, read: Read) -> None:
    for content in (bytes(range(256)) * 20, b"\0\1\2" * 90):
        for name in ("data.txt", "page.html", "readme.md"):
            path = tmp_path / name
            path.write_bytes(content)
            result = read(path)
            assert (result.state, result.pages) == (DocumentState.UNSUPPORTED, [])
            assert result.reason == (
                f"The name ends in {path.suffix}, but the file does not hold text."
            )


def test_a_broken_picture_is_no_text_whatever_its_name(tmp_path: Path, read: Read) -> None:
    for name in ("data.txt", "page.html", "readme.md"):
        path = tmp_path / name
        path.write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + b"\0\1\2" * 90)
        result = read(path)
        assert (result.state, result.pages) == (DocumentState.FAILED, [])
        assert result.reason


def test_only_the_beginning_of_an_enormous_file_is_read(
    tmp_path: Path, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text, "first_bytes", lambda path: encoding.first_bytes(path, 2_000_001))
    path = tmp_path / "big.txt"
    path.write_text("ü" * 1_500_000, "utf-8")
    result = read(path)
    assert result.state is DocumentState.PARTIAL
    assert result.reason == "The file is 3 MB; only its first 2 MB were read."
    assert "".join(page.text for page in result.pages) == "ü" * 1_000_000


def test_control_characters_do_not_reach_the_records(tmp_path: Path, read: Read) -> None:
    path = tmp_path / "odd.txt"
    path.write_bytes(b"plain text with a bell" * 20 + b"\x07 and an escape \x1b[0m")
    assert read(path).text.endswith("bell\ufffd and an escape \ufffd[0m")


def test_blank_text(tmp_path: Path, read: Read) -> None:
    path = tmp_path / "blank.txt"
    path.write_text(" \n\n\t\n")
    result = read(path)
    assert (result.state, result.reason) == (DocumentState.INDEXED, "The file holds no text.")
    assert [page.state for page in result.pages] == [PageState.EMPTY]


# --- Markdown ------------------------------------------------------------------------------


def test_markdown_is_shown_without_its_marks(tmp_path: Path, read: Read) -> None:
    path = tmp_path / "notes.md"
    path.write_text(
        "---\ntitle: 'The notes'\ntags: [a]\n---\n\n"
        "# First *heading*\n\nSome **bold** text with `code`\nand a [link](https://x.example/).\n\n"
        "## Second\n\n3. three\n4. four\n   - inner\n\n"
        "| Name | Sum |\n|---|---|\n| Ann | 12 |\n\n```python\nprint(1)\n```\n\n"
        "<div>markup</div>\n\nAT&amp;T ![picture of a dog](dog.png)\n"
    )
    result = read(path)
    assert result.facts.title == "The notes"
    assert blocks(result) == [
        (BlockKind.HEADING, 1, "First heading"),
        (BlockKind.PARAGRAPH, 0, "Some bold text with code and a link."),
        (BlockKind.HEADING, 2, "Second"),
        (BlockKind.LIST_ITEM, 0, "3. three"),
        (BlockKind.LIST_ITEM, 0, "4. four"),
        (BlockKind.LIST_ITEM, 0, "• inner"),
        (BlockKind.TABLE_ROW, 0, "Name | Sum"),
        (BlockKind.TABLE_ROW, 0, "Ann | 12"),
        (BlockKind.CODE, 0, "print(1)"),
        (BlockKind.PARAGRAPH, 0, "AT&T picture of a dog"),
    ]


def test_markdown_chapters_are_pages(tmp_path: Path, read: Read) -> None:
    path = tmp_path / "book.md"
    path.write_text("# One\n\ntext\n\n# Two\n\ntext\n\n## Part\n\nmore\n")
    result = read(path)
    assert result.facts.title == "One"
    assert [page.label for page in result.pages] == ["One", "Two"]
    assert result.pages[1].text == "Two\n\ntext\n\nPart\n\nmore"


# --- HTML ----------------------------------------------------------------------------------

HTML = """<!DOCTYPE html><html><head><title>The &amp; title</title>
<style>p {color: red}</style><script>var hidden = 1;</script></head><body>
<!-- comment --><h1>Main
heading</h1><p>Text &eacute; &#8364;5 <b>bold</b>ly<br>next line.</p><noscript>none</noscript>
<template>tem</template><p style="display: none">secret</p><div hidden>also</div>
<ul><li>one<li>two <p>inner</p></ul><ol start=4><li>four</ol>
<table><tr><th>Name</th><th>Sum</th></tr><tr><td><p>Ann</p></td><td>1<sup>2</sup></td></tr></table>
<pre>def f():
    return 1</pre>
<table><tr><td><h2>Laid out</h2><p>by a table</p></td></tr></table>tail</body></html>"""


def test_html_is_what_a_browser_shows(tmp_path: Path, read: Read) -> None:
    path = tmp_path / "page.html"
    path.write_text(HTML, "utf-8")
    result = read(path)
    assert result.facts.title == "The & title"
    assert blocks(result) == [
        (BlockKind.HEADING, 1, "Main heading"),
        (BlockKind.PARAGRAPH, 0, "Text é €5 boldly\nnext line."),
        (BlockKind.LIST_ITEM, 0, "• one"),
        (BlockKind.LIST_ITEM, 0, "• two"),
        (BlockKind.LIST_ITEM, 0, "inner"),
        (BlockKind.LIST_ITEM, 0, "4. four"),
        (BlockKind.TABLE_ROW, 0, "Name | Sum"),
        (BlockKind.TABLE_ROW, 0, "Ann | 12"),
        (BlockKind.CODE, 0, "def f():\n    return 1"),
        (BlockKind.HEADING, 2, "Laid out"),
        (BlockKind.PARAGRAPH, 0, "by a table"),
        (BlockKind.PARAGRAPH, 0, "tail"),
    ]
    assert [page.label for page in result.pages] == ["Main heading", "Laid out"]


def test_a_page_in_a_page_is_read_where_its_source_brings_it(tmp_path: Path, read: Read) -> None:
    inner = "&lt;iframe srcdoc='deep' &gt;&lt;/iframe&gt;"
    path = tmp_path / "frames.html"
    path.write_text(
        f"<p>Before.</p><iframe srcdoc='&lt;p&gt;Inside.&lt;/p&gt;'></iframe><p>After.</p>"
        f"<iframe style='display:none' srcdoc='gone'></iframe>"
        f'<iframe srcdoc="{inner}"></iframe><iframe src="https://example.org/">no</iframe>'
    )
    assert read(path).pages[0].text == "Before.\n\nInside.\n\nAfter.\n\ndeep"


def test_html_is_known_by_its_content(tmp_path: Path, read: Read) -> None:
    path = tmp_path / "page.xyz"
    path.write_text(HTML)
    assert read(path).facts.format == "html"


@pytest.mark.parametrize("declared", ["windows-1251", "koi8-r"])
def test_html_in_its_declared_encoding(tmp_path: Path, read: Read, declared: str) -> None:
    path = tmp_path / "page.html"
    text = f"<html><head><meta charset='{declared}'></head><body><p>Привет, мир</p></body></html>"
    path.write_bytes(text.encode(declared))
    assert read(path).text == "Привет, мир"


def test_html_with_a_wrong_encoding_is_read_all_the_same(tmp_path: Path, read: Read) -> None:
    path = tmp_path / "page.html"
    for declared in ("no-such-thing", "rot13", "hex"):
        path.write_bytes(f"<html><meta charset={declared}><p>caf\u00e9 au lait".encode("cp1252"))
        assert read(path).text.endswith("au lait")


def test_html_that_is_nested_too_deeply_says_so(tmp_path: Path, read: Read) -> None:
    path = tmp_path / "page.html"
    path.write_text("<html><p>first</p>" + "<div>" * 100_000 + "deep")
    result = read(path)
    assert (result.state, result.text) == (DocumentState.PARTIAL, "first")
    assert "nested too deeply" in result.reason


def test_hostile_html(tmp_path: Path, read: Read) -> None:
    path = tmp_path / "page.html"
    for hostile in (
        "<html>" + "<table><tr><td>" * 50 + "nested",
        "<html><p>" + "a" * 300_000,
        "<!DOCTYPE html [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><html><p>&a;</p></html>",
        "<html><ol start=99999999999999999999><li>x</ol></ul></li></td></pre>",
    ):
        path.write_text(hostile)
        result = read(path)
        assert result.state is DocumentState.INDEXED
        assert "root:" not in result.text
