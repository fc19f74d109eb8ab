"""Documents, vectors, searching and conversations in one library file."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import numpy as np
import pytest
from making import DIMENSION, document, embed_all, put, unit_vectors

from engine.answers import Answer, Citation, Claim, Support, Timings
from engine.errors import CarrelError
from engine.lexical import expressions, quoted
from engine.query import Query
from engine.records import Box, DocumentState, PageState
from engine.store import Store
from engine.store.connection import count
from engine.store.documents import FileRecord, FolderGoneError, ReadResult
from engine.store.keywords import Frequencies


def rows(store: Store) -> dict[str, int]:
    tables = ("documents", "pages", "passages", "keywords_docsize", "vectors_1")
    with store._database.reading() as db:
        return {table: count(db, f"SELECT count(*) FROM {table}") for table in tables}


def found(store: Store, words: str, documents: set[int] | None = None) -> list[str]:
    """The first passage of each page that holds the words."""
    pages = store.keywords.pages(everything(words), 20, documents)
    first: dict[int, str] = {}
    for page, _ in pages:
        passage = int(store.search.of_pages([page], None).passages[0])
        first[page] = store.search.passages([passage])[passage].text
    return list(first.values())


def everything(words: str) -> str:
    query = Query.parse(words)
    return query.matching([e for term in query.terms for e in expressions(term)])


# --- documents -----------------------------------------------------------------------------


def test_a_document_comes_back_whole(store: Store) -> None:
    result = document(
        ["First part.", "Second part."], "", "Third — naïve, 文字, 🗝.", title="A title"
    )
    number = put(store, "folder/a.txt", result)
    for page, _ in result.pages:
        assert store.documents.page(number, page.number) == page
    assert store.documents.page(number, 2).state is PageState.EMPTY
    (entry,) = store.documents.ledger()
    assert (entry.title, entry.pages, entry.pages_text, entry.pages_empty) == ("A title", 3, 2, 1)
    assert (entry.passages, entry.embedded) == (3, 0)
    assert store.documents.file_of(number) == (
        "/documents", "folder/a.txt", "A title", "text", 3,
    )  # fmt: skip
    for missing in (0, 4, -1):
        with pytest.raises(CarrelError, match="no page"):
            store.documents.page(number, missing)
    with pytest.raises(CarrelError, match="no longer"):
        store.documents.file_of(number + 1)


def test_passages_are_cut_from_their_page_by_code_points(store: Store) -> None:
    put(store, "a.txt", document(["🗝 key ключ", "नमस्ते e\u0301 after", "end"]))
    embedder = store.vectors.embedder_id("f" * 64, "fake", DIMENSION)
    texts = [passage.text for passage in store.vectors.next_to_embed(embedder, 10)]
    assert texts == ["🗝 key ключ", "नमस्ते e\u0301 after", "end"]


def test_an_edit_replaces_everything_and_keeps_the_id(store: Store) -> None:
    number = put(store, "a.txt", document("old words", "more old words"))
    put(store, "b.txt", document("unrelated"))
    embed_all(store)
    assert put(store, "a.txt", document("new words")) == number
    assert rows(store) == {
        "documents": 2, "pages": 2, "passages": 2, "keywords_docsize": 2, "vectors_1": 1,
    }  # fmt: skip
    assert found(store, "old") == []
    assert found(store, "new") == ["new words"]
    assert store.check() == []


def test_nothing_is_left_of_what_is_removed(store: Store) -> None:
    for number in range(8):
        put(store, f"{number}.txt", document(f"some words {number}", "and more"))
    embed_all(store)
    store.documents.delete(entry.document_id for entry in store.documents.ledger()[:3])
    assert store.check() == []
    put(store, "late.txt", document("without a vector"))
    (folder,) = store.documents.folders()
    store.documents.remove_folder(folder.id)
    assert set(rows(store).values()) == {0}
    assert store.documents.folders() == []
    assert store.check() == []


def test_a_check_finds_what_belongs_to_nothing(store: Store) -> None:
    put(store, "a.txt", document("some words", "and more"))
    embed_all(store)
    store._database._writer.pragma("foreign_keys", 0)
    with store._database.writing() as db:
        db.execute("DELETE FROM passages WHERE id = 1")
    problems = "\n".join(store.check())
    assert "keyword rows" in problems
    assert "vectors of embedder 1" in problems


def test_an_inner_folder_becomes_part_of_the_outer_one(store: Store) -> None:
    inner = put(store, "a.txt", document("inner words"), folder=Path("/top/mid/in"))
    other = put(store, "a.txt", document("other words"), folder=Path("/top/middle"))
    embed_all(store)
    outer = store.documents.add_folder(Path("/top/mid"))
    assert {folder.path for folder in store.documents.folders()} == {"/top/mid", "/top/middle"}
    assert store.documents.file_of(inner)[:2] == ("/top/mid", "in/a.txt")
    assert store.documents.file_of(other)[:2] == ("/top/middle", "a.txt")
    assert store.documents.add_folder(Path("/top/mid/in/deeper")) == outer
    assert store.documents.add_folder(Path("/top/mid")) == outer
    assert found(store, "inner") == ["inner words"]
    assert store.check() == []


def test_a_folder_whose_name_is_no_text_is_refused(store: Store) -> None:
    with pytest.raises(CarrelError, match="not valid text"):
        store.documents.add_folder(Path(os.fsdecode(b"/documents/\xff\xfe")))


def test_states_and_originals(store: Store) -> None:
    folder = store.documents.add_folder(Path("/documents"))
    states = list(DocumentState)
    for number, state in enumerate(states):
        record = FileRecord(folder.id, f"{number}.txt", 1, 1, "same")
        store.documents.put(record, ReadResult("text", "", state, "why"), reader=1)
    assert store.documents.status().states == dict.fromkeys(states, 1)
    assert store.documents.status().documents == len(states)
    assert store.documents.holder_of("same", folder.id, "0.txt") == "1.txt"
    assert store.documents.holder_of("same", folder.id, "9.txt") == "0.txt"
    assert store.documents.holder_of("other", folder.id, "9.txt") is None
    assert store.documents.orphaned_duplicates() == []
    store.documents.delete([1, 2])
    assert store.documents.orphaned_duplicates() == [(folder.id, "5.txt", 6)]


# --- vectors -------------------------------------------------------------------------------


def test_vectors_for_what_is_gone_are_passed_over(store: Store) -> None:
    number = put(store, "a.txt", document("one", "two"))
    put(store, "b.txt", document("three"))
    embedder = store.vectors.embedder_id("f" * 64, "fake", DIMENSION)
    waiting = store.vectors.next_to_embed(embedder, 10)
    store.documents.delete([number])
    ids = [passage.id for passage in waiting]
    store.vectors.put(embedder, ids, unit_vectors([passage.text for passage in waiting]))
    store.vectors.put(embedder, ids, unit_vectors([passage.text for passage in waiting]))
    assert rows(store)["vectors_1"] == 1
    assert store.vectors.waiting(embedder) == 0
    assert store.check() == []


def test_vectors_of_a_wrong_size_are_not_stored(store: Store) -> None:
    put(store, "a.txt", document("one"))
    embedder = store.vectors.embedder_id("f" * 64, "fake", DIMENSION)
    (passage,) = store.vectors.next_to_embed(embedder, 1)
    with pytest.raises(Exception, match=r"(?i)dimension"):
        store.vectors.put(embedder, [passage.id], np.ones((1, 3), np.float32))
    assert store.vectors.waiting(embedder) == 1
    assert store.check() == []


def test_two_who_meet_an_embedder_first_agree(store: Store) -> None:
    numbers: list[int] = []
    errors: list[BaseException] = []
    barrier = threading.Barrier(4)

    def meet() -> None:
        barrier.wait()
        try:
            numbers.append(store.vectors.embedder_id("f" * 64, "fake", DIMENSION))
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=meet, daemon=True) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert not errors
    assert numbers == [1, 1, 1, 1]


# --- searching -----------------------------------------------------------------------------


def test_semantic_search_is_by_cosine(store: Store) -> None:
    texts = ["red apple", "green apple", "a walk by the sea"]
    for number, text in enumerate(texts):
        put(store, f"{number}.txt", document(text))
    embedder = embed_all(store)
    (vector,) = unit_vectors(["red apple"])
    candidates = store.search.semantic(embedder, vector, 10)
    passages = store.search.passages([candidate.passage_id for candidate in candidates])
    assert [passages[candidate.passage_id].text for candidate in candidates] == texts
    expected = unit_vectors(texts) @ vector
    assert [candidate.score for candidate in candidates] == pytest.approx(expected, abs=1e-5)
    assert len(store.search.semantic(embedder, vector, 2)) == 2
    assert len(store.search.semantic(embedder, vector, 100_000)) == 3


def test_both_searches_stay_inside_their_documents(store: Store) -> None:
    ids = [put(store, f"{n}.txt", document("the same words")) for n in range(6)]
    embedder = embed_all(store)
    (vector,) = unit_vectors(["same words"])
    wanted = {ids[1], ids[4]}
    pages = [page for page, _ in store.keywords.pages('"same"', 2, wanted)]
    assert set(store.search.of_pages(pages, None).documents.tolist()) == wanted
    candidates = store.search.semantic(embedder, vector, 2, wanted)
    passages = store.search.passages([candidate.passage_id for candidate in candidates])
    assert {passage.document_id for passage in passages.values()} == wanted
    assert store.keywords.pages('"same"', 10, set()) == []
    assert store.search.semantic(embedder, vector, 10, set()) == []


HOSTILE = [
    "",
    " ",
    '"',
    '""',
    '"""',
    "'",
    "NEAR(a b)",
    "AND OR NOT",
    "a AND",
    "title: heading: body:words",
    "{title} : words",
    "-words",
    "^words*",
    "words) OR (1=1",
    '"words" "',
    '"* OR words"',
    "words\x00more",
    '"words\x00more"',
    "🗝🗝🗝",
    "e\u0301 ﷺ ²³ ª",
    "\u202ewords\u202c",
    "the of and",
    "-- ; DROP TABLE passages",
    "%_?*[]",
    "words " * 10_000,
    " ".join(f"word{n}" for n in range(10_000)),
    "x" * 100_000,
    '"' + "words " * 5_000 + '"',
    "𞤀𞤣𞤤𞤢𞤥 𐴀𐴁",
]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text[:20]))
def test_no_query_is_syntax(store: Store, text: str) -> None:
    put(store, "a.txt", document("some words or others"))
    parsed = Query.parse(text)
    for match in (everything(text), parsed.matching(parsed.unfinished())):
        if match:
            assert len(store.keywords.pages(match, 10)) <= 1
    store.keywords.frequencies([e for term in parsed.terms[:50] for e in expressions(term)])


def test_words_are_found_whatever_their_form(store: Store) -> None:
    put(store, "a.txt", document("The committees were meeting in Zürich."))
    for words in ("committee", "MEETINGS", "zurich", "Zürich", '"meeting in zurich"'):
        assert found(store, words), words
    assert found(store, '"zurich meeting"') == []


def test_frequencies_are_of_pages(store: Store) -> None:
    put(store, "fruit.txt", document(["apples and pears", "an apple"], "apples", "plums"))
    words = ['"apple"', '"plum"', '"fig"', quoted('a"b')]
    assert store.keywords.frequencies(words) == Frequencies(
        3, dict(zip(words, (2, 1, 0, 0), strict=True))
    )
    assert store.keywords.frequencies(['"fruits"'], "names") == Frequencies(1, {'"fruits"': 1})


def test_frequencies_follow_a_library_that_grows(store: Store) -> None:
    put(store, "a.txt", document("apples"))
    assert store.keywords.frequencies(['"apple"']).of == {'"apple"': 1}
    put(store, "b.txt", document("apples", "more apples"))
    assert store.keywords.frequencies(['"apple"']) == Frequencies(3, {'"apple"': 3})


def test_a_compound_of_common_words_is_not_counted(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.store.keywords._DEAR", 2)
    put(store, "a.txt", document("s-3 of the lake", "the s", "a 3", "s 3", "gene x-3"))
    assert store.keywords.frequencies(['"s-3"']).of == {'"s-3"': 3}  # it stands there twice
    assert store.keywords.frequencies(['"x-3"']).of == {'"x-3"': 1}


def test_many_rows_are_estimated(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.store.keywords._COUNTED", 10)
    for number in range(60):
        put(store, f"{number}.txt", document("even" if number % 2 else "odd"))
    assert store.keywords.frequencies(['"even"']).of['"even"'] == pytest.approx(30, abs=2)


def test_a_document_is_known_by_the_folder_that_it_came_into(store: Store) -> None:
    number = put(store, "lease.txt", document("rent"), folder=Path("/clients/acme"))
    assert store.keywords.names('"acme"', 10) == []
    store.documents.add_folder(Path("/clients"))
    assert [row for row, _ in store.keywords.names('"acme"', 10)] == [number]
    assert [row for row, _ in store.keywords.names('"lease"', 10)] == [number]
    assert store.check() == []


def test_warming_counts_the_commonest_words(store: Store) -> None:
    for number in range(60):
        put(store, f"{number}.txt", document(f"the tenant pays, {'once' if number == 7 else 'x'}"))
    store.keywords.warm()
    counted = {expression for _, expression in store.keywords._counts}
    assert {'"tenant"', '"pays"'} <= counted
    assert '"once"' not in counted
    assert store.keywords.frequencies(['"tenant"']) == Frequencies(60, {'"tenant"': 60})


# --- conversations -------------------------------------------------------------------------

ANSWER = Answer(
    question="Who? 🗝",
    quotes=(1,),
    text="The clerk did.",
    claims=(Claim("The clerk did.", 0, 14, Support.PARTLY, (1, 2)),),
    citations=(
        Citation(1, 7, "a/b.pdf", "B", 3, "iii", 5, 9, "quoth", (Box(1.5, 2.0, 3.0, 4.25),)),
        Citation(2, 8, "c.txt", "C", 1, "1", 0, 1, "x"),
    ),
    refused=True,
    reason="why",
    stopped=True,
    notice="careful",
    model="m",
    adapter="a",
    timings=Timings(1.5, 2.5, 3.5, 4, 5, 6.5),
)


def test_a_conversation_is_kept_whole(store: Store, library_path: Path) -> None:
    first = store.conversations.create("First")
    second = store.conversations.create("Second")
    store.conversations.add_turn(first.id, ANSWER)
    plain = Answer("Again?", (), "", (), ())
    store.conversations.add_turn(first.id, plain)
    assert [talk.id for talk in store.conversations.all()] == [first.id, second.id]
    store.conversations.rename(second.id, "Renamed")
    assert {talk.title for talk in store.conversations.all()} == {"First", "Renamed"}
    store.close()
    again = Store(library_path)
    assert again.conversations.turns(first.id) == [ANSWER, plain]
    again.conversations.delete(first.id)
    assert again.conversations.turns(first.id) == []
    assert [talk.id for talk in again.conversations.all()] == [second.id]
    with pytest.raises(CarrelError, match="deleted"):
        again.conversations.add_turn(first.id, plain)
    again.close()


def test_the_id_of_a_document_that_went_is_never_used_again(store: Store) -> None:
    put(store, "a.txt", document("a lamp"))
    gone = put(store, "b.txt", document("a reef"))
    store.documents.delete([gone])
    assert put(store, "c.txt", document("a mill")) > gone
    folder = store.documents.folders()[-1]
    store.documents.remove_folder(folder.id)
    assert store.documents.add_folder(Path("/anew")).id > folder.id


def test_nothing_is_stored_for_a_folder_that_is_gone(store: Store) -> None:
    put(store, "a.txt", document("a lamp"))
    inner = store.documents.folders()[0]
    store.documents.add_folder(Path(inner.path).parent)
    late = FileRecord(inner.id, "b.txt", 1, 1, "d")
    with pytest.raises(FolderGoneError):
        store.documents.put(late, document("a reef"), reader=1)
    assert [entry.path for entry in store.documents.ledger()] == ["documents/a.txt"]


def test_states_can_be_counted_for_some(store: Store) -> None:
    first = put(store, "a.txt", document("a lamp"))
    put(store, "b.txt", document("a reef"))
    assert store.documents.states()[DocumentState.INDEXED] == 2
    assert store.documents.states({first})[DocumentState.INDEXED] == 1
    assert sum(store.documents.states(set()).values()) == 0
