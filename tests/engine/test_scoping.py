"""Which documents a search looks in, and what it says when it found nothing there."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest
from making import FakeEmbedder, document, embed_all

from engine.cli import output
from engine.records import Coverage, DocumentState, Scope, SearchMode
from engine.retrieval import Retriever
from engine.scoping import Scoping
from engine.store import Store
from engine.store.documents import FileRecord, ReadResult


def day(text: str) -> int:
    """Noon of a day here, in nanoseconds."""
    return int(datetime.datetime.fromisoformat(f"{text}T12:00").timestamp()) * 1_000_000_000


def shelve(store: Store, path: str, modified: str, result: ReadResult, home: str) -> None:
    folder = store.documents.add_folder(Path("/home") / home)
    record = FileRecord(folder.id, path, 100, day(modified), digest=path)
    store.documents.put(record, result, reader=1)


def unread(kind: str, state: DocumentState) -> ReadResult:
    return ReadResult(kind, "", state, "It could not be read.")


@pytest.fixture
def shelf(store: Store) -> Store:
    def text(kind: str, words: str) -> ReadResult:
        made = document(words)
        return ReadResult(kind, made.title, made.state, "", made.pages)

    for path, modified, result, home in (
        ("leases/Lease of 14 Linden Row.docx", "2021-12-31", text("word", "rent lamp"), "Matters"),
        ("leases/old/lease 2.pdf", "2022-01-01", text("pdf", "rent draft"), "Matters"),
        ("minutes.html", "2022-05-31", text("html", "rent the final draft"), "Matters"),
        ("figures.csv", "2023-06-01", text("text", "rent 5 %"), "Accounts"),
        ("locked.docx", "2023-06-02", unread("docx", DocumentState.LOCKED), "Accounts"),
        ("broken.pdf", "2023-06-02", unread("pdf", DocumentState.FAILED), "Accounts"),
    ):
        shelve(store, path, modified, result, home)
    return store


def found(store: Store, text: str, scope: Scope | None = None) -> set[str]:
    inside = Scoping(store).resolve(text, scope or Scope()).documents
    places = store.documents.places()
    return {p.path.split(".")[-1] for p in places if inside is None or p.document_id in inside}


EVERYTHING = {"docx", "pdf", "html", "csv"}


@pytest.mark.parametrize(
    ("text", "suffixes"),
    [
        ("rent", EVERYTHING),
        ("rent file:*.pdf", {"pdf"}),
        ("rent file:LINDEN", {"docx"}),
        ('rent file:"linden row"', {"docx"}),
        ("rent file:minutes.html", {"html"}),
        ("rent file:minutes.html file:figures", {"html", "csv"}),
        ("rent file:old/lease", {"pdf"}),
        ("rent folder:leases", {"docx", "pdf"}),
        ("rent folder:lea -folder:old", {"docx"}),
        ("rent folder:matters/leases", {"docx", "pdf"}),
        ("rent folder:acc*", {"csv", "docx", "pdf"}),
        ("rent type:word", {"docx"}),
        ("rent type:DOCX", {"docx"}),
        ("rent type:.csv", {"csv"}),
        ("rent type:text type:web", {"csv", "html"}),
        ("rent -type:pdf", {"docx", "html", "csv"}),
        ("rent before:2022 folder:matters", {"docx"}),
        ("rent after:2022 before:2022-05-31", {"pdf"}),
        ("rent after:2022-05-31 before:2022/06", {"html"}),
        ("rent -after:2022", {"docx"}),
        ("rent after:9998-12-31", set()),
        ("rent before:0001", set()),
        ("rent file:nothing", set()),
        ("rent file:[", set()),
    ],
)
def test_operators_narrow(shelf: Store, text: str, suffixes: set[str]) -> None:
    assert found(shelf, text) == suffixes


def test_scope_and_operators_narrow_together(shelf: Store) -> None:
    accounts = next(f.id for f in shelf.documents.folders() if f.path.endswith("Accounts"))
    assert found(shelf, "rent type:text", Scope(folder_ids=(accounts,))) == {"csv"}
    assert found(shelf, "rent type:html", Scope(folder_ids=(accounts,))) == set()
    assert found(shelf, "rent", Scope(formats=("word", "html"))) == {"docx", "html"}
    year = Scope(after=datetime.date(2022, 1, 1), before=datetime.date(2023, 1, 1))
    assert found(shelf, "rent", year) == {"pdf", "html"}
    assert found(shelf, "rent after:2022-02", year) == {"html"}
    assert found(shelf, "rent", Scope(document="*.pdf", after=datetime.date(2023, 1, 1))) == {"pdf"}


@pytest.mark.parametrize(
    ("text", "left", "said"),
    [
        ("rent before:soon", "rent before:soon", "2022-05-31"),
        ("rent after:2022-13", "rent after:2022-13", "2022-05-31"),
        ("rent type:xyz", "rent type:xyz", "there are: html, pdf, text, word"),
        ("rent type:xyz type:pdf", "rent type:xyz", "“type:xyz” was searched for as words"),
        ("rent file:nothing", "rent", "No document matches “file:nothing”."),
        ("type:pdf", "", "add a word"),
        ("-draft", "", "add a word"),
        ("rent type:pdf", "rent", ""),
    ],
)
def test_nothing_is_swallowed(shelf: Store, text: str, left: str, said: str) -> None:
    scoped = Scoping(shelf).resolve(text, Scope())
    assert scoped.query.text == left
    assert said in scoped.notice
    assert bool(scoped.notice) == bool(said)
    assert (scoped.documents is None) == (not scoped.query.operators)


def test_a_search_obeys_operators_in_words_and_in_meaning(shelf: Store) -> None:
    embed_all(shelf)
    embedder = FakeEmbedder()
    retriever = Retriever(shelf, embedder)  # type: ignore[arg-type]
    for mode in SearchMode:
        result = retriever.search("rent -draft", mode=mode)
        assert {hit.document.split(".")[-1] for hit in result.hits} == {"docx", "csv"}
        assert (result.query, result.words) == ("rent -draft", "rent")
        hits = retriever.search('rent "draft" -"final draft" type:pdf type:web', mode=mode).hits
        assert [hit.document for hit in hits] == ["leases/old/lease 2.pdf"]
    assert set(embedder.texts) == {"rent", 'rent "draft"'}


def test_nothing_found_says_what_was_searched(shelf: Store) -> None:
    retriever = Retriever(shelf, FakeEmbedder())  # type: ignore[arg-type]
    assert retriever.search("rent").coverage is None
    words = SearchMode.KEYWORD
    assert retriever.search("zebra", mode=words).coverage == Coverage(4, 2, 4)
    assert retriever.search("zebra type:word", mode=words).coverage == Coverage(1, 1, 4)
    assert retriever.search("rent file:nothing").coverage == Coverage(0, 0, 4)
    embed_all(shelf)
    scope = Scope(formats=("pdf",))
    assert retriever.search("zebra", mode=words, scope=scope).coverage == Coverage(1, 1, 0)


def test_the_command_line_says_so_too(shelf: Store) -> None:
    retriever = Retriever(shelf, FakeEmbedder())  # type: ignore[arg-type]
    result = retriever.search("zebra before:soon", mode=SearchMode.KEYWORD)
    text = output.search_text(result)
    assert "“before:soon” was searched for as words" in text
    assert "Nothing found in 4 documents. 2 could not be read" in text
    assert "4 passages have no vector" in text
    value = output.search_json(result)
    assert value["searched"] == {"documents": 4, "unread": 2, "waiting": 4}
    assert "searched" not in output.search_json(retriever.search("rent"))
    one = retriever.search("zebra type:csv", mode=SearchMode.KEYWORD)
    assert "Nothing found in 1 document. " in output.search_text(one)
