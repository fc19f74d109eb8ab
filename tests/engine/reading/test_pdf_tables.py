"""Tables of figures on PDF pages: rows, and the heads that tell what their figures are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pymupdf
import pytest

from engine.records import BlockKind, Page

Read = Callable[..., Any]
Line = str | tuple[str, Sequence[str]]

_RIGHTS = (330.0, 420.0, 510.0)  # where the columns end
_SIZE = 10.0


@pytest.fixture
def page_of(tmp_path: Path, read: Read) -> Callable[..., Page]:
    """The page as it is read on which the lines stand: a text, or a label with figures."""

    def make(*lines: Line, left: float = 72.0) -> Page:
        document = pymupdf.open()
        page = document.new_page()
        y = 80.0
        for line in lines:
            label, figures = (line, ()) if isinstance(line, str) else line
            page.insert_text((left, y), label, fontsize=_SIZE)
            for figure, right in zip(figures, _RIGHTS, strict=False):
                width = pymupdf.get_text_length(figure, fontsize=_SIZE)
                page.insert_text((right - width, y), figure, fontsize=_SIZE)
            y += 14
        path = tmp_path / "table.pdf"
        document.save(path)
        (read_page,) = read(path).pages
        return read_page

    return make


def blocks(page: Page, kind: BlockKind) -> list[str]:
    return [" ".join(page.text[b.start : b.end].split()) for b in page.blocks if b.kind is kind]


def test_rows_and_heads_of_a_statement(page_of: Callable[..., Page]) -> None:
    page = page_of(
        "The company paid for its plants out of what they earned, as in the years before it.",
        "The components of the cash flows are as follows:",
        ("(in millions)", ["2018", "2017", "2016"]),
        ("Net income", ["$ 5,363", "$ 4,869", "$ 5,058"]),
        ("Capital expenditures", ["(1,577)", "(1,373)", "(1,420)"]),
        ("Goodwill", ["-", "271", "-"]),
        "What follows is a paragraph of the notes, which tells of 3 things and 14 others in prose.",
    )
    assert blocks(page, BlockKind.TABLE_HEAD) == [
        "The components of the cash flows are as follows:",
        "(in millions) 2018 2017 2016",
    ]
    assert blocks(page, BlockKind.TABLE_ROW) == [
        "Net income $ 5,363 $ 4,869 $ 5,058",
        "Capital expenditures (1,577) (1,373) (1,420)",
        "Goodwill - 271 -",
    ]


def test_a_label_of_two_lines_is_one_row_and_a_label_for_several_rows_is_a_row(
    page_of: Callable[..., Page],
) -> None:
    page = page_of(
        ("(in millions)", ["2018", "2017"]),
        "Investing activities:",
        ("Purchases of plants", ["(1,577)", "(1,373)"]),
        "Proceeds from sales of businesses, net of",
        ("cash sold", ["846", "1,065"]),
    )
    assert blocks(page, BlockKind.TABLE_ROW) == [
        "Investing activities:",
        "Purchases of plants (1,577) (1,373)",
        "Proceeds from sales of businesses, net of cash sold 846 1,065",
    ]


def test_signs_beside_figures_do_not_part_a_column(page_of: Callable[..., Page]) -> None:
    page = page_of(
        ("", ["2018", "2017"]),
        ("Organic growth", ["3.2 %", "5.1 %"]),
        ("Currency", ["(0.8)", "1.1"]),
    )
    assert len(blocks(page, BlockKind.TABLE_ROW)) == 2


def test_two_tables_keep_their_own_heads(page_of: Callable[..., Page]) -> None:
    page = page_of(
        ("Three months", ["2018", "2017"]),
        ("Sales", ["100", "90"]),
        ("Costs", ["60", "50"]),
        ("Six months", ["2018", "2017"]),
        ("Sales", ["190", "170"]),
        ("Costs", ["110", "95"]),
    )
    kinds = [block.kind for block in page.blocks]
    row, head = BlockKind.TABLE_ROW, BlockKind.TABLE_HEAD
    assert kinds == [head, row, row, head, row, row]


@pytest.mark.parametrize(
    "text",
    [
        "In 2018 the company had 93,516 employees, 36,500 of them in the United States.",
        "Sales of 1,577 in 2018 compare with 1,373 in 2017 and 1,420 in 2016.",
    ],
)
def test_prose_with_figures_is_no_table(page_of: Callable[..., Page], text: str) -> None:
    page = page_of(text, text, text)
    assert not blocks(page, BlockKind.TABLE_ROW)


def test_nothing_inside_a_table_is_a_heading(tmp_path: Path, read: Read) -> None:
    document = pymupdf.open()
    page = document.new_page()
    for n in range(14):
        page.insert_text((72, 80 + 14 * n), "Plain words of an ordinary paragraph go on and on.")
    bold = {"fontname": "hebo", "fontsize": 11}
    page.insert_text((72, 300), "Assets of the company", fontname="hebo", fontsize=15)
    for n, (label, figure) in enumerate([("Cash", "120"), ("Plants", "340"), ("Debt", "90")]):
        page.insert_text((72, 330 + 28 * n), f"{label} at the end", **bold)
        page.insert_text((72, 344 + 28 * n), label)
        page.insert_text((400 - pymupdf.get_text_length(figure), 344 + 28 * n), figure)
    path = tmp_path / "bold.pdf"
    document.save(path)
    (found,) = read(path).pages
    assert blocks(found, BlockKind.HEADING) == ["Assets of the company"]
    assert "Cash at the end" not in blocks(found, BlockKind.HEADING)
    assert "Plants 340" in blocks(found, BlockKind.TABLE_ROW)


def test_columns_that_stand_close_are_parted_at_their_figures(tmp_path: Path, read: Read) -> None:
    document = pymupdf.open()
    page = document.new_page()
    lines = (
        ("(in millions)", "2018", "2017"),
        ("Loans retained", "$ 225,626 $ 265,856"),
        ("Receivables from customers", "64,217"),
    )
    for n, (label, *figures) in enumerate(lines):
        page.insert_text((72, 80 + 14 * n), label, fontsize=10)
        for figure, x in zip(figures, (300, 360), strict=False):
            page.insert_text((x, 80 + 14 * n), figure, fontsize=10)
    path = tmp_path / "close.pdf"
    document.save(path)
    (found,) = read(path).pages
    assert blocks(found, BlockKind.TABLE_ROW)[0] == "Loans retained $ 225,626 $ 265,856"


def test_a_single_row_is_a_table_where_heads_say_so(page_of: Callable[..., Page]) -> None:
    headed = page_of(("(in millions)", ["2018", "2017"]), ("Foreign exchange", ["121", "(88)"]))
    assert blocks(headed, BlockKind.TABLE_ROW) == ["Foreign exchange 121 (88)"]
    alone = page_of("A letter of the board.", ("Foreign exchange", ["121", "(88)"]), "And so on.")
    assert not blocks(alone, BlockKind.TABLE_ROW)
