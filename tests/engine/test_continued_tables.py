"""A table that goes on over several pages: its rows are read under the heads of the first."""

from __future__ import annotations

from pathlib import Path

import pymupdf
import pytest
from making import FakeEmbedder, put

from engine.answering.quotes import QuoteFinder, Sentence
from engine.passages import split
from engine.reading import pdf
from engine.reading.document import Source
from engine.records import DocumentState, Hit
from engine.store import Store
from engine.store.files import ReadResult

RIGHTS = (360.0, 460.0)


def written(file: Path, *pages: list[tuple[str, ...]]) -> Path:
    """A page for each list: lines of a label and the figures beside it."""
    with pymupdf.open() as document:
        for number, lines in enumerate(pages, 1):
            page = document.new_page()
            page.insert_text((72, 30), "Annual report of the firm", fontsize=8)
            page.insert_text((300, 820), f"Page {number}", fontsize=8)
            for y, (label, *figures) in enumerate(lines):
                page.insert_text((72, 80 + 14 * y), label, fontsize=10)
                for figure, right in zip(figures, RIGHTS, strict=False):
                    width = pymupdf.get_text_length(figure, fontsize=10)
                    page.insert_text((right - width, 80 + 14 * y), figure, fontsize=10)
        document.save(file)
    return file


def stored(store: Store, file: Path) -> int:
    pages = list(split(pdf.read(Source(file)).pages))
    return put(store, file.name, ReadResult("pdf", "", DocumentState.INDEXED, "", pages))


def quoted(store: Store, document: int, question: str, page: int) -> Sentence:
    """The best sentence of a page."""
    text = store.documents.page(document, page).text
    hit = Hit(1, 1, document, "report.pdf", "", page, str(page), 0, len(text), text, "", 1.0, ())
    finder = QuoteFinder(store.keywords, store.documents, FakeEmbedder())  # type: ignore[arg-type]
    return finder.rank(question, [hit])[0]


FIRST = [
    ("(in millions)", "2018", "2017"),
    ("Investing activities:",),
    ("Purchases of plants and machines", "(1,577)", "(1,373)"),
]
SECOND = [
    ("Sales of plants and machines", "846", "1,065"),
    ("Loans to other companies", "(31)", "(17)"),
]
THIRD = [
    ("Dividends of other companies", "12", "9"),
    ("Cash used by investing activities", "(750)", "(316)"),
    ("The notes on the next pages are a part of these statements of the firm.",),
]


def test_rows_are_read_under_the_heads_of_a_page_before(store: Store, tmp_path: Path) -> None:
    document = stored(store, written(tmp_path / "report.pdf", FIRST, SECOND, THIRD))
    for question, page, reading in (
        ("sales of plants and machines in 2017", 2, "Sales of plants and machines · 2017 · 1,065"),
        ("dividends of other companies in 2018", 3, "Dividends of other companies · 2018 · 12"),
    ):
        best = quoted(store, document, question, page)
        assert best.context == "(in millions) 2018 2017 · Investing activities:"
        assert best.reading == f"Investing activities: · {reading} · (in millions)"


@pytest.mark.parametrize(
    "between", [("The directors wrote this in the spring of that year.",), ("Debt", "2016", "2015")]
)
def test_other_rows_are_not(store: Store, tmp_path: Path, between: tuple[str, ...]) -> None:
    """A sentence ends a table, and one with heads of its own is another."""
    document = stored(store, written(tmp_path / "report.pdf", FIRST, [between, *SECOND]))
    best = quoted(store, document, "sales of plants and machines", 2)
    assert best.text.startswith("Sales of plants")
    assert "2018" not in best.context
