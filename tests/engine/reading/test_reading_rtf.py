"""Rich text."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.hidden import without
from engine.records import BlockKind, DocumentState

Read = Callable[..., Any]
HEADER = (
    r"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0 Times;}{\f1\fcharset204 Arial;}"
    r"{\f2\fcharset128 Mincho;}}{\colortbl;\red255\green255\blue255;\red0\green0\blue0;}"
    r"{\stylesheet{\s0 Normal;}{\s1\sbasedon0 heading 1;}{\s2 caption;}}"
    r"{\info{\title The agreement of all}{\author X}}"
)


@pytest.fixture
def rtf(tmp_path: Path) -> Callable[[str], Path]:
    def write(body: str) -> Path:
        path = tmp_path / "made.rtf"
        path.write_bytes((HEADER + body + "}").encode("latin-1"))
        return path

    return write


def blocks(page: Any) -> list[tuple[BlockKind, int, str]]:
    return [(b.kind, b.level, page.text[b.start : b.end]) for b in page.blocks]


def test_a_text_in_its_order(rtf: Callable[[str], Path], read: Read) -> None:
    result = read(
        rtf(
            r"{\header running head\par}{\*\generator X;}\pard\s1 Terms\par\pard Between \b the\b0"
            "\n"
            r" parties{\footnote \pard A note.}.\line Next line\par"
            r"\trowd\trhdr\intbl Item\cell 2018\cell\row\trowd\intbl Tea\cell 1,577\cell\row"
            r"\pard\s2 Table 1\par\pard{\listtext 1.\tab}\ls1 first\par"
            r"{\pict\pngblip 89504e470d0a}{\object{\*\objdata 0105}{\result shown}}\par"
            r"\page\pard\outlinelevel1 Second page\par"
        )
    )
    assert result.state is DocumentState.INDEXED
    assert (result.facts.format, result.facts.title) == ("rtf", "The agreement of all")
    first, second = result.pages
    assert blocks(first) == [
        (BlockKind.HEADING, 1, "Terms"),
        (BlockKind.PARAGRAPH, 0, "Between the parties.\nNext line"),
        (BlockKind.TABLE_HEAD, 0, "Item | 2018"),
        (BlockKind.TABLE_ROW, 0, "Tea | 1,577"),
        (BlockKind.CAPTION, 0, "Table 1"),
        (BlockKind.LIST_ITEM, 0, "1.\tfirst"),
        (BlockKind.LIST_ITEM, 0, "shown"),
        (BlockKind.FOOTNOTE, 0, "A note."),
    ]
    assert blocks(second) == [
        (BlockKind.HEADING, 2, "Second page"),
        (BlockKind.PARAGRAPH, 0, "running head"),
    ]


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (r"caf\'e9 \u8364? \emdash\~x\_y\-z", "café € —\u00a0x‑yz"),
        (r"{\uc2\u1076\'c4\'e5 a}{\uc0\u1076 b}", "д aдb"),
        (r"{\f1 \'cf\'f0\'e8\'e2\'e5\'f2}", "Привет"),
        (r"{\f2 \'83e\'83X\'83g}", "テスト"),  # the second byte of a letter may be ASCII
        (r"\u-10179?\u-8704?", "😀"),
        (r"\u-10179? alone", "� alone"),
        (r"a\{b\}c\\d", r"a{b}c\d"),
        (r"x{\bin3 }{}y}z", "xyz"),  # three bytes of anything, and then text again
        (r"{\*\unknown gone}kept {\i0\*\cs7 kept too}", "kept kept too"),
        (r"{\upr{ansi}{\*\ud{unicode}}}", "ansi"),
        (r"was {\deleted gone }here", "was here"),
    ],
)
def test_characters(rtf: Callable[[str], Path], read: Read, body: str, text: str) -> None:
    assert read(rtf(body)).text == text


def test_text_that_is_not_seen(rtf: Callable[[str], Path], read: Read) -> None:
    (page,) = read(
        rtf(r"Seen {\v secret one} seen {\cf1 secret two} seen {\fs2 secret three} {\cf2 black}")
    ).pages
    assert page.text.count("secret") == 3
    assert without(page.text, page.hidden) == "Seen  seen  seen  black"


def test_what_follows_the_end_is_no_text(rtf: Callable[[str], Path], read: Read) -> None:
    path = rtf("text")
    path.write_bytes(path.read_bytes() + b"\0\0rubbish")
    assert read(path).text == "text"


def test_content_counts_and_not_the_suffix(rtf: Callable[[str], Path], read: Read) -> None:
    path = rtf("text")
    renamed = path.rename(path.with_suffix(".doc"))
    assert read(renamed).facts.format == "rtf"


def test_depth_is_bounded_and_damage_survived(
    rtf: Callable[[str], Path], read: Read, tmp_path: Path
) -> None:
    result = read(rtf("{" * 100_000))
    assert "nested too deeply" in result.reason
    assert read(rtf("}" * 1000 + "text")).state is DocumentState.INDEXED
    path = tmp_path / "no.rtf"
    path.write_bytes(b"\1\2 nothing")
    assert "damaged" in read(path).reason
    random.seed(5)
    for _ in range(60):
        path.write_bytes(
            b"{\\rtf1" + bytes(random.choice(b"{}\\'abu0-9* \n\xe9") for _ in range(400))
        )
        read(path)


def test_headers_and_footers_are_told_once(rtf: Callable[[str], Path], read: Read) -> None:
    page = read(
        rtf(
            r"{\header\pard\qc\b Animal Hospital\b0\par{\field{\*\fldinst PAGE}{\fldrslt 4}}\par"
            r"\trowd\intbl Ward\cell 7\cell\row{\pict 8950}}{\footer Confidential\par}"
            r"\pard Hank is well.\par{\header Animal Hospital\par}\page"
        )
    )
    (only,) = page.pages
    assert only.text == "Hank is well.\n\nAnimal Hospital\n\nWard 7\n\nConfidential"
