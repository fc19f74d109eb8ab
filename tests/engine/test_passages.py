"""Passages: their size, their headings, and that they hold all of a page's text."""

from __future__ import annotations

import random
from itertools import pairwise

from engine.passages import Sizes, estimate_pieces, split
from engine.records import Block, BlockKind, Page, PageState, Passage

SENTENCE = "The committee agreed on the budget for the coming year without a vote."


def page(text: str, *blocks: Block, number: int = 1) -> Page:
    return Page(number, str(number), text, PageState.TEXT, blocks)


def built(*parts: tuple[str, BlockKind, int], number: int = 1) -> Page:
    """A page of blocks with blank lines between them."""
    text, blocks = "", []
    for content, kind, level in parts:
        text += "\n\n" if text else ""
        blocks.append(Block(len(text), len(text) + len(content), kind, level))
        text += content
    return page(text, *blocks, number=number)


def heading(text: str, level: int = 1) -> tuple[str, BlockKind, int]:
    return text, BlockKind.HEADING, level


def prose(sentences: int) -> tuple[str, BlockKind, int]:
    return " ".join([SENTENCE] * sentences), BlockKind.PARAGRAPH, 0


def only(*pages: Page) -> list[tuple[Page, tuple[Passage, ...]]]:
    return list(split(pages))


def texts(source: Page) -> list[str]:
    ((_, passages),) = only(source)
    return [source.text[p.start : p.end] for p in passages]


def test_prose_is_cut_at_sentences_into_passages_of_about_the_target() -> None:
    parts = texts(built(prose(60)))
    sizes = [len(part.split()) for part in parts]
    assert len(parts) > 3
    assert all(80 <= size <= 140 for size in sizes)
    assert all(part.startswith("The committee") and part.endswith("vote.") for part in parts)


def test_a_heading_stays_with_its_text_and_gives_its_path() -> None:
    source = built(
        heading("Report"), heading("Costs", 2), prose(12), heading("Income", 2), prose(12)
    )
    ((_, passages),) = only(source)
    assert [p.heading for p in passages] == [
        "Report › Costs",
        "Report › Costs",
        "Report › Income",
        "Report › Income",
    ] or [p.heading for p in passages] == ["Report › Costs", "Report › Income"]
    first_of_income = next(p for p in passages if p.heading.endswith("Income"))
    assert source.text[first_of_income.start :].startswith("Income\n\nThe committee")


def test_headings_last_across_pages_and_end_at_their_level() -> None:
    pages = [
        built(heading("Part I"), heading("Chapter 1", 2), prose(8)),
        built(prose(8), number=2),
        built(heading("Part II"), prose(8), number=3),
    ]
    headings = [passages[0].heading for _, passages in only(*pages)]
    assert headings == ["Part I › Chapter 1", "Part I › Chapter 1", "Part II"]


def test_small_sections_share_a_passage() -> None:
    source = built(*[part for n in range(4) for part in (heading(f"Point {n}", 2), prose(1))])
    parts = texts(source)
    assert all(len(part.split()) >= Sizes().fewest_words for part in parts)
    assert all("vote." in part for part in parts)


def test_tables_are_cut_between_rows() -> None:
    rows = [f"Net sales of segment {n} $ {n * 1234:,} $ {n * 999:,} (2.{n})%" for n in range(90)]
    parts = texts(page("\n".join(rows)))
    assert len(parts) > 5
    assert [row for part in parts for row in part.split("\n")] == rows


def test_table_row_blocks_stay_whole() -> None:
    rows = [f"Name {n}. The person | No. {n} | Berlin" for n in range(80)]
    source = built(*[(row, BlockKind.TABLE_ROW, 0) for row in rows])
    assert [row for part in texts(source) for row in part.split("\n\n")] == rows


def test_no_passage_is_more_than_the_embedder_takes() -> None:
    for text in ("1,234,567.89 " * 400, "漢字仮名" * 500, "x" * 5000, "()" * 900, SENTENCE * 90):
        for part in texts(page(text)):
            assert estimate_pieces(part) <= Sizes().most_pieces
            assert len(part.split()) <= Sizes().most_words


def test_a_blank_page_has_no_passages() -> None:
    assert only(page(""), page(" \n\n \t", number=2)) == [
        (page(""), ()),
        (page(" \n\n \t", number=2), ()),
    ]


def test_pages_are_split_as_they_come() -> None:
    taken = []

    def pages() -> object:
        for number in (1, 2, 3):
            taken.append(number)
            yield built(prose(2), number=number)

    stream = split(pages())  # type: ignore[arg-type]
    next(stream)
    assert taken == [1]


def test_every_page_is_held_whole_whatever_its_text_and_blocks() -> None:
    random.seed(11)
    words = [
        "a",
        "Total",
        "1,234",
        "(5)",
        "—",
        ".",
        "。漢字",
        "\n",
        "\n\n",
        "\t",
        "Mr.",
        "U.S. ",
        "- ",
        "x" * 700,
        "\u3000",
        "end. ",
        "e\u0301",
        "\U0001f600",
    ]
    kinds = [kind for kind in BlockKind if kind is not BlockKind.MARGINAL]
    for trial in range(400):
        text = " ".join(random.choices(words, k=random.randint(0, 250)))
        blocks = []
        for _ in range(random.randint(0, 8)):
            start = random.randint(0, len(text))
            end = random.randint(start, len(text) + 5)
            kind = random.choice(kinds)
            level = random.randint(1, 9) if kind is BlockKind.HEADING else 0
            blocks.append(Block(start, end, kind, level))
        source = page(text, *blocks, number=trial + 1)
        ((_, passages),) = only(source)
        parts = [text[p.start : p.end] for p in passages]
        assert all(part == part.strip() != "" for part in parts)
        assert all(a.end <= b.start for a, b in pairwise(passages))
        assert "".join("".join(part.split()) for part in parts) == "".join(text.split())
        assert all(p.page == source.number for p in passages)
        assert all(estimate_pieces(part) <= Sizes().most_pieces for part in parts)


def row(text: str) -> tuple[str, BlockKind, int]:
    return text, BlockKind.TABLE_ROW, 0


def table_head(text: str) -> tuple[str, BlockKind, int]:
    return text, BlockKind.TABLE_HEAD, 0


def test_rows_of_a_table_know_its_head_also_on_the_next_page_and_nothing_after_it_does() -> None:
    rows = [row(f"Capital expenditures of plant {n} | 1,577 | 1,373") for n in range(40)]
    first = built(
        heading("Cash flows"), table_head("In millions"), table_head("2018 | 2017"), *rows, number=1
    )
    second = built(*rows, prose(12), number=2)
    (_, on_first), (_, on_second) = only(first, second)
    assert {p.heading for p in on_first} == {"Cash flows › In millions · 2018 | 2017"}
    assert on_second[0].heading == "Cash flows › In millions · 2018 | 2017"
    assert on_second[-1].heading == "Cash flows"


def test_what_runs_along_every_page_is_in_no_passage_wherever_it_stands() -> None:
    number = ("58", BlockKind.MARGINAL, 0)
    source = built(("Acme 10-K", BlockKind.MARGINAL, 0), prose(12), number, prose(2))
    ((_, passages),) = only(source)
    said = [source.text[p.start : p.end] for p in passages]
    assert " ".join(said) == " ".join([SENTENCE] * 14)
