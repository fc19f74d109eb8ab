"""Running headers, footers and page numbers, as far as the pages around them tell."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pymupdf
import pytest

from engine.records import BlockKind, Page

Read = Callable[..., Any]


@pytest.fixture
def pages_of(tmp_path: Path, read: Read) -> Callable[..., list[Page]]:
    def make(*pages: tuple[str, str, str]) -> list[Page]:
        """Header, text and footer of each page."""
        document = pymupdf.open()
        for header, text, footer in pages:
            page = document.new_page()
            page.insert_text((72, 40), header)
            page.insert_textbox(pymupdf.Rect(72, 90, 523, 700), text)
            page.insert_text((290, 815), footer)
        path = tmp_path / "run.pdf"
        document.save(path)
        result = read(path)
        for page in result.pages:
            held = [p for p in result.passages if p.page == page.number]
            said = " ".join(page.text[p.start : p.end] for p in held)
            assert not any(edge in said for edge in marginals(page))
        return list(result.pages)

    return make


def marginals(page: Page) -> list[str]:
    return [page.text[b.start : b.end] for b in page.blocks if b.kind is BlockKind.MARGINAL]


def test_headers_and_page_numbers(pages_of: Callable[..., list[Page]]) -> None:
    texts = ["A first chapter.", "Then a second.", "And a third one.", "The end of it."]
    pages = pages_of(*(("Annual report", t, f"Page {n} of 4") for n, t in enumerate(texts, 1)))
    assert [marginals(page) for page in pages] == [
        ["Annual report", f"Page {n} of 4"] for n in range(1, 5)
    ]


def test_left_and_right_pages_have_their_own(pages_of: Callable[..., list[Page]]) -> None:
    pages = pages_of(*((("Left", "Right")[n % 2], f"Text number {n}.", "") for n in range(6)))
    assert [marginals(page) for page in pages] == [["Left"], ["Right"]] * 3


def test_first_lines_that_are_unlike_stay_text(pages_of: Callable[..., list[Page]]) -> None:
    pages = pages_of(*((f"{word} begins here", "Text.", "") for word in ("One", "Two", "Three")))
    assert [marginals(page) for page in pages] == [[], [], []]


def test_a_single_page_keeps_its_title(pages_of: Callable[..., list[Page]]) -> None:
    (page,) = pages_of(("A letter", "Dear reader.", ""))
    assert marginals(page) == []
