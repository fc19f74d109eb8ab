"""What an earlier version of Carrel has read is read once more, and serves until then."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pymupdf
import pytest
from making import FakeEmbedder

from engine.errors import ChildCrashedError
from engine.indexing import READER_VERSION, Indexer
from engine.library import Library
from engine.records import DocumentState, IndexProgress, IndexReport, Page, Passage
from engine.store import Store
from engine.store.connection import select
from engine.store.files import FileRecord, ReadResult
from engine.workers import CancelToken


class Shelf:
    """A folder with a PDF of two pages that holds a text."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.store, self.path = store, folder
        self.embedder = FakeEmbedder()
        self.indexer = Indexer(store, self.embedder, readers=1)  # type: ignore[arg-type]
        folder.mkdir()
        store.documents.add_folder(folder)
        with pymupdf.open() as pdf:
            for words in ("The harbour was surveyed.", "The glacier was measured."):
                pdf.new_page().insert_text((72, 72), words)
            pdf.embfile_add("note.txt", b"About windmills.", filename="note.txt")
            pdf.save(folder / "survey.pdf")

    def run(self, cancel: CancelToken | None = None) -> IndexReport:
        self.embedder.texts.clear()
        report = self.indexer.run(self.store.documents.folders(), cancel=cancel)
        assert self.store.check() == []
        return report

    def readers(self) -> dict[str, int]:
        with self.store._database.reading() as db:
            return dict(select(db, "SELECT path, reader FROM documents"))

    def age(self) -> None:
        """As if an earlier version had read all of it."""
        with self.store._database.writing() as db:
            db.execute("UPDATE documents SET reader = ?", (READER_VERSION - 1,))

    def passages(self, path: str) -> dict[int, str]:
        ids = {entry.path: entry.document_id for entry in self.store.documents.ledger()}
        return {p.id: p.text for p in self.store.search.of_document(ids[path])}


@pytest.fixture
def shelf(store: Store, tmp_path: Path) -> Iterator[Shelf]:
    shelf = Shelf(store, tmp_path / "folder")
    yield shelf
    shelf.indexer.close()


def test_all_is_read_once_more_and_keeps_its_vectors(shelf: Shelf) -> None:
    shelf.run()
    before = shelf.passages("survey.pdf")
    shelf.age()
    report = shelf.run()
    assert (report.files_read, report.files_unchanged, report.embedded) == (2, 1, 0)
    assert set(shelf.readers().values()) == {READER_VERSION}
    assert shelf.passages("survey.pdf") == before
    assert shelf.run().files_read == 0


def test_what_it_reads_otherwise_now_takes_the_place(shelf: Shelf) -> None:
    shelf.run()
    ids = shelf.passages("survey.pdf")
    misread(shelf.store, "survey.pdf", "glacier", "g1acier")
    assert any("g1acier" in text for text in shelf.passages("survey.pdf").values())
    (shelf.path / "a new.txt").write_text("About orchards.")
    met: list[tuple[bool, bool]] = []

    def progress(now: IndexProgress) -> None:
        known = {entry.path for entry in shelf.store.documents.ledger()}
        read = any("glacier" in text for text in shelf.passages("survey.pdf").values())
        met.append(("a new.txt" in known, read))

    report = shelf.indexer.run(shelf.store.documents.folders(), on_progress=progress)
    # the misread page had no vector yet; then the new file, and in the end the one page
    assert (report.files_read, report.embedded) == (2, 3)
    assert "glacier" in shelf.embedder.texts[-1]
    assert (False, True) not in met  # what is new comes first
    after = shelf.passages("survey.pdf")
    assert sorted(after.values()) == sorted(ids.values())
    assert len(after.keys() & ids.keys()) == 1


def test_what_cannot_be_read_any_more_stays(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    """The reader dies at it, say: nothing is lost, and it is not tried at every start."""
    shelf.run()
    before = shelf.passages("survey.pdf")
    shelf.age()
    (reader,) = shelf.indexer._readers.children

    def request(message: object, **how: object) -> Iterator[object]:
        raise ChildCrashedError("reader", "It died.")
        yield

    monkeypatch.setattr(reader, "request", request)
    shelf.run()
    assert shelf.passages("survey.pdf") == before
    assert set(shelf.readers().values()) == {READER_VERSION}


def test_an_end_before_it_is_done_leaves_the_rest_for_the_next_run(shelf: Shelf) -> None:
    (shelf.path / "second.txt").write_text("About meadows.")
    shelf.run()
    shelf.age()
    token = CancelToken()
    real = shelf.store.documents.put

    def put(*values: object, **named: object) -> int:
        token.cancel()
        return real(*values, **named)  # type: ignore[arg-type]

    shelf.store.documents.put = put  # type: ignore[method-assign]
    assert shelf.run(token).cancelled
    shelf.store.documents.put = real  # type: ignore[method-assign]
    assert sorted(set(shelf.readers().values())) == [READER_VERSION - 1, READER_VERSION]
    shelf.run()
    assert set(shelf.readers().values()) == {READER_VERSION}


def test_a_file_whose_passphrase_is_not_known_any_more_stays(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    with pymupdf.open() as pdf:
        pdf.new_page().insert_text((72, 72), "The harbour was surveyed.")
        pdf.save(
            folder / "locked.pdf",
            encryption=pymupdf.PDF_ENCRYPT_AES_256,
            user_pw="sesame",
            owner_pw="owner",
        )
    with contextlib.closing(Library.open(tmp_path / "Matter.carrel")) as library:
        library.add_folder(folder)
        library.index(embed=False)
        (entry,) = library.ledger()
        library.unlock(entry.document_id, "sesame")
        library.index(embed=False)
    store = Store(tmp_path / "Matter.carrel")
    with store._database.writing() as db:
        db.execute("UPDATE documents SET reader = ?", (READER_VERSION - 1,))
    store.close()
    with contextlib.closing(Library.open(tmp_path / "Matter.carrel")) as library:
        library.index(embed=False)
        (entry,) = library.ledger()
        assert (entry.state, entry.pages_text) == (DocumentState.INDEXED, 1)


def misread(store: Store, path: str, word: str, otherwise: str) -> None:
    """Store a document as an earlier version might have read it."""
    (entry,) = [entry for entry in store.documents.ledger() if entry.path == path]
    known = store.documents.known_file(entry.document_id)
    assert known is not None
    pages: list[tuple[Page, tuple[Passage, ...]]] = []
    for number in range(1, entry.pages + 1):
        page = store.documents.page(entry.document_id, number)
        page = replace(page, text=page.text.replace(word, otherwise))
        pages.append((page, (Passage(number, 0, len(page.text.rstrip()), ""),)))
    record = FileRecord(entry.folder_id, path, known.size, known.modified_ns, known.digest)
    result = ReadResult("pdf", "", entry.state, entry.reason, pages, known.attachments)
    store.documents.put(record, result, READER_VERSION - 1)
