"""Folders that live: what moves, what is edited, what is inside other files, what is away."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pymupdf
import pytest
from making import FakeEmbedder

from engine.errors import CancelledError, CarrelError
from engine.indexing import Indexer
from engine.indexing import reading as indexing_reading
from engine.lexical import quoted
from engine.library import Library
from engine.query import Query
from engine.reading.attached import listed
from engine.reading.document import Attachment, Reading
from engine.records import DocumentFacts, DocumentState, IndexReport, LedgerEntry, PageState
from engine.store import Store
from engine.store.connection import select


class Shelf:
    """Some folders that a library follows, with an indexer."""

    def __init__(self, store: Store, place: Path) -> None:
        self.store, self.place = store, place
        self.embedder = FakeEmbedder()
        self.indexer = Indexer(store, self.embedder, readers=1)  # type: ignore[arg-type]
        self.path = self.follow("folder")

    def follow(self, name: str) -> Path:
        folder = self.place / name
        folder.mkdir()
        self.store.documents.add_folder(folder)
        return folder

    def run(self, **how: Any) -> IndexReport:
        self.embedder.texts.clear()
        report = self.indexer.run(self.store.documents.folders(), **how)
        assert self.store.check() == []
        return report

    def ledger(self) -> dict[str, LedgerEntry]:
        return {entry.path: entry for entry in self.store.documents.ledger()}

    def states(self) -> dict[str, str]:
        return {path: entry.state.value for path, entry in self.ledger().items()}

    def found(self, words: str) -> list[str]:
        query = Query.parse(words)
        match = query.matching([quoted(term) for term in query.terms])
        pages = [page for page, _ in self.store.keywords.pages(match, 50)]
        found = self.store.search.of_pages(pages, None).passages.tolist()
        return sorted({p.document for p in self.store.search.passages(found).values()})

    def vectors(self) -> dict[str, set[int]]:
        """Ids of the passages that have a vector, by document."""
        with self.store._database.reading() as db:
            rows = select(
                db,
                "SELECT d.path, v.passage_id FROM vectors_1 v "
                "JOIN passages p ON p.id = v.passage_id JOIN documents d ON d.id = p.document_id",
            )
        found: dict[str, set[int]] = {}
        for path, passage in rows:
            found.setdefault(path, set()).add(passage)
        return found


@pytest.fixture
def shelf(store: Store, tmp_path: Path) -> Iterator[Shelf]:
    shelf = Shelf(store, tmp_path)
    yield shelf
    shelf.indexer.close()


def write_pdf(
    file: Path, *pages: str, attached: dict[str, bytes] | None = None, **how: Any
) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    with pymupdf.open() as pdf:
        for text in pages:
            pdf.new_page().insert_textbox((72, 72, 520, 760), text)
        for name, content in (attached or {}).items():
            pdf.embfile_add(name, content, filename=name)
        pdf.save(file, **how)
    return file


def page_text(number: int, words: str = "tells of its matter") -> str:
    return "\n\n".join(
        f"Paragraph {part} of page {number} {words}. " * 12 for part in ("one", "two", "three")
    )


# --- moves ----------------------------------------------------------------------------------


def test_a_renamed_document_keeps_all_that_it_has(shelf: Shelf) -> None:
    file = write_pdf(shelf.path / "old name.pdf", *(page_text(n) for n in range(300)))
    shelf.run()
    (before,) = shelf.ledger().values()
    held = shelf.vectors()["old name.pdf"]
    assert before.pages == 300
    assert len(held) == before.embedded == before.passages >= 300

    file.rename(shelf.path / "new title.pdf")
    report = shelf.run()
    assert (report.files_moved, report.files_read, report.files_removed) == (1, 0, 0)
    assert shelf.embedder.texts == []
    (after,) = shelf.ledger().values()
    assert (after.document_id, after.title) == (before.document_id, "new title")
    assert shelf.vectors() == {"new title.pdf": held}
    assert shelf.store.keywords.names('"old"', 5) == []
    assert shelf.store.keywords.names('"new"', 5) != []
    assert shelf.found("title paragraph") == ["new title.pdf"]
    assert shelf.found("old") == []


def test_a_folder_that_moves_takes_its_documents_along(shelf: Shelf) -> None:
    other = shelf.follow("other")
    (other / "kept.txt").write_text("What was here before.")
    for number in range(5):
        place = shelf.path / "part" / f"{number}.txt"
        place.parent.mkdir(exist_ok=True)
        place.write_text(f"Document {number} about lighthouses.")
    (shelf.path / "stays.txt").write_text("A document that stays.")
    shelf.run()
    ids = {entry.title: entry.document_id for entry in shelf.ledger().values()}
    shutil.move(shelf.path / "part", other / "elsewhere")
    report = shelf.run()
    assert (report.files_moved, report.embedded) == (5, 0)
    assert {entry.title: entry.document_id for entry in shelf.ledger().values()} == ids
    assert "elsewhere/3.txt" in shelf.ledger()
    assert shelf.run().files_unchanged == 7


def test_a_copy_is_no_move_and_one_of_two_moves_once(shelf: Shelf) -> None:
    (shelf.path / "a.txt").write_text("The same words.")
    (shelf.path / "b.txt").write_text("The same words.")
    (shelf.path / "other.txt").write_text("Other words.")
    shelf.run()
    shutil.copy(shelf.path / "a.txt", shelf.path / "copy.txt")
    assert shelf.run().files_moved == 0
    (shelf.path / "a.txt").rename(shelf.path / "x.txt")
    (shelf.path / "b.txt").rename(shelf.path / "y.txt")
    report = shelf.run()
    assert (report.files_moved, report.embedded) == (2, 0)
    states = shelf.states()
    assert sorted(states.values()) == ["duplicate", "duplicate", "indexed", "indexed"]
    assert set(states) == {"copy.txt", "other.txt", "x.txt", "y.txt"}


# --- edits ----------------------------------------------------------------------------------


def test_an_edited_page_costs_only_its_changed_passages(shelf: Shelf) -> None:
    texts = [page_text(number) for number in range(40)]
    write_pdf(shelf.path / "report.pdf", *texts)
    shelf.run()
    before = shelf.vectors()["report.pdf"]
    number = shelf.ledger()["report.pdf"].document_id

    texts[20] = page_text(20, "was written anew")
    write_pdf(shelf.path / "report.pdf", *texts)
    report = shelf.run()
    assert report.files_read == 1
    assert shelf.embedder.texts != []
    assert all("page 20" in text for text in shelf.embedder.texts)
    after = shelf.vectors()["report.pdf"]
    assert len(before - after) == len(after - before) == len(shelf.embedder.texts)
    assert shelf.ledger()["report.pdf"].document_id == number
    assert shelf.found("anew") == ["report.pdf"]


def test_a_page_put_in_front_moves_all_and_embeds_one(shelf: Shelf) -> None:
    texts = [page_text(number) for number in range(10)]
    write_pdf(shelf.path / "report.pdf", *texts)
    shelf.run()
    before = shelf.vectors()["report.pdf"]
    write_pdf(shelf.path / "report.pdf", page_text(99, "is new"), *texts)
    shelf.run()
    assert all("page 99" in text for text in shelf.embedder.texts)
    assert before < shelf.vectors()["report.pdf"]
    number = shelf.ledger()["report.pdf"].document_id
    texts_now = [p.text for p in shelf.store.search.of_document(number)]
    assert texts_now == sorted(texts_now, key=lambda text: int(text.split(" page ")[1].split()[0])
                               if "page 99" not in text else -1)  # fmt: skip

    write_pdf(shelf.path / "report.pdf", texts[3])
    shelf.run()
    assert shelf.embedder.texts == []
    assert shelf.vectors()["report.pdf"] < before
    assert shelf.ledger()["report.pdf"].pages == 1


def test_what_an_edit_leaves_is_still_found_by_meaning(shelf: Shelf) -> None:
    (shelf.path / "a.md").write_text("# Lamps\n\nA lamp in the tower.\n\n# Boats\n\nA small boat.")
    (shelf.path / "b.md").write_text("# Trees\n\nAn old orchard.")
    shelf.run()

    def nearest(words: str) -> list[str]:
        vector = shelf.embedder.query(words).vector
        found = shelf.store.search.semantic(1, vector, 10)
        passages = shelf.store.search.passages([each.passage_id for each in found])
        return [passages[each.passage_id].text for each in found]

    assert len(nearest("lamp")) == 3
    (shelf.path / "a.md").write_text("# Lamps\n\nA lamp in the tower.\n\n# Boats\n\nA big ferry.")
    shelf.run()
    assert len(shelf.embedder.texts) == 1
    texts = nearest("lamp")
    assert len(texts) == 3
    assert not any("small" in text for text in texts)
    assert any("ferry" in text for text in texts)


# --- away -----------------------------------------------------------------------------------


def test_an_emptied_or_missing_folder_keeps_what_was_read(shelf: Shelf, tmp_path: Path) -> None:
    (shelf.path / "a.txt").write_text("Words about glaciers.")
    (shelf.path / "b.txt").write_text("Words about deserts.")
    shelf.run()
    assert all(entry.available for entry in shelf.ledger().values())

    shelf.path.rename(tmp_path / "drive")
    report = shelf.run()
    assert "cannot be opened" in report.problems[0]
    assert not any(entry.available for entry in shelf.ledger().values())

    shelf.path.mkdir()  # the mount point without its drive
    report = shelf.run()
    assert "is empty" in report.problems[0]
    assert shelf.found("glaciers") == ["a.txt"]
    assert not any(entry.available for entry in shelf.ledger().values())

    shelf.path.rmdir()
    (tmp_path / "drive").rename(shelf.path)
    report = shelf.run()
    assert (report.files_unchanged, report.problems) == (2, ())
    assert all(entry.available for entry in shelf.ledger().values())

    (shelf.path / "a.txt").unlink()
    assert shelf.run().files_removed == 1
    assert set(shelf.states()) == {"b.txt"}


# --- attachments ----------------------------------------------------------------------------


def pdf_bytes(place: Path, text: str, attached: dict[str, bytes] | None = None) -> bytes:
    return write_pdf(place / "inner" / "made.pdf", text, attached=attached).read_bytes()


@pytest.fixture
def letter(shelf: Shelf, tmp_path: Path) -> Path:
    inner = pdf_bytes(tmp_path, "An enclosure about windmills.", {"note.txt": b"Deep in harbours."})
    attached = {"enclosure.pdf": inner, "table.csv": b"place,height\nlighthouse,40\n"}
    return write_pdf(shelf.path / "letter.pdf", "A letter about glaciers.", attached=attached)


def test_attachments_are_documents_of_their_own(shelf: Shelf, letter: Path) -> None:
    report = shelf.run()
    assert shelf.states() == {
        "letter.pdf": "indexed",
        "letter.pdf/enclosure.pdf": "indexed",
        "letter.pdf/enclosure.pdf/note.txt": "indexed",
        "letter.pdf/table.csv": "indexed",
    }
    ledger = shelf.ledger()
    parent = ledger["letter.pdf"]
    assert parent.parent_id is None
    assert ledger["letter.pdf/table.csv"].parent_id == parent.document_id
    inner = ledger["letter.pdf/enclosure.pdf"]
    assert ledger["letter.pdf/enclosure.pdf/note.txt"].parent_id == inner.document_id
    assert shelf.found("windmills") == ["letter.pdf/enclosure.pdf"]
    assert shelf.found("harbours") == ["letter.pdf/enclosure.pdf/note.txt"]
    assert (report.files_seen, report.files_read, report.embedded) == (1, 4, 4)
    assert shelf.run().files_read == 0

    location = shelf.store.documents.location(
        ledger["letter.pdf/enclosure.pdf/note.txt"].document_id
    )
    assert (location.file, location.inside) == (letter, ("enclosure.pdf", "note.txt"))


def test_attachments_live_and_die_with_their_parent(
    shelf: Shelf, letter: Path, tmp_path: Path
) -> None:
    shelf.run()
    ids = {path: entry.document_id for path, entry in shelf.ledger().items()}
    moved = letter.rename(shelf.path / "moved.pdf")
    (shelf.path / "other.txt").write_text("Something else.")
    report = shelf.run()
    assert (report.files_moved, report.files_read) == (1, 1)
    assert (
        shelf.ledger()["moved.pdf/enclosure.pdf/note.txt"].document_id
        == ids["letter.pdf/enclosure.pdf/note.txt"]
    )
    assert shelf.found("windmills") == ["moved.pdf/enclosure.pdf"]

    table = {"table.csv": b"place,height\nlighthouse,40\n", "more.txt": b"About orchards."}
    write_pdf(moved, "A letter about glaciers.", attached=table)
    shelf.run()
    assert set(shelf.states()) == {
        "moved.pdf", "moved.pdf/table.csv", "moved.pdf/more.txt", "other.txt",
    }  # fmt: skip
    assert shelf.ledger()["moved.pdf/table.csv"].document_id == ids["letter.pdf/table.csv"]
    assert [text.split("\n")[-1] for text in shelf.embedder.texts] == ["About orchards."]
    moved.unlink()
    shelf.run()
    assert set(shelf.states()) == {"other.txt"}


def test_an_attachment_that_is_here_already_is_a_duplicate(shelf: Shelf, letter: Path) -> None:
    (shelf.path / "a table.csv").write_bytes(b"place,height\nlighthouse,40\n")
    shelf.run()
    ledger = shelf.ledger()
    assert ledger["letter.pdf/table.csv"].state is DocumentState.DUPLICATE
    assert "a table.csv" in ledger["letter.pdf/table.csv"].reason
    (shelf.path / "a table.csv").unlink()
    shelf.run()
    assert shelf.states()["letter.pdf/table.csv"] == "indexed"
    assert shelf.found("lighthouse") == ["letter.pdf/table.csv"]


def test_a_run_that_ended_between_them_goes_on_with_the_attachments(
    shelf: Shelf, letter: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = indexing_reading.Reading.read

    def read(self: indexing_reading.Reading, job: Any) -> Any:
        if job.found.inside:
            raise CancelledError("killed")
        return real(self, job)

    with monkeypatch.context() as patch:
        patch.setattr(indexing_reading.Reading, "read", read)
        assert shelf.run().cancelled
    assert set(shelf.states()) == {"letter.pdf"}
    shelf.run()
    assert len(shelf.states()) == 4
    assert set(shelf.states().values()) == {"indexed"}


def test_files_too_deep_or_too_many_are_told_of(shelf: Shelf, tmp_path: Path) -> None:
    content = b"The innermost words."
    name = "inner.txt"
    for depth in range(7):
        content = pdf_bytes(tmp_path, f"Level {depth}.", {name: content})
        name = "inner.pdf"
    (shelf.path / "deep.pdf").write_bytes(content)
    shelf.run()
    ledger = shelf.ledger()
    deepest = "deep.pdf" + 5 * "/inner.pdf"
    assert max(path.count("/") for path in ledger) == 5
    assert ledger[deepest].state is DocumentState.PARTIAL
    assert "too deep" in ledger[deepest].reason

    many = tuple(Attachment(f"{number}.txt", lambda: b"") for number in range(502))
    names, left_out = listed(Reading(DocumentFacts("mail", "", 1), iter(()), "", many), 0)
    assert len(names) == 500
    assert left_out == "2 files of 502 inside it were not read."
    bad = tuple(Attachment(name, lambda: b"") for name in ("..", "a/b", "", "x" * 300, "ok"))
    assert listed(Reading(DocumentFacts("mail", "", 1), iter(()), "", bad), 0)[0] == ("ok",)


def test_an_attachment_is_shown_and_its_file_is_the_one_that_holds_it(
    letter: Path, tmp_path: Path
) -> None:
    library = Library.open(tmp_path / "Other.carrel")
    library.add_folder(letter.parent)
    library.index(embed=False)
    number = {entry.path: entry.document_id for entry in library.ledger()}[
        "letter.pdf/enclosure.pdf"
    ]
    source = library.source_page(number, 1)
    assert (source.file, source.document) == (str(letter), "letter.pdf/enclosure.pdf")
    assert (source.available, source.has_image) == (True, True)
    assert "windmills" in source.page.text
    assert library.render_page(number, 1, 0.5).width == 298
    library.close()


def test_a_folder_in_place_of_a_file_that_held_others(shelf: Shelf, letter: Path) -> None:
    (shelf.path / "else.txt").write_text("Something else about orchards.")
    shelf.run()
    letter.unlink()
    letter.mkdir()
    (shelf.path / "else.txt").rename(letter / "enclosure.pdf")
    report = shelf.run()
    assert report.files_moved == 1
    assert set(shelf.states()) == {"letter.pdf/enclosure.pdf"}
    assert shelf.ledger()["letter.pdf/enclosure.pdf"].parent_id is None


# --- locked files ---------------------------------------------------------------------------


@pytest.mark.parametrize("secret", [None, "correct horse"])
def test_a_locked_file_is_opened_once_and_read_from_then_on(
    tmp_path: Path, secret: str | None
) -> None:
    folder = tmp_path / "folder"
    lock = {"encryption": pymupdf.PDF_ENCRYPT_AES_256, "user_pw": "sesame", "owner_pw": "owner"}
    file = write_pdf(
        folder / "locked.pdf", "Words about glaciers.", attached={"in.txt": b"Enclosed."}, **lock
    )
    path = tmp_path / "Matter.carrel"
    library = Library.open(path, passphrase=secret)
    library.add_folder(folder)
    library.index(embed=False)
    (entry,) = library.ledger()
    assert entry.state is DocumentState.LOCKED
    with pytest.raises(CarrelError, match="does not open"):
        library.unlock(entry.document_id, "wrong")
    library.unlock(entry.document_id, "sesame")
    library.index(embed=False)
    states = {entry.path: entry.state.value for entry in library.ledger()}
    assert states == {"locked.pdf": "indexed", "locked.pdf/in.txt": "indexed"}
    assert library.render_page(entry.document_id, 1, 0.2).width > 0
    (page,) = library.pages_of(entry.document_id)
    assert (page.number, page.state, page.hidden) == (1, PageState.TEXT, 0)
    write_pdf(file, "Words about deserts.", **lock)
    library.index(embed=False)
    assert library.source_page(entry.document_id, 1).page.text.strip() == "Words about deserts."
    library.close()

    again = Library.open(path, passphrase=secret)
    write_pdf(file, "Words about harbours.", **lock)
    again.index(embed=False)
    (entry,) = again.ledger()
    expected = DocumentState.LOCKED if secret is None else DocumentState.INDEXED
    assert entry.state is expected
    again.close()
    assert b"sesame" not in path.read_bytes()
