"""Vectors are filled in, by one embedder or by the next, whatever is pulled out in between."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from making import document, put, unit_vectors
from numpy.typing import NDArray

from engine.embedding import VectorFiller
from engine.errors import CancelledError, ChildFailedError
from engine.models.messages import EmbedderFacts
from engine.power import Battery, Power
from engine.progress import ProgressMeter
from engine.records import IndexProgress, Stage
from engine.store import Store
from engine.store.vectors import PassageText
from engine.workers import CancelToken, Steering

NEW = "/models/new"
_DIMENSION, _NEW_DIMENSION = 64, 96


class FolderEmbedder:
    """Makes vectors of another dimension in each folder; ``gone`` folders are refused, and
    ``lives`` calls are answered before it is cut off."""

    def __init__(self) -> None:
        self.folder = ""
        self.gone: set[str] = set()
        self.lives = 1_000_000
        self.embedded: list[tuple[str, str]] = []
        self.rests = 0

    def use(self, folder: str) -> None:
        self.folder = folder

    def facts(self, cancel: CancelToken | None = None) -> EmbedderFacts:
        if self.folder in self.gone:
            raise ChildFailedError(f"The folder {self.folder} is not there.")
        name = self.folder or "shipped"
        return EmbedderFacts(name, name.ljust(64, "0"), self.dimension, 256, "float32")

    @property
    def dimension(self) -> int:
        return _NEW_DIMENSION if self.folder else _DIMENSION

    def embed(self, texts: Sequence[str], cancel: CancelToken | None = None) -> NDArray[np.float32]:
        if self.lives == 0:
            raise CancelledError("killed")
        self.lives -= 1
        self.embedded += [(self.folder, text) for text in texts]
        return unit_vectors(texts, self.dimension)

    def rest(self) -> None:
        self.rests += 1


class Desk:
    """A store with a filler, as a library has them."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.embedder = FolderEmbedder()
        self.switched: list[str] = []
        self.batteries: list[Battery | None] = []
        self.seen: list[IndexProgress] = []
        self.problems: list[str] = []

    def fill(self, cancel: CancelToken | None = None) -> None:
        def battery() -> Battery | None:
            return self.batteries.pop(0) if self.batteries else None

        filler = VectorFiller(
            self.store,
            self.embedder,  # type: ignore[arg-type]
            power=Power(battery),
            on_switch=self.switched.append,
        )
        steering = Steering(cancel or CancelToken())
        filler.fill(ProgressMeter(self.seen.append), steering, self.problems.append)

    def state(self) -> tuple[str, str | None]:
        wanted = self.store.embedder.wanted()
        return self.store.embedder.serving().folder, wanted.folder if wanted else None

    def tables(self) -> list[tuple[str, int]]:
        vectors = self.store.vectors
        return [(e.name, e.dimension) for e in vectors.embedders()]

    def found(self, text: str, folder: str = "") -> int:
        """The nearest passage, with the vectors that serve."""
        serving = self.store.embedder.serving().id
        assert serving is not None
        vector = unit_vectors([text], _NEW_DIMENSION if folder else _DIMENSION)[0]
        return self.store.search.semantic(serving, vector, 1)[0].passage_id


@pytest.fixture
def desk(store: Store) -> Desk:
    put(store, "one.txt", document([f"passage number {number} of it" for number in range(90)]))
    return Desk(store)


def test_all_that_waits_is_embedded_once(desk: Desk) -> None:
    desk.fill()
    assert desk.store.vectors.waiting() == 0
    assert len(desk.embedder.embedded) == 90
    desk.fill()
    assert len(desk.embedder.embedded) == 90
    assert desk.embedder.rests == 2
    assert desk.problems == []


def test_the_same_text_is_embedded_once(store: Store) -> None:
    put(store, "same.txt", document(["the same words"] * 40 + ["other words"]))
    desk = Desk(store)
    desk.fill()
    assert len(desk.embedder.embedded) == 2
    assert store.vectors.waiting() == 0


def test_the_new_embedder_takes_over_when_it_is_complete(desk: Desk) -> None:
    desk.fill()
    before = desk.found("passage number 7 of it")
    desk.store.embedder.want(NEW)
    assert desk.state() == ("", NEW)
    assert desk.found("passage number 7 of it") == before
    desk.fill()
    assert desk.state() == (NEW, None)
    assert desk.switched == [NEW]
    assert desk.tables() == [(NEW, _NEW_DIMENSION)]
    assert desk.found("passage number 7 of it", NEW) == before
    assert desk.store.check() == []


def test_a_run_that_is_cut_off_anywhere_goes_on(desk: Desk) -> None:
    desk.fill()
    desk.store.embedder.want(NEW)
    for _ in range(20):
        desk.embedder.lives = 1
        try:
            desk.fill()
        except CancelledError:
            # the old one answers as long as the new one is not complete
            assert desk.state() == ("", NEW)
            assert desk.found("passage number 7 of it")
            continue
        break
    assert desk.state() == (NEW, None)
    new = [text for folder, text in desk.embedder.embedded if folder == NEW]
    assert len(new) == len(set(new)) == 90
    assert desk.store.check() == []


def test_what_comes_meanwhile_is_found_by_both(desk: Desk, store: Store) -> None:
    desk.fill()
    store.embedder.want(NEW)
    put(store, "late.txt", document("a late letter about lighthouses"))
    desk.embedder.lives = 1  # the old embedder's batch, then the end
    with pytest.raises(CancelledError):
        desk.fill()
    assert desk.embedder.embedded[-1][0] == ""
    late = desk.found("a late letter about lighthouses")
    assert store.search.passages([late])[late].document == "late.txt"


def test_a_library_that_is_new_to_both_does_the_work_once(desk: Desk) -> None:
    desk.store.embedder.want(NEW)
    desk.fill()
    assert {folder for folder, _ in desk.embedder.embedded} == {NEW}
    assert desk.state() == (NEW, None)


def test_switching_back_half_way_drops_the_new_one(desk: Desk) -> None:
    desk.fill()
    desk.store.embedder.want(NEW)
    desk.embedder.lives = 1
    with pytest.raises(CancelledError):
        desk.fill()
    assert len(desk.tables()) == 2
    desk.store.embedder.want("")
    desk.embedder.lives = 100
    desk.fill()
    assert desk.state() == ("", None)
    assert desk.tables() == [("shipped", _DIMENSION)]
    assert desk.switched == []


def test_one_that_is_given_up_while_it_is_filled_does_not_take_over(desk: Desk) -> None:
    desk.fill()
    desk.store.embedder.want(NEW)
    embed = desk.embedder.embed

    def change_of_mind(
        texts: Sequence[str], cancel: CancelToken | None = None
    ) -> NDArray[np.float32]:
        desk.store.embedder.want("")
        return embed(texts, cancel)

    desk.embedder.embed = change_of_mind  # type: ignore[method-assign]
    desk.fill()
    assert desk.state() == ("", None)
    assert desk.switched == []
    assert desk.tables() == [("shipped", _DIMENSION)]


def test_a_folder_that_vanished_is_said_and_the_old_one_goes_on(desk: Desk, store: Store) -> None:
    desk.fill()
    store.embedder.want(NEW)
    desk.embedder.gone.add(NEW)
    put(store, "late.txt", document("a late letter"))
    desk.fill()
    (problem,) = desk.problems
    assert "not there" in problem
    assert "goes on" in problem
    assert desk.state() == ("", NEW)
    assert store.vectors.waiting(store.embedder.serving().id) == 0
    desk.embedder.gone.clear()
    desk.fill()
    assert desk.state() == (NEW, None)


def test_an_empty_library_switches_at_once(store: Store) -> None:
    desk = Desk(store)
    store.embedder.want(NEW)
    desk.fill()
    assert desk.state() == (NEW, None)


# --- the battery ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("battery", "waits"),
    [
        (None, False),
        (Battery(29.9, plugged=False), True),
        (Battery(30.0, plugged=False), False),
        (Battery(5.0, plugged=True), False),
    ],
)
def test_a_low_battery_is_spared(battery: Battery | None, waits: bool) -> None:
    assert bool(Power(lambda: battery).want()) is waits


def test_it_waits_and_says_so_until_it_is_plugged_in(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.embedding._LOOK_AGAIN", 0.01)
    low = Battery(12.0, plugged=False)
    desk.batteries = [low, low, Battery(12.0, plugged=True)]
    desk.fill()
    said = [progress.current for progress in desk.seen]
    assert any("12 %" in sentence for sentence in said)
    assert said[-1] == ""
    assert desk.seen[-1].stage is Stage.EMBEDDING
    assert desk.store.vectors.waiting() == 0


def test_stopping_is_heard_while_it_waits(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.embedding._LOOK_AGAIN", 30.0)
    desk.batteries = [Battery(12.0, plugged=False)] * 5
    cancel = CancelToken()
    desk.seen = []
    listened: list[IndexProgress] = []

    class Stopper(list[IndexProgress]):
        def append(self, progress: IndexProgress) -> None:
            listened.append(progress)
            if progress.current:
                cancel.cancel()

    desk.seen = Stopper()
    with pytest.raises(CancelledError):
        desk.fill(cancel)
    assert desk.embedder.embedded == []
    assert listened


def test_what_the_embedder_reads() -> None:
    from engine.embedding import embedding_text

    passage = PassageText(1, "Lease", "papers/lease_2019.pdf", "Term", "Ten years.")
    assert embedding_text(passage) == "Lease lease 2019 › Term\nTen years."
    assert Path(passage.path).stem not in embedding_text(passage)
