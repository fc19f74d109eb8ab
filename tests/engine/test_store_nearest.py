"""The nearest vectors: as near as exact ones, never stale, whoever changed the store."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from making import document, put
from numpy.typing import NDArray

from engine.errors import LibraryError
from engine.store import Store, nearest
from engine.store.connection import count

DIMENSION = 96
PASSAGES = 40  # in a document

Floats = NDArray[np.float32]


def directions(number: int, seed: int, dimension: int = DIMENSION) -> Floats:
    """Unit vectors that lie, as real ones do, near a space of fewer dimensions, with a mean."""
    chance = np.random.default_rng(seed)
    shape = np.random.default_rng(0)
    rows = chance.standard_normal((number, 12)) @ shape.standard_normal((12, dimension))
    rows += chance.standard_normal((number, dimension)) + shape.standard_normal(dimension) * 2
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


class Filled:
    """A store with vectors, and the same vectors by passage id as the truth."""

    def __init__(self, store: Store, dimension: int = DIMENSION) -> None:
        self.store = store
        self.embedder = store.vectors.embedder_id("f" * 64, "fake", dimension)
        self.dimension = dimension
        self.vectors: dict[int, Floats] = {}
        self.documents: dict[int, list[int]] = {}
        self._seed = 1

    def add(self, path: str, passages: int = PASSAGES) -> int:
        """Store a document, in place of what the path had, with a vector for each passage."""
        texts = [f"{path} {self._seed} {n}" for n in range(passages)]
        number = put(self.store, path, document(texts))
        for gone in self.documents.pop(number, ()):
            del self.vectors[gone]
        waiting = self.store.vectors.next_to_embed(self.embedder, passages)
        rows = directions(passages, self._seed, self.dimension)
        self._seed += 1
        ids = [passage.id for passage in waiting]
        self.store.vectors.put(self.embedder, ids, rows)
        self.vectors |= dict(zip(ids, rows, strict=True))
        self.documents[number] = ids
        return number

    def remove(self, number: int) -> None:
        self.store.documents.delete([number])
        for gone in self.documents.pop(number):
            del self.vectors[gone]

    def exact(self, query: Floats, limit: int, documents: set[int] | None = None) -> list[int]:
        ids = [
            passage_id
            for number, held in self.documents.items()
            if documents is None or number in documents
            for passage_id in held
        ]
        scores = np.array([self.vectors[i] for i in ids]).reshape(-1, self.dimension) @ query
        return [ids[i] for i in np.argsort(-scores)[:limit]]

    def found(self, query: Floats, limit: int, documents: set[int] | None = None) -> list[int]:
        candidates = self.store.search.semantic(self.embedder, query, limit, documents)
        return [candidate.passage_id for candidate in candidates]

    def recall(self, limit: int = 20, documents: set[int] | None = None) -> float:
        """Over queries that lie between some of the vectors."""
        shares = []
        chance = np.random.default_rng(7)
        held = np.array(list(self.vectors.values()))
        for near in held[chance.integers(len(held), size=(20, 3))].sum(axis=1):
            query = near / np.linalg.norm(near)
            exact = self.exact(query, limit, documents)
            found = self.found(query, limit, documents)
            assert len(found) == len(exact)
            shares.append(len({*exact} & {*found}) / len(exact))
        return float(np.mean(shares))


@pytest.fixture
def filled(store: Store) -> Filled:
    return Filled(store)


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """All stages at work on few rows: many segments, few candidates."""
    monkeypatch.setattr(nearest, "_SEGMENT", 256)
    monkeypatch.setattr(nearest, "_READ", 100)
    monkeypatch.setattr(nearest, "_CODED", 64)
    monkeypatch.setattr(nearest, "_DEPTH", (0, 15, 0.0))
    monkeypatch.setattr(nearest, "_SPARE", (1.5, 10))


@pytest.mark.usefixtures("narrow")
@pytest.mark.parametrize("dimension", [96, 64, 100, 17, 3])
def test_what_is_found_is_what_is_nearest(store: Store, dimension: int) -> None:
    filled = Filled(store, dimension)
    for number in range(30):
        filled.add(f"{number}.txt")
    assert filled.recall() >= (0.95 if dimension > 50 else 0.6)


def test_scores_are_cosines(filled: Filled) -> None:
    filled.add("a.txt", 300)
    for query in directions(10, 5):
        candidates = filled.store.search.semantic(filled.embedder, query, 300)
        assert len(candidates) == 300
        scores = [candidate.score for candidate in candidates]
        assert scores == sorted(scores, reverse=True)
        exact = [float(filled.vectors[c.passage_id] @ query) for c in candidates]
        assert scores == pytest.approx(exact, abs=1e-5)


@pytest.mark.usefixtures("narrow")
def test_it_is_never_stale(filled: Filled) -> None:
    numbers = [filled.add(f"{number}.txt") for number in range(12)]
    (query,) = directions(1, 77)
    assert filled.recall() >= 0.95
    nearest_document = next(
        n for n, held in filled.documents.items() if filled.exact(query, 1)[0] in held
    )
    filled.remove(nearest_document)
    assert filled.found(query, 1) == filled.exact(query, 1)
    for turn in range(3):
        for number in range(0, 12, 2):  # the same ids with new content
            filled.add(f"{number}.txt", 30 + 5 * turn)
            assert set(filled.found(query, 2000)) == set(filled.vectors)
    assert filled.recall() >= 0.95
    for number in numbers:
        if number in filled.documents:
            filled.remove(number)
    filled_again = filled.documents
    assert set(filled.found(query, 2000)) == set(filled.vectors)
    for number in list(filled_again):
        filled.remove(number)
    assert filled.found(query, 20) == []
    filled.add("anew.txt")
    assert set(filled.found(query, 100)) == set(filled.vectors)


@pytest.mark.usefixtures("narrow")
def test_another_process_may_write(filled: Filled, library_path: Path) -> None:
    for number in range(6):
        filled.add(f"{number}.txt")
    (query,) = directions(1, 3)
    other = Store(library_path)
    try:
        watching = Filled(other)
        watching.documents, watching.vectors = filled.documents, filled.vectors
        assert watching.recall() >= 0.95
        for number in range(4):
            filled.add(f"{number}.txt")
            assert set(watching.found(query, 1000)) == set(filled.vectors)
        filled.store.documents.remove_folder(1)
        assert watching.found(query, 1000) == []
    finally:
        other.close()


@pytest.mark.usefixtures("narrow")
def test_a_removal_that_is_no_longer_on_record(filled: Filled, library_path: Path) -> None:
    first = filled.add("first.txt")
    for number in range(4):
        filled.add(f"{number}.txt")
    (query,) = directions(1, 3)
    assert set(filled.found(query, 1000)) == set(filled.vectors)
    filled.remove(first)
    filled.add("0.txt")
    with filled.store._database.writing() as db:
        assert count(db, "SELECT count(*) FROM removals") == 1 + PASSAGES
        db.execute("DELETE FROM removals WHERE number = 1")
    index = filled.store.search._index_of(filled.embedder)
    assert set(filled.found(query, 1000)) == set(filled.vectors)
    assert sum(segment.size for segment in index._segments) == len(filled.vectors)


@pytest.mark.usefixtures("narrow")
def test_removed_rows_do_not_pile_up(filled: Filled) -> None:
    for turn in range(20):
        filled.add("a.txt", 300)
        filled.add(f"{turn % 2}.txt")
        filled.found(directions(1, turn)[0], 5)
    index = filled.store.search._index_of(filled.embedder)
    assert sum(segment.size for segment in index._segments) < 4 * len(filled.vectors)


@pytest.mark.usefixtures("narrow")
def test_a_scope_is_searched_in_full(filled: Filled) -> None:
    numbers = [filled.add(f"{number}.txt") for number in range(40)]
    for wanted in (set(numbers[::3]), set(numbers[5:7]), {numbers[8]}):
        assert filled.recall(documents=wanted) >= 0.95
    (query,) = directions(1, 2)
    only = {numbers[3]}
    assert set(filled.found(query, 1000, only)) == set(filled.documents[numbers[3]])
    assert filled.found(query, 10, set()) == []
    assert filled.found(query, 10, {-1, 0, 10**6}) == []
    filled.remove(numbers[3])
    assert filled.found(query, 10, only) == []


def test_a_library_without_vectors_finds_nothing(store: Store) -> None:
    (query,) = directions(1, 2)
    assert store.search.semantic(7, query, 10) == []
    embedder = store.vectors.embedder_id("f" * 64, "fake", DIMENSION)
    store.warm()
    assert store.search.semantic(embedder, query, 10) == []


def test_closing_does_not_wait_for_the_vectors(
    filled: Filled, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled.add("a.txt", 3000)
    monkeypatch.setattr(nearest, "_READ", 10)
    monkeypatch.setattr(nearest, "_CODED", 1)
    reading, errors = threading.Event(), list[BaseException]()
    code = nearest._Coder.code

    def slow(self: nearest._Coder, rows: Floats) -> NDArray[np.uint8]:
        reading.set()
        time.sleep(0.005)
        return code(self, rows)

    def warm() -> None:
        try:
            filled.store.warm()
        except BaseException as error:
            errors.append(error)

    monkeypatch.setattr(nearest._Coder, "code", slow)
    filled.store.embedder.number("", filled.embedder)
    thread = threading.Thread(target=warm, daemon=True)
    thread.start()
    assert reading.wait(10)
    started = time.monotonic()
    filled.store.close()
    thread.join(10)
    assert time.monotonic() - started < 3  # reading all of it takes 15 s
    assert [type(error) for error in errors] == [LibraryError]


@pytest.mark.usefixtures("narrow")
def test_searches_while_one_writes(filled: Filled) -> None:
    """No search fails, misses a document that was there throughout, or finds one twice."""
    kept = filled.documents[filled.add("kept.txt")]
    queries = [filled.vectors[passage_id] for passage_id in kept]
    filled.store.warm()
    stop = threading.Event()
    errors: list[BaseException] = []
    searches = [0]

    def look() -> None:
        try:
            while not stop.is_set():
                for passage_id, query in zip(kept, queries, strict=True):
                    found = filled.found(query, 15)
                    assert found[0] == passage_id
                    assert len(found) == len(set(found))
                    searches[0] += 1
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=look, daemon=True) for _ in range(3)]
    for thread in threads:
        thread.start()
    for turn in range(60):
        number = filled.add(f"{turn % 7}.txt", 60)
        if turn % 5 == 0:
            filled.remove(number)
    stop.set()
    for thread in threads:
        thread.join(20)
    assert not errors
    assert searches[0] > 100


def test_a_library_that_grows_is_measured_anew(filled: Filled) -> None:
    filled.add("first.txt", 3)
    index = filled.store.search._index_of(filled.embedder)
    fitted: list[int] = []
    for number in range(12):
        filled.found(directions(1, 5)[0], 5)
        fitted.append(index._fitted_to)
        filled.add(f"{number}.txt", 10)
    assert fitted[0] == 3
    assert fitted[-1] > 50
    assert len(set(fitted)) < 6
    assert filled.recall() >= 0.99


# --- what is stored ------------------------------------------------------------------------


def test_vectors_are_kept_as_they_were_made(filled: Filled) -> None:
    filled.add("a.txt", 20)
    pages = sorted(set(filled.store.search.pages_of(list(filled.vectors)).values()))
    found = filled.store.search.of_pages(pages, filled.embedder)
    assert len(found.passages) == 20
    for passage, vector in zip(found.passages.tolist(), found.vectors, strict=True):
        assert vector.tolist() == filled.vectors[passage].tolist()
    assert filled.store.search.of_pages(pages, None).vectors.shape == (20, 0)


def test_a_vector_of_nothing_is_near_nothing(store: Store) -> None:
    put(store, "a.txt", document("nothing", "something"))
    embedder = store.vectors.embedder_id("f" * 64, "fake", DIMENSION)
    (query,) = directions(1, 2)
    store.vectors.put(embedder, [1, 2], np.stack([np.zeros_like(query), query]))
    scores = {c.passage_id: c.score for c in store.search.semantic(embedder, query, 10)}
    assert scores == {1: 0.0, 2: pytest.approx(1.0)}


# --- several embedders ---------------------------------------------------------------------


def embed(store: Store, embedder: int, dimension: int, limit: int = 1000) -> None:
    waiting = store.vectors.next_to_embed(embedder, limit)
    store.vectors.put(embedder, [p.id for p in waiting], directions(len(waiting), 1, dimension))


def test_an_old_embedder_serves_while_a_new_one_is_filled(filled: Filled) -> None:
    numbers = [filled.add(f"{number}.txt", 10) for number in range(4)]
    vectors = filled.store.vectors
    (query,) = directions(1, 2)
    old = filled.embedder
    before = filled.found(query, 10)
    new = vectors.embedder_id("0" * 64, "other", 24)
    assert (vectors.waiting(old), vectors.waiting(new), vectors.waiting()) == (0, 40, 40)
    assert (vectors.complete(old), vectors.complete(new)) == (True, False)
    assert filled.store.documents.status().embedded == 0
    embed(filled.store, new, 24, 15)
    assert filled.found(query, 10) == before
    assert vectors.waiting(new) == 25
    assert sum(entry.embedded for entry in filled.store.documents.ledger()) == 15
    assert filled.store.check() == []
    filled.remove(numbers[0])
    late = put(filled.store, "late.txt", document("one", "two"))
    assert (vectors.waiting(old), vectors.waiting(new)) == (2, 27)
    filled.store.documents.delete([late])
    embed(filled.store, new, 24)
    assert vectors.complete(new)
    assert filled.store.check() == []
    vectors.drop(old)
    assert [embedder.id for embedder in vectors.embedders()] == [new]
    assert filled.found(query, 10) == []
    assert len(filled.store.search.semantic(new, directions(1, 1, 24)[0], 100)) == 30
    assert filled.store.check() == []


def test_a_dropped_embedder_takes_no_more_vectors(filled: Filled) -> None:
    put(filled.store, "a.txt", document("one", "two"))
    (passage, _) = filled.store.vectors.next_to_embed(filled.embedder, 10)
    filled.store.vectors.drop(filled.embedder)
    filled.store.vectors.put(filled.embedder, [passage.id], directions(1, 1))
    assert filled.store.vectors.embedder_id("f" * 64, "fake", DIMENSION) > filled.embedder
    assert filled.store.check() == []


def test_passages_of_before_the_embedder_wait_for_it(store: Store) -> None:
    put(store, "a.txt", document("one", "two"))
    assert store.vectors.waiting() == 2
    embedder = store.vectors.embedder_id("f" * 64, "fake", DIMENSION)
    put(store, "b.txt", document("three"))
    texts = [passage.text for passage in store.vectors.next_to_embed(embedder, 10)]
    assert texts == ["one", "two", "three"]
    assert store.check() == []


@pytest.mark.parametrize(
    "spoil",
    [
        lambda db: db.execute("DELETE FROM vectors_1 WHERE seq = 1"),
        lambda db: db.execute("INSERT INTO to_embed VALUES (1, 2)"),
        lambda db: db.execute("UPDATE vectors_1 SET document_id = 9 WHERE seq = 1"),
    ],
)
def test_a_check_finds_vectors_that_went_astray(filled: Filled, spoil: Callable) -> None:
    filled.add("a.txt", 3)
    assert filled.store.check() == []
    with filled.store._database.writing() as db:
        spoil(db)
    (problem,) = filled.store.check()
    assert "embedder 1" in problem
