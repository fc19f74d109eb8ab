"""A person who wishes more pictures read than before gets them read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pymupdf
import pytest
from making import FakeEmbedder

from engine.indexing import Indexer
from engine.records import DocumentState, OcrWish
from engine.store import Store


class Shelf:
    def __init__(self, store: Store, folder: Path) -> None:
        self.wish = OcrWish(on=False)
        self.store = store
        self.indexer = Indexer(
            store,
            FakeEmbedder(),  # type: ignore[arg-type]
            readers=1,
            ocr=lambda: self.wish,
        )
        store.documents.add_folder(folder)

    def run(self, wish: OcrWish) -> None:
        self.wish = wish
        self.indexer.run(self.store.documents.folders(), embed=False)

    @property
    def reason(self) -> str:
        (entry,) = self.store.documents.ledger()
        return entry.reason


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    folder = tmp_path / "files"
    folder.mkdir()
    plain = pymupdf.Pixmap(pymupdf.csRGB, pymupdf.IRect(0, 0, 40, 40))
    plain.clear_with(120)
    with pymupdf.open() as document:
        for _ in range(2):
            page = document.new_page()
            page.insert_image(page.rect, pixmap=plain, keep_proportion=False)
        document.save(folder / "scan.pdf")
    store = Store(tmp_path / "made.carrel")
    made = Shelf(store, folder)
    yield made
    made.indexer.close()
    store.close()


def test_what_was_left_out_is_read_when_more_is_wished(shelf: Shelf) -> None:
    shelf.run(OcrWish(on=False))
    assert "switched off in Settings" in shelf.reason
    shelf.run(OcrWish(pages=5))
    assert shelf.reason == "All 2 pages hold only images in which Carrel found no text."
    (entry,) = shelf.store.documents.ledger()
    assert entry.state is DocumentState.INDEXED


def test_less_reads_nothing_again(shelf: Shelf) -> None:
    shelf.run(OcrWish(pages=5))
    before = shelf.reason
    shelf.run(OcrWish(on=False))
    assert shelf.reason == before
