"""Retrieval over a small library with a fake embedder: fusion, pages, scope, notices."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest
from making import FakeEmbedder, document, embed_all, put

from engine.errors import CancelledError, CarrelError, ChildCrashedError
from engine.models.embedder import QueryVector
from engine.records import Scope, SearchMode
from engine.retrieval import Retriever, Tuning
from engine.store import Store
from engine.workers import CancelToken


@pytest.fixture
def embedder() -> FakeEmbedder:
    return FakeEmbedder()


@pytest.fixture
def retriever(store: Store, embedder: FakeEmbedder) -> Retriever:
    put(store, "sea/Lighthouses.txt", document(["red lighthouse lamp", "the lamp burns"], "a reef"))
    put(store, "sea/harbour.pdf", document("harbour master and lamp", title="The harbour"))
    put(store, "land/mill.txt", document("the mill grinds"), folder=Path("/elsewhere"))
    embed_all(store)
    return Retriever(store, embedder)  # type: ignore[arg-type]


def test_a_page_is_one_hit_with_its_best_passage(retriever: Retriever) -> None:
    result = retriever.search("red lighthouse lamp")
    first = result.hits[0]
    assert (first.rank, first.document, first.page) == (1, "sea/Lighthouses.txt", 1)
    assert first.text == "red lighthouse lamp"
    assert first.found_by == ("keyword", "semantic")
    assert first.boxes
    assert len({(hit.document_id, hit.page) for hit in result.hits}) == len(result.hits)
    assert [hit.rank for hit in result.hits] == list(range(1, len(result.hits) + 1))
    scores = [hit.score for hit in result.hits]
    assert scores == sorted(scores, reverse=True)


def test_modes_say_what_found_a_hit(retriever: Retriever, embedder: FakeEmbedder) -> None:
    words = retriever.search("lamp", mode=SearchMode.KEYWORD)
    assert {hit.found_by for hit in words.hits} == {("keyword",)}
    assert embedder.texts == []
    meaning = retriever.search("lamp", mode=SearchMode.SEMANTIC)
    assert {hit.found_by for hit in meaning.hits} == {("semantic",)}
    assert len(meaning.hits) == 4


def test_limits(retriever: Retriever) -> None:
    assert len(retriever.search("lamp mill reef", limit=2).hits) == 2
    for limit in (0, -1, 1001):
        with pytest.raises(CarrelError, match="between 1 and"):
            retriever.search("lamp", limit=limit)
    assert retriever.search("").hits == ()
    assert retriever.search("zebra", mode=SearchMode.KEYWORD).hits == ()


@pytest.mark.parametrize(
    ("pattern", "paths"),
    [
        ("sea/harbour.pdf", {"sea/harbour.pdf"}),
        ("sea/*", {"sea/harbour.pdf", "sea/Lighthouses.txt"}),
        ("*.txt", {"land/mill.txt", "sea/Lighthouses.txt"}),
        ("SEA/LIGHT*", {"sea/Lighthouses.txt"}),
        ("mill.txt", {"land/mill.txt"}),
        ("*/mill.???", {"land/mill.txt"}),
        ("sea/mill.txt", set()),
        ("[", set()),
    ],
)
def test_scope_is_a_glob(retriever: Retriever, pattern: str, paths: set[str]) -> None:
    result = retriever.search("lamp mill reef harbour", scope=Scope(document=pattern))
    assert {hit.document for hit in result.hits} == paths


def test_scope_by_folder_and_document(retriever: Retriever, store: Store) -> None:
    number = store.documents.folders()[1].id
    hits = retriever.search("lamp mill", scope=Scope(folder_ids=(number,))).hits
    assert {hit.document for hit in hits} == {"land/mill.txt"}
    wanted = hits[0].document_id
    scope = Scope(document="*.txt", document_ids=(wanted,))
    assert {h.document_id for h in retriever.search("lamp mill", scope=scope).hits} == {wanted}
    assert retriever.search("lamp", scope=Scope(document_ids=(999,))).hits == ()


def test_a_library_without_vectors_does_not_start_the_embedder(
    store: Store, embedder: FakeEmbedder
) -> None:
    put(store, "mill.txt", document("the mill grinds"))
    retriever = Retriever(store, embedder)  # type: ignore[arg-type]
    assert [hit.document for hit in retriever.search("mill").hits] == ["mill.txt"]
    assert embedder.texts == []


def test_who_types_does_not_wait_for_the_embedder(
    retriever: Retriever, embedder: FakeEmbedder
) -> None:
    embedder.ready = False
    result = retriever.search("light", hurried=True)
    assert "still starting" in result.notice
    assert [hit.document for hit in result.hits][:1] == ["sea/Lighthouses.txt"]


def test_a_broken_embedder_leaves_words(retriever: Retriever, embedder: FakeEmbedder) -> None:
    embedder.error, embedder.failures = ChildCrashedError("It crashed."), 2
    result = retriever.search("lamp")
    assert "does not work right now" in result.notice
    assert {hit.found_by for hit in result.hits} == {("keyword",)}
    with pytest.raises(ChildCrashedError):
        retriever.search("lamp", mode=SearchMode.SEMANTIC)


def test_a_search_can_be_stopped(retriever: Retriever) -> None:
    token = CancelToken()
    token.cancel()
    with pytest.raises(CancelledError):
        retriever.search("lamp", cancel=token)


def test_what_is_in_quotation_marks_must_be_there(retriever: Retriever) -> None:
    assert len(retriever.search("red lamp").hits) > 1
    for hurried in (False, True):
        hits = retriever.search('"red lighthouse" lamp', hurried=hurried).hits
        assert [hit.document for hit in hits] == ["sea/Lighthouses.txt"]
        assert retriever.search('"red harbour" lamp', hurried=hurried).hits == ()


class Backwards:
    """A reranker that likes what comes last in the alphabet."""

    error: Exception | None = None

    def score(self, query: str, texts: list[str], cancel: CancelToken | None = None) -> list[float]:
        if self.error is not None:
            raise self.error
        return [float(ord(text[0])) for text in texts]


def test_a_reranker_has_the_last_word(store: Store, embedder: FakeEmbedder) -> None:
    put(store, "a.txt", document("a lamp is lit", "zinc lamp", "mill lamp"))
    embed_all(store)
    reranker = Backwards()
    retriever = Retriever(store, embedder, reranker=reranker)  # type: ignore[arg-type]
    hits = retriever.search("a lamp is lit").hits
    assert [hit.text for hit in hits] == ["zinc lamp", "mill lamp", "a lamp is lit"]
    scores = [hit.score for hit in hits]
    assert scores == sorted(scores, reverse=True)
    assert retriever.search("a lamp is lit", limit=1).hits[0].text == "zinc lamp"
    for hits in (
        retriever.search("a lamp is lit", hurried=True).hits,
        retriever.search("a lamp is lit", mode=SearchMode.KEYWORD).hits,
    ):
        assert hits[0].text == "a lamp is lit"
    reranker.error = ChildCrashedError("It crashed.")
    result = retriever.search("a lamp is lit")
    assert result.hits[0].text == "a lamp is lit"
    assert "reranker does not work" in result.notice


def test_a_page_is_found_by_words_of_several_passages(store: Store, embedder: FakeEmbedder) -> None:
    put(store, "whole.txt", document(["the glacier melts", "near the orchard"]))
    put(store, "half.txt", document(["the glacier melts", "near the town"]))
    embed_all(store)
    retriever = Retriever(store, embedder)  # type: ignore[arg-type]
    hits = retriever.search("glacier orchard", mode=SearchMode.KEYWORD).hits
    assert [hit.document for hit in hits] == ["whole.txt", "half.txt"]


def test_a_document_is_found_by_its_name(store: Store, embedder: FakeEmbedder) -> None:
    for name in ("FOOTLOCKER_2021.pdf", "FOOTLOCKER_2022.pdf", "NIKE_2022.pdf"):
        put(store, name, document("the board met in the spring"))
    embed_all(store)
    retriever = Retriever(store, embedder)  # type: ignore[arg-type]
    for query, name in (
        ("When did Foot Locker's board meet in FY2022?", "FOOTLOCKER_2022.pdf"),
        ("When did Nike's board meet?", "NIKE_2022.pdf"),
    ):
        assert retriever.search(query).hits[0].document == name


def test_how_to_answer_is_not_searched_for(store: Store, embedder: FakeEmbedder) -> None:
    put(store, "a.txt", document("round decimals answer", "the rent is due monthly"))
    embed_all(store)
    retriever = Retriever(store, embedder)  # type: ignore[arg-type]
    hits = retriever.search("What is the rent? Answer with round decimals.").hits
    assert hits[0].page == 2


@pytest.fixture
def large(store: Store, embedder: FakeEmbedder) -> Retriever:
    words = ("glacier orchard lantern harbour ledger tenant margin winter signal marble").split()
    for number in range(80):
        pages = [f"{words[(number + k) % 10]} {words[(number * 3 + k) % 10]}" for k in range(4)]
        put(store, f"{number}.txt", document(*pages))
    embed_all(store)
    return Retriever(store, embedder)  # type: ignore[arg-type]


def test_what_the_library_says_nothing_about_is_not_found(large: Retriever) -> None:
    # the fake embedder gives other words directions at random
    results = [large.search(f"other{n} words{n}") for n in range(20)]
    empty = [result for result in results if not result.hits]
    assert len(empty) >= 12
    assert empty[0].coverage is not None
    assert empty[0].coverage.documents == 80
    assert large.search(empty[0].query, mode=SearchMode.SEMANTIC).hits != ()
    assert large.search("glacier orchard").hits[0].found_by == ("keyword", "semantic")


def test_what_chance_reaches_is_measured_once(large: Retriever, embedder: FakeEmbedder) -> None:
    large.warm()
    asked = len(embedder.texts)
    assert asked >= 16
    large.search("glacier")
    assert len(embedder.texts) == asked + 1


def test_a_small_library_has_no_floor(retriever: Retriever, embedder: FakeEmbedder) -> None:
    assert retriever.search("quite another matter").hits != ()
    assert embedder.texts == ["quite another matter"]


def test_searches_at_once_do_not_wait_for_each_other(store: Store, embedder: FakeEmbedder) -> None:
    put(store, "a.txt", document("left-over right-hand"))
    embed_all(store)
    retriever = Retriever(store, embedder)  # type: ignore[arg-type]
    with ThreadPoolExecutor(8) as pool:
        queries = [f"left-over{n} right-hand{n} up-{n}" for n in range(40)]
        found = [pool.submit(retriever.search, query) for query in queries]
        assert all(each.result(timeout=20) is not None for each in found)


def test_a_word_that_comes_later_is_found(store: Store, embedder: FakeEmbedder) -> None:
    for number in range(20):
        put(store, f"{number}.txt", document("lamp"))
    retriever = Retriever(store, embedder)  # type: ignore[arg-type]
    assert retriever.search("zebra", mode=SearchMode.KEYWORD).hits == ()
    put(store, "new.txt", document("zebra"))
    assert len(retriever.search("zebra", mode=SearchMode.KEYWORD).hits) == 1


def test_common_words_and_compounds_are_searched_where_there_is_nothing_else(
    store: Store, embedder: FakeEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.store.keywords._DEAR", 3)
    for number in range(12):
        put(store, f"{number:02}.txt", document("form 10-K lamp" + " lamp" * (number == 7)))
    retriever = Retriever(store, embedder, Tuning(rows=4))  # type: ignore[arg-type]
    for mode in (SearchMode.KEYWORD, SearchMode.HYBRID):  # nothing has a vector
        assert len(retriever.search("10-K", mode=mode).hits) == 12
        assert retriever.search("lamp", mode=mode).hits[0].document == "07.txt"


def test_beside_a_phrase_words_only_weigh(retriever: Retriever) -> None:
    for mode in (SearchMode.KEYWORD, SearchMode.HYBRID):
        hits = retriever.search('"red lighthouse" zebra', mode=mode).hits
        assert [hit.document for hit in hits] == ["sea/Lighthouses.txt"]


def test_a_hit_shows_the_passage_with_the_phrase(store: Store, embedder: FakeEmbedder) -> None:
    parts = [f"winter harbour {n}" for n in range(6)]
    put(store, "a.txt", document([*parts, "the harbour\nof winter", "winter harbour of the"]))
    embed_all(store)
    retriever = Retriever(store, embedder)  # type: ignore[arg-type]
    hits = retriever.search('"harbour of winter" winter harbour').hits
    assert [hit.text for hit in hits] == ["the harbour\nof winter"]


def test_a_search_that_waits_for_another_can_be_stopped(
    retriever: Retriever, embedder: FakeEmbedder
) -> None:
    started, release = Event(), Event()
    asked = embedder.query

    def slow(text: str, cancel: CancelToken | None = None) -> QueryVector:
        started.set()
        release.wait(20)
        return asked(text, cancel)

    embedder.query = slow  # type: ignore[method-assign]
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(retriever.search, "lamp")
        assert started.wait(10)
        token = CancelToken()
        second = pool.submit(retriever.search, "mill", cancel=token)
        token.cancel()
        with pytest.raises(CancelledError):
            second.result(timeout=5)
        assert not first.done()
        release.set()
        assert first.result(timeout=10).hits


def test_a_search_after_the_end_is_stopped(retriever: Retriever) -> None:
    retriever.close()
    with pytest.raises(CancelledError):
        retriever.search("lamp")
