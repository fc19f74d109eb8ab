"""What each figure of a table's row says."""

from __future__ import annotations

from engine.answering.cells import Head, readings
from engine.layout import Layout
from engine.records import Block, BlockKind, Page, PageState

Word = tuple[str, float, float]  # the word, where it begins, its height on the page

_WIDE = 6.0  # points a letter
_TALL = 10.0


def placed(*lines: list[Word]) -> tuple[Page, list[Block]]:
    """A page of lines of words, and a block for each line."""
    text, words, blocks = "", [], []
    for line in lines:
        start = len(text)
        for word, x, y in line:
            words.append(
                (len(text), len(text) + len(word), (x, y, x + _WIDE * len(word), y + _TALL))
            )
            text += word + " "
        text = text.rstrip() + "\n"
        blocks.append(Block(start, len(text) - 1, BlockKind.TABLE_ROW))
    page = Page(1, "1", text.rstrip(), PageState.TEXT, layout=Layout.of_words(words).encode())
    return page, blocks


def test_a_figure_has_the_heads_above_it_and_the_units_beside_them() -> None:
    page, (years, units, row) = placed(
        [("2018", 300.0, 10.0), ("2017", 400.0, 10.0)],
        [("(in", 50.0, 10.0), ("millions)", 72.0, 10.0)],
        [
            *(("Capital", 50.0, 30.0), ("spending", 96.0, 30.0), ("$", 270.0, 30.0)),
            *(("1,577", 296.0, 30.0), ("$", 370.0, 30.0), ("1,373", 396.0, 30.0)),
        ],
    )
    assert readings(page, row, (Head(page, years), Head(page, units)), "Investing") == (
        "Investing · Capital spending · 2018 · $ 1,577 · (in millions)",
        "Investing · Capital spending · 2017 · $ 1,373 · (in millions)",
    )


def test_a_head_over_several_columns_belongs_to_all_of_them() -> None:
    page, (whole, years, row) = placed(
        [("Years", 340.0, 10.0), ("ended", 376.0, 10.0)],
        [("2018", 300.0, 22.0), ("2017", 400.0, 22.0)],
        [("Sales", 50.0, 40.0), ("12", 306.0, 40.0), ("13", 406.0, 40.0)],
    )
    assert readings(page, row, (Head(page, whole), Head(page, years)), "") == (
        "Sales · Years ended · 2018 · 12",
        "Sales · Years ended · 2017 · 13",
    )


def test_cells_are_counted_where_there_is_no_geometry() -> None:
    text = "Item | 2018 | 2017\nSales | 12 | 13\nNotes | | 4"
    page = Page(1, "1", text, PageState.TEXT)
    head, row = Block(0, 18, BlockKind.TABLE_HEAD), Block(19, 34, BlockKind.TABLE_ROW)
    assert readings(page, row, (Head(page, head),), "") == (
        "Sales · 2018 · 12",
        "Sales · 2017 · 13",
    )


def test_heads_of_the_page_before_stand_above_its_figures() -> None:
    first, (years,) = placed([("2018", 300.0, 700.0), ("2017", 400.0, 700.0)])
    page, (row,) = placed([("Sales", 50.0, 40.0), ("12", 306.0, 40.0), ("13", 406.0, 40.0)])
    heads = (Head(first, years),)
    assert readings(page, row, heads, "") == ("Sales · 2018 · 12", "Sales · 2017 · 13")


def test_without_heads_nothing_can_be_told() -> None:
    page, (row,) = placed([("Sales", 50.0, 40.0), ("12", 306.0, 40.0)])
    assert readings(page, row, (), "") == ()


def test_a_head_that_is_centred_above_figures_set_right_is_theirs() -> None:
    page, (years, row) = placed(
        [("Years", 50.0, 10.0), ("2022", 260.0, 10.0), ("2021", 360.0, 10.0)],
        [("Purchases", 50.0, 30.0), ("(1,749)", 296.0, 30.0), ("(1,603)", 396.0, 30.0)],
    )
    assert readings(page, row, (Head(page, years),), "") == (
        "Purchases · 2022 · (1,749) · Years",
        "Purchases · 2021 · (1,603) · Years",
    )
