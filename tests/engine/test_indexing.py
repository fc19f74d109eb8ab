"""Indexing with real readers and a fake embedder: incremental, resumable, unharmed by anything."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pymupdf
import pytest
from making import FakeEmbedder

from engine import progress as progress_module
from engine.errors import ChildCrashedError, LibraryInUseError
from engine.indexing import Indexer, reading
from engine.lexical import quoted
from engine.library import Library
from engine.query import Query
from engine.reading.messages import PageRead, ReadEnded
from engine.records import DocumentState, IndexProgress, IndexReport, LedgerEntry, Stage
from engine.store import Store
from engine.workers import CancelToken


class Shelf:
    """A folder that a library follows, with an indexer."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.store, self.path = store, folder
        self.embedder = FakeEmbedder()
        self.indexer = Indexer(store, self.embedder, readers=1)  # type: ignore[arg-type]
        folder.mkdir()
        self.folder = store.documents.add_folder(folder)

    def write(self, name: str, text: str) -> Path:
        file = self.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return file

    def run(self, **how: Any) -> IndexReport:
        return self.indexer.run(self.store.documents.folders(), **how)

    def ledger(self) -> dict[str, LedgerEntry]:
        return {entry.path: entry for entry in self.store.documents.ledger()}

    def states(self) -> dict[str, str]:
        return {path: entry.state.value for path, entry in self.ledger().items()}

    def found(self, words: str) -> list[str]:
        query = Query.parse(words)
        match = query.matching([quoted(term) for term in query.terms])
        pages = [page for page, _ in self.store.keywords.pages(match, 50)]
        found = self.store.search.of_pages(pages, None).passages.tolist()
        passages = self.store.search.passages(found)
        return sorted(passage.document for passage in passages.values())

    def data_version(self) -> tuple[int, int]:
        writer = self.store._database._writer
        return writer.total_changes(), int(writer.pragma("data_version"))


@pytest.fixture
def shelf(store: Store, tmp_path: Path) -> Iterator[Shelf]:
    shelf = Shelf(store, tmp_path / "folder")
    yield shelf
    shelf.embedder.hold.set()
    shelf.indexer.close()


def test_an_empty_folder(shelf: Shelf) -> None:
    report = shelf.run()
    assert (report.files_seen, report.files_read, report.problems) == (0, 0, ())
    assert not report.cancelled


def test_files_come_edited_renamed_touched_and_go(shelf: Shelf) -> None:
    first = shelf.write("first.txt", "A letter about lighthouses.")
    shelf.write("second.md", "# Harbours\n\nA note about harbours.")
    report = shelf.run()
    assert (report.files_read, report.passages, report.embedded) == (2, 2, 2)
    assert shelf.found("lighthouses") == ["first.txt"]

    before = shelf.data_version()
    report = shelf.run()
    assert (report.files_read, report.files_unchanged) == (0, 2)
    assert shelf.data_version() == before

    number = shelf.ledger()["first.txt"].document_id
    os.utime(first, (1, 1))
    report = shelf.run()
    assert (report.files_read, report.files_unchanged) == (0, 2)
    assert shelf.ledger()["first.txt"].modified == 1

    shelf.write("first.txt", "A letter about windmills.")
    assert shelf.run().files_read == 1
    assert shelf.ledger()["first.txt"].document_id == number
    assert (shelf.found("lighthouses"), shelf.found("windmills")) == ([], ["first.txt"])

    first.rename(shelf.path / "third.txt")
    report = shelf.run()
    assert (report.files_read, report.files_removed, report.files_moved) == (0, 0, 1)
    assert shelf.ledger()["third.txt"].document_id == number
    assert shelf.found("windmills") == ["third.txt"]

    (shelf.path / "third.txt").unlink()
    assert shelf.run().files_removed == 1
    assert shelf.states() == {"second.md": "indexed"}
    assert shelf.store.check() == []


def test_copies_are_read_once_and_stand_in_for_each_other(shelf: Shelf) -> None:
    for name in ("a.txt", "b.txt", "c.txt"):
        shelf.write(name, "The same words about glaciers.")
    shelf.run()
    assert shelf.states() == {"a.txt": "indexed", "b.txt": "duplicate", "c.txt": "duplicate"}
    assert "a.txt" in shelf.ledger()["b.txt"].reason
    assert shelf.found("glaciers") == ["a.txt"]

    (shelf.path / "a.txt").unlink()
    shelf.run()
    assert shelf.states() == {"b.txt": "indexed", "c.txt": "duplicate"}
    assert shelf.found("glaciers") == ["b.txt"]

    shelf.write("b.txt", "Edited: about deserts.")
    shelf.run()
    assert shelf.states() == {"b.txt": "indexed", "c.txt": "indexed"}
    assert shelf.found("glaciers") == ["c.txt"]
    assert shelf.run().files_read == 0


def test_a_touched_copy_of_a_deleted_original_is_read(shelf: Shelf) -> None:
    original = shelf.write("a.txt", "The same words about glaciers.")
    copy = shelf.write("b.txt", "The same words about glaciers.")
    shelf.run()
    original.unlink()
    os.utime(copy, (1, 1))
    shelf.run()
    assert shelf.states() == {"b.txt": "indexed"}


def test_what_cannot_be_read_is_in_the_ledger(shelf: Shelf, tmp_path: Path) -> None:
    (shelf.path / "empty.pdf").touch()
    (shelf.path / "broken.pdf").write_bytes(b"%PDF-1.7\n" + random.Random(1).randbytes(3000))
    (shelf.path / "program.exe").write_bytes(b"MZ" + bytes(range(256)) * 20)
    os.mkfifo(shelf.path / "pipe.txt")
    (shelf.path / "loop").symlink_to(".")
    (shelf.path / os.fsdecode(b"\xff.txt")).write_text("x")
    (shelf.path / os.fsdecode(b"folder\xff")).mkdir()
    (shelf.path / os.fsdecode(b"folder\xff") / "in.txt").write_text("x")
    shelf.write("🗝\nnew line.txt", "Words that can be read.")
    shelf.write("x" * 251 + ".txt", "More words that can be read.")
    report = shelf.run()
    states = shelf.states()
    assert states["empty.pdf"] == states["broken.pdf"] == "failed"
    assert states["program.exe"] == states["pipe.txt"] == states["loop"] == "unsupported"
    assert states["\\xff.txt"] == states["folder\\xff/in.txt"] == "unsupported"
    assert states["🗝\nnew line.txt"] == states["x" * 251 + ".txt"] == "indexed"
    assert all(
        entry.reason.endswith(".")
        for entry in shelf.ledger().values()
        if entry.state is not DocumentState.INDEXED
    )
    assert report.files_seen == len(states) == 9
    before = shelf.data_version()
    assert shelf.run().files_read == 0
    assert shelf.data_version() == before


def test_a_file_without_permission_is_tried_again(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf.write("a.txt", "Words behind a door.")
    shelf.write("b.txt", "Words in the open.")
    real = reading.digest_of

    def digest(file: Path, check: Any) -> str:
        if file.name == "a.txt":
            raise PermissionError(13, "Permission denied")
        return real(file, check)

    with monkeypatch.context() as patch:
        patch.setattr(reading, "digest_of", digest)
        shelf.run()
    assert shelf.states() == {"a.txt": "failed", "b.txt": "indexed"}
    assert "permission denied" in shelf.ledger()["a.txt"].reason
    shelf.run()
    assert shelf.states() == {"a.txt": "indexed", "b.txt": "indexed"}


def test_a_shut_folder_keeps_what_was_read(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    shelf.write("inner/a.txt", "Words in a drawer.")
    shelf.run()
    real = os.scandir

    def scandir(path: Path) -> object:
        if Path(path).name == "inner":
            raise PermissionError(13, "Permission denied")
        return real(path)

    with monkeypatch.context() as patch:
        patch.setattr(os, "scandir", scandir)
        shelf.run()
    assert shelf.states() == {"inner/a.txt": "indexed", "inner": "unsupported"}
    shelf.run()
    assert shelf.states() == {"inner/a.txt": "indexed"}


def test_a_folder_that_went_away_stays_searchable(shelf: Shelf, tmp_path: Path) -> None:
    shelf.write("a.txt", "Words about glaciers.")
    shelf.run()
    shelf.path.rename(tmp_path / "elsewhere")
    report = shelf.run()
    assert len(report.problems) == 1
    assert "cannot be opened" in report.problems[0]
    assert shelf.found("glaciers") == ["a.txt"]
    (tmp_path / "elsewhere").rename(shelf.path)
    assert shelf.run().files_unchanged == 1


def test_a_folder_that_goes_away_during_a_run(shelf: Shelf, tmp_path: Path) -> None:
    for number in range(12):
        shelf.write(f"{number:02}.txt", f"Words number {number}.")

    def leave(progress: IndexProgress) -> None:
        if progress.stage is Stage.READING and shelf.path.exists():
            shelf.path.rename(tmp_path / "elsewhere")

    report = shelf.run(on_progress=leave)
    assert not report.cancelled
    assert len(shelf.ledger()) == 12
    (tmp_path / "elsewhere").rename(shelf.path)
    shelf.run()
    assert set(shelf.states().values()) == {"indexed"}
    assert shelf.store.check() == []


def test_a_huge_file_costs_little(shelf: Shelf) -> None:
    for name in ("film.mkv", "zeros.txt"):
        with (shelf.path / name).open("wb") as file:
            file.truncate(2 << 30)
    started = time.monotonic()
    report = shelf.run()
    assert time.monotonic() - started < 10
    assert set(shelf.states().values()) == {"unsupported"}
    assert report.files_not_read == 2


def test_a_file_that_changes_while_it_is_read_is_read_again(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = shelf.write("a.txt", "Before the change.")
    real = reading.Reading._ask

    def ask(self: reading.Reading, *args: Any) -> Any:
        result = real(self, *args)
        file.write_text("After the change, which is longer.")
        return result

    with monkeypatch.context() as patch:
        patch.setattr(reading.Reading, "_ask", ask)
        shelf.run()
    assert shelf.run().files_read == 1
    assert shelf.found("after") == ["a.txt"]
    assert shelf.found("before") == []
    assert shelf.run().files_read == 0


def many(shelf: Shelf, count: int = 30) -> None:
    for number in range(count):
        shelf.write(f"{number:02}.txt", f"Document {number} tells of subject{number}. " * 30)


def contents(store: Store) -> list[tuple[Any, ...]]:
    with store._database.reading() as db:
        return list(
            db.execute(
                "SELECT d.path, d.state, d.passages, g.number, g.text, p.start, p.end, p.heading,"
                " v.embedding FROM documents d JOIN pages g ON g.document_id = d.id"
                " JOIN passages p ON p.page_id = g.id"
                " LEFT JOIN vectors_1 v ON v.passage_id = p.id"
                " ORDER BY d.path, g.number, p.start"
            )
        )


def test_a_stopped_run_goes_on_where_it_was(
    shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress_module, "_EVERY", 0.0)
    many(shelf, 50)
    token = CancelToken()

    def stop(progress: IndexProgress) -> None:
        if progress.files_done >= 5:
            token.cancel()

    report = shelf.run(on_progress=stop, cancel=token)
    assert report.cancelled
    assert 5 <= len(shelf.ledger()) < 50
    stored = len(shelf.ledger())
    token = CancelToken()

    def stop_embedding(progress: IndexProgress) -> None:
        if progress.passages_embedded:
            token.cancel()

    report = shelf.run(on_progress=stop_embedding, cancel=token)
    assert report.cancelled
    assert report.files_unchanged == stored
    assert shelf.store.vectors.waiting() > 0
    assert shelf.run().files_read == 0
    assert shelf.store.vectors.waiting() == 0
    assert shelf.store.check() == []

    other = Store(tmp_path / "Other.carrel")
    other.documents.add_folder(shelf.path)
    straight = Indexer(other, shelf.embedder, readers=1)  # type: ignore[arg-type]
    straight.run(other.documents.folders())
    straight.close()
    assert contents(other) == contents(shelf.store)
    other.close()


def test_closing_ends_a_run_and_says_so(shelf: Shelf) -> None:
    many(shelf, 50)

    def close(progress: IndexProgress) -> None:
        if progress.stage is Stage.READING:
            shelf.indexer.close()

    report = shelf.run(on_progress=close)
    assert report.cancelled
    assert report.files_read < 50
    assert shelf.store.check() == []


def test_words_are_found_before_there_are_vectors(shelf: Shelf) -> None:
    many(shelf, 3)
    seen: list[list[str]] = []

    def look(progress: IndexProgress) -> None:
        if progress.stage is Stage.EMBEDDING and not seen:
            seen.append(shelf.found("subject2"))

    shelf.run(on_progress=look)
    assert seen == [["02.txt"]]
    assert shelf.run(embed=False).embedded == 0


def test_an_embedder_that_crashes_gets_another_chance(shelf: Shelf) -> None:
    many(shelf, 3)
    shelf.embedder.error = ChildCrashedError("It crashed (SIGSEGV).")
    shelf.embedder.failures = 1
    report = shelf.run()
    assert report.problems == ()
    assert shelf.store.vectors.waiting() == 0

    shelf.write("more.txt", "One more document.")
    shelf.embedder.failures = 100
    report = shelf.run()
    assert "found by their words only" in report.problems[0]
    assert shelf.found("one more document")
    shelf.embedder.failures = 0
    assert shelf.run().embedded == 1


def test_a_reader_that_dies_costs_one_file(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    many(shelf, 4)
    (shelf.path / "02b.pdf").write_bytes(b"%PDF-1.7")
    (reader,) = shelf.indexer._readers.children
    real = reader.request

    def request(message: Any, **how: Any) -> Iterator[Any]:
        replies = real(message, **how)
        if message.path.endswith("02.txt"):
            assert isinstance(next(replies), object)
            assert reader._process is not None
            reader._process.kill()
        yield from replies

    monkeypatch.setattr(reader, "request", request)
    shelf.run()
    states = shelf.states()
    assert states.pop("02b.pdf") == "failed"
    assert states.pop("03.txt") == states.pop("01.txt") == states.pop("00.txt") == "indexed"
    assert list(states) == ["02.txt"]


def test_passages_that_do_not_fit_their_page_are_not_believed(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    many(shelf, 2)
    (reader,) = shelf.indexer._readers.children
    real = reader.request

    def request(message: Any, **how: Any) -> Iterator[Any]:
        for reply in real(message, **how):
            if isinstance(reply, PageRead) and message.path.endswith("00.txt"):
                wrong = type(reply.passages[0])(1, 0, len(reply.page.text) + 1)
                yield PageRead(reply.page, (wrong,))
            else:
                yield reply

    monkeypatch.setattr(reader, "request", request)
    shelf.run()
    assert shelf.states() == {"00.txt": "failed", "01.txt": "indexed"}


def test_a_reader_without_an_end_is_a_failure(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    many(shelf, 1)
    (reader,) = shelf.indexer._readers.children
    real = reader.request
    monkeypatch.setattr(
        reader,
        "request",
        lambda message, **how: (r for r in real(message, **how) if not isinstance(r, ReadEnded)),
    )
    shelf.run()
    assert shelf.states() == {"00.txt": "failed"}


def test_progress_only_grows_and_ends(shelf: Shelf) -> None:
    many(shelf, 25)
    (shelf.path / "empty.pdf").touch()
    told: list[IndexProgress] = []
    shelf.run(on_progress=told.append)
    stages = list(Stage)
    for before, after in pairwise(told):
        assert stages.index(before.stage) <= stages.index(after.stage)
        for name in ("files_done", "pages_done", "passages_done", "passages_embedded"):
            assert getattr(before, name) <= getattr(after, name)
        assert after.files_done <= after.files_total or after.stage is Stage.SCANNING
        assert after.passages_embedded <= after.passages_to_embed or not after.passages_to_embed
        assert after.seconds_left is None or after.seconds_left >= 0
    last = told[-1]
    assert last.stage is Stage.DONE
    assert (last.files_done, last.files_total) == (26, 26)
    assert last.passages_embedded == last.passages_to_embed == last.passages_done > 0


def test_an_encrypted_library_is_filled_like_any_other(tmp_path: Path) -> None:
    store = Store(tmp_path / "Secret.carrel", "correct horse")
    shelf = Shelf(store, tmp_path / "folder")
    with pymupdf.open() as pdf:
        pdf.new_page().insert_text((72, 72), "A page about glaciers.")
        pdf.save(shelf.path / "a.pdf")
    assert shelf.run().embedded == 1
    assert shelf.found("glaciers") == ["a.pdf"]
    shelf.indexer.close()
    store.close()
    assert b"glaciers" not in (tmp_path / "Secret.carrel").read_bytes()


def test_two_cannot_index_one_library(library_path: Path, tmp_path: Path) -> None:
    first = Library.open(library_path, exclusive=True)
    try:
        with pytest.raises(LibraryInUseError, match="already in use"):
            Library.open(library_path, exclusive=True)
        second = Library.open(library_path)
        try:
            with pytest.raises(LibraryInUseError, match="already in use"):
                second.index()
            assert second.ledger() == []
        finally:
            second.close()
    finally:
        first.close()
    third = Library.open(library_path)
    assert third.index(embed=False).files_seen == 0
    third.close()


def test_a_file_whose_reader_died_is_tried_once_more(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    many(shelf, 2)
    (reader,) = shelf.indexer._readers.children
    real, tried = reader.request, []

    def request(message: Any, **how: Any) -> Iterator[Any]:
        if message.path.endswith("01.txt"):
            tried.append(message.path)
            raise ChildCrashedError("It crashed (SIGSEGV).")
        return real(message, **how)

    monkeypatch.setattr(reader, "request", request)
    for _ in range(4):
        shelf.run()
    assert len(tried) == 2
    assert shelf.ledger()["01.txt"].reason == "It crashed (SIGSEGV)."
    monkeypatch.undo()
    shelf.write("01.txt", "Another text about lamps.")
    shelf.run()
    assert shelf.states() == {"00.txt": "indexed", "01.txt": "indexed"}


def test_a_folder_that_becomes_part_of_another_during_a_run(
    shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    many(shelf, 6)
    (reader,) = shelf.indexer._readers.children
    real = reader.request

    def request(message: Any, **how: Any) -> Iterator[Any]:
        if message.path.endswith("03.txt"):
            shelf.store.documents.add_folder(tmp_path)
        return real(message, **how)

    monkeypatch.setattr(reader, "request", request)
    shelf.run()
    shelf.run()
    states = shelf.states()
    assert [path for path in states if path.startswith("folder/")] == [
        f"folder/0{number}.txt" for number in range(6)
    ]
    assert set(states.values()) == {"indexed"}
    assert not any(shelf.store.documents.orphans().values())
