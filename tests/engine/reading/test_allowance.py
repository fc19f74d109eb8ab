"""No file brings more than Carrel can hold, and what was read before that is kept."""

from __future__ import annotations

from pathlib import Path

import pytest
from making import FakeEmbedder, page

from engine.indexing import Indexer
from engine.reading import allowance
from engine.reading.allowance import Allowance, bounded
from engine.records import DocumentState, PageState, Passage
from engine.store import Store


def test_a_page_that_holds_too_much_is_said_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(allowance, "MOST_ON_PAGE", 10)
    assert bounded(page("ten letter")) == page("ten letter")
    over = bounded(page("ten letters", 7, label="vii"))
    assert (over.number, over.label, over.text, over.blocks) == (7, "vii", "", ())
    assert over.state is PageState.FAILED
    assert over.note == "This page holds more text than Carrel takes from one page."


def test_pages_are_taken_until_the_allowance_is_used_up() -> None:
    rest = Allowance(pages=2)
    assert [rest.takes(page("text", number), ()) for number in (1, 2, 3)] == [True, True, False]
    assert rest.ending() == (
        DocumentState.PARTIAL,
        "The file holds more than Carrel takes of one file; its first 2 pages were read. Split it "
        "into smaller files to have all of it.",
    )
    small = Allowance(bytes=1000)
    assert not small.takes(page("x" * 1001), ())
    assert small.ending()[0] is DocumentState.FAILED
    many = tuple(Passage(1, at, at + 1) for at in range(20))
    assert not Allowance(bytes=1000).takes(page("x" * 30), many), "passages take room as well"


def test_a_file_of_too_many_pages_is_read_as_far_as_it_may(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "long.txt").write_text("\f".join(f"page {number} of many" for number in range(2000)))
    (folder / "next.txt").write_text("still read")
    monkeypatch.setattr("engine.indexing.reading.Allowance", lambda: Allowance(pages=25))
    indexer = Indexer(store, FakeEmbedder(), readers=1)  # type: ignore[arg-type]
    try:
        store.documents.add_folder(folder)
        indexer.run(store.documents.folders(), embed=False)
    finally:
        indexer.close()
    long, following = sorted(store.documents.ledger(), key=lambda entry: entry.path)
    assert (long.state, long.pages) == (DocumentState.PARTIAL, 25)
    assert "first 25 pages were read" in long.reason
    assert following.state is DocumentState.INDEXED
