"""OpenDocument texts and presentations."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.hidden import without
from engine.records import BlockKind, DocumentState

Read = Callable[..., Any]

NAMES = {
    "office": "office",
    "text": "text",
    "table": "table",
    "draw": "drawing",
    "style": "style",
    "presentation": "presentation",
    "meta": "meta",
}
SPACES = " ".join(
    f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for short, name in NAMES.items()
)
MORE = (
    'xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/"'
)
STYLES = """<office:automatic-styles>
<style:style style:name="Head" style:default-outline-level="2"/>
<style:style style:name="P1" style:parent-style-name="Head"/>
<style:style style:name="New"><style:paragraph-properties fo:break-before="page"/></style:style>
<style:style style:name="White"><style:text-properties fo:color="#ffffff"/></style:style>
<style:style style:name="Gone"><style:text-properties text:display="none"/></style:style>
<style:style style:name="Tiny"><style:text-properties fo:font-size="1pt"/></style:style>
<style:style style:name="Off"><style:drawing-page-properties presentation:visibility="hidden"/>
</style:style></office:automatic-styles>"""


def blocks(page: Any) -> list[tuple[BlockKind, int, str]]:
    return [(b.kind, b.level, page.text[b.start : b.end]) for b in page.blocks]


def flat(body: str, kind: str) -> str:
    return (
        f'<?xml version="1.0"?><office:document {SPACES} {MORE} office:mimetype="application/'
        f'vnd.oasis.opendocument.{kind}"><office:meta><dc:title>The plan of it</dc:title>'
        f"</office:meta>{STYLES}<office:body><office:{kind}>{body}</office:{kind}></office:body>"
        "</office:document>"
    )


def written(path: Path, body: str, kind: str = "text") -> Path:
    whole = flat(body, kind)
    if path.suffix.startswith(".fod"):
        path.write_text(whole, encoding="utf-8")
        return path
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", f"application/vnd.oasis.opendocument.{kind}")
        archive.writestr("content.xml", whole)
        archive.writestr("meta.xml", whole)
    return path


TEXT = """<text:sequence-decls/><text:p text:style-name="New"/>
<text:h text:outline-level="1">Begin<text:span>ning</text:span></text:h>
<text:p>A  line<text:s text:c="2"/>of<text:tab/>text.<text:note><text:note-citation>1
</text:note-citation><text:note-body><text:p>Where it is from.</text:p></text:note-body>
</text:note></text:p>
<text:tracked-changes><text:p>was deleted</text:p></text:tracked-changes>
<text:list><text:list-item><text:p>one</text:p></text:list-item>
<text:list-item><text:p>two</text:p></text:list-item></text:list>
<text:p text:style-name="New">Next page</text:p>
<text:p text:style-name="P1">Styled as a heading</text:p>
<table:table><table:table-header-rows><table:table-row><table:table-cell><text:p>Item</text:p>
</table:table-cell><table:table-cell><text:p>Price</text:p></table:table-cell></table:table-row>
</table:table-header-rows><table:table-row><table:table-cell><text:p>Tea</text:p>
</table:table-cell><table:table-cell><text:p>3</text:p></table:table-cell></table:table-row>
</table:table><text:p text:style-name="Table">Table 1: Prices</text:p>
<text:p>x<draw:frame><draw:text-box><text:p>In a box</text:p></draw:text-box></draw:frame></text:p>
"""


@pytest.mark.parametrize("name", ["made.odt", "made.fodt", "odt named otherwise.xyz"])
def test_a_text_in_its_order(tmp_path: Path, read: Read, name: str) -> None:
    result = read(written(tmp_path / name, TEXT))
    assert result.state is DocumentState.INDEXED
    assert (result.facts.format, result.facts.title) == ("opendocument", "The plan of it")
    first, second = result.pages
    assert blocks(first) == [
        (BlockKind.HEADING, 1, "Beginning"),
        (BlockKind.PARAGRAPH, 0, "A line  of\ttext."),
        (BlockKind.LIST_ITEM, 0, "one"),
        (BlockKind.LIST_ITEM, 0, "two"),
        (BlockKind.FOOTNOTE, 0, "Where it is from."),
    ]
    assert blocks(second) == [
        (BlockKind.PARAGRAPH, 0, "Next page"),
        (BlockKind.HEADING, 2, "Styled as a heading"),
        (BlockKind.TABLE_HEAD, 0, "Item | Price"),
        (BlockKind.TABLE_ROW, 0, "Tea | 3"),
        (BlockKind.CAPTION, 0, "Table 1: Prices"),
        (BlockKind.PARAGRAPH, 0, "x"),
        (BlockKind.PARAGRAPH, 0, "In a box"),
    ]


def test_text_that_is_not_seen(tmp_path: Path, read: Read) -> None:
    body = "<text:p>Seen.</text:p>" + "".join(
        f'<text:p>And <text:span text:style-name="{style}">secret {style}</text:span>.</text:p>'
        for style in ("White", "Gone", "Tiny")
    )
    (page,) = read(written(tmp_path / "made.odt", body)).pages
    assert page.text.count("secret") == 3
    assert "secret" not in without(page.text, page.hidden)


def test_soft_page_breaks_are_pages(tmp_path: Path, read: Read) -> None:
    body = "<text:p>end of one <text:soft-page-break/>start of two</text:p><text:p>rest</text:p>"
    pages = read(written(tmp_path / "made.odt", body)).pages
    assert [page.text for page in pages] == ["end of one", "start of two\n\nrest"]


def test_a_locked_text(tmp_path: Path, read: Read) -> None:
    path = written(tmp_path / "made.odt", "<text:p>x</text:p>")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("META-INF/manifest.xml", "<manifest><encryption-data/></manifest>")
    assert read(path).state is DocumentState.LOCKED


def test_slides(tmp_path: Path, read: Read) -> None:
    body = (
        '<draw:page draw:name="one"><draw:frame><draw:text-box><text:list><text:list-item>'
        "<text:p>point</text:p></text:list-item></text:list></draw:text-box></draw:frame>"
        '<draw:frame presentation:class="title"><draw:text-box><text:p>The title</text:p>'
        "</draw:text-box></draw:frame><draw:custom-shape><text:p>shape</text:p></draw:custom-shape>"
        '<draw:frame presentation:class="footer"><draw:text-box><text:p>footer</text:p>'
        '</draw:text-box></draw:frame><presentation:notes><draw:frame presentation:class="notes">'
        "<draw:text-box><text:p>spoken</text:p></draw:text-box></draw:frame></presentation:notes>"
        '</draw:page><draw:page draw:style-name="Off"><draw:frame><draw:text-box><text:p>secret'
        "</text:p></draw:text-box></draw:frame></draw:page>"
    )
    result = read(written(tmp_path / "made.odp", body, "presentation"))
    first, second = result.pages
    assert blocks(first) == [
        (BlockKind.HEADING, 1, "The title"),
        (BlockKind.LIST_ITEM, 0, "point"),
        (BlockKind.PARAGRAPH, 0, "shape"),
        (BlockKind.MARGINAL, 0, "footer"),
        (BlockKind.FOOTNOTE, 0, "spoken"),
    ]
    assert second.label == "2 (hidden slide)"
    assert not without(second.text, second.hidden)


MASTERS = """<office:master-styles>
<style:master-page style:name="Standard"><style:header><text:p>Letter <text:s/>head</text:p>
</style:header><style:footer><text:p><text:page-number>3</text:page-number></text:p></style:footer>
<style:header-first style:display="false"><text:p>switched off</text:p></style:header-first>
</style:master-page>
<style:master-page style:name="Unused"><style:header><text:p>unused</text:p></style:header>
</style:master-page>
<style:master-page style:name="Deck">
<draw:frame presentation:class="title" presentation:placeholder="true"><draw:text-box>
<text:p>Click to add</text:p></draw:text-box></draw:frame>
<draw:frame presentation:class="footer"><draw:text-box><text:p>For the board only</text:p>
</draw:text-box></draw:frame></style:master-page></office:master-styles>"""


def test_what_stands_on_every_page_is_told_once(
    tmp_path: Path, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(globals(), "STYLES", STYLES + MASTERS)
    text = read(written(tmp_path / "made.odt", "<text:p>Dear Ann</text:p>"))
    assert [page.text for page in text.pages] == ["Dear Ann\n\nLetter head"]
    slide = '<draw:page draw:master-page-name="Deck"><draw:custom-shape><text:p>{}</text:p>'
    body = "".join(f"{slide.format(said)}</draw:custom-shape></draw:page>" for said in "ab")
    deck = read(written(tmp_path / "made.odp", body, "presentation"))
    assert [page.text for page in deck.pages] == ["a\n\nFor the board only", "b"]
