"""The order in which a page of columns is read, whatever order the file tells it in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pymupdf
import pytest

Read = Callable[..., Any]
Placed = tuple[float, float, str]

LEFT = [f"The left column says in its line {n} this," for n in range(1, 13)]
RIGHT = [f"while the right one in line {n} says that;" for n in range(1, 13)]


@pytest.fixture
def text_of(tmp_path: Path, read: Read) -> Callable[[Sequence[Placed]], str]:
    def make(lines: Sequence[Placed]) -> str:
        document = pymupdf.open()
        page = document.new_page()
        for x, y, text in lines:
            page.insert_text((x, y), text, fontsize=9)
        path = tmp_path / "columns.pdf"
        document.save(path)
        (found,) = read(path).pages
        return " ".join(found.text.split())

    return make


def placed(lines: Sequence[str], x: float) -> list[Placed]:
    return [(x, 120 + 12 * n, line) for n, line in enumerate(lines)]


def interleaved() -> list[Placed]:
    pairs = zip(placed(LEFT, 60), placed(RIGHT, 310), strict=True)
    return [line for pair in pairs for line in pair]


def test_columns_told_line_by_line_are_read_one_after_the_other(text_of: Any) -> None:
    assert text_of(interleaved()) == " ".join([*LEFT, *RIGHT])


def test_a_title_and_a_note_across_the_columns_stay_where_they_are(text_of: Any) -> None:
    title = "A title that goes across both of the columns of this page, as titles often do"
    note = "A note below them that goes across both of the columns of the page as well, at its end"
    lines = [(60.0, 80.0, title), *interleaved(), (60.0, 290.0, note)]
    assert text_of(lines) == " ".join([title, *LEFT, *RIGHT, note])


def test_columns_told_one_after_the_other_keep_their_order(text_of: Any) -> None:
    # the file tells the right one first: it may be a margin that is read so
    assert text_of([*placed(RIGHT, 310), *placed(LEFT, 60)]) == " ".join([*RIGHT, *LEFT])


def test_rows_of_a_table_stay_together(text_of: Any) -> None:
    rows = [f"Balance of account number {n} at the end" for n in range(12)]
    figures = [f"1,{n:03} 2,{n:03} 3,{n:03}" for n in range(12)]
    pairs = zip(placed(rows, 60), placed(figures, 360), strict=True)
    assert text_of([line for pair in pairs for line in pair]).startswith(
        f"{rows[0]} {figures[0]} {rows[1]}"
    )
