"""Four answers and tables of them, taken away: nothing in them is markup, formula or lost."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import docx
import pymupdf
import pytest
from markdown_it import MarkdownIt

from engine.answers import (
    Answer,
    AppliedAdapter,
    Provenance,
    Support,
    Timings,
    UsedAdapter,
)
from engine.comparing.sums import sums
from engine.comparisons import Comparison, ComparisonTable, Variant
from engine.errors import CarrelError
from engine.exporting import record, tables
from engine.exporting.compared import TITLES, compared
from engine.exporting.exporter import Exporter, ExportFormat
from engine.store import Store
from tests.engine.exporting.answers import answer, hostile, mixed, refusal

STYLES = (AppliedAdapter("/a/terse.gguf", 0.5), AppliedAdapter("/b.gguf", name="Legal"))
USED = (UsedAdapter("terse", 0.5, None), UsedAdapter("Legal", 1.0, None))


def four(plain: Answer) -> Comparison:
    timed = replace(plain, timings=Timings(total_ms=1234.0, output_tokens=42))
    adapted = replace(
        timed, adapter="terse + Legal", provenance=Provenance("0", "q", seed=7, adapters=USED)
    )
    answers = (timed, adapted, mixed(), refusal())
    return Comparison("What was the revenue?", answers, "Small-Q4_1", STYLES, 7, 1.8e9)


def invented() -> Answer:
    text = "It was 3 billion."
    return answer(text=text, claims=[(text, Support.UNSUPPORTED, ())])


@pytest.fixture
def exporter(store: Store) -> Iterator[Exporter]:
    exporter = Exporter(store)
    yield exporter
    exporter.close()


def test_all_four_are_there_with_what_they_took(exporter: Exporter, tmp_path: Path) -> None:
    made = four(invented())
    for known in ExportFormat:
        exporter.export_comparison(made, tmp_path / f"a{known.suffix}")
    html = (tmp_path / "a.html").read_text(encoding="utf-8")
    markdown = (tmp_path / "a.md").read_text(encoding="utf-8")
    pdf = " ".join(" ".join(page.get_text() for page in pymupdf.open(tmp_path / "a.pdf")).split())
    with (tmp_path / "a.docx").open("rb") as stream:
        word = "\n".join(p.text for p in docx.Document(stream).paragraphs)
    for text in (html, markdown, pdf, word):
        assert all(title in text for title in TITLES.values())
        assert "0 of 1 claim is supported by the documents." in text
        assert "1 of 3 claims are supported" in text
        assert "It took 1.2 s and 42 tokens." in text
        assert "with the adapters terse at 0.5 + Legal" in text
        assert "not in the documents" in text
        assert "Not found in the 412 documents" in text
        assert "same seed (7)" in text
    with pytest.raises(CarrelError, match="already"):
        exporter.export_comparison(made, tmp_path / "a.md")


def test_a_record_says_which_is_which(exporter: Exporter, tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    exporter.export_comparison(four(invented()), file)
    kept = record.read(file)
    assert [each.variant for each in kept.answers] == list(Variant)
    assert kept.title == "What was the revenue?"
    making = kept.answers[1].making
    assert making is not None
    assert [(each.name, each.scale) for each in making.applied()] == [("terse", 0.5), ("Legal", 1)]


def test_a_stopped_one_says_so() -> None:
    made = four(invented())
    part = replace(made, answers=made.answers[:2], variants=(Variant.PLAIN, Variant.DOCUMENTS))
    whole = compared(part, exported=1.8e9)
    assert [turn.question for turn in whole.turns] == ["Plain model", "With the documents"]
    assert "Stopped before all four" in whole.about[0]


def _table(*comparisons: Comparison, **more: object) -> ComparisonTable:
    return ComparisonTable(comparisons, sums(comparisons), **more)  # type: ignore[arg-type]


class _Cells(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.rows: list[list[str]] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.add(tag)
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_data(self, data: str) -> None:
        if self.rows and self.rows[-1]:
            self.rows[-1][-1] += data.strip()


def test_a_table_in_three_formats(tmp_path: Path) -> None:
    table = _table(four(invented()), stopped=True, failures=(("Why?", "It is empty."),))
    for name in ("t.md", "t.html", "t.csv"):
        tables.export(table, tmp_path / name)
    markdown = (tmp_path / "t.md").read_text(encoding="utf-8")
    assert "| Plain model | 0 of 1 (0 %) | 0 of 1 | 4 | 1.2 | 42 |" in markdown
    assert "| With the documents | 1 of 3 (33 %) |" in markdown
    assert "Left out: “Why?”: It is empty." in markdown
    assert "Stopped before" in markdown
    assert "adapter: terse at 0.5 + Legal, seed 7" in markdown
    seen = _Cells()
    seen.feed((tmp_path / "t.html").read_text(encoding="utf-8"))
    assert seen.rows[1][:3] == ["Plain model", "0 of 1 (0 %)", "0 of 1"]
    assert seen.rows[-1][0] == "What was the revenue?"
    rows = list(csv.DictReader(io.StringIO((tmp_path / "t.csv").read_text(encoding="utf-8"))))
    assert [row["way"] for row in rows] == list(Variant)
    assert (rows[0]["claims"], rows[0]["supported"], rows[0]["seconds"]) == ("1", "0", "1.23")
    assert rows[1]["adapter"] == "terse at 0.5 + Legal"
    assert rows[3]["refused"] == "yes"
    with pytest.raises(CarrelError, match="already"):
        tables.export(table, tmp_path / "t.md")
    with pytest.raises(CarrelError, match="does not say in which format"):
        tables.export(table, tmp_path / "t.pdf")
    with pytest.raises(CarrelError, match="nothing to export"):
        tables.export(_table(), tmp_path / "empty.md")


def test_nothing_said_is_markup_or_a_formula(tmp_path: Path) -> None:
    said = [*hostile(), answer(text="=HYPERLINK(1)"), answer(text="@x | y"), answer(text="-1+2")]
    table = _table(*(replace(four(each), question=each.text) for each in said))
    for name in ("t.md", "t.html", "t.csv"):
        tables.export(table, tmp_path / name)
    html = (tmp_path / "t.html").read_text(encoding="utf-8")
    plain = (tmp_path / "t.md").read_text(encoding="utf-8")
    rendered = MarkdownIt("commonmark", {"html": True}).enable("table").render(plain)
    for text in (html.partition("<body>")[2], rendered):
        seen = _Cells()
        seen.feed(text)
        assert seen.tags <= {"h1", "p", "em", "table", "thead", "tbody", "tr", "th", "td"}
        assert {len(row) for row in seen.rows} == {5, 6}
        assert len(seen.rows) == 6 + len(said)
    with (tmp_path / "t.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert len(rows) == 1 + 4 * len(said)
    assert not any(cell.lstrip()[:1] in tuple("=+@-") for row in rows for cell in row if cell)
