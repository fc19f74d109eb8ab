"""Files made to hurt, through the readers as the app runs them: each has its line in the ledger,
none costs more than it may, and the next file is read."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import hostile_files
import psutil
import pytest
from making import FakeEmbedder

from engine.errors import ChildError
from engine.indexing import READER_LIMITS, Indexer
from engine.reading.messages import ReaderReply, Rendered, RenderPage
from engine.records import DocumentState, LedgerEntry
from engine.store import Store
from engine.workers import ChildProcess

_MOST_MEMORY = 1_000_000_000
_LIMITS = replace(READER_LIMITS, memory=2 << 30)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "folder"
    folder.mkdir()
    return folder


@pytest.fixture
def peak() -> Iterator[list[int]]:
    """The most memory of any child that was started since, in bytes."""
    most, over = [0], threading.Event()
    others = {child.pid for child in psutil.Process().children(recursive=True)}

    def watch() -> None:
        while not over.wait(0.02):
            for child in psutil.Process().children(recursive=True):
                if child.pid in others:
                    continue
                try:
                    # until it runs its own program, a child has its parent's memory
                    if "--carrel-child" in child.cmdline():
                        most[0] = max(most[0], child.memory_info().rss)
                except psutil.Error:
                    continue

    thread = threading.Thread(target=watch)
    thread.start()
    yield most
    over.set()
    thread.join()


def test_hostile_files_cost_themselves_alone(
    store: Store, folder: Path, tmp_path: Path, peak: list[int]
) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("the very secret")
    hostile_files.write_all(folder, secret)
    indexer = Indexer(store, FakeEmbedder(), readers=1, limits=_LIMITS, silence=8)  # type: ignore[arg-type]
    try:
        store.documents.add_folder(folder)
        report = indexer.run(store.documents.folders(), embed=False)
    finally:
        indexer.close()
    ledger = {entry.path: entry for entry in store.documents.ledger()}
    assert set(ledger) == {path.name for path in folder.iterdir()}
    assert not report.problems
    assert ledger["zz.txt"].state is DocumentState.INDEXED
    assert not store.check()
    for entry in ledger.values():
        assert entry.reason or entry.state is DocumentState.INDEXED, entry.path
    assert "too long" in ledger["forms in forms.pdf"].reason
    assert "2,000 MB" in ledger["bomb.docx"].reason or "unpacks" in ledger["bomb.docx"].reason
    assert peak[0] < _MOST_MEMORY
    assert "secret" not in _texts(store, ledger["prying.docx"])
    assert len(_texts(store, ledger["laughing.docx"])) < 100_000
    assert len(_texts(store, ledger["laughing.html"])) < 20_000_000


def test_a_vast_page_is_drawn_small(folder: Path, peak: list[int]) -> None:
    (folder / "vast.pdf").write_bytes(hostile_files.vast_page())
    reader = ChildProcess[ReaderReply]("reader", ReaderReply, limits=_LIMITS)
    try:
        drawn = reader.ask(RenderPage(str(folder / "vast.pdf"), 1, 2.0), silence=20)
    finally:
        reader.close()
    assert isinstance(drawn, Rendered)
    assert len(drawn.image.samples) <= 3 * 40_100_000
    assert peak[0] < _MOST_MEMORY


def test_a_huge_picture_is_drawn_or_refused(folder: Path, peak: list[int]) -> None:
    (folder / "huge.pdf").write_bytes(hostile_files.huge_image())
    reader = ChildProcess[ReaderReply]("reader", ReaderReply, limits=_LIMITS)
    try:
        with contextlib.suppress(ChildError):
            reader.ask(RenderPage(str(folder / "huge.pdf"), 1, 1.0), silence=10)
    finally:
        reader.close()
    assert peak[0] < 2 << 30


def _texts(store: Store, entry: LedgerEntry) -> str:
    return "".join(
        store.documents.page(entry.document_id, number).text for number in range(1, entry.pages + 1)
    )
