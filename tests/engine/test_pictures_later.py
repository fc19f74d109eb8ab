"""Scans among other files: what takes no time is read first, and nothing of it is lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pymupdf
import pytest
from making import FakeEmbedder
from reading.scans import add_scan, picture_of

from engine.indexing import Indexer
from engine.records import DocumentState, IndexProgress, IndexReport, LedgerEntry
from engine.store import Store
from engine.workers import CancelToken

pytestmark = pytest.mark.model

SCANNED = "<p style='font-size:16pt'>The lighthouse keeper counted the herring boats.</p>"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A mixed PDF, which comes first by its name, and a text."""
    folder = tmp_path / "folder"
    folder.mkdir()
    with pymupdf.open() as document:
        document.new_page().insert_text((72, 72), "The harbour was surveyed in spring.")
        add_scan(document, picture_of(SCANNED))
        document.save(folder / "a mixed.pdf")
    (folder / "b plain.txt").write_text("The rent is due on the first day of a month.")
    return folder


@pytest.fixture
def indexer(store: Store, folder: Path) -> Iterator[Indexer]:
    embedder = FakeEmbedder()
    store.documents.add_folder(folder)
    indexer = Indexer(store, embedder, readers=1)  # type: ignore[arg-type]
    yield indexer
    embedder.hold.set()
    indexer.close()


def ledger(store: Store) -> dict[str, LedgerEntry]:
    return {entry.path: entry for entry in store.documents.ledger()}


def run(indexer: Indexer, store: Store, **how: Any) -> IndexReport:
    return indexer.run(store.documents.folders(), **how)


def test_pictures_are_read_when_all_else_is(indexer: Indexer, store: Store) -> None:
    met: list[dict[str, str]] = []

    def progress(now: IndexProgress) -> None:
        met.append({path: entry.reason for path, entry in ledger(store).items()})

    report = run(indexer, store, on_progress=progress)
    waiting = {"a mixed.pdf": "1 of 2 pages holds pictures that are read soon.", "b plain.txt": ""}
    assert waiting in met
    mixed = ledger(store)["a mixed.pdf"]
    assert (mixed.state, mixed.pages_text, mixed.pages_ocr) == (DocumentState.INDEXED, 1, 1)
    assert "lighthouse" in store.documents.page(mixed.document_id, 2).text
    assert (report.files_read, report.pages) == (2, 3)
    again = run(indexer, store)
    assert (again.files_read, again.files_unchanged) == (0, 2)


def test_a_run_that_ends_before_the_pictures_is_gone_on_with(
    indexer: Indexer, store: Store
) -> None:
    token = CancelToken()

    def progress(now: IndexProgress) -> None:
        if len(ledger(store)) == 2:
            token.cancel()

    assert run(indexer, store, on_progress=progress, cancel=token).cancelled
    assert ledger(store)["a mixed.pdf"].pages_ocr == 0
    run(indexer, store)
    assert ledger(store)["a mixed.pdf"].pages_ocr == 1


def test_a_reader_that_dies_at_a_picture_leaves_the_text(
    indexer: Indexer, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    (reader,) = indexer._readers.children
    real = reader.request

    def request(message: Any, **how: Any) -> Iterator[Any]:
        replies = real(message, **how)
        if not message.ocr.later:
            next(replies)
            assert reader._process is not None
            reader._process.kill()
        yield from replies

    monkeypatch.setattr(reader, "request", request)
    run(indexer, store)
    mixed = ledger(store)["a mixed.pdf"]
    assert (mixed.state, mixed.pages_text) == (DocumentState.PARTIAL, 1)
    assert mixed.reason.startswith("Its pictures could not be read: ")
    assert run(indexer, store).files_read == 0
