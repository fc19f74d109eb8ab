"""Runs that are paused, put in another order, and met by sleep and full disks."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from making import FakeEmbedder

from engine import progress as progress_module
from engine.errors import CancelledError, StorageError
from engine.indexing import Indexer
from engine.records import IndexProgress, IndexReport, Stage
from engine.store import Store
from engine.workers import CancelToken, PauseToken, Steering, patience
from engine.workers.patience import Patience


class Shelf:
    """A followed folder of small documents, with an indexer; a run may be on a thread."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.store, self.path = store, folder
        folder.mkdir()
        store.documents.add_folder(folder)
        self.embedder = FakeEmbedder()
        self.indexer = Indexer(store, self.embedder, readers=1)  # type: ignore[arg-type]
        self.reports: list[IndexReport] = []
        self.cancel, self.pause = CancelToken(), PauseToken()

    def write(self, *names: str) -> None:
        for name in names:
            place = self.path / name
            place.parent.mkdir(exist_ok=True)
            place.write_text(f"The document {name} tells of its matter. " * 20)

    def run(self, **how: Any) -> IndexReport:
        folders = self.store.documents.folders()
        report = self.indexer.run(folders, cancel=self.cancel, pause=self.pause, **how)
        self.reports.append(report)
        return report

    def begin(self, **how: Any) -> threading.Thread:
        thread = threading.Thread(target=self.run, kwargs=how, daemon=True)
        thread.start()
        return thread


@pytest.fixture
def shelf(store: Store, tmp_path: Path) -> Iterator[Shelf]:
    shelf = Shelf(store, tmp_path / "folder")
    yield shelf
    shelf.cancel.cancel()
    shelf.embedder.hold.set()
    shelf.indexer.close()


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress_module, "_EVERY", 0.0)


@pytest.mark.parametrize("stage", [Stage.READING, Stage.EMBEDDING])
def test_a_paused_run_stands_still_and_goes_on(shelf: Shelf, stage: Stage) -> None:
    shelf.write(*(f"{number:03}.txt" for number in range(200)))
    told: list[IndexProgress] = []

    def watch(progress: IndexProgress) -> None:
        told.append(progress)
        met = progress.stage is stage and progress.files_done > 3
        if met and not any(each.paused for each in told):
            shelf.pause.pause()

    run = shelf.begin(on_progress=watch)
    until = time.monotonic() + 60
    while not (told and told[-1].paused) and time.monotonic() < until:
        time.sleep(0.02)
    assert told[-1].paused
    time.sleep(1.0)
    before = (len(shelf.store.documents.ledger()), shelf.store.vectors.waiting())
    time.sleep(1.0)
    assert (len(shelf.store.documents.ledger()), shelf.store.vectors.waiting()) == before
    assert run.is_alive()
    shelf.pause.resume()
    run.join(60)
    (report,) = shelf.reports
    assert (report.files_read, report.embedded, report.cancelled) == (200, 200, False)
    assert not told[-1].paused
    assert shelf.store.check() == []


def test_a_paused_run_can_be_cancelled(shelf: Shelf) -> None:
    shelf.write("a.txt")
    shelf.pause.pause()
    run = shelf.begin()
    time.sleep(0.3)
    assert run.is_alive()
    shelf.cancel.cancel()
    run.join(10)
    assert shelf.reports[0].cancelled


def test_this_first(shelf: Shelf) -> None:
    shelf.write(*(f"{number:03}.txt" for number in range(60)), "chosen/a.txt", "chosen/b.txt")
    order: list[str] = []

    def listen(progress: IndexProgress) -> None:
        if progress.stage is Stage.READING and progress.files_done == 3:
            shelf.indexer.read_first((), [shelf.path / "chosen"])
        order.append(progress.current)

    shelf.run(on_progress=listen)
    met = list(dict.fromkeys(path for path in order if path))
    assert met.index("chosen/b.txt") < 15
    # embedded while the others were still being read, and so before them
    chosen = [text for text in shelf.embedder.texts if "chosen/" in text]
    assert len(chosen) >= 2
    assert all("chosen/" in text for text in shelf.embedder.texts[: len(chosen)])


def test_a_known_document_is_embedded_first(shelf: Shelf) -> None:
    shelf.write(*(f"{number:03}.txt" for number in range(20)))
    shelf.run(embed=False)
    (number,) = (e.document_id for e in shelf.store.documents.ledger() if e.path == "017.txt")
    shelf.indexer.read_first([number], ())
    shelf.run()
    assert "017.txt" in shelf.embedder.texts[0]
    assert shelf.store.vectors.waiting() == 0


def test_a_full_disk_stops_the_run_and_keeps_what_is_done(shelf: Shelf) -> None:
    shelf.write(*(f"{number:03}.txt" for number in range(30)))
    writer = shelf.store._database._writer

    def fill(progress: IndexProgress) -> None:
        if progress.files_done == 5:
            writer.pragma("max_page_count", int(writer.pragma("page_count")))

    with pytest.raises(StorageError, match="full"):
        shelf.run(on_progress=fill)
    assert 5 <= len(shelf.store.documents.ledger()) < 30
    writer.pragma("max_page_count", 1_000_000)
    assert shelf.store.check() == []
    assert shelf.run().embedded == 30
    assert shelf.store.check() == []


# --- children -------------------------------------------------------------------------------


class Slow:
    """A clock that a test can put forward, as a laptop that sleeps does."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.ahead = 0.0
        real = time.monotonic
        monkeypatch.setattr(patience.time, "monotonic", lambda: real() + self.ahead)


def test_sleep_is_not_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Slow(monkeypatch)
    limits = Patience(60.0, 1800.0)
    for _ in range(10):
        clock.ahead += 0.5
        assert limits.look() == ""
    clock.ahead += 8 * 3600
    assert limits.look() == ""
    assert limits.heard() == ""
    for _ in range(119):
        clock.ahead += 0.5
        assert limits.look() == ""
    clock.ahead += 2
    assert "no answer for 60 seconds" in limits.look()


def test_length_counts_though_there_are_signs_of_life(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Slow(monkeypatch)
    limits = Patience(60.0, 10.0)
    for _ in range(9):
        clock.ahead += 1
        assert limits.heard() == ""
    limits.rested()
    clock.ahead += 2
    assert limits.heard() == "It took too long."


def test_steering_wakes_who_waits() -> None:
    heard: list[bool] = []
    steering = Steering(on_rest=heard.append)
    steering.check()
    steering.pause.pause()
    threading.Timer(0.3, steering.pause.resume).start()
    began = time.monotonic()
    steering.give_way()
    assert time.monotonic() - began > 0.25
    assert heard == [True, False]
    steering.pause.pause()
    threading.Timer(0.2, steering.cancel.cancel).start()
    with pytest.raises(CancelledError):
        steering.check()
