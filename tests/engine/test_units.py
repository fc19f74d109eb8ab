"""What may be quoted of a page, and the context of a table's rows."""

from __future__ import annotations

from engine.answering.units import of_page
from engine.records import Block, BlockKind, Page, PageState


def built(*parts: tuple[str, BlockKind], hidden: tuple[tuple[int, int], ...] = ()) -> Page:
    text, blocks = "", []
    for content, kind in parts:
        text += "\n" if text else ""
        blocks.append(Block(len(text), len(text) + len(content), kind))
        text += content
    return Page(1, "1", text, PageState.TEXT, tuple(blocks), hidden=hidden)


def shown(page: Page, start: int = 0) -> list[tuple[str, str]]:
    units = of_page(page, start, len(page.text))
    return [(page.text[unit.start : unit.end], unit.context) for unit in units]


HEAD, ROW, PARAGRAPH = BlockKind.TABLE_HEAD, BlockKind.TABLE_ROW, BlockKind.PARAGRAPH


def test_a_row_knows_its_heads_and_the_label_above() -> None:
    page = built(
        ("The tables tell of the equity of the firm.", PARAGRAPH),
        ("In millions", HEAD),
        ("2023 2022", HEAD),
        ("Preferred stock", ROW),
        ("Balance at June 30 27,404 32,838", ROW),
        ("Common stock", ROW),
        ("Balance at June 30 4,105 4,105", ROW),
        ("The notes are part of these statements.", PARAGRAPH),
    )
    assert shown(page) == [
        ("The tables tell of the equity of the firm.", ""),
        ("Balance at June 30 27,404 32,838", "In millions · 2023 2022 · Preferred stock"),
        ("Balance at June 30 4,105 4,105", "In millions · 2023 2022 · Common stock"),
        ("The notes are part of these statements.", ""),
    ]


def test_the_heads_of_a_table_hold_where_only_its_end_is_looked_at() -> None:
    page = built(("2023 2022", HEAD), ("Cash at the end 12 13", ROW), ("Debt 40 50", ROW))
    assert shown(page, page.text.index("Debt")) == [("Debt 40 50", "2023 2022")]


def test_a_label_with_a_dash_in_it_is_a_label() -> None:
    page = built(
        ("2023 2022", HEAD),
        ("Property - at cost", ROW),
        ("Plants at the end 12 —", ROW),
        ("Land of the company — —", ROW),
    )
    assert [text for text, _ in shown(page)] == [
        "Plants at the end 12 —",
        "Land of the company — —",
    ]


def test_rows_of_words_are_quoted_too() -> None:
    page = built(("Name | Office", HEAD), ("Ada Lovelace | Chair", ROW))
    assert shown(page) == [("Ada Lovelace | Chair", "Name | Office")]


def test_what_runs_along_and_what_is_hidden_is_no_quote() -> None:
    page = built(
        ("Annual report of the company", BlockKind.MARGINAL),
        ("Cash at the end 12 13", ROW),
        ("The rest is told in the notes to them.", PARAGRAPH),
    )
    row = page.text.index("Cash")
    hidden = Page(1, "1", page.text, page.state, page.blocks, hidden=((row, row + 21),))
    assert [text for text, _ in shown(page)] == [
        "Cash at the end 12 13",
        "The rest is told in the notes to them.",
    ]
    assert [text for text, _ in shown(hidden)] == ["The rest is told in the notes to them."]
